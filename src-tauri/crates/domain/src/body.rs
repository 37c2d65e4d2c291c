//! What a message says, as a tree that has no raw-markup variant (design invariant 4).

use crate::{Style, Target};
use serde::{Deserialize, Serialize};

/// How many first bytes of a binary frame are kept to be shown.
///
/// Enough to recognise a format by its magic number and a few fields; a frame may be megabytes.
pub const BINARY_HEAD: usize = 64;

/// How many spans a body has at the most; what follows them loses its looks, never its words.
///
/// A line of IRC has 512 bytes, and each change of looks costs a code and a character, so 256 hold any one line; beyond
/// that it is a picture, or somebody who wants the window to make a million nodes.
pub const MAX_SPANS: usize = 256;

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
        /// Left out where it is plain, as in every row that was stored before there were styles.
        #[serde(default, skip_serializing_if = "Style::is_plain")]
        #[cfg_attr(feature = "ts", ts(as = "Option<Style>", optional))]
        style: Style,
    },
    /// Words that the server made a link. Where they are not the address itself, the window shows that too.
    Link {
        /// Shown as a text is.
        text: String,
        /// Where it leads.
        url: Target,
    },
    /// The name of a room of the same account, found in the words by its protocol. The window offers to go there; nothing
    /// follows from it by itself.
    Room {
        /// The name as it stands there, which is also what the room is asked for by.
        text: String,
        /// As for a text.
        #[serde(default, skip_serializing_if = "Style::is_plain")]
        #[cfg_attr(feature = "ts", ts(as = "Option<Style>", optional))]
        style: Style,
    },
    /// A binary frame that nobody here can read.
    Binary {
        /// Its length in bytes.
        size: u32,
        /// Its first bytes, at most [`BINARY_HEAD`].
        head: Vec<u8>,
    },
}

impl Span {
    /// Characters in the reader's own looks.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), style: Style::default() }
    }

    /// What it says in characters alone. A link that says something else than its address says both.
    #[must_use]
    pub fn to_plain(&self) -> String {
        match self {
            Self::Text { text, .. } | Self::Room { text, .. } => text.clone(),
            Self::Link { text, url } if text == url.as_str() => text.clone(),
            Self::Link { text, url } => format!("{text} ({})", url.as_str()),
            Self::Binary { .. } => String::new(),
        }
    }
}

