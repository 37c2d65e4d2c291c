//! Gathers reports into batches for the engine, and says when it is full.

use crate::tape::Tape;
use crate::{Batch, Report};
use domain::{AccountId, Body, Change, Event, Span};
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::PollSender;

/// The most reports of one batch, and how many may wait before their source is no longer heard: one transaction of the
/// store's good size.
pub(crate) const FULL: usize = 256;

/// The most bytes of text in one batch, and how many may wait before their source is no longer heard: the longest
/// message that a server may send us, so that only a single report is ever heavier.
const HEAVY: usize = 4 * 1024 * 1024;

/// What a report weighs beside its text: about what it takes in memory.
const REPORT: usize = 128;

/// Reports on their way to the engine. At most [`FULL`] wait or [`HEAVY`] bytes of them, and beyond that what one input
/// of the adapter gives.
pub(crate) struct Batches {
    sender: PollSender<Batch>,
    account: AccountId,
    run: u64,
    session: u64,
    gather: Duration,
    /// Where a status stands at once.
    tape: Arc<Tape>,
    waiting: Vec<Report>,
    /// Of all that waits.
    weight: usize,
    due: Option<Instant>,
}

impl Batches {
    /// Nothing gathered yet.
    pub(crate) fn new(
        sender: mpsc::Sender<Batch>,
        account: AccountId,
        run: u64,
        gather: Duration,
        tape: Arc<Tape>,
    ) -> Self {
        let sender = PollSender::new(sender);
        Self { sender, account, run, session: 0, gather, tape, waiting: Vec::new(), weight: 0, due: None }
    }

    /// Adds a report.
    pub(crate) fn push(&mut self, report: Report) {
        if let Report::Status(status) = &report {
            self.tape.became(self.run, status);
        }
        self.weight = self.weight.saturating_add(weight(&report));
        self.waiting.push(report);
        self.due.get_or_insert_with(|| Instant::now() + self.gather);
    }

    /// What comes from here on belongs to this session. Call [`Self::flush`] before.
    pub(crate) fn begin(&mut self, session: u64) {
        self.session = session;
    }

    /// Whether as much waits as may.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= FULL || self.weight >= HEAVY
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
        let (count, weight) = self.first();
        let rest = self.waiting.split_off(count.min(self.waiting.len()));
        let reports = std::mem::replace(&mut self.waiting, rest);
        self.weight = self.weight.saturating_sub(weight);
        self.due = (!self.waiting.is_empty()).then(Instant::now);
        let batch = Batch { account: self.account, run: self.run, session: self.session, reports };
        if room.is_err() || self.sender.send_item(batch).is_err() {
            tracing::debug!(account = self.account.0, "nobody takes the reports");
        }
        Poll::Ready(())
    }

    /// How many reports the first batch holds, and their weight. A report too heavy for any batch has one of its own.
    fn first(&self) -> (usize, usize) {
        let (mut count, mut sum) = (0_usize, 0_usize);
        for report in self.waiting.iter().take(FULL) {
            let heavier = sum.saturating_add(weight(report));
            if count > 0 && heavier > HEAVY {
                break;
            }
            (count, sum) = (count + 1, heavier);
        }
        (count, sum)
    }
}

/// What a report weighs: the bytes that a server chose, and a little for the rest, which is bounded elsewhere.
fn weight(report: &Report) -> usize {
    let chosen = match report {
        Report::Event { event, .. } => match event {
            Event::Message { message } => body_weight(&message.body),
            Event::History { messages, .. }
            | Event::Earlier { messages, .. }
            | Event::Recent { messages, .. } => {
                messages.iter().map(|message| body_weight(&message.body).saturating_add(REPORT)).sum()
            }
            Event::Members { members, .. } => {
                members.iter().map(|member| member.name.len().saturating_add(REPORT)).sum()
            }
            Event::Refused { why, .. }
            | Event::HistoryRefused { why, .. }
            | Event::EarlierRefused { why, .. } => why.len(),
            Event::Retracted { why, .. } => why.as_ref().map_or(0, String::len),
            Event::Reaction { text, .. } => text.len(),
            Event::Happened { happening } => change_weight(&happening.change),
            Event::Online
            | Event::Capabilities { .. }
            | Event::Resumed
            | Event::Head { .. }
            | Event::Conversation { .. }
            | Event::Acknowledged { .. }
            | Event::Read { .. }
            | Event::Me { .. }
            | Event::Member { .. }
            | Event::MemberGone { .. }
            | Event::Typing { .. } => 0,
        },
        Report::Remember(resume) => resume.0.len(),
        Report::Status(_)
        | Report::Attempt(_)
        | Report::Arrived(_)
        | Report::Ended { .. }
        | Report::Returned { .. } => 0,
    };
    chosen.saturating_add(REPORT)
}

