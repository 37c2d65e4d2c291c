//! Gaps: rows that say where history is not known to be whole (design invariant 13).
//!
//! Between two gaps a timeline is one contiguous range of the server's history. A conversation knows the server's name
//! for the last message of the range that goes on (`heard_id`); a gap keeps the one of the range before it. No row goes
//! into a gap's own millisecond after it but what fills it, so that there is always room.

use super::Tx;
use crate::row::GAP;
use crate::{Result, StoreError};
use domain::{AccountId, ConversationId, MessageId, RemoteId, Timestamp};
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
                Some(gap) => self.reopen(conversation, gap)?,
                None => self.insert_gap(conversation, from)?,
            }
        }
        self.stop_healing(account)
    }

    /// The account has a session since `until`: its open gaps end there.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is no such account; what the disk says.
    pub fn close_gaps(&mut self, account: AccountId, until: Timestamp) -> Result<()> {
        self.begin_session(account, until)?;
        for conversation in self.conversations_of(account)? {
            if let Some(gap) = self.open_gap(conversation)? {
                self.close_gap(conversation, gap, until)?;
            }
        }
        Ok(())
    }

    /// The session that begins goes on where the last one ended: nothing was missed, so the open gaps are none.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is no such account; what the disk says.
    pub fn resumed(&mut self, account: AccountId) -> Result<()> {
        // Else an end before the session is called online would leave the time after it without a gap.
        self.begin_session(account, self.now)?;
        for conversation in self.conversations_of(account)? {
            self.retract_open_gap(conversation)?;
        }
        Ok(())
    }

    /// In the session that begins, what comes live follows the message of this name. Where that is the one that was
    /// heard last, nothing was missed.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is no such conversation; what the disk says.
    pub fn head(&mut self, conversation: ConversationId, head: Option<&RemoteId>) -> Result<()> {
        let account = self.tally(conversation)?.account;
        self.begin_session(account, self.now)?;
        if self.heard(conversation)?.as_ref() == head {
            return self.retract_open_gap(conversation);
        }
        self.hears(conversation, head.cloned());
        Ok(())
    }

    /// The server's name for the last message that was received without a hole.
    pub(super) fn heard(&mut self, conversation: ConversationId) -> Result<Option<RemoteId>> {
        if let Some(heard) = self.heard.get(&conversation) {
            return Ok(heard.clone());
        }
        let heard =
            self.find("SELECT heard_id FROM conversations WHERE id = ?1", [conversation.0], |row| {
                row.get(0)
            })?;
        Ok(heard.flatten().map(RemoteId))
    }

    /// The range that goes on reaches to the message of this name. Written at the end of the transaction.
    pub(super) fn hears(&mut self, conversation: ConversationId, heard: Option<RemoteId>) {
        self.heard.insert(conversation, heard);
    }

    /// Whether nothing stands after this message of ours that the server said later: a row of its own never goes behind
    /// what came after it. Else the server says it again, or was sent it again, and the range reaches further already.
    pub(super) fn is_newest(&mut self, conversation: ConversationId, own: MessageId) -> Result<bool> {
        let later = self.find(
            "SELECT 1 FROM messages
             WHERE conversation_id = ?1 AND (sort_ms, id) > (SELECT sort_ms, id FROM messages WHERE id = ?2)
                 AND deleted = 0 AND (kind = 1 OR remote_id IS NOT NULL)
             LIMIT 1",
            [conversation.0, own.0],
            |_| Ok(()),
        )?;
        Ok(later.is_none())
    }

    /// Writes how far the ranges reach.
    pub(super) fn write_heard(&mut self) -> Result<()> {
        for (conversation, heard) in std::mem::take(&mut self.heard) {
            self.run(
                "UPDATE conversations SET heard_id = ?2 WHERE id = ?1",
                params![conversation.0, heard.map(|heard| heard.0)],
            )?;
        }
        Ok(())
    }

    /// Replaces a gap by its tombstone.
    pub(super) fn bury_gap(&mut self, conversation: ConversationId, gap: MessageId) -> Result<()> {
        self.run(
            "UPDATE messages SET deleted = 1, rev = ?2, until_ms = coalesce(until_ms, at_ms), after_id = NULL,
                 healing = NULL, why = NULL, reopened_ms = NULL
             WHERE id = ?1",
            params![gap.0, self.rev.0],
        )?;
        self.touched.conversations.insert(conversation);
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
        let heard = self.heard(conversation)?;
        let tally = *self.tally(conversation)?;
        let sort = tally.next_sort(from, now);
        let healing = self.capabilities(tally.account)?.history.then_some("offered");
        self.run(
            "INSERT INTO messages (conversation_id, sort_ms, rev, kind, at_ms, after_id, healing)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![conversation.0, sort, rev.0, GAP, from.0, heard.map(|heard| heard.0), healing],
        )?;
        self.tally(conversation)?.last_sort = sort.saturating_add(1);
        self.touched.conversations.insert(conversation);
        Ok(())
    }

    fn reopen(&mut self, conversation: ConversationId, gap: MessageId) -> Result<()> {
        self.run(
            "UPDATE messages SET rev = ?2, reopened_ms = until_ms, until_ms = NULL WHERE id = ?1",
            params![gap.0, self.rev.0],
        )?;
        self.touched.conversations.insert(conversation);
        Ok(())
    }

    /// A gap never ends before it begins, whatever the clock did.
    fn close_gap(&mut self, conversation: ConversationId, gap: MessageId, until: Timestamp) -> Result<()> {
        let changed = self.run(
            "UPDATE messages SET rev = ?2, until_ms = max(?3, at_ms), reopened_ms = NULL WHERE id = ?1",
            params![gap.0, self.rev.0, until.0],
        )?;
        if changed == 0 {
            return Err(StoreError::Gone);
        }
        self.touched.conversations.insert(conversation);
        Ok(())
    }

    /// There is no gap since the last session. One that was there before it stays as it was.
    fn retract_open_gap(&mut self, conversation: ConversationId) -> Result<()> {
        let Some(gap) = self.open_gap(conversation)? else { return Ok(()) };
        let before =
            self.find("SELECT reopened_ms FROM messages WHERE id = ?1", [gap.0], |row| row.get(0))?.flatten();
        match before {
            Some(until) => self.close_gap(conversation, gap, Timestamp(until)),
            None => self.bury_gap(conversation, gap),
        }
    }

    /// Moves a gap to another state of healing.
    pub(super) fn set_healing(
        &mut self,
        conversation: ConversationId,
        gap: MessageId,
        healing: Option<&str>,
        why: Option<&str>,
    ) -> Result<()> {
        let changed = self.run(
            "UPDATE messages SET rev = ?2, healing = ?3, why = ?4
             WHERE id = ?1 AND (healing IS NOT ?3 OR why IS NOT ?4)",
            params![gap.0, self.rev.0, healing, why],
        )?;
        if changed > 0 {
            self.touched.conversations.insert(conversation);
        }
        Ok(())
    }
}
