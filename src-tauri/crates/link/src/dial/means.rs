//! What a try is made with beyond the address: secrets, files, the proxy. All of it is found before the first step, so
//! that no server waits for a person who unlocks a keyring.

use super::Network;
use super::credentials::{self, Credentials};
use super::proxy::{self, Via};
use super::veil::Veil;
use domain::{AccountConfig, AccountId, Proxy, ProxyFault, Reason, SecretKind};
use hyper_util::client::proxy::matcher::Matcher;
use proto::{Endpoint, Secret};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Where the environment says what is reached directly, in the order in which hyper-util looks.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// How long the desktop may take to name its proxy.
const SETTINGS: Duration = Duration::from_secs(5);

/// What a try is made with.
pub(super) struct Means {
    pub(super) log_in: Option<Secret>,
    /// What an earlier session entrusted to us. A session does without where it cannot be had.
    pub(super) entrusted: Option<Secret>,
    pub(super) via: Option<Via>,
    pub(super) credentials: Credentials,
    /// What a server must not bring to the disk by repeating it.
    pub(super) veil: Veil,
}

impl Network {
    /// Finds what the account's settings name.
    pub(super) async fn gather(
        &self,
        account: AccountId,
        config: &AccountConfig,
        endpoint: &Endpoint,
    ) -> Result<Means, Reason> {
        let wanted = config.secrets();
        let log_in = self.ask(account, SecretKind::LogIn, &wanted).await?;
        let password = self.ask(account, SecretKind::Proxy, &wanted).await?;
        let entrusted = self.around.secrets.secret(account, SecretKind::Rooms).await.ok();
        let via = match config.proxy {
            Proxy::System => self.system_proxy(endpoint).await?,
            Proxy::None | Proxy::Http { .. } | Proxy::Socks5 { .. } => {
                proxy::named(&config.proxy, password.as_ref())?
            }
        };
        let secure = endpoint.url.scheme() == "wss";
        let credentials = if secure {
            credentials::read(&config.trust, || self.around.secrets.secret(account, SecretKind::ClientKey))
                .await?
        } else {
            Credentials::default()
        };
        let veil = Veil::of(endpoint, log_in.as_ref(), via.as_ref());
        Ok(Means { log_in, entrusted, via, credentials, veil })
    }

    async fn ask(
        &self,
        account: AccountId,
        kind: SecretKind,
        wanted: &[SecretKind],
    ) -> Result<Option<Secret>, Reason> {
        if !wanted.contains(&kind) {
            return Ok(None);
        }
        let answer = self.around.secrets.secret(account, kind).await;
        answer.map(Some).map_err(|trouble| Reason::Secret { secret: kind, trouble })
    }

    async fn system_proxy(&self, endpoint: &Endpoint) -> Result<Option<Via>, Reason> {
        let (desktop, url) = (Arc::clone(&self.around.desktop), endpoint.url.clone());
        let asking = tokio::task::spawn_blocking(move || {
            let no_proxy = NO_PROXY.iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
            proxy::system(&url, &Matcher::from_system(), &no_proxy, desktop.as_ref())
        });
        settled(asking).await
    }
}

/// What the settings say, if they say it in time.
async fn settled(asking: JoinHandle<Result<Option<Via>, Reason>>) -> Result<Option<Via>, Reason> {
    match timeout(SETTINGS, asking).await {
        Ok(Ok(found)) => found,
        // Going around a proxy that may be set is worse than not going.
        Ok(Err(_)) | Err(_) => Err(Reason::Proxy {
            proxy: String::new(),
            fault: ProxyFault::Unnamed,
            text: "the system's proxy settings do not answer".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Retry;

    #[tokio::test(start_paused = true)]
    async fn settings_that_do_not_answer_are_the_proxys_fault_and_asked_again() {
        for asking in
            [tokio::spawn(std::future::pending()), tokio::spawn(async { panic!("broken settings") })]
        {
            let Err(reason) = settled(asking).await else { panic!() };
            let Reason::Proxy { fault: ProxyFault::Unnamed, text, .. } = &reason else {
                panic!("{reason:?}")
            };
            assert_eq!(text, "the system's proxy settings do not answer");
            assert_eq!(reason.retry(), Retry::After { seconds: 0 });
        }
    }
}
