//! TLS on a connected stream: rustls with ring and the platform's own trust.

use crate::narrow::{self, words};
use domain::{Reason, TlsFault};
use rustls::ProtocolVersion;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use std::io;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

/// Whom to trust, and which versions and ciphers are spoken.
pub type Tls = Arc<rustls::ClientConfig>;

/// What the system trusts, TLS 1.2 and 1.3, no ALPN: a WebSocket handshake is HTTP/1.1, and offering that by name makes
/// some servers choose HTTP/2.
///
/// # Errors
/// When the system's trust cannot be read.
pub fn platform_tls() -> Result<Tls, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The TLS handshake. Gives the version as people write it.
pub(super) async fn secure(
    stream: TcpStream,
    host: &Host<&str>,
    config: Tls,
) -> Result<(TlsStream<TcpStream>, Option<String>), Reason> {
    let name = server_name(host)?;
    let stream = TlsConnector::from(config).connect(name, stream).await.map_err(|error| fault(&error))?;
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
