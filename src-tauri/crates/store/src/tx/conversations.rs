//! Conversations.

use super::Tx;
use crate::{Result, row};
use domain::{AccountId, ConversationId, ConversationKey, RemoteConversation};
use rusqlite::params;

impl Tx<'_> {
    /// The conversation that the server describes: added, changed where it differs, or as it is.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such account; what the disk says.
    pub fn ensure_conversation(
        &mut self,
        account: AccountId,
        remote: &RemoteConversation,
    ) -> Result<ConversationId> {
        let kind = row::kind_word(remote.kind);
        let known = self.find(
            "SELECT id, kind = ?3 AND title IS ?4 AND topic IS ?5
             FROM conversations WHERE account_id = ?1 AND key = ?2",
            params![account.0, remote.key.0, kind, remote.title, remote.topic],
            |row| Ok((ConversationId(row.get(0)?), row.get(1)?)),
        )?;
        match known {
            Some((id, true)) => Ok(id),
            Some((id, false)) => {
                self.run(
                    "UPDATE conversations SET kind = ?2, title = ?3, topic = ?4 WHERE id = ?1",
                    params![id.0, kind, remote.title, remote.topic],
                )?;
                self.touched.sidebar = true;
                Ok(id)
            }
            None => {
                self.run(
                    "INSERT INTO conversations (account_id, key, kind, title, topic) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![account.0, remote.key.0, kind, remote.title, remote.topic],
                )?;
                self.touched.sidebar = true;
                Ok(ConversationId(self.sql.last_insert_rowid()))
            }
        }
    }

    /// The conversation that an adapter calls `key`.
    ///
    /// # Errors
    /// What the disk says.
    pub fn conversation_of(
        &mut self,
        account: AccountId,
        key: &ConversationKey,
    ) -> Result<Option<ConversationId>> {
        self.find(
            "SELECT id FROM conversations WHERE account_id = ?1 AND key = ?2",
            params![account.0, key.0],
            |row| row.get(0).map(ConversationId),
        )
    }

    /// Whose a conversation is.
    ///
    /// # Errors
    /// What the disk says.
    pub fn account_of_conversation(&mut self, conversation: ConversationId) -> Result<Option<AccountId>> {
        self.find("SELECT account_id FROM conversations WHERE id = ?1", [conversation.0], |row| {
            row.get(0).map(AccountId)
        })
    }
}
