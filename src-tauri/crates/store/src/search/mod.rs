//! Finding what was said.
//!
//! An index in FTS5 has the words of every message up to one (`search_state.upto`); those behind it are looked at one
//! by one, by the same rules, so that the answer is whole however far the index has come. `words.rs` says what a word is,
//! `query.rs` what a person may type, `matching.rs` whether a text has it. The index itself is written in `tx/search.rs`.

mod filter;
mod matching;
mod query;
pub(crate) mod words;

pub use query::{MAX_QUERY, Query};

use crate::row::{BodyColumns, SENDER_ME, read_sender};
use crate::{Reader, Result};
use domain::{Body, ConversationId, Hit, MessageId, Search, Span, Target, Timestamp};
use filter::Filter;
use rusqlite::{Connection, Row, params};
use std::ops::ControlFlow;

/// The most hits in a page: several screens of the panel.
pub const MAX_HITS: u32 = 100;

/// Before what stands for something else than a word that was said. Nobody can type them: no word has these characters.
pub(crate) const IN: char = '\u{e000}';
const FROM: char = '\u{e001}';
const ME: char = '\u{e002}';
const LINK: char = '\u{e003}';

/// What is searched of a message: the columns of [`said_columns`].
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) id: MessageId,
    conversation: ConversationId,
    sender: Option<i64>,
    name: Option<String>,
    at: Timestamp,
    body: Body,
}

/// The columns that [`Said::read`] reads, in its order, of messages that have words.
macro_rules! said {
    ($where:literal) => {
        concat!(
            "SELECT id, conversation_id, sender, sender_name, at_ms, text, spans FROM messages WHERE ",
            $where,
            " AND kind = 0 AND deleted = 0 AND retracted IS NULL"
        )
    };
    ($where:literal, $order:literal) => {
        concat!(said!($where), " ", $order)
    };
}
pub(crate) use said;

impl Said {
    pub(crate) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: MessageId(row.get(0)?),
            conversation: ConversationId(row.get(1)?),
            sender: row.get(2)?,
            name: row.get(3)?,
            at: Timestamp(row.get(4)?),
            // What nobody can read has no words, and keeps none of the others from being found.
            body: BodyColumns { text: row.get(5)?, spans: row.get(6)? }.read().unwrap_or_default(),
        })
    }

    /// One message; `None`: it has no words.
    pub(crate) fn of(sql: &Connection, id: MessageId) -> Result<Option<Self>> {
        let mut statement = sql.prepare_cached(said!("id = ?1"))?;
        let mut rows = statement.query([id.0])?;
        rows.next()?.map(Self::read).transpose()
    }

    /// What stands in the index for it.
    pub(crate) fn line(&self) -> String {
        let mut line = format!("{IN}{} ", self.conversation.0);
        if self.is_mine() {
            line.push(ME);
            line.push(' ');
        } else if let Some(name) = &self.name {
            line.push(FROM);
            words::whole(name, &mut line);
            line.push(' ');
        }
        if self.has_link() {
            line.push(LINK);
            line.push(' ');
        }
        words::write(&self.body.to_plain(), &mut line);
        line
    }

    fn is_mine(&self) -> bool {
        self.sender == Some(SENDER_ME)
    }

    fn has_link(&self) -> bool {
        self.body.spans.iter().any(|span| match span {
            Span::Text { text, .. } => Target::is_in(text),
            Span::Link { .. } => true,
            Span::Room { .. } | Span::Binary { .. } => false,
        })
    }
}

