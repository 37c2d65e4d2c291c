//! Which messages a Pong proves. Pure.
//!
//! A plain socket acknowledges nothing, but RFC 6455 §5.5.3 does: the answer to a Ping that was sent after a frame
//! proves that the peer's WebSocket end read that frame, since frames are read in order. One Ping at a time is
//! outstanding, and the next goes out when it is answered and something unproven was written meanwhile; only where the
//! answer is late on a line that lives is another sent behind it, and then either answer counts.
//!
//! A server that is found to answer no Pings proves nothing, until it answers one. There a message counts as arrived once it was written as
//! long ago as a Pong may take, in a session that still lives: whatever breaks a line is mostly heard of by then.

use domain::TxnId;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// What starts the payload of our Pings, so that they are told from a stray Pong (RFC 6455 §5.5.3 allows those).
const MARK: &[u8; 4] = b"wnch";

/// How many messages may be written and unproven before no more are taken. A line that takes everything and answers
/// nothing is found dead within seconds; this bounds what it can make uncertain.
pub(crate) const MAX_UNPROVEN: usize = 1024;

/// How many Pings may be outstanding; beyond it the oldest is forgotten, and what it covers is covered by the next.
const MAX_OUTSTANDING: usize = 8;

/// Written messages on their way to proof.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// Written, in order, and not proven, and since when.
    written: VecDeque<(TxnId, Instant)>,
    /// The outstanding Pings, oldest first: the number of each, and how many of the messages were written before it.
    outstanding: VecDeque<(u64, usize)>,
    /// The number of the last Ping.
    last: u64,
    /// What the server was found to do with Pings.
    pongs: Pongs,
}

/// What the server does with Pings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pongs {
    /// Answers them, as it must.
    #[default]
    Expected,
    /// Sends, but answers none so far. Until one is answered, time counts ([`Proof::aged`]).
    None,
}

impl Proof {
    /// A message's frame has left whole at `now`.
    pub(crate) fn wrote(&mut self, txn: TxnId, now: Instant) {
        self.written.push_back((txn, now));
    }

    /// Whether a Ping would prove something that no outstanding one can.
    pub(crate) fn wants_ping(&self) -> bool {
        self.pongs == Pongs::Expected && self.outstanding.is_empty() && !self.written.is_empty()
    }

    /// How many messages are written and unproven.
    pub(crate) fn unproven(&self) -> usize {
        self.written.len()
    }

    /// What is written and unproven, in order.
    pub(crate) fn into_written(self) -> Vec<TxnId> {
        self.written.into_iter().map(|(txn, _)| txn).collect()
    }

    /// The payload of a new Ping, which covers all that was written so far.
    pub(crate) fn ping(&mut self) -> Vec<u8> {
        self.last = self.last.wrapping_add(1);
        if self.outstanding.len() == MAX_OUTSTANDING {
            self.outstanding.pop_front();
        }
        self.outstanding.push_back((self.last, self.written.len()));
        payload(self.last)
    }

    /// A Pong came. `None`: it answers none of our outstanding Pings; otherwise what it proves, oldest first. An answer
    /// to a later Ping answers the earlier ones too (RFC 6455 §5.5.3).
    pub(crate) fn pong(&mut self, bytes: &[u8]) -> Option<Vec<TxnId>> {
        let at = self.outstanding.iter().position(|(number, _)| payload(*number) == bytes)?;
        let (_, covered) = self.outstanding.drain(..=at).next_back()?;
        self.pongs = Pongs::Expected;
        Some(self.take(covered.min(self.written.len())))
    }

    /// The server lives and answers no Pings: nothing is asked for any more, and what was asked may be answered late.
    pub(crate) fn give_up(&mut self) {
        self.pongs = Pongs::None;
    }

    /// What was written `limit` ago or earlier, to a server that answers no Pings, in a session that lives at `now`.
    /// A weaker claim than a Pong's.
    pub(crate) fn aged(&mut self, now: Instant, limit: Duration) -> Vec<TxnId> {
        match self.pongs {
            Pongs::Expected => Vec::new(),
            Pongs::None => {
                let aged = self.written.iter().take_while(|(_, at)| *at + limit <= now).count();
                self.take(aged)
            }
        }
    }

