//! What a server told us, in the words that all protocols share.

use crate::{Body, RemoteId, Timestamp, TxnId};
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
}

/// How an adapter names a conversation within its account. Opaque to everyone else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationKey(pub String);

/// What sort of place a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ConversationKind {
    /// The one stream of a server that knows no rooms.
    Stream,
    /// A place of many.
    Room,
    /// Two people.
    Direct,
}

/// A conversation as the server describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A message that came from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incoming {
    /// Where it was said.
    pub conversation: ConversationKey,
    /// The server's name for it; one name is one row.
    pub id: Option<RemoteId>,
    /// Our own intent, where the adapter knows that this is what came of it: the server named it, or the protocol lets
    /// its echo be told from other people's words. It becomes the row of that intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txn: Option<TxnId>,
    /// Who said it.
    pub sender: Sender,
    /// What was said.
    pub body: Body,
    /// When, by the server's clock.
    pub at: Option<Timestamp>,
}

/// Who said something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Sender {
    /// The server, or someone whom the protocol cannot name.
    Server,
    /// Ourselves, elsewhere or in the server's history.
    Me,
    /// Somebody with a name.
    Person {
        /// The name that is shown.
        name: String,
    },
}

/// What a session can do; the window greys out the rest, the engine refuses it.
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
}
