//! Secrets and trust: where they go, and where they never go.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

mod common;

use common::{Bench, plain, txn};
use domain::{
    AccountConfig, Attempt, Certificate, LogIn, Outcome, Pin, Reason, SecretKind, SecretTrouble, Status,
    Timestamp, TlsFault,
};
use engine::contract::{Code, GivenSecret, Kept};
use engine::{Keyring, KeyringFault, NoKeyring, Secret, Timing};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use testkit::server::{Authority, Kind, Peer, Server, scripts};

const PASSWORD: &str = "correct-horse-battery";

/// A keyring in memory.
#[derive(Default)]
struct Ring(Mutex<BTreeMap<String, String>>);

/// The same with a lock.
#[derive(Default)]
struct Locked {
    ring: Ring,
    locked: AtomicBool,
}

impl Locked {
    fn lock(&self, locked: bool) {
        self.locked.store(locked, Ordering::Relaxed);
    }

    fn all(&self) -> Vec<String> {
        self.ring.0.lock().unwrap().values().cloned().collect()
    }

    fn check(&self) -> Result<(), KeyringFault> {
        if self.locked.load(Ordering::Relaxed) { Err(KeyringFault::Locked) } else { Ok(()) }
    }
}

impl Keyring for Locked {
    fn read(&self, name: &str) -> Result<Option<Secret>, KeyringFault> {
        self.check().and_then(|()| self.ring.read(name))
    }

    fn write(&self, name: &str, secret: &Secret) -> Result<(), KeyringFault> {
        self.check().and_then(|()| self.ring.write(name, secret))
    }

    fn remove(&self, name: &str) -> Result<(), KeyringFault> {
        self.check().and_then(|()| self.ring.remove(name))
    }
}

impl Keyring for Ring {
    fn read(&self, name: &str) -> Result<Option<Secret>, KeyringFault> {
        Ok(self.0.lock().unwrap().get(name).cloned().map(Secret))
    }

    fn write(&self, name: &str, secret: &Secret) -> Result<(), KeyringFault> {
        self.0.lock().unwrap().insert(name.to_owned(), secret.0.clone());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), KeyringFault> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

/// A keyring that answers nothing before somebody types a password.
struct Slow(Mutex<Receiver<()>>);

impl Slow {
    fn new() -> (Self, Sender<()>) {
        let (typed, waits) = channel();
        (Self(Mutex::new(waits)), typed)
    }
}

impl Keyring for Slow {
    fn read(&self, _: &str) -> Result<Option<Secret>, KeyringFault> {
        let _ = self.0.lock().unwrap().recv();
        Ok(Some(Secret(PASSWORD.into())))
    }

    fn write(&self, _: &str, _: &Secret) -> Result<(), KeyringFault> {
        let _ = self.0.lock().unwrap().recv();
        Ok(())
    }

