//! The engine as the app holds it: opening, reading, ending. What the user wants is in [`crate::intents`].

use crate::acts::Acts;
use crate::bell::Ringer;
use crate::clocks::Clocks;
use crate::contract::{Code, Fault, FormFault, Notice, ProtocolView};
use crate::core::{Core, Order};
use crate::crowd::Crowd;
use crate::disk::{Disk, DiskError};
use crate::herald::{Gaze, Herald};
use crate::ledger::{Ledger, Live};
use crate::outbox::Outbox;
use crate::reduce::ENDED;
use crate::vault::{self, Purse, Vault};
use crate::{Host, Keyring, forms};
use domain::{
    Account, AccountConfig, AccountId, Changes, ConversationId, Draft, MessageId, Page, Place, Reason, Rev,
    Row, SecretKind, Timestamp, TxnId,
};
use proto::Protocols;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Durability, OpenError};
use tokio::sync::{mpsc, oneshot, watch};

/// Orders that wait for the core. Each comes from a person's action; when it is full, the action waits.
const ORDERS: usize = 256;

/// Batches that wait for the core: 4,096 events, or 64 MiB of text at the most. When it is full, the sockets are read
/// no further.
const BATCHES: usize = 16;

/// The account that is the lounge, and the address that it was given as such.
pub(crate) const LOUNGE: &str = "lounge";
pub(crate) const LOUNGE_ADDRESS: &str = "lounge.address";
/// The random name of this history in the keyring.
const HISTORY: &str = "history";

/// What the engine is opened with.
pub struct Setup {
    /// The file of the history.
    pub path: PathBuf,
    /// The desktop.
    pub host: Arc<dyn Host>,
    /// Where secrets are kept.
    pub keyring: Arc<dyn Keyring>,
    /// The protocols that accounts may speak: [`proto::ALL`].
    pub protocols: Protocols,
    /// Whom to trust.
    pub tls: link::Tls,
    /// How long a link waits for what.
    pub timing: link::Timing,
    /// Whether the last frames of each account are kept for the console.
    pub recording: link::Recording,
    /// The wall clock.
    pub clock: fn() -> Timestamp,
}

/// The engine. Clones are the same one.
#[derive(Clone)]
pub struct Handle {
    pub(crate) disk: Disk,
    pub(crate) ringer: Ringer,
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) protocols: Protocols,
    pub(crate) live: watch::Receiver<Live>,
    pub(crate) tapes: link::Tapes,
    pub(crate) vault: Arc<Vault>,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) crowd: Crowd,
    gaze: Gaze,
    acts: Arc<Mutex<Acts>>,
    closing: Arc<watch::Sender<bool>>,
}

/// Opens the history and starts the core. Nothing is dialled before [`Handle::connect_all`].
///
/// # Errors
/// [`Code::Unusable`], [`Code::InUse`] or [`Code::Newer`] when the history cannot be opened; the text says why, and what can be done.
pub async fn open(setup: Setup) -> Result<Handle, Fault> {
    let Setup { path, host, keyring, protocols, tls, timing, recording, clock } = setup;
    let opened = tokio::task::spawn_blocking(move || store::open(&path, clock()))
        .await
        .map_err(|error| Fault { code: Code::Internal, text: error.to_string() })?
        .map_err(unusable)?;
    let notices = opened
        .set_aside
        .map(|path| Notice::HistorySetAside { path: path.display().to_string() })
        .into_iter()
        .collect();
    let disk = Disk::start(opened.writer, clock)?;
    let Recovered { history, unwanted, entrusted } = recover(&disk).await?;

    let ringer = Ringer::start(Arc::clone(&host));
    let vault = Vault::new(keyring, history, disk.clone(), ringer.clone());
    vault.resume(unwanted, entrusted);
    let (orders, ordered) = mpsc::channel(ORDERS);
    let (sender, batches) = mpsc::channel(BATCHES);
    let (live_sender, live) = watch::channel(Live { notices, ..Live::default() });
    let (closing_sender, closing) = watch::channel(false);
    let secrets = Arc::new(Purse(Arc::clone(&vault)));
    let around = link::Surroundings { tls, secrets, desktop: Arc::new(Settled(Arc::clone(&host))) };
    let supervisor = link::Supervisor::new(around, timing, sender)
        .speaking(protocols)
        .recording(recording)
        .on_clock(clock);
    let tapes = supervisor.tapes();
    let ledger = Ledger {
        disk: disk.clone(),
        ringer: ringer.clone(),
        live: live_sender,
        outbox: Outbox::default(),
        running: BTreeMap::new(),
        tapes: tapes.clone(),
        closing,
    };
    let (crowd, gaze) = (Crowd::default(), Gaze::default());
    let herald = Herald::new(Arc::clone(&host), gaze.clone());
    let core = Core::new(ledger, supervisor, crowd.clone(), herald, Clocks::new(clock));
    tokio::spawn(core.run(ordered, batches));
    Ok(Handle {
        disk,
        ringer,
        orders,
        protocols,
        live,
        tapes,
        vault,
        host,
        crowd,
        gaze,
        acts: Arc::default(),
        closing: Arc::new(closing_sender),
    })
}

