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
