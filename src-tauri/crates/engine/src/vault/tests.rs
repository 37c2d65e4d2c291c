//! The vault against keyrings that block, fail and lock.

use super::*;
use crate::Host;
use crate::contract::Bell;
use std::sync::Condvar;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

struct Deaf;
impl Host for Deaf {
    fn ring(&self, _bell: &Bell) {}
}

/// Locked until it is opened; and it may keep whoever asks waiting.
#[derive(Default)]
struct Lockable {
    open: AtomicBool,
    kept: Mutex<BTreeMap<String, String>>,
    asked: AtomicUsize,
    busy: (Mutex<bool>, Condvar),
}

impl Lockable {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.kept.lock().unwrap()
    }

    fn set_busy(&self, busy: bool) {
        *self.busy.0.lock().unwrap() = busy;
        self.busy.1.notify_all();
    }

    fn check(&self) -> Result<(), KeyringFault> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        drop(self.busy.1.wait_while(self.busy.0.lock().unwrap(), |busy| *busy).unwrap());
        if self.open.load(Ordering::Relaxed) { Ok(()) } else { Err(KeyringFault::Locked) }
    }
}

impl Keyring for Lockable {
    fn read(&self, name: &str) -> Result<Option<Secret>, KeyringFault> {
        self.check()?;
        Ok(self.kept().get(name).cloned().map(Secret))
    }

    fn write(&self, name: &str, secret: &Secret) -> Result<(), KeyringFault> {
        self.check()?;
        self.kept().insert(name.to_owned(), secret.0.clone());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), KeyringFault> {
        self.check()?;
        self.kept().remove(name);
        Ok(())
    }
}

const ACCOUNT: AccountId = AccountId(7);
const KIND: SecretKind = SecretKind::LogIn;

async fn until(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it never came true");
}

fn vault(keyring: &Arc<Lockable>, offers: &'static [Duration]) -> (Arc<Vault>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = || domain::Timestamp(0);
    let disk = Disk::start(store::open(&folder.path().join("history.db"), clock()).unwrap().writer, clock);
    let ringer = Ringer::start(Arc::new(Deaf));
    let keyring = Arc::clone(keyring) as Arc<dyn Keyring>;
    (Vault::offering(keyring, "history".into(), disk.unwrap(), ringer, offers), folder)
}

#[tokio::test]
async fn what_a_locked_keyring_did_not_take_is_used_meanwhile_and_offered_again() {
    const SOON: &[Duration] = &[Duration::from_millis(5); 2000];
    let keyring = Arc::new(Lockable::default());
    let (vault, _folder) = vault(&keyring, SOON);
    let kept = vault.give(ACCOUNT, KIND, Secret("hunter2".into())).await;
    assert_eq!(kept, Kept::Session { trouble: SecretTrouble::Locked });
    assert_eq!(vault.read((ACCOUNT, KIND)).await.unwrap().0, "hunter2");
    keyring.open.store(true, Ordering::Relaxed);
    until(|| vault.kept((ACCOUNT, KIND)) == Some(Kept::Keyring)).await;
    assert_eq!(keyring.kept().get("history/7/log-in").unwrap(), "hunter2");

    // The same for what it is to forget.
    keyring.open.store(false, Ordering::Relaxed);
    vault.forget(ACCOUNT, KIND);
    assert_eq!(vault.kept((ACCOUNT, KIND)), None);
    keyring.open.store(true, Ordering::Relaxed);
    until(|| keyring.kept().is_empty()).await;
}

