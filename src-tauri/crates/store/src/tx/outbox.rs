//! The way of our own messages. Each transition is allowed from the states that its method names, and from any other
//! state it changes nothing: late and doubled notices are harmless.

use super::{Tx, note};
use crate::row::{BodyColumns, State, read_tone};
use crate::{Durability, Result, StoreError};
use domain::{
    AccountId, Body, Capabilities, ConversationId, ConversationKey, Incoming, MessageId, RemoteId, Timestamp,
    Tone, TxnId,
};
use rusqlite::params;

/// In `doubtful`: a lost session had it, so it may have arrived, whatever its state.
const DOUBTFUL: i64 = 1;

/// In `doubtful`: the same, and the user wants it sent again all the same.
const WANTED: i64 = 2;

/// A message that is to be handed to the account's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatched {
    /// Its intent.
    pub txn: TxnId,
    /// Where it is to be said.
    pub key: ConversationKey,
    /// How.
    pub tone: Tone,
    /// What.
    pub body: Body,
    /// The message that it answers.
    pub reply_to: Option<RemoteId>,
}

/// An own message, as far as its way is concerned.
#[derive(Clone, Copy, Debug)]
struct Own {
    id: MessageId,
    conversation: ConversationId,
    /// `None`: it was discarded.
    state: Option<State>,
    outbox_no: Option<i64>,
    /// The server's name for it is not known.
    is_nameless: bool,
}

impl Own {
    fn is(&self, states: &[State]) -> bool {
        self.state.is_some_and(|state| states.contains(&state))
    }
}

