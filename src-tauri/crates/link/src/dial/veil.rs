//! What a server repeats of our secrets, taken out of what it says: a row, a log or a screen may hold its words.
//!
//! A server may repeat what it was sent as it came, or as programs write it anew: escaped for an address, a page or
//! JSON, and cut off in the middle. What it disguises on purpose is not found.

use super::login;
use super::proxy::Via;
use crate::text::clean;
use data_encoding::BASE64;
use domain::{LogIn, Reason, Refusal};
use proto::{Endpoint, Secret};

/// What stands where a secret stood.
const HIDDEN: &str = "…";

/// The fewest bytes of a part of a secret that are hidden by themselves: fewer are in every text.
const PART: usize = 4;

/// How pages and JSON write what means something there.
const ESCAPES: [(u8, &[u8]); 10] = [
    (b'&', b"&amp;"),
    (b'<', b"&lt;"),
    (b'>', b"&gt;"),
    (b'"', b"&quot;"),
    (b'"', b"&#34;"),
    (b'\'', b"&#39;"),
    (b'\'', b"&#x27;"),
    (b'"', b"\\\""),
    (b'\\', b"\\\\"),
    (b'/', b"\\/"),
];

/// What was sent and is nobody's to read. Kept as long as the server may repeat it.
#[derive(Clone, Default)]
pub(crate) struct Veil {
    /// Longest first, so that no part is taken out of a whole.
    words: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Veil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Veil(…)")
    }
}

impl Veil {
    /// What is sent to a server, and to the proxy on the way.
    pub(super) fn of(endpoint: &Endpoint, log_in: Option<&Secret>, via: Option<&Via>) -> Self {
        let mut veil = Self::default();
        if let Some(secret) = log_in {
            veil.add(&secret.0);
            // One that no header can carry is not sent.
            if let Ok(Some((_, value))) = login::header(endpoint, Some(secret)) {
                veil.add_header(value.as_bytes());
            }
            match &endpoint.log_in {
                LogIn::Cookie => veil.add_cookies(&secret.0),
                // `Token abc` is a kind and a secret.
                LogIn::Header { .. } => veil.add_part(secret.0.rsplit(' ').next().unwrap_or_default()),
                LogIn::None
                | LogIn::Basic { .. }
                | LogIn::Bearer
                | LogIn::Query { .. }
                | LogIn::Protocol { .. } => {}
            }
        }
        if let Some(via) = via {
            via.secrets(&mut veil);
        }
        veil.sort();
        veil
    }

    /// What was sent within a session.
    pub(crate) fn conceal(&mut self, secret: &str) {
        self.add(secret);
        self.sort();
    }

    fn sort(&mut self) {
        self.words.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.words.dedup();
    }

    /// A secret, also as it looks when it was made fit to be shown, and in Base64.
    pub(super) fn add(&mut self, secret: &str) {
        let coded = BASE64.encode(secret.as_bytes());
        // Whether the padding is repeated says nothing.
        for form in [secret, &clean(secret, usize::MAX), coded.trim_end_matches('=')] {
            self.add_word(form);
        }
    }

    fn add_word(&mut self, word: &str) {
        if !word.is_empty() {
            self.words.push(word.as_bytes().to_vec());
        }
    }

    /// What `Basic …` (RFC 7617) carries; of any other value the secret itself is the part that is hidden.
    pub(super) fn add_header(&mut self, value: &[u8]) {
        let value = String::from_utf8_lossy(value);
        let Some(carried) = value.strip_prefix("Basic ") else { return };
        self.add_word(carried.trim_end_matches('='));
        let plain = BASE64.decode(carried.as_bytes()).unwrap_or_default();
        if let Some((_, password)) = String::from_utf8_lossy(&plain).split_once(':') {
            self.add(password);
        }
    }

    fn add_cookies(&mut self, cookies: &str) {
        for cookie in cookies.split(';') {
            let value = cookie.split_once('=').map_or(cookie, |(_, value)| value);
            self.add_part(value.trim().trim_matches('"'));
        }
    }

    fn add_part(&mut self, part: &str) {
        if part.len() >= PART {
            self.add(part);
        }
    }

