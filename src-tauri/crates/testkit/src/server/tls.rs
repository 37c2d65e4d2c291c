//! Certificates made at run time: a test authority, and servers that it vouches for, rightly or not.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType, Error,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_rustls::TlsAcceptor;

/// An authority that only this test trusts.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The serial number of the next certificate.
    issued: AtomicU64,
}

/// What is right or wrong with a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: it is for `localhost` and 127.0.0.1.
    Valid,
    /// It ended in 2021.
    Expired,
    /// It begins in 2999.
    NotYetValid,
    /// It is for `elsewhere.example`.
    WrongName,
    /// It vouches for itself.
    SelfSigned,
    /// It is meant for clients.
    WrongPurpose,
    /// It is good, but the server wants one of the client too.
    WantsClientCertificate,
    /// It is good, and the server asks for one of the client, but does without.
    AsksForClientCertificate,
}

/// A server's certificate and key.
pub struct Identity {
    certificate: CertificateDer<'static>,
    serial: SerialNumber,
    key: PrivateKeyDer<'static>,
    /// Who vouches for clients, and whether they must show a certificate.
    clients: Option<(Arc<RootCertStore>, Demand)>,
}

/// Whether a client may come without a certificate.
#[derive(Clone, Copy)]
enum Demand {
    Required,
    Optional,
}

impl Authority {
    /// A new authority.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new() -> io::Result<Self> {
        let make = || {
            let mut params = CertificateParams::new(Vec::new())?;
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            params.distinguished_name.push(DnType::CommonName, "The authority of a test");
            CertifiedIssuer::self_signed(params, KeyPair::generate()?)
        };
        Ok(Self { issuer: make().map_err(other)?, issued: AtomicU64::new(1) })
    }

    /// Its certificate as a PEM file has it.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.as_ref().pem()
    }

    /// A server's identity.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn identity(&self, kind: Kind) -> io::Result<Identity> {
        let clients = match kind {
            Kind::WantsClientCertificate => Some((Arc::new(self.roots()?), Demand::Required)),
            Kind::AsksForClientCertificate => Some((Arc::new(self.roots()?), Demand::Optional)),
            Kind::Valid
            | Kind::Expired
            | Kind::NotYetValid
            | Kind::WrongName
            | Kind::SelfSigned
            | Kind::WrongPurpose => None,
        };
        let serial = SerialNumber::from(self.issued.fetch_add(1, Ordering::Relaxed));
        let (certificate, key) = self.make(kind, serial.clone()).map_err(other)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
        Ok(Identity { certificate, serial, key, clients })
    }

    fn make(&self, kind: Kind, serial: SerialNumber) -> Result<(CertificateDer<'static>, KeyPair), Error> {
        let names = match kind {
            Kind::WrongName => vec!["elsewhere.example".to_owned()],
            Kind::Valid
            | Kind::Expired
            | Kind::NotYetValid
            | Kind::SelfSigned
            | Kind::WrongPurpose
            | Kind::WantsClientCertificate
            | Kind::AsksForClientCertificate => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        };
        let mut params = CertificateParams::new(names)?;
        params.serial_number = Some(serial);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        match kind {
            Kind::Expired => {
                params.not_before = date_time_ymd(2020, 1, 1);
                params.not_after = date_time_ymd(2021, 1, 1);
            }
            Kind::NotYetValid => {
                params.not_before = date_time_ymd(2999, 1, 1);
                params.not_after = date_time_ymd(3000, 1, 1);
            }
            Kind::WrongPurpose => params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
            Kind::Valid
            | Kind::WrongName
            | Kind::SelfSigned
            | Kind::WantsClientCertificate
            | Kind::AsksForClientCertificate => {}
        }
        let key = KeyPair::generate()?;
        let certificate = match kind {
            Kind::SelfSigned => params.self_signed(&key)?,
            Kind::Valid
            | Kind::Expired
            | Kind::NotYetValid
            | Kind::WrongName
            | Kind::WrongPurpose
            | Kind::WantsClientCertificate
            | Kind::AsksForClientCertificate => params.signed_by(&key, &self.issuer)?,
        };
        Ok((certificate.der().clone(), key))
    }

    /// The list of the certificates that are good no more: this one's alone.
    ///
    /// # Errors
    /// When the list cannot be made.
    pub fn withdrawn(&self, identity: &Identity) -> io::Result<CertificateRevocationListDer<'static>> {
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(3000, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: identity.serial.clone(),
                revocation_time: date_time_ymd(2020, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(list.signed_by(&self.issuer).map_err(other)?.into())
    }

    /// What a client trusts that trusts this authority alone.
    ///
    /// # Errors
    /// When rustls does not take it.
    pub fn roots(&self) -> io::Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.as_ref().der().clone()).map_err(io::Error::other)?;
        Ok(roots)
    }
}

impl Identity {
    /// The server's certificate.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    pub(super) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let builder = match &self.clients {
            None => builder.with_no_client_auth(),
            Some((roots, demand)) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), provider);
                let verifier = match demand {
                    Demand::Required => verifier,
                    Demand::Optional => verifier.allow_unauthenticated(),
                };
                builder.with_client_cert_verifier(verifier.build().map_err(io::Error::other)?)
            }
        };
        let config = builder
            .with_single_cert(vec![self.certificate.clone()], self.key.clone_key())
            .map_err(io::Error::other)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn other(error: Error) -> io::Error {
    io::Error::other(error)
}
