//! A connection that only reads. Each method is one read transaction: what it returns belongs together.
//!
//! Here are the small reads; pages of a timeline are in `pages.rs`, its changes in `changes.rs`.

use crate::{Result, StoreError, open, row};
use domain::{
    Account, AccountId, Attempt, Capabilities, Conversation, ConversationId, ConversationKey, Draft,
    MessageId, RemoteId, Rev, Timestamp,
};
use rusqlite::{Connection, OptionalExtension};
use std::path::PathBuf;

/// A connection that only reads. Made by [`Writer::reader`](crate::Writer::reader).
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
}

/// A gap that is to be filled next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanting {
    /// The gap.
    pub gap: MessageId,
    /// How the adapter calls its conversation.
    pub key: ConversationKey,
    /// From which of its ends.
    pub from: End,
}

/// From where a gap is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// What follows the message of this name, which is the last before the gap; `None`: the beginning of all.
    After(Option<RemoteId>),
    /// What comes before the message of this name, which is the first behind the gap.
    Before(RemoteId),
}

/// A message as its server knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Whose it is.
    pub account: AccountId,
    /// Where it is.
    pub conversation: ConversationId,
    /// How the adapter calls that.
    pub key: ConversationKey,
    /// The server's name for it.
    pub id: RemoteId,
}

/// An entry of the connection log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Grows with every entry.
    pub id: i64,
    /// When it was written.
    pub at: Timestamp,
    /// What sort of thing happened: a word of the writer's.
    pub kind: String,
    /// What exactly.
    pub detail: String,
}

impl Reader {
    pub(crate) fn new(connection: Connection, path: PathBuf) -> Self {
        Self { connection, path }
    }

