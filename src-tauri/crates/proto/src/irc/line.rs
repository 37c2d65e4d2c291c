//! One line of IRC: tags, source, command and parameters, read from text and written to it.
//!
//! Format: <https://modern.ircdocs.horse/#message-format>. What stands between the `@` and the first space is read by
//! [`super::tags`].
//!
//! Reading forgives what robust clients forgive: spaces in excess, needless colons, a missing source, an empty last
//! parameter, tags that are doubled (the last one counts) or have no name (passed over). Writing forgives nothing: a
//! [`Line`] that would not be read back as itself, or that could smuggle a second line in, is a [`LineFault`].

use super::tags::{MAX_CLIENT_TAGS, MAX_TAGS, Tags};
use std::borrow::Cow;
use std::fmt;

/// The most bytes of a line without its tags and with its CR LF, where the server names no other (`LINELEN`).
pub const LINE_LEN: usize = 512;

/// The most bytes of a line that we read, without its tags. Servers may name any `LINELEN`; this is far above any in
/// use, so that nothing that a person wrote is refused, and a hostile line still costs little.
pub const MAX_REST: usize = 64 * 1024;

/// One line, as it is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What is said about the line.
    pub tags: Tags,
    /// Who says it. Clients send none.
    pub source: Option<Source>,
    /// A word of letters, or a numeric of three digits.
    pub command: String,
    /// The parameters; only the last may be empty, hold spaces or begin with a colon.
    pub params: Vec<String>,
}

/// Who a line is from: a server (only `nick` is there, and holds its name) or a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// A nickname, or the name of a server.
    pub nick: String,
    /// Behind the `!`.
    pub user: Option<String>,
    /// Behind the `@`.
    pub host: Option<String>,
}

/// Why a line cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// There is no command, or it is no word of ASCII letters and digits.
    #[error("no command")]
    Command,
    /// More tags than [`MAX_TAGS`] (reading) or [`MAX_CLIENT_TAGS`] (writing).
    #[error("too many bytes of tags")]
    Tags,
    /// More bytes than the limit.
    #[error("too many bytes")]
    Length,
    /// A CR, LF or NUL.
    #[error("a line break or NUL in a line")]
    Control,
    /// A tag whose name could not be read back.
    #[error("a bad name of a tag")]
    TagName,
    /// A source that could not be read back.
    #[error("a bad source")]
    Source,
    /// A parameter before the last is empty, holds a space or begins with a colon.
    #[error("a parameter before the last is empty, holds a space or begins with a colon")]
    Param,
}

/// The lines of a frame. A frame should hold one, without CR LF; some servers put several into it.
pub fn lines(frame: &str) -> impl Iterator<Item = &str> {
    frame.split(['\r', '\n']).filter(|line| !line.is_empty())
}

/// Bytes as text. What is not UTF-8 shows as replacement marks: the message is worth more than the bytes.
#[must_use]
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

