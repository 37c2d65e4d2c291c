//! What the user wants. Each intent changes the store first and is answered after the commit; what follows from it is
//! the core's work. Each carries a `TxnId`: doing it twice is doing it once (design invariant 6).

use crate::contract::{Code, Fault, GivenSecret};
use crate::core::Order;
use crate::handle::{LOUNGE, LOUNGE_ADDRESS, gone};
use crate::secrets::{check, useful};
use crate::speech::{MAX_TEXT, check_text, commands, protocol, spoken};
use crate::vault::unwant;
use crate::{Handle, forms};
use domain::{
    Account, AccountConfig, AccountId, Body, ConversationId, HealingFault, MessageId, SecretKind, TxnId,
};
use proto::Protocols;
use store::{Durability, Enabled};

impl Handle {
    /// Adds an account with its standing conversations and connects it. Its secrets go to the keyring.
    ///
    /// # Errors
    /// [`Code::Invalid`] when the form has a fault, [`Code::Disk`] when nothing could be written.
    pub async fn add_account(
        &self,
        txn: TxnId,
        config: AccountConfig,
        secrets: Vec<GivenSecret>,
    ) -> Result<AccountId, Fault> {
        let config = forms::usable(config, self.protocols)?;
        check(&secrets)?;
        let protocols = self.protocols;
        let account =
            self.once(txn, Durability::Full, move |tx| Ok(Ok(add(tx, &config, protocols)?.0))).await?;
        self.keep(AccountId(account), secrets).await;
        self.order(Order::Reconcile(AccountId(account))).await;
        Ok(AccountId(account))
    }

    /// Changes an account; reconnects it when the change concerns the connection. Its secrets go to the keyring; those
    /// that it has no use for any more are forgotten.
    ///
    /// # Errors
    /// As [`Handle::add_account`]; [`Code::Gone`] when there is no such account.
    pub async fn edit_account(
        &self,
        txn: TxnId,
        account: AccountId,
        config: AccountConfig,
        secrets: Vec<GivenSecret>,
    ) -> Result<(), Fault> {
        let config = forms::usable(config, self.protocols)?;
        check(&secrets)?;
        let still = useful(&config);
        let before = self.config(account).await.map(|config| useful(&config)).unwrap_or_default();
        let given = !secrets.is_empty();
        let useless: Vec<_> = before.into_iter().filter(|kind| !still.contains(kind)).collect();
        let unwanted = useless.clone();
        self.once(txn, Durability::Full, move |tx| {
            if !tx.edit_account(account, &config)? {
                return Ok(Err(gone("account")));
            }
            unwant(tx, account, &unwanted)?;
            Ok(Ok(0))
        })
        .await?;
        for kind in useless {
            self.vault.forget(account, kind);
        }
        self.keep(account, secrets).await;
        self.order(Order::Reconcile(account)).await;
        if given {
            self.order(Order::ConnectNow(account)).await;
        }
        Ok(())
    }

    /// Removes an account with its conversations, messages and secrets. Removing what is gone is no error.
    ///
    /// # Errors
    /// [`Code::Disk`] when nothing could be written.
    pub async fn remove_account(&self, txn: TxnId, account: AccountId) -> Result<(), Fault> {
        let mut secrets = self.config(account).await.map(|config| useful(&config)).unwrap_or_default();
        secrets.extend(self.vault.is_entrusted(account).then_some(SecretKind::Rooms));
        let useless = secrets.clone();
        self.once(txn, Durability::Full, move |tx| {
            tx.remove_account(account)?;
            unwant(tx, account, &useless)?;
            Ok(Ok(0))
        })
        .await?;
        self.order(Order::Reconcile(account)).await;
        for kind in secrets {
            self.vault.forget(account, kind);
        }
        Ok(())
    }

