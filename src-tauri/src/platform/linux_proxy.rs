//! The proxy of the desktop's settings, as GIO reads them: GNOME's, or what libproxy knows of others, scripts (PAC) included.

use webkit2gtk::gio::prelude::ProxyResolverExt as _;
use webkit2gtk::gio::{Cancellable, ProxyResolver};

/// The proxy for an address. Blocks while a script is fetched; whoever asks has a limit for that.
pub(super) fn of(url: &str) -> Option<String> {
    match ProxyResolver::default().lookup(url, Cancellable::NONE) {
        Ok(named) => named.first().and_then(|first| ours(first)),
        Err(error) => {
            tracing::warn!(%error, "the desktop's proxy settings");
            None
        }
    }
}

/// GIO's words for a proxy in ours. The first that is named counts: the others are for when it fails, and the last of
/// them is often to go around it.
fn ours(named: &str) -> Option<String> {
    match named.split_once("://") {
        Some(("direct", _)) | None => None,
        // Any version: the newest.
        Some(("socks", place)) => Some(format!("socks5://{place}")),
        Some(_) => Some(named.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gios_words_are_understood() {
        for (named, proxy) in [
            ("direct://", None),
            ("", None),
            ("http://desk.example:3128", Some("http://desk.example:3128")),
            ("socks://desk.example:1080", Some("socks5://desk.example:1080")),
            ("socks5://desk.example:1080", Some("socks5://desk.example:1080")),
            ("socks4://desk.example:1080", Some("socks4://desk.example:1080")),
        ] {
            assert_eq!(ours(named).as_deref(), proxy, "{named}");
        }
    }
}
