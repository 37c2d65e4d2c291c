//! What must be true after a round.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use domain::{Delivery, Healing, Item, Row, Sender, Timestamp};
use testkit::archive::{Said, read};

use crate::process;

/// One row, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    /// Ours.
    Own(u64, Delivery),
    /// Somebody else's, or the plain server's echo of ours.
    Heard(String),
    Gap(Healing, bool),
}

/// What a store holds of which the process was killed, read as the next start would find it.
pub(crate) fn remains(folder: &Path) -> Result<Vec<Row>> {
    let opened = store::open(&process::store(folder), Timestamp(0))?;
    ensure!(opened.set_aside.is_none(), "the store was found damaged");
    let mut reader = opened.writer.reader()?;
    let (_, _, conversations) = reader.sidebar()?;
    let Some(conversation) = conversations.first() else { return Ok(Vec::new()) };
    let mut page = reader.latest(conversation.id, 500)?;
    let mut rows = std::mem::take(&mut page.rows);
    while page.has_older {
        let first = rows.first().context("a page without rows")?.place;
        page = reader.before(conversation.id, first, 500)?;
        rows.splice(0..0, std::mem::take(&mut page.rows));
    }
    drop(reader);
    opened.writer.close()?;
    Ok(rows)
}

/// After a kill: all that was answered is there, once and in order.
pub(crate) fn killed(rows: &[Row], answered: u64) -> Result<()> {
    let own = own(&lines(rows)?);
    let numbers: Vec<u64> = own.iter().map(|(n, _)| *n).collect();
    let count = numbers.len() as u64;
    ensure!(count == answered || count == answered + 1, "{answered} were answered, {count} are there");
    ensure!(numbers.iter().copied().eq(0..count), "ours are not each once, in order: {numbers:?}");
    Ok(())
}

/// Nothing that was on the disk at the kill is gone: every message that was there is there.
pub(crate) fn kept(before: &[Row], after: &[Row]) -> Result<()> {
    let texts = |rows: &[Row]| -> Result<BTreeSet<String>> {
        Ok(lines(rows)?
            .into_iter()
            .filter_map(|line| match line {
                Line::Own(n, _) => Some(format!("own {n}")),
                Line::Heard(text) => Some(text),
                Line::Gap(..) => None,
            })
            .collect())
    };
    let (before, after) = (texts(before)?, texts(after)?);
    let lost: Vec<_> = before.difference(&after).collect();
    ensure!(lost.is_empty(), "these were on the disk and are gone: {lost:?}");
    Ok(())
}

/// Against the archive, all is known: each message of both sides once, in order, ours acknowledged, and no gap.
pub(crate) fn archive(rows: &[Row], answered: u64, log: &Path) -> Result<()> {
    let lines = lines(rows)?;
    let log: Vec<Said> = read(log)?;
    let said = |from: &str| -> Vec<String> {
        log.iter().filter(|said| said.from == from).map(|said| said.text.clone()).collect()
    };
    let mine: Vec<String> = (0..answered).map(|n| format!("c-{n}")).collect();
    ensure!(said("me") == mine, "the server has ours not each once, in order: {:?}", odd(&said("me"), &mine));
    let own = own(&lines);
    let expected: Vec<_> = (0..answered).map(|n| (n, Delivery::Acknowledged)).collect();
    ensure!(own == expected, "ours are not each once, in order, acknowledged: {:?}", odd(&own, &expected));
    // The voice goes on speaking until all has come to rest: what it said since is not looked for.
    let heard = heard(&lines, "s-");
    let voice: Vec<String> = said("voice").into_iter().take(heard.len()).collect();
    ensure!(heard == voice, "the others' are not each once, in order: {:?}", odd(&heard, &voice));
    ensure!(!lines.iter().any(|line| matches!(line, Line::Gap(..))), "a gap is left");
    Ok(())
}

/// How many messages of the other side there are.
pub(crate) fn count_heard(rows: &[Row]) -> Result<u64> {
    Ok(heard(&lines(rows)?, "s-").len() as u64)
}

/// Against the plain server: ours once with a true state; the server saw none twice; what was heard is once and in
/// order; and what was missed lies in a gap.
pub(crate) fn plain(rows: &[Row], answered: u64, log: &Path) -> Result<()> {
    let lines = lines(rows)?;
    let record: Vec<String> = read(log)?;
    let seen: Vec<u64> = record.iter().filter_map(|text| number(text, "c-")).collect();
    ensure!(seen.is_sorted_by(|a, b| a < b), "the server saw ours twice or out of order: {seen:?}");
    let seen: BTreeSet<u64> = seen.into_iter().collect();
    let own = own(&lines);
    let numbers: Vec<u64> = own.iter().map(|(n, _)| *n).collect();
    ensure!(numbers.iter().copied().eq(0..answered), "ours are not each once, in order: {numbers:?}");
    for (n, delivery) in own {
        match delivery {
            Delivery::Sent => ensure!(seen.contains(&n), "c-{n} is called sent, and the server never saw it"),
            Delivery::Unconfirmed => {}
            Delivery::Queued | Delivery::Sending | Delivery::Acknowledged | Delivery::Failed { .. } => {
                bail!("c-{n} is called {delivery:?}")
            }
        }
    }
    let echoes = heard(&lines, "c-");
    ensure!(echoes.iter().collect::<BTreeSet<_>>().len() == echoes.len(), "an echo stands twice");
    missed_lies_in_gaps(&lines, &record)
}

