//! Exactly one row per message: the rules, as ARCHITECTURE.md has them, and a test each. All of them at random: `chance.rs`.
//!
//! 1. One server's name is one row of its conversation.
//! 2. What names an intent of ours becomes the row of that intent.
//! 3. That an echo in the same session is ours is for the adapter to know, which then names the intent; nobody else guesses.
//! 4. What a receipt calls by a name after it has come under that name as one of ours takes that row's place; somebody
//!    else's row never makes way.
//! 5. What was discarded is a message like any other when the server says it after all.
//! 6. What was taken back keeps its name, and its words come by no way again.

use crate::bed::{Bed, named, room, txn};
use crate::healing::capable;
use domain::{Body, Delivery, Incoming, Item, MessageId, RemoteId, Sender, Timestamp};
use store::{Completeness, Inserted};

/// Our message, as the server says it: with its name and our intent.
pub(crate) fn ours(n: u64, intent: &str) -> Incoming {
    Incoming { txn: Some(txn(intent)), ..named(intent, &n.to_string(), Sender::Me) }
}

pub(crate) fn hear(bed: &mut Bed, message: &Incoming) -> Inserted {
    let conversation = bed.conversation;
    bed.write(|tx| tx.insert_incoming(conversation, message))
}

fn send(bed: &mut Bed, intent: &str) -> MessageId {
    let id = bed.say(intent);
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 9));
    id
}

#[test]
fn one_server_name_is_one_row() {
    let mut bed = Bed::new();
    let first = hear(&mut bed, &named("a", "1", Sender::Server));
    let again = hear(&mut bed, &named("a", "1", Sender::Server));
    assert!(matches!((first, again), (Inserted::New(a), Inserted::Known(b)) if a == b));
    assert_eq!(bed.words(), ["a"]);
}

#[test]
fn an_echo_that_names_our_intent_is_our_row_and_proves_it_in_whatever_state_it_is() {
    for unproven in ["queued", "sending", "sent", "unconfirmed", "failed"] {
        let mut bed = Bed::new();
        let account = bed.account;
        let id = bed.say("m");
        bed.write(|tx| match unproven {
            "queued" => Ok(()),
            "failed" => tx.refused(&txn("m"), "no"),
            state => {
                tx.dispatch(account, 9)?;
                match state {
                    "sent" => tx.arrived(&[txn("m")]),
                    "unconfirmed" => tx.doubt(&[txn("m")]),
                    _ => Ok(()),
                }
            }
        });
        assert_eq!(hear(&mut bed, &ours(1, "m")), Inserted::Known(id), "{unproven}");
        assert_eq!(bed.delivery(id), Some(Delivery::Acknowledged), "{unproven}");
        assert_eq!(hear(&mut bed, &named("m", "1", Sender::Me)), Inserted::Known(id), "its name is known");
        assert_eq!((bed.words(), bed.stored().waiting), (vec!["m".to_owned()], 0));
    }
}

#[test]
fn what_the_server_made_of_our_words_is_what_our_row_says() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    let echo = Incoming { altered: true, body: Body::text("****"), ..ours(1, "m") };
    assert_eq!(hear(&mut bed, &echo), Inserted::Known(id));
    assert_eq!((bed.words(), bed.delivery(id)), (vec!["****".to_owned()], Some(Delivery::Acknowledged)));
    let silent = Incoming { altered: false, body: Body::text("else"), ..ours(1, "m") };
    assert_eq!(hear(&mut bed, &silent), Inserted::Known(id));
    assert_eq!(bed.words(), ["****"], "only what was changed is taken");
}

#[test]
fn a_receipt_and_an_echo_are_one_row_in_either_order() {
    for echo_first in [true, false] {
        let mut bed = Bed::new();
        let id = send(&mut bed, "m");
        let name = RemoteId("1".to_owned());
        if echo_first {
            hear(&mut bed, &ours(1, "m"));
        }
        bed.write(|tx| tx.acknowledged(&txn("m"), Some(&name), Some(Timestamp(5))));
        hear(&mut bed, &ours(1, "m"));
        hear(&mut bed, &named("m", "1", Sender::Me));
        assert_eq!(bed.words(), ["m"]);
        assert_eq!(bed.delivery(id), Some(Delivery::Acknowledged));
    }
}

