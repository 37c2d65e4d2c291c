//! Accounts.

use super::Tx;
use crate::{Result, row};
use domain::{Account, AccountConfig, AccountId, ConversationId};
use rusqlite::params;

/// Whether an account is to be connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enabled {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl Tx<'_> {
    /// Adds an account, which is on. Its id was never used before.
    ///
    /// # Errors
    /// What the disk says.
    pub fn add_account(&mut self, config: &AccountConfig) -> Result<AccountId> {
        let config = serde_json::to_string(config)?;
        self.run("INSERT INTO accounts (config, enabled) VALUES (?1, 1)", [config])?;
        self.touched.sidebar = true;
        Ok(AccountId(self.sql.last_insert_rowid()))
    }

    /// Replaces what the account form holds. `false`: there is no such account.
    ///
    /// # Errors
    /// What the disk says.
    pub fn edit_account(&mut self, id: AccountId, config: &AccountConfig) -> Result<bool> {
        let config = serde_json::to_string(config)?;
        let changed = self.run("UPDATE accounts SET config = ?2 WHERE id = ?1", params![id.0, config])?;
        self.touched.sidebar |= changed > 0;
        Ok(changed > 0)
    }

    /// Turns an account on or off. `false`: there is no such account.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_enabled(&mut self, id: AccountId, enabled: Enabled) -> Result<bool> {
        let on = matches!(enabled, Enabled::On);
        let changed = self.run("UPDATE accounts SET enabled = ?2 WHERE id = ?1", params![id.0, on])?;
        self.touched.sidebar |= changed > 0;
        Ok(changed > 0)
    }

    /// Removes an account with its conversations, messages, drafts and log. `false`: there is no such account.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove_account(&mut self, id: AccountId) -> Result<bool> {
        let conversations = self.conversations_of(id)?;
        self.unindex_all(&conversations)?;
        if self.run("DELETE FROM accounts WHERE id = ?1", [id.0])? == 0 {
            return Ok(false);
        }
        self.drop_tallies(id);
        self.touched.sidebar = true;
        self.touched.conversations.extend(conversations);
        Ok(true)
    }

    /// An account as it is stored.
    ///
    /// # Errors
    /// What the disk says.
    pub fn account(&mut self, id: AccountId) -> Result<Option<Account>> {
        row::account(self.sql, id)
    }

    /// All accounts, in the user's order.
    ///
    /// # Errors
    /// What the disk says.
    pub fn accounts(&mut self) -> Result<Vec<Account>> {
        row::accounts(self.sql)
    }

    /// All conversations of an account, the oldest first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn conversations_of(&mut self, account: AccountId) -> Result<Vec<ConversationId>> {
        self.list("SELECT id FROM conversations WHERE account_id = ?1 ORDER BY id", [account.0], |row| {
            row.get(0).map(ConversationId)
        })
    }
}
