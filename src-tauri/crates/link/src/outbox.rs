//! Frames on their way out, and what is known of the messages that they carry.
//!
//! A message goes through *taken* (handed to the adapter), *queued* (its frame waits), *leaving* (its frame was given to
//! the socket, perhaps in part) and *written* (kept by [`Proof`]). Up to *queued*, and while the socket has taken no
//! byte of it, it is surely unsent.

use crate::proof::{MAX_UNPROVEN, Proof};
use domain::{Command, TxnId};
use proto::{Frame, Outgoing};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

/// How many frames may wait before no more commands are taken.
const MAX_FOR_COMMANDS: usize = 64;

/// How many frames may wait before no more frames are read: answers of the adapter to a peer that takes none of them.
/// A peer that sends while it reads nothing at this bound is found dead by the pulse.
const MAX_FOR_FRAMES: usize = 1024;

/// How many messages may be with the adapter at a time.
const MAX_TAKEN: usize = 64;

/// After this many written messages a Ping goes between the frames, so that proof does not wait for a pause.
const PROVE_EVERY: usize = 32;

/// Frames on their way out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    taken: Vec<TxnId>,
    /// A frame of these has left, and not the last one.
    begun: Vec<TxnId>,
    queue: VecDeque<Outgoing>,
    leaving: Option<Leaving>,
    /// A Ping was asked for, whatever there is to prove.
    ping_wanted: bool,
    /// The least time between two Pings, and when the last one went out.
    ping_pause: Duration,
    pinged: Option<Instant>,
    /// What becomes of the written ones.
    pub(crate) proof: Proof,
}

/// The frame that the socket was given last.
#[derive(Debug)]
struct Leaving {
    txn: Option<TxnId>,
    more: bool,
    begun: Begun,
    /// What the socket had taken before it.
    before: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    No,
    Yes,
}

/// What is to be written next.
#[derive(Debug)]
pub(crate) enum Next {
    /// A message, or what else the adapter sends.
    Data(Message),
    /// The same, and nobody may be shown what is in it.
    Secret(Message),
    /// Our Ping.
    Ping(Message),
}

impl Outbox {
    /// A command goes to the adapter.
    pub(crate) fn take(&mut self, command: &Command) {
        self.taken.extend(command.txn().cloned());
    }

    /// An event said what became of a message. Frames of it that are still here prove nothing any more.
    pub(crate) fn settle(&mut self, txn: &TxnId) {
        self.taken.retain(|taken| taken != txn);
        self.begun.retain(|begun| begun != txn);
        let waiting = self.queue.iter_mut().map(|out| &mut out.carries);
        let leaving = self.leaving.iter_mut().map(|leaving| &mut leaving.txn);
        for carries in waiting.chain(leaving).filter(|carries| carries.as_ref() == Some(txn)) {
            *carries = None;
        }
    }

    /// The adapter sends a frame.
    pub(crate) fn push(&mut self, outgoing: Outgoing) {
        if let Some(txn) = &outgoing.carries {
            self.taken.retain(|taken| taken != txn);
        }
        self.queue.push_back(outgoing);
    }

    /// Asks for a Ping, after what waits.
    pub(crate) fn want_ping(&mut self) {
        self.ping_wanted = true;
    }

    /// Whether another command may be taken.
    pub(crate) fn takes_commands(&self) -> bool {
        self.queue.len() < MAX_FOR_COMMANDS
            && self.taken.len() + self.begun.len() < MAX_TAKEN
            && self.proof.unproven() < MAX_UNPROVEN
    }

    /// Whether another frame may be read.
    pub(crate) fn takes_frames(&self) -> bool {
        self.queue.len() < MAX_FOR_FRAMES
    }

    /// The Pings of a session with this pause between them.
    pub(crate) fn pausing(pause: Duration) -> Self {
        Self { ping_pause: pause, ..Self::default() }
    }

    /// When the next Ping may go out; `None`: at once.
    pub(crate) fn ping_from(&self) -> Option<Instant> {
        self.pinged.map(|pinged| pinged + self.ping_pause)
    }

