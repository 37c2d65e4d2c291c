//! The WebSocket opening handshake (RFC 6455 §4).

use super::{Need, Origin, login, refusal};
use crate::deflate::{OFFER, Terms};
use crate::narrow;
use crate::text::clean;
use crate::wire::{READ_BUFFER, Returned, Tap, Wire};
use domain::{Compression, Reason};
use proto::{Endpoint, Secret};
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE, USER_AGENT,
};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::{Position, Url};

/// What we call ourselves.
const OUR_NAME: &str =
    concat!("Whinchat/", env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));

/// What the write buffer holds beyond the one message: our control frames and headers, with room to spare.
const WRITE_SLACK: usize = 64 * 1024;

/// How much of the name of a subprotocol that nobody asked for is shown.
const SUBPROTOCOL_SHOWN: usize = 100;

/// How much is said of an extension that was answered wrongly.
const EXTENSION_SHOWN: usize = 200;

/// The request of an endpoint, with its log-in.
pub(super) fn request(
    endpoint: &Endpoint,
    origin: Origin,
    secret: Option<&Secret>,
) -> Result<Request, Reason> {
    let bad = |text: String| Reason::BadAddress { text };
    let url = login::address(endpoint, secret);
    let mut request = url.as_str().into_client_request().map_err(|error| bad(narrow::words(&error)))?;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(OUR_NAME));
    let origin = match (&endpoint.origin, origin) {
        (Some(origin), _) => Some(origin.clone()),
        (None, Origin::Server) => Some(own_origin(&endpoint.url)),
        (None, Origin::None) => None,
    };
    if let Some(origin) = origin {
        headers.insert(ORIGIN, value(&origin)?);
    }
    if !endpoint.subprotocols.is_empty() {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, value(&endpoint.subprotocols.join(", "))?);
    }
    match endpoint.compression {
        Compression::Offer => drop(headers.insert(SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(OFFER))),
        Compression::Off => {}
    }
    add(headers, endpoint)?;
    if let Some((name, value)) = login::header(endpoint, secret)? {
        headers.insert(name, value);
    }
    Ok(request)
}

fn add(headers: &mut HeaderMap, endpoint: &Endpoint) -> Result<(), Reason> {
    for header in &endpoint.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|error| Reason::BadAddress { text: narrow::words(&error) })?;
        let value = value(&header.value)?;
        if name == USER_AGENT {
            headers.insert(name, value);
        } else {
            headers.append(name, value);
        }
    }
    Ok(())
}

fn value(text: &str) -> Result<HeaderValue, Reason> {
    HeaderValue::from_str(text).map_err(|error| Reason::BadAddress { text: narrow::words(&error) })
}

/// The server's own origin (RFC 6454 §6.1): `http` for `ws`, `https` for `wss`.
fn own_origin(url: &Url) -> String {
    let scheme = if url.scheme() == "wss" { "https" } else { "http" };
    format!("{scheme}://{}", &url[Position::BeforeHost..Position::AfterPort])
}

/// Asks for the upgrade, and reads the answer. Gives the subprotocol that the server chose.
pub(super) async fn upgrade(
    request: Request,
    tap: Tap,
    returned: oneshot::Receiver<Returned>,
    need: Need,
    max_message: u32,
    compression: Compression,
) -> Result<(Wire, Option<String>), Reason> {
    let max = max_message as usize;
    // With no write buffer a frame is given to the stream at once, and the session knows which frame is on its way.
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(max.saturating_add(WRITE_SLACK))
        .max_message_size(Some(max))
        .max_frame_size(Some(max));
    let asked = Asked::of(&request);
    let error = match client_async_with_config(request, tap, Some(config)).await {
        Ok((socket, response)) => {
            let chosen = response.headers().get(SEC_WEBSOCKET_PROTOCOL);
            let chosen = chosen.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
            let lines = response.headers().get_all(SEC_WEBSOCKET_EXTENSIONS);
            let lines: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
            let terms = agree(lines.iter().map(AsRef::as_ref), compression)?;
            return Ok((Wire::new(socket, terms), chosen.map(|name| clean(&name, SUBPROTOCOL_SHOWN))));
        }
        Err(error) => error,
    };
    let returned = returned.await.ok();
    if let Error::Http(response) = error {
        return Err(refusal::read(*response, returned).await);
    }
    let Some(returned) = returned else { return Err(narrow::handshake(&error, &[])) };
    if !may_be_too_strict(&error) {
        return Err(narrow::handshake(&error, &returned.head));
    }
    let chosen = asked.read(&returned.head, need)?;
    let lines = headers(&returned.head, &SEC_WEBSOCKET_EXTENSIONS);
    let terms = agree(lines.iter().map(String::as_str), compression)?;
    let (tap, _) = Tap::resume(returned.pipe, returned.rest, returned.failed_write);
    let socket = WebSocketStream::from_raw_socket(tap, Role::Client, Some(config)).await;
    Ok((Wire::new(socket, terms), chosen))
}

/// Whether tungstenite may have refused an answer that RFC 6455 §4.1 allows. A second connection would look to everyone
/// there like a visitor who comes, goes and comes again; so the answer is judged once more.
fn may_be_too_strict(error: &Error) -> bool {
    matches!(
        error,
        Error::Protocol(
            ProtocolError::MissingConnectionUpgradeHeader | ProtocolError::SecWebSocketSubProtocolError(_)
        )
    )
}

