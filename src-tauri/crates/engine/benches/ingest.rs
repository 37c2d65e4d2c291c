//! How much of the store's own speed reaches the screen's side of a socket: messages of 200 bytes from a loopback
//! server to committed rows, against the same inserts with no socket, and against the same engine without a recording of
//! frames. The ways take turns in one run, and the ratios are those of the rounds, so that a noisy machine disturbs all
//! alike.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

use domain::{AccountConfig, Body, ConversationId, ConversationKey, Incoming, RemoteConversation, Timestamp};
use engine::contract::Bell;
use engine::{Host, Recording, Setup, Timing};
use futures_util::{SinkExt as _, StreamExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use store::Durability;
use testkit::figures::median;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;

const MESSAGES: usize = 200_000;
const ROUNDS: usize = 9;
/// Rows of one transaction where there is no socket: what gains nothing by being more.
const BATCH: usize = 10_000;

struct Desktop(watch::Sender<()>);

impl Host for Desktop {
    fn ring(&self, _: &Bell) {
        self.0.send_replace(());
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (mut through, mut direct, mut unrecorded) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        through.push(runtime.block_on(through_a_socket(Recording::On)).as_secs_f64());
        unrecorded.push(runtime.block_on(through_a_socket(Recording::Off)).as_secs_f64());
        direct.push(without_a_socket().as_secs_f64());
    }
    let rate = |times: &[f64]| MESSAGES as f64 / median(times.iter().copied());
    let ratio = |of: &[f64]| median(of.iter().zip(&through).map(|(other, through)| other / through));
    println!("ingest of {MESSAGES} messages of 200 bytes, median of {ROUNDS} rounds");
    println!("  through a socket   {:>9.0} messages/s", rate(&through));
    println!("  the same inserts   {:>9.0} messages/s", rate(&direct));
    println!("  ratio              {:>9.2}   (aim: at least 0.70)", ratio(&direct));
    println!("  frames unrecorded  {:>9.0} messages/s", rate(&unrecorded));
    println!("  ratio              {:>9.2}   (aim: at least 0.90)", ratio(&unrecorded));
}

async fn through_a_socket(recording: Recording) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(flood(listener));
    let (sender, mut heard) = watch::channel(());
    let engine = engine::open(Setup {
        path: folder.path().join("history.db"),
        host: Arc::new(Desktop(sender)),
        keyring: Arc::new(engine::NoKeyring),
        protocols: proto::ALL,
        tls: engine::platform_tls().unwrap(),
        timing: Timing::default(),
        recording,
        clock: now,
    })
    .await
    .unwrap();
    let start = Instant::now();
    let config = AccountConfig { protocol: "plain".into(), url, ..AccountConfig::default() };
    let txn = domain::TxnId::parse("bench").unwrap();
    engine.add_account(txn, config, Vec::new()).await.unwrap();
    loop {
        let sidebar = engine.sidebar().await.unwrap();
        if sidebar.conversations.iter().any(|conversation| conversation.unread as usize == MESSAGES) {
            break;
        }
        heard.changed().await.unwrap();
    }
    let time = start.elapsed();
    server.abort();
    engine.shutdown().await;
    time
}

async fn flood(listener: TcpListener) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    for n in 0..MESSAGES {
        socket.feed(Message::text(text(n))).await.unwrap();
    }
    socket.flush().await.unwrap();
    while socket.next().await.is_some_and(|frame| frame.is_ok()) {}
}

fn without_a_socket() -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, conversation) = prepare(&folder.path().join("history.db"));
    let start = Instant::now();
    for from in (0..MESSAGES).step_by(BATCH) {
        writer
            .write(Durability::Normal, now(), |tx| {
                for n in from..from + BATCH {
                    tx.insert_incoming(conversation, &incoming(n))?;
                }
                Ok(())
            })
            .unwrap();
    }
    start.elapsed()
}

fn prepare(path: &Path) -> (store::Writer, ConversationId) {
    let mut writer = store::open(path, now()).unwrap().writer;
    let written = writer.write(Durability::Normal, now(), |tx| {
        let account = tx.add_account(&AccountConfig::default())?;
        tx.ensure_conversation(account, &RemoteConversation { key: key(), ..RemoteConversation::default() })
    });
    (writer, written.unwrap().value)
}

fn incoming(n: usize) -> Incoming {
    Incoming { conversation: key(), body: Body::text(text(n)), ..Incoming::default() }
}

fn key() -> ConversationKey {
    ConversationKey("stream".into())
}

fn text(n: usize) -> String {
    format!("{n:0>200}")
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}
