//! Why a connection could not be made, or ended. The window has a sentence for each variant in each language.

use crate::{Certificate, SecretKind};
use serde::{Deserialize, Serialize};

/// The steps of reaching a server, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Asking for the addresses of the host.
    Dns,
    /// Opening a TCP connection, to the proxy where there is one.
    Tcp,
    /// Asking the proxy to go on to the server.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The WebSocket opening handshake (RFC 6455 §4).
    Upgrade,
    /// The protocol's own log-in.
    Login,
}

/// Who sent the first Close frame, or let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum CloseBy {
    /// The server.
    Server,
    /// This program.
    Us,
}

/// What is wrong with a server's certificate or TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum TlsFault {
    /// Past its last day.
    Expired,
    /// Before its first day.
    NotYetValid,
    /// Made for another host.
    WrongName,
    /// Signed by nobody whom this computer trusts, itself included.
    UnknownIssuer,
    /// Withdrawn by its issuer.
    Revoked,
    /// Not meant for servers.
    WrongPurpose,
    /// Its signature or encoding is wrong.
    BadCertificate,
    /// The server asks for a certificate of ours.
    ClientCertificateWanted,
    /// No common version or cipher.
    NoCommonVersion,
    /// The other side does not speak TLS.
    NotTls,
    /// Another certificate than the one that the user trusts for this server.
    Changed,
    /// Anything else; the detail says what.
    Other,
}

impl TlsFault {
    /// Whether the user may trust the certificate all the same. Not one that was withdrawn, since its key may be in other
    /// hands; and where something else is wrong than the certificate, trusting it would change nothing.
    #[must_use]
    pub fn is_pardonable(self) -> bool {
        match self {
            Self::Expired
            | Self::NotYetValid
            | Self::WrongName
            | Self::UnknownIssuer
            | Self::WrongPurpose
            | Self::BadCertificate
            | Self::Changed => true,
            Self::Revoked
            | Self::ClientCertificateWanted
            | Self::NoCommonVersion
            | Self::NotTls
            | Self::Other => false,
        }
    }
}

/// What is wrong with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ProxyFault {
    /// It wants a log-in, or another one.
    Unauthorized,
    /// It does not let us go there.
    Forbidden,
    /// It cannot reach the server.
    Unreachable,
    /// It does not speak the proxy protocol that was asked for.
    NotAProxy,
    /// The system's settings do not say which one it is.
    Unnamed,
    /// Anything else; the text says what.
    Other,
}

/// Why a secret is not at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SecretTrouble {
    /// It was never given, or the keyring has it no more.
    Missing,
    /// The keyring is locked.
    Locked,
    /// There is no keyring, and it was not given since the program started.
    NoKeyring,
    /// The keyring does not answer as it should.
    Failed,
}

/// How a server refused the opening handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Refusal {
    /// 401 or 407: log in first.
    Unauthorized {
        /// The `WWW-Authenticate` challenge, at most 200 characters.
        challenge: Option<String>,
    },
    /// 403: not for you, or not with this `Origin`.
    Forbidden,
    /// 404 or 410: no WebSocket at this path.
    NotFound,
    /// 429 or 503: come back later.
    TooMany {
        /// `Retry-After` in seconds.
        retry_after_s: Option<u32>,
    },
    /// 3xx: the server points elsewhere. Never followed by itself.
    Redirect {
        /// The `Location`, at most 500 characters.
        location: Option<String>,
    },
    /// Any other status.
    Other,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Reason {
    /// The address cannot be used as it stands.
    BadAddress {
        /// What is wrong with it.
        text: String,
    },
    /// The host has no address, or the name could not be asked for.
    Dns {
        /// The host that was asked for.
        host: String,
        /// The resolver's words.
        text: String,
    },
    /// Nothing accepts connections there.
    Refused {
        /// The last address tried, with its port.
        address: String,
    },
    /// No way to that address.
    Unreachable {
        /// The last address tried, with its port.
        address: String,
        /// The system's words.
        text: String,
    },
    /// A step took too long.
    TimedOut {
        /// Which.
        phase: Phase,
        /// How long it was given.
        seconds: u32,
    },
    /// TLS did not come about.
    Tls {
        /// The verdict.
        fault: TlsFault,
        /// The verifier's words.
        text: String,
        /// The certificate that the server showed.
        certificate: Option<Box<Certificate>>,
    },
    /// The proxy did not let us through.
    Proxy {
        /// Its address, as `host:port`.
        proxy: String,
        /// The verdict.
        fault: ProxyFault,
        /// Its words.
        text: String,
    },
    /// A password or token that the account needs is not at hand.
    Secret {
        /// Which.
        secret: SecretKind,
        /// Why.
        trouble: SecretTrouble,
    },
    /// A file that the account names (authorities, certificate, key) cannot be used.
    File {
        /// Which.
        path: String,
        /// What is wrong with it.
        text: String,
    },
    /// The server answered the opening handshake with something other than 101.
    Status {
        /// The HTTP status.
        status: u16,
        /// What it means.
        refusal: Refusal,
        /// The first line of text of its body, at most 200 characters.
        text: String,
    },
    /// The answer was no WebSocket handshake: no `Upgrade`, a wrong `Sec-WebSocket-Accept`, not HTTP at all.
    NotWebSocket {
        /// What was wrong.
        text: String,
    },
    /// A subprotocol was asked for and none, or another, was chosen.
    Subprotocol {
        /// What the server chose.
        chosen: Option<String>,
    },
    /// A Close frame (RFC 6455 §7.4).
    Closed {
        /// The status code; `None`: the frame had none (1005).
        code: Option<u16>,
        /// The reason, control characters taken out, at most 123 bytes.
        text: String,
        /// Who closed first.
        by: CloseBy,
    },
    /// The stream ended or was reset with no Close frame (1006).
    Dropped {
        /// The system's words.
        text: String,
    },
    /// Nothing came for too long, not even the answer to a ping.
    Silent {
        /// For how long.
        seconds: u32,
    },
    /// A message was larger than we take.
    TooBig {
        /// The most bytes that are taken.
        limit: u32,
    },
    /// The server, in the protocol's own words, does not let us in: a wrong password, a ban, a name that is not to be had.
    NotLetIn {
        /// The server's words, or the adapter's.
        text: String,
    },
    /// The server broke RFC 6455, or sent text that is not UTF-8.
    BrokenFrames {
        /// How.
        text: String,
    },
    /// Something in this program failed; it is a bug.
    Internal {
        /// What.
        text: String,
    },
}

