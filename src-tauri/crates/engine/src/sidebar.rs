//! The sidebar: what it shows with what is counted for it, and how the user arranges it.

use crate::Handle;
use crate::contract::{AccountView, Count, Fault, Sidebar};
use crate::forms;
use crate::handle::{LOUNGE, LOUNGE_ADDRESS, gone};
use domain::{AccountId, Conversation, ConversationId, NotifyRule, Status, TxnId};
use store::{Durability, Tx};

impl Handle {
    /// Everything that the sidebar shows.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn sidebar(&self) -> Result<Sidebar, Fault> {
        let read = |reader: &mut store::Reader| {
            let lounge = (reader.setting(LOUNGE)?, reader.setting(LOUNGE_ADDRESS)?);
            let (rev, accounts, conversations) = reader.sidebar()?;
            let able = accounts.iter().map(|account| reader.capabilities(account.id));
            let accounts = accounts.iter().cloned().zip(able.collect::<store::Result<Vec<_>>>()?).collect();
            Ok((rev, accounts, conversations, lounge))
        };
        let (rev, accounts, conversations, (lounge, address)): (_, Vec<_>, Vec<_>, _) =
            self.disk.read(read).await?;
        let live = self.live.borrow().clone();
        let view = |(account, capabilities): (domain::Account, _)| AccountView {
            label: forms::label(&account.config),
            status: live.statuses.get(&account.id).cloned().unwrap_or(Status::Off),
            // An account whose address the user has changed is the lounge no more.
            lounge: lounge.as_deref() == Some(account.id.0.to_string().as_str())
                && address.as_deref() == Some(account.config.url.as_str()),
            capabilities,
            me: self.crowd.me(account.id),
            count: count(conversations.iter().filter(|one| one.account == account.id)),
            account,
        };
        let accounts = accounts.into_iter().map(view).collect();
        Ok(Sidebar { rev, accounts, count: count(&conversations), conversations, notices: live.notices })
    }

    /// Puts an account before another one, or behind all.
    ///
    /// # Errors
    /// [`Code::Gone`](crate::contract::Code::Gone) when there is no such account,
    /// [`Code::Disk`](crate::contract::Code::Disk).
    pub async fn move_account(
        &self,
        txn: TxnId,
        account: AccountId,
        before: Option<AccountId>,
    ) -> Result<(), Fault> {
        self.arrange(txn, "account", move |tx| tx.move_account(account, before)).await
    }

    /// Folds an account's conversations away, or out again.
    ///
    /// # Errors
    /// As [`Handle::move_account`].
    pub async fn collapse(&self, txn: TxnId, account: AccountId, collapsed: bool) -> Result<(), Fault> {
        self.arrange(txn, "account", move |tx| tx.set_collapsed(account, collapsed)).await
    }

    /// Puts a conversation before another one of its account, or behind all; what is pinned stays before what is not.
    ///
    /// # Errors
    /// As [`Handle::move_account`], of conversations.
    pub async fn move_conversation(
        &self,
        txn: TxnId,
        conversation: ConversationId,
        before: Option<ConversationId>,
    ) -> Result<(), Fault> {
        self.arrange(txn, "conversation", move |tx| tx.move_conversation(conversation, before)).await
    }

    /// Has a conversation stand before those that are not pinned, or among them again.
    ///
    /// # Errors
    /// As [`Handle::move_conversation`].
    pub async fn pin(&self, txn: TxnId, conversation: ConversationId, pinned: bool) -> Result<(), Fault> {
        self.arrange(txn, "conversation", move |tx| tx.set_pinned(conversation, pinned)).await
    }

    /// Has a conversation count quietly and tell of nothing, or not any more.
    ///
    /// # Errors
    /// As [`Handle::move_conversation`].
    pub async fn mute(&self, txn: TxnId, conversation: ConversationId, muted: bool) -> Result<(), Fault> {
        self.arrange(txn, "conversation", move |tx| tx.set_muted(conversation, muted)).await
    }

    /// Says which messages of a conversation the user is told of; `None`: as its kind has it.
    ///
    /// # Errors
    /// As [`Handle::move_conversation`].
    pub async fn set_notify(
        &self,
        txn: TxnId,
        conversation: ConversationId,
        rule: Option<NotifyRule>,
    ) -> Result<(), Fault> {
        self.arrange(txn, "conversation", move |tx| tx.set_notify(conversation, rule)).await
    }

    async fn arrange(
        &self,
        txn: TxnId,
        what: &'static str,
        change: impl FnOnce(&mut Tx<'_>) -> store::Result<bool> + Send + 'static,
    ) -> Result<(), Fault> {
        let job = move |tx: &mut Tx<'_>| Ok(if change(tx)? { Ok(0) } else { Err(gone(what)) });
        self.once(txn, Durability::Normal, job).await.map(|_| ())
    }
}

/// What is unread in these conversations, without those that are muted.
fn count<'a>(conversations: impl IntoIterator<Item = &'a Conversation>) -> Count {
    let heard = conversations.into_iter().filter(|conversation| !conversation.muted);
    heard.fold(Count::default(), |sum, conversation| Count {
        unread: sum.unread.saturating_add(conversation.unread),
        mentions: sum.mentions.saturating_add(conversation.mentions),
    })
}
