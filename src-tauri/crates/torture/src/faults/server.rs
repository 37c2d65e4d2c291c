//! The servers: this program again, in a process of its own, so that it can be killed and can stand in another
//! namespace.

use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use testkit::archive::Mode;
use testkit::faults::{Borrowed, room};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How often a server says something of its own.
const TICK: Duration = Duration::from_millis(120);

/// `torture faults room ADDRESS RECORD`: serves until its input ends, as it does when whoever started it is gone; each line of
/// it closes every session.
pub(super) fn room(address: &str, record: &str) -> Result<()> {
    let address: SocketAddr = address.parse()?;
    let (close, closing) = watch::channel(0);
    std::thread::spawn(move || {
        for _ in std::io::stdin().lines().map_while(std::io::Result::ok) {
            close.send_modify(|times| *times += 1);
        }
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let served = room::serve(address, Path::new(record), TICK, closing);
        tokio::pin!(served);
        // The first poll binds.
        tokio::select! {
            biased;
            ended = &mut served => return ended,
            () = tokio::task::yield_now() => {}
        }
        println!("ready");
        std::io::stdout().flush()?;
        served.await
    })?;
    Ok(())
}

/// `torture faults archive ADDRESS LOG`: the server that keeps a history, in the same way.
pub(super) fn archive(address: &str, log: &str) -> Result<()> {
    std::thread::spawn(|| {
        while std::io::stdin().lines().next().is_some() {}
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("ready");
        std::io::stdout().flush()?;
        testkit::archive::serve(listener, Path::new(log), Mode::Archive).await
    })
}

/// What sort of server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers what it says, keeps nothing.
    Room,
    /// Keeps a history, knows a message again, acknowledges.
    Archive,
}

/// A server's process.
pub(super) struct Server {
    kind: Kind,
    address: SocketAddr,
    record: PathBuf,
    beyond: Option<Borrowed>,
    child: Option<Child>,
}

impl Server {
    pub(super) fn start(
        kind: Kind,
        address: SocketAddr,
        record: PathBuf,
        beyond: Option<Borrowed>,
    ) -> Result<Self> {
        let mut server = Self { kind, address, record, beyond, child: None };
        server.run()?;
        Ok(server)
    }

    /// Starts it, where it does not run. Returns when it listens.
    pub(super) fn run(&mut self) -> Result<()> {
        if self.child.is_some() {
            return Ok(());
        }
        let program = std::env::current_exe()?;
        let mut command = match &self.beyond {
            Some(cable) => cable.beyond(&program),
            None => Command::new(program),
        };
        let name = match self.kind {
            Kind::Room => "room",
            Kind::Archive => "archive",
        };
        let mut child = command
            .args(["faults", name, &self.address.to_string()])
            .arg(&self.record)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("a server's output")?).read_line(&mut line)?;
        anyhow::ensure!(line == "ready\n", "a server on {} does not start", self.address);
        self.child = Some(child);
        Ok(())
    }

    /// Ends it as a crash does.
    pub(super) fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Has it close every session.
    pub(super) fn close(&mut self) -> Result<()> {
        if let Some(input) = self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            writeln!(input)?;
        }
        Ok(())
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    pub(super) fn record(&self) -> &Path {
        &self.record
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