impl Line {
    /// A line without tags and source, as clients send.
    pub fn new<P: Into<String>>(command: &str, params: impl IntoIterator<Item = P>) -> Self {
        Self {
            command: command.to_owned(),
            params: params.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// The same line with one more tag.
    #[must_use]
    pub fn tagged(mut self, name: &str, value: &str) -> Self {
        self.tags.insert(name, value);
        self
    }

    /// Reads a line. Line breaks at its end are passed over; a line break or NUL within becomes a replacement mark.
    ///
    /// # Errors
    /// When there is no command, or more than [`MAX_TAGS`] or [`MAX_REST`] bytes.
    pub fn parse(text: &str) -> Result<Self, LineFault> {
        let text = text.trim_end_matches(['\r', '\n']);
        let text = if text.contains(BROKEN) {
            Cow::Owned(text.replace(BROKEN, "\u{fffd}"))
        } else {
            Cow::Borrowed(text)
        };
        let mut rest = text.trim_start_matches(' ');
        let mut tags = Tags::default();
        if let Some(tagged) = rest.strip_prefix('@') {
            let (data, after) = next_word(tagged);
            if data.len() + 2 > MAX_TAGS {
                return Err(LineFault::Tags);
            }
            tags = Tags::parse(data);
            rest = after;
        }
        if rest.len() > MAX_REST {
            return Err(LineFault::Length);
        }
        let mut source = None;
        if let Some(sourced) = rest.strip_prefix(':') {
            let (word, after) = next_word(sourced);
            source = Some(word).filter(|word| !word.is_empty()).map(Source::parse);
            rest = after;
        }
        let (command, mut rest) = next_word(rest);
        if !is_command(command) {
            return Err(LineFault::Command);
        }
        let mut params = Vec::new();
        while !rest.is_empty() {
            if let Some(last) = rest.strip_prefix(':') {
                params.push(last.to_owned());
                break;
            }
            let (param, after) = next_word(rest);
            params.push(param.to_owned());
            rest = after;
        }
        Ok(Self { tags, source, command: command.to_owned(), params })
    }

    /// Writes the line for sending, without CR LF. `line_len` is the server's limit (`LINELEN`), or [`LINE_LEN`]; it
    /// counts the CR LF and not the tags.
    ///
    /// # Errors
    /// When the text would not be read back as this line, or is too long.
    pub fn format(&self, line_len: usize) -> Result<String, LineFault> {
        let tags = self.tags.format()?;
        if tags.len() > MAX_CLIENT_TAGS {
            return Err(LineFault::Tags);
        }
        let rest = self.format_rest()?;
        if rest.len() + 2 > line_len {
            return Err(LineFault::Length);
        }
        Ok(if tags.is_empty() { rest } else { format!("@{tags} {rest}") })
    }

    /// A parameter.
    #[must_use]
    pub fn param(&self, index: usize) -> Option<&str> {
        self.params.get(index).map(String::as_str)
    }

    fn format_rest(&self) -> Result<String, LineFault> {
        let mut text = String::new();
        if let Some(source) = &self.source {
            text.push(':');
            text.push_str(&source.format()?);
            text.push(' ');
        }
        if !is_command(&self.command) {
            return Err(LineFault::Command);
        }
        text.push_str(&self.command);
        let last = self.params.len().saturating_sub(1);
        for (index, param) in self.params.iter().enumerate() {
            if param.contains(BROKEN) {
                return Err(LineFault::Control);
            }
            let plain = !param.is_empty() && !param.starts_with(':') && !param.contains(' ');
            if !plain && index != last {
                return Err(LineFault::Param);
            }
            text.push_str(if plain { " " } else { " :" });
            text.push_str(param);
        }
        Ok(text)
    }
}

impl Source {
    /// Reads `nick!user@host`, either part of which may be missing. Servers say what they like there, so nothing is
    /// refused.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (nick, user, host) = match text.find(['!', '@']).and_then(|at| text.split_at_checked(at)) {
            None => (text, None, None),
            Some((nick, behind)) => match behind.strip_prefix('!') {
                None => (nick, None, behind.strip_prefix('@')),
                Some(behind) => match behind.split_once('@') {
                    None => (nick, Some(behind), None),
                    Some((user, host)) => (nick, Some(user), Some(host)),
                },
            },
        };
        Self { nick: nick.to_owned(), user: user.map(str::to_owned), host: host.map(str::to_owned) }
    }

    fn format(&self) -> Result<String, LineFault> {
        let text = self.to_string();
        if text.is_empty() || text.contains([' ', '\0', '\r', '\n']) || Self::parse(&text) != *self {
            return Err(LineFault::Source);
        }
        Ok(text)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.nick)?;
        if let Some(user) = &self.user {
            write!(f, "!{user}")?;
        }
        if let Some(host) = &self.host {
            write!(f, "@{host}")?;
        }
        Ok(())
    }
}

/// What no line may hold.
const BROKEN: [char; 3] = ['\r', '\n', '\0'];

/// The text up to the next space, and what follows the spaces. Only U+0020 separates.
fn next_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim_start_matches(' '))
}

