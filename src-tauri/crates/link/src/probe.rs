//! One try without an account, for whoever only wants to know how far it comes.

use crate::{Report, Spec, Supervisor, Timing, Tls};
use domain::{AccountConfig, AccountId, Attempt, Outcome, Timestamp};
use proto::Protocols;
use std::time::Duration;
use tokio::sync::mpsc;

/// How many batches may wait for whoever watches.
const BATCHES: usize = 16;

/// How long the farewell of a try that succeeded may take.
const GRACE: Duration = Duration::from_secs(3);

/// Reaches a server as an account would, the log-in included, and ends the session at once. Calls `tell` whenever more
/// is known, the last time with what is returned. Only the first of several addresses is tried.
pub async fn probe(
    tls: Tls,
    timing: Timing,
    protocols: Protocols,
    config: AccountConfig,
    mut tell: impl FnMut(&Attempt),
) -> Attempt {
    let account = AccountId(0);
    let config = AccountConfig { fallbacks: Vec::new(), ..config };
    let mut last = Attempt {
        at: Timestamp(0),
        url: config.url.clone(),
        steps: Vec::new(),
        peer: domain::Peer::default(),
        outcome: Outcome::Trying,
    };
    let (sender, mut batches) = mpsc::channel(BATCHES);
    let mut supervisor = Supervisor::new(tls, timing, sender).speaking(protocols);
    supervisor.start(Spec { account, config, resume: None, run: 1 });
    while let Some(batch) = batches.recv().await {
        for report in batch.reports {
            let Report::Attempt(attempt) = report else { continue };
            last = *attempt;
            tell(&last);
            if last.is_known() {
                drop(batches);
                supervisor.shutdown(GRACE).await;
                return last;
            }
        }
    }
    last
}
