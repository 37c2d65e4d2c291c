//! The fault test: the engine on lines that fail by seeded schedules. The program is `torture/src/faults`.

use anyhow::Result;

use super::Wish;
use crate::shell::cargo;

/// Schedules when nobody says how many.
const SCHEDULES: u32 = 1000;

/// Builds the program and runs the schedules. As root it pulls real cables; else only the proxy fails.
pub(super) fn run(wish: Wish) -> Result<()> {
    let schedules = wish.rounds.unwrap_or(SCHEDULES).to_string();
    let mut run = cargo().args(["run", "--quiet", "--package", "torture", "--locked", "--", "faults"]);
    run = run.args(["--schedules", &schedules]);
    if let Some(seed) = wish.seed {
        run = run.args(["--seed".to_owned(), seed.to_string()]);
    }
    run.run()
}
