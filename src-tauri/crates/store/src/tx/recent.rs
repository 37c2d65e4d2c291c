//! The end of the server's history, as it comes unasked after a log-in or a join.
//!
//! The piece is without a hole, and what comes live follows it. So no gap can lie within it: where it holds something that
//! is known, the gaps behind that are gone, and what is new goes where they were.

use super::Tx;
use super::healing::Completeness;
use crate::Result;
use crate::row::GAP;
use crate::timeline::START;
use domain::{ConversationId, Incoming, Place, Timestamp};
use rusqlite::params;

impl Tx<'_> {
    /// Takes the end of the server's history. Where nothing had been here before, it is no news: it counts as read, and a
    /// gap without a beginning stands before it unless it is `complete`.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such conversation; what the disk says.
    pub fn recent(
        &mut self,
        conversation: ConversationId,
        messages: &[Incoming],
        complete: Completeness,
    ) -> Result<()> {
        if self.is_blank(conversation)? {
            self.begin_with(conversation, messages, complete)?;
        } else {
            self.go_on_with(conversation, messages, complete)?;
        }
        if let Some(last) = messages.iter().rev().find_map(|message| message.id.clone()) {
            self.hears(conversation, Some(last));
        }
        Ok(())
    }

    /// Nothing of the server's history is here: no message of others, and none of ours that the server has named.
    fn is_blank(&mut self, conversation: ConversationId) -> Result<bool> {
        let any = self.find(
            "SELECT 1 FROM messages
             WHERE conversation_id = ?1 AND kind = 0 AND deleted = 0 AND (sender <> 1 OR remote_id IS NOT NULL) LIMIT 1",
            [conversation.0],
            |_| Ok(()),
        )?;
        Ok(any.is_none())
    }

    /// The piece goes before whatever is here.
    fn begin_with(
        &mut self,
        conversation: ConversationId,
        messages: &[Incoming],
        complete: Completeness,
    ) -> Result<()> {
        // An absence before there was anything to miss.
        for gap in self.gaps_within(conversation, START, None)? {
            self.bury_gap(conversation, gap.id)?;
        }
        let first = self.first_sort(conversation)?;
        let ceiling = first.map_or(self.now.0, |first| first.saturating_sub(1));
        let sorts = sorts_before(messages, ceiling);
        if let Some(begin) = sorts.first()
            && complete == Completeness::Part
        {
            let until = messages.first().and_then(|message| message.at).map_or(*begin, |at| at.0);
            self.insert_endless(conversation, begin.saturating_sub(1), until)?;
        }
        let mut last = None;
        for (message, sort) in messages.iter().zip(sorts) {
            if self.become_own(conversation, message)?.is_none() {
                let at = message.at.unwrap_or(Timestamp(sort));
                last = self.insert_message(conversation, message, sort, at)?.or(last);
            }
        }
        match last {
            Some(last) => self.read_upto(conversation, last),
            None => Ok(()),
        }
    }

    fn go_on_with(
        &mut self,
        conversation: ConversationId,
        messages: &[Incoming],
        complete: Completeness,
    ) -> Result<()> {
        let heard = self.heard(conversation)?;
        let mut places = Vec::with_capacity(messages.len());
        for message in messages {
            places.push(self.known_place(conversation, message)?);
        }
        let Some(first) = places.iter().position(Option::is_some) else {
            return self.go_on_at_the_end(conversation, messages);
        };
        // What comes before all that is known here fills what lies before that, as a page does that was asked for.
        if let (Some(before), Some(earlier)) =
            (messages.get(first).and_then(|message| message.id.clone()), messages.get(..first))
            && !earlier.is_empty()
        {
            self.earlier(conversation, &before, earlier, complete)?;
        }
        let (mut from, mut is_heard) = (first, false);
        while from < messages.len() {
            let next = places.iter().skip(from + 1).position(Option::is_some).map(|next| from + 1 + next);
            let until = next.unwrap_or(messages.len());
            let (Some(Some(place)), Some(run)) = (places.get(from), messages.get(from + 1..until)) else {
                break;
            };
            is_heard |= heard.is_some() && messages.get(from).is_some_and(|message| message.id == heard);
            let beyond = next.and_then(|next| places.get(next).copied().flatten());
            self.join(conversation, *place, run, beyond, is_heard)?;
            from = until;
        }
        Ok(())
    }

    /// A run of the piece between what stands at `from` and what stands at `beyond`, or the end.
    fn join(
        &mut self,
        conversation: ConversationId,
        from: Place,
        run: &[Incoming],
        beyond: Option<Place>,
        is_heard: bool,
    ) -> Result<()> {
        let gaps = self.gaps_within(conversation, from, beyond)?;
        // What was heard last has nothing between it and the piece but the gaps; of anything else that is not known.
        let gap = gaps.first().copied().filter(|_| beyond.is_some() || is_heard);
        let (mut floor, ceiling) = match (gap, beyond) {
            (Some(gap), _) => (gap.sort.0, self.ceiling(conversation, gap.sort.0)?),
            (None, Some(beyond)) => (from.sort.0, beyond.sort.0.saturating_sub(1).max(from.sort.0)),
            (None, None) => return self.go_on_at_the_end(conversation, run),
        };
        for message in run {
            if self.become_own(conversation, message)?.is_none() {
                let at = message.at.unwrap_or(Timestamp(ceiling));
                let sort = at.0.min(ceiling).max(floor);
                self.insert_message(conversation, message, sort, at)?;
                floor = sort;
            }
        }
        for gap in gaps.iter().filter(|_| gap.is_some()) {
            self.bury_gap(conversation, gap.id)?;
        }
        Ok(())
    }

    /// As what comes live.
    fn go_on_at_the_end(&mut self, conversation: ConversationId, messages: &[Incoming]) -> Result<()> {
        for message in messages {
            if self.become_own(conversation, message)?.is_none() {
                let at = message.at.unwrap_or(self.now);
                let now = self.now;
                let sort = self.tally(conversation)?.next_sort(at, now);
                self.insert_message(conversation, message, sort, at)?;
            }
        }
        Ok(())
    }

    /// Where a message of the piece stands that was received before.
    fn known_place(&mut self, conversation: ConversationId, message: &Incoming) -> Result<Option<Place>> {
        match &message.id {
            Some(id) => Ok(self.named(conversation, id)?.map(|(place, _)| place)),
            None => Ok(None),
        }
    }

    /// The closed gaps between two places, or behind the first.
    fn gaps_within(
        &mut self,
        conversation: ConversationId,
        from: Place,
        beyond: Option<Place>,
    ) -> Result<Vec<Place>> {
        let gaps = self.list(
            "SELECT id, sort_ms FROM messages
             WHERE conversation_id = ?1 AND kind = 1 AND deleted = 0 AND until_ms IS NOT NULL AND sort_ms >= ?2
             ORDER BY sort_ms, id",
            [conversation.0, from.sort.0],
            |row| Ok(Place { id: domain::MessageId(row.get(0)?), sort: Timestamp(row.get(1)?) }),
        )?;
        let within = |gap: &Place| *gap > from && beyond.is_none_or(|beyond| *gap < beyond);
        Ok(gaps.into_iter().filter(within).collect())
    }

    fn first_sort(&mut self, conversation: ConversationId) -> Result<Option<i64>> {
        self.find(
            "SELECT sort_ms FROM messages WHERE conversation_id = ?1 ORDER BY sort_ms LIMIT 1",
            [conversation.0],
            |row| row.get(0),
        )
    }

    /// A gap with nothing before it.
    pub(super) fn insert_endless(
        &mut self,
        conversation: ConversationId,
        sort: i64,
        until: i64,
    ) -> Result<()> {
        let account = self.tally(conversation)?.account;
        let healing = self.capabilities(account)?.earlier.then_some("offered");
        self.run(
            "INSERT INTO messages (conversation_id, sort_ms, rev, kind, at_ms, until_ms, healing, is_endless)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, 1)",
            params![conversation.0, sort, self.rev.0, GAP, until, healing],
        )?;
        self.touched.conversations.insert(conversation);
        Ok(())
    }
}

/// Where messages go that end at `ceiling`: at their own times, but in their order.
pub(super) fn sorts_before(messages: &[Incoming], ceiling: i64) -> Vec<i64> {
    let mut next = ceiling;
    let mut sorts: Vec<i64> = messages
        .iter()
        .rev()
        .map(|message| {
            next = message.at.map_or(next, |at| at.0).min(next);
            next
        })
        .collect();
    sorts.reverse();
    sorts
}
