use super::*;
use crate::irc::line::{LINE_LEN, Line};
use domain::{Body, Colour, Hue, Mark, Span};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A family of three joined into one grapheme of 18 bytes.
const FAMILY: &str = "👨\u{200d}👩\u{200d}👧";

fn batch(text: &str, room: usize, max_bytes: usize, max_lines: usize) -> Vec<Vec<(String, bool)>> {
    let batches = batches(text, room, Multiline { max_bytes, max_lines: Some(max_lines) });
    let pairs = |batch: Vec<BatchLine>| batch.into_iter().map(|line| (line.text, line.concat)).collect();
    batches.into_iter().map(pairs).collect()
}

fn lines_of(batch: &[(&str, bool)]) -> Vec<(String, bool)> {
    batch.iter().map(|&(text, concat)| (text.to_owned(), concat)).collect()
}

#[test]
fn the_line_that_others_receive_fits() {
    let own = Source::parse("alice!~u@k5b57ch55yv4n.irc");
    let room = room(LINE_LEN, &own, "PRIVMSG", "#lobby");
    let line = Line { source: Some(own), ..Line::new("PRIVMSG", ["#lobby".into(), "x ".repeat(room / 2)]) };
    let bytes = line.format(LINE_LEN).unwrap().len() + 2;
    assert!((LINE_LEN - MARGIN - 1..=LINE_LEN - MARGIN).contains(&bytes), "{bytes}");
    // The specification's worst case, with its nick of 20 and its channel of 32 bytes; its 353 leaves out two spaces.
    let unknown = Source::parse(&"n".repeat(20));
    assert_eq!(super::room(LINE_LEN, &unknown, "PRIVMSG", &"c".repeat(32)), 351);
    assert_eq!(super::room(20, &unknown, "PRIVMSG", "#c"), MIN_ROOM);
}

#[test]
fn words_stay_whole_and_the_space_at_the_cut_goes() {
    assert_eq!(messages("hello brave new world", 11), ["hello brave", "new world"]);
    assert_eq!(messages("hello  brave", 6), ["hello", "brave"]);
    assert_eq!(messages("    indented", 20), ["    indented"]);
    assert_eq!(messages("   four four", 5), ["four", "four"]);
    assert_eq!(messages("ten\u{a0}ten ten", 8), ["ten\u{a0}ten", "ten"], "a no-break space holds");
    assert_eq!(messages("incomprehensible", 6), ["incomp", "rehens", "ible"]);
}

#[test]
fn line_breaks_separate_messages_and_blank_lines_are_none() {
    assert_eq!(messages("a\r\nb\n\n  \nc\rd\n", 10), ["a", "b", "c", "d"]);
    assert!(
        messages("", 10).is_empty()
            && messages(" \n ", 10).is_empty()
            && messages(&" ".repeat(99), 10).is_empty()
    );
}

#[test]
fn a_grapheme_is_broken_only_when_it_is_longer_than_a_line() {
    assert_eq!(messages(&FAMILY.repeat(2), 20), [FAMILY, FAMILY]);
    assert_eq!(messages("e\u{301}e\u{301}", 4), ["e\u{301}", "e\u{301}"]);
    assert_eq!(messages("🇩🇪🇫🇷", 12), ["🇩🇪", "🇫🇷"], "flags are pairs");
    assert_eq!(messages("ab \u{301}c", 4), ["ab", " \u{301}c"], "a space with an accent is no break");
    let pieces = messages(FAMILY, 8);
    assert!(pieces.iter().all(|piece| piece.len() <= 8));
    assert_eq!(pieces.concat(), FAMILY);
    assert_eq!(messages("漢字", 1), ["漢", "字"], "room for one character is always taken");
}

#[test]
fn one_enormous_grapheme_is_cut_in_linear_time() {
    let zalgo = format!("e{}", "\u{301}".repeat(500_000));
    assert_eq!(messages(&zalgo, 400).concat(), zalgo);
}

