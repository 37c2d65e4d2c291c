//! Where passwords and tokens come from.

use domain::{AccountId, SecretKind, SecretTrouble};
use proto::Secret;
use std::future::Future;
use std::pin::Pin;

/// The answer to a question for a secret.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Secret, SecretTrouble>> + Send + 'a>>;

/// Whoever keeps the secrets of accounts. It is asked at each try, so that a changed secret is used at the next.
pub trait Secrets: Send + Sync {
    /// A secret of an account.
    fn secret(&self, account: AccountId, kind: SecretKind) -> Asked<'_>;
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
