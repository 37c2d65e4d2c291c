//! What must hold at the end, when all is whole again and quiet:
//! - what the engine took is there once, in order; what it refused is not;
//! - the server has nothing twice, has it in order, and everything that is not *unconfirmed*;
//! - of each of the server's connections the rows are its first words to some last one, in order, none left out, none
//!   twice; and between two connections there is a gap;
//! - what is *unconfirmed* arrives when the user sends it again, at most once more, and then once.
//!
//! Where bytes were changed on a plain line, nobody can tell a changed text from another text: there, a row that has
//! lost its seal stands for what was spoilt, rows with their seal still stand once and in order, and a message may be
//! *sent* of which the server has something else.

use super::rows::{all, gone, head, heard, others, own, said_by_others};
use super::server::Kind;
use super::truth::{Truth, until};
use super::world::{Post, World, txn};
use anyhow::{Result, anyhow};
use domain::{Delivery, Item, Row, Sender};
use std::collections::BTreeSet;
use testkit::faults::room::Heard;
use testkit::faults::unseal;

impl Truth {
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
