//! What goes out, as a transcript cannot show it: how much waits and for how long, what each frame carries, and which are
//! secret.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

use domain::{AccountConfig, Body, Command, ConversationKey, LogIn, Timestamp, TxnId};
use proptest::prelude::*;
use proto::irc::IRC;
use proto::transcript::{Step, replay};
use proto::{Frame, Input, Now, Opening, Outgoing, Output, Protocol, Secret};
use std::time::{Duration, Instant};

fn frame(line: &str) -> Step {
    Step::Frame(Frame::Text(line.to_owned()))
}

fn online(features: &str) -> Vec<Step> {
    let lines = [
        "CAP * LS :".to_owned(),
        "001 ann :hi".into(),
        format!("005 ann {features} :ok"),
        "422 ann :".into(),
    ];
    std::iter::once(Step::Opened(None)).chain(lines.iter().map(|line| frame(line))).collect()
}

fn say(n: usize, text: &str) -> Step {
    let txn = TxnId::parse(format!("t{n}")).unwrap();
    Step::Command(Command::say(txn, ConversationKey("bob".into()), Body::text(text)))
}

/// What the adapter answered, a line each.
fn played(steps: &[Step]) -> Vec<String> {
    let opening =
        Opening { config: &AccountConfig::default(), secret: None, resume: None, entrusted: None, seed: 7 };
    replay(IRC.open(opening).as_mut(), steps).unwrap().lines().map(str::to_owned).collect()
}

fn count(lines: &[String], start: &str) -> usize {
    lines.iter().filter(|line| line.starts_with(start)).count()
}

