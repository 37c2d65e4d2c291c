//! What a server told us, in the words that all protocols share.

use crate::{Happening, Incoming, Member, RemoteId, Sender, Timestamp, TxnId};
use serde::{Deserialize, Serialize};

/// One thing that a server told us. An adapter numbers its events 1, 2, 3… in the order in which it emits them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The session is truly established: logged in, ready to send. Resets the backoff.
    Online,
    /// What this session can do.
    Capabilities {
        /// Replaces what was known.
        capabilities: Capabilities,
    },
    /// A conversation exists; a second event with the same key changes it.
    Conversation {
        /// Its key, kind and names.
        conversation: RemoteConversation,
    },
    /// A message, live or from the server's history.
    Message {
        /// The message.
        message: Incoming,
    },
    /// The server proved that it has our message.
    Acknowledged {
        /// Our message.
        txn: TxnId,
        /// The server's name for it, where it gave one.
        id: Option<RemoteId>,
        /// The server's time for it, where it gave one.
        at: Option<Timestamp>,
    },
    /// The message was not taken and never will be as it stands.
    Refused {
        /// Our message.
        txn: TxnId,
        /// Why, in the words of the server or of the adapter.
        why: String,
    },
    /// The server went on where the last session ended: nothing was missed, in no conversation. Comes before
    /// [`Event::Online`]; where it does not come, nothing is proven.
    Resumed,
    /// What comes live follows the message of this name. Whether something was missed shows in whether it is the one
    /// that was received last. Comes before [`Event::Online`].
    Head {
        /// Of which conversation.
        conversation: ConversationKey,
        /// The newest message that the server has. `None`: it has none at all.
        id: Option<RemoteId>,
    },
    /// The answer to [`Command::Backfill`](crate::Command::Backfill): a piece of the server's history.
    History {
        /// Of which conversation.
        conversation: ConversationKey,
        /// As it was asked: the piece begins just after the message of this name; `None`: at the very beginning.
        after: Option<RemoteId>,
        /// Without a hole, the oldest first.
        messages: Vec<Incoming>,
        /// Nothing follows the last of them but what this session brings live.
        complete: bool,
    },
    /// There is no answer to [`Command::Backfill`](crate::Command::Backfill).
    HistoryRefused {
        /// Of which conversation.
        conversation: ConversationKey,
        /// As it was asked.
        after: Option<RemoteId>,
        /// Why, in the words of the server or of the adapter.
        why: String,
    },
    /// The answer to [`Command::Earlier`](crate::Command::Earlier): a piece of the server's history.
    Earlier {
        /// Of which conversation.
        conversation: ConversationKey,
        /// As it was asked: the piece ends just before the message of this name.
        before: RemoteId,
        /// Without a hole, the oldest first.
        messages: Vec<Incoming>,
        /// Nothing comes before the first of them: here the server's history begins.
        complete: bool,
    },
    /// There is no answer to [`Command::Earlier`](crate::Command::Earlier).
    EarlierRefused {
        /// Of which conversation.
        conversation: ConversationKey,
        /// As it was asked.
        before: RemoteId,
        /// Why, in the words of the server or of the adapter.
        why: String,
    },
    /// The end of the server's history, unasked: what comes live follows it without a hole. Comes after
    /// [`Event::Online`].
    Recent {
        /// Of which conversation.
        conversation: ConversationKey,
        /// Without a hole, the oldest first.
        messages: Vec<Incoming>,
        /// Nothing comes before the first of them: this is all that the server has.
        complete: bool,
    },
    /// Something happened in a conversation that nobody said.
    Happened {
        /// What.
        happening: Happening,
    },
    /// Somebody put a reaction to a message, or took one back.
    Reaction {
        /// Where the message is.
        conversation: ConversationKey,
        /// Which one. Where it is not here, nothing happens.
        target: RemoteId,
        /// Who.
        by: Sender,
        /// An emoji, or a short text.
        text: String,
        /// It is there; else it was taken back.
        present: bool,
    },
    /// A message was taken back by its author or by somebody in power: what it said goes, from the disk too.
    Retracted {
        /// Where it was.
        conversation: ConversationKey,
        /// Which one. Where it is not here, nothing happens.
        target: RemoteId,
        /// Who did it.
        by: Sender,
        /// Why, in their words.
        why: Option<String>,
    },
    /// We have read everything up to this time, here or elsewhere.
    Read {
        /// Of which conversation.
        conversation: ConversationKey,
        /// The server's time of the last message that was read.
        upto: Timestamp,
    },
    /// Who we are in this session: the name under which others see us.
    Me {
        /// The name.
        name: String,
    },
    /// Who is in a conversation: replaces what was known.
    Members {
        /// Of which conversation.
        conversation: ConversationKey,
        /// All of them, in no order.
        members: Vec<Member>,
    },
    /// Somebody came into a conversation, or something about them changed there.
    Member {
        /// Of which conversation.
        conversation: ConversationKey,
        /// Who; takes the place of the one of that name.
        member: Member,
    },
    /// Somebody is not in a conversation any more.
    MemberGone {
        /// Of which conversation.
        conversation: ConversationKey,
        /// Who.
        name: String,
    },
    /// Somebody is writing, or has stopped. It is forgotten by itself after a few seconds.
    Typing {
        /// Where.
        conversation: ConversationKey,
        /// Who.
        name: String,
        /// Whether they are.
        typing: bool,
    },
}

