//! Tries: each is recorded step by step, and of several addresses a living one is found.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by a panic, and looks for one case"
)]

mod common;

use common::{Rig, plain, quick, tls};
use domain::{AccountConfig, Attempt, Outcome, Phase, Reason, Refusal, Status};
use link::{Finding, Report, Timing, probe};
use std::net::Ipv4Addr;
use std::time::Duration;
use testkit::server::{Authority, Kind, Peer, Server, scripts};
use tokio::net::TcpListener;

/// Phases, and whether each was finished.
fn steps(attempt: &Attempt) -> Vec<(Phase, bool)> {
    attempt.steps.iter().map(|step| (step.phase, step.took_us.is_some())).collect()
}

/// The next try whose outcome is known.
async fn next(rig: &mut Rig) -> Attempt {
    rig.until(|report| match report {
        Report::Attempt(attempt) if attempt.outcome != Outcome::Trying => Some((**attempt).clone()),
        _ => None,
    })
    .await
}

async fn online_at(rig: &mut Rig) -> String {
    rig.until(|report| match report {
        Report::Attempt(attempt) if matches!(attempt.outcome, Outcome::Online { .. }) => {
            Some(attempt.url.clone())
        }
        _ => None,
    })
    .await
}

async fn dead_url() -> String {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port();
    format!("ws://127.0.0.1:{port}/")
}

#[tokio::test]
async fn a_session_is_recorded_from_its_first_step_to_its_end() {
    let authority = Authority::new().unwrap();
    let server = Server::start_tls(&authority.identity(Kind::Valid).unwrap(), |mut peer: Peer| async move {
        peer.accept_with("Sec-WebSocket-Protocol: chat\r\n").await?;
        peer.message().await?;
        peer.close(Some(4001), "off you go").await?;
        peer.swallow().await
    })
    .await
    .unwrap();
    let mut rig = Rig::with(&authority, quick(), 64);
    let config = AccountConfig { subprotocols: vec!["chat".into()], ..plain(&server.url()) };
    rig.start_with(common::ACCOUNT, config);
    let online = next(&mut rig).await;
    let all = [Phase::Dns, Phase::Tcp, Phase::Tls, Phase::Upgrade, Phase::Login];
    assert_eq!(steps(&online), all.map(|phase| (phase, true)));
    let Outcome::Online { since } = online.outcome else { panic!("{online:?}") };
    assert_eq!(online.url, server.url());
    assert_eq!(online.peer.address, Some(format!("127.0.0.1:{}", server.port())));
    assert_eq!(online.peer.tls.as_deref(), Some("TLS 1.3"));
    assert_eq!(online.peer.subprotocol.as_deref(), Some("chat"));
    assert!(since >= online.at);
    rig.send(1);
    let ended = next(&mut rig).await;
    let Outcome::Ended { since: again, until, reason } = ended.outcome else { panic!("{ended:?}") };
    assert_eq!((ended.at, again), (online.at, since), "it is the same try");
    assert!(until >= since);
    assert!(matches!(reason, Reason::Closed { code: Some(4001), .. }), "{reason:?}");
}

#[tokio::test]
async fn the_step_that_failed_is_the_last_and_unfinished() {
    let mut rig = Rig::new(quick());
    rig.start(&dead_url().await);
    let attempt = next(&mut rig).await;
    assert_eq!(steps(&attempt), [(Phase::Dns, true), (Phase::Tcp, false)]);
    assert!(matches!(attempt.outcome, Outcome::Failed { reason: Reason::Refused { .. } }), "{attempt:?}");
    assert_eq!(attempt.peer.address, None);

    let server = Server::start(scripts::never_upgrade).await.unwrap();
    let mut rig = Rig::new(Timing { upgrade: Duration::from_millis(200), ..quick() });
    rig.start(&server.url());
    let attempt = next(&mut rig).await;
    assert_eq!(steps(&attempt), [(Phase::Dns, true), (Phase::Tcp, true), (Phase::Upgrade, false)]);
}

