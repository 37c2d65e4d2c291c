//! The last tries to reach a server.

use super::Tx;
use crate::Result;
use domain::{AccountId, Attempt, Outcome, Reason, Timestamp};
use rusqlite::params;

/// How many tries of an account are kept: what a person looks through.
pub const MAX_ATTEMPTS: u32 = 20;

impl Tx<'_> {
    /// Keeps what is known of a try, in place of what was known before; the oldest makes way.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such account; what the disk says.
    pub fn keep_attempt(&mut self, account: AccountId, attempt: &Attempt) -> Result<()> {
        let online = matches!(attempt.outcome, Outcome::Online { .. });
        self.run(
            "INSERT INTO attempts (account_id, at_ms, attempt, online) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (account_id, at_ms) DO UPDATE SET attempt = ?3, online = ?4",
            params![account.0, attempt.at.0, serde_json::to_string(attempt)?, online],
        )?;
        self.run(
            "DELETE FROM attempts WHERE account_id = ?1
                 AND id <= (SELECT id FROM attempts WHERE account_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            params![account.0, MAX_ATTEMPTS],
        )?;
        self.touched.sidebar = true;
        Ok(())
    }

    /// Ends the session of an account whose end nobody saw.
    ///
    /// # Errors
    /// What the disk says.
    pub fn end_attempt(&mut self, account: AccountId, until: Timestamp, reason: &Reason) -> Result<()> {
        let open: Vec<String> = self.list(
            "SELECT attempt FROM attempts WHERE account_id = ?1 AND online = 1",
            [account.0],
            |row| row.get(0),
        )?;
        for json in open {
            // One that cannot be read any more is passed over when it is read, and makes way in time.
            let Ok(attempt) = serde_json::from_str::<Attempt>(&json) else { continue };
            let Outcome::Online { since } = attempt.outcome else { continue };
            let outcome = Outcome::Ended { since, until: until.max(since), reason: reason.clone() };
            self.keep_attempt(account, &Attempt { outcome, ..attempt })?;
        }
        Ok(())
    }
}