    /// The last transaction.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rev(&mut self) -> Result<Rev> {
        self.read(rev)
    }

    /// All accounts in the user's order, and all conversations, account by account, in the user's order.
    ///
    /// # Errors
    /// What the disk says.
    pub fn sidebar(&mut self) -> Result<(Rev, Vec<Account>, Vec<Conversation>)> {
        self.read(|sql| Ok((rev(sql)?, row::accounts(sql)?, row::conversations(sql)?)))
    }

    /// One account.
    ///
    /// # Errors
    /// What the disk says.
    pub fn account(&mut self, id: AccountId) -> Result<Option<Account>> {
        self.read(|sql| row::account(sql, id))
    }

    /// One conversation; `None`: there is none, or it is gone.
    ///
    /// # Errors
    /// What the disk says.
    pub fn conversation(&mut self, id: ConversationId) -> Result<Option<Conversation>> {
        self.read(|sql| row::conversation(sql, id))
    }

    /// What stands in a conversation's composer. What it is to answer is left out where it is gone or was taken back.
    ///
    /// # Errors
    /// What the disk says.
    pub fn draft(&mut self, conversation: ConversationId) -> Result<Draft> {
        self.read(|sql| row::draft(sql, conversation))
    }

    /// Whose a row of a timeline is. `None`: there never was one.
    ///
    /// # Errors
    /// What the disk says.
    pub fn account_of(&mut self, row: MessageId) -> Result<Option<AccountId>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT conversations.account_id
                 FROM messages JOIN conversations ON conversations.id = messages.conversation_id WHERE messages.id = ?1",
            )?;
            Ok(statement.query_row([row.0], |row| row.get(0).map(AccountId)).optional()?)
        })
    }

    /// Which conversation a row of a timeline is in. `None`: there never was such a row.
    ///
    /// # Errors
    /// What the disk says.
    pub fn conversation_of(&mut self, row: MessageId) -> Result<Option<ConversationId>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached("SELECT conversation_id FROM messages WHERE id = ?1")?;
            Ok(statement.query_row([row.0], |row| row.get(0).map(ConversationId)).optional()?)
        })
    }

    /// A gap of an account that is to be filled, the oldest of its conversation.
    ///
    /// # Errors
    /// What the disk says.
    pub fn wanting(&mut self, account: AccountId) -> Result<Option<Wanting>> {
        self.read(|sql| {
            let mut conversations =
                sql.prepare_cached("SELECT id, key FROM conversations WHERE account_id = ?1")?;
            let mut oldest = sql.prepare_cached(
                "SELECT id, after_id, sort_ms FROM messages
                 WHERE conversation_id = ?1 AND healing = 'loading' ORDER BY sort_ms, id LIMIT 1",
            )?;
            let earlier = capabilities(sql, account)?.earlier;
            let mut rows = conversations.query([account.0])?;
            while let Some(row) = rows.next()? {
                let conversation: i64 = row.get(0)?;
                let gap = oldest.query_row([conversation], |gap| {
                    let after = gap.get::<_, Option<String>>(1)?.map(RemoteId);
                    Ok((MessageId(gap.get(0)?), after, gap.get::<_, i64>(2)?))
                });
                let Some((gap, after, sort)) = gap.optional()? else { continue };
                let before = match &after {
                    None if earlier => first_named(sql, conversation, gap, sort)?,
                    None | Some(_) => None,
                };
                let from = before.map_or(End::After(after), End::Before);
                return Ok(Some(Wanting { gap, key: ConversationKey(row.get(1)?), from }));
            }
            Ok(None)
        })
    }

    /// What an account's last session could do; nothing, where that was never told.
    ///
    /// # Errors
    /// What the disk says.
    pub fn capabilities(&mut self, account: AccountId) -> Result<Capabilities> {
        self.read(|sql| capabilities(sql, account))
    }

    /// Whose a conversation is, and how its adapter calls it. `None`: there is none.
    ///
    /// # Errors
    /// What the disk says.
    pub fn key_of(&mut self, conversation: ConversationId) -> Result<Option<(AccountId, ConversationKey)>> {
        self.read(|sql| {
            let mut statement =
                sql.prepare_cached("SELECT account_id, key FROM conversations WHERE id = ?1")?;
            let key = statement.query_row([conversation.0], |row| {
                Ok((AccountId(row.get(0)?), ConversationKey(row.get(1)?)))
            });
            Ok(key.optional()?)
        })
    }

    /// A message as its server knows it. `None`: there is none, it was taken back, or the server gave it no name.
    ///
    /// # Errors
    /// What the disk says.
    pub fn named(&mut self, message: MessageId) -> Result<Option<Named>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT conversations.account_id, conversations.id, conversations.key, messages.remote_id
                 FROM messages JOIN conversations ON conversations.id = messages.conversation_id
                 WHERE messages.id = ?1 AND messages.kind = 0 AND messages.deleted = 0
                     AND messages.retracted IS NULL AND messages.remote_id IS NOT NULL",
            )?;
            let named = statement.query_row([message.0], |row| {
                Ok(Named {
                    account: AccountId(row.get(0)?),
                    conversation: ConversationId(row.get(1)?),
                    key: ConversationKey(row.get(2)?),
                    id: RemoteId(row.get(3)?),
                })
            });
            Ok(named.optional()?)
        })
    }

    /// The server's time of the last message that it has a name for, up to and with a row: how far a server is told that
    /// was read. `None`: there is none.
    ///
    /// # Errors
    /// What the disk says.
    pub fn read_time(&mut self, conversation: ConversationId, upto: MessageId) -> Result<Option<Timestamp>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT at_ms FROM messages
                 WHERE conversation_id = ?1 AND kind = 0 AND deleted = 0 AND remote_id IS NOT NULL
                     AND sort_ms <= (SELECT sort_ms FROM messages WHERE id = ?2 AND conversation_id = ?1)
                     AND (sort_ms < (SELECT sort_ms FROM messages WHERE id = ?2) OR id <= ?2)
                 ORDER BY sort_ms DESC, id DESC LIMIT 1",
            )?;
            let at = statement.query_row([conversation.0, upto.0], |row| row.get(0).map(Timestamp));
            Ok(at.optional()?)
        })
    }

    /// What an account's last session wanted remembered.
    ///
    /// # Errors
    /// What the disk says.
    pub fn resume(&mut self, account: AccountId) -> Result<Option<String>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached("SELECT resume FROM sessions WHERE account_id = ?1")?;
            let resume = statement.query_row([account.0], |row| row.get(0)).optional()?;
            Ok(resume.flatten())
        })
    }

    /// A setting of the whole program.
    ///
    /// # Errors
    /// What the disk says.
    pub fn setting(&mut self, key: &str) -> Result<Option<String>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached("SELECT value FROM settings WHERE key = ?1")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?)
        })
    }

    /// The newest `count` entries of an account's connection log, the newest first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn log(&mut self, account: AccountId, count: u32) -> Result<Vec<LogEntry>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT id, at_ms, kind, detail FROM log WHERE account_id = ?1 ORDER BY id DESC LIMIT ?2",
            )?;
            let entries = statement.query_map([account.0, i64::from(count)], |row| {
                Ok(LogEntry {
                    id: row.get(0)?,
                    at: Timestamp(row.get(1)?),
                    kind: row.get(2)?,
                    detail: row.get(3)?,
                })
            })?;
            entries.collect::<rusqlite::Result<_>>().map_err(StoreError::from)
        })
    }

    /// The tries of an account that are kept, the newest first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn attempts(&mut self, account: AccountId) -> Result<Vec<Attempt>> {
        self.read(|sql| {
            let mut statement =
                sql.prepare_cached("SELECT attempt FROM attempts WHERE account_id = ?1 ORDER BY id DESC")?;
            let attempts = statement.query_map([account.0], |row| row.get::<_, String>(0))?;
            let attempts: Vec<String> = attempts.collect::<rusqlite::Result<_>>()?;
            // What an older program wrote otherwise is passed over: a try is no message.
            Ok(attempts.iter().filter_map(|json| serde_json::from_str(json).ok()).collect())
        })
    }

    #[cfg(test)]
    pub(crate) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Runs `job` in one read transaction.
    pub(crate) fn read<T>(&mut self, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let read = transact(&mut self.connection, job);
        if let Err(error) = &read
            && error.is_corrupt()
        {
            open::suspect(&self.path);
        }
        read
    }
}

