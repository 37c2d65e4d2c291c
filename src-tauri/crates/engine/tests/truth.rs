//! The truth about connections: tries are rows, and a kill leaves none of them untrue.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

mod common;

use common::{Bench, plain, quick};
use domain::{AccountId, Attempt, Outcome, Phase, Reason};
use engine::contract::Code;
use testkit::server::{Server, scripts};

async fn until(bench: &Bench, account: AccountId, wanted: impl Fn(&Attempt) -> bool) -> Vec<Attempt> {
    bench
        .until("the try", async |engine| {
            let truth = engine.truth(account).await.unwrap();
            truth.attempts.first().is_some_and(&wanted).then_some(truth.attempts)
        })
        .await
}

#[tokio::test]
async fn tries_are_kept_over_a_restart_and_a_kill_leaves_none_untrue() {
    let server = Server::start(scripts::listen).await.unwrap();
    let bench = Bench::open().await;
    let (account, _) = bench.join(&server.url()).await;
    let online = |attempt: &Attempt| matches!(attempt.outcome, Outcome::Online { .. });
    let before = until(&bench, account, online).await;
    assert_eq!(before.len(), 1);
    let bench = bench.kill().await;
    let after = until(&bench, account, online).await;
    let killed = after.iter().find(|attempt| attempt.at == before[0].at).unwrap();
    assert!(
        matches!(&killed.outcome, Outcome::Ended { reason: Reason::Dropped { .. }, .. }),
        "nobody is online in a past run: {killed:?}"
    );
    let bench = bench.reopen().await;
    let after = until(&bench, account, online).await;
    assert_eq!(after.len(), 3);
    assert!(matches!(after[1].outcome, Outcome::Ended { reason: Reason::Closed { .. }, .. }), "{after:?}");
}

#[tokio::test]
async fn a_try_under_way_is_told_and_the_last_twenty_are_kept() {
    let server = Server::start(scripts::never_upgrade).await.unwrap();
    let bench = Bench::open().await;
    let (account, _) = bench.join(&server.url()).await;
    let waits = |attempt: &Attempt| attempt.steps.last().is_some_and(|step| step.phase == Phase::Upgrade);
    let attempts = until(&bench, account, waits).await;
    assert_eq!(attempts[0].outcome, Outcome::Trying);
    bench.engine.remove_account(common::txn(), account).await.unwrap();
    assert_eq!(bench.engine.truth(account).await.unwrap_err().code, Code::Gone);

    let (account, _) = bench.join("ws://127.0.0.1:1/").await;
    bench
        .until("many tries", async |engine| {
            let attempts = engine.truth(account).await.unwrap().attempts;
            (attempts.len() >= 20).then_some(())
        })
        .await;
    let first = bench.engine.truth(account).await.unwrap().attempts;
    until(&bench, account, |attempt| attempt.at > first[0].at && attempt.outcome != Outcome::Trying).await;
    let attempts = bench.engine.truth(account).await.unwrap().attempts;
    assert!((20..=21).contains(&attempts.len()), "twenty, and the one under way: {}", attempts.len());
    assert!(attempts.windows(2).all(|pair| pair[0].at > pair[1].at), "the newest first");
}

#[tokio::test]
async fn a_diagnosis_runs_the_same_steps() {
    let server = Server::start(scripts::listen).await.unwrap();
    let tls = engine::platform_tls().unwrap();
    let mut told = 0;
    let finding = engine::diagnose(tls, quick(), plain(&server.url()), |_| told += 1).await;
    assert!(matches!(finding.attempt.outcome, Outcome::Online { .. }), "{finding:?}");
    assert!(finding.round_trip.is_some());
    assert!(told > 1);
}
