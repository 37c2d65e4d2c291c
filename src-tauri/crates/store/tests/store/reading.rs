//! Counters are always what a scan would count.

use crate::bed::{Bed, heard};
use crate::script::{Cast, transactions};
use domain::{Conversation, ConversationKind, Delivery, Item, Row, Sender};
use proptest::prelude::*;

fn scan(rows: &[Row], stored: &Conversation) -> (u32, u32, u32) {
    let (mut unread, mut mentions, mut waiting) = (0, 0, 0);
    let is_direct = stored.kind == ConversationKind::Direct;
    for row in rows {
        let Item::Message { sender, delivery, mentions_me, .. } = &row.item else { continue };
        let is_unread = *sender != Sender::Me && Some(row.place) > stored.read;
        unread += u32::from(is_unread);
        mentions += u32::from(is_unread && (is_direct || *mentions_me));
        waiting += u32::from(matches!(delivery, Some(Delivery::Queued | Delivery::Sending)));
    }
    (unread, mentions, waiting)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn unread_mentions_and_waiting_are_what_a_scan_counts(life in prop::collection::vec(transactions(), 1..16)) {
        let mut bed = Bed::new();
        let mut cast = Cast::default();
        let mut read = None;
        for steps in life.iter().flatten() {
            cast.play(&mut bed, steps);
            let stored = bed.stored();
            prop_assert_eq!((stored.unread, stored.mentions, stored.waiting), scan(&bed.rows(), &stored));
            prop_assert!(stored.read >= read, "the read place went back");
            read = stored.read;
        }
    }
}

#[test]
fn reading_in_a_long_conversation_counts_right_near_and_far() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    bed.write(|tx| (0..3_500).try_for_each(|_| tx.insert_incoming(conversation, &heard("x")).map(drop)));
    let rows = bed.rows();
    for (upto, unread) in [(9, 3_490), (59, 3_440), (2_498, 1_001), (2_499, 1_000), (100, 1_000), (3_499, 0)]
    {
        bed.write(|tx| tx.mark_read(conversation, rows[upto].place.id));
        assert_eq!(bed.stored().unread, unread, "read up to row {upto}");
    }
}

#[test]
fn a_row_of_another_conversation_marks_nothing_read() {
    let mut bed = Bed::new();
    let (account, conversation) = (bed.account, bed.conversation);
    let elsewhere = bed.hear("a");
    let other = bed.write(|tx| tx.ensure_conversation(account, &crate::bed::room("other")));
    bed.write(|tx| tx.insert_incoming(other, &heard("b")));
    let written = bed.written(|tx| tx.mark_read(other, elsewhere));
    assert!(!written.touched.sidebar);
    assert_eq!(bed.reader.conversation(other).unwrap().unwrap().unread, 1);
    assert_eq!(bed.reader.conversation(conversation).unwrap().unwrap().unread, 1);
}
