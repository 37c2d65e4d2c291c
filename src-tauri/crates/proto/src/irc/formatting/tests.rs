//! The corner cases of modern.ircdocs.horse/formatting, and that nothing is lost or leaks on the way there and back.

use super::*;
use domain::{MAX_SPANS, Target};
use proptest::prelude::*;

fn named(name: Hue) -> Option<Colour> {
    Some(Colour::Named { name })
}

fn styled(text: &str, marks: &[Mark], ink: Option<Colour>, ground: Option<Colour>) -> Span {
    let style = Style { marks: marks.iter().copied().collect(), ink, ground };
    Span::Text { text: text.to_owned(), style }
}

fn inked(text: &str, ink: Option<Colour>, ground: Option<Colour>) -> Span {
    styled(text, &[], ink, ground)
}

#[track_caller]
fn reads(text: &str, spans: &[Span]) {
    assert_eq!(parse(text).spans, spans, "{text:?}");
}

#[test]
fn marks_are_toggles_and_reset_ends_them() {
    reads("", &[]);
    reads("a\u{2}b\u{2}c", &[Span::text("a"), styled("b", &[Mark::Bold], None, None), Span::text("c")]);
    for (code, mark) in TOGGLES {
        reads(&format!("{code}x{code}y"), &[styled("x", &[mark], None, None), Span::text("y")]);
    }
    reads(
        "\u{1d}\u{3}4a\u{2}b\u{f}c",
        &[
            styled("a", &[Mark::Italic], named(Hue::Red), None),
            styled("b", &[Mark::Bold, Mark::Italic], named(Hue::Red), None),
            Span::text("c"),
        ],
    );
    reads("a\u{2}\u{2}b\u{16}\u{16}", &[Span::text("ab")]);
}

#[test]
fn colours_have_one_digit_or_two_and_only_a_comma_before_a_digit_is_theirs() {
    let (red, green) = (named(Hue::Red), named(Hue::Green));
    reads("\u{3}4x", &[inked("x", red, None)]);
    reads("\u{3}04x", &[inked("x", red, None)]);
    reads("\u{3}045", &[inked("5", red, None)]);
    reads("\u{3}4,3x", &[inked("x", red, green)]);
    reads("\u{3}04,035", &[inked("5", red, green)]);
    reads("\u{3}4,x", &[inked(",x", red, None)]);
    reads("\u{3}4,,3", &[inked(",,3", red, None)]);
    reads("\u{3}4,3,5", &[inked(",5", red, green)]);
    reads("\u{3}٤x", &[Span::text("٤x")]);
    reads("\u{3}12\u{3}", &[]);
}

#[test]
fn a_code_without_a_colour_resets_both_and_shows_its_comma() {
    let (red, green) = (named(Hue::Red), named(Hue::Green));
    reads("\u{3}4,3a\u{3}b", &[inked("a", red, green), Span::text("b")]);
    reads("\u{3}4,3a\u{3},5b", &[inked("a", red, green), Span::text(",5b")]);
    reads("\u{3},3x", &[Span::text(",3x")]);
    reads(
        "\u{2}\u{3}4a\u{3}b",
        &[styled("a", &[Mark::Bold], red, None), styled("b", &[Mark::Bold], None, None)],
    );
}

#[test]
fn an_ink_alone_leaves_the_ground_and_99_is_the_readers_own() {
    let (red, green, blue) = (named(Hue::Red), named(Hue::Green), named(Hue::Blue));
    reads("\u{3}4,3a\u{3}2b", &[inked("a", red, green), inked("b", blue, green)]);
    reads("\u{3}4,3a\u{3}99b", &[inked("a", red, green), inked("b", None, green)]);
    reads("\u{3}4,3a\u{3}2,99b", &[inked("a", red, green), inked("b", blue, None)]);
    reads("\u{3}99,3a", &[inked("a", None, green)]);
    reads(
        "\u{3}16a\u{3}98b",
        &[inked("a", Some(rgb(0x47_0000)), None), inked("b", Some(rgb(0xff_ffff)), None)],
    );
}

#[test]
fn hexadecimal_colours_have_six_digits_or_are_none() {
    let orange = Some(rgb(0xff_8c01));
    reads("\u{4}ff8C01x", &[inked("x", orange, None)]);
    reads("\u{4}FF8C01,00000Fx", &[inked("x", orange, Some(rgb(0x0f)))]);
    reads("\u{4}FF8C01,00000x", &[inked(",00000x", orange, None)]);
    reads("\u{4}FF8C01a\u{4}b", &[inked("a", orange, None), Span::text("b")]);
    reads("\u{4}FF8C0x", &[Span::text("FF8C0x")]);
    reads("\u{4},00000F", &[Span::text(",00000F")]);
}

#[test]
fn what_cannot_be_seen_is_shown_or_left_out_and_no_override_gets_through() {
    reads("a\u{0}b\u{7}c\u{1b}[31m\u{7f}\u{9b}d\r", &[Span::text("a␀b␇c␛[31m␡\u{fffd}d␍")]);
    reads("\u{202e}evil\u{202c} \u{2067}x\u{2069}", &[Span::text("evil x")]);
    reads("👩\u{200d}🚀 می\u{200c}خواهم \u{200f}!", &[Span::text("👩\u{200d}🚀 می\u{200c}خواهم \u{200f}!")]);
}

#[test]
fn looks_end_with_their_line() {
    reads("\u{2}a\nb", &[styled("a\n", &[Mark::Bold], None, None), Span::text("b")]);
    let body = Body::of([styled("a\n\nb", &[Mark::Bold], None, None)]);
    assert_eq!(format(&body), "\u{2}a\n\u{2}\n\u{2}b");
}

