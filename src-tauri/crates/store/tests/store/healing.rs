//! Gaps are filled from the server's history, each page in one transaction with what becomes of the gap.

use crate::bed::{Bed, named};
use domain::{Capabilities, Healing, HealingFault, Incoming, Item, MessageId, RemoteId, Sender};
use store::Completeness::{self, Part, Whole};
use store::End;

/// The account's server keeps a history, acknowledges, and tells doubles apart.
pub(crate) fn capable(bed: &mut Bed) {
    let account = bed.account;
    let capabilities = Capabilities {
        acknowledges: true,
        history: true,
        tells_doubles_apart: true,
        ..Capabilities::default()
    };
    bed.write(|tx| tx.set_capabilities(account, capabilities));
}

/// Those of `words` that begin with `prefix`.
pub(crate) fn names(words: &[String], prefix: &str) -> Vec<String> {
    words.iter().filter(|word| word.starts_with(prefix)).cloned().collect()
}

fn id(n: u64) -> Option<RemoteId> {
    Some(RemoteId(n.to_string()))
}

fn said(n: u64) -> Incoming {
    named(&n.to_string(), &n.to_string(), Sender::Server)
}

fn hear(bed: &mut Bed, n: u64) {
    let conversation = bed.conversation;
    bed.write(|tx| tx.insert_incoming(conversation, &said(n)));
}

fn leave(bed: &mut Bed) {
    let (account, now) = (bed.account, bed.now);
    bed.write(|tx| tx.open_gaps(account, now));
}

fn join(bed: &mut Bed, head: u64) {
    let (account, conversation, now) = (bed.account, bed.conversation, bed.now);
    bed.write(|tx| {
        tx.head(conversation, id(head).as_ref())?;
        tx.close_gaps(account, now)?;
        tx.begin_healing(account)
    });
}

fn fill(bed: &mut Bed, after: u64, page: &[u64], complete: Completeness) {
    let conversation = bed.conversation;
    let page: Vec<_> = page.iter().map(|n| said(*n)).collect();
    bed.write(|tx| tx.fill(conversation, id(after).as_ref(), &page, complete));
}

fn wanted(bed: &mut Bed) -> Option<String> {
    let account = bed.account;
    bed.reader.wanting(account).unwrap().map(|wanting| match wanting.from {
        End::After(after) => after.unwrap().0,
        End::Before(before) => format!("before {}", before.0),
    })
}

fn healing(bed: &mut Bed) -> Vec<(MessageId, Healing)> {
    let gap = |row: domain::Row| match row.item {
        Item::Gap { healing, .. } => Some((row.place.id, healing)),
        Item::Message { .. } | Item::Happening { .. } => None,
    };
    bed.rows().into_iter().filter_map(gap).collect()
}

/// 1, a gap of 2 to 7, then 8.
fn away() -> Bed {
    let mut bed = Bed::new();
    capable(&mut bed);
    hear(&mut bed, 1);
    leave(&mut bed);
    join(&mut bed, 7);
    hear(&mut bed, 8);
    assert_eq!(bed.words(), ["1", "=", "8"]);
    assert_eq!(wanted(&mut bed).as_deref(), Some("1"), "the gap begins after what was heard last");
    bed
}

#[test]
fn a_gap_is_filled_page_by_page_and_is_gone_when_the_next_range_is_met() {
    let mut bed = away();
    fill(&mut bed, 1, &[2, 3], Part);
    assert_eq!(bed.words(), ["1", "2", "3", "=", "8"], "the rest of the gap stands after the page");
    assert_eq!(wanted(&mut bed).as_deref(), Some("3"));
    fill(&mut bed, 3, &[4, 5, 6, 7, 8], Part);
    assert_eq!(bed.words(), ["1", "2", "3", "4", "5", "6", "7", "8"]);
    assert_eq!(wanted(&mut bed), None);
    assert_eq!(bed.stored().unread, 8, "what was missed was not read");
}

