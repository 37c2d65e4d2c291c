//! What is offered and agreed in the handshake (RFC 7692 §7.1).

use std::fmt;

/// What we offer: all that we can, and no demand, which some servers would refuse. The server may set the window of our
/// side.
pub(crate) const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// What both sides keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// What we send.
    pub(crate) ours: Side,
    /// What the server sends.
    pub(crate) theirs: Side,
}

/// How one side compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    /// The base-2 logarithm of its window, 8 to 15; `None`: not agreed, so up to 15.
    pub(crate) bits: Option<u8>,
    /// What it knows of earlier messages.
    pub(crate) context: Context,
}

/// Whether a message may point back into earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// It may.
    Kept,
    /// Each stands for itself.
    Fresh,
}

impl Terms {
    /// Reads the `Sec-WebSocket-Extensions` lines of an answer to [`OFFER`]. `None`: the server takes no extension.
    ///
    /// # Errors
    /// The answer takes what was not offered, or says it wrongly; then the connection has to fail (RFC 7692 §7.1).
    pub(crate) fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Option<Self>, String> {
        let mut agreed = None;
        for extension in lines.into_iter().flat_map(|line| line.split(',')) {
            let extension = extension.trim();
            if extension.is_empty() {
                continue;
            }
            if agreed.is_some() {
                return Err("the server uses more extensions than were offered".to_owned());
            }
            agreed = Some(Self::read_one(extension)?);
        }
        Ok(agreed)
    }

    fn read_one(extension: &str) -> Result<Self, String> {
        let mut parts = extension.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        if !name.eq_ignore_ascii_case("permessage-deflate") {
            return Err(format!("the server uses the extension {name:?}, which was not offered"));
        }
        let (mut ours, mut theirs) = (Draft::default(), Draft::default());
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(unquote(value.trim()))),
                None => (part, None),
            };
            let fault = || format!("the server answers permessage-deflate with a wrong {part:?}");
            match (name, value) {
                ("client_no_context_takeover", None) => ours.fresh(),
                ("server_no_context_takeover", None) => theirs.fresh(),
                ("client_max_window_bits", Some(value)) => read_bits(value).and_then(|bits| ours.bits(bits)),
                ("server_max_window_bits", Some(value)) => {
                    read_bits(value).and_then(|bits| theirs.bits(bits))
                }
                _ => None,
            }
            .ok_or_else(fault)?;
        }
        Ok(Self { ours: ours.side(), theirs: theirs.side() })
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("permessage-deflate")?;
        for (name, side) in [("server", self.theirs), ("client", self.ours)] {
            if side.context == Context::Fresh {
                write!(f, "; {name}_no_context_takeover")?;
            }
            if let Some(bits) = side.bits {
                write!(f, "; {name}_max_window_bits={bits}")?;
            }
        }
        Ok(())
    }
}

/// One side, as far as it was read. A parameter that comes twice is a fault, so that each setter gives nothing then.
#[derive(Default)]
struct Draft {
    bits: Option<u8>,
    context: Option<Context>,
}

impl Draft {
    fn fresh(&mut self) -> Option<()> {
        self.context.replace(Context::Fresh).is_none().then_some(())
    }

    fn bits(&mut self, bits: u8) -> Option<()> {
        self.bits.replace(bits).is_none().then_some(())
    }

    fn side(&self) -> Side {
        Side { bits: self.bits, context: self.context.unwrap_or(Context::Kept) }
    }
}

/// A value may be a token or the same in quotes (RFC 6455 §9.1).
fn unquote(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// 8 to 15, with no leading zero (RFC 7692 §7.1.2).
fn read_bits(value: &str) -> Option<u8> {
    (8..=15).find(|bits: &u8| bits.to_string() == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Side = Side { bits: None, context: Context::Kept };

    #[test]
    fn what_servers_answer_is_read() {
        for (answer, ours, theirs) in [
            ("permessage-deflate", PLAIN, PLAIN),
            ("Permessage-Deflate", PLAIN, PLAIN),
            (
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                Side { bits: None, context: Context::Fresh },
                Side { bits: None, context: Context::Fresh },
            ),
            (
                "permessage-deflate;client_max_window_bits=\"9\" ; server_max_window_bits=15",
                Side { bits: Some(9), context: Context::Kept },
                Side { bits: Some(15), context: Context::Kept },
            ),
        ] {
            assert_eq!(Terms::read([answer]), Ok(Some(Terms { ours, theirs })), "{answer}");
        }
        assert_eq!(Terms::read([]), Ok(None));
        assert_eq!(Terms::read(["", " , "]), Ok(None));
    }

    #[test]
    fn what_was_not_offered_or_is_wrong_fails() {
        for answer in [
            "permessage-bzip2",
            "x-webkit-deflate-frame",
            "permessage-deflate, permessage-deflate",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=08",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; client_max_window_bits=9; client_max_window_bits=10",
            "permessage-deflate; mystery",
            "permessage-deflate;",
        ] {
            assert!(Terms::read([answer]).is_err(), "{answer}");
        }
        assert!(Terms::read(["permessage-deflate", "permessage-deflate"]).is_err(), "in two lines");
    }

    #[test]
    fn terms_are_shown_as_they_are_negotiated() {
        let answer = "permessage-deflate; server_no_context_takeover; client_max_window_bits=10";
        assert_eq!(Terms::read([answer]).unwrap().unwrap().to_string(), answer);
    }
}
