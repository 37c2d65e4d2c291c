//! The kill test: the engine is killed while numbered messages flow both ways. The program is `torture/src`.

use anyhow::Result;

use super::Wish;
use crate::shell::cargo;

/// Builds the program and the servers, and runs the rounds.
pub(super) fn run(wish: Wish) -> Result<()> {
    cargo().args(["build", "--package", "testkit", "--package", "torture", "--bins", "--locked"]).run()?;
    let mut kill = cargo().args(["run", "--quiet", "--package", "torture", "--locked", "--", "kill"]);
    if let Some(rounds) = wish.rounds {
        kill = kill.args(["--rounds".to_owned(), rounds.to_string()]);
    }
    if let Some(seed) = wish.seed {
        kill = kill.args(["--seed".to_owned(), seed.to_string()]);
    }
    kill.run()
}