#[test]
fn a_receipt_without_a_name_gets_it_from_the_echo() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    bed.write(|tx| tx.acknowledged(&txn("m"), None, None));
    assert_eq!(hear(&mut bed, &ours(1, "m")), Inserted::Known(id));
    assert_eq!(hear(&mut bed, &named("m", "1", Sender::Me)), Inserted::Known(id));
}

#[test]
fn an_echo_that_came_before_anybody_knew_it_for_one_makes_way_for_our_row() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    hear(&mut bed, &named("m", "1", Sender::Me));
    assert_eq!(bed.words(), ["m", "m"], "nothing says yet that they are one");
    bed.write(|tx| tx.acknowledged(&txn("m"), Some(&RemoteId("1".to_owned())), None));
    assert_eq!(bed.words(), ["m"]);
    assert_eq!(bed.delivery(id), Some(Delivery::Acknowledged));
}

#[test]
fn what_was_discarded_and_had_arrived_is_a_message_like_any_other() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    bed.write(|tx| tx.doubt(&[txn("m")]));
    assert!(bed.write(|tx| tx.discard(id)));
    let Inserted::New(other) = hear(&mut bed, &ours(1, "m")) else { panic!("it is gone") };
    assert_eq!(hear(&mut bed, &ours(1, "m")), Inserted::Known(other), "and stands there once");
    assert_eq!(bed.words(), ["m"]);
}

#[test]
fn an_intent_of_another_conversation_is_not_taken_from_it() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    let account = bed.account;
    let other = bed.write(|tx| tx.ensure_conversation(account, &room("other")));
    let elsewhere = bed.write(|tx| tx.insert_incoming(other, &ours(1, "m")));
    assert!(matches!(elsewhere, Inserted::New(_)));
    assert_eq!(bed.delivery(id), Some(Delivery::Sending));
}

#[test]
fn an_echo_that_names_no_intent_is_nobodys_guess() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    assert!(matches!(hear(&mut bed, &named("m", "1", Sender::Server)), Inserted::New(_)));
    assert!(matches!(hear(&mut bed, &named("m", "2", Sender::Me)), Inserted::New(_)));
    assert_eq!(bed.words(), ["m", "m", "m"], "equal text may be another person's");
    assert_eq!(bed.delivery(id), Some(Delivery::Sending), "and proves nothing");
}

#[test]
fn somebody_elses_row_never_makes_way_and_the_true_name_can_still_come() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    hear(&mut bed, &named("theirs", "1", Sender::Server));
    for name in ["1", "2"] {
        bed.write(|tx| tx.acknowledged(&txn("m"), Some(&RemoteId(name.to_owned())), None));
    }
    assert_eq!(bed.words(), ["m", "theirs"]);
    assert_eq!(bed.delivery(id), Some(Delivery::Acknowledged));
    assert_eq!(hear(&mut bed, &named("m", "2", Sender::Me)), Inserted::Known(id));
}

