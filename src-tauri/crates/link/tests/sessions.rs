//! Sessions over real sockets: what is proven, what is unsent, what is contained, how a session ends.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by a panic, and looks for one case"
)]

mod common;

use common::{ACCOUNT, Rig, command, plain, quick, txn};
use domain::{AccountConfig, AccountId, CloseBy, Command, Event, Phase, Reason, RemoteConversation, Status};
use link::{Reach, Report, Timing};
use proto::{
    Adapter, Close, ConfigFault, Descriptor, Endpoint, Frame, Input, Now, Opening, Output, Protocol,
    Protocols, Resume,
};
use std::collections::VecDeque;
use std::time::Duration;
use testkit::server::{Authority, Opcode, Peer, Server, What, scripts};

#[tokio::test]
async fn a_message_is_proven_by_the_pong_that_follows_it() {
    let server = Server::start(scripts::listen).await.unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    rig.until_online().await;
    for n in 1..=100 {
        rig.send(n);
    }
    rig.until_arrived(100).await;
    assert_eq!(rig.arrived(), (1..=100).map(txn).collect::<Vec<_>>(), "each once, in order");
    let log = server.log();
    assert_eq!(log.texts(), (1..=100).map(|n| format!("m{n}")).collect::<Vec<_>>());
    assert!(log.pings() < 50, "one Ping proves many: {}", log.pings());
}

#[tokio::test]
async fn the_first_ping_tells_the_round_trip_time() {
    let server = Server::start(scripts::listen).await.unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    rig.until(|report| match report {
        Report::Status(Status::Online { line }) => line.rtt_ms.map(drop),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_message_that_a_dead_line_swallowed_is_neither_arrived_nor_unsent() {
    let server = Server::start(scripts::die_after_accept).await.unwrap();
    let mut rig = Rig::new(Timing { pong: Duration::from_millis(300), ..quick() });
    rig.start(&server.url());
    rig.until_online().await;
    rig.send(1);
    let (reason, unsent) = rig.until_ended().await;
    assert_eq!(reason, Reason::Silent { seconds: 1 });
    assert_eq!(unsent, []);
    assert_eq!(rig.arrived(), []);
}

#[tokio::test]
async fn a_server_that_answers_no_pings_but_lives_is_believed() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        let mut clock = tokio::time::interval(Duration::from_millis(50));
        loop {
            // Every frame is answered, Pings too, but with text.
            if peer.next().await?.is_none() {
                return Ok(());
            }
            for _ in 0..20 {
                peer.text("tick").await?;
                clock.tick().await;
            }
        }
    })
    .await
    .unwrap();
    let mut rig = Rig::new(Timing { pong: Duration::from_millis(400), ..quick() });
    rig.start(&server.url());
    rig.until_online().await;
    let sent = std::time::Instant::now();
    rig.send(1);
    rig.until_arrived(1).await;
    assert!(sent.elapsed() >= Duration::from_millis(400), "not before the limit: {:?}", sent.elapsed());
    let ended = rig.seen.iter().any(|(_, _, report)| matches!(report, Report::Ended { .. }));
    assert!(!ended, "its missing Pongs are no death");
}

#[tokio::test]
async fn the_servers_own_close_proves_nothing() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        loop {
            match peer.next().await? {
                Some(What::Text(_)) => break,
                Some(What::Ping(_)) => {}
                _ => return Ok(()),
            }
        }
        peer.close(Some(1012), "restart").await?;
        peer.swallow().await
    })
    .await
    .unwrap();
    let mut rig = Rig::new(Timing { close: Duration::from_millis(100), ..quick() });
    rig.start(&server.url());
    rig.until_online().await;
    rig.send(1);
    let (reason, unsent) = rig.until_ended().await;
    assert_eq!(reason, Reason::Closed { code: Some(1012), text: "restart".into(), by: CloseBy::Server });
    assert_eq!((rig.arrived(), unsent), (vec![], vec![]));
}

