//! The frame console through the whole engine: what passed, frames of the user's own, the export; and the check of every
//! line after the clocks came apart.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

mod common;
mod script;

use common::{Bench, all, gaps, now, quick};
use domain::{AccountConfig, AccountId, Reason, Timestamp};
use engine::contract::{Code, ConsoleFrame, Direction, FrameContent, RawFrame};
use engine::{NoKeyring, Timing};
use proto::transcript::{Step, read, replay};
use proto::{Frame, Opening, Protocol as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use testkit::server::{Peer, Server, What, scripts};

/// All frames of an account, once there are as many texts.
async fn frames(bench: &Bench, account: AccountId, texts: usize) -> Vec<ConsoleFrame> {
    bench
        .until("the frames", async |engine| {
            let page = engine.frames(account, 0, 500);
            (said(&page.frames).len() >= texts).then_some(page.frames)
        })
        .await
}

fn said(frames: &[ConsoleFrame]) -> Vec<(Direction, String)> {
    let text = |frame: &ConsoleFrame| match &frame.content {
        FrameContent::Text { text } => Some((frame.direction, text.clone())),
        FrameContent::Binary { .. }
        | FrameContent::Ping { .. }
        | FrameContent::Pong { .. }
        | FrameContent::Close { .. }
        | FrameContent::Secret => None,
    };
    frames.iter().filter_map(text).collect()
}

#[tokio::test]
async fn every_frame_is_in_the_console_with_direction_and_time() {
    let server = Server::start(scripts::echo).await.unwrap();
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&server.url()).await;
    bench.until_online(account).await;
    for n in 0..3 {
        bench.say(conversation, &format!("word {n}")).await;
        bench.until_received(conversation, n + 1).await;
    }
    let frames = frames(&bench, account, 6).await;
    let expected: Vec<_> =
        (0..3).flat_map(|n| [Direction::Out, Direction::In].map(|way| (way, format!("word {n}")))).collect();
    assert_eq!(said(&frames), expected);
    assert_eq!(
        frames.iter().map(|frame| frame.n).collect::<Vec<_>>(),
        (1..=frames.len() as u64).collect::<Vec<_>>()
    );
    assert_eq!(frames[0].gap_us, None, "the first of its session");
    assert!(frames[1..].iter().all(|frame| frame.gap_us.is_some()));
    assert!(frames.iter().all(|frame| !frame.compressed), "this server takes no extension");
    let is_ping = |frame: &&ConsoleFrame| matches!(frame.content, FrameContent::Ping { .. });
    let ping = frames.iter().find(is_ping).unwrap();
    assert_eq!(ping.direction, Direction::Out);

    // From where one has read, in pages.
    let page = bench.engine.frames(account, frames[2].n, 2);
    assert_eq!(page.frames, frames[2..4]);
    assert_eq!((page.next, page.dropped), (frames[4].n, 0));
    let traffic = bench.engine.traffic(account);
    assert_eq!((traffic.messages_out, traffic.messages_in), (3, 3));
    assert!(traffic.bytes_in > 0 && traffic.bytes_out > 0 && !traffic.round_trips.is_empty());
}

#[tokio::test]
async fn a_frame_of_the_users_own_goes_out_as_it_is_or_is_refused_with_the_reason() {
    let server = Server::start(scripts::listen).await.unwrap();
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&server.url()).await;
    bench.until_online(account).await;
    let text = |text: &str| RawFrame::Text { text: text.to_owned() };
    let hex = |hex: &str| RawFrame::Binary { hex: hex.to_owned() };
    bench.engine.send_raw(account, text("{\"raw\":1}")).unwrap();
    bench.engine.send_raw(account, hex("00 ff 1B")).unwrap();
    server.until(|log| log.has(&What::Binary(vec![0, 0xff, 0x1b]))).await;
    assert_eq!(server.log().texts(), ["{\"raw\":1}"]);
    let frames = frames(&bench, account, 1).await;
    assert_eq!(said(&frames), [(Direction::Out, "{\"raw\":1}".to_owned())]);
    assert!(common::all(&bench.engine, conversation).await.is_empty(), "it is no message");

    let code = |frame: RawFrame| bench.engine.send_raw(account, frame).unwrap_err().code;
    assert_eq!(code(hex("0")), Code::Invalid);
    assert_eq!(code(hex("zz")), Code::Invalid);
    assert_eq!(code(text(&"x".repeat(4 * 1024 * 1024 + 1))), Code::TooLong);
    assert_eq!(bench.engine.send_raw(AccountId(99), text("nobody")).unwrap_err().code, Code::Invalid);
    assert_eq!(server.log().texts().len(), 1, "nothing of these left");
}