#[test]
fn what_was_taken_back_comes_back_by_no_replay_page_or_receipt() {
    let mut bed = Bed::offline();
    capable(&mut bed);
    let (account, conversation, now) = (bed.account, bed.conversation, bed.now);
    bed.write(|tx| tx.close_gaps(account, now));
    hear(&mut bed, &named("first", "1", Sender::Server));
    let id = send(&mut bed, "m");
    hear(&mut bed, &named("m", "2", Sender::Me));
    for name in ["1", "2"] {
        bed.write(|tx| tx.retract(conversation, &RemoteId(name.to_owned()), &Sender::Me, None));
    }
    assert_eq!(bed.words(), ["", "m", ""], "nothing says yet that two are one");
    bed.write(|tx| tx.acknowledged(&txn("m"), Some(&RemoteId("2".to_owned())), None));
    let again = [named("first", "1", Sender::Server), ours(2, "m")];
    for message in &again {
        hear(&mut bed, message);
    }
    bed.write(|tx| tx.open_gaps(account, now));
    bed.write(|tx| {
        tx.close_gaps(account, now)?;
        tx.begin_healing(account)
    });
    bed.write(|tx| tx.fill(conversation, Some(&RemoteId("2".to_owned())), &again, Completeness::Whole));
    assert_eq!(bed.words(), ["", ""]);
    let rows = bed.rows();
    let is_taken_back = |item: &Item| matches!(item, Item::Message { retracted: Some(_), .. });
    assert!(rows.iter().all(|row| is_taken_back(&row.item)));
    assert_eq!(rows[1].place.id, id, "ours took the place of its echo");
}

#[test]
fn who_reacted_to_the_echo_reacted_to_our_row() {
    let mut bed = Bed::new();
    let (conversation, name) = (bed.conversation, RemoteId("1".to_owned()));
    send(&mut bed, "m");
    hear(&mut bed, &named("m", "1", Sender::Me));
    bed.write(|tx| tx.react(conversation, &name, &Sender::Person { name: "ann".to_owned() }, "+", true));
    bed.write(|tx| tx.acknowledged(&txn("m"), Some(&name), None));
    let Item::Message { reactions, .. } = &bed.rows()[0].item else { panic!("a message") };
    assert_eq!((bed.rows().len(), reactions.len()), (1, 1));
}

#[test]
fn what_the_server_says_again_of_ours_is_not_the_last_that_was_heard() {
    for lost in [false, true] {
        let mut bed = Bed::offline();
        capable(&mut bed);
        let (account, conversation, now) = (bed.account, bed.conversation, bed.now);
        let head = RemoteId("2".to_owned());
        bed.write(|tx| tx.close_gaps(account, now));
        send(&mut bed, "m");
        if lost {
            bed.write(|tx| tx.doubt_all(account).and_then(|_| tx.open_gaps(account, now)));
            bed.write(|tx| tx.head(conversation, Some(&head)).and_then(|()| tx.close_gaps(account, now)));
            bed.write(|tx| tx.dispatch(account, 9));
        } else {
            hear(&mut bed, &ours(1, "m"));
        }
        let heard_name = (!lost).then(|| head.clone());
        hear(&mut bed, &Incoming { id: heard_name, ..named("theirs", "2", Sender::Server) });
        hear(&mut bed, &ours(1, "m"));
        let before = bed.words();
        bed.write(|tx| tx.open_gaps(account, now));
        bed.write(|tx| tx.head(conversation, Some(&head)).and_then(|()| tx.close_gaps(account, now)));
        assert_eq!(bed.words(), before, "nothing was missed after theirs");
    }
}

#[test]
fn what_came_of_ours_with_nothing_after_it_is_the_last_that_was_heard_whether_or_not_a_receipt_named_it() {
    for receipt in [false, true] {
        let mut bed = Bed::offline();
        capable(&mut bed);
        let (account, conversation, now) = (bed.account, bed.conversation, bed.now);
        let name = RemoteId("2".to_owned());
        bed.write(|tx| tx.close_gaps(account, now));
        hear(&mut bed, &named("theirs", "1", Sender::Server));
        send(&mut bed, "m");
        if receipt {
            bed.write(|tx| tx.acknowledged(&txn("m"), Some(&name), None));
        }
        hear(&mut bed, &ours(2, "m"));
        bed.write(|tx| tx.open_gaps(account, now));
        bed.write(|tx| tx.head(conversation, Some(&name)).and_then(|()| tx.close_gaps(account, now)));
        assert_eq!(bed.words(), ["theirs", "m"], "nothing was missed");
    }
}
