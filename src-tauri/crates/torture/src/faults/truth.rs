//! What must hold at every look while things go wrong, of each account:
//! - no line is called online for longer than the pulse allows after it died, whatever the disk takes;
//! - a reason that is shown, or that an ended session has in the log, is one that the faults of this time admit;
//! - a message is *sent* only if the server has it, and its state goes only where the table of states lets it go.

use super::lane::LOOK;
use super::rows::{all, gone, head, heard, others, own, said_by_others};
use super::server::Kind;
use super::world::{Post, World};
use anyhow::{Result, anyhow};
use domain::{Delivery, Item, Reason, Row, Status};
use engine::Handle;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use testkit::faults::unseal;
use tokio::time::{Instant, interval};

/// How long a machine that is busy may take for what takes no time; and so many times what our own timers are late: a look
/// needs one turn, and a report one of its line, of the core and of the writer for each account that is served before it.
const SLACK: Duration = Duration::from_millis(1300);
const LATE_TIMES: u32 = 8;

/// What is left of a lateness at the next look: half of it after three seconds or so.
const FORGET: f64 = 0.98;

/// Who is so late himself cannot say that a server, a process on the same machine, answered in time.
const STARVED: Duration = Duration::from_millis(400);

/// How long quiet may take to come.
const PATIENCE: Duration = Duration::from_secs(40);

