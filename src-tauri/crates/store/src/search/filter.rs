//! A query against this history: its names and days are resolved.

use super::query::{Author, Day, Last, Query};
use super::{FROM, IN, LINK, ME, Said, matching, words};
use crate::{Result, row};
use domain::{ConversationId, QueryFault, Timestamp};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

/// What a message must be.
#[derive(Debug)]
pub(super) struct Filter<'q> {
    query: &'q Query,
    /// Where it was said; `None`: anywhere.
    within: Option<BTreeSet<ConversationId>>,
    /// Who said it, as the index has them; empty: anybody.
    from: Vec<Sayer>,
    /// When it was said: from the first up to before the last.
    times: Range<i64>,
}

/// Who said it.
#[derive(Debug)]
enum Sayer {
    Me,
    Named(String),
    Begins(String),
}

impl<'q> Filter<'q> {
    pub(super) fn new(
        sql: &Connection,
        query: &'q Query,
        within: Option<ConversationId>,
        now: Timestamp,
    ) -> Result<std::result::Result<Self, QueryFault>> {
        let mut rooms = within.map(|only| BTreeSet::from([only]));
        if !query.within.is_empty() {
            let mut named = BTreeSet::new();
            for name in &query.within {
                let found = called(sql, name)?;
                if found.is_empty() {
                    return Ok(Err(QueryFault::NoConversation { value: name.clone() }));
                }
                named.extend(found);
            }
            rooms = Some(match rooms {
                Some(only) => only.intersection(&named).copied().collect(),
                None => named,
            });
        }
        let from = query.from.iter().map(|author| {
            let whole = |name: &str| {
                let mut whole = String::new();
                words::whole(name, &mut whole);
                whole
            };
            match author {
                Author::Me => Sayer::Me,
                Author::Named(name) => Sayer::Named(whole(name)),
                Author::Begins(name) => Sayer::Begins(whole(name)),
            }
        });
        let mut times = i64::MIN..i64::MAX;
        for day in &query.after {
            times.start = times.start.max(dawn(sql, day, now)?);
        }
        for day in &query.before {
            times.end = times.end.min(dawn(sql, day, now)?);
        }
        Ok(Ok(Self { query, within: rooms, from: from.collect(), times }))
    }

    /// Whether any message can be so.
    pub(super) fn is_possible(&self) -> bool {
        !self.times.is_empty() && self.within.as_ref().is_none_or(|rooms| !rooms.is_empty())
    }

    /// The text of a message that is so, and where it has the words.
    pub(super) fn find(&self, said: &Said) -> Option<(String, Vec<Range<usize>>)> {
        let is_here = self.within.as_ref().is_none_or(|rooms| rooms.contains(&said.conversation));
        if !is_here || !self.times.contains(&said.at.0) || !self.is_from(said) {
            return None;
        }
        if self.query.link && !said.has_link() {
            return None;
        }
        let text = said.body.to_plain();
        let found = matching::find(&self.query.terms, &text)?;
        Some((text, found))
    }

    fn is_from(&self, said: &Said) -> bool {
        if self.from.is_empty() {
            return true;
        }
        let mut name = String::new();
        if let Some(said) = said.name.as_deref().filter(|_| !said.is_mine()) {
            words::whole(said, &mut name);
        }
        let is_named = said.name.is_some() && !said.is_mine();
        self.from.iter().any(|sayer| match sayer {
            Sayer::Me => said.is_mine(),
            Sayer::Named(whole) => is_named && name == *whole,
            Sayer::Begins(beginning) => is_named && name.starts_with(beginning.as_str()),
        })
    }

    /// What the index is asked for: all but the times. Words have nothing that FTS5 would read as its own.
    pub(super) fn expression(&self) -> String {
        let mut all: Vec<String> = Vec::new();
        if let Some(rooms) = &self.within {
            all.push(any(rooms.iter().map(|room| format!("\"{IN}{}\"", room.0))));
        }
        if !self.from.is_empty() {
            all.push(any(self.from.iter().map(|sayer| match sayer {
                Sayer::Me => format!("\"{ME}\""),
                Sayer::Named(name) => format!("\"{FROM}{name}\""),
                Sayer::Begins(name) => format!("\"{FROM}{name}\" *"),
            })));
        }
        if self.query.link {
            all.push(format!("\"{LINK}\""));
        }
        for term in &self.query.terms {
            let mut phrase = format!("\"{}\"", term.words.join(" "));
            if term.last == Last::Begins {
                // Writing into a string does not fail.
                let _ = write!(phrase, " *");
            }
            all.push(phrase);
        }
        all.join(" AND ")
    }
}

fn any(one_of: impl Iterator<Item = String>) -> String {
    format!("({})", one_of.collect::<Vec<_>>().join(" OR "))
}

/// When a day of the reader's calendar began.
fn dawn(sql: &Connection, day: &Day, now: Timestamp) -> Result<i64> {
    let seconds: i64 = match day {
        Day::Date(date) => {
            sql.prepare_cached("SELECT unixepoch(?1, 'utc')")?.query_row([date], |row| row.get(0))?
        }
        Day::Today => since_dawn(sql, now, "+0 days")?,
        Day::Yesterday => since_dawn(sql, now, "-1 days")?,
    };
    Ok(seconds.saturating_mul(1_000))
}

fn since_dawn(sql: &Connection, now: Timestamp, days: &str) -> rusqlite::Result<i64> {
    sql.prepare_cached("SELECT unixepoch(?1, 'unixepoch', 'localtime', 'start of day', ?2, 'utc')")?
        .query_row((now.0.div_euclid(1_000), days), |row| row.get(0))
}

/// The conversations of a name: those that are called just so, else those whose name begins so, else those that have it
/// somewhere. The sign before a room's name may be left out.
fn called(sql: &Connection, name: &str) -> Result<Vec<ConversationId>> {
    let wanted = folded(name);
    let bare = wanted.trim_start_matches(is_sigil);
    let mut of_rooms = Vec::new();
    let mut statement = sql.prepare_cached("SELECT id, account_id, key, title FROM conversations")?;
    let accounts = row::accounts(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (account, key, title): (i64, String, Option<String>) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let mut names = vec![folded(&key)];
        match title {
            Some(title) => names.push(folded(&title)),
            // It is shown by the account's name.
            None => {
                let config = accounts.iter().find(|one| one.id.0 == account).map(|one| &one.config);
                names.extend(config.map(|config| folded(&config.name)));
                names.extend(config.and_then(|config| host(&config.url)).map(folded));
            }
        }
        names.retain(|name| !name.is_empty());
        of_rooms.push((ConversationId(row.get(0)?), names));
    }
    type Test = fn(&str, &str) -> bool;
    let tests: [Test; 3] = [
        |name, wanted| name == wanted,
        |name, wanted| name.starts_with(wanted),
        |name, wanted| name.contains(wanted),
    ];
    for test in tests {
        let is_so = |name: &String| test(name, &wanted) || test(name.trim_start_matches(is_sigil), bare);
        let found: Vec<_> =
            of_rooms.iter().filter(|(_, names)| names.iter().any(is_so)).map(|(id, _)| *id).collect();
        if !found.is_empty() && !bare.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

fn is_sigil(c: char) -> bool {
    matches!(c, '#' | '&' | '+' | '!' | '@')
}

fn folded(name: &str) -> String {
    let mut whole = String::new();
    words::fold(name, &mut whole);
    whole
}

/// The host of an address, with its port.
fn host(url: &str) -> Option<&str> {
    let (_, behind) = url.split_once("://")?;
    behind.split(['/', '?']).next()
}
