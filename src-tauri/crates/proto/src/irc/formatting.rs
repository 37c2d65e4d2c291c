//! Formatting codes to spans and back (modern.ircdocs.horse/formatting), and what CTCP makes of a text
//! (modern.ircdocs.horse/ctcp). No other part of the adapter knows a code.
//!
//! A server may send anything. What is no code and no character to be seen is shown as the picture of a control
//! character, so that nothing hides in a message; what turns the direction of the text around it is left out. The marks
//! that only hint at a direction, and the joiners, which emoji and Persian need, stay.

use domain::{Body, Colour, Hue, Mark, Span, Style};
use std::fmt::Write as _;
use std::str::Chars;

const COLOUR: char = '\u{3}';
const HEX: char = '\u{4}';
const RESET: char = '\u{f}';
const BOLD: char = '\u{2}';
const CODE: char = '\u{11}';
const CTCP: char = '\u{1}';

/// The codes that turn a mark on and off again.
const TOGGLES: [(char, Mark); 6] = [
    (BOLD, Mark::Bold),
    ('\u{1d}', Mark::Italic),
    ('\u{1f}', Mark::Underline),
    ('\u{1e}', Mark::Strikethrough),
    (CODE, Mark::Monospace),
    ('\u{16}', Mark::Reverse),
];

/// The code of the reader's own colour.
const DEFAULT: usize = 99;

/// The code of the first colour of [`TABLE`].
const FIRST: usize = 16;

/// The colours of the codes 16 to 98 (modern.ircdocs.horse/formatting, "Colors 16-98").
const TABLE: [u32; 83] = [
    0x47_0000, 0x47_2100, 0x47_4700, 0x32_4700, 0x00_4700, 0x00_472c, 0x00_4747, 0x00_2747, 0x00_0047,
    0x2e_0047, 0x47_0047, 0x47_002a, 0x74_0000, 0x74_3a00, 0x74_7400, 0x51_7400, 0x00_7400, 0x00_7449,
    0x00_7474, 0x00_4074, 0x00_0074, 0x4b_0074, 0x74_0074, 0x74_0045, 0xb5_0000, 0xb5_6300, 0xb5_b500,
    0x7d_b500, 0x00_b500, 0x00_b571, 0x00_b5b5, 0x00_63b5, 0x00_00b5, 0x75_00b5, 0xb5_00b5, 0xb5_006b,
    0xff_0000, 0xff_8c00, 0xff_ff00, 0xb2_ff00, 0x00_ff00, 0x00_ffa0, 0x00_ffff, 0x00_8cff, 0x00_00ff,
    0xa5_00ff, 0xff_00ff, 0xff_0098, 0xff_5959, 0xff_b459, 0xff_ff71, 0xcf_ff60, 0x6f_ff6f, 0x65_ffc9,
    0x6d_ffff, 0x59_b4ff, 0x59_59ff, 0xc4_59ff, 0xff_66ff, 0xff_59bc, 0xff_9c9c, 0xff_d39c, 0xff_ff9c,
    0xe2_ff9c, 0x9c_ff9c, 0x9c_ffdb, 0x9c_ffff, 0x9c_d3ff, 0x9c_9cff, 0xdc_9cff, 0xff_9cff, 0xff_94d3,
    0x00_0000, 0x13_1313, 0x28_2828, 0x36_3636, 0x4d_4d4d, 0x65_6565, 0x81_8181, 0x9f_9f9f, 0xbc_bcbc,
    0xe2_e2e2, 0xff_ffff,
];

/// What the text of a message or a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying<'a> {
    /// Words.
    Plain(&'a str),
    /// What somebody does, as in `/me waves`; its text may have codes.
    Action(&'a str),
    /// Any other CTCP: a question in a message, an answer in a notice.
    Ctcp {
        /// As it was sent; compare it in any case.
        command: &'a str,
        /// What follows the command.
        params: &'a str,
    },
}

/// Tells words, actions and other CTCP apart. The last delimiter may be missing, since some cut their lines off.
#[must_use]
pub fn saying(text: &str) -> Saying<'_> {
    let Some(inside) = text.strip_prefix(CTCP) else { return Saying::Plain(text) };
    let inside = inside.strip_suffix(CTCP).unwrap_or(inside);
    let (command, params) = inside.split_once(' ').unwrap_or((inside, ""));
    if command.is_empty() || inside.contains(CTCP) {
        return Saying::Plain(text);
    }
    if command.eq_ignore_ascii_case("ACTION") {
        Saying::Action(params)
    } else {
        Saying::Ctcp { command, params }
    }
}

