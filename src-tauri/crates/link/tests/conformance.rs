//! The cases of the Autobahn test suite against the link: `kosoku` (PyPI) is the server that misbehaves, and this is the
//! client under test. `cargo xtask test setup` installs it; `cargo xtask test interop` runs this.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a failure is the test's answer"
)]

mod common;

use common::{Rig, plain};
use domain::{AccountConfig, AccountId, RemoteConversation, Status};
use futures_util::StreamExt;
use link::{Report, Timing};
use proto::{
    Adapter, ConfigFault, Descriptor, Endpoint, Frame, Input, Now, Opening, Outgoing, Output, Protocol,
    Protocols,
};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio_tungstenite::connect_async;

/// The cases with their compression ones; fewer means that the suite was not run whole.
const CASES: i64 = 517;

/// After this time the server gives a case up.
const CASE_LIMIT: Duration = Duration::from_secs(480);

/// Longer than the longest case, which sends sixteen megabytes in small pieces.
const LONG: Duration = Duration::from_secs(3600);

static ECHO: Protocols = &[&Echo];
static DESCRIPTOR: Descriptor =
    Descriptor { id: "plain", name: "", subprotocols: &[], max_message: 64 * 1024 * 1024 };

/// Repeats each message. It is never online: the first Ping of a session that is would be an event that no case expects.
struct Echo;

impl Protocol for Echo {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn endpoint(&self, config: &AccountConfig) -> Result<Endpoint, ConfigFault> {
        Endpoint::read(config, &[])
    }

    fn standing(&self) -> Vec<RemoteConversation> {
        Vec::new()
    }

    fn open(&self, _: Opening<'_>) -> Box<dyn Adapter> {
        Box::new(Echoing(VecDeque::new()))
    }
}

struct Echoing(VecDeque<Output>);

impl Adapter for Echoing {
    fn handle(&mut self, input: Input<'_>, _: Now) {
        if let Input::Frame(frame) = input {
            self.0.push_back(Output::Send(Outgoing { frame: Frame::clone(frame), carries: None }));
        }
    }

    fn poll(&mut self) -> Output {
        self.0.pop_front().unwrap_or(Output::Wait(None))
    }
}

/// The server, ended when dropped.
struct Kosoku {
    url: String,
    reports: tempfile::TempDir,
    _child: Child,
}

impl Kosoku {
    async fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
        let program = root.join("target/interop/python/bin/kosoku");
        assert!(program.exists(), "kosoku is not installed: cargo xtask test setup");
        let reports = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let child = Command::new(program)
            .args(["-m", "fuzzingserver", "-o"])
            .arg(reports.path())
            .arg(&address)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        while TcpStream::connect(&address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self { url: format!("ws://{address}"), reports, _child: child }
    }

    /// What it says at an address, until it closes.
    async fn ask(&self, path: &str) -> Vec<String> {
        let (socket, _) = connect_async(format!("{}{path}", self.url)).await.unwrap();
        let said = socket.filter_map(async |message| message.ok().filter(|message| message.is_text()));
        said.map(|message| message.into_text().unwrap().to_string()).collect().await
    }

    /// What it found of each case.
    async fn verdicts(&self) -> BTreeMap<String, (String, String)> {
        let path = self.reports.path().join("index.json");
        let read = || serde_json::from_slice(&std::fs::read(&path).ok()?).ok();
        let index: serde_json::Value = loop {
            match read() {
                Some(index) => break index,
                // Another process reports nothing, so its file is looked for.
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        let cases = index.as_object().unwrap().values().next().unwrap().as_object().unwrap();
        let word = |case: &serde_json::Value, key: &str| case[key].as_str().unwrap_or_default().to_owned();
        cases
            .iter()
            .map(|(id, case)| (id.clone(), (word(case, "behavior"), word(case, "behaviorClose"))))
            .collect()
    }
}

/// Waits for the end of an account's session, as long as the server itself would.
async fn ended(rig: &mut Rig, account: AccountId) {
    loop {
        let batch = tokio::time::timeout(CASE_LIMIT, rig.batches.recv()).await;
        let batch = batch.unwrap_or_else(|_| panic!("case {} does not end", account.0)).unwrap();
        let over = |report: &Report| {
            matches!(report, Report::Status(Status::Waiting { .. } | Status::Stopped { .. }))
        };
        if batch.account == account && batch.reports.iter().any(over) {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_of_the_autobahn_suite_passes() {
    let server = Kosoku::start().await;
    let count: i64 = server.ask("/getCaseCount").await[0].parse().unwrap();
    assert_eq!(count, CASES);
    let timing = Timing {
        idle: LONG,
        pong: LONG,
        backoff_base: LONG * 24,
        backoff_cap: LONG * 24,
        ..Timing::default()
    };
    let mut rig = Rig::speaking(timing, ECHO);
    for case in 1..=count {
        rig.start_with(AccountId(case), plain(&format!("{}/runCase?case={case}&agent=whinchat", server.url)));
        ended(&mut rig, AccountId(case)).await;
        rig.supervisor.stop(AccountId(case));
    }
    server.ask("/updateReports?agent=whinchat").await;
    let verdicts = server.verdicts().await;
    let bad: Vec<_> = verdicts
        .iter()
        .filter(|(_, (behavior, close))| {
            !["OK", "NON-STRICT", "INFORMATIONAL"].contains(&behavior.as_str())
                || !["OK", "INFORMATIONAL"].contains(&close.as_str())
        })
        .collect();
    let kind = |word: &str| verdicts.values().filter(|(behavior, _)| behavior == word).count();
    println!(
        "{} cases: {} OK, {} non-strict, {} informational",
        verdicts.len(),
        kind("OK"),
        kind("NON-STRICT"),
        kind("INFORMATIONAL")
    );
    assert!(bad.is_empty(), "{} cases failed: {bad:#?}", bad.len());
    assert_eq!(verdicts.len() as i64, CASES);
}
