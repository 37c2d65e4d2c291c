//! A server that means harm, and what it costs: a session at the most, and that for a reason that is said.
//!
//! What it can do with compression (bombs, broken streams, fragments that expand to nothing) is in `compressed.rs`; a flood
//! that nobody takes, and one account's fault beside another account, are in `sessions.rs`; refusals of an honest server
//! are in `refusals.rs`; floods through the whole engine are in the engine's tests of the same name as this file.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by a panic, and looks for one case"
)]

mod common;

use common::{ACCOUNT, Rig, plain, quick};
use domain::{AccountId, CloseBy, Phase, Reason, Refusal, Status};
use link::{Report, Timing};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use testkit::server::{Opcode, Peer, Server, What, scripts};
use tokio::time::interval;

/// The plain protocol's `max_message`.
const LIMIT: u32 = 4 * 1024 * 1024;

/// More than the client's socket (Linux: 4 MiB) and its own write buffer (a message and a little) hold together.
const MORE_THAN_BUFFERS: usize = 10 * 1024 * 1024;

/// How a session with a server that sends these bytes ends, and with which code of ours.
async fn ends(bytes: impl Into<Vec<u8>>) -> (Reason, Option<u16>) {
    let bytes = Arc::new(bytes.into());
    let server = Server::start(move |mut peer: Peer| {
        let bytes = Arc::clone(&bytes);
        async move {
            peer.accept().await?;
            peer.raw(bytes.as_slice()).await?;
            while peer.next().await?.is_some() {}
            Ok(())
        }
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    let reason = rig.until_down().await;
    let log = server.until(|log| !log.closes().is_empty()).await;
    (reason, log.closes()[0])
}

/// Why the handshake fails with a server that does this.
async fn refused<F>(timing: Timing, script: impl Fn(Peer) -> F + Send + Sync + 'static) -> Reason
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let server = Server::start(script).await.unwrap();
    let mut rig = Rig::new(timing);
    rig.start(&server.url());
    rig.until_down().await
}

/// A whole frame of at most 125 bytes.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, u8::try_from(payload.len()).unwrap()], payload].concat()
}

#[tokio::test]
async fn a_frame_of_sixteen_mebibytes_ends_the_session_with_1009() {
    // All of it is on its way, and then one of which only the head ever comes.
    let mut whole = vec![0x81, 127];
    whole.extend((16_u64 * 1024 * 1024).to_be_bytes());
    let announced = [&[0x82, 127][..], (1_u64 << 40).to_be_bytes().as_slice()].concat();
    assert_eq!(ends(announced).await, (Reason::TooBig { limit: LIMIT }, Some(1009)));
    whole.resize(whole.len() + 16 * 1024 * 1024, b'x');
    assert_eq!(ends(whole).await, (Reason::TooBig { limit: LIMIT }, Some(1009)));
}

#[tokio::test]
async fn fragments_without_an_end_are_cut_at_the_limit_of_a_message() {
    let mut fragments = frame(0x01, b"once upon a time ");
    for _ in 0..=LIMIT / 64 {
        fragments.extend(frame(0x00, &[b'a'; 64]));
    }
    assert_eq!(ends(fragments).await, (Reason::TooBig { limit: LIMIT }, Some(1009)));
}

#[tokio::test]
async fn fragments_of_nothing_cost_nothing_and_hold_nothing_up() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        peer.raw(frame(0x01, b"")).await?;
        let nothing = frame(0x00, b"").repeat(8 * 1024);
        loop {
            for _ in 0..50 {
                peer.raw(&nothing).await?;
            }
            peer.frame(Opcode::Ping, b"are you there").await?;
            // Our Pings are answered, so that the client's own messages are proven amid all this.
            loop {
                match peer.next().await? {
                    Some(What::Pong(_)) => break,
                    Some(What::Ping(payload)) => peer.frame(Opcode::Pong, &payload).await?,
                    Some(_) => {}
                    None => return Ok(()),
                }
            }
        }
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    rig.until_online().await;
    for n in 1..=3 {
        rig.send(n);
        rig.until_arrived(n).await;
    }
}

