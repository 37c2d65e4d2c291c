//! The addresses of a host.

use crate::narrow::words;
use domain::Reason;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::Host;

/// Asks the system's resolver. An address needs no asking, nor does this computer's own name (RFC 6761 §6.3).
pub(super) async fn resolve(host: &Host<&str>, port: u16) -> Result<Vec<SocketAddr>, Reason> {
    let name = match host {
        Host::Ipv4(address) => return Ok(vec![(*address, port).into()]),
        Host::Ipv6(address) => return Ok(vec![(*address, port).into()]),
        Host::Domain(name) => *name,
    };
    if is_this_computer(name) {
        let addresses = [IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)];
        return Ok(addresses.map(|address| (address, port).into()).to_vec());
    }
    let fault = |text| Reason::Dns { host: name.to_owned(), text };
    let found = tokio::net::lookup_host((name, port)).await.map_err(|error| fault(words(&error)))?;
    let addresses: Vec<SocketAddr> = found.collect();
    if addresses.is_empty() { Err(fault("it has no address".to_owned())) } else { Ok(addresses) }
}

/// Whether a name is always this computer's own.
pub(super) fn is_this_computer(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn this_computer_has_both_families() {
        for name in ["localhost", "LOCALHOST.", "chat.localhost"] {
            let found = resolve(&Host::Domain(name), 1).await.unwrap();
            assert_eq!(found, ["[::1]:1".parse().unwrap(), "127.0.0.1:1".parse().unwrap()]);
        }
        assert!(!is_this_computer("notlocalhost"));
    }

    #[tokio::test]
    async fn an_address_is_not_asked_for() {
        let found = resolve(&Host::Ipv4(Ipv4Addr::new(192, 0, 2, 1)), 80).await.unwrap();
        assert_eq!(found, ["192.0.2.1:80".parse().unwrap()]);
    }

    #[tokio::test]
    async fn a_host_without_an_address_is_a_dns_fault() {
        let Err(Reason::Dns { host, text }) = resolve(&Host::Domain("nobody.invalid"), 80).await else {
            panic!("RFC 6761 §6.4: never resolves");
        };
        assert_eq!(host, "nobody.invalid");
        assert!(!text.is_empty());
    }
}