#[test]
fn the_example_of_the_specification_is_laid_out_as_it_says() {
    let laid = batch("hello\nhow is everyone?", 9, 100, 10);
    assert_eq!(laid, [lines_of(&[("hello", false), ("how is ", false), ("everyone?", true)])]);
}

#[test]
fn a_batch_keeps_blank_lines_within_and_loses_them_around() {
    assert_eq!(
        batch("\n\na\n\n b\n \n", 9, 100, 10),
        [lines_of(&[("a", false), ("", false), (" b", false)])]
    );
    assert!(batch("\n \n", 9, 100, 10).is_empty());
}

#[test]
fn what_is_over_the_limits_becomes_more_batches() {
    let three = batch("aaaa bbbb\ncc\ndd", 5, 100, 2);
    assert_eq!(
        three,
        [lines_of(&[("aaaa ", false), ("bbbb", true)]), lines_of(&[("cc", false), ("dd", false)])]
    );
    // The line feed counts: "aa", LF, "bb" are five bytes.
    assert_eq!(batch("aa\nbb", 9, 5, 9).len(), 1);
    assert_eq!(batch("aaa\nbb", 9, 5, 9).len(), 2);
    // A continuation that opens a batch continues nothing.
    assert_eq!(batch("aaaabbbb", 9, 4, 9), [lines_of(&[("aaaa", false)]), lines_of(&[("bbbb", false)])]);
}

#[test]
fn what_goes_on_in_another_message_begins_with_the_looks_that_were_open() {
    assert_eq!(
        messages("\u{2}hello brave\u{2} new world", 11),
        ["\u{2}hello", "\u{2}brave\u{2} new", "world"]
    );
    assert_eq!(messages("\u{3}04,08one two", 10), ["\u{3}04,08one", "\u{3}04,08two"]);
    assert_eq!(
        messages("\u{3}04one ,5six", 10),
        ["\u{3}04one", "\u{3}04\u{2}\u{2},5six"],
        "a comma is no ground"
    );
    assert_eq!(messages("\u{2}a\nb", 11), ["\u{2}a", "b"], "a line has looks of its own");
    assert_eq!(
        messages("\u{2}\u{1d}\u{1f}one two", 6),
        ["\u{2}\u{1d}\u{1f}one", "two"],
        "words before looks"
    );
    assert_eq!(
        batch("\u{2}aaaa bbbb cccc\u{2} d", 6, 100, 2),
        [
            lines_of(&[("\u{2}aaaa ", false), ("bbbb ", true)]),
            lines_of(&[("\u{2}cccc\u{2}", false), (" d", true)])
        ],
        "within a batch they go on by themselves"
    );
    assert_eq!(batch("\u{2}a\nb", 9, 100, 1), [lines_of(&[("\u{2}a", false)]), lines_of(&[("b", false)])]);
}

#[test]
fn a_code_is_not_cut_and_codes_alone_are_no_message() {
    assert_eq!(messages("abcde\u{3}04f", 7), ["abcde", "\u{3}04f"]);
    assert_eq!(messages("abc\u{3}04,085", 8), ["abc", "\u{3}04,085"]);
    assert_eq!(messages("abc\u{4}FF8C01x", 9), ["abc", "\u{4}FF8C01x"]);
    assert_eq!(messages("\u{2}aaaa\u{2} ", 5), ["\u{2}aaaa"]);
    assert!(messages("\u{2} \u{2}", 5).is_empty());
    assert!(batch("\u{2} \u{2}", 5, 50, 5).is_empty());
}

#[test]
fn the_value_of_the_capability_is_read() {
    let read = Multiline::parse;
    assert_eq!(
        read("max-bytes=4096,max-lines=100"),
        Some(Multiline { max_bytes: 4096, max_lines: Some(100) })
    );
    assert_eq!(read("new,max-bytes=40000,x=1"), Some(Multiline { max_bytes: 40000, max_lines: None }));
    for none in ["", "max-lines=5", "max-bytes=", "max-bytes=-1", "max-bytes=0", "max-bytes"] {
        assert_eq!(read(none), None, "{none}");
    }
}