    fn remove(&self, _: &str) -> Result<(), KeyringFault> {
        Ok(())
    }
}

/// Lets in whoever says the password, and repeats to others all that they said.
async fn guarded() -> Server {
    Server::start(|mut peer: Peer| async move {
        let head = peer.request().await?;
        if !head.contains("Bearer correct-horse-battery") {
            let said = head.lines().filter(|line| line.contains("Bearer")).collect::<String>();
            let lines = format!("WWW-Authenticate: Bearer realm=\"{said}\"\r\n");
            return peer
                .raw(format!("HTTP/1.1 401 No\r\nContent-Length: {}\r\n{lines}\r\n{said}", said.len()))
                .await;
        }
        peer.raw(peer.acceptance(&head, "")).await?;
        while peer.message().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap()
}

fn bearer(url: &str) -> AccountConfig {
    AccountConfig { log_in: LogIn::Bearer, ..plain(url) }
}

fn given(value: &str) -> Vec<GivenSecret> {
    vec![GivenSecret { kind: SecretKind::LogIn, value: value.into() }]
}

async fn kept(bench: &Bench, account: domain::AccountId) -> Kept {
    bench.engine.truth(account).await.unwrap().secrets[0].kept
}

fn stopped(trouble: SecretTrouble) -> impl Fn(&Status) -> bool {
    move |status| {
        matches!(status, Status::Stopped { reason: Reason::Secret { secret: SecretKind::LogIn, trouble: found } }
            if *found == trouble)
    }
}

#[tokio::test]
async fn a_secret_is_in_the_keyring_as_long_as_its_account_and_in_use_over_a_restart() {
    let server = guarded().await;
    let ring = Arc::new(Ring::default());
    let bench = Bench::keeping(ring.clone()).await;
    let account = bench.engine.add_account(txn(), bearer(&server.url()), given(PASSWORD)).await.unwrap();
    bench.until_online(account).await;
    assert_eq!(kept(&bench, account).await, Kept::Keyring);
    let bench = bench.reopen().await;
    bench.until_online(account).await;
    assert_eq!(ring.0.lock().unwrap().values().collect::<Vec<_>>(), [PASSWORD]);
    bench.engine.remove_account(txn(), account).await.unwrap();
    bench.until("an empty keyring", async |_| ring.0.lock().unwrap().is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_secret_that_nobody_has_is_asked_for_and_a_wrong_one_is_replaced() {
    let server = guarded().await;
    let ring = Arc::new(Ring::default());
    let bench = Bench::keeping(ring.clone()).await;
    let account = bench.engine.add_account(txn(), bearer(&server.url()), Vec::new()).await.unwrap();
    bench.until_status(account, stopped(SecretTrouble::Missing)).await;
    assert_eq!(server.log().connections, 0, "it is not even dialled");
    assert_eq!(kept(&bench, account).await, Kept::Nowhere { trouble: SecretTrouble::Missing });
    bench.engine.set_secret(account, SecretKind::LogIn, "wrong-staple".into()).await.unwrap();
    bench
        .until_status(account, |status| {
            matches!(status, Status::Stopped { reason: Reason::Status { status: 401, .. } })
        })
        .await;
    let state = bench.engine.set_secret(account, SecretKind::LogIn, PASSWORD.into()).await.unwrap();
    assert_eq!(state.kept, Kept::Keyring);
    bench.until_online(account).await;
    for bad in [String::new(), "x".repeat(17 * 1024)] {
        let error = bench.engine.set_secret(account, SecretKind::LogIn, bad).await.unwrap_err();
        assert_eq!(error.code, Code::Invalid);
    }
    // Taken away, by another program or by a new session: it is asked for after the next start.
    ring.0.lock().unwrap().clear();
    let bench = bench.reopen().await;
    bench.until_status(account, stopped(SecretTrouble::Missing)).await;
}

#[tokio::test]
async fn where_there_is_no_keyring_a_secret_is_kept_until_the_end_and_that_is_said() {
    let server = guarded().await;
    let bench = Bench::keeping(Arc::new(NoKeyring)).await;
    let account = bench.engine.add_account(txn(), bearer(&server.url()), given(PASSWORD)).await.unwrap();
    bench.until_online(account).await;
    assert_eq!(kept(&bench, account).await, Kept::Session { trouble: SecretTrouble::NoKeyring });
    let bench = bench.reopen().await;
    bench.until_status(account, stopped(SecretTrouble::NoKeyring)).await;
    bench.engine.set_secret(account, SecretKind::LogIn, PASSWORD.into()).await.unwrap();
    bench.until_online(account).await;
}

#[tokio::test]
async fn a_keyring_that_waits_for_a_person_holds_up_nobody_else() {
    let server = guarded().await;
    let (slow, typed) = Slow::new();
    let bench = Bench::keeping(Arc::new(slow)).await;
    let open = Server::start(scripts::listen).await.unwrap();
    let account = bench.engine.add_account(txn(), bearer(&server.url()), Vec::new()).await.unwrap();
    let (other, _) = bench.join(&open.url()).await;
    bench.until_online(other).await;
    let told = bench.engine.truth(account).await.unwrap();
    assert_eq!(told.secrets[0].kept, Kept::Nowhere { trouble: SecretTrouble::Locked });
    typed.send(()).unwrap();
    bench.until_online(account).await;
}

#[tokio::test]
async fn a_log_in_that_is_used_no_more_is_forgotten() {
    let server = guarded().await;
    let ring = Arc::new(Ring::default());
    let bench = Bench::keeping(ring.clone()).await;
    let account = bench.engine.add_account(txn(), bearer(&server.url()), given(PASSWORD)).await.unwrap();
    bench.until("the keyring", async |_| (!ring.0.lock().unwrap().is_empty()).then_some(())).await;
    bench.engine.edit_account(txn(), account, plain(&server.url()), Vec::new()).await.unwrap();
    bench.until("an empty keyring", async |_| ring.0.lock().unwrap().is_empty().then_some(())).await;
    assert_eq!(bench.engine.truth(account).await.unwrap().secrets, []);
}

#[tokio::test]
async fn what_a_locked_keyring_could_not_forget_is_forgotten_at_a_later_start() {
    let server = guarded().await;
    let ring = Arc::new(Locked::default());
    let bench = Bench::keeping(ring.clone()).await;
    let account = bench.engine.add_account(txn(), bearer(&server.url()), given(PASSWORD)).await.unwrap();
    bench.until_online(account).await;
    assert_eq!(ring.all(), [PASSWORD]);
    ring.lock(true);
    bench.engine.remove_account(txn(), account).await.unwrap();
    // Neither an orderly end nor a kill forgets that; and it is a name that is written down.
    let bench = bench.reopen().await.kill().await;
    assert_eq!(ring.all(), [PASSWORD]);
    for (name, bytes) in files(bench.folder()) {
        assert!(!holds(&bytes, PASSWORD), "{name}");
    }
    ring.lock(false);
    let bench = bench.reopen().await;
    bench.until("an empty keyring", async |_| ring.all().is_empty().then_some(())).await;

    // What was given since is not forgotten.
    let account = bench.engine.add_account(txn(), bearer(&server.url()), given("old")).await.unwrap();
    bench.until("the keyring", async |_| (ring.all() == ["old"]).then_some(())).await;
    ring.lock(true);
    bench.engine.forget_secret(account, SecretKind::LogIn);
    ring.lock(false);
    bench.engine.set_secret(account, SecretKind::LogIn, PASSWORD.into()).await.unwrap();
    let bench = bench.reopen().await;
    bench.until_online(account).await;
    assert_eq!(ring.all(), [PASSWORD]);
}

/// All that is logged.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.display().to_string(), std::fs::read(path).unwrap_or_default())
    };
    std::fs::read_dir(folder).unwrap().map(read).collect()
}

#[tokio::test]
async fn no_secret_reaches_a_row_a_log_or_a_debug() {
    let logged = Logged::default();
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let server = guarded().await;
    let bench = Bench::keeping(Arc::new(Ring::default())).await;
    // A server that repeats what it was told, an address with the secret in its query, and a redirect with it.
    let wrong = "wrong-horse-battery";
    let account = bench.engine.add_account(txn(), bearer(&server.url()), given(wrong)).await.unwrap();
    let refused = |status: &Status| matches!(status, Status::Stopped { reason: Reason::Status { .. } });
    let told = bench.until_status(account, refused).await;
    bench.engine.set_secret(account, SecretKind::LogIn, PASSWORD.into()).await.unwrap();
    bench.until_online(account).await;

    let redirecting = Server::start(|mut peer: Peer| async move {
        let head = peer.request().await?;
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        peer.raw(format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n")).await
    })
    .await
    .unwrap();
    let query = AccountConfig { log_in: LogIn::Query { name: "token".into() }, ..plain(&redirecting.url()) };
    let third = bench.engine.add_account(txn(), query, given(PASSWORD)).await.unwrap();
    let moved = bench.until_status(third, refused).await;
    assert!(redirecting.log().requests()[0].contains(PASSWORD), "the server was told");

    let truth = bench.engine.truth(account).await.unwrap();
    let second = bench.engine.truth(third).await.unwrap();
    let shown =
        format!("{told:?} {moved:?} {truth:?} {second:?} {:?}", bench.engine.sidebar().await.unwrap());
    bench.engine.shutdown().await;
    let files = files(bench.folder());
    assert!(files.iter().any(|(_, bytes)| holds(bytes, "bearer")), "the rows are there to be looked at");
    let log = logged.0.lock().unwrap().clone();
    assert!(!log.is_empty());
    for word in [PASSWORD, wrong, "horse"] {
        assert!(!holds(shown.as_bytes(), word), "{shown}");
        assert!(!holds(&log, word), "{}", String::from_utf8_lossy(&log));
        for (path, bytes) in &files {
            assert!(!holds(bytes, word), "{path}");
        }
    }
    assert!(!format!("{:?}", given(PASSWORD)).contains("horse"));
}

/// Repeats the whole head: in the body of a refusal, in a challenge, or in a Close frame after it has let the client in.
async fn repeating(log_in: LogIn) -> Server {
    let closes = matches!(log_in, LogIn::Bearer | LogIn::Query { .. });
    Server::start(move |mut peer: Peer| async move {
        let head = peer.request().await?;
        let said = |line: &&str| ["authorization", "cookie", "get "].iter().any(|name| begins(line, name));
        let said: Vec<_> = head.lines().filter(said).collect();
        if closes {
            peer.raw(peer.acceptance(&head, "")).await?;
            let said: String = said.last().unwrap_or(&"").chars().take(100).collect();
            return peer.close(Some(1008), &format!("bad token {said}")).await;
        }
        let said = said.join(" ");
        let challenge = format!("WWW-Authenticate: Basic realm=\"{said}\"\r\n");
        peer.raw(format!("HTTP/1.1 401 No\r\nContent-Length: {}\r\n{challenge}\r\n{said}", said.len())).await
    })
    .await
    .unwrap()
}

fn begins(line: &str, name: &str) -> bool {
    line.to_ascii_lowercase().starts_with(name)
}

#[tokio::test]
async fn what_a_server_repeats_of_a_log_in_reaches_no_row_and_no_screen() {
    for (log_in, secret, forms) in [
        (LogIn::Basic { user: "alice".into() }, "hunter2", &["hunter2", "YWxpY2U6aHVudGVyMg"][..]),
        (LogIn::Cookie, "sid=4f9c2eaa; csrf=zebra77", &["4f9c2eaa", "zebra77"]),
        (LogIn::Bearer, "giraffe-horse", &["giraffe", "Z2lyYWZm"]),
        (LogIn::Query { name: "token".into() }, "okapi horse/1", &["okapi+horse%2F1", "okapi"]),
    ] {
        let server = repeating(log_in.clone()).await;
        let bench = Bench::keeping(Arc::new(Ring::default())).await;
        let config = AccountConfig { log_in: log_in.clone(), ..plain(&server.url()) };
        let account = bench.engine.add_account(txn(), config, given(secret)).await.unwrap();
        let repeated = |status: &Status| match status {
            Status::Stopped { reason } | Status::Waiting { reason, .. } => {
                matches!(reason, Reason::Status { status: 401, .. } | Reason::Closed { code: Some(1008), .. })
            }
            Status::Off | Status::Connecting { .. } | Status::Online { .. } => false,
        };
        let status = bench.until_status(account, repeated).await;
        assert!(
            server.log().requests()[0].contains(forms[forms.len() - 1]) || matches!(log_in, LogIn::Bearer)
        );
        let truth = bench.engine.truth(account).await.unwrap();
        let shown = format!("{status:?} {truth:?} {:?}", bench.engine.sidebar().await.unwrap());
        assert!(shown.contains('…'), "it was repeated: {shown}");
        bench.engine.shutdown().await;
        let files = files(bench.folder());
        assert!(files.iter().any(|(_, bytes)| holds(bytes, "attempt")), "there is something to look at");
        for form in forms {
            assert!(!holds(shown.as_bytes(), form), "{form}: {shown}");
            for (path, bytes) in &files {
                assert!(!holds(bytes, form), "{form}: {path}");
            }
        }
    }
}

#[tokio::test]
async fn only_the_certificate_that_was_shown_can_be_trusted_and_for_its_server_only() {
    let authority = Authority::new().unwrap();
    let identity = authority.identity(Kind::SelfSigned).unwrap();
    let server = Server::start_tls(&identity, scripts::listen).await.unwrap();
    let bench = Bench::open().await;
    let (account, _) = bench.join(&server.url()).await;
    let status = bench.until_status(account, |status| matches!(status, Status::Stopped { .. })).await;
    let Status::Stopped { reason: Reason::Tls { fault, certificate: Some(certificate), .. } } = status else {
        panic!("{status:?}")
    };
    assert_eq!(fault, TlsFault::UnknownIssuer);
    let engine = &bench.engine;
    let name = format!("localhost:{}", server.port());
    let trust = async |server: &str, sha256: &str| {
        engine.trust_certificate(txn(), account, server.to_owned(), sha256.to_owned()).await
    };
    assert_eq!(trust(&name, &"0".repeat(64)).await.unwrap_err().code, Code::Invalid);
    assert_eq!(trust("localhost:1", &certificate.sha256).await.unwrap_err().code, Code::Invalid);
    trust(&name, &certificate.sha256).await.unwrap();
    bench.until_online(account).await;
    let pins = bench.account(account).await.account.config.trust.pins;
    assert_eq!(pins, [Pin { server: name, sha256: certificate.sha256.clone() }]);
    let attempts = engine.truth(account).await.unwrap().attempts;
    assert!(matches!(attempts[0].outcome, Outcome::Online { .. }));
    assert_eq!(attempts[0].peer.certificate.as_ref().map(|shown| &shown.sha256), Some(&certificate.sha256));

    // The same certificate, shown by another server.
    let other = Server::start_tls(&identity, scripts::listen).await.unwrap();
    let mut moved = bench.account(account).await.account.config;
    moved.url = other.url();
    engine.edit_account(txn(), account, moved, Vec::new()).await.unwrap();
    let status = bench.until_status(account, |status| matches!(status, Status::Stopped { .. })).await;
    let Status::Stopped { reason: Reason::Tls { certificate: Some(again), .. } } = status else {
        panic!("{status:?}")
    };
    assert_eq!(again.sha256, certificate.sha256);
}

#[tokio::test]
async fn what_was_withdrawn_is_not_trusted_however_often_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let failed = |n: i64, fault, sha256: &str| {
        let certificate = Certificate {
            subject: "s".into(),
            issuer: "i".into(),
            names: Vec::new(),
            not_before: Timestamp(0),
            not_after: Timestamp(1),
            sha256: sha256.into(),
        };
        let reason = Reason::Tls { fault, text: String::new(), certificate: Some(Box::new(certificate)) };
        Attempt {
            at: Timestamp(n),
            url: "wss://chat.test/".into(),
            steps: Vec::new(),
            peer: domain::Peer::default(),
            outcome: Outcome::Failed { reason },
        }
    };
    let mut writer = store::open(&folder.path().join("history.db"), Timestamp(0)).unwrap().writer;
    let written = writer.write(store::Durability::Full, Timestamp(0), |tx| {
        let account = tx.add_account(&plain("wss://chat.test/"))?;
        tx.set_enabled(account, store::Enabled::Off)?;
        // The first of them was withdrawn after it had expired.
        for (n, (fault, sha256)) in [
            (TlsFault::Expired, "one"),
            (TlsFault::Revoked, "one"),
            (TlsFault::ClientCertificateWanted, "two"),
            (TlsFault::Expired, "three"),
        ]
        .into_iter()
        .enumerate()
        {
            tx.keep_attempt(account, &failed(n as i64, fault, sha256))?;
        }
        Ok(account)
    });
    let account = written.unwrap().value;
    drop(writer);
    let bench = Bench::open_in(folder, proto::ALL, Timing::default(), Arc::new(NoKeyring)).await;
    let trust = async |sha256: &str| {
        bench.engine.trust_certificate(txn(), account, "chat.test:443".into(), sha256.into()).await
    };
    for sha256 in ["one", "two"] {
        assert_eq!(trust(sha256).await.unwrap_err().code, Code::Invalid, "{sha256}");
    }
    trust("three").await.unwrap();
    let pins = bench.account(account).await.account.config.trust.pins;
    assert_eq!(pins, [Pin { server: "chat.test:443".into(), sha256: "three".into() }]);
}
