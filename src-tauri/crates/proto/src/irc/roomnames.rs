//! Names of rooms in what is said.
//!
//! A name begins at a sign of `CHANTYPES`; of these only `#` and `&` count in a text, since `+` and `!` stand before too much
//! else there. Before it is the beginning of a word; behind it come no blank, no comma, no bracket and no quote, and what ends
//! a sentence belongs to that. Where Chinese, Japanese or Korean is written without blanks, a name in other letters ends where
//! it begins, and one that is itself in such letters at a blank or a stop, or where a room ends that we know.
//!
//! A number (`#12`) is an issue and no room, and so is what looks like a colour (`#ff8800`), unless we know a room of that
//! name. What is part of an address is none either.

use super::talk::is_cjk;
use domain::{Body, Span};
use std::ops::Range;

/// The longest name that is found, in bytes: more than the networks allow, which is 50 to 64.
const MAX_NAME: usize = 80;

/// The signs that count in a text.
const SIGNS: [char; 2] = ['#', '&'];

/// The same body with its names of rooms as spans.
pub(super) fn mark(body: Body, signs: &str, known: impl Fn(&str) -> bool) -> Body {
    let is_sign = |char: char| SIGNS.contains(&char) && signs.contains(char);
    let may = |span: &Span| matches!(span, Span::Text { text, .. } if text.contains(is_sign));
    if !body.spans.iter().any(may) {
        return body;
    }
    let mut marked = Body::default();
    let mut before = None;
    for span in body.spans {
        let Span::Text { text, style } = span else {
            before = span.to_plain().chars().next_back().or(before);
            marked.push(span);
            continue;
        };
        let mut done = 0;
        for Range { start, end } in names(&text, before, is_sign, &known) {
            let (words, name) = (text.get(done..start), text.get(start..end));
            let words = words.unwrap_or_default().to_owned();
            marked.push(Span::Text { text: words, style: style.clone() });
            let name = name.unwrap_or_default().to_owned();
            marked.push(Span::Room { text: name, style: style.clone() });
            done = end;
        }
        before = text.chars().next_back().or(before);
        let rest = text.get(done..).unwrap_or_default().to_owned();
        marked.push(Span::Text { text: rest, style });
    }
    marked
}

/// Where names stand in a text that follows a character.
fn names(
    text: &str,
    before: Option<char>,
    is_sign: impl Fn(char) -> bool,
    known: impl Fn(&str) -> bool,
) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    // What stands before this character, and before that one.
    let (mut last, mut last_but_one) = (before, None);
    let mut address_upto = 0;
    for (at, char) in text.char_indices() {
        let (one, two) = (last, last_but_one);
        (last, last_but_one) = (Some(char), one);
        let Some(rest) = text.get(at..) else { break };
        if one.is_none_or(char::is_whitespace) && !char.is_whitespace() {
            let word = rest.split(char::is_whitespace).next().unwrap_or_default();
            address_upto = if word.contains("://") { at + word.len() } else { 0 };
        }
        let begins = begins_word(one) || (one.is_some_and(is_rank) && begins_word(two));
        if !is_sign(char) || !begins || at < address_upto || found.last().is_some_and(|name| at < name.end) {
            continue;
        }
        if let Some(length) = name_length(rest, &is_sign, &known) {
            found.push(at..at + length);
        }
    }
    found
}

/// The bytes of the name at the beginning of a text; `None`: there is none.
fn name_length(text: &str, is_sign: impl Fn(char) -> bool, known: impl Fn(&str) -> bool) -> Option<usize> {
    let name = text.trim_start_matches(&is_sign);
    let signs = text.len() - name.len();
    let first = name.chars().next().filter(|char| char.is_alphanumeric() || *char == '_')?;
    let mut chars = name.char_indices();
    let ends = |(at, char): (usize, char)| {
        let joined = char == '/' && name.get(at + 1..).is_some_and(|rest| rest.starts_with(&is_sign));
        joined || is_stop(char) || (is_cjk(char) && !is_cjk(first))
    };
    let whole = chars.find(|next| ends(*next)).map_or(name.len(), |(at, _)| at);
    if signs + whole > MAX_NAME {
        return None;
    }
    let whole = text.get(..signs + whole)?;
    let longest = whole.char_indices().map(|(at, char)| at + char.len_utf8()).rev();
    let mut names = longest.filter_map(|end| whole.get(..end));
    if let Some(name) =
        names.find(|name| known(name) && (is_cjk(first) || *name == whole || ends_sentence(whole, name)))
    {
        return Some(name.len());
    }
    let name = whole.trim_end_matches(is_tail);
    let bare = name.get(signs..).filter(|bare| !bare.is_empty() && !is_number(bare) && !is_colour(bare))?;
    // `&nbsp;` is none.
    let entity = text.starts_with('&') && text.get(name.len()..).is_some_and(|rest| rest.starts_with(';'));
    (!entity).then_some(signs + bare.len())
}

/// Whether what follows a name within a word is no more of it.
fn ends_sentence(whole: &str, name: &str) -> bool {
    whole.strip_prefix(name).is_some_and(|rest| rest.chars().all(is_tail))
}

/// Whether a word can begin behind that.
fn begins_word(before: Option<char>) -> bool {
    before.is_none_or(|char| {
        char.is_whitespace() || is_cjk(char) || is_stop(char) || ".:;=|/*_~-–—…".contains(char)
    })
}

