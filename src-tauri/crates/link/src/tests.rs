//! The account's task on a paused clock, against servers that the test plans.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one case")]

mod pauses;
mod planned;

use crate::dial::Dial;
use crate::{Batch, Reach, Report, Spec, Supervisor, Timing};
use domain::{
    AccountConfig, AccountId, Body, Command, ConversationKey, Phase, Reason, Refusal, Status, TxnId,
};
use planned::{Plan, Planned, Texts};
use proto::Frame;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

const ACCOUNT: AccountId = AccountId(1);

fn start(dial: &Arc<Planned>, timing: Timing) -> (Supervisor, mpsc::Receiver<Batch>) {
    let (sender, batches) = mpsc::channel(64);
    let mut supervisor = Supervisor::with_dial(Arc::clone(dial) as Arc<dyn Dial>, timing, sender);
    supervisor.start(spec());
    (supervisor, batches)
}

fn spec() -> Spec {
    let config =
        AccountConfig { protocol: "plain".into(), url: "ws://test/".into(), ..AccountConfig::default() };
    Spec { account: ACCOUNT, config, resume: None, run: 1 }
}

fn txn(n: u32) -> TxnId {
    TxnId::parse(format!("t{n}")).unwrap()
}

fn command(n: u32, length: usize) -> Command {
    let conversation = ConversationKey("stream".into());
    Command::say(txn(n), conversation, Body::text("x".repeat(length)))
}

async fn until<T>(batches: &mut mpsc::Receiver<Batch>, mut pick: impl FnMut(&Report) -> Option<T>) -> T {
    loop {
        let batch = batches.recv().await.expect("the task goes on");
        if let Some(picked) = batch.reports.iter().find_map(&mut pick) {
            return picked;
        }
    }
}

/// The attempts of the next waits.
async fn waitings(batches: &mut mpsc::Receiver<Batch>, count: usize) -> Vec<u32> {
    let mut attempts = Vec::new();
    while attempts.len() < count {
        // A short wait and the next may be in one batch.
        let batch = batches.recv().await.expect("the task goes on");
        attempts.extend(batch.reports.iter().filter_map(|report| match report {
            Report::Status(Status::Waiting { attempt, .. }) => Some(*attempt),
            _ => None,
        }));
    }
    attempts.truncate(count);
    attempts
}

fn refused() -> Reason {
    Reason::Refused { address: "test".into() }
}