#[test]
fn a_page_that_comes_late_twice_or_unasked_changes_nothing() {
    let mut bed = away();
    fill(&mut bed, 1, &[2, 3], Part);
    let before = bed.rows();
    fill(&mut bed, 1, &[2, 3], Part);
    fill(&mut bed, 7, &[8], Whole);
    assert_eq!(bed.rows(), before);
}

#[test]
fn a_complete_page_ends_the_gap_and_an_empty_one_that_is_not_ends_in_failure() {
    let mut bed = away();
    fill(&mut bed, 1, &[], Part);
    assert!(matches!(healing(&mut bed).as_slice(), [(_, Healing::Failed { why: HealingFault::Stuck })]));
    assert_eq!(bed.words(), ["1", "=", "8"], "the gap stays honest");
    fill(&mut bed, 1, &[2, 3], Whole);
    assert_eq!(bed.words(), ["1", "2", "3", "8"]);
}

#[test]
fn what_was_written_meanwhile_stands_after_what_fills_the_gap() {
    let mut bed = Bed::new();
    capable(&mut bed);
    hear(&mut bed, 1);
    leave(&mut bed);
    bed.say("mine");
    join(&mut bed, 3);
    fill(&mut bed, 1, &[2, 3], Whole);
    assert_eq!(bed.words(), ["1", "2", "3", "mine"]);
}

#[test]
fn a_row_in_the_gap_takes_the_time_of_its_message_within_the_gap() {
    let mut bed = Bed::new();
    capable(&mut bed);
    hear(&mut bed, 1);
    leave(&mut bed);
    let left = bed.now;
    bed.now = left.plus_ms(60_000);
    bed.say("mine");
    join(&mut bed, 9);
    let at = |n, ms| Incoming { at: Some(left.plus_ms(ms)), ..said(n) };
    let page = [at(2, -90_000), at(3, 30_000), at(4, 20_000), at(5, 990_000)];
    let conversation = bed.conversation;
    bed.write(|tx| tx.fill(conversation, id(1).as_ref(), &page, Whole));
    assert_eq!(bed.words(), ["1", "2", "3", "4", "5", "mine"], "the server's order, whatever its clock says");
    let sorts: Vec<_> = bed.rows().iter().map(|row| row.place.sort).collect();
    assert_eq!(sorts[2], left.plus_ms(30_000));
    assert!(sorts.is_sorted());
}

/// Everything after `now` happens in one millisecond.
fn at_once<T>(bed: &mut Bed, job: impl FnOnce(&mut store::Tx<'_>) -> store::Result<T>) -> T {
    bed.writer.write(store::Durability::Full, bed.now, job).unwrap().value
}

#[test]
fn a_gap_has_room_for_what_fills_it_though_the_clock_stands_still_or_was_set_back() {
    for back in [0, 3_600_000] {
        let mut bed = Bed::new();
        capable(&mut bed);
        hear(&mut bed, 1);
        bed.now = bed.now.plus_ms(-back);
        let (account, conversation, now) = (bed.account, bed.conversation, bed.now);
        let say = |name: &'static str| {
            move |tx: &mut store::Tx<'_>| {
                tx.insert_own(conversation, &crate::bed::txn(name), &domain::Body::text(name))
            }
        };
        at_once(&mut bed, |tx| tx.open_gaps(account, now));
        at_once(&mut bed, say("mine"));
        at_once(&mut bed, |tx| {
            tx.head(conversation, id(4).as_ref())?;
            tx.close_gaps(account, now)?;
            tx.begin_healing(account)
        });
        at_once(&mut bed, |tx| tx.fill(conversation, id(1).as_ref(), &[said(2)], Part));
        at_once(&mut bed, |tx| tx.insert_incoming(conversation, &said(5)));
        assert_eq!(bed.words(), ["1", "2", "=", "mine", "5"]);
        at_once(&mut bed, |tx| tx.fill(conversation, id(2).as_ref(), &[said(3), said(4)], Whole));
        assert_eq!(bed.words(), ["1", "2", "3", "4", "mine", "5"], "set back by {back} ms");
    }
}

