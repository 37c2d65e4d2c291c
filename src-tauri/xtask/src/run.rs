//! `cargo xtask run`: from a checkout to the open window.

use anyhow::{Result, bail};

use crate::shell::{cargo, cmd};
use crate::system::{self, Purpose};
use crate::{window, workspace};

const NO_DISPLAY: &str = "\
There is no display here: neither WAYLAND_DISPLAY nor DISPLAY is set. Start this from a desktop's terminal,
through `ssh -X`, or on a virtual display: `xvfb-run -a cargo xtask run`.";

/// Installs what is missing, builds the window and the app, and runs it. What follows `--` goes to the app.
///
/// # Errors
/// Something cannot be installed or built, or there is no display for the window. What the app ends with, this ends with.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let passed = match arguments.split_first() {
        None => &[],
        Some((first, rest)) if first == "--" => rest,
        Some((first, _)) => bail!("{first:?}: what the app is to get stands after `--`"),
    };
    // What is asked for by an argument (`diagnose`) may need no window.
    if passed.is_empty() && !has_display() {
        bail!("{NO_DISPLAY}");
    }
    system::ensure(&[Purpose::Build])?;
    window::build()?;
    cargo().args(["build", "--package", "whinchat"]).run()?;
    let ended = cmd(workspace::binary("debug", "whinchat")).args(passed).ends()?;
    // What the app ends with is its answer (`diagnose`), and none of ours.
    std::process::exit(ended.code().unwrap_or(1))
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["WAYLAND_DISPLAY", "DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
