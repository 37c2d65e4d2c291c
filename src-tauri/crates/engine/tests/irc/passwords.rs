//! Passwords that are typed: told to the server, and kept nowhere.

use super::{enter, room, until_conversation, until_row};
use crate::common::{Bench, all, txn};
use domain::SecretKind;
use engine::contract::{Code, Kept};
use engine::{Keyring, KeyringFault, Secret};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use testkit::ircd::Ircd;

const PASSWORD: &str = "hunter2hunter2";

/// Whatever way a service is told one: no row, no draft, nothing in the console, though the server echoes and repeats it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_for_a_service_is_no_row_no_draft_and_covered_in_the_console() {
    let server = Ircd::start().await.unwrap();
    let bench = Bench::open().await;
    let (account, lobby) = enter(&bench, &server.url(), "ann", "#lobby").await;
    let engine = &bench.engine;
    let service = engine.command(txn(), lobby, "/msg NickServ".into(), false).await.unwrap().unwrap();
    for (place, typed) in [
        (lobby, format!("/msg NickServ REGISTER {PASSWORD} a@b")),
        (lobby, format!("/quote PRIVMSG NickServ :GHOST bob {PASSWORD}")),
        (lobby, format!("/ns identify {PASSWORD}")),
        (service, format!("identify {PASSWORD}")),
    ] {
        engine.save_draft(txn(), place, "half a line".into(), None).await.unwrap();
        engine.save_draft(txn(), place, typed.clone(), None).await.unwrap();
        assert_eq!(engine.draft(place).await.unwrap().text, "", "{typed}");
        if typed.starts_with('/') {
            engine.command(txn(), place, typed, false).await.unwrap();
        } else {
            assert_eq!(engine.send(txn(), place, typed, None).await.unwrap(), None, "it is no message");
        }
    }
    until_row(&bench, service, "You said GHOST bob …", |_| true).await;
    until_row(&bench, service, "You said identify …", |_| true).await;
    let told: usize = ["NickServ", "nickserv"]
        .map(|name| server.said(name).iter().filter(|(_, text)| text.contains(PASSWORD)).count())
        .iter()
        .sum();
    assert_eq!(told, 4, "the service was told");

    let waiting = engine.send(txn(), service, "help".into(), None).await.unwrap().unwrap();
    let edited = engine.edit_message(txn(), waiting, format!("identify {PASSWORD}")).await;
    assert_eq!(edited.unwrap_err().code, Code::Invalid);
    engine.set_enabled(txn(), account, engine::Enabled::Off).await.unwrap();
    bench.until_status(account, |status| matches!(status, domain::Status::Off)).await;
    let refused = engine.send(txn(), service, format!("identify {PASSWORD}"), None).await;
    assert_eq!(refused.unwrap_err().code, Code::Offline, "it does not wait");

    let shown = format!("{:?} {}", engine.frames(account, 0, 500), engine.transcript(account));
    assert!(shown.contains("You said") && !shown.contains(PASSWORD), "{shown}");
    let rows = format!("{:?}", all(engine, service).await);
    assert!(!rows.contains(PASSWORD), "{rows}");
    bench.engine.shutdown().await;
    nowhere_on_the_disk(&bench, PASSWORD);
}

fn nowhere_on_the_disk(bench: &Bench, word: &str) {
    for entry in std::fs::read_dir(bench.folder()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!found, "{}", path.display());
    }
}

/// A keyring in memory.
#[derive(Default)]
struct Ring(Mutex<BTreeMap<String, String>>);

impl Ring {
    fn holds(&self, word: &str) -> bool {
        self.0.lock().unwrap().values().any(|secret| secret.contains(word))
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

/// The key of a room is asked for once: it is in the keyring, and nowhere else, until the room refuses it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_of_a_room_opens_it_after_a_cut_and_a_restart_until_it_is_refused() {
    let server = Ircd::start().await.unwrap();
    server.lock("#locked", PASSWORD);
    let ring = Arc::new(Ring::default());
    let bench = Bench::keeping(ring.clone()).await;
    let (account, _) = enter(&bench, &server.url(), "ann", "#lobby").await;
    bench.engine.join(txn(), account, "#locked".into(), PASSWORD.into()).await.unwrap();
    let locked = room(&bench, account, "#locked").await;
    bench.until("the keyring", async |_| ring.holds(PASSWORD).then_some(())).await;
    server.cut();
    bench.until_ended(account).await;
    server.say("bob", "#locked", "after the cut");
    until_row(&bench, locked, "after the cut", |_| true).await;
    let bench = bench.reopen().await;
    bench.until_online(account).await;
    until_conversation(&bench, account, "#locked", |conversation| !conversation.left).await;
    server.say("bob", "#locked", "after the restart");
    until_row(&bench, locked, "after the restart", |_| true).await;
    let truth = bench.engine.truth(account).await.unwrap();
    let state = truth.secrets.iter().find(|state| state.kind == SecretKind::Rooms).unwrap();
    assert_eq!(state.kept, Kept::Keyring);

    server.lock("#locked", "another");
    server.cut();
    until_row(&bench, locked, "Its key is not right any more", |_| true).await;
    bench.until("an empty keyring", async |_| (!ring.holds(PASSWORD)).then_some(())).await;
    bench.engine.join(txn(), account, "#locked".into(), "another".into()).await.unwrap();
    bench.until("the new key", async |_| ring.holds("another").then_some(())).await;
    let shown = format!("{:?}", bench.engine.frames(account, 0, 500));
    assert!(!shown.contains(PASSWORD), "{shown}");
    bench.engine.remove_account(txn(), account).await.unwrap();
    bench.until("an empty keyring", async |_| ring.0.lock().unwrap().is_empty().then_some(())).await;
    bench.engine.shutdown().await;
    nowhere_on_the_disk(&bench, PASSWORD);
}

/// Where there is no keyring it serves until the program ends, which is said, and is asked for afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_keyring_the_key_of_a_room_serves_until_the_end() {
    let server = Ircd::start().await.unwrap();
    server.lock("#locked", PASSWORD);
    let bench = Bench::open().await;
    let (account, _) = enter(&bench, &server.url(), "ann", "#lobby").await;
    bench.engine.join(txn(), account, "#locked".into(), PASSWORD.into()).await.unwrap();
    let locked = room(&bench, account, "#locked").await;
    server.cut();
    bench.until_ended(account).await;
    server.say("bob", "#locked", "after the cut");
    until_row(&bench, locked, "after the cut", |_| true).await;
    let kept = bench
        .until("what the truth says", async |engine| {
            let truth = engine.truth(account).await.unwrap();
            let state = truth.secrets.into_iter().find(|state| state.kind == SecretKind::Rooms)?;
            matches!(state.kept, Kept::Session { trouble: domain::SecretTrouble::NoKeyring })
                .then_some(state.kept)
        })
        .await;
    assert!(matches!(kept, Kept::Session { .. }));
    let bench = bench.reopen().await;
    until_row(&bench, locked, "It wants a key", |_| true).await;
    bench.engine.shutdown().await;
    nowhere_on_the_disk(&bench, PASSWORD);
}
