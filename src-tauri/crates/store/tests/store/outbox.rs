//! The way of own messages: states, order, identity.

use crate::bed::{Bed, config, named, room, txn};
use domain::{Body, Capabilities, Delivery, Item, MessageId, RemoteId, Row, Sender, Timestamp};
use store::{Durability, Inserted, MAX_NOTE};

const STATES: [&str; 7] = ["queued", "sending", "sent", "acknowledged", "unconfirmed", "failed", "discarded"];

/// Brings a message into a state.
fn bring(bed: &mut Bed, state: &str) -> MessageId {
    let id = bed.say("m");
    if state == "failed" {
        act(bed, id, "refused");
    } else if state == "discarded" {
        act(bed, id, "discard");
    } else if state != "queued" {
        act(bed, id, "dispatch");
        match state {
            "sent" => act(bed, id, "arrived"),
            "acknowledged" => act(bed, id, "acknowledged"),
            "unconfirmed" => act(bed, id, "unconfirm"),
            _ => {}
        }
    }
    assert_eq!(state_of(bed, id), state);
    id
}

fn act(bed: &mut Bed, id: MessageId, act: &str) {
    let account = bed.account;
    let m = txn("m");
    bed.write(|tx| match act {
        "dispatch" => tx.dispatch(account, 9).map(drop),
        "arrived" => tx.arrived(&[m]),
        "acknowledged" => tx.acknowledged(&m, None, None),
        "requeue" => tx.requeue(&[m]),
        "unconfirm" => tx.doubt_all(account).map(drop),
        "unconfirm one" => tx.doubt(&[m]),
        "refused" => tx.refused(&m, "no"),
        "retry" => tx.retry(id).map(drop),
        "discard" => tx.discard(id).map(drop),
        _ => panic!("{act}"),
    });
}

fn state_of(bed: &mut Bed, id: MessageId) -> &'static str {
    match bed.delivery(id) {
        Some(Delivery::Queued) => "queued",
        Some(Delivery::Sending) => "sending",
        Some(Delivery::Sent) => "sent",
        Some(Delivery::Acknowledged) => "acknowledged",
        Some(Delivery::Unconfirmed) => "unconfirmed",
        Some(Delivery::Failed { why }) => {
            assert_eq!(why, "no");
            "failed"
        }
        None => "discarded",
    }
}

#[test]
fn each_transition_is_taken_from_its_states_and_from_no_other() {
    let transitions: [(&str, &[&str], &str); 9] = [
        ("dispatch", &["queued"], "sending"),
        ("arrived", &["sending"], "sent"),
        ("acknowledged", &["queued", "sending", "sent", "unconfirmed", "failed"], "acknowledged"),
        ("requeue", &["sending"], "queued"),
        ("unconfirm", &["sending"], "unconfirmed"),
        ("unconfirm one", &["sending"], "unconfirmed"),
        ("refused", &["queued", "sending", "sent"], "failed"),
        ("retry", &["unconfirmed", "failed"], "queued"),
        ("discard", &["queued", "failed", "unconfirmed"], "discarded"),
    ];
    for (what, from, to) in transitions {
        for state in STATES {
            let mut bed = Bed::new();
            let id = bring(&mut bed, state);
            let before = bed.rows();
            act(&mut bed, id, what);
            if from.contains(&state) {
                assert_eq!(state_of(&mut bed, id), to, "{what} from {state}");
            } else {
                assert_eq!(bed.rows(), before, "{what} from {state}");
            }
            let waiting = u32::from(["queued", "sending"].contains(&state_of(&mut bed, id)));
            assert_eq!(bed.stored().waiting, waiting, "{what} from {state}");
        }
    }
}

