//! What the user wants of a server.

use crate::{Body, ConversationKey, RemoteId, TxnId};
use serde::{Deserialize, Serialize};

/// One thing that the user wants, handed to an adapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Command {
    /// Say something in a conversation.
    Send {
        /// The intent; comes back in `Acknowledged`, `Refused`, and with the frame that carries the message.
        txn: TxnId,
        /// Where.
        conversation: ConversationKey,
        /// What.
        body: Body,
    },
    /// Ask the server for a piece of its history, which comes as [`Event::History`](crate::Event::History) or is
    /// refused. Asking twice is harmless.
    Backfill {
        /// Of which conversation.
        conversation: ConversationKey,
        /// What follows the message of this name, the oldest first. `None`: from the very beginning.
        after: Option<RemoteId>,
        /// How many messages at most.
        limit: u32,
    },
}

impl Command {
    /// The message of ours that the command carries.
    #[must_use]
    pub fn txn(&self) -> Option<&TxnId> {
        match self {
            Self::Send { txn, .. } => Some(txn),
            Self::Backfill { .. } => None,
        }
    }
}
