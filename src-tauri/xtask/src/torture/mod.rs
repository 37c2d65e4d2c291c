//! `cargo xtask torture`: the product under what a bad day does to it, at random, from a seed that can be played again.
//!
//! Each torture is a module: it builds what it needs and says how many rounds it ran, or the seed that failed.

mod faults;
mod kill;

use anyhow::{Context, Result, bail};

/// Rounds that CI runs of the kill test.
const CI_KILL_ROUNDS: u32 = 30;

/// Schedules that CI runs of the fault test.
const CI_FAULT_SCHEDULES: u32 = 40;

/// The same schedules in every run, so that it is the change that is judged and not chance.
const CI_FAULT_SEED: u64 = 50;

/// What the command line asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// How many rounds; `None`: the torture's own number.
    pub(crate) rounds: Option<u32>,
    /// What chance is made of; `None`: the clock.
    pub(crate) seed: Option<u64>,
}

/// Runs the torture that `arguments` name.
///
/// # Errors
/// It failed; or there is no such torture.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (name, rest) = arguments.split_first().map_or(("", &[][..]), |(name, rest)| (name.as_str(), rest));
    let wish = read(rest)?;
    match name {
        "faults" => faults::run(wish),
        "kill" => kill::run(wish),
        _ => bail!("there is no torture {name:?}; there are: faults, kill"),
    }
}

/// What CI runs of each.
///
/// # Errors
/// One failed.
pub(crate) fn stage() -> Result<()> {
    kill::run(Wish { rounds: Some(CI_KILL_ROUNDS), seed: None })?;
    faults::run(Wish { rounds: Some(CI_FAULT_SCHEDULES), seed: Some(CI_FAULT_SEED) })
}

fn read(arguments: &[String]) -> Result<Wish> {
    let mut wish = Wish::default();
    let mut arguments = arguments.iter();
    while let Some(name) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{name} needs a number"))?;
        match name.as_str() {
            "--rounds" | "--schedules" => {
                wish.rounds = Some(value.parse().with_context(|| format!("{name} {value}"))?)
            }
            "--seed" => wish.seed = Some(value.parse().with_context(|| format!("--seed {value}"))?),
            _ => bail!("there is no option {name:?}; there are --rounds N and --seed S"),
        }
    }
    Ok(wish)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn rounds_and_seed_are_read_and_anything_else_is_refused() {
        assert_eq!(read(&[]).ok(), Some(Wish::default()));
        let both = Wish { rounds: Some(7), seed: Some(9) };
        assert_eq!(read(&words("--seed 9 --rounds 7")).ok(), Some(both));
        for bad in ["--rounds", "--rounds x", "--round 7", "7"] {
            assert!(read(&words(bad)).is_err(), "{bad}");
        }
        assert!(run(&words("tickle")).is_err());
    }
}