#[test]
fn retry_and_discard_tell_whether_they_could() {
    for state in STATES {
        let mut bed = Bed::new();
        let id = bring(&mut bed, state);
        let retried = bed.write(|tx| tx.retry(id)).is_some();
        assert_eq!(retried, ["queued", "unconfirmed", "failed"].contains(&state), "{state}");

        let mut bed = Bed::new();
        let id = bring(&mut bed, state);
        let gone = bed.write(|tx| tx.discard(id));
        assert_eq!(gone, ["queued", "unconfirmed", "failed", "discarded"].contains(&state), "{state}");
    }
    let mut bed = Bed::new();
    let heard = bed.hear("not ours");
    assert_eq!(bed.write(|tx| tx.retry(heard)), None);
    assert!(!bed.write(|tx| tx.discard(heard)));
    assert!(!bed.write(|tx| tx.discard(MessageId(99))));
}

fn dispatch(bed: &mut Bed, limit: usize) -> Vec<String> {
    let account = bed.account;
    let dispatched = bed.write(|tx| tx.dispatch(account, limit));
    dispatched.into_iter().map(|message| message.txn.as_str().to_owned()).collect()
}

#[test]
fn the_outbox_goes_out_in_order_however_it_is_cut() {
    let mut bed = Bed::new();
    for name in ["a", "b", "c", "d"] {
        bed.say(name);
    }
    assert_eq!(dispatch(&mut bed, 2), ["a", "b"]);
    assert_eq!(dispatch(&mut bed, 9), ["c", "d"]);
    assert_eq!(dispatch(&mut bed, 9), [""; 0]);
}

#[test]
fn what_is_queued_again_keeps_its_turn() {
    let mut bed = Bed::new();
    for name in ["a", "b", "c"] {
        bed.say(name);
    }
    dispatch(&mut bed, 2);
    bed.write(|tx| tx.requeue(&[txn("b"), txn("a")]));
    bed.say("d");
    assert_eq!(dispatch(&mut bed, 9), ["a", "b", "c", "d"]);
}

#[test]
fn what_is_retried_goes_to_the_end_and_keeps_its_place_in_the_timeline() {
    let mut bed = Bed::new();
    let a = bed.say("a");
    bed.say("b");
    let account = bed.account;
    dispatch(&mut bed, 1);
    assert_eq!(bed.write(|tx| tx.doubt_all(account)), 1);
    bed.say("c");
    assert_eq!(bed.write(|tx| tx.retry(a)), Some(account));
    assert_eq!(dispatch(&mut bed, 9), ["b", "c", "a"]);
    assert_eq!(bed.words(), ["a", "b", "c"]);
}

#[test]
fn what_is_discarded_does_not_go_out() {
    let mut bed = Bed::new();
    bed.say("a");
    let b = bed.say("b");
    bed.say("c");
    assert!(bed.write(|tx| tx.discard(b)));
    assert_eq!(dispatch(&mut bed, 9), ["a", "c"]);
}

#[test]
fn one_accounts_outbox_is_not_anothers() {
    let mut bed = Bed::new();
    bed.say("a");
    let first = bed.account;
    let second = bed.write(|tx| {
        let second = tx.add_account(&config("two"))?;
        let conversation = tx.ensure_conversation(second, &room("elsewhere"))?;
        tx.insert_own(conversation, &txn("b"), &Body::text("b"))?;
        Ok(second)
    });
    let dispatched = bed.write(|tx| tx.dispatch(second, 9));
    assert_eq!(dispatched.len(), 1);
    assert_eq!((dispatched[0].key.0.as_str(), &dispatched[0].body), ("elsewhere", &Body::text("b")));
    assert_eq!(bed.write(|tx| tx.doubt_all(first)), 0);
    assert_eq!(dispatch(&mut bed, 9), ["a"]);
}

#[test]
fn an_acknowledged_message_takes_the_servers_name_and_time_and_keeps_its_place() {
    let mut bed = Bed::new();
    let id = bed.say("a");
    bed.hear("b");
    dispatch(&mut bed, 1);
    let place = bed.rows()[0].place;
    let name = RemoteId("r".to_owned());
    bed.write(|tx| tx.acknowledged(&txn("a"), Some(&name), Some(Timestamp(5))));
    let Row { place: kept, item: Item::Message { at, .. }, .. } = bed.rows()[0].clone() else {
        panic!("gap")
    };
    assert_eq!((kept, at), (place, Timestamp(5)));
    let conversation = bed.conversation;
    let echo = bed.write(|tx| tx.insert_incoming(conversation, &named("a", "r", Sender::Me)));
    assert_eq!(echo, Inserted::Known(id));
}

