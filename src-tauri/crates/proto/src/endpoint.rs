//! From what a person typed to where to dial.

use crate::ConfigFault;
use domain::{AccountConfig, Compression, Header, LogIn, Proxy};
use url::{Host, Url};

/// Where to dial and what to say in the opening handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `ws` or `wss`, with a host, without fragment or credentials.
    pub url: Url,
    /// Offered subprotocols, most wanted first.
    pub subprotocols: Vec<String>,
    /// The `Origin` header; `None`: not sent.
    pub origin: Option<String>,
    /// Extra headers.
    pub headers: Vec<Header>,
    /// Whether frames may be compressed.
    pub compression: Compression,
    /// How the handshake says who we are.
    pub log_in: LogIn,
}

/// What is wrong with an address. The window has a sentence for each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Nothing was typed.
    #[error("it is empty")]
    Empty,
    /// No `ws://` or `wss://` in front.
    #[error("it must begin with ws:// or wss://")]
    NoScheme,
    /// Another scheme; carries what the address would be with the right one, where there is one.
    #[error("{scheme}:// is not WebSocket")]
    WrongScheme {
        /// The scheme that was typed.
        scheme: String,
        /// The same address with `ws` for `http`, `wss` for `https`.
        suggestion: Option<String>,
    },
    /// No host after the scheme.
    #[error("it has no host")]
    NoHost,
    /// The port is no number from 1 to 65535.
    #[error("its port is not a number from 1 to 65535")]
    BadPort,
    /// The host is no name and no address.
    #[error("its host is not a name or an address")]
    BadHost,
    /// A password in an address would be written to disk.
    #[error("it has a user name or password in it")]
    Credentials,
    /// RFC 6455 §3: no fragment.
    #[error("it has a # in it")]
    Fragment,
    /// Longer than we take.
    #[error("it is too long")]
    TooLong,
    /// Anything else.
    #[error("it cannot be read: {0}")]
    Other(String),
}

/// The longest address that is taken; servers commonly refuse longer request lines.
const MAX_ADDRESS: usize = 4096;

/// Reads an address as a browser would, and says what is wrong with it.
///
/// # Errors
/// The first fault that is found.
pub fn read_address(typed: &str) -> Result<Url, AddressFault> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(AddressFault::Empty);
    }
    if typed.len() > MAX_ADDRESS {
        return Err(AddressFault::TooLong);
    }
    let Some((scheme, rest)) = typed.split_once("://") else {
        return Err(AddressFault::NoScheme);
    };
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "ws" && scheme != "wss" {
        let twin = match scheme.as_str() {
            "http" => Some("ws"),
            "https" => Some("wss"),
            _ => None,
        };
        let suggestion = twin.map(|twin| format!("{twin}://{rest}"));
        return Err(AddressFault::WrongScheme { scheme, suggestion });
    }
    let url = Url::parse(typed).map_err(parse_fault)?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(AddressFault::NoHost);
    }
    if url.port() == Some(0) {
        return Err(AddressFault::BadPort);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressFault::Credentials);
    }
    if url.fragment().is_some() {
        return Err(AddressFault::Fragment);
    }
    Ok(url)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is not ours, and grows")]
fn parse_fault(error: url::ParseError) -> AddressFault {
    match error {
        url::ParseError::EmptyHost => AddressFault::NoHost,
        url::ParseError::InvalidPort => AddressFault::BadPort,
        url::ParseError::IdnaError
        | url::ParseError::InvalidIpv4Address
        | url::ParseError::InvalidIpv6Address
        | url::ParseError::InvalidDomainCharacter => AddressFault::BadHost,
        other => AddressFault::Other(other.to_string()),
    }
}

/// Whether `name` can be offered as a subprotocol: a token of RFC 9110 §5.6.2.
///
/// # Errors
/// When it cannot.
pub fn check_subprotocol(name: &str) -> Result<(), ConfigFault> {
    if is_token(name) { Ok(()) } else { Err(ConfigFault::Subprotocol(name.to_owned())) }
}

/// Whether `header` can be sent, and is not one that the handshake makes itself.
///
/// # Errors
/// When it cannot; when it carries a log-in, which must never become a row of the store.
pub fn check_header(header: &Header) -> Result<(), ConfigFault> {
    const SECRET: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];
    let name = header.name.to_ascii_lowercase();
    if !is_header_name(&header.name) || !is_value(&header.value) {
        return Err(ConfigFault::Header(header.name.clone()));
    }
    if SECRET.contains(&name.as_str()) {
        return Err(ConfigFault::SecretHeader(header.name.clone()));
    }
    Ok(())
}

