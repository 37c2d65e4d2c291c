//! What must hold: at every look while things go wrong, and at the end, when all is whole again and quiet.
//!
//! At every look, of each account:
//! - no line is called online for longer than the pulse allows after it died, whatever the disk takes;
//! - a reason that is shown, or that an ended session has in the log, is one that the faults of this time admit;
//! - a message is *sent* only if the server has it, and its state goes only where the table of states lets it go.
//!
//! At the end:
//! - what the engine took is there once, in order; what it refused is not;
//! - the server has nothing twice, has it in order, and everything that is not *unconfirmed*;
//! - of each of the server's connections the rows are its first words to some last one, in order, none left out, none
//!   twice; and between two connections there is a gap;
//! - what is *unconfirmed* arrives when the user sends it again, at most once more, and then once.
//!
//! Where bytes were changed on a plain line, nobody can tell a changed text from another text: there, a row that has
//! lost its seal stands for what was spoilt, rows with their seal still stand once and in order, and a message may be
//! *sent* of which the server has something else.

use super::lane::LOOK;
use super::server::Kind;
use super::world::{Post, World, txn};
use anyhow::{Result, anyhow};
use domain::{Delivery, Item, Reason, Row, Sender, Status};
use engine::Handle;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use testkit::archive::ME;
use testkit::faults::room::Heard;
use testkit::faults::unseal;
use tokio::time::{Instant, interval};

/// How long a machine that is busy may take for what takes no time; and so many times what our own timers are late.
const SLACK: Duration = Duration::from_millis(1300);
const LATE_TIMES: u32 = 4;

/// What is left of a lateness at the next look: half of it after three seconds or so.
const FORGET: f64 = 0.98;

/// Who is so late himself cannot say that a server, a process on the same machine, answered in time.
const STARVED: Duration = Duration::from_millis(400);

/// How long a fault may be the reason after it is over: until the next dial has failed or not.
const MEMORY: Duration = Duration::from_secs(5);

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

