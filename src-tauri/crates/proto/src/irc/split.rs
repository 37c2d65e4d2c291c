//! Text over the limit of a line: pieces for separate messages, or lines of a `draft/multiline` batch.
//!
//! What must fit is the line as others receive it, with our own mask before it. A line is cut at white space where there
//! is some, else between graphemes, and within a grapheme (at a character) only when that one grapheme is longer than a
//! line. Line breaks end a message, or a line of a batch. Source: the client considerations of
//! <https://ircv3.net/specs/extensions/multiline>.
//!
//! Looks end with a message. So no code is cut in two, and what goes on in another message begins with the codes of the
//! looks that were open at the cut.

use super::formatting;
use super::line::Source;
use domain::Style;
use unicode_segmentation::UnicodeSegmentation;

/// Bytes left free for what a server may add, such as a sign of `STATUSMSG`: the specification's own margin.
pub const MARGIN: usize = 10;

/// Bytes that our user name is taken for while we do not know it: the specification's worst case.
pub const USER_ROOM: usize = 20;

/// Bytes that our host is taken for while we do not know it: the longest that servers let through.
pub const HOST_ROOM: usize = 63;

/// The least room that is worked with, since a character may take four bytes.
pub const MIN_ROOM: usize = 4;

/// What a server takes in one batch: the value of the capability `draft/multiline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multiline {
    /// The most bytes of text, the line feeds between lines included.
    pub max_bytes: usize,
    /// The most lines.
    pub max_lines: Option<usize>,
}

/// One line of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchLine {
    /// Its text.
    pub text: String,
    /// Goes on with the line before it, without a line feed: the tag `draft/multiline-concat`.
    pub concat: bool,
}

/// How many bytes of text fit into a line of `line_len` bytes, CR LF included, when the server passes it on under our
/// mask. At least [`MIN_ROOM`], even where the server then cuts.
#[must_use]
pub fn room(line_len: usize, own: &Source, command: &str, target: &str) -> usize {
    let user = own.user.as_ref().map_or(USER_ROOM, String::len);
    let host = own.host.as_ref().map_or(HOST_ROOM, String::len);
    let mask = own.nick.len() + "!".len() + user + "@".len() + host;
    let around = ":".len() + mask + " ".len() + command.len() + " ".len() + target.len() + " :\r\n".len();
    line_len.saturating_sub(around + MARGIN).max(MIN_ROOM)
}

/// Cuts a text into messages of at most `room` bytes. White space at a cut is dropped, and so is a line that holds
/// nothing else, since it is no message.
#[must_use]
pub fn messages(text: &str, room: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    for line in lines(text) {
        let (mut rest, mut looks) = (line, Style::default());
        while !rest.is_empty() {
            let (codes, piece, after) = cut_on(rest, room, Spaces::Drop, &looks);
            let said = if after.is_empty() { piece } else { trim_end(piece) };
            if !silent(said) {
                pieces.push(codes + said);
            }
            looks = formatting::looks_behind(piece, looks);
            rest = trim_start(after);
        }
    }
    pieces
}

/// Lays a text out in batches of `draft/multiline`: one where the limits allow, else as few as are filled in order.
///
/// Joined by the specification's rules, the lines of one batch are the text again, white space and all. Between two
/// batches the line break or the cut is lost. A batch neither begins nor ends with a blank line, so none is blank as a
/// whole, and its first line is never a continuation.
#[must_use]
pub fn batches(text: &str, room: usize, limits: Multiline) -> Vec<Vec<BatchLine>> {
    let room = room.min(limits.max_bytes).max(MIN_ROOM);
    let mut done = Vec::new();
    let mut open: Vec<BatchLine> = Vec::new();
    let mut bytes = 0;
    for line in lines(text) {
        let (mut rest, mut looks) = (line, Style::default());
        let mut first = true;
        while first || !rest.is_empty() {
            let (mut piece, mut after) = cut(rest, room, Spaces::Keep);
            let feed = usize::from(first);
            let full = bytes + feed + piece.len() > limits.max_bytes
                || limits.max_lines.is_some_and(|most| open.len() >= most);
            if full {
                close(&mut open, &mut done);
            }
            if open.is_empty() {
                let codes;
                (codes, piece, after) = cut_on(rest, room, Spaces::Keep, &looks);
                if !silent(piece) {
                    bytes = codes.len() + piece.len();
                    open.push(BatchLine { text: codes + piece, concat: false });
                }
            } else {
                bytes += feed + piece.len();
                open.push(BatchLine { text: piece.to_owned(), concat: !first });
            }
            looks = formatting::looks_behind(piece, looks);
            first = false;
            rest = after;
        }
    }
    close(&mut open, &mut done);
    done
}

