//! How much of what goes out waits, and for how long: what a transcript would be too long for.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

use domain::{AccountConfig, Body, Command, ConversationKey, TxnId};
use proptest::prelude::*;
use proto::irc::IRC;
use proto::transcript::{Step, replay};
use proto::{Frame, Opening, Protocol};
use std::time::Duration;

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
    let opening = Opening { config: &AccountConfig::default(), secret: None, resume: None, seed: 7 };
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