#[test]
fn an_echo_that_came_before_the_acknowledgement_becomes_the_row() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    bed.say("a");
    dispatch(&mut bed, 1);
    bed.write(|tx| tx.insert_incoming(conversation, &named("a", "r", Sender::Me)));
    assert_eq!(bed.words(), ["a", "a"]);
    bed.write(|tx| tx.acknowledged(&txn("a"), Some(&RemoteId("r".to_owned())), None));
    assert_eq!(bed.words(), ["a"]);
}

#[test]
fn somebody_elses_message_never_makes_way_for_ours() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let id = bed.say("ours");
    dispatch(&mut bed, 1);
    bed.write(|tx| tx.insert_incoming(conversation, &named("theirs", "r", Sender::Server)));
    bed.write(|tx| tx.acknowledged(&txn("ours"), Some(&RemoteId("r".to_owned())), None));
    assert_eq!(bed.words(), ["ours", "theirs"]);
    assert_eq!(bed.delivery(id), Some(Delivery::Acknowledged));
}

#[test]
fn notices_about_unknown_messages_change_nothing() {
    let mut bed = Bed::new();
    bed.hear("a");
    let before = bed.rows();
    let written = bed.written(|tx| {
        tx.arrived(&[txn("x")])?;
        tx.requeue(&[txn("x")])?;
        tx.refused(&txn("x"), "no")?;
        tx.acknowledged(&txn("x"), None, None)
    });
    assert!(written.touched.conversations.is_empty());
    assert_eq!(bed.rows(), before);
}

#[test]
fn a_long_reason_is_cut() {
    let mut bed = Bed::new();
    let id = bed.say("a");
    bed.write(|tx| tx.refused(&txn("a"), &"不".repeat(MAX_NOTE * 2)));
    assert_eq!(bed.delivery(id), Some(Delivery::Failed { why: "不".repeat(MAX_NOTE) }));
}

fn sure(bed: &mut Bed) {
    crate::healing::capable(bed);
}

#[test]
fn where_doubles_are_told_apart_what_is_unproven_goes_out_again_in_its_old_turn() {
    let mut bed = Bed::new();
    sure(&mut bed);
    let account = bed.account;
    for name in ["a", "b", "c", "d"] {
        bed.say(name);
    }
    assert_eq!(dispatch(&mut bed, 3), ["a", "b", "c"]);
    bed.write(|tx| tx.arrived(&[txn("a"), txn("b")]));
    bed.write(|tx| tx.acknowledged(&txn("a"), None, None));
    bed.write(|tx| tx.doubt(&[txn("c")]));
    bed.write(|tx| tx.doubt_sent(account));
    bed.say("e");
    assert_eq!(dispatch(&mut bed, 9), ["b", "c", "d", "e"], "all but what the server has acknowledged");
    assert_eq!(bed.write(|tx| tx.doubt_all(account)), 4);
    assert_eq!(dispatch(&mut bed, 9), ["b", "c", "d", "e"]);
}

#[test]
fn where_they_are_not_what_arrived_is_done_with_and_what_is_unproven_waits_for_the_user() {
    for (acknowledges, tells_doubles_apart) in [(false, false), (true, false), (false, true)] {
        let mut bed = Bed::new();
        let account = bed.account;
        let capabilities =
            Capabilities { acknowledges, history: true, tells_doubles_apart, ..Capabilities::default() };
        bed.write(|tx| tx.set_capabilities(account, capabilities));
        let (a, b) = (bed.say("a"), bed.say("b"));
        dispatch(&mut bed, 9);
        bed.write(|tx| tx.arrived(&[txn("a")]));
        bed.write(|tx| tx.doubt_sent(account));
        assert_eq!(bed.write(|tx| tx.doubt_all(account)), 1);
        assert_eq!((bed.delivery(a), bed.delivery(b)), (Some(Delivery::Sent), Some(Delivery::Unconfirmed)));
        assert_eq!(dispatch(&mut bed, 9), [""; 0], "{capabilities:?}");
    }
}

