//! What is said and what happens, as it comes from a server.

use crate::{Body, Colour, ConversationKey, RemoteId, Timestamp, TxnId};
use serde::{Deserialize, Serialize};

/// A message that came from the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The server has made something else of what our intent said: `body` is what others read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub altered: bool,
    /// Who said it.
    pub sender: Sender,
    /// How the server sets their name off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flair: Option<Box<Flair>>,
    /// How it was said.
    #[serde(default, skip_serializing_if = "Tone::is_said")]
    pub tone: Tone,
    /// What was said.
    pub body: Body,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<RemoteId>,
    /// It names us, by the rules of the protocol.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mentions_me: bool,
    /// When, by the server's clock.
    pub at: Option<Timestamp>,
}

/// Who said something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Sender {
    /// The server, or someone whom the protocol cannot name.
    #[default]
    Server,
    /// Ourselves, elsewhere or in the server's history.
    Me,
    /// Somebody with a name.
    Person {
        /// The name that is shown.
        name: String,
    },
}

/// How a server sets somebody's name off in what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Flair {
    /// What they are there, in few words, such as *moderator*. The window may have other words for some.
    pub titles: Vec<String>,
    /// A colour of their own for their name; the window makes it one that can be read.
    pub ink: Option<Colour>,
}

/// How something is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Tone {
    /// As people talk.
    #[default]
    Said,
    /// Somebody does something: *Ann waves*.
    Action,
    /// In passing, often by a program: it wants no answer.
    Notice,
}

impl Tone {
    /// Whether it is said as people talk.
    #[must_use]
    pub fn is_said(&self) -> bool {
        *self == Self::Said
    }
}

/// Something that happened in a conversation and that nobody said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Happening {
    /// Where.
    pub conversation: ConversationKey,
    /// The server's name for it; one name is one row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RemoteId>,
    /// Whom it is about.
    pub who: Sender,
    /// What it is.
    pub change: Change,
    /// When, by the server's clock.
    pub at: Option<Timestamp>,
}

/// What can happen to a conversation and the people in it. Names are shown as they are; texts are the server's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Change {
    /// They came.
    Joined,
    /// They left this conversation.
    Left {
        /// Why, in their words.
        why: Option<String>,
    },
    /// They left the server.
    Quit {
        /// Why, in their words or the server's.
        why: Option<String>,
    },
    /// They were made to leave.
    Kicked {
        /// By whom.
        by: String,
        /// Why, in that one's words.
        why: Option<String>,
    },
    /// They go by another name now.
    Renamed {
        /// Which.
        to: String,
    },
    /// They said what the conversation is about.
    Topic {
        /// The new text; `None`: they took it away.
        text: Option<String>,
    },
    /// They changed rights or rules, as the protocol writes it.
    Mode {
        /// The change, such as `+o ann`.
        text: String,
    },
    /// The conversation has another name now.
    Retitled {
        /// Which.
        to: String,
    },
    /// Two parts of the network lost each other, and with it these people.
    Split {
        /// Their names.
        names: Vec<String>,
    },
    /// Two parts of the network found each other, and these people are back.
    Rejoined {
        /// Their names.
        names: Vec<String>,
    },
}
