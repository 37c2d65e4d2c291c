//! The rounds. In each, messages flow both ways until the client is killed at random, often the server too; the client
//! is started again, and sometimes killed again while it mends; then all comes to rest and is checked.
//!
//! Twenty rounds share a store, so that what one leaves behind meets the next. Each such life has a seed of its own, with
//! which it can be run alone.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use domain::Row;
use tempfile::TempDir;
use testkit::archive::Mode;

use crate::check;
use crate::dice::Dice;
use crate::process::{Client, Server};
use crate::voice::Voice;

/// Rounds that share a store.
const LIFE: u32 = 20;

/// Lives between two words about how far it has come.
const TELL_EVERY: u32 = 10;

/// Messages that one side says in a round at most.
const MOST: u64 = 60;

/// Microseconds between two messages at most.
const PACE: u64 = 1_000;

/// Within how many milliseconds the client is killed.
const KILL_WITHIN: u64 = 180;

/// How often the voice says something while a client comes to rest: what it hears last is the sign that it is there.
const MARK_EVERY: Duration = Duration::from_millis(40);

/// Runs `rounds` against each server, both at a time.
pub(crate) async fn run(rounds: u32, seed: u64) -> Result<()> {
    println!("kill: {rounds} rounds against each server, seed {seed}");
    let began = Instant::now();
    let (archive, plain) =
        tokio::try_join!(day(Mode::Archive, rounds, seed), day(Mode::Plain, rounds, seed))?;
    let seconds = began.elapsed().as_secs_f64();
    println!("kill: {rounds} rounds against each server passed in {seconds:.1} s, seed {seed}");
    for (name, tally) in [("archive", archive), ("plain", plain)] {
        let Tally { kills, server_kills, own, heard } = tally;
        println!(
            "  {name}: {kills} kills of the client, {server_kills} of the server; {own} messages out, {heard} in"
        );
    }
    Ok(())
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    kills: u64,
    server_kills: u64,
    own: u64,
    heard: u64,
}

async fn day(mode: Mode, rounds: u32, seed: u64) -> Result<Tally> {
    let mut tally = Tally::default();
    for life in 0..rounds.div_ceil(LIFE) {
        let own_seed = seed.wrapping_add(u64::from(life));
        let count = LIFE.min(rounds - life * LIFE);
        let folder = tempfile::Builder::new().prefix("whinchat-torture-").tempdir()?;
        let outcome = Life::begin(mode, &folder, own_seed, &mut tally).await;
        let outcome = match outcome {
            Ok(life) => life.run(count).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            let kept = folder.keep();
            return Err(error.context(format!(
                "{mode:?}: failed; what is left lies in {}; again: cargo xtask torture kill --rounds {count} --seed {own_seed}",
                kept.display()
            )));
        }
        if (life + 1).is_multiple_of(TELL_EVERY) {
            println!("  {mode:?}: {} rounds", life * LIFE + count);
        }
    }
    Ok(tally)
}

struct Life<'a> {
    mode: Mode,
    folder: &'a TempDir,
    dice: Dice,
    server: Server,
    client: Client,
    voice: Voice,
    /// How many of our messages the client has answered.
    answered: u64,
    /// What was on the disk at the last kill.
    found: Vec<Row>,
    tally: &'a mut Tally,
}

impl<'a> Life<'a> {
    async fn begin(mode: Mode, folder: &'a TempDir, seed: u64, tally: &'a mut Tally) -> Result<Self> {
        let server = Server::start(mode, folder.path()).await?;
        let client = Client::start(mode, folder.path(), &server.url())?;
        let voice = Voice::new(mode, server.url());
        let dice = Dice::new(seed);
        let (answered, found) = (0, Vec::new());
        let mut life = Self { mode, folder, dice, server, client, voice, answered, found, tally };
        // Nothing is missing from before the first session, so it begins before anything is said.
        life.client.until("online").await?;
        life.rest().await?;
        Ok(life)
    }

    async fn run(mut self, rounds: u32) -> Result<()> {
        let mut rows = Vec::new();
        for round in 0..rounds {
            self.round().await.with_context(|| format!("round {round}"))?;
            rows = self.rest().await.with_context(|| format!("after round {round}"))?;
        }
        self.tally.own += self.answered;
        self.tally.heard += check::count_heard(&rows)?;
        Ok(())
    }

    /// Messages flow, and the client is killed; sometimes it is killed again as soon as it is back.
    async fn round(&mut self) -> Result<()> {
        let count = self.dice.below(MOST);
        let order = format!("say {} {count} {}", self.answered, self.dice.below(PACE));
        self.client.order(&order).await;
        self.kill(KILL_WITHIN).await?;
        while self.dice.once_in(3) {
            self.client = Client::start(self.mode, self.folder.path(), &self.server.url())?;
            let order = format!("say {} {MOST} {}", self.answered, self.dice.below(PACE));
            self.client.order(&order).await;
            self.kill(2 * KILL_WITHIN).await?;
        }
        self.client = Client::start(self.mode, self.folder.path(), &self.server.url())?;
        Ok(())
    }

    /// The voice speaks; the client is killed within `ms`, and now and then the server before or after it.
    async fn kill(&mut self, ms: u64) -> Result<()> {
        let moment = self.dice.moment(ms);
        let server_falls = self.dice.once_in(4).then(|| (self.dice.moment(ms), self.dice.moment(30)));
        let (count, pace) = (self.dice.below(MOST), Duration::from_micros(self.dice.below(PACE)));
        let Self { voice, server, client, .. } = self;
        let speaking = async {
            for _ in 0..count {
                voice.say().await?;
                tokio::time::sleep(pace).await;
            }
            anyhow::Ok(())
        };
        let killing = async {
            tokio::time::sleep(moment).await;
            client.kill().await
        };
        let falling = async {
            if let Some((moment, after)) = server_falls {
                tokio::time::sleep(moment).await;
                server.restart(after).await?;
            }
            anyhow::Ok(())
        };
        tokio::try_join!(speaking, killing, falling)?;
        self.tally.kills += 1;
        self.tally.server_kills += u64::from(server_falls.is_some());
        while let Some(line) = self.client.said().await? {
            if let Some(n) = line.strip_prefix("said ") {
                self.answered = n.parse::<u64>()? + 1;
            }
        }
        let rows = check::remains(self.folder.path())?;
        check::killed(&rows, self.answered)?;
        self.found = rows;
        Ok(())
    }

    /// Waits until nothing moves, and checks everything.
    async fn rest(&mut self) -> Result<Vec<Row>> {
        // A message that was written and whose answer the kill took: saying it again is saying it once.
        self.client.order(&format!("say {} 1 0", self.answered)).await;
        self.answered += 1;
        let order = format!("settle {} {}", self.answered, self.voice.next());
        self.client.order(&order).await;
        let Self { client, voice, .. } = &mut *self;
        let marking = async {
            loop {
                voice.say().await?;
                tokio::time::sleep(MARK_EVERY).await;
            }
        };
        let settled: Result<(Option<u64>, Vec<Row>)> = tokio::select! {
            settled = client.until("settled") => settled,
            failed = marking => failed,
        };
        let (_, rows) = settled?;
        check::kept(&self.found, &rows)?;
        match self.mode {
            Mode::Archive => check::archive(&rows, self.answered, self.server.log())?,
            Mode::Plain => check::plain(&rows, self.answered, self.server.log())?,
        }
        Ok(rows)
    }
}
