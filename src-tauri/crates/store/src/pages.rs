//! Pages of a timeline. Stateless: a place is all that the next page needs.

use crate::row::{Read, read, row_columns};
use crate::{Reader, Result, reader};
use domain::{ConversationId, MessageId, Page, Place, Row, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// The most rows in a page: several screens of a large display, and still a few milliseconds over the bridge.
pub const MAX_PAGE: u32 = 500;

/// Before every row.
pub(crate) const START: Place = Place { sort: Timestamp(i64::MIN), id: MessageId(i64::MIN) };
/// After every row.
pub(crate) const END: Place = Place { sort: Timestamp(i64::MAX), id: MessageId(i64::MAX) };

const BACKWARD: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM messages WHERE conversation_id = ?1 AND (sort_ms, id) < (?2, ?3) AND deleted = 0
     ORDER BY sort_ms DESC, id DESC LIMIT ?4"
);

/// Rows after a place, oldest first.
pub(crate) const FORWARD: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM messages WHERE conversation_id = ?1 AND (sort_ms, id) > (?2, ?3) AND deleted = 0
     ORDER BY sort_ms, id LIMIT ?4"
);

const ANY_OLDER: &str = "SELECT EXISTS (SELECT 1 FROM messages
     WHERE conversation_id = ?1 AND (sort_ms, id) < (?2, ?3) AND deleted = 0
     ORDER BY sort_ms DESC, id DESC)";

const ANY_NEWER: &str = "SELECT EXISTS (SELECT 1 FROM messages
     WHERE conversation_id = ?1 AND (sort_ms, id) > (?2, ?3) AND deleted = 0
     ORDER BY sort_ms, id)";

impl Reader {
    /// The newest rows. Of this and of every page: at most [`MAX_PAGE`] rows, none that are gone; a conversation that
    /// does not exist has no rows.
    ///
    /// # Errors
    /// What the disk says.
    pub fn latest(&mut self, conversation: ConversationId, count: u32) -> Result<Page> {
        self.before(conversation, END, count)
    }

    /// The rows before a place.
    ///
    /// # Errors
    /// What the disk says.
    pub fn before(&mut self, conversation: ConversationId, place: Place, count: u32) -> Result<Page> {
        self.read(|sql| {
            let rows = backward(sql, conversation, place, capped(count))?;
            page(sql, conversation, rows, just_before(place), place)
        })
    }

    /// The rows after a place.
    ///
    /// # Errors
    /// What the disk says.
    pub fn after(&mut self, conversation: ConversationId, place: Place, count: u32) -> Result<Page> {
        self.read(|sql| {
            let rows = forward(sql, conversation, place, capped(count))?;
            page(sql, conversation, rows, place, just_after(place))
        })
    }

    /// The rows around a row, which is in the middle where there are enough on both sides. `None`: the conversation
    /// never had such a row. Of one that is gone, the rows around its place.
    ///
    /// # Errors
    /// What the disk says.
    pub fn around(
        &mut self,
        conversation: ConversationId,
        id: MessageId,
        count: u32,
    ) -> Result<Option<Page>> {
        self.read(|sql| {
            let Some(place) = place_in(sql, conversation, id)? else { return Ok(None) };
            let count = capped(count);
            let newer = forward(sql, conversation, just_before(place), count - count / 2)?;
            let left = count.saturating_sub(u32::try_from(newer.len()).unwrap_or(u32::MAX));
            let mut rows = backward(sql, conversation, place, left)?;
            rows.extend(newer);
            page(sql, conversation, rows, just_before(place), place).map(Some)
        })
    }
}

/// Whether rows stand before a place.
pub(crate) fn any_older(sql: &Connection, conversation: ConversationId, place: Place) -> Result<bool> {
    any(sql, ANY_OLDER, conversation, place)
}

/// Whether rows stand after a place.
pub(crate) fn any_newer(sql: &Connection, conversation: ConversationId, place: Place) -> Result<bool> {
    any(sql, ANY_NEWER, conversation, place)
}

fn any(sql: &Connection, query: &str, conversation: ConversationId, place: Place) -> Result<bool> {
    let mut statement = sql.prepare_cached(query)?;
    Ok(statement.query_row(params![conversation.0, place.sort.0, place.id.0], |row| row.get(0))?)
}

/// Makes a page of `rows`. Where there are none, it is a cut between two places: every row is up to and with `left`, or
/// from `right` on.
fn page(
    sql: &Connection,
    conversation: ConversationId,
    rows: Vec<Row>,
    left: Place,
    right: Place,
) -> Result<Page> {
    let first = rows.first().map_or(right, |row| row.place);
    let last = rows.last().map_or(left, |row| row.place);
    let has_older = any_older(sql, conversation, first)?;
    let has_newer = any_newer(sql, conversation, last)?;
    Ok(Page { rows, has_older, has_newer, rev: reader::rev(sql)? })
}

fn just_before(place: Place) -> Place {
    Place { sort: place.sort, id: MessageId(place.id.0.saturating_sub(1)) }
}

fn just_after(place: Place) -> Place {
    Place { sort: place.sort, id: MessageId(place.id.0.saturating_add(1)) }
}

fn backward(sql: &Connection, conversation: ConversationId, before: Place, count: u32) -> Result<Vec<Row>> {
    let mut rows = run(sql, BACKWARD, conversation, before, count)?;
    rows.reverse();
    Ok(rows)
}

fn forward(sql: &Connection, conversation: ConversationId, after: Place, count: u32) -> Result<Vec<Row>> {
    run(sql, FORWARD, conversation, after, count)
}

fn run(
    sql: &Connection,
    query: &str,
    conversation: ConversationId,
    at: Place,
    count: u32,
) -> Result<Vec<Row>> {
    let mut statement = sql.prepare_cached(query)?;
    let mut found = statement.query(params![conversation.0, at.sort.0, at.id.0, count])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        if let Read::Row(row) = read(row)? {
            rows.push(row);
        }
    }
    Ok(rows)
}

fn place_in(sql: &Connection, conversation: ConversationId, id: MessageId) -> Result<Option<Place>> {
    let mut statement =
        sql.prepare_cached("SELECT sort_ms FROM messages WHERE id = ?1 AND conversation_id = ?2")?;
    let sort = statement.query_row([id.0, conversation.0], |row| row.get(0)).optional()?;
    Ok(sort.map(|sort| Place { sort: Timestamp(sort), id }))
}

fn capped(count: u32) -> u32 {
    count.min(MAX_PAGE)
}
