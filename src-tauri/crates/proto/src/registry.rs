//! The list of protocols. Adding one is one folder beside this file and one line in [`ALL`].

use crate::irc::IRC;
use crate::{Adapter, AddressFault, Endpoint, PLAIN, Resume};
use domain::{AccountConfig, Command, ConversationKey, RemoteConversation, Tone};
use std::time::Duration;

/// Protocols to choose from.
pub type Protocols = &'static [&'static dyn Protocol];

/// Every protocol that Whinchat speaks.
pub static ALL: Protocols = &[&PLAIN, &IRC];

/// The protocol of that id.
#[must_use]
pub fn find(protocols: Protocols, id: &str) -> Option<&'static dyn Protocol> {
    protocols.iter().copied().find(|protocol| protocol.descriptor().id == id)
}

/// One protocol: how to reach a server that speaks it, and how to open a session.
pub trait Protocol: Send + Sync {
    /// Its names and limits.
    fn descriptor(&self) -> &'static Descriptor;

    /// Where to dial and what to say in the handshake.
    ///
    /// # Errors
    /// When the configuration cannot be used; names the field.
    fn endpoint(&self, config: &AccountConfig) -> Result<Endpoint, ConfigFault>;

    /// The conversations that every account has from the start, before any session.
    fn standing(&self) -> Vec<RemoteConversation>;

    /// The conversation with the person, or in the room, of that name, as it begins before any session has named it.
    /// `None`: there is no such thing.
    fn conversation_named(&self, _name: &str) -> Option<RemoteConversation> {
        None
    }

    /// The command that carries out what was typed in a conversation, where that holds a password or may do so: it becomes no
    /// row, not even as a draft. `None`: it holds none, as far as can be told. Asked with every key, with or without a
    /// session.
    fn discreet(&self, _conversation: &ConversationKey, _typed: &str) -> Option<Command> {
        None
    }

    /// A fresh adapter for one session.
    fn open(&self, opening: Opening<'_>) -> Box<dyn Adapter>;
}

/// What is fixed about a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The id that accounts keep; never changes.
    pub id: &'static str,
    /// Its name in English; the window may have another for it.
    pub name: &'static str,
    /// Subprotocols that are always offered, before the user's own.
    pub subprotocols: &'static [&'static str],
    /// Whether a server that chooses none of them cannot be talked to.
    pub needs_subprotocol: bool,
    /// The most bytes of one message, in either direction.
    pub max_message: u32,
    /// The least time between two Pings of ours (RFC 6455 §5.5.2), where servers of this kind take more for a flood.
    pub ping_pause: Duration,
    /// What the account form asks besides the address.
    pub fields: &'static [Field],
    /// Whether an account can have a name and a password at the server itself ([`domain::LogIn::Protocol`]).
    pub log_in: bool,
    /// Well-known servers.
    pub presets: &'static [Preset],
    /// What can be typed behind a slash.
    pub commands: &'static [SlashCommand],
}

impl Descriptor {
    /// A protocol with nothing to ask, to suggest and to command.
    #[must_use]
    pub const fn bare(id: &'static str, name: &'static str, max_message: u32) -> Self {
        Self {
            id,
            name,
            subprotocols: &[],
            needs_subprotocol: true,
            max_message,
            ping_pause: Duration::ZERO,
            fields: &[],
            log_in: false,
            presets: &[],
            commands: &[],
        }
    }
}

/// A field of the account form that belongs to the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in [`AccountConfig::fields`].
    pub id: &'static str,
    /// What it is called in English; the window may have another word for it.
    pub name: &'static str,
    /// An account cannot do without.
    pub required: bool,
    /// What may stand in it; empty: anything. The first is what an empty field means.
    pub choices: &'static [&'static str],
}

/// A well-known server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// What people call it.
    pub name: &'static str,
    /// Its address.
    pub url: &'static str,
    /// Values of fields that go with it.
    pub fields: &'static [(&'static str, &'static str)],
}

/// A command that is typed behind a slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlashCommand {
    /// Its name, in lower case.
    pub name: &'static str,
    /// Its arguments: `<must>`, `[may]`, the last with `…` when it takes the rest of the line.
    pub arguments: &'static str,
    /// What it does, in English; the window may have other words for it.
    pub help: &'static str,
    /// What becomes of it.
    pub effect: Effect,
}

/// What a slash command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The rest of the line is said in this conversation: a message, with all that is promised of one.
    Says(Tone),
    /// The first word names a person or a room, and the rest is said there so.
    Tells(Tone),
    /// The adapter carries it out ([`domain::Command::Run`]); it needs a connection.
    Runs,
}

/// What a session starts from.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// The account's configuration.
    pub config: &'a AccountConfig,
    /// From the keyring, where the account has one.
    pub secret: Option<&'a Secret>,
    /// What the last session wanted remembered.
    pub resume: Option<&'a Resume>,
    /// What the last session entrusted to us ([`crate::Output::Entrust`]), as far as it can be had.
    pub entrusted: Option<&'a Secret>,
    /// Feeds nonces and ids, so that a session replays exactly.
    pub seed: u64,
}

/// A password or token. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is wrong with an account's configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFault {
    /// The address.
    #[error("address: {0}")]
    Address(#[from] AddressFault),
    /// A subprotocol is no token.
    #[error("subprotocol {0:?} is not a token (RFC 6455 §4.1)")]
    Subprotocol(String),
    /// A header's name or value cannot be sent, or belongs to the handshake itself.
    #[error("header {0:?} cannot be sent")]
    Header(String),
    /// A header carries a log-in, and headers are kept in the store, where no secret may be.
    #[error("header {0:?} carries a secret")]
    SecretHeader(String),
    /// A user name cannot be sent.
    #[error("user name {0:?} has a colon or a control character in it (RFC 7617 §2)")]
    LogInUser(String),
    /// Nothing of that name can carry the log-in.
    #[error("{0:?} cannot carry the log-in")]
    LogInName(String),
    /// A proxy's host is no name and no address.
    #[error("proxy host {0:?} is not a name or an address")]
    ProxyHost(String),
    /// A proxy's port.
    #[error("proxy port {0} is not a number from 1 to 65535")]
    ProxyPort(u16),
    /// A user name cannot be sent to a proxy.
    #[error("user name {0:?} has a colon or a control character in it")]
    ProxyUser(String),
    /// A further address.
    #[error("address {url:?}: {fault}")]
    Fallback {
        /// As it was typed.
        url: String,
        /// What is wrong with it.
        fault: AddressFault,
    },
    /// The origin cannot be sent.
    #[error("origin {0:?} cannot be sent")]
    Origin(String),
    /// A field of the protocol's own is missing or makes no sense.
    #[error("{id}: {value:?} cannot be used")]
    Field {
        /// Which.
        id: &'static str,
        /// What was typed.
        value: String,
    },
    /// No protocol has that id.
    #[error("no protocol is called {0:?}")]
    Protocol(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_findable() {
        let ids: BTreeSet<_> = ALL.iter().map(|protocol| protocol.descriptor().id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert!(ids.into_iter().all(|id| find(ALL, id).is_some()));
        assert!(find(ALL, "no such").is_none());
    }

    #[test]
    fn a_secret_does_not_print() {
        assert!(!format!("{:?}", Secret("hunter2".into())).contains("hunter2"));
    }
}
