//! How an account reaches its server: what the user typed, without secrets.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Further addresses of the same server, for when the first cannot be reached.
    #[serde(default)]
    pub fallbacks: Vec<String>,
    /// Subprotocols to offer, in order of preference (RFC 6455 §1.9).
    #[serde(default)]
    pub subprotocols: Vec<String>,
    /// The `Origin` header to send; empty: none.
    #[serde(default)]
    pub origin: String,
    /// Extra headers of the handshake.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// How we say who we are.
    #[serde(default)]
    pub log_in: LogIn,
    /// Through whom the server is reached.
    #[serde(default)]
    pub proxy: Proxy,
    /// Whom to trust beyond what the system trusts, and who we are in TLS.
    #[serde(default)]
    pub trust: Trust,
    /// Whether frames may be compressed.
    #[serde(default)]
    pub compression: Compression,
    /// What the protocol itself wants to know, by the names of its fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// How we say who we are, in the opening handshake or in the protocol. The secret itself lies in the keyring as
/// [`SecretKind::LogIn`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum LogIn {
    /// Not at all.
    #[default]
    None,
    /// `Authorization: Basic` (RFC 7617); the secret is the password.
    Basic {
        /// The user-id; it has no colon.
        user: String,
    },
    /// `Authorization: Bearer` (RFC 6750); the secret is the token.
    Bearer,
    /// `Cookie` (RFC 6265 §4.2); the secret is the header's value, `a=1; b=2`.
    Cookie,
    /// A parameter of the address's query; the secret is its value.
    Query {
        /// The parameter's name.
        name: String,
    },
    /// A header of any other name; the secret is its value.
    Header {
        /// The header's name.
        name: String,
    },
    /// Not in the handshake but in the protocol, as its adapter knows how; the secret is the password.
    Protocol {
        /// The account's name at the server; empty where the password is the server's own.
        user: String,
    },
}

/// Through whom a server is reached. A password lies in the keyring as [`SecretKind::Proxy`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Proxy {
    /// As the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`) and the desktop's settings say.
    #[default]
    System,
    /// Directly.
    None,
    /// HTTP CONNECT (RFC 9110 §9.3.6).
    Http {
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
        /// The user to log in as; empty: no log-in.
        user: String,
    },
    /// SOCKS5 (RFC 1928); the proxy asks for the server's address.
    Socks5 {
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
        /// The user to log in as (RFC 1929); empty: no log-in.
        user: String,
    },
}

/// Whom to trust beyond what the system trusts, and who we are in TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default, rename_all = "camelCase")]
pub struct Trust {
    /// A PEM file with authorities to trust for this account; empty: none.
    pub authorities: String,
    /// Our certificate: a PEM file, or PKCS#12 (`.p12`, `.pfx`) with the key in it; empty: none. Its password lies in
    /// the keyring as [`SecretKind::ClientKey`].
    pub certificate: String,
    /// Our private key as a PEM file; empty: it is in the file of the certificate.
    pub key: String,
    /// Certificates that are trusted for one server each, whatever is wrong with them.
    pub pins: Vec<Pin>,
}

/// A certificate that the user trusts for one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// The server's host and port, as `host:port`.
    pub server: String,
    /// SHA-256 of the certificate's DER form: 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Whether frames may be compressed (permessage-deflate, RFC 7692).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Compression {
    /// It is offered; the server chooses.
    #[default]
    Offer,
    /// It is not offered.
    Off,
}

/// What a secret of an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SecretKind {
    /// Logging in at the handshake or in the protocol.
    LogIn,
    /// Logging in at the proxy.
    Proxy,
    /// Opening the file of our certificate or key.
    ClientKey,
    /// What the protocol entrusts to us for its next session, such as the keys of rooms. Nobody types it.
    Rooms,
}

impl AccountConfig {
    /// The secrets that this account cannot do without.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretKind> {
        let log_in = match &self.log_in {
            LogIn::None => None,
            LogIn::Basic { .. }
            | LogIn::Bearer
            | LogIn::Cookie
            | LogIn::Query { .. }
            | LogIn::Header { .. }
            | LogIn::Protocol { .. } => Some(SecretKind::LogIn),
        };
        let proxy = match &self.proxy {
            Proxy::System | Proxy::None => None,
            Proxy::Http { user, .. } | Proxy::Socks5 { user, .. } => {
                (!user.is_empty()).then_some(SecretKind::Proxy)
            }
        };
        log_in.into_iter().chain(proxy).collect()
    }
}
