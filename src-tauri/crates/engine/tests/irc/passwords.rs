//! Passwords that are typed: told to the server, and kept nowhere.

use super::{enter, until_row};
use crate::common::{Bench, all, txn};
use engine::contract::Code;
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
        engine.save_draft(txn(), place, "half a line".into()).await.unwrap();
        engine.save_draft(txn(), place, typed.clone()).await.unwrap();
        assert_eq!(engine.draft(place).await.unwrap(), "", "{typed}");
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
    for entry in std::fs::read_dir(bench.folder()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes());
        assert!(!found, "{}", path.display());
    }
}