#[test]
fn what_is_left_of_a_gap_has_room_for_the_next_page_though_the_clock_stands_still() {
    let mut bed = Bed::new();
    capable(&mut bed);
    hear(&mut bed, 1);
    leave(&mut bed);
    join(&mut bed, 3);
    bed.now = bed.now.plus_ms(60_000);
    let (conversation, now) = (bed.conversation, bed.now);
    let just_said = |n| Incoming { at: Some(now), ..said(n) };
    at_once(&mut bed, |tx| tx.fill(conversation, id(1).as_ref(), &[just_said(2)], Part));
    at_once(&mut bed, |tx| tx.insert_incoming(conversation, &just_said(4)));
    assert_eq!(bed.words(), ["1", "2", "=", "4"]);
    at_once(&mut bed, |tx| tx.fill(conversation, id(2).as_ref(), &[just_said(3)], Whole));
    assert_eq!(bed.words(), ["1", "2", "3", "4"]);
}

#[test]
fn a_receipt_that_overtakes_the_words_of_others_hides_no_gap() {
    let mut bed = Bed::new();
    capable(&mut bed);
    hear(&mut bed, 1);
    bed.say("mine");
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 9));
    // The second was said by somebody else and is on its way when the line breaks.
    bed.write(|tx| tx.acknowledged(&crate::bed::txn("mine"), id(3).as_ref(), None));
    leave(&mut bed);
    join(&mut bed, 3);
    assert_eq!(wanted(&mut bed).as_deref(), Some("1"), "the last that was heard, whatever has a name by now");
    let conversation = bed.conversation;
    let mine = Incoming { txn: Some(crate::bed::txn("mine")), ..named("mine", "3", Sender::Me) };
    bed.write(|tx| tx.fill(conversation, id(1).as_ref(), &[said(2), mine], Whole));
    assert_eq!(bed.words(), ["1", "mine", "2"]);
}

#[test]
fn nothing_was_missed_where_the_server_has_nothing_newer_or_resumes() {
    let mut bed = Bed::new();
    capable(&mut bed);
    hear(&mut bed, 1);
    leave(&mut bed);
    join(&mut bed, 1);
    assert_eq!(bed.words(), ["1"]);
    leave(&mut bed);
    assert_eq!(bed.words(), ["1", "-"]);
    let (account, now) = (bed.account, bed.now);
    bed.write(|tx| {
        tx.resumed(account)?;
        tx.close_gaps(account, now)
    });
    assert_eq!(bed.words(), ["1"]);
}

#[test]
fn a_session_that_resumed_and_ended_before_it_was_online_leaves_a_gap() {
    let mut bed = Bed::new();
    let (account, conversation) = (bed.account, bed.conversation);
    hear(&mut bed, 1);
    for begin_anew in [true, false] {
        leave(&mut bed);
        bed.write(|tx| if begin_anew { tx.resumed(account) } else { tx.head(conversation, id(1).as_ref()) });
        assert_eq!(bed.words(), ["1"]);
        leave(&mut bed);
        assert_eq!(bed.words(), ["1", "-"]);
    }
}

#[test]
fn a_gap_that_was_there_before_stays_when_the_last_absence_missed_nothing() {
    let mut bed = Bed::new();
    capable(&mut bed);
    hear(&mut bed, 1);
    leave(&mut bed);
    join(&mut bed, 5);
    let gap = bed.rows()[1].clone();
    leave(&mut bed);
    assert_eq!(bed.words(), ["1", "-"], "nothing was heard between: one gap");
    join(&mut bed, 5);
    assert_eq!(bed.rows()[1].item, gap.item, "as it was");
    assert_eq!(wanted(&mut bed).as_deref(), Some("1"));
}

#[test]
fn a_complete_page_fills_the_later_gaps_too() {
    let mut bed = away();
    leave(&mut bed);
    join(&mut bed, 9);
    bed.say("mine");
    leave(&mut bed);
    join(&mut bed, 10);
    assert_eq!(bed.words(), ["1", "=", "8", "=", "mine", "="]);
    fill(&mut bed, 8, &[9, 10], Whole);
    assert_eq!(bed.words(), ["1", "=", "8", "9", "10", "mine"]);
    fill(&mut bed, 1, &[2, 3, 4, 5, 6, 7, 8], Part);
    assert_eq!(bed.words(), ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "mine"]);
}

