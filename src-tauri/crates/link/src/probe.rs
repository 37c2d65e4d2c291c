//! One try without an account, for whoever only wants to know how far it comes.

use crate::{Recording, Report, Spec, Supervisor, Surroundings, Timing};
use domain::{AccountConfig, AccountId, Attempt, Outcome, Status, Timestamp};
use proto::Protocols;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// How many batches may wait for whoever watches.
const BATCHES: usize = 16;

/// How long the farewell of a try that succeeded may take.
const GRACE: Duration = Duration::from_secs(3);

/// How soon after the log-in a Ping is sent.
const PING: Duration = Duration::from_millis(20);

/// How long its answer may take: a person waits for it.
const PONG: Duration = Duration::from_secs(5);

/// What a try has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The try. `Ended`: the session was established and was over before a Ping was answered.
    pub attempt: Attempt,
    /// How long the answer to a Ping took; `None`: there was no answer.
    pub round_trip: Option<Duration>,
}

/// Reaches a server as an account would, the log-in and the answer to one Ping included, and ends the session. Calls
/// `tell` whenever more is known of the try, the last time with what is returned. Only the first of several addresses
/// is tried.
pub async fn probe(
    around: impl Into<Surroundings>,
    timing: Timing,
    protocols: Protocols,
    config: AccountConfig,
    mut tell: impl FnMut(&Attempt),
) -> Finding {
    let account = AccountId(0);
    let config = AccountConfig { fallbacks: Vec::new(), ..config };
    let timing = Timing { idle: timing.idle.min(PING), pong: timing.pong.min(PONG), ..timing };
    let attempt = Attempt {
        at: Timestamp(0),
        url: config.url.clone(),
        steps: Vec::new(),
        peer: domain::Peer::default(),
        outcome: Outcome::Trying,
    };
    let mut finding = Finding { attempt, round_trip: None };
    let (sender, mut batches) = mpsc::channel(BATCHES);
    let mut supervisor =
        Supervisor::new(around, timing, sender).speaking(protocols).recording(Recording::Off);
    supervisor.start(Spec { account, config, resume: None, run: 1 });
    // While the socket opens and the log-in goes on, the account's own limits hold.
    let mut patience = None;
    while let Some(batch) = within(patience, batches.recv()).await {
        for report in batch.reports {
            match report {
                Report::Attempt(attempt) => {
                    finding.attempt = *attempt;
                    tell(&finding.attempt);
                }
                Report::Status(Status::Online { .. }) => {
                    let trips = supervisor.tapes().of(account).traffic().round_trips;
                    finding.round_trip = trips.last().map(|(_, took)| *took);
                }
                Report::Status(
                    Status::Off | Status::Connecting { .. } | Status::Waiting { .. } | Status::Stopped { .. },
                )
                | Report::Event { .. }
                | Report::Remember(_)
                | Report::Arrived(_)
                | Report::Ended { .. }
                | Report::Returned { .. } => {}
            }
        }
        match finding.attempt.outcome {
            Outcome::Online { .. } if finding.round_trip.is_none() => {
                // A line that is dead is found out by then; one that lives may still answer no Pings.
                patience.get_or_insert_with(|| Instant::now() + 2 * timing.pong + timing.close);
            }
            Outcome::Trying => {}
            Outcome::Online { .. } | Outcome::Failed { .. } | Outcome::Ended { .. } => break,
        }
    }
    drop(batches);
    supervisor.shutdown(GRACE).await;
    finding
}

/// `None`: it took too long, or there is nothing more.
async fn within<T>(until: Option<Instant>, next: impl Future<Output = Option<T>>) -> Option<T> {
    match until {
        None => next.await,
        Some(until) => timeout_at(until, next).await.ok().flatten(),
    }
}
