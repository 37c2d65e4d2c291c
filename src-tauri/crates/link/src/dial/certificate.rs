//! What a certificate says, for people to read. A server wrote it: every word is cleaned and bounded.

use super::verifier::sha256;
use crate::text::clean;
use domain::{Certificate, Timestamp};
use rustls::pki_types::CertificateDer;
use std::net::IpAddr;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate, X509Name};

/// How much of a name is shown.
const NAME: usize = 253;

/// How many hosts are shown.
const NAMES: usize = 20;

/// Reads it; of one that cannot be read at least the fingerprint is known.
pub(super) fn describe(der: &CertificateDer<'_>) -> Certificate {
    let nothing = Certificate {
        subject: String::new(),
        issuer: String::new(),
        names: Vec::new(),
        not_before: Timestamp(0),
        not_after: Timestamp(0),
        sha256: sha256(der),
    };
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return nothing };
    let names = match certificate.subject_alternative_name() {
        Ok(Some(extension)) => extension.value.general_names.iter().filter_map(host).take(NAMES).collect(),
        Ok(None) | Err(_) => Vec::new(),
    };
    let validity = certificate.validity();
    Certificate {
        subject: whose(certificate.subject()),
        issuer: whose(certificate.issuer()),
        names,
        not_before: Timestamp(validity.not_before.timestamp().saturating_mul(1000)),
        not_after: Timestamp(validity.not_after.timestamp().saturating_mul(1000)),
        ..nothing
    }
}

/// The common name, else the whole.
fn whose(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|name| name.as_str().ok());
    match common.filter(|name| !name.trim().is_empty()) {
        Some(common) => clean(common, NAME),
        None => clean(&name.to_string(), NAME),
    }
}

fn host(name: &GeneralName<'_>) -> Option<String> {
    // The list is the library's.
    if let GeneralName::DNSName(name) = name {
        return Some(clean(name, NAME));
    }
    let GeneralName::IPAddress(bytes) = name else { return None };
    let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
    let address = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok()?;
    Some(address.to_string())
}
