//! The errors of tungstenite, rustls and the system, narrowed by hand to [`Reason`].

use crate::deflate::Corrupt;
use crate::dial::Changed;
use crate::text::clean;
use domain::{CloseBy, Reason, TlsFault};
use rustls::{AlertDescription, CertificateError};
use std::io;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// How long the system's and the libraries' own words may be.
const WORDS: usize = 200;

/// The longest reason of a Close frame (RFC 6455 §5.5: 125 bytes, two of them the code).
const CLOSE_TEXT: usize = 123;

/// RFC 6455 §7.4.1.
pub(crate) const NORMAL: u16 = 1000;
/// RFC 6455 §7.4.1.
pub(crate) const GOING_AWAY: u16 = 1001;
const PROTOCOL_ERROR: u16 = 1002;
/// RFC 6455 §7.4.1: what is not consistent with its type, so also compressed bytes that are none.
const NOT_UTF8: u16 = 1007;
const TOO_BIG: u16 = 1009;
/// RFC 6455 §7.4.1, for a bug of ours; the registry calls it "internal error" for clients too.
pub(crate) const INTERNAL: u16 = 1011;

/// How a session failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Why.
    pub(crate) reason: Reason,
    /// The code of the Close frame that the server is owed, where the line still stands.
    pub(crate) close: Option<u16>,
}

/// An error of an open WebSocket.
pub(crate) fn session(error: &Error, max_message: u32) -> Failure {
    let gone = |reason| Failure { reason, close: None };
    let broken = |code| Failure { reason: Reason::BrokenFrames { text: words(error) }, close: Some(code) };
    if let Error::Io(error) = error {
        return match error.get_ref().and_then(|inner| inner.downcast_ref::<Corrupt>()) {
            Some(corrupt) => {
                Failure { reason: Reason::BrokenFrames { text: words(corrupt) }, close: Some(NOT_UTF8) }
            }
            None => gone(io_error(error)),
        };
    }
    if matches!(error, Error::Capacity(CapacityError::MessageTooLong { .. })) {
        return Failure { reason: Reason::TooBig { limit: max_message }, close: Some(TOO_BIG) };
    }
    if matches!(error, Error::Utf8(_)) {
        return broken(NOT_UTF8);
    }
    if is_end(error) {
        return gone(Reason::Dropped { text: "the stream ended".to_owned() });
    }
    broken(PROTOCOL_ERROR)
}

/// Whether it says that the other side's bytes came to their end, in order, without a Close frame.
pub(crate) fn is_end(error: &Error) -> bool {
    matches!(error, Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))
        || matches!(error, Error::ConnectionClosed | Error::AlreadyClosed)
}

/// An error of the stream itself.
pub(crate) fn io_error(error: &io::Error) -> Reason {
    match rustls_error(error) {
        Some(fault) => tls(fault),
        None => Reason::Dropped { text: words(error) },
    }
}

/// The rustls error inside a stream's error.
pub(crate) fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// A verdict of rustls or of the platform's verifier.
pub(crate) fn tls(error: &rustls::Error) -> Reason {
    Reason::Tls { fault: tls_fault(error), text: words(error), certificate: None }
}

/// The verdict of rustls or of the platform's verifier.
pub(crate) fn tls_fault(error: &rustls::Error) -> TlsFault {
    // The lists are rustls's, and open.
    if let rustls::Error::InvalidCertificate(error) = error {
        return certificate_fault(error);
    }
    if let rustls::Error::AlertReceived(alert) = error {
        return alert_fault(*alert);
    }
    if matches!(error, rustls::Error::InvalidMessage(_)) {
        TlsFault::NotTls
    } else if matches!(error, rustls::Error::PeerIncompatible(_)) {
        TlsFault::NoCommonVersion
    } else if matches!(error, rustls::Error::NoCertificatesPresented) {
        TlsFault::BadCertificate
    } else {
        TlsFault::Other
    }
}

fn certificate_fault(error: &CertificateError) -> TlsFault {
    use CertificateError as E;
    if has_changed(error) {
        TlsFault::Changed
    } else if matches!(error, E::Expired | E::ExpiredContext { .. }) {
        TlsFault::Expired
    } else if matches!(error, E::NotValidYet | E::NotValidYetContext { .. }) {
        TlsFault::NotYetValid
    } else if matches!(error, E::NotValidForName | E::NotValidForNameContext { .. }) {
        TlsFault::WrongName
    } else if matches!(error, E::UnknownIssuer) || is_own_authority(error) {
        TlsFault::UnknownIssuer
    } else if matches!(error, E::Revoked) {
        TlsFault::Revoked
    } else if matches!(error, E::InvalidPurpose | E::InvalidPurposeContext { .. }) {
        TlsFault::WrongPurpose
    } else {
        TlsFault::BadCertificate
    }
}

fn has_changed(error: &CertificateError) -> bool {
    let CertificateError::Other(rustls::OtherError(error)) = error else { return false };
    error.downcast_ref::<Changed>().is_some()
}

