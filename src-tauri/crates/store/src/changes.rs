//! What became of a window since a rev: how a window keeps up with the store (design invariants 3 and 11).

use crate::pages::any_older;
use crate::row::{Head, Read, head, read};
use crate::timeline::{self, END, START, just_before};
use crate::{Reader, Result, reader};
use domain::{Changes, ConversationId, MessageId, Place, Rev, Row};
use rusqlite::Connection;
use std::ops::ControlFlow;

/// The most changes that are told one by one; beyond them, reading a page again is as cheap.
pub const MAX_CHANGES: usize = 500;

/// The most rows that a window may span. Ten times what is shown; it keeps one call short whatever is asked.
pub const MAX_WINDOW: usize = 2_000;

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
            let window = Window { from: from.unwrap_or(START), to: to.unwrap_or(END), since };
            let mut walk = Walk::along(window, from.is_none() && to.is_none());
            timeline::forward(sql, conversation, just_before(window.from), |row| walk.step(sql, row))?;
            let has_older = any_older(sql, conversation, window.from)?;
            Ok(walk.finish(has_older, rev))
        })
    }
}

/// The rows that a window holds: those from `from` up to and with `to`.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: Place,
    to: Place,
    since: Rev,
}

/// One walk from the first row of the window to the first row after it that had been there before.
#[derive(Debug)]
struct Walk {
    window: Window,
    /// The window is said to have had no rows.
    empty: bool,
    /// Rows of the window so far, tombstones included.
    spanned: usize,
    upserts: Vec<Row>,
    removed: Vec<MessageId>,
    /// Rows after the window, all changed so far.
    beyond: Vec<Row>,
    /// A row after the window had been there as of `since`.
    was_short: bool,
    reset: bool,
}

impl Walk {
    fn along(window: Window, empty: bool) -> Self {
        Self {
            window,
            empty,
            spanned: 0,
            upserts: Vec::new(),
            removed: Vec::new(),
            beyond: Vec::new(),
            was_short: false,
            reset: false,
        }
    }

    fn step(&mut self, sql: &Connection, row: &rusqlite::Row<'_>) -> Result<ControlFlow<()>> {
        let head = head(row)?;
        if head.place <= self.window.to {
            self.within(sql, head, row)?
        } else {
            self.past(sql, head, row)?
        }
        let over = self.spanned > MAX_WINDOW
            || self.upserts.len() + self.removed.len() > MAX_CHANGES
            || self.beyond.len() > MAX_CHANGES;
        self.reset |= over;
        Ok(if self.reset || self.was_short { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn within(&mut self, sql: &Connection, head: Head, row: &rusqlite::Row<'_>) -> Result<()> {
        self.spanned += 1;
        if head.rev > self.window.since {
            match read(sql, row)? {
                Read::Row(row) => self.upserts.push(*row),
                Read::Tombstone(id) => self.removed.push(id),
            }
        } else {
            self.reset |= self.empty && !head.deleted;
        }
        Ok(())
    }

    fn past(&mut self, sql: &Connection, head: Head, row: &rusqlite::Row<'_>) -> Result<()> {
        if head.deleted {
            return Ok(());
        }
        if head.rev <= self.window.since {
            self.was_short = true;
        } else if let Read::Row(row) = read(sql, row)? {
            self.beyond.push(*row);
        }
        Ok(())
    }

    fn finish(self, has_older: bool, rev: Rev) -> Changes {
        let Self { mut upserts, removed, beyond, was_short, reset, .. } = self;
        if !was_short {
            upserts.extend(beyond);
        }
        if reset || upserts.len() + removed.len() > MAX_CHANGES {
            return Changes::Reset;
        }
        Changes::Delta { upserts, removed, has_older, has_newer: was_short, rev }
    }
}
