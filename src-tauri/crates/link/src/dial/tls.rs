//! TLS on a connected stream: rustls with ring, the platform's own trust, and what the account adds to it.

use super::certificate;
use super::credentials::{Credentials, Identity};
use super::verifier::Verifier;
use crate::narrow::{self, words};
use crate::trace::Trace;
use crate::wire::Pipe;
use domain::{Pin, Reason, TlsFault};
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SignatureScheme};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

/// Whom to trust, and which versions and ciphers are spoken.
#[derive(Clone, Debug)]
pub struct Tls {
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
}

/// What the system trusts.
///
/// # Errors
/// When the system's trust cannot be read.
pub fn platform_tls() -> Result<Tls, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(rustls_platform_verifier::Verifier::new(Arc::clone(&provider))?);
    Ok(Tls { provider, verifier })
}

impl Tls {
    /// These authorities, and nobody else.
    ///
    /// # Errors
    /// When there are none.
    pub fn trusting(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier = webpki(Arc::new(roots), &provider)?;
        Ok(Self { provider, verifier })
    }
}

fn webpki(
    roots: Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider)).build();
    Ok(verifier.map_err(|error| rustls::Error::General(error.to_string()))?)
}

/// Our certificate for whoever asks, and whether anybody did.
#[derive(Debug)]
struct Card {
    ours: Option<Arc<CertifiedKey>>,
    wanted: AtomicBool,
}

impl ResolvesClientCert for Card {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.wanted.store(true, Ordering::Relaxed);
        self.ours.clone()
    }

    fn has_certs(&self) -> bool {
        // Also without one, so that we hear of the question.
        true
    }
}

/// A secured stream.
pub(super) struct Secured {
    pub(super) pipe: Box<dyn Pipe>,
    pub(super) version: Option<String>,
    /// The server asked for a certificate of ours and was shown none.
    pub(super) wanted_ours: bool,
}

/// The TLS handshake. What is learnt of the server is recorded, also when it fails.
pub(super) async fn secure(
    pipe: Box<dyn Pipe>,
    url: &Url,
    tls: &Tls,
    credentials: &Credentials,
    pins: &[Pin],
    trace: &Trace,
) -> Result<Secured, Reason> {
    let name = server_name(url)?;
    let server = proto::server(url);
    let pins = pins.iter().filter(|pin| pin.server == server).map(|pin| pin.sha256.clone()).collect();
    let internal = |error: rustls::Error| Reason::Internal { text: words(&error) };
    let own = match &credentials.authorities {
        None => None,
        Some(roots) => Some(webpki(Arc::clone(roots), &tls.provider).map_err(internal)?),
    };
    let verifier = Arc::new(Verifier::new(Arc::clone(&tls.verifier), own, pins));
    let ours = credentials.identity.as_ref().map(|identity| certify(identity, &tls.provider)).transpose()?;
    let card = Arc::new(Card { ours, wanted: AtomicBool::new(false) });
    // TLS 1.2 and 1.3, no ALPN: a WebSocket handshake is HTTP/1.1, and offering that by name makes some servers choose
    // HTTP/2. Nothing is resumed, so that each connection is verified.
    let config = ClientConfig::builder_with_provider(Arc::clone(&tls.provider))
        .with_safe_default_protocol_versions()
        .map_err(internal)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(&card) as Arc<dyn ResolvesClientCert>);
    let result = TlsConnector::from(Arc::new(config)).connect(name, pipe).await;
    let shown = verifier.shown().map(|shown| certificate::describe(&shown));
    trace.met(|peer| peer.certificate = shown.clone());
    match result {
        Ok(stream) => {
            let version = describe(&stream, trace);
            let wanted_ours = card.ours.is_none() && card.wanted.load(Ordering::Relaxed);
            Ok(Secured { pipe: Box::new(stream), version, wanted_ours })
        }
        Err(error) => {
            let (fault, text) = verdict(&error);
            Err(Reason::Tls { fault, text, certificate: shown.map(Box::new) })
        }
    }
}

fn certify(identity: &Identity, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, Reason> {
    CertifiedKey::from_der(identity.chain.clone(), identity.key.clone_key(), provider)
        .map(Arc::new)
        .map_err(|error| Reason::File { path: identity.file.clone(), text: words(&error) })
}

/// Records version and cipher; gives the version.
fn describe(stream: &TlsStream<Box<dyn Pipe>>, trace: &Trace) -> Option<String> {
    let connection = stream.get_ref().1;
    let version = connection.protocol_version().and_then(version_name);
    let cipher = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str().map(iana));
    trace.met(|peer| (peer.tls, peer.cipher) = (version.clone(), cipher));
    version
}

/// rustls writes `TLS13_…` where IANA writes `TLS_…`.
fn iana(name: &str) -> String {
    name.strip_prefix("TLS13_").map_or_else(|| name.to_owned(), |rest| format!("TLS_{rest}"))
}

fn server_name(url: &Url) -> Result<ServerName<'static>, Reason> {
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(ServerName::from(std::net::IpAddr::from(address))),
        Some(Host::Ipv6(address)) => Ok(ServerName::from(std::net::IpAddr::from(address))),
        Some(Host::Domain(name)) => {
            ServerName::try_from(name.to_owned()).map_err(|error| Reason::BadAddress { text: words(&error) })
        }
        None => Err(Reason::BadAddress { text: "it has no host".to_owned() }),
    }
}

fn verdict(error: &io::Error) -> (TlsFault, String) {
    match narrow::rustls_error(error) {
        Some(error) => (narrow::tls_fault(error), words(error)),
        None => (TlsFault::Other, words(error)),
    }
}

fn version_name(version: ProtocolVersion) -> Option<String> {
    if version == ProtocolVersion::TLSv1_3 {
        Some("TLS 1.3".to_owned())
    } else if version == ProtocolVersion::TLSv1_2 {
        Some("TLS 1.2".to_owned())
    } else {
        version.as_str().map(str::to_owned)
    }
}
