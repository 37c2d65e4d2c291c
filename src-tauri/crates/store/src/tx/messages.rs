//! Messages as they come and as they are written.

use super::Tx;
use crate::row::{BodyColumns, MESSAGE, SENDER_ME, SenderColumns};
use crate::{Result, StoreError};
use domain::{Body, ConversationId, Incoming, MessageId, RemoteId, Sender, Timestamp, TxnId};
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
            if message.id.is_some() {
                self.hears(conversation, message.id.clone());
            }
            return Ok(Inserted::Known(own));
        }
        let (rev, now) = (self.rev, self.now);
        let at = message.at.unwrap_or(now);
        let sort = self.tally(conversation)?.next_sort(at, now);
        let sender = SenderColumns::of(&message.sender);
        let body = BodyColumns::of(&message.body)?;
        let added = self.run(
            "INSERT INTO messages
                 (conversation_id, sort_ms, rev, kind, at_ms, sender, sender_name, text, spans, remote_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (conversation_id, remote_id) WHERE remote_id IS NOT NULL DO NOTHING",
            params![
                conversation.0,
                sort,
                rev.0,
                MESSAGE,
                at.0,
                sender.code,
                sender.name,
                body.text,
                body.spans,
                message.id.as_ref().map(|id| id.0.as_str())
            ],
        )?;
        if added == 0 {
            return self.known(conversation, message.id.as_ref()).map(Inserted::Known);
        }
        let id = MessageId(self.sql.last_insert_rowid());
        let unread = match message.sender {
            Sender::Server | Sender::Person { .. } => 1,
            Sender::Me => 0,
        };
        let tally = self.tally(conversation)?;
        tally.unread = tally.unread.saturating_add(unread);
        tally.last_sort = sort;
        if message.id.is_some() {
            self.hears(conversation, message.id.clone());
        }
        self.touched.conversations.insert(conversation);
        Ok(Inserted::New(id))
    }

    /// A message of the user goes to the end of its timeline and to the end of the outbox. The same intent gives the
    /// same message, even after it was discarded.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is no such conversation; [`StoreError::Value`] in a transaction that is not
    /// [`Durability::Full`](crate::Durability::Full), since the user is told that it is kept; what the disk says.
    pub fn insert_own(
        &mut self,
        conversation: ConversationId,
        txn: &TxnId,
        body: &Body,
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
                  outbox_no)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', ?10, ?11)",
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
                outbox_no
            ],
        )?;
        let id = MessageId(self.sql.last_insert_rowid());
        let tally = self.tally(conversation)?;
        tally.waiting = tally.waiting.saturating_add(1);
        tally.last_sort = sort;
        self.touched.conversations.insert(conversation);
        Ok(id)
    }

    /// Replaces a row by its tombstone.
    pub(super) fn bury(&mut self, conversation: ConversationId, id: MessageId) -> Result<()> {
        self.run(
            "UPDATE messages SET deleted = 1, rev = ?2, text = NULL, spans = NULL, remote_id = NULL, delivery = NULL,
                 why = NULL, outbox_account_id = NULL, outbox_no = NULL
             WHERE id = ?1",
            params![id.0, self.rev.0],
        )?;
        self.touched.conversations.insert(conversation);
        Ok(())
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
        let name = match remote {
            Some(remote) if self.make_way(conversation, id, remote)? => Some(remote.0.as_str()),
            Some(_) | None => None,
        };
        self.run(
            "UPDATE messages SET rev = ?4, remote_id = coalesce(?2, remote_id), at_ms = coalesce(?3, at_ms)
             WHERE id = ?1",
            params![id.0, name, at.map(|at| at.0), self.rev.0],
        )?;
        self.touched.conversations.insert(conversation);
        Ok(())
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
            Some((holder, true)) => self.bury(conversation, holder).map(|()| true),
            Some((_, false)) => Ok(false),
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
