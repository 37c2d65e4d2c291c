//! What comes before: pages of the server's history that are asked for from their end.
//!
//! A page goes directly before the row that it was asked for from, and behind the gap there. Places never change, so what
//! comes next must fit before this page: an endless gap makes room by being put before it anew, and another one lets
//! nothing into its own millisecond until the last page.

use super::healing::{Completeness, Hole};
use super::recent::sorts_before;
use super::{Tx, note};
use crate::Result;
use crate::row::fault_words;
use domain::{ConversationId, HealingFault, Incoming, MessageId, Place, RemoteId, Timestamp};
use rusqlite::params;

impl Tx<'_> {
    /// A page of the server's history that ends directly before `before`, the oldest first. Where it meets what stands
    /// before the gap, or is `complete`, the gap is gone; else it stands before the page, and can be asked for again.
    /// Nothing of it is news: what it brings counts as read. A page that belongs to no gap changes nothing: late and doubled
    /// ones are harmless.
    ///
    /// # Errors
    /// What the disk says.
    pub fn earlier(
        &mut self,
        conversation: ConversationId,
        before: &RemoteId,
        messages: &[Incoming],
        complete: Completeness,
    ) -> Result<()> {
        let Some((hole, next)) = self.hole_before(conversation, before)? else { return Ok(()) };
        let mut fresh = Vec::with_capacity(messages.len());
        let mut met = false;
        // From the end: what lies before something that is known before the gap is known as well.
        for message in messages.iter().rev() {
            if self.become_own(conversation, message)?.is_some() {
                continue;
            }
            match &message.id {
                Some(id) => match self.named(conversation, id)? {
                    Some((place, _)) if place < hole.place() => {
                        met = true;
                        break;
                    }
                    Some(_) => {}
                    None => fresh.push(message.clone()),
                },
                None => fresh.push(message.clone()),
            }
        }
        fresh.reverse();
        let last = met || complete == Completeness::Whole;
        if !last {
            // The next page is asked for from the first that has a name; what stands before that comes with it.
            let named = fresh.iter().position(|message| message.id.is_some()).unwrap_or(fresh.len());
            fresh.drain(..named);
        }
        let floor = match (last, hole.is_endless) {
            (_, true) => i64::MIN,
            (true, false) => hole.sort,
            (false, false) => hole.sort.saturating_add(1),
        };
        let ceiling = next.sort.0.saturating_sub(1);
        if (fresh.is_empty() && !last) || ceiling < floor {
            let why = fault_words(&HealingFault::Stuck);
            return self.set_healing(conversation, hole.id, Some("failed"), Some(&why));
        }
        let sorts = sorts_before(&fresh, ceiling).into_iter().map(|sort| sort.max(floor)).collect::<Vec<_>>();
        let mut newest = None;
        for (message, sort) in fresh.iter().zip(&sorts) {
            let at = message.at.unwrap_or(Timestamp(*sort));
            newest = self.insert_message(conversation, message, *sort, at)?.or(newest);
        }
        if let Some(newest) = newest {
            self.read_upto(conversation, newest)?;
        }
        if last {
            return self.bury_gap(conversation, hole.id);
        }
        let until = fresh.first().and_then(|message| message.at).map_or(hole.until, |at| at.0);
        match sorts.first() {
            Some(begin) if hole.is_endless && *begin <= hole.sort => {
                self.bury_gap(conversation, hole.id)?;
                self.insert_endless(conversation, begin.saturating_sub(1), until)
            }
            Some(_) | None => {
                self.run(
                    "UPDATE messages SET rev = ?2, until_ms = max(?3, iif(is_endless, ?3, at_ms)),
                         at_ms = iif(is_endless, ?3, at_ms), healing = 'offered', why = NULL
                     WHERE id = ?1",
                    params![hole.id.0, self.rev.0, until],
                )?;
                self.touched.conversations.insert(conversation);
                Ok(())
            }
        }
    }

    /// The server refuses the history that was asked for before `before`; at most [`MAX_NOTE`](crate::MAX_NOTE)
    /// characters of `why`, its words, are kept.
    ///
    /// # Errors
    /// What the disk says.
    pub fn earlier_failed(
        &mut self,
        conversation: ConversationId,
        before: &RemoteId,
        why: &str,
    ) -> Result<()> {
        let why = HealingFault::Refused { text: note(why).to_owned() };
        match self.hole_before(conversation, before)? {
            Some((hole, _)) => {
                self.set_healing(conversation, hole.id, Some("failed"), Some(&fault_words(&why)))
            }
            None => Ok(()),
        }
    }

    /// The closed gap behind which the message of this name is the first that has one, and that message's place.
    fn hole_before(
        &mut self,
        conversation: ConversationId,
        before: &RemoteId,
    ) -> Result<Option<(Hole, Place)>> {
        let Some((next, _)) = self.named(conversation, before)? else { return Ok(None) };
        let hole = self.find(
            "SELECT id, sort_ms, at_ms, until_ms, is_endless FROM messages
             WHERE conversation_id = ?1 AND kind = 1 AND deleted = 0 AND until_ms IS NOT NULL AND sort_ms < ?2
             ORDER BY sort_ms DESC, id DESC LIMIT 1",
            [conversation.0, next.sort.0],
            Hole::read,
        )?;
        let Some(hole) = hole else { return Ok(None) };
        let first = self.find(
            "SELECT id FROM messages
             WHERE conversation_id = ?1 AND sort_ms >= ?2 AND id <> ?3 AND kind = 0 AND deleted = 0
                 AND remote_id IS NOT NULL
             ORDER BY sort_ms, id LIMIT 1",
            params![conversation.0, hole.sort, hole.id.0],
            |row| row.get(0).map(MessageId),
        )?;
        Ok(Some((hole, next)).filter(|_| first == Some(next.id)))
    }
}
