//! What became of a window since a rev: how a window keeps up with the store (design invariants 3 and 11).

use crate::pages::{END, FORWARD, START, any_newer, any_older};
use crate::row::{Read, read, row_columns};
use crate::{Reader, Result, reader};
use domain::{Changes, ConversationId, MessageId, Place, Rev, Row};
use rusqlite::{Connection, params};

/// The most changes that are told one by one; beyond them, reading a page again is as cheap.
pub const MAX_CHANGES: usize = 500;

/// The most rows that a window may span. Ten times what is shown; it keeps one call short whatever is asked.
pub const MAX_WINDOW: u32 = 2_000;

/// One row more than may be told, so that "too many" is seen without reading them all.
const TELLING: u32 = MAX_CHANGES as u32 + 1;

const SPAN: &str = "SELECT count(*) FROM (SELECT 1 FROM messages
     WHERE conversation_id = ?1 AND (sort_ms, id) >= (?2, ?3) AND (sort_ms, id) <= (?4, ?5) LIMIT ?6)";

const ANY_UNCHANGED: &str = "SELECT EXISTS (SELECT 1 FROM messages
     WHERE conversation_id = ?1 AND (sort_ms, id) >= (?2, ?3) AND (sort_ms, id) <= (?4, ?5)
         AND deleted = 0 AND rev <= ?6)";

const WITHIN: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM messages
     WHERE conversation_id = ?1 AND (sort_ms, id) >= (?2, ?3) AND (sort_ms, id) <= (?4, ?5) AND rev > ?6
     ORDER BY sort_ms, id LIMIT ?7"
);

/// The rows that a window holds: those from `from` up to and with `to`.
#[derive(Clone, Copy, Debug)]
struct Window {
    conversation: ConversationId,
    from: Place,
    to: Place,
    since: Rev,
}

#[derive(Debug, Default)]
struct Found {
    upserts: Vec<Row>,
    removed: Vec<MessageId>,
}

impl Reader {
    /// What became of a window that holds the rows `from ..= to` as of `since`: the rev of the page or of the changes
    /// that it was last given. Applying every answer in turn keeps the window equal to the store.
    ///
    /// * A row of the window that was added or changed is an upsert; one that is gone is in `removed`.
    /// * Rows after `to` are added when the window ended at the newest row as of `since`, which is so when every row
    ///   after `to` has changed since. Else the window stays as long as it is, and `has_newer` is true.
    /// * `None` is an end that is open. Both `None` is a window without rows; one that should have had some is reset.
    /// * [`Changes::Reset`]: more than [`MAX_CHANGES`] rows, a window of more than [`MAX_WINDOW`], a conversation that
    ///   is gone, or a rev that this store has not reached.
    ///
    /// # Errors
    /// What the disk says.
    pub fn changes(
        &mut self,
        conversation: ConversationId,
        from: Option<Place>,
        to: Option<Place>,
        since: Rev,
    ) -> Result<Changes> {
        self.read(|sql| {
            let rev = reader::rev(sql)?;
            if since > rev || !reader::exists_conversation(sql, conversation)? {
                return Ok(Changes::Reset);
            }
            let window = Window { conversation, from: from.unwrap_or(START), to: to.unwrap_or(END), since };
            if window.is_too_long(sql)? || (from.is_none() && to.is_none() && window.any_unchanged(sql)?) {
                return Ok(Changes::Reset);
            }
            let mut found = window.within(sql)?;
            found.upserts.extend(window.beyond(sql)?);
            if found.upserts.len() + found.removed.len() > MAX_CHANGES {
                return Ok(Changes::Reset);
            }
            let end = found.upserts.last().map_or(window.to, |row| row.place.max(window.to));
            Ok(Changes::Delta {
                has_older: any_older(sql, conversation, window.from)?,
                has_newer: any_newer(sql, conversation, end)?,
                upserts: found.upserts,
                removed: found.removed,
                rev,
            })
        })
    }
}

impl Window {
    fn is_too_long(&self, sql: &Connection) -> Result<bool> {
        let Self { conversation, from, to, .. } = *self;
        let mut statement = sql.prepare_cached(SPAN)?;
        let rows: u32 = statement.query_row(
            params![conversation.0, from.sort.0, from.id.0, to.sort.0, to.id.0, MAX_WINDOW + 1],
            |row| row.get(0),
        )?;
        Ok(rows > MAX_WINDOW)
    }

    /// Whether the window must have held a row as of `since`.
    fn any_unchanged(&self, sql: &Connection) -> Result<bool> {
        let Self { conversation, from, to, since } = *self;
        let mut statement = sql.prepare_cached(ANY_UNCHANGED)?;
        Ok(statement.query_row(
            params![conversation.0, from.sort.0, from.id.0, to.sort.0, to.id.0, since.0],
            |row| row.get(0),
        )?)
    }

    /// The changed rows of the window, at most one more than may be told.
    fn within(&self, sql: &Connection) -> Result<Found> {
        let Self { conversation, from, to, since } = *self;
        let mut statement = sql.prepare_cached(WITHIN)?;
        let mut rows = statement.query(params![
            conversation.0,
            from.sort.0,
            from.id.0,
            to.sort.0,
            to.id.0,
            since.0,
            TELLING
        ])?;
        let mut found = Found::default();
        while let Some(row) = rows.next()? {
            match read(row)? {
                Read::Row(row) => found.upserts.push(row),
                Read::Tombstone(id) => found.removed.push(id),
            }
        }
        Ok(found)
    }

    /// All rows after the window, at most one more than may be told; none if one of them was there as of `since`.
    fn beyond(&self, sql: &Connection) -> Result<Vec<Row>> {
        let Self { conversation, to, since, .. } = *self;
        let mut statement = sql.prepare_cached(FORWARD)?;
        let mut rows = statement.query(params![conversation.0, to.sort.0, to.id.0, TELLING])?;
        let mut beyond = Vec::new();
        while let Some(row) = rows.next()? {
            match read(row)? {
                Read::Row(row) if row.rev > since => beyond.push(row),
                Read::Row(_) => return Ok(Vec::new()),
                Read::Tombstone(_) => {}
            }
        }
        Ok(beyond)
    }
}
