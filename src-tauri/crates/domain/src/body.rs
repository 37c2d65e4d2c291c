//! What a message says, as a tree that has no raw-markup variant (design invariant 4).

use serde::{Deserialize, Serialize};

/// How many first bytes of a binary frame are kept to be shown.
///
/// Enough to recognise a format by its magic number and a few fields; a frame may be megabytes.
pub const BINARY_HEAD: usize = 64;

/// The content of a message: a run of spans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Body {
    /// In reading order.
    pub spans: Vec<Span>,
}

/// One piece of a body. The window turns each variant into nodes in one exhaustive switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Span {
    /// Characters as they are; line breaks count.
    Text {
        /// Shown by `textContent`, never parsed.
        text: String,
    },
    /// A binary frame that nobody here can read.
    Binary {
        /// Its length in bytes.
        size: u32,
        /// Its first bytes, at most [`BINARY_HEAD`].
        head: Vec<u8>,
    },
}

impl Body {
    /// A body of one text span.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { spans: vec![Span::Text { text: text.into() }] }
    }

    /// A body that describes a binary frame.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> Self {
        let head = bytes.iter().copied().take(BINARY_HEAD).collect();
        Self { spans: vec![Span::Binary { size: u32::try_from(bytes.len()).unwrap_or(u32::MAX), head }] }
    }

    /// The text when the body is nothing but one text span: the common case, which the store keeps in a plain column.
    #[must_use]
    pub fn as_plain(&self) -> Option<&str> {
        match self.spans.as_slice() {
            [Span::Text { text }] => Some(text),
            _ => None,
        }
    }

    /// All characters of the body, for search and notifications.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.spans
            .iter()
            .filter_map(|span| match span {
                Span::Text { text } => Some(text.as_str()),
                Span::Binary { .. } => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_body_keeps_the_size_and_only_the_first_bytes() {
        let body = Body::binary(&vec![7; 1000]);
        assert_eq!(body.spans, [Span::Binary { size: 1000, head: vec![7; BINARY_HEAD] }]);
        assert_eq!(body.as_plain(), None);
        assert_eq!(body.to_plain(), "");
    }

    #[test]
    fn markup_in_a_text_span_stays_text() {
        let json = serde_json::to_string(&Body::text("<b>&")).unwrap();
        assert_eq!(json, r#"{"spans":[{"kind":"text","text":"<b>&"}]}"#);
    }
}
