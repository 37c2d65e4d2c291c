//! Transactions: one writer, all or nothing, once.

use crate::bed::{Bed, DAWN, config, heard, id_of, named, room, txn};
use domain::{
    AccountConfig, AccountId, Attempt, Body, ConversationId, Draft, Outcome, Peer, Quote, Reason, RemoteId,
    Rev, Sender, Timestamp,
};
use std::collections::BTreeSet;
use store::{Durability, Enabled, Inserted, MAX_ANSWERS, MAX_ATTEMPTS, MAX_LOG, StoreError};

#[test]
fn one_writer_commit_order_is_rev_order() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let writer = std::sync::Mutex::new(&mut bed.writer);
    let write = |text: &str| {
        let mut writer = writer.lock().unwrap();
        writer
            .write(Durability::Normal, DAWN, |tx| tx.insert_incoming(conversation, &heard(text)))
            .unwrap()
            .rev
    };
    let fifty = |text: &str| (0..50).map(|_| write(text)).collect::<Vec<Rev>>();
    let (ours, theirs) = std::thread::scope(|scope| {
        let other = scope.spawn(|| fifty("b"));
        (fifty("a"), other.join().unwrap())
    });
    assert!(ours.is_sorted() && theirs.is_sorted());
    let all: BTreeSet<Rev> = ours.iter().chain(&theirs).copied().collect();
    assert_eq!(all.len(), 100);
    let mut rows = bed.rows();
    rows.sort_by_key(|row| row.place.id);
    assert_eq!(rows.iter().map(|row| row.rev).collect::<Vec<_>>(), all.into_iter().collect::<Vec<_>>());
}

#[test]
fn a_reader_sees_a_transaction_whole_or_not_at_all() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let before = bed.reader.rev().unwrap();
    let Bed { writer, reader, .. } = &mut bed;
    let written = writer
        .write(Durability::Normal, DAWN, |tx| {
            tx.insert_incoming(conversation, &heard("a"))?;
            let page = reader.latest(conversation, 10)?;
            assert_eq!((page.rows.len(), page.rev), (0, before));
            Ok(())
        })
        .unwrap();
    let page = reader.latest(conversation, 10).unwrap();
    assert_eq!((page.rows.len(), page.rev), (1, written.rev));
}

#[test]
fn an_error_within_a_job_leaves_nothing_of_it_and_the_writer_usable() {
    let mut bed = Bed::new();
    bed.hear("before");
    let (account, conversation, now) = (bed.account, bed.conversation, bed.now);
    let before = (bed.reader.sidebar().unwrap(), bed.rows());
    let failed = bed.writer.write(Durability::Full, now, |tx| {
        tx.insert_incoming(conversation, &heard("lost"))?;
        tx.insert_own(conversation, &txn("lost"), &Body::text("lost"))?;
        tx.answer(&txn("lost"), 1)?;
        tx.open_gaps(account, now)?;
        tx.add_account(&config("lost"))?;
        tx.insert_incoming(ConversationId(99), &heard("nowhere"))
    });
    assert!(matches!(failed, Err(StoreError::Gone)));
    assert_eq!((bed.reader.sidebar().unwrap(), bed.rows()), before);
    assert_eq!(bed.write(|tx| tx.answered(&txn("lost"))), None);
    bed.hear("after");
    assert_eq!(bed.words(), ["before", "after"]);
    assert_eq!(bed.stored().unread, 2);
}

#[test]
fn a_job_that_panics_leaves_nothing_of_it_and_the_writer_usable() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = bed.writer.write(Durability::Normal, DAWN, |tx| {
            tx.insert_incoming(conversation, &heard("lost"))?;
            std::panic::resume_unwind(Box::new(()));
            #[expect(unreachable_code, reason = "gives the closure its type")]
            Ok(())
        });
    }));
    assert!(outcome.is_err());
    bed.hear("after");
    assert_eq!((bed.words(), bed.stored().unread), (vec!["after".to_owned()], 1));
}