/// A certificate that names itself an authority and signed itself; webpki's word for it reaches us as text only.
fn is_own_authority(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(_)) && format!("{error:?}").contains("CaUsedAsEndEntity")
}

fn alert_fault(alert: AlertDescription) -> TlsFault {
    use AlertDescription as A;
    if matches!(alert, A::CertificateRequired | A::NoCertificate) {
        TlsFault::ClientCertificateWanted
    } else if matches!(alert, A::ProtocolVersion | A::HandshakeFailure | A::InsufficientSecurity) {
        TlsFault::NoCommonVersion
    } else {
        TlsFault::Other
    }
}

/// The server's Close frame, or our own.
pub(crate) fn closed(frame: Option<&CloseFrame>, by: CloseBy) -> Reason {
    let mut text = frame.map(|frame| clean(frame.reason.as_str(), CLOSE_TEXT)).unwrap_or_default();
    while text.len() > CLOSE_TEXT {
        text.pop();
    }
    Reason::Closed { code: frame.map(|frame| frame.code.into()), text, by }
}

/// Why an opening handshake failed, where the answer was not an HTTP status. `first` is how the answer began.
pub(crate) fn handshake(error: &Error, first: &[u8]) -> Reason {
    let not = |text: &str| Reason::NotWebSocket { text: text.to_owned() };
    if let Error::Io(error) = error {
        return io_error(error);
    }
    if let [0x15 | 0x16, 0x03, ..] = first {
        return not("the server speaks TLS here: the address should begin with wss://");
    }
    let Error::Protocol(fault) = error else {
        return Reason::NotWebSocket { text: words(error) };
    };
    if matches!(fault, ProtocolError::HandshakeIncomplete) {
        return if first.is_empty() {
            Reason::Dropped { text: "the stream ended before the server answered".to_owned() }
        } else if first.starts_with(b"HTTP/") {
            not("the stream ended in the middle of the answer")
        } else {
            not("the answer is not HTTP")
        };
    }
    if matches!(fault, ProtocolError::HttparseError(_)) {
        return if first.starts_with(b"HTTP/") {
            not("the answer's head is broken")
        } else {
            not("the answer is not HTTP")
        };
    }
    if matches!(fault, ProtocolError::MissingUpgradeWebSocketHeader) {
        not("the answer has no \"Upgrade: websocket\"")
    } else if matches!(fault, ProtocolError::MissingConnectionUpgradeHeader) {
        not("the answer has no \"Connection: Upgrade\"")
    } else if matches!(fault, ProtocolError::SecWebSocketAcceptKeyMismatch) {
        not("the answer has a wrong \"Sec-WebSocket-Accept\"")
    } else {
        Reason::NotWebSocket { text: words(fault) }
    }
}

/// An error's own words, short and clean.
pub(crate) fn words(error: &impl ToString) -> String {
    clean(&error.to_string(), WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::Error as Tls;

    #[test]
    fn tls_verdicts_have_names() {
        let certificate = |error| Tls::InvalidCertificate(error);
        for (error, fault) in [
            (certificate(CertificateError::Expired), TlsFault::Expired),
            (certificate(CertificateError::NotValidYet), TlsFault::NotYetValid),
            (certificate(CertificateError::NotValidForName), TlsFault::WrongName),
            (certificate(CertificateError::UnknownIssuer), TlsFault::UnknownIssuer),
            (certificate(CertificateError::Revoked), TlsFault::Revoked),
            (certificate(CertificateError::InvalidPurpose), TlsFault::WrongPurpose),
            (certificate(CertificateError::BadSignature), TlsFault::BadCertificate),
            (Tls::AlertReceived(AlertDescription::CertificateRequired), TlsFault::ClientCertificateWanted),
            (Tls::AlertReceived(AlertDescription::ProtocolVersion), TlsFault::NoCommonVersion),
            (Tls::General("?".to_owned()), TlsFault::Other),
        ] {
            assert_eq!(tls_fault(&error), fault, "{error}");
        }
    }

    #[test]
    fn a_close_reason_is_cleaned_and_bounded() {
        let frame = CloseFrame { code: 1001.into(), reason: "bye\u{202e}\u{7}\nnow".into() };
        let reason = closed(Some(&frame), CloseBy::Server);
        assert_eq!(reason, Reason::Closed { code: Some(1001), text: "bye now".into(), by: CloseBy::Server });
        assert_eq!(
            closed(None, CloseBy::Server),
            Reason::Closed { code: None, text: String::new(), by: CloseBy::Server }
        );
    }

    #[test]
    fn a_tls_server_behind_a_plain_address_is_named() {
        let error = Error::Protocol(ProtocolError::HandshakeIncomplete);
        let Reason::NotWebSocket { text } = handshake(&error, &[0x15, 0x03, 0x01]) else { panic!() };
        assert!(text.contains("wss://"));
        assert!(matches!(handshake(&error, b""), Reason::Dropped { .. }));
    }
}
