//! A modern server: a history that can be asked for, read markers, redaction, messages of several lines, accounts.

use super::person::{Person, tag};
use super::{
    enter, room, said, until_account, until_acknowledged, until_conversation, until_row, until_there,
};
use crate::common::{Bench, all, gaps, own, txn};
use domain::{Item, Status};
use testkit::ircd::Ircd;

/// How much is missed: more than one page, and more than a server replays unasked.
const MISSED: usize = 500;

/// We are killed, five hundred messages are said, and all of them are there afterwards: once, in order, and no gap is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_messages_missed_over_a_kill_are_fetched_page_by_page() {
    let server = Ircd::start().await.unwrap();
    let bench = Bench::open().await;
    let (account, lobby) = enter(&bench, &server.url(), "ann", "#lobby").await;
    server.say("bob", "#lobby", "before");
    until_row(&bench, lobby, "before", |_| true).await;
    bench.say(lobby, "mine").await;
    until_acknowledged(&bench, lobby, "mine").await;
    let missed = |from: usize| {
        server.cut();
        (from..from + MISSED / 2).for_each(|n| server.say("bob", "#lobby", &format!("missed {n}")));
    };
    missed(0);
    let bench = bench.kill().await;
    missed(MISSED / 2);
    bench.engine.connect_now(account).await;
    until_row(&bench, lobby, &format!("missed {}", MISSED - 1), |_| true).await;
    bench.until("no gap", async |engine| gaps(&all(engine, lobby).await).is_empty().then_some(())).await;
    server.say("bob", "#lobby", "after");
    until_row(&bench, lobby, "after", |_| true).await;
    assert_eq!(texts(&all(&bench.engine, lobby).await), spoken(&server), "each once, as the server has them");
    bench.engine.shutdown().await;
}

/// Who comes into a room for the first time sees how it stands, and finds what was said before by going back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_room_shows_its_end_and_more_of_it_by_going_back() {
    let server = Ircd::start().await.unwrap();
    for n in 0..250 {
        server.say("bob", "#lobby", &format!("long ago {n}"));
    }
    let bench = Bench::open().await;
    let (_, lobby) = enter(&bench, &server.url(), "ann", "#lobby").await;
    until_row(&bench, lobby, "long ago 249", |_| true).await;
    let before = texts(&all(&bench.engine, lobby).await).len();
    assert!((1..250).contains(&before), "{before} of them");
    for _ in 0..20 {
        let rows = all(&bench.engine, lobby).await;
        let Some(gap) = rows.iter().find(|row| matches!(row.item, Item::Gap { .. })) else { break };
        let held = texts(&rows).len();
        bench.engine.heal(txn(), gap.place.id).await.unwrap();
        let gap = gap.place.id;
        bench
            .until("an earlier page", async |engine| {
                let rows = all(engine, lobby).await;
                let gone = !rows.iter().any(|row| row.place.id == gap);
                (gone || texts(&rows).len() > held).then_some(())
            })
            .await;
    }
    let rows = all(&bench.engine, lobby).await;
    assert_eq!(texts(&rows), spoken(&server));
    assert!(!rows.iter().any(|row| matches!(row.item, Item::Gap { .. })), "here the history begins");
    bench.engine.shutdown().await;
}

/// Two devices of one person: what is read on one is read on the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_on_one_device_is_read_on_the_other() {
    let server = Ircd::start().await.unwrap();
    let (here, there) = (Bench::open().await, Bench::open().await);
    let (_, desk) = enter(&here, &server.url(), "ann", "#lobby").await;
    let (_, phone) = enter(&there, &server.url(), "ann2", "#lobby").await;
    server.say("bob", "#lobby", "read me");
    let row = until_row(&here, desk, "read me", |_| true).await;
    until_row(&there, phone, "read me", |_| true).await;
    until_unread(&there, phone, 1).await;
    here.engine.mark_read(txn(), desk, row.place.id).await.unwrap();
    until_unread(&there, phone, 0).await;
    here.engine.shutdown().await;
    there.engine.shutdown().await;
}

/// What is taken back is gone for all, ours and other people's, and nobody takes back what is not theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_taken_back_is_gone() {
    let server = Ircd::start().await.unwrap();
    let bench = Bench::open().await;
    let (account, lobby) = enter(&bench, &server.url(), "ann", "#lobby").await;
    assert!(bench.account(account).await.capabilities.retraction);
    let mut bob = Person::enter_room(&server.url(), "bob", "#lobby").await;
    bench.say(lobby, "wrong room").await;
    let row = until_acknowledged(&bench, lobby, "wrong room").await;
    bench.engine.retract(txn(), row.place.id).await.unwrap();
    until_retracted(&bench, lobby, 1).await;
    bob.send("PRIVMSG #lobby :mine too").await;
    let theirs = until_row(&bench, lobby, "mine too", |_| true).await;
    bench.engine.retract(txn(), theirs.place.id).await.unwrap();
    until_row(&bench, lobby, "It is not yours", |_| true).await;
    let line = { bob.until(|line| line.contains("wrong room")).await };
    let id = tag(&line, "msgid");
    bob.send(&format!("REDACT #lobby {id}")).await;
    until_row(&bench, lobby, "mine too", |_| true).await;
    assert_eq!(spoken(&server), ["mine too"]);
    bench.engine.shutdown().await;
}