    /// When [`Self::aged`] has something to give.
    pub(crate) fn due(&self, limit: Duration) -> Option<Instant> {
        match self.pongs {
            Pongs::Expected => None,
            Pongs::None => self.written.front().map(|(_, at)| *at + limit),
        }
    }

    /// For `time` before `now` nobody listened to the socket, so that the session seemed to live says nothing.
    pub(crate) fn was_deaf(&mut self, time: Duration, now: Instant) {
        for (_, at) in &mut self.written {
            *at = (*at + time).min(now);
        }
    }

    /// The server closed with the code of our Close frame. One that answers no Pings is believed to have answered it, and
    /// to have read all before it: a weaker claim than a Pong's.
    pub(crate) fn closed(&mut self) -> Vec<TxnId> {
        match self.pongs {
            Pongs::Expected => Vec::new(),
            Pongs::None => self.take(self.written.len()),
        }
    }

    fn take(&mut self, count: usize) -> Vec<TxnId> {
        for (_, covered) in &mut self.outstanding {
            *covered = covered.saturating_sub(count);
        }
        self.written.drain(..count).map(|(txn, _)| txn).collect()
    }
}

fn payload(number: u64) -> Vec<u8> {
    [MARK.as_slice(), &number.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn txn(n: usize) -> TxnId {
        TxnId::parse(format!("t{n}")).unwrap()
    }

    #[test]
    fn a_pong_proves_what_was_written_before_its_ping_and_no_more() {
        let (mut proof, start) = (Proof::default(), Instant::now());
        proof.wrote(txn(1), start);
        let ping = proof.ping();
        proof.wrote(txn(2), start);
        assert!(!proof.wants_ping(), "one Ping is outstanding");
        assert_eq!(proof.pong(&ping), Some(vec![txn(1)]));
        assert!(proof.wants_ping());
        assert_eq!(proof.pong(&ping), None, "a Pong counts once");
    }

    #[test]
    fn a_stray_pong_proves_nothing() {
        let (mut proof, start) = (Proof::default(), Instant::now());
        proof.wrote(txn(1), start);
        assert_eq!(proof.pong(b""), None);
        let ping = proof.ping();
        assert_eq!(proof.pong(&ping), Some(vec![txn(1)]));
        assert_eq!(proof.pong(&ping), None);
    }

    #[test]
    fn each_of_several_pings_proves_its_own_and_a_later_one_the_earlier() {
        let (mut proof, start) = (Proof::default(), Instant::now());
        proof.wrote(txn(1), start);
        let first = proof.ping();
        proof.wrote(txn(2), start);
        let second = proof.ping();
        proof.wrote(txn(3), start);
        let third = proof.ping();
        assert_eq!(proof.pong(&first), Some(vec![txn(1)]), "late, and still an answer");
        assert_eq!(proof.pong(&third), Some(vec![txn(2), txn(3)]));
        assert_eq!(proof.pong(&second), None, "answered by the later one");
    }

    #[test]
    fn what_a_forgotten_ping_covers_is_covered_by_the_next() {
        let (mut proof, start) = (Proof::default(), Instant::now());
        proof.wrote(txn(1), start);
        let pings: Vec<_> = (0..=MAX_OUTSTANDING).map(|_| proof.ping()).collect();
        assert_eq!(proof.pong(&pings[0]), None);
        assert_eq!(proof.pong(&pings[1]), Some(vec![txn(1)]));
    }

    #[test]
    fn a_server_without_pongs_is_believed_after_the_limit_and_not_before() {
        const LIMIT: Duration = Duration::from_secs(20);
        let second = Duration::from_secs(1);
        let (mut proof, start) = (Proof::default(), Instant::now());
        proof.wrote(txn(1), start);
        assert_eq!(proof.due(LIMIT), None);
        assert_eq!(proof.aged(start + LIMIT * 9, LIMIT), [], "time is no proof where Pongs are expected");
        let _ = proof.ping();
        proof.wrote(txn(2), start + second);
        proof.give_up();
        assert!(!proof.wants_ping());
        assert_eq!(proof.due(LIMIT), Some(start + LIMIT));
        assert_eq!(proof.aged(start + LIMIT - second, LIMIT), []);
        assert_eq!(proof.aged(start + LIMIT, LIMIT), [txn(1)]);
        assert_eq!(proof.due(LIMIT), Some(start + LIMIT + second));
        assert_eq!(proof.aged(start + LIMIT + second, LIMIT), [txn(2)]);
        assert_eq!(proof.due(LIMIT), None);
    }

    #[test]
    fn a_server_that_answers_after_all_is_believed_no_sooner_than_it_answers() {
        const LIMIT: Duration = Duration::from_secs(20);
        let (mut proof, start) = (Proof::default(), Instant::now());
        proof.wrote(txn(1), start);
        let ping = proof.ping();
        proof.wrote(txn(2), start);
        proof.give_up();
        assert_eq!(proof.pong(&ping), Some(vec![txn(1)]));
        assert!(proof.wants_ping());
        assert_eq!(proof.due(LIMIT), None);
        assert_eq!(proof.aged(start + LIMIT * 9, LIMIT), []);
    }

    #[test]
    fn while_we_do_not_listen_nothing_ages() {
        const LIMIT: Duration = Duration::from_secs(20);
        let (mut proof, start) = (Proof::default(), Instant::now());
        proof.give_up();
        proof.wrote(txn(1), start);
        proof.wrote(txn(2), start + LIMIT * 2);
        proof.was_deaf(LIMIT * 2, start + LIMIT * 3);
        assert_eq!(proof.due(LIMIT), Some(start + LIMIT * 3));
        assert_eq!(proof.aged(start + LIMIT * 3, LIMIT), [txn(1)]);
        assert_eq!(proof.due(LIMIT), Some(start + LIMIT * 4), "no message was written later than now");
    }

    #[test]
    fn a_late_pong_proves_no_more_than_its_ping_covers() {
        const LIMIT: Duration = Duration::from_secs(20);
        let (mut proof, start) = (Proof::default(), Instant::now());
        proof.give_up();
        proof.wrote(txn(1), start);
        let ping = proof.ping();
        proof.wrote(txn(2), start);
        proof.wrote(txn(3), start + LIMIT);
        assert_eq!(proof.aged(start + LIMIT, LIMIT), [txn(1), txn(2)]);
        assert_eq!(proof.pong(&ping), Some(vec![]));
        assert_eq!(proof.into_written(), [txn(3)]);
    }

    #[test]
    fn a_close_is_an_answer_only_where_there_are_no_pongs() {
        let (mut proof, start) = (Proof::default(), Instant::now());
        proof.wrote(txn(1), start);
        let ping = proof.ping();
        proof.wrote(txn(2), start);
        assert_eq!(proof.closed(), [], "it may have crossed ours");
        assert_eq!(proof.pong(&ping), Some(vec![txn(1)]));
        proof.give_up();
        assert_eq!(proof.closed(), [txn(2)]);
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Write,
        Ping,
        Pong,
    }

    proptest! {
        /// Whatever the order of things, each message is proven at most once, in order, and never before a Ping that
        /// followed it was answered.
        #[test]
        fn nothing_is_proven_early_or_twice(
            steps in proptest::collection::vec(prop_oneof![Just(Step::Write), Just(Step::Ping), Just(Step::Pong)], 0..200),
        ) {
            let (mut proof, start) = (Proof::default(), Instant::now());
            let (mut written, mut pinged_at, mut ping) = (0_usize, 0_usize, None);
            let mut proven = Vec::new();
            for step in steps {
                match step {
                    Step::Write => { proof.wrote(txn(written), start); written += 1; }
                    Step::Ping => { ping = Some(proof.ping()); pinged_at = written; }
                    Step::Pong => if let Some(bytes) = ping.take() {
                        proven.extend(proof.pong(&bytes).unwrap_or_default());
                        prop_assert_eq!(proven.len(), pinged_at);
                    }
                }
            }
            let expected: Vec<TxnId> = (0..proven.len()).map(txn).collect();
            prop_assert_eq!(proven, expected);
        }
    }
}
