//! How far a conversation was read.

use super::Tx;
use crate::Result;
use crate::row::{MESSAGE, SENDER_ME};
use crate::timeline::END;
use domain::{ConversationId, ConversationKind, MessageId, Place, Timestamp};
use rusqlite::params;

/// How many rows after the read place are counted before the rows between the old and the new one are.
///
/// One of the two is short: who reads moves by a screen, who jumps goes to the end. A thousand rows are a millisecond.
const COUNT_AFTER: i64 = 1_000;

impl Tx<'_> {
    /// Everything up to `upto` was read. The place only moves forward; a row of another conversation is ignored.
    /// Returns whether it has moved.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such conversation; what the disk says.
    pub fn mark_read(&mut self, conversation: ConversationId, upto: MessageId) -> Result<bool> {
        let before = self.tally(conversation)?.read;
        let place = self.find(
            "SELECT sort_ms FROM messages WHERE id = ?1 AND conversation_id = ?2",
            params![upto.0, conversation.0],
            |row| Ok(Place { sort: Timestamp(row.get(0)?), id: upto }),
        )?;
        if let Some(place) = place {
            self.read_upto(conversation, place)?;
        }
        Ok(self.tally(conversation)?.read != before)
    }

    /// Everything was read up to the last row at or before `upto`, by the time that rows show. The place only moves
    /// forward.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such conversation; what the disk says.
    pub fn mark_read_until(&mut self, conversation: ConversationId, upto: Timestamp) -> Result<()> {
        let from = self.tally(conversation)?.read.map_or(i64::MIN, |read| read.sort.0);
        let place = self.find(
            "SELECT sort_ms, id FROM messages
             WHERE conversation_id = ?1 AND sort_ms >= ?2 AND kind <> 1 AND deleted = 0 AND at_ms <= ?3
             ORDER BY sort_ms DESC, id DESC LIMIT 1",
            params![conversation.0, from, upto.0],
            |row| Ok(Place { sort: Timestamp(row.get(0)?), id: MessageId(row.get(1)?) }),
        )?;
        match place {
            Some(place) => self.read_upto(conversation, place),
            None => Ok(()),
        }
    }

    /// Moves the read place forward to `place`.
    pub(super) fn read_upto(&mut self, conversation: ConversationId, place: Place) -> Result<()> {
        let tally = *self.tally(conversation)?;
        if Some(place) <= tally.read {
            return Ok(());
        }
        let after = match self.unread_after(conversation, place)? {
            Some(after) => after,
            None => {
                let between = self.unread_between(conversation, tally.read, place)?;
                Unread {
                    all: tally.unread.saturating_sub(between.all),
                    named: tally.mentions.saturating_sub(between.named),
                }
            }
        };
        let tally = self.tally(conversation)?;
        tally.read = Some(place);
        tally.unread = after.all;
        tally.mentions = if tally.is_direct { after.all } else { after.named };
        Ok(())
    }

    /// What kind of place a conversation is has changed: what counts as a mention changes with it.
    pub(super) fn count_mentions(
        &mut self,
        conversation: ConversationId,
        kind: ConversationKind,
    ) -> Result<()> {
        let read = self.tally(conversation)?.read;
        let is_direct = match kind {
            ConversationKind::Direct => true,
            ConversationKind::Room | ConversationKind::Stream => false,
        };
        let counted = self.unread_between(conversation, read, END)?;
        let tally = self.tally(conversation)?;
        tally.is_direct = is_direct;
        tally.mentions = if is_direct { counted.all } else { counted.named };
        Ok(())
    }

    /// Messages of others after `place`; `None`: more than [`COUNT_AFTER`] rows follow.
    fn unread_after(&mut self, conversation: ConversationId, place: Place) -> Result<Option<Unread>> {
        let counted = self.find(
            "SELECT count(*), count(*) FILTER (WHERE kind = ?4 AND deleted = 0 AND sender <> ?5),
                 coalesce(sum(mention), 0)
             FROM (SELECT kind, deleted, sender, mention FROM messages
                   WHERE conversation_id = ?1 AND sort_ms = ?2 AND id > ?3
                   UNION ALL
                   SELECT kind, deleted, sender, mention FROM messages WHERE conversation_id = ?1 AND sort_ms > ?2
                   LIMIT ?6)",
            params![conversation.0, place.sort.0, place.id.0, MESSAGE, SENDER_ME, COUNT_AFTER + 1],
            |row| Ok((row.get::<_, i64>(0)?, Unread { all: row.get(1)?, named: row.get(2)? })),
        )?;
        Ok(counted.filter(|(rows, _)| *rows <= COUNT_AFTER).map(|(_, unread)| unread))
    }

    /// Messages of others after `from`, up to and with `upto`.
    fn unread_between(
        &mut self,
        conversation: ConversationId,
        from: Option<Place>,
        upto: Place,
    ) -> Result<Unread> {
        let (sort, id) = from.map_or((i64::MIN, i64::MIN), |from| (from.sort.0, from.id.0));
        // Three runs of the index: what is left of the first millisecond, those between, the last one.
        let counted = self.find(
            "SELECT count(*) FILTER (WHERE kind = ?6 AND deleted = 0 AND sender <> ?7),
                 coalesce(sum(mention), 0)
             FROM (SELECT kind, deleted, sender, mention FROM messages
                   WHERE conversation_id = ?1 AND sort_ms = ?2 AND id > ?3 AND id <= iif(?2 < ?4, ?8, ?5)
                   UNION ALL
                   SELECT kind, deleted, sender, mention FROM messages
                   WHERE conversation_id = ?1 AND sort_ms > ?2 AND sort_ms < ?4
                   UNION ALL
                   SELECT kind, deleted, sender, mention FROM messages
                   WHERE conversation_id = ?1 AND sort_ms = ?4 AND id <= ?5 AND ?2 < ?4)",
            params![conversation.0, sort, id, upto.sort.0, upto.id.0, MESSAGE, SENDER_ME, i64::MAX],
            |row| Ok(Unread { all: row.get(0)?, named: row.get(1)? }),
        )?;
        Ok(counted.unwrap_or_default())
    }
}

/// Messages of others.
#[derive(Clone, Copy, Debug, Default)]
struct Unread {
    all: u32,
    /// Those that name us. Nothing else has a `mention`.
    named: u32,
}
