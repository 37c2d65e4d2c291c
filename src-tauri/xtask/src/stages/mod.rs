//! `cargo xtask test`: the stages, in order, each with its name and its time.
//!
//! With `CI=true` the stage `setup` installs what the others need, and nothing is skipped. Elsewhere nothing is
//! installed unasked: a stage whose needs are missing is skipped, with one line that says what and why.

mod code;
mod package;
mod setup;
mod window;

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{fuzz, workspace};

/// One stage.
struct Stage {
    name: &'static str,
    /// What is missing for it, in words; empty: nothing.
    lacks: fn() -> Vec<String>,
    run: fn() -> Result<Outcome>,
}

/// How a stage ended that did not fail.
enum Outcome {
    /// Everything in it was done.
    Done,
    /// A part was left out, or all of it; why.
    Skipped(String),
}

/// In an order in which each finds what it stands on: `ui` builds what the app embeds, `app` what `e2e` opens.
const STAGES: &[Stage] = &[
    Stage { name: "setup", lacks: Vec::new, run: setup::run },
    Stage { name: "fmt", lacks: Vec::new, run: code::fmt },
    Stage { name: "ui", lacks: window::lacks_node, run: window::ui },
    Stage { name: "clippy", lacks: window::lacks_build, run: code::clippy },
    Stage { name: "deny", lacks: code::lacks_deny, run: code::deny },
    Stage { name: "rust", lacks: window::lacks_build, run: code::rust },
    Stage { name: "interop", lacks: setup::lacks_servers, run: code::interop },
    Stage { name: "torture", lacks: code::lacks_torture, run: code::torture },
    Stage { name: "fuzz", lacks: fuzz::lacks, run: code::fuzz },
    Stage { name: "app", lacks: window::lacks_build, run: window::app },
    Stage { name: "e2e", lacks: window::lacks_screen, run: window::e2e },
    Stage { name: "bundle", lacks: package::lacks, run: package::run },
];

enum Verdict {
    Passed,
    Failed,
    Skipped,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "FAILED",
            Verdict::Skipped => "skipped",
        })
    }
}

/// `cargo xtask conformance`: every case of the Autobahn suite.
///
/// # Errors
/// The suite is not installed, or a case fails.
pub(crate) fn conformance() -> Result<()> {
    code::conformance(&["--ignored"])
}

/// Runs the stages named in `arguments`, or all. `--keep-going` goes on after a failure.
///
/// # Errors
/// A stage failed, or there is no such stage.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let keep_going = arguments.iter().any(|argument| argument == "--keep-going");
    let named: Vec<&String> = arguments.iter().filter(|argument| *argument != "--keep-going").collect();
    for name in &named {
        if !STAGES.iter().any(|stage| stage.name == name.as_str()) {
            let all: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
            bail!("there is no stage {name:?}; the stages are {}", all.join(", "));
        }
    }
    let chosen = |stage: &&Stage| named.is_empty() || named.iter().any(|name| name.as_str() == stage.name);
    let began = Instant::now();
    let mut results = Vec::new();
    for stage in STAGES.iter().filter(chosen) {
        println!("\n== stage: {}", stage.name);
        let start = Instant::now();
        let verdict = judge(stage, !named.is_empty());
        println!("== stage: {} {verdict} in {}", stage.name, seconds(start.elapsed()));
        let failed = matches!(verdict, Verdict::Failed);
        results.push((stage.name, verdict, start.elapsed()));
        if failed && !keep_going {
            break;
        }
    }
    summarize(&results, began.elapsed())
}

fn judge(stage: &Stage, is_named: bool) -> Verdict {
    let lacks = (stage.lacks)();
    if !lacks.is_empty() {
        let lacks = lacks.join(", ");
        if workspace::is_ci() {
            println!("{} cannot run: {lacks}", stage.name);
            return Verdict::Failed;
        }
        println!("skipped {}: {lacks}", stage.name);
        return Verdict::Skipped;
    }
    if stage.name == "setup" && !is_named && !workspace::is_ci() {
        println!("skipped setup: installs only with CI=true, or when named (cargo xtask test setup)");
        return Verdict::Skipped;
    }
    match (stage.run)() {
        Ok(Outcome::Done) => Verdict::Passed,
        Ok(Outcome::Skipped(why)) => {
            println!("skipped: {why}");
            Verdict::Skipped
        }
        Err(error) => {
            println!("{}: {error:#}", stage.name);
            Verdict::Failed
        }
    }
}

fn summarize(results: &[(&str, Verdict, Duration)], total: Duration) -> Result<()> {
    println!();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, verdict, time) in results {
        println!("   {name:<8} {verdict:<8} {:>8}", seconds(*time));
        match verdict {
            Verdict::Passed => passed += 1,
            Verdict::Failed => failed += 1,
            Verdict::Skipped => skipped += 1,
        }
    }
    println!("stages: {passed} passed, {failed} failed, {skipped} skipped in {}", seconds(total));
    if failed > 0 {
        bail!("{failed} of the stages failed");
    }
    Ok(())
}

fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
    }
}
