//! What the user does that is no text: rooms, reactions, taking back, reading, writing. Most of it is a word to the server,
//! which answers with events; so it needs a session, and nothing of it waits for one.

use crate::Handle;
use crate::contract::{Code, Fault};
use crate::core::Order;
use crate::handle::gone;
use crate::speech::incapable;
use domain::{AccountId, Capabilities, Command, ConversationId, MessageId, People, TxnId};
use std::collections::VecDeque;
use store::{Durability, Named};
use tokio::sync::oneshot;

/// How many intents are remembered that went to a server and to no row. A repeated one follows the first within seconds (a
/// reload of the window); it dies with the program, as the session does.
const REMEMBERED: usize = 1_000;

/// Intents that went to a server, so that doing one twice is doing it once (design invariant 6).
#[derive(Debug, Default)]
pub(crate) struct Acts(VecDeque<TxnId>);

impl Acts {
    /// `false`: it was done.
    fn begin(&mut self, txn: &TxnId) -> bool {
        if self.0.contains(txn) {
            return false;
        }
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(txn.clone());
        true
    }

    fn undo(&mut self, txn: &TxnId) {
        self.0.retain(|one| one != txn);
    }
}

impl Handle {
    /// Who is in a conversation, as far as its session said, and who is writing there.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such conversation, [`Code::Disk`].
    pub async fn people(&self, conversation: ConversationId) -> Result<People, Fault> {
        self.place(conversation).await?;
        Ok(self.crowd.people(conversation))
    }

    /// Enters a room, now and in every later session.
    ///
    /// # Errors
    /// [`Code::Invalid`] for no name, [`Code::Gone`], [`Code::Offline`], [`Code::Incapable`] where there are no rooms.
    pub async fn join(
        &self,
        txn: TxnId,
        account: AccountId,
        name: String,
        password: String,
    ) -> Result<(), Fault> {
        let name = name.trim().to_owned();
        if name.is_empty() {
            return Err(Fault { code: Code::Invalid, text: "a room has a name".to_owned() });
        }
        self.able(account, |capabilities| capabilities.rooms).await?;
        self.act(Some(txn), account, Command::Join { name, password }).await
    }

    /// Leaves a conversation for good; what was said there stays.
    ///
    /// # Errors
    /// [`Code::Gone`], [`Code::Offline`], [`Code::Incapable`] where there are no rooms.
    pub async fn leave(&self, txn: TxnId, conversation: ConversationId) -> Result<(), Fault> {
        let (account, key) = self.place(conversation).await?;
        self.able(account, |capabilities| capabilities.rooms).await?;
        self.act(Some(txn), account, Command::Leave { conversation: key }).await
    }

    /// Deletes a conversation that was left, or one of two people, with all that was said there.
    ///
    /// # Errors
    /// [`Code::Invalid`] where we are still in it, [`Code::Gone`] when there is none, [`Code::Disk`].
    pub async fn remove_conversation(&self, txn: TxnId, conversation: ConversationId) -> Result<(), Fault> {
        self.once(txn, Durability::Full, move |tx| {
            if tx.account_of_conversation(conversation)?.is_none() {
                return Ok(Err(gone("conversation")));
            }
            Ok(if tx.remove_conversation(conversation)? {
                Ok(0)
            } else {
                Err(Fault { code: Code::Invalid, text: "we are still in it: leave it first".to_owned() })
            })
        })
        .await?;
        self.crowd.forget(conversation);
        Ok(())
    }

    /// Puts a reaction to a message, or takes it back. It is shown once the server says so.
    ///
    /// # Errors
    /// [`Code::Invalid`] for no reaction; [`Code::Gone`] when there is no such message or the server has no name for it;
    /// [`Code::Offline`], [`Code::Incapable`].
    pub async fn react(
        &self,
        txn: TxnId,
        message: MessageId,
        text: String,
        present: bool,
    ) -> Result<(), Fault> {
        let text = text.trim().to_owned();
        if text.is_empty() {
            return Err(Fault { code: Code::Invalid, text: "a reaction says something".to_owned() });
        }
        let Named { account, key: conversation, id: target, .. } = self.named(message).await?;
        self.able(account, |capabilities| capabilities.reactions).await?;
        self.act(Some(txn), account, Command::React { conversation, target, text, present }).await
    }