/// Between two messages of the others that follow each other in the timeline, others are missing only across a gap.
fn missed_lies_in_gaps(lines: &[Line], record: &[String]) -> Result<()> {
    let said: Vec<u64> = record.iter().filter_map(|text| number(text, "s-")).collect();
    let (mut last, mut gap_since) = (None, false);
    for line in lines {
        match line {
            Line::Own(..) => {}
            Line::Gap(_, is_open) => {
                ensure!(!is_open, "a gap lasts although there is a connection");
                gap_since = true;
            }
            Line::Heard(text) => {
                let Some(n) = number(text, "s-") else { continue };
                if let Some(last) = last {
                    ensure!(n > last, "s-{n} stands after s-{last}");
                    let missed: Vec<_> = said.iter().filter(|said| (last + 1..n).contains(*said)).collect();
                    ensure!(missed.is_empty() || gap_since, "no gap says that {missed:?} are missing");
                }
                (last, gap_since) = (Some(n), false);
            }
        }
    }
    Ok(())
}

fn lines(rows: &[Row]) -> Result<Vec<Line>> {
    let line = |row: &Row| match &row.item {
        Item::Message { sender: Sender::Me, delivery: Some(delivery), body, .. } => {
            let n = number(&body.to_plain(), "c-").context("a text of ours without a number")?;
            Ok(Line::Own(n, delivery.clone()))
        }
        Item::Message { sender: Sender::Me, body, .. } => bail!("ours twice: {}", body.to_plain()),
        Item::Message { body, .. } => Ok(Line::Heard(body.to_plain())),
        Item::Gap { until, healing, .. } => Ok(Line::Gap(healing.clone(), until.is_none())),
        Item::Happening { .. } => bail!("something happened that nobody did"),
    };
    rows.iter().map(line).collect()
}

fn own(lines: &[Line]) -> Vec<(u64, Delivery)> {
    let own = lines.iter().filter_map(|line| match line {
        Line::Own(n, delivery) => Some((*n, delivery.clone())),
        Line::Heard(_) | Line::Gap(..) => None,
    });
    own.collect()
}

fn heard(lines: &[Line], prefix: &str) -> Vec<String> {
    let heard = lines.iter().filter_map(|line| match line {
        Line::Heard(text) if text.starts_with(prefix) => Some(text.clone()),
        Line::Heard(_) | Line::Own(..) | Line::Gap(..) => None,
    });
    heard.collect()
}

fn number(text: &str, prefix: &str) -> Option<u64> {
    text.strip_prefix(prefix)?.parse().ok()
}

