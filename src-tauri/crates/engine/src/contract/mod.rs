//! The contract with the window: what its commands answer, what the bell says, what an error is.
//!
//! Written once here; the test below writes `ui/src/bridge/generated.ts` from it and fails when that file is stale.

mod settings;
mod truth;

pub use settings::{Background, Density, Language, Parting, Preview, Quiet, Settings, Theme};
pub use truth::{
    ConsoleFrame, ConsolePage, Direction, FrameContent, GivenSecret, Kept, RawFrame, RoundTrip, SecretState,
    Traffic, Truth,
};

use domain::{Account, Capabilities, Conversation, ConversationId, MessageId, Rev, Status};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything that the sidebar shows. Small, so it is read whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Sidebar {
    /// As of which transaction.
    pub rev: Rev,
    /// In the user's order.
    pub accounts: Vec<AccountView>,
    /// Account by account; in each the pinned ones first, then in the user's order.
    pub conversations: Vec<Conversation>,
    /// What is unread in all of them.
    pub count: Count,
    /// What the user must be told about this start.
    pub notices: Vec<Notice>,
}

/// An account with the state of its connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// As it is stored.
    #[serde(flatten)]
    pub account: Account,
    /// The name that is shown: the user's, else the host of the address.
    pub label: String,
    /// What is true of its connection.
    pub status: Status,
    /// It is the lounge on this computer.
    pub lounge: bool,
    /// What its session can do, or the last one could.
    pub capabilities: Capabilities,
    /// Who we are in the session; `None`: there is none, or the protocol gives no names.
    pub me: Option<String>,
    /// What is unread in its conversations.
    pub count: Count,
}

/// What is unread in several conversations, without those that are muted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// Messages of others.
    pub unread: u32,
    /// Those of them that name us; in a conversation of two, all of them.
    pub mentions: u32,
}

/// Something that the user must be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Notice {
    /// The history could not be read; it was moved aside and a new one begun.
    HistorySetAside {
        /// Where it lies.
        path: String,
    },
    /// A change could not be written to the disk; it is tried again.
    DiskTrouble {
        /// The system's words.
        text: String,
    },
}

/// "Something has changed": never what. Losing, doubling or delaying one is harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Bell {
    /// The newest transaction.
    pub rev: Rev,
    /// Accounts, conversations, statuses or settings have changed.
    pub sidebar: bool,
    /// These timelines have changed; `null`: any may have.
    pub conversations: Option<Vec<ConversationId>>,
}

/// What is to be before the user's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Sight {
    /// The conversation.
    pub conversation: ConversationId,
    /// A message of it; `None`: wherever it opens.
    pub message: Option<MessageId>,
}

/// A protocol that an account can speak.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ProtocolView {
    /// What accounts keep.
    pub id: String,
    /// Its name in English.
    pub name: String,
    /// Whether an account can have a name and a password at the server itself.
    pub log_in: bool,
    /// What the form asks besides the address.
    pub fields: Vec<FieldView>,
    /// Well-known servers.
    pub presets: Vec<PresetView>,
    /// What can be typed behind a slash.
    pub commands: Vec<CommandView>,
}

/// A field of the account form that belongs to the protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FieldView {
    /// Its name in the config's `fields`.
    pub id: String,
    /// What it is called in English.
    pub name: String,
    /// An account cannot do without.
    pub required: bool,
    /// What may stand in it; empty: anything. The first is what an empty field means.
    pub choices: Vec<String>,
}

/// A well-known server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PresetView {
    /// What people call it.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Values of fields that go with it.
    pub fields: BTreeMap<String, String>,
}

/// A command that is typed behind a slash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CommandView {
    /// Its name, without the slash.
    pub name: String,
    /// Its arguments: `<must>`, `[may]`, the last with `…` when it takes the rest of the line.
    pub arguments: String,
    /// What it does, in English.
    pub help: String,
}

