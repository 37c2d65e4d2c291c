//! The stage `bundle`: the packages are built, looked at, and with `CI=true` installed, opened and removed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::Outcome;
use super::window;
use crate::bundle::{self, Packages};
use crate::e2e;
use crate::shell::{self, cmd};
use crate::system;
use crate::workspace;

/// Where the package puts the program.
const INSTALLED: &str = "/usr/bin/whinchat";

/// What must be in both packages, besides the program.
const CONTENTS: &[&str] = &[
    "/usr/bin/whinchat",
    "/usr/share/applications/Whinchat.desktop",
    "/usr/share/metainfo/chat.whinchat.Whinchat.metainfo.xml",
    "/usr/share/icons/hicolor/scalable/apps/whinchat.svg",
    "/usr/share/icons/hicolor/symbolic/apps/whinchat-symbolic.svg",
    "/usr/share/icons/hicolor/32x32/apps/whinchat.png",
    "/usr/share/icons/hicolor/128x128/apps/whinchat.png",
    "/usr/share/icons/hicolor/512x512/apps/whinchat.png",
    "/usr/share/doc/whinchat/LICENSE-MIT",
    "/usr/share/doc/whinchat/LICENSE-APACHE",
    "/usr/share/doc/whinchat/THIRD-PARTY.txt",
];

/// What each package must depend on.
const DEB_DEPENDS: &[&str] = &["libwebkit2gtk-4.1-0", "libgtk-3-0"];
const RPM_REQUIRES: &[&str] = &["webkit2gtk4.1", "gtk3"];

pub(super) fn lacks() -> Vec<String> {
    let mut lacks = window::lacks_node();
    lacks.extend(
        shell::absent(&["dpkg-deb", "rpm", "desktop-file-validate", "appstreamcli"])
            .into_iter()
            .map(|name| format!("no {name} (cargo xtask test setup)")),
    );
    lacks
}

pub(super) fn run() -> Result<Outcome> {
    let packages = bundle::make()?;
    look_at_deb(&packages)?;
    look_at_rpm(&packages)?;
    if !workspace::is_ci() {
        return Ok(Outcome::Skipped(
            "the packages are right, but are installed only with CI=true".to_owned(),
        ));
    }
    install_open_remove(&packages)?;
    Ok(Outcome::Done)
}

fn look_at_deb(packages: &Packages) -> Result<()> {
    let deb = packages.deb.as_path();
    cmd("dpkg-deb").arg("--info").arg(deb).run()?;
    let depends = text(cmd("dpkg-deb").arg("--field").arg(deb).arg("Depends").output()?);
    holds_all("the .deb's Depends", &depends, DEB_DEPENDS)?;
    let unpacked = workspace::target().join("release/bundle/unpacked");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    cmd("dpkg-deb").arg("--extract").arg(deb).arg(&unpacked).run()?;
    let inside = |path: &str| unpacked.join(path.trim_start_matches('/'));
    for path in CONTENTS {
        if !inside(path).is_file() {
            bail!("the .deb has no {path}");
        }
    }
    let entry = inside("/usr/share/applications/Whinchat.desktop");
    cmd("desktop-file-validate").arg(&entry).run()?;
    let entry = fs::read_to_string(&entry)?;
    holds_all(
        "the desktop entry",
        &entry,
        &["Name[zh_CN]=", "Comment[zh_CN]=", "Exec=whinchat", "Icon=whinchat"],
    )?;
    cmd("appstreamcli")
        .args(["validate", "--no-net"])
        .arg(inside("/usr/share/metainfo/chat.whinchat.Whinchat.metainfo.xml"))
        .run()
}

fn look_at_rpm(packages: &Packages) -> Result<()> {
    let query = |what: &str| -> Result<String> {
        Ok(text(cmd("rpm").arg("--query").arg("--package").arg(what).arg(&packages.rpm).output()?))
    };
    println!("{}", query("--info")?);
    holds_all("the .rpm", &query("--list")?, CONTENTS)?;
    holds_all("the .rpm's Requires", &query("--requires")?, RPM_REQUIRES)
}

fn install_open_remove(packages: &Packages) -> Result<()> {
    if Path::new(INSTALLED).exists() {
        bail!("{INSTALLED} is there already, so its package would be removed at the end");
    }
    let homes = workspace::root().join("target/installed-homes");
    if homes.exists() {
        fs::remove_dir_all(&homes)?;
    }
    fs::create_dir_all(&homes)?;
    // apt takes what does not look like a path for a package's name, and reads as another user.
    let deb = packages.deb.canonicalize()?;
    system::apt_install_file(&deb.to_string_lossy())?;
    let opened = e2e::first_steps(Path::new(INSTALLED), &homes);
    let removed = system::apt_purge("whinchat");
    opened?;
    removed?;
    if Path::new(INSTALLED).exists() {
        bail!("{INSTALLED} is left behind by the package's removal");
    }
    if histories(&homes)?.is_empty() {
        bail!("the history is gone with the package: no data/history.db below {}", homes.display());
    }
    Ok(())
}

/// The histories of the data folders below `homes`.
fn histories(homes: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(homes).with_context(|| format!("{}", homes.display()))?;
    Ok(entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path().join("data/history.db")))
        .filter(|path| path.is_file())
        .collect())
}

fn holds_all(what: &str, text: &str, wanted: &[&str]) -> Result<()> {
    let missing: Vec<&str> = wanted.iter().copied().filter(|part| !text.contains(part)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!("{what} lacks {}", missing.join(", "))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
