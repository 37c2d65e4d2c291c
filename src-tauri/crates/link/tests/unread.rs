//! A peer that reads nothing: of what we said to it, what counts as begun is what the socket took a byte of, whether it is
//! compressed or not, under TLS or not. Afterwards the peer reads all that came, and is asked.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by a panic, and looks for one case"
)]

mod common;

use common::{ACCOUNT, PATIENCE, Rig, plain, quick, txn};
use domain::{AccountConfig, Body, Command, Compression, ConversationKey, Reason};
use link::{Content, Timing};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use testkit::faults::Dice;
use testkit::server::{Authority, Kind, Peer, Server, What};
use tokio::sync::{Notify, watch};

/// Far more than the buffers of a loopback connection hold.
const MESSAGES: u32 = 100;

/// Of one message.
const LENGTH: usize = 128 * 1024;

/// How the session ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// We give the line up, as one that is dead.
    GivenUp,
    /// The peer closes, and waits for what is on its way.
    Closed,
}

/// What the peer waits for.
#[derive(Default)]
struct Cues {
    close: Notify,
    read: Notify,
}

/// Text that compresses hardly below six bits a byte; far longer than the window of 32 KiB, so that one like it is new.
fn noise() -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut dice = Dice::new(7692);
    (0..LENGTH).map(|_| char::from(dice.one_of(LETTERS).unwrap())).collect()
}

/// What the peer found when it read at last.
#[derive(Clone, Debug, Default)]
struct Found {
    /// The messages that came whole.
    whole: Vec<String>,
    /// One that came in part.
    part: usize,
    /// All is read.
    done: bool,
}

/// Takes the first connection in, reads nothing until `read` says so, and then everything.
async fn read_late(
    mut peer: Peer,
    compression: Compression,
    ending: Ending,
    cues: &Cues,
    found: &watch::Sender<Found>,
) -> io::Result<()> {
    if peer.number() > 1 {
        return peer.silence().await;
    }
    match compression {
        Compression::Offer => peer.accept_deflate("").await?,
        Compression::Off => peer.accept().await?,
    }
    if ending == Ending::Closed {
        cues.close.notified().await;
        peer.close(Some(1000), "").await?;
    }
    cues.read.notified().await;
    let mut seen = Found { done: true, ..Found::default() };
    loop {
        match peer.next().await {
            Ok(Some(What::Text(text))) => seen.whole.push(text),
            Ok(Some(What::Close(..)) | None) => break,
            Ok(Some(_)) => {}
            Err(_) => {
                seen.part = 1;
                break;
            }
        }
    }
    found.send_replace(seen);
    Ok(())
}

/// How many messages the link calls begun, and what the peer has of them.
async fn begun(compression: Compression, ending: Ending, authority: &Authority, tls: bool) -> (usize, Found) {
    let noise = noise();
    let texts: Vec<String> = (0..MESSAGES).map(|n| format!("{n} {noise}")).collect();
    let cues = Arc::new(Cues::default());
    let (found, mut looked) = watch::channel(Found::default());
    let given = Arc::clone(&cues);
    let script = move |peer: Peer| {
        let (cues, found) = (Arc::clone(&given), found.clone());
        async move { read_late(peer, compression, ending, &cues, &found).await }
    };
    let server = if tls {
        Server::start_tls(&authority.identity(Kind::Valid).unwrap(), script).await.unwrap()
    } else {
        Server::start(script).await.unwrap()
    };
    let timing = match ending {
        Ending::GivenUp => Timing { pong: Duration::from_secs(2), ..quick() },
        Ending::Closed => Timing { close: PATIENCE, ..quick() },
    };
    let mut rig = Rig::with(authority, timing, 64);
    rig.start_with(ACCOUNT, AccountConfig { compression, ..plain(&server.url()) });
    rig.until_online().await;
    for (n, text) in (0..).zip(&texts) {
        let conversation = ConversationKey("stream".into());
        let send = Command::say(txn(n), conversation, Body::text(text.as_str()));
        rig.supervisor.send(ACCOUNT, send).unwrap();
    }
    if ending == Ending::Closed {
        let tape = rig.supervisor.tapes().of(ACCOUNT);
        until(|| tape.traffic().bytes_out > LENGTH as u64).await;
        cues.close.notify_one();
        let mut next = 1;
        let closed = || {
            let page = tape.records(next, 9);
            next = page.next;
            page.records.iter().any(|record| matches!(record.content, Content::Close { .. }))
        };
        until(closed).await;
        cues.read.notify_one();
    }
    let (reason, unsent) = rig.until_ended().await;
    match ending {
        Ending::GivenUp => assert_eq!(reason, Reason::Silent { seconds: 2 }),
        Ending::Closed => assert!(matches!(reason, Reason::Closed { code: Some(1000), .. }), "{reason:?}"),
    }
    assert_eq!(rig.arrived(), []);
    let begun = texts.len() - unsent.len();
    assert!(begun > 0 && !unsent.is_empty(), "the buffers are full and there is more: {begun}");
    assert_eq!(unsent, (0..MESSAGES).map(txn).skip(begun).collect::<Vec<_>>(), "the rest, in order");
    cues.read.notify_one();
    let found = looked.wait_for(|found| found.done).await.unwrap().clone();
    assert!(found.whole.iter().eq(texts.iter().take(found.whole.len())), "whole, in order");
    (begun, found)
}

/// Looks until it is so.
async fn until(mut so: impl FnMut() -> bool) {
    let look = async {
        while !so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap();
}

/// With and without TLS and compression.
async fn each(ending: Ending, judge: impl Fn(usize, Found)) {
    let authority = Authority::new().unwrap();
    for tls in [false, true] {
        for compression in [Compression::Off, Compression::Offer] {
            let (begun, found) = begun(compression, ending, &authority, tls).await;
            println!("{compression:?}, TLS {tls}: {begun} begun, {} came", found.whole.len());
            judge(begun, found);
        }
    }
}

/// Nothing is thrown away, so that all that was begun comes, whole, and nothing else.
#[tokio::test]
async fn what_came_after_a_close_is_what_was_begun() {
    each(Ending::Closed, |begun, found| assert_eq!((begun, 0), (found.whole.len(), found.part))).await;
}

/// What the system still held when the line was given up is thrown away with the line (SO_LINGER of none, see `grip.rs`), so
/// that less may come than was begun; never more.
#[tokio::test]
async fn when_a_line_is_given_up_nothing_that_is_called_unsent_has_come() {
    each(Ending::GivenUp, |begun, found| {
        let came = found.whole.len() + found.part;
        assert!(came <= begun, "{came} of {begun}");
    })
    .await;
}