#[test]
fn what_is_written_eats_nothing_and_is_known_everywhere() {
    let (red, green) = (named(Hue::Red), named(Hue::Green));
    for (spans, text) in [
        (vec![inked("5", red, None)], "\u{3}045"),
        (vec![inked(",5", red, None)], "\u{3}04\u{2}\u{2},5"),
        (vec![inked("a", red, green), Span::text("5")], "\u{3}04,03a\u{f}5"),
        (vec![inked("a", None, green)], "\u{3}99,03a"),
        (vec![inked("a", Some(rgb(0xff_0000)), None)], "\u{3}52a"),
        (vec![inked("a", Some(rgb(1)), green)], "\u{3}99,03\u{4}000001a"),
        (vec![inked("a", red, Some(rgb(1)))], "\u{4}000001,000001\u{3}04a"),
        (
            vec![styled("a", &[Mark::Bold], red, None), styled("b", &[Mark::Bold], None, None)],
            "\u{2}\u{3}04a\u{f}\u{2}b",
        ),
    ] {
        assert_eq!(format(&Body { spans }), text);
    }
    let url = Target::parse("https://example.org/").unwrap();
    let link = Span::Link { text: "here\u{2}".to_owned(), url };
    assert_eq!(format(&Body { spans: vec![link] }), "here␂ (https://example.org/)");
}

#[test]
fn a_colour_at_each_character_is_bounded_and_loses_no_word() {
    let text: String = (0..100_000).map(|n| format!("\u{3}{:02}x", n % 16)).collect();
    let body = parse(&text);
    assert_eq!(body.spans.len(), MAX_SPANS);
    assert_eq!(body.to_plain(), "x".repeat(100_000));
}

#[test]
fn actions_and_other_ctcp_are_told_from_words() {
    let ctcp = |command, params| Saying::Ctcp { command, params };
    for (text, expected) in [
        ("hello", Saying::Plain("hello")),
        ("", Saying::Plain("")),
        ("\u{1}ACTION waves\u{1}", Saying::Action("waves")),
        ("\u{1}action  \u{2}waves", Saying::Action(" \u{2}waves")),
        ("\u{1}ACTION\u{1}", Saying::Action("")),
        ("\u{1}VERSION\u{1}", ctcp("VERSION", "")),
        ("\u{1}PING 14 91\u{1}", ctcp("PING", "14 91")),
        ("\u{1}", Saying::Plain("\u{1}")),
        ("\u{1}\u{1}", Saying::Plain("\u{1}\u{1}")),
        ("\u{1} x\u{1}", Saying::Plain("\u{1} x\u{1}")),
        ("\u{1}A\u{1} b \u{1}C\u{1}", Saying::Plain("\u{1}A\u{1} b \u{1}C\u{1}")),
        ("a \u{1}VERSION\u{1}", Saying::Plain("a \u{1}VERSION\u{1}")),
    ] {
        assert_eq!(saying(text), expected, "{text:?}");
    }
}

/// Codes, digits and what stands beside them come often.
fn characters() -> impl Strategy<Value = String> {
    let codes = prop::sample::select(
        "\u{1}\u{2}\u{3}\u{4}\u{f}\u{11}\u{16}\u{1d}0159aF,,\n\r\u{202e}好".chars().collect::<Vec<_>>(),
    );
    prop::collection::vec(prop_oneof![4 => codes, 1 => any::<char>()], 0..24).prop_map(String::from_iter)
}

fn colours() -> impl Strategy<Value = Option<Colour>> {
    prop_oneof![
        Just(None),
        prop::sample::select(Hue::ALL.to_vec()).prop_map(named),
        prop::sample::select(TABLE.to_vec()).prop_map(|value| Some(rgb(value))),
        (0..0x100_0000_u32).prop_map(|value| Some(rgb(value))),
    ]
}

fn spans() -> impl Strategy<Value = Span> {
    let marks = prop::collection::vec(prop::sample::select(TOGGLES.map(|(_, mark)| mark).to_vec()), 0..4);
    let text = (characters(), marks, colours(), colours())
        .prop_map(|(text, marks, ink, ground)| styled(&text, &marks, ink, ground));
    let url = Target::parse("https://example.org/").unwrap();
    let link = characters().prop_map(move |text| Span::Link { text, url: url.clone() });
    prop_oneof![8 => text, 1 => link, 1 => Just(Body::binary(&[1]).spans.remove(0))]
}

/// What is left of a body when it goes through IRC.
fn normal(body: &Body) -> Body {
    Body::of(body.spans.iter().map(|span| {
        let style = match span {
            Span::Text { style, .. } | Span::Room { style, .. } => style.clone(),
            Span::Link { .. } | Span::Binary { .. } => Style::default(),
        };
        Span::Text { text: span.to_plain().chars().filter_map(shown).collect(), style }
    }))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_it_was(spans in prop::collection::vec(spans(), 0..8)) {
        let body = Body { spans };
        prop_assert_eq!(parse(&format(&body)), normal(&body));
    }

    #[test]
    fn whatever_comes_is_bounded_and_has_no_codes(text in characters()) {
        let body = parse(&text);
        let plain = body.to_plain();
        prop_assert!(body.spans.len() <= MAX_SPANS);
        prop_assert!(!plain.contains(|char: char| char.is_control() && char != '\n' && char != '\t'));
        let turns = |char| matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        prop_assert!(!plain.contains(turns));
        prop_assert_eq!(Body::of(body.spans.clone()), body.clone());
        prop_assert_eq!(parse(&format(&body)), body);
        let _ = saying(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(16) })]

    #[test]
    fn many_spans_are_read_as_they_were(spans in prop::collection::vec(spans(), 250..270)) {
        let body = Body { spans };
        prop_assert_eq!(parse(&format(&body)), normal(&body));
    }
}
