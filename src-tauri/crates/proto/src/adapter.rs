//! The contract between an adapter and the task that drives it.

use crate::Secret;
use domain::{Command, Event, Timestamp, TxnId};
use std::time::Instant;

/// A state machine for one session of one account.
pub trait Adapter: Send {
    /// Takes one input. Nothing leaves before [`Adapter::poll`].
    fn handle(&mut self, input: Input<'_>, now: Now);

    /// The next output; [`Output::Wait`] ends the drain.
    #[must_use]
    fn poll(&mut self) -> Output;
}

/// The time, as the driver sees it.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For deadlines; never runs backwards.
    pub mono: Instant,
    /// For stamps; may jump.
    pub wall: Timestamp,
}

/// What an adapter is told.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// The WebSocket is open. Comes first, once.
    Opened {
        /// The subprotocol that the server chose.
        subprotocol: Option<&'a str>,
    },
    /// A whole data message (RFC 6455 §5.6).
    Frame(&'a Frame),
    /// The user wants something.
    Command(Command),
    /// The first `upto` events of this session are on disk.
    Committed {
        /// How many.
        upto: u64,
    },
    /// The deadline of the last [`Output::Wait`] has passed.
    Timeout,
}

/// A WebSocket data message. Control frames never reach an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Opcode 1.
    Text(String),
    /// Opcode 2.
    Binary(Vec<u8>),
}

/// What an adapter answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send a frame.
    Send(Outgoing),
    /// The server told us something.
    Event(Event),
    /// Keep this for the next session of the account, in place of what was kept.
    Remember(Resume),
    /// Keep this among the secrets of the account, in place of what was kept; `None`: nothing any more. The next session is
    /// given it, after a restart of the program too, as long as there is a keyring.
    Entrust(Option<Secret>),
    /// This was sent, or will be: where what comes repeats it, in this session or a later one of this program, it is shown to
    /// nobody. The adapter itself sees to its events.
    Conceal(Secret),
    /// End the session.
    Close(Close),
    /// Nothing more for this input; wake me at this time at the latest.
    Wait(Option<Instant>),
}

/// A frame on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The frame.
    pub frame: Frame,
    /// The message that it carries, so that the link can say whether the server's end read it.
    pub carries: Option<TxnId>,
    /// Another frame of the same message follows, now or later: until the last one has left, the message has not.
    pub more: bool,
    /// It holds a password: shown to nobody, neither in the frame console nor in an export of it.
    pub secret: bool,
}

/// What an adapter wants its next session to know. Opaque to everyone else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume(pub String);

/// Why an adapter ends a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The WebSocket status code to send (RFC 6455 §7.4).
    pub code: u16,
    /// What the user reads.
    pub reason: domain::Reason,
}
