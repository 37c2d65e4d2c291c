//! How gaps are filled from the server's history. A page goes into its gap in one transaction with what becomes of the
//! gap: it shrinks from its beginning, or it is gone.

use super::{Tx, note};
use crate::Result;
use crate::row::{GAP, fault_words};
use domain::{
    AccountId, Capabilities, ConversationId, HealingFault, Incoming, MessageId, Place, RemoteId, Timestamp,
};
use rusqlite::params;

/// How many gaps of a conversation are filled unasked, the newest first; of the others the user is asked.
const MAX_UNASKED: i64 = 16;

/// How old a gap may be to be filled unasked: what a week's holiday missed.
const MAX_UNASKED_MS: i64 = 8 * 24 * 60 * 60 * 1000;

/// A gap, as far as filling it is concerned.
#[derive(Clone, Debug)]
pub(super) struct Hole {
    pub(super) id: MessageId,
    pub(super) sort: i64,
    from: i64,
    pub(super) until: i64,
    /// Nothing is known before it.
    pub(super) is_endless: bool,
}

impl Hole {
    /// Reads the columns `id, sort_ms, at_ms, until_ms, is_endless`.
    pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: MessageId(row.get(0)?),
            sort: row.get(1)?,
            from: row.get(2)?,
            until: row.get(3)?,
            is_endless: row.get(4)?,
        })
    }

    pub(super) fn place(&self) -> Place {
        Place { sort: Timestamp(self.sort), id: self.id }
    }
}

/// What one message of a page came to.
enum Filled {
    /// It is a row in the gap.
    New(i64),
    /// It was there, before the gap or as one of ours.
    Known,
    /// It was there, received after the gap: here the next range begins.
    Met(Place),
}