#[test]
fn what_can_be_written_anew_is_what_no_server_can_have() {
    for state in STATES {
        let mut bed = Bed::new();
        let id = bring(&mut bed, state);
        let before = bed.rows();
        let edited = bed.write(|tx| tx.edit_own(id, &Body::text("anew")));
        assert_eq!(edited, state == "queued", "{state}");
        if edited {
            assert_eq!(bed.words(), ["anew"]);
        } else {
            assert_eq!(bed.rows(), before, "{state}");
        }
    }
    let mut bed = Bed::new();
    sure(&mut bed);
    let id = bring(&mut bed, "sending");
    act(&mut bed, id, "unconfirm");
    assert_eq!(state_of(&mut bed, id), "queued");
    assert!(!bed.write(|tx| tx.edit_own(id, &Body::text("anew"))), "the server would keep what it has");
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 9));
    act(&mut bed, id, "requeue");
    assert!(!bed.write(|tx| tx.edit_own(id, &Body::text("anew"))), "that it stayed here now proves nothing");
}

#[test]
fn all_that_failed_go_out_again_in_the_order_of_the_timeline() {
    for told_apart in [false, true] {
        let mut bed = Bed::new();
        let (account, conversation) = (bed.account, bed.conversation);
        for name in ["a", "b", "c", "d"] {
            bed.say(name);
        }
        dispatch(&mut bed, 3);
        bed.write(|tx| {
            tx.refused(&txn("c"), "no")?;
            tx.doubt(&[txn("b")])?;
            tx.refused(&txn("a"), "no")
        });
        if told_apart {
            sure(&mut bed);
        }
        assert_eq!(bed.write(|tx| tx.retry_all(conversation)), account);
        let again: &[&str] = if told_apart { &["d", "a", "b", "c"] } else { &["d", "a", "c"] };
        assert_eq!(dispatch(&mut bed, 9), again);
    }
}

#[test]
fn what_may_have_arrived_is_sent_again_by_itself_to_no_server_that_takes_it_for_another() {
    let mut bed = Bed::new();
    sure(&mut bed);
    let (doubted, wanted) = (bed.say("doubted"), bed.say("wanted"));
    let account = bed.account;
    dispatch(&mut bed, 9);
    bed.write(|tx| tx.doubt(&[txn("doubted"), txn("wanted")]));
    bed.write(|tx| tx.retry(wanted));
    bed.write(|tx| tx.set_capabilities(account, Capabilities::default()));
    let fresh = bed.say("fresh");
    assert_eq!(dispatch(&mut bed, 9), ["wanted", "fresh"]);
    assert_eq!(bed.delivery(doubted), Some(Delivery::Unconfirmed));
    assert_eq!(bed.delivery(fresh), Some(Delivery::Sending));
    bed.write(|tx| tx.doubt(&[txn("wanted")]));
    assert_eq!(bed.delivery(wanted), Some(Delivery::Unconfirmed), "once wanted is not always wanted");
}

#[test]
fn what_the_user_did_is_in_no_transaction_that_a_power_cut_could_undo() {
    let mut bed = Bed::new();
    let id = bed.say("a");
    let (account, conversation) = (bed.account, bed.conversation);
    let before = bed.rows();
    for act in ["say", "dispatch", "edit", "discard"] {
        let now = bed.now;
        let undone = bed.writer.write(Durability::Normal, now, |tx| match act {
            "say" => tx.insert_own(conversation, &txn("b"), &Body::text("b")).map(drop),
            "dispatch" => tx.dispatch(account, 9).map(drop),
            "edit" => tx.edit_own(id, &Body::text("anew")).map(drop),
            _ => tx.discard(id).map(drop),
        });
        assert!(undone.is_err(), "{act}");
        assert_eq!(bed.rows(), before, "{act}");
    }
}