#[tokio::test]
async fn the_export_is_a_transcript_that_the_adapter_replays() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        peer.text("tab\tand\nline \\ and <b>").await?;
        peer.binary(&[0, 0xff]).await?;
        while peer.message().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap();
    let bench = Bench::open().await;
    let (account, conversation) = bench.join(&server.url()).await;
    bench.until_received(conversation, 2).await;
    bench.say(conversation, "an answer").await;
    frames(&bench, account, 2).await;
    let text = bench.engine.transcript(account);
    let steps = read(&text).unwrap();
    let came: Vec<_> = steps.iter().filter(|step| matches!(step, Step::Frame(_))).collect();
    let texts =
        [Frame::Text("tab\tand\nline \\ and <b>".into()), Frame::Binary(vec![0, 0xff])].map(Step::Frame);
    assert_eq!(came, texts.iter().collect::<Vec<_>>());
    assert!(matches!(steps[0], Step::Opened(None)), "{text}");
    assert!(text.contains("> an answer"), "{text}");
    let config = AccountConfig::default();
    let mut adapter =
        proto::PLAIN.open(Opening { config: &config, secret: None, resume: None, entrusted: None, seed: 1 });
    let replayed = replay(adapter.as_mut(), &steps).unwrap();
    assert_eq!(replayed.matches("\"kind\":\"message\",").count(), 2, "{replayed}");
}

#[tokio::test]
async fn the_console_keeps_the_last_frames_and_says_how_many_are_gone() {
    const COUNT: u64 = 3000;
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        peer.flood(0..COUNT).await?;
        while peer.message().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap();
    let bench = Bench::open().await;
    let (account, _) = bench.join(&server.url()).await;
    bench
        .until("the flood", async |engine| (engine.traffic(account).messages_in == COUNT).then_some(()))
        .await;
    let page = bench.engine.frames(account, 1, 10_000);
    assert_eq!(page.frames.len(), 500, "a page at a time");
    assert!(page.dropped >= COUNT - 2000, "{}", page.dropped);
    let text = bench.engine.transcript(account);
    assert!(
        text.starts_with(&format!("// {} frames before these are not kept", page.dropped)),
        "{:.99}",
        text
    );
}

#[tokio::test]
async fn a_frame_that_holds_a_password_leaves_and_is_shown_to_nobody() {
    let peer = script::Peer::listen().await;
    let bench = Bench::open_with(script::SCRIPTED, quick()).await;
    let (account, _) = bench.join_scripted(&peer).await;
    bench.until_online(account).await;
    peer.say("log in hunter2");
    peer.until(|frame| (frame == "pass hunter2").then_some(())).await;
    let page = bench.engine.frames(account, 0, 500);
    let secret = page.frames.iter().find(|frame| frame.content == FrameContent::Secret).unwrap();
    assert_eq!((secret.direction, secret.size), (Direction::Out, 12));
    let shown = page.frames.iter().filter(|frame| frame.direction == Direction::Out);
    assert!(!format!("{:?}", shown.collect::<Vec<_>>()).contains("hunter2"));
    let text = bench.engine.transcript(account);
    assert!(text.contains("// > secret 12 bytes were left out"), "{text}");
    assert!(!text.contains("> pass"), "{text}");
}

static JUMPED: AtomicI64 = AtomicI64::new(0);

fn jumping() -> Timestamp {
    Timestamp(now().0 + JUMPED.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_jump_of_the_wall_clock_has_every_line_checked_and_a_dead_one_replaced() {
    const LONG: Duration = Duration::from_secs(3600);
    // The first line dies unseen; what comes after it lives.
    let dying = Server::start(|peer: Peer| async move {
        if peer.number() == 1 { scripts::die_after_accept(peer).await } else { scripts::listen(peer).await }
    })
    .await
    .unwrap();
    let living = Server::start(scripts::listen).await.unwrap();
    // Nothing else would find it out for an hour.
    let timing = Timing { idle: LONG, pong: LONG, ..quick() };
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::open_at(folder, proto::ALL, timing, Arc::new(NoKeyring), jumping).await;
    let (dead, conversation) = bench.join(&dying.url()).await;
    let (alive, _) = bench.join(&living.url()).await;
    bench.until_online(dead).await;
    bench.until_online(alive).await;
    living.until(|log| log.pings() == 1).await;
    assert_eq!(dying.log().connections, 1);
    let slept = jumping();
    JUMPED.store(60 * 60 * 1000, Ordering::Relaxed);
    living.until(|log| log.pings() == 2).await;
    dying.until(|log| log.connections == 2).await;
    bench.until_online(dead).await;
    assert_eq!(living.log().connections, 1, "a line that answers is kept");
    assert!(matches!(bench.until_ended(dead).await, Reason::Silent { .. }));
    // What was said while the computer slept is not here, so the gap holds all of that time.
    let (from, until) = bench
        .until("the gap to be closed", async |engine| match gaps(&all(engine, conversation).await)[..] {
            [(from, Some(until))] => Some((from, until)),
            _ => None,
        })
        .await;
    assert!(from <= slept, "{from:?} {slept:?}");
    assert!(until.0 - slept.0 >= 60 * 60 * 1000, "{until:?}");
}
