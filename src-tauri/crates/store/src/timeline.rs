//! Walking a timeline in order of place, tombstones included.
//!
//! SQLite does not carry a comparison of `(sort_ms, id)` into an index that ends in the row's id, and would scan the
//! rows of one millisecond, which are thousands after a flood. So each walk is two statements: the rest of the
//! millisecond, then the others. Rows are read as they are asked for, so a walk costs what it visits.

use crate::Result;
use crate::row::row_columns;
use domain::{ConversationId, MessageId, Place, Timestamp};
use rusqlite::{Connection, Params, Row};
use std::ops::ControlFlow;

/// Before every row.
pub(crate) const START: Place = Place { sort: Timestamp(i64::MIN), id: MessageId(i64::MIN) };
/// After every row.
pub(crate) const END: Place = Place { sort: Timestamp(i64::MAX), id: MessageId(i64::MAX) };

const LATER_IN_MILLISECOND: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM messages WHERE conversation_id = ?1 AND sort_ms = ?2 AND id > ?3 ORDER BY id"
);

const LATER: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM messages WHERE conversation_id = ?1 AND sort_ms > ?2 ORDER BY sort_ms, id"
);

const EARLIER_IN_MILLISECOND: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM messages WHERE conversation_id = ?1 AND sort_ms = ?2 AND id < ?3 ORDER BY id DESC"
);

const EARLIER: &str = concat!(
    "SELECT ",
    row_columns!(),
    " FROM messages WHERE conversation_id = ?1 AND sort_ms < ?2 ORDER BY sort_ms DESC, id DESC"
);

/// Visits the rows after a place, the nearest first, with the columns of `row_columns!`.
pub(crate) fn forward(
    sql: &Connection,
    conversation: ConversationId,
    after: Place,
    mut visit: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let Place { sort, id } = after;
    if walk(sql, LATER_IN_MILLISECOND, [conversation.0, sort.0, id.0], &mut visit)?.is_break() {
        return Ok(());
    }
    walk(sql, LATER, [conversation.0, sort.0], &mut visit).map(drop)
}

/// Visits the rows before a place, the nearest first, with the columns of `row_columns!`.
pub(crate) fn backward(
    sql: &Connection,
    conversation: ConversationId,
    before: Place,
    mut visit: impl FnMut(&Row<'_>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let Place { sort, id } = before;
    if walk(sql, EARLIER_IN_MILLISECOND, [conversation.0, sort.0, id.0], &mut visit)?.is_break() {
        return Ok(());
    }
    walk(sql, EARLIER, [conversation.0, sort.0], &mut visit).map(drop)
}

/// The place that leaves `place` and all after it on its right.
pub(crate) fn just_before(place: Place) -> Place {
    Place { sort: place.sort, id: MessageId(place.id.0.saturating_sub(1)) }
}

/// The place that leaves `place` and all before it on its left.
pub(crate) fn just_after(place: Place) -> Place {
    Place { sort: place.sort, id: MessageId(place.id.0.saturating_add(1)) }
}

fn walk(
    sql: &Connection,
    query: &str,
    params: impl Params,
    visit: &mut impl FnMut(&Row<'_>) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let mut statement = sql.prepare_cached(query)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        if visit(row)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
