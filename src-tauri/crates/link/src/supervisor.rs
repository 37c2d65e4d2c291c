//! Starts, stops and feeds the accounts' tasks.

use crate::batch::Batches;
use crate::dial::{Dial, Network};
use crate::outbox::Outbox;
use crate::surroundings::Nobody;
use crate::tape::{Recording, Tapes};
use crate::task::{Account, Desk, Handed};
use crate::timing::wall;
use crate::ways::Ways;
use crate::{Batch, Busy, Secrets, Spec, Surroundings, Timing};
use domain::{AccountId, Command, Timestamp};
use proto::Protocols;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How many commands may wait for one account; at the bound [`Supervisor::send`] says so, and the store keeps them.
const MAX_COMMANDS: usize = 128;

/// The accounts' tasks. Dropping it ends them at once, with no farewell; [`Supervisor::shutdown`] is kinder.
pub struct Supervisor {
    dial: Arc<dyn Dial>,
    secrets: Arc<dyn Secrets>,
    timing: Timing,
    protocols: Protocols,
    batches: mpsc::Sender<Batch>,
    accounts: BTreeMap<AccountId, Handle>,
    /// The end of each account's last task that was stopped, so that its successor waits for it. That task itself ends
    /// after the one before it, so that its end is the end of all.
    closing: BTreeMap<AccountId, CancellationToken>,
    tasks: JoinSet<()>,
    sessions: Arc<AtomicU64>,
    tapes: Tapes,
    clock: fn() -> Timestamp,
    end: CancellationToken,
}

/// The other end of a task's [`Desk`].
struct Handle {
    commands: mpsc::Sender<Handed>,
    committed: watch::Sender<(u64, u64)>,
    nudges: watch::Sender<u64>,
    checks: watch::Sender<u64>,
    cancel: CancellationToken,
    done: CancellationToken,
}

impl Supervisor {
    /// No accounts yet. Reports go to `batches`; while it is full, reading from the sockets stops.
    #[must_use]
    pub fn new(around: impl Into<Surroundings>, timing: Timing, batches: mpsc::Sender<Batch>) -> Self {
        let around = around.into();
        let secrets = Arc::clone(&around.secrets);
        Self { secrets, ..Self::with_dial(Arc::new(Network { around, timing }), timing, batches) }
    }

    /// The same over another way to reach servers.
    pub(crate) fn with_dial(dial: Arc<dyn Dial>, timing: Timing, batches: mpsc::Sender<Batch>) -> Self {
        Self {
            dial,
            secrets: Arc::new(Nobody),
            timing,
            protocols: proto::ALL,
            batches,
            accounts: BTreeMap::new(),
            closing: BTreeMap::new(),
            tasks: JoinSet::new(),
            sessions: Arc::new(AtomicU64::new(0)),
            tapes: Tapes::default(),
            clock: wall,
            end: CancellationToken::new(),
        }
    }

    /// The same with other protocols than `proto::ALL`.
    #[must_use]
    pub fn speaking(self, protocols: Protocols) -> Self {
        Self { protocols, ..self }
    }

    /// The same with or without a recording of frames; [`Recording::On`] otherwise.
    #[must_use]
    pub fn recording(self, recording: Recording) -> Self {
        Self { tapes: Tapes::new(recording), ..self }
    }

    /// The same with another clock on the wall than the system's, for what is told of a session's end.
    #[must_use]
    pub fn on_clock(self, clock: fn() -> Timestamp) -> Self {
        Self { clock, ..self }
    }

    /// What goes over the accounts' lines.
    #[must_use]
    pub fn tapes(&self) -> Tapes {
        self.tapes.clone()
    }

    /// Runs an account. A task of it that runs already is closed first, in the background; its last batches carry its
    /// own `run`.
    pub fn start(&mut self, spec: Spec) {
        while self.tasks.try_join_next().is_some() {}
        self.closing.retain(|_, done| !done.is_cancelled());
        self.stop(spec.account);
        let task = self.prepare(spec);
        self.tasks.spawn(task);
    }

    /// Closes an account cleanly, in the background. Its last reports are `Ended`, if it was in a session, and
    /// `Status::Off`.
    pub fn stop(&mut self, account: AccountId) {
        if let Some(handle) = self.accounts.remove(&account) {
            handle.cancel.cancel();
            self.closing.insert(account, handle.done);
        }
    }

