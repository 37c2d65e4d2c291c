//! The end of the server's history comes unasked, and what came before it is asked for from there.

use crate::bed::{Bed, named, room};
use domain::{Body, Capabilities, Healing, HealingFault, Incoming, Item, RemoteId, Sender, Timestamp};
use proptest::prelude::*;
use store::Completeness::{self, Part, Whole};
use store::End;

fn name(n: u64) -> RemoteId {
    RemoteId(n.to_string())
}

fn said(n: u64) -> Incoming {
    named(&n.to_string(), &n.to_string(), Sender::Server)
}

/// A message of the minute before the store began, at its own second.
fn at(n: u64, second: i64) -> Incoming {
    Incoming { at: Some(crate::bed::DAWN.plus_ms(second * 1_000)), ..said(n) }
}

fn able(history: bool, earlier: bool) -> Bed {
    let mut bed = Bed::new();
    let account = bed.account;
    bed.write(|tx| {
        tx.set_capabilities(account, Capabilities { history, earlier, ..Capabilities::default() })
    });
    bed
}

fn recent(bed: &mut Bed, piece: &[Incoming], complete: Completeness) {
    let conversation = bed.conversation;
    bed.write(|tx| tx.recent(conversation, piece, complete));
}

fn numbers(bed: &mut Bed, numbers: impl IntoIterator<Item = u64>, complete: Completeness) {
    let piece: Vec<_> = numbers.into_iter().map(said).collect();
    recent(bed, &piece, complete);
}

fn earlier(bed: &mut Bed, before: u64, piece: &[Incoming], complete: Completeness) {
    let conversation = bed.conversation;
    bed.write(|tx| tx.earlier(conversation, &name(before), piece, complete));
}

fn hear(bed: &mut Bed, n: u64) {
    let conversation = bed.conversation;
    bed.write(|tx| tx.insert_incoming(conversation, &said(n)));
}

fn away(bed: &mut Bed) {
    let (account, now) = (bed.account, bed.now);
    bed.write(|tx| tx.open_gaps(account, now));
}

fn back(bed: &mut Bed) {
    let (account, now) = (bed.account, bed.now);
    bed.write(|tx| {
        tx.close_gaps(account, now)?;
        tx.begin_healing(account)
    });
}

fn gap(bed: &mut Bed) -> (domain::MessageId, Option<Timestamp>, Healing) {
    let gap = bed.rows().into_iter().find_map(|row| match row.item {
        Item::Gap { from, healing, .. } => Some((row.place.id, from, healing)),
        Item::Message { .. } | Item::Happening { .. } => None,
    });
    gap.unwrap()
}

/// Asks as the user does, and tells what the server is asked for.
fn ask(bed: &mut Bed) -> End {
    let (gap, _, _) = gap(bed);
    let account = bed.account;
    assert_eq!(bed.write(|tx| tx.ask_healing(gap, None)), Some(account));
    bed.reader.wanting(account).unwrap().unwrap().from
}

#[test]
fn the_first_of_a_history_is_no_news_and_says_that_there_is_more() {
    let mut bed = able(true, true);
    numbers(&mut bed, [5, 6], Part);
    assert_eq!(bed.words(), ["=", "5", "6"]);
    assert_eq!(bed.stored().unread, 0);
    assert!(matches!(gap(&mut bed), (_, None, Healing::Offered)), "it has no beginning");
    hear(&mut bed, 7);
    assert_eq!((bed.words().len(), bed.stored().unread), (4, 1));
}

#[test]
fn a_whole_history_has_nothing_before_it() {
    let mut bed = able(true, true);
    numbers(&mut bed, [1, 2], Whole);
    assert_eq!(bed.words(), ["1", "2"]);
    let mut bed = able(true, true);
    numbers(&mut bed, [], Part);
    assert_eq!(bed.words(), [""; 0], "of nothing there is no end to ask from");
}

#[test]
fn where_the_server_cannot_be_asked_from_the_end_nothing_is_offered() {
    let mut bed = able(true, false);
    numbers(&mut bed, [5], Part);
    assert!(matches!(gap(&mut bed), (_, None, Healing::Unavailable)));
    back(&mut bed);
    assert!(matches!(gap(&mut bed), (_, None, Healing::Unavailable)));
}

