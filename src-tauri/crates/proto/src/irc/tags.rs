//! Message tags: what is said about a line.
//!
//! <https://ircv3.net/specs/extensions/message-tags>.

use super::line::LineFault;
use std::collections::BTreeMap;

/// The most bytes of tags that a server sends, with the `@` and the space: the specification's sum of its own and ours.
pub const MAX_TAGS: usize = 8191;

/// The most bytes of tags that a client may send, without the `@` and the space.
pub const MAX_CLIENT_TAGS: usize = 4094;

/// Tags by their whole name, vendor and client prefix (`+`) included; the name is opaque.
///
/// A tag without a value and one with an empty value are the same, as the specification wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Reads what stands between the `@` and the space.
    #[must_use]
    pub fn parse(data: &str) -> Self {
        let mut tags = Self::default();
        for tag in data.split(';') {
            let (name, value) = tag.split_once('=').unwrap_or((tag, ""));
            if !name.is_empty() {
                tags.0.insert(name.to_owned(), unescape(value));
            }
        }
        tags
    }

    /// Writes the tags as they stand between the `@` and the space.
    ///
    /// # Errors
    /// When a name could not be read back, or a value holds a NUL.
    pub fn format(&self) -> Result<String, LineFault> {
        let mut text = String::new();
        for (name, value) in &self.0 {
            if name.is_empty() || name.contains([' ', ';', '=', '\0', '\r', '\n']) {
                return Err(LineFault::TagName);
            }
            if value.contains('\0') {
                return Err(LineFault::Control);
            }
            if !text.is_empty() {
                text.push(';');
            }
            text.push_str(name);
            if !value.is_empty() {
                text.push('=');
                escape(value, &mut text);
            }
        }
        Ok(text)
    }

    /// The value of a tag; empty when it has none.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a tag. An empty value is none.
    pub fn insert(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<BTreeMap<String, String>> for Tags {
    fn from(tags: BTreeMap<String, String>) -> Self {
        Self(tags)
    }
}

fn escape(value: &str, text: &mut String) {
    for char in value.chars() {
        match char {
            ';' => text.push_str("\\:"),
            ' ' => text.push_str("\\s"),
            '\\' => text.push_str("\\\\"),
            '\r' => text.push_str("\\r"),
            '\n' => text.push_str("\\n"),
            _ => text.push(char),
        }
    }
}

/// A backslash before any other character, and one at the end, is dropped.
fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            text.push(char);
            continue;
        }
        match chars.next() {
            Some(':') => text.push(';'),
            Some('s') => text.push(' '),
            Some('r') => text.push('\r'),
            Some('n') => text.push('\n'),
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_the_specification_is_escaped_as_it_says() {
        let mut tags = Tags::default();
        tags.insert("+example", "raw+:=,escaped; \\");
        assert_eq!(tags.format().unwrap(), r"+example=raw+:=,escaped\:\s\\");
        assert_eq!(Tags::parse(r"+example=raw+:=,escaped\:\s\\"), tags);
    }

    #[test]
    fn tags_without_a_name_are_passed_over_and_the_last_of_doubles_counts() {
        let tags = Tags::parse(";=x;a=1;;b;a=2;b=;vendor.example/a=3");
        let seen: Vec<_> = tags.iter().collect();
        assert_eq!(seen, [("a", "2"), ("b", ""), ("vendor.example/a", "3")]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_into_no_more_than_it_was(data in any::<String>()) {
            let tags = Tags::parse(&data);
            prop_assert!(tags.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= data.len());
        }

        #[test]
        fn any_value_is_read_back(value in "[^\0]{0,40}") {
            let mut tags = Tags::default();
            tags.insert("+a", &value);
            let data = tags.format().unwrap();
            prop_assert!(!data.contains([' ', '\r', '\n']));
            prop_assert_eq!(Tags::parse(&data), tags);
        }
    }
}