/// Where graphemes begin and end in a line, and the length of the one that spans a place.
fn boundaries(line: &str) -> (BTreeSet<usize>, impl Fn(usize) -> usize) {
    let places: BTreeSet<usize> = line.grapheme_indices(true).map(|(at, _)| at).chain([line.len()]).collect();
    let kept = places.clone();
    let span = move |at: usize| {
        let end = kept.range(at..).next().copied().unwrap_or_default();
        end - kept.range(..=at).next_back().copied().unwrap_or_default()
    };
    (places, span)
}

fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-z]{1,12}",
        4 => " {1,3}",
        1 => Just("\n".to_owned()),
        1 => Just("\r\n".to_owned()),
        2 => Just(FAMILY.to_owned()),
        2 => "e\u{301}{1,9}",
        1 => "[🇩🇪🇫🇷]{1,6}",
        1 => "[漢字\u{a0}\u{200d}\u{301}]{1,6}",
        1 => "\\PC{0,6}",
    ];
    proptest::collection::vec(part, 0..25).prop_map(|parts| parts.concat())
}

/// A text with codes.
fn looks() -> impl Strategy<Value = String> {
    let mark = prop::sample::select(vec![Mark::Bold, Mark::Italic, Mark::Underline, Mark::Monospace]);
    let colour = prop_oneof![
        3 => Just(None),
        1 => prop::sample::select(Hue::ALL.to_vec()).prop_map(|name| Some(Colour::Named { name })),
        1 => any::<(u8, u8, u8)>().prop_map(|(red, green, blue)| Some(Colour::Rgb { red, green, blue })),
    ];
    let style = (prop::collection::btree_set(mark, 0..3), colour.clone(), colour)
        .prop_map(|(marks, ink, ground)| Style { marks, ink, ground });
    let span = ("[a-c0-9, \n漢]{1,24}", style).prop_map(|(text, style)| Span::Text { text, style });
    prop::collection::vec(span, 0..8).prop_map(|spans| formatting::format(&Body { spans }))
}

/// What there is to read in a text, each character with its looks.
fn seen(texts: impl IntoIterator<Item = String>) -> Vec<(char, Style)> {
    let bodies = texts.into_iter().map(|text| formatting::parse(&text));
    let runs = bodies.flat_map(|body| body.spans).filter_map(|span| match span {
        Span::Text { text, style } => Some((text, style)),
        Span::Room { .. } | Span::Link { .. } | Span::Binary { .. } => None,
    });
    let chars = runs
        .flat_map(|(text, style)| text.chars().map(move |char| (char, style.clone())).collect::<Vec<_>>());
    chars.filter(|(char, _)| !is_space(*char)).collect()
}