    /// Says whether an account is to be connected.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such account, [`Code::Disk`] when nothing could be written.
    pub async fn set_enabled(&self, txn: TxnId, account: AccountId, enabled: Enabled) -> Result<(), Fault> {
        self.once(txn, Durability::Full, move |tx| {
            Ok(if tx.set_enabled(account, enabled)? { Ok(0) } else { Err(gone("account")) })
        })
        .await?;
        self.order(Order::Reconcile(account)).await;
        Ok(())
    }

    /// Dials now instead of later.
    pub async fn connect_now(&self, account: AccountId) {
        self.vault.look_again();
        self.order(Order::ConnectNow(account)).await;
    }

    /// Joins the lounge on this computer, which listens at `url`: adds its account, or turns the old one on.
    ///
    /// # Errors
    /// As [`Handle::add_account`].
    pub async fn join_lounge(&self, txn: TxnId, url: String) -> Result<AccountId, Fault> {
        let known = self.lounge().await?;
        let config = match &known {
            Some(account) => AccountConfig { url, ..account.config.clone() },
            None => AccountConfig { protocol: "plain".into(), url, ..AccountConfig::default() },
        };
        let config = forms::usable(config, self.protocols)?;
        let protocols = self.protocols;
        let job = move |tx: &mut store::Tx<'_>| {
            let id = match known {
                Some(account) => {
                    tx.edit_account(account.id, &config)?;
                    tx.set_enabled(account.id, Enabled::On)?;
                    account.id
                }
                None => add(tx, &config, protocols)?,
            };
            tx.set_setting(LOUNGE, &id.0.to_string())?;
            tx.set_setting(LOUNGE_ADDRESS, &config.url)?;
            Ok(Ok(id.0))
        };
        let account = self.once(txn, Durability::Full, job).await?;
        self.order(Order::Reconcile(AccountId(account))).await;
        Ok(AccountId(account))
    }

    /// The lounge listens elsewhere now. Everything else about its account stays.
    ///
    /// # Errors
    /// As [`Handle::add_account`]; [`Code::Gone`] when the account is gone.
    pub async fn move_lounge(&self, lounge: Account, url: String) -> Result<(), Fault> {
        let config = forms::usable(AccountConfig { url, ..lounge.config }, self.protocols)?;
        let job = move |tx: &mut store::Tx<'_>| {
            tx.set_setting(LOUNGE_ADDRESS, &config.url)?;
            tx.edit_account(lounge.id, &config)
        };
        let written = self.disk.write(Durability::Full, job).await?;
        self.ringer.committed(written.rev, &written.touched);
        if !written.value {
            return Err(gone("account"));
        }
        self.order(Order::Reconcile(lounge.id)).await;
        Ok(())
    }

    /// Sends a message again that failed, or whose fate is unknown.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such message to retry, [`Code::Disk`].
    pub async fn retry(&self, txn: TxnId, message: MessageId) -> Result<(), Fault> {
        let account = self
            .once(txn, Durability::Full, move |tx| {
                Ok(tx.retry(message)?.map(|account| account.0).ok_or_else(|| gone("message to send again")))
            })
            .await?;
        self.order(Order::Pump(AccountId(account))).await;
        Ok(())
    }

    /// Sends all messages of a conversation again that failed, in their order; those whose fate is unknown only where
    /// the server tells doubles apart, since elsewhere somebody might read them twice, and the user chooses one by one.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such conversation, [`Code::Disk`].
    pub async fn retry_all(&self, txn: TxnId, conversation: ConversationId) -> Result<(), Fault> {
        let account = self
            .once(txn, Durability::Full, move |tx| {
                if tx.account_of_conversation(conversation)?.is_none() {
                    return Ok(Err(gone("conversation")));
                }
                Ok(Ok(tx.retry_all(conversation)?.0))
            })
            .await?;
        self.order(Order::Pump(AccountId(account))).await;
        Ok(())
    }

    /// Writes a message anew that is *queued* and that no server can have yet.
    ///
    /// # Errors
    /// [`Code::Invalid`] for an empty text or one that looks like a command, [`Code::TooLong`]; [`Code::Gone`] when there is
    /// no such message, or it is on its way, or may have arrived in an earlier session; [`Code::Disk`]. [`Code::Invalid`] also
    /// for a password that is for a service: it would be a row.
    pub async fn edit_message(&self, txn: TxnId, message: MessageId, text: String) -> Result<(), Fault> {
        check_text(&text)?;
        let protocols = self.protocols;
        if let Some(conversation) = self.disk.read(move |reader| reader.conversation_of(message)).await?
            && self.discreet(conversation, &text).await?.is_some()
        {
            let text = "a password is sent by itself, and is no message".to_owned();
            return Err(Fault { code: Code::Invalid, text });
        }
        self.once(txn, Durability::Full, move |tx| {
            let Some(conversation) = tx.conversation_with(message)? else {
                return Ok(Err(gone("message that can be edited")));
            };
            let said = match spoken(&text, commands(protocol(tx, protocols, conversation)?)) {
                Ok(said) => said,
                Err(fault) => return Ok(Err(fault)),
            };
            let edited = tx.edit_own(message, &Body::text(said))?;
            Ok(if edited { Ok(0) } else { Err(gone("message that can be edited")) })
        })
        .await
        .map(|_| ())
    }

    /// Asks the server for what a gap lacks. Answered once the gap is *loading*, or *failed* since there is no
    /// connection.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such gap, it lasts still, or the server keeps no history; [`Code::Disk`].
    pub async fn heal(&self, txn: TxnId, gap: MessageId) -> Result<(), Fault> {
        let account = self.disk.read(move |reader| reader.account_of(gap)).await?;
        let is_online = account.is_some_and(|account| self.live.borrow().is_online(account));
        let hindrance = (!is_online).then_some(HealingFault::Offline);
        let account = self
            .once(txn, Durability::Normal, move |tx| {
                Ok(tx
                    .ask_healing(gap, hindrance.as_ref())?
                    .map(|account| account.0)
                    .ok_or_else(|| gone("gap to fill")))
            })
            .await?;
        self.order(Order::Heal(AccountId(account))).await;
        Ok(())
    }

    /// Takes back a message that is not on its way: queued, failed or unconfirmed.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is none, or it is on its way; [`Code::Disk`].
    pub async fn discard(&self, txn: TxnId, message: MessageId) -> Result<(), Fault> {
        self.once(txn, Durability::Full, move |tx| {
            Ok(if tx.discard(message)? { Ok(0) } else { Err(gone("message that can be discarded")) })
        })
        .await
        .map(|_| ())
    }

    /// Keeps what is being written; of what holds a password, nothing, and nothing of what stood there before.
    ///
    /// # Errors
    /// [`Code::TooLong`], [`Code::Gone`], [`Code::Disk`].
    pub async fn save_draft(
        &self,
        txn: TxnId,
        conversation: ConversationId,
        text: String,
        reply: Option<MessageId>,
    ) -> Result<(), Fault> {
        if text.len() > MAX_TEXT {
            return Err(Fault {
                code: Code::TooLong,
                text: format!("the text is longer than {MAX_TEXT} bytes"),
            });
        }
        let text = if self.discreet(conversation, &text).await?.is_some() { String::new() } else { text };
        self.once(txn, Durability::Normal, move |tx| {
            if tx.account_of_conversation(conversation)?.is_none() {
                return Ok(Err(gone("conversation")));
            }
            tx.save_draft(conversation, &text, reply)?;
            Ok(Ok(0))
        })
        .await
        .map(|_| ())
    }
}

fn add(tx: &mut store::Tx<'_>, config: &AccountConfig, protocols: Protocols) -> store::Result<AccountId> {
    let account = tx.add_account(config)?;
    for conversation in
        proto::find(protocols, &config.protocol).map(|protocol| protocol.standing()).unwrap_or_default()
    {
        tx.ensure_conversation(account, &conversation)?;
    }
    Ok(account)
}