/// What the vault starts from.
struct Recovered {
    /// The history's name.
    history: String,
    /// What the keyring is still to forget.
    unwanted: BTreeSet<(AccountId, SecretKind)>,
    /// Whose protocols have entrusted something to us.
    entrusted: BTreeSet<AccountId>,
}

/// What the last run could not write any more: where the gaps begin, and which messages nobody can tell of.
async fn recover(disk: &Disk) -> Result<Recovered, DiskError> {
    let written = disk.write(Durability::Full, |tx| {
        for (account, since) in tx.interrupted()? {
            tx.open_gaps(account, since)?;
            let reason = Reason::Dropped { text: "this program ended with no farewell".to_owned() };
            tx.end_attempt(account, since, &reason)?;
        }
        for account in tx.accounts()? {
            tx.doubt_all(account.id)?;
        }
        let history = match tx.setting(HISTORY)? {
            Some(history) => history,
            None => {
                let history = format!("{:032x}", rand::random::<u128>());
                tx.set_setting(HISTORY, &history)?;
                history
            }
        };
        Ok(Recovered { history, unwanted: vault::unwanted(tx)?, entrusted: vault::entrusted(tx)? })
    });
    Ok(written.await?.value)
}

/// The desktop as the links see it.
struct Settled(Arc<dyn Host>);

impl link::Desktop for Settled {
    fn proxy(&self, url: &str) -> Option<String> {
        self.0.proxy(url)
    }
}

fn unusable(error: OpenError) -> Fault {
    let code = match error {
        OpenError::InUse => Code::InUse,
        OpenError::Newer { .. } => Code::Newer,
        OpenError::Sqlite(_) | OpenError::Io(_) => Code::Unusable,
    };
    Fault { code, text: error.to_string() }
}

pub(crate) fn gone(what: &str) -> Fault {
    Fault { code: Code::Gone, text: format!("there is no such {what}") }
}

impl Handle {
    /// Connects every account that is to be connected.
    pub async fn connect_all(&self) {
        self.order(Order::ConnectAll).await;
    }

    /// The computer has slept, or its network has changed: every connection is asked whether it still lives, and replaced
    /// when it does not answer. Who waits for the next try makes it now.
    pub async fn check_links(&self) {
        self.order(Order::CheckLinks).await;
    }

    /// Closes every session cleanly, writes what is left, and ends the core.
    pub async fn shutdown(&self) {
        let (done, ended) = oneshot::channel();
        self.closing.send_replace(true);
        self.order(Order::Shutdown(done)).await;
        let _ = ended.await;
    }

