//! A proxy for tests: CONNECT and SOCKS5 on one port, with names that no resolver knows.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// The longest head of a CONNECT that is read.
const MAX_HEAD: usize = 16 * 1024;

/// A running proxy; ended when dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

/// What was asked of a proxy, and from where it went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The server as it was named, `host:port`.
    pub target: String,
    /// The proxy's own end of the connection to it.
    pub from: Option<SocketAddr>,
}

type Names = Arc<BTreeMap<String, SocketAddr>>;

impl Proxy {
    /// Listens on a free port of 127.0.0.1; knows these names and no others.
    ///
    /// # Errors
    /// When the system gives no port.
    pub async fn start(names: impl IntoIterator<Item = (String, SocketAddr)>) -> io::Result<Self> {
        Self::start_at(Ipv4Addr::LOCALHOST, names).await
    }

    /// The same at another address of this computer.
    ///
    /// # Errors
    /// When the system gives no port.
    pub async fn start_at(
        place: Ipv4Addr,
        names: impl IntoIterator<Item = (String, SocketAddr)>,
    ) -> io::Result<Self> {
        Self::start_on((place, 0), names).await
    }

    /// The same where another was before.
    ///
    /// # Errors
    /// When the system does not give the port.
    pub async fn start_on(
        place: (Ipv4Addr, u16),
        names: impl IntoIterator<Item = (String, SocketAddr)>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(place).await?;
        let port = listener.local_addr()?.port();
        let names: Names = Arc::new(names.into_iter().collect());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                // How it ends is what the client sees.
                let (names, record) = (Arc::clone(&names), Arc::clone(&record));
                clients.spawn(async move { drop(serve(client, &names, &record).await) });
            }
        });
        Ok(Self { port, asked, task })
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut client: TcpStream, names: &Names, asked: &Mutex<Vec<Asked>>) -> io::Result<()> {
    let socks = client.read_u8().await? == 5;
    let target = if socks { read_socks(&mut client).await? } else { read_connect(&mut client).await? };
    let server = match names.get(&target) {
        Some(address) => TcpStream::connect(address).await.ok(),
        None => None,
    };
    let from = server.as_ref().and_then(|server| server.local_addr().ok());
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(Asked { target, from });
    let answer: &[u8] = match (socks, server.is_some()) {
        (true, true) => &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        (true, false) => &[5, 4, 0, 1, 0, 0, 0, 0, 0, 0],
        (false, true) => b"HTTP/1.1 200 Connected\r\n\r\n",
        (false, false) => b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    };
    client.write_all(answer).await?;
    if let Some(mut server) = server {
        copy_bidirectional(&mut client, &mut server).await?;
    }
    Ok(())
}

/// RFC 1928, without a log-in; the version was read.
async fn read_socks(client: &mut TcpStream) -> io::Result<String> {
    let methods = client.read_u8().await?;
    client.read_exact(&mut vec![0; methods.into()]).await?;
    client.write_all(&[5, 0]).await?;
    let mut head = [0; 4];
    client.read_exact(&mut head).await?;
    let host = match head {
        [5, 1, 0, 1] => Ipv4Addr::from(client.read_u32().await?).to_string(),
        [5, 1, 0, 3] => {
            let mut name = vec![0; client.read_u8().await?.into()];
            client.read_exact(&mut name).await?;
            String::from_utf8_lossy(&name).into_owned()
        }
        other => return Err(io::Error::other(format!("SOCKS5 {other:?}"))),
    };
    Ok(format!("{host}:{}", client.read_u16().await?))
}

/// RFC 9110 §9.3.6; the first letter was read.
async fn read_connect(client: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.strip_prefix("ONNECT ").and_then(|rest| rest.split(' ').next());
    target.map(str::to_owned).ok_or_else(|| io::Error::other(head))
}
