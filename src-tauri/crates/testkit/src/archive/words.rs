//! What the two ends say to each other.

use serde::{Deserialize, Serialize};

/// The name under which the adapter speaks.
pub const ME: &str = "me";

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "camelCase")]
pub enum Call {
    /// First, once: who it is. From here on it hears what is said.
    Hello {
        /// Its name.
        name: String,
    },
    /// A message. Saying it again under the same transaction is saying it once.
    Say {
        /// The transaction.
        txn: String,
        /// The text.
        text: String,
    },
    /// Asks for history.
    Since {
        /// What follows this number; `None`: from the beginning.
        after: Option<u64>,
        /// How many at most.
        limit: u32,
    },
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "camelCase")]
pub enum Word {
    /// The answer to [`Call::Hello`].
    Welcome {
        /// The newest message; what is said after it is heard live.
        head: Option<u64>,
    },
    /// A message of this client is on the server's disk.
    Ack {
        /// Its transaction.
        txn: String,
        /// Its number.
        id: u64,
        /// When, in milliseconds since 1970.
        at: i64,
    },
    /// Somebody else said something.
    Said {
        /// What.
        said: Said,
    },
    /// A piece of the history.
    Page {
        /// As it was asked.
        after: Option<u64>,
        /// Without a hole, the oldest first.
        said: Vec<Said>,
        /// Nothing follows but what is heard live.
        complete: bool,
    },
    /// There is no such message to follow.
    Unknown {
        /// As it was asked.
        after: Option<u64>,
    },
}

/// A message as the server keeps it; a line of its log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Its number.
    pub id: u64,
    /// Who said it.
    pub from: String,
    /// Under which transaction.
    pub txn: String,
    /// What.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}
