//! Gaps: rows that say where history is not known to be whole (design invariant 13).

use super::Tx;
use crate::row::GAP;
use crate::{Result, StoreError};
use domain::{AccountId, ConversationId, MessageId, Timestamp};
use rusqlite::params;

impl Tx<'_> {
    /// The account's session is over since `from`: each of its conversations gets an open gap, unless it has one.
    /// Where the last row is a closed gap, that one is opened again: nothing was heard between the two.
    ///
    /// Changes nothing for an account that had no session since the last call, so it may be called for every failed
    /// attempt, and opens none before the first session: there is no history yet to be incomplete.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open_gaps(&mut self, account: AccountId, from: Timestamp) -> Result<()> {
        if !self.end_session(account)? {
            return Ok(());
        }
        for conversation in self.conversations_of(account)? {
            if self.open_gap(conversation)?.is_some() {
                continue;
            }
            match self.closed_gap_at_the_end(conversation)? {
                Some(gap) => self.set_gap_end(conversation, gap, None)?,
                None => self.insert_gap(conversation, from)?,
            }
        }
        Ok(())
    }

    /// The account has a session since `until`: its open gaps end there.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is no such account; what the disk says.
    pub fn close_gaps(&mut self, account: AccountId, until: Timestamp) -> Result<()> {
        self.begin_session(account, until)?;
        for conversation in self.conversations_of(account)? {
            if let Some(gap) = self.open_gap(conversation)? {
                self.set_gap_end(conversation, gap, Some(until))?;
            }
        }
        Ok(())
    }

    fn open_gap(&mut self, conversation: ConversationId) -> Result<Option<MessageId>> {
        self.find(
            "SELECT id FROM messages WHERE conversation_id = ?1 AND kind = 1 AND until_ms IS NULL LIMIT 1",
            [conversation.0],
            |row| row.get(0).map(MessageId),
        )
    }

    fn closed_gap_at_the_end(&mut self, conversation: ConversationId) -> Result<Option<MessageId>> {
        let last = self.find(
            "SELECT id, kind = 1 AND until_ms IS NOT NULL FROM messages
             WHERE conversation_id = ?1 AND deleted = 0 ORDER BY sort_ms DESC, id DESC LIMIT 1",
            [conversation.0],
            |row| Ok((MessageId(row.get(0)?), row.get(1)?)),
        )?;
        Ok(match last {
            Some((id, true)) => Some(id),
            Some((_, false)) | None => None,
        })
    }

    fn insert_gap(&mut self, conversation: ConversationId, from: Timestamp) -> Result<()> {
        let (rev, now) = (self.rev, self.now);
        let sort = self.tally(conversation)?.next_sort(from, now);
        self.run(
            "INSERT INTO messages (conversation_id, sort_ms, rev, kind, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![conversation.0, sort, rev.0, GAP, from.0],
        )?;
        self.tally(conversation)?.last_sort = sort;
        self.touched.conversations.insert(conversation);
        Ok(())
    }

    /// A gap never ends before it begins, whatever the clock did.
    fn set_gap_end(
        &mut self,
        conversation: ConversationId,
        gap: MessageId,
        until: Option<Timestamp>,
    ) -> Result<()> {
        let changed = self.run(
            "UPDATE messages SET rev = ?2, until_ms = max(?3, at_ms) WHERE id = ?1",
            params![gap.0, self.rev.0, until.map(|until| until.0)],
        )?;
        if changed == 0 {
            return Err(StoreError::Gone);
        }
        self.touched.conversations.insert(conversation);
        Ok(())
    }
}
