//! `cargo xtask bench`: speed and memory, as ratios within one run.

use anyhow::{Result, bail};

use crate::e2e;
use crate::shell::cargo;

/// One of them.
struct Bench {
    name: &'static str,
    run: fn() -> Result<()>,
}

const BENCHES: &[Bench] = &[
    Bench { name: "ingest", run: || measure("engine", "ingest") },
    Bench { name: "irc", run: || measure("engine", "irc") },
    Bench { name: "search", run: || measure("engine", "search") },
    Bench { name: "deflate", run: || measure("link", "deflate") },
    Bench { name: "window", run: e2e::bench },
];

/// Runs those named, or all.
///
/// # Errors
/// There is no bench of such a name, or one does not build or run.
pub(crate) fn run(names: &[String]) -> Result<()> {
    for name in names {
        if !BENCHES.iter().any(|bench| bench.name == name.as_str()) {
            let all: Vec<&str> = BENCHES.iter().map(|bench| bench.name).collect();
            bail!("there is no bench {name:?}; the benches are {}", all.join(", "));
        }
    }
    let chosen = |bench: &&Bench| names.is_empty() || names.iter().any(|name| name.as_str() == bench.name);
    BENCHES.iter().filter(chosen).try_for_each(|bench| (bench.run)())
}

/// One that needs no window.
fn measure(package: &str, name: &str) -> Result<()> {
    cargo().args(["bench", "--package", package, "--bench", name]).run()
}