fn transact<T>(connection: &mut Connection, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let transaction = connection.transaction()?;
    let value = job(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// The last transaction.
pub(crate) fn rev(sql: &Connection) -> Result<Rev> {
    let mut statement = sql.prepare_cached("SELECT rev FROM store WHERE id = 1")?;
    Ok(Rev(statement.query_row([], |row| row.get(0))?))
}

/// What an account's last session could do.
fn capabilities(sql: &Connection, account: AccountId) -> Result<Capabilities> {
    let mut statement = sql.prepare_cached("SELECT capabilities FROM sessions WHERE account_id = ?1")?;
    let json: Option<String> = statement.query_row([account.0], |row| row.get(0)).optional()?.flatten();
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
}

/// The server's name for the first message behind a gap that has one.
fn first_named(sql: &Connection, conversation: i64, gap: MessageId, sort: i64) -> Result<Option<RemoteId>> {
    let mut statement = sql.prepare_cached(
        "SELECT remote_id FROM messages
         WHERE conversation_id = ?1 AND sort_ms >= ?2 AND id <> ?3 AND kind = 0 AND deleted = 0
             AND remote_id IS NOT NULL
         ORDER BY sort_ms, id LIMIT 1",
    )?;
    let name = statement.query_row([conversation, sort, gap.0], |row| row.get(0).map(RemoteId));
    Ok(name.optional()?)
}

/// Whether there is such a conversation.
pub(crate) fn exists_conversation(sql: &Connection, id: ConversationId) -> Result<bool> {
    let mut statement = sql.prepare_cached("SELECT EXISTS (SELECT 1 FROM conversations WHERE id = ?1)")?;
    Ok(statement.query_row([id.0], |row| row.get(0))?)
}
