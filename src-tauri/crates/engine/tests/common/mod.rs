//! An engine on a store of its own, with a desktop that only listens.

#![allow(dead_code, reason = "each test file uses its part")]

use domain::{
    AccountConfig, AccountId, ConversationId, Delivery, Item, Reason, Row, Sender, Status, Target, Timestamp,
    TxnId,
};
use engine::contract::{AccountView, Bell};
use engine::{Handle, Host, Keyring, NoKeyring, Notification, Recording, Setup, Timing};
use proto::Protocols;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::sync::watch;

/// How long a condition may take on a machine that is busy with other things. Only a failure waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A desktop that keeps the bells and the links, and has a program for all of these but `irc:`.
pub(crate) struct Desktop {
    heard: watch::Sender<Vec<Bell>>,
    opened: Mutex<Vec<Target>>,
    notified: watch::Sender<Vec<Notification>>,
    focus: AtomicBool,
}

impl Desktop {
    pub(crate) fn opened(&self) -> Vec<Target> {
        self.opened.lock().unwrap().clone()
    }

    pub(crate) fn notified(&self) -> Vec<Notification> {
        self.notified.borrow().clone()
    }

    /// The window has the user's eyes, or not.
    pub(crate) fn focus(&self, focus: bool) {
        self.focus.store(focus, Ordering::Relaxed);
    }
}

impl Host for Desktop {
    fn ring(&self, bell: &Bell) {
        self.heard.send_modify(|bells| bells.push(bell.clone()));
    }

    fn notify(&self, notice: &Notification) {
        self.notified.send_modify(|notices| notices.push(notice.clone()));
    }

    fn has_focus(&self) -> bool {
        self.focus.load(Ordering::Relaxed)
    }

    fn open_link(&self, target: &Target) -> Result<(), String> {
        if target.as_str().starts_with("irc:") {
            return Err("no program for irc".to_owned());
        }
        self.opened.lock().unwrap().push(target.clone());
        Ok(())
    }
}

/// An engine with its folder.
pub(crate) struct Bench {
    pub(crate) engine: Handle,
    pub(crate) desktop: Arc<Desktop>,
    heard: watch::Receiver<Vec<Bell>>,
    folder: TempDir,
    protocols: Protocols,
    keyring: Arc<dyn Keyring>,
}

impl Bench {
    pub(crate) async fn open() -> Self {
        Self::open_with(proto::ALL, quick()).await
    }

