//! What the user entrusts: passwords and tokens to the keyring, and a certificate to one server.

use crate::Handle;
use crate::contract::{Code, Fault, GivenSecret, SecretState};
use crate::core::Order;
use crate::handle::gone;
use domain::{AccountConfig, AccountId, Attempt, Outcome, Pin, Reason, SecretKind, TlsFault, TxnId};
use proto::Secret;
use store::Durability;

/// The longest secret that is taken; servers commonly refuse longer headers.
const MAX_SECRET: usize = 16 * 1024;

impl Handle {
    /// Gives a secret to the keyring, and tries with it at once. While the keyring does not take it, it is kept until
    /// the program ends; the answer says so.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such account, [`Code::Invalid`] when it is empty or too long, or of a kind that nobody
    /// types.
    pub async fn set_secret(
        &self,
        account: AccountId,
        kind: SecretKind,
        value: String,
    ) -> Result<SecretState, Fault> {
        self.config(account).await?;
        let given = GivenSecret { kind, value };
        check(std::slice::from_ref(&given))?;
        if kind == SecretKind::Rooms {
            return Err(Fault { code: Code::Invalid, text: "nobody types that".to_owned() });
        }
        let kept = self.vault.give(account, kind, Secret(given.value)).await;
        self.order(Order::ConnectNow(account)).await;
        Ok(SecretState { kind, kept })
    }

    /// Forgets a secret, here and in the keyring. What is not there is no error.
    pub fn forget_secret(&self, account: AccountId, kind: SecretKind) {
        self.vault.forget(account, kind);
        self.ringer.sidebar();
    }

    /// Trusts one certificate for one server (`host:port`), whatever is wrong with it but that it was withdrawn, and tries
    /// again. Only what the server has shown at one of the tries that are kept can be trusted.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such account, [`Code::Invalid`] when the server has shown no such certificate or it
    /// is not one to trust ([`TlsFault::is_pardonable`]), [`Code::Disk`].
    pub async fn trust_certificate(
        &self,
        txn: TxnId,
        account: AccountId,
        server: String,
        sha256: String,
    ) -> Result<(), Fault> {
        let tries = self.disk.read(move |reader| reader.attempts(account)).await?;
        let invalid = |text: &str| Err(Fault { code: Code::Invalid, text: text.to_owned() });
        match tries.iter().find_map(|attempt| fault_of(attempt, &server, &sha256)) {
            None => return invalid("the server has not shown that certificate"),
            Some(fault) if !fault.is_pardonable() => return invalid("that certificate cannot be trusted"),
            Some(_) => {}
        }
        self.once(txn, Durability::Full, move |tx| {
            let Some(known) = tx.account(account)? else { return Ok(Err(gone("account"))) };
            let mut config = known.config;
            // One certificate for a server: trusting another is trusting the old one no more.
            config.trust.pins.retain(|pin| pin.server != server);
            config.trust.pins.push(Pin { server, sha256 });
            tx.edit_account(account, &config)?;
            Ok(Ok(0))
        })
        .await?;
        self.order(Order::Reconcile(account)).await;
        Ok(())
    }

    /// Gives secrets that came with a form to the keyring.
    pub(crate) async fn keep(&self, account: AccountId, secrets: Vec<GivenSecret>) {
        for GivenSecret { kind, value } in secrets {
            self.vault.give(account, kind, Secret(value)).await;
        }
    }

    /// What an account is set to.
    pub(crate) async fn config(&self, account: AccountId) -> Result<AccountConfig, Fault> {
        let known = self.disk.read(move |reader| reader.account(account)).await?;
        Ok(known.ok_or_else(|| gone("account"))?.config)
    }
}

/// What was wrong where a try failed with that certificate of that server.
fn fault_of(attempt: &Attempt, server: &str, sha256: &str) -> Option<TlsFault> {
    let Outcome::Failed { reason: Reason::Tls { fault, certificate: Some(certificate), .. } } =
        &attempt.outcome
    else {
        return None;
    };
    let named = proto::read_address(&attempt.url).is_ok_and(|url| proto::server(&url) == server);
    (named && certificate.sha256 == sha256).then_some(*fault)
}

/// Whether secrets can be kept. An error does not repeat them.
pub(crate) fn check(secrets: &[GivenSecret]) -> Result<(), Fault> {
    let invalid = |text: &str| Err(Fault { code: Code::Invalid, text: text.to_owned() });
    if secrets.iter().any(|given| given.value.is_empty()) {
        invalid("a secret is empty")
    } else if secrets.iter().any(|given| given.value.len() > MAX_SECRET) {
        invalid("a secret is longer than 16 KiB")
    } else {
        Ok(())
    }
}

/// The secrets that an account may have.
pub(crate) fn useful(config: &AccountConfig) -> Vec<SecretKind> {
    let key = (!config.trust.certificate.is_empty()).then_some(SecretKind::ClientKey);
    config.secrets().into_iter().chain(key).collect()
}