/// Reads a text with codes. Each line begins with no looks, as a message of its own would.
#[must_use]
pub fn parse(text: &str) -> Body {
    let mut body = Body::default();
    let mut style = Style::default();
    let mut run = String::new();
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        if !char.is_control() {
            run.extend(shown(char));
            continue;
        }
        let mut next = style.clone();
        if !turn(&mut next, char, &mut rest) {
            run.extend(shown(char));
        }
        if char == '\n' {
            next = Style::default();
        }
        if next != style {
            body.push(Span::Text { text: std::mem::take(&mut run), style });
            style = next;
        }
    }
    body.push(Span::Text { text: run, style });
    body
}

/// Writes a body with codes, so that [`parse`] reads it again. What has no characters is left out; a link is its words
/// and its address. Line breaks stay, and whoever sends each line by itself sends its looks with it.
#[must_use]
pub fn format(body: &Body) -> String {
    let plain = Style::default();
    let mut text = String::new();
    let mut now = Style::default();
    for span in &body.spans {
        let style = match span {
            Span::Text { style, .. } | Span::Room { style, .. } => style,
            Span::Link { .. } | Span::Binary { .. } => &plain,
        };
        for line in span.to_plain().split_inclusive('\n') {
            let line: String = line.chars().filter_map(shown).collect();
            if line.is_empty() {
                continue;
            }
            push_turn(&mut text, &now, style, line.starts_with(','));
            text.push_str(&line);
            now = if line.ends_with('\n') { Style::default() } else { style.clone() };
        }
    }
    text
}

/// The looks that are open behind a piece of one line, where those of `style` were open before it.
#[must_use]
pub fn looks_behind(piece: &str, mut style: Style) -> Style {
    let mut rest = piece.chars();
    while let Some(char) = rest.next() {
        turn(&mut style, char, &mut rest);
    }
    style
}

/// The codes that a piece begins with, so that it has the looks of `style` from its first character on.
#[must_use]
pub fn opening(style: &Style, piece: &str) -> String {
    let mut codes = String::new();
    push_turn(&mut codes, &Style::default(), style, piece.starts_with(','));
    codes
}

/// The bytes of the code that a text begins with, its digits included; 0: it begins with none.
#[must_use]
pub fn code_len(text: &str) -> usize {
    let mut rest = text.chars();
    match rest.next() {
        Some(char) if turn(&mut Style::default(), char, &mut rest) => text.len() - rest.as_str().len(),
        Some(_) | None => 0,
    }
}

/// A text of ours with what is typed just so, between backticks, in the looks of code.
#[must_use]
pub fn with_code(text: &str) -> String {
    text.chars().map(|char| if char == '`' { CODE } else { char }).collect()
}

/// Applies a code to a style. `false`: the character is none.
fn turn(style: &mut Style, char: char, rest: &mut Chars<'_>) -> bool {
    if let Some((_, mark)) = TOGGLES.iter().find(|(code, _)| *code == char) {
        if !style.marks.remove(mark) {
            style.marks.insert(*mark);
        }
        return true;
    }
    match char {
        COLOUR => read_colours(style, rest, read_code),
        HEX => read_colours(style, rest, read_hex),
        RESET => *style = Style::default(),
        _ => return false,
    }
    true
}

/// The character as it is shown; `None`: it would turn the direction of what stands around it (UAX #9).
fn shown(char: char) -> Option<char> {
    match char {
        '\n' | '\t' => Some(char),
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(char)),
        '\u{7f}' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' => Some(char::REPLACEMENT_CHARACTER),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        _ => Some(char),
    }
}