#[tokio::test]
async fn a_clean_stop_sends_1000_waits_for_the_answer_and_its_ping_is_proof() {
    // Answers no Ping but the last, and that not before it closes.
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        let mut last = Vec::new();
        while let Some(what) = peer.next().await? {
            match what {
                What::Ping(payload) => last = payload,
                What::Close(code, _) => {
                    peer.text("last words").await?;
                    peer.frame(Opcode::Pong, &last).await?;
                    peer.close(code, "").await?;
                }
                _ => {}
            }
        }
        Ok(())
    })
    .await
    .unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    rig.until_online().await;
    rig.send(1);
    server.until(|log| !log.texts().is_empty()).await;
    rig.supervisor.stop(ACCOUNT);
    let (reason, unsent) = rig.until_ended().await;
    assert_eq!(reason, Reason::Closed { code: Some(1000), text: String::new(), by: CloseBy::Us });
    assert_eq!((rig.arrived(), unsent), (vec![txn(1)], vec![]));
    assert_eq!(rig.texts(ACCOUNT), ["last words"], "what came before the answer is not lost");
    rig.until(|report| (*report == Report::Status(Status::Off)).then_some(())).await;
    server.until(|log| log.closes() == [Some(1000)]).await;
}

#[tokio::test]
async fn a_server_that_never_answers_our_close_is_left() {
    let server = Server::start(scripts::die_after_accept).await.unwrap();
    let mut rig = Rig::new(Timing { close: Duration::from_millis(100), ..quick() });
    rig.start(&server.url());
    rig.until_online().await;
    rig.send(1);
    rig.supervisor.stop(ACCOUNT);
    rig.until_ended().await;
    assert_eq!(rig.arrived(), [], "no answer, no proof");
}

#[tokio::test]
async fn shutdown_says_1001_to_all_and_ends_the_reports() {
    let server = Server::start(scripts::echo).await.unwrap();
    let mut rig = Rig::new(quick());
    for account in [AccountId(1), AccountId(2)] {
        rig.start_with(account, plain(&server.url()));
        rig.until_was_online(account).await;
    }
    let Rig { supervisor, mut batches, .. } = rig;
    let closing = tokio::spawn(supervisor.shutdown(common::PATIENCE));
    let mut off = 0;
    while let Some(batch) = batches.recv().await {
        off += batch.reports.iter().filter(|report| **report == Report::Status(Status::Off)).count();
    }
    closing.await.unwrap();
    assert_eq!(off, 2);
    server.until(|log| log.closes() == [Some(1001), Some(1001)]).await;
}

#[tokio::test]
async fn every_queue_is_bounded_and_a_flood_loses_nothing() {
    const FLOOD: u64 = 10_000;
    // Frames of 1 KiB, so that the sockets' buffers cannot hold them all.
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        for n in 0..FLOOD {
            peer.text(&format!("{n:01024}")).await?;
        }
        peer.frame(Opcode::Text, b"sent").await?;
        while peer.message().await?.is_some() {}
        Ok(())
    })
    .await
    .unwrap();
    let mut rig = Rig::with(&Authority::new().unwrap(), quick(), 1);
    rig.start(&server.url());
    // Nobody reads the batches; one waits in the channel, one in the task, the rest with the server.
    server.until(|log| log.connections == 1).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let mut expected = 0;
    loop {
        let batch = tokio::time::timeout(common::PATIENCE, rig.batches.recv()).await.unwrap().unwrap();
        assert!(batch.reports.len() <= 256);
        for text in batch.reports.iter().filter_map(common::text) {
            if text == "sent" {
                assert_eq!(expected, FLOOD);
                return;
            }
            assert_eq!(text.parse::<u64>().unwrap(), expected, "in order, none missing");
            expected += 1;
        }
    }
}

