//! The arguments of `whinchat diagnose`, read into what an account's form would hold.
//!
//! No secret is an argument: every program of the computer can read those of every other.

use domain::{AccountConfig, Compression, Header, LogIn, Proxy};
use lexopt::prelude::{Long, Short, Value, ValueExt as _};
use std::ffi::OsString;
use words::Tongue;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To reach a server.
    Server(Box<Ask>),
    /// How to ask.
    Help(Tongue),
}

/// Which server to reach, and how to tell of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ask {
    /// The language to tell it in.
    pub(super) tongue: Tongue,
    /// What the account's form would hold.
    pub(super) config: AccountConfig,
    /// For whom.
    pub(super) form: Form,
}

/// For whom the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A person.
    Text,
    /// A program.
    Json,
}

/// Arguments that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misuse {
    /// The language to say so in.
    pub(super) tongue: Tongue,
    /// What is wrong.
    pub(super) fault: Fault,
}

/// What is wrong with the arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no such option.
    Unknown(String),
    /// An option wants a value and has none.
    NoValue(String),
    /// An option has a value that it cannot use, or wants none.
    BadValue(String, String),
    /// A password stands in the address of a proxy.
    PasswordInProxy,
    /// There is more than one way of logging in.
    TwoLogIns,
    /// There is no address.
    NoAddress,
    /// There is more than one.
    TwoAddresses,
}

/// Reads the arguments behind `diagnose`. `tongue`: the language where none is asked for.
pub(super) fn read(arguments: &[OsString], mut tongue: Tongue) -> Result<Asked, Misuse> {
    let mut reading = Reading::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    let asked = reading.run(&mut parser, &mut tongue);
    match asked {
        Ok(Next::Help) => Ok(Asked::Help(tongue)),
        Ok(Next::End) => reading.finish(tongue),
        Err(fault) => Err(Misuse { tongue, fault }),
    }
}

enum Next {
    Help,
    End,
}

struct Reading {
    config: AccountConfig,
    form: Form,
}

impl Default for Reading {
    fn default() -> Self {
        let config = AccountConfig { protocol: "plain".to_owned(), ..AccountConfig::default() };
        Self { config, form: Form::Text }
    }
}

impl Reading {
    fn run(&mut self, parser: &mut lexopt::Parser, tongue: &mut Tongue) -> Result<Next, Fault> {
        let config = &mut self.config;
        while let Some(argument) = parser.next().map_err(|error| fault(&error))? {
            match argument {
                Short('h') | Long("help") => return Ok(Next::Help),
                Long("lang") => {
                    let tag = text(parser)?;
                    *tongue = Tongue::of(&tag).ok_or_else(|| bad("--lang", &tag))?;
                }
                Long("json") => self.form = Form::Json,
                Long("protocol") => config.protocol = text(parser)?,
                Long("subprotocol") => config.subprotocols.push(text(parser)?),
                Long("origin") => config.origin = text(parser)?,
                Long("header") => config.headers.push(header(&text(parser)?)?),
                Long("basic") => log_in(config, LogIn::Basic { user: text(parser)? })?,
                Long("bearer") => log_in(config, LogIn::Bearer)?,
                Long("cookie") => log_in(config, LogIn::Cookie)?,
                Long("query") => log_in(config, LogIn::Query { name: text(parser)? })?,
                Long("secret-header") => log_in(config, LogIn::Header { name: text(parser)? })?,
                Long("proxy") => config.proxy = proxy(&text(parser)?)?,
                Long("authorities") => config.trust.authorities = text(parser)?,
                Long("certificate") => config.trust.certificate = text(parser)?,
                Long("key") => config.trust.key = text(parser)?,
                Long("no-compression") => config.compression = Compression::Off,
                Short(letter) => return Err(Fault::Unknown(format!("-{letter}"))),
                Long(name) => return Err(Fault::Unknown(format!("--{name}"))),
                Value(_) if !config.url.is_empty() => return Err(Fault::TwoAddresses),
                Value(url) => config.url = url.to_string_lossy().into_owned(),
            }
        }
        Ok(Next::End)
    }

    fn finish(self, tongue: Tongue) -> Result<Asked, Misuse> {
        if self.config.url.trim().is_empty() {
            return Err(Misuse { tongue, fault: Fault::NoAddress });
        }
        Ok(Asked::Server(Box::new(Ask { tongue, config: self.config, form: self.form })))
    }
}

fn text(parser: &mut lexopt::Parser) -> Result<String, Fault> {
    parser.value().and_then(|value| value.string()).map_err(|error| fault(&error))
}

fn log_in(config: &mut AccountConfig, log_in: LogIn) -> Result<(), Fault> {
    if config.log_in != LogIn::None {
        return Err(Fault::TwoLogIns);
    }
    config.log_in = log_in;
    Ok(())
}

/// `Name: value`.
fn header(text: &str) -> Result<Header, Fault> {
    let (name, value) = text.split_once(':').ok_or_else(|| bad("--header", text))?;
    Ok(Header { name: name.trim().to_owned(), value: value.trim().to_owned() })
}

