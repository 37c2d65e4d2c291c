//! The keyring of the desktop, as the engine sees it: where secrets are kept.
//!
//! Every call may block for as long as a person takes to unlock the keyring; the engine calls from a thread of its own.

use crate::platform::{Here, Platform as _};
use engine::{Keyring, KeyringFault, Secret};
use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error};
use std::sync::{Arc, Mutex, PoisonError};

/// The name under which the keyring's own program shows our secrets.
const SERVICE: &str = "chat.whinchat.Whinchat";

/// The keyring. It is opened when it is needed first, and again after it has failed: it may come and go with the
/// session.
pub(crate) struct DesktopKeyring {
    service: String,
    open: fn() -> keyring_core::Result<Arc<CredentialStore>>,
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl DesktopKeyring {
    /// `home`: the folder of an installation of its own, whose accounts have nothing to do with the others'.
    pub(crate) fn new(home: Option<&str>) -> Self {
        let service = home.map_or_else(|| SERVICE.to_owned(), |home| format!("{SERVICE} {home}"));
        Self { service, open: Here::keyring, store: Mutex::default() }
    }

    /// Runs `job` on the entry of that name. A keyring that was known and does not answer may have been started anew,
    /// so it is opened once more.
    fn with<T>(
        &self,
        name: &str,
        job: impl Fn(&Entry) -> keyring_core::Result<T>,
    ) -> Result<Option<T>, KeyringFault> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let known = store.take();
            let was_known = known.is_some();
            let opened = match known {
                Some(opened) => opened,
                None => (self.open)().map_err(|error| {
                    tracing::debug!(%error, "no keyring");
                    KeyringFault::Absent
                })?,
            };
            let done = opened.build(&self.service, name, None).and_then(|entry| job(&entry));
            match done {
                Err(Error::PlatformFailure(error)) if was_known => {
                    tracing::debug!(%error, "the keyring is opened anew");
                }
                Err(Error::PlatformFailure(error)) => return Err(KeyringFault::Failed(error.to_string())),
                done => {
                    *store = Some(opened);
                    return match done {
                        Ok(value) => Ok(Some(value)),
                        Err(Error::NoEntry) => Ok(None),
                        Err(Error::NoStorageAccess(_)) => Err(KeyringFault::Locked),
                        Err(Error::NoDefaultStore) => Err(KeyringFault::Absent),
                        Err(error) => Err(KeyringFault::Failed(reason(&error))),
                    };
                }
            }
        }
    }
}

/// The error in words. What a damaged entry held is not among them.
fn reason(error: &Error) -> String {
    match error {
        Error::BadEncoding(_) => "the entry is not text".to_owned(),
        Error::BadDataFormat(_, why) => format!("the entry cannot be read: {why}"),
        other => other.to_string(),
    }
}

impl Keyring for DesktopKeyring {
    fn read(&self, name: &str) -> Result<Option<Secret>, KeyringFault> {
        Ok(self.with(name, Entry::get_password)?.map(Secret))
    }

    fn write(&self, name: &str, secret: &Secret) -> Result<(), KeyringFault> {
        match self.with(name, |entry| entry.set_password(&secret.0))? {
            Some(()) => Ok(()),
            None => Err(KeyringFault::Failed("the entry did not stay".to_owned())),
        }
    }

    fn remove(&self, name: &str) -> Result<(), KeyringFault> {
        self.with(name, Entry::delete_credential).map(|_| ())
    }
}
