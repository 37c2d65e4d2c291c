//! A window that is kept by `changes` alone is always the same as a fresh read.

use crate::bed::{Bed, heard, txn};
use crate::script::{Cast, Step, transactions};
use domain::{Body, Changes, Item, Page, Place, RemoteId, Rev, Row, Timestamp};
use proptest::prelude::*;
use store::{MAX_CHANGES, MAX_WINDOW};

/// The window's copy, kept by the rules that the user interface follows.
struct Window {
    rows: Vec<Row>,
    has_older: bool,
    has_newer: bool,
    rev: Rev,
}

impl Window {
    fn of(page: Page) -> Self {
        let Page { rows, has_older, has_newer, rev } = page;
        Self { rows, has_older, has_newer, rev }
    }

    fn from(&self) -> Option<Place> {
        self.rows.first().map(|row| row.place)
    }

    fn to(&self) -> Option<Place> {
        self.rows.last().map(|row| row.place)
    }

    fn ask(&self, bed: &mut Bed) -> Changes {
        bed.reader.changes(bed.conversation, self.from(), self.to(), self.rev).unwrap()
    }

    /// Returns whether the answer was a delta.
    fn apply(&mut self, changes: Changes) -> bool {
        let Changes::Delta { upserts, removed, has_older, has_newer, rev } = changes else { return false };
        for row in upserts {
            match self.rows.binary_search_by_key(&row.place, |row| row.place) {
                Ok(at) => self.rows[at] = row,
                Err(at) => self.rows.insert(at, row),
            }
        }
        self.rows.retain(|row| !removed.contains(&row.place.id));
        (self.has_older, self.has_newer, self.rev) = (has_older, has_newer, rev);
        true
    }

    /// More rows at one end. The rev stays: what changed since in the other rows is not known yet.
    fn extend(&mut self, bed: &mut Bed, newer: bool, count: u32) {
        let (Some(from), Some(to)) = (self.from(), self.to()) else { return };
        if newer {
            let page = bed.reader.after(bed.conversation, to, count).unwrap();
            self.rows.extend(page.rows);
            self.has_newer = page.has_newer;
        } else {
            let mut page = bed.reader.before(bed.conversation, from, count).unwrap();
            page.rows.append(&mut self.rows);
            self.rows = page.rows;
            self.has_older = page.has_older;
        }
    }

    fn trim(&mut self, newer: bool, count: usize) {
        let count = count.min(self.rows.len());
        if count > 0 && newer {
            self.rows.truncate(self.rows.len() - count);
            self.has_newer = true;
        } else if count > 0 {
            self.rows.drain(..count);
            self.has_older = true;
        }
    }

    fn check(&self, bed: &mut Bed) {
        let truth = bed.rows();
        let (Some(from), Some(to)) = (self.from(), self.to()) else {
            assert!(truth.is_empty() || self.has_older || self.has_newer);
            return;
        };
        let fresh: Vec<Row> = truth.iter().filter(|row| (from..=to).contains(&row.place)).cloned().collect();
        assert_eq!(self.rows, fresh);
        assert_eq!(self.has_older, truth[0].place < from);
        assert_eq!(self.has_newer, truth[truth.len() - 1].place > to);
    }
}

/// What the window does between transactions.
#[derive(Clone, Debug)]
enum Move {
    Pull,
    Extend { newer: bool, count: u32 },
    Trim { newer: bool, count: usize },
    Latest(u32),
    Around(usize, u32),
}

fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        6 => Just(Move::Pull),
        2 => (any::<bool>(), 0..5_u32).prop_map(|(newer, count)| Move::Extend { newer, count }),
        2 => (any::<bool>(), 0..5_usize).prop_map(|(newer, count)| Move::Trim { newer, count }),
        1 => (0..8_u32).prop_map(Move::Latest),
        1 => (any::<usize>(), 1..8_u32).prop_map(|(which, count)| Move::Around(which, count)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    /// Pulls come late, twice, or between two pages: that is what a lost, doubled or late bell amounts to
    /// (design invariant 11).
    #[test]
    fn a_window_kept_by_changes_equals_a_fresh_read(
        life in prop::collection::vec((transactions(), a_move()), 1..24)
    ) {
        let mut bed = Bed::new();
        let mut cast = Cast::default();
        let mut window = Window::of(bed.reader.latest(bed.conversation, 5).unwrap());
        for (writes, a_move) in life {
            for steps in &writes {
                cast.play(&mut bed, steps);
            }
            match a_move {
                Move::Pull => {}
                Move::Extend { newer, count } => window.extend(&mut bed, newer, count),
                Move::Trim { newer, count } => window.trim(newer, count),
                Move::Latest(count) => window = Window::of(bed.reader.latest(bed.conversation, count).unwrap()),
                Move::Around(which, count) => {
                    let rows = bed.rows();
                    if let Some(row) = rows.get(which % rows.len().max(1)) {
                        let page = bed.reader.around(bed.conversation, row.place.id, count).unwrap();
                        window = Window::of(page.unwrap());
                    }
                }
            }
            let was_at_the_edge = !window.has_newer;
            let had_rows = !window.rows.is_empty();
            let changes = window.ask(&mut bed);
            if window.apply(changes.clone()) {
                window.check(&mut bed);
                prop_assert!(!was_at_the_edge || !window.has_newer, "the newest row was lost from sight");
                prop_assert_eq!(window.rev, bed.reader.rev().unwrap());
                window.apply(changes);
                window.check(&mut bed);
            } else {
                prop_assert!(!had_rows, "so few rows are no reason to start over");
                window = Window::of(bed.reader.latest(bed.conversation, 5).unwrap());
            }
        }
    }
}

