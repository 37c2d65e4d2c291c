//! What runs in the real window: the end-to-end tests, the bench, the screenshots. The tests themselves are in
//! `ui/e2e`; here they get their session bus and the programs to open.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::shell::{self, cargo, cmd};
use crate::system::{self, Purpose};
use crate::window;
use crate::workspace;

/// The picture that the README shows, and where the tests leave it.
const README_PICTURE: (&str, &str) =
    ("target/screenshots/room.png", "src-tauri/packaging/screenshots/room.png");

/// Which part of `ui/e2e` runs.
#[derive(Clone, Copy)]
enum Suite {
    Tests,
    Bench,
}

impl Suite {
    fn name(self) -> &'static str {
        match self {
            Suite::Tests => "tests",
            Suite::Bench => "bench",
        }
    }
}

/// The programs that are missing.
pub(crate) fn lacks() -> Vec<String> {
    let desktop =
        ["openbox", "xfce4-panel", "dunst", "wmctrl", "import", "compare", "gdbus", "ibus-daemon", "xdotool"];
    let programs = ["node", "Xvfb", "WebKitWebDriver", "dbus-run-session"];
    shell::absent(&[&programs[..], &desktop[..]].concat())
        .into_iter()
        .map(|name| format!("no {name} (cargo xtask test setup)"))
        .collect()
}

/// Builds the app and the helpers of its tests, debug.
///
/// # Errors
/// The build fails.
pub(crate) fn build_debug() -> Result<()> {
    cargo().args(["build", "--package", "whinchat", "--package", "testkit", "--bins", "--locked"]).run()
}

/// Runs every end-to-end test on the debug build.
///
/// # Errors
/// A test fails.
pub(crate) fn tests() -> Result<()> {
    vitest(Suite::Tests, &workspace::binary("debug", "whinchat"), &[], None)
}

/// Starts `program` on a fresh data folder below `homes` and goes through the first steps: the welcome page shows
/// and the lounge answers. The data folder is left.
///
/// # Errors
/// It does not behave so.
pub(crate) fn first_steps(program: &Path, homes: &Path) -> Result<()> {
    vitest(Suite::Tests, program, &["first-start"], Some(homes))
}

/// `cargo xtask e2e`: builds, and runs the end-to-end tests whose files have one of these names in theirs, or all.
///
/// # Errors
/// Something is missing, does not build, or a test fails.
pub(crate) fn run(names: &[String]) -> Result<()> {
    system::ensure(&[Purpose::Build, Purpose::Test])?;
    window::build()?;
    build_debug()?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    vitest(Suite::Tests, &workspace::binary("debug", "whinchat"), &names, None)
}

/// `cargo xtask screenshots`.
///
/// # Errors
/// Something is missing, or the tests that take the pictures fail.
pub(crate) fn screenshots() -> Result<()> {
    run(&["screens".to_owned()])?;
    let root = workspace::root();
    let (from, to) = (root.join(README_PICTURE.0), root.join(README_PICTURE.1));
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(&from, &to).with_context(|| format!("{}", from.display()))?;
    println!("{}", to.display());
    Ok(())
}

/// Measures the app in its window.
///
/// # Errors
/// Something is missing, does not build, or does not run.
pub(crate) fn bench() -> Result<()> {
    system::ensure(&[Purpose::Build, Purpose::Test])?;
    window::build()?;
    cargo().args(["build", "--package", "testkit", "--bins"]).run()?;
    cargo().args(["build", "--release", "--package", "whinchat"]).run()?;
    vitest(Suite::Bench, &workspace::binary("release", "whinchat"), &[], None)
}

fn vitest(suite: Suite, program: &Path, filters: &[&str], homes: Option<&Path>) -> Result<()> {
    window::install()?;
    let mut run = cmd("dbus-run-session")
        .dir(workspace::ui())
        .arg("--")
        .arg(window::tool("vitest"))
        .args(["run", "--config", "e2e/vitest.config.ts"])
        .args(filters)
        .env("E2E_SUITE", suite.name())
        .env("WHINCHAT_BIN", program)
        .env("WHINCHAT_FILL", workspace::binary("debug", "fill"))
        .env("WHINCHAT_STAGE", workspace::binary("debug", "stage"));
    if let Some(homes) = homes {
        run = run.env("E2E_HOMES", homes);
    }
    run.run()
}
