//! The task of one account: dial, session, backoff, and round again.

use crate::backoff::Backoff;
use crate::batch::Batches;
use crate::dial::{Dial, Need, Order, Origin};
use crate::narrow::words;
use crate::outbox::{Outbox, Rest};
use crate::session::Session;
use crate::timing::{Timing, wall};
use crate::{Reach, Report, Spec};
use domain::{Command, Phase, Reason, Retry, Status, TxnId};
use futures_util::FutureExt;
use proto::{Endpoint, Opening, Protocol};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// The most phases of one attempt: four for each of two ways of asking.
const PHASES: usize = 8;

/// What a task shares with its sessions, and what outlives a session that panics.
pub(crate) struct Desk {
    pub(crate) timing: Timing,
    pub(crate) batches: Batches,
    pub(crate) outbox: Outbox,
    pub(crate) commands: mpsc::Receiver<Command>,
    /// The session, and how many of its events are on disk.
    pub(crate) committed: watch::Receiver<(u64, u64)>,
    /// This account is to stop.
    pub(crate) cancel: CancellationToken,
    /// All accounts are.
    pub(crate) end: CancellationToken,
    /// How far the session came; `None`: there is none.
    pub(crate) reach: Option<Reach>,
    /// Since when the session is online.
    pub(crate) online_since: Option<Instant>,
}

impl Desk {
    /// Whether the whole program ends, and not this account only.
    pub(crate) fn everything_ends(&self) -> bool {
        self.end.is_cancelled()
    }

    /// Gives a command back, and what came behind it.
    fn give_back(&mut self, first: Command) {
        let mut unsent: Vec<_> = first.txn().cloned().into_iter().collect();
        unsent.extend(self.waiting_commands());
        if !unsent.is_empty() {
            self.batches.push(Report::Returned { unsent });
        }
    }

    fn waiting_commands(&mut self) -> Vec<TxnId> {
        std::iter::from_fn(|| self.commands.try_recv().ok())
            .filter_map(|command| command.txn().cloned())
            .collect()
    }
}

/// The task of one account.
pub(crate) struct Account {
    pub(crate) spec: Spec,
    pub(crate) protocol: Option<&'static dyn Protocol>,
    pub(crate) dial: Arc<dyn Dial>,
    pub(crate) desk: Desk,
    /// Counts the wishes to connect at once.
    pub(crate) nudges: watch::Receiver<u64>,
    /// The next session's number, for all accounts.
    pub(crate) sessions: Arc<AtomicU64>,
    /// The end of the account's task before this one, and so of all before it. `None`: none, or waited for long enough.
    pub(crate) before: Option<CancellationToken>,
    /// How the server was last asked with success.
    pub(crate) origin: Origin,
    /// The number of the try, 1 for the first since the last success.
    pub(crate) attempt: u32,
    /// Failures in a row, for the backoff.
    pub(crate) strikes: u32,
}

/// How an attempt ended.
enum Outcome {
    /// Somebody here wants an end.
    Stopped,
    /// There is no connection, or no more.
    Failed(Reason),
}

/// What comes after a failure.
enum Next {
    Dial,
    Stop,
}

