//! `cargo xtask bundle`: the release build and its packages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::notices;
use crate::shell::{self, Cmd, Running, cargo, cmd};
use crate::system::{self, Purpose};
use crate::window;
use crate::workspace;

/// The packages that were built.
#[derive(Debug)]
pub(crate) struct Packages {
    /// For Debian and its kin.
    pub(crate) deb: PathBuf,
    /// For Fedora and its kin.
    pub(crate) rpm: PathBuf,
}

impl Packages {
    /// Says where they are.
    pub(crate) fn print(&self) {
        println!("{}\n{}", self.deb.display(), self.rpm.display());
    }
}

/// Builds the window, the app with every optimization, and the packages.
///
/// # Errors
/// Something is missing or does not build.
pub(crate) fn make() -> Result<Packages> {
    system::ensure(&[Purpose::Build])?;
    window::build()?;
    notices::write()?;
    build().run()?;
    let output = workspace::target().join("release/bundle");
    for kind in ["deb", "rpm"] {
        // What an earlier version left would be taken for this one's.
        let folder = output.join(kind);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        }
    }
    cmd(window::tool("tauri")).args(["bundle", "--bundles", "deb,rpm"]).run()?;
    Ok(Packages { deb: only(&output.join("deb"), "deb")?, rpm: only(&output.join("rpm"), "rpm")? })
}

/// Begins to compile what the packages hold, in what time other work leaves. `None`: this system knows no such time.
///
/// # Errors
/// It does not start.
pub(crate) fn begin() -> Result<Option<Running>> {
    shell::which("nice").map(|_| build().begin()).transpose()
}

fn build() -> Cmd {
    cargo().args(["build", "--release", "--package", "whinchat", "--locked"])
}

/// The one file in `folder` with this extension.
fn only(folder: &Path, extension: &str) -> Result<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("{}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    match (files.pop(), files.is_empty()) {
        (Some(file), true) => Ok(file),
        (None, _) => bail!("no .{extension} in {}", folder.display()),
        (Some(_), false) => bail!("more than one .{extension} in {}", folder.display()),
    }
}