    /// Takes them out of whatever a server had a hand in.
    pub(crate) fn hide(&self, reason: Reason) -> Reason {
        match reason {
            Reason::Status { status, refusal, text } => {
                Reason::Status { status, refusal: self.hide_in(refusal), text: self.cover(&text) }
            }
            Reason::Tls { fault, text, certificate } => {
                Reason::Tls { fault, text: self.cover(&text), certificate }
            }
            Reason::Proxy { proxy, fault, text } => Reason::Proxy { proxy, fault, text: self.cover(&text) },
            Reason::NotWebSocket { text } => Reason::NotWebSocket { text: self.cover(&text) },
            Reason::Subprotocol { chosen } => {
                Reason::Subprotocol { chosen: chosen.map(|chosen| self.cover(&chosen)) }
            }
            Reason::Closed { code, text, by } => Reason::Closed { code, text: self.cover(&text), by },
            Reason::Dropped { text } => Reason::Dropped { text: self.cover(&text) },
            Reason::NotLetIn { text } => Reason::NotLetIn { text: self.cover(&text) },
            Reason::BrokenFrames { text } => Reason::BrokenFrames { text: self.cover(&text) },
            Reason::Internal { text } => Reason::Internal { text: self.cover(&text) },
            // Said by this computer, before a server has heard anything.
            reason @ (Reason::BadAddress { .. }
            | Reason::Dns { .. }
            | Reason::Refused { .. }
            | Reason::Unreachable { .. }
            | Reason::TimedOut { .. }
            | Reason::Secret { .. }
            | Reason::File { .. }
            | Reason::Silent { .. }
            | Reason::TooBig { .. }) => reason,
        }
    }

    fn hide_in(&self, refusal: Refusal) -> Refusal {
        let cover = |text: Option<String>| text.map(|text| self.cover(&text));
        match refusal {
            Refusal::Unauthorized { challenge } => Refusal::Unauthorized { challenge: cover(challenge) },
            Refusal::Redirect { location } => Refusal::Redirect { location: cover(location) },
            refusal @ (Refusal::Forbidden | Refusal::NotFound | Refusal::TooMany { .. } | Refusal::Other) => {
                refusal
            }
        }
    }

    fn cover(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(char) = rest.chars().next() {
            let hidden = self.words.iter().find_map(|word| {
                let rest = rest.as_bytes();
                repeated(rest, word, plain).or_else(|| repeated(rest, word, escaped))
            });
            // Bytes of a secret in UTF-8 end where a character does.
            match hidden.and_then(|length| rest.get(length..)) {
                Some(after) => {
                    shown.push_str(HIDDEN);
                    rest = after;
                }
                None => {
                    shown.push(char);
                    rest = rest.get(char.len_utf8()..).unwrap_or_default();
                }
            }
        }
        shown
    }
}

/// How many bytes of a text repeat a word from its beginning; also when the text ends in the middle of it.
fn repeated(text: &[u8], word: &[u8], step: fn(&[u8], u8) -> Option<usize>) -> Option<usize> {
    let mut at = 0;
    for (known, byte) in word.iter().enumerate() {
        let rest = text.get(at..).unwrap_or_default();
        match step(rest, *byte) {
            Some(length) => at += length,
            None if known >= PART && matches!(rest, [] | [b'%'] | [b'%', _]) => return Some(text.len()),
            None => return None,
        }
    }
    Some(at)
}

fn plain(text: &[u8], byte: u8) -> Option<usize> {
    (text.first() == Some(&byte)).then_some(1)
}

fn escaped(text: &[u8], byte: u8) -> Option<usize> {
    if let [b'%', high, low, ..] = text
        && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        && high * 16 + low == u32::from(byte)
    {
        return Some(3);
    }
    let escape = ESCAPES.iter().find(|(meant, escape)| *meant == byte && text.starts_with(escape));
    match (escape, text.first()) {
        (Some((_, escape)), _) => Some(escape.len()),
        (None, Some(b'+')) if byte == b' ' => Some(1),
        (None, _) => plain(text, byte),
    }
}

