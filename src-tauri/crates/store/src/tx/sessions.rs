//! What is known of an account's last session.

use super::Tx;
use crate::Result;
use domain::{AccountId, Capabilities, Timestamp};
use rusqlite::params;

impl Tx<'_> {
    /// Keeps what the session wants to be told when the next one opens. Empty: nothing any more.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such account; what the disk says.
    pub fn remember(&mut self, account: AccountId, resume: &str) -> Result<()> {
        let resume = Some(resume).filter(|resume| !resume.is_empty());
        self.run(
            "INSERT INTO sessions (account_id, resume) VALUES (?1, ?2)
             ON CONFLICT (account_id) DO UPDATE SET resume = excluded.resume",
            params![account.0, resume],
        )?;
        Ok(())
    }

    /// What the last session wanted the next one to be told.
    ///
    /// # Errors
    /// What the disk says.
    pub fn resume(&mut self, account: AccountId) -> Result<Option<String>> {
        let resume =
            self.find("SELECT resume FROM sessions WHERE account_id = ?1", [account.0], |row| row.get(0))?;
        Ok(resume.flatten())
    }

    /// What the account's session can do, in place of what was known.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such account; what the disk says.
    pub fn set_capabilities(&mut self, account: AccountId, capabilities: Capabilities) -> Result<()> {
        self.run(
            "INSERT INTO sessions (account_id, capabilities) VALUES (?1, ?2)
             ON CONFLICT (account_id) DO UPDATE SET capabilities = excluded.capabilities",
            params![account.0, serde_json::to_string(&capabilities)?],
        )?;
        self.capabilities.insert(account, capabilities);
        self.touched.sidebar = true;
        Ok(())
    }

    /// What the account's last session could do; nothing, where that was never told or cannot be read.
    ///
    /// # Errors
    /// What the disk says.
    pub fn capabilities(&mut self, account: AccountId) -> Result<Capabilities> {
        if let Some(known) = self.capabilities.get(&account) {
            return Ok(*known);
        }
        let json: Option<String> = self
            .find("SELECT capabilities FROM sessions WHERE account_id = ?1", [account.0], |row| row.get(0))?
            .flatten();
        let known = json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        self.capabilities.insert(account, known);
        Ok(known)
    }

    /// The session lives at `at`: should the program be killed, the gap begins there. Changes nothing for an account
    /// that has no session.
    ///
    /// # Errors
    /// What the disk says.
    pub fn alive(&mut self, account: AccountId, at: Timestamp) -> Result<()> {
        self.run(
            "UPDATE sessions SET alive_ms = max(alive_ms, ?2) WHERE account_id = ?1 AND alive_ms IS NOT NULL",
            params![account.0, at.0],
        )?;
        Ok(())
    }

    /// Accounts whose session was never said to be over, with the last time at which it is known to have lived: what
    /// [`Tx::open_gaps`] is to be told after a kill.
    ///
    /// # Errors
    /// What the disk says.
    pub fn interrupted(&mut self) -> Result<Vec<(AccountId, Timestamp)>> {
        self.list(
            "SELECT account_id, max(alive_ms, coalesce(
                 (SELECT max(last_sort_ms) FROM conversations WHERE account_id = sessions.account_id), alive_ms))
             FROM sessions WHERE alive_ms IS NOT NULL ORDER BY account_id",
            [],
            |row| Ok((AccountId(row.get(0)?), Timestamp(row.get(1)?))),
        )
    }

    /// Notes that a session lives since `at`.
    pub(super) fn begin_session(&mut self, account: AccountId, at: Timestamp) -> Result<()> {
        self.run(
            "INSERT INTO sessions (account_id, alive_ms) VALUES (?1, ?2)
             ON CONFLICT (account_id) DO UPDATE SET alive_ms = excluded.alive_ms",
            params![account.0, at.0],
        )?;
        Ok(())
    }

    /// Notes that the session is over. `false`: there was none.
    pub(super) fn end_session(&mut self, account: AccountId) -> Result<bool> {
        let ended = self.run(
            "UPDATE sessions SET alive_ms = NULL WHERE account_id = ?1 AND alive_ms IS NOT NULL",
            [account.0],
        )?;
        Ok(ended > 0)
    }
}
