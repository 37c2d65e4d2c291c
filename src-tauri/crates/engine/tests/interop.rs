//! The whole engine against real chat servers that nobody here wrote. `cargo xtask test` installs them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

mod common;
mod irc;

use common::{Bench, all, gaps, own, received};
use domain::{CloseBy, Delivery, Reason, Status};
use std::collections::BTreeSet;
use testkit::servers::{Kind, Server};

/// Messages of one burst: more than may be on their way at once.
const BURST: usize = 200;

macro_rules! with_each_server {
    ($($test:ident),* $(,)?) => {
        $(mod $test {
            use super::*;
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn spring_boot() { super::$test(Kind::SpringBoot).await; }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn npm_ws() { super::$test(Kind::Node).await; }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn python_websockets() { super::$test(Kind::Python).await; }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn websocketd() { super::$test(Kind::Websocketd).await; }
        })*
    };
}

with_each_server![talks, is_closed_by_the_server, survives_the_death_of_the_server];

/// What was said is answered, in order, and every state is *sent*.
async fn talks(kind: Kind) {
    let server = Server::start(kind).await.unwrap();
    let bench = Bench::open().await;
    let (_, conversation) = bench.join(server.url()).await;
    let mut said =
        vec!["你好".to_owned(), "<b>no markup</b> & \"quotes\"".to_owned(), "👋🏽 e\u{301}".to_owned()];
    said.extend((said.len()..BURST).map(|n| format!("message {n}")));
    for text in &said {
        bench.say(conversation, text).await;
    }
    let answers = bench.until_received(conversation, BURST).await;
    assert_eq!(answers, said.iter().map(|text| kind.answer(text)).collect::<Vec<_>>());
    bench.until_delivered(conversation, &[Delivery::Sent]).await;
    assert_eq!(server.received().unwrap(), said);
    let rows = all(&bench.engine, conversation).await;
    assert_eq!(rows.iter().filter_map(own).map(|(text, _)| text).collect::<Vec<_>>(), said);
    bench.engine.shutdown().await;
}

/// The server closes: its code and words are kept, and Whinchat dials again.
async fn is_closed_by_the_server(kind: Kind) {
    let server = Server::start(kind).await.unwrap();
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(server.url()).await;
    bench.until_online(account).await;
    bench.say(conversation, "/close 4001 off you go").await;
    let reason = bench.until_ended(account).await;
    if kind.closes_with_code() {
        assert_eq!(
            reason,
            Reason::Closed { code: Some(4001), text: "off you go".into(), by: CloseBy::Server }
        );
    } else {
        assert!(matches!(reason, Reason::Closed { .. } | Reason::Dropped { .. }), "{reason:?}");
    }
    bench.until_online(account).await;
    bench.say(conversation, "still here").await;
    bench.until_received(conversation, 1).await;
    assert_eq!(gaps(&all(&bench.engine, conversation).await).len(), 1);
    bench.engine.shutdown().await;
}

/// The server is killed while messages flow, and comes back: nothing is lost, nothing is doubled, no state is untrue.
async fn survives_the_death_of_the_server(kind: Kind) {
    let mut server = Server::start(kind).await.unwrap();
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(server.url()).await;
    bench.until_online(account).await;
    let said: Vec<_> = (0..BURST).map(|n| format!("message {n}")).collect();
    let (before, after) = said.split_at(BURST / 2);
    for text in before {
        bench.say(conversation, text).await;
    }
    bench.until_received(conversation, BURST / 4).await;
    server.kill().unwrap();
    bench.until_status(account, |status| !matches!(status, Status::Online { .. })).await;
    for text in after {
        bench.say(conversation, text).await;
    }
    server.restart().await.unwrap();
    bench.engine.connect_now(account).await;
    bench.until_delivered(conversation, &[Delivery::Sent, Delivery::Unconfirmed]).await;

    let rows = all(&bench.engine, conversation).await;
    let own: Vec<_> = rows.iter().filter_map(own).collect();
    assert_eq!(own.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>(), said, "each once, in order");
    let arrived = server.received().unwrap();
    let unique: BTreeSet<_> = arrived.iter().collect();
    assert_eq!(unique.len(), arrived.len(), "the server saw nothing twice");
    for (text, delivery) in &own {
        if *delivery == Delivery::Sent && kind.records_before_it_pongs() {
            assert!(unique.contains(text), "{text} is called sent and never arrived");
        }
    }
    for text in after {
        assert!(
            own.contains(&(text.clone(), Delivery::Sent)),
            "{text} was queued and is sent after the return"
        );
    }
    let answers: Vec<_> = rows.iter().filter_map(received).collect();
    let answered: BTreeSet<_> = answers.iter().collect();
    assert_eq!(answered.len(), answers.len(), "no answer twice");
    assert_eq!(gaps(&rows).len(), 1, "the time without a line is shown");
    bench.engine.shutdown().await;
}
