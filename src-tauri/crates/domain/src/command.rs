//! What the user wants of a server.

use crate::{Body, ConversationKey, Event, RemoteId, Timestamp, Tone, TxnId};
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
        /// How.
        #[serde(default, skip_serializing_if = "Tone::is_said")]
        tone: Tone,
        /// What.
        body: Body,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<RemoteId>,
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
    /// Ask the server for a piece of its history, which comes as [`Event::Earlier`](crate::Event::Earlier) or is
    /// refused. Asking twice is harmless.
    Earlier {
        /// Of which conversation.
        conversation: ConversationKey,
        /// What comes directly before the message of this name.
        before: RemoteId,
        /// How many messages at most.
        limit: u32,
    },
    /// Enter a room, now and in every later session, until [`Command::Leave`].
    Join {
        /// Its name, as the user typed it.
        name: String,
        /// What it takes to get in; empty: nothing.
        password: String,
    },
    /// Leave a conversation for good.
    Leave {
        /// Which.
        conversation: ConversationKey,
    },
    /// Put a reaction to a message, or take it back.
    React {
        /// Where the message is.
        conversation: ConversationKey,
        /// Which one.
        target: RemoteId,
        /// An emoji, or a short text.
        text: String,
        /// It is to be there; else it is to go.
        present: bool,
    },
    /// Take a message back.
    Retract {
        /// Where it is.
        conversation: ConversationKey,
        /// Which one.
        target: RemoteId,
    },
    /// Everything up to here was read.
    MarkRead {
        /// Of which conversation.
        conversation: ConversationKey,
        /// The server's time of the last message that was read.
        upto: Timestamp,
    },
    /// We are writing, or have stopped.
    Typing {
        /// Where.
        conversation: ConversationKey,
        /// Whether we are.
        typing: bool,
    },
    /// Carry out a slash command of the protocol's own table, or one that it does not know.
    Run {
        /// Where it was typed.
        conversation: ConversationKey,
        /// Its name without the slash, in lower case.
        name: String,
        /// What followed the name.
        arguments: String,
    },
}

impl Command {
    /// Says something as people talk, in answer to nobody.
    #[must_use]
    pub fn say(txn: TxnId, conversation: ConversationKey, body: Body) -> Self {
        Self::Send { txn, conversation, tone: Tone::Said, body, reply_to: None }
    }

    /// What an adapter says of a command that it cannot carry out; `None`: nobody waits for an answer.
    #[must_use]
    pub fn declined(self, why: impl Into<String>) -> Option<Event> {
        let why = why.into();
        match self {
            Self::Send { txn, .. } => Some(Event::Refused { txn, why }),
            Self::Backfill { conversation, after, .. } => {
                Some(Event::HistoryRefused { conversation, after, why })
            }
            Self::Earlier { conversation, before, .. } => {
                Some(Event::EarlierRefused { conversation, before, why })
            }
            Self::Join { .. }
            | Self::Leave { .. }
            | Self::React { .. }
            | Self::Retract { .. }
            | Self::MarkRead { .. }
            | Self::Typing { .. }
            | Self::Run { .. } => None,
        }
    }

    /// The message of ours that the command carries.
    #[must_use]
    pub fn txn(&self) -> Option<&TxnId> {
        match self {
            Self::Send { txn, .. } => Some(txn),
            Self::Backfill { .. }
            | Self::Earlier { .. }
            | Self::Join { .. }
            | Self::Leave { .. }
            | Self::React { .. }
            | Self::Retract { .. }
            | Self::MarkRead { .. }
            | Self::Typing { .. }
            | Self::Run { .. } => None,
        }
    }
}