/// What is wrong with a field of the account form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FormFault {
    /// The address.
    Address {
        /// What is wrong with it.
        fault: AddressTrouble,
        /// The address that was probably meant.
        suggestion: Option<String>,
        /// Details in English, for what has no sentence of its own.
        text: String,
    },
    /// A subprotocol is no token.
    Subprotocol {
        /// Which.
        value: String,
    },
    /// A header cannot be sent.
    Header {
        /// Its name.
        value: String,
    },
    /// A header would carry a log-in, which must not be written to the disk.
    SecretHeader {
        /// Its name.
        value: String,
    },
    /// A user name cannot be sent.
    LogInUser {
        /// What was typed.
        value: String,
    },
    /// Nothing of that name can carry the log-in.
    LogInName {
        /// What was typed.
        value: String,
    },
    /// A proxy's host is no name and no address.
    ProxyHost {
        /// What was typed.
        value: String,
    },
    /// A proxy's port is not from 1 to 65535.
    ProxyPort {
        /// What was typed.
        value: String,
    },
    /// A user name cannot be sent to a proxy.
    ProxyUser {
        /// What was typed.
        value: String,
    },
    /// A further address cannot be used.
    Fallback {
        /// What was typed.
        value: String,
    },
    /// The origin cannot be sent.
    Origin {
        /// What was typed.
        value: String,
    },
    /// A field of the protocol's own is missing or makes no sense.
    Field {
        /// Which.
        id: String,
        /// What was typed.
        value: String,
    },
    /// The protocol does not exist.
    Protocol {
        /// Its id.
        value: String,
    },
}

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum AddressTrouble {
    /// Nothing was typed.
    Empty,
    /// No `ws://` or `wss://` in front.
    NoScheme,
    /// Another scheme.
    WrongScheme,
    /// No host.
    NoHost,
    /// The port is not from 1 to 65535.
    BadPort,
    /// The host is no name and no address.
    BadHost,
    /// A user name or password stands in it.
    Credentials,
    /// A `#` stands in it.
    Fragment,
    /// It is too long.
    TooLong,
    /// Anything else.
    Other,
}

/// An error, as the window gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Fault {
    /// What the window branches on.
    pub code: Code,
    /// Details in English.
    pub text: String,
}

/// What the window branches on; there is none that it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Code {
    /// What was asked for is not there any more.
    Gone,
    /// What was given cannot be used.
    Invalid,
    /// The message is too long; it stays in the composer.
    TooLong,
    /// The disk did not take it; nothing was changed, it can be tried again.
    Disk,
    /// The history cannot be opened at all; the whole window says so.
    Unusable,
    /// It cannot be opened since another Whinchat uses it; the whole window says so.
    InUse,
    /// It cannot be opened since a newer Whinchat wrote it; the whole window says so.
    Newer,
    /// No program on this computer took the link.
    Unopened,
    /// It needs a connection, and there is none.
    Offline,
    /// The server cannot do it.
    Incapable,
    /// Nobody here knows the slash command; it can be given to the server as it is.
    UnknownCommand,
    /// A bug.
    Internal,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}", self.code, self.text)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use ts_rs::{Config, TS};

    macro_rules! declarations {
        ($config:expr; $($type:ty),* $(,)?) => {
            [$(<$type>::decl($config)),*]
        };
    }

    #[test]
    fn the_window_has_the_types_of_this_contract() {
        let config = &Config::default();
        let declarations = declarations![config;
            domain::AccountConfig, domain::Header, domain::LogIn, domain::Proxy, domain::Trust, domain::Pin,
            domain::Compression, domain::SecretKind, domain::SecretTrouble, domain::ProxyFault, domain::Attempt,
            domain::Step, domain::Peer, domain::Certificate, domain::Outcome, domain::Place, domain::Body, domain::Span, domain::Style, domain::Mark,
            domain::Colour, domain::Hue, domain::Target, domain::Scheme, domain::Sender,
            domain::ConversationKind, domain::Delivery, domain::Phase, domain::CloseBy, domain::TlsFault,
            domain::Refusal, domain::Reason, domain::Line, domain::Status, domain::Row, domain::Item, domain::HealingFault, domain::Healing,
            domain::Page,
            domain::Changes, domain::Search, domain::Hit, domain::Piece, domain::QueryFault, domain::Account, domain::Conversation, domain::NotifyRule, domain::AccountId, domain::ConversationId,
            domain::MessageId, domain::Rev, domain::Timestamp, domain::TxnId,
            domain::Tone, domain::Flair, domain::Change, domain::Quote, domain::Draft, domain::Reaction, domain::Retraction, domain::Member,
            domain::People, domain::Capabilities, FieldView, PresetView, CommandView, Sidebar, AccountView, Count, Notice, Bell, Settings, Language, Theme, Density, Background, Preview, Quiet, Parting, Sight, ProtocolView,
            FormFault, AddressTrouble, Fault, Code, Truth, Traffic, RoundTrip, SecretState, Kept, GivenSecret,
            ConsolePage, ConsoleFrame, Direction, FrameContent, RawFrame,
        ];
        let mut text = String::from(
            "// Written by the tests of the crate `engine` from its contract. Do not edit; refresh with\n\
             // WHINCHAT_WRITE=1 cargo test -p engine contract\n",
        );
        for declaration in declarations {
            writeln!(text, "\nexport {declaration}").unwrap();
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/src/bridge/generated.ts");
        if std::env::var_os("WHINCHAT_WRITE").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            stored == text,
            "ui/src/bridge/generated.ts is stale: WHINCHAT_WRITE=1 cargo test -p engine contract"
        );
    }
}