#[tokio::test]
async fn one_accounts_failure_touches_no_other_account() {
    let (good, bad) = (AccountId(1), AccountId(2));
    let server = Server::start(scripts::echo).await.unwrap();
    let bomber = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        loop {
            match peer.next().await? {
                Some(What::Text(_)) => peer.text("boom").await?,
                Some(_) => {}
                None => return Ok(()),
            }
        }
    })
    .await
    .unwrap();
    let mut rig = Rig::speaking(quick(), ODD);
    rig.start_with(good, AccountConfig { protocol: "echoing".into(), ..plain(&server.url()) });
    rig.start_with(bad, AccountConfig { protocol: "echoing".into(), ..plain(&bomber.url()) });
    rig.until_was_online(good).await;
    rig.until_was_online(bad).await;
    rig.supervisor.send(bad, command(1)).unwrap();
    let (reason, unsent) = rig
        .until_of(bad, |report| match report {
            Report::Ended { reason, unsent, .. } => Some((reason.clone(), unsent.clone())),
            _ => None,
        })
        .await;
    assert_eq!(reason, Reason::Internal { text: "boom".into() });
    assert_eq!(unsent, [], "its message had left");
    rig.until_of(bad, |report| matches!(report, Report::Status(Status::Online { .. })).then_some(())).await;
    rig.supervisor.send(good, command(2)).unwrap();
    rig.until_of(good, |report| matches!(report, Report::Arrived(_)).then_some(())).await;
    let harmed = rig.seen.iter().any(|(of, _, report)| *of == good && matches!(report, Report::Ended { .. }));
    assert!(!harmed);
}

#[tokio::test]
async fn a_log_in_that_never_comes_is_given_up() {
    let server = Server::start(scripts::listen).await.unwrap();
    let mut rig = Rig::speaking(Timing { login: Duration::from_millis(200), ..quick() }, ODD);
    rig.start_with(ACCOUNT, AccountConfig { protocol: "mute".into(), ..plain(&server.url()) });
    rig.send(1);
    let (reason, reach, unsent) = rig
        .until(|report| match report {
            Report::Ended { reason, reach, unsent, .. } => Some((reason.clone(), *reach, unsent.clone())),
            Report::Returned { unsent } => Some((
                Reason::Dns { host: String::new(), text: String::new() },
                Reach::Opened,
                unsent.clone(),
            )),
            _ => None,
        })
        .await;
    assert_eq!(unsent, [txn(1)], "no log-in, no command: {reason:?}");
    assert_eq!(reach, Reach::Opened);
    let reason = rig.until_down().await;
    assert_eq!(reason, Reason::TimedOut { phase: Phase::Login, seconds: 1 });
}

#[tokio::test]
async fn an_adapter_that_ends_the_session_says_why_and_with_which_code() {
    let server = Server::start(scripts::echo).await.unwrap();
    let mut rig = Rig::speaking(quick(), ODD);
    rig.start_with(ACCOUNT, AccountConfig { protocol: "quitting".into(), ..plain(&server.url()) });
    let (reason, _) = rig.until_ended().await;
    assert_eq!(reason, Reason::Subprotocol { chosen: None });
    server.until(|log| log.closes().first() == Some(&Some(3000))).await;
    assert!(matches!(rig.until_down().await, Reason::Subprotocol { .. }), "and is not dialled again");
}

#[tokio::test]
async fn what_a_session_wants_remembered_the_next_one_is_told() {
    let server = Server::start(|mut peer: Peer| async move {
        peer.accept().await?;
        while !matches!(peer.next().await?, Some(What::Text(_)) | None) {}
        Ok(())
    })
    .await
    .unwrap();
    let mut rig = Rig::speaking(quick(), ODD);
    rig.start_with(ACCOUNT, AccountConfig { protocol: "keeping".into(), ..plain(&server.url()) });
    let log = server.until(|log| log.texts().len() >= 2).await;
    assert_eq!(log.texts()[..2], ["None", "Some(\"kept\")"]);
}

#[tokio::test]
async fn committed_notices_reach_the_adapter_of_their_session_only() {
    let server = Server::start(scripts::listen).await.unwrap();
    let mut rig = Rig::speaking(quick(), ODD);
    rig.start_with(ACCOUNT, AccountConfig { protocol: "echoing".into(), ..plain(&server.url()) });
    rig.until_online().await;
    let session = rig.seen.last().unwrap().1;
    rig.supervisor.committed(ACCOUNT, session - 1, 1);
    rig.supervisor.committed(ACCOUNT, session, 1);
    let log = server.until(|log| !log.texts().is_empty()).await;
    assert_eq!(log.texts(), ["committed 1"]);
}