#[test]
fn doing_an_intent_twice_is_doing_it_once() {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    let add = |bed: &mut Bed| {
        bed.write(|tx| {
            if let Some(answer) = tx.answered(&txn("add"))? {
                return Ok(AccountId(answer));
            }
            let id = tx.add_account(&config("two"))?;
            tx.answer(&txn("add"), id.0)?;
            Ok(id)
        })
    };
    assert_eq!(add(&mut bed), add(&mut bed));
    assert_eq!(bed.reader.sidebar().unwrap().1.len(), 2);

    let first = bed.say("hello");
    let state = (bed.rows(), bed.stored());
    let again = bed.written(|tx| tx.insert_own(conversation, &txn("hello"), &Body::text("other")));
    assert_eq!(again.value, first);
    assert_eq!((bed.rows(), bed.stored()), state);
    assert!(!again.touched.sidebar && again.touched.conversations.is_empty());

    assert!(bed.write(|tx| tx.discard(first)));
    assert_eq!(bed.say("hello"), first, "a message that was taken back does not come back");
    assert_eq!(bed.words(), [""; 0]);
    assert!(bed.write(|tx| tx.discard(first)));
    assert_eq!(bed.stored().waiting, 0);
}

#[test]
fn the_first_answer_stays() {
    let mut bed = Bed::new();
    bed.write(|tx| tx.answer(&txn("a"), 1));
    bed.write(|tx| tx.answer(&txn("a"), 2));
    assert_eq!(bed.write(|tx| tx.answered(&txn("a"))), Some(1));
}

#[test]
fn only_the_newest_answers_are_kept() {
    let mut bed = Bed::new();
    let name = |n: i64| txn(&n.to_string());
    bed.write(|tx| (0..=MAX_ANSWERS).try_for_each(|n| tx.answer(&name(n), n)));
    assert_eq!(bed.write(|tx| tx.answered(&name(0))), None);
    assert_eq!(bed.write(|tx| tx.answered(&name(1))), Some(1));
    assert_eq!(bed.write(|tx| tx.answered(&name(MAX_ANSWERS))), Some(MAX_ANSWERS));
}

#[test]
fn one_remote_id_is_one_row_of_its_conversation() {
    let mut bed = Bed::new();
    let (account, conversation) = (bed.account, bed.conversation);
    let message = named("a", "id-1", Sender::Server);
    let Inserted::New(id) = bed.write(|tx| tx.insert_incoming(conversation, &message)) else {
        panic!("known")
    };
    let state = (bed.rows(), bed.stored());
    let again = bed.written(|tx| tx.insert_incoming(conversation, &named("b", "id-1", Sender::Server)));
    assert_eq!(again.value, Inserted::Known(id));
    assert!(again.touched.conversations.is_empty() && !again.touched.sidebar);
    assert_eq!((bed.rows(), bed.stored()), state);
    let elsewhere = bed.write(|tx| {
        let other = tx.ensure_conversation(account, &room("other"))?;
        tx.insert_incoming(other, &message)
    });
    assert!(matches!(elsewhere, Inserted::New(_)));
}

#[test]
fn a_conversation_is_changed_only_where_it_differs() {
    let mut bed = Bed::new();
    let (account, conversation) = (bed.account, bed.conversation);
    let same = bed.written(|tx| tx.ensure_conversation(account, &room("room")));
    assert_eq!((same.value, same.touched.sidebar), (conversation, false));
    let mut renamed = room("room");
    renamed.title = Some("New".to_owned());
    let changed = bed.written(|tx| tx.ensure_conversation(account, &renamed));
    assert_eq!((changed.value, changed.touched.sidebar), (conversation, true));
    assert_eq!(bed.stored().title.as_deref(), Some("New"));
    assert_eq!(bed.write(|tx| tx.conversation_of(account, &room("room").key)), Some(conversation));
    assert_eq!(bed.write(|tx| tx.account_of_conversation(conversation)), Some(account));
}

