//! permessage-deflate over a real socket: what is agreed, what goes over the line, and what a hostile server makes of it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by a panic, and looks for one case"
)]

mod common;

use common::{ACCOUNT, Rig, plain, quick, txn};
use domain::{AccountConfig, Body, Command, Compression, ConversationKey, Reason, Status};
use link::Report;
use std::io;
use testkit::server::{Opcode, Peer, Server, What};

fn say(rig: &Rig, n: u32, text: &str) {
    let conversation = ConversationKey("stream".into());
    rig.supervisor.send(ACCOUNT, Command::say(txn(n), conversation, Body::text(text))).unwrap();
}

async fn extensions(rig: &mut Rig) -> Option<String> {
    rig.until(|report| match report {
        Report::Status(Status::Online { line }) => Some(line.extensions.clone()),
        _ => None,
    })
    .await
}

/// Repeats each message, compressed.
async fn echo(mut peer: Peer, parameters: &str) -> io::Result<()> {
    peer.accept_deflate(parameters).await?;
    while let Some(What::Text(text)) = peer.message().await? {
        peer.pressed(&text).await?;
    }
    Ok(())
}

#[tokio::test]
async fn both_sides_understand_each_other_whatever_was_agreed() {
    for parameters in [
        "",
        "; server_no_context_takeover; client_no_context_takeover",
        "; client_max_window_bits=9",
        "; client_max_window_bits=8",
        "; server_max_window_bits=15; client_no_context_takeover",
    ] {
        let server = Server::start(move |peer: Peer| echo(peer, parameters)).await.unwrap();
        let mut rig = Rig::new(quick());
        rig.start(&server.url());
        let agreed = extensions(&mut rig).await.unwrap();
        assert!(parameters.split("; ").all(|part| agreed.contains(part)), "{agreed}");
        let texts: Vec<String> = (0..25)
            .map(|n| match n % 5 {
                0 => "hi".to_owned(),
                1 => format!("message {n}, much like the one before it, 你好"),
                2 => "long ".repeat(1000 * n),
                3 => String::from("x"),
                _ => format!(r#"{{"type":"message","from":"alice","n":{n}}}"#),
            })
            .collect();
        for (n, text) in (1..).zip(&texts) {
            say(&rig, n, text);
            rig.until_arrived(n).await;
        }
        server.until(|log| log.texts() == texts).await;
        while rig.texts(ACCOUNT).len() < texts.len() {
            rig.until(common::text).await;
        }
        assert_eq!(rig.texts(ACCOUNT), texts, "{parameters}");
    }
}

#[tokio::test]
async fn a_server_that_takes_no_extension_gets_plain_frames() {
    for compression in [Compression::Offer, Compression::Off] {
        let server = Server::start(testkit::server::scripts::echo).await.unwrap();
        let mut rig = Rig::new(quick());
        rig.start_with(ACCOUNT, AccountConfig { compression, ..plain(&server.url()) });
        assert_eq!(extensions(&mut rig).await, None);
        say(&rig, 1, &"plain ".repeat(100));
        rig.until_arrived(1).await;
        server.until(|log| log.texts() == ["plain ".repeat(100)]).await;
        let offer = server.log().requests()[0].contains("permessage-deflate; client_max_window_bits");
        assert_eq!(offer, compression == Compression::Offer);
    }
}

/// Frames that come in one segment with the answer to the handshake.
#[tokio::test]
async fn what_follows_the_handshake_at_once_is_expanded_too() {
    for named in ["", "chat"] {
        let server = Server::start(|mut peer: Peer| async move {
            let head = peer.request().await?;
            let mut bytes =
                peer.acceptance(&head, "Sec-WebSocket-Extensions: permessage-deflate\r\n").into_bytes();
            // RFC 7692 §7.2.3.1.
            bytes.extend([0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
            peer.raw(bytes).await?;
            peer.silence().await
        })
        .await
        .unwrap();
        let mut rig = Rig::new(quick());
        // Asked for a subprotocol, this server names none: that answer is read in another place.
        let subprotocols = Some(named.to_owned()).into_iter().filter(|name| !name.is_empty()).collect();
        rig.start_with(ACCOUNT, AccountConfig { subprotocols, ..plain(&server.url()) });
        assert_eq!(rig.until(common::text).await, "Hello");
    }
}

/// A server that takes the compression and then sends these bytes: how the session ends, and with which code of ours.
async fn ends(
    make: impl Fn(&mut Peer) -> io::Result<Vec<u8>> + Copy + Send + Sync + 'static,
) -> (Reason, u16) {
    let server = Server::start(move |mut peer: Peer| async move {
        peer.accept_deflate("").await?;
        let bytes = make(&mut peer)?;
        peer.raw(bytes).await?;
        while peer.next().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    let reason = rig.until_down().await;
    let log = server.until(|log| !log.closes().is_empty()).await;
    (reason, log.closes()[0].unwrap())
}

/// A frame whose payload is shorter than 64 KiB.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    [&[first, 126], length.to_be_bytes().as_slice(), payload].concat()
}

#[tokio::test]
async fn a_bomb_is_cut_at_the_limit_of_a_message() {
    let (reason, code) = ends(|peer| Ok(frame(0xc1, &peer.press(&vec![b'a'; 40 * 1024 * 1024])?))).await;
    assert_eq!((reason, code), (Reason::TooBig { limit: 4 * 1024 * 1024 }, 1009));
}

#[tokio::test]
async fn what_expands_to_just_the_limit_is_taken() {
    const LIMIT: usize = 4 * 1024 * 1024;
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept_deflate("").await?;
        peer.pressed(&"a".repeat(LIMIT)).await?;
        peer.silence().await
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    assert!(rig.until(common::text).await.starts_with("aaaa"));
}

#[tokio::test]
async fn bytes_that_are_no_deflate_end_the_session_with_1007() {
    let (reason, code) = ends(|_| Ok(frame(0xc1, &[0xff; 300]))).await;
    let Reason::BrokenFrames { text } = reason else { panic!("{reason:?}") };
    assert!(text.contains("compressed"), "{text}");
    assert_eq!(code, 1007);
}

#[tokio::test]
async fn compressed_text_that_is_not_utf8_ends_the_session_with_1007() {
    let (reason, code) = ends(|peer| Ok(frame(0xc1, &peer.press(b"good and then \xff bad")?))).await;
    assert!(matches!(reason, Reason::BrokenFrames { .. }), "{reason:?}");
    assert_eq!(code, 1007);
    // A character that begins in one fragment and is broken in the next.
    let split = |peer: &mut Peer| {
        let pressed = peer.press(&[b"x".repeat(20), vec![0xe4, 0xbd, b'y']].concat())?;
        let (head, tail) = pressed.split_at(pressed.len() / 2);
        Ok([frame(0x41, head), frame(0x80, tail)].concat())
    };
    assert!(matches!(ends(split).await, (Reason::BrokenFrames { .. }, 1007)));
}

#[tokio::test]
async fn a_reserved_bit_where_none_may_be_ends_the_session_with_1002() {
    for bytes in [
        // A compressed ping; RSV2; RSV1 on a continuation.
        &[0xc9, 0x01, b'x'][..],
        &[0xe1, 0x01, b'x'],
        &[0x41, 0x02, 0xf2, 0x48, 0xc0, 0x05, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
    ] {
        let bytes: &'static [u8] = bytes.to_vec().leak();
        assert!(
            matches!(ends(|_| Ok(bytes.to_vec())).await, (Reason::BrokenFrames { .. }, 1002)),
            "{bytes:x?}"
        );
    }
}

#[tokio::test]
async fn endless_fragments_that_expand_to_nothing_cost_nothing() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept_deflate("").await?;
        peer.raw([0x41, 0x00]).await?;
        // Empty blocks: five bytes each, which expand to none.
        let nothing = frame(0x00, &[0x00, 0x00, 0x00, 0xff, 0xff].repeat(1000));
        for _ in 0..2000 {
            peer.raw(&nothing).await?;
        }
        peer.frame(Opcode::Ping, b"are you there").await?;
        while let Some(what) = peer.next().await? {
            if what == What::Pong(b"are you there".to_vec()) {
                return peer.silence().await;
            }
        }
        Ok(())
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    rig.until_online().await;
    server.until(|log| log.has(&What::Pong(b"are you there".to_vec()))).await;
}