/// A text of several lines is one message, both ways, and one row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_of_several_lines_is_one_message() {
    let server = Ircd::start().await.unwrap();
    let (ann, bob) = (Bench::open().await, Bench::open().await);
    let (_, here) = enter(&ann, &server.url(), "ann", "#lobby").await;
    let (_, there) = enter(&bob, &server.url(), "bob", "#lobby").await;
    let long = format!("first line\n\n{}\nlast line", "words and more of them ".repeat(40));
    ann.say(here, &long).await;
    until_acknowledged(&ann, here, "last line").await;
    until_row(&bob, there, "last line", |_| true).await;
    let wanted = [("ann".to_owned(), long.clone())];
    assert_eq!(said(&all(&bob.engine, there).await), wanted);
    assert_eq!(all(&ann.engine, here).await.iter().filter_map(own).count(), 1);
    assert_eq!(server.said("#lobby"), wanted);
    ann.engine.shutdown().await;
    bob.engine.shutdown().await;
}

/// Who wrote to us while we were away is found, though we never talked before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wrote_while_we_were_away_is_found() {
    let server = Ircd::start().await.unwrap();
    let bench = Bench::open().await;
    let (account, _) = enter(&bench, &server.url(), "ann", "#lobby").await;
    bench.engine.set_enabled(txn(), account, engine::Enabled::Off).await.unwrap();
    bench.until_status(account, |status| matches!(status, Status::Off)).await;
    server.say("bob", "ann", "are you there?");
    bench.engine.set_enabled(txn(), account, engine::Enabled::On).await.unwrap();
    let query = until_conversation(&bench, account, "bob", |_| true).await;
    until_row(&bench, query, "are you there?", |_| true).await;
    assert_eq!(said(&all(&bench.engine, query).await), [("bob".to_owned(), "are you there?".to_owned())]);
    bench.engine.shutdown().await;
}

/// An account is made with the server itself; who types is seen to type; an answer names what it answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_made_and_typing_is_seen() {
    let server = Ircd::start().await.unwrap();
    let (ann, bob) = (Bench::open().await, Bench::open().await);
    let (account, here) = enter(&ann, &server.url(), "ann", "#lobby").await;
    let (other, there) = enter(&bob, &server.url(), "bob", "#lobby").await;
    ann.engine.command(txn(), here, "/register ann * secret123".into(), false).await.unwrap();
    until_row(&ann, here, "Account registered", |_| true).await;
    until_account(&ann, account, "typing", |view| view.capabilities.typing.then_some(())).await;
    until_there(&ann, here, "bob").await;
    bob.engine.typing(there, true).await.unwrap();
    ann.until("bob typing", async |engine| {
        engine.people(here).await.unwrap().typing.contains(&"bob".to_owned()).then_some(())
    })
    .await;
    bob.say(there, "there you are").await;
    let row = until_row(&ann, here, "there you are", |_| true).await;
    let people = ann.engine.people(here).await.unwrap();
    assert_eq!(people.typing, Vec::<String>::new(), "what was typed is said");
    ann.engine.send(txn(), here, "here I am".into(), Some(row.place.id)).await.unwrap();
    let answer = until_row(&bob, there, "here I am", |_| true).await;
    let Item::Message { reply: Some(quote), .. } = answer.item else { panic!("{answer:?}") };
    assert_eq!(quote.text, "there you are");
    assert_eq!(room(&bob, other, "#lobby").await, there);
    ann.engine.shutdown().await;
    bob.engine.shutdown().await;
}

async fn until_unread(bench: &Bench, conversation: domain::ConversationId, count: u32) {
    bench
        .until(&format!("{count} unread"), async |engine| {
            let sidebar = engine.sidebar().await.unwrap();
            let found = sidebar.conversations.into_iter().find(|one| one.id == conversation)?;
            (found.unread == count).then_some(())
        })
        .await;
}

async fn until_retracted(bench: &Bench, conversation: domain::ConversationId, count: usize) {
    bench
        .until("a message taken back", async |engine| {
            let rows = all(engine, conversation).await;
            let retracted = rows.iter().filter(|row| matches!(&row.item, Item::Message { retracted: Some(_), body, .. } if body.to_plain().is_empty()));
            (retracted.count() == count).then_some(())
        })
        .await;
}

fn texts(rows: &[domain::Row]) -> Vec<String> {
    said(rows).into_iter().map(|(_, text)| text).collect()
}

fn spoken(server: &Ircd) -> Vec<String> {
    server.said("#lobby").into_iter().map(|(_, text)| text).collect()
}
