//! The outbox, one row per message, and gaps that are filled, through the whole engine.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

mod common;
mod script;

use common::{Bench, all, gaps, own, quick, txn};
use domain::{
    ConversationId, Delivery, Healing, HealingFault, Item, MessageId, Reason, Row, Sender, Status, TxnId,
};
use engine::Enabled;
use engine::contract::{Code, Notice};
use futures_util::{SinkExt as _, StreamExt as _};
use proto::Protocols;
use script::{Peer, SCRIPTED, Said};
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::archive::{ARCHIVE, Call, Mode, Word, serve};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

static ARCHIVED: Protocols = &[&proto::PLAIN, &ARCHIVE];

async fn ids(bench: &Bench, conversation: ConversationId) -> Vec<MessageId> {
    let rows = all(&bench.engine, conversation).await;
    rows.iter().filter(|row| own(row).is_some()).map(|row| row.place.id).collect()
}

async fn texts(bench: &Bench, conversation: ConversationId) -> Vec<String> {
    all(&bench.engine, conversation).await.iter().filter_map(own).map(|(text, _)| text).collect()
}

#[tokio::test]
async fn what_waits_can_be_written_anew_and_what_left_cannot() {
    let port = script::free_port().await;
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&format!("ws://127.0.0.1:{port}/")).await;
    for text in ["one", "twoo", "three"] {
        bench.say(conversation, text).await;
    }
    let messages = ids(&bench, conversation).await;
    let engine = &bench.engine;
    let edit = txn();
    engine.edit_message(edit.clone(), messages[1], "two".into()).await.unwrap();
    engine.edit_message(txn(), messages[1], "zwei".into()).await.unwrap();
    engine.edit_message(edit, messages[1], "two".into()).await.unwrap();
    assert_eq!(texts(&bench, conversation).await, ["one", "zwei", "three"], "an old edit does not come back");
    let code = |result: Result<(), engine::contract::Fault>| result.unwrap_err().code;
    assert_eq!(code(engine.edit_message(txn(), messages[1], "  ".into()).await), Code::Invalid);
    assert_eq!(code(engine.edit_message(txn(), messages[1], "x".repeat(5 << 20)).await), Code::TooLong);
    assert_eq!(code(engine.edit_message(txn(), MessageId(999), "x".into()).await), Code::Gone);
    engine.discard(txn(), messages[2]).await.unwrap();

    let peer = Peer::listen_on(port).await;
    engine.connect_now(account).await;
    bench.until_delivered(conversation, &[Delivery::Sent]).await;
    assert_eq!(peer.heard(), ["one", "zwei"]);
    assert_eq!(code(engine.edit_message(txn(), messages[0], "uno".into()).await), Code::Gone);
    assert_eq!(texts(&bench, conversation).await, ["one", "zwei"]);
}

#[tokio::test]
async fn all_that_failed_are_sent_again_in_their_order_and_what_is_unknown_is_not() {
    let peer = Peer::listen().await;
    let bench = Bench::open_with(SCRIPTED, quick()).await;
    let (account, conversation) = bench.join_scripted(&peer).await;
    bench.until_online(account).await;
    peer.swallow();
    bench.engine.set_enabled(txn(), account, Enabled::Off).await.unwrap();
    bench.until_status(account, |status| *status == Status::Off).await;
    bench.engine.set_enabled(txn(), account, Enabled::On).await.unwrap();
    bench.until_online(account).await;
    bench.say(conversation, "unknown").await;
    bench.until_delivered(conversation, &[Delivery::Sending]).await;
    peer.drop_all();
    bench.until_delivered(conversation, &[Delivery::Unconfirmed]).await;
    peer.listen_again();
    bench.engine.connect_now(account).await;
    for text in ["first", "second"] {
        bench.say(conversation, text).await;
        let said: Said = peer.until(|said| Said::read(said).filter(|said| said.text == text)).await;
        peer.say(&format!("refuse {}", said.txn));
    }
    let failed = Delivery::Failed { why: "the script".into() };
    bench.until_delivered(conversation, &[Delivery::Unconfirmed, failed]).await;
    let again = txn();
    bench.engine.retry_all(again.clone(), conversation).await.unwrap();
    bench.engine.retry_all(again, conversation).await.unwrap();
    for text in ["first", "second"] {
        let said: Said = peer.until(Said::read).await;
        assert_eq!(said.text, text);
        peer.say(&format!("ack {} remote-{text}", said.txn));
    }
    bench.until_delivered(conversation, &[Delivery::Unconfirmed, Delivery::Acknowledged]).await;
    let sent = peer.heard().iter().filter_map(|frame| Said::read(frame)).count();
    assert_eq!(sent, 4, "two twice, and nobody chose the third");
    let nowhere = bench.engine.retry_all(txn(), ConversationId(999)).await.unwrap_err();
    assert_eq!(nowhere.code, Code::Gone);
}

