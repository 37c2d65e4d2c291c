//! The window: Node's packages and its build into `ui/dist`, which the app embeds.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::shell::{self, Cmd, cmd};
use crate::system;
use crate::workspace;

/// npm, in the window's folder.
pub(crate) fn npm() -> Cmd {
    cmd(if cfg!(windows) { "npm.cmd" } else { "npm" }).dir(workspace::ui())
}

/// A program of the window's own packages.
pub(crate) fn tool(name: &str) -> PathBuf {
    let suffix = if cfg!(windows) { ".cmd" } else { "" };
    workspace::ui().join("node_modules/.bin").join(format!("{name}{suffix}"))
}

/// Installs the packages, unless those that the lock names are there.
///
/// # Errors
/// Node is missing, or npm fails.
pub(crate) fn install() -> Result<()> {
    if shell::which("npm").is_none() {
        bail!("Node 20.19 or newer is needed, with npm. {}", system::hint(system::Purpose::Node));
    }
    let lock = workspace::ui().join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("{}", lock.display()))?;
    let stamp = workspace::ui().join("node_modules/.whinchat-lock");
    if fs::read(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    npm().args(["ci", "--no-audit", "--no-fund"]).run()?;
    fs::write(&stamp, wanted).with_context(|| format!("{}", stamp.display()))
}

/// Builds `ui/dist`.
///
/// # Errors
/// The packages cannot be installed or the build fails.
pub(crate) fn build() -> Result<()> {
    install()?;
    npm().args(["run", "build"]).run()
}