#[test]
fn what_stands_here_already_stands_after_the_history_that_came_before_it() {
    let mut bed = able(true, true);
    bed.say("mine");
    recent(&mut bed, &[at(1, -9), at(2, 999_999)], Part);
    assert_eq!(bed.words(), ["=", "1", "2", "mine"]);
}

#[test]
fn an_absence_that_the_end_of_the_history_spans_leaves_no_gap() {
    let mut bed = able(true, true);
    hear(&mut bed, 1);
    hear(&mut bed, 2);
    away(&mut bed);
    bed.say("mine");
    back(&mut bed);
    numbers(&mut bed, 1..=4, Part);
    assert_eq!(bed.words(), ["1", "2", "3", "4", "mine"]);
    assert_eq!(bed.stored().unread, 4);
    numbers(&mut bed, 1..=4, Part);
    assert_eq!(bed.words(), ["1", "2", "3", "4", "mine"], "what is known changes nothing");
}

#[test]
fn an_absence_that_it_does_not_span_leaves_one_before_it() {
    let mut bed = able(true, true);
    hear(&mut bed, 1);
    away(&mut bed);
    back(&mut bed);
    numbers(&mut bed, 5..=6, Part);
    assert_eq!(bed.words(), ["1", "=", "5", "6"]);
    assert_eq!(bed.stored().unread, 3, "something had been here, so it is news");
    let conversation = bed.conversation;
    bed.write(|tx| tx.fill(conversation, Some(&name(1)), &[said(2), said(3), said(4), said(5)], Part));
    assert_eq!(bed.words(), ["1", "2", "3", "4", "5", "6"]);
    away(&mut bed);
    back(&mut bed);
    numbers(&mut bed, 6..=7, Part);
    assert_eq!(
        bed.words().last().map(String::as_str),
        Some("7"),
        "the next absence began after what came then"
    );
    assert!(!bed.words().contains(&"=".to_owned()));
}

#[test]
fn the_last_word_was_ours_and_the_gap_behind_it_is_spanned_all_the_same() {
    let mut bed = able(true, true);
    hear(&mut bed, 1);
    let own = bed.say("mine");
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 1));
    bed.write(|tx| tx.acknowledged(&crate::bed::txn("mine"), Some(&name(2)), None));
    away(&mut bed);
    back(&mut bed);
    numbers(&mut bed, 1..=3, Part);
    assert_eq!(bed.words(), ["1", "mine", "3"]);
    assert!(bed.delivery(own).is_some());
}

#[test]
fn a_message_of_the_history_keeps_how_it_was_said() {
    let mut bed = able(true, true);
    hear(&mut bed, 1);
    let tell =
        |n| Incoming { tone: domain::Tone::Action, reply_to: Some(name(1)), mentions_me: true, ..said(n) };
    away(&mut bed);
    back(&mut bed);
    recent(&mut bed, &[said(1), tell(2)], Part);
    away(&mut bed);
    back(&mut bed);
    let conversation = bed.conversation;
    bed.write(|tx| tx.fill(conversation, Some(&name(2)), &[tell(3)], Whole));
    hear(&mut bed, 4);
    let told: Vec<_> = bed
        .rows()
        .into_iter()
        .filter_map(|row| match row.item {
            Item::Message { tone, reply: Some(reply), mentions_me, .. } => {
                Some((tone, reply.text, mentions_me))
            }
            Item::Message { .. } | Item::Gap { .. } | Item::Happening { .. } => None,
        })
        .collect();
    assert_eq!(told, vec![(domain::Tone::Action, "1".to_owned(), true); 2]);
    assert_eq!((bed.stored().unread, bed.stored().mentions), (4, 2));
}

