//! What is read from the store: rows as they are shown. The window keeps copies of these and nothing else.

use crate::{
    AccountConfig, AccountId, Body, Change, ConversationId, ConversationKind, Delivery, Flair, MessageId,
    Place, Rev, Sender, Timestamp, Tone, TxnId,
};
use serde::{Deserialize, Serialize};

/// How many characters of a text a page carries.
///
/// Ten screens of it. A message may be megabytes, and a page of such would neither fit through the bridge in time nor
/// in the window's memory; the whole of one is read by itself.
pub const MAX_SHOWN: usize = 20_000;

/// One row of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Where it stands; `place.id` is its identity.
    pub place: Place,
    /// The transaction that changed it last.
    pub rev: Rev,
    /// What it is.
    pub item: Item,
}

/// What a row of a timeline is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Item {
    /// Something that was said.
    Message {
        /// Who said it.
        sender: Sender,
        /// How the server sets their name off.
        flair: Option<Box<Flair>>,
        /// How.
        tone: Tone,
        /// What; of a long text only the beginning, at most [`MAX_SHOWN`] characters.
        body: Body,
        /// How many characters the whole text has, when `body` holds only its beginning.
        whole: Option<u32>,
        /// When: the server's time where it gave one, else when it was received or written.
        at: Timestamp,
        /// For our own messages, what is known of their way.
        delivery: Option<Delivery>,
        /// For our own messages, the intent that made them.
        txn: Option<TxnId>,
        /// The message that it answers.
        reply: Option<Quote>,
        /// In the order in which each was first put.
        reactions: Vec<Reaction>,
        /// It names us.
        mentions_me: bool,
        /// The server has a name for it, so that it can be answered, reacted to and taken back.
        named: bool,
        /// It was taken back: what it said is gone.
        retracted: Option<Retraction>,
    },
    /// Something that happened and that nobody said.
    Happening {
        /// Whom it is about.
        who: Sender,
        /// What it is.
        change: Change,
        /// When: the server's time where it gave one, else when it was received.
        at: Timestamp,
    },
    /// History is not known to be whole here (design invariant 13).
    Gap {
        /// From when; `None`: since ever, as far as the server's history goes back.
        from: Option<Timestamp>,
        /// Until when; `None`: still.
        until: Option<Timestamp>,
        /// What can be done about it.
        healing: Healing,
    },
}

/// A message as another one that answers it shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// The row; `None`: it is not here.
    pub id: Option<MessageId>,
    /// Who said it; `None`: it is not here.
    pub sender: Option<Sender>,
    /// How it begins, in characters alone; empty where it is not here or was taken back.
    pub text: String,
}

/// What stands in a conversation's composer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// What was written; empty: nothing.
    pub text: String,
    /// The message that it is to answer.
    pub reply: Option<Quote>,
}

/// A reaction to a message, and who put it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// An emoji, or a short text.
    pub text: String,
    /// Those who put it, besides ourselves.
    pub names: Vec<String>,
    /// We did.
    pub mine: bool,
}

/// How a message was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Retraction {
    /// By whom.
    pub by: Sender,
    /// Why, in their words.
    pub why: Option<String>,
}

/// What can be done about a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Healing {
    /// Nothing: the server keeps no history.
    Unavailable,
    /// The server keeps a history, and what is missing can be asked for.
    Offered,
    /// It is being asked for.
    Loading,
    /// It was asked for in vain, and can be asked for again.
    Failed {
        /// Why.
        why: HealingFault,
    },
}

/// Why the history that a gap lacks could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum HealingFault {
    /// There was no connection.
    Offline,
    /// The server did not answer.
    Silent,
    /// The server's history came to no end, and did not go on.
    Stuck,
    /// The server refused.
    Refused {
        /// Its words, or the adapter's for it.
        text: String,
    },
}

/// A run of rows of one conversation, in order of place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// In order of place, oldest first.
    pub rows: Vec<Row>,
    /// There are rows before the first.
    pub has_older: bool,
    /// There are rows after the last.
    pub has_newer: bool,
    /// As of which transaction.
    pub rev: Rev,
}

/// What became of a window of rows since a rev.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Changes {
    /// Apply these.
    Delta {
        /// New or changed rows, in order of place.
        upserts: Vec<Row>,
        /// Rows that are gone.
        removed: Vec<MessageId>,
        /// There are rows before the window.
        has_older: bool,
        /// There are rows after the window.
        has_newer: bool,
        /// As of which transaction.
        rev: Rev,
    },
    /// Too much has changed, or the window is not of this store: read a page again.
    Reset,
}

/// An account as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What the user typed.
    pub config: AccountConfig,
    /// Whether it is to be connected.
    pub enabled: bool,
    /// Its conversations are folded away.
    pub collapsed: bool,
}

/// A conversation as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Whose it is.
    pub account: AccountId,
    /// What sort of place it is.
    pub kind: ConversationKind,
    /// Its name; `None`: the account's name serves.
    pub title: Option<String>,
    /// What it is about.
    pub topic: Option<String>,
    /// We are not in it (any more).
    pub left: bool,
    /// Messages of others after `read`.
    pub unread: u32,
    /// Those of them that name us; in a conversation of two, all of them.
    pub mentions: u32,
    /// Everything up to here was read.
    pub read: Option<Place>,
    /// Own messages that are queued or on their way.
    pub waiting: u32,
    /// It stands before those that are not.
    pub pinned: bool,
    /// It counts quietly and tells of nothing.
    pub muted: bool,
    /// Which of its messages the user is told of; `None`: as its kind has it ([`NotifyRule::of_kind`]).
    pub notify: Option<NotifyRule>,
}

/// Which messages of a conversation the user is told of while they look elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum NotifyRule {
    /// All that others say.
    All,
    /// Those that name the user.
    Mentions,
    /// None.
    Nothing,
}

impl NotifyRule {
    /// The rule where the user chose none: between two people every word is meant for the user, elsewhere what names them.
    #[must_use]
    pub fn of_kind(kind: ConversationKind) -> Self {
        match kind {
            ConversationKind::Direct => Self::All,
            ConversationKind::Room | ConversationKind::Stream => Self::Mentions,
        }
    }
}
