//! Whom a server's certificate is good enough for: the system, the account's own authorities, or the user, who trusts
//! one certificate for one server.

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The verifier of one connection. It also keeps the certificate that it was shown.
#[derive(Debug)]
pub(super) struct Verifier {
    system: Arc<dyn ServerCertVerifier>,
    /// The account's own authorities.
    own: Option<Arc<dyn ServerCertVerifier>>,
    /// What the user trusts for this server, whatever is wrong with it but that it was withdrawn: SHA-256 in hexadecimal.
    pins: Vec<String>,
    shown: Mutex<Option<CertificateDer<'static>>>,
}

/// Another certificate than the one that the user trusts for this server, and nothing else speaks for it.
#[derive(Debug)]
pub(crate) struct Changed;

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not the certificate that was trusted for this server")
    }
}

impl std::error::Error for Changed {}

impl Verifier {
    pub(super) fn new(
        system: Arc<dyn ServerCertVerifier>,
        own: Option<Arc<dyn ServerCertVerifier>>,
        pins: Vec<String>,
    ) -> Self {
        Self { system, own, pins, shown: Mutex::new(None) }
    }

    /// The certificate that the server showed.
    pub(super) fn shown(&self) -> Option<CertificateDer<'static>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The fingerprint by which people compare certificates.
pub(super) fn sha256(certificate: &CertificateDer<'_>) -> String {
    HEXLOWER.encode(digest(&SHA256, certificate).as_ref())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificate.clone().into_owned());
        let verify =
            |by: &Arc<dyn ServerCertVerifier>| by.verify_server_cert(certificate, chain, name, ocsp, now);
        let verdict = verify(&self.system).or_else(|error| match &self.own {
            // Of two refusals the one of whoever knows the issuer says more.
            Some(own) if !is_withdrawn(&error) => {
                verify(own).map_err(|of_own| if is_stranger(&of_own) { error } else { of_own })
            }
            Some(_) | None => Err(error),
        });
        let Err(error) = verdict else { return verdict };
        if is_withdrawn(&error) {
            return Err(error);
        }
        let fingerprint = sha256(certificate);
        if self.pins.iter().any(|pin| pin.eq_ignore_ascii_case(&fingerprint)) {
            Ok(ServerCertVerified::assertion())
        } else if self.pins.is_empty() {
            Err(error)
        } else {
            Err(CertificateError::Other(OtherError(Arc::new(Changed))).into())
        }
    }

    // Whoever the certificate belongs to must also hold its key, pinned or not.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}

/// Whether whoever signed it says that it is good no more: its key may be in other hands, and nobody's word mends that.
fn is_withdrawn(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::Revoked))
}

/// Whether nobody known signed it.
fn is_stranger(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::client::WebPkiServerVerifier;
    use rustls::crypto::ring::default_provider;
    use testkit::server::{Authority, Kind};

    #[test]
    fn neither_a_pin_nor_an_authority_of_the_account_makes_a_withdrawn_certificate_good() {
        let authority = Authority::new().unwrap();
        let identity = authority.identity(Kind::Valid).unwrap();
        let (certificate, roots) = (identity.certificate(), Arc::new(authority.roots().unwrap()));
        let builder =
            || WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::new(default_provider()));
        let good: Arc<dyn ServerCertVerifier> = builder().build().unwrap();
        let knowing: Arc<dyn ServerCertVerifier> =
            builder().with_crls([authority.withdrawn(&identity).unwrap()]).build().unwrap();
        let (pin, other) = (vec![sha256(certificate)], vec!["0".repeat(64)]);
        let judge = |system: &Arc<_>, own: Option<&Arc<_>>, pins: &Vec<String>| {
            Verifier::new(Arc::clone(system), own.cloned(), pins.clone())
                .verify_server_cert(
                    certificate,
                    &[],
                    &ServerName::try_from("localhost").unwrap(),
                    &[],
                    UnixTime::now(),
                )
                .map(drop)
        };
        let withdrawn = Err(CertificateError::Revoked.into());
        for pins in [&Vec::new(), &pin, &other] {
            assert_eq!(judge(&good, None, pins), Ok(()), "it is good otherwise");
            assert_eq!(judge(&knowing, None, pins), withdrawn);
            assert_eq!(judge(&knowing, Some(&good), pins), withdrawn);
        }
    }
}
