//! Where a link may lead: the one list of schemes, and the check that every link passes before anything opens it.

use serde::{Deserialize, Serialize};

/// The longest address that is opened, in bytes: what servers commonly take in the first line of a request.
pub const MAX_TARGET: usize = 8192;

/// A scheme that links may have. There is no other list: the window's is generated from this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "ts", ts(rename_all = "lowercase"))]
pub enum Scheme {
    /// `https:`
    Https,
    /// `http:`
    Http,
    /// `mailto:`
    Mailto,
    /// `xmpp:`
    Xmpp,
    /// `irc:`
    Irc,
    /// `ircs:`
    Ircs,
}

impl Scheme {
    const ALL: [Self; 6] = [Self::Https, Self::Http, Self::Mailto, Self::Xmpp, Self::Irc, Self::Ircs];

    /// As it stands before the colon.
    fn word(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::Mailto => "mailto",
            Self::Xmpp => "xmpp",
            Self::Irc => "irc",
            Self::Ircs => "ircs",
        }
    }

    /// A host stands behind `//`; the others name a mailbox.
    fn has_host(self) -> bool {
        match self {
            Self::Https | Self::Http | Self::Irc | Self::Ircs => true,
            Self::Mailto | Self::Xmpp => false,
        }
    }
}

/// An address that may be handed to the system to be opened: of a listed scheme, in visible ASCII, without what a
/// command line or a terminal could take for something else. A host in other letters stands in its `xn--` form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "ts", ts(as = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct Target(String);

/// What is no [`Target`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetError;

impl std::fmt::Display for TargetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an address that links may lead to")
    }
}

impl std::error::Error for TargetError {}

impl Target {
    /// Checks an address.
    ///
    /// # Errors
    /// When its scheme is not listed, nothing follows that, or it has characters or a length that no link needs.
    pub fn parse(text: impl Into<String>) -> Result<Self, TargetError> {
        let text = text.into();
        let (scheme, rest) = text.split_once(':').ok_or(TargetError)?;
        let listed = Scheme::ALL.into_iter().find(|listed| listed.word().eq_ignore_ascii_case(scheme));
        let place = match listed.ok_or(TargetError)? {
            scheme if scheme.has_host() => rest.strip_prefix("//").ok_or(TargetError)?,
            _ => rest,
        };
        let named = place.starts_with(|first: char| !matches!(first, '/' | '?' | '#'));
        if named && text.len() <= MAX_TARGET && text.chars().all(fits) {
            Ok(Self(text))
        } else {
            Err(TargetError)
        }
    }

    /// Whether an address stands in a text, as the window makes links of them.
    #[must_use]
    pub fn is_in(text: &str) -> bool {
        let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '.' | '-');
        text.match_indices(':').any(|(colon, _)| {
            let (Some(before), Some(behind)) = (text.get(..colon), text.get(colon + 1..)) else {
                return false;
            };
            Scheme::ALL.into_iter().any(|scheme| {
                let start = colon.checked_sub(scheme.word().len());
                let (head, word) = start.and_then(|start| before.split_at_checked(start)).unwrap_or(("", ""));
                let place = if scheme.has_host() { behind.strip_prefix("//") } else { Some(behind) };
                word.eq_ignore_ascii_case(scheme.word())
                    && !head.ends_with(joins)
                    && place.is_some_and(|place| {
                        place.starts_with(|c: char| !c.is_whitespace() && !matches!(c, '/' | '?' | '#'))
                    })
            })
        })
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Target {
    type Error = TargetError;

    fn try_from(text: String) -> Result<Self, TargetError> {
        Self::parse(text)
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.0
    }
}

/// Visible ASCII but for quotes, brackets of markup and the backslash, which readers of addresses read differently.
fn fits(char: char) -> bool {
    char.is_ascii_graphic() && !matches!(char, '"' | '<' | '>' | '\\' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_scheme_leads_somewhere_in_any_case() {
        for good in [
            "https://example.org/a?b=c&d[]={x}|y#z",
            "HTTP://[::1]:8080/",
            "mailto:me@example.org?subject=a%20b",
            "xmpp:me@example.org",
            "irc://irc.example.org/#rust,isnick",
            "ircs://xn--bcher-kva.example",
        ] {
            assert_eq!(Target::parse(good).map(String::from), Ok(good.to_owned()), "{good}");
        }
    }

    #[test]
    fn an_address_is_seen_in_a_text() {
        for text in
            ["see https://example.org.", "(HTTP://x)", "去https://例子.cn看", "mailto:me@x", "a: irc://x"]
        {
            assert!(Target::is_in(text), "{text}");
        }
        for text in ["", "https:", "https:// x", "xhttps://y", "note: this", "ftp://x", "https:///", "http:x"]
        {
            assert!(!Target::is_in(text), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_opened() {
        let long = format!("https://example.org/{}", "x".repeat(MAX_TARGET));
        for bad in [
            "",
            "https",
            "https:",
            "https://",
            "https:///path",
            "https:example.org",
            "mailto:",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "ms-settings:display",
            " https://example.org",
            "-https://example.org",
            "https://example.org/a b",
            "https://example.org/\"&calc",
            "https://example.org/`x`",
            "https://example.org\\@evil.example",
            "https://example.org/\n",
            "https://example.org/\u{202e}",
            "https://b\u{fc}cher.example/",
            long.as_str(),
        ] {
            assert_eq!(Target::parse(bad), Err(TargetError), "{bad}");
            assert!(serde_json::from_value::<Target>(bad.into()).is_err(), "{bad}");
        }
    }
}
