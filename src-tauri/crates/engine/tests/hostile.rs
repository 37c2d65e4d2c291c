//! Floods through the whole engine: what one server sends without end costs the others nothing, and memory is bounded.
//! What else a server can do is in the link's tests of this name.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

mod common;

use common::Bench;
use domain::Delivery;
use testkit::server::{Peer, Server, scripts};

/// Two seconds of ten thousand messages each, as fast as they are taken.
const FLOOD: usize = 20_000;

/// The text of one of them.
const LENGTH: usize = 4096;

/// How many go in one write, so that they come faster than they can be stored.
const AT_ONCE: usize = 100;

/// How much the program may grow while eighty megabytes pass: 16 batches of 256 messages on their way, as many in the hands
/// of the core, and the store's own cache.
#[cfg(target_os = "linux")]
const GROWTH: usize = 60 * 1024 * 1024;

/// The memory that is this process's own, in bytes.
#[cfg(target_os = "linux")]
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_on_one_account_costs_the_others_nothing_and_memory_is_bounded() {
    let flooding = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        for first in (0..FLOOD).step_by(AT_ONCE) {
            let frames = (first..first + AT_ONCE).flat_map(|n| {
                let head = [&[0x81, 126], u16::try_from(LENGTH).unwrap().to_be_bytes().as_slice()].concat();
                [head, format!("{n:0LENGTH$}").into_bytes()].concat()
            });
            peer.raw(frames.collect::<Vec<_>>()).await?;
        }
        while peer.message().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap();
    let quiet = Server::start(scripts::echo).await.unwrap();
    let bench = Bench::open().await;
    let (other, talk) = bench.join(&quiet.url()).await;
    bench.until_online(other).await;
    #[cfg(target_os = "linux")]
    let before = memory();
    let (flooded, stream) = bench.join(&flooding.url()).await;
    bench.until_online(flooded).await;
    let unread = async || {
        let sidebar = bench.engine.sidebar().await.unwrap();
        sidebar.conversations.iter().find(|conversation| conversation.id == stream).unwrap().unread as usize
    };
    let (mut said, mut during) = (0, 0);
    while unread().await < FLOOD {
        // Local work, another account's line and reads go on all the while.
        bench.say(talk, &format!("{said}")).await;
        said += 1;
        assert_eq!(bench.until_received(talk, said).await.len(), said);
        if unread().await < FLOOD {
            during += 1;
        }
        #[cfg(target_os = "linux")]
        assert!(memory() < before + GROWTH, "it grew by {} bytes", memory() - before);
    }
    assert!(during > 0, "the flood was over before a word was said");
    bench.until_delivered(talk, &[Delivery::Sent]).await;
    let page = bench.engine.latest(stream, 500).await.unwrap();
    let last: Vec<_> = page.rows.iter().filter_map(common::received).collect();
    let expected: Vec<_> = (FLOOD - last.len()..FLOOD).map(|n| format!("{n:0LENGTH$}")).collect();
    assert!(last.len() > 1 && last == expected, "in order, and none missing");
    assert_eq!(flooding.log().connections, 1);
}
