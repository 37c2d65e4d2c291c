//! Where the real servers' sources lie and where their packages are installed: one place to say it, which
//! `xtask` includes as a module of its own so that what installs and what starts cannot disagree.
//! Only paths live here; nothing reads a file or starts a process.

use std::path::{Path, PathBuf};

/// The servers' sources and `servers.json`, below the workspace's root.
pub(crate) const SOURCES: &str = "src-tauri/crates/testkit/servers";

/// Their packages, below the workspace's root: the Python environment, the Node modules, the Spring Boot jar.
pub(crate) const INSTALLED: &str = "target/interop";

/// nginx, below [`INSTALLED`]: the program alone, since its package starts a web server and keeps it.
pub(crate) const NGINX: &str = "nginx/usr/sbin/nginx";

/// InspIRCd, likewise.
#[allow(dead_code, reason = "only the setup asks for it")]
pub(crate) const INSPIRCD: &str = "irc/usr/sbin/inspircd";

/// Atheme, likewise.
#[allow(dead_code, reason = "only the setup asks for it")]
pub(crate) const ATHEME: &str = "irc/usr/bin/atheme-services";

/// The folder of the servers' sources.
pub(crate) fn sources(root: &Path) -> PathBuf {
    root.join(SOURCES)
}

/// The folder of their installed packages.
pub(crate) fn installed(root: &Path) -> PathBuf {
    root.join(INSTALLED)
}