#[tokio::test]
async fn a_flood_of_pings_is_answered_within_bounds_and_holds_nobody_up() {
    const PINGS: usize = MORE_THAN_BUFFERS / 127;
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        // Not one answer is read meanwhile.
        peer.hold_little()?;
        let flood = frame(0x89, &[b'p'; 125]).repeat(1000);
        for _ in 0..PINGS.div_ceil(1000) {
            peer.raw(&flood).await?;
        }
        peer.frame(Opcode::Ping, b"last").await?;
        peer.text("after the flood").await?;
        while peer.message().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap();
    let other = Server::start(scripts::echo).await.unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    rig.start_with(AccountId(2), plain(&other.url()));
    rig.until_was_online(AccountId(2)).await;
    rig.until_was_online(ACCOUNT).await;
    rig.send(1);
    rig.supervisor.send(AccountId(2), common::command(2)).unwrap();
    rig.until_of(AccountId(2), |report| matches!(report, Report::Arrived(_)).then_some(())).await;
    while rig.texts(ACCOUNT) != ["after the flood"] {
        rig.until(common::text).await;
    }
    rig.until_arrived(1).await;
    let log = server.log();
    let pongs = log.heard.iter().filter(|heard| matches!(heard.what, What::Pong(_))).count();
    assert!(log.has(&What::Pong(b"last".to_vec())), "the last one is answered");
    assert!(pongs < PINGS, "answers that nobody takes are not kept: {pongs} of {PINGS}");
    assert_eq!(log.connections, 1);
}

#[tokio::test]
async fn text_that_is_not_utf8_ends_the_session_with_1007() {
    for bytes in [
        frame(0x81, &[0xff, 0xfe]),
        // An overlong slash, and half of a surrogate pair.
        frame(0x81, &[0xc0, 0xaf]),
        frame(0x81, &[0xed, 0xa0, 0x80]),
        // A character that begins in one fragment and is broken in the next.
        [frame(0x01, b"good \xe4\xbd"), frame(0x80, b"y")].concat(),
        // One that never ends.
        [frame(0x01, b"good "), frame(0x80, b"\xe4\xbd")].concat(),
    ] {
        let (reason, code) = ends(bytes.as_slice()).await;
        assert!(matches!(reason, Reason::BrokenFrames { .. }), "{bytes:x?}: {reason:?}");
        assert_eq!(code, Some(1007), "{bytes:x?}");
    }
}

#[tokio::test]
async fn frames_that_break_the_protocol_end_the_session_with_1002() {
    let reserved_bits = [0xc1, 0xa1, 0x91, 0xf1].map(|first| frame(first, b"x"));
    let no_opcodes =
        [0x83, 0x84, 0x85, 0x86, 0x87, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f].map(|first| frame(first, b"x"));
    let others = [
        // A control frame that is split, and one that is too long (RFC 6455 §5.5).
        frame(0x09, b"x"),
        [&[0x89, 126, 0, 126][..], &[b'x'; 126]].concat(),
        // A continuation of nothing, and a message within another (§5.4).
        frame(0x80, b"x"),
        [frame(0x01, b"x"), frame(0x81, b"y")].concat(),
        // A server masks nothing (§5.1).
        vec![0x81, 0x81, 1, 2, 3, 4, b'x' ^ 1],
    ];
    for bytes in reserved_bits.into_iter().chain(no_opcodes).chain(others) {
        let (reason, code) = ends(bytes.as_slice()).await;
        assert!(matches!(reason, Reason::BrokenFrames { .. }), "{bytes:x?}: {reason:?}");
        assert_eq!(code, Some(1002), "{bytes:x?}");
    }
}

#[tokio::test]
async fn the_reason_of_a_close_frame_cannot_forge_what_is_shown() {
    let said = "bye\u{1b}[31m\r\nred\0 \u{202e}drowssap\u{7f}\u{9b}2J \u{200b}\u{feff}end";
    let (reason, _) = ends(frame(0x88, &[&[0x03, 0xe9], said.as_bytes()].concat())).await;
    let shown = "bye[31m red drowssap2J end".to_owned();
    assert_eq!(reason, Reason::Closed { code: Some(1001), text: shown, by: CloseBy::Server });
}

