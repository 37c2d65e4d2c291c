//! What the user wants of a server.

use crate::{Body, ConversationKey, TxnId};
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
}
