//! Identities and positions. Each is a newtype, so that none is taken for another.

use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "f64"))]
        #[serde(transparent)]
        pub struct $name(pub i64);
    };
}

number! {
    /// One log-in on one server, as the store numbers it.
    AccountId
}
number! {
    /// A room, channel, query or topic of one account, as the store numbers it.
    ConversationId
}
number! {
    /// A row of a timeline, as the store numbers it. A message, or a gap.
    MessageId
}
number! {
    /// The number of a write transaction; commit order is `Rev` order (design invariant 7).
    Rev
}
number! {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Timestamp
}

impl Timestamp {
    /// This time, `ms` milliseconds later; saturates.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// Where a row stands in its conversation: by time, then by the order of arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Place {
    /// The time that the row is sorted by.
    pub sort: Timestamp,
    /// The row itself; later arrivals have greater ids.
    pub id: MessageId,
}

/// What the server calls a message. Opaque to everyone but the adapter that made it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct RemoteId(pub String);

/// The name of one intent of the user. Carrying an intent out twice under one `TxnId` is carrying it out once.
///
/// 1 to 64 characters of `A-Z a-z 0-9 - _`; the window makes them with `crypto.randomUUID()`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct TxnId(String);

/// A string that is no [`TxnId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxnIdError;

impl TxnId {
    /// The longest id that is taken.
    pub const MAX_LEN: usize = 64;

    /// Reads an id.
    ///
    /// # Errors
    /// When `text` is empty, longer than [`Self::MAX_LEN`], or has a character outside `A-Z a-z 0-9 - _`.
    pub fn parse(text: impl Into<String>) -> Result<Self, TxnIdError> {
        let text = text.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.is_empty() || text.len() > Self::MAX_LEN || !text.bytes().all(plain) {
            return Err(TxnIdError);
        }
        Ok(Self(text))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TxnId {
    type Error = TxnIdError;
    fn try_from(text: String) -> Result<Self, TxnIdError> {
        Self::parse(text)
    }
}

impl From<TxnId> for String {
    fn from(txn: TxnId) -> Self {
        txn.0
    }
}

impl std::fmt::Display for TxnIdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a transaction id is 1 to {} characters of A-Z a-z 0-9 - _", TxnId::MAX_LEN)
    }
}

impl std::error::Error for TxnIdError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_txn_id_is_short_and_plain() {
        assert!(TxnId::parse("3f1c2b9e-0a51-4b7d-9a43-1f6f6a0f1c11").is_ok());
        for bad in ["", "a b", "é", "a;drop", &"x".repeat(65)] {
            assert_eq!(TxnId::parse(bad), Err(TxnIdError), "{bad}");
        }
        assert!(serde_json::from_str::<TxnId>("\"no spaces\"").is_err());
    }

    #[test]
    fn a_place_sorts_by_time_then_by_arrival() {
        let place = |sort, id| Place { sort: Timestamp(sort), id: MessageId(id) };
        assert!(place(1, 9) < place(2, 1));
        assert!(place(2, 1) < place(2, 2));
    }
}