impl Body {
    /// A body of one text span.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { spans: vec![Span::text(text)] }
    }

    /// A body that describes a binary frame.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> Self {
        let head = bytes.iter().copied().take(BINARY_HEAD).collect();
        Self { spans: vec![Span::Binary { size: u32::try_from(bytes.len()).unwrap_or(u32::MAX), head }] }
    }

    /// A body of these spans in normal form, as [`Body::push`] makes it.
    #[must_use]
    pub fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        spans.into_iter().fold(Self::default(), |mut body, span| {
            body.push(span);
            body
        })
    }

    /// Adds a span. An empty text is none, and one that looks like its neighbour goes on with that. From the
    /// [`MAX_SPANS`]th on all is one plain text.
    pub fn push(&mut self, span: Span) {
        let Some(span) = self.go_on(span) else { return };
        let looks = self.spans.len() + 1 < MAX_SPANS;
        let span = if looks { span } else { Span::text(span.to_plain()) };
        if let Some(span) = self.go_on(span) {
            self.spans.push(span);
        }
    }

    /// Takes in a text that goes on with the last span, or is empty; gives back any other.
    fn go_on(&mut self, span: Span) -> Option<Span> {
        match (self.spans.last_mut(), span) {
            (_, Span::Text { text, .. }) if text.is_empty() => None,
            (Some(Span::Text { text: before, style: same }), Span::Text { text, style })
                if *same == style =>
            {
                before.push_str(&text);
                None
            }
            (_, span) => Some(span),
        }
    }

    /// The text when the body is nothing but one plain text span: the common case, which the store keeps in a plain
    /// column.
    #[must_use]
    pub fn as_plain(&self) -> Option<&str> {
        match self.spans.as_slice() {
            [Span::Text { text, style }] if style.is_plain() => Some(text),
            _ => None,
        }
    }

    /// All characters of the body, for search, notifications and servers that know no looks.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.spans.iter().map(Span::to_plain).collect()
    }

    /// The first `most` characters of its texts with everything else that stands before their end, and how many
    /// characters there are if those are not all.
    #[must_use]
    pub fn beginning(self, most: usize) -> (Self, Option<u32>) {
        let count = |span: &Span| match span {
            Span::Text { text, .. } | Span::Room { text, .. } | Span::Link { text, .. } => {
                text.chars().count()
            }
            Span::Binary { .. } => 0,
        };
        let bytes = |span: &Span| match span {
            Span::Text { text, .. } | Span::Room { text, .. } | Span::Link { text, .. } => text.len(),
            Span::Binary { .. } => 0,
        };
        // No text has more characters than bytes, so a short one is not counted.
        if self.spans.iter().map(bytes).sum::<usize>() <= most {
            return (self, None);
        }
        let total: usize = self.spans.iter().map(count).sum();
        if total <= most {
            return (self, None);
        }
        let mut left = most;
        let mut spans = Vec::new();
        for span in self.spans {
            let length = count(&span);
            if length > left {
                let cut = |text: String| text.chars().take(left).collect::<String>();
                match span {
                    _ if left == 0 => {}
                    // Half of a name is another name.
                    Span::Text { text, style } | Span::Room { text, style } => {
                        spans.push(Span::Text { text: cut(text), style });
                    }
                    Span::Link { text, url } => spans.push(Span::Link { text: cut(text), url }),
                    Span::Binary { .. } => {}
                }
                break;
            }
            left -= length;
            spans.push(span);
        }
        (Self { spans }, Some(u32::try_from(total).unwrap_or(u32::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Colour, Hue, Mark};

    fn bold(text: &str) -> Span {
        Span::Text { text: text.into(), style: Style { marks: [Mark::Bold].into(), ..Style::default() } }
    }

    fn link(text: &str) -> Span {
        Span::Link { text: text.into(), url: Target::parse("https://example.org/").unwrap() }
    }

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

    #[test]
    fn a_row_from_before_styles_reads_as_it_did() {
        let body: Body = serde_json::from_str(
            r#"{"spans":[{"kind":"text","text":"a"},{"kind":"binary","size":1,"head":[0]}]}"#,
        )
        .unwrap();
        assert_eq!(body.spans, [Span::text("a"), Span::Binary { size: 1, head: vec![0] }]);
    }

    #[test]
    fn looks_are_kept_and_only_an_unstyled_text_is_plain() {
        let colour = Colour::Named { name: Hue::LightGrey };
        let style = Style { marks: [Mark::Reverse, Mark::Bold].into(), ink: Some(colour), ground: None };
        let body = Body { spans: vec![Span::Text { text: "a".into(), style }] };
        let json = serde_json::to_string(&body).unwrap();
        assert_eq!(
            json,
            r#"{"spans":[{"kind":"text","text":"a","style":{"marks":["bold","reverse"],"ink":{"kind":"named","name":"lightGrey"},"ground":null}}]}"#
        );
        assert_eq!(serde_json::from_str::<Body>(&json).unwrap(), body);
        assert_eq!(body.as_plain(), None);
        assert_eq!(Body::text("a").as_plain(), Some("a"));
    }

    #[test]
    fn a_link_that_leads_nowhere_good_cannot_be_read() {
        for url in ["javascript:alert(1)", "file:///etc/passwd", "example.org"] {
            let json = format!(r#"{{"spans":[{{"kind":"link","text":"x","url":"{url}"}}]}}"#);
            assert!(serde_json::from_str::<Body>(&json).is_err(), "{url}");
        }
        assert_eq!(Body::of([link("bank")]).to_plain(), "bank (https://example.org/)");
        assert_eq!(Body::of([link("https://example.org/")]).to_plain(), "https://example.org/");
    }

    #[test]
    fn neighbours_of_one_look_are_one_span_and_empty_ones_are_none() {
        let body =
            Body::of([bold("a"), Span::text(""), bold("b"), Span::text("c"), Span::text("d"), link("e")]);
        assert_eq!(body.spans, [bold("ab"), Span::text("cd"), link("e")]);
    }

    #[test]
    fn beyond_the_bound_only_the_looks_are_lost() {
        let many = |n: usize| (0..n).map(|at| if at % 2 == 0 { bold("b") } else { Span::text("p") });
        for n in [MAX_SPANS - 1, MAX_SPANS, MAX_SPANS + 1, 10 * MAX_SPANS] {
            let body = Body::of(many(n));
            assert_eq!(body.spans.len(), n.min(MAX_SPANS), "{n}");
            assert_eq!(body.to_plain(), many(n).map(|span| span.to_plain()).collect::<String>());
            assert_eq!(body.spans[..MAX_SPANS - 1], many(MAX_SPANS - 1).collect::<Vec<_>>());
            assert_eq!(Body::of(body.spans.clone()), body);
        }
        let Some(Span::Text { style, .. }) = Body::of(many(9999)).spans.pop() else { panic!("no text") };
        assert!(style.is_plain());
    }

    #[test]
    fn a_room_is_its_name_in_words_and_half_of_it_is_a_word() {
        let room = |text: &str| Span::Room { text: text.into(), style: Style::default() };
        let body = Body::of([Span::text("in "), room("#rust"), room("#rust")]);
        assert_eq!((body.spans.len(), body.to_plain().as_str()), (3, "in #rust#rust"));
        let json = serde_json::to_string(&body.spans[1]).unwrap();
        assert_eq!(json, r##"{"kind":"room","text":"#rust"}"##);
        assert_eq!(serde_json::from_str::<Span>(&json).unwrap(), room("#rust"));
        let (cut, whole) = body.clone().beginning(6);
        assert_eq!((cut.spans, whole), (vec![Span::text("in "), Span::text("#ru")], Some(13)));
        assert_eq!(body.clone().beginning(8).0.spans, body.spans[..2]);
    }

    #[test]
    fn the_beginning_of_a_body_counts_characters_and_keeps_looks() {
        let body = Body { spans: vec![bold("你好"), Body::binary(&[1]).spans.remove(0), link("abc")] };
        assert_eq!(body.clone().beginning(5), (body.clone(), None));
        let (cut, whole) = body.clone().beginning(3);
        assert_eq!((cut.spans.len(), cut.spans.last(), whole), (3, Some(&link("a")), Some(5)));
        let (cut, _) = body.clone().beginning(2);
        assert_eq!(cut.spans, body.spans[..2]);
        assert_eq!(body.beginning(1), (Body { spans: vec![bold("你")] }, Some(5)));
    }
}
