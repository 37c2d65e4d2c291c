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
use super::world::{World, txn};
use anyhow::{Result, anyhow};
use domain::{Delivery, Item, Row, Sender};
use std::collections::BTreeSet;
use std::ops::Range;
use testkit::faults::room::Heard;
use testkit::faults::unseal;

/// What is known of an account at the end.
struct Evidence {
    name: &'static str,
    rows: Vec<Row>,
    /// What the engine took, in order.
    taken: Vec<String>,
    /// What the server has of us.
    heard: Vec<Heard>,
    /// What others said, as the log of the archive has it.
    said: Vec<String>,
    /// Whether bytes were ever changed.
    spoilt: bool,
    /// The server's connections on which they were.
    tainted: Vec<Range<u64>>,
}

impl Truth {
    /// Everything, now that all is quiet.
    pub(super) async fn judge(&mut self, world: &World) -> Result<()> {
        let engine = world.engine.read().await;
        let engine = engine.as_ref().ok_or_else(|| anyhow!("no engine"))?;
        for post in &world.posts {
            let words = post.words();
            let (connections, heard) = post.record()?;
            self.count("connections", connections);
            self.count("refused", words.refused.len() as u64);
            let evidence = Evidence {
                name: post.name,
                rows: all(engine, post).await?,
                taken: words.taken,
                heard,
                said: match post.kind {
                    Kind::Room => Vec::new(),
                    Kind::Archive => said_by_others(post)?,
                },
                spoilt: post.troubles().spoilt(),
                tainted: post.tainted(),
            };
            match post.kind {
                Kind::Room => {
                    self.judge_own(&evidence);
                    self.judge_record(&evidence);
                    self.judge_heard(&evidence);
                }
                Kind::Archive => self.judge_archive(&evidence),
            }
        }
        let notices = engine.sidebar().await.map_err(gone)?.notices;
        if !notices.is_empty() {
            self.is_wrong(format!("still told: {notices:?}"));
        }
        Ok(())
    }

    /// Against a server that keeps everything, everything is known: both sides' messages once and in order, and no gap.
    fn judge_archive(&mut self, Evidence { rows, taken, heard, said, .. }: &Evidence) {
        let own: Vec<(String, Delivery)> = rows.iter().filter_map(own).collect();
        self.count("acknowledged", own.len() as u64);
        if !own.iter().map(|(text, _)| text).eq(taken) {
            self.is_wrong("archive: rows are not what was taken, once and in order".to_owned());
        }
        for (text, delivery) in own.iter().filter(|(_, delivery)| *delivery != Delivery::Acknowledged) {
            self.is_wrong(format!("archive: {} is {delivery:?} for good", head(text)));
        }
        if !heard.iter().map(|heard| &heard.text).eq(taken) {
            let odd = heard.iter().zip(taken).find(|(heard, taken)| heard.text != **taken);
            let odd = odd.map(|(heard, taken)| (head(&heard.text), head(taken)));
            let (has, taken) = (heard.len(), taken.len());
            self.is_wrong(format!("archive: the server has {has} of {taken}, or another order: {odd:?}"));
        }
        let heard = others(rows);
        self.count("healed or heard", heard.len() as u64);
        if heard != *said {
            let odd = heard.iter().zip(said).find(|(heard, said)| heard != said);
            self.is_wrong(format!("archive: {} rows of {} said by others: {odd:?}", heard.len(), said.len()));
        }
    }

    fn judge_own(&mut self, Evidence { name, rows, taken, heard, spoilt, .. }: &Evidence) {
        let own: Vec<_> = rows.iter().filter_map(own).collect();
        let texts: Vec<&str> = own.iter().map(|(text, _)| text.as_str()).collect();
        if texts != *taken {
            let missing: Vec<_> =
                taken.iter().filter(|word| !texts.contains(&word.as_str())).map(|word| head(word)).collect();
            let more: Vec<_> = texts
                .iter()
                .filter(|text| !taken.iter().any(|word| word == *text))
                .map(|word| head(word))
                .collect();
            self.is_wrong(format!(
                "{name}: rows are not what was taken: missing {missing:?}, more {more:?}, or the order"
            ));
        }
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
        if !lost.is_empty() && (!spoilt || lost.len() > broken) {
            self.is_wrong(format!("{name}: lost, and called sent: {lost:?}; {broken} came broken"));
        }
    }

    fn judge_record(&mut self, Evidence { name, heard, spoilt, .. }: &Evidence) {
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
        if heard.len() != whole.len() && !spoilt {
            self.is_wrong(format!("{name}: the server has a broken text, and nothing was spoilt"));
        }
    }