#[test]
fn what_came_before_is_asked_for_page_by_page_and_stands_in_order() {
    let mut bed = able(true, true);
    recent(&mut bed, &[at(7, -3), at(8, -2)], Part);
    hear(&mut bed, 9);
    for (before, page) in [(7, [at(5, -5), at(6, -99)]), (5, [at(3, 50), at(4, -7)])] {
        assert_eq!(ask(&mut bed), End::Before(name(before)));
        earlier(&mut bed, before, &page, Part);
        assert!(matches!(gap(&mut bed), (_, None, Healing::Offered)), "one page an ask");
    }
    assert_eq!(bed.words(), ["=", "3", "4", "5", "6", "7", "8", "9"], "whatever its clock said");
    assert_eq!(bed.stored().unread, 1, "history is no news");
    assert_eq!(ask(&mut bed), End::Before(name(3)));
    earlier(&mut bed, 3, &[at(1, -30), at(2, -20)], Whole);
    assert_eq!(bed.words(), ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!(bed.reader.wanting(bed.account).unwrap(), None);
}

#[test]
fn a_page_that_comes_late_twice_or_unasked_changes_nothing() {
    let mut bed = able(true, true);
    recent(&mut bed, &[at(7, -3)], Part);
    earlier(&mut bed, 7, &[at(5, -5), at(6, -4)], Part);
    let before = bed.rows();
    earlier(&mut bed, 7, &[at(5, -5), at(6, -4)], Part);
    earlier(&mut bed, 6, &[at(5, -5)], Whole);
    earlier(&mut bed, 99, &[at(1, -9)], Whole);
    assert_eq!(bed.rows(), before);
}

#[test]
fn a_page_that_does_not_come_on_is_a_failure_and_so_is_a_refusal() {
    let mut bed = able(true, true);
    recent(&mut bed, &[at(7, -3)], Part);
    for page in [vec![], vec![Incoming { id: None, ..said(6) }]] {
        earlier(&mut bed, 7, &page, Part);
        assert!(matches!(gap(&mut bed).2, Healing::Failed { why: HealingFault::Stuck }));
        assert_eq!(bed.words(), ["=", "7"], "what has no name comes with the next page, or would come twice");
        ask(&mut bed);
    }
    let conversation = bed.conversation;
    bed.write(|tx| tx.earlier_failed(conversation, &name(7), "no"));
    assert!(matches!(gap(&mut bed).2, Healing::Failed { why: HealingFault::Refused { .. } }));
    assert_eq!(ask(&mut bed), End::Before(name(7)), "it can be asked for again");
}

#[test]
fn a_gap_whose_beginning_has_no_name_is_asked_for_from_its_end() {
    let mut bed = able(false, true);
    bed.hear("unnamed");
    away(&mut bed);
    bed.now = bed.now.plus_ms(60_000);
    back(&mut bed);
    hear(&mut bed, 9);
    let end = bed.reader.wanting(bed.account).unwrap().unwrap().from;
    assert_eq!(end, End::Before(name(9)));
    earlier(&mut bed, 9, &[said(7), said(8)], Part);
    assert_eq!(bed.words(), ["unnamed", "=", "7", "8", "9"]);
    earlier(&mut bed, 7, &[said(5), said(6)], Whole);
    assert_eq!(bed.words(), ["unnamed", "5", "6", "7", "8", "9"]);
}

#[test]
fn a_page_that_meets_what_stands_before_the_gap_closes_it() {
    let mut bed = able(false, true);
    hear(&mut bed, 1);
    bed.hear("unnamed");
    let conversation = bed.conversation;
    bed.write(|tx| tx.head(conversation, None));
    away(&mut bed);
    bed.now = bed.now.plus_ms(60_000);
    back(&mut bed);
    hear(&mut bed, 4);
    assert_eq!(ask(&mut bed), End::Before(name(4)));
    earlier(&mut bed, 4, &[said(1), said(2), said(3)], Part);
    assert_eq!(bed.words(), ["1", "unnamed", "2", "3", "4"]);
}

#[test]
fn another_conversation_is_not_concerned() {
    let mut bed = able(true, true);
    let account = bed.account;
    let other = bed.write(|tx| tx.ensure_conversation(account, &room("other")));
    numbers(&mut bed, [5], Part);
    bed.write(|tx| tx.recent(other, &[said(5)], Whole));
    earlier(&mut bed, 5, &[said(4)], Whole);
    assert_eq!(bed.words(), ["4", "5"]);
    assert_eq!(bed.reader.latest(other, 9).unwrap().rows.len(), 1);
}

/// What happens between us and a server that says its last words at each log-in.
#[derive(Clone, Debug)]
enum Happening {
    /// Somebody says one; we hear it where there is a line.
    Said,
    /// We say one, which comes back.
    Mine,
    /// The line breaks.
    Break,
    /// The line is back, with so many last words.
    Join(usize),
    /// A page of whatever is wanted.
    Page(usize),
    /// The reader asks for what came before.
    Ask,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        5 => Just(Happening::Said),
        2 => Just(Happening::Mine),
        2 => Just(Happening::Break),
        3 => (1..5_usize).prop_map(Happening::Join),
        3 => (1..4_usize).prop_map(Happening::Page),
        2 => Just(Happening::Ask),
    ]
}

