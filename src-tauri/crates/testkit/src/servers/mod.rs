//! Real chat servers, each on a WebSocket library that nobody here wrote, as child processes on 127.0.0.1.
//!
//! A [`Server`] is started on a free port and is ready when it has accepted a WebSocket. It can be killed as a
//! crash would kill it, restarted on the same port, and asked what it has received. Dropping it ends it.
//! The servers' sources and their table are in the folder `servers/` of this crate. Unix only: a server is a
//! process group, so that nothing that it started outlives it.

mod places;
mod recipe;

use std::fmt;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use recipe::Recipe;

/// How long a server may take until it accepts a WebSocket: Spring Boot needs 3 s on an idle machine, and a
/// test machine is not idle.
const START_LIMIT: Duration = Duration::from_secs(90);

/// How long a server that was asked to end may take before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Another process reports nothing, so its state is polled this often.
const POLL: Duration = Duration::from_millis(50);

/// Ports are chosen before the server binds them; another process may be faster, but hardly this often.
const PORT_TRIES: u32 = 3;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Spring Boot 3, a `TextWebSocketHandler` at `/ws`; answers `服务器已收到消息：` and the text.
    SpringBoot,
    /// npm `ws`; what one client says goes to everyone, its sender included.
    Node,
    /// PyPI `websockets`; an echo.
    Python,
    /// websocketd with a line echo in bash.
    Websocketd,
    /// InspIRCd, a chat network of one server, to which a [`Kind::InspircdLeaf`] may be linked.
    Inspircd,
    /// InspIRCd with Atheme, which keeps accounts.
    InspircdAtheme,
    /// A second server of the network of the [`Kind::Inspircd`] on that port.
    InspircdLeaf {
        /// The port of the other one.
        hub: u16,
    },
}

impl Kind {
    /// Every server that answers whatever it is told.
    pub const ALL: [Kind; 4] = [Kind::SpringBoot, Kind::Node, Kind::Python, Kind::Websocketd];