/// Whether dialling again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", rename_all_fields = "camelCase")]
pub enum Retry {
    /// Dial again with backoff, but not before this many seconds.
    After {
        /// Zero: as the backoff says.
        seconds: u32,
    },
    /// Only the user can change something.
    Never,
}

impl Reason {
    /// Whether dialling again can help.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::BadAddress { .. }
            | Self::Subprotocol { .. }
            | Self::File { .. }
            | Self::NotLetIn { .. } => Retry::Never,
            Self::Secret { trouble, .. } => match trouble {
                SecretTrouble::Missing | SecretTrouble::NoKeyring => Retry::Never,
                // It may be unlocked at any time, and asking it costs the server nothing.
                SecretTrouble::Locked | SecretTrouble::Failed => Retry::After { seconds: 0 },
            },
            Self::Proxy { fault, .. } => match fault {
                ProxyFault::Unauthorized | ProxyFault::Forbidden | ProxyFault::NotAProxy => Retry::Never,
                ProxyFault::Unreachable | ProxyFault::Unnamed | ProxyFault::Other => {
                    Retry::After { seconds: 0 }
                }
            },
            Self::Status { refusal, .. } => match refusal {
                Refusal::Unauthorized { .. } | Refusal::Forbidden | Refusal::Redirect { .. } => Retry::Never,
                Refusal::TooMany { retry_after_s } => Retry::After { seconds: retry_after_s.unwrap_or(0) },
                Refusal::NotFound | Refusal::Other => Retry::After { seconds: 0 },
            },
            Self::Tls { fault, .. } => match fault {
                TlsFault::Expired
                | TlsFault::NotYetValid
                | TlsFault::WrongName
                | TlsFault::UnknownIssuer
                | TlsFault::Revoked
                | TlsFault::WrongPurpose
                | TlsFault::BadCertificate
                | TlsFault::ClientCertificateWanted
                | TlsFault::NoCommonVersion
                | TlsFault::NotTls
                | TlsFault::Changed => Retry::Never,
                TlsFault::Other => Retry::After { seconds: 0 },
            },
            Self::Dns { .. }
            | Self::Refused { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::NotWebSocket { .. }
            | Self::Closed { .. }
            | Self::Dropped { .. }
            | Self::Silent { .. }
            | Self::TooBig { .. }
            | Self::BrokenFrames { .. }
            | Self::Internal { .. } => Retry::After { seconds: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_only_the_user_can_mend_is_not_tried_again() {
        let status = |status, refusal| Reason::Status { status, refusal, text: String::new() };
        assert_eq!(status(401, Refusal::Unauthorized { challenge: None }).retry(), Retry::Never);
        assert_eq!(status(302, Refusal::Redirect { location: None }).retry(), Retry::Never);
        assert_eq!(status(500, Refusal::Other).retry(), Retry::After { seconds: 0 });
    }

    #[test]
    fn retry_after_is_obeyed() {
        let reason = Reason::Status {
            status: 429,
            refusal: Refusal::TooMany { retry_after_s: Some(7) },
            text: String::new(),
        };
        assert_eq!(reason.retry(), Retry::After { seconds: 7 });
    }
}
