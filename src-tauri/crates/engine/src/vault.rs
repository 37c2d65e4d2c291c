//! Secrets: in the desktop's keyring, and in memory until the program ends; nowhere else.
//!
//! What the keyring does not take is kept in memory and offered to it again: when it answers anything at all, and from
//! time to time. A keyring that is locked may ask a person with every question, so it is asked seldom, and one question
//! at a time: while one waits for a person, all others wait, and give up after a while.

use crate::bell::Ringer;
use crate::contract::{Kept, SecretState};
use crate::disk::Disk;
use crate::{Keyring, KeyringFault};
use domain::{AccountId, SecretKind, SecretTrouble};
use link::Asked;
use proto::Secret;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use store::{Durability, Tx};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, sleep, timeout};

/// How long a question waits for the keyring: as long as a person takes to type a password.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long whoever gives a secret waits for the keyring to take it; then it goes on behind.
const ANSWER: Duration = Duration::from_secs(5);

/// For how long a keyring that said "locked" is taken at its word.
const LOCKED_FOR: Duration = Duration::from_secs(30);

/// How long whoever only wants to show where a secret is waits for that.
const GLANCE: Duration = Duration::from_secs(1);

/// When a keyring that did not take a secret is offered it again; then no more, until it answers another question.
const OFFERS: &[Duration] = &[
    Duration::from_secs(60),
    Duration::from_secs(120),
    Duration::from_secs(240),
    Duration::from_secs(480),
    Duration::from_secs(960),
    Duration::from_secs(1920),
];

/// The setting that names what the keyring is to forget.
const UNWANTED: &str = "unwanted_secrets";

type Key = (AccountId, SecretKind);

/// What the keyring could not be made to forget so far. It names the secrets, and holds none.
pub(crate) fn unwanted(tx: &mut Tx<'_>) -> store::Result<BTreeSet<Key>> {
    let named = tx.setting(UNWANTED)?;
    // What cannot be read names nothing.
    Ok(named.and_then(|named| serde_json::from_str(&named).ok()).unwrap_or_default())
}

/// Writes down, with what makes them useless, that these are to be forgotten: the keyring may be locked for longer than
/// this program runs.
pub(crate) fn unwant(tx: &mut Tx<'_>, account: AccountId, kinds: &[SecretKind]) -> store::Result<()> {
    let mut named = unwanted(tx)?;
    named.extend(kinds.iter().map(|kind| (account, *kind)));
    write_unwanted(tx, &named)
}

fn write_unwanted(tx: &mut Tx<'_>, named: &BTreeSet<Key>) -> store::Result<()> {
    // Numbers and words always become JSON.
    let json = serde_json::to_string(named).unwrap_or_default();
    if tx.setting(UNWANTED)?.is_some_and(|known| known == json) {
        Ok(())
    } else {
        tx.set_setting(UNWANTED, &json)
    }
}

/// The setting that names the accounts whose protocols have entrusted something to us. Of others the keyring is not asked,
/// which might ask a person.
const ENTRUSTED: &str = "entrusted_secrets";

/// The accounts whose protocols have entrusted something to us.
pub(crate) fn entrusted(tx: &mut Tx<'_>) -> store::Result<BTreeSet<AccountId>> {
    let named = tx.setting(ENTRUSTED)?;
    Ok(named.and_then(|named| serde_json::from_str(&named).ok()).unwrap_or_default())
}

/// All secrets of this history.
pub(crate) struct Vault {
    keyring: Arc<dyn Keyring>,
    /// Which history: another one on this computer has accounts of the same numbers.
    history: String,
    /// Where it stands what is to be forgotten.
    disk: Disk,
    ringer: Ringer,
    /// One question at a time.
    turn: Arc<Semaphore>,
    offers: &'static [Duration],
    held: Mutex<Held>,
}

/// What is in memory. At most four secrets of an account.
#[derive(Default)]
struct Held {
    secrets: BTreeMap<Key, (Secret, Kept)>,
    /// What the keyring said when it was asked for others.
    troubles: BTreeMap<Key, (SecretTrouble, Instant)>,
    /// What the keyring could not be made to forget yet.
    unwanted: BTreeSet<Key>,
    /// Accounts whose protocols have entrusted something to us.
    entrusted: BTreeSet<AccountId>,
    /// Somebody offers already.
    offering: bool,
}

impl Vault {
    pub(crate) fn new(keyring: Arc<dyn Keyring>, history: String, disk: Disk, ringer: Ringer) -> Arc<Self> {
        Self::offering(keyring, history, disk, ringer, OFFERS)
    }

