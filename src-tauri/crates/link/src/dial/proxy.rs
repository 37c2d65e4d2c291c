//! Through whom a server is reached: no proxy, HTTP CONNECT (RFC 9110 §9.3.6), or SOCKS5 (RFC 1928).
//!
//! With a proxy the server's name is never asked for here: the proxy is given the name. The handshakes are hyper-util's,
//! on a stream that was opened as any other, and with a [`Tap`] beneath that keeps the answer, since hyper-util's errors
//! do not say what the proxy said.

use super::veil::Veil;
use crate::surroundings::Desktop;
use crate::text::clean;
use crate::wire::{FailedWrite, Pipe, Tap};
use data_encoding::BASE64;
use domain::{Proxy, ProxyFault, Reason};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use proto::Secret;
use std::future::{Ready, ready};
use std::io;
use std::task::{Context, Poll};
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri};
use tower_service::Service;
use url::{Host, Url};

/// How much of a proxy's answer is shown.
const ANSWER: usize = 120;

/// Where CONNECT and SOCKS are asked for when an address names no port.
const HTTP_PORT: u16 = 80;
const SOCKS_PORT: u16 = 1080;

/// A proxy on the way to the server.
pub(super) struct Via {
    language: Language,
    /// A name or an address, without brackets.
    host: Host<String>,
    port: u16,
}

/// What is spoken with it, and who we are there.
enum Language {
    Connect(Option<HeaderValue>),
    Socks5(Option<(String, String)>),
}

/// The proxy that an account's settings name; for [`Proxy::System`] see [`system`].
pub(super) fn named(proxy: &Proxy, secret: Option<&Secret>) -> Result<Option<Via>, Reason> {
    let password = secret.map(|secret| secret.0.as_str()).unwrap_or_default();
    let (language, host, port) = match proxy {
        Proxy::System | Proxy::None => return Ok(None),
        Proxy::Http { host, port, user } => {
            let log_in = if user.is_empty() { None } else { Some(basic(user, password)?) };
            (Language::Connect(log_in), host, *port)
        }
        Proxy::Socks5 { host, port, user } => {
            let log_in = (!user.is_empty()).then(|| (user.clone(), password.to_owned()));
            (Language::Socks5(log_in), host, *port)
        }
    };
    Ok(Some(Via { language, host: read_host(host)?, port }))
}

/// The proxy that the environment names for an address, else the one that the desktop does. This computer needs none,
/// as in browsers: a proxy elsewhere would look for it at home. What `no_proxy` excepts is excepted from both. May block.
pub(super) fn system(
    url: &Url,
    environment: &Matcher,
    no_proxy: &str,
    desktop: &dyn Desktop,
) -> Result<Option<Via>, Reason> {
    if is_this_computer(url) {
        return Ok(None);
    }
    // RFC 6455 §4.1: a proxy is asked for CONNECT, as for HTTPS, be the address ws:// or wss://.
    let schemes: &[&str] = if url.scheme() == "wss" { &["https"] } else { &["https", "http"] };
    let found = schemes.iter().find_map(|scheme| environment.intercept(&target(url, scheme)?));
    let found = match found {
        Some(found) => Some(found),
        None => {
            let asked = target(url, "https").map(|uri| uri.to_string());
            let named = asked.and_then(|asked| desktop.proxy(&asked));
            match (named, target(url, "https")) {
                (Some(named), Some(uri)) => {
                    Matcher::builder().all(named).no(no_proxy).build().intercept(&uri)
                }
                _ => None,
            }
        }
    };
    found.map(|found| read_intercept(&found)).transpose()
}

fn read_intercept(found: &Intercept) -> Result<Via, Reason> {
    let uri = found.uri();
    let host = uri.host().unwrap_or_default();
    let scheme = uri.scheme_str().unwrap_or_default();
    let (language, port) = match scheme {
        "http" => (Language::Connect(found.basic_auth().cloned()), HTTP_PORT),
        // Who resolves the name is no question here: always the proxy.
        "socks5" | "socks5h" => {
            let log_in = found.raw_auth().map(|(user, password)| (user.to_owned(), password.to_owned()));
            (Language::Socks5(log_in), SOCKS_PORT)
        }
        other => {
            let text = format!("{} proxies are not supported", clean(other, ANSWER));
            // It was never dialled: nothing is known of what it is.
            return Err(Reason::Proxy { proxy: host.to_owned(), fault: ProxyFault::Other, text });
        }
    };
    Ok(Via { language, host: read_host(host)?, port: uri.port_u16().unwrap_or(port) })
}

