//! The way of our own messages. Each transition is allowed from the states that its method names, and from any other
//! state it changes nothing: late and doubled notices are harmless.

use super::{Tx, note};
use crate::row::{BodyColumns, State};
use crate::{Result, StoreError};
use domain::{AccountId, Body, ConversationId, ConversationKey, MessageId, RemoteId, Timestamp, TxnId};
use rusqlite::params;

/// A message that is to be handed to the account's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatched {
    /// Its intent.
    pub txn: TxnId,
    /// Where it is to be said.
    pub key: ConversationKey,
    /// What.
    pub body: Body,
}

/// An own message, as far as its way is concerned.
#[derive(Clone, Copy, Debug)]
struct Own {
    id: MessageId,
    conversation: ConversationId,
    /// `None`: it was discarded.
    state: Option<State>,
    outbox_no: Option<i64>,
}

impl Own {
    fn is(&self, states: &[State]) -> bool {
        self.state.is_some_and(|state| states.contains(&state))
    }
}

impl Tx<'_> {
    /// Takes the oldest queued messages of an account, at most `limit`: they are `Sending` now.
    ///
    /// # Errors
    /// What the disk says.
    pub fn dispatch(&mut self, account: AccountId, limit: usize) -> Result<Vec<Dispatched>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.list(
            "SELECT messages.id, messages.conversation_id, messages.outbox_no, messages.txn, conversations.key,
                 messages.text, messages.spans
             FROM messages JOIN conversations ON conversations.id = messages.conversation_id
             WHERE messages.outbox_account_id = ?1 AND messages.delivery = 'queued'
             ORDER BY messages.outbox_no LIMIT ?2",
            params![account.0, limit],
            |row| {
                let own = Own {
                    id: MessageId(row.get(0)?),
                    conversation: ConversationId(row.get(1)?),
                    state: Some(State::Queued),
                    outbox_no: row.get(2)?,
                };
                let body = BodyColumns { text: row.get(5)?, spans: row.get(6)? };
                Ok((own, row.get::<_, String>(3)?, ConversationKey(row.get(4)?), body))
            },
        )?;
        let mut dispatched = Vec::with_capacity(rows.len());
        for (own, txn, key, body) in rows {
            self.shift(own, State::Sending, own.outbox_no, None)?;
            let txn = TxnId::parse(txn).map_err(|_| StoreError::Value { what: "a transaction id" })?;
            dispatched.push(Dispatched { txn, key, body: body.read()? });
        }
        Ok(dispatched)
    }

    /// The server's end of the connection has read these: `Sending` → `Sent`.
    ///
    /// # Errors
    /// What the disk says.
    pub fn arrived(&mut self, txns: &[TxnId]) -> Result<()> {
        for txn in txns {
            if let Some(own) = self.own(txn)?.filter(|own| own.is(&[State::Sending])) {
                self.shift(own, State::Sent, None, None)?;
            }
        }
        Ok(())
    }

    /// The server proved that it has this one: `Sending`, `Sent` or `Unconfirmed` → `Acknowledged`. It takes the
    /// server's name and time and keeps its place.
    ///
    /// # Errors
    /// What the disk says.
    pub fn acknowledged(&mut self, txn: &TxnId, id: Option<&RemoteId>, at: Option<Timestamp>) -> Result<()> {
        let from = [State::Sending, State::Sent, State::Unconfirmed];
        let Some(own) = self.own(txn)?.filter(|own| own.is(&from)) else { return Ok(()) };
        self.shift(own, State::Acknowledged, None, None)?;
        self.identify(own.conversation, own.id, id, at)
    }

    /// These never left: `Sending` → `Queued`, at their old number in the outbox.
    ///
    /// # Errors
    /// What the disk says.
    pub fn requeue(&mut self, txns: &[TxnId]) -> Result<()> {
        for txn in txns {
            if let Some(own) = self.own(txn)?.filter(|own| own.is(&[State::Sending])) {
                self.shift(own, State::Queued, own.outbox_no, None)?;
            }
        }
        Ok(())
    }

    /// The connection ended: what is `Sending` has an unknown fate and becomes `Unconfirmed`. Returns how many.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unconfirm(&mut self, account: AccountId) -> Result<u32> {
        let sending = self.list(
            "SELECT id, conversation_id FROM messages
             WHERE outbox_account_id = ?1 AND delivery = 'sending' ORDER BY outbox_no",
            [account.0],
            |row| Ok((MessageId(row.get(0)?), ConversationId(row.get(1)?))),
        )?;
        for &(id, conversation) in &sending {
            let own = Own { id, conversation, state: Some(State::Sending), outbox_no: None };
            self.shift(own, State::Unconfirmed, None, None)?;
        }
        Ok(u32::try_from(sending.len()).unwrap_or(u32::MAX))
    }

    /// The session of these ended: of those that are `Sending`, nobody can tell, and they become `Unconfirmed`.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unconfirm_messages(&mut self, txns: &[TxnId]) -> Result<()> {
        for txn in txns {
            if let Some(own) = self.own(txn)?.filter(|own| own.is(&[State::Sending])) {
                self.shift(own, State::Unconfirmed, None, None)?;
            }
        }
        Ok(())
    }

    /// It was not taken and never will be as it stands: `Queued`, `Sending` or `Sent` → `Failed`; a server's end may
    /// have read what its program refuses. At most [`MAX_NOTE`](crate::MAX_NOTE) characters of `why` are kept.
    ///
    /// # Errors
    /// What the disk says.
    pub fn refused(&mut self, txn: &TxnId, why: &str) -> Result<()> {
        let from = [State::Queued, State::Sending, State::Sent];
        let Some(own) = self.own(txn)?.filter(|own| own.is(&from)) else { return Ok(()) };
        self.shift(own, State::Failed, None, Some(note(why)))
    }

    /// The user wants it sent again: `Unconfirmed` or `Failed` → `Queued`, at the end of the outbox. What is queued
    /// already stays so. Returns whose outbox it is in; `None`: no such message, or in no such state.
    ///
    /// # Errors
    /// What the disk says.
    pub fn retry(&mut self, message: MessageId) -> Result<Option<AccountId>> {
        let from = [State::Queued, State::Unconfirmed, State::Failed];
        let Some(own) = self.own_by_id(message)?.filter(|own| own.is(&from)) else { return Ok(None) };
        let account = self.tally(own.conversation)?.account;
        if !own.is(&[State::Queued]) {
            let no = self.next_outbox_no(account)?;
            self.shift(own, State::Queued, Some(no), None)?;
        }
        Ok(Some(account))
    }

    /// The user takes it back: a message of ours that is `Queued`, `Failed` or `Unconfirmed` becomes a tombstone.
    /// `true`: it is gone, now or before. `false`: no message of ours, or it is on its way or has arrived.
    ///
    /// # Errors
    /// What the disk says.
    pub fn discard(&mut self, message: MessageId) -> Result<bool> {
        let Some(own) = self.own_by_id(message)? else { return Ok(false) };
        let Some(state) = own.state else { return Ok(true) };
        match state {
            State::Queued | State::Failed | State::Unconfirmed => {
                self.bury(own.conversation, own.id)?;
                self.wait(own.conversation, state, None)?;
                Ok(true)
            }
            State::Sending | State::Sent | State::Acknowledged => Ok(false),
        }
    }

    /// The number after the last in an account's outbox.
    pub(super) fn next_outbox_no(&mut self, account: AccountId) -> Result<i64> {
        let last: Option<i64> = self
            .find(
                "SELECT max(
                     coalesce((SELECT max(outbox_no) FROM messages
                               WHERE outbox_account_id = ?1 AND delivery = 'queued'), 0),
                     coalesce((SELECT max(outbox_no) FROM messages
                               WHERE outbox_account_id = ?1 AND delivery = 'sending'), 0))",
                [account.0],
                |row| row.get(0),
            )?
            .flatten();
        Ok(last.unwrap_or(0).saturating_add(1))
    }

    /// Moves a message to another state. `no` is its number in the outbox, for the states that are in it.
    fn shift(&mut self, own: Own, to: State, no: Option<i64>, why: Option<&str>) -> Result<()> {
        let account = no.map(|_| self.tally(own.conversation).map(|tally| tally.account.0)).transpose()?;
        self.run(
            "UPDATE messages SET rev = ?2, delivery = ?3, why = ?4, outbox_account_id = ?5, outbox_no = ?6
             WHERE id = ?1",
            params![own.id.0, self.rev.0, to.word(), why, account, no],
        )?;
        self.touched.conversations.insert(own.conversation);
        match own.state {
            Some(from) => self.wait(own.conversation, from, Some(to)),
            None => Ok(()),
        }
    }

    /// Keeps the number of waiting messages true.
    fn wait(&mut self, conversation: ConversationId, from: State, to: Option<State>) -> Result<()> {
        let tally = self.tally(conversation)?;
        match (from.waits(), to.is_some_and(State::waits)) {
            (true, false) => tally.waiting = tally.waiting.saturating_sub(1),
            (false, true) => tally.waiting = tally.waiting.saturating_add(1),
            (true, true) | (false, false) => {}
        }
        Ok(())
    }

    fn own(&mut self, txn: &TxnId) -> Result<Option<Own>> {
        self.find(
            "SELECT id, conversation_id, delivery, outbox_no FROM messages WHERE txn = ?1",
            [txn.as_str()],
            read_own,
        )
    }

    fn own_by_id(&mut self, id: MessageId) -> Result<Option<Own>> {
        self.find(
            "SELECT id, conversation_id, delivery, outbox_no FROM messages WHERE id = ?1 AND txn IS NOT NULL",
            [id.0],
            read_own,
        )
    }
}

fn read_own(row: &rusqlite::Row<'_>) -> rusqlite::Result<Own> {
    Ok(Own {
        id: MessageId(row.get(0)?),
        conversation: ConversationId(row.get(1)?),
        state: row.get(2)?,
        outbox_no: row.get(3)?,
    })
}
