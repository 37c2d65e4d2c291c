//! A server program of the system's packages, as a child process in the foreground with a configuration of its own.

use anyhow::{Context, Result, bail};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// How long it may take until it accepts connections.
const START_LIMIT: Duration = Duration::from_secs(30);

/// Another process reports nothing, so its port is tried this often.
const POLL: Duration = Duration::from_millis(20);

/// A running program; killed when dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    folder: TempDir,
}

impl Daemon {
    /// Starts `program` in a folder of its own, in which `prepare` has put what it needs, and returns when it accepts
    /// connections on all `ports`.
    ///
    /// # Errors
    /// It is not installed, or it ended or stayed deaf; its output is in the error.
    pub async fn start(
        program: &str,
        ports: &[u16],
        prepare: impl FnOnce(&Path) -> Result<Vec<String>>,
    ) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("whinchat-daemon-").tempdir()?;
        let arguments = prepare(folder.path())?;
        let output = fs::File::create(folder.path().join("output"))?;
        let child = Command::new(find(program)?)
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("{program} does not start"))?;
        let mut daemon = Self { child, folder };
        let deadline = Instant::now() + START_LIMIT;
        for port in ports {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).await.is_err() {
                if let Some(status) = daemon.child.try_wait()? {
                    bail!("{program} ended ({status}):\n{}", daemon.said());
                }
                if Instant::now() > deadline {
                    bail!("{program} does not listen on {port}:\n{}", daemon.said());
                }
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(daemon)
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote.
    #[must_use]
    pub fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("output")).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ports that are free now.
///
/// # Errors
/// When the system gives none.
pub fn free_ports(count: usize) -> Result<Vec<u16>> {
    // All held at once, so that no two are the same.
    let listeners: Vec<_> =
        (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<Result<_, _>>()?;
    listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}

/// Debian keeps servers where only an administrator's `PATH` looks.
fn find(program: &str) -> Result<PathBuf> {
    if let Some(own) = crate::servers::own_program(program) {
        return Ok(own);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = folders.map(|folder| folder.join(program)).find(|path| path.is_file());
    found.with_context(|| format!("{program} is not installed: CI=true cargo xtask test setup"))
}
