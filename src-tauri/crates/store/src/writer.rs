//! The one writer (design invariant 7).

use crate::{Reader, Result, Touched, Tx, open};
use domain::{Rev, Timestamp};
use rusqlite::{Connection, TransactionBehavior};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    /// The write-ahead log has words that were taken back.
    shredded: bool,
    /// Keeps every other process from opening the store.
    _lock: File,
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
    pub(crate) fn new(connection: Connection, path: PathBuf, lock: File) -> Self {
        Self { connection, path, durability: Durability::Normal, shredded: false, _lock: lock }
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

    /// Moves what it can of the write-ahead log into the file, without waiting for anybody. After something was taken
    /// back the log is emptied as soon as nobody reads it, since it still has the words.
    ///
    /// # Errors
    /// What the disk says.
    pub fn checkpoint(&mut self) -> Result<()> {
        if !self.shredded {
            return Ok(self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?);
        }
        self.connection.busy_timeout(Duration::ZERO)?;
        let busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        self.connection.busy_timeout(open::BUSY)?;
        self.shredded = busy?;
        Ok(())
    }

    /// Closes the file. The last connection to it takes the write-ahead log away.
    ///
    /// # Errors
    /// What the disk says; all commits are in the file or its log even so.
    pub fn close(self) -> Result<()> {
        self.connection.close().map_err(|(_, error)| error.into())
    }

    #[cfg(test)]
    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    fn transact<T>(
        &mut self,
        durability: Durability,
        now: Timestamp,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Written<T>> {
        self.set_durability(durability)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut tx = Tx::begin(&transaction, now, durability)?;
        let value = job(&mut tx);
        let (rev, overwrites, shredded) = (tx.rev(), tx.overwrites(), tx.has_shredded());
        let touched = value.and_then(|value| Ok((value, tx.finish()?)));
        let committed = touched.and_then(|(value, touched)| {
            transaction.commit()?;
            Ok(Written { value, rev, touched })
        });
        self.shredded |= shredded;
        if overwrites {
            // Overwriting all that is ever let go of would double what a removal costs.
            self.connection.pragma_update_and_check(None, "secure_delete", open::CLEAN, |_| Ok(()))?;
        }
        committed
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreError;
    use domain::{
        AccountConfig, Body, ConversationId, ConversationKey, ConversationKind, Incoming, RemoteConversation,
    };

    const NOW: Timestamp = Timestamp(1);

    fn heard(text: String) -> Incoming {
        Incoming {
            conversation: ConversationKey("room".to_owned()),
            body: Body::text(text),
            ..Incoming::default()
        }
    }

    fn begin(folder: &Path) -> (Writer, ConversationId) {
        let mut writer = crate::open(&folder.join("history.db"), NOW).unwrap().writer;
        let room = RemoteConversation {
            key: ConversationKey("room".to_owned()),
            kind: ConversationKind::Room,
            ..RemoteConversation::default()
        };
        let written = writer.write(Durability::Normal, NOW, |tx| {
            let account = tx.add_account(&AccountConfig::default())?;
            tx.ensure_conversation(account, &room)
        });
        (writer, written.unwrap().value)
    }

    #[test]
    fn a_full_disk_is_told_plainly_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, conversation) = begin(folder.path());
        let mut reader = writer.reader().unwrap();
        let limit = |writer: &mut Writer, pages: i64| {
            writer.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        };
        limit(&mut writer, 60);
        let mut written = 0;
        let error: StoreError = loop {
            let message = heard("x".repeat(2_000));
            match writer.write(Durability::Full, NOW, |tx| tx.insert_incoming(conversation, &message)) {
                Ok(_) => written += 1,
                Err(error) => break error,
            }
        };
        assert!(error.is_disk() && error.to_string().starts_with("the disk did not take it"), "{error}");
        assert!(written > 0);
        let stored = reader.conversation(conversation).unwrap().unwrap();
        assert_eq!(stored.unread, written);
        assert_eq!(reader.latest(conversation, 500).unwrap().rows.len(), written as usize);

        limit(&mut writer, 1_000);
        let message = heard("there is room again".to_owned());
        writer.write(Durability::Full, NOW, |tx| tx.insert_incoming(conversation, &message)).unwrap();
        assert_eq!(reader.conversation(conversation).unwrap().unwrap().unread, written + 1);
    }

    #[test]
    fn what_the_user_wrote_waits_for_the_disk_and_the_rest_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, _) = begin(folder.path());
        for (durability, level) in
            [(Durability::Full, 2), (Durability::Normal, 1), (Durability::Normal, 1), (Durability::Full, 2)]
        {
            writer.write(durability, NOW, |_| Ok(())).unwrap();
            assert_eq!(writer.connection.query_row("PRAGMA synchronous", [], |row| row.get(0)), Ok(level));
        }
    }

    #[test]
    fn a_checkpoint_empties_the_log_while_a_reader_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, conversation) = begin(folder.path());
        let mut reader = writer.reader().unwrap();
        let message = heard("x".to_owned());
        writer.write(Durability::Normal, NOW, |tx| tx.insert_incoming(conversation, &message)).unwrap();
        writer.checkpoint().unwrap();
        let left: (i64, i64) = writer
            .connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get(1)?, row.get(2)?)))
            .unwrap();
        assert_eq!(left.0, left.1, "all of the log is in the file");
        assert_eq!(reader.latest(conversation, 1).unwrap().rows.len(), 1);
    }

    /// Else a disk with room for the history many times over is full of its log, for as long as something comes.
    #[test]
    fn the_log_stays_small_however_much_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, conversation) = begin(folder.path());
        let log = folder.path().join("history.db-wal");
        let message = heard("x".repeat(2_000));
        let (mut written, mut longest) = (0, 0);
        while written < 3 * 16 * 1024 * 1024 {
            let before = std::fs::metadata(&log).map_or(0, |log| log.len());
            writer.write(Durability::Normal, NOW, |tx| tx.insert_incoming(conversation, &message)).unwrap();
            let after = std::fs::metadata(&log).unwrap().len();
            // One that starts over is as long as it was, or cut short.
            written += after.saturating_sub(before).max(4096);
            longest = longest.max(after);
        }
        assert!(longest < 20 * 1024 * 1024, "{longest}");
    }

    #[test]
    fn a_transaction_that_another_program_blocks_is_busy_and_can_be_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, _) = begin(folder.path());
        writer.connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = Connection::open(writer.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(writer.write(Durability::Normal, NOW, |_| Ok(())).unwrap_err().is_busy());
        other.execute_batch("COMMIT").unwrap();
        writer.write(Durability::Normal, NOW, |_| Ok(())).unwrap();
    }
}