    /// Takes a message back. It is gone once the server says so.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such message or the server has no name for it; [`Code::Offline`],
    /// [`Code::Incapable`].
    pub async fn retract(&self, txn: TxnId, message: MessageId) -> Result<(), Fault> {
        let Named { account, key: conversation, id: target, .. } = self.named(message).await?;
        self.able(account, |capabilities| capabilities.retraction).await?;
        self.act(Some(txn), account, Command::Retract { conversation, target }).await
    }

    /// Says that the user is writing, or has stopped.
    ///
    /// # Errors
    /// [`Code::Gone`], [`Code::Offline`], [`Code::Incapable`].
    pub async fn typing(&self, conversation: ConversationId, typing: bool) -> Result<(), Fault> {
        let (account, key) = self.place(conversation).await?;
        self.able(account, |capabilities| capabilities.typing).await?;
        self.act(None, account, Command::Typing { conversation: key, typing }).await
    }

    /// Everything up to this row was read. A server that keeps this for all our devices is told.
    ///
    /// # Errors
    /// [`Code::Disk`].
    pub async fn mark_read(
        &self,
        txn: TxnId,
        conversation: ConversationId,
        upto: MessageId,
    ) -> Result<(), Fault> {
        let moved = self
            .once(txn, Durability::Normal, move |tx| Ok(Ok(i64::from(tx.mark_read(conversation, upto)?))))
            .await?;
        if moved == 0 {
            return Ok(());
        }
        let (account, key) = self.place(conversation).await?;
        if self.able(account, |capabilities| capabilities.read_markers).await.is_err() {
            return Ok(());
        }
        let at = self.disk.read(move |reader| reader.read_time(conversation, upto)).await?;
        if let Some(upto) = at {
            // What the server does not hear now it hears with the next row that is read.
            let told = self.act(None, account, Command::MarkRead { conversation: key, upto }).await;
            tracing::debug!(told = told.is_ok(), "how far was read");
        }
        Ok(())
    }

    /// Hands a command to an account's session, once for each intent.
    ///
    /// # Errors
    /// [`Code::Offline`] when there is none that takes it.
    pub(crate) async fn act(
        &self,
        txn: Option<TxnId>,
        account: AccountId,
        command: Command,
    ) -> Result<(), Fault> {
        if let Some(txn) = &txn
            && !self.acts().begin(txn)
        {
            return Ok(());
        }
        let (done, taken) = oneshot::channel();
        self.order(Order::Act { account, command: Box::new(command), done }).await;
        if taken.await.unwrap_or(false) {
            return Ok(());
        }
        if let Some(txn) = &txn {
            self.acts().undo(txn);
        }
        Err(offline())
    }

    /// Whether an account has a session that can do something.
    async fn able(&self, account: AccountId, can: impl FnOnce(&Capabilities) -> bool) -> Result<(), Fault> {
        let read = move |reader: &mut store::Reader| {
            Ok((reader.account(account)?.is_some(), reader.capabilities(account)?))
        };
        let (exists, capabilities) = self.disk.read(read).await?;
        if !exists {
            Err(gone("account"))
        } else if !self.live.borrow().is_online(account) {
            Err(offline())
        } else if can(&capabilities) {
            Ok(())
        } else {
            Err(incapable())
        }
    }

    async fn named(&self, message: MessageId) -> Result<Named, Fault> {
        let named = self.disk.read(move |reader| reader.named(message)).await?;
        named.ok_or_else(|| gone("message that the server knows"))
    }
}

fn offline() -> Fault {
    Fault { code: Code::Offline, text: "there is no connection that could take it".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_is_done_once_unless_it_could_not_be_done() {
        let txn = |n: usize| TxnId::parse(format!("t{n}")).unwrap();
        let mut acts = Acts::default();
        assert!(acts.begin(&txn(0)));
        assert!(!acts.begin(&txn(0)));
        acts.undo(&txn(0));
        assert!(acts.begin(&txn(0)));
        for n in 1..=2 * REMEMBERED {
            assert!(acts.begin(&txn(n)));
        }
        assert_eq!(acts.0.len(), REMEMBERED);
    }
}
