//! The proxy that the user has set for the account of the archive: HTTP CONNECT or SOCKS5, as the seed says, or none.
//!
//! The archive's, since it knows a message again: what a proxy still holds when we let go of it may arrive late, and nobody
//! who speaks through one can help that.

use anyhow::Result;
use domain::Proxy;
use std::net::{Ipv4Addr, SocketAddr};
use testkit::proxy;
use tokio::sync::Mutex;

/// The name of the archive, which only the proxy knows.
const NAME: &str = "archive.whinchat.test";

/// The proxy, or where it will be again.
pub(super) struct Relay {
    server: SocketAddr,
    port: u16,
    way: Proxy,
    proxy: Mutex<Option<proxy::Proxy>>,
}

impl Relay {
    /// Before this server.
    pub(super) async fn start(server: SocketAddr, seed: u64) -> Result<Self> {
        let proxy = proxy::Proxy::start([name(server)]).await?;
        let (host, port, user) = (Ipv4Addr::LOCALHOST.to_string(), proxy.port(), String::new());
        let way = match seed % 3 {
            0 => Proxy::None,
            1 => Proxy::Http { host, port, user },
            _ => Proxy::Socks5 { host, port, user },
        };
        Ok(Self { server, port, way, proxy: Mutex::new(Some(proxy)) })
    }

    /// The address of the server, and through whom it is reached.
    pub(super) fn way(&self) -> (String, Proxy) {
        let authority = if self.is_used() { name(self.server).0 } else { self.server.to_string() };
        (format!("ws://{authority}/"), self.way.clone())
    }

    /// Whether anything goes through it.
    pub(super) fn is_used(&self) -> bool {
        self.way != Proxy::None
    }

    /// It is gone, and so is all that went through it.
    pub(super) async fn die(&self) {
        self.proxy.lock().await.take();
    }

    /// It is back.
    pub(super) async fn rise(&self) -> Result<()> {
        let place = (Ipv4Addr::LOCALHOST, self.port);
        *self.proxy.lock().await = Some(proxy::Proxy::start_on(place, [name(self.server)]).await?);
        Ok(())
    }
}

fn name(server: SocketAddr) -> (String, SocketAddr) {
    (format!("{NAME}:{}", server.port()), server)
}