impl Account {
    /// Runs until it is stopped. Reports `Status::Off` last.
    pub(crate) async fn run(mut self) {
        self.wait_for_the_one_before().await;
        while !self.desk.cancel.is_cancelled() {
            let outcome = AssertUnwindSafe(self.try_once()).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|panic| Outcome::Failed(from_panic(&*panic)));
            let next = match outcome {
                Outcome::Stopped => {
                    self.end_session(Reason::Closed {
                        code: None,
                        text: String::new(),
                        by: domain::CloseBy::Us,
                    });
                    Next::Stop
                }
                Outcome::Failed(reason) => {
                    self.end_session(reason.clone());
                    self.after(reason).await
                }
            };
            if matches!(next, Next::Stop) {
                break;
            }
        }
        self.desk.commands.close();
        let unsent = self.desk.waiting_commands();
        if !unsent.is_empty() {
            self.desk.batches.push(Report::Returned { unsent });
        }
        self.desk.batches.push(Report::Status(Status::Off));
        self.desk.batches.flush().await;
        // Stopped while it waited: its own successor waits for this task alone.
        if let Some(before) = self.before.take() {
            let _ = timeout(self.patience(), before.cancelled()).await;
        }
    }

    /// Two connections of one account at a time would look to the server like two of its users.
    async fn wait_for_the_one_before(&mut self) {
        let Some(before) = &self.before else { return };
        tokio::select! {
            biased;
            () = self.desk.cancel.cancelled() => {}
            _ = timeout(self.patience(), before.cancelled()) => self.before = None,
        }
    }

    /// How long the one before may take for its Close frame and what it still has to report; a task that hangs does not
    /// hold its successor up for ever.
    fn patience(&self) -> Duration {
        self.desk.timing.close * 2
    }

    /// Dials and, where that succeeds, runs the session.
    async fn try_once(&mut self) -> Outcome {
        self.attempt = self.attempt.saturating_add(1);
        let Some(protocol) = self.protocol else {
            let text = format!("no protocol is called {:?}", self.spec.config.protocol);
            return Outcome::Failed(Reason::BadAddress { text });
        };
        let endpoint = match protocol.endpoint(&self.spec.config) {
            Ok(endpoint) => endpoint,
            Err(fault) => return Outcome::Failed(Reason::BadAddress { text: words(&fault) }),
        };
        let opened = match self.dial(protocol, &endpoint).await {
            Some(Ok(opened)) => opened,
            Some(Err(reason)) => return Outcome::Failed(reason),
            None => return Outcome::Stopped,
        };
        self.say_connecting(Phase::Login);
        // What was reported so far belongs to what was before this session.
        tokio::select! {
            biased;
            () = self.desk.cancel.cancelled() => return Outcome::Stopped,
            () = self.desk.batches.flush() => {}
        }
        let number = self.sessions.fetch_add(1, Ordering::Relaxed) + 1;
        self.desk.batches.begin(number);
        self.desk.outbox = Outbox::default();
        self.desk.reach = Some(Reach::Opened);
        let adapter = protocol.open(Opening {
            config: &self.spec.config,
            secret: None,
            resume: self.spec.resume.as_ref(),
            seed: rand::random(),
        });
        let max_message = protocol.descriptor().max_message;
        let reason = Session::new(&mut self.desk, opened, adapter, number, max_message).run().await;
        Outcome::Failed(reason)
    }

    /// `None`: stopped meanwhile.
    async fn dial(
        &mut self,
        protocol: &'static dyn Protocol,
        endpoint: &Endpoint,
    ) -> Option<Result<crate::dial::Opened, Reason>> {
        let need = if protocol.descriptor().subprotocols.is_empty() { Need::Wished } else { Need::Required };
        let max_message = protocol.descriptor().max_message;
        let (phases, mut hears) = mpsc::channel(PHASES);
        let dial = Arc::clone(&self.dial);
        let mut origin = self.origin;
        let mut dialling = dial.dial(Order { endpoint, need, max_message, origin: &mut origin, phases });
        let result = loop {
            let has_room = !self.desk.batches.is_full();
            tokio::select! {
                biased;
                () = self.desk.cancel.cancelled() => return None,
                Some(phase) = hears.recv() => self.say_connecting(phase),
                () = self.desk.batches.pump() => {}
                Some(command) = self.desk.commands.recv(), if has_room => self.desk.give_back(command),
                result = &mut dialling => break result,
            }
        };
        drop(dialling);
        self.origin = origin;
        Some(result)
    }

    fn say_connecting(&mut self, phase: Phase) {
        let attempt = self.attempt;
        self.desk.batches.push(Report::Status(Status::Connecting { phase, attempt }));
    }

    /// Says what is left of the session, if there was one.
    fn end_session(&mut self, reason: Reason) {
        let Some(reach) = self.desk.reach.take() else { return };
        let Rest { mut unsent, unproven } = self.desk.outbox.close();
        unsent.extend(self.desk.waiting_commands());
        let online = self.desk.online_since.take();
        if reach == Reach::Online {
            self.attempt = 0;
        }
        if online.is_some_and(|since| since.elapsed() >= self.desk.timing.settled) {
            self.strikes = 0;
        }
        tracing::debug!(account = self.spec.account.0, ?reach, "session ended");
        self.desk.batches.push(Report::Ended { reason, reach, unsent, unproven });
    }

    /// After a failure: dials again after a while, or waits for the user.
    async fn after(&mut self, reason: Reason) -> Next {
        // Before anything is reported: a wish that answers the report must count.
        self.nudges.mark_unchanged();
        if self.desk.cancel.is_cancelled() {
            return Next::Stop;
        }
        match reason.retry() {
            Retry::Never => {
                self.desk.batches.push(Report::Status(Status::Stopped { reason }));
                self.strikes = 0;
                let next = self.rest(None).await;
                self.attempt = 0;
                next
            }
            Retry::After { seconds } => {
                self.strikes = self.strikes.saturating_add(1);
                let backoff =
                    Backoff { base: self.desk.timing.backoff_base, cap: self.desk.timing.backoff_cap };
                let floor = Duration::from_secs(u64::from(seconds));
                let wait = backoff.wait(self.strikes, floor, rand::random());
                let until = wall().plus_ms(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
                let attempt = self.attempt;
                self.desk.batches.push(Report::Status(Status::Waiting { until, attempt, reason }));
                self.rest(Some(wait)).await
            }
        }
    }

    /// Waits for the time, a wish to connect, or the end. Commands that come meanwhile go back.
    async fn rest(&mut self, wait: Option<Duration>) -> Next {
        let alarm = async {
            match wait {
                Some(wait) => sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(alarm);
        loop {
            let has_room = !self.desk.batches.is_full();
            tokio::select! {
                biased;
                () = self.desk.cancel.cancelled() => return Next::Stop,
                Ok(()) = self.nudges.changed() => return Next::Dial,
                () = self.desk.batches.pump() => {}
                Some(command) = self.desk.commands.recv(), if has_room => self.desk.give_back(command),
                () = &mut alarm => return Next::Dial,
            }
        }
    }
}

fn from_panic(panic: &(dyn Any + Send)) -> Reason {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic".to_owned());
    tracing::error!("an account's task panicked");
    Reason::Internal { text: words(&text) }
}