/// The last message that is in the index.
pub(crate) fn indexed(sql: &Connection) -> Result<i64> {
    let mut statement = sql.prepare_cached("SELECT upto FROM search_state WHERE id = 1")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Begins the index anew where it was made of other words than this program's.
pub(crate) fn refresh(sql: &Connection) -> rusqlite::Result<()> {
    let version =
        sql.query_row("SELECT words FROM search_state WHERE id = 1", [], |row| row.get::<_, i64>(0));
    if version? == words::VERSION {
        return Ok(());
    }
    let anew = sql.unchecked_transaction()?;
    anew.execute("INSERT INTO search (search) VALUES ('delete-all')", [])?;
    anew.execute("UPDATE search_state SET upto = 0, words = ?1 WHERE id = 1", [words::VERSION])?;
    anew.commit()
}

impl Reader {
    /// How many rows, at the most, are behind the end of the index.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unindexed(&mut self) -> Result<u64> {
        self.read(|sql| {
            let newest = sql
                .prepare_cached("SELECT max(id) FROM messages")?
                .query_row([], |row| row.get::<_, Option<i64>>(0))?;
            let behind = newest.unwrap_or(0).saturating_sub(indexed(sql)?);
            Ok(u64::try_from(behind).unwrap_or(0))
        })
    }

    /// The messages that a query is after, the one that came last first: those before `before`, at most `count` and at
    /// most [`MAX_HITS`]. `within`: only of this conversation. `now` says what day it is.
    ///
    /// # Errors
    /// What the disk says.
    pub fn search(
        &mut self,
        query: &Query,
        within: Option<ConversationId>,
        before: Option<MessageId>,
        count: u32,
        now: Timestamp,
    ) -> Result<Search> {
        self.read(|sql| {
            let filter = match Filter::new(sql, query, within, now)? {
                Ok(filter) => filter,
                Err(fault) => return Ok(Search::Unclear { fault }),
            };
            let before = before.map_or(i64::MAX, |id| id.0);
            let mut hits = Hits {
                filter: &filter,
                count: count.clamp(1, MAX_HITS) as usize,
                hits: Vec::new(),
                more: false,
            };
            if filter.is_possible() {
                let upto = indexed(sql)?;
                if before > upto && scan(sql, upto, before, &mut hits)?.is_break() {
                    return Ok(hits.page());
                }
                look_up(sql, &filter.expression(), before, &mut hits)?;
            }
            Ok(hits.page())
        })
    }
}

/// Looks at the messages behind the end of the index.
fn scan(sql: &Connection, upto: i64, before: i64, hits: &mut Hits<'_>) -> Result<ControlFlow<()>> {
    let mut statement = sql.prepare_cached(said!("id > ?1 AND id < ?2", "ORDER BY id DESC"))?;
    let mut rows = statement.query([upto, before])?;
    while let Some(row) = rows.next()? {
        if hits.look(&Said::read(row)?).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Looks at the messages that the index names.
fn look_up(sql: &Connection, expression: &str, before: i64, hits: &mut Hits<'_>) -> Result<()> {
    let mut statement = sql.prepare_cached(
        "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC",
    )?;
    let mut rows = statement.query(params![expression, before])?;
    while let Some(row) = rows.next()? {
        // What the index says is looked at once more: the text shows where it was found.
        let said = Said::of(sql, MessageId(row.get(0)?))?;
        if said.is_some_and(|said| hits.look(&said).is_break()) {
            break;
        }
    }
    Ok(())
}

/// The page that is being filled.
struct Hits<'f> {
    filter: &'f Filter<'f>,
    count: usize,
    hits: Vec<Hit>,
    more: bool,
}

impl Hits<'_> {
    fn look(&mut self, said: &Said) -> ControlFlow<()> {
        let Some((text, found)) = self.filter.find(said) else { return ControlFlow::Continue(()) };
        if self.hits.len() == self.count {
            self.more = true;
            return ControlFlow::Break(());
        }
        // Every message has a sender whom `read_sender` knows; one that had not would be seen in no timeline either.
        let Ok(sender) = read_sender(said.sender, said.name.clone()) else {
            return ControlFlow::Continue(());
        };
        self.hits.push(Hit {
            message: said.id,
            conversation: said.conversation,
            sender,
            at: said.at,
            excerpt: matching::excerpt(&text, &found),
        });
        ControlFlow::Continue(())
    }

    fn page(self) -> Search {
        let more = self.hits.last().filter(|_| self.more).map(|hit| hit.message);
        Search::Found { hits: self.hits, more }
    }
}