    /// When a Ping goes out that waits for its time.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.ping_from().filter(|_| self.wants_ping())
    }

    fn wants_ping(&self) -> bool {
        let proving =
            self.proof.wants_ping() && (self.queue.is_empty() || self.proof.unproven() >= PROVE_EVERY);
        proving || (self.ping_wanted && self.queue.is_empty())
    }

    /// The next frame at `now`, for a socket that has taken `written` bytes so far and holds back nothing.
    pub(crate) fn next(&mut self, written: u64, now: Instant) -> Option<Next> {
        if self.wants_ping() && self.ping_from().is_none_or(|from| now >= from) {
            self.ping_wanted = false;
            self.pinged = Some(now);
            return Some(Next::Ping(Message::Ping(self.proof.ping().into())));
        }
        let Outgoing { frame, carries, more, secret } = self.queue.pop_front()?;
        self.leaving = Some(Leaving { txn: carries, more, begun: Begun::No, before: written });
        let message = match frame {
            Frame::Text(text) => Message::text(text),
            Frame::Binary(bytes) => Message::binary(bytes),
        };
        Some(if secret { Next::Secret(message) } else { Next::Data(message) })
    }

    /// The socket has taken `written` bytes in all.
    pub(crate) fn progress(&mut self, written: u64) {
        if let Some(leaving) = &mut self.leaving
            && written > leaving.before
        {
            leaving.begun = Begun::Yes;
        }
    }

    /// The socket holds back nothing at `now`: the leaving frame has left.
    pub(crate) fn cleared(&mut self, now: Instant) {
        let Some(Leaving { txn: Some(txn), more, .. }) = self.leaving.take() else { return };
        self.begun.retain(|begun| *begun != txn);
        if more {
            self.begun.push(txn);
        } else {
            self.proof.wrote(txn, now);
        }
    }

    /// The session is over: what is known of the messages whose fate was not reported. Empties the outbox.
    pub(crate) fn close(&mut self) -> Rest {
        let Self { taken, begun, queue, leaving, proof, .. } = std::mem::take(self);
        let (gone, kept) = match leaving {
            Some(Leaving { txn, begun: Begun::Yes, .. }) => (txn, None),
            Some(Leaving { txn, begun: Begun::No, .. }) => (None, txn),
            None => (None, None),
        };
        let mut unproven = proof.into_written();
        for txn in begun.into_iter().chain(gone) {
            if !unproven.contains(&txn) {
                unproven.push(txn);
            }
        }
        let mut unsent: Vec<TxnId> = Vec::new();
        for txn in kept.into_iter().chain(queue.into_iter().filter_map(|out| out.carries)).chain(taken) {
            // A message of several frames of which one has left is not unsent.
            if !unproven.contains(&txn) && !unsent.contains(&txn) {
                unsent.push(txn);
            }
        }
        Rest { unsent, unproven }
    }
}