impl Event {
    /// The messages that it brings.
    pub fn messages_mut(&mut self) -> &mut [Incoming] {
        match self {
            Self::Message { message } => std::slice::from_mut(message),
            Self::History { messages, .. }
            | Self::Earlier { messages, .. }
            | Self::Recent { messages, .. } => messages,
            Self::Online
            | Self::Capabilities { .. }
            | Self::Conversation { .. }
            | Self::Acknowledged { .. }
            | Self::Refused { .. }
            | Self::Resumed
            | Self::Head { .. }
            | Self::HistoryRefused { .. }
            | Self::EarlierRefused { .. }
            | Self::Happened { .. }
            | Self::Reaction { .. }
            | Self::Retracted { .. }
            | Self::Read { .. }
            | Self::Me { .. }
            | Self::Members { .. }
            | Self::Member { .. }
            | Self::MemberGone { .. }
            | Self::Typing { .. } => &mut [],
        }
    }
}

/// How an adapter names a conversation within its account. Opaque to everyone else.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationKey(pub String);

/// What sort of place a conversation is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ConversationKind {
    /// The one stream of a server that knows no rooms, or what the server itself says.
    #[default]
    Stream,
    /// A place of many.
    Room,
    /// Two people.
    Direct,
}

/// A conversation as the server describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteConversation {
    /// Its key in this account.
    pub key: ConversationKey,
    /// What sort of place it is.
    pub kind: ConversationKind,
    /// Its name. `None`: the account's own name serves.
    pub title: Option<String>,
    /// What it is about, in the server's words.
    pub topic: Option<String>,
    /// We are not in it (any more), so that nothing comes from it and nothing can be said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
}

/// What a session can do; the window greys out the rest, the engine refuses it.
#[allow(clippy::struct_excessive_bools, reason = "each is a thing that a server can do or not")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    /// The server proves that it has a message ([`Event::Acknowledged`]).
    pub acknowledges: bool,
    /// The server keeps a history that can be asked for.
    pub history: bool,
    /// A message that is sent twice under one [`TxnId`] is one message to the server, in this session and in later ones.
    /// What a lost connection left unproven is sent again by itself then, and else never.
    pub tells_doubles_apart: bool,
    /// The server's history can be asked for from its end too ([`Command::Earlier`](crate::Command::Earlier)).
    pub earlier: bool,
    /// A message can say which one it answers.
    pub replies: bool,
    /// Reactions can be put to messages.
    pub reactions: bool,
    /// Our own messages can be taken back.
    pub retraction: bool,
    /// The server keeps how far we have read, for all our devices.
    pub read_markers: bool,
    /// The server tells others that we are writing.
    pub typing: bool,
    /// There are rooms to join and leave.
    pub rooms: bool,
}