fn change_weight(change: &Change) -> usize {
    match change {
        Change::Left { why } | Change::Quit { why } | Change::Kicked { why, .. } => {
            why.as_ref().map_or(0, String::len)
        }
        Change::Topic { text } => text.as_ref().map_or(0, String::len),
        Change::Renamed { to } | Change::Retitled { to } => to.len(),
        Change::Mode { text } => text.len(),
        Change::Split { names } | Change::Rejoined { names } => {
            names.iter().map(|name| name.len().saturating_add(REPORT)).sum()
        }
        Change::Joined => 0,
    }
}

fn body_weight(body: &Body) -> usize {
    let weights = body.spans.iter().map(|span| match span {
        Span::Text { text, .. } | Span::Room { text, .. } => text.len(),
        Span::Link { text, url } => text.len().saturating_add(url.as_str().len()),
        Span::Binary { head, .. } => head.len(),
    });
    // A text of one letter in looks of its own takes more room than its letter.
    weights.sum::<usize>().saturating_add(body.spans.len().saturating_mul(size_of::<Span>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ConversationKey, Incoming, Status};

    fn message(n: u64, length: usize) -> Report {
        let message = Incoming {
            conversation: ConversationKey("c".into()),
            body: Body::text("x".repeat(length)),
            ..Incoming::default()
        };
        Report::Event { n, event: Event::Message { message } }
    }

    #[tokio::test]
    async fn a_batch_is_not_heavier_than_4_mib() {
        let (sender, mut engine) = mpsc::channel(16);
        let mut batches = Batches::new(sender, AccountId(1), 1, Duration::ZERO, Arc::default());
        for n in 1..=10 {
            batches.push(message(n, 3 * 1024 * 1024));
            assert_eq!(batches.is_full(), n > 1);
        }
        batches.flush().await;
        assert!(!batches.is_full());
        let mut seen = 0;
        while let Ok(batch) = engine.try_recv() {
            assert!(batch.reports.len() <= 2, "{}", batch.reports.len());
            seen += batch.reports.len();
        }
        assert_eq!(seen, 10);
    }

    #[test]
    fn many_small_spans_weigh_what_they_take() {
        let spans = vec![Span::text("x"); 1000];
        assert!(body_weight(&Body { spans }) >= 1000 * size_of::<Span>());
    }

    #[tokio::test]
    async fn a_report_too_heavy_for_any_batch_has_one_of_its_own() {
        let (sender, mut engine) = mpsc::channel(16);
        let mut batches = Batches::new(sender, AccountId(1), 1, Duration::ZERO, Arc::default());
        for length in [1, HEAVY, 1, 1] {
            batches.push(message(1, length));
        }
        batches.flush().await;
        let sizes: Vec<_> =
            std::iter::from_fn(|| engine.try_recv().ok()).map(|batch| batch.reports.len()).collect();
        assert_eq!(sizes, [1, 1, 2]);
        assert!(!batches.is_full(), "what was sent weighs nothing any more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_is_256_reports_or_16_ms() {
        let (sender, mut engine) = mpsc::channel(4);
        let mut batches = Batches::new(sender, AccountId(1), 7, Duration::from_millis(16), Arc::default());
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
        let mut batches = Batches::new(sender, AccountId(1), 1, Duration::ZERO, Arc::default());
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
