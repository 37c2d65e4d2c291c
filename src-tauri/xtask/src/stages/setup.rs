//! The stage `setup`: packages of the system, and the real servers under `target/interop`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::Outcome;
use crate::fuzz;
use crate::shell::{self, cmd};
use crate::system::{self, Purpose};
use crate::window;
use crate::workspace;

#[path = "../../../crates/testkit/src/servers/places.rs"]
mod places;

/// The cargo-fuzz that is installed.
const FUZZ_VERSION: &str = "0.13.2";

pub(super) fn run() -> Result<Outcome> {
    system::ensure(&[Purpose::Build, Purpose::Test])?;
    let root = workspace::root();
    let (sources, installed) = (places::sources(&root), places::installed(&root));
    fs::create_dir_all(&installed).with_context(|| format!("{}", installed.display()))?;
    node(&sources.join("node"), &installed.join("node"))?;
    python(&sources.join("python"), &installed.join("python"))?;
    spring_boot(&sources.join("spring-boot"), &installed.join("spring-boot"))?;
    unpack("nginx", &installed.join("nginx"), places::NGINX, &installed)?;
    unpack("inspircd", &installed.join("irc"), places::INSPIRCD, &installed)?;
    unpack("atheme-services", &installed.join("irc"), places::ATHEME, &installed)?;
    cargo_fuzz()?;
    Ok(Outcome::Done)
}

/// A server as a program only, since its package starts it and keeps it. Where there is no apt, the system's own serves.
fn unpack(package: &str, folder: &Path, program: &str, installed: &Path) -> Result<()> {
    if installed.join(program).is_file() || shell::which("apt-get").is_none() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    system::apt_unpack(package, folder)
}

/// cargo-fuzz, and the nightly compiler that it needs.
fn cargo_fuzz() -> Result<()> {
    if !fuzz::has_nightly() {
        let arguments = ["toolchain", "install", "nightly", "--profile", "minimal"];
        if cmd("rustup").args(arguments).run().is_err() {
            // Without it the stage `fuzz` says what is missing.
            return Ok(());
        }
    }
    if fuzz::lacks().is_empty() {
        return Ok(());
    }
    shell::cargo()
        .args(["install", "cargo-fuzz", "--version", FUZZ_VERSION, "--locked", "--debug", "--root"])
        .arg(workspace::tools())
        .run()
}

/// What the tests with real servers need and do not find.
pub(super) fn lacks_servers() -> Vec<String> {
    let installed = places::installed(&workspace::root());
    let mut lacks: Vec<String> =
        ["node/node_modules/ws", "python/bin/python", "python/bin/kosoku", "spring-boot/server.jar"]
            .iter()
            .filter(|part| !installed.join(part).exists())
            .map(|part| format!("{}/{part} is missing (cargo xtask test setup)", places::INSTALLED))
            .collect();
    lacks.extend(
        shell::absent(&["java", "node", "websocketd", "bash", "dbus-run-session", "gnome-keyring-daemon"])
            .into_iter()
            .chain(shell::absent(&["tinyproxy", "microsocks", "openssl", "unshare", "ip"]))
            .map(|name| format!("no {name}")),
    );
    for (name, own) in
        [("nginx", places::NGINX), ("inspircd", places::INSPIRCD), ("atheme-services", places::ATHEME)]
    {
        if !installed.join(own).is_file() && shell::which(name).is_none() {
            lacks.push(format!("no {name} (cargo xtask test setup)"));
        }
    }
    lacks
}

fn node(source: &Path, installed: &Path) -> Result<()> {
    once(&source.join("package-lock.json"), installed, || {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source.join(file), installed.join(file)).with_context(|| file.to_owned())?;
        }
        window::npm().dir(installed).args(["ci", "--no-audit", "--no-fund"]).run()
    })
}

fn python(source: &Path, installed: &Path) -> Result<()> {
    let requirements = source.join("requirements.txt");
    once(&requirements, installed, || {
        cmd("python3").args(["-m", "venv", "--clear"]).arg(installed).run()?;
        cmd(installed.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements)
            .run()
    })
}

fn spring_boot(source: &Path, installed: &Path) -> Result<()> {
    // Maven itself sees what is up to date, and takes 2 s for it.
    cmd("mvn")
        .args(["--quiet", "--batch-mode", "-Dstyle.color=never", "--file"])
        .arg(source.join("pom.xml"))
        .arg(format!("-Dout={}", installed.display()))
        .arg("package")
        .run()
}

/// Runs `install` unless it was done for this very content of `lock`.
fn once(lock: &Path, installed: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted = fs::read(lock).with_context(|| format!("{}", lock.display()))?;
    let stamp = installed.join(".installed");
    if fs::read(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    fs::create_dir_all(installed)?;
    install()?;
    fs::write(&stamp, wanted).with_context(|| format!("{}", stamp.display()))
}