struct Server {
    said: Vec<Incoming>,
    online: bool,
}

impl Server {
    fn happen(&mut self, bed: &mut Bed, happening: &Happening) {
        let (account, conversation) = (bed.account, bed.conversation);
        match happening {
            Happening::Said => {
                let message = Incoming { at: Some(bed.now), ..said(self.said.len() as u64) };
                self.said.push(message.clone());
                if self.online {
                    bed.write(|tx| tx.insert_incoming(conversation, &message));
                }
            }
            Happening::Mine if self.online => {
                let n = self.said.len().to_string();
                let txn = crate::bed::txn(&n);
                bed.write(|tx| tx.insert_own(conversation, &txn, &Body::text(n.clone())));
                bed.write(|tx| tx.dispatch(account, 9));
                let echo = Incoming { txn: Some(txn), at: Some(bed.now), ..named(&n, &n, Sender::Me) };
                bed.write(|tx| tx.insert_incoming(conversation, &echo));
                self.said.push(Incoming { txn: None, ..echo });
            }
            Happening::Break if self.online => {
                self.online = false;
                away(bed);
            }
            Happening::Join(count) if !self.online => {
                self.online = true;
                back(bed);
                let from = self.said.len().saturating_sub(*count);
                let complete = if from == 0 { Whole } else { Part };
                recent(bed, &self.said[from..], complete);
            }
            Happening::Page(count) if self.online => self.page(bed, *count),
            Happening::Ask if self.online => {
                let gaps: Vec<_> =
                    bed.rows().into_iter().filter(|row| matches!(row.item, Item::Gap { .. })).collect();
                if let Some(gap) = gaps.last() {
                    bed.write(|tx| tx.ask_healing(gap.place.id, None));
                }
            }
            Happening::Mine | Happening::Break | Happening::Join(_) | Happening::Page(_) | Happening::Ask => {
            }
        }
    }

    fn page(&self, bed: &mut Bed, count: usize) {
        let conversation = bed.conversation;
        let Some(wanting) = bed.reader.wanting(bed.account).unwrap() else { return };
        // Twice, since an answer may come twice.
        for _ in 0..2 {
            match &wanting.from {
                End::After(after) => {
                    let from = after.as_ref().map_or(0, |id| id.0.parse::<usize>().unwrap() + 1);
                    let page: Vec<_> = self.said.iter().skip(from).take(count).cloned().collect();
                    let complete = if from + page.len() == self.said.len() { Whole } else { Part };
                    bed.write(|tx| tx.fill(conversation, after.as_ref(), &page, complete));
                }
                End::Before(before) => {
                    let until = before.0.parse::<usize>().unwrap();
                    let from = until.saturating_sub(count);
                    let complete = if from == 0 { Whole } else { Part };
                    bed.write(|tx| tx.earlier(conversation, before, &self.said[from..until], complete));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    /// Whatever comes and goes: what is here stands once and in the server's order, where two neighbours have no gap
    /// between them nothing is missing, and in the end all of it is here.
    #[test]
    fn the_history_is_whole_or_says_where_it_is_not(
        before in 0..6_usize,
        life in prop::collection::vec(happening(), 1..50),
    ) {
        let mut bed = able(true, true);
        away(&mut bed);
        let mut server = Server { said: Vec::new(), online: false };
        for _ in 0..before {
            server.happen(&mut bed, &Happening::Said);
        }
        for happening in life.iter().chain(&[Happening::Break, Happening::Join(2)]) {
            server.happen(&mut bed, happening);
            let words = bed.words();
            let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
            prop_assert!(numbers.is_sorted_by(|one, next| one < next), "{:?}", words);
            for pair in words.windows(2) {
                if let (Ok(one), Ok(next)) = (pair[0].parse::<usize>(), pair[1].parse::<usize>()) {
                    prop_assert_eq!(one + 1, next, "{:?}", words);
                }
            }
        }
        for _ in 0..200 {
            server.happen(&mut bed, &Happening::Ask);
            server.page(&mut bed, 3);
        }
        let all: Vec<_> = (0..server.said.len()).map(|n| n.to_string()).collect();
        prop_assert_eq!(bed.words(), all);
    }
}
