//! How an account reaches its server: what the user typed, without secrets.

use serde::{Deserialize, Serialize};

/// An extra header of the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Header {
    /// The field name, RFC 9110 §5.1.
    pub name: String,
    /// The field value, RFC 9110 §5.5.
    pub value: String,
}

/// What the account form holds. Kept as one JSON value in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AccountConfig {
    /// The id of a protocol in `proto::ALL`.
    pub protocol: String,
    /// What the user calls the account; empty: the host of the address.
    pub name: String,
    /// The address, as typed: `ws://` or `wss://`.
    pub url: String,
    /// Subprotocols to offer, in order of preference (RFC 6455 §1.9).
    #[serde(default)]
    pub subprotocols: Vec<String>,
    /// The `Origin` header to send; empty: none.
    #[serde(default)]
    pub origin: String,
    /// Extra headers of the handshake.
    #[serde(default)]
    pub headers: Vec<Header>,
}