/// Where two lists part, with a few neighbours.
fn odd<T: Clone + PartialEq + std::fmt::Debug>(found: &[T], expected: &[T]) -> String {
    let at = found.iter().zip(expected).take_while(|(a, b)| a == b).count();
    let near = |list: &[T]| list.iter().skip(at.saturating_sub(2)).take(8).cloned().collect::<Vec<_>>();
    format!("at {at}: found {:?}, expected {:?}", near(found), near(expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::{gap, message};
    use std::fmt::Write as _;

    fn ours(number: u64, delivery: Delivery) -> Row {
        message(Sender::Me, &format!("c-{number}"), Some(delivery))
    }

    fn theirs(text: &str) -> Row {
        message(Sender::Server, text, None)
    }

    /// What a round left behind.
    struct Round<L> {
        rows: Vec<Row>,
        /// What the server wrote down.
        log: Vec<L>,
    }

    /// Three of ours and two of the voice, all of which is known.
    fn archive_round() -> Round<Said> {
        let mut rows: Vec<Row> = (0..3).map(|number| ours(number, Delivery::Acknowledged)).collect();
        rows.extend(["s-0", "s-1"].map(theirs));
        let said = |(id, text): (u64, &str)| Said {
            id,
            from: if text.starts_with('c') { "me" } else { "voice" }.to_owned(),
            txn: text.to_owned(),
            text: text.to_owned(),
            at: 0,
        };
        Round { rows, log: (1..).zip(["c-0", "s-0", "c-1", "s-1", "c-2"]).map(said).collect() }
    }

    /// Two that were sent, of which one came back, and one in doubt; what was said without a line lies in a gap.
    fn plain_round() -> Round<String> {
        let rows = vec![
            theirs("s-0"),
            ours(0, Delivery::Sent),
            theirs("c-0"),
            gap(Some(9)),
            ours(1, Delivery::Unconfirmed),
            theirs("s-2"),
            ours(2, Delivery::Sent),
        ];
        Round { rows, log: ["s-0", "c-0", "s-1", "s-2", "c-2"].map(str::to_owned).to_vec() }
    }

    /// What a check says of a round; nothing: all is well.
    fn verdict<L: serde::Serialize>(round: &Round<L>, check: fn(&[Row], u64, &Path) -> Result<()>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = String::new();
        for line in &round.log {
            writeln!(log, "{}", serde_json::to_string(line).unwrap()).unwrap();
        }
        std::fs::write(&path, log).unwrap();
        check(&round.rows, 3, &path).err().map(|error| error.to_string()).unwrap_or_default()
    }

    /// A fault, what is said of it, and how it is planted.
    type Fault<L> = (&'static str, &'static str, fn(&mut Round<L>));

    #[test]
    fn what_is_right_is_let_pass() {
        assert_eq!(verdict(&archive_round(), archive), "");
        assert_eq!(verdict(&plain_round(), plain), "");
    }

    #[test]
    fn every_fault_that_is_planted_before_the_archive_is_found() {
        let acknowledged = "ours are not each once, in order, acknowledged";
        let faults: &[Fault<Said>] = &[
            ("ours is lost", acknowledged, |it| drop(it.rows.remove(1))),
            ("ours is there twice", acknowledged, |it| it.rows.push(ours(2, Delivery::Acknowledged))),
            ("ours are in another order", acknowledged, |it| it.rows.swap(0, 1)),
            ("ours is not acknowledged", acknowledged, |it| it.rows[0] = ours(0, Delivery::Sent)),
            ("ours stands beside its echo", "ours twice", |it| {
                it.rows.push(message(Sender::Me, "c-2", None))
            }),
            ("the server has ours twice", "the server has ours", |it| it.log.push(it.log[4].clone())),
            ("the server lacks ours", "the server has ours", |it| drop(it.log.remove(0))),
            ("the server has another order", "the server has ours", |it| it.log.swap(0, 2)),
            ("another's is lost", "the others'", |it| drop(it.rows.remove(3))),
            ("another's is there twice", "the others'", |it| it.rows.push(theirs("s-1"))),
            ("others' are in another order", "the others'", |it| it.rows.swap(3, 4)),
            ("a gap is left", "a gap is left", |it| it.rows.push(gap(Some(9)))),
        ];
        for (what, said, plant) in faults {
            let mut round = archive_round();
            plant(&mut round);
            let verdict = verdict(&round, archive);
            assert!(verdict.contains(said), "{what}: {verdict:?}");
        }
    }

    #[test]
    fn every_fault_that_is_planted_before_the_plain_server_is_found() {
        let faults: &[Fault<String>] = &[
            ("ours is lost", "ours are not each once", |it| drop(it.rows.remove(4))),
            ("ours is there twice", "ours are not each once", |it| it.rows.push(ours(2, Delivery::Sent))),
            ("ours are in another order", "ours are not each once", |it| it.rows.swap(1, 4)),
            ("called sent, and never came", "is called sent", |it| drop(it.log.remove(1))),
            ("still on its way", "is called Sending", |it| it.rows[6] = ours(2, Delivery::Sending)),
            ("more than is known", "is called Ack", |it| it.rows[6] = ours(2, Delivery::Acknowledged)),
            ("the server saw one twice", "twice or out of order", |it| it.log.push("c-2".to_owned())),
            ("the server saw another order", "twice or out of order", |it| it.log.swap(1, 4)),
            ("an echo stands twice", "an echo stands twice", |it| it.rows.push(theirs("c-0"))),
            ("another's is there twice", "stands after", |it| it.rows.push(theirs("s-2"))),
            ("others' are in another order", "stands after", |it| it.rows.swap(0, 5)),
            ("no gap where some are missing", "no gap says", |it| drop(it.rows.remove(3))),
            ("the gap is elsewhere", "no gap says", |it| {
                it.rows.remove(3);
                it.rows.push(gap(Some(9)));
            }),
            ("the gap lasts", "a gap lasts", |it| it.rows[3] = gap(None)),
        ];
        for (what, said, plant) in faults {
            let mut round = plain_round();
            plant(&mut round);
            let verdict = verdict(&round, plain);
            assert!(verdict.contains(said), "{what}: {verdict:?}");
        }
    }

    #[test]
    fn after_a_kill_all_that_was_answered_is_there_and_nothing_that_was_on_the_disk_is_gone() {
        let rows = plain_round().rows;
        // Of the last one the answer may have been cut off.
        assert!(killed(&rows, 3).is_ok() && killed(&rows, 2).is_ok());
        assert!(killed(&rows, 4).is_err() && killed(&rows, 1).is_err());
        let mut twice = rows.clone();
        twice[4] = ours(0, Delivery::Queued);
        assert!(killed(&twice, 3).is_err(), "ours is there twice");
        for lost in [0, 1, 2, 4] {
            let mut after = rows.clone();
            after.remove(lost);
            assert!(kept(&rows, &rows).is_ok() && kept(&after, &rows).is_ok());
            assert!(kept(&rows, &after).is_err(), "row {lost}");
        }
    }
}
