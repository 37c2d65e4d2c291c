//! What goes in and out: the order to run an account, and the reports that come back.

use domain::{AccountConfig, AccountId, Attempt, Event, Reason, Status, Timestamp, TxnId};
use proto::Resume;

/// The order to run an account.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Whose it is.
    pub account: AccountId,
    /// How to reach the server.
    pub config: AccountConfig,
    /// What the last session wanted remembered.
    pub resume: Option<Resume>,
    /// The caller's number of this order; comes back in every [`Batch`], so that a late word of an older order is known
    /// as such.
    pub run: u64,
}

/// Reports of one account and one session, in the order in which things happened. At most 256, with at
/// most 4 MiB of text unless it is a single report.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Whose they are.
    pub account: AccountId,
    /// Of which [`Spec`].
    pub run: u64,
    /// The session that they belong to, or the last one before them; 0: there was none yet. A number is given once in
    /// the life of a `Supervisor`, and grows.
    pub session: u64,
    /// What happened. Never empty.
    pub reports: Vec<Report>,
}

/// One thing that happened to an account.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// What is true of the connection from here on. Every change; of the round-trip time at most one a second.
    Status(Status),
    /// A try to reach the server, as far as it has come. The newest word of a try, which its beginning names, wins.
    Attempt(Box<Attempt>),
    /// What the adapter made of the server's words.
    Event {
        /// 1, 2, 3… in each session.
        n: u64,
        /// The event.
        event: Event,
    },
    /// Keep this for the next session, in place of what was kept.
    Remember(Resume),
    /// The server's WebSocket end has read these messages: it answered a Ping that followed them, or the Close frame
    /// that followed them. In a session whose server was found to send but to answer no Pings, the claim is weaker: they
    /// were written as long ago as a Pong may take (`Timing::pong`), the session still lives, and its socket takes what
    /// is written.
    Arrived(Vec<TxnId>),
    /// The session is over. Every message that was handed to it, and of which no `Arrived` and no event told, is in one
    /// of the two lists.
    Ended {
        /// Why.
        reason: Reason,
        /// How far it came.
        reach: Reach,
        /// When the server's last byte came, or the end of its bytes: what it said later is not here. By the wall clock, which
        /// may have been set since.
        heard: Timestamp,
        /// Not one byte of these was given to the socket: they can safely be sent again.
        unsent: Vec<TxnId>,
        /// These were given to the socket, at least in part. They may or may not have arrived; nobody can know.
        unproven: Vec<TxnId>,
    },
    /// These commands met no session, or not the one that they were meant for. Not one byte of them was given to a socket.
    Returned {
        /// In the order in which they were sent.
        unsent: Vec<TxnId>,
    },
}

/// How far a session came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The WebSocket was open; the log-in was not done.
    Opened,
    /// `Event::Online` was emitted.
    Online,
}

/// The account's queue of commands is full, or the account is not running. The command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the account takes no more commands at the moment")]
pub struct Busy;