#[test]
fn a_removed_account_takes_everything_of_its_own_along_and_its_id_is_never_used_again() {
    let mut bed = Bed::new();
    let (account, conversation) = (bed.account, bed.conversation);
    let id = bed.hear("a");
    bed.say("b");
    bed.write(|tx| {
        tx.save_draft(conversation, "draft", None)?;
        tx.remember(account, "resume")?;
        tx.log(account, "online", "")
    });
    let written = bed.written(|tx| {
        tx.insert_incoming(conversation, &heard("c"))?;
        tx.remove_account(account)
    });
    assert!(written.value && written.touched.sidebar);
    assert!(written.touched.conversations.contains(&conversation));
    assert_eq!(bed.rows(), []);
    assert_eq!(bed.reader.draft(conversation).unwrap(), Draft::default());
    assert_eq!(bed.reader.log(account, 10).unwrap(), []);
    assert_eq!(bed.reader.whole(id).unwrap(), None);
    assert_eq!(bed.reader.conversation(conversation).unwrap(), None);
    assert!(!bed.write(|tx| tx.remove_account(account)));
    let next = bed.write(|tx| tx.add_account(&config("next")));
    assert!(next > account);
    let failed =
        bed.writer.write(Durability::Normal, DAWN, |tx| tx.ensure_conversation(account, &room("room")));
    assert!(failed.unwrap_err().is_gone());
}

#[test]
fn accounts_are_edited_and_turned_off() {
    let mut bed = Bed::new();
    let account = bed.account;
    assert!(bed.write(|tx| tx.edit_account(account, &config("new"))));
    assert!(bed.write(|tx| tx.set_enabled(account, Enabled::Off)));
    assert!(!bed.write(|tx| tx.set_enabled(AccountId(99), Enabled::Off)));
    assert!(!bed.write(|tx| tx.edit_account(AccountId(99), &config("new"))));
    let stored = bed.reader.account(account).unwrap().unwrap();
    assert_eq!((stored.config, stored.enabled), (config("new"), false));
    assert_eq!(bed.write(|tx| tx.accounts()).len(), 1);
}

#[test]
fn a_draft_is_kept_with_what_it_answers_until_that_is_gone_or_it_was_sent() {
    let mut bed = Bed::new();
    let (conversation, ann) = (bed.conversation, Sender::Person { name: "ann".to_owned() });
    let asked =
        bed.write(|tx| tx.insert_incoming(conversation, &named("how?", "m1", ann.clone())).map(id_of));
    let quote = Quote { id: Some(asked), sender: Some(ann), text: "how?".to_owned() };
    for text in ["", "so"] {
        bed.write(|tx| tx.save_draft(conversation, text, Some(asked)));
        let draft = Draft { text: text.to_owned(), reply: Some(quote.clone()) };
        assert_eq!(bed.reader.draft(conversation).unwrap(), draft);
    }
    bed.write(|tx| tx.spend_draft(conversation, "so it is"));
    assert_eq!(bed.reader.draft(conversation).unwrap(), Draft::default());

    bed.write(|tx| tx.save_draft(conversation, "so", Some(asked)));
    bed.write(|tx| tx.retract(conversation, &RemoteId("m1".to_owned()), &Sender::Server, None));
    let alone = Draft { text: "so".to_owned(), reply: None };
    assert_eq!(bed.reader.draft(conversation).unwrap(), alone);

    // A message of another conversation is nothing to answer here.
    let account = bed.account;
    let other = bed.write(|tx| tx.ensure_conversation(account, &room("other")));
    let heard = bed.hear("here");
    bed.write(|tx| tx.save_draft(other, "so", Some(heard)));
    assert_eq!(bed.reader.draft(other).unwrap(), alone);
}