#[tokio::test]
async fn close_frames_that_are_none_end_the_session_too() {
    for payload in [&b"\x03"[..], b"\x03\xe8\xff\xff", b"\x03\xed", b"\x00\x00"] {
        let (reason, code) = ends(frame(0x88, payload)).await;
        let is_end =
            matches!(reason, Reason::BrokenFrames { .. } | Reason::Closed { by: CloseBy::Server, .. });
        assert!(is_end, "{payload:x?}: {reason:?}");
        assert!(matches!(code, Some(1002 | 1007)), "{payload:x?}: {code:?}");
    }
}

#[tokio::test]
async fn ten_thousand_redirects_are_not_followed_and_not_tried_again() {
    let server = Server::start(|mut peer: Peer| async move {
        let head = peer.request().await?;
        let number: u32 =
            head.split_whitespace().nth(1).and_then(|path| path.get(1..)?.parse().ok()).unwrap_or(0);
        // Each leads to the next, and the rest of them comes unasked.
        for number in number + 1..=10_000 {
            let line = format!("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /{number}\r\n\r\n");
            peer.raw(line).await?;
        }
        peer.swallow().await
    })
    .await
    .unwrap();
    let first = Reason::Status {
        status: 302,
        refusal: Refusal::Redirect { location: Some("/1".into()) },
        text: String::new(),
    };
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    // A person who insists gets one try each time.
    for tries in 1..=50 {
        assert_eq!(rig.until_down().await, first);
        assert!(matches!(rig.statuses().last(), Some(Status::Stopped { .. })), "only the user can mend it");
        assert_eq!(server.log().connections, tries);
        rig.supervisor.connect_now(ACCOUNT);
    }
}

#[tokio::test]
async fn a_head_without_an_end_is_refused() {
    let taken = Arc::new(AtomicU64::new(0));
    for line in [&[b'a'; 1024][..], &b"X-More: and more\r\n".repeat(64)] {
        let line = Arc::new(line.to_vec());
        let counted = Arc::clone(&taken);
        let reason = refused(quick(), move |mut peer: Peer| {
            let (line, counted) = (Arc::clone(&line), Arc::clone(&counted));
            async move {
                peer.request().await?;
                peer.raw("HTTP/1.1 101 Switching Protocols\r\nX-First: ").await?;
                loop {
                    peer.raw(line.as_slice()).await?;
                    counted.fetch_add(line.len() as u64, Ordering::Relaxed);
                }
            }
        })
        .await;
        assert!(matches!(reason, Reason::NotWebSocket { .. }), "{reason:?}");
    }
    assert!(taken.load(Ordering::Relaxed) < 100 * 1024 * 1024, "{taken:?} bytes of head were taken");
}

#[tokio::test]
async fn a_thousand_headers_are_refused() {
    let reason = refused(quick(), |mut peer: Peer| async move {
        let lines: String = (0..1000).map(|n| format!("X-{n}: {n}\r\n")).collect();
        peer.accept_with(&lines).await?;
        peer.swallow().await
    })
    .await;
    assert!(matches!(reason, Reason::NotWebSocket { .. }), "{reason:?}");
}

#[tokio::test]
async fn the_body_of_a_refusal_is_read_no_further_than_it_is_shown() {
    let reason = refused(quick(), |mut peer: Peer| async move {
        peer.request().await?;
        peer.raw("HTTP/1.1 500 No\r\nContent-Length: 99999999999\r\n\r\nout of order\n").await?;
        loop {
            peer.raw([b'x'; 4096]).await?;
        }
    })
    .await;
    assert_eq!(reason, Reason::Status { status: 500, refusal: Refusal::Other, text: "out of order".into() });
}

/// One byte at a time, for ever, in the answer to the handshake.
#[tokio::test]
async fn an_answer_that_drips_is_given_up_in_time() {
    let timing = Timing { upgrade: Duration::from_millis(300), ..quick() };
    for begin in ["", "HTTP/1.1 101 Switching Protocols\r\nX-Drop: "] {
        let reason = refused(timing, move |mut peer: Peer| async move {
            peer.request().await?;
            peer.raw(begin).await?;
            let mut drops = interval(Duration::from_millis(20));
            for byte in b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n".iter().cycle() {
                drops.tick().await;
                peer.raw([*byte]).await?;
            }
            Ok(())
        })
        .await;
        assert_eq!(reason, Reason::TimedOut { phase: Phase::Upgrade, seconds: 1 });
    }
}