    fn offering(
        keyring: Arc<dyn Keyring>,
        history: String,
        disk: Disk,
        ringer: Ringer,
        offers: &'static [Duration],
    ) -> Arc<Self> {
        let turn = Arc::new(Semaphore::new(1));
        Arc::new(Self { keyring, history, disk, ringer, turn, offers, held: Mutex::default() })
    }

    /// Keeps a secret, in place of what was there.
    pub(crate) async fn give(self: &Arc<Self>, account: AccountId, kind: SecretKind, secret: Secret) -> Kept {
        let key = (account, kind);
        self.held().hold(key, secret.clone());
        let vault = Arc::clone(self);
        let writing = tokio::spawn(async move { vault.put(key, secret).await });
        match timeout(ANSWER, writing).await {
            Ok(Ok(kept)) => kept,
            Ok(Err(_)) | Err(_) => Kept::Session { trouble: SecretTrouble::Locked },
        }
    }

    /// Keeps what a protocol entrusts to us, in place of what was kept; `None`: nothing any more. Usable at once; the keyring
    /// has it when it takes it.
    pub(crate) fn entrust(self: &Arc<Self>, account: AccountId, secret: Option<Secret>) {
        let key = (account, SecretKind::Rooms);
        let Some(secret) = secret else {
            if self.is_entrusted(account) {
                self.forget(account, SecretKind::Rooms);
            }
            return;
        };
        {
            let mut held = self.held();
            if held.is_current(key, &secret) {
                return;
            }
            held.hold(key, secret.clone());
            held.entrusted.insert(account);
        }
        let vault = Arc::clone(self);
        tokio::spawn(async move {
            // First, so that it is looked for where it is.
            vault.note_entrusted().await;
            vault.put(key, secret).await;
        });
    }

    /// Whether a protocol has entrusted something to us.
    pub(crate) fn is_entrusted(&self, account: AccountId) -> bool {
        self.held().entrusted.contains(&account)
    }

    async fn note_entrusted(self: &Arc<Self>) {
        let vault = Arc::clone(self);
        let noting = self.disk.write(Durability::Full, move |tx| {
            let named = vault.held().entrusted.clone();
            tx.set_setting(ENTRUSTED, &serde_json::to_string(&named).unwrap_or_default())
        });
        if let Err(error) = noting.await {
            tracing::warn!(%error, "whose secrets were entrusted to us");
        }
    }

    /// Writes a secret that is held into the keyring, now or later.
    async fn put(self: &Arc<Self>, key: Key, secret: Secret) -> Kept {
        match self.write(key, secret).await {
            Some(kept) => {
                if kept != Kept::Keyring {
                    self.offer_later();
                }
                kept
            }
            // Another took its place meanwhile, or none is wanted any more.
            None => self.kept(key).unwrap_or(Kept::Nowhere { trouble: SecretTrouble::Missing }),
        }
    }

    /// A secret, for whoever logs in with it.
    pub(crate) async fn read(self: &Arc<Self>, key: Key) -> Result<Secret, SecretTrouble> {
        {
            let held = self.held();
            if let Some(answer) = held.answer(key) {
                return answer;
            }
            if let Some((SecretTrouble::Locked, since)) = held.troubles.get(&key)
                && since.elapsed() < LOCKED_FOR
            {
                return Err(SecretTrouble::Locked);
            }
        }
        let (name, vault) = (self.name(key), Arc::clone(self));
        let asking = self.ask(move |keyring| {
            let found = keyring.read(&name)?;
            let mut held = vault.held();
            // What was given or forgotten meanwhile is newer. It is still this question's turn: what is to be forgotten
            // is still known as such.
            if let Some(answer) = held.answer(key) {
                return Ok(answer);
            }
            let Some(secret) = found else { return Ok(Err(SecretTrouble::Missing)) };
            held.troubles.remove(&key);
            held.secrets.insert(key, (secret.clone(), Kept::Keyring));
            Ok(Ok(secret))
        });
        let asked = asking.await;
        let answers = asked.is_ok();
        let answer = asked.and_then(|answer| answer);
        let mut held = self.held();
        if let Err(trouble) = answer {
            // What was given meanwhile is newer.
            if let Some((secret, _)) = held.secrets.get(&key) {
                return Ok(secret.clone());
            }
            held.troubles.insert(key, (trouble, Instant::now()));
        }
        let waiting = held.has_work();
        drop(held);
        if answers && waiting {
            let vault = Arc::clone(self);
            tokio::spawn(async move { vault.offer().await });
        }
        answer
    }

