//! What is asked on the command line. Everything but opening the window is answered before any window is there.

use crate::diagnose;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;
use words::Tongue;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request<'a> {
    /// The window.
    Window,
    /// The version.
    Version,
    /// How to ask.
    Help,
    /// How far a server can be reached; with the arguments that say which.
    Diagnose(&'a [OsString]),
    /// Nothing that we know.
    Unknown,
}

impl<'a> Request<'a> {
    /// Reads the arguments behind the program's name.
    pub(crate) fn read(arguments: &'a [OsString]) -> Self {
        match arguments {
            [] => Self::Window,
            [first, rest @ ..] if first == "diagnose" => Self::Diagnose(rest),
            [one] if one == "--version" || one == "-V" => Self::Version,
            [one] if one == "--help" || one == "-h" => Self::Help,
            [..] => Self::Unknown,
        }
    }

    /// Answers what needs no window. `None`: the window is to be opened.
    pub(crate) fn answer(self) -> Option<ExitCode> {
        let tongue = || tongue(|name| std::env::var(name).ok());
        match self {
            Self::Window => None,
            Self::Version => {
                say(concat!("whinchat ", env!("CARGO_PKG_VERSION"), "\n"));
                Some(ExitCode::SUCCESS)
            }
            Self::Help => {
                say(help(tongue()));
                Some(ExitCode::SUCCESS)
            }
            Self::Diagnose(arguments) => Some(diagnose::run(arguments, tongue())),
            Self::Unknown => {
                let words = match tongue() {
                    Tongue::English => "Whinchat does not know these arguments.",
                    Tongue::Chinese => "Whinchat 不认识这些参数。",
                };
                // There is nobody to tell that standard error is closed.
                drop(write!(std::io::stderr(), "{words}\n\n{}", help(tongue())));
                Some(ExitCode::from(2))
            }
        }
    }
}

fn help(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::English => include_str!("help.en.txt"),
        Tongue::Chinese => include_str!("help.zh-CN.txt"),
    }
}

fn say(words: &str) {
    // There is nobody to tell that standard output is closed.
    drop(std::io::stdout().write_all(words.as_bytes()));
}

/// The language of the environment, as POSIX orders its variables; where none is set, that of the desktop.
fn tongue(variable: impl Fn(&str) -> Option<String>) -> Tongue {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|tag| !tag.is_empty())
        .or_else(sys_locale::get_locale)
        .and_then(|tag| Tongue::of(&tag))
        .unwrap_or(Tongue::English)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_no_arguments_open_the_window() {
        let owned = |arguments: &[&str]| arguments.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(Request::read(&[]), Request::Window);
        assert_eq!(Request::read(&owned(&["--version"])), Request::Version);
        assert_eq!(Request::read(&owned(&["-h"])), Request::Help);
        assert_eq!(Request::read(&owned(&["diagnose"])), Request::Diagnose(&[]));
        let rest = owned(&["ws://h/", "--help"]);
        assert_eq!(Request::read(&owned(&["diagnose", "ws://h/", "--help"])), Request::Diagnose(&rest));
        for unknown in [&["--frobnicate"][..], &["--version", "--help"], &["ws://127.0.0.1/"]] {
            assert_eq!(Request::read(&owned(unknown)), Request::Unknown, "{unknown:?}");
        }
    }

    #[test]
    fn the_first_variable_that_is_set_names_the_language() {
        let tongue = |set: &[(&str, &str)]| {
            tongue(|name| set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(tongue(&[("LANG", "zh_CN.UTF-8")]), Tongue::Chinese);
        assert_eq!(tongue(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C.UTF-8")]), Tongue::English);
        assert_eq!(tongue(&[("LANG", "en_GB"), ("LC_MESSAGES", "zh_TW"), ("LC_ALL", "")]), Tongue::Chinese);
        assert_eq!(tongue(&[("LANG", "de_DE.UTF-8")]), Tongue::English);
    }
}
