//! Whether a text has what is looked for, and where: the same rules that the index follows.

use super::query::{Last, Term};
use super::words::{self, Word, words};
use domain::Piece;
use std::ops::Range;

/// How many characters of a text an excerpt shows: some lines of the panel.
const MAX_EXCERPT: usize = 200;

/// How many of them stand before the first hit.
const LEAD: usize = 40;

/// Where a text has the terms, in order and without overlaps. `None`: it lacks one of them.
pub(super) fn find(terms: &[Term], text: &str) -> Option<Vec<Range<usize>>> {
    if terms.is_empty() {
        return Some(Vec::new());
    }
    if text.is_ascii() && terms.iter().any(|term| lacks(term, text)) {
        return None;
    }
    let words = words(text);
    let mut found = Vec::new();
    for term in terms {
        let before = found.len();
        found.extend((0..words.len()).filter_map(|from| stands(term, words.get(from..)?, text)));
        if found.len() == before {
            return None;
        }
    }
    found.sort_unstable_by_key(|range| (range.start, range.end));
    Some(merged(found))
}

/// Whether a text of ASCII surely lacks a term: its characters fold to nothing but themselves in one case. Most texts that
/// are looked at are turned away here.
fn lacks(term: &Term, text: &str) -> bool {
    let has = |word: &String| {
        text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    !term.words.iter().all(has)
}

/// Where a term stands at the beginning of these words.
fn stands(term: &Term, words: &[Word], text: &str) -> Option<Range<usize>> {
    let (last, before) = term.words.split_last()?;
    let here = words.get(..term.words.len())?;
    let (end, start) = here.split_last()?;
    if !before.iter().zip(start).all(|(word, there)| *word == there.text) {
        return None;
    }
    let stop = match term.last {
        Last::Whole => (end.text == *last).then_some(end.at.end)?,
        Last::Begins => {
            end.text.strip_prefix(last.as_str())?;
            let length = words::length_of(text.get(end.at.clone())?, last.chars().count());
            end.at.start.checked_add(length)?
        }
    };
    let first = here.first()?;
    Some(first.at.start..with_marks(text, stop))
}

/// Behind the marks that belong to the character before `end`.
fn with_marks(text: &str, end: usize) -> usize {
    let marks = text.get(end..).unwrap_or_default().chars().take_while(|c| words::is_silent(*c));
    end + marks.map(char::len_utf8).sum::<usize>()
}

fn merged(ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            Some(_) | None => merged.push(range),
        }
    }
    merged
}

/// The text around the first of these ranges, which are in order and do not overlap.
pub(super) fn excerpt(text: &str, found: &[Range<usize>]) -> Vec<Piece> {
    let first = found.first().map_or(0, |range| range.start);
    let lead = text.get(..first).unwrap_or_default();
    let mut start = match lead.char_indices().rev().nth(LEAD) {
        Some((at, _)) => at,
        None => 0,
    };
    if start > 0 {
        // From the beginning of a word, where there is one.
        let mut before = text.get(start..first).unwrap_or_default().char_indices();
        start += before.find(|(_, c)| c.is_whitespace()).map_or(0, |(at, space)| at + space.len_utf8());
    }
    let shown = text.get(start..).unwrap_or_default();
    let end = shown.char_indices().nth(MAX_EXCERPT).map_or(text.len(), |(at, _)| start + at);
    let mut pieces = Pieces::default();
    if start > 0 {
        pieces.add("…", false);
    }
    let mut at = start;
    for range in found {
        let (from, to) = (range.start.clamp(at, end), range.end.clamp(at, end));
        pieces.add(text.get(at..from).unwrap_or_default(), false);
        pieces.add(text.get(from..to).unwrap_or_default(), true);
        at = to;
    }
    pieces.add(text.get(at..end).unwrap_or_default(), false);
    if end < text.len() {
        pieces.add("…", false);
    }
    pieces.0
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    /// An empty text is none, and one like its neighbour goes on with that.
    fn add(&mut self, text: &str, hit: bool) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.hit == hit => last.text.push_str(text),
            Some(_) | None => self.0.push(Piece { text: text.to_owned(), hit }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::*;
    use proptest::prelude::*;

    /// What is found is put in brackets.
    fn marked(query: &str, text: &str) -> Option<String> {
        let found = find(&Query::parse(query).unwrap().terms, text)?;
        let pieces = excerpt(text, &found);
        Some(
            pieces
                .iter()
                .map(|piece| if piece.hit { format!("[{}]", piece.text) } else { piece.text.clone() })
                .collect(),
        )
    }

    #[test]
    fn all_that_was_looked_for_is_marked_in_the_text_as_it_stands() {
        for (query, text, expected) in [
            ("hel", "Hello, hel, shell", Some("[Hel]lo, [hel], shell")),
            ("\"hel\"", "Hello, hel", Some("Hello, [hel]")),
            ("cafe", "CAFÉS, cafe\u{301}s", Some("[CAFÉ]S, [cafe\u{301}]s")),
            ("好", "你好好", Some("你[好好]")),
            ("好世", "你好世界", Some("你[好世]界")),
            ("你好世界", "说你好世界吗", Some("说[你好世界]吗")),
            ("世好", "你好世界", None),
            ("wifi密", "The Wi-Fi, WIFI密码", Some("The Wi-Fi, [WIFI密]码")),
            ("b a", "a b", Some("[a] [b]")),
            ("a x", "a b", None),
            ("\"a b\"", "a, b", Some("[a, b]")),
            ("ss", "ß", Some("[ß]")),
            ("👍", "ok👍🏽!", Some("ok[👍🏽]!")),
        ] {
            assert_eq!(marked(query, text).as_deref(), expected, "{query} in {text}");
        }
    }

    #[test]
    fn an_excerpt_shows_the_first_hit_and_says_what_it_leaves_out() {
        let text = format!("{} needle {}", "before ".repeat(100), "after ".repeat(100));
        let excerpt = marked("needle", &text).unwrap();
        assert!(excerpt.starts_with("…before "), "{excerpt}");
        assert!(excerpt.contains(" [needle] after") && excerpt.ends_with('…'), "{excerpt}");
        assert!(excerpt.chars().count() <= MAX_EXCERPT + 4);
        let words = find(&Query::parse("from:x").unwrap().terms, "anything").unwrap();
        assert_eq!(super::excerpt("anything", &words), [Piece { text: "anything".into(), hit: false }]);
    }

    proptest! {
        /// The pieces are the text, or a part of it that says that it is one.
        #[test]
        fn no_character_is_lost_or_made(text in "[a-c你好 é\u{301}👍🏽.]{0,60}", query in "[a-c你好é]{1,3}") {
            let found = find(&Query::parse(&query).unwrap().terms, &text).unwrap_or_default();
            let joined: String = excerpt(&text, &found).into_iter().map(|piece| piece.text).collect();
            let shown = joined.trim_start_matches('…').trim_end_matches('…');
            prop_assert!(text.contains(shown), "{} in {}", joined, text);
            prop_assert_eq!(joined.starts_with('…'), !text.starts_with(shown));
            prop_assert_eq!(joined.ends_with('…'), !text.ends_with(shown));
        }
    }
}
