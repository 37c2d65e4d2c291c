//! Pages: whole, exact at their ends, in order of place.

use crate::bed::{Bed, heard, named};
use crate::script::{Cast, transactions};
use domain::{Body, Colour, Item, Mark, MessageId, Row, Sender, Span, Style, Target, Timestamp, Tone};
use proptest::prelude::*;
use store::MAX_PAGE;

fn ids(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.place.id.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn pages_laid_side_by_side_are_the_whole_conversation(
        life in prop::collection::vec(transactions(), 1..8), count in 1..7_u32
    ) {
        let mut bed = Bed::new();
        let mut cast = Cast::default();
        for steps in life.iter().flatten() {
            cast.play(&mut bed, steps);
        }
        let truth = bed.rows();
        prop_assert!(truth.windows(2).all(|pair| pair[0].place < pair[1].place));

        let mut page = bed.reader.latest(bed.conversation, count).unwrap();
        prop_assert!(!page.has_newer);
        let mut backward = page.rows.clone();
        while page.has_older {
            page = bed.reader.before(bed.conversation, backward[0].place, count).unwrap();
            prop_assert!(!page.rows.is_empty() && page.has_newer);
            backward.splice(0..0, page.rows);
        }
        prop_assert_eq!(&backward, &truth);

        let Some(first) = truth.first() else { return Ok(()) };
        let mut forward = vec![first.clone()];
        loop {
            let page = bed.reader.after(bed.conversation, forward[forward.len() - 1].place, count).unwrap();
            prop_assert!(page.has_older);
            forward.extend(page.rows);
            if !page.has_newer {
                break;
            }
        }
        prop_assert_eq!(&forward, &truth);
    }

    #[test]
    fn a_page_around_a_row_holds_it_and_is_a_run(length in 1..20_usize, which in 0..20_usize, count in 1..9_u32) {
        let mut bed = Bed::new();
        let conversation = bed.conversation;
        bed.write(|tx| (0..length).try_for_each(|_| tx.insert_incoming(conversation, &heard("x")).map(drop)));
        let truth = bed.rows();
        let at = which % truth.len();
        let page = bed.reader.around(conversation, truth[at].place.id, count).unwrap().unwrap();
        prop_assert!(page.rows.contains(&truth[at]));
        let start = truth.iter().position(|row| *row == page.rows[0]).unwrap();
        let end = start + page.rows.len();
        prop_assert_eq!(&truth[start..end], page.rows.as_slice());
        prop_assert_eq!((page.has_older, page.has_newer), (start > 0, end < truth.len()));
    }
}

#[test]
fn a_page_is_never_longer_than_the_bound() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    bed.write(|tx| (0..=MAX_PAGE).try_for_each(|_| tx.insert_incoming(conversation, &heard("x")).map(drop)));
    let page = bed.reader.latest(conversation, u32::MAX).unwrap();
    assert_eq!((page.rows.len(), page.has_older), (MAX_PAGE as usize, true));
}

#[test]
fn what_is_gone_is_on_no_page_and_hides_nothing() {
    let mut bed = Bed::new();
    let gone = bed.say("gone");
    let kept = bed.say("kept");
    assert!(bed.write(|tx| tx.discard(gone)));
    let page = bed.reader.latest(bed.conversation, 1).unwrap();
    assert_eq!((ids(&page.rows), page.has_older), (vec![kept.0], false));
    let around = bed.reader.around(bed.conversation, gone, 2).unwrap().unwrap();
    assert_eq!(ids(&around.rows), [kept.0]);
    assert_eq!(bed.reader.around(bed.conversation, MessageId(99), 2).unwrap(), None);
}

#[test]
fn an_empty_conversation_and_a_missing_one_have_an_empty_page() {
    let mut bed = Bed::new();
    for conversation in [bed.conversation, domain::ConversationId(99)] {
        let page = bed.reader.latest(conversation, 50).unwrap();
        assert_eq!((page.rows, page.has_older, page.has_newer), (vec![], false, false));
    }
}

