//! The one place where a message of others, or a happening, becomes a row.

use super::Tx;
use crate::Result;
use crate::row::{BodyColumns, HAPPENING, MESSAGE, SenderColumns, tone_code};
use domain::{ConversationId, Happening, Incoming, MessageId, Place, RemoteId, Sender, Timestamp};
use rusqlite::params;

/// How far behind the newest row something must have happened to be put where it happened: what a page of history brings
/// along. Clocks of servers that are right to the minute make no difference.
const LATE_MS: i64 = 60_000;

impl Tx<'_> {
    /// Puts a message where `sort` says, behind what stands there. `None`: its name is known, and nothing is changed.
    pub(super) fn insert_message(
        &mut self,
        conversation: ConversationId,
        message: &Incoming,
        sort: i64,
        at: Timestamp,
    ) -> Result<Option<Place>> {
        let of_others = match message.sender {
            Sender::Server | Sender::Person { .. } => true,
            Sender::Me => false,
        };
        let sender = SenderColumns::of(&message.sender);
        let body = BodyColumns::of(&message.body)?;
        let flair = message.flair.as_ref().map(serde_json::to_string).transpose()?;
        let added = self.run(
            "INSERT INTO messages
                 (conversation_id, sort_ms, rev, kind, at_ms, sender, sender_name, text, spans, remote_id, tone,
                  reply_to, mention, flair)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (conversation_id, remote_id) WHERE remote_id IS NOT NULL DO NOTHING",
            params![
                conversation.0,
                sort,
                self.rev.0,
                MESSAGE,
                at.0,
                sender.code,
                sender.name,
                body.text,
                body.spans,
                message.id.as_ref().map(|id| id.0.as_str()),
                tone_code(message.tone),
                message.reply_to.as_ref().map(|id| id.0.as_str()),
                of_others && message.mentions_me,
                flair
            ],
        )?;
        if added == 0 {
            return Ok(None);
        }
        let place = Place { sort: Timestamp(sort), id: MessageId(self.sql.last_insert_rowid()) };
        let tally = self.tally(conversation)?;
        tally.last_sort = tally.last_sort.max(sort);
        if of_others && tally.read.is_none_or(|read| place > read) {
            tally.unread = tally.unread.saturating_add(1);
            tally.mentions = tally.mentions.saturating_add(u32::from(tally.is_direct || message.mentions_me));
        }
        if message.reply_to.is_some() {
            self.replied.insert(conversation, true);
        }
        if let Some(id) = &message.id {
            self.requote(conversation, id)?;
        }
        self.touched.conversations.insert(conversation);
        Ok(Some(place))
    }

    /// Something happened in a conversation. It goes to the end of the timeline; what a page of history brought along goes
    /// where it happened. What is known changes nothing, and nothing of it counts as unread.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such conversation; what the disk says.
    pub fn insert_happening(&mut self, conversation: ConversationId, happening: &Happening) -> Result<()> {
        let (rev, now) = (self.rev, self.now);
        let at = happening.at.unwrap_or(now);
        let tally = *self.tally(conversation)?;
        let mut sort = tally.next_sort(at, now);
        if at.0 < tally.last_sort.saturating_sub(LATE_MS) {
            sort = self.beside_gaps(conversation, at.0)?;
        }
        let sender = SenderColumns::of(&happening.who);
        let added = self.run(
            "INSERT INTO messages (conversation_id, sort_ms, rev, kind, at_ms, sender, sender_name, remote_id, change)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (conversation_id, remote_id) WHERE remote_id IS NOT NULL DO NOTHING",
            params![
                conversation.0,
                sort,
                rev.0,
                HAPPENING,
                at.0,
                sender.code,
                sender.name,
                happening.id.as_ref().map(|id| id.0.as_str()),
                serde_json::to_string(&happening.change)?
            ],
        )?;
        if added > 0 {
            let tally = self.tally(conversation)?;
            tally.last_sort = tally.last_sort.max(sort);
            self.touched.conversations.insert(conversation);
        }
        Ok(())
    }

    /// The first millisecond from `sort` on that is no gap's own.
    fn beside_gaps(&mut self, conversation: ConversationId, sort: i64) -> Result<i64> {
        let mut sort = sort;
        while self
            .find(
                "SELECT 1 FROM messages WHERE conversation_id = ?1 AND kind = 1 AND deleted = 0 AND sort_ms = ?2
                 LIMIT 1",
                [conversation.0, sort],
                |_| Ok(()),
            )?
            .is_some()
        {
            sort = sort.saturating_add(1);
        }
        Ok(sort)
    }

    /// What is quoted under this name has changed, and so have the rows that quote it.
    pub(super) fn requote(&mut self, conversation: ConversationId, id: &RemoteId) -> Result<()> {
        if self.has_replies(conversation)? {
            self.run(
                "UPDATE messages SET rev = ?3 WHERE conversation_id = ?1 AND reply_to = ?2",
                params![conversation.0, id.0, self.rev.0],
            )?;
        }
        Ok(())
    }

    /// Most conversations have none, and most servers cannot: then nothing is looked for.
    fn has_replies(&mut self, conversation: ConversationId) -> Result<bool> {
        if let Some(known) = self.replied.get(&conversation) {
            return Ok(*known);
        }
        let any = self
            .find(
                "SELECT 1 FROM messages WHERE conversation_id = ?1 AND reply_to IS NOT NULL LIMIT 1",
                [conversation.0],
                |_| Ok(()),
            )?
            .is_some();
        self.replied.insert(conversation, any);
        Ok(any)
    }
}