    /// Cuts a backoff short, and dials again where only the user could allow that. Nothing while it is connecting or
    /// connected.
    pub fn connect_now(&self, account: AccountId) {
        if let Some(handle) = self.accounts.get(&account) {
            handle.nudges.send_modify(|nudges| *nudges = nudges.wrapping_add(1));
        }
    }

    /// The computer has slept, or its network has changed: every open socket is asked for a sign of life, and replaced at
    /// once when none comes within [`Timing::check`]. Accounts that wait for their next try make it now; those that wait
    /// for the user, or for a time that their server named, go on waiting.
    pub fn check_all(&self) {
        for handle in self.accounts.values() {
            handle.checks.send_modify(|checks| *checks = checks.wrapping_add(1));
        }
    }

    /// Hands a command to an account's session, whichever that is when it comes. One that meets no session comes back in
    /// `Report::Ended` or `Report::Returned`.
    ///
    /// # Errors
    /// When the account is not running, or does not keep up; the command was not taken.
    pub fn send(&self, account: AccountId, command: Command) -> Result<(), Busy> {
        self.hand(account, Handed { session: None, command })
    }

    /// Hands a command to one session of an account. One that comes too late for it comes back in `Report::Returned`: the
    /// caller does not know yet what became of those before it, and a later session must not get it ahead of them.
    ///
    /// # Errors
    /// As [`Supervisor::send`].
    pub fn send_in(&self, account: AccountId, session: u64, command: Command) -> Result<(), Busy> {
        self.hand(account, Handed { session: Some(session), command })
    }

    fn hand(&self, account: AccountId, handed: Handed) -> Result<(), Busy> {
        let handle = self.accounts.get(&account).ok_or(Busy)?;
        handle.commands.try_send(handed).map_err(|_| Busy)
    }

    /// The first `upto` events of a session are on disk. The newest word wins.
    pub fn committed(&self, account: AccountId, session: u64, upto: u64) {
        if let Some(handle) = self.accounts.get(&account) {
            handle.committed.send_if_modified(|known| {
                let news = (session, upto) > *known;
                if news {
                    *known = (session, upto);
                }
                news
            });
        }
    }

    /// Closes every session with 1001 and waits for the farewells and the last reports, at most `grace`. Whoever reads
    /// the batches should go on reading meanwhile; the channel ends when the last task has.
    pub async fn shutdown(mut self, grace: Duration) {
        self.end.cancel();
        self.accounts.clear();
        let mut tasks = std::mem::take(&mut self.tasks);
        drop(self);
        let farewell = async { while tasks.join_next().await.is_some() {} };
        if timeout(grace, farewell).await.is_err() {
            tracing::warn!("accounts were ended without a farewell");
        }
    }

    fn prepare(&mut self, spec: Spec) -> impl Future<Output = ()> + Send + 'static {
        let before = self.closing.remove(&spec.account);
        let (commands, hears) = mpsc::channel(MAX_COMMANDS);
        let (committed, watches) = watch::channel((0, 0));
        let (nudges, nudged) = watch::channel(0);
        let (checks, checked) = watch::channel(0);
        let cancel = self.end.child_token();
        let done = CancellationToken::new();
        let tape = self.tapes.begin(spec.account);
        let sender = self.batches.clone();
        let batches = Batches::new(sender, spec.account, spec.run, self.timing.gather, Arc::clone(&tape));
        let handle =
            Handle { commands, committed, nudges, checks, cancel: cancel.clone(), done: done.clone() };
        self.accounts.insert(spec.account, handle);
        let task = Account {
            desk: Desk {
                account: spec.account,
                secrets: Arc::clone(&self.secrets),
                timing: self.timing,
                clock: self.clock,
                heard: Timestamp(0),
                alive: tokio::time::Instant::now(),
                batches,
                outbox: Outbox::default(),
                tape,
                commands: hears,
                committed: watches,
                checks: checked,
                replace: false,
                cancel,
                end: self.end.clone(),
                reach: None,
                online_since: None,
                answers_pings: false,
                attempt: None,
                resume: spec.resume.clone(),
            },
            protocol: proto::find(self.protocols, &spec.config.protocol),
            ways: Ways::of(&spec.config),
            last: Timestamp(0),
            spec,
            dial: Arc::clone(&self.dial),
            nudges: nudged,
            sessions: Arc::clone(&self.sessions),
            before,
            attempt: 0,
            strikes: 0,
        };
        async move {
            // Also when the task panics.
            let _done = done.drop_guard();
            task.run().await;
        }
    }
}

impl std::fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supervisor").field("accounts", &self.accounts.keys()).finish_non_exhaustive()
    }
}
