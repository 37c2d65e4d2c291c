//! The connection log.

use super::{Tx, note};
use crate::Result;
use domain::AccountId;
use rusqlite::params;

/// How many entries of an account are kept: some days of a line that breaks every hour, a few screens to read.
pub const MAX_LOG: u32 = 200;

impl Tx<'_> {
    /// Adds an entry; the oldest makes way. At most [`MAX_NOTE`](crate::MAX_NOTE) characters of `detail` are kept.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such account; what the disk says.
    pub fn log(&mut self, account: AccountId, kind: &str, detail: &str) -> Result<()> {
        self.run(
            "INSERT INTO log (account_id, at_ms, kind, detail) VALUES (?1, ?2, ?3, ?4)",
            params![account.0, self.now.0, kind, note(detail)],
        )?;
        self.run(
            "DELETE FROM log WHERE account_id = ?1
                 AND id <= (SELECT id FROM log WHERE account_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            params![account.0, MAX_LOG],
        )?;
        Ok(())
    }
}