/// Whether a header of that name can be sent: a token, and none that the handshake makes itself.
fn is_header_name(name: &str) -> bool {
    const OURS: [&str; 6] =
        ["host", "connection", "upgrade", "origin", "content-length", "transfer-encoding"];
    let lower = name.to_ascii_lowercase();
    is_token(name) && !OURS.contains(&lower.as_str()) && !lower.starts_with("sec-websocket-")
}

/// Whether a log-in can be made so.
///
/// # Errors
/// When it cannot.
pub fn check_log_in(log_in: &LogIn) -> Result<(), ConfigFault> {
    match log_in {
        LogIn::Basic { user } if !is_user(user) => Err(ConfigFault::LogInUser(user.clone())),
        LogIn::Query { name } if name.is_empty() => Err(ConfigFault::LogInName(name.clone())),
        LogIn::Header { name } if !is_header_name(name) => Err(ConfigFault::LogInName(name.clone())),
        LogIn::None
        | LogIn::Basic { .. }
        | LogIn::Bearer
        | LogIn::Cookie
        | LogIn::Query { .. }
        | LogIn::Header { .. }
        | LogIn::Protocol { .. } => Ok(()),
    }
}

/// Whether a proxy can be asked.
///
/// # Errors
/// When it cannot.
pub fn check_proxy(proxy: &Proxy) -> Result<(), ConfigFault> {
    let (host, port, user) = match proxy {
        Proxy::System | Proxy::None => return Ok(()),
        Proxy::Http { host, port, user } | Proxy::Socks5 { host, port, user } => (host, port, user),
    };
    if read_host(host).is_err() {
        Err(ConfigFault::ProxyHost(host.clone()))
    } else if *port == 0 {
        Err(ConfigFault::ProxyPort(*port))
    } else if !is_user(user) {
        Err(ConfigFault::ProxyUser(user.clone()))
    } else {
        Ok(())
    }
}

/// A host as it is typed by itself: an IPv6 address with or without brackets.
///
/// # Errors
/// When it is no name and no address.
pub fn read_host(typed: &str) -> Result<Host<String>, url::ParseError> {
    let bare = typed.contains(':') && !typed.starts_with('[');
    if bare { Host::parse(&format!("[{typed}]")) } else { Host::parse(typed) }
}

/// RFC 7617 §2.
fn is_user(name: &str) -> bool {
    !name.contains(':') && !name.chars().any(char::is_control)
}

/// Whether `origin` can be sent.
///
/// # Errors
/// When it cannot.
pub fn check_origin(origin: &str) -> Result<(), ConfigFault> {
    if is_value(origin) { Ok(()) } else { Err(ConfigFault::Origin(origin.to_owned())) }
}

