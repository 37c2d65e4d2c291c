//! History is contiguous or says where it is not (design invariant 13).

use crate::bed::{Bed, DAWN, room};
use domain::{Healing, Item, Timestamp};

fn offline(bed: &mut Bed) {
    let (account, at) = (bed.account, bed.now);
    bed.write(|tx| tx.open_gaps(account, at));
}

fn online(bed: &mut Bed) {
    let (account, at) = (bed.account, bed.now);
    bed.write(|tx| tx.close_gaps(account, at));
}

fn interrupted(bed: &mut Bed) -> Vec<i64> {
    bed.write(|tx| tx.interrupted()).into_iter().map(|(_, at)| at.0 - DAWN.0).collect()
}

#[test]
fn the_time_between_two_sessions_is_a_gap() {
    let mut bed = Bed::new();
    bed.hear("a");
    let from = bed.now;
    offline(&mut bed);
    assert_eq!(bed.words(), ["a", "-"]);
    let until = bed.now;
    online(&mut bed);
    bed.hear("b");
    assert_eq!(bed.words(), ["a", "=", "b"]);
    assert_eq!(
        bed.rows()[1].item,
        Item::Gap { from: Some(from), until: Some(until), healing: Healing::Unavailable }
    );
}

#[test]
fn before_the_first_session_there_is_no_gap() {
    let mut bed = Bed::offline();
    offline(&mut bed);
    bed.say("a");
    offline(&mut bed);
    online(&mut bed);
    assert_eq!(bed.words(), ["a"]);
}

#[test]
fn failed_attempts_open_no_further_gap() {
    let mut bed = Bed::new();
    offline(&mut bed);
    bed.say("offline");
    let before = bed.rows();
    offline(&mut bed);
    offline(&mut bed);
    assert_eq!(bed.rows(), before);
    assert_eq!(bed.words(), ["-", "offline"]);
    online(&mut bed);
    assert_eq!(bed.words(), ["=", "offline"]);
}

#[test]
fn a_flapping_line_on_which_nothing_is_heard_is_one_gap() {
    let mut bed = Bed::new();
    bed.hear("a");
    for _ in 0..3 {
        offline(&mut bed);
        assert_eq!(bed.words(), ["a", "-"]);
        online(&mut bed);
        assert_eq!(bed.words(), ["a", "="]);
    }
    bed.hear("b");
    offline(&mut bed);
    assert_eq!(bed.words(), ["a", "=", "b", "-"]);
}

#[test]
fn a_conversation_that_begins_within_a_gap_has_none() {
    let mut bed = Bed::new();
    let account = bed.account;
    offline(&mut bed);
    bed.conversation = bed.write(|tx| tx.ensure_conversation(account, &room("new")));
    offline(&mut bed);
    assert_eq!(bed.words(), [""; 0]);
    online(&mut bed);
    offline(&mut bed);
    assert_eq!(bed.words(), ["-"]);
}

#[test]
fn a_gap_never_ends_before_it_begins() {
    let mut bed = Bed::new();
    let account = bed.account;
    let from = bed.now;
    offline(&mut bed);
    bed.write(|tx| tx.close_gaps(account, Timestamp(5)));
    assert_eq!(
        bed.rows()[0].item,
        Item::Gap { from: Some(from), until: Some(from), healing: Healing::Unavailable }
    );
}

#[test]
fn a_gap_does_not_count_as_unread_and_touches_its_timeline() {
    let mut bed = Bed::new();
    let (account, at) = (bed.account, bed.now);
    let written = bed.written(|tx| tx.open_gaps(account, at));
    assert!(written.touched.conversations.contains(&bed.conversation) && !written.touched.sidebar);
    assert_eq!(bed.stored().unread, 0);
}

#[test]
fn a_session_that_was_killed_is_remembered_with_its_last_sign_of_life() {
    let mut bed = Bed::new();
    let account = bed.account;
    assert_eq!(interrupted(&mut bed), [0]);
    bed.write(|tx| tx.alive(account, DAWN.plus_ms(60_000)));
    bed.write(|tx| tx.alive(account, DAWN.plus_ms(50_000)));
    assert_eq!(interrupted(&mut bed), [60_000]);
    bed.now = DAWN.plus_ms(89_000);
    bed.hear("a");
    assert_eq!(interrupted(&mut bed), [90_000]);

    let from = DAWN.plus_ms(90_000);
    bed.write(|tx| tx.open_gaps(account, from));
    assert_eq!(interrupted(&mut bed), [0; 0]);
    assert_eq!(
        bed.rows()[1].item,
        Item::Gap { from: Some(from), until: None, healing: Healing::Unavailable }
    );
    bed.write(|tx| tx.alive(account, DAWN.plus_ms(99_000)));
    assert_eq!(interrupted(&mut bed), [0; 0], "a late sign of life does not raise a session");
}