/// What a session leaves open.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Not one byte of these was given to the socket. In order.
    pub(crate) unsent: Vec<TxnId>,
    /// Given to the socket, at least in part, and not proven to have arrived.
    pub(crate) unproven: Vec<TxnId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Body, ConversationKey};

    fn txn(n: u32) -> TxnId {
        TxnId::parse(format!("t{n}")).unwrap()
    }

    fn command(n: u32) -> Command {
        Command::say(txn(n), ConversationKey("c".into()), Body::text("x"))
    }

    fn carrying(n: u32) -> Outgoing {
        Outgoing { frame: Frame::Text("x".into()), carries: Some(txn(n)), more: false, secret: false }
    }

    #[test]
    fn what_was_not_given_to_the_socket_is_unsent() {
        let mut outbox = Outbox::default();
        for n in 1..=4 {
            outbox.take(&command(n));
        }
        outbox.push(carrying(1));
        outbox.push(carrying(2));
        assert!(matches!(outbox.next(100, Instant::now()), Some(Next::Data(_))));
        outbox.progress(100);
        outbox.settle(&txn(4));
        let rest = outbox.close();
        assert_eq!(rest.unsent, [txn(1), txn(2), txn(3)], "1 was refused by a full socket; 4 is settled");
        assert_eq!(rest.unproven, []);
    }

    #[test]
    fn a_frame_of_which_one_byte_left_is_not_unsent() {
        let mut outbox = Outbox::default();
        outbox.push(carrying(1));
        outbox.push(carrying(2));
        let _ = outbox.next(100, Instant::now());
        outbox.progress(101);
        assert_eq!(outbox.close(), Rest { unsent: vec![txn(2)], unproven: vec![txn(1)] });
    }

    #[test]
    fn a_message_of_two_frames_is_not_unsent_once_the_first_left() {
        let mut outbox = Outbox::default();
        outbox.push(carrying(1));
        outbox.push(carrying(1));
        let _ = outbox.next(0, Instant::now());
        outbox.cleared(Instant::now());
        assert_eq!(outbox.close(), Rest { unsent: vec![], unproven: vec![txn(1)] });
    }

    #[test]
    fn the_first_of_several_frames_proves_nothing_of_the_message() {
        let first = || Outgoing { more: true, ..carrying(1) };
        let mut outbox = Outbox::default();
        outbox.take(&command(1));
        outbox.push(first());
        let _ = outbox.next(0, Instant::now());
        outbox.cleared(Instant::now());
        assert!(outbox.next(0, Instant::now()).is_none(), "there is nothing to be proven yet");
        assert_eq!(outbox.close(), Rest { unsent: vec![], unproven: vec![txn(1)] });

        outbox.push(first());
        outbox.push(carrying(1));
        for _ in 0..2 {
            let _ = outbox.next(0, Instant::now());
            outbox.cleared(Instant::now());
        }
        let Some(Next::Ping(Message::Ping(bytes))) = outbox.next(0, Instant::now()) else {
            panic!("no Ping")
        };
        assert_eq!(outbox.proof.pong(&bytes), Some(vec![txn(1)]));
        assert_eq!(outbox.close(), Rest::default());

        outbox.push(first());
        let _ = outbox.next(0, Instant::now());
        outbox.cleared(Instant::now());
        outbox.settle(&txn(1));
        assert_eq!(outbox.close(), Rest::default(), "the server has refused it");
    }

    #[test]
    fn what_is_settled_is_not_begun_by_frames_of_it_that_leave_later() {
        let first = || Outgoing { more: true, ..carrying(1) };
        let mut outbox = Outbox::default();
        outbox.push(first());
        outbox.push(first());
        let _ = outbox.next(0, Instant::now());
        outbox.settle(&txn(1));
        outbox.cleared(Instant::now());
        assert!(matches!(outbox.next(0, Instant::now()), Some(Next::Data(_))));
        outbox.cleared(Instant::now());
        assert_eq!(outbox.close(), Rest::default(), "it was refused, and its last frame never comes");
    }

    #[test]
    fn a_ping_follows_what_it_is_to_prove() {
        let mut outbox = Outbox::default();
        outbox.push(carrying(1));
        outbox.push(carrying(2));
        for _ in 0..2 {
            assert!(matches!(outbox.next(0, Instant::now()), Some(Next::Data(_))));
            outbox.cleared(Instant::now());
        }
        let Some(Next::Ping(Message::Ping(bytes))) = outbox.next(0, Instant::now()) else {
            panic!("no Ping")
        };
        assert!(outbox.next(0, Instant::now()).is_none(), "one Ping is outstanding");
        assert_eq!(outbox.proof.pong(&bytes), Some(vec![txn(1), txn(2)]));
    }

    #[test]
    fn proof_does_not_wait_for_a_pause() {
        let mut outbox = Outbox::default();
        for n in 0..100 {
            outbox.push(carrying(n));
        }
        let first = (0..100).position(|_| {
            let ping = matches!(outbox.next(0, Instant::now()), Some(Next::Ping(_)));
            outbox.cleared(Instant::now());
            ping
        });
        assert_eq!(first, Some(PROVE_EVERY));
    }
}
