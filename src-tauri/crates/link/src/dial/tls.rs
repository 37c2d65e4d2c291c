//! TLS on a connected stream: rustls with ring and the platform's own trust.

use crate::narrow::{self, words};
use domain::{Reason, TlsFault};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ProtocolVersion, RootCertStore};
use rustls_platform_verifier::Verifier;
use std::io;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

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
    let verifier = Arc::new(Verifier::new(Arc::clone(&provider))?);
    Ok(Tls { provider, verifier })
}

impl Tls {
    /// These authorities, and nobody else.
    ///
    /// # Errors
    /// When there are none.
    pub fn trusting(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        Ok(Self { provider, verifier })
    }

    /// TLS 1.2 and 1.3, no ALPN: a WebSocket handshake is HTTP/1.1, and offering that by name makes some servers choose
    /// HTTP/2.
    fn config(&self) -> Result<ClientConfig, rustls::Error> {
        Ok(ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&self.verifier))
            .with_no_client_auth())
    }
}

/// The TLS handshake. Gives the version as people write it.
pub(super) async fn secure(
    stream: TcpStream,
    host: &Host<&str>,
    tls: &Tls,
) -> Result<(TlsStream<TcpStream>, Option<String>), Reason> {
    let name = server_name(host)?;
    let config = tls.config().map_err(|error| Reason::Internal { text: words(&error) })?;
    let stream =
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| fault(&error))?;
    let version = stream.get_ref().1.protocol_version().and_then(version_name);
    Ok((stream, version))
}

fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, Reason> {
    match host {
        Host::Ipv4(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
        Host::Ipv6(address) => Ok(ServerName::from(std::net::IpAddr::from(*address))),
        Host::Domain(name) => ServerName::try_from((*name).to_owned())
            .map_err(|error| Reason::BadAddress { text: words(&error) }),
    }
}

fn fault(error: &io::Error) -> Reason {
    match narrow::rustls_error(error) {
        Some(error) => narrow::tls(error),
        None => Reason::Tls { fault: TlsFault::Other, text: words(error), certificate: None },
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