/// Lets all that was spawned go as far as it can without the keyring.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_was_given_or_forgotten_while_others_were_offered_is_not_undone() {
    const OTHER: AccountId = AccountId(8);
    let log_in = |account: AccountId| format!("history/{}/log-in", account.0);
    for newer in [Some("new"), None] {
        let keyring = Arc::new(Lockable::default());
        let (vault, _folder) = vault(&keyring, &[]);
        vault.give(ACCOUNT, KIND, Secret("first".into())).await;
        vault.give(OTHER, KIND, Secret("old".into())).await;
        keyring.open.store(true, Ordering::Relaxed);
        keyring.set_busy(true);
        let asked = keyring.asked.load(Ordering::Relaxed);
        let offering = tokio::spawn({
            let vault = Arc::clone(&vault);
            async move { vault.offer().await }
        });
        until(|| keyring.asked.load(Ordering::Relaxed) > asked).await;
        // The first of the two is being written; both were looked up.
        match newer {
            Some(newer) => {
                let vault = Arc::clone(&vault);
                drop(tokio::spawn(async move { vault.give(OTHER, KIND, Secret(newer.into())).await }));
            }
            None => vault.forget(OTHER, KIND),
        }
        // The disk does one thing after another: what was begun before is done.
        vault.note((OTHER, KIND)).await;
        settle().await;
        keyring.set_busy(false);
        offering.await.unwrap();
        until(|| !vault.held().has_work()).await;
        assert_eq!(keyring.kept().get(&log_in(ACCOUNT)).unwrap(), "first");
        assert_eq!(keyring.kept().get(&log_in(OTHER)).map(String::as_str), newer);
        assert_eq!(vault.kept((OTHER, KIND)), newer.map(|_| Kept::Keyring));
    }
}

#[tokio::test]
async fn what_was_forgotten_while_it_was_read_stays_forgotten() {
    let keyring = Arc::new(Lockable::default());
    keyring.open.store(true, Ordering::Relaxed);
    keyring.kept().insert("history/7/log-in".into(), "hunter2".into());
    let (vault, _folder) = vault(&keyring, &[]);
    keyring.set_busy(true);
    let reading = tokio::spawn({
        let vault = Arc::clone(&vault);
        async move { vault.read((ACCOUNT, KIND)).await }
    });
    until(|| keyring.asked.load(Ordering::Relaxed) == 1).await;
    vault.forget(ACCOUNT, KIND);
    vault.note((ACCOUNT, KIND)).await;
    settle().await;
    keyring.set_busy(false);
    assert_eq!(reading.await.unwrap().unwrap_err(), SecretTrouble::Missing);
    until(|| keyring.kept().is_empty()).await;
    assert_eq!(vault.read((ACCOUNT, KIND)).await.unwrap_err(), SecretTrouble::Missing);
}

#[tokio::test]
async fn a_keyring_that_answers_again_gets_what_it_lacks_at_once() {
    let keyring = Arc::new(Lockable::default());
    let (vault, _folder) = vault(&keyring, &[]);
    vault.give(ACCOUNT, KIND, Secret("hunter2".into())).await;
    keyring.open.store(true, Ordering::Relaxed);
    let other = vault.read((AccountId(8), KIND)).await;
    assert_eq!(other.unwrap_err(), SecretTrouble::Missing);
    until(|| vault.kept((ACCOUNT, KIND)) == Some(Kept::Keyring)).await;
}

#[tokio::test]
async fn a_keyring_that_is_locked_is_asked_again_when_the_user_wants_it() {
    let keyring = Arc::new(Lockable::default());
    keyring.kept().insert("history/7/log-in".into(), "hunter2".into());
    let (vault, _folder) = vault(&keyring, &[]);
    assert_eq!(vault.read((ACCOUNT, KIND)).await.unwrap_err(), SecretTrouble::Locked);
    keyring.open.store(true, Ordering::Relaxed);
    assert_eq!(vault.read((ACCOUNT, KIND)).await.unwrap_err(), SecretTrouble::Locked, "not a second prompt");
    vault.look_again();
    assert_eq!(vault.read((ACCOUNT, KIND)).await.unwrap().0, "hunter2");
    let states = vault.states(ACCOUNT, &[KIND, SecretKind::Proxy]).await;
    let kept: Vec<_> = states.iter().map(|state| state.kept).collect();
    assert_eq!(kept, [Kept::Keyring, Kept::Nowhere { trouble: SecretTrouble::Missing }]);
}