#[tokio::test]
async fn a_second_way_of_asking_is_recorded_behind_the_first() {
    let server = Server::start(|mut peer: Peer| async move {
        if peer.number() == 1 {
            peer.refuse("403 Forbidden", "", "").await
        } else {
            scripts::listen(peer).await
        }
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    let attempt = next(&mut rig).await;
    let phases: Vec<_> = attempt.steps.iter().map(|step| step.phase).collect();
    let once = [Phase::Dns, Phase::Tcp, Phase::Upgrade];
    assert_eq!(phases, [&once[..], &once[..], &[Phase::Login]].concat());
}

#[tokio::test]
async fn no_two_tries_have_the_same_beginning() {
    let timing = Timing { backoff_base: Duration::ZERO, backoff_cap: Duration::ZERO, ..quick() };
    let mut rig = Rig::new(timing);
    rig.start(&dead_url().await);
    let mut at = Vec::new();
    for _ in 0..50 {
        at.push(next(&mut rig).await.at);
    }
    assert!(at.windows(2).all(|pair| pair[0] < pair[1]), "{at:?}");
}

#[tokio::test]
async fn a_probe_tells_each_step_and_says_goodbye() {
    let authority = Authority::new().unwrap();
    let server = Server::start(scripts::listen).await.unwrap();
    let mut told = Vec::new();
    let config = plain(&server.url());
    let Finding { attempt, round_trip } =
        probe(tls(&authority), quick(), proto::ALL, config, |attempt| told.push(attempt.clone())).await;
    assert!(round_trip.is_some(), "its Ping was answered");
    assert!(matches!(attempt.outcome, Outcome::Online { .. }), "{attempt:?}");
    assert!(told.len() > 1, "{told:?}");
    assert_eq!(told.first().unwrap().outcome, Outcome::Trying);
    assert_eq!(told.last(), Some(&attempt));
    server.until(|log| log.closes() == [Some(1001)]).await;

    let found = probe(tls(&authority), quick(), proto::ALL, plain("http://h/"), |_| {}).await;
    let outcome = &found.attempt.outcome;
    assert!(matches!(outcome, Outcome::Failed { reason: Reason::BadAddress { .. } }), "{outcome:?}");
}

#[tokio::test]
async fn a_probe_finds_out_what_becomes_of_the_session_at_once() {
    let authority = Authority::new().unwrap();
    let thrown_out = Server::start(|mut peer| async move {
        peer.accept().await?;
        peer.close(Some(4401), "who are you?").await?;
        peer.silence().await
    });
    let thrown_out = thrown_out.await.unwrap();
    let config = plain(&thrown_out.url());
    let found = probe(tls(&authority), quick(), proto::ALL, config, |_| {}).await;
    let Outcome::Ended { reason: Reason::Closed { code, .. }, .. } = found.attempt.outcome else {
        panic!("{found:?}")
    };
    assert_eq!((code, found.round_trip), (Some(4401), None));

    let dead = Server::start(scripts::die_after_accept).await.unwrap();
    let timing = Timing { pong: Duration::from_millis(300), ..quick() };
    let found = probe(tls(&authority), timing, proto::ALL, plain(&dead.url()), |_| {}).await;
    let Outcome::Ended { reason, .. } = found.attempt.outcome else { panic!("{found:?}") };
    assert_eq!((reason, found.round_trip), (Reason::Silent { seconds: 1 }, None));
}

#[tokio::test]
async fn a_server_that_talks_and_answers_no_ping_is_reached_all_the_same() {
    let authority = Authority::new().unwrap();
    let talks = Server::start(|mut peer| async move {
        peer.accept().await?;
        let mut pace = tokio::time::interval(Duration::from_millis(10));
        loop {
            pace.tick().await;
            peer.text("as I was saying").await?;
        }
    });
    let talks = talks.await.unwrap();
    let config = plain(&talks.url());
    let timing = Timing { pong: Duration::from_secs(1), ..quick() };
    let found = probe(tls(&authority), timing, proto::ALL, config, |_| {}).await;
    assert!(matches!(found.attempt.outcome, Outcome::Online { .. }), "{found:?}");
    assert_eq!(found.round_trip, None);
}

#[tokio::test]
async fn a_dead_address_costs_no_wait_where_another_lives() {
    let living = Server::start(scripts::listen).await.unwrap();
    let hour = Duration::from_secs(3600);
    let mut rig = Rig::new(Timing { backoff_base: hour, backoff_cap: hour, ..quick() });
    let config = AccountConfig { fallbacks: vec![living.url()], ..plain(&dead_url().await) };
    rig.start_with(common::ACCOUNT, config);
    assert_eq!(online_at(&mut rig).await, living.url());
}

#[tokio::test]
async fn when_a_server_dies_the_other_is_dialled_at_once_and_kept_until_it_breaks() {
    let mut first = Server::start(scripts::listen).await.unwrap();
    let mut second = Server::start(scripts::listen).await.unwrap();
    let hour = Duration::from_secs(3600);
    let settled = Duration::ZERO;
    let mut rig = Rig::new(Timing { backoff_base: hour, backoff_cap: hour, settled, ..quick() });
    let config = AccountConfig { fallbacks: vec![second.url()], ..plain(&first.url()) };
    rig.start_with(common::ACCOUNT, config);
    assert_eq!(online_at(&mut rig).await, first.url());
    first.stop().await;
    assert_eq!(online_at(&mut rig).await, second.url());
    first.start_again().await.unwrap();
    rig.send(1);
    rig.until_arrived(1).await;
    assert_eq!(first.log().connections, 1, "what works is kept");
    second.stop().await;
    assert_eq!(online_at(&mut rig).await, first.url());
    assert_eq!(first.log().connections, 2);
}

/// The status says which address it is about, and not which is the account's first.
#[tokio::test]
async fn the_address_that_is_dialled_is_the_one_that_is_named() {
    let closed = Server::start(|mut peer: Peer| async move { peer.refuse("404 Not Found", "", "").await });
    let closed = closed.await.unwrap();
    let mut open = Server::start(scripts::listen).await.unwrap();
    let mut rig = Rig::new(Timing { settled: Duration::ZERO, ..quick() });
    let config = AccountConfig { fallbacks: vec![open.url()], ..plain(&closed.url()) };
    rig.start_with(common::ACCOUNT, config);
    rig.until_online().await;
    open.stop().await;
    rig.until(|report| matches!(report, Report::Status(Status::Waiting { .. })).then_some(())).await;
    let mut told: Vec<_> = rig
        .statuses()
        .into_iter()
        .filter_map(|status| match status {
            Status::Connecting { url, attempt, .. } => Some((attempt, url)),
            Status::Online { line } => Some((0, line.url)),
            _ => None,
        })
        .collect();
    told.dedup();
    // What broke after it had worked counts as one that failed, and the round goes on.
    let round = [(1, closed.url()), (2, open.url()), (0, open.url()), (1, closed.url())];
    assert_eq!(told, round);
}

#[tokio::test]
async fn a_refusal_of_one_address_is_told_and_stops_no_other() {
    let closed = Server::start(|mut peer: Peer| async move { peer.refuse("401 Unauthorized", "", "").await });
    let closed = closed.await.unwrap();
    let mut open = Server::start(scripts::listen).await.unwrap();
    let mut rig = Rig::new(quick());
    let config = AccountConfig { fallbacks: vec![open.url()], ..plain(&closed.url()) };
    rig.start_with(common::ACCOUNT, config);
    let refused = next(&mut rig).await;
    assert_eq!(refused.url, closed.url());
    let unauthorized =
        |reason: &Reason| matches!(reason, Reason::Status { refusal: Refusal::Unauthorized { .. }, .. });
    assert!(matches!(&refused.outcome, Outcome::Failed { reason } if unauthorized(reason)), "{refused:?}");
    assert_eq!(online_at(&mut rig).await, open.url());
    open.stop().await;
    for _ in 0..3 {
        let waiting =
            |report: &Report| matches!(report, Report::Status(Status::Waiting { .. })).then_some(());
        rig.until(waiting).await;
    }
    assert_eq!(closed.log().connections, 1, "waiting does not help the first: it is not dialled again");
}
