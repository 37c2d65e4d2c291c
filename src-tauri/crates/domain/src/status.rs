//! What is true of an account's connection, and of a message on its way.

use crate::{Phase, Reason, Timestamp};
use serde::{Deserialize, Serialize};

/// What is true of an account's connection at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Status {
    /// The user turned the account off.
    Off,
    /// On the way.
    Connecting {
        /// Which of the account's addresses is tried.
        url: String,
        /// The step that is under way.
        phase: Phase,
        /// 1 for the first try since the last session that held.
        attempt: u32,
    },
    /// The session is established.
    Online {
        /// How.
        line: Line,
    },
    /// Will dial again by itself.
    Waiting {
        /// When.
        until: Timestamp,
        /// 1 for the first try since the last session that held; the one that failed last.
        attempt: u32,
        /// Why it is not connected.
        reason: Reason,
    },
    /// Will not dial again until the user changes something or asks for it.
    Stopped {
        /// Why.
        reason: Reason,
    },
}

/// An established connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Which of the account's addresses is in use.
    pub url: String,
    /// The address that answered, with its port: the proxy's where there is one.
    pub address: String,
    /// The TLS version as people write it (`TLS 1.3`); `None`: not encrypted.
    pub tls: Option<String>,
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
    /// The extensions that the server took, as in `Sec-WebSocket-Extensions`.
    pub extensions: Option<String>,
    /// Round-trip time of the last ping in milliseconds, once known.
    pub rtt_ms: Option<u32>,
    /// Since when.
    pub since: Timestamp,
}

/// What is known of a message of ours. Never more than is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Delivery {
    /// On this disk; not handed to a connection.
    Queued,
    /// Handed to a connection; nothing proves yet that it arrived. If the connection ends here, it becomes
    /// [`Delivery::Unconfirmed`], or [`Delivery::Queued`] again where the server tells doubles apart.
    Sending,
    /// The server's WebSocket end has read it: it answered a ping that followed it. Where the server acknowledges and
    /// tells doubles apart, this is not the end: without its receipt the message is sent again.
    Sent,
    /// The server proved, in its protocol, that it has the message.
    Acknowledged,
    /// The connection ended while it was on its way; whether it arrived cannot be known. Not sent again by itself.
    Unconfirmed,
    /// It did not go out and will not by itself.
    Failed {
        /// Why, in words of the server or of the adapter.
        why: String,
    },
}
