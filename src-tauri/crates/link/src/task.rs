//! The task of one account: dial, session, backoff, and round again.

use crate::backoff::Backoff;
use crate::batch::Batches;
use crate::dial::{Dial, Need, Order};
use crate::narrow::words;
use crate::outbox::{Outbox, Rest};
use crate::session::Session;
use crate::tape::Tape;
use crate::timing::{Timing, wall};
use crate::trace::{self, Trace};
use crate::ways::{Over, Ways};
use crate::{Reach, Report, Secrets, Spec};
use domain::{
    AccountConfig, AccountId, Attempt, CloseBy, Command, Outcome, Phase, Reason, Status, Step, Timestamp,
    TxnId,
};
use futures_util::FutureExt;
use proto::{Descriptor, Endpoint, Opening, Protocol, Resume};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How much longer is waited for an address that is not yet due.
const EARLY: Duration = Duration::from_millis(100);

/// How near, in milliseconds, two tries must be for the second to be given a later beginning than it had.
const CLOSE_MS: i64 = 1000;

/// A command on its way to a session.
#[derive(Debug)]
pub(crate) struct Handed {
    /// The only one that may take it; `None`: any.
    pub(crate) session: Option<u64>,
    pub(crate) command: Command,
}

/// What a task shares with its sessions, and what outlives a session that panics.
pub(crate) struct Desk {
    pub(crate) account: AccountId,
    /// Who keeps what sessions entrust to us.
    pub(crate) secrets: Arc<dyn Secrets>,
    pub(crate) timing: Timing,
    /// The wall clock.
    pub(crate) clock: fn() -> Timestamp,
    /// When the last of what the session's server sent came, by the wall clock, which goes on while the computer sleeps.
    pub(crate) heard: Timestamp,
    /// The same, by the clock of the backoff.
    pub(crate) alive: Instant,
    pub(crate) batches: Batches,
    pub(crate) outbox: Outbox,
    pub(crate) tape: Arc<Tape>,
    pub(crate) commands: mpsc::Receiver<Handed>,
    /// The session, and how many of its events are on disk.
    pub(crate) committed: watch::Receiver<(u64, u64)>,
    /// Counts the wishes to have the line checked.
    pub(crate) checks: watch::Receiver<u64>,
    /// The session was found dead by such a check: the next is dialled at once.
    pub(crate) replace: bool,
    /// The server answered a Ping, in this session or an earlier one.
    pub(crate) answers_pings: bool,
    /// What the last session wanted remembered.
    pub(crate) resume: Option<Resume>,
    /// This account is to stop.
    pub(crate) cancel: CancellationToken,
    /// All accounts are.
    pub(crate) end: CancellationToken,
    /// How far the session came; `None`: there is none.
    pub(crate) reach: Option<Reach>,
    /// Since when the session is online.
    pub(crate) online_since: Option<Instant>,
    /// The record of the session's try, and since when its socket is open.
    pub(crate) attempt: Option<(Attempt, Instant)>,
}

impl Desk {
    /// The log-in is done.
    pub(crate) fn established(&mut self) {
        if self.reach == Some(Reach::Online) {
            return;
        }
        let now = Instant::now();
        self.reach = Some(Reach::Online);
        self.online_since = Some(now);
        if let Some((attempt, opened)) = &mut self.attempt {
            trace::finish(attempt, now.saturating_duration_since(*opened));
            attempt.outcome = Outcome::Online { since: wall() };
            self.batches.push(Report::Attempt(Box::new(attempt.clone())));
        }
    }

    /// Closes the record of the session's try.
    fn conclude(&mut self, reason: &Reason) {
        let Some((mut attempt, _)) = self.attempt.take() else { return };
        attempt.outcome = match attempt.outcome {
            Outcome::Online { since } => Outcome::Ended { since, until: wall(), reason: reason.clone() },
            Outcome::Trying | Outcome::Failed { .. } | Outcome::Ended { .. } => {
                Outcome::Failed { reason: reason.clone() }
            }
        };
        self.batches.push(Report::Attempt(Box::new(attempt)));
    }

    /// Whether the whole program ends, and not this account only.
    pub(crate) fn everything_ends(&self) -> bool {
        self.end.is_cancelled()
    }