#[tokio::test]
async fn a_new_start_takes_the_place_of_the_old_after_its_farewell() {
    let server = Server::start(scripts::echo).await.unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    rig.until_online().await;
    rig.start(&server.url());
    rig.until_ended().await;
    rig.until_online().await;
    let log = server.log();
    let requests: Vec<_> = log.heard.iter().map(|heard| (heard.connection, &heard.what)).collect();
    let closed = requests.iter().position(|(of, what)| *of == 1 && matches!(what, What::Close(..))).unwrap();
    let opened = requests.iter().position(|(of, what)| *of == 2 && matches!(what, What::Request(_))).unwrap();
    assert!(closed < opened, "never two connections of one account");
}

#[tokio::test]
async fn a_server_that_comes_back_is_found_again() {
    let mut server = Server::start(scripts::echo).await.unwrap();
    let mut rig = Rig::new(quick());
    rig.start(&server.url());
    rig.until_online().await;
    server.stop().await;
    rig.until_ended().await;
    server.start_again().await.unwrap();
    rig.until_online().await;
    rig.send(1);
    rig.until_arrived(1).await;
    assert_eq!(server.log().texts(), ["m1"]);
}

/// Protocols that behave oddly.
static ODD: Protocols = &[&Odd(&ECHOING), &Odd(&MUTE), &Odd(&QUITTING), &Odd(&KEEPING)];
static ECHOING: Descriptor = Descriptor::bare("echoing", "", 1024);
static MUTE: Descriptor = Descriptor::bare("mute", "", 1024);
static QUITTING: Descriptor = Descriptor::bare("quitting", "", 1024);
static KEEPING: Descriptor = Descriptor::bare("keeping", "", 1024);

struct Odd(&'static Descriptor);

impl Protocol for Odd {
    fn descriptor(&self) -> &'static Descriptor {
        self.0
    }

    fn endpoint(&self, config: &AccountConfig) -> Result<Endpoint, ConfigFault> {
        Endpoint::read(config, &[])
    }

    fn standing(&self) -> Vec<RemoteConversation> {
        Vec::new()
    }

    fn open(&self, opening: Opening<'_>) -> Box<dyn Adapter> {
        let resume = opening.resume.map(|resume| resume.0.clone());
        Box::new(OddSession { id: self.0.id, resume, outputs: VecDeque::new() })
    }
}

/// Online at once unless it is mute; closes at once if it quits; panics at the text `boom`; tells of commits.
struct OddSession {
    id: &'static str,
    resume: Option<String>,
    outputs: VecDeque<Output>,
}

impl OddSession {
    fn say(&mut self, text: String, carries: Option<domain::TxnId>) {
        self.outputs.push_back(Output::Send(proto::Outgoing {
            frame: Frame::Text(text),
            carries,
            more: false,
            secret: false,
        }));
    }
}

impl Adapter for OddSession {
    fn handle(&mut self, input: Input<'_>, _: Now) {
        match input {
            Input::Opened { .. } if self.id == "mute" => {}
            Input::Opened { .. } if self.id == "quitting" => {
                let reason = Reason::Subprotocol { chosen: None };
                self.outputs.push_back(Output::Close(Close { code: 3000, reason }));
            }
            Input::Opened { .. } if self.id == "keeping" => {
                self.say(format!("{:?}", self.resume), None);
                self.outputs.push_back(Output::Remember(Resume("kept".to_owned())));
            }
            Input::Opened { .. } => self.outputs.push_back(Output::Event(Event::Online)),
            Input::Frame(Frame::Text(text)) if text == "boom" => panic!("boom"),
            Input::Frame(Frame::Text(_)) => {}
            Input::Command(Command::Send { txn, body, .. }) => self.say(body.to_plain(), Some(txn)),
            Input::Committed { upto } => self.say(format!("committed {upto}"), None),
            Input::Command(_) | Input::Frame(Frame::Binary(_)) | Input::Timeout => {}
        }
    }

    fn poll(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or(Output::Wait(None))
    }
}