/// The most faults that are told of one schedule.
const MAX_WRONG: usize = 12;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Truth {
    wrong: BTreeSet<String>,
    counts: BTreeMap<&'static str, u64>,
    states: BTreeMap<(&'static str, String), Delivery>,
    ends: BTreeMap<&'static str, usize>,
    shown: BTreeMap<&'static str, Status>,
    /// When the last look was, and by how much looks are late, slowly forgotten.
    looked: Option<Instant>,
    late: Duration,
}

impl Truth {
    pub(super) fn is_wrong(&mut self, what: String) {
        if self.wrong.len() < MAX_WRONG {
            self.wrong.insert(what);
        }
    }

    pub(super) fn wrong(&self) -> &BTreeSet<String> {
        &self.wrong
    }

    pub(super) fn count(&mut self, what: &'static str, by: u64) {
        *self.counts.entry(what).or_default() += by;
    }

    pub(super) fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    pub(super) async fn wait_online(&mut self, world: &World) -> Result<()> {
        let engine = world.engine.read().await;
        let engine = engine.as_ref().ok_or_else(|| anyhow!("no engine"))?;
        for post in &world.posts {
            until("online at first", async || {
                Ok(matches!(status(engine, post).await?, Status::Online { .. }).then_some(()))
            })
            .await?;
        }
        Ok(())
    }

    /// Looks at everything once.
    pub(super) async fn look(&mut self, world: &World) -> Result<()> {
        self.note_lateness();
        let engine = world.engine.read().await;
        let Some(engine) = engine.as_ref() else { return Ok(()) };
        for post in &world.posts {
            let status = status(engine, post).await?;
            self.look_at_status(post, status, world.pulse());
            self.look_at_ends(engine, post).await?;
            let rows = all(engine, post).await?;
            self.look_at_messages(post, &rows)?;
        }
        Ok(())
    }

    fn note_lateness(&mut self) {
        let late = self.looked.map_or(Duration::ZERO, |looked| looked.elapsed().saturating_sub(LOOK));
        self.late = late.max(self.late.mul_f64(FORGET));
        self.looked = Some(Instant::now());
    }

    fn look_at_status(&mut self, post: &Post, status: Status, pulse: Duration) {
        let name = post.name;
        if self.shown.get(name) == Some(&status) && !matches!(status, Status::Online { .. }) {
            return;
        }
        match &status {
            Status::Online { .. } => {
                if let Some((trouble, age)) = post.troubles().deadly(pulse, SLACK + self.late * LATE_TIMES) {
                    self.is_wrong(format!("{name}: online, though {trouble:?} for {} ms", age.as_millis()));
                }
            }
            Status::Waiting { reason, .. } | Status::Stopped { reason } => self.admit(post, reason, "shown"),
            Status::Connecting { .. } | Status::Off => {}
        }
        self.shown.insert(name, status);
    }

    async fn look_at_ends(&mut self, engine: &Handle, post: &Post) -> Result<()> {
        let ends = engine.endings(post.account, 500).await.map_err(gone)?;
        let known = self.ends.insert(post.name, ends.len()).unwrap_or_default();
        for reason in ends.iter().take(ends.len().saturating_sub(known)) {
            self.count("ends", 1);
            self.admit(post, reason, "in the log");
        }
        Ok(())
    }

    fn admit(&mut self, post: &Post, reason: &Reason, place: &str) {
        if matches!(reason, Reason::Silent { .. }) && self.late >= STARVED {
            return self.count("silences of a starved machine", 1);
        }
        if !post.troubles().admit(reason, self.late * LATE_TIMES) {
            let name = post.name;
            self.is_wrong(format!(
                "{name}: {place} is {reason:?}, which nothing admits: {:?}",
                post.troubles()
            ));
        }
    }

    fn look_at_messages(&mut self, post: &Post, rows: &[Row]) -> Result<()> {
        let (_, heard) = post.record()?;
        let heard: BTreeSet<&str> = heard.iter().map(|heard| heard.text.as_str()).collect();
        let spoilt = post.troubles().spoilt();
        for (text, delivery) in rows.iter().filter_map(own) {
            let proven = match post.kind {
                Kind::Room => matches!(delivery, Delivery::Sent | Delivery::Acknowledged),
                // That its end has read the frame says nothing of its log yet.
                Kind::Archive => matches!(delivery, Delivery::Acknowledged),
            };
            if proven && !spoilt && !heard.contains(text.as_str()) {
                self.is_wrong(format!(
                    "{}: {} is {delivery:?}, and the server has it not",
                    post.name,
                    head(&text)
                ));
            }
            let before = self.states.insert((post.name, text.clone()), delivery.clone());
            if let Some(before) = before
                && !may_follow(post.kind, &before, &delivery)
            {
                self.is_wrong(format!("{}: {} was {before:?} and is {delivery:?}", post.name, head(&text)));
            }
        }
        Ok(())
    }

    /// Waits until all is quiet: a last word of each account has arrived, and has come back.
    pub(super) async fn settle(&mut self, world: &World) -> Result<()> {
        let engine = world.engine.read().await;
        let engine = engine.as_ref().ok_or_else(|| anyhow!("no engine"))?;
        for post in &world.posts {
            let mut tries = 0;
            let mut last = String::new();
            let quiet = until("quiet", async || {
                self.look_once(engine, world).await?;
                if matches!(status(engine, post).await?, Status::Stopped { .. }) {
                    // Changed bytes may be a refusal that only the user can mend.
                    engine.connect_now(post.account).await;
                }
                let rows = all(engine, post).await?;
                let delivery = rows.iter().filter_map(own).find(|(text, _)| *text == last);
                match delivery.map(|(_, delivery)| delivery) {
                    None | Some(Delivery::Unconfirmed) => {
                        tries += 1;
                        last = post.say(engine, &format!("z{tries:05} the end")).await?;
                        Ok(None)
                    }
                    Some(Delivery::Sent) if post.kind == Kind::Archive => Ok(None),
                    Some(Delivery::Acknowledged) if post.kind == Kind::Archive => {
                        let gap = rows.iter().any(|row| matches!(row.item, Item::Gap { .. }));
                        Ok((!gap && others(&rows).len() >= said_by_others(post)?.len()).then_some(()))
                    }
                    Some(Delivery::Sent | Delivery::Acknowledged) => {
                        let word = unseal(&last).unwrap_or_default();
                        let back = |row: &Row| heard(row).is_some_and(|(_, _, said)| said.contains(word));
                        Ok(rows.iter().any(back).then_some(()))
                    }
                    Some(Delivery::Queued | Delivery::Sending | Delivery::Failed { .. }) => Ok(None),
                }
            })
            .await;
            if let Err(error) = quiet {
                let status = status(engine, post).await?;
                self.is_wrong(format!("{}: {error:#}; {status:?}; {:?}", post.name, post.troubles()));
            }
        }
        self.look_once(engine, world).await
    }

    async fn look_once(&mut self, engine: &Handle, world: &World) -> Result<()> {
        self.note_lateness();
        for post in &world.posts {
            self.look_at_ends(engine, post).await?;
            self.look_at_messages(post, &all(engine, post).await?)?;
        }
        Ok(())
    }
}

/// What a state may turn into without the user.
fn may_follow(kind: Kind, before: &Delivery, after: &Delivery) -> bool {
    match before {
        Delivery::Queued | Delivery::Sending => true,
        // What is not acknowledged goes out again there: the archive knows it again.
        Delivery::Sent if kind == Kind::Archive => true,
        Delivery::Sent | Delivery::Unconfirmed => matches!(after, Delivery::Acknowledged) || after == before,
        Delivery::Acknowledged | Delivery::Failed { .. } => after == before,
    }
}

/// Looks, from time to time, until there is something.
pub(super) async fn until<T>(what: &str, mut condition: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let end = Instant::now() + PATIENCE;
    let mut ticks = interval(Duration::from_millis(50));
    while Instant::now() < end {
        ticks.tick().await;
        if let Some(value) = condition().await? {
            return Ok(value);
        }
    }
    Err(anyhow!("waited {} s for {what}", PATIENCE.as_secs()))
}

pub(super) async fn status(engine: &Handle, post: &Post) -> Result<Status> {
    let sidebar = engine.sidebar().await.map_err(gone)?;
    let view = sidebar.accounts.into_iter().find(|view| view.account.id == post.account);
    Ok(view.ok_or_else(|| anyhow!("the account is gone"))?.status)
}