/// What an answer to our request is held against.
struct Asked {
    /// The right `Sec-WebSocket-Accept`.
    accept: String,
    /// The subprotocols that were offered.
    subprotocols: Vec<String>,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let value = |name| request.headers().get(name).map(HeaderValue::as_bytes).unwrap_or_default();
        let offered = String::from_utf8_lossy(value(SEC_WEBSOCKET_PROTOCOL));
        let offered = offered.split(',').map(str::trim).filter(|name| !name.is_empty());
        Self {
            accept: derive_accept_key(value(SEC_WEBSOCKET_KEY)),
            subprotocols: offered.map(str::to_owned).collect(),
        }
    }

    /// Judges the head of an answer with status 101 by all that RFC 6455 §4.1 asks for, but the extensions. Gives the
    /// subprotocol that the server chose. `Connection` is a list (RFC 9110 §7.6.1), which tungstenite compares whole;
    /// and to choose no subprotocol is the server's right, which tungstenite takes for a fault.
    fn read(&self, head: &[u8], need: Need) -> Result<Option<String>, Reason> {
        let fault = |fault| narrow::handshake(&Error::Protocol(fault), head);
        let upgrade = headers(head, &UPGRADE);
        if !matches!(upgrade.as_slice(), [value] if value.eq_ignore_ascii_case("websocket")) {
            return Err(fault(ProtocolError::MissingUpgradeWebSocketHeader));
        }
        let connection = headers(head, &CONNECTION);
        let mut tokens = connection.iter().flat_map(|line| line.split(','));
        if !tokens.any(|token| token.trim().eq_ignore_ascii_case("upgrade")) {
            return Err(fault(ProtocolError::MissingConnectionUpgradeHeader));
        }
        if !matches!(headers(head, &SEC_WEBSOCKET_ACCEPT).as_slice(), [value] if *value == self.accept) {
            return Err(fault(ProtocolError::SecWebSocketAcceptKeyMismatch));
        }
        match (headers(head, &SEC_WEBSOCKET_PROTOCOL).as_slice(), need) {
            ([], Need::Required) if !self.subprotocols.is_empty() => {
                Err(Reason::Subprotocol { chosen: None })
            }
            ([], _) => Ok(None),
            ([chosen], _) if self.subprotocols.contains(chosen) => Ok(Some(clean(chosen, SUBPROTOCOL_SHOWN))),
            ([chosen, ..], _) => Err(Reason::Subprotocol { chosen: Some(clean(chosen, SUBPROTOCOL_SHOWN)) }),
        }
    }
}

/// What the server answered to our offer. What it may not use would make its frames unreadable (RFC 6455 §4.1).
fn agree<'a>(
    lines: impl IntoIterator<Item = &'a str>,
    compression: Compression,
) -> Result<Option<Terms>, Reason> {
    let not = |text: String| Reason::NotWebSocket { text: clean(&text, EXTENSION_SHOWN) };
    match (Terms::read(lines).map_err(not)?, compression) {
        (Some(_), Compression::Off) => {
            Err(not("the server uses an extension that was not offered".to_owned()))
        }
        (terms, _) => Ok(terms),
    }
}

/// The lines of a header in the head of an answer that tungstenite has refused to hand out.
fn headers(head: &[u8], wanted: &HeaderName) -> Vec<String> {
    let head = String::from_utf8_lossy(head);
    let lines = head.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':'));
    lines
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted.as_str()))
        .map(|(_, value)| value.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AccountConfig, Header};

    fn endpoint(config: AccountConfig) -> Endpoint {
        Endpoint::read(&config, &[]).unwrap()
    }

    #[test]
    fn a_request_says_who_asks_and_offers_what_is_wanted() {
        let endpoint = endpoint(AccountConfig {
            url: "ws://example.org:8080/chat?room=1".into(),
            subprotocols: vec!["chat.v2".into(), "chat".into()],
            headers: vec![Header { name: "X-Room".into(), value: "blue".into() }],
            ..AccountConfig::default()
        });
        let request = request(&endpoint, Origin::None, None).unwrap();
        let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("host"), Some("example.org:8080"));
        assert_eq!(header("user-agent"), Some("Whinchat/0.1"));
        assert_eq!(header("sec-websocket-protocol"), Some("chat.v2, chat"));
        assert_eq!(header("x-room"), Some("blue"));
        assert_eq!(header("origin"), None);
        assert_eq!(header("sec-websocket-extensions"), Some("permessage-deflate; client_max_window_bits"));
    }

    #[test]
    fn compression_can_be_left_out() {
        let config = AccountConfig { compression: Compression::Off, ..AccountConfig::default() };
        let endpoint = endpoint(AccountConfig { url: "ws://example.org/".into(), ..config });
        assert_eq!(
            request(&endpoint, Origin::None, None).unwrap().headers().get("sec-websocket-extensions"),
            None
        );
    }

    #[test]
    fn the_own_origin_has_the_http_scheme_and_the_port() {
        for (url, origin) in [
            ("ws://example.org:8080/x", "http://example.org:8080"),
            ("wss://example.org/x", "https://example.org"),
            ("ws://[::1]:9/", "http://[::1]:9"),
        ] {
            let endpoint = endpoint(AccountConfig { url: url.into(), ..AccountConfig::default() });
            let request = request(&endpoint, Origin::Server, None).unwrap();
            assert_eq!(request.headers().get("origin").unwrap(), origin);
        }
    }

    #[test]
    fn the_users_own_user_agent_and_origin_win() {
        let endpoint = endpoint(AccountConfig {
            url: "ws://example.org/".into(),
            origin: "https://elsewhere.example".into(),
            headers: vec![Header { name: "User-Agent".into(), value: "me".into() }],
            ..AccountConfig::default()
        });
        let request = request(&endpoint, Origin::Server, None).unwrap();
        assert_eq!(request.headers().get("user-agent").unwrap(), "me");
        assert_eq!(request.headers().get("origin").unwrap(), "https://elsewhere.example");
    }
}