fn is_command(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn params(text: &str) -> Vec<String> {
        Line::parse(text).unwrap().params
    }

    #[test]
    fn what_servers_send_is_read() {
        let line = Line::parse(
            "@time=2026-11-22T07:39:46.536Z;+draft/react=👍;+draft/reply=7y6c :bob!~u@k5b5.irc TAGMSG #lobby",
        )
        .unwrap();
        assert_eq!(line.tags.find("+draft/react"), Some("👍"));
        assert_eq!(line.tags.find("+draft/reply"), Some("7y6c"));
        assert_eq!(line.tags.find("draft/reply"), None, "the client prefix is part of the name");
        assert_eq!(line.source, Some(Source::parse("bob!~u@k5b5.irc")));
        assert_eq!((line.command.as_str(), line.param(0)), ("TAGMSG", Some("#lobby")));
        assert_eq!(params("@batch=5 :bob!~u@h BATCH :-44zb"), ["-44zb"]);
        assert_eq!(params("@time=1 AUTHENTICATE :+"), ["+"]);
        assert_eq!(params("  @t   :src   A  b   c  "), ["b", "c"], "spaces in excess are none");
    }

    #[test]
    fn what_is_no_line_is_refused_and_never_half_read() {
        for none in ["", "   ", ":src", ":src  ", "@a=b", "@a=b :src", "@", ":", "+x y", ": :x"] {
            assert_eq!(Line::parse(none), Err(LineFault::Command), "{none:?}");
        }
        let tagged = |bytes: usize| Line::parse(&format!("@{} PING", "a".repeat(bytes)));
        assert!(tagged(MAX_TAGS - 2).is_ok());
        assert_eq!(tagged(MAX_TAGS - 1), Err(LineFault::Tags));
        let rest = format!("P {}", "a".repeat(MAX_REST - 2));
        assert!(Line::parse(&rest).is_ok());
        assert_eq!(Line::parse(&format!("{rest}a")), Err(LineFault::Length));
    }

    #[test]
    fn line_breaks_and_nul_come_in_as_marks_and_never_go_out() {
        assert_eq!(params("A :b\0c\r\nd\r\n"), ["b\u{fffd}c\u{fffd}\u{fffd}d"]);
        assert_eq!(lines("A\r\nB\n\r\nC").collect::<Vec<_>>(), ["A", "B", "C"]);
        for bad in ["a\rb", "a\nQUIT", "a\0"] {
            assert_eq!(Line::new("A", [bad]).format(LINE_LEN), Err(LineFault::Control));
            let source = Line { source: Some(Source::parse(bad)), ..Line::new("A", ["b"]) };
            assert_eq!(source.format(LINE_LEN), Err(LineFault::Source));
            assert_eq!(Line::new(bad, ["b"]).format(LINE_LEN), Err(LineFault::Command));
            assert_eq!(Line::new("A", ["b"]).tagged(bad, "").format(LINE_LEN), Err(LineFault::TagName));
        }
        assert_eq!(Line::new("A", ["b"]).tagged("t", "\0").format(LINE_LEN), Err(LineFault::Control));
        assert_eq!(Line::new("A", ["b"]).tagged("t", "\r\n").format(LINE_LEN).unwrap(), "@t=\\r\\n A b");
    }

    #[test]
    fn a_line_that_could_not_be_read_back_is_not_written() {
        for params in [["a b", "c"], ["", "c"], [":a", "c"]] {
            assert_eq!(Line::new("A", params).format(LINE_LEN), Err(LineFault::Param));
        }
        for source in ["", "a b"] {
            let line = Line { source: Some(Source::parse(source)), ..Line::new("A", ["b"]) };
            assert_eq!(line.format(LINE_LEN), Err(LineFault::Source));
        }
        let bang = Source { nick: "a!b".into(), user: None, host: None };
        let line = Line { source: Some(bang), ..Line::new("A", ["b"]) };
        assert_eq!(line.format(LINE_LEN), Err(LineFault::Source));
    }

    #[test]
    fn limits_count_bytes_the_line_break_too_and_tags_apart() {
        let line = Line::new("A", ["é".repeat(254)]);
        assert_eq!(line.format(LINE_LEN).unwrap().len(), 510);
        assert_eq!(line.format(LINE_LEN - 1), Err(LineFault::Length));
        let tagged = line.clone().tagged("t", &"a".repeat(MAX_CLIENT_TAGS - 2));
        assert_eq!(tagged.format(LINE_LEN).unwrap().len(), 510 + MAX_CLIENT_TAGS + 2);
        let tagged = line.tagged("t", &"a".repeat(MAX_CLIENT_TAGS - 1));
        assert_eq!(tagged.format(LINE_LEN), Err(LineFault::Tags));
    }

    #[test]
    fn text_that_is_not_utf8_is_shown_with_marks() {
        assert_eq!(decode(b"A :caf\xe9"), "A :caf\u{fffd}");
    }

    fn any_source() -> impl Strategy<Value = Source> {
        let part = || proptest::option::of("[^!@ \r\n\0]{0,8}");
        ("[^!@ \r\n\0]{1,8}", part(), part()).prop_map(|(nick, user, host)| Source { nick, user, host })
    }

    fn any_line() -> impl Strategy<Value = Line> {
        let tags = proptest::collection::btree_map("\\+?[a-z0-9./-]{1,12}", "[^\0]{0,12}", 0..5);
        let tags = tags.prop_map(Tags::from);
        let middle = proptest::collection::vec("[^: \r\n\0][^ \r\n\0]{0,8}", 0..5);
        let last = proptest::option::of("[^\r\n\0]{0,20}");
        let source = proptest::option::of(any_source());
        (tags, source, "[A-Za-z]{1,8}|[0-9]{3}", middle, last).prop_map(
            |(tags, source, command, mut params, last)| {
                params.extend(last);
                Line { tags, source, command, params }
            },
        )
    }

    proptest! {
        #[test]
        fn a_valid_line_is_read_back_as_it_was_written(line in any_line()) {
            let text = line.format(LINE_LEN).unwrap();
            prop_assert!(!text.contains(BROKEN));
            prop_assert_eq!(Line::parse(&text).unwrap(), line);
        }

        #[test]
        fn whatever_is_read_can_be_written_and_read_again(text in "[@:]?[a-z =;\\\\:!@+]{0,60}") {
            let Ok(line) = Line::parse(&text) else { return Ok(()) };
            prop_assert_eq!(Line::parse(&line.format(LINE_LEN).unwrap()).unwrap(), line);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic_into_no_more_than_they_were(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            let text = decode(&bytes);
            if let Ok(line) = Line::parse(&text) {
                let held: usize = line.params.iter().map(String::len).sum::<usize>()
                    + line.tags.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
                prop_assert!(held <= 3 * bytes.len());
                prop_assert!(line.params.iter().all(|param| !param.contains(BROKEN)));
            }
        }
    }
}
