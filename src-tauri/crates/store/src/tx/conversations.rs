//! Conversations.

use super::Tx;
use crate::{Result, row};
use domain::{AccountId, Conversation, ConversationId, ConversationKey, MessageId, RemoteConversation};
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
            "SELECT id, kind = ?3 AND title IS ?4 AND topic IS ?5 AND is_left = ?6, kind = ?3
             FROM conversations WHERE account_id = ?1 AND key = ?2",
            params![account.0, remote.key.0, kind, remote.title, remote.topic, remote.left],
            |row| Ok((ConversationId(row.get(0)?), row.get::<_, bool>(1)?, row.get::<_, bool>(2)?)),
        )?;
        match known {
            Some((id, true, _)) => Ok(id),
            Some((id, false, same_kind)) => {
                self.run(
                    "UPDATE conversations SET kind = ?2, title = ?3, topic = ?4, is_left = ?5 WHERE id = ?1",
                    params![id.0, kind, remote.title, remote.topic, remote.left],
                )?;
                self.touched.sidebar = true;
                if !same_kind {
                    self.count_mentions(id, remote.kind)?;
                }
                Ok(id)
            }
            None => {
                self.run(
                    "INSERT INTO conversations (account_id, key, kind, title, topic, is_left)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![account.0, remote.key.0, kind, remote.title, remote.topic, remote.left],
                )?;
                self.touched.sidebar = true;
                Ok(ConversationId(self.sql.last_insert_rowid()))
            }
        }
    }

    /// Removes a conversation that we are not in, or one of two people, with all that was said there. `false`: there is no
    /// such conversation.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remove_conversation(&mut self, conversation: ConversationId) -> Result<bool> {
        let removable = self.find(
            "SELECT 1 FROM conversations WHERE id = ?1 AND (is_left = 1 OR kind = 'direct')",
            [conversation.0],
            |_| Ok(()),
        )?;
        if removable.is_some() {
            self.unindex_all(&[conversation])?;
            self.run("DELETE FROM conversations WHERE id = ?1", [conversation.0])?;
            self.tallies.remove(&conversation);
            self.heard.remove(&conversation);
            self.replied.remove(&conversation);
            self.touched.sidebar = true;
            self.touched.conversations.insert(conversation);
        }
        Ok(removable.is_some())
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

    /// A conversation as it is stored.
    ///
    /// # Errors
    /// What the disk says.
    pub fn conversation(&mut self, id: ConversationId) -> Result<Option<Conversation>> {
        row::conversation(self.sql, id)
    }

    /// Where a row of a timeline is.
    ///
    /// # Errors
    /// What the disk says.
    pub fn conversation_with(&mut self, row: MessageId) -> Result<Option<ConversationId>> {
        self.find("SELECT conversation_id FROM messages WHERE id = ?1", [row.0], |row| {
            row.get(0).map(ConversationId)
        })
    }

    /// Whether a conversation is one of two people.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such conversation; what the disk says.
    pub fn is_direct(&mut self, id: ConversationId) -> Result<bool> {
        Ok(self.tally(id)?.is_direct)
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
