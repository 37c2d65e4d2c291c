//! Messages as they come and as they are written.

use super::Tx;
use crate::row::{BodyColumns, MESSAGE, SENDER_ME, tone_code};
use crate::{Result, StoreError};
use domain::{Body, ConversationId, Incoming, MessageId, RemoteId, Timestamp, Tone, TxnId};
use rusqlite::params;

/// What became of a message that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// It is a new row.
    New(MessageId),
    /// It was here before; nothing is changed.
    Known(MessageId),
}

impl Tx<'_> {
    /// A message that came from the server goes to the end of its timeline, and the range that goes on reaches to it.
    /// One that is known changes nothing; one that names an intent of ours becomes the row of that intent. Others'
    /// messages count as unread.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is no such conversation; what the disk says.
    pub fn insert_incoming(&mut self, conversation: ConversationId, message: &Incoming) -> Result<Inserted> {
        if let Some(own) = self.become_own(conversation, message)? {
            if message.id.is_some() && self.is_newest(conversation, own)? {
                self.hears(conversation, message.id.clone());
            }
            return Ok(Inserted::Known(own));
        }
        let at = message.at.unwrap_or(self.now);
        let now = self.now;
        let sort = self.tally(conversation)?.next_sort(at, now);
        let Some(place) = self.insert_message(conversation, message, sort, at)? else {
            return self.known(conversation, message.id.as_ref()).map(Inserted::Known);
        };
        if message.id.is_some() {
            self.hears(conversation, message.id.clone());
        }
        Ok(Inserted::New(place.id))
    }

    /// A message of the user, as people talk and in answer to nobody: see [`Tx::insert_own_as`].
    ///
    /// # Errors
    /// As there.
    pub fn insert_own(
        &mut self,
        conversation: ConversationId,
        txn: &TxnId,
        body: &Body,
    ) -> Result<MessageId> {
        self.insert_own_as(conversation, txn, body, Tone::Said, None)
    }

    /// A message of the user goes to the end of its timeline and to the end of the outbox. The same intent gives the
    /// same message, even after it was discarded.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is no such conversation; [`StoreError::Value`] in a transaction that is not
    /// [`Durability::Full`](crate::Durability::Full), since the user is told that it is kept; what the disk says.
    pub fn insert_own_as(
        &mut self,
        conversation: ConversationId,
        txn: &TxnId,
        body: &Body,
        tone: Tone,
        reply_to: Option<&RemoteId>,
    ) -> Result<MessageId> {
        self.lasting()?;
        let known = self.find("SELECT id FROM messages WHERE txn = ?1", [txn.as_str()], |row| {
            row.get(0).map(MessageId)
        })?;
        if let Some(id) = known {
            return Ok(id);
        }
        let (rev, now) = (self.rev, self.now);
        let tally = *self.tally(conversation)?;
        let sort = tally.next_sort(now, now);
        let outbox_no = self.next_outbox_no(tally.account)?;
        let body = BodyColumns::of(body)?;
        self.run(
            "INSERT INTO messages
                 (conversation_id, sort_ms, rev, kind, at_ms, sender, text, spans, txn, delivery, outbox_account_id,
                  outbox_no, tone, reply_to)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', ?10, ?11, ?12, ?13)",
            params![
                conversation.0,
                sort,
                rev.0,
                MESSAGE,
                now.0,
                SENDER_ME,
                body.text,
                body.spans,
                txn.as_str(),
                tally.account.0,
                outbox_no,
                tone_code(tone),
                reply_to.map(|id| id.0.as_str())
            ],
        )?;
        let id = MessageId(self.sql.last_insert_rowid());
        let tally = self.tally(conversation)?;
        tally.waiting = tally.waiting.saturating_add(1);
        tally.last_sort = sort;
        if reply_to.is_some() {
            self.replied.insert(conversation, true);
        }
        self.touched.conversations.insert(conversation);
        Ok(id)
    }

    /// The server's name for a message of a conversation. `None`: there is no such message there, it was taken back, or the
    /// server gave it no name.
    ///
    /// # Errors
    /// What the disk says.
    pub fn name_of(&mut self, conversation: ConversationId, message: MessageId) -> Result<Option<RemoteId>> {
        let name = self.find(
            "SELECT remote_id FROM messages
             WHERE id = ?1 AND conversation_id = ?2 AND kind = 0 AND deleted = 0 AND retracted IS NULL",
            [message.0, conversation.0],
            |row| row.get(0),
        )?;
        Ok(name.flatten().map(RemoteId))
    }

    /// Replaces a row by its tombstone.
    pub(super) fn bury(&mut self, conversation: ConversationId, id: MessageId) -> Result<()> {
        let name = self.find("SELECT remote_id FROM messages WHERE id = ?1", [id.0], |row| row.get(0))?;
        self.unindex(id)?;
        self.run(
            "UPDATE messages SET deleted = 1, rev = ?2, text = NULL, spans = NULL, remote_id = NULL, delivery = NULL,
                 why = NULL, outbox_account_id = NULL, outbox_no = NULL, reply_to = NULL, reactions = NULL
             WHERE id = ?1",
            params![id.0, self.rev.0],
        )?;
        self.touched.conversations.insert(conversation);
        match name.flatten() {
            Some(name) => self.requote(conversation, &RemoteId(name)),
            None => Ok(()),
        }
    }

    /// Sets the server's time and name of an own message. Where the message has come in before under that name, as
    /// one of ours, that row was its echo and makes way.
    pub(super) fn identify(
        &mut self,
        conversation: ConversationId,
        id: MessageId,
        remote: Option<&RemoteId>,
        at: Option<Timestamp>,
    ) -> Result<()> {
        let remote = match remote {
            Some(remote) if self.make_way(conversation, id, remote)? => Some(remote),
            Some(_) | None => None,
        };
        let name = remote.map(|remote| remote.0.as_str());
        self.run(
            "UPDATE messages SET rev = ?4, remote_id = coalesce(?2, remote_id), at_ms = coalesce(?3, at_ms)
             WHERE id = ?1",
            params![id.0, name, at.map(|at| at.0), self.rev.0],
        )?;
        self.touched.conversations.insert(conversation);
        match remote {
            Some(remote) => self.requote(conversation, remote),
            None => Ok(()),
        }
    }

    /// Whether the name is free for this row. Somebody else's message never makes way, whatever the server claims.
    fn make_way(&mut self, conversation: ConversationId, id: MessageId, remote: &RemoteId) -> Result<bool> {
        let holder = self.find(
            "SELECT id, sender = ?3 AND txn IS NULL FROM messages WHERE conversation_id = ?1 AND remote_id = ?2",
            params![conversation.0, remote.0, SENDER_ME],
            |row| Ok((MessageId(row.get(0)?), row.get::<_, bool>(1)?)),
        )?;
        match holder {
            None => Ok(true),
            Some((holder, _)) if holder == id => Ok(true),
            Some((holder, true)) => {
                self.take_over(id, holder)?;
                self.bury(conversation, holder).map(|()| true)
            }
            Some((_, false)) => Ok(false),
        }
    }

    /// What came about the echo is about our row: who reacted to it, and that it was taken back.
    fn take_over(&mut self, id: MessageId, echo: MessageId) -> Result<()> {
        self.run(
            "UPDATE messages SET reactions = (SELECT reactions FROM messages WHERE id = ?2) WHERE id = ?1",
            [id.0, echo.0],
        )?;
        let retraction: Option<Option<String>> =
            self.find("SELECT retracted FROM messages WHERE id = ?1", [echo.0], |row| row.get(0))?;
        match retraction.flatten() {
            Some(retraction) => self.blank(id, &retraction),
            None => Ok(()),
        }
    }

    fn known(&mut self, conversation: ConversationId, remote: Option<&RemoteId>) -> Result<MessageId> {
        let name = remote.map(|id| id.0.as_str());
        self.find(
            "SELECT id FROM messages WHERE conversation_id = ?1 AND remote_id = ?2",
            params![conversation.0, name],
            |row| row.get(0).map(MessageId),
        )?
        .ok_or(StoreError::Value { what: "a message that is neither new nor known" })
    }
}