impl Tx<'_> {
    /// Takes the oldest queued messages of an account, at most `limit`: they are `Sending` now. What an earlier session
    /// may have brought, and the server of this one would not tell from a double, is `Unconfirmed` instead, unless the
    /// user wanted it sent again.
    ///
    /// # Errors
    /// [`StoreError::Value`] in a transaction that is not [`Durability::Full`]: after a power cut they would be `Queued`
    /// again, and go out a second time. What the disk says.
    pub fn dispatch(&mut self, account: AccountId, limit: usize) -> Result<Vec<Dispatched>> {
        self.lasting()?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.list(
            "SELECT messages.id, messages.conversation_id, messages.outbox_no, messages.txn, conversations.key,
                 messages.text, messages.spans, messages.doubtful, messages.tone, messages.reply_to
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
                    is_nameless: true,
                };
                let body = BodyColumns { text: row.get(5)?, spans: row.get(6)? };
                let (tone, reply_to) = (read_tone(row.get(8)?), row.get::<_, Option<String>>(9)?.map(RemoteId));
                let key = ConversationKey(row.get(4)?);
                Ok((own, row.get::<_, i64>(7)?, row.get::<_, String>(3)?, key, body, tone, reply_to))
            },
        )?;
        let resends = self.is_resent_to(account)?;
        let mut dispatched = Vec::with_capacity(rows.len());
        for (own, doubtful, txn, key, body, tone, reply_to) in rows {
            if doubtful == DOUBTFUL && !resends {
                self.shift(own, State::Unconfirmed, None, None)?;
                continue;
            }
            self.shift(own, State::Sending, own.outbox_no, None)?;
            let txn = TxnId::parse(txn).map_err(|_| StoreError::Value { what: "a transaction id" })?;
            dispatched.push(Dispatched { txn, key, tone, body: body.read()?, reply_to });
        }
        Ok(dispatched)
    }

    /// The server's end of the connection has read these: `Sending` → `Sent`. Where more is to be proven, they stay in
    /// the outbox until it is.
    ///
    /// # Errors
    /// What the disk says.
    pub fn arrived(&mut self, txns: &[TxnId]) -> Result<()> {
        for txn in txns {
            if let Some(own) = self.own(txn)?.filter(|own| own.is(&[State::Sending])) {
                let no = if self.resends(own.conversation)? { own.outbox_no } else { None };
                self.shift(own, State::Sent, no, None)?;
            }
        }
        Ok(())
    }

    /// The server proved that it has this one: any state but discarded → `Acknowledged`, since an earlier session may
    /// have brought what waits here to be sent again. It takes the server's name and time and keeps its place.
    ///
    /// # Errors
    /// What the disk says.
    pub fn acknowledged(&mut self, txn: &TxnId, id: Option<&RemoteId>, at: Option<Timestamp>) -> Result<()> {
        match self.own(txn)? {
            Some(own) => self.prove(own, id, at),
            None => Ok(()),
        }
    }

    /// The row of ours that a message which came is, by the intent that it names; its coming proves that the server has
    /// it. `None`: it names none, or the user discarded that, and then it is a message like any other.
    pub(super) fn become_own(
        &mut self,
        conversation: ConversationId,
        message: &Incoming,
    ) -> Result<Option<MessageId>> {
        let Some(txn) = &message.txn else { return Ok(None) };
        let own = self.own(txn)?.filter(|own| own.conversation == conversation && own.state.is_some());
        let Some(own) = own else { return Ok(None) };
        if message.altered {
            self.alter(own.id, &message.body)?;
        }
        self.prove(own, message.id.as_ref(), message.at)?;
        Ok(Some(own.id))
    }

    /// What others read of a message of ours is what its row says.
    fn alter(&mut self, id: MessageId, body: &Body) -> Result<()> {
        let body = BodyColumns::of(body)?;
        self.unindex(id)?;
        self.run(
            "UPDATE messages SET rev = ?2, text = ?3, spans = ?4 WHERE id = ?1 AND deleted = 0 AND retracted IS NULL",
            params![id.0, self.rev.0, body.text, body.spans],
        )?;
        self.reindex(id)
    }

    fn prove(&mut self, own: Own, id: Option<&RemoteId>, at: Option<Timestamp>) -> Result<()> {
        let from = [State::Queued, State::Sending, State::Sent, State::Unconfirmed, State::Failed];
        if own.is(&from) {
            self.shift(own, State::Acknowledged, None, None)?;
        } else if !own.is(&[State::Acknowledged]) || !own.is_nameless || id.is_none() {
            return Ok(());
        }
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

    /// The account has no session, and nobody said what became of what it had: see [`Tx::doubt`]. Returns how many.
    ///
    /// # Errors
    /// What the disk says.
    pub fn doubt_all(&mut self, account: AccountId) -> Result<u32> {
        let mut txns = self.outbox_txns(account, State::Sending)?;
        txns.extend(self.outbox_txns(account, State::Sent)?);
        self.doubt(&txns)?;
        Ok(u32::try_from(txns.len()).unwrap_or(u32::MAX))
    }

    /// The account's session ended: what is `Sent` and waits for more proof waits in vain, see [`Tx::doubt`].
    ///
    /// # Errors
    /// What the disk says.
    pub fn doubt_sent(&mut self, account: AccountId) -> Result<()> {
        let txns = self.outbox_txns(account, State::Sent)?;
        self.doubt(&txns)
    }

    /// The session of these ended, and nobody can tell of those that are `Sending` whether they arrived. Where the
    /// server tells doubles apart they are sent again: → `Queued`, at their old number, with those that are `Sent` and
    /// not acknowledged. Else → `Unconfirmed`.
    ///
    /// # Errors
    /// What the disk says.
    pub fn doubt(&mut self, txns: &[TxnId]) -> Result<()> {
        for txn in txns {
            let Some(own) = self.own(txn)? else { continue };
            let resends = self.resends(own.conversation)?;
            let unproven =
                own.is(&[State::Sending]) || (resends && own.outbox_no.is_some() && own.is(&[State::Sent]));
            if !unproven {
                continue;
            }
            match own.outbox_no.filter(|_| resends) {
                Some(no) => self.shift(own, State::Queued, Some(no), None)?,
                None => self.shift(own, State::Unconfirmed, None, None)?,
            }
            self.run("UPDATE messages SET doubtful = ?2 WHERE id = ?1", params![own.id.0, DOUBTFUL])?;
        }
        Ok(())
    }

    fn resends(&mut self, conversation: ConversationId) -> Result<bool> {
        let account = self.tally(conversation)?.account;
        self.is_resent_to(account)
    }

    /// Whether what is unproven is sent again: the server acknowledges, and tells doubles apart.
    fn is_resent_to(&mut self, account: AccountId) -> Result<bool> {
        let Capabilities { acknowledges, tells_doubles_apart, .. } = self.capabilities(account)?;
        Ok(acknowledges && tells_doubles_apart)
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
        let account = self.again(message)?;
        if account.is_some() {
            self.run(
                "UPDATE messages SET doubtful = ?2 WHERE id = ?1 AND doubtful = ?3",
                params![message.0, WANTED, DOUBTFUL],
            )?;
        }
        Ok(account)
    }

    /// Whether this intent is for that account, so that no server speaks of another's.
    ///
    /// # Errors
    /// What the disk says.
    pub fn is_of(&mut self, txn: &TxnId, account: AccountId) -> Result<bool> {
        let Some(own) = self.own(txn)? else { return Ok(false) };
        Ok(self.tally(own.conversation)?.account == account)
    }

    fn again(&mut self, message: MessageId) -> Result<Option<AccountId>> {
        let from = [State::Queued, State::Unconfirmed, State::Failed];
        let Some(own) = self.own_by_id(message)?.filter(|own| own.is(&from)) else { return Ok(None) };
        let account = self.tally(own.conversation)?.account;
        if !own.is(&[State::Queued]) {
            let no = self.next_outbox_no(account)?;
            self.shift(own, State::Queued, Some(no), None)?;
        }
        Ok(Some(account))
    }

    /// The user wants all sent again that did not go out, in the order of the timeline: those that are `Failed`, and
    /// where the server tells doubles apart the `Unconfirmed` ones. They go to the end of the outbox. Returns whose it
    /// is.
    ///
    /// # Errors
    /// [`StoreError::Gone`] when there is no such conversation; what the disk says.
    pub fn retry_all(&mut self, conversation: ConversationId) -> Result<AccountId> {
        let account = self.tally(conversation)?.account;
        let resends = self.resends(conversation)?;
        let undelivered = self.list(
            "SELECT id, delivery FROM messages
             WHERE conversation_id = ?1 AND delivery IN ('failed', 'unconfirmed') ORDER BY sort_ms, id",
            [conversation.0],
            |row| Ok((MessageId(row.get(0)?), row.get::<_, State>(1)?)),
        )?;
        for (id, state) in undelivered {
            if state == State::Failed {
                self.retry(id)?;
            } else if resends {
                self.again(id)?;
            }
        }
        Ok(account)
    }

    /// The user writes it anew: the text of a message of ours that is `Queued`, and that no session has had whose end
    /// left it in doubt: a server that has it already would keep the old text. `false`: it is no such message.
    ///
    /// # Errors
    /// [`StoreError::Value`] in a transaction that is not [`Durability::Full`]: after a power cut the old text would go
    /// out. What the disk says.
    pub fn edit_own(&mut self, message: MessageId, body: &Body) -> Result<bool> {
        self.lasting()?;
        let Some(own) = self.own_by_id(message)?.filter(|own| own.is(&[State::Queued])) else {
            return Ok(false);
        };
        let body = BodyColumns::of(body)?;
        self.unindex(own.id)?;
        let changed = self.run(
            "UPDATE messages SET rev = ?2, text = ?3, spans = ?4 WHERE id = ?1 AND doubtful = 0",
            params![own.id.0, self.rev.0, body.text, body.spans],
        )?;
        self.reindex(own.id)?;
        if changed > 0 {
            self.touched.conversations.insert(own.conversation);
        }
        Ok(changed > 0)
    }

    /// The user takes it back: a message of ours that is `Queued`, `Failed` or `Unconfirmed` becomes a tombstone.
    /// `true`: it is gone, now or before. `false`: no message of ours, or it is on its way or has arrived.
    ///
    /// # Errors
    /// [`StoreError::Value`] in a transaction that is not [`Durability::Full`]: after a power cut it would be `Queued`
    /// again, and go out. What the disk says.
    pub fn discard(&mut self, message: MessageId) -> Result<bool> {
        self.lasting()?;
        let Some(own) = self.own_by_id(message)? else { return Ok(false) };
        let Some(state) = own.state else { return Ok(true) };
        match state {
            State::Queued | State::Failed | State::Unconfirmed => {
                self.shred()?;
                self.bury(own.conversation, own.id)?;
                self.wait(own.conversation, state, None)?;
                Ok(true)
            }
            State::Sending | State::Sent | State::Acknowledged => Ok(false),
        }
    }

    /// What the user says, takes back or lets go is not changed by a transaction that a power cut can undo.
    ///
    /// # Errors
    /// [`StoreError::Value`] when this one is not [`Durability::Full`].
    pub(super) fn lasting(&self) -> Result<()> {
        match self.durability {
            Durability::Full => Ok(()),
            Durability::Normal => Err(StoreError::Value { what: "a transaction that a power cut can undo" }),
        }
    }

    fn outbox_txns(&mut self, account: AccountId, state: State) -> Result<Vec<TxnId>> {
        let txns = self.list(
            "SELECT txn FROM messages
             WHERE outbox_account_id = ?1 AND delivery = ?2 ORDER BY outbox_no",
            params![account.0, state.word()],
            |row| row.get::<_, String>(0),
        )?;
        let parse = |txn| TxnId::parse(txn).map_err(|_| StoreError::Value { what: "a transaction id" });
        txns.into_iter().map(parse).collect()
    }

    /// The number after the last in an account's outbox.
    pub(super) fn next_outbox_no(&mut self, account: AccountId) -> Result<i64> {
        let last: Option<i64> = self
            .find(
                "SELECT max(
                     coalesce((SELECT max(outbox_no) FROM messages
                               WHERE outbox_account_id = ?1 AND delivery = 'queued'), 0),
                     coalesce((SELECT max(outbox_no) FROM messages
                               WHERE outbox_account_id = ?1 AND delivery = 'sending'), 0),
                     coalesce((SELECT max(outbox_no) FROM messages
                               WHERE outbox_account_id = ?1 AND delivery = 'sent'), 0))",
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
            "SELECT id, conversation_id, delivery, outbox_no, remote_id IS NULL FROM messages WHERE txn = ?1",
            [txn.as_str()],
            read_own,
        )
    }

    fn own_by_id(&mut self, id: MessageId) -> Result<Option<Own>> {
        self.find(
            "SELECT id, conversation_id, delivery, outbox_no, remote_id IS NULL FROM messages WHERE id = ?1 AND txn IS NOT NULL",
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
        is_nameless: row.get(4)?,
    })
}
