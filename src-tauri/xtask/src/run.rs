//! `cargo xtask run`: from a checkout to the open window.

use anyhow::{Result, bail};

use crate::shell::cargo;
use crate::system::{self, Purpose};
use crate::window;

const NO_DISPLAY: &str = "\
There is no display here: neither WAYLAND_DISPLAY nor DISPLAY is set. Start this from a desktop's terminal,
through `ssh -X`, or on a virtual display: `xvfb-run -a cargo xtask run`.";

/// Installs what is missing, builds the window and the app, and runs it. What follows `--` goes to the app.
///
/// # Errors
/// Something cannot be installed or built, there is no display for the window, or the app ends with an error.
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
    cargo().args(["run", "--package", "whinchat", "--"]).args(passed).run()
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["WAYLAND_DISPLAY", "DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
