//! The stages that look at the Rust code: formatting, lints, dependencies, tests.

use std::path::PathBuf;

use anyhow::Result;

use super::Outcome;
use crate::fuzz;
use crate::shell::{self, cargo, cmd};
use crate::{torture, workspace};

/// The cargo-deny that CI installs.
const DENY_VERSION: &str = "0.20.2";

pub(super) fn fmt() -> Result<Outcome> {
    cargo().args(["fmt", "--all", "--check"]).run()?;
    Ok(Outcome::Done)
}

pub(super) fn clippy() -> Result<Outcome> {
    cargo()
        .args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--locked",
            "--",
            "-D",
            "warnings",
        ])
        .run()?;
    Ok(Outcome::Done)
}

pub(super) fn lacks_deny() -> Vec<String> {
    if workspace::is_ci() || deny_program().is_some() {
        return Vec::new();
    }
    vec!["cargo-deny is missing (cargo install cargo-deny --locked)".to_owned()]
}

pub(super) fn deny() -> Result<Outcome> {
    if deny_program().is_none() {
        cargo()
            // Built twice as fast, and it runs for seconds.
            .args(["install", "cargo-deny", "--version", DENY_VERSION, "--locked", "--debug", "--root"])
            .arg(workspace::tools())
            .run()?;
    }
    let program = deny_program().unwrap_or_else(|| PathBuf::from("cargo-deny"));
    cmd(program).args(["check", "bans", "licenses", "sources"]).run()?;
    println!("advisories are not checked: their database lies at a forge, see deny.toml");
    Ok(Outcome::Done)
}

fn deny_program() -> Option<PathBuf> {
    let own = workspace::tools().join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if own.is_file() { Some(own) } else { shell::which("cargo-deny") }
}

pub(super) fn rust() -> Result<Outcome> {
    cargo().args(["test", "--workspace", "--locked"]).run()?;
    Ok(Outcome::Done)
}

pub(super) fn interop() -> Result<Outcome> {
    cargo()
        .args(["test", "--package", "engine", "--features", "interop", "--test", "interop", "--locked"])
        .run()?;
    cargo()
        .args(["test", "--package", "link", "--features", "interop", "--test", "interop", "--locked"])
        .run()?;
    // The keyring of a real desktop, and a network that changes.
    cargo().args(["test", "--package", "whinchat", "--bins", "--locked", "--", "--ignored"]).run()?;
    // All of it takes some minutes, so that at a desk the short ones do.
    conformance(if workspace::is_ci() { &["--ignored"] } else { &[] })?;
    Ok(Outcome::Done)
}

/// The cases of the Autobahn suite against the link.
pub(super) fn conformance(more: &[&str]) -> Result<()> {
    cargo()
        .args(["test", "--package", "link", "--features", "interop", "--test", "conformance", "--locked"])
        .args(["--", "--nocapture"])
        .args(more)
        .run()
}

/// In CI the cables are real; elsewhere the proxy alone fails where nobody may make a network.
pub(super) fn lacks_torture() -> Vec<String> {
    if workspace::is_ci() && cmd("id").arg("-u").output().is_ok_and(|id| id.trim_ascii() != b"0") {
        return vec!["only root can pull a cable".to_owned()];
    }
    Vec::new()
}

pub(super) fn torture() -> Result<Outcome> {
    torture::stage()?;
    Ok(Outcome::Done)
}

/// A minute for each target.
pub(super) fn fuzz() -> Result<Outcome> {
    fuzz::run(&[])?;
    Ok(Outcome::Done)
}
