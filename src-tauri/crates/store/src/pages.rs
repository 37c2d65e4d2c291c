//! Pages of a timeline. Stateless: a place is all that the next page needs.

use crate::row::{Read, head, read, read_whole, row_columns};
use crate::timeline::{self, END, just_after, just_before};
use crate::{Reader, Result, reader};
use domain::{ConversationId, MessageId, Page, Place, Row, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use std::ops::ControlFlow;

/// The most rows in a page: several screens of a large display, and still a few milliseconds over the bridge.
pub const MAX_PAGE: u32 = 500;

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

    /// One row with the whole of its text. `None`: there is none, or it is gone.
    ///
    /// # Errors
    /// What the disk says.
    pub fn whole(&mut self, id: MessageId) -> Result<Option<Row>> {
        self.read(|sql| {
            let select = concat!("SELECT ", row_columns!(), " FROM messages WHERE id = ?1");
            let mut statement = sql.prepare_cached(select)?;
            let mut rows = statement.query([id.0])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            Ok(match read_whole(sql, row)? {
                Read::Row(row) => Some(*row),
                Read::Tombstone(_) => None,
            })
        })
    }
}

/// Whether rows stand before a place.
pub(crate) fn any_older(sql: &Connection, conversation: ConversationId, place: Place) -> Result<bool> {
    let mut any = false;
    timeline::backward(sql, conversation, place, |row| seek_one(row, &mut any))?;
    Ok(any)
}

/// Whether rows stand after a place.
fn any_newer(sql: &Connection, conversation: ConversationId, place: Place) -> Result<bool> {
    let mut any = false;
    timeline::forward(sql, conversation, place, |row| seek_one(row, &mut any))?;
    Ok(any)
}

fn seek_one(row: &rusqlite::Row<'_>, any: &mut bool) -> Result<ControlFlow<()>> {
    *any = !head(row)?.deleted;
    Ok(if *any { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
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

fn backward(sql: &Connection, conversation: ConversationId, before: Place, count: u32) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    timeline::backward(sql, conversation, before, |row| take(sql, row, &mut rows, count))?;
    rows.reverse();
    Ok(rows)
}

fn forward(sql: &Connection, conversation: ConversationId, after: Place, count: u32) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    timeline::forward(sql, conversation, after, |row| take(sql, row, &mut rows, count))?;
    Ok(rows)
}

fn take(
    sql: &Connection,
    row: &rusqlite::Row<'_>,
    rows: &mut Vec<Row>,
    count: u32,
) -> Result<ControlFlow<()>> {
    if rows.len() >= count as usize {
        return Ok(ControlFlow::Break(()));
    }
    if let Read::Row(row) = read(sql, row)? {
        rows.push(*row);
    }
    Ok(ControlFlow::Continue(()))
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