/// A peer that tells doubles apart, with one message of ours that it read and did not acknowledge.
async fn half_told() -> (Peer, Bench, ConversationId, String) {
    let peer = Peer::listen().await;
    let bench = Bench::open_with(SCRIPTED, quick()).await;
    let (account, conversation) = bench.join_as("sure", &peer.url()).await;
    bench.until_online(account).await;
    bench.say(conversation, "perhaps").await;
    let said: Said = peer.until(Said::read).await;
    bench.until_delivered(conversation, &[Delivery::Sent]).await;
    (peer, bench, conversation, said.txn)
}

/// The peer hears it again, under the same transaction, and acknowledges it.
async fn heard_again(peer: &Peer, bench: &Bench, conversation: ConversationId, first: &str) {
    let said: Said = peer.until(Said::read).await;
    assert_eq!(said.txn, first);
    peer.say(&format!("ack {first} remote-1"));
    bench.until_delivered(conversation, &[Delivery::Acknowledged]).await;
    assert_eq!(texts(bench, conversation).await, ["perhaps"]);
}

#[tokio::test]
async fn a_server_that_tells_doubles_apart_is_told_again_after_the_line_broke() {
    let (peer, bench, conversation, first) = half_told().await;
    peer.drop_all();
    bench.until_delivered(conversation, &[Delivery::Queued]).await;
    let id = ids(&bench, conversation).await[0];
    let edited = bench.engine.edit_message(txn(), id, "anew".into()).await.unwrap_err();
    assert_eq!(edited.code, Code::Gone, "the server may have the old text, and would keep it");
    peer.listen_again();
    heard_again(&peer, &bench, conversation, &first).await;
}

#[tokio::test]
async fn a_server_that_tells_doubles_apart_is_told_again_after_a_kill() {
    let (peer, bench, conversation, first) = half_told().await;
    let bench = bench.kill().await;
    heard_again(&peer, &bench, conversation, &first).await;
}

#[tokio::test]
async fn an_echo_that_the_adapter_knows_for_ours_is_our_row() {
    let peer = Peer::listen().await;
    let bench = Bench::open_with(SCRIPTED, quick()).await;
    let (account, conversation) = bench.join_scripted(&peer).await;
    bench.until_online(account).await;
    bench.say(conversation, "hello").await;
    let said: Said = peer.until(Said::read).await;
    peer.say(&format!("echo {} remote-1 hello", said.txn));
    peer.say("named remote-1 hello");
    bench.until_delivered(conversation, &[Delivery::Acknowledged]).await;
    peer.say("say the end");
    bench.until_received(conversation, 1).await;
    assert_eq!(all(&bench.engine, conversation).await.len(), 2);
}

/// The server that keeps a history, in this process, and somebody who speaks there.
struct Archive {
    port: u16,
    log: PathBuf,
    server: JoinHandle<()>,
}

impl Archive {
    async fn start(log: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let path = log.clone();
        let server = tokio::spawn(async move { serve(listener, &path, Mode::Archive).await.unwrap() });
        Self { port, log, server }
    }

    fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.port)
    }

    /// Says messages and waits until the server has them.
    async fn say(&self, numbers: std::ops::Range<u32>) {
        let (mut socket, _) = tokio_tungstenite::connect_async(self.url()).await.unwrap();
        let mut send = async |call: &Call| {
            socket.send(Message::text(serde_json::to_string(call).unwrap())).await.unwrap();
            let Some(Ok(Message::Text(text))) = socket.next().await else { panic!("no answer") };
            serde_json::from_str::<Word>(&text).unwrap()
        };
        send(&Call::Hello { name: "voice".into() }).await;
        for n in numbers {
            let call = Call::Say { txn: format!("s{n}"), text: format!("s-{n}") };
            assert!(matches!(send(&call).await, Word::Ack { .. }));
        }
        socket.close(None).await.unwrap();
    }
}

fn heard(rows: &[Row]) -> Vec<String> {
    rows.iter()
        .filter_map(|row| match &row.item {
            Item::Message { sender: Sender::Person { .. }, body, .. } => Some(body.to_plain()),
            Item::Message { .. } | Item::Gap { .. } | Item::Happening { .. } => None,
        })
        .collect()
}

fn healing(rows: &[Row]) -> Vec<(MessageId, Healing)> {
    rows.iter()
        .filter_map(|row| match &row.item {
            Item::Gap { healing, .. } => Some((row.place.id, healing.clone())),
            Item::Message { .. } | Item::Happening { .. } => None,
        })
        .collect()
}

fn said(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|n| format!("s-{n}")).collect()
}

async fn turn(bench: &Bench, account: domain::AccountId, enabled: Enabled) {
    bench.engine.set_enabled(txn(), account, enabled).await.unwrap();
    match enabled {
        Enabled::On => bench.until_online(account).await,
        Enabled::Off => drop(bench.until_status(account, |status| *status == Status::Off).await),
    }
}

/// The server leaves our Close unanswered, so that the session takes its time to end.
#[tokio::test]
async fn an_account_is_off_once_the_end_of_its_session_is_on_the_disk() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let _socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        std::future::pending::<()>().await;
    });
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&url).await;
    bench.until_online(account).await;
    turn(&bench, account, Enabled::Off).await;
    assert_eq!(
        gaps(&all(&bench.engine, conversation).await).len(),
        1,
        "it is known from when nothing was heard"
    );
    server.abort();
}