/// The signs of ranks, which servers put before the names of rooms.
fn is_rank(char: char) -> bool {
    "@+%~!".contains(char)
}

/// What no name in a text has within it: blanks, what cannot be seen, quotes, brackets, and stops as Chinese has them.
fn is_stop(char: char) -> bool {
    char.is_whitespace()
        || char.is_control()
        || ",\"'`“”‘’„«»‹›()[]{}<>".contains(char)
        || matches!(char, '\u{2010}'..='\u{206f}' | '\u{3000}'..='\u{3020}' | '\u{fe10}'..='\u{fe6f}')
        || matches!(char, '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}')
}

/// What may stand behind a name and belongs to the sentence.
fn is_tail(char: char) -> bool {
    ".:;!?*~|…".contains(char)
}

fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Three, six or eight hexadecimal digits, one of them a figure.
fn is_colour(name: &str) -> bool {
    matches!(name.len(), 3 | 6 | 8)
        && name.bytes().all(|byte| byte.is_ascii_hexdigit())
        && name.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Mark, Style};
    use proptest::prelude::*;

    /// The names in a text, where we know those.
    fn found(text: &str, known: &[&str]) -> Vec<String> {
        let body = mark(Body::text(text), "#&!+", |name| known.contains(&name));
        assert_eq!(body.to_plain(), text, "no word is lost");
        let name = |span: &Span| match span {
            Span::Room { text, .. } => Some(text.clone()),
            Span::Text { .. } | Span::Link { .. } | Span::Binary { .. } => None,
        };
        body.spans.iter().filter_map(name).collect()
    }

    #[test]
    fn a_name_is_found_with_what_ends_a_sentence_left_out() {
        for (text, names) in [
            ("#rust", vec!["#rust"]),
            ("join #rust, please: ##c++ and #a.b-c!", vec!["#rust", "##c++", "#a.b-c"]),
            ("(see #rust) “#go” <#x> 'a #b'", vec!["#rust", "#go", "#x", "#b"]),
            ("#a,#b #c/#d &local", vec!["#a", "#b", "#c", "#d", "&local"]),
            ("is on @#ops +#voice", vec!["#ops", "#voice"]),
            ("*#bold* ~#a~ #2fort #_x", vec!["#bold", "#a", "#2fort", "#_x"]),
            ("topic:#rust…", vec!["#rust"]),
        ] {
            assert_eq!(found(text, &[]), names, "{text}");
        }
    }

    #[test]
    fn numbers_colours_and_parts_of_other_words_are_none() {
        for text in [
            "#12 (#3), #4.",
            "#fff000 #0ff",
            "C# F#, a#b Q&A AT&T &amp; &nbsp;",
            "# #! ## #-",
            "https://example.org/#top see irc://irc.example/#rust",
            "+1 !help +v",
        ] {
            assert_eq!(found(text, &[]), Vec::<String>::new(), "{text}");
        }
        assert_eq!(found("#12 and #13", &["#12"]), ["#12"], "we know that room");
        assert_eq!(found(&format!("#{}", "x".repeat(MAX_NAME)), &[]), Vec::<String>::new());
    }

    #[test]
    fn where_nothing_has_blanks_a_name_ends_where_its_letters_do() {
        for (text, known, names) in [
            ("请加入#rust频道。", vec![], vec!["#rust"]),
            ("频道：#rust，还有＃no和#go！", vec![], vec!["#rust", "#go"]),
            ("去 #中文 看看", vec![], vec!["#中文"]),
            ("《#中文》", vec![], vec!["#中文"]),
            ("请来#中文吧", vec!["#中文"], vec!["#中文"]),
            ("部屋は#日本語です。", vec![], vec!["#日本語です"]),
        ] {
            assert_eq!(found(text, &known), names, "{text}");
        }
    }

    #[test]
    fn a_known_name_is_taken_whole() {
        assert_eq!(found("in #c. and #c.", &["#c."]), ["#c.", "#c."]);
        assert_eq!(found("#rust-beginners", &["#rust"]), ["#rust-beginners"], "and not the half of another");
        assert_eq!(found("#12.", &["#12"]), ["#12"]);
    }

    #[test]
    fn looks_stay_and_signs_that_the_server_lacks_are_words() {
        let style = Style { marks: [Mark::Bold].into(), ..Style::default() };
        let bold = |text: &str| Span::Text { text: text.into(), style: style.clone() };
        let body = mark(Body::of([Span::text("x"), bold("#a #b"), Span::text("#c &d")]), "#", |_| false);
        let room = |text: &str, style: &Style| Span::Room { text: text.into(), style: style.clone() };
        assert_eq!(body.spans, [Span::text("x"), bold("#a "), room("#b", &style), Span::text("#c &d")]);
        let body = mark(Body::text("#a"), "", |_| true);
        assert_eq!(body, Body::text("#a"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_word_is_lost_whatever_is_said(text in "[#&a1 ,./:;中，\u{2}-]{0,60}|\\PC{0,60}", known in any::<bool>()) {
            let body = mark(Body::text(&text), "#&", |_| known);
            prop_assert_eq!(body.to_plain(), text);
        }
    }
}