impl Multiline {
    /// Reads the value of the capability. `None` without a `max-bytes`, which the specification demands; keys that we do
    /// not know are passed over.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let find = |key: &str| {
            let pair = value.split(',').filter_map(|pair| pair.split_once('='));
            pair.into_iter().find(|(name, _)| *name == key)?.1.parse().ok().filter(|&most: &usize| most > 0)
        };
        Some(Self { max_bytes: find("max-bytes")?, max_lines: find("max-lines") })
    }
}

/// What becomes of the white space at a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spaces {
    /// It goes, so the cut may be before one that does not fit.
    Drop,
    /// It stays at the end of the piece.
    Keep,
}

/// The lines of a text, by LF, CR LF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// A first piece for a message of its own, with the codes before it that open `looks`: both together are at most `room`
/// bytes. Where the codes leave no room for words they go.
fn cut_on<'a>(line: &'a str, room: usize, spaces: Spaces, looks: &Style) -> (String, &'a str, &'a str) {
    let codes = formatting::opening(looks, line);
    let codes = if codes.len() + MIN_ROOM > room { String::new() } else { codes };
    let (piece, after) = cut(line, room.saturating_sub(codes.len()), spaces);
    (codes, piece, after)
}

/// A first piece of at most `room` bytes, and the rest. The piece is empty only if the line is.
fn cut(line: &str, room: usize, spaces: Spaces) -> (&str, &str) {
    let room = room.max(MIN_ROOM);
    if line.len() <= room {
        return (line, "");
    }
    // Whether a boundary is one depends on what is before it and on one character behind it. Looking no further keeps
    // the time linear, whatever the length of a grapheme.
    let seen = line.get(..line.ceil_char_boundary(room + 1)).unwrap_or(line);
    let (mut whole, mut word, mut code) = (0, None, 0);
    for (at, grapheme) in seen.grapheme_indices(true) {
        let end = at + grapheme.len();
        // The digits of a code belong to it.
        if at < code {
            if end > room || end == seen.len() {
                break;
            }
            continue;
        }
        whole = at;
        code = at + line.get(at..).map_or(0, formatting::code_len);
        let space = blank(grapheme);
        if space && spaces == Spaces::Drop && at > 0 {
            word = Some(at);
        }
        // The last one of what is seen may go on beyond it.
        if end > room || end == seen.len() {
            break;
        }
        if space {
            word = Some(end);
        }
    }
    let at = match (word, whole) {
        (Some(at), _) => at,
        (None, 0) => line.floor_char_boundary(room),
        (None, at) => at,
    };
    line.split_at_checked(at).unwrap_or((line, ""))
}

/// White space at which a line may be cut: all but what is there to forbid it.
fn is_space(char: char) -> bool {
    char.is_whitespace() && !matches!(char, '\u{a0}' | '\u{2007}' | '\u{202f}')
}

/// Whether there is nothing to read.
fn blank(text: &str) -> bool {
    text.chars().all(is_space)
}

/// Whether there is nothing to read, codes aside.
fn silent(text: &str) -> bool {
    blank(text) || blank(&formatting::parse(text).to_plain())
}

/// Without the white space at the beginning. A space with a mark on it is none.
fn trim_start(mut text: &str) -> &str {
    while text.starts_with(is_space) {
        let Some(first) = text.graphemes(true).next().filter(|first| blank(first)) else { break };
        text = text.strip_prefix(first).unwrap_or_default();
    }
    text
}

/// Without the white space at the end.
fn trim_end(mut text: &str) -> &str {
    while let Some(last) = text.graphemes(true).next_back().filter(|last| blank(last)) {
        text = text.strip_suffix(last).unwrap_or_default();
    }
    text
}

/// Ends a batch without the blank lines behind it.
fn close(open: &mut Vec<BatchLine>, done: &mut Vec<Vec<BatchLine>>) {
    let mut batch = std::mem::take(open);
    while batch.pop_if(|line| silent(&line.text)).is_some() {}
    if !batch.is_empty() {
        done.push(batch);
    }
}

#[cfg(test)]
mod tests;