#[tokio::test]
async fn what_was_missed_is_fetched_page_by_page_and_stands_where_it_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::start(folder.path().join("log")).await;
    archive.say(0..3).await;
    let bench = Bench::open_with(ARCHIVED, quick()).await;
    let (account, conversation) = bench.join_as("archive", &archive.url()).await;
    bench.until_online(account).await;
    assert!(all(&bench.engine, conversation).await.is_empty(), "before the first session nothing is missing");
    archive.say(3..5).await;
    bench.until("the words", async |engine| (all(engine, conversation).await.len() == 2).then_some(())).await;

    turn(&bench, account, Enabled::Off).await;
    bench.say(conversation, "written meanwhile").await;
    let away = all(&bench.engine, conversation).await;
    assert!(matches!(healing(&away).as_slice(), [(_, Healing::Offered)]), "{away:?}");
    archive.say(5..455).await;
    turn(&bench, account, Enabled::On).await;
    let rows = bench
        .until("an end of the gap", async |engine| {
            let rows = all(engine, conversation).await;
            gaps(&rows).is_empty().then_some(rows)
        })
        .await;
    assert_eq!(heard(&rows), said(3..455));
    bench.until_delivered(conversation, &[Delivery::Acknowledged]).await;
    let last = all(&bench.engine, conversation).await.pop().unwrap();
    assert_eq!(own(&last).map(|(text, _)| text).as_deref(), Some("written meanwhile"));

    turn(&bench, account, Enabled::Off).await;
    turn(&bench, account, Enabled::On).await;
    let rows = all(&bench.engine, conversation).await;
    assert_eq!(heard(&rows), said(3..455));
    let bench = bench.kill().await;
    archive.say(455..456).await;
    bench
        .until("the end after a kill", async |engine| {
            let rows = all(engine, conversation).await;
            (gaps(&rows).is_empty() && heard(&rows) == said(3..456)).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_history_that_cannot_be_had_leaves_the_gap_honest_and_can_be_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::start(folder.path().join("log")).await;
    let bench = Bench::open_with(ARCHIVED, quick()).await;
    let (account, conversation) = bench.join_as("archive", &archive.url()).await;
    bench.until_online(account).await;
    archive.say(0..2).await;
    bench.until("the words", async |engine| (all(engine, conversation).await.len() == 2).then_some(())).await;
    turn(&bench, account, Enabled::Off).await;

    // The server has lost its history, and with it what the gap begins after.
    archive.server.abort();
    let _ = archive.server.await;
    let kept = std::fs::read(&archive.log).unwrap();
    std::fs::write(&archive.log, "").unwrap();
    let log = archive.log.clone();
    let emptied = Archive::start(log.clone()).await;
    let moved = domain::AccountConfig { protocol: "archive".into(), ..common::plain(&emptied.url()) };
    bench.engine.edit_account(txn(), account, moved, Vec::new()).await.unwrap();
    turn(&bench, account, Enabled::On).await;
    let failed = async |engine: &engine::Handle| {
        let rows = all(engine, conversation).await;
        healing(&rows).into_iter().find(|(_, healing)| matches!(healing, Healing::Failed { .. }))
    };
    let (gap, why) = bench.until("the refusal", failed).await;
    assert_eq!(
        why,
        Healing::Failed { why: HealingFault::Refused { text: "the server knows of no such message".into() } }
    );

    turn(&bench, account, Enabled::Off).await;
    bench.engine.heal(txn(), gap).await.unwrap_err();
    emptied.server.abort();
    let _ = emptied.server.await;
    std::fs::write(&log, kept).unwrap();
    let back = Archive::start(log).await;
    back.say(2..4).await;
    let moved = domain::AccountConfig { protocol: "archive".into(), ..common::plain(&back.url()) };
    bench.engine.edit_account(txn(), account, moved, Vec::new()).await.unwrap();
    turn(&bench, account, Enabled::On).await;
    bench
        .until("the history", async |engine| {
            let rows = all(engine, conversation).await;
            (gaps(&rows).is_empty() && heard(&rows) == said(0..4)).then_some(())
        })
        .await;
    assert_eq!(bench.engine.heal(txn(), gap).await.unwrap_err().code, Code::Gone);
}

#[tokio::test]
async fn a_gap_of_a_plain_server_cannot_be_filled() {
    let peer = Peer::listen().await;
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&peer.url()).await;
    bench.until_online(account).await;
    turn(&bench, account, Enabled::Off).await;
    turn(&bench, account, Enabled::On).await;
    let rows = all(&bench.engine, conversation).await;
    let [(gap, Healing::Unavailable)] = healing(&rows)[..] else { panic!("{rows:?}") };
    assert_eq!(bench.engine.heal(txn(), gap).await.unwrap_err().code, Code::Gone);
}

/// A small disk of its own, taken away when dropped. `None`: only root may have one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        let done =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(at).status().ok()?;
        done.success().then(|| Self(at.to_path_buf()))
    }

    /// Leaves no byte free.
    fn fill(&self) {
        let mut size = 1 << 20;
        let mut ballast = std::fs::File::create(self.0.join("ballast")).unwrap();
        while size > 0 {
            if std::io::Write::write_all(&mut ballast, &vec![0; size]).is_err() {
                size /= 2;
            }
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["-l"]).arg(&self.0).status();
    }
}

/// Says things until the disk takes no more; gives what was answered.
async fn say_until_full(bench: &Bench, conversation: ConversationId, round: u32) -> Vec<String> {
    let mut answered = Vec::new();
    loop {
        let text = format!("{round}-{} {}", answered.len(), "x".repeat(2_000));
        let intent = TxnId::parse(format!("r{round}n{}", answered.len())).unwrap();
        match bench.engine.send(intent, conversation, text.clone(), None).await {
            Ok(_) => answered.push(text),
            Err(fault) => {
                assert_eq!(fault.code, Code::Disk, "{fault}");
                return answered;
            }
        }
    }
}