    /// The account that is the lounge on this computer.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn lounge(&self) -> Result<Option<Account>, Fault> {
        let sidebar = self.sidebar().await?;
        Ok(sidebar.accounts.into_iter().find(|view| view.lounge).map(|view| view.account))
    }

    /// The protocols that an account can speak.
    #[must_use]
    pub fn protocols(&self) -> Vec<ProtocolView> {
        forms::views(self.protocols)
    }

    /// Everything that is wrong with an account form. Empty: it can be saved.
    #[must_use]
    pub fn check_config(&self, config: &AccountConfig) -> Vec<FormFault> {
        forms::check(config, self.protocols)
    }

    /// The newest rows of a conversation, at most `count` (and at most 500).
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn latest(&self, conversation: ConversationId, count: u32) -> Result<Page, Fault> {
        self.gaze.rests_on(conversation);
        Ok(self.disk.read(move |reader| reader.latest(conversation, count)).await?)
    }

    /// The rows just before a place.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn before(
        &self,
        conversation: ConversationId,
        place: Place,
        count: u32,
    ) -> Result<Page, Fault> {
        Ok(self.disk.read(move |reader| reader.before(conversation, place, count)).await?)
    }

    /// The rows just after a place.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn after(&self, conversation: ConversationId, place: Place, count: u32) -> Result<Page, Fault> {
        Ok(self.disk.read(move |reader| reader.after(conversation, place, count)).await?)
    }

    /// The rows around a message.
    ///
    /// # Errors
    /// When the message is gone, or the disk does not answer.
    pub async fn around(
        &self,
        conversation: ConversationId,
        message: MessageId,
        count: u32,
    ) -> Result<Page, Fault> {
        self.gaze.rests_on(conversation);
        let page = self.disk.read(move |reader| reader.around(conversation, message, count)).await?;
        page.ok_or_else(|| gone("message"))
    }

    /// One row with the whole of its text, of which pages carry only the beginning when it is long.
    ///
    /// # Errors
    /// When the message is gone, or the disk does not answer.
    pub async fn whole(&self, message: MessageId) -> Result<Row, Fault> {
        self.disk.read(move |reader| reader.whole(message)).await?.ok_or_else(|| gone("message"))
    }

    /// What became of a window of rows since a rev.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn changes(
        &self,
        conversation: ConversationId,
        from: Option<Place>,
        to: Option<Place>,
        since: Rev,
    ) -> Result<Changes, Fault> {
        self.gaze.rests_on(conversation);
        Ok(self.disk.read(move |reader| reader.changes(conversation, from, to, since)).await?)
    }

    /// Why the last sessions of an account ended, the newest first, from the newest `count` entries of its log.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn endings(&self, account: AccountId, count: u32) -> Result<Vec<Reason>, Fault> {
        let entries = self.disk.read(move |reader| reader.log(account, count)).await?;
        let ended = entries.into_iter().filter(|entry| entry.kind == ENDED);
        Ok(ended.filter_map(|entry| serde_json::from_str(&entry.detail).ok()).collect())
    }

    /// What is being written in a conversation.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn draft(&self, conversation: ConversationId) -> Result<Draft, Fault> {
        Ok(self.disk.read(move |reader| reader.draft(conversation)).await?)
    }

    pub(crate) fn acts(&self) -> MutexGuard<'_, Acts> {
        // Nothing in there can panic half way.
        self.acts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn order(&self, order: Order) {
        if self.orders.send(order).await.is_err() {
            tracing::debug!("the core has ended");
        }
    }

    /// Carries an intent out once: under a `txn` that was answered before, answers the same and changes nothing.
    pub(crate) async fn once(
        &self,
        txn: TxnId,
        durability: Durability,
        job: impl FnOnce(&mut store::Tx<'_>) -> store::Result<Result<i64, Fault>> + Send + 'static,
    ) -> Result<i64, Fault> {
        let written = self
            .disk
            .write(durability, move |tx| {
                if let Some(answer) = tx.answered(&txn)? {
                    return Ok(Ok(answer));
                }
                let answer = job(tx)?;
                if let Ok(answer) = &answer {
                    tx.answer(&txn, *answer)?;
                }
                Ok(answer)
            })
            .await?;
        self.ringer.committed(written.rev, &written.touched);
        written.value
    }
}