fn read_host(host: &str) -> Result<Host<String>, Reason> {
    proto::read_host(host).map_err(|error| Reason::BadAddress { text: format!("the proxy's host: {error}") })
}

/// `Authorization: Basic` (RFC 7617).
pub(super) fn basic(user: &str, password: &str) -> Result<HeaderValue, Reason> {
    let mut value =
        HeaderValue::from_str(&format!("Basic {}", BASE64.encode(format!("{user}:{password}").as_bytes())))
            .map_err(|_| Reason::Internal { text: "Base64 is no header".to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}

fn is_this_computer(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => super::dns::is_this_computer(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The server as a proxy is asked for it.
fn target(url: &Url, scheme: &str) -> Option<Uri> {
    let authority = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
    Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build().ok()
}

impl Via {
    /// Where it listens.
    pub(super) fn place(&self) -> (Host<&str>, u16) {
        let host = match &self.host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        };
        (host, self.port)
    }

    /// As people write it, without the log-in.
    pub(super) fn name(&self) -> String {
        match self.language {
            Language::Connect(_) => format!("http://{}", self.address()),
            Language::Socks5(_) => format!("socks5://{}", self.address()),
        }
    }

    fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// What is said to it and is nobody's to read.
    pub(super) fn secrets(&self, veil: &mut Veil) {
        match &self.language {
            Language::Connect(Some(log_in)) => veil.add_header(log_in.as_bytes()),
            Language::Socks5(Some((_, password))) => veil.add(password),
            Language::Connect(None) | Language::Socks5(None) => {}
        }
    }

    /// The proxy itself was not reached.
    pub(super) fn not_reached(&self, reason: Reason) -> Reason {
        let text = match &reason {
            Reason::Dns { text, .. } => format!("its name has no address: {text}"),
            Reason::Refused { .. } => "nothing accepts connections there".to_owned(),
            Reason::Unreachable { text, .. } => format!("no way to it: {text}"),
            Reason::BadAddress { .. }
            | Reason::TimedOut { .. }
            | Reason::Tls { .. }
            | Reason::Proxy { .. }
            | Reason::Secret { .. }
            | Reason::File { .. }
            | Reason::Status { .. }
            | Reason::NotWebSocket { .. }
            | Reason::Subprotocol { .. }
            | Reason::Closed { .. }
            | Reason::Dropped { .. }
            | Reason::Silent { .. }
            | Reason::TooBig { .. }
            | Reason::NotLetIn { .. }
            | Reason::BrokenFrames { .. }
            | Reason::Internal { .. } => return reason,
        };
        self.fault(ProxyFault::Other, text)
    }

    /// Asks it to go on to the server.
    pub(super) async fn go_on(&self, pipe: Box<dyn Pipe>, url: &Url) -> Result<Box<dyn Pipe>, Reason> {
        let bad = || Reason::BadAddress { text: "it cannot be asked for through a proxy".to_owned() };
        let server = target(url, "https").ok_or_else(bad)?;
        let proxy = Uri::from_static("http://proxy/");
        let (tap, returned) = Tap::new(pipe, FailedWrite::TookNothing);
        let stream = Opened(Some(TokioIo::new(tap)));
        let result = match &self.language {
            Language::Connect(log_in) => {
                let mut tunnel = Tunnel::new(proxy, stream);
                if let Some(log_in) = log_in {
                    tunnel = tunnel.with_auth(log_in.clone());
                }
                tunnel.call(server).await.map_err(|error| clean(&error.to_string(), ANSWER))
            }
            Language::Socks5(log_in) => {
                let mut socks = SocksV5::new(proxy, stream);
                if let Some((user, password)) = log_in {
                    if user.len() > MAX_SOCKS_LOG_IN || password.len() > MAX_SOCKS_LOG_IN {
                        let text = "user and password may each have 255 bytes at most".to_owned();
                        return Err(self.fault(ProxyFault::Unauthorized, text));
                    }
                    socks = socks.with_auth(user.clone(), password.clone());
                }
                socks.call(server).await.map_err(|error| clean(&error.to_string(), ANSWER))
            }
        };
        match result {
            Ok(stream) => stream
                .into_inner()
                .into_pipe()
                .ok_or_else(|| Reason::Internal { text: "the stream to the proxy is gone".to_owned() }),
            Err(words) => {
                let head = returned.await.map(|returned| returned.head).unwrap_or_default();
                let (fault, said) = match &self.language {
                    Language::Connect(_) => read_answer(&head),
                    Language::Socks5(log_in) => read_replies(&head, log_in.is_some()),
                };
                Err(self.fault(fault, said.unwrap_or(words)))
            }
        }
    }

    fn fault(&self, fault: ProxyFault, text: String) -> Reason {
        Reason::Proxy { proxy: self.address(), fault, text }
    }
}

/// RFC 1929 §2.
const MAX_SOCKS_LOG_IN: usize = 255;

/// A stream that is open already, as hyper-util's connectors take it.
struct Opened(Option<TokioIo<Tap>>);

impl Service<Uri> for Opened {
    type Response = TokioIo<Tap>;
    type Error = io::Error;
    type Future = Ready<io::Result<TokioIo<Tap>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

/// What a proxy answered to CONNECT.
fn read_answer(head: &[u8]) -> (ProxyFault, Option<String>) {
    if head.is_empty() {
        return (ProxyFault::Other, Some("it hung up without an answer".to_owned()));
    }
    let head = String::from_utf8_lossy(head);
    let line = head.lines().next().unwrap_or_default();
    let Some((version, status)) = line.split_once(' ').filter(|(version, _)| version.starts_with("HTTP/"))
    else {
        return (ProxyFault::NotAProxy, Some("its answer is not HTTP".to_owned()));
    };
    debug_assert!(!version.is_empty());
    let fault = match status.get(..3).and_then(|code| code.parse::<u16>().ok()) {
        Some(401 | 407) => ProxyFault::Unauthorized,
        Some(403 | 451) => ProxyFault::Forbidden,
        // tinyproxy says 500 where others say 502.
        Some(500 | 502..=504) => ProxyFault::Unreachable,
        // A web server.
        Some(400 | 404 | 405 | 501) => ProxyFault::NotAProxy,
        _ => ProxyFault::Other,
    };
    (fault, Some(format!("it answered “{}”", clean(status, ANSWER))))
}

/// What a proxy answered in SOCKS5: the method, the verdict on the log-in where there was one, the reply.
fn read_replies(head: &[u8], with_log_in: bool) -> (ProxyFault, Option<String>) {
    let say = |fault, text: &str| (fault, Some(text.to_owned()));
    let reply = match head {
        [] => return say(ProxyFault::Other, "it hung up without an answer"),
        [5, 0xff, ..] if with_log_in => {
            return say(ProxyFault::Unauthorized, "it does not take a user and a password");
        }
        [5, 0xff, ..] => return say(ProxyFault::Unauthorized, "it wants a log-in"),
        [5, 2, 1, 0, reply @ ..] => reply,
        [5, 2, 1, _, ..] => return say(ProxyFault::Unauthorized, "it does not accept the log-in"),
        [5, 0, reply @ ..] => reply,
        [5, ..] => return (ProxyFault::Other, None),
        _ => return say(ProxyFault::NotAProxy, "its answer is not SOCKS5"),
    };
    let [5, code, ..] = reply else { return (ProxyFault::Other, None) };
    // RFC 1928 §6.
    match code {
        1 => say(ProxyFault::Other, "general failure (1)"),
        2 => say(ProxyFault::Forbidden, "not allowed by its rules (2)"),
        3 => say(ProxyFault::Unreachable, "the network is unreachable (3)"),
        4 => say(ProxyFault::Unreachable, "the host is unreachable (4)"),
        5 => say(ProxyFault::Unreachable, "the connection was refused (5)"),
        6 => say(ProxyFault::Unreachable, "the connection timed out on its way (6)"),
        7 => say(ProxyFault::NotAProxy, "it does not make connections (7)"),
        8 => say(ProxyFault::Unreachable, "it does not know this kind of address (8)"),
        other => (ProxyFault::Other, Some(format!("reply {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surroundings::Bare;

    fn url(url: &str) -> Url {
        Url::parse(url).unwrap()
    }

    fn found(address: &str, matcher: &Matcher, desktop: &dyn Desktop) -> Option<String> {
        system(&url(address), matcher, "near.example, .off.example", desktop).unwrap().map(|via| via.name())
    }

    #[test]
    fn the_environment_is_read_as_curl_reads_it() {
        let matcher = Matcher::builder()
            .https("http://me:pw@secure.example:3128")
            .http("socks5://plain.example")
            .no("near.example, 10.0.0.0/8")
            .build();
        for (address, proxy) in [
            ("wss://far.example/", Some("http://secure.example:3128")),
            ("ws://far.example/", Some("http://secure.example:3128")),
            ("wss://near.example/", None),
            ("wss://chat.near.example/", None),
            ("ws://10.1.2.3/", None),
            ("ws://localhost:8080/", None),
            ("ws://127.0.0.1/", None),
            ("ws://[::1]/", None),
        ] {
            assert_eq!(found(address, &matcher, &Bare).as_deref(), proxy, "{address}");
        }
        let matcher = Matcher::builder().http("socks5://plain.example").build();
        assert_eq!(
            found("ws://far.example/", &matcher, &Bare).as_deref(),
            Some("socks5://plain.example:1080")
        );
        assert_eq!(found("wss://far.example/", &matcher, &Bare), None);
        for (named, words) in [
            ("socks4://old.example", "socks4 proxies are not supported"),
            ("https://safe.example", "https proxies are not supported"),
        ] {
            let matcher = Matcher::builder().all(named).build();
            let Err(reason) = system(&url("ws://far.example/"), &matcher, "", &Bare) else {
                panic!("{named}")
            };
            let proxy = named.split_once("://").unwrap().1.to_owned();
            assert_eq!(reason, Reason::Proxy { proxy, fault: ProxyFault::Other, text: words.to_owned() });
        }
    }

    #[test]
    fn the_desktop_is_asked_where_the_environment_is_silent() {
        struct Settings;
        impl Desktop for Settings {
            fn proxy(&self, url: &str) -> Option<String> {
                assert!(url.starts_with("https://"), "{url}");
                url.contains("far").then(|| "http://desk.example:8080".to_owned())
            }
        }
        let silent = Matcher::builder().build();
        assert_eq!(
            found("wss://far.example/", &silent, &Settings).as_deref(),
            Some("http://desk.example:8080")
        );
        assert_eq!(found("wss://elsewhere.example/", &silent, &Settings), None);
        for excepted in ["wss://far.near.example/", "ws://far.off.example:8080/"] {
            assert_eq!(found(excepted, &silent, &Settings), None, "{excepted}");
        }
        let spoken = Matcher::builder().all("http://env.example:1").build();
        assert_eq!(found("wss://far.example/", &spoken, &Settings).as_deref(), Some("http://env.example:1"));
    }

    #[test]
    fn a_proxys_name_holds_no_password() {
        let proxy = Proxy::Http { host: "::1".into(), port: 3128, user: "me".into() };
        let via = named(&proxy, Some(&Secret("hunter2".into()))).unwrap().unwrap();
        assert_eq!(via.name(), "http://[::1]:3128");
        assert!(!format!("{:?}", via.fault(ProxyFault::Other, String::new())).contains("hunter2"));
    }

    #[test]
    fn answers_to_connect_have_names() {
        for (answer, fault) in [
            ("HTTP/1.0 407 Proxy Authentication Required\r\n", ProxyFault::Unauthorized),
            ("HTTP/1.1 403 Filtered\r\n", ProxyFault::Forbidden),
            ("HTTP/1.1 502 Bad Gateway\r\n", ProxyFault::Unreachable),
            ("HTTP/1.0 500 Unable to connect\r\n", ProxyFault::Unreachable),
            ("HTTP/1.1 405 Not Allowed\r\n", ProxyFault::NotAProxy),
            ("SSH-2.0-OpenSSH_9.2\r\n", ProxyFault::NotAProxy),
            ("\u{5}\u{0}", ProxyFault::NotAProxy),
            ("HTTP/1.1 429 Slow\r\n", ProxyFault::Other),
            ("", ProxyFault::Other),
        ] {
            assert_eq!(read_answer(answer.as_bytes()).0, fault, "{answer}");
        }
        assert_eq!(
            read_answer(b"HTTP/1.1 403 Fil\x1btered\r\n").1.as_deref(),
            Some("it answered “403 Filtered”")
        );
    }

    #[test]
    fn replies_of_socks_have_names() {
        use ProxyFault::{Forbidden, NotAProxy, Other, Unauthorized, Unreachable};
        let codes = [
            Other,
            Forbidden,
            Unreachable,
            Unreachable,
            Unreachable,
            Unreachable,
            NotAProxy,
            Unreachable,
            Other,
        ];
        for (code, fault) in (1..).zip(codes) {
            assert_eq!(read_replies(&[5, 0, 5, code, 0, 1], false).0, fault, "{code}");
            assert_eq!(read_replies(&[5, 2, 1, 0, 5, code], true).0, fault, "{code}");
        }
        for (answer, log_in, fault) in [
            (&[5, 0xff][..], false, Unauthorized),
            (&[5, 0xff], true, Unauthorized),
            (&[5, 2, 1, 1], true, Unauthorized),
            (&[4, 90], false, NotAProxy),
            (b"HTTP/1.1 400", false, NotAProxy),
            (&[], false, Other),
            (&[5], false, Other),
            (&[5, 0, 5], false, Other),
        ] {
            assert_eq!(read_replies(answer, log_in).0, fault, "{answer:?}");
        }
    }
}