    /// Gives a command back, and what came behind it.
    pub(crate) fn give_back(&mut self, first: Handed) {
        let mut unsent: Vec<_> = first.command.txn().cloned().into_iter().collect();
        unsent.extend(self.waiting_commands());
        if !unsent.is_empty() {
            self.batches.push(Report::Returned { unsent });
        }
    }

    fn waiting_commands(&mut self) -> Vec<TxnId> {
        std::iter::from_fn(|| self.commands.try_recv().ok())
            .filter_map(|handed| handed.command.txn().cloned())
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
    /// Its addresses.
    pub(crate) ways: Ways,
    /// When the last try began.
    pub(crate) last: Timestamp,
    /// The number of the try, 1 for the first since a session that held ([`Timing::settled`]).
    pub(crate) attempt: u32,
    /// Failed rounds in a row, for the backoff; they begin anew with the tries.
    pub(crate) strikes: u32,
}

/// How a try ended.
enum End {
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
        let mut next = Next::Dial;
        while let Next::Dial = next
            && !self.desk.cancel.is_cancelled()
        {
            let Some(way) = self.ways.next(Instant::now()) else {
                // Woken a moment too soon.
                next = self.rest(Some(EARLY)).await;
                continue;
            };
            let end = AssertUnwindSafe(self.try_once(way)).catch_unwind().await;
            let end = end.unwrap_or_else(|panic| End::Failed(from_panic(&*panic)));
            next = match end {
                End::Stopped => {
                    self.end_session(
                        way,
                        &Reason::Closed { code: None, text: String::new(), by: CloseBy::Us },
                    );
                    Next::Stop
                }
                End::Failed(reason) => {
                    self.end_session(way, &reason);
                    if std::mem::take(&mut self.desk.replace) {
                        // Nothing speaks against the address.
                        self.ways.worked(way);
                        Next::Dial
                    } else {
                        self.ways.failed(way, reason.clone(), Instant::now());
                        self.after(reason).await
                    }
                }
            };
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
    async fn try_once(&mut self, way: usize) -> End {
        self.attempt = self.attempt.saturating_add(1);
        let config = AccountConfig { url: self.ways.url(way).to_owned(), ..self.spec.config.clone() };
        let trace = Trace::new(self.begin(), config.url.clone());
        let ready = match self.protocol {
            None => Err(Reason::BadAddress { text: format!("no protocol is called {:?}", config.protocol) }),
            Some(protocol) => match protocol.endpoint(&config) {
                Ok(endpoint) => Ok((protocol, endpoint)),
                Err(fault) => Err(Reason::BadAddress { text: words(&fault) }),
            },
        };
        let dialled = match ready {
            Err(reason) => Some(Err(reason)),
            Ok((protocol, endpoint)) => {
                let opened = self.dial(protocol, &config, &endpoint, way, &trace).await;
                opened.map(|opened| opened.map(|opened| (protocol, opened)))
            }
        };
        let mut attempt = trace.into_attempt();
        let (protocol, opened) = match dialled {
            Some(Ok(dialled)) => dialled,
            Some(Err(reason)) => {
                attempt.outcome = Outcome::Failed { reason: reason.clone() };
                self.desk.batches.push(Report::Attempt(Box::new(attempt)));
                return End::Failed(reason);
            }
            None => return End::Stopped,
        };
        attempt.steps.push(Step { phase: Phase::Login, took_us: None });
        self.tell(&attempt);
        // What was reported so far belongs to what was before this session.
        tokio::select! {
            biased;
            () = self.desk.cancel.cancelled() => return End::Stopped,
            () = self.desk.batches.flush() => {}
        }
        let number = self.sessions.fetch_add(1, Ordering::Relaxed) + 1;
        self.desk.batches.begin(number);
        self.desk.outbox = Outbox::pausing(protocol.descriptor().ping_pause);
        self.desk.reach = Some(Reach::Opened);
        self.desk.attempt = Some((attempt, Instant::now()));
        let adapter = protocol.open(Opening {
            config: &config,
            secret: opened.secret.as_ref(),
            resume: self.desk.resume.as_ref(),
            entrusted: opened.entrusted.as_ref(),
            seed: rand::random(),
        });
        let max_message = protocol.descriptor().max_message;
        let reason = Session::new(&mut self.desk, opened, adapter, number, max_message).run().await;
        End::Failed(reason)
    }

    /// When a try begins; with the account its identity, so that two within a millisecond are told apart.
    fn begin(&mut self) -> Timestamp {
        let now = wall();
        let close = now <= self.last && now >= self.last.plus_ms(-CLOSE_MS);
        self.last = if close { self.last.plus_ms(1) } else { now };
        self.last
    }

    /// `None`: stopped meanwhile.
    async fn dial(
        &mut self,
        protocol: &'static dyn Protocol,
        config: &AccountConfig,
        endpoint: &Endpoint,
        way: usize,
        trace: &Trace,
    ) -> Option<Result<crate::dial::Opened, Reason>> {
        let Descriptor { subprotocols, needs_subprotocol, .. } = protocol.descriptor();
        let need = if subprotocols.is_empty() || !needs_subprotocol { Need::Wished } else { Need::Required };
        let max_message = protocol.descriptor().max_message;
        let mut watching = trace.watch();
        let dial = Arc::clone(&self.dial);
        let mut origin = self.ways.origin(way);
        let account = self.spec.account;
        let order = Order { account, config, endpoint, need, max_message, origin: &mut origin, trace };
        let mut dialling = dial.dial(order);
        let result = loop {
            let has_room = !self.desk.batches.is_full();
            tokio::select! {
                biased;
                () = self.desk.cancel.cancelled() => return None,
                Ok(()) = watching.changed() => {
                    let attempt = watching.borrow_and_update().clone();
                    self.tell(&attempt);
                }
                () = self.desk.batches.pump() => {}
                Some(command) = self.desk.commands.recv(), if has_room => self.desk.give_back(command),
                result = &mut dialling => break result,
            }
        };
        drop(dialling);
        self.ways.asked(way, origin);
        Some(result)
    }

    /// Tells how far a try has come.
    fn tell(&mut self, attempt: &Attempt) {
        if let Some(Step { phase, took_us: None }) = attempt.steps.last() {
            let (url, phase) = (attempt.url.clone(), *phase);
            let status = Status::Connecting { url, phase, attempt: self.attempt };
            self.desk.batches.push(Report::Status(status));
        }
        self.desk.batches.push(Report::Attempt(Box::new(attempt.clone())));
    }

    /// Says what is left of the session, if there was one.
    fn end_session(&mut self, way: usize, reason: &Reason) {
        self.desk.conclude(reason);
        let Some(reach) = self.desk.reach.take() else { return };
        let Rest { mut unsent, unproven } = self.desk.outbox.close();
        unsent.extend(self.desk.waiting_commands());
        let online = self.desk.online_since.take();
        // A server that lets everybody in and answers nobody has not held for as long as its silence was borne.
        let until = if matches!(reason, Reason::Silent { .. }) { self.desk.alive } else { Instant::now() };
        if online.is_some_and(|since| until.saturating_duration_since(since) >= self.desk.timing.settled) {
            self.attempt = 0;
            self.strikes = 0;
            self.ways.worked(way);
        }
        tracing::debug!(account = self.spec.account.0, ?reach, "session ended");
        let (reason, heard) = (reason.clone(), self.desk.heard);
        self.desk.batches.push(Report::Ended { reason, reach, heard, unsent, unproven });
    }

    /// After a failure: tries the next address at once; after the last of them, all again after a while, or when the
    /// user wants it.
    async fn after(&mut self, reason: Reason) -> Next {
        // Before anything is reported: a wish that answers the report must count.
        self.nudges.mark_unchanged();
        self.desk.checks.mark_unchanged();
        if self.desk.cancel.is_cancelled() {
            return Next::Stop;
        }
        let now = Instant::now();
        if self.ways.next(now).is_some() {
            return Next::Dial;
        }
        match self.ways.round(reason, now) {
            Over::Stop(reason) => {
                self.desk.batches.push(Report::Status(Status::Stopped { reason }));
                self.strikes = 0;
                let next = self.rest(None).await;
                self.attempt = 0;
                next
            }
            Over::Wait(floor, reason) => {
                self.strikes = self.strikes.saturating_add(1);
                let backoff =
                    Backoff { base: self.desk.timing.backoff_base, cap: self.desk.timing.backoff_cap };
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
                Ok(()) = self.nudges.changed() => {
                    self.ways.again();
                    return Next::Dial;
                }
                // What only the user can mend, no wake can.
                Ok(()) = self.desk.checks.changed(), if wait.is_some() => {
                    if self.ways.next(Instant::now()).is_some() {
                        return Next::Dial;
                    }
                }
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
