//! The core: one task that brings links into line with the store, and the store into line with what links report.

use crate::clocks::{Clocks, LOOK};
use crate::crowd::{Crowd, News, TYPING};
use crate::healer::{Healer, Leave, PAGE};
use crate::herald::{Call, Herald};
use crate::indexer;
use crate::ledger::Ledger;
use crate::settings;
use domain::{AccountConfig, AccountId, Command, ConversationId, HealingFault, Status, TxnId};
use link::{Batch, Report, Spec, Supervisor};
use proto::Resume;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use store::{Dispatched, Durability, End};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

/// Batches that become one transaction: all that may wait, 4,096 events. Measured, 10,000 gain a few per cent more.
const MAX_BATCHES: usize = 16;

/// How often "still online" is written, so that a gap after a kill begins close to the truth.
const ALIVE: Duration = Duration::from_secs(15);

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
    /// Ask every connection whether it still lives.
    CheckLinks,
    /// There may be something to send.
    Pump(AccountId),
    /// There may be something to send in this conversation.
    PumpConversation(ConversationId),
    /// The user wants a gap filled.
    Heal(AccountId),
    /// A word to an account's session; whether one took it.
    Act { account: AccountId, command: Box<Command>, done: oneshot::Sender<bool> },
    /// End, and say when.
    Shutdown(oneshot::Sender<()>),
}

/// The task.
pub(crate) struct Core {
    ledger: Ledger,
    supervisor: Supervisor,
    last_run: u64,
    /// Runs that were told to stop and have not said their last word: until that is on the disk, nothing is off.
    stopping: BTreeMap<AccountId, u64>,
    /// The session of each account that was online last.
    sessions: BTreeMap<AccountId, u64>,
    /// Marked *sending*, never taken by a link, and still to be marked *queued*. At most a window of each account.
    stranded: Vec<TxnId>,
    healer: Healer,
    crowd: Crowd,
    herald: Herald,
    clocks: Clocks,
    /// Ends with the core.
    _indexer: JoinSet<()>,
}

impl Core {
    pub(crate) fn new(
        ledger: Ledger,
        supervisor: Supervisor,
        crowd: Crowd,
        herald: Herald,
        clocks: Clocks,
    ) -> Self {
        let mut indexer = JoinSet::new();
        indexer.spawn(indexer::run(ledger.disk.clone()));
        Self {
            ledger,
            supervisor,
            last_run: 0,
            stopping: BTreeMap::new(),
            sessions: BTreeMap::new(),
            stranded: Vec::new(),
            healer: Healer::default(),
            crowd,
            herald,
            clocks,
            _indexer: indexer,
        }
    }

