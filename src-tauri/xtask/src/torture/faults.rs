//! The fault test: the engine on lines that fail by seeded schedules. The program is `torture/src/faults`.

use anyhow::Result;

use super::Wish;
use crate::shell::cargo;
use crate::workspace;

/// Schedules when nobody says how many.
const SCHEDULES: u32 = 1000;

/// Schedules at a time in CI: two a core of a small machine, so that no lane is late because another runs.
const CI_LANES: &str = "4";

/// Builds the program and runs the schedules. As root it pulls real cables; else only the proxy fails.
pub(super) fn run(wish: Wish) -> Result<()> {
    let schedules = wish.rounds.unwrap_or(SCHEDULES).to_string();
    let mut run = cargo().args(["run", "--quiet", "--package", "torture", "--locked", "--", "faults"]);
    run = run.args(["--schedules", &schedules]);
    if workspace::is_ci() {
        run = run.args(["--lanes", CI_LANES]);
    }
    if let Some(seed) = wish.seed {
        run = run.args(["--seed".to_owned(), seed.to_string()]);
    }
    run.run()
}
