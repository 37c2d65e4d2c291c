//! What the user entrusts: passwords and tokens to the keyring, and a certificate to one server.

use crate::Handle;
use crate::contract::{Code, Fault, GivenSecret, SecretState};
use crate::core::Order;
use crate::handle::gone;
use domain::{AccountConfig, AccountId, Attempt, Outcome, Pin, Reason, SecretKind, TxnId};
use proto::Secret;
use store::Durability;

/// The longest secret that is taken; servers commonly refuse longer headers.
const MAX_SECRET: usize = 16 * 1024;

impl Handle {
    /// Gives a secret to the keyring, and tries with it at once. While the keyring does not take it, it is kept until
    /// the program ends; the answer says so.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such account, [`Code::Invalid`] when it is empty or too long.
    pub async fn set_secret(
        &self,
        account: AccountId,
        kind: SecretKind,
        value: String,
    ) -> Result<SecretState, Fault> {
        self.config(account).await?;
        let given = GivenSecret { kind, value };
        check(std::slice::from_ref(&given))?;
        let kept = self.vault.give(account, kind, Secret(given.value)).await;
        self.order(Order::ConnectNow(account)).await;
        Ok(SecretState { kind, kept })
    }

    /// Forgets a secret, here and in the keyring. What is not there is no error.
    pub fn forget_secret(&self, account: AccountId, kind: SecretKind) {
        self.vault.forget(account, kind);
        self.ringer.sidebar();
    }

    /// Trusts one certificate for one server (`host:port`), whatever is wrong with it, and tries again. Only what the
    /// server has shown at one of the tries that are kept can be trusted.
    ///
    /// # Errors
    /// [`Code::Gone`] when there is no such account, [`Code::Invalid`] when the server has shown no such certificate,
    /// [`Code::Disk`].
    pub async fn trust_certificate(
        &self,
        txn: TxnId,
        account: AccountId,
        server: String,
        sha256: String,
    ) -> Result<(), Fault> {
        let shown = self.disk.read(move |reader| reader.attempts(account)).await?;
        if !shown.iter().any(|attempt| showed(attempt, &server, &sha256)) {
            let text = "the server has not shown that certificate".to_owned();
            return Err(Fault { code: Code::Invalid, text });
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

/// Whether a try failed for that certificate of that server.
fn showed(attempt: &Attempt, server: &str, sha256: &str) -> bool {
    let Outcome::Failed { reason: Reason::Tls { certificate: Some(certificate), .. } } = &attempt.outcome
    else {
        return false;
    };
    let named = proto::read_address(&attempt.url).is_ok_and(|url| proto::server(&url) == server);
    named && certificate.sha256 == sha256
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
