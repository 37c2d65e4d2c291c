//! What the engine needs of the desktop. The app implements it with Tauri, the tests with a recorder.

use crate::contract::{Bell, Language};
use domain::{AccountId, ConversationId, MessageId, Target, Timestamp};
use proto::Secret;

/// The engine's whole view of the desktop.
pub trait Host: Send + Sync + 'static {
    /// Tells the window that something has changed. May fail in silence: a lost bell is harmless.
    fn ring(&self, bell: &Bell);

    /// The proxy that the desktop's settings name for an address, as `http://host:port` or `socks5://host:port`;
    /// `None`: none, or there are no such settings. May block.
    fn proxy(&self, _url: &str) -> Option<String> {
        None
    }

    /// Shows the user that somebody named them or spoke to them. May fail in silence.
    fn notify(&self, _notice: &Notification) {}

    /// Whether the window has the user's eyes.
    fn has_focus(&self) -> bool {
        false
    }

    /// How many minutes the clocks of the user's place are ahead of UTC at an instant.
    fn ahead_of_utc(&self, _at: Timestamp) -> i32 {
        0
    }

    /// Has the system open where a link leads, in whatever program the user has for it. May block.
    ///
    /// # Errors
    /// No program took it; the system's words.
    fn open_link(&self, _target: &Target) -> Result<(), String> {
        Err("there is no desktop".to_owned())
    }
}

/// What the desktop is to show while its user looks elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Who speaks, and where. Strangers' names.
    pub title: String,
    /// How the message begins; `None`: the user does not want that shown. It is a stranger's text.
    pub body: Option<String>,
    /// How many there are of its kind in the conversation that the user has not read, this one included.
    pub count: u32,
    /// The user's language.
    pub language: Language,
    /// Of which account.
    pub account: AccountId,
    /// Where it was said. A later notification of it takes the place of an earlier one.
    pub conversation: ConversationId,
    /// Where a click leads.
    pub message: MessageId,
}

impl Notification {
    /// Its first line, with how many wait where that is more than one.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.count {
            0 | 1 => self.title.clone(),
            count => format!("{} ({count})", self.title),
        }
    }
}

/// Where secrets are kept: the keyring of the desktop. Its calls may block for as long as a person takes to unlock it;
/// the engine makes them on a thread of their own.
pub trait Keyring: Send + Sync + 'static {
    /// The secret of that name; `None`: it holds none.
    ///
    /// # Errors
    /// When it cannot say.
    fn read(&self, name: &str) -> Result<Option<Secret>, KeyringFault>;

    /// Keeps a secret under a name, in place of what was there.
    ///
    /// # Errors
    /// When it did not take it.
    fn write(&self, name: &str, secret: &Secret) -> Result<(), KeyringFault>;

    /// Forgets a secret. What is not there is no error.
    ///
    /// # Errors
    /// When it cannot be said that it is gone.
    fn remove(&self, name: &str) -> Result<(), KeyringFault>;
}

/// A system without a keyring, for programs whose accounts have no secrets to outlive them.
#[derive(Clone, Copy, Debug)]
pub struct NoKeyring;

impl Keyring for NoKeyring {
    fn read(&self, _name: &str) -> Result<Option<Secret>, KeyringFault> {
        Err(KeyringFault::Absent)
    }

    fn write(&self, _name: &str, _secret: &Secret) -> Result<(), KeyringFault> {
        Err(KeyringFault::Absent)
    }

    fn remove(&self, _name: &str) -> Result<(), KeyringFault> {
        Err(KeyringFault::Absent)
    }
}

/// Why a keyring did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringFault {
    /// There is none on this system, or in this session.
    #[error("there is no keyring")]
    Absent,
    /// It is locked and was not unlocked.
    #[error("the keyring is locked")]
    Locked,
    /// Anything else.
    #[error("the keyring failed: {0}")]
    Failed(String),
}
