//! What a search gives: places in timelines, with as much of the text as shows why.

use crate::{ConversationId, MessageId, Sender, Timestamp};
use serde::{Deserialize, Serialize};

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Search {
    /// A page of it.
    Found {
        /// The message that came last is the first.
        hits: Vec<Hit>,
        /// What the next page is asked for with; `None`: this was the last.
        more: Option<MessageId>,
    },
    /// The query cannot be answered as it stands.
    Unclear {
        /// Why.
        fault: QueryFault,
    },
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    /// Which.
    pub message: MessageId,
    /// Where it was said.
    pub conversation: ConversationId,
    /// Who said it.
    pub sender: Sender,
    /// When.
    pub at: Timestamp,
    /// The text around what was found, in reading order.
    pub excerpt: Vec<Piece>,
}

/// A run of characters of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Piece {
    /// Shown by `textContent`, never parsed.
    pub text: String,
    /// It is what was looked for.
    pub hit: bool,
}

/// Why a query cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum QueryFault {
    /// Nothing in it can be looked for.
    Nothing,
    /// It is too long, or has too many words.
    TooLong,
    /// Nothing stands behind an operator.
    NoValue {
        /// The operator, without its colon.
        operator: String,
    },
    /// What stands behind `before:` or `after:` is no day.
    Day {
        /// What stands there.
        value: String,
    },
    /// What stands behind `has:` is nothing that a message can have.
    Has {
        /// What stands there.
        value: String,
    },
    /// No conversation is called so.
    NoConversation {
        /// The name.
        value: String,
    },
}
