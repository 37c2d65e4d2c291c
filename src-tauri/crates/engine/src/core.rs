//! The core: one task that brings links into line with the store, and the store into line with what links report.

use crate::bell::Ringer;
use crate::contract::Notice;
use crate::disk::{Disk, DiskError};
use crate::outbox::Outbox;
use crate::reduce::{Outcome, reduce, writes};
use domain::{AccountConfig, AccountId, Command, ConversationId, Status, TxnId};
use link::{Batch, Report, Spec, Supervisor};
use proto::Resume;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use store::{Dispatched, Durability};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

/// Batches that become one transaction: 40 × 256 events, about the 10,000 rows at which bigger ones gain nothing.
const MAX_BATCHES: usize = 40;

/// How often "still online" is written, so that a gap after a kill begins close to the truth.
const ALIVE: Duration = Duration::from_secs(15);

/// How long a disk that took nothing is left alone before the next try.
const DISK_PAUSE: Duration = Duration::from_secs(1);

/// How long the sessions have for their closing handshakes when the program ends.
const GRACE: Duration = Duration::from_secs(3);

/// What the handle asks of the core.
pub(crate) enum Order {
    /// The account has changed in the store.
    Reconcile(AccountId),
    /// Dial now.
    ConnectNow(AccountId),
    /// Dial all that are to be connected.
    ConnectAll,
    /// There may be something to send.
    Pump(AccountId),
    /// There may be something to send in this conversation.
    PumpConversation(ConversationId),
    /// End, and say when.
    Shutdown(oneshot::Sender<()>),
}

/// What is true now and stands in no row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live {
    pub(crate) statuses: BTreeMap<AccountId, Status>,
    pub(crate) notices: Vec<Notice>,
}

pub(crate) struct Core {
    disk: Disk,
    ringer: Ringer,
    live: watch::Sender<Live>,
    supervisor: Supervisor,
    closing: watch::Receiver<bool>,
    outbox: Outbox,
    /// What runs: the number of the run, and what it was started with.
    running: BTreeMap<AccountId, (u64, AccountConfig)>,
    last_run: u64,
    /// Events came since the last tick.
    busy: bool,
}

impl Core {
    pub(crate) fn new(
        disk: Disk,
        ringer: Ringer,
        live: watch::Sender<Live>,
        supervisor: Supervisor,
        closing: watch::Receiver<bool>,
    ) -> Self {
        let (outbox, running) = (Outbox::default(), BTreeMap::new());
        Self { disk, ringer, live, supervisor, closing, outbox, running, last_run: 0, busy: false }
    }

