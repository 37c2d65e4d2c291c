//! The two processes of a round, the server and the client, and how they are killed.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::Row;
use testkit::archive::Mode;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// How long a process may take to say what it must say, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server process on a port of its own. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    mode: Mode,
    port: u16,
    log: PathBuf,
    child: Option<Child>,
}

impl Server {
    /// Starts one with its log in `folder`.
    pub(crate) async fn start(mode: Mode, folder: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut server = Self { mode, port, log: folder.join("server.log"), child: None };
        server.launch().await?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.port)
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Kills it and starts it again after a while, on the same port.
    pub(crate) async fn restart(&mut self, after: Duration) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        tokio::time::sleep(after).await;
        self.launch().await
    }

    async fn launch(&mut self) -> Result<()> {
        let mut command = Command::new(beside("archive")?);
        command.arg(&self.log).arg(self.port.to_string());
        match self.mode {
            Mode::Archive => {}
            Mode::Plain => {
                command.arg("plain");
            }
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let out = child.stdout.take().context("no standard output")?;
        let line = timeout(PATIENCE, BufReader::new(out).lines().next_line()).await??;
        if line.as_deref() != Some("ready") {
            bail!("the server says {line:?}");
        }
        self.child = Some(child);
        Ok(())
    }
}

/// A client process. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Client {
    child: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Client {
    /// Starts one on the store in `folder`.
    pub(crate) fn start(mode: Mode, folder: &Path, url: &str) -> Result<Self> {
        let protocol = match mode {
            Mode::Archive => "archive",
            Mode::Plain => "plain",
        };
        let mut child = Command::new(std::env::current_exe()?)
            .arg("client")
            .arg(store(folder))
            .args([url, protocol])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let orders = child.stdin.take().context("no standard input")?;
        let lines = BufReader::new(child.stdout.take().context("no standard output")?).lines();
        Ok(Self { child, orders, lines })
    }

    /// Asks it for something. One that was killed hears nothing.
    pub(crate) async fn order(&mut self, line: &str) {
        let _ = self.orders.write_all(format!("{line}\n").as_bytes()).await;
    }

    /// Kills it with SIGKILL.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// The next thing that it says; `None`: it is dead, and has said all.
    pub(crate) async fn said(&mut self) -> Result<Option<String>> {
        let line = timeout(PATIENCE, self.lines.next_line()).await.context("the client says nothing")?;
        Ok(line?)
    }

    /// Waits until it says `word`; gives the numbers that it says it said meanwhile, and its rows.
    pub(crate) async fn until(&mut self, word: &str) -> Result<(Option<u64>, Vec<Row>)> {
        let (mut last, mut rows) = (None, Vec::new());
        loop {
            let line = self.said().await.with_context(|| format!("waiting for {word:?}"))?;
            let line = line.with_context(|| format!("the client died before it said {word:?}"))?;
            if line == word {
                return Ok((last, rows));
            }
            if let Some(n) = line.strip_prefix("said ") {
                last = Some(n.parse()?);
            } else if let Some(json) = line.strip_prefix("row ") {
                rows.push(serde_json::from_str(json)?);
            }
        }
    }
}

/// Where a client keeps its history.
pub(crate) fn store(folder: &Path) -> PathBuf {
    folder.join("history.db")
}

/// A program that was built into the same folder as this one.
fn beside(name: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !path.is_file() {
        bail!("{} is not built: cargo build -p testkit --bins", path.display());
    }
    Ok(path)
}