/// The server of an address as `host:port`, an IPv6 address in brackets; as [`domain::Pin`] names it.
#[must_use]
pub fn server(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

impl Endpoint {
    /// Everything that is wrong with the fields of a configuration, in the order of the form.
    #[must_use]
    pub fn faults(config: &AccountConfig) -> Vec<ConfigFault> {
        let address = read_address(&config.url).err().map(ConfigFault::from);
        let subprotocols = config.subprotocols.iter().filter_map(|name| check_subprotocol(name).err());
        let origin = check_origin(config.origin.trim()).err();
        let headers = config.headers.iter().filter_map(|header| check_header(header).err());
        let fallbacks = config.fallbacks.iter().filter_map(|url| {
            let fault = read_address(url).err()?;
            Some(ConfigFault::Fallback { url: url.clone(), fault })
        });
        let log_in = check_log_in(&config.log_in).err();
        let proxy = check_proxy(&config.proxy).err();
        address
            .into_iter()
            .chain(fallbacks)
            .chain(subprotocols)
            .chain(origin)
            .chain(headers)
            .chain(log_in)
            .chain(proxy)
            .collect()
    }

    /// The endpoint of a configuration, with a protocol's own subprotocols in front of the user's.
    ///
    /// # Errors
    /// The first of [`Self::faults`].
    pub fn read(config: &AccountConfig, always: &[&str]) -> Result<Self, ConfigFault> {
        if let Some(fault) = Self::faults(config).into_iter().next() {
            return Err(fault);
        }
        let url = read_address(&config.url)?;
        let mut subprotocols: Vec<String> = always.iter().map(|&name| name.to_owned()).collect();
        for name in &config.subprotocols {
            if !subprotocols.contains(name) {
                subprotocols.push(name.clone());
            }
        }
        let origin = config.origin.trim();
        let origin = (!origin.is_empty()).then(|| origin.to_owned());
        let (headers, compression, log_in) =
            (config.headers.clone(), config.compression, config.log_in.clone());
        Ok(Self { url, subprotocols, origin, headers, compression, log_in })
    }
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// RFC 9110 §5.5, visible characters and blanks only.
fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_addresses_are_read() {
        for good in [
            "ws://localhost:8080/ws",
            " wss://chat.example.org ",
            "WS://[::1]:9/a?b=c",
            "ws://例え.jp/",
            "ws://192.168.0.1",
        ] {
            assert!(read_address(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn bad_addresses_say_what_is_wrong() {
        use AddressFault::{BadHost, BadPort, Credentials, Empty, Fragment, NoHost, NoScheme, TooLong};
        let cases = [
            ("", Empty),
            ("   ", Empty),
            ("localhost:8080/ws", NoScheme),
            ("ws://", NoHost),
            ("ws://:80/", NoHost),
            ("ws://host:99999/", BadPort),
            ("ws://host:0/", BadPort),
            ("ws://host:eighty/", BadPort),
            ("ws://[::1", BadHost),
            ("ws://a b/", BadHost),
            ("ws://me:pw@host/", Credentials),
            ("ws://host/#top", Fragment),
            (&format!("ws://host/{}", "x".repeat(5000)), TooLong),
        ];
        for (typed, fault) in cases {
            assert_eq!(read_address(typed), Err(fault), "{typed}");
        }
    }

    #[test]
    fn http_is_answered_with_the_address_that_was_meant() {
        let fault = read_address("https://chat.example.org/ws").unwrap_err();
        let suggestion = Some("wss://chat.example.org/ws".to_owned());
        assert_eq!(fault, AddressFault::WrongScheme { scheme: "https".into(), suggestion });
    }

    #[test]
    fn headers_cannot_break_the_handshake() {
        let header = |name: &str, value: &str| Header { name: name.into(), value: value.into() };
        assert!(check_header(&header("X-Room", "a b")).is_ok());
        let secret = check_header(&header("Authorization", "Bearer x"));
        assert_eq!(secret, Err(ConfigFault::SecretHeader("Authorization".into())));
        for bad in [
            header("", "x"),
            header("A B", "x"),
            header("A", "x\r\nB: y"),
            header("Host", "x"),
            header("Sec-WebSocket-Key", "x"),
        ] {
            assert!(check_header(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn log_ins_proxies_and_fallbacks_that_cannot_be_used_are_named() {
        let log_in = |log_in: LogIn| check_log_in(&log_in).is_ok();
        assert!(log_in(LogIn::Basic { user: "me@example.org".into() }));
        assert!(!log_in(LogIn::Basic { user: "a:b".into() }));
        assert!(log_in(LogIn::Header { name: "Authorization".into() }));
        assert!(!log_in(LogIn::Header { name: "Sec-WebSocket-Key".into() }));
        assert!(!log_in(LogIn::Query { name: String::new() }));
        let proxy = |host: &str, port| {
            check_proxy(&Proxy::Socks5 { host: host.into(), port, user: String::new() }).is_ok()
        };
        assert!(proxy("::1", 1080) && proxy("proxy.example", 1080));
        assert!(!proxy("", 1080) && !proxy("a b", 1080) && !proxy("h", 0));
        let config = AccountConfig {
            url: "ws://h/".into(),
            fallbacks: vec!["ws://i/".into(), "http://j/".into()],
            ..AccountConfig::default()
        };
        let faults = Endpoint::faults(&config);
        assert!(
            matches!(&faults[..], [ConfigFault::Fallback { url, .. }] if url == "http://j/"),
            "{faults:?}"
        );
    }

    #[test]
    fn a_server_is_named_with_its_port() {
        for (url, name) in [("wss://h/", "h:443"), ("ws://h/", "h:80"), ("wss://[::1]:9/", "[::1]:9")] {
            assert_eq!(server(&read_address(url).unwrap()), name);
        }
    }

    #[test]
    fn a_subprotocol_is_offered_once() {
        let config = AccountConfig {
            url: "ws://h/".into(),
            subprotocols: vec!["chat".into(), "b".into()],
            ..AccountConfig::default()
        };
        assert_eq!(Endpoint::read(&config, &["chat"]).unwrap().subprotocols, ["chat", "b"]);
        let config = AccountConfig { subprotocols: vec!["a,b".into()], ..config };
        assert_eq!(Endpoint::read(&config, &[]), Err(ConfigFault::Subprotocol("a,b".into())));
    }
}