#[test]
fn a_row_is_read_as_it_was_written() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let ink = Some(Colour::Rgb { red: 255, green: 0, blue: 1 });
    let style = Style { marks: [Mark::Underline, Mark::Reverse].into(), ink, ground: None };
    let bodies = [
        Body::text("<b>&\u{0}你好\n"),
        Body::text(""),
        Body::default(),
        Body::binary(&[0, 1, 255]),
        Body { spans: [Body::text("a").spans, Body::text("b").spans].concat() },
        Body { spans: vec![Span::Text { text: "<b>".to_owned(), style }] },
        Body {
            spans: vec![Span::Link {
                text: "<a>".to_owned(),
                url: Target::parse("https://a.example").unwrap(),
            }],
        },
    ];
    let ann = Sender::Person { name: "Ann".to_owned() };
    bed.write(|tx| {
        for (name, body) in bodies.iter().enumerate() {
            let mut message = named("", &name.to_string(), ann.clone());
            message.body = body.clone();
            message.at = Some(Timestamp(5));
            tx.insert_incoming(conversation, &message)?;
        }
        Ok(())
    });
    let expected: Vec<Item> = bodies
        .into_iter()
        .map(|body| Item::Message {
            sender: ann.clone(),
            flair: None,
            body,
            whole: None,
            at: Timestamp(5),
            delivery: None,
            txn: None,
            tone: Tone::Said,
            reply: None,
            reactions: Vec::new(),
            mentions_me: false,
            named: true,
            retracted: None,
        })
        .collect();
    assert_eq!(bed.rows().into_iter().map(|row| row.item).collect::<Vec<_>>(), expected);
}

#[test]
fn clock_skew_can_neither_bury_nor_pin_a_message() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let mut said = |text: &str, skew_ms: i64| {
        bed.write(|tx| {
            let mut message = heard(text);
            message.at = Some(tx.now().plus_ms(skew_ms));
            tx.insert_incoming(conversation, &message)
        });
    };
    let year = 365 * 86_400_000;
    said("on time", 0);
    said("a year ahead", year);
    said("a year behind", -year);
    said("on time again", 0);
    assert_eq!(bed.words(), ["on time", "a year ahead", "a year behind", "on time again"]);
    let now = bed.now;
    assert!(bed.rows().iter().all(|row| row.place.sort <= now));
}

#[test]
fn a_long_text_is_read_by_itself_and_a_page_has_its_beginning() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let long = "长".repeat(domain::MAX_SHOWN + 1);
    let fits = "长".repeat(domain::MAX_SHOWN);
    for text in [&long, &fits] {
        bed.write(|tx| tx.insert_incoming(conversation, &heard(text)));
    }
    let rows = bed.rows();
    let told = |row: &domain::Row| match &row.item {
        Item::Message { body, whole, .. } => (body.to_plain(), *whole),
        Item::Gap { .. } | Item::Happening { .. } => panic!("a gap"),
    };
    assert_eq!(told(&rows[0]), (fits.clone(), Some(20_001)));
    assert_eq!(told(&rows[1]), (fits, None));
    let whole = bed.reader.whole(rows[0].place.id).unwrap().unwrap();
    assert_eq!(told(&whole), (long, None));
    assert!(bed.reader.whole(domain::MessageId(99)).unwrap().is_none());
}

#[test]
fn a_long_text_with_looks_has_its_beginning_in_a_page_too() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let style = Style { marks: [Mark::Bold].into(), ..Style::default() };
    let bold = |text: String| Span::Text { text, style: style.clone() };
    let body = Body::of([bold("长".repeat(15_000)), Span::text("y".repeat(10_000)), bold("z".into())]);
    let message = domain::Incoming { body: body.clone(), ..heard("") };
    bed.write(|tx| tx.insert_incoming(conversation, &message));
    let row = bed.rows().remove(0);
    let Item::Message { body: beginning, whole, .. } = row.item else { panic!("a gap") };
    assert_eq!(beginning.spans, [bold("长".repeat(15_000)), Span::text("y".repeat(5_000))]);
    assert_eq!(whole, Some(25_001));
    let Some(Item::Message { body: all, whole: None, .. }) =
        bed.reader.whole(row.place.id).unwrap().map(|row| row.item)
    else {
        panic!("not the whole")
    };
    assert_eq!(all, body);
}