#[test]
fn one_of_ours_that_had_arrived_is_found_in_the_history() {
    let mut bed = Bed::new();
    capable(&mut bed);
    hear(&mut bed, 1);
    let own = bed.say("mine");
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 1));
    bed.write(|tx| tx.doubt_all(account));
    leave(&mut bed);
    join(&mut bed, 3);
    let conversation = bed.conversation;
    let mine = Incoming { txn: Some(crate::bed::txn("mine")), ..named("mine", "2", Sender::Me) };
    bed.write(|tx| tx.fill(conversation, id(1).as_ref(), &[mine, said(3)], Whole));
    assert_eq!(bed.words(), ["1", "mine", "3"]);
    assert_eq!(bed.delivery(own), Some(domain::Delivery::Acknowledged), "and is not sent again");
    assert!(bed.write(|tx| tx.dispatch(account, 9)).is_empty());
}

#[test]
fn what_can_be_done_about_a_gap_is_what_is_shown() {
    let mut bed = Bed::new();
    hear(&mut bed, 1);
    leave(&mut bed);
    let (account, conversation) = (bed.account, bed.conversation);
    let gap = healing(&mut bed)[0].0;
    assert_eq!(healing(&mut bed), [(gap, Healing::Unavailable)]);
    assert_eq!(bed.write(|tx| tx.ask_healing(gap, None)), None, "it lasts still");
    join(&mut bed, 5);
    assert_eq!(healing(&mut bed), [(gap, Healing::Unavailable)]);
    assert_eq!(bed.write(|tx| tx.ask_healing(gap, None)), None, "the server keeps no history");

    capable(&mut bed);
    bed.write(|tx| tx.begin_healing(account));
    assert_eq!(healing(&mut bed), [(gap, Healing::Loading)]);
    // A server's word that looks like one of ours is still the server's.
    for text in ["not today", "", "offline", "refused:silent"] {
        bed.write(|tx| tx.healing_failed(conversation, id(1).as_ref(), text));
        let why = HealingFault::Refused { text: text.into() };
        assert_eq!(healing(&mut bed), [(gap, Healing::Failed { why })]);
    }
    let long = "字".repeat(store::MAX_NOTE + 1);
    bed.write(|tx| tx.healing_failed(conversation, id(1).as_ref(), &long));
    let why = HealingFault::Refused { text: "字".repeat(store::MAX_NOTE) };
    assert_eq!(healing(&mut bed), [(gap, Healing::Failed { why })]);
    for why in [HealingFault::Offline, HealingFault::Silent] {
        assert_eq!(bed.write(|tx| tx.ask_healing(gap, Some(&why))), Some(account));
        assert_eq!(healing(&mut bed), [(gap, Healing::Failed { why })]);
    }
    assert_eq!(bed.write(|tx| tx.ask_healing(gap, None)), Some(account));
    assert_eq!(healing(&mut bed), [(gap, Healing::Loading)]);
    leave(&mut bed);
    assert_eq!(healing(&mut bed), [(gap, Healing::Offered)], "nobody can be asked any more");
    join(&mut bed, 5);
    fill(&mut bed, 1, &[2], Whole);
    assert_eq!(bed.write(|tx| tx.ask_healing(gap, None)), None, "it is filled");
}

#[test]
fn old_gaps_wait_for_the_user() {
    let mut bed = Bed::new();
    capable(&mut bed);
    hear(&mut bed, 1);
    leave(&mut bed);
    bed.now = bed.now.plus_ms(30 * 24 * 60 * 60 * 1000);
    join(&mut bed, 5);
    assert!(matches!(healing(&mut bed).as_slice(), [(_, Healing::Offered)]));
    assert_eq!(wanted(&mut bed), None);
}
