//! Which web pages may join the room.
//!
//! A browser lets a page of any site open a WebSocket to this computer, and names the page's origin in the handshake
//! (RFC 6455 §10.2); so the server is the one to refuse. Programs name no origin, and a page cannot leave it out.

use std::net::{Ipv4Addr, Ipv6Addr};
use tokio_tungstenite::tungstenite::http::header::ORIGIN;
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderValue, Uri};

/// Whether the handshake comes from a program, or from a page of this computer.
pub(crate) fn is_near(headers: &HeaderMap) -> bool {
    headers.get_all(ORIGIN).iter().all(is_near_page)
}

/// `null`, which pages without an origin of their own send, names no host and is refused.
fn is_near_page(origin: &HeaderValue) -> bool {
    let uri = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    uri.is_some_and(|uri| uri.scheme().is_some() && uri.host().is_some_and(is_near_host))
}

fn is_near_host(host: &str) -> bool {
    // Tauri's own pages are `tauri://localhost`, and `http(s)://tauri.localhost` on Windows.
    if host.eq_ignore_ascii_case("localhost") || host.eq_ignore_ascii_case("tauri.localhost") {
        return true;
    }
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(host) => host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
        None => host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origins: &[&[u8]]) -> HeaderMap {
        origins.iter().map(|origin| (ORIGIN, HeaderValue::from_bytes(origin).unwrap())).collect()
    }

    #[test]
    fn programs_and_pages_of_this_computer_are_near() {
        assert!(is_near(&headers(&[])));
        for origin in [
            "http://localhost",
            "http://LocalHost:5173",
            "https://127.0.0.1:8443",
            "http://127.8.9.10",
            "http://[::1]:3000",
            "tauri://localhost",
            "http://tauri.localhost",
            "https://tauri.localhost",
        ] {
            assert!(is_near(&headers(&[origin.as_bytes()])), "{origin}");
        }
    }

    #[test]
    fn other_pages_are_not() {
        for origin in [
            "null",
            "",
            "localhost",
            "https://example.com",
            "https://localhost.example.com",
            "https://127.0.0.1.example.com",
            "https://example.com:127",
            "http://evil.tauri.localhost",
            "http://192.168.0.7",
            "http://0.0.0.0",
            "http://[::2]",
            "http://[::ffff:1.2.3.4]",
            "file://",
            "http://",
        ] {
            assert!(!is_near(&headers(&[origin.as_bytes()])), "{origin}");
        }
        assert!(!is_near(&headers(&[b"http://localhost\xff"])));
        assert!(!is_near(&headers(&[b"http://localhost", b"https://example.com"])));
    }
}