#[tokio::test(start_paused = true)]
async fn each_wait_is_within_full_jitter() {
    let dial = Planned::new([Plan::Fail(refused())]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    assert_eq!(waitings(&mut batches, 12).await, (1..=12).collect::<Vec<_>>());
    let bounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map(Duration::from_secs);
    for (gap, bound) in dial.gaps().into_iter().zip(bounds) {
        assert!(gap <= bound + Duration::from_millis(2), "{gap:?} > {bound:?}");
    }
    let total: Duration = dial.gaps().iter().sum();
    assert!(total > Duration::from_secs(30), "it does back off: {total:?}");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_lasted_resets_the_backoff_and_one_that_did_not_does_not() {
    let mut plan = vec![Plan::Fail(refused()); 10];
    plan.push(Plan::Live(Duration::from_secs(60)));
    plan.push(Plan::Fail(Reason::Status {
        status: 401,
        refusal: Refusal::Unauthorized { challenge: None },
        text: String::new(),
    }));
    let dial = Planned::new(plan);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    until(&mut batches, |report| matches!(report, Report::Status(Status::Stopped { .. })).then_some(()))
        .await;
    let gap = *dial.gaps().last().unwrap();
    assert!(gap <= Duration::from_secs(62), "60 s of session and at most 1 s of wait: {gap:?}");

    let dial = Planned::new([Plan::Live(Duration::from_secs(1))]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    assert_eq!(waitings(&mut batches, 20).await, (1..=20).collect::<Vec<_>>());
    let total: Duration = dial.gaps().iter().sum();
    assert!(total > Duration::from_secs(60), "thrown out at once 20 times, it backs off: {total:?}");
}

/// How long its silence is borne is no time that it held: the tries are counted, as the pauses between them grow.
#[tokio::test(start_paused = true)]
async fn a_server_that_lets_in_and_falls_silent_is_tried_less_and_less_often() {
    let dial = Planned::new([Plan::Dies(Duration::ZERO)]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    assert_eq!(waitings(&mut batches, 20).await, (1..=20).collect::<Vec<_>>());
    let longest = dial.gaps().into_iter().max().unwrap();
    assert!(longest > Duration::from_secs(60 + 50), "50 s of each is its silence: {longest:?}");

    // One that answered a Ping before it died has held.
    let dial = Planned::new([Plan::Dies(Duration::from_secs(40))]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    assert_eq!(waitings(&mut batches, 5).await, [0; 5]);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_a_floor() {
    let refusal = Refusal::TooMany { retry_after_s: Some(77) };
    let dial = Planned::new([Plan::Fail(Reason::Status { status: 429, refusal, text: String::new() })]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    waitings(&mut batches, 5).await;
    assert!(dial.gaps().iter().all(|gap| *gap >= Duration::from_secs(77)), "{:?}", dial.gaps());
}

#[tokio::test(start_paused = true)]
async fn only_the_user_ends_a_stop() {
    let forbidden = Reason::Status { status: 403, refusal: Refusal::Forbidden, text: String::new() };
    let dial = Planned::new([Plan::Fail(forbidden.clone()), Plan::Live(Duration::from_secs(3600))]);
    let (supervisor, mut batches) = start(&dial, Timing::default());
    let reason = until(&mut batches, |report| match report {
        Report::Status(Status::Stopped { reason }) => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(reason.await, forbidden);
    sleep(Duration::from_secs(24 * 3600)).await;
    assert_eq!(dial.asked.lock().unwrap().len(), 1, "nobody dialled for a day");
    supervisor.connect_now(ACCOUNT);
    until(&mut batches, |report| matches!(report, Report::Status(Status::Online { .. })).then_some(())).await;
}

#[tokio::test(start_paused = true)]
async fn connect_now_cuts_a_backoff_short_and_disturbs_no_session() {
    let timing = Timing {
        backoff_base: Duration::from_secs(100_000),
        backoff_cap: Duration::from_secs(100_000),
        ..Timing::default()
    };
    let dial = Planned::new([Plan::Fail(refused()), Plan::Live(Duration::from_secs(100))]);
    let (supervisor, mut batches) = start(&dial, timing);
    waitings(&mut batches, 1).await;
    let start = Instant::now();
    supervisor.connect_now(ACCOUNT);
    until(&mut batches, |report| matches!(report, Report::Status(Status::Online { .. })).then_some(())).await;
    assert!(start.elapsed() < Duration::from_secs(1));
    supervisor.connect_now(ACCOUNT);
    until(&mut batches, |report| matches!(report, Report::Ended { .. }).then_some(())).await;
    assert!(start.elapsed() >= Duration::from_secs(100), "the session was left alone");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(dial.asked.lock().unwrap().len(), 2, "a wish from before cuts no later backoff short");
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_dead_is_given_up_after_the_pong_limit() {
    let dial = Planned::new([Plan::Dead]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    let start = Instant::now();
    let ended = until(&mut batches, |report| match report {
        Report::Ended { reason, reach, .. } => Some((reason.clone(), *reach)),
        _ => None,
    });
    assert_eq!(ended.await, (Reason::Silent { seconds: 20 }, Reach::Online));
    assert!(start.elapsed() <= Duration::from_secs(21), "{:?}", start.elapsed());
}

/// What leaves here proves nothing of the line, however often it does.
#[tokio::test(start_paused = true)]
async fn who_speaks_all_the_time_finds_out_that_nobody_is_there() {
    let (dies, timing) = (Duration::from_secs(60), Timing::default());
    let dial = Planned::new([Plan::Dies(dies)]);
    let (supervisor, mut batches) = start(&dial, timing);
    until_online(&mut batches).await;
    let start = Instant::now();
    let tape = supervisor.tapes().of(ACCOUNT);
    let ended = until(&mut batches, |report| match report {
        Report::Ended { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    let speaking = async {
        loop {
            sleep(Duration::from_secs(3)).await;
            let _ = tape.send_raw(Frame::Text("typing".into()));
        }
    };
    let reason = tokio::select! {
        reason = ended => reason,
        never = speaking => never,
    };
    assert_eq!(reason, Reason::Silent { seconds: 20 });
    assert!(start.elapsed() <= dies + timing.idle + timing.pong, "{:?}", start.elapsed());
}

/// Runs an account on a server that answers no Pings, until that is known and the server has fallen silent.
async fn silent_and_pongless(dial: &Arc<Planned>) -> (Supervisor, mpsc::Receiver<Batch>) {
    let (supervisor, batches) = start(dial, Timing::default());
    sleep(Duration::from_secs(60)).await;
    (supervisor, batches)
}

#[tokio::test(start_paused = true)]
async fn what_a_pongless_server_is_sent_in_its_silence_is_believed_after_the_limit() {
    let dial = Planned::new([Plan::Pongless(Duration::from_secs(40))]);
    let (supervisor, mut batches) = silent_and_pongless(&dial).await;
    for n in 1..=100 {
        let sent = Instant::now();
        supervisor.send(ACCOUNT, command(n, 1)).unwrap();
        let arrived = until(&mut batches, |report| match report {
            Report::Arrived(txns) => Some(txns.clone()),
            Report::Ended { .. } => panic!("{report:?}"),
            _ => None,
        });
        assert_eq!(arrived.await, [txn(n)]);
        let limit = Timing::default().pong;
        assert!(sent.elapsed() >= limit && sent.elapsed() <= limit + Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pongless_server_that_takes_nothing_more_is_not_believed() {
    let dial = Planned::new([Plan::Pongless(Duration::from_secs(40))]);
    let (supervisor, mut batches) = silent_and_pongless(&dial).await;
    supervisor.send(ACCOUNT, command(1, 1)).unwrap();
    sleep(Timing::default().pong / 2).await;
    supervisor.send(ACCOUNT, command(2, 256 * 1024)).unwrap();
    let ended = until(&mut batches, |report| match report {
        Report::Ended { reason, unproven, .. } => Some((reason.clone(), unproven.clone())),
        Report::Arrived(_) => panic!("{report:?}"),
        _ => None,
    });
    assert_eq!(ended.await, (Reason::Silent { seconds: 20 }, vec![txn(1), txn(2)]));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_late_at_first_is_found_dead_like_any_other() {
    let late = Duration::from_secs(70);
    let dial = Planned::new([Plan::Tardy(late)]);
    let (supervisor, mut batches) = start(&dial, Timing::default());
    sleep(late + Duration::from_secs(5)).await;
    let sent = Instant::now();
    supervisor.send(ACCOUNT, command(1, 1)).unwrap();
    let arrived = until(&mut batches, |report| match report {
        Report::Arrived(txns) => Some(txns.clone()),
        _ => None,
    });
    assert_eq!(arrived.await, [txn(1)]);
    assert!(sent.elapsed() < Duration::from_secs(1), "an answer proves it, not time");
    let ended = until(&mut batches, |report| match report {
        Report::Ended { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(ended.await, Reason::Silent { seconds: 20 });
    let timing = Timing::default();
    assert!(sent.elapsed() <= late + timing.idle + timing.pong, "{:?}", sent.elapsed());
}

/// Its first answer of a session may be as late as any other, and it is still one that answers.
#[tokio::test(start_paused = true)]
async fn a_server_that_answered_in_an_earlier_session_is_found_dead_in_a_later_one() {
    let late = Duration::from_secs(25);
    let dial = Planned::new([Plan::Live(Duration::from_secs(5)), Plan::Pongless(late)]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    let mut reasons = Vec::new();
    while reasons.len() < 2 {
        let ended = until(&mut batches, |report| match report {
            Report::Ended { reason, .. } => Some(reason.clone()),
            _ => None,
        });
        reasons.push(ended.await);
    }
    assert!(matches!(reasons[0], Reason::Dropped { .. }), "{reasons:?}");
    assert_eq!(reasons[1], Reason::Silent { seconds: 20 });
}

#[tokio::test(start_paused = true)]
async fn an_idle_line_is_pinged_and_kept() {
    let dial = Planned::new([Plan::Live(Duration::from_secs(3600))]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    let start = Instant::now();
    until(&mut batches, |report| matches!(report, Report::Ended { .. }).then_some(())).await;
    assert!(start.elapsed() >= Duration::from_secs(3600), "only its own end ended it");
    let pings = dial.pings.lock().unwrap();
    assert!(pings.len() >= 119, "one at once, then one in 30 s: {}", pings.len());
    assert!(pings.windows(2).all(|pair| pair[1] - pair[0] <= Duration::from_secs(31)));
}

#[tokio::test(start_paused = true)]
async fn a_slow_engine_stops_the_server_and_kills_no_session() {
    const COUNT: u32 = 100_000;
    let dial = Planned::new([Plan::Flood(COUNT)]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    let mut expected = 0;
    while expected < COUNT {
        if expected % 10_000 < 100 {
            // Far longer than the limit for a Pong, which cannot be read meanwhile.
            sleep(Duration::from_secs(600)).await;
        }
        for report in batches.recv().await.unwrap().reports {
            assert!(!matches!(report, Report::Ended { .. }), "{report:?}");
            let Report::Event { event: domain::Event::Message { message }, .. } = report else { continue };
            assert_eq!(message.body.to_plain(), expected.to_string(), "in order, none missing");
            expected += 1;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn however_often_it_is_started_an_account_never_has_two_connections() {
    // Its server never answers a Close frame.
    let dial = Planned::new([Plan::Dead]);
    let (mut supervisor, mut batches) = start(&dial, Timing::default());
    until(&mut batches, |report| matches!(report, Report::Status(Status::Online { .. })).then_some(())).await;
    let restarted = Instant::now();
    for run in 2..=4 {
        supervisor.start(Spec { run, ..spec() });
        sleep(Duration::from_millis(500)).await;
    }
    let mut ended = None;
    loop {
        let Batch { run, reports, .. } = batches.recv().await.unwrap();
        for report in reports {
            match report {
                Report::Ended { .. } => ended = ended.or(Some((run, Instant::now()))),
                Report::Status(Status::Online { .. }) => {
                    let (of, at) = ended.expect("the first session ended first");
                    assert_eq!((of, run), (1, 4));
                    assert!(at >= restarted + Timing::default().close);
                    assert_eq!(dial.asked.lock().unwrap().len(), 2, "those in between never dialled");
                    assert!(dial.asked.lock().unwrap()[1] >= restarted + Timing::default().close);
                    return;
                }
                _ => {}
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_was_stopped_while_it_waited_is_off_at_once() {
    let dial = Planned::new([Plan::Dead]);
    let (mut supervisor, mut batches) = start(&dial, Timing::default());
    until(&mut batches, |report| matches!(report, Report::Status(Status::Online { .. })).then_some(())).await;
    let restarted = Instant::now();
    supervisor.start(spec());
    tokio::task::yield_now().await;
    supervisor.stop(ACCOUNT);
    until(&mut batches, |report| matches!(report, Report::Status(Status::Off)).then_some(())).await;
    assert!(restarted.elapsed() < Duration::from_secs(1), "{:?}", restarted.elapsed());
}

#[tokio::test(start_paused = true)]
async fn commands_without_a_session_come_back() {
    let forbidden = Reason::Status { status: 403, refusal: Refusal::Forbidden, text: String::new() };
    let dial = Planned::new([Plan::Fail(forbidden)]);
    let (mut supervisor, mut batches) = start(&dial, Timing::default());
    until(&mut batches, |report| matches!(report, Report::Status(Status::Stopped { .. })).then_some(()))
        .await;
    let command = command(1, 1);
    supervisor.send(ACCOUNT, command.clone()).unwrap();
    let returned = until(&mut batches, |report| match report {
        Report::Returned { unsent } => Some(unsent.clone()),
        _ => None,
    });
    assert_eq!(returned.await, [txn(1)]);
    supervisor.stop(ACCOUNT);
    assert_eq!(supervisor.send(ACCOUNT, command), Err(crate::Busy), "an account that is off takes nothing");
    until(&mut batches, |report| matches!(report, Report::Status(Status::Off)).then_some(())).await;
}

/// The engine hands a message to the session that it knows of. A later session must not send it: the engine may not
/// have heard yet what became of the messages before it, and these would come behind.
#[tokio::test(start_paused = true)]
async fn a_command_for_an_earlier_session_is_given_back_and_not_sent() {
    let dial = Planned::new([Plan::Live(Duration::from_secs(600))]);
    let (supervisor, mut batches) = start(&dial, Timing::default());
    let mut session = 0;
    while session == 0 {
        let batch = batches.recv().await.unwrap();
        let online =
            batch.reports.iter().any(|report| matches!(report, Report::Status(Status::Online { .. })));
        session = if online { batch.session } else { 0 };
    }
    supervisor.send_in(ACCOUNT, session + 1, command(1, 1)).unwrap();
    supervisor.send_in(ACCOUNT, session, command(2, 1)).unwrap();
    let returned = until(&mut batches, |report| match report {
        Report::Returned { unsent } => Some(unsent.clone()),
        _ => None,
    });
    assert_eq!(returned.await, [txn(1), txn(2)], "and what came behind it, so that the order is kept");
    supervisor.send_in(ACCOUNT, session, command(3, 1)).unwrap();
    let arrived = until(&mut batches, |report| match report {
        Report::Arrived(txns) => Some(txns.clone()),
        _ => None,
    });
    assert_eq!(arrived.await, [txn(3)]);
}

/// Wherever among the frames the line is full: at some of these lengths it is so between the two.
#[tokio::test(start_paused = true)]
async fn what_leaves_behind_the_servers_close_is_not_called_unsent() {
    for short in 0..64 {
        let came = Texts::default();
        let dial = Planned::new([Plan::Unread(Arc::clone(&came))]);
        let (supervisor, mut batches) = start(&dial, Timing::default());
        until_online(&mut batches).await;
        supervisor.send(ACCOUNT, command(1, 64 * 1024 - short)).unwrap();
        supervisor.send(ACCOUNT, command(2, 10)).unwrap();
        let unsent = until(&mut batches, |report| match report {
            Report::Ended { unsent, .. } => Some(unsent.clone()),
            _ => None,
        })
        .await;
        assert_eq!(came.lock().unwrap().len() + unsent.len(), 2, "{short}: {unsent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_close_that_crosses_ours_proves_nothing() {
    let dial = Planned::new([Plan::Crosses]);
    let (mut supervisor, mut batches) = start(&dial, Timing::default());
    until_online(&mut batches).await;
    supervisor.send(ACCOUNT, command(1, 10)).unwrap();
    sleep(Duration::from_millis(900)).await;
    supervisor.stop(ACCOUNT);
    let unproven = until(&mut batches, |report| match report {
        Report::Ended { unproven, .. } => Some(unproven.clone()),
        Report::Arrived(_) => panic!("{report:?}"),
        _ => None,
    });
    assert_eq!(unproven.await, [txn(1)]);
}

#[tokio::test(start_paused = true)]
async fn every_phase_before_a_session_is_told() {
    let dial = Planned::new([Plan::Live(Duration::from_secs(1))]);
    let (_supervisor, mut batches) = start(&dial, Timing::default());
    until(&mut batches, |report| match report {
        Report::Status(Status::Connecting { phase: Phase::Login, attempt: 1, .. }) => Some(()),
        _ => None,
    })
    .await;
}

async fn until_online(batches: &mut mpsc::Receiver<Batch>) {
    until(batches, |report| matches!(report, Report::Status(Status::Online { .. })).then_some(())).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_wake_a_dead_line_is_replaced_at_once_and_a_live_one_is_kept() {
    let dial = Planned::new([Plan::Dead, Plan::Live(Duration::from_secs(3600))]);
    let (supervisor, mut batches) = start(&dial, Timing::default());
    until_online(&mut batches).await;
    let woke = Instant::now();
    supervisor.check_all();
    let ended = until(&mut batches, |report| match report {
        Report::Ended { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(ended.await, Reason::Silent { seconds: 2 });
    until_online(&mut batches).await;
    assert!(woke.elapsed() < Duration::from_millis(2200), "with no wait between: {:?}", woke.elapsed());

    for _ in 0..10 {
        supervisor.check_all();
        sleep(Duration::from_secs(60)).await;
    }
    assert_eq!(dial.asked.lock().unwrap().len(), 2, "the line that lives is kept");
}

#[tokio::test(start_paused = true)]
async fn after_a_wake_who_waits_dials_and_who_waits_for_the_user_does_not() {
    let timing = Timing {
        backoff_base: Duration::from_secs(100_000),
        backoff_cap: Duration::from_secs(100_000),
        ..Timing::default()
    };
    let forbidden = Reason::Status { status: 403, refusal: Refusal::Forbidden, text: String::new() };
    let dial = Planned::new([Plan::Fail(refused()), Plan::Fail(forbidden)]);
    let (supervisor, mut batches) = start(&dial, timing);
    waitings(&mut batches, 1).await;
    let woke = Instant::now();
    supervisor.check_all();
    until(&mut batches, |report| matches!(report, Report::Status(Status::Stopped { .. })).then_some(()))
        .await;
    assert!(woke.elapsed() < Duration::from_secs(1));
    supervisor.check_all();
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(dial.asked.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn after_a_wake_a_server_that_named_a_time_is_left_alone_until_then() {
    let refusal = Refusal::TooMany { retry_after_s: Some(600) };
    let dial = Planned::new([Plan::Fail(Reason::Status { status: 429, refusal, text: String::new() })]);
    let (supervisor, mut batches) = start(&dial, Timing::default());
    waitings(&mut batches, 1).await;
    supervisor.check_all();
    sleep(Duration::from_secs(590)).await;
    assert_eq!(dial.asked.lock().unwrap().len(), 1);
}
