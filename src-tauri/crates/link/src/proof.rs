//! Which messages a Pong proves. Pure.
//!
//! A plain socket acknowledges nothing, but RFC 6455 §5.5.3 does: the answer to a Ping that was sent after a frame
//! proves that the peer's WebSocket end read that frame, since frames are read in order. At most one Ping is
//! outstanding; the next goes out when it is answered and something unproven was written meanwhile.

use domain::TxnId;
use std::collections::VecDeque;

/// What starts the payload of our Pings, so that they are told from a stray Pong (RFC 6455 §5.5.3 allows those).
const MARK: &[u8; 4] = b"wnch";

/// How many messages may be written and unproven before no more are taken. A line that takes everything and answers
/// nothing is found dead within seconds; this bounds what it can make uncertain.
pub(crate) const MAX_UNPROVEN: usize = 1024;

/// Written messages on their way to proof.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// Written, in order, and not proven.
    written: VecDeque<TxnId>,
    /// How many of them were written before the outstanding Ping.
    covered: usize,
    /// The number of the outstanding Ping.
    outstanding: Option<u64>,
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
    /// Sends, but answers none. From then on anything that comes counts for what was written before it.
    Never,
}

impl Proof {
    /// A message's frame left whole.
    pub(crate) fn wrote(&mut self, txn: TxnId) {
        self.written.push_back(txn);
    }

    /// Whether a Ping would prove something that no outstanding one can.
    pub(crate) fn wants_ping(&self) -> bool {
        self.pongs == Pongs::Expected && self.outstanding.is_none() && !self.written.is_empty()
    }

    /// How many messages are written and unproven.
    pub(crate) fn unproven(&self) -> usize {
        self.written.len()
    }

    /// What is written and unproven, in order.
    pub(crate) fn into_written(self) -> Vec<TxnId> {
        self.written.into()
    }

    /// The payload of a new Ping, which covers all that was written so far and takes the place of an outstanding one.
    pub(crate) fn ping(&mut self) -> Vec<u8> {
        self.last = self.last.wrapping_add(1);
        self.outstanding = Some(self.last);
        self.covered = self.written.len();
        payload(self.last)
    }

    /// A Pong came. `None`: it answers none of our outstanding Pings; otherwise what it proves, oldest first.
    pub(crate) fn pong(&mut self, bytes: &[u8]) -> Option<Vec<TxnId>> {
        if payload(self.outstanding?) != bytes {
            return None;
        }
        self.outstanding = None;
        let covered = std::mem::take(&mut self.covered).min(self.written.len());
        Some(self.written.drain(..covered).collect())
    }

    /// The server lives and answers no Pings: stops asking. What the unanswered Ping covers counts as read, which is a
    /// weaker claim than a Pong's.
    pub(crate) fn give_up(&mut self) -> Vec<TxnId> {
        self.pongs = Pongs::Never;
        self.outstanding = None;
        let covered = std::mem::take(&mut self.covered).min(self.written.len());
        self.written.drain(..covered).collect()
    }

    /// Something came from the server. Proves nothing unless the server was found to answer no Pings.
    pub(crate) fn heard(&mut self) -> Vec<TxnId> {
        match self.pongs {
            Pongs::Expected => Vec::new(),
            Pongs::Never => self.written.drain(..).collect(),
        }
    }

    /// The server answered our Close frame, the last that we wrote: it read all before it.
    pub(crate) fn close_answered(&mut self) -> Vec<TxnId> {
        self.outstanding = None;
        self.covered = 0;
        self.written.drain(..).collect()
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
        let mut proof = Proof::default();
        proof.wrote(txn(1));
        let ping = proof.ping();
        proof.wrote(txn(2));
        assert!(!proof.wants_ping(), "one Ping is outstanding");
        assert_eq!(proof.pong(&ping), Some(vec![txn(1)]));
        assert!(proof.wants_ping());
        assert_eq!(proof.pong(&ping), None, "a Pong counts once");
    }

    #[test]
    fn a_stray_pong_proves_nothing() {
        let mut proof = Proof::default();
        proof.wrote(txn(1));
        assert_eq!(proof.pong(b""), None);
        let first = proof.ping();
        let second = proof.ping();
        assert_eq!(proof.pong(&first), None, "its Ping was replaced");
        assert_eq!(proof.pong(&second), Some(vec![txn(1)]));
    }

    #[test]
    fn a_server_without_pongs_proves_by_living() {
        let mut proof = Proof::default();
        proof.wrote(txn(1));
        assert_eq!(proof.heard(), [], "data is no proof where Pongs are expected");
        let _ = proof.ping();
        proof.wrote(txn(2));
        assert_eq!(proof.give_up(), [txn(1)]);
        assert!(!proof.wants_ping());
        assert_eq!(proof.heard(), [txn(2)]);
    }

    #[test]
    fn the_answer_to_our_close_proves_all() {
        let mut proof = Proof::default();
        proof.wrote(txn(1));
        let ping = proof.ping();
        proof.wrote(txn(2));
        assert_eq!(proof.close_answered(), [txn(1), txn(2)]);
        assert_eq!(proof.pong(&ping), None);
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
            let mut proof = Proof::default();
            let (mut written, mut pinged_at, mut ping) = (0_usize, 0_usize, None);
            let mut proven = Vec::new();
            for step in steps {
                match step {
                    Step::Write => { proof.wrote(txn(written)); written += 1; }
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