proptest! {
    #[test]
    fn each_message_has_the_looks_of_its_piece(text in looks(), room in 48_usize..80) {
        let pieces = messages(&text, room);
        prop_assert!(pieces.iter().all(|piece| piece.len() <= room));
        prop_assert_eq!(seen(pieces), seen([text]));
    }

    #[test]
    fn each_batch_has_the_looks_of_its_piece(
        text in looks(), room in 48_usize..80, max_bytes in 48_usize..120, max_lines in 1_usize..4,
    ) {
        let batches = batches(&text, room, Multiline { max_bytes, max_lines: Some(max_lines) });
        let joined = batches.into_iter().map(|batch| {
            batch.iter().enumerate().fold(String::new(), |joined, (index, line)| {
                let feed = if index == 0 || line.concat { "" } else { "\n" };
                joined + feed + &line.text
            })
        });
        prop_assert_eq!(seen(joined), seen([text]));
    }

    #[test]
    fn messages_fit_and_lose_nothing_but_white_space(text in texts(), room in 1_usize..40) {
        let pieces = messages(&text, room);
        let mut rest = text.as_str();
        for piece in &pieces {
            prop_assert!(piece.len() <= room.max(MIN_ROOM) && !piece.contains(['\r', '\n']));
            let at = rest.find(piece.as_str()).unwrap();
            let (lost, found) = rest.split_at(at);
            prop_assert!(lost.chars().all(is_space), "{:?} was lost", lost);
            rest = found.strip_prefix(piece.as_str()).unwrap();
        }
        prop_assert!(rest.chars().all(is_space), "{:?} was lost", rest);
    }

    #[test]
    fn no_cut_is_within_a_grapheme_or_a_word_that_fits(text in texts(), room in 1_usize..40) {
        let room = room.max(MIN_ROOM);
        for line in lines(&text) {
            let (places, span) = boundaries(line);
            for spaces in [Spaces::Drop, Spaces::Keep] {
                let mut at = 0;
                while at < line.len() {
                    let (piece, _) = cut(line.split_at(at).1, room, spaces);
                    prop_assert!(!piece.is_empty());
                    at += piece.len();
                    let (before, after) = line.split_at(at);
                    prop_assert!(places.contains(&at) || span(at) > room, "{:?} at {}", line, at);
                    let head = before.rsplit(is_space).next().unwrap_or_default();
                    let tail = after.split(is_space).next().unwrap_or_default();
                    let apart = head.is_empty() || tail.is_empty();
                    // A mark on a space makes it a part of the word.
                    let glued = line
                        .graphemes(true)
                        .any(|grapheme| grapheme.contains(is_space) && !grapheme.chars().all(is_space));
                    prop_assert!(apart || glued || head.len() + tail.len() > room, "{:?} at {}", line, at);
                }
            }
        }
    }

    #[test]
    fn batches_keep_the_limits_and_join_to_the_text(
        text in texts(), room in 1_usize..40, max_bytes in 4_usize..60, max_lines in proptest::option::of(1_usize..6),
    ) {
        let limits = Multiline { max_bytes, max_lines };
        let mut rest = text.as_str();
        for batch in batches(&text, room, limits) {
            prop_assert!(max_lines.is_none_or(|most| batch.len() <= most));
            prop_assert!(!batch[0].concat);
            prop_assert!(!batch[0].text.chars().all(is_space));
            let mut bytes = 0;
            for (index, line) in batch.iter().enumerate() {
                prop_assert!(line.text.len() <= room.max(MIN_ROOM));
                prop_assert!(!(line.concat && line.text.is_empty()));
                bytes += line.text.len() + usize::from(index > 0 && !line.concat);
                if index > 0 && !line.concat {
                    let breaks = ["\r\n", "\n", "\r"];
                    rest = breaks.iter().find_map(|end| rest.strip_prefix(end)).unwrap();
                } else if index == 0 {
                    let at = rest.find(line.text.as_str()).unwrap();
                    let (lost, found) = rest.split_at(at);
                    prop_assert!(lost.chars().all(is_space));
                    rest = found;
                }
                rest = rest.strip_prefix(line.text.as_str()).unwrap();
            }
            prop_assert!(bytes <= max_bytes);
        }
        prop_assert!(rest.chars().all(is_space));
    }

    #[test]
    fn a_text_within_the_limits_is_one_batch_and_joins_to_itself(text in "[a-zé ]{1,9}(\n[a-zé ]{0,30}){0,4}", room in 6_usize..40) {
        let batches = batches(&text, room, Multiline { max_bytes: 10_000, max_lines: None });
        prop_assume!(!text.chars().all(is_space));
        prop_assert_eq!(batches.len(), 1);
        let joined = batches[0].iter().enumerate().fold(String::new(), |joined, (index, line)| {
            let feed = if index == 0 || line.concat { "" } else { "\n" };
            joined + feed + &line.text
        });
        let blank: &[char] = &['\n', ' '];
        prop_assert_eq!(joined.trim_matches(blank), text.trim_matches(blank));
    }

    #[test]
    fn any_value_of_the_capability_is_read_without_a_panic(value in any::<String>()) {
        let _ = Multiline::parse(&value);
    }
}