    /// Forgets a secret at once, and behind makes the keyring forget it.
    pub(crate) fn forget(self: &Arc<Self>, account: AccountId, kind: SecretKind) {
        let key = (account, kind);
        {
            let mut held = self.held();
            held.secrets.remove(&key);
            held.troubles.remove(&key);
            held.unwanted.insert(key);
            if kind == SecretKind::Rooms {
                held.entrusted.remove(&account);
            }
        }
        let vault = Arc::clone(self);
        tokio::spawn(async move {
            vault.note(key).await;
            if kind == SecretKind::Rooms {
                vault.note_entrusted().await;
            }
            if !vault.remove(key).await {
                vault.offer_later();
            }
        });
    }

    /// Makes the keyring forget what earlier runs could not. A keyring that is locked is not asked about it again
    /// before it answers something else, or some time has passed.
    pub(crate) fn resume(self: &Arc<Self>, unwanted: BTreeSet<Key>, entrusted: BTreeSet<AccountId>) {
        self.held().entrusted.extend(entrusted);
        if unwanted.is_empty() {
            return;
        }
        self.held().unwanted.extend(unwanted);
        let vault = Arc::clone(self);
        tokio::spawn(async move {
            if !vault.offer().await {
                vault.offer_later();
            }
        });
    }

    /// Brings what is written down about a secret into line with whether it is wanted. The writer is one, so the last to
    /// write has seen the newest.
    async fn note(self: &Arc<Self>, key: Key) {
        let vault = Arc::clone(self);
        let noting = self.disk.write(Durability::Full, move |tx| {
            let mut named = unwanted(tx)?;
            if vault.held().unwanted.contains(&key) {
                named.insert(key);
            } else {
                named.remove(&key);
            }
            write_unwanted(tx, &named)
        });
        if let Err(error) = noting.await {
            tracing::warn!(%error, "what the keyring is to forget");
        }
    }

    /// The user wants another try: a keyring that was locked is asked again.
    pub(crate) fn look_again(&self) {
        self.held().troubles.clear();
    }

    /// Where the secrets are that an account needs. Does not wait for a person.
    pub(crate) async fn states(
        self: &Arc<Self>,
        account: AccountId,
        kinds: &[SecretKind],
    ) -> Vec<SecretState> {
        let mut states = Vec::new();
        for kind in kinds.iter().copied() {
            let key = (account, kind);
            let known = self.kept(key);
            let kept = match known {
                Some(kept) => kept,
                None => {
                    let _ = timeout(GLANCE, self.read(key)).await;
                    self.kept(key).unwrap_or(Kept::Nowhere { trouble: SecretTrouble::Locked })
                }
            };
            states.push(SecretState { kind, kept });
        }
        states
    }

    /// Where a secret is, as far as that is known without asking.
    pub(crate) fn kept(&self, key: Key) -> Option<Kept> {
        let held = self.held();
        let secret = held.secrets.get(&key).map(|(_, kept)| *kept);
        secret.or_else(|| held.troubles.get(&key).map(|(trouble, _)| Kept::Nowhere { trouble: *trouble }))
    }

    /// Offers what the keyring did not take, and makes it forget what it should. Gives whether nothing is left.
    async fn offer(self: &Arc<Self>) -> bool {
        let (unkept, unwanted) = {
            let held = self.held();
            let unkept = held.secrets.iter().filter(|(_, (_, kept))| *kept != Kept::Keyring);
            let unkept: Vec<_> = unkept.map(|(key, (secret, _))| (*key, secret.clone())).collect();
            (unkept, held.unwanted.clone())
        };
        for (key, secret) in unkept {
            match self.write(key, secret).await {
                Some(Kept::Keyring) | None => {}
                Some(Kept::Session { .. } | Kept::Nowhere { .. }) => return false,
            }
        }
        for key in unwanted {
            if !self.remove(key).await {
                return false;
            }
        }
        !self.held().has_work()
    }

    /// Offers again from time to time, as long as there is a vault.
    fn offer_later(self: &Arc<Self>) {
        if std::mem::replace(&mut self.held().offering, true) {
            return;
        }
        let (vault, offers): (Weak<Self>, _) = (Arc::downgrade(self), self.offers);
        tokio::spawn(async move {
            for pause in offers {
                sleep(*pause).await;
                let Some(vault) = vault.upgrade() else { return };
                if vault.offer().await {
                    break;
                }
            }
            if let Some(vault) = vault.upgrade() {
                vault.held().offering = false;
            }
        });
    }

