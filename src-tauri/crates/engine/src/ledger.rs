//! The core's books: what is on the disk, on its way, and true now.

use crate::bell::Ringer;
use crate::contract::Notice;
use crate::disk::{Disk, DiskError};
use crate::outbox::Outbox;
use crate::reduce::{Outcome, reduce, writes};
use domain::{AccountConfig, AccountId, Attempt, Status};
use link::{Batch, Tapes};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::Durability;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// How long a disk that took nothing is left alone before the next try.
const DISK_PAUSE: Duration = Duration::from_secs(1);

/// How often the lines are looked at while the disk takes nothing.
const LOOK: Duration = Duration::from_millis(100);

/// What is true now and stands in no row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live {
    pub(crate) statuses: BTreeMap<AccountId, Status>,
    /// The tries that are under way.
    pub(crate) tries: BTreeMap<AccountId, Attempt>,
    pub(crate) notices: Vec<Notice>,
}

impl Live {
    pub(crate) fn is_online(&self, account: AccountId) -> bool {
        matches!(self.statuses.get(&account), Some(Status::Online { .. }))
    }
}

/// The books.
pub(crate) struct Ledger {
    pub(crate) disk: Disk,
    pub(crate) ringer: Ringer,
    pub(crate) live: watch::Sender<Live>,
    pub(crate) outbox: Outbox,
    /// What runs: the number of the run, and what it was started with.
    pub(crate) running: BTreeMap<AccountId, (u64, AccountConfig)>,
    /// What is true of the lines.
    pub(crate) tapes: Tapes,
    /// The program is ending: a disk that takes nothing is not waited for.
    pub(crate) closing: watch::Receiver<bool>,
}

impl Ledger {
    /// Writes batches in one transaction. A disk that takes nothing is tried again until it does: meanwhile the links
    /// wait, and the user is told. Where one report cannot be written at all, which is a bug, the others still are.
    pub(crate) async fn commit(&mut self, batches: &Arc<Vec<Batch>>) -> Outcome {
        if !batches.iter().flat_map(|batch| &batch.reports).any(writes) {
            return Outcome::default();
        }
        match self.write(Arc::clone(batches)).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(%error, "writing what servers told");
                self.one_by_one(batches).await
            }
        }
    }

    async fn one_by_one(&mut self, batches: &[Batch]) -> Outcome {
        let mut whole = Outcome::default();
        for batch in batches {
            for report in &batch.reports {
                let alone = Batch { reports: vec![report.clone()], ..*batch };
                match self.write(Arc::new(vec![alone])).await {
                    Ok(outcome) => whole.add(outcome),
                    Err(error) => tracing::error!(%error, account = batch.account.0, "a report is lost"),
                }
            }
        }
        whole
    }

    async fn write(&mut self, batches: Arc<Vec<Batch>>) -> Result<Outcome, DiskError> {
        loop {
            let job_batches = Arc::clone(&batches);
            let job = move |tx: &mut store::Tx<'_>| reduce(tx, &job_batches);
            match self.disk.write(Durability::Normal, job).await {
                Ok(written) => {
                    self.trouble(None);
                    self.ringer.committed(written.rev, &written.touched);
                    return Ok(written.value);
                }
                Err(error) if error.is_passing() && !*self.closing.borrow() => {
                    self.trouble(Some(&error));
                    self.pause().await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Leaves the disk alone for a while. What is true of the lines is no row and waits for no disk.
    async fn pause(&mut self) {
        let end = Instant::now() + DISK_PAUSE;
        while Instant::now() < end && !*self.closing.borrow() {
            for account in self.running.keys() {
                self.show_line(*account);
            }
            let _ = timeout(LOOK, self.closing.changed()).await;
        }
    }

    /// Shows what is true of an account's line now.
    pub(crate) fn show_line(&self, account: AccountId) {
        if let Some(status) = self.tapes.of(account).status() {
            self.show(account, status);
        }
    }

    pub(crate) fn is_online(&self, account: AccountId) -> bool {
        self.live.borrow().is_online(account)
    }

    /// Shows how far a try has come; one that is over is in the store.
    pub(crate) fn trying(&self, account: AccountId, attempt: &Attempt) {
        self.live.send_modify(|live| {
            if attempt.is_known() {
                live.tries.remove(&account);
            } else {
                live.tries.insert(account, attempt.clone());
            }
        });
        self.ringer.sidebar();
    }

    /// Nothing is under way for an account.
    pub(crate) fn forget(&self, account: AccountId) {
        self.live.send_modify(|live| {
            live.statuses.remove(&account);
            live.tries.remove(&account);
        });
        self.ringer.sidebar();
    }

    pub(crate) fn show(&self, account: AccountId, status: Status) {
        let changed = self.live.send_if_modified(|live| {
            if status == Status::Off {
                live.tries.remove(&account);
            }
            live.statuses.insert(account, status.clone()) != Some(status)
        });
        if changed {
            self.ringer.sidebar();
        }
    }

    /// Tells the user of a disk that takes nothing, once, and takes it back when it does.
    pub(crate) fn trouble(&self, error: Option<&DiskError>) {
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
