//! What a write transaction can do, a file per table.
//!
//! Every method leaves the counters true. Within a transaction they are kept in memory and written once, at its end.

mod accounts;
mod arrange;
mod attempts;
mod conversations;
mod earlier;
mod gaps;
mod healing;
mod insert;
mod log;
mod messages;
mod outbox;
mod reactions;
mod reading;
mod recent;
mod search;
mod sessions;
mod settings;
mod tally;
mod txns;

pub use accounts::Enabled;
pub use attempts::MAX_ATTEMPTS;
pub use healing::Completeness;
pub use log::MAX_LOG;
pub use messages::Inserted;
pub use outbox::Dispatched;
pub use reactions::{MAX_NAMES, MAX_REACTIONS};
pub use txns::MAX_ANSWERS;

use crate::{Durability, Result, StoreError};
use domain::{AccountId, Capabilities, ConversationId, RemoteId, Rev, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::collections::{BTreeMap, BTreeSet};
use tally::Tally;

/// How many characters of a reason or a log entry are kept: what a person reads of it, whatever a server sends.
pub const MAX_NOTE: usize = 1_000;

/// A write transaction under way.
#[derive(Debug)]
pub struct Tx<'a> {
    sql: &'a Connection,
    rev: Rev,
    now: Timestamp,
    durability: Durability,
    touched: Touched,
    tallies: BTreeMap<ConversationId, Tally>,
    /// How far ranges reach, where that has changed.
    heard: BTreeMap<ConversationId, Option<RemoteId>>,
    /// As far as they were asked for.
    capabilities: BTreeMap<AccountId, Capabilities>,
    /// Whether conversations have rows that answer others, as far as it was asked.
    replied: BTreeMap<ConversationId, bool>,
    /// What is let go of is overwritten in the file.
    overwrites: bool,
    /// Words of messages were let go of so.
    shredded: bool,
}

/// What a transaction has changed, as far as readers see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Accounts, conversations, their counters, or settings.
    pub sidebar: bool,
    /// Timelines.
    pub conversations: BTreeSet<ConversationId>,
}

impl<'a> Tx<'a> {
    /// Takes the next rev.
    pub(crate) fn begin(sql: &'a Connection, now: Timestamp, durability: Durability) -> Result<Self> {
        let rev = sql
            .prepare_cached("UPDATE store SET rev = rev + 1 WHERE id = 1 RETURNING rev")?
            .query_row([], |row| row.get(0))?;
        Ok(Self {
            sql,
            rev: Rev(rev),
            now,
            durability,
            touched: Touched::default(),
            tallies: BTreeMap::new(),
            heard: BTreeMap::new(),
            capabilities: BTreeMap::new(),
            replied: BTreeMap::new(),
            overwrites: false,
            shredded: false,
        })
    }

    /// The number of this transaction; the rev of every row that it changes.
    #[must_use]
    pub fn rev(&self) -> Rev {
        self.rev
    }

    /// The time that the transaction was given.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What the sidebar shows beside the store has changed with what this transaction says.
    pub fn touch_sidebar(&mut self) {
        self.touched.sidebar = true;
    }

    /// Whether what is let go of is overwritten in the file.
    pub(crate) fn overwrites(&self) -> bool {
        self.overwrites
    }

    /// Whether words of messages were let go of so, which the write-ahead log still has.
    pub(crate) fn has_shredded(&self) -> bool {
        self.shredded
    }

    /// From here to the end of the transaction, what is let go of is overwritten in the file.
    fn overwrite(&mut self) -> Result<()> {
        self.sql.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
        self.overwrites = true;
        Ok(())
    }

    /// The same, and the write-ahead log is emptied of it soon.
    fn shred(&mut self) -> Result<()> {
        self.overwrite()?;
        self.shredded = true;
        Ok(())
    }

    /// Writes the counters; what is left is to commit.
    pub(crate) fn finish(mut self) -> Result<Touched> {
        self.write_tallies()?;
        self.write_heard()?;
        Ok(self.touched)
    }

    fn run(&self, sql: &str, params: impl Params) -> Result<usize> {
        Ok(self.sql.prepare_cached(sql)?.execute(params)?)
    }

    fn find<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.sql.prepare_cached(sql)?.query_row(params, read).optional()?)
    }

    fn list<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.sql.prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?;
        rows.collect::<rusqlite::Result<_>>().map_err(StoreError::from)
    }
}

/// At most [`MAX_NOTE`] characters of `text`.
fn note(text: &str) -> &str {
    match text.char_indices().nth(MAX_NOTE) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_cut_between_characters() {
        assert_eq!(note("短い"), "短い");
        assert_eq!(note(&"字".repeat(MAX_NOTE + 1)), "字".repeat(MAX_NOTE));
    }
}
