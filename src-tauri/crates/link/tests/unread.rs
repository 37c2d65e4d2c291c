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

use common::{ACCOUNT, Rig, plain, quick, txn};
use domain::{AccountConfig, Body, Command, Compression, ConversationKey, Reason};
use link::Timing;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use testkit::faults::Dice;
use testkit::server::{Authority, Kind, Peer, Server, What};
use tokio::sync::{Notify, watch};

/// Far more than the buffers of a loopback connection hold.
const MESSAGES: u32 = 20;

/// Of one message.
const LENGTH: usize = 512 * 1024;

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
    read: &Notify,
    found: &watch::Sender<Found>,
) -> io::Result<()> {
    if peer.number() > 1 {
        return peer.silence().await;
    }
    match compression {
        Compression::Offer => peer.accept_deflate("").await?,
        Compression::Off => peer.accept().await?,
    }
    read.notified().await;
    let mut seen = Found { done: true, ..Found::default() };
    loop {
        match peer.next().await {
            Ok(Some(What::Text(text))) => seen.whole.push(text),
            Ok(Some(_)) => {}
            Ok(None) => break,
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
async fn begun(compression: Compression, authority: &Authority, tls: bool) -> (usize, Found) {
    let noise = noise();
    let texts: Vec<String> = (0..MESSAGES).map(|n| format!("{n} {noise}")).collect();
    let read = Arc::new(Notify::new());
    let (found, mut looked) = watch::channel(Found::default());
    let late = Arc::clone(&read);
    let script = move |peer: Peer| {
        let (late, found) = (Arc::clone(&late), found.clone());
        async move { read_late(peer, compression, &late, &found).await }
    };
    let server = if tls {
        Server::start_tls(&authority.identity(Kind::Valid).unwrap(), script).await.unwrap()
    } else {
        Server::start(script).await.unwrap()
    };
    let mut rig = Rig::with(authority, Timing { pong: Duration::from_secs(2), ..quick() }, 64);
    rig.start_with(ACCOUNT, AccountConfig { compression, ..plain(&server.url()) });
    rig.until_online().await;
    for (n, text) in (0..).zip(&texts) {
        let conversation = ConversationKey("stream".into());
        let send = Command::Send { txn: txn(n), conversation, body: Body::text(text.as_str()) };
        rig.supervisor.send(ACCOUNT, send).unwrap();
    }
    let (reason, unsent) = rig.until_ended().await;
    assert_eq!(reason, Reason::Silent { seconds: 2 });
    assert_eq!(rig.arrived(), []);
    let begun = texts.len() - unsent.len();
    assert!(begun > 0 && !unsent.is_empty(), "the buffers are full and there is more: {begun}");
    assert_eq!(unsent, (0..MESSAGES).map(txn).skip(begun).collect::<Vec<_>>(), "the rest, in order");
    read.notify_one();
    let found = looked.wait_for(|found| found.done).await.unwrap().clone();
    assert!(found.whole.iter().eq(texts.iter().take(found.whole.len())), "whole, in order");
    (begun, found)
}

/// TCP says how much it took. What it still held when the line was given up is discarded with the line, so that less may
/// come than was begun, and never more.
#[tokio::test]
async fn what_a_peer_that_reads_nothing_left_in_our_hands_is_unsent() {
    let authority = Authority::new().unwrap();
    for compression in [Compression::Off, Compression::Offer] {
        let (begun, found) = begun(compression, &authority, false).await;
        let came = found.whole.len() + found.part;
        assert!(came <= begun, "{compression:?}: {came} of {begun}");
    }
}

/// TLS keeps bytes back that it has taken, too.
#[tokio::test]
async fn under_tls_too_nothing_that_is_called_unsent_has_come() {
    let authority = Authority::new().unwrap();
    for compression in [Compression::Off, Compression::Offer] {
        let (begun, found) = begun(compression, &authority, true).await;
        let came = found.whole.len() + found.part;
        assert!(came <= begun, "{compression:?}: {came} of {begun}");
    }
}
