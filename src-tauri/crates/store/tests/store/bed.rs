//! A store in a temporary folder, and short ways to say what the tests say often.

use domain::{
    AccountConfig, AccountId, Body, Conversation, ConversationId, ConversationKey, ConversationKind,
    Delivery, Incoming, Item, MessageId, RemoteConversation, RemoteId, Row, Sender, Timestamp, TxnId,
};
use std::path::PathBuf;
use store::{Durability, Inserted, MAX_PAGE, Reader, Result, Tx, Writer, Written};
use tempfile::TempDir;

/// A store with one account, which has one conversation and is online.
pub(crate) struct Bed {
    pub(crate) folder: TempDir,
    pub(crate) writer: Writer,
    pub(crate) reader: Reader,
    pub(crate) account: AccountId,
    pub(crate) conversation: ConversationId,
    pub(crate) now: Timestamp,
}

pub(crate) const DAWN: Timestamp = Timestamp(1_700_000_000_000);

impl Bed {
    pub(crate) fn new() -> Self {
        let mut bed = Self::offline();
        let account = bed.account;
        bed.write(|tx| tx.close_gaps(account, DAWN));
        bed
    }

    /// The same with an account that was never online.
    pub(crate) fn offline() -> Self {
        // In memory where the system has such a folder: every transaction here waits for the disk.
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let mut writer = store::open(&folder.path().join("history.db"), DAWN).unwrap().writer;
        let reader = writer.reader().unwrap();
        let (account, conversation) = writer.write(Durability::Normal, DAWN, populate).unwrap().value;
        Self { folder, writer, reader, account, conversation, now: DAWN }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("history.db")
    }

    /// One transaction, a second after the last.
    pub(crate) fn write<T>(&mut self, job: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> T {
        self.written(job).value
    }

    pub(crate) fn written<T>(&mut self, job: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Written<T> {
        self.now = self.now.plus_ms(1_000);
        self.writer.write(Durability::Full, self.now, job).unwrap()
    }

    pub(crate) fn hear(&mut self, text: &str) -> MessageId {
        let conversation = self.conversation;
        self.write(|tx| tx.insert_incoming(conversation, &heard(text)).map(id_of))
    }

    pub(crate) fn say(&mut self, name: &str) -> MessageId {
        let conversation = self.conversation;
        self.write(|tx| tx.insert_own(conversation, &txn(name), &Body::text(name)))
    }

    /// All rows of the conversation.
    pub(crate) fn rows(&mut self) -> Vec<Row> {
        all_rows(&mut self.reader, self.conversation)
    }

    /// The bodies of all messages, gaps as `-` (open) and `=` (closed).
    pub(crate) fn words(&mut self) -> Vec<String> {
        self.rows().iter().map(word).collect()
    }

    pub(crate) fn stored(&mut self) -> Conversation {
        self.reader.conversation(self.conversation).unwrap().unwrap()
    }

    pub(crate) fn delivery(&mut self, id: MessageId) -> Option<Delivery> {
        self.rows().into_iter().find(|row| row.place.id == id).and_then(|row| match row.item {
            Item::Message { delivery, .. } => delivery,
            Item::Gap { .. } | Item::Happening { .. } => None,
        })
    }
}

pub(crate) fn populate(tx: &mut Tx<'_>) -> Result<(AccountId, ConversationId)> {
    let account = tx.add_account(&config("one"))?;
    Ok((account, tx.ensure_conversation(account, &room("room"))?))
}

pub(crate) fn config(name: &str) -> AccountConfig {
    AccountConfig { protocol: "plain".to_owned(), name: name.to_owned(), ..AccountConfig::default() }
}

pub(crate) fn room(key: &str) -> RemoteConversation {
    RemoteConversation {
        key: ConversationKey(key.to_owned()),
        kind: ConversationKind::Room,
        ..RemoteConversation::default()
    }
}

pub(crate) fn txn(name: &str) -> TxnId {
    TxnId::parse(name).unwrap()
}

pub(crate) fn heard(text: &str) -> Incoming {
    Incoming {
        conversation: ConversationKey("room".to_owned()),
        body: Body::text(text),
        ..Incoming::default()
    }
}

pub(crate) fn named(text: &str, name: &str, sender: Sender) -> Incoming {
    Incoming { id: Some(RemoteId(name.to_owned())), sender, ..heard(text) }
}

pub(crate) fn id_of(inserted: Inserted) -> MessageId {
    match inserted {
        Inserted::New(id) | Inserted::Known(id) => id,
    }
}

pub(crate) fn word(row: &Row) -> String {
    match &row.item {
        Item::Message { body, .. } => body.to_plain(),
        Item::Gap { until: None, .. } => "-".to_owned(),
        Item::Gap { until: Some(_), .. } => "=".to_owned(),
        Item::Happening { who, change, .. } => format!("{who:?} {change:?}"),
    }
}

/// Reads page after page, from the newest back.
pub(crate) fn all_rows(reader: &mut Reader, conversation: ConversationId) -> Vec<Row> {
    let mut page = reader.latest(conversation, MAX_PAGE).unwrap();
    let mut rows = page.rows;
    while page.has_older {
        page = reader.before(conversation, rows[0].place, MAX_PAGE).unwrap();
        page.rows.append(&mut rows);
        rows = std::mem::take(&mut page.rows);
    }
    rows
}
