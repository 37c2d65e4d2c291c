//! What permessage-deflate is worth on chat, and what it costs: how much less goes over the line, and the time of a
//! message, each way, against the same message uncompressed from a loopback server through the link. The ways take turns
//! in one run, and the ratios are those of the rounds, so that a noisy machine disturbs all alike.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

#[path = "../src/deflate/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the handshake is left out")]
mod deflate;

use deflate::{Inflow, Press, Terms};
use domain::{AccountConfig, AccountId, Compression, Event};
use link::{Report, Spec, Supervisor, Timing};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use testkit::figures::median;
use testkit::server::{Peer, Server};
use tokio::runtime::Builder;
use tokio::sync::mpsc;

const MESSAGES: usize = 100_000;
const ROUNDS: usize = 9;

/// What one read of the link takes at most.
const READ: usize = 32 * 1024;

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let lines = testkit::chat::lines(MESSAGES);
    let alone = press("permessage-deflate; client_no_context_takeover", &lines);
    let together = press("permessage-deflate", &lines);
    let plain: Arc<[u8]> = lines.iter().flat_map(|line| frame(0x81, line.as_bytes())).collect();
    let pressed: Arc<[u8]> = together.iter().flat_map(|line| frame(0xc1, line)).collect();
    let [mut deflating, mut inflating, mut as_it_is, mut compressed] = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        deflating.push(took(|| drop(black_box(press("permessage-deflate", &lines)))));
        inflating.push(took(|| inflate(&pressed)));
        as_it_is.push(runtime.block_on(through_the_link(&plain, Compression::Off)));
        compressed.push(runtime.block_on(through_the_link(&pressed, Compression::Offer)));
    }
    let bytes: usize = lines.iter().map(String::len).sum();
    let shrunk = |pressed: &[Vec<u8>]| bytes as f64 / pressed.iter().map(Vec::len).sum::<usize>() as f64;
    println!("permessage-deflate on {MESSAGES} lines of chat, {} bytes each in JSON", bytes / MESSAGES);
    println!("  smaller, earlier lines remembered   {:>6.2} times", shrunk(&together));
    println!("  smaller, each line for itself       {:>6.2} times", shrunk(&alone));
    println!("  time of a message, median of {ROUNDS} rounds");
    for (what, times) in [
        ("in through the link, as it is      ", &as_it_is),
        ("in through the link, compressed    ", &compressed),
        ("inflating alone                    ", &inflating),
        ("deflating alone                    ", &deflating),
    ] {
        let each = median(times.iter().copied()) / MESSAGES as f64 * 1e9;
        let ratio = median(times.iter().zip(&as_it_is).map(|(time, plain)| time / plain));
        println!("  {what} {each:>6.0} ns   ratio {ratio:.2}");
    }
}

/// Each line compressed, as agreed.
fn press(agreed: &str, lines: &[String]) -> Vec<Vec<u8>> {
    let terms = Terms::read([agreed]).unwrap().unwrap();
    let mut press = Press::new(terms.ours);
    lines.iter().map(|line| press.press(line.as_bytes()).unwrap()).collect()
}

/// What a server sends.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    let head = match length {
        0..=125 => vec![first, length.to_be_bytes()[1]],
        126.. => [&[first, 126], &length.to_be_bytes()[..]].concat(),
    };
    [&head, payload].concat()
}

fn inflate(bytes: &[u8]) {
    let mut inflow = Inflow::default();
    for mut read in bytes.chunks(READ) {
        loop {
            inflow.fill(&mut read);
            let ready = black_box(inflow.ready().unwrap()).len();
            if ready == 0 {
                break;
            }
            inflow.took(ready);
        }
    }
}

/// From the dialling to the report of the last message.
async fn through_the_link(bytes: &Arc<[u8]>, compression: Compression) -> f64 {
    let bytes = Arc::clone(bytes);
    let server = Server::start(move |mut peer: Peer| {
        let bytes = Arc::clone(&bytes);
        async move {
            match compression {
                Compression::Off => peer.accept().await?,
                Compression::Offer => peer.accept_deflate("").await?,
            }
            peer.raw(bytes).await?;
            peer.silence().await
        }
    });
    let server = server.await.unwrap();
    let url = server.url();
    let (sender, mut batches) = mpsc::channel(16);
    let mut supervisor = Supervisor::new(link::platform_tls().unwrap(), Timing::default(), sender);
    let config = AccountConfig { protocol: "plain".into(), url, compression, ..AccountConfig::default() };
    let start = Instant::now();
    supervisor.start(Spec { account: AccountId(1), config, resume: None, run: 1 });
    let mut seen = 0;
    while seen < MESSAGES {
        let reports = batches.recv().await.unwrap().reports;
        let message = |report: &&Report| matches!(report, Report::Event { event: Event::Message { .. }, .. });
        seen += reports.iter().filter(message).count();
    }
    start.elapsed().as_secs_f64()
}

fn took(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
