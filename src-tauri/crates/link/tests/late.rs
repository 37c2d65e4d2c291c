//! What a line still held when it was given up never arrives: the user may have sent it again meanwhile.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a failure is the test's answer"
)]

mod common;

use common::{ACCOUNT, PATIENCE, Rig, quick, txn};
use domain::{Body, Command, ConversationKey, Reason};
use link::{Report, Timing};
use std::time::Duration;
use testkit::faults::{FaultProxy, Line};
use testkit::server::{Log, Server, What, scripts};

/// More than the proxy's system takes, and less than ours does: the rest waits in our kernel.
const LONG: usize = 200 * 1024;

/// Who gives the line up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GivenUp {
    /// The pulse.
    Found,
    /// The user.
    Stopped,
}

/// Sends something on a line that dies, waits until the line is given up, heals it and sends the same again: gives how
/// often the server has heard it in the end.
async fn heard(by: GivenUp) -> usize {
    let (pong, close) = (Duration::from_millis(500), Duration::from_millis(300));
    let timing = match by {
        GivenUp::Found => Timing { idle: Duration::from_millis(200), pong, ..quick() },
        GivenUp::Stopped => Timing { close, ..quick() },
    };
    let server = Server::start(scripts::listen).await.unwrap();
    let proxy = FaultProxy::start(([127, 0, 0, 1], server.port()).into(), 7).await.unwrap();
    let url = format!("ws://{}/", proxy.address());
    let mut rig = Rig::new(timing);
    rig.start(&url);
    rig.until_online().await;
    proxy.set(Line::Dead).await;
    let text = "x".repeat(LONG);
    let stream = ConversationKey("stream".into());
    let say = |n| Command::say(txn(n), stream.clone(), Body::text(text.as_str()));
    rig.supervisor.send(ACCOUNT, say(1)).unwrap();
    let tape = rig.supervisor.tapes().of(ACCOUNT);
    let taken = async {
        while tape.traffic().bytes_out < LONG as u64 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.unwrap();
    if by == GivenUp::Stopped {
        rig.supervisor.stop(ACCOUNT);
    }
    let (reason, unproven) = rig
        .until(|report| match report {
            Report::Ended { reason, unproven, .. } => Some((reason.clone(), unproven.clone())),
            _ => None,
        })
        .await;
    assert_eq!(matches!(reason, Reason::Silent { .. }), by == GivenUp::Found, "{reason:?}");
    assert_eq!(unproven, [txn(1)], "the kernel took all of it");
    drop(rig);
    proxy.set(Line::Whole).await;
    // With the patience of the product: a busy machine takes its time for so much.
    let mut rig = Rig::new(quick());
    rig.start(&url);
    rig.until_online().await;
    rig.supervisor.send(ACCOUNT, say(2)).unwrap();
    rig.until_arrived(2).await;
    rig.supervisor.stop(ACCOUNT);
    // Whatever the old line still held has passed by then, or never will.
    proxy.until(|seen| seen.standing == 0).await;
    let left = |log: &Log| log.heard.iter().filter(|heard| heard.what == What::Left).count();
    let log = server.until(|log| left(log) == log.connections as usize).await;
    log.texts().into_iter().filter(|heard| *heard == text).count()
}

#[tokio::test]
async fn what_a_line_held_when_it_was_found_dead_never_arrives() {
    assert_eq!(heard(GivenUp::Found).await, 1);
}

#[tokio::test]
async fn what_a_dead_line_held_when_the_account_was_stopped_never_arrives() {
    assert_eq!(heard(GivenUp::Stopped).await, 1);
}
