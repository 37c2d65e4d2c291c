//! `torture faults [--schedules N] [--seed S] [--lanes L]`: the real engine on lines that fail, by seeded schedules.
//!
//! Schedule `i` has the seed `S + i`, and all that is decided in it is decided by that seed; a schedule that fails prints
//! its seed, and `--schedules 1 --seed THAT` runs it again. Lanes are processes of their own that run schedules side by
//! side; as root each has a network namespace, a cable to another one, and a small disk. What a schedule is and
//! what must hold is in [`lane`], [`schedule`], [`truth`] and [`judge`].

mod disk;
mod judge;
mod lane;
mod line;
mod relay;
mod rows;
mod schedule;
mod server;
mod talk;
mod truth;
mod world;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;
use testkit::faults::{Cable, inside, sweep};

/// A schedule waits most of its time, so two cores carry many at once.
const LANES: usize = 8;

/// The most lanes: each is a process with an engine.
const MAX_LANES: usize = 64;

/// Runs `torture faults WORDS`.
///
/// # Errors
/// A schedule failed; all of them ran.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["room", address, record] => server::room(address, record),
        ["archive", address, log] => server::archive(address, log),
        ["lane", rest @ ..] => lane::run(rest),
        options => all(options),
    }
}

/// What was asked for.
struct Options {
    schedules: u64,
    seed: u64,
    lanes: usize,
}

fn read(words: &[&str]) -> Result<Options> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let mut options = Options { schedules: 40, seed: now, lanes: LANES };
    let (pairs, []) = words.as_chunks::<2>() else { bail!("an option without a value") };
    for [name, value] in pairs {
        let number: u64 = value.parse().with_context(|| format!("{name} {value}"))?;
        match *name {
            "--schedules" => options.schedules = number,
            "--seed" => options.seed = number,
            "--lanes" => options.lanes = usize::try_from(number)?.clamp(1, MAX_LANES),
            _ => bail!("usage: torture faults [--schedules N] [--seed S] [--lanes L]"),
        }
    }
    Ok(options)
}

/// A lane's process.
struct Lane {
    child: Child,
    orders: ChildStdin,
    _cable: Option<Cable>,
}

fn all(words: &[&str]) -> Result<()> {
    let Options { schedules, seed, lanes } = read(words)?;
    sweep();
    println!("{schedules} schedules from seed {seed}, {lanes} side by side");
    let begin = Instant::now();
    let (reports, reported) = mpsc::channel();
    let count = lanes.min(usize::try_from(schedules)?);
    let mut running = (0..count).map(|number| start(number, reports.clone())).collect::<Result<Vec<_>>>()?;
    drop(reports);
    let mut seeds = (0..schedules).map(|n| seed.wrapping_add(n));
    let mut totals = Totals::default();
    for lane in &mut running {
        order(lane, seeds.next())?;
    }
    while totals.done < schedules {
        let (number, line) = reported.recv().context("every lane has ended")?;
        let line = line.with_context(|| format!("lane {number} has ended in the middle of a schedule"))?;
        totals.add(&serde_json::from_str(&line).with_context(|| line.clone())?, begin);
        if let Some(lane) = running.get_mut(number) {
            order(lane, seeds.next())?;
        }
    }
    for mut lane in running {
        drop(lane.orders);
        lane.child.wait()?;
    }
    totals.print(begin);
    ensure!(totals.failed.is_empty(), "these seeds failed: {:?}", totals.failed);
    Ok(())
}

fn start(number: usize, reports: mpsc::Sender<(usize, Option<String>)>) -> Result<Lane> {
    let program = std::env::current_exe()?;
    let cable = match Cable::new(number) {
        Ok(cable) => Some(cable),
        Err(error) => {
            if number == 0 {
                println!("no cable can be pulled and no disk filled here, only the proxy fails: {error:#}");
            }
            None
        }
    };
    let mut command = match &cable {
        Some(cable) => inside(cable.spaces().0, &program),
        None => Command::new(&program),
    };
    command.args(["faults", "lane"]);
    if let Some(cable) = &cable {
        command.args([cable.spaces().0, cable.spaces().1]);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let orders = child.stdin.take().context("a lane's input")?;
    let output = child.stdout.take().context("a lane's output")?;
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(std::io::Result::ok) {
            if reports.send((number, Some(line))).is_err() {
                return;
            }
        }
        let _ = reports.send((number, None));
    });
    Ok(Lane { child, orders, _cable: cable })
}

fn order(lane: &mut Lane, seed: Option<u64>) -> Result<()> {
    if let Some(seed) = seed {
        writeln!(lane.orders, "{seed}").context("a lane takes no orders")?;
    }
    Ok(())
}

/// What all schedules came to.
#[derive(Default)]
struct Totals {
    done: u64,
    failed: Vec<u64>,
    sums: std::collections::BTreeMap<String, u64>,
    most_mib: u64,
}

impl Totals {
    fn add(&mut self, report: &Value, begin: Instant) {
        self.done += 1;
        let seed = report.get("seed").and_then(Value::as_u64).unwrap_or_default();
        let wrong: Vec<&str> = report
            .get("wrong")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (name, count) in report.get("counts").and_then(Value::as_object).into_iter().flatten() {
            *self.sums.entry(name.clone()).or_default() += count.as_u64().unwrap_or_default();
        }
        self.most_mib = self.most_mib.max(report.get("mib").and_then(Value::as_u64).unwrap_or_default());
        if !wrong.is_empty() {
            self.failed.push(seed);
            println!("seed {seed} FAILED: cargo xtask torture faults --schedules 1 --seed {seed}");
            for wrong in wrong {
                println!("  {wrong}");
            }
            println!("  the schedule: {}", report.get("story").and_then(Value::as_str).unwrap_or_default());
        }
        if self.done.is_multiple_of(50) {
            println!("{} done in {} s, {} failed", self.done, begin.elapsed().as_secs(), self.failed.len());
        }
    }

    fn print(&self, begin: Instant) {
        let sums: Vec<String> = self.sums.iter().map(|(name, count)| format!("{count} {name}")).collect();
        println!(
            "{} schedules in {} s, {} failed; at most {} MiB a lane; {}",
            self.done,
            begin.elapsed().as_secs(),
            self.failed.len(),
            self.most_mib,
            sums.join(", ")
        );
    }
}