fn digit(hex: u8) -> Option<u32> {
    char::from(hex).to_digit(16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AccountConfig, CloseBy, Proxy, ProxyFault};

    fn veil(log_in: LogIn, secret: &str) -> Veil {
        let config = AccountConfig { url: "ws://h/".into(), log_in, ..AccountConfig::default() };
        Veil::of(&Endpoint::read(&config, &[]).unwrap(), Some(&Secret(secret.into())), None)
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        let veil = veil(LogIn::Bearer, "s3 cr&t/密\"");
        for (said, shown) in [
            ("bad token s3 cr&t/密\"!", "bad token …!"),
            ("/?t=s3+cr%26t%2F%E5%AF%86%22&x=1", "/?t=…&x=1"),
            ("/?t=s3%20cr%26t%2f%e5%af%86%22", "/?t=…"),
            ("/?t=%73%33%20%63%72%26%74%2F%E5%af%86%22.", "/?t=…."),
            ("s3 cr&amp;t/密&quot; is wrong", "… is wrong"),
            (r#"{"t":"s3 cr&t\/密\""}"#, r#"{"t":"…"}"#),
            ("Basic czMgY3ImdC/lr4Yi.", "Basic …."),
            ("cut off: s3 cr&", "cut off: …"),
            ("cut off: s3+cr%2", "cut off: …"),
            ("s3 is not it, nor cr&t", "s3 is not it, nor cr&t"),
            ("", ""),
        ] {
            assert_eq!(veil.cover(said), shown);
        }
    }

    #[test]
    fn what_was_really_sent_is_found() {
        let basic = veil(LogIn::Basic { user: "alice".into() }, "hunter2");
        assert_eq!(basic.cover("Basic YWxpY2U6aHVudGVyMg== hunter2 alice"), "Basic …== … alice");
        let cookie = veil(LogIn::Cookie, "sid=4f9c2e; theme=on; name=\"quoted\"");
        assert_eq!(cookie.cover("sid 4f9c2e on quoted"), "sid … on …");
        assert_eq!(cookie.cover("Cookie: sid=4f9c2e; theme=on; name=\"quoted\""), "Cookie: …");
        let header = veil(LogIn::Header { name: "X-Api".into() }, "Token 50%25off");
        assert_eq!(header.cover("50%25off 50%2525off Token?"), "… … Token?");
    }

    #[test]
    fn every_word_of_a_server_goes_through_it() {
        let veil = veil(LogIn::Bearer, "hunter2");
        let text = || "a hunter2 b".to_owned();
        for reason in [
            Reason::Closed { code: Some(1008), text: text(), by: CloseBy::Server },
            Reason::NotWebSocket { text: text() },
            Reason::Subprotocol { chosen: Some(text()) },
            Reason::Dropped { text: text() },
            Reason::NotLetIn { text: text() },
            Reason::BrokenFrames { text: text() },
            Reason::Proxy { proxy: "p:1".into(), fault: ProxyFault::Other, text: text() },
            Reason::Status {
                status: 401,
                refusal: Refusal::Unauthorized { challenge: Some(text()) },
                text: text(),
            },
            Reason::Status {
                status: 302,
                refusal: Refusal::Redirect { location: Some(text()) },
                text: text(),
            },
        ] {
            let shown = format!("{:?}", veil.hide(reason));
            assert!(shown.contains("a … b") && !shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn a_proxys_password_is_a_secret_too() {
        let config = AccountConfig { url: "ws://h/".into(), ..AccountConfig::default() };
        let endpoint = Endpoint::read(&config, &[]).unwrap();
        let (host, user) = ("p".to_owned(), "me".to_owned());
        for proxy in [
            Proxy::Http { host: host.clone(), port: 1, user: user.clone() },
            Proxy::Socks5 { host, port: 1, user },
        ] {
            let via = super::super::proxy::named(&proxy, Some(&Secret("hunter2".into()))).unwrap();
            let veil = Veil::of(&endpoint, None, via.as_ref());
            assert_eq!(veil.cover("407 no hunter2"), "407 no …");
        }
        let via = super::super::proxy::named(
            &Proxy::Http { host: "p".into(), port: 1, user: "me".into() },
            Some(&Secret("pw".into())),
        );
        let veil = Veil::of(&endpoint, None, via.unwrap().as_ref());
        assert_eq!(veil.cover("Basic bWU6cHc="), "Basic …=");
        assert_eq!(format!("{veil:?}"), "Veil(…)");
    }
}
