//! The one writer (design invariant 7).

use crate::{Reader, Result, Touched, Tx, open};
use domain::{Rev, Timestamp};
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};

/// What a commit must outlive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The end of the program, by whatever means. A power cut may take the last commits; the file stays sound.
    Normal,
    /// A power cut too: the disk has confirmed this commit and all before it. For what the user wrote.
    Full,
}

/// The one connection that writes. It belongs on a thread of its own.
#[derive(Debug)]
pub struct Writer {
    connection: Connection,
    path: PathBuf,
    durability: Durability,
}

/// A transaction that was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// What the job returned.
    pub value: T,
    /// The transaction's number: greater than that of every commit before it.
    pub rev: Rev,
    /// What readers will find changed.
    pub touched: Touched,
}

impl Writer {
    /// Takes a connection that [`crate::open`] has prepared, with `synchronous=NORMAL`.
    pub(crate) fn new(connection: Connection, path: PathBuf) -> Self {
        Self { connection, path, durability: Durability::Normal }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens another connection to the same file, which only reads. It may go to another thread.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn reader(&self) -> Result<Reader> {
        Ok(Reader::new(open::connect_reader(&self.path)?, self.path.clone()))
    }

    /// Runs `job` in one transaction and commits it. `rev` is taken inside, so commit order is rev order.
    ///
    /// # Errors
    /// What the job returns, or what the disk says. Then nothing is changed, the rev is not used up, and the writer
    /// can be used again.
    pub fn write<T>(
        &mut self,
        durability: Durability,
        now: Timestamp,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Written<T>> {
        let written = self.transact(durability, now, job);
        if let Err(error) = &written
            && error.is_corrupt()
        {
            open::suspect(&self.path);
        }
        written
    }

    /// Moves what it can of the write-ahead log into the file, without waiting for anybody. For idle times.
    ///
    /// # Errors
    /// What the disk says.
    pub fn checkpoint(&mut self) -> Result<()> {
        Ok(self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
    }

    /// Closes the file. The last connection to it takes the write-ahead log away.
    ///
    /// # Errors
    /// What the disk says; all commits are in the file or its log even so.
    pub fn close(self) -> Result<()> {
        self.connection.close().map_err(|(_, error)| error.into())
    }

    fn transact<T>(
        &mut self,
        durability: Durability,
        now: Timestamp,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Written<T>> {
        self.set_durability(durability)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut tx = Tx::begin(&transaction, now)?;
        let value = job(&mut tx)?;
        let rev = tx.rev();
        let touched = tx.finish()?;
        transaction.commit()?;
        Ok(Written { value, rev, touched })
    }

    /// SQLite takes this only outside a transaction.
    fn set_durability(&mut self, durability: Durability) -> Result<()> {
        if self.durability != durability {
            let synchronous = match durability {
                Durability::Normal => "NORMAL",
                Durability::Full => "FULL",
            };
            self.connection.pragma_update(None, "synchronous", synchronous)?;
            self.durability = durability;
        }
        Ok(())
    }
}
