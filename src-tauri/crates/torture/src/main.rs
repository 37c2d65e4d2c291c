//! The engine, with no window, on a bad day. `torture faults …` is in [`faults`]; the rest is
//! the kill test: the engine as a process of its own, killed at random while numbered messages flow both ways, started
//! again, and looked at.
//!
//! `torture kill [--rounds N] [--seed S]` runs N rounds against each of two servers: the archive, which keeps a history
//! and tells doubles apart, and the plain one, which does neither (`testkit::archive`). `torture client …` is the
//! process that is killed.

mod bad_day;
mod check;
mod client;
mod dice;
mod faults;
#[cfg(test)]
mod made;
mod process;
mod voice;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

/// Rounds that are run unasked.
const ROUNDS: u32 = 100;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((name, rest)) if name == "kill" => wait(kill(rest)),
        Some((name, rest)) if name == "client" => wait(client::run(rest)),
        Some((name, rest)) if name == "faults" => faults::run(rest),
        Some(_) | None => {
            Err(anyhow::anyhow!("usage: torture kill|faults [--rounds|--schedules N] [--seed S]"))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("torture: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn wait(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(work)
}

async fn kill(arguments: &[String]) -> Result<()> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (mut rounds, mut seed) = (ROUNDS, since.as_secs());
    let mut arguments = arguments.iter();
    while let Some(name) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{name} needs a number"))?;
        match name.as_str() {
            "--rounds" => rounds = value.parse().with_context(|| format!("--rounds {value}"))?,
            "--seed" => seed = value.parse().with_context(|| format!("--seed {value}"))?,
            _ => bail!("there is no option {name:?}"),
        }
    }
    bad_day::run(rounds, seed).await
}