#[test]
fn what_waits_is_bounded_and_what_is_too_much_is_refused() {
    let mut steps = online("A");
    steps.extend((0..2000).map(|n| say(n, "x")));
    let lines = played(&steps);
    let (sent, refused) = (count(&lines, "> PRIVMSG"), count(&lines, r#"! {"kind":"refused""#));
    // Five at once; as many wait as is half an hour's work.
    assert_eq!((sent, refused), (5, 2000 - 5 - 900));
}

#[test]
fn everything_that_waits_leaves_in_order_and_in_time() {
    let mut steps = online("A");
    steps.extend((0..100).map(|n| say(n, &format!("m{n}"))));
    steps.push(Step::Pass(Duration::from_secs(2 * 95 - 1)));
    let lines = played(&steps);
    assert_eq!(count(&lines, "> PRIVMSG"), 99, "one every two seconds");
    steps.push(Step::Pass(Duration::from_secs(1)));
    let sent: Vec<_> = played(&steps)
        .into_iter()
        .filter_map(|line| line.strip_prefix("> PRIVMSG bob ").map(str::to_owned))
        .collect();
    assert_eq!(sent, (0..100).map(|n| format!("m{n}")).collect::<Vec<_>>());
}

/// What the adapter sends in answer to these.
fn sent(opening: Opening<'_>, inputs: &[Step]) -> Vec<Outgoing> {
    let mut adapter = IRC.open(opening);
    let now = Now { mono: Instant::now(), wall: Timestamp(0) };
    let mut sent = Vec::new();
    for step in inputs {
        match step {
            Step::Opened(_) => adapter.handle(Input::Opened { subprotocol: None }, now),
            Step::Frame(frame) => adapter.handle(Input::Frame(frame), now),
            Step::Command(command) => adapter.handle(Input::Command(command.clone()), now),
            Step::Committed(upto) => adapter.handle(Input::Committed { upto: *upto }, now),
            Step::Pass(_) => adapter.handle(Input::Timeout, now),
        }
        loop {
            match adapter.poll() {
                Output::Wait(_) => break,
                Output::Send(outgoing) => sent.push(outgoing),
                Output::Event(_)
                | Output::Remember(_)
                | Output::Entrust(_)
                | Output::Conceal(_)
                | Output::Close(_) => {}
            }
        }
    }
    sent
}

#[test]
fn every_part_carries_its_message_and_the_last_one_ends_it() {
    let mut steps = online("A");
    steps.extend([say(0, "one\ntwo\nthree"), say(1, "four")]);
    let config = AccountConfig::default();
    let sent =
        sent(Opening { config: &config, secret: None, resume: None, entrusted: None, seed: 7 }, &steps);
    let carried: Vec<_> = sent
        .iter()
        .filter_map(|outgoing| Some((outgoing.carries.as_ref()?.as_str(), outgoing.more)))
        .collect();
    assert_eq!(carried, [("t0", true), ("t0", true), ("t0", false), ("t1", false)]);
}

#[test]
fn frames_that_hold_a_password_are_secret_and_no_others() {
    let fields = [("nick", "ann"), ("login", "pass")].map(|(id, value)| (id.to_owned(), value.to_owned()));
    let pass = AccountConfig {
        log_in: LogIn::Protocol { user: String::new() },
        fields: fields.into(),
        ..AccountConfig::default()
    };
    let sasl = AccountConfig { fields: [("nick".to_owned(), "ann".to_owned())].into(), ..pass.clone() };
    let secret = Secret("hunter2".to_owned());
    let words = |config: &AccountConfig, steps: &[Step]| {
        let opening = Opening { config, secret: Some(&secret), resume: None, entrusted: None, seed: 7 };
        let text = |frame: Frame| match frame {
            Frame::Text(text) => text,
            Frame::Binary(bytes) => String::from_utf8(bytes).unwrap(),
        };
        sent(opening, steps).into_iter().map(|out| (text(out.frame), out.secret)).collect::<Vec<_>>()
    };
    let mut steps = online("A");
    let join = |password: &str| {
        Step::Command(Command::Join { name: "#c".to_owned(), password: password.to_owned() })
    };
    steps.extend([join("hunter2"), join(""), say(0, "identify hunter2")]);
    let identify = Body::text("identify hunter2");
    let service = ConversationKey("nickserv".into());
    steps.push(Step::Command(Command::say(TxnId::parse("t1").unwrap(), service, identify)));
    let secrets: Vec<_> =
        words(&pass, &steps).into_iter().filter(|(_, secret)| *secret).map(|(text, _)| text).collect();
    assert_eq!(secrets, ["PASS hunter2", "JOIN #c hunter2", "PRIVMSG nickserv :identify hunter2"]);

    let log_in = ["CAP * LS :sasl=PLAIN", "CAP * ACK :sasl", "AUTHENTICATE +", "903 ann :ok"].map(frame);
    let steps: Vec<_> = std::iter::once(Step::Opened(None)).chain(log_in).collect();
    for (text, secret) in words(&sasl, &steps) {
        assert_eq!(secret, text.starts_with("AUTHENTICATE"), "{text}");
    }
}

proptest! {
    /// RFC 1459 §8.10, for any way of talking.
    #[test]
    fn no_server_is_flooded(waits in prop::collection::vec(0..6000_u64, 1..60)) {
        let mut steps = online("A");
        for (n, wait) in waits.iter().enumerate() {
            steps.push(say(n, "x"));
            // In steps of 100 ms, so that it shows when a line left.
            steps.extend((0..wait / 100).map(|_| Step::Pass(Duration::from_millis(100))));
        }
        let mut at = 0_u64;
        let mut sent = Vec::new();
        for line in played(&steps) {
            if line == "+100ms" {
                at += 100;
            } else if line.starts_with("> PRIVMSG") {
                sent.push(at);
            }
        }
        // Over any time, no more than five and one for every two seconds.
        for (first, from) in sent.iter().enumerate() {
            for (last, to) in sent.iter().enumerate().skip(first) {
                let most = 5 + (to - from + 100) / 2000;
                prop_assert!((last - first + 1) as u64 <= most, "{sent:?}");
            }
        }
    }

    /// A text of any length is one message: refused as a whole, or sent in parts of which the last one carries it.
    #[test]
    fn a_text_leaves_whole_or_not_at_all(text in "[a-z \n]{0,3000}") {
        let mut steps = online("SAFERATE");
        steps.push(say(0, &text));
        let lines = played(&steps);
        let said: String = lines.iter().filter_map(|line| line.strip_prefix("> PRIVMSG bob ")).collect();
        let letters = |text: &str| text.chars().filter(char::is_ascii_lowercase).collect::<String>();
        let refused = count(&lines, r#"! {"kind":"refused""#);
        prop_assert!(refused <= 1);
        prop_assert_eq!(letters(&said), if refused == 1 { String::new() } else { letters(&text) });
    }
}