    /// Its folder's name and its key in `servers.json`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::SpringBoot => "spring-boot",
            Kind::Node => "node",
            Kind::Python => "python",
            Kind::Websocketd => "websocketd",
            Kind::Inspircd => "inspircd",
            Kind::InspircdAtheme => "inspircd-atheme",
            Kind::InspircdLeaf { .. } => "inspircd-leaf",
        }
    }

    /// What it answers to `text`.
    pub fn answer(self, text: &str) -> String {
        match self {
            Kind::SpringBoot => format!("服务器已收到消息：{text}"),
            Kind::Node | Kind::Python | Kind::Websocketd => text.to_owned(),
            Kind::Inspircd | Kind::InspircdAtheme | Kind::InspircdLeaf { .. } => String::new(),
        }
    }

    /// Whether `/close CODE REASON` closes with that code; websocketd only ends the connection.
    pub fn closes_with_code(self) -> bool {
        match self {
            Kind::SpringBoot | Kind::Node | Kind::Python => true,
            Kind::Websocketd | Kind::Inspircd | Kind::InspircdAtheme | Kind::InspircdLeaf { .. } => false,
        }
    }

    /// Whether its program has recorded a text before its WebSocket end answers a ping that came behind it. The
    /// others read ahead, so that a kill may take with it what the end had read and the program had not.
    pub fn records_before_it_pongs(self) -> bool {
        match self {
            Kind::SpringBoot | Kind::Node => true,
            Kind::Python
            | Kind::Websocketd
            | Kind::Inspircd
            | Kind::InspircdAtheme
            | Kind::InspircdLeaf { .. } => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A server process; ended when dropped.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    port: u16,
    url: String,
    folder: TempDir,
    child: Option<Child>,
}

impl Server {
    /// Starts one on a free port and returns when it accepts WebSockets.
    ///
    /// # Errors
    /// What it needs is not installed, or it ended or stayed deaf; its output is in the error.
    pub async fn start(kind: Kind) -> Result<Self> {
        let mut last = None;
        for _ in 0..PORT_TRIES {
            let port = free_port()?;
            let folder = tempfile::Builder::new().prefix("whinchat-server-").tempdir()?;
            let recipe = Recipe::read(kind, &root(), port, &folder.path().join("received"))?;
            let url = format!("ws://127.0.0.1:{port}{}", recipe.path);
            let mut server = Self { kind, port, url, folder, child: None };
            match server.launch(&recipe).await {
                Ok(()) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| anyhow::anyhow!("no port was tried")))
    }

    /// Which server it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The address to connect to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port on 127.0.0.1, which stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every text that it has received since [`Server::start`], over all restarts, oldest first.
    ///
    /// # Errors
    /// Its record cannot be read or is not what a server writes.
    pub fn received(&self) -> Result<Vec<String>> {
        let text = match fs::read_to_string(self.record()) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        // A killed server may leave its last line half written: it received that text no more than it answered it.
        let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or_default();
        whole
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| format!("record: {line}")))
            .collect()
    }

    /// Ends it as a crash would: SIGKILL to its whole process group. Nothing is closed, nothing is said.
    ///
    /// # Errors
    /// The process cannot be waited for.
    pub fn kill(&mut self) -> io::Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        signal(&child, "KILL")?;
        child.wait().map(drop)
    }

    /// Asks it to end (SIGTERM) and waits; kills it if it does not.
    ///
    /// # Errors
    /// The process cannot be waited for.
    pub async fn stop(&mut self) -> io::Result<ExitStatus> {
        let Some(mut child) = self.child.take() else { return Ok(ExitStatus::from_raw(0)) };
        signal(&child, "TERM")?;
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait()? {
                // What it started may still be there.
                signal(&child, "KILL")?;
                return Ok(status);
            }
            tokio::time::sleep(POLL).await;
        }
        signal(&child, "KILL")?;
        child.wait()
    }

    /// Starts it again on the same port; kills it first if it runs.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.kill()?;
        let recipe = Recipe::read(self.kind, &root(), self.port, &self.record())?;
        self.launch(&recipe).await
    }

    fn record(&self) -> PathBuf {
        self.folder.path().join("received")
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    async fn launch(&mut self, recipe: &Recipe) -> Result<()> {
        let [program, arguments @ ..] = recipe.command.as_slice() else {
            bail!("{}: empty command", self.kind)
        };
        let output = fs::OpenOptions::new().create(true).append(true).open(self.output())?;
        let child = Command::new(program)
            .args(arguments)
            .envs(&recipe.env)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .with_context(|| format!("{program} does not start"))?;
        self.child = Some(child);
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                self.child = None;
                bail!("{} ended ({status}) before it listened:\n{}", self.kind, self.said());
            }
            let mut request = self.url.as_str().into_client_request()?;
            // InspIRCd lets nobody in without one, Spring nobody with that of another site.
            let origin = format!("http://127.0.0.1:{}", self.port);
            request.headers_mut().insert("Origin", HeaderValue::from_str(&origin)?);
            let answer = tokio::time::timeout_at(deadline, tokio_tungstenite::connect_async(request)).await;
            match answer {
                Ok(Ok((mut socket, _))) => {
                    // Said politely, so that no server logs a broken client.
                    socket.close(None).await.ok();
                    return Ok(());
                }
                Ok(Err(_)) => tokio::time::sleep(POLL).await,
                Err(_) => {
                    self.kill()?;
                    bail!("{} accepts no WebSocket on {}:\n{}", self.kind, self.url, self.said());
                }
            }
        }
    }

    fn said(&self) -> String {
        fs::read_to_string(self.output()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill().ok();
    }
}

/// Sends a signal to the process group that `child` leads. Through `kill`, since the calls are unsafe code.
fn signal(child: &Child, name: &str) -> io::Result<()> {
    Command::new("kill")
        .args([format!("-{name}"), "--".into(), format!("-{}", child.id())])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map(drop)
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// The workspace's root, three folders above this crate.
/// A program that was installed for the tests alone; `None`: it was not.
pub(crate) fn own_program(name: &str) -> Option<PathBuf> {
    let path = places::installed(&root()).join(places::NGINX);
    (path.file_name().is_some_and(|file| file == name) && path.is_file()).then_some(path)
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(3).unwrap_or(here).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_has_a_recipe_and_its_sources() {
        let all: serde_json::Value =
            serde_json::from_str(include_str!("../../servers/servers.json")).expect("servers.json is JSON");
        for kind in Kind::ALL {
            assert!(all.get(kind.name()).is_some(), "{kind}");
            assert!(places::sources(&root()).join(kind.name()).is_dir(), "{kind}");
        }
    }

    #[test]
    fn a_missing_package_is_named_with_the_command_that_installs_it() {
        let nowhere = tempfile::tempdir().expect("a folder");
        let error =
            Recipe::read(Kind::SpringBoot, nowhere.path(), 1, Path::new("x")).expect_err("nothing is there");
        assert!(error.to_string().contains("cargo xtask test setup"), "{error}");
    }
}