/// `none`, `system`, `http://host:port` or `socks5://host:port`, with `user@` where there is a log-in.
fn proxy(text: &str) -> Result<Proxy, Fault> {
    match text {
        "none" => return Ok(Proxy::None),
        "system" => return Ok(Proxy::System),
        _ => {}
    }
    let wrong = || bad("--proxy", text);
    let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (user, server) = rest.rsplit_once('@').unwrap_or(("", rest));
    if user.contains(':') {
        return Err(Fault::PasswordInProxy);
    }
    let (host, port) = server.rsplit_once(':').ok_or_else(wrong)?;
    let port: u16 = port.parse().map_err(|_| wrong())?;
    if host.is_empty() || port == 0 {
        return Err(wrong());
    }
    let (host, user) = (host.to_owned(), user.to_owned());
    match scheme {
        "http" => Ok(Proxy::Http { host, port, user }),
        "socks5" | "socks5h" => Ok(Proxy::Socks5 { host, port, user }),
        _ => Err(wrong()),
    }
}

fn bad(option: &str, value: &str) -> Fault {
    Fault::BadValue(option.to_owned(), value.to_owned())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and grows")]
fn fault(error: &lexopt::Error) -> Fault {
    match error {
        lexopt::Error::MissingValue { option } => Fault::NoValue(option.clone().unwrap_or_default()),
        lexopt::Error::UnexpectedValue { option, value } => bad(option, &value.to_string_lossy()),
        other => Fault::Unknown(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(arguments: &[&str]) -> Result<Asked, Misuse> {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        read(&arguments, Tongue::English)
    }

    fn config(arguments: &[&str]) -> AccountConfig {
        match ask(arguments) {
            Ok(Asked::Server(ask)) => ask.config,
            other => panic!("{arguments:?}: {other:?}"),
        }
    }

    fn fault(arguments: &[&str]) -> Fault {
        ask(arguments).unwrap_err().fault
    }

    #[test]
    fn an_address_alone_is_a_plain_account() {
        let Ok(Asked::Server(ask)) = ask(&["wss://chat.example.org/ws"]) else { panic!("not read") };
        assert_eq!((ask.tongue, ask.form), (Tongue::English, Form::Text));
        let expected = AccountConfig {
            protocol: "plain".into(),
            url: "wss://chat.example.org/ws".into(),
            ..AccountConfig::default()
        };
        assert_eq!(ask.config, expected);
    }

    #[test]
    fn every_option_finds_its_field() {
        let arguments = [
            "--protocol=irc",
            "--subprotocol",
            "a",
            "--subprotocol=b",
            "--origin=https://o.example",
            "--header",
            "X-Room:  blue: 2 ",
            "--basic=alice",
            "--authorities=ca.pem",
            "--certificate=me.pem",
            "--key=me.key",
            "--no-compression",
            "ws://h/",
        ];
        let config = config(&arguments);
        assert_eq!(config.protocol, "irc");
        assert_eq!(config.subprotocols, ["a", "b"]);
        assert_eq!(config.origin, "https://o.example");
        assert_eq!(config.headers, [Header { name: "X-Room".into(), value: "blue: 2".into() }]);
        assert_eq!(config.log_in, LogIn::Basic { user: "alice".into() });
        assert_eq!(config.trust.authorities, "ca.pem");
        assert_eq!((config.trust.certificate.as_str(), config.trust.key.as_str()), ("me.pem", "me.key"));
        assert_eq!(config.compression, Compression::Off);
    }

    #[test]
    fn a_proxy_is_read_and_its_password_is_not_taken() {
        let proxy = |text| config(&["--proxy", text, "ws://h/"]).proxy;
        assert_eq!(proxy("none"), Proxy::None);
        assert_eq!(proxy("system"), Proxy::System);
        let (host, user) = (|host: &str| host.to_owned(), |user: &str| user.to_owned());
        assert_eq!(proxy("http://p:3128/"), Proxy::Http { host: host("p"), port: 3128, user: user("") });
        let tor = Proxy::Socks5 { host: host("[::1]"), port: 9050, user: user("me") };
        assert_eq!(proxy("socks5h://me@[::1]:9050"), tor);
        assert_eq!(fault(&["--proxy", "http://me:secret@p:1", "ws://h/"]), Fault::PasswordInProxy);
        for wrong in ["", "p:1", "ftp://p:1", "http://p", "http://:1", "http://p:0", "http://p:99999"] {
            assert_eq!(fault(&["--proxy", wrong, "ws://h/"]), bad("--proxy", wrong), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        assert_eq!(fault(&[]), Fault::NoAddress);
        assert_eq!(fault(&["  "]), Fault::NoAddress);
        assert_eq!(fault(&["ws://a/", "ws://b/"]), Fault::TwoAddresses);
        assert_eq!(fault(&["--frobnicate", "ws://a/"]), Fault::Unknown("--frobnicate".into()));
        assert_eq!(fault(&["-x", "ws://a/"]), Fault::Unknown("-x".into()));
        assert_eq!(fault(&["ws://a/", "--origin"]), Fault::NoValue("--origin".into()));
        assert_eq!(fault(&["--json=yes", "ws://a/"]), bad("--json", "yes"));
        assert_eq!(fault(&["--lang", "fr", "ws://a/"]), bad("--lang", "fr"));
        assert_eq!(fault(&["--header", "no colon", "ws://a/"]), bad("--header", "no colon"));
        assert_eq!(fault(&["--bearer", "--cookie", "ws://a/"]), Fault::TwoLogIns);
    }

    #[test]
    fn the_language_that_is_asked_for_wins() {
        let Err(Misuse { tongue, .. }) = ask(&["--lang=zh-CN"]) else { panic!("no address") };
        assert_eq!(tongue, Tongue::Chinese);
        assert_eq!(ask(&["--lang", "zh_CN.UTF-8", "-h"]), Ok(Asked::Help(Tongue::Chinese)));
    }
}