    fn judge_heard(&mut self, Evidence { name, rows, spoilt, tainted, .. }: &Evidence) {
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
                        if !spoilt {
                            self.is_wrong(format!("{name}: a row is broken, and nothing was spoilt"));
                        }
                        continue;
                    };
                    self.count("received", 1);
                    let next = if connection == last.0 { last.1 + 1 } else { 1 };
                    let tainted = tainted.iter().any(|range| range.contains(&connection));
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
                Item::Message { .. } | Item::Happening { .. } => {}
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{gap, message};
    use testkit::faults::seal;

    fn ours(number: u32, delivery: Delivery) -> Row {
        message(Sender::Me, &seal(&format!("m{number:05}")), Some(delivery))
    }

    fn theirs(connection: u64, number: u64) -> Row {
        message(Sender::Server, &seal(&format!("{connection}.{number} tick")), None)
    }

    /// Two messages sent, one in doubt that did not come, two connections with a gap between.
    fn room() -> Evidence {
        let texts: Vec<String> = (0..3).map(|number| seal(&format!("m{number:05}"))).collect();
        Evidence {
            name: "room",
            rows: vec![
                theirs(1, 1),
                ours(0, Delivery::Sent),
                theirs(1, 2),
                gap(Some(9)),
                ours(1, Delivery::Unconfirmed),
                theirs(2, 1),
                ours(2, Delivery::Sent),
            ],
            heard: [&texts[0], &texts[2]].map(|text| Heard { connection: 1, text: text.clone() }).to_vec(),
            taken: texts,
            said: Vec::new(),
            spoilt: false,
            tainted: Vec::new(),
        }
    }

    /// The same before a server that keeps everything.
    fn archive() -> Evidence {
        let Evidence { taken, .. } = room();
        let person = || Sender::Person { name: "Ann".to_owned() };
        let said = vec!["one".to_owned(), "two".to_owned()];
        let mut rows: Vec<Row> = (0..3).map(|number| ours(number, Delivery::Acknowledged)).collect();
        rows.extend(said.iter().map(|text| message(person(), text, None)));
        let heard = taken.iter().map(|text| Heard { connection: 0, text: text.clone() }).collect();
        Evidence { name: "archive", rows, heard, taken, said, spoilt: false, tainted: Vec::new() }
    }

    fn wrongs(evidence: &Evidence) -> usize {
        let mut truth = Truth::default();
        if evidence.name == "archive" {
            truth.judge_archive(evidence);
        } else {
            truth.judge_own(evidence);
            truth.judge_record(evidence);
            truth.judge_heard(evidence);
        }
        truth.wrong().len()
    }

    type Fault = (&'static str, fn(&mut Evidence));

    #[test]
    fn what_is_right_is_let_pass() {
        assert_eq!((wrongs(&room()), wrongs(&archive())), (0, 0));
    }

    #[test]
    fn every_fault_that_is_planted_in_a_room_is_found() {
        let faults: &[Fault] = &[
            ("a message of ours is lost", |it| drop(it.rows.remove(1))),
            ("a message of ours is there twice", |it| it.rows.push(ours(2, Delivery::Sent))),
            ("the rows are in another order", |it| it.rows.swap(1, 6)),
            ("called sent, and never came", |it| drop(it.heard.pop())),
            ("still on its way", |it| it.rows[6] = ours(2, Delivery::Sending)),
            ("the server has one twice", |it| it.heard.push(it.heard[1].clone())),
            ("the server has another order", |it| it.heard.reverse()),
            ("a text came broken", |it| it.heard[0].text.push('x')),
            ("a word of the server is lost", |it| drop(it.rows.remove(0))),
            ("a word of the server is there twice", |it| it.rows.insert(2, theirs(1, 1))),
            ("no gap where a connection ended", |it| drop(it.rows.remove(3))),
            ("a gap stays open", |it| it.rows[3] = gap(None)),
            ("a row is broken", |it| it.rows[5] = message(Sender::Server, "2.1 tick", None)),
        ];
        for (what, plant) in faults {
            let mut evidence = room();
            plant(&mut evidence);
            assert_ne!(wrongs(&evidence), 0, "{what}");
        }
    }

    #[test]
    fn every_fault_that_is_planted_before_an_archive_is_found() {
        let faults: &[Fault] = &[
            ("a message of ours is lost", |it| drop(it.rows.remove(1))),
            ("one is not acknowledged", |it| it.rows[0] = ours(0, Delivery::Sent)),
            ("the server has one twice", |it| it.heard.push(it.heard[2].clone())),
            ("the server lacks one", |it| drop(it.heard.pop())),
            ("another's word is lost", |it| drop(it.rows.pop())),
            ("others' words are in another order", |it| it.rows.swap(3, 4)),
        ];
        for (what, plant) in faults {
            let mut evidence = archive();
            plant(&mut evidence);
            assert_ne!(wrongs(&evidence), 0, "{what}");
        }
    }
}
