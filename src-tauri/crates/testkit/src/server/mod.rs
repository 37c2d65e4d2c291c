//! A WebSocket server that misbehaves by script: one per test, on a free loopback port.
//!
//! A script is an `async fn` over a [`Peer`]; it runs once per connection and says each byte that the client gets. What
//! clients sent is in the server's log, and a test waits for it by condition, never by time. The server can be stopped,
//! and started again on its port.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use testkit::server::{Server, scripts};
//! let server = Server::start(scripts::echo).await?;
//! server.until(|log| log.texts() == ["hello"]).await;
//! # Ok(())
//! # }
//! ```

mod deflate;
mod frame;
mod log;
mod peer;
pub mod scripts;
mod tls;

pub use frame::{Opcode, frames};
pub use log::{Heard, Log, What};
pub use peer::Peer;
pub use tls::{Authority, Identity, Kind};

use peer::Stream;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// How long a condition may take to come true before the test fails: far more than any takes on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

type Script = Arc<dyn Fn(Peer) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send>> + Send + Sync>;

/// A scripted server.
pub struct Server {
    address: SocketAddr,
    script: Script,
    acceptor: Option<TlsAcceptor>,
    log: watch::Sender<Log>,
    running: Option<Running>,
}

struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on a free port of 127.0.0.1 and runs the script for each connection.
    ///
    /// # Errors
    /// When the system gives no port.
    pub async fn start<F>(script: impl Fn(Peer) -> F + Send + Sync + 'static) -> io::Result<Self>
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        Self::bind(script, None).await
    }

    /// The same with TLS in front.
    ///
    /// # Errors
    /// When the system gives no port.
    pub async fn start_tls<F>(
        identity: &Identity,
        script: impl Fn(Peer) -> F + Send + Sync + 'static,
    ) -> io::Result<Self>
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        Self::bind(script, Some(identity.acceptor()?)).await
    }

    async fn bind<F>(
        script: impl Fn(Peer) -> F + Send + Sync + 'static,
        acceptor: Option<TlsAcceptor>,
    ) -> io::Result<Self>
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let script: Script = Arc::new(move |peer| Box::pin(script(peer)));
        let mut server =
            Self { address, script, acceptor, log: watch::Sender::new(Log::default()), running: None };
        server.run(listener);
        Ok(server)
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its address, `ws://127.0.0.1:PORT/`, or `wss://localhost:PORT/` with TLS, as the certificates say.
    #[must_use]
    pub fn url(&self) -> String {
        match self.acceptor {
            None => format!("ws://127.0.0.1:{}/", self.port()),
            Some(_) => format!("wss://localhost:{}/", self.port()),
        }
    }

    /// What was heard so far.
    #[must_use]
    pub fn log(&self) -> Log {
        self.log.borrow().clone()
    }

    /// Waits until the log fulfils a condition.
    ///
    /// # Panics
    /// When it does not within [`PATIENCE`]; shows the log.
    #[expect(clippy::panic, reason = "only tests call it, and a test fails by a panic")]
    pub async fn until(&self, condition: impl FnMut(&Log) -> bool) -> Log {
        let mut watch = self.log.subscribe();
        let Ok(Ok(log)) = tokio::time::timeout(PATIENCE, watch.wait_for(condition_on(condition))).await
        else {
            panic!("the server never heard that; it heard {:#?}", self.log());
        };
        log.clone()
    }

    /// Stops listening and drops every connection as it is, as a killed process does.
    pub async fn stop(&mut self) {
        if let Some(Running { stop, task }) = self.running.take() {
            let _ = stop.send(());
            let _ = task.await;
        }
    }

    /// Listens on the same port again. The log goes on.
    ///
    /// # Errors
    /// When somebody else has taken the port.
    pub async fn start_again(&mut self) -> io::Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await?;
        self.run(listener);
        Ok(())
    }

    /// Listens on the same port again, with another script.
    ///
    /// # Errors
    /// When somebody else has taken the port.
    pub async fn start_again_with<F>(
        &mut self,
        script: impl Fn(Peer) -> F + Send + Sync + 'static,
    ) -> io::Result<()>
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        self.script = Arc::new(move |peer| Box::pin(script(peer)));
        self.start_again().await
    }

    fn run(&mut self, listener: TcpListener) {
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&self.script), self.acceptor.clone(), self.log.clone());
        let task = tokio::spawn(async move {
            let mut peers = JoinSet::new();
            tokio::select! {
                biased;
                _ = stopped => {}
                () = serving(&mut peers) => {}
            }
            peers.shutdown().await;
        });
        self.running = Some(Running { stop, task });
    }
}

fn condition_on(mut condition: impl FnMut(&Log) -> bool) -> impl FnMut(&Log) -> bool {
    move |log| condition(log)
}

/// Accepts for ever.
fn serve(
    listener: TcpListener,
    script: Script,
    acceptor: Option<TlsAcceptor>,
    log: watch::Sender<Log>,
) -> impl for<'a> FnOnce(&'a mut JoinSet<()>) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
    move |peers| {
        Box::pin(async move {
            while let Ok((stream, from)) = listener.accept().await {
                let number = log::connected(&log, from);
                let (script, acceptor, log) = (Arc::clone(&script), acceptor.clone(), log.clone());
                peers.spawn(async move {
                    let stream = match acceptor {
                        None => Stream::Plain(stream),
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(stream) => Stream::Tls(Box::new(stream)),
                            Err(_) => return log::add(&log, number, What::NoTls),
                        },
                    };
                    // How a script ends is what the client sees, and nobody else.
                    let _ = script(Peer::new(stream, number, log.clone())).await;
                    log::add(&log, number, What::Left);
                });
            }
        })
    }
}
