//! `cargo xtask fuzz`: arbitrary bytes at what a server reaches, all targets at once.

use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::shell::{self, cmd};
use crate::workspace;

/// Every golden session, whole folders of them.
const PROTO: &str = "crates/proto/tests/transcripts";
const TESTKIT: &str = "crates/testkit/tests/transcripts";

/// As in `src-tauri/fuzz/Cargo.toml`, with the folders that hold their seeds.
const TARGETS: &[(&str, &[&str])] = &[
    ("adapters", &[PROTO, TESTKIT]),
    ("transcript", &[PROTO, TESTKIT, "fuzz/seeds/transcript"]),
    ("deflate", &["fuzz/seeds/deflate"]),
];

/// How long a target runs by default.
const SECONDS: u32 = 60;

/// What is missing, in words; empty: nothing.
pub(crate) fn lacks() -> Vec<String> {
    let mut lacks = Vec::new();
    if program().is_none() {
        lacks.push("cargo-fuzz is missing (cargo install cargo-fuzz --locked)".to_owned());
    }
    if !has_nightly() {
        lacks.push("there is no nightly compiler (rustup toolchain install nightly)".to_owned());
    }
    lacks
}

/// Whether a nightly compiler is there.
pub(crate) fn has_nightly() -> bool {
    cmd("rustup").args(["run", "nightly", "cargo", "--version"]).output().is_ok()
}

/// Runs every target, or those that are named, `--seconds N` each.
///
/// # Errors
/// A target found a crash, or does not build.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut arguments = arguments.iter();
    let (mut seconds, mut named) = (SECONDS, Vec::new());
    while let Some(argument) = arguments.next() {
        if argument == "--seconds" {
            seconds = arguments.next().context("--seconds wants a number")?.parse()?;
        } else {
            named.push(argument.as_str());
        }
    }
    let program = program().context("cargo-fuzz is missing (cargo install cargo-fuzz --locked)")?;
    let core = workspace::root().join("src-tauri");
    let folder = core.join("fuzz");
    let fuzz = |what: &str| {
        cmd(&program)
            // The outer cargo has set its own.
            .env("RUSTUP_TOOLCHAIN", "nightly")
            .args(["fuzz", what, "--fuzz-dir"])
            .arg(&folder)
            .arg("--target-dir")
            .arg(workspace::root().join("target/fuzz"))
    };
    fuzz("build").run()?;
    let run = |target: &str, seeds: &[&str]| {
        let corpus = folder.join("corpus").join(target);
        std::fs::create_dir_all(&corpus)?;
        fuzz("run")
            .arg(target)
            .arg(&corpus)
            .args(seeds.iter().map(|seeds| core.join(seeds)))
            .args(["--", &format!("-max_total_time={seconds}"), "-max_len=65536", "-print_final_stats=1"])
            .run()
    };
    thread::scope(|scope| {
        let targets = TARGETS.iter().filter(|(target, _)| named.is_empty() || named.contains(target));
        let runs: Vec<_> = targets.map(|(target, seeds)| scope.spawn(|| run(target, seeds))).collect();
        // Every one is waited for, whatever became of the first.
        let ends: Vec<_> = runs.into_iter().map(thread::ScopedJoinHandle::join).collect();
        ends.into_iter().try_for_each(|end| end.map_err(|_| anyhow!("a target's thread died"))?)
    })
}

fn program() -> Option<PathBuf> {
    let own = workspace::tools().join("bin").join(format!("cargo-fuzz{}", std::env::consts::EXE_SUFFIX));
    if own.is_file() { Some(own) } else { shell::which("cargo-fuzz") }
}
