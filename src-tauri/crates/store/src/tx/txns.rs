//! Intents that were carried out (design invariant 6).

use super::Tx;
use crate::Result;
use domain::TxnId;
use rusqlite::params;

/// How many answers are kept.
///
/// A repeated intent follows the first within seconds (a reload of the window, a lost answer); ten thousand are hours
/// of a busy hand.
pub const MAX_ANSWERS: i64 = 10_000;

impl Tx<'_> {
    /// What was answered when this intent was carried out; `None`: it was not.
    ///
    /// # Errors
    /// What the disk says.
    pub fn answered(&mut self, txn: &TxnId) -> Result<Option<i64>> {
        self.find("SELECT answer FROM txns WHERE txn = ?1", [txn.as_str()], |row| row.get(0))
    }

    /// Remembers that this intent was carried out. The first answer stays.
    ///
    /// # Errors
    /// What the disk says.
    pub fn answer(&mut self, txn: &TxnId, answer: i64) -> Result<()> {
        let added = self.run(
            "INSERT INTO txns (txn, answer, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT (txn) DO NOTHING",
            params![txn.as_str(), answer, self.now.0],
        )?;
        if added > 0 {
            let oldest = self.sql.last_insert_rowid() - MAX_ANSWERS;
            self.run("DELETE FROM txns WHERE id <= ?1", [oldest])?;
        }
        Ok(())
    }
}