fn gone<E: std::fmt::Debug>(error: E) -> anyhow::Error {
    anyhow!("the engine does not answer: {error:?}")
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
        // Who looks late finds late.
        if !post.troubles().admit(reason, MEMORY + self.late * LATE_TIMES) {
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

    /// Everything, now that all is quiet.
    pub(super) async fn judge(&mut self, world: &World) -> Result<()> {
        let engine = world.engine.read().await;
        let engine = engine.as_ref().ok_or_else(|| anyhow!("no engine"))?;
        for post in &world.posts {
            let rows = all(engine, post).await?;
            match post.kind {
                Kind::Room => {
                    self.judge_own(post, &rows)?;
                    self.judge_record(post)?;
                    self.judge_heard(post, &rows);
                }
                Kind::Archive => self.judge_archive(post, &rows)?,
            }
        }
        let notices = engine.sidebar().await.map_err(gone)?.notices;
        if !notices.is_empty() {
            self.is_wrong(format!("still told: {notices:?}"));
        }
        Ok(())
    }

    /// Against a server that keeps everything, everything is known: both sides' messages once and in order, and no gap.
    fn judge_archive(&mut self, post: &Post, rows: &[Row]) -> Result<()> {
        let taken = post.words().taken;
        let own: Vec<(String, Delivery)> = rows.iter().filter_map(own).collect();
        self.count("acknowledged", own.len() as u64);
        if !own.iter().map(|(text, _)| text).eq(&taken) {
            self.is_wrong("archive: rows are not what was taken, once and in order".to_owned());
        }
        for (text, delivery) in own.iter().filter(|(_, delivery)| *delivery != Delivery::Acknowledged) {
            self.is_wrong(format!("archive: {} is {delivery:?} for good", head(text)));
        }
        let (_, heard) = post.record()?;
        if !heard.iter().map(|heard| &heard.text).eq(&taken) {
            let odd = heard.iter().zip(&taken).find(|(heard, taken)| heard.text != **taken);
            let odd = odd.map(|(heard, taken)| (head(&heard.text), head(taken)));
            let (has, taken) = (heard.len(), taken.len());
            self.is_wrong(format!("archive: the server has {has} of {taken}, or another order: {odd:?}"));
        }
        let (heard, said) = (others(rows), said_by_others(post)?);
        self.count("healed or heard", heard.len() as u64);
        if heard != said {
            let odd = heard.iter().zip(&said).find(|(heard, said)| heard != said);
            self.is_wrong(format!("archive: {} rows of {} said by others: {odd:?}", heard.len(), said.len()));
        }
        Ok(())
    }

    fn judge_own(&mut self, post: &Post, rows: &[Row]) -> Result<()> {
        let name = post.name;
        let own: Vec<_> = rows.iter().filter_map(own).collect();
        let texts: Vec<&str> = own.iter().map(|(text, _)| text.as_str()).collect();
        let words = post.words();
        if texts != words.taken {
            let missing: Vec<_> = words
                .taken
                .iter()
                .filter(|word| !texts.contains(&word.as_str()))
                .map(|word| head(word))
                .collect();
            let more: Vec<_> = texts
                .iter()
                .filter(|text| !words.taken.iter().any(|word| word == *text))
                .map(|word| head(word))
                .collect();
            self.is_wrong(format!(
                "{name}: rows are not what was taken: missing {missing:?}, more {more:?}, or the order"
            ));
        }
        let (_, heard) = post.record()?;
        let arrived: BTreeSet<&str> = heard.iter().map(|heard| heard.text.as_str()).collect();
        let broken = heard.iter().filter(|heard| unseal(&heard.text).is_none()).count();
        let mut lost = Vec::new();
        for (text, delivery) in &own {
            match delivery {
                Delivery::Sent | Delivery::Acknowledged => {
                    self.count("sent", 1);
                    if !arrived.contains(text.as_str()) {
                        lost.push(head(text));
                    }
                }
                Delivery::Unconfirmed => self.count("unconfirmed", 1),
                Delivery::Queued | Delivery::Sending | Delivery::Failed { .. } => {
                    self.is_wrong(format!("{name}: {} is {delivery:?} for good", head(text)));
                }
            }
        }
        if !lost.is_empty() && (!post.troubles().spoilt() || lost.len() > broken) {
            self.is_wrong(format!("{name}: lost, and called sent: {lost:?}; {broken} came broken"));
        }
        self.count("refused", words.refused.len() as u64);
        Ok(())
    }

    fn judge_record(&mut self, post: &Post) -> Result<()> {
        let name = post.name;
        let (connections, heard) = post.record()?;
        self.count("connections", connections);
        let whole: Vec<&str> = heard.iter().filter_map(|heard| unseal(&heard.text)).collect();
        let words: Vec<&str> = whole.iter().filter_map(|text| text.get(..6)).collect();
        let sorted: BTreeSet<&str> = words.iter().copied().collect();
        if sorted.len() != words.len() {
            self.is_wrong(format!("{name}: the server has something twice"));
        } else if !words.is_sorted() {
            let at = words.windows(2).position(|pair| !pair.is_sorted()).unwrap_or_default();
            let around: Vec<_> = heard.iter().skip(at.saturating_sub(3)).take(9).collect();
            let around: Vec<_> = around.iter().map(|heard| (heard.connection, head(&heard.text))).collect();
            self.is_wrong(format!("{name}: the server has it in another order: {around:?}"));
        }
        if heard.len() != whole.len() && !post.troubles().spoilt() {
            self.is_wrong(format!("{name}: the server has a broken text, and nothing was spoilt"));
        }
        Ok(())
    }

    fn judge_heard(&mut self, post: &Post, rows: &[Row]) {
        let name = post.name;
        let mut last = (0, 0);
        let mut gap = true;
        for row in rows {
            match &row.item {
                Item::Gap { until, .. } => {
                    gap = true;
                    if until.is_none() {
                        self.is_wrong(format!("{name}: a gap is open, and the account is online"));
                    }
                }
                Item::Message { sender: Sender::Server, .. } => {
                    let Some((connection, number, _)) = heard(row) else {
                        if !post.troubles().spoilt() {
                            self.is_wrong(format!("{name}: a row is broken, and nothing was spoilt"));
                        }
                        continue;
                    };
                    self.count("received", 1);
                    let next = if connection == last.0 { last.1 + 1 } else { 1 };
                    let tainted = post.is_tainted(connection);
                    if connection < last.0 || number < next || (number > next && !tainted) {
                        self.is_wrong(format!(
                            "{name}: after {}.{} came {connection}.{number}",
                            last.0, last.1
                        ));
                    }
                    if connection != last.0 && !gap {
                        self.is_wrong(format!(
                            "{name}: no gap between {}.{} and {connection}.{number}",
                            last.0, last.1
                        ));
                    }
                    last = (connection, number);
                    gap = false;
                }
                Item::Message { .. } => {}
            }
        }
    }

    /// The user sends again what is unconfirmed: it arrives, at most for the second time.
    pub(super) async fn send_again(&mut self, world: &World) -> Result<()> {
        let engine = world.engine.read().await;
        let engine = engine.as_ref().ok_or_else(|| anyhow!("no engine"))?;
        for post in &world.posts {
            let (_, before) = post.record()?;
            for row in all(engine, post).await? {
                if let Some((_, Delivery::Unconfirmed)) = own(&row) {
                    let txn = txn(&format!("again{}{}", post.name, row.place.id.0))?;
                    engine.retry(txn, row.place.id).await.map_err(gone)?;
                }
            }
            let done = until("all to be sent", async || {
                let rows = all(engine, post).await?;
                let done = |(_, delivery): &(String, Delivery)| {
                    matches!(delivery, Delivery::Sent | Delivery::Acknowledged)
                };
                Ok(rows.iter().filter_map(own).all(|message| done(&message)).then_some(()))
            })
            .await;
            if let Err(error) = done {
                self.is_wrong(format!("{}: {error:#}", post.name));
            }
            if post.troubles().spoilt() || post.kind == Kind::Archive {
                continue;
            }
            let (_, heard) = post.record()?;
            let times = |of: &[Heard], word: &str| of.iter().filter(|heard| heard.text == word).count();
            for word in post.words().taken {
                let (had, has) = (times(&before, &word), times(&heard, &word));
                // A line that was given up delivers nothing any more.
                if !(1..=had + 1).contains(&has) {
                    self.is_wrong(format!(
                        "{}: {} arrived {had} times, and then {has}",
                        post.name,
                        head(&word)
                    ));
                }
            }
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
async fn until<T>(what: &str, mut condition: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
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

async fn all(engine: &Handle, post: &Post) -> Result<Vec<Row>> {
    let mut page = engine.latest(post.conversation, 500).await.map_err(gone)?;
    let mut rows = std::mem::take(&mut page.rows);
    while let (true, Some(first)) = (page.has_older, rows.first()) {
        page = engine.before(post.conversation, first.place, 500).await.map_err(gone)?;
        rows.splice(0..0, std::mem::take(&mut page.rows));
    }
    Ok(rows)
}

/// Text and state of a message of ours.
fn own(row: &Row) -> Option<(String, Delivery)> {
    match &row.item {
        Item::Message { sender: Sender::Me, body, delivery: Some(delivery), .. } => {
            Some((body.to_plain(), delivery.clone()))
        }
        Item::Message { .. } | Item::Gap { .. } => None,
    }
}

/// What others said, as the rows have it.
fn others(rows: &[Row]) -> Vec<String> {
    let text = |row: &Row| match &row.item {
        Item::Message { sender: Sender::Person { .. }, body, .. } => Some(body.to_plain()),
        Item::Message { .. } | Item::Gap { .. } => None,
    };
    rows.iter().filter_map(text).collect()
}

/// What others said, as the log of the archive has it.
fn said_by_others(post: &Post) -> Result<Vec<String>> {
    Ok(post.log()?.into_iter().filter(|said| said.from != ME).map(|said| said.text).collect())
}

/// Connection, number and text of a row that the server said, where its seal fits.
fn heard(row: &Row) -> Option<(u64, u64, String)> {
    let Item::Message { sender: Sender::Server, body, .. } = &row.item else { return None };
    let plain = body.to_plain();
    let (place, said) = unseal(&plain)?.split_once(' ')?;
    let (connection, number) = place.split_once('.')?;
    Some((connection.parse().ok()?, number.parse().ok()?, said.to_owned()))
}

/// The beginning of a text, for people.
fn head(text: &str) -> String {
    text.chars().take(6).collect()
}
