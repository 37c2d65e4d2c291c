//! What is asked on the command line. Everything but opening the window is answered before any window is there.

use std::ffi::OsString;
use std::process::ExitCode;

const HELP: &str = "\
Whinchat: a chat client for any server that speaks WebSocket

whinchat              open the window, or raise the one that is open
whinchat --version    say which version this is
whinchat --help       say this

WHINCHAT_HOME=FOLDER  keep everything there instead of in the system's folders
WHINCHAT_LOG=FILTER   what is written to standard error: error, warn (default), info, debug
";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// The window.
    Window,
    /// A text on standard output.
    Words(&'static str),
    /// Nothing that we know.
    Unknown,
}

impl Request {
    /// Reads the arguments behind the program's name.
    pub(crate) fn read(arguments: &[OsString]) -> Self {
        match arguments {
            [] => Self::Window,
            [one] if one == "--version" || one == "-V" => {
                Self::Words(concat!("whinchat ", env!("CARGO_PKG_VERSION"), "\n"))
            }
            [one] if one == "--help" || one == "-h" => Self::Words(HELP),
            [..] => Self::Unknown,
        }
    }

    /// Answers what needs no window. `None`: the window is to be opened.
    pub(crate) fn answer(self) -> Option<ExitCode> {
        match self {
            Self::Window => None,
            Self::Words(words) => {
                print!("{words}");
                Some(ExitCode::SUCCESS)
            }
            Self::Unknown => {
                eprint!("whinchat does not know these arguments.\n\n{HELP}");
                Some(ExitCode::from(2))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Request {
        Request::read(&arguments.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn only_no_arguments_open_the_window() {
        assert_eq!(read(&[]), Request::Window);
        assert!(matches!(read(&["--version"]), Request::Words(words) if words.starts_with("whinchat ")));
        assert!(matches!(read(&["-h"]), Request::Words(words) if words.contains("WHINCHAT_HOME")));
        for unknown in [&["--frobnicate"][..], &["--version", "--help"], &["ws://127.0.0.1/"]] {
            assert_eq!(read(unknown), Request::Unknown, "{unknown:?}");
        }
    }
}
