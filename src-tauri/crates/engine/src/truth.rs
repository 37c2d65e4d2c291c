//! The truth about a connection: what the panel shows, and what a diagnosis finds.

use crate::contract::{Fault, Truth};
use crate::handle::gone;
use crate::{Finding, Handle, Surroundings, Timing};
use domain::{AccountConfig, AccountId, Attempt, SecretKind};

impl Handle {
    /// The truth about an account's connection, beyond its status.
    ///
    /// # Errors
    /// [`Code::Gone`](crate::contract::Code::Gone) when there is no such account; when the disk does not answer.
    pub async fn truth(&self, account: AccountId) -> Result<Truth, Fault> {
        let read =
            move |reader: &mut store::Reader| Ok((reader.account(account)?, reader.attempts(account)?));
        let (known, stored) = self.disk.read(read).await?;
        let config = known.ok_or_else(|| gone("account"))?.config;
        let mut kinds = config.secrets();
        // A file may need no password: whether it does, only a try finds out.
        if self.vault.kept((account, SecretKind::ClientKey)).is_some() {
            kinds.push(SecretKind::ClientKey);
        }
        if self.vault.is_entrusted(account) {
            kinds.push(SecretKind::Rooms);
        }
        let secrets = self.vault.states(account, &kinds).await;
        let trying = self.live.borrow().tries.get(&account).cloned();
        let trying = trying.filter(|trying| stored.iter().all(|attempt| attempt.at != trying.at));
        let attempts = trying.into_iter().chain(stored).collect();
        Ok(Truth { account, attempts, traffic: self.traffic(account), secrets })
    }
}

/// Reaches a server once as an account would, the log-in and the answer to one Ping included, and ends the session.
/// Calls `tell` whenever more is known of the try, the last time with what is returned. Nothing is kept.
pub async fn diagnose(
    around: impl Into<Surroundings>,
    timing: Timing,
    config: AccountConfig,
    tell: impl FnMut(&Attempt),
) -> Finding {
    link::probe(around, timing, proto::ALL, config, tell).await
}
