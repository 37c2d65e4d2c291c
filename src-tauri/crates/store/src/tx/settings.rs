//! Settings and drafts: what the user left as it is.

use super::Tx;
use crate::Result;
use domain::{ConversationId, MessageId};
use rusqlite::params;

impl Tx<'_> {
    /// Keeps what stands in a conversation's composer, and the message that it answers. Neither: nothing any more.
    ///
    /// # Errors
    /// [`StoreError::Gone`](crate::StoreError::Gone) when there is no such conversation; what the disk says.
    pub fn save_draft(
        &mut self,
        conversation: ConversationId,
        text: &str,
        reply: Option<MessageId>,
    ) -> Result<()> {
        if text.is_empty() && reply.is_none() {
            self.run("DELETE FROM drafts WHERE conversation_id = ?1", [conversation.0])?;
            return Ok(());
        }
        self.run(
            "INSERT INTO drafts (conversation_id, text, at_ms, reply_to) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (conversation_id)
             DO UPDATE SET text = excluded.text, at_ms = excluded.at_ms, reply_to = excluded.reply_to",
            params![conversation.0, text, self.now.0, reply.map(|reply| reply.0)],
        )?;
        Ok(())
    }

    /// The draft, or an earlier state of it, has become the message `text`: forgets it. A draft that the text does not
    /// begin with is another one, and stays.
    ///
    /// # Errors
    /// What the disk says.
    pub fn spend_draft(&mut self, conversation: ConversationId, text: &str) -> Result<()> {
        self.run(
            "DELETE FROM drafts WHERE conversation_id = ?1 AND text = substr(?2, 1, length(text))",
            params![conversation.0, text],
        )?;
        Ok(())
    }

    /// A setting of the whole program.
    ///
    /// # Errors
    /// What the disk says.
    pub fn setting(&mut self, key: &str) -> Result<Option<String>> {
        self.find("SELECT value FROM settings WHERE key = ?1", [key], |row| row.get(0))
    }

    /// Keeps a setting of the whole program.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_setting(&mut self, key: &str, value: &str) -> Result<()> {
        self.run(
            "INSERT INTO settings (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            params![key, value],
        )?;
        self.touched.sidebar = true;
        Ok(())
    }
}
