//! One try to reach a server, step by step: what the truth panel shows and `whinchat diagnose` prints.

use crate::{Phase, Reason, Timestamp};
use serde::{Deserialize, Serialize};

/// One try to reach a server, and what became of the session that followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it began; with the account, its identity.
    pub at: Timestamp,
    /// The address that was dialled, without a log-in in it.
    pub url: String,
    /// The steps in the order in which they were begun.
    pub steps: Vec<Step>,
    /// Who was met on the way.
    pub peer: Peer,
    /// How it came out.
    pub outcome: Outcome,
}

impl Attempt {
    /// Whether it is known how it came out.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.outcome != Outcome::Trying
    }
}

/// One step of a try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Which.
    pub phase: Phase,
    /// How long it took, in microseconds; `None`: it was not finished.
    pub took_us: Option<u32>,
}

/// Who was met on the way, as far as the try came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default, rename_all = "camelCase")]
pub struct Peer {
    /// The address that answered, with its port: the proxy's where there is one.
    pub address: Option<String>,
    /// The proxy, as `http://host:port` or `socks5://host:port`.
    pub proxy: Option<String>,
    /// The TLS version as people write it (`TLS 1.3`).
    pub tls: Option<String>,
    /// The cipher suite, as IANA names it.
    pub cipher: Option<String>,
    /// The server's certificate.
    pub certificate: Option<Certificate>,
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
    /// The extensions that the server took, as in `Sec-WebSocket-Extensions`.
    pub extensions: Option<String>,
}

/// What a person wants to know of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Whose it is: the common name, else the whole subject.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The hosts that it is for, at most 20.
    pub names: Vec<String>,
    /// Its first moment.
    pub not_before: Timestamp,
    /// Its last moment.
    pub not_after: Timestamp,
    /// SHA-256 of its DER form: 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// How a try came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// It is under way.
    Trying,
    /// There was no session; the last step is the one that failed.
    Failed {
        /// Why.
        reason: Reason,
    },
    /// The session is established.
    Online {
        /// Since when.
        since: Timestamp,
    },
    /// The session was established, and is over.
    Ended {
        /// Since when it was.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
        /// Why it ended.
        reason: Reason,
    },
}
