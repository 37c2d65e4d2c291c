//! What is read from the store: rows as they are shown. The window keeps copies of these and nothing else.

use crate::{
    AccountConfig, AccountId, Body, ConversationId, ConversationKind, Delivery, MessageId, Place, Rev,
    Sender, Timestamp, TxnId,
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
    },
    /// History is not known to be whole here (design invariant 13).
    Gap {
        /// From when.
        from: Timestamp,
        /// Until when; `None`: still.
        until: Option<Timestamp>,
        /// What can be done about it.
        healing: Healing,
    },
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
    /// Messages of others after `read`.
    pub unread: u32,
    /// Everything up to here was read.
    pub read: Option<Place>,
    /// Own messages that are queued or on their way.
    pub waiting: u32,
}