    pub(crate) async fn open_with(protocols: Protocols, timing: Timing) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), protocols, timing, Arc::new(NoKeyring)).await
    }

    /// With a keyring.
    pub(crate) async fn keeping(keyring: Arc<dyn Keyring>) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), proto::ALL, quick(), keyring).await
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) async fn open_in(
        folder: TempDir,
        protocols: Protocols,
        timing: Timing,
        keyring: Arc<dyn Keyring>,
    ) -> Self {
        Self::open_at(folder, protocols, timing, keyring, now).await
    }

    /// With a clock on the wall that the test sets.
    pub(crate) async fn open_at(
        folder: TempDir,
        protocols: Protocols,
        timing: Timing,
        keyring: Arc<dyn Keyring>,
        clock: fn() -> Timestamp,
    ) -> Self {
        let (sender, heard) = watch::channel(Vec::new());
        let desktop = Arc::new(Desktop {
            heard: sender,
            opened: Mutex::default(),
            notified: watch::Sender::default(),
            focus: AtomicBool::new(false),
        });
        let host: Arc<dyn Host> = desktop.clone();
        let setup = Setup {
            path: folder.path().join("history.db"),
            host,
            keyring: Arc::clone(&keyring),
            protocols,
            tls: engine::platform_tls().unwrap(),
            timing,
            recording: Recording::On,
            clock,
        };
        let engine = engine::open(setup).await.unwrap();
        engine.connect_all().await;
        Self { engine, desktop, heard, folder, protocols, keyring }
    }

    /// Ends the engine as the app does, and opens the same store again.
    pub(crate) async fn reopen(self) -> Self {
        self.engine.shutdown().await;
        Self::open_in(self.folder, self.protocols, quick(), self.keyring).await
    }

    /// Opens a copy of the store as a kill would have left it: nothing was said, nothing was closed.
    pub(crate) async fn kill(self) -> Self {
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        self.engine.shutdown().await;
        Self::open_in(copy, self.protocols, quick(), self.keyring).await
    }

    /// Adds a plain account.
    pub(crate) async fn join(&self, url: &str) -> (AccountId, ConversationId) {
        let account = self.engine.add_account(txn(), plain(url), Vec::new()).await.unwrap();
        (account, self.conversation(account).await)
    }

    pub(crate) async fn conversation(&self, account: AccountId) -> ConversationId {
        let sidebar = self.engine.sidebar().await.unwrap();
        sidebar.conversations.iter().find(|conversation| conversation.account == account).unwrap().id
    }

    pub(crate) async fn account(&self, account: AccountId) -> AccountView {
        let sidebar = self.engine.sidebar().await.unwrap();
        sidebar.accounts.into_iter().find(|view| view.account.id == account).unwrap()
    }

    /// Waits, from bell to bell, until a condition gives something.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        mut condition: impl AsyncFnMut(&Handle) -> Option<T>,
    ) -> T {
        let mut heard = self.heard.clone();
        let wait = async {
            loop {
                heard.mark_unchanged();
                if let Some(value) = condition(&self.engine).await {
                    return value;
                }
                // A bell may be lost, so we look now and then without one, as the window does.
                let _ = tokio::time::timeout(Duration::from_millis(200), heard.changed()).await;
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(value) => value,
            Err(_) => panic!("{what}: never; {:?}", self.engine.sidebar().await),
        }
    }

    pub(crate) async fn until_status(&self, account: AccountId, wanted: impl Fn(&Status) -> bool) -> Status {
        self.until("the status", async |engine| {
            let sidebar = engine.sidebar().await.unwrap();
            let view = sidebar.accounts.into_iter().find(|view| view.account.id == account)?;
            wanted(&view.status).then_some(view.status)
        })
        .await
    }

    pub(crate) async fn until_online(&self, account: AccountId) {
        self.until_status(account, |status| matches!(status, Status::Online { .. })).await;
    }

    /// Waits for a bell that names the conversation, after the first `skip` bells. Looks at nothing else.
    pub(crate) async fn until_rung(&self, conversation: ConversationId, skip: usize) {
        let named =
            |bell: &Bell| bell.conversations.as_ref().is_none_or(|named| named.contains(&conversation));
        let mut heard = self.heard.clone();
        let rung = heard.wait_for(|bells| bells.iter().skip(skip).any(named));
        assert!(tokio::time::timeout(PATIENCE, rung).await.is_ok(), "no bell");
    }

    pub(crate) fn bells(&self) -> usize {
        self.heard.borrow().len()
    }

    /// Why the last session ended; waits until one has.
    pub(crate) async fn until_ended(&self, account: AccountId) -> Reason {
        self.until("an end", async |engine| engine.endings(account, 9).await.unwrap().into_iter().next())
            .await
    }

    pub(crate) async fn say(&self, conversation: ConversationId, text: &str) {
        self.engine.send(txn(), conversation, text.to_owned(), None).await.unwrap();
    }

    /// Waits until every own message has one of the wanted deliveries.
    pub(crate) async fn until_delivered(&self, conversation: ConversationId, wanted: &[Delivery]) {
        self.until("the deliveries", async |engine| {
            let rows = all(engine, conversation).await;
            rows.iter().filter_map(own).all(|(_, delivery)| wanted.contains(&delivery)).then_some(())
        })
        .await;
    }

    /// Waits until `count` messages of others are there.
    pub(crate) async fn until_received(&self, conversation: ConversationId, count: usize) -> Vec<String> {
        self.until("the answers", async |engine| {
            let texts: Vec<_> = all(engine, conversation).await.iter().filter_map(received).collect();
            (texts.len() >= count).then_some(texts)
        })
        .await
    }
}

/// The whole of a conversation, page by page.
pub(crate) async fn all(engine: &Handle, conversation: ConversationId) -> Vec<Row> {
    let mut page = engine.latest(conversation, 500).await.unwrap();
    let mut rows = std::mem::take(&mut page.rows);
    while page.has_older {
        page = engine.before(conversation, rows[0].place, 500).await.unwrap();
        rows.splice(0..0, std::mem::take(&mut page.rows));
    }
    rows
}

/// Text and delivery of a message of ours.
pub(crate) fn own(row: &Row) -> Option<(String, Delivery)> {
    match &row.item {
        Item::Message { sender: Sender::Me, body, delivery: Some(delivery), .. } => {
            Some((body.to_plain(), delivery.clone()))
        }
        Item::Message { .. } | Item::Gap { .. } | Item::Happening { .. } => None,
    }
}

/// Text of a message of somebody else.
pub(crate) fn received(row: &Row) -> Option<String> {
    match &row.item {
        Item::Message { sender: Sender::Server, body, .. } => Some(body.to_plain()),
        Item::Message { .. } | Item::Gap { .. } | Item::Happening { .. } => None,
    }
}

pub(crate) fn gaps(rows: &[Row]) -> Vec<(Timestamp, Option<Timestamp>)> {
    rows.iter()
        .filter_map(|row| match row.item {
            Item::Gap { from, until, .. } => from.map(|from| (from, until)),
            Item::Message { .. } | Item::Happening { .. } => None,
        })
        .collect()
}

pub(crate) fn plain(url: &str) -> AccountConfig {
    AccountConfig { protocol: "plain".into(), url: url.into(), ..AccountConfig::default() }
}

pub(crate) fn txn() -> TxnId {
    TxnId::parse(format!("{:032x}", rand::random::<u128>())).unwrap()
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}

/// The product's timing with shorter pauses between tries.
pub(crate) fn quick() -> Timing {
    Timing {
        backoff_base: Duration::from_millis(50),
        backoff_cap: Duration::from_millis(400),
        ..Timing::default()
    }
}
