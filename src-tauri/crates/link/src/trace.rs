//! The record of a try, while it is made: its steps, and who was met on the way.

use domain::{Attempt, Outcome, Peer, Phase, Step, Timestamp};
use std::time::Duration;
use tokio::sync::watch;

/// The record of one try. Whoever watches it sees its newest state, so that a slow watcher costs nothing.
pub(crate) struct Trace {
    attempt: watch::Sender<Attempt>,
}

impl Trace {
    /// A try to reach `url`, of which nothing is known yet.
    pub(crate) fn new(at: Timestamp, url: String) -> Self {
        let attempt = Attempt { at, url, steps: Vec::new(), peer: Peer::default(), outcome: Outcome::Trying };
        Self { attempt: watch::Sender::new(attempt) }
    }

    /// A step is under way.
    pub(crate) fn begin(&self, phase: Phase) {
        self.attempt.send_modify(|attempt| attempt.steps.push(Step { phase, took_us: None }));
    }

    /// The step under way is done.
    pub(crate) fn finish(&self, took: Duration) {
        self.attempt.send_modify(|attempt| finish(attempt, took));
    }

    /// More is known of who is at the other end.
    pub(crate) fn met(&self, learn: impl FnOnce(&mut Peer)) {
        self.attempt.send_modify(|attempt| learn(&mut attempt.peer));
    }

    /// Who was met so far.
    pub(crate) fn peer(&self) -> Peer {
        self.attempt.borrow().peer.clone()
    }

    /// Hears of each change from here on.
    pub(crate) fn watch(&self) -> watch::Receiver<Attempt> {
        self.attempt.subscribe()
    }

    /// The record as it stands.
    pub(crate) fn into_attempt(self) -> Attempt {
        self.attempt.borrow().clone()
    }
}

/// The last step is done.
pub(crate) fn finish(attempt: &mut Attempt, took: Duration) {
    if let Some(step) = attempt.steps.last_mut() {
        step.took_us = Some(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }
}
