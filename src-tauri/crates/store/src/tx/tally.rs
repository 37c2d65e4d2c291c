//! The counters of a conversation, kept in memory during a transaction: a batch of messages costs its inserts and one
//! more update for each conversation, not for each message.

use super::Tx;
use crate::{Result, StoreError};
use domain::{AccountId, ConversationId, MessageId, Place, Timestamp};
use rusqlite::params;
use std::collections::btree_map::Entry;

/// The counters of one conversation, as of this moment of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) account: AccountId,
    /// Everything up to here was read.
    pub(super) read: Option<Place>,
    /// Messages of others after `read`.
    pub(super) unread: u32,
    /// Those of them that name us; of two people, all.
    pub(super) mentions: u32,
    /// It is of two people.
    pub(super) is_direct: bool,
    /// Own messages that are queued or sending.
    pub(super) waiting: u32,
    /// No new row goes before this.
    pub(super) last_sort: i64,
    stored: Stored,
}

/// What the table says, so that nothing is written that has not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stored {
    read: Option<Place>,
    unread: u32,
    mentions: u32,
    waiting: u32,
    last_sort: i64,
}

impl Tally {
    /// Where a new row goes that happened at `at`: not after `now`, so that a clock ahead of ours cannot pin it to the
    /// end; not before the last row, so that a clock behind ours cannot bury it.
    pub(super) fn next_sort(&self, at: Timestamp, now: Timestamp) -> i64 {
        at.0.min(now.0).max(self.last_sort)
    }
}

impl Tx<'_> {
    /// The counters of a conversation, to be read or changed.
    pub(super) fn tally(&mut self, conversation: ConversationId) -> Result<&mut Tally> {
        let entry = match self.tallies.entry(conversation) {
            Entry::Occupied(entry) => return Ok(entry.into_mut()),
            Entry::Vacant(entry) => entry,
        };
        let sql = "SELECT account_id, read_sort_ms, read_id, unread, waiting, last_sort_ms, mentions, kind = 'direct'
                   FROM conversations WHERE id = ?1";
        let mut statement = self.sql.prepare_cached(sql)?;
        let mut rows = statement.query([conversation.0])?;
        let Some(row) = rows.next()? else { return Err(StoreError::Gone) };
        let read = match (row.get(1)?, row.get(2)?) {
            (Some(sort), Some(id)) => Some(Place { sort: Timestamp(sort), id: MessageId(id) }),
            _ => None,
        };
        let stored = Stored {
            read,
            unread: row.get(3)?,
            mentions: row.get(6)?,
            waiting: row.get(4)?,
            last_sort: row.get(5)?,
        };
        let Stored { read, unread, mentions, waiting, last_sort } = stored;
        let (account, is_direct) = (AccountId(row.get(0)?), row.get(7)?);
        Ok(entry.insert(Tally { account, read, unread, mentions, is_direct, waiting, last_sort, stored }))
    }

    /// Forgets the counters of conversations that are gone.
    pub(super) fn drop_tallies(&mut self, account: AccountId) {
        self.tallies.retain(|_, tally| tally.account != account);
    }

    /// Writes the counters that have changed.
    pub(super) fn write_tallies(&mut self) -> Result<()> {
        let mut shown = false;
        for (conversation, tally) in &self.tallies {
            let Tally { account: _, read, unread, mentions, is_direct: _, waiting, last_sort, stored } =
                *tally;
            let current = Stored { read, unread, mentions, waiting, last_sort };
            if current == stored {
                continue;
            }
            shown |= Stored { last_sort: stored.last_sort, ..current } != stored;
            self.run(
                "UPDATE conversations
                 SET read_sort_ms = ?2, read_id = ?3, unread = ?4, waiting = ?5, last_sort_ms = ?6, mentions = ?7
                 WHERE id = ?1",
                params![
                    conversation.0,
                    read.map(|place| place.sort.0),
                    read.map(|place| place.id.0),
                    unread,
                    waiting,
                    last_sort,
                    mentions
                ],
            )?;
        }
        self.touched.sidebar |= shown;
        self.tallies.clear();
        Ok(())
    }
}