impl Tx<'_> {
    /// The account's session began: recent gaps are to be filled, older ones offered; none where the server keeps no
    /// history. What comes before all that is known is the reader's to ask for.
    ///
    /// # Errors
    /// What the disk says.
    pub fn begin_healing(&mut self, account: AccountId) -> Result<()> {
        let Capabilities { history, earlier, .. } = self.capabilities(account)?;
        let recent = self.now.plus_ms(-MAX_UNASKED_MS);
        let count = if history { MAX_UNASKED } else { i64::MAX };
        for conversation in self.conversations_of(account)? {
            let gaps = self.list(
                "SELECT id, at_ms, after_id IS NULL, is_endless FROM messages
                 WHERE conversation_id = ?1 AND kind = 1 AND deleted = 0 AND until_ms IS NOT NULL
                 ORDER BY sort_ms DESC, id DESC LIMIT ?2",
                params![conversation.0, count],
                |row| Ok((MessageId(row.get(0)?), Timestamp(row.get(1)?), row.get(2)?, row.get(3)?)),
            )?;
            for (gap, from, is_nameless, is_endless) in gaps {
                let possible = if is_endless { earlier } else { history || (is_nameless && earlier) };
                let healing = match (possible, from >= recent && !is_endless) {
                    (true, true) => Some("loading"),
                    (true, false) => Some("offered"),
                    (false, _) => None,
                };
                self.set_healing(conversation, gap, healing, None)?;
            }
        }
        Ok(())
    }

    /// Nothing can be asked for any more: what was to be filled is offered.
    ///
    /// # Errors
    /// What the disk says.
    pub fn stop_healing(&mut self, account: AccountId) -> Result<()> {
        for conversation in self.conversations_of(account)? {
            let gaps = self.list(
                "SELECT id FROM messages WHERE conversation_id = ?1 AND healing = 'loading' ORDER BY sort_ms, id",
                [conversation.0],
                |row| row.get(0).map(MessageId),
            )?;
            for gap in gaps {
                self.set_healing(conversation, gap, Some("offered"), None)?;
            }
        }
        Ok(())
    }

    /// The user wants a gap filled: it is *loading* now, or *failed* with `hindrance`. Returns whose it is; `None`:
    /// there is no such gap, it is still open, the server keeps no history, or nothing names its end.
    ///
    /// # Errors
    /// What the disk says.
    pub fn ask_healing(
        &mut self,
        gap: MessageId,
        hindrance: Option<&HealingFault>,
    ) -> Result<Option<AccountId>> {
        let found = self.find(
            "SELECT conversation_id FROM messages
             WHERE id = ?1 AND kind = 1 AND deleted = 0 AND until_ms IS NOT NULL AND healing IS NOT NULL
                 AND (is_endless = 0 OR EXISTS (
                     SELECT 1 FROM messages AS named
                     WHERE named.conversation_id = messages.conversation_id AND named.kind = 0 AND named.deleted = 0
                         AND named.remote_id IS NOT NULL))",
            [gap.0],
            |row| row.get(0).map(ConversationId),
        )?;
        let Some(conversation) = found else { return Ok(None) };
        let healing = if hindrance.is_some() { "failed" } else { "loading" };
        self.set_healing(conversation, gap, Some(healing), hindrance.map(fault_words).as_deref())?;
        Ok(Some(self.tally(conversation)?.account))
    }

    /// The server refuses the history that was asked for after `after`; at most [`MAX_NOTE`](crate::MAX_NOTE) characters
    /// of `why`, its words, are kept.
    ///
    /// # Errors
    /// What the disk says.
    pub fn healing_failed(
        &mut self,
        conversation: ConversationId,
        after: Option<&RemoteId>,
        why: &str,
    ) -> Result<()> {
        let why = HealingFault::Refused { text: note(why).to_owned() };
        match self.hole(conversation, after)? {
            Some(hole) => self.set_healing(conversation, hole.id, Some("failed"), Some(&fault_words(&why))),
            None => Ok(()),
        }
    }

    /// A page of the server's history, which follows `after` without a hole, the oldest first: it goes into the gap
    /// that begins there. Where the page meets what was received after the gap, or is `complete`, the gap is gone; else
    /// it begins after the page. A page that belongs to no gap changes nothing: late and doubled ones are harmless.
    ///
    /// # Errors
    /// What the disk says.
    pub fn fill(
        &mut self,
        conversation: ConversationId,
        after: Option<&RemoteId>,
        messages: &[Incoming],
        complete: Completeness,
    ) -> Result<()> {
        let Some(hole) = self.hole(conversation, after)? else { return Ok(()) };
        let ceiling = self.ceiling(conversation, hole.sort)?;
        let (mut sort, mut grown) = (hole.sort, false);
        for message in messages {
            match self.fill_one(conversation, &hole, sort, ceiling, message)? {
                Filled::New(new) => (sort, grown) = (new, true),
                Filled::Known => {}
                Filled::Met(place) => return self.heal_upto(conversation, &hole, Some(place)),
            }
        }
        if complete == Completeness::Whole {
            return self.heal_upto(conversation, &hole, None);
        }
        match messages.last().and_then(|last| last.id.as_ref().map(|id| (id, last.at))) {
            Some((last, at)) if Some(last) != after => {
                let from = at.map_or(hole.from, |at| at.0.clamp(hole.from, hole.until));
                self.shrink(conversation, &hole, last, from, grown.then_some(sort))
            }
            Some(_) | None => {
                let why = fault_words(&HealingFault::Stuck);
                self.set_healing(conversation, hole.id, Some("failed"), Some(&why))
            }
        }
    }

    fn fill_one(
        &mut self,
        conversation: ConversationId,
        hole: &Hole,
        floor: i64,
        ceiling: i64,
        message: &Incoming,
    ) -> Result<Filled> {
        if self.become_own(conversation, message)?.is_some() {
            return Ok(Filled::Known);
        }
        if let Some(id) = &message.id
            && let Some((place, received)) = self.named(conversation, id)?
        {
            return Ok(if received && place.sort.0 > ceiling { Filled::Met(place) } else { Filled::Known });
        }
        let at = message.at.unwrap_or(Timestamp(hole.until));
        let sort = at.0.min(ceiling).max(floor);
        self.insert_message(conversation, message, sort, at)?;
        Ok(Filled::New(sort))
    }

    /// The gap and every one up to `place` are gone, for what follows was received; `None`: every closed one.
    fn heal_upto(&mut self, conversation: ConversationId, hole: &Hole, place: Option<Place>) -> Result<()> {
        let gaps = self.list(
            "SELECT id, sort_ms FROM messages
             WHERE conversation_id = ?1 AND kind = 1 AND deleted = 0 AND until_ms IS NOT NULL AND sort_ms >= ?2
             ORDER BY sort_ms, id",
            params![conversation.0, hole.sort],
            |row| Ok(Place { id: MessageId(row.get(0)?), sort: Timestamp(row.get(1)?) }),
        )?;
        for gap in gaps {
            if place.is_none_or(|place| gap < place) {
                self.bury_gap(conversation, gap.id)?;
            }
        }
        Ok(())
    }

    /// The gap begins after the page. With rows in it, it is another row, since places never change.
    fn shrink(
        &mut self,
        conversation: ConversationId,
        hole: &Hole,
        after: &RemoteId,
        from: i64,
        moved: Option<i64>,
    ) -> Result<()> {
        let Some(sort) = moved else {
            self.run(
                "UPDATE messages SET rev = ?2, after_id = ?3 WHERE id = ?1",
                params![hole.id.0, self.rev.0, after.0],
            )?;
            self.touched.conversations.insert(conversation);
            return Ok(());
        };
        self.bury_gap(conversation, hole.id)?;
        self.run(
            "INSERT INTO messages
                 (conversation_id, sort_ms, rev, kind, at_ms, until_ms, after_id, healing)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'loading')",
            params![conversation.0, sort, self.rev.0, GAP, from, hole.until, after.0],
        )?;
        let tally = self.tally(conversation)?;
        tally.last_sort = tally.last_sort.max(sort.saturating_add(1));
        Ok(())
    }

    /// The oldest closed gap that begins after `after`.
    fn hole(&mut self, conversation: ConversationId, after: Option<&RemoteId>) -> Result<Option<Hole>> {
        self.find(
            "SELECT id, sort_ms, at_ms, until_ms, is_endless FROM messages
             WHERE conversation_id = ?1 AND kind = 1 AND deleted = 0 AND until_ms IS NOT NULL AND after_id IS ?2
                 AND healing IS NOT NULL AND is_endless = 0
             ORDER BY sort_ms, id LIMIT 1",
            params![conversation.0, after.map(|after| after.0.as_str())],
            Hole::read,
        )
    }

    /// The last millisecond of a gap: the next one has rows, or there is none yet.
    pub(super) fn ceiling(&mut self, conversation: ConversationId, sort: i64) -> Result<i64> {
        let next: Option<i64> = self.find(
            "SELECT sort_ms FROM messages WHERE conversation_id = ?1 AND sort_ms > ?2 ORDER BY sort_ms LIMIT 1",
            params![conversation.0, sort],
            |row| row.get(0),
        )?;
        Ok(next.map_or(self.now.0.max(sort), |next| next.saturating_sub(1)))
    }

    /// Where the message of this name stands, and whether it was received, and not written here.
    pub(super) fn named(
        &mut self,
        conversation: ConversationId,
        id: &RemoteId,
    ) -> Result<Option<(Place, bool)>> {
        self.find(
            "SELECT id, sort_ms, txn IS NULL FROM messages WHERE conversation_id = ?1 AND remote_id = ?2",
            params![conversation.0, id.0],
            |row| Ok((Place { id: MessageId(row.get(0)?), sort: Timestamp(row.get(1)?) }, row.get(2)?)),
        )
    }
}

/// Whether a page of history is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Nothing follows but what comes live.
    Whole,
    /// There may be more.
    Part,
}
