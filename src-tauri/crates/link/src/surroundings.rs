//! What the links need of the program around them: trust, secrets, the desktop's settings.

use crate::Tls;
use domain::{AccountId, SecretKind, SecretTrouble};
use proto::Secret;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The answer to a question for a secret.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Secret, SecretTrouble>> + Send + 'a>>;

/// Whoever keeps the secrets of accounts. It is asked at each try, so that a changed secret is used at the next.
pub trait Secrets: Send + Sync {
    /// A secret of an account.
    fn secret(&self, account: AccountId, kind: SecretKind) -> Asked<'_>;

    /// A session wants this kept for the next one, as [`SecretKind::Rooms`]; `None`: nothing any more. Nobody waits for it.
    /// Where nothing is kept it is forgotten.
    fn entrust(&self, _account: AccountId, _secret: Option<Secret>) {}
}

/// Nobody keeps any.
pub(crate) struct Nobody;

impl Secrets for Nobody {
    fn secret(&self, _account: AccountId, _kind: SecretKind) -> Asked<'_> {
        Box::pin(async { Err(SecretTrouble::Missing) })
    }
}

/// What the desktop's settings say of proxies.
pub trait Desktop: Send + Sync {
    /// The proxy for an address, as `http://host:port` or `socks5://host:port`; `None`: none. May block.
    fn proxy(&self, url: &str) -> Option<String>;
}

/// A desktop without settings.
pub(crate) struct Bare;

impl Desktop for Bare {
    fn proxy(&self, _url: &str) -> Option<String> {
        None
    }
}

/// What the links need of the program around them.
#[derive(Clone)]
pub struct Surroundings {
    /// Whom to trust.
    pub tls: Tls,
    /// Who knows the secrets.
    pub secrets: Arc<dyn Secrets>,
    /// Who knows the desktop's settings.
    pub desktop: Arc<dyn Desktop>,
}

/// Trust alone: nobody keeps secrets, and the desktop has no settings.
impl From<Tls> for Surroundings {
    fn from(tls: Tls) -> Self {
        Self { tls, secrets: Arc::new(Nobody), desktop: Arc::new(Bare) }
    }
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("tls", &self.tls).finish_non_exhaustive()
    }
}