/// Reads one colour; `None`: there is none, and nothing was read.
type ReadColour = fn(&mut Chars<'_>) -> Option<Option<Colour>>;

/// What follows a colour code: nothing resets both, one sets the ink, two set both.
fn read_colours(style: &mut Style, rest: &mut Chars<'_>, read: ReadColour) {
    let Some(ink) = read(rest) else {
        (style.ink, style.ground) = (None, None);
        return;
    };
    style.ink = ink;
    let mut ahead = rest.clone();
    if ahead.next() == Some(',')
        && let Some(ground) = read(&mut ahead)
    {
        style.ground = ground;
        *rest = ahead;
    }
}

/// One digit or two: where there are two, both are read.
fn read_code(rest: &mut Chars<'_>) -> Option<Option<Colour>> {
    let first = read_digit(rest, 10)?;
    let code = read_digit(rest, 10).map_or(first, |second| first * 10 + second);
    Some(usize::try_from(code).ok().and_then(colour))
}

fn read_hex(rest: &mut Chars<'_>) -> Option<Option<Colour>> {
    let mut ahead = rest.clone();
    let value = (0..6).try_fold(0, |value, _| Some(value * 16 + read_digit(&mut ahead, 16)?))?;
    *rest = ahead;
    Some(Some(rgb(value)))
}

fn read_digit(rest: &mut Chars<'_>, radix: u32) -> Option<u32> {
    let mut ahead = rest.clone();
    let digit = ahead.next()?.to_digit(radix)?;
    *rest = ahead;
    Some(digit)
}

/// The colour of a code; `None`: the reader's own.
fn colour(code: usize) -> Option<Colour> {
    let named = Hue::ALL.get(code).map(|&name| Colour::Named { name });
    named.or_else(|| TABLE.get(code.checked_sub(FIRST)?).map(|&value| rgb(value)))
}

fn rgb(value: u32) -> Colour {
    let [_, red, green, blue] = value.to_be_bytes();
    Colour::Rgb { red, green, blue }
}

/// The codes from one style to the next. `comma`: that is what the text goes on with.
fn push_turn(text: &mut String, now: &Style, next: &Style, comma: bool) {
    let plain = Style::default();
    // A code for the reader's own colour is not known everywhere, and one without digits would eat those that follow.
    let clears = |now: Option<Colour>, next: Option<Colour>| now.is_some() && next.is_none();
    let now = if clears(now.ink, next.ink) || clears(now.ground, next.ground) {
        text.push(RESET);
        &plain
    } else {
        now
    };
    for mark in now.marks.symmetric_difference(&next.marks) {
        text.extend(TOGGLES.iter().find(|(_, toggled)| toggled == mark).map(|(code, _)| *code));
    }
    if (now.ink, now.ground) != (next.ink, next.ground) {
        push_colours(text, next.ink, next.ground);
        if comma {
            // On and off again: else the comma would seem to begin a ground.
            text.push(BOLD);
            text.push(BOLD);
        }
    }
}

/// How a colour is written: by a code where it has one, since not everybody reads the other.
enum Written {
    Code(usize),
    Hex(u32),
}

/// Sets both colours. Where they are written differently, the ground takes an ink of its own kind along, which is then
/// set anew.
fn push_colours(text: &mut String, ink: Option<Colour>, ground: Option<Colour>) {
    let ink = ink.map_or(Written::Code(DEFAULT), written);
    match (ground.map(written), &ink) {
        (None, _) => {}
        (Some(Written::Code(ground)), Written::Code(ink)) => {
            let _ = write!(text, "{COLOUR}{ink:02},{ground:02}");
            return;
        }
        (Some(Written::Code(ground)), Written::Hex(_)) => {
            let _ = write!(text, "{COLOUR}{DEFAULT},{ground:02}");
        }
        (Some(Written::Hex(ground)), Written::Hex(ink)) => {
            let _ = write!(text, "{HEX}{ink:06X},{ground:06X}");
            return;
        }
        (Some(Written::Hex(ground)), Written::Code(_)) => {
            let _ = write!(text, "{HEX}{ground:06X},{ground:06X}");
        }
    }
    let _ = match ink {
        Written::Code(ink) => write!(text, "{COLOUR}{ink:02}"),
        Written::Hex(ink) => write!(text, "{HEX}{ink:06X}"),
    };
}

fn written(colour: Colour) -> Written {
    match colour {
        Colour::Named { name } => {
            Written::Code(Hue::ALL.iter().position(|&hue| hue == name).unwrap_or(DEFAULT))
        }
        Colour::Rgb { red, green, blue } => {
            let value = u32::from_be_bytes([0, red, green, blue]);
            let place = TABLE.iter().position(|&listed| listed == value);
            place.map_or(Written::Hex(value), |place| Written::Code(place + FIRST))
        }
    }
}

#[cfg(test)]
mod tests;
