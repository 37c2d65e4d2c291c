//! The stages of the window: its own checks, the app that embeds it, and the tests in the real one.

use anyhow::Result;

use super::{Outcome, setup};
use crate::bundle;
use crate::e2e;
use crate::shell::{self, Running, cmd};
use crate::window::{self, npm};
use crate::workspace;

pub(super) fn lacks_node() -> Vec<String> {
    shell::absent(&["node", "npm"]).into_iter().map(|name| format!("no {name}")).collect()
}

/// The app embeds the window's build, so nothing that compiles the app can do without.
pub(super) fn lacks_build() -> Vec<String> {
    if workspace::ui().join("dist/index.html").is_file() {
        return Vec::new();
    }
    vec!["ui/dist is not built (cargo xtask test ui)".to_owned()]
}

pub(super) fn ui() -> Result<Outcome> {
    window::install()?;
    npm().args(["run", "check"]).run()?;
    cmd(window::tool("tsc")).dir(workspace::ui()).args(["--project", "e2e/tsconfig.json"]).run()?;
    npm().arg("test").run()?;
    npm().args(["run", "build"]).run()?;
    Ok(Outcome::Done)
}

pub(super) fn app() -> Result<Outcome> {
    e2e::build_debug()?;
    Ok(Outcome::Done)
}

pub(super) fn lacks_screen() -> Vec<String> {
    let mut lacks = setup::lacks_servers();
    lacks.extend(e2e::lacks());
    if !workspace::binary("debug", "whinchat").is_file() {
        lacks.push("the app is not built (cargo xtask test app)".to_owned());
    }
    lacks
}

pub(super) fn e2e() -> Result<Outcome> {
    // The tests wait more than they work, and the packages come next.
    let release = if workspace::is_ci() { bundle::begin()? } else { None };
    e2e::tests()?;
    release.map_or(Ok(()), Running::end)?;
    Ok(Outcome::Done)
}