    /// Runs until it is told to end. Local work comes before remote work.
    pub(crate) async fn run(mut self, mut orders: mpsc::Receiver<Order>, mut batches: mpsc::Receiver<Batch>) {
        let mut alive = tokio::time::interval(ALIVE);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut taken = Vec::new();
        let done = loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    None => break None,
                    Some(Order::Shutdown(done)) => break Some(done),
                    Some(order) => self.obey(order).await,
                },
                // Before the batches: a flood on one account must not keep the others' clock from being written.
                _ = alive.tick() => self.tick().await,
                _ = look.tick() => if self.clocks.jumped() {
                    self.supervisor.check_all();
                },
                _ = batches.recv_many(&mut taken, MAX_BATCHES) => self.take(std::mem::take(&mut taken)).await,
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
            Order::CheckLinks => self.supervisor.check_all(),
            Order::ConnectAll => match self.ledger.disk.read(|reader| reader.sidebar()).await {
                Ok((_, accounts, _)) => {
                    for account in accounts {
                        self.reconcile(account.id).await;
                    }
                }
                Err(error) => tracing::error!(%error, "reading the accounts"),
            },
            Order::Pump(account) => self.pump(account).await,
            Order::PumpConversation(conversation) => {
                let read = self.ledger.disk.read(move |reader| reader.conversation(conversation)).await;
                if let Ok(Some(conversation)) = read {
                    self.pump(conversation.account).await;
                }
            }
            Order::Heal(account) => {
                self.healer.renew(account);
                self.heal(account).await;
            }
            Order::Act { account, command, done } => {
                let _ = done.send(self.act(account, *command));
            }
            Order::Shutdown(_) => {}
        }
    }

    /// Hands a command to the session of an account. `false`: there is none, or it takes no more at the moment.
    fn act(&self, account: AccountId, command: Command) -> bool {
        let is_online = self.ledger.running.contains_key(&account) && self.ledger.is_online(account);
        let session = self.sessions.get(&account).filter(|_| is_online);
        session.is_some_and(|session| self.supervisor.send_in(account, *session, command).is_ok())
    }

    /// Takes in what is true of people, and rings for it.
    fn hear(&self, news: News) {
        if let News::Typing { conversation, typing: true, .. } = news {
            let ringer = self.ledger.ringer.clone();
            tokio::spawn(async move {
                tokio::time::sleep(TYPING).await;
                ringer.people(conversation);
            });
        }
        for conversation in self.crowd.hear(news, Instant::now()) {
            self.ledger.ringer.people(conversation);
        }
    }

    /// Starts, restarts or stops the link of an account, as the store says.
    async fn reconcile(&mut self, id: AccountId) {
        let read = self.ledger.disk.read(move |reader| Ok((reader.account(id)?, reader.resume(id)?))).await;
        let (account, resume) = match read {
            Ok(read) => read,
            Err(error) => return tracing::error!(%error, "reading an account"),
        };
        let Some(account) = account else {
            self.supervisor.stop(id);
            self.ledger.running.remove(&id);
            self.stopping.remove(&id);
            self.ledger.outbox.forget(id);
            self.sessions.remove(&id);
            self.healer.forget(id);
            self.supervisor.tapes().forget(id);
            return self.ledger.forget(id);
        };
        if !account.enabled {
            self.supervisor.stop(id);
            if let Some((run, _)) = self.ledger.running.remove(&id) {
                self.stopping.insert(id, run);
            } else if !self.stopping.contains_key(&id) {
                self.ledger.show(id, Status::Off);
            }
            return;
        }
        let wanted = AccountConfig { name: String::new(), ..account.config.clone() };
        if self.ledger.running.get(&id).is_some_and(|(_, config)| *config == wanted) {
            return;
        }
        self.last_run += 1;
        self.stopping.remove(&id);
        self.ledger.running.insert(id, (self.last_run, wanted));
        let resume = resume.map(Resume);
        self.supervisor.start(Spec { account: id, config: account.config, resume, run: self.last_run });
    }

    /// Takes what the links report: first onto the disk, then everywhere else.
    async fn take(&mut self, batches: Vec<Batch>) {
        let batches = Arc::new(batches);
        let outcome = self.ledger.commit(&batches).await;
        for news in outcome.news {
            self.hear(news);
        }
        self.tell(outcome.calls).await;
        let mut pump = BTreeSet::new();
        for batch in batches.iter() {
            if self.ledger.running.get(&batch.account).is_none_or(|(run, _)| *run != batch.run) {
                self.note_last_word(batch);
                continue;
            }
            for report in &batch.reports {
                if let Report::Status(status) = report {
                    pump.insert(batch.account);
                    if matches!(status, Status::Online { .. }) {
                        self.sessions.insert(batch.account, batch.session);
                    }
                    self.ledger.show(batch.account, status.clone());
                } else if let Report::Attempt(attempt) = report {
                    self.ledger.trying(batch.account, attempt);
                }
            }
        }
        for (account, txn) in &outcome.settled {
            self.ledger.outbox.settled(*account, txn);
            pump.insert(*account);
        }
        for ((account, session), upto) in outcome.committed {
            self.supervisor.committed(account, session, upto);
        }
        for account in &outcome.begun {
            self.healer.renew(*account);
        }
        for account in outcome.begun.union(&outcome.paged) {
            self.healer.answered(*account);
            pump.insert(*account);
        }
        for account in pump {
            self.pump(account).await;
            self.heal(account).await;
        }
    }

    /// Tells the user of what concerns them, in the manner that they want.
    async fn tell(&mut self, mut calls: Vec<Call>) {
        // As it is when they come; the eyes move on while the disk answers.
        calls.retain(|call| !self.herald.is_seen(call));
        if calls.is_empty() {
            return;
        }
        let places: BTreeSet<_> = calls.iter().map(|call| call.conversation).collect();
        let read = self.ledger.disk.read(move |reader| {
            let settings = settings::read(|key| reader.setting(key))?;
            let places = places.into_iter().map(|place| reader.conversation(place));
            Ok((settings, places.collect::<store::Result<Vec<_>>>()?))
        });
        match read.await {
            Ok((settings, places)) => {
                for call in calls {
                    let place = places.iter().flatten().find(|place| place.id == call.conversation);
                    self.herald.tell(call, place, &settings);
                }
            }
            Err(error) => tracing::error!(%error, "reading what the user wants to be told of"),
        }
    }

    /// A run that was told to stop has ended, and what it reported is on the disk.
    fn note_last_word(&mut self, batch: &Batch) {
        let is_last = |report: &Report| matches!(report, Report::Status(Status::Off));
        if self.stopping.get(&batch.account) == Some(&batch.run) && batch.reports.iter().any(is_last) {
            self.stopping.remove(&batch.account);
            self.ledger.show(batch.account, Status::Off);
        }
    }

    /// Asks for what the next gap of an account lacks, one page at a time.
    async fn heal(&mut self, account: AccountId) {
        if !self.ledger.running.contains_key(&account) || !self.ledger.is_online(account) {
            return;
        }
        let Some(session) = self.sessions.get(&account).copied() else { return };
        match self.healer.leave(account) {
            Leave::Wait => return,
            Leave::Given => {}
            Leave::Spent => return self.write(move |tx| tx.stop_healing(account)).await,
        }
        let wanting = match self.ledger.disk.read(move |reader| reader.wanting(account)).await {
            Ok(Some(wanting)) => wanting,
            Ok(None) => return,
            Err(error) => return tracing::error!(%error, "reading the gaps"),
        };
        let conversation = wanting.key;
        let command = match wanting.from {
            End::After(after) => Command::Backfill { conversation, after, limit: PAGE },
            End::Before(before) => Command::Earlier { conversation, before, limit: PAGE },
        };
        // A link that takes no more is asked again at the next tick.
        if self.supervisor.send_in(account, session, command).is_ok() {
            self.healer.asked(account, wanting.gap, Instant::now());
        }
    }

    /// One small write of the core's own. What the disk does not take is told to the user.
    async fn write(&mut self, job: impl FnOnce(&mut store::Tx<'_>) -> store::Result<()> + Send + 'static) {
        match self.ledger.disk.write(Durability::Normal, job).await {
            Ok(written) => self.ledger.ringer.committed(written.rev, &written.touched),
            Err(error) => self.ledger.trouble(Some(&error)),
        }
    }

    /// Hands queued messages to the link of an account, as many as may be on their way at once. They are *sending* on
    /// the disk before the link sees them, so that a kill cannot send one twice.
    async fn pump(&mut self, account: AccountId) {
        if !self.ledger.running.contains_key(&account) || !self.ledger.is_online(account) {
            return;
        }
        let Some(session) = self.sessions.get(&account).copied() else { return };
        let room = self.ledger.outbox.room(account, session);
        // What is to be put back comes before what waits.
        if room == 0 || !self.stranded.is_empty() {
            return;
        }
        let written =
            match self.ledger.disk.write(Durability::Full, move |tx| tx.dispatch(account, room)).await {
                Ok(written) => written,
                Err(error) => return self.ledger.trouble(Some(&error)),
            };
        let mut unsent = Vec::new();
        for Dispatched { txn, key, tone, body, reply_to } in written.value {
            let command = Command::Send { txn: txn.clone(), conversation: key, tone, body, reply_to };
            if unsent.is_empty() && self.supervisor.send_in(account, session, command).is_ok() {
                self.ledger.outbox.handed(account, session, txn);
            } else {
                unsent.push(txn);
            }
        }
        self.ledger.ringer.committed(written.rev, &written.touched);
        self.stranded.extend(unsent);
        self.requeue().await;
    }

    /// Puts back what the link did not take. What the disk does not take is put back at the next tick.
    async fn requeue(&mut self) {
        if self.stranded.is_empty() {
            return;
        }
        let txns = self.stranded.clone();
        match self.ledger.disk.write(Durability::Normal, move |tx| tx.requeue(&txns)).await {
            Ok(written) => {
                self.stranded.clear();
                self.ledger.ringer.committed(written.rev, &written.touched);
            }
            Err(error) => self.ledger.trouble(Some(&error)),
        }
    }

    /// From time to time: says on the disk who is still online; brings the log into the file; tries again what a
    /// full disk stopped.
    async fn tick(&mut self) {
        let online: Vec<_> =
            self.ledger.running.keys().copied().filter(|id| self.ledger.is_online(*id)).collect();
        let accounts = online.clone();
        if !accounts.is_empty() {
            let job = move |tx: &mut store::Tx<'_>| {
                let now = tx.now();
                accounts.iter().try_for_each(|account| tx.alive(*account, now))
            };
            match self.ledger.disk.write(Durability::Normal, job).await {
                Ok(_) => self.ledger.trouble(None),
                Err(error) => self.ledger.trouble(Some(&error)),
            }
        }
        if let Err(error) = self.ledger.disk.checkpoint().await {
            tracing::debug!(%error, "checkpoint");
        }
        self.requeue().await;
        for (_, gap) in self.healer.overdue(Instant::now()) {
            self.write(move |tx| tx.ask_healing(gap, Some(&HealingFault::Silent)).map(drop)).await;
        }
        for account in online {
            self.pump(account).await;
            self.heal(account).await;
        }
    }

    /// Closes all sessions and writes what they still report.
    async fn end(self, mut batches: mpsc::Receiver<Batch>) {
        let Self { mut ledger, supervisor, .. } = self;
        let closing = supervisor.shutdown(GRACE);
        tokio::pin!(closing);
        let mut taken = Vec::new();
        loop {
            tokio::select! {
                () = &mut closing => break,
                count = batches.recv_many(&mut taken, MAX_BATCHES) => {
                    if count == 0 {
                        break;
                    }
                    ledger.commit(&Arc::new(std::mem::take(&mut taken))).await;
                }
            }
        }
        batches.close();
        while batches.recv_many(&mut taken, MAX_BATCHES).await > 0 {
            ledger.commit(&Arc::new(std::mem::take(&mut taken))).await;
        }
        ledger.disk.close().await;
    }
}