    /// Runs until it is told to end. Local work comes before remote work.
    pub(crate) async fn run(mut self, mut orders: mpsc::Receiver<Order>, mut batches: mpsc::Receiver<Batch>) {
        let mut alive = tokio::time::interval(ALIVE);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut taken = Vec::new();
        let done = loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    None => break None,
                    Some(Order::Shutdown(done)) => break Some(done),
                    Some(order) => self.obey(order).await,
                },
                _ = batches.recv_many(&mut taken, MAX_BATCHES) => self.take(std::mem::take(&mut taken)).await,
                _ = alive.tick() => self.tick().await,
            }
        };
        self.end(batches).await;
        if let Some(done) = done {
            let _ = done.send(());
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Reconcile(account) => self.reconcile(account).await,
            Order::ConnectNow(account) => self.supervisor.connect_now(account),
            Order::ConnectAll => {
                let accounts = self.disk.read(|reader| reader.sidebar()).await;
                for account in accounts.map(|(_, accounts, _)| accounts).unwrap_or_default() {
                    self.reconcile(account.id).await;
                }
            }
            Order::Pump(account) => self.pump(account).await,
            Order::PumpConversation(conversation) => {
                let account = self.disk.read(move |reader| reader.account_of_conversation(conversation)).await;
                if let Ok(Some(account)) = account {
                    self.pump(account).await;
                }
            }
            Order::Shutdown(_) => {}
        }
    }

    /// Starts, restarts or stops the link of an account, as the store says.
    async fn reconcile(&mut self, id: AccountId) {
        let read = self.disk.read(move |reader| Ok((reader.account(id)?, reader.resume(id)?))).await;
        let (account, resume) = match read {
            Ok(read) => read,
            Err(error) => return tracing::error!(%error, "reading an account"),
        };
        let Some(account) = account else {
            self.supervisor.stop(id);
            self.running.remove(&id);
            self.outbox.forget(id);
            self.live.send_modify(|live| {
                live.statuses.remove(&id);
            });
            return self.ringer.sidebar();
        };
        if !account.enabled {
            self.supervisor.stop(id);
            self.running.remove(&id);
            return self.show(id, Status::Off);
        }
        let wanted = AccountConfig { name: String::new(), ..account.config.clone() };
        if self.running.get(&id).is_some_and(|(_, config)| *config == wanted) {
            return;
        }
        self.last_run += 1;
        self.running.insert(id, (self.last_run, wanted));
        let resume = resume.map(Resume);
        self.supervisor.start(Spec { account: id, config: account.config, resume, run: self.last_run });
    }

    /// Takes what the links report: first onto the disk, then everywhere else.
    async fn take(&mut self, batches: Vec<Batch>) {
        self.busy = true;
        let batches = Arc::new(batches);
        let outcome = self.commit(&batches).await;
        let mut pump = BTreeSet::new();
        for batch in batches.iter() {
            for report in &batch.reports {
                if let Report::Status(status) = report {
                    let current = self.running.get(&batch.account).is_some_and(|(run, _)| *run == batch.run);
                    if current {
                        pump.insert(batch.account);
                        self.show(batch.account, status.clone());
                    }
                }
            }
        }
        for (account, txn) in &outcome.settled {
            self.outbox.settled(*account, [txn]);
            pump.insert(*account);
        }
        for ((account, session), upto) in outcome.committed {
            self.supervisor.committed(account, session, upto);
        }
        for account in pump {
            self.pump(account).await;
        }
    }

    /// Writes batches in one transaction. A disk that takes nothing is tried again until it does: meanwhile the links
    /// wait, and the user is told.
    async fn commit(&mut self, batches: &Arc<Vec<Batch>>) -> Outcome {
        if !batches.iter().flat_map(|batch| &batch.reports).any(writes) {
            return Outcome::default();
        }
        let outbox = Arc::new(std::mem::take(&mut self.outbox));
        let outcome = loop {
            let (job_batches, job_outbox) = (Arc::clone(batches), Arc::clone(&outbox));
            let job = move |tx: &mut store::Tx<'_>| reduce(tx, &job_batches, &job_outbox);
            match self.disk.write(Durability::Normal, job).await {
                Ok(written) => {
                    self.trouble(None);
                    self.ringer.committed(written.rev, &written.touched);
                    break written.value;
                }
                Err(error) if error.is_passing() && !*self.closing.borrow() => {
                    self.trouble(Some(&error));
                    let _ = tokio::time::timeout(DISK_PAUSE, self.closing.changed()).await;
                }
                Err(error) => {
                    tracing::error!(%error, "writing what a server told");
                    break Outcome::default();
                }
            }
        };
        self.outbox = Arc::unwrap_or_clone(outbox);
        outcome
    }

    /// Hands queued messages to the link of an account, as many as may be on their way at once. They are *sending* on
    /// the disk before the link sees them, so that a kill cannot send one twice.
    async fn pump(&mut self, account: AccountId) {
        let Some(&(run, _)) = self.running.get(&account) else { return };
        if !self.is_online(account) {
            return;
        }
        let room = self.outbox.room(account);
        if room == 0 {
            return;
        }
        let written = match self.disk.write(Durability::Full, move |tx| tx.dispatch(account, room)).await {
            Ok(written) => written,
            Err(error) => return self.trouble(Some(&error)),
        };
        let mut unsent = Vec::new();
        for Dispatched { txn, key, body } in written.value {
            let command = Command::Send { txn: txn.clone(), conversation: key, body };
            if unsent.is_empty() && self.supervisor.send(account, command).is_ok() {
                self.outbox.handed(account, txn, run);
            } else {
                unsent.push(txn);
            }
        }
        self.ringer.committed(written.rev, &written.touched);
        if !unsent.is_empty() {
            self.requeue(account, run, unsent).await;
        }
    }

    /// Puts back what the link did not take.
    async fn requeue(&mut self, account: AccountId, run: u64, unsent: Vec<TxnId>) {
        let txns = unsent.clone();
        match self.disk.write(Durability::Normal, move |tx| tx.requeue(&txns)).await {
            Ok(written) => self.ringer.committed(written.rev, &written.touched),
            Err(error) => {
                self.trouble(Some(&error));
                // They stay *sending* on the disk; the end of the run makes them unconfirmed.
                unsent.into_iter().for_each(|txn| self.outbox.handed(account, txn, run));
            }
        }
    }

    /// From time to time: says on the disk who is still online; tidies the log when nothing else is to do; tries again
    /// what a full disk stopped.
    async fn tick(&mut self) {
        let online: Vec<_> = self.running.keys().copied().filter(|id| self.is_online(*id)).collect();
        let accounts = online.clone();
        if !accounts.is_empty() {
            let job = move |tx: &mut store::Tx<'_>| {
                let now = tx.now();
                accounts.iter().try_for_each(|account| tx.alive(*account, now))
            };
            match self.disk.write(Durability::Normal, job).await {
                Ok(_) => self.trouble(None),
                Err(error) => self.trouble(Some(&error)),
            }
        }
        if !std::mem::take(&mut self.busy)
            && let Err(error) = self.disk.checkpoint().await
        {
            tracing::debug!(%error, "checkpoint");
        }
        for account in online {
            self.pump(account).await;
        }
    }

    /// Closes all sessions and writes what they still report.
    async fn end(mut self, mut batches: mpsc::Receiver<Batch>) {
        let supervisor = std::mem::replace(&mut self.supervisor, Supervisor::closed());
        let closing = supervisor.shutdown(GRACE);
        tokio::pin!(closing);
        let mut taken = Vec::new();
        loop {
            tokio::select! {
                () = &mut closing => break,
                _ = batches.recv_many(&mut taken, MAX_BATCHES), if !batches.is_closed() => {
                    self.commit(&Arc::new(std::mem::take(&mut taken))).await;
                }
            }
        }
        batches.close();
        while batches.recv_many(&mut taken, MAX_BATCHES).await > 0 {
            self.commit(&Arc::new(std::mem::take(&mut taken))).await;
        }
        if let Err(error) = self.disk.checkpoint().await {
            tracing::debug!(%error, "checkpoint");
        }
    }

    fn is_online(&self, account: AccountId) -> bool {
        matches!(self.live.borrow().statuses.get(&account), Some(Status::Online { .. }))
    }

    fn show(&self, account: AccountId, status: Status) {
        let changed = self.live.send_if_modified(|live| live.statuses.insert(account, status.clone()) != Some(status));
        if changed {
            self.ringer.sidebar();
        }
    }

    /// Tells the user of a disk that takes nothing, once, and takes it back when it does.
    fn trouble(&self, error: Option<&DiskError>) {
        let notice = error.map(|error| Notice::DiskTrouble { text: error.to_string() });
        let changed = self.live.send_if_modified(|live| {
            let before = live.notices.len();
            let had = live.notices.iter().any(|notice| matches!(notice, Notice::DiskTrouble { .. }));
            match notice {
                Some(notice) if !had => live.notices.push(notice),
                Some(_) => {}
                None => live.notices.retain(|notice| !matches!(notice, Notice::DiskTrouble { .. })),
            }
            live.notices.len() != before
        });
        if changed {
            self.ringer.sidebar();
        }
    }
}
