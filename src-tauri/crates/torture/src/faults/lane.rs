//! One lane: runs the schedules that it is told, one after the other, and tells what came of each.

use super::schedule::{Pace, Step, steps};
use super::server::Kind;
use super::talk::{answer, talk};
use super::truth::Truth;
use super::world::World;
use anyhow::{Result, bail};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use testkit::faults::{Borrowed, Cable, Dice};
use tokio::time::interval;

/// How often the accounts are looked at while things go wrong.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// What a lane's process may hold: twice what the engine takes in a debug build after a hundred schedules.
const MAX_MIB: u64 = 72;

/// `torture faults lane [NEAR FAR]`: a seed a line comes in, a report a line goes out.
pub(super) fn run(words: &[&str]) -> Result<()> {
    let cable = match words {
        [] => None,
        [near, far] => Some(Cable::borrowed((*near).to_owned(), (*far).to_owned())),
        _ => bail!("usage: faults lane [NEAR FAR]"),
    };
    let (orders, mut ordered) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(std::io::Result::ok) {
            let _ = orders.send(line);
        }
        // Whoever ordered is gone: so are the schedule, its servers and its disk.
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        while let Some(line) = ordered.recv().await {
            let report = schedule(line.parse()?, cable.clone()).await;
            let mut output = std::io::stdout().lock();
            writeln!(output, "{report}")?;
            output.flush()?;
        }
        Ok(())
    })
}

async fn schedule(seed: u64, cable: Option<Borrowed>) -> Value {
    let begin = Instant::now();
    let mut dice = Dice::new(seed);
    let (pace, steps) = steps(&mut dice, World::reach(cable.as_ref()));
    let story = format!("{pace:?} {steps:?}");
    let mut truth = Truth::default();
    if let Err(error) = suffer(seed, cable, dice, (pace, &steps), &mut truth).await {
        truth.is_wrong(format!("the schedule did not run: {error:#}"));
    }
    let mib = resident_mib();
    if mib > MAX_MIB {
        truth.is_wrong(format!("the process holds {mib} MiB"));
    }
    let ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    truth.count("ms", ms);
    json!({ "seed": seed, "wrong": truth.wrong(), "story": story, "mib": mib, "counts": truth.counts() })
}

async fn suffer(
    seed: u64,
    cable: Option<Borrowed>,
    mut dice: Dice,
    (pace, steps): (Pace, &[Step]),
    truth: &mut Truth,
) -> Result<()> {
    let world = World::new(seed, cable, pace).await?;
    truth.wait_online(&world).await?;
    let talks: Vec<_> = world.posts.iter().map(|post| (post, Dice::new(dice.roll()))).collect();
    let enough = AtomicBool::new(false);
    let talking = try_join_all(talks.into_iter().map(|(post, dice)| talk(&world, post, dice, &enough)));
    let archives = world.posts.iter().filter(|post| post.kind == Kind::Archive);
    let answering = try_join_all(archives.map(|post| answer(post, Dice::new(seed), &enough)));
    let track = async |of_the_proxy: bool| {
        for step in steps.iter().filter(|step| step.fault.is_of_the_proxy() == of_the_proxy) {
            world.suffer(*step).await?;
        }
        anyhow::Ok(())
    };
    let looking = async {
        let mut ticks = interval(LOOK);
        loop {
            ticks.tick().await;
            truth.look(&world).await?;
        }
    };
    let suffering = async {
        let outcome = tokio::try_join!(track(true), track(false));
        enough.store(true, Ordering::Relaxed);
        outcome
    };
    tokio::select! {
        outcome = async { tokio::try_join!(suffering, talking, answering) } => drop(outcome?),
        outcome = looking => return outcome,
    }
    truth.settle(&world).await?;
    truth.judge(&world).await?;
    truth.send_again(&world).await?;
    if let Some(engine) = world.engine.write().await.take() {
        engine.shutdown().await;
    }
    Ok(())
}

fn resident_mib() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * 4096 / 1024 / 1024
}