    /// Writes a secret, if it is still the one when its turn comes; `None`: it is not.
    async fn write(self: &Arc<Self>, key: Key, secret: Secret) -> Option<Kept> {
        let (name, vault, offered) = (self.name(key), Arc::clone(self), secret.clone());
        let asking = self.ask(move |keyring| {
            if vault.held().is_current(key, &offered) {
                keyring.write(&name, &offered).map(Some)
            } else {
                Ok(None)
            }
        });
        let kept = match asking.await {
            Ok(Some(())) => Kept::Keyring,
            Ok(None) => return None,
            Err(trouble) => Kept::Session { trouble },
        };
        {
            let mut held = self.held();
            // Unless another was given meanwhile, or none is wanted any more.
            if let Some((current, where_)) = held.secrets.get_mut(&key)
                && *current == secret
            {
                *where_ = kept;
            }
        }
        if kept == Kept::Keyring {
            // What was to be forgotten is overwritten. Until then a next start forgets it.
            self.note(key).await;
        }
        self.ringer.sidebar();
        Some(kept)
    }

    async fn remove(self: &Arc<Self>, key: Key) -> bool {
        let (name, vault) = (self.name(key), Arc::clone(self));
        let asking = self.ask(move |keyring| {
            if !vault.held().unwanted.contains(&key) {
                // One was given meanwhile.
                return Ok(());
            }
            keyring.remove(&name)?;
            vault.held().unwanted.remove(&key);
            Ok(())
        });
        match asking.await {
            Ok(()) => {
                self.note(key).await;
                true
            }
            // Where there is no keyring, nobody asks again before the next start: then there may be one.
            Err(SecretTrouble::NoKeyring) => {
                self.held().unwanted.remove(&key);
                true
            }
            Err(SecretTrouble::Missing | SecretTrouble::Locked | SecretTrouble::Failed) => false,
        }
    }

    /// Asks the keyring on a thread of its own, which may outlive the question.
    async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&dyn Keyring) -> Result<T, KeyringFault> + Send + 'static,
    ) -> Result<T, SecretTrouble> {
        let (keyring, turn) = (Arc::clone(&self.keyring), Arc::clone(&self.turn));
        let asking = async move {
            let turn = turn.acquire_owned().await.ok()?;
            let (answer, answered) = oneshot::channel();
            let body = move || {
                let _ = answer.send(job(keyring.as_ref()));
                drop(turn);
            };
            std::thread::Builder::new().name("keyring".into()).spawn(body).ok()?;
            answered.await.ok()
        };
        match timeout(PATIENCE, asking).await {
            Ok(Some(answer)) => answer.map_err(|fault| trouble(&fault)),
            Ok(None) => Err(SecretTrouble::Failed),
            // It waits for a person.
            Err(_) => Err(SecretTrouble::Locked),
        }
    }

    fn name(&self, (account, kind): Key) -> String {
        let kind = match kind {
            SecretKind::LogIn => "log-in",
            SecretKind::Proxy => "proxy",
            SecretKind::ClientKey => "client-key",
            SecretKind::Rooms => "rooms",
        };
        format!("{}/{}/{kind}", self.history, account.0)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Usable at once, whatever the keyring takes its time for.
    fn hold(&mut self, key: Key, secret: Secret) {
        self.troubles.remove(&key);
        self.unwanted.remove(&key);
        self.secrets.insert(key, (secret, Kept::Session { trouble: SecretTrouble::Locked }));
    }

    /// What is known of a secret without the keyring.
    fn answer(&self, key: Key) -> Option<Result<Secret, SecretTrouble>> {
        let given = self.secrets.get(&key).map(|(secret, _)| Ok(secret.clone()));
        given.or_else(|| self.unwanted.contains(&key).then_some(Err(SecretTrouble::Missing)))
    }

    fn is_current(&self, key: Key, secret: &Secret) -> bool {
        self.secrets.get(&key).is_some_and(|(current, _)| current == secret)
    }

    /// Whether the keyring lacks something, or has too much.
    fn has_work(&self) -> bool {
        !self.unwanted.is_empty() || self.secrets.values().any(|(_, kept)| *kept != Kept::Keyring)
    }
}

fn trouble(fault: &KeyringFault) -> SecretTrouble {
    match fault {
        KeyringFault::Absent => SecretTrouble::NoKeyring,
        KeyringFault::Locked => SecretTrouble::Locked,
        KeyringFault::Failed(text) => {
            tracing::warn!(text, "the keyring");
            SecretTrouble::Failed
        }
    }
}

/// The vault as the links see it.
pub(crate) struct Purse(pub(crate) Arc<Vault>);

impl link::Secrets for Purse {
    fn secret(&self, account: AccountId, kind: SecretKind) -> Asked<'_> {
        if kind == SecretKind::Rooms && !self.0.is_entrusted(account) {
            return Box::pin(async { Err(SecretTrouble::Missing) });
        }
        Box::pin(self.0.read((account, kind)))
    }

    fn entrust(&self, account: AccountId, secret: Option<Secret>) {
        self.0.entrust(account, secret);
    }
}

#[cfg(test)]
mod tests;