#[test]
fn drafts_settings_and_resume_are_kept_and_emptied() {
    let mut bed = Bed::new();
    let (account, conversation) = (bed.account, bed.conversation);
    for text in ["half a", "half a thought", ""] {
        bed.write(|tx| tx.save_draft(conversation, text, None));
        assert_eq!(bed.reader.draft(conversation).unwrap(), Draft { text: text.to_owned(), reply: None });
    }
    for value in ["dark", "light"] {
        assert!(bed.written(|tx| tx.set_setting("theme", value)).touched.sidebar);
        assert_eq!(bed.reader.setting("theme").unwrap().as_deref(), Some(value));
    }
    assert_eq!(bed.reader.setting("none").unwrap(), None);
    bed.write(|tx| tx.remember(account, "token"));
    assert_eq!(bed.write(|tx| tx.resume(account)).as_deref(), Some("token"));
    bed.write(|tx| tx.remember(account, ""));
    assert_eq!(bed.write(|tx| tx.resume(account)), None);
}

#[test]
fn the_log_keeps_the_last_entries_of_each_account() {
    let mut bed = Bed::new();
    let account = bed.account;
    let other = bed.write(|tx| {
        let other = tx.add_account(&config("two"))?;
        tx.log(other, "first", "kept")?;
        (0..=MAX_LOG).try_for_each(|n| tx.log(account, "entry", &n.to_string()))?;
        Ok(other)
    });
    let log = bed.reader.log(account, u32::MAX).unwrap();
    assert_eq!(log.len(), MAX_LOG as usize);
    assert_eq!((log[0].detail.as_str(), log[log.len() - 1].detail.as_str()), ("200", "1"));
    assert_eq!(bed.reader.log(other, 10).unwrap().len(), 1);
}

fn attempt(at: i64, outcome: Outcome) -> Attempt {
    Attempt { at: Timestamp(at), url: "ws://h/".into(), steps: Vec::new(), peer: Peer::default(), outcome }
}

#[test]
fn the_last_twenty_tries_of_each_account_are_kept_the_newest_first() {
    let mut bed = Bed::new();
    let refused = || Outcome::Failed { reason: Reason::Refused { address: "h:1".into() } };
    let account = bed.account;
    let other = bed.write(|tx| tx.add_account(&AccountConfig::default()));
    bed.write(|tx| {
        tx.keep_attempt(other, &attempt(1, refused()))?;
        // Also when the clock is put back meanwhile.
        (0..=i64::from(MAX_ATTEMPTS)).try_for_each(|n| tx.keep_attempt(account, &attempt(-n, refused())))
    });
    let kept = bed.reader.attempts(account).unwrap();
    let begun: Vec<_> = kept.iter().map(|attempt| attempt.at.0).collect();
    assert_eq!(begun, (1..=20).rev().map(|n: i64| -n).collect::<Vec<_>>());
    assert_eq!(bed.reader.attempts(other).unwrap().len(), 1);
}

#[test]
fn a_try_is_one_row_from_its_session_to_its_end_and_one_that_nobody_saw_ends_where_it_was_last_alive() {
    let mut bed = Bed::new();
    let account = bed.account;
    let online = |since| Outcome::Online { since: Timestamp(since) };
    let gone = Reason::Dropped { text: "killed".into() };
    bed.write(|tx| {
        tx.keep_attempt(account, &attempt(1, online(2)))?;
        let ended = Outcome::Ended { since: Timestamp(2), until: Timestamp(3), reason: gone.clone() };
        tx.keep_attempt(account, &attempt(1, ended))?;
        tx.keep_attempt(account, &attempt(5, online(6)))?;
        tx.end_attempt(account, Timestamp(9), &gone)?;
        tx.end_attempt(account, Timestamp(99), &gone)
    });
    let kept = bed.reader.attempts(account).unwrap();
    let ends: Vec<_> = kept
        .into_iter()
        .map(|attempt| {
            let Outcome::Ended { since, until, .. } = attempt.outcome else { panic!("{attempt:?}") };
            (attempt.at.0, since.0, until.0)
        })
        .collect();
    assert_eq!(ends, [(5, 6, 9), (1, 2, 3)]);
}
