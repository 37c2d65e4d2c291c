//! Gathers reports into batches for the engine, and says when it is full.

use crate::{Batch, Report};
use domain::AccountId;
use std::future::{pending, poll_fn};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::PollSender;

/// The most reports of one batch, and how many may wait before their source is no longer heard: one transaction of the
/// store's good size.
pub(crate) const FULL: usize = 256;

/// Reports on their way to the engine. At most [`FULL`] wait, and beyond that what one input of the adapter gives.
pub(crate) struct Batches {
    sender: PollSender<Batch>,
    account: AccountId,
    run: u64,
    session: u64,
    gather: Duration,
    waiting: Vec<Report>,
    due: Option<Instant>,
}

impl Batches {
    /// Nothing gathered yet.
    pub(crate) fn new(sender: mpsc::Sender<Batch>, account: AccountId, run: u64, gather: Duration) -> Self {
        let sender = PollSender::new(sender);
        Self { sender, account, run, session: 0, gather, waiting: Vec::new(), due: None }
    }

    /// Adds a report.
    pub(crate) fn push(&mut self, report: Report) {
        self.waiting.push(report);
        self.due.get_or_insert_with(|| Instant::now() + self.gather);
    }

    /// What comes from here on belongs to this session. Call [`Self::flush`] before.
    pub(crate) fn begin(&mut self, session: u64) {
        self.session = session;
    }

    /// Whether as much waits as may.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= FULL
    }

    /// Sends one batch as soon as it is full or due and the engine has room. Never returns while nothing waits.
    pub(crate) async fn pump(&mut self) {
        let Some(due) = self.due else { return pending().await };
        if !self.is_full() {
            sleep_until(due).await;
        }
        poll_fn(|cx| self.poll_send(cx)).await;
    }

    /// Sends all that waits.
    pub(crate) async fn flush(&mut self) {
        while !self.waiting.is_empty() {
            poll_fn(|cx| self.poll_send(cx)).await;
        }
    }

    /// Sends the first batch. An engine that is gone takes everything in silence: there is nobody left to tell.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let room = std::task::ready!(self.sender.poll_reserve(cx));
        let rest = self.waiting.split_off(self.waiting.len().min(FULL));
        let reports = std::mem::replace(&mut self.waiting, rest);
        self.due = (!self.waiting.is_empty()).then(Instant::now);
        let batch = Batch { account: self.account, run: self.run, session: self.session, reports };
        if room.is_err() || self.sender.send_item(batch).is_err() {
            tracing::debug!(account = self.account.0, "nobody takes the reports");
        }
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Status;

    #[tokio::test(start_paused = true)]
    async fn a_batch_is_256_reports_or_16_ms() {
        let (sender, mut engine) = mpsc::channel(4);
        let mut batches = Batches::new(sender, AccountId(1), 7, Duration::from_millis(16));
        for _ in 0..600 {
            batches.push(Report::Status(Status::Off));
        }
        for expected in [256, 256, 88] {
            batches.pump().await;
            assert_eq!(engine.recv().await.unwrap().reports.len(), expected);
        }
        let start = Instant::now();
        batches.push(Report::Status(Status::Off));
        batches.pump().await;
        assert_eq!(start.elapsed(), Duration::from_millis(16));
        assert_eq!(engine.recv().await.unwrap().run, 7);
    }

    #[tokio::test]
    async fn a_slow_engine_is_waited_for_and_loses_nothing() {
        let (sender, mut engine) = mpsc::channel(1);
        let mut batches = Batches::new(sender, AccountId(1), 1, Duration::ZERO);
        for n in 1..=1000 {
            batches.push(Report::Event { n, event: domain::Event::Online });
        }
        let (_, seen) = tokio::join!(batches.flush(), async {
            let mut seen = Vec::new();
            while seen.len() < 1000 {
                for report in engine.recv().await.unwrap().reports {
                    let Report::Event { n, .. } = report else { continue };
                    seen.push(n);
                }
            }
            seen
        });
        assert_eq!(seen, (1..=1000).collect::<Vec<_>>());
    }
}