#[test]
fn nothing_new_is_an_empty_delta() {
    let mut bed = Bed::new();
    bed.hear("a");
    let window = Window::of(bed.reader.latest(bed.conversation, 50).unwrap());
    let expected = Changes::Delta {
        upserts: vec![],
        removed: vec![],
        has_older: false,
        has_newer: false,
        rev: window.rev,
    };
    assert_eq!(window.ask(&mut bed), expected);
}

#[test]
fn a_window_in_the_past_is_told_that_there_is_more_but_does_not_grow() {
    let mut bed = Bed::new();
    let first = bed.hear("a");
    bed.hear("b");
    let window = Window::of(bed.reader.around(bed.conversation, first, 1).unwrap().unwrap());
    bed.hear("c");
    let Changes::Delta { upserts, has_newer, .. } = window.ask(&mut bed) else { panic!("reset") };
    assert_eq!((upserts, has_newer), (vec![], true));
}

#[test]
fn a_change_just_after_a_window_in_the_past_does_not_make_it_grow() {
    let mut bed = Bed::new();
    let first = bed.hear("a");
    bed.say("b");
    bed.hear("c");
    let window = Window::of(bed.reader.around(bed.conversation, first, 1).unwrap().unwrap());
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 1));
    let Changes::Delta { upserts, has_newer, .. } = window.ask(&mut bed) else { panic!("reset") };
    assert_eq!((upserts, has_newer), (vec![], true));
}

#[test]
fn an_own_message_in_the_window_is_an_upsert_when_its_state_changes() {
    let mut bed = Bed::new();
    let id = bed.say("a");
    let window = Window::of(bed.reader.latest(bed.conversation, 50).unwrap());
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 1));
    let Changes::Delta { upserts, .. } = window.ask(&mut bed) else { panic!("reset") };
    assert_eq!(upserts.iter().map(|row| row.place.id).collect::<Vec<_>>(), [id]);
}

#[test]
fn an_own_message_takes_the_time_of_a_receipt_that_comes_after_its_proof() {
    let mut bed = Bed::new();
    bed.say("a");
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 1));
    bed.write(|tx| tx.acknowledged(&txn("a"), None, None));
    let mut window = Window::of(bed.reader.latest(bed.conversation, 50).unwrap());
    bed.write(|tx| tx.acknowledged(&txn("a"), Some(&RemoteId("1".to_owned())), Some(Timestamp(7))));
    let changes = window.ask(&mut bed);
    assert!(window.apply(changes));
    window.check(&mut bed);
    assert!(matches!(window.rows[0].item, Item::Message { at: Timestamp(7), .. }));
}

#[test]
fn exactly_max_changes_are_told_and_one_more_is_a_reset() {
    let mut bed = Bed::new();
    bed.hear("a");
    let window = Window::of(bed.reader.latest(bed.conversation, 50).unwrap());
    let conversation = bed.conversation;
    bed.write(|tx| {
        (0..MAX_CHANGES).try_for_each(|_| tx.insert_incoming(conversation, &heard("x")).map(drop))
    });
    let Changes::Delta { upserts, .. } = window.ask(&mut bed) else { panic!("reset") };
    assert_eq!(upserts.len(), MAX_CHANGES);
    bed.hear("one more");
    assert_eq!(window.ask(&mut bed), Changes::Reset);
}

#[test]
fn a_window_that_is_not_of_this_store_is_reset() {
    let mut bed = Bed::new();
    let rev = bed.reader.rev().unwrap();
    assert_eq!(bed.reader.changes(bed.conversation, None, None, Rev(rev.0 + 1)).unwrap(), Changes::Reset);
    let gone = domain::ConversationId(99);
    assert_eq!(bed.reader.changes(gone, None, None, rev).unwrap(), Changes::Reset);
}

#[test]
fn a_window_without_end_is_reset() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    bed.write(|tx| {
        (0..=MAX_WINDOW).try_for_each(|_| tx.insert_incoming(conversation, &heard("x")).map(drop))
    });
    let rows = bed.rows();
    let rev = bed.reader.rev().unwrap();
    let (from, to) = (Some(rows[0].place), Some(rows[rows.len() - 1].place));
    assert_eq!(bed.reader.changes(conversation, from, to, rev).unwrap(), Changes::Reset);
}

#[test]
fn the_first_rows_of_an_empty_conversation_are_told() {
    let mut bed = Bed::new();
    let mut window = Window::of(bed.reader.latest(bed.conversation, 50).unwrap());
    Cast::default().play(&mut bed, &[Step::Say(1), Step::Discard(0), Step::Say(2)]);
    let changes = window.ask(&mut bed);
    assert!(window.apply(changes));
    let conversation = bed.conversation;
    let kept = bed.write(|tx| tx.insert_own(conversation, &txn("t2"), &Body::text("again")));
    assert_eq!(window.rows.iter().map(|row| row.place.id).collect::<Vec<_>>(), [kept]);
}
