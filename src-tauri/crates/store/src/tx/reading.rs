//! How far a conversation was read.

use super::Tx;
use crate::Result;
use crate::row::{MESSAGE, SENDER_ME};
use domain::{ConversationId, MessageId, Place, Timestamp};
use rusqlite::params;

/// How many rows after the read place are counted before the rows between the old and the new one are.
///
/// One of the two is short: who reads moves by a screen, who jumps goes to the end. A thousand rows are a millisecond.
const COUNT_AFTER: i64 = 1_000;

impl Tx<'_> {
    /// Everything up to `upto` was read. The place only moves forward; a row of another conversation is ignored.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such conversation; what the disk says.
    pub fn mark_read(&mut self, conversation: ConversationId, upto: MessageId) -> Result<()> {
        let tally = *self.tally(conversation)?;
        let place = self.find(
            "SELECT sort_ms FROM messages WHERE id = ?1 AND conversation_id = ?2",
            params![upto.0, conversation.0],
            |row| Ok(Place { sort: Timestamp(row.get(0)?), id: upto }),
        )?;
        let Some(place) = place.filter(|place| Some(*place) > tally.read) else { return Ok(()) };
        let unread = match self.unread_after(conversation, place)? {
            Some(after) => after,
            None => tally.unread.saturating_sub(self.unread_between(conversation, tally.read, place)?),
        };
        let tally = self.tally(conversation)?;
        tally.read = Some(place);
        tally.unread = unread;
        Ok(())
    }

    /// Messages of others after `place`; `None`: more than [`COUNT_AFTER`] rows follow.
    fn unread_after(&mut self, conversation: ConversationId, place: Place) -> Result<Option<u32>> {
        let counted = self.find(
            "SELECT count(*), count(*) FILTER (WHERE kind = ?4 AND deleted = 0 AND sender <> ?5)
             FROM (SELECT kind, deleted, sender FROM messages
                   WHERE conversation_id = ?1 AND sort_ms = ?2 AND id > ?3
                   UNION ALL
                   SELECT kind, deleted, sender FROM messages WHERE conversation_id = ?1 AND sort_ms > ?2
                   LIMIT ?6)",
            params![conversation.0, place.sort.0, place.id.0, MESSAGE, SENDER_ME, COUNT_AFTER + 1],
            |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)),
        )?;
        Ok(counted.filter(|(rows, _)| *rows <= COUNT_AFTER).map(|(_, unread)| unread))
    }

    /// Messages of others after `from`, up to and with `upto`.
    fn unread_between(
        &mut self,
        conversation: ConversationId,
        from: Option<Place>,
        upto: Place,
    ) -> Result<u32> {
        let (sort, id) = from.map_or((i64::MIN, i64::MIN), |from| (from.sort.0, from.id.0));
        // Three runs of the index: what is left of the first millisecond, those between, the last one.
        let counted = self.find(
            "SELECT count(*) FILTER (WHERE kind = ?6 AND deleted = 0 AND sender <> ?7)
             FROM (SELECT kind, deleted, sender FROM messages
                   WHERE conversation_id = ?1 AND sort_ms = ?2 AND id > ?3 AND id <= iif(?2 < ?4, ?8, ?5)
                   UNION ALL
                   SELECT kind, deleted, sender FROM messages
                   WHERE conversation_id = ?1 AND sort_ms > ?2 AND sort_ms < ?4
                   UNION ALL
                   SELECT kind, deleted, sender FROM messages
                   WHERE conversation_id = ?1 AND sort_ms = ?4 AND id <= ?5 AND ?2 < ?4)",
            params![conversation.0, sort, id, upto.sort.0, upto.id.0, MESSAGE, SENDER_ME, i64::MAX],
            |row| row.get(0),
        )?;
        Ok(counted.unwrap_or(0))
    }
}
