//! The index of what was said.
//!
//! Messages come into it in the order of their rows, some thousand at a time and whenever the engine finds the time: a
//! flood is stored at its own speed. What leaves it leaves the file.

use super::Tx;
use crate::Result;
use crate::search::{Said, indexed, said};
use domain::{ConversationId, MessageId};
use rusqlite::params;

/// How many messages of a conversation that is removed are taken out of the index one by one. Of more, making it anew
/// costs less, and nothing waits for it.
const MAX_SINGLE: usize = 1_000;

impl Tx<'_> {
    /// Takes the next rows into the index, at most `limit`. Returns how many there were.
    ///
    /// # Errors
    /// What the disk says.
    pub fn index(&mut self, limit: u32) -> Result<u32> {
        let upto = indexed(self.sql)?;
        let ids = self.list(
            "SELECT id FROM messages WHERE id > ?1 ORDER BY id LIMIT ?2",
            [upto, i64::from(limit)],
            |row| row.get::<_, i64>(0),
        )?;
        let Some(last) = ids.last().copied() else { return Ok(0) };
        // What the index writes anew, it leaves nowhere.
        self.overwrite()?;
        let mut statement = self.sql.prepare_cached(said!("id > ?1 AND id <= ?2", "ORDER BY id"))?;
        let mut rows = statement.query([upto, last])?;
        while let Some(row) = rows.next()? {
            self.add(&Said::read(row)?)?;
        }
        self.run("UPDATE search_state SET upto = ?1 WHERE id = 1", [last])?;
        Ok(u32::try_from(ids.len()).unwrap_or(u32::MAX))
    }

    /// Takes a message out of the index, before its words change or go.
    pub(super) fn unindex(&mut self, id: MessageId) -> Result<()> {
        if id.0 > indexed(self.sql)? {
            return Ok(());
        }
        match Said::of(self.sql, id)? {
            Some(said) => self.remove(&said),
            None => Ok(()),
        }
    }

    /// Takes a message that was taken out in again.
    pub(super) fn reindex(&mut self, id: MessageId) -> Result<()> {
        if id.0 > indexed(self.sql)? {
            return Ok(());
        }
        match Said::of(self.sql, id)? {
            Some(said) => self.add(&said),
            None => Ok(()),
        }
    }

    /// Takes all of these conversations out of the index, before they are removed.
    pub(super) fn unindex_all(&mut self, conversations: &[ConversationId]) -> Result<()> {
        let upto = indexed(self.sql)?;
        let mut ids = Vec::new();
        for conversation in conversations {
            let most = i64::try_from(MAX_SINGLE + 1).unwrap_or(i64::MAX);
            ids.extend(self.list(
                "SELECT id FROM messages WHERE conversation_id = ?1 AND id <= ?2 LIMIT ?3",
                [conversation.0, upto, most],
                |row| row.get(0).map(MessageId),
            )?);
            if ids.len() > MAX_SINGLE {
                self.run("INSERT INTO search (search) VALUES ('delete-all')", [])?;
                self.run("UPDATE search_state SET upto = 0 WHERE id = 1", [])?;
                return Ok(());
            }
        }
        ids.into_iter().try_for_each(|id| self.unindex(id))
    }

    fn add(&self, said: &Said) -> Result<()> {
        self.run("INSERT INTO search (rowid, words) VALUES (?1, ?2)", params![said.id.0, said.line()])
            .map(drop)
    }

    fn remove(&self, said: &Said) -> Result<()> {
        self.run(
            "INSERT INTO search (search, rowid, words) VALUES ('delete', ?1, ?2)",
            params![said.id.0, said.line()],
        )
        .map(drop)
    }
}