/// An account that is online, with its history in this folder.
async fn on_disk(folder: tempfile::TempDir) -> (Peer, Bench, domain::AccountId, ConversationId) {
    let peer = Peer::listen().await;
    let bench = Bench::open_in(folder, proto::ALL, quick(), std::sync::Arc::new(engine::NoKeyring)).await;
    let (account, conversation) = bench.join(&peer.url()).await;
    bench.until_online(account).await;
    (peer, bench, account, conversation)
}

/// Whether the user is told of a disk that takes nothing.
async fn trouble(engine: &engine::Handle) -> Option<()> {
    let notices = engine.sidebar().await.unwrap().notices;
    notices.iter().any(|notice| matches!(notice, Notice::DiskTrouble { .. })).then_some(())
}

/// What is true of a line is no row: it is shown while the disk takes nothing, too.
#[tokio::test]
async fn a_full_disk_makes_no_status_untrue() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        eprintln!("skipped: only root can make a small disk");
        return;
    };
    let (peer, bench, account, conversation) = on_disk(folder).await;
    disk.fill();
    say_until_full(&bench, conversation, 0).await;
    // It cannot be kept, and nothing that comes behind it.
    peer.say("while it is full");
    bench.until("the notice", trouble).await;
    peer.drop_all();
    bench.until_status(account, |status| !matches!(status, Status::Online { .. })).await;
    assert!(trouble(&bench.engine).await.is_some(), "the disk still takes nothing");
    assert_eq!(bench.engine.endings(account, 9).await.unwrap(), [], "and has no row of it");
    disk.empty();
    assert!(matches!(bench.until_ended(account).await, Reason::Dropped { .. } | Reason::Closed { .. }));
    bench.engine.shutdown().await;
}

/// Nothing is acknowledged that is not stored, however long storing takes.
#[tokio::test]
async fn store_before_ack_while_the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        eprintln!("skipped: only root can make a small disk");
        return;
    };
    let peer = Peer::listen().await;
    let bench = Bench::open_in(folder, SCRIPTED, quick(), std::sync::Arc::new(engine::NoKeyring)).await;
    let (account, conversation) = bench.join_scripted(&peer).await;
    bench.until_online(account).await;
    // What fills the disk goes nowhere.
    let (_, elsewhere) = bench.join("ws://127.0.0.1:1/").await;
    disk.fill();
    say_until_full(&bench, elsewhere, 0).await;
    // Longer than what the write-ahead log may still have room for.
    peer.say(&format!("say {}", "it ".repeat(60_000)));
    bench.until("the notice", trouble).await;
    // The capabilities and that the session is online are two events; what was said is the third.
    let third = |said: &str| said.strip_prefix("committed ")?.parse().ok().filter(|upto: &u64| *upto >= 3);
    assert_eq!(peer.heard().iter().find_map(|said| third(said)), None, "nothing of it is stored");
    disk.empty();
    peer.until(third).await;
    bench.until_received(conversation, 1).await;
    bench.engine.shutdown().await;
}

/// Sending, receiving and quitting on a disk that is full: what was answered is kept and goes out once, what is heard
/// waits until there is room, and the user is told.
#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_answered_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        eprintln!("skipped: only root can make a small disk; the store's own test limits its pages");
        return;
    };
    let (peer, bench, _, conversation) = on_disk(folder).await;
    disk.fill();
    let mut answered = say_until_full(&bench, conversation, 0).await;
    peer.say("while it is full");
    bench.until("the notice", trouble).await;
    disk.empty();
    bench.until_received(conversation, 1).await;
    bench.until("an end of it", async |engine| trouble(engine).await.is_none().then_some(())).await;
    bench.until_delivered(conversation, &[Delivery::Sent]).await;

    disk.fill();
    answered.extend(say_until_full(&bench, conversation, 1).await);
    let bench = {
        bench.engine.shutdown().await;
        disk.empty();
        bench.reopen().await
    };
    bench.until_delivered(conversation, &[Delivery::Sent, Delivery::Unconfirmed]).await;
    assert_eq!(texts(&bench, conversation).await, answered);
    let arrived = peer.heard();
    let mut unique = arrived.clone();
    unique.dedup();
    assert_eq!(arrived, unique, "nothing went out twice");
    bench.engine.shutdown().await;
}
