//! Lines on their way out, no faster than servers take them.
//!
//! A server kills who floods it. The rule of RFC 1459 §8.10 is what most still have: five lines at once, then one every two
//! seconds. What would come faster waits here, what the user says before what we ask by ourselves; an answer to a `PING`
//! and what a registration needs wait for nothing and do not count, since servers count them little or not at all. Where the
//! server says that it slows its clients down by itself (`SAFERATE`), or is a bouncer, which does that for its network, lines come as they come.

use super::line::{LINE_LEN, Line};
use super::secrecy::{MIN_COVERED, Secrets, holds_password};
use crate::{Close, Frame, Now, Outgoing, Output, Secret};
use domain::{Event, TxnId};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The most lines at once.
pub(super) const BURST: u32 = 5;

/// What each line costs.
pub(super) const EVERY: Duration = Duration::from_secs(2);

/// The most lines that wait: half an hour of them. What comes beyond is refused.
pub(super) const MAX_WAITING: usize = 900;

/// When a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// At once.
    Now,
    /// When the server can take it: somebody waits for it.
    Soon,
    /// When nothing else waits.
    Idle,
}

/// A line, and what hangs on it.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// The line.
    pub(super) line: Line,
    /// The message that it carries.
    pub(super) carries: Option<TxnId>,
    /// More lines of that message follow.
    pub(super) more: bool,
    /// It holds a password.
    pub(super) secret: bool,
    /// Who wants to know when it leaves.
    pub(super) ticket: Option<Ticket>,
}

/// Names a line that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// Frames that go together, most often one.
#[derive(Debug)]
struct Block {
    frames: Vec<Outgoing>,
    ticket: Option<Ticket>,
}

/// What goes out.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Empty between drains.
    ready: VecDeque<Output>,
    soon: VecDeque<Block>,
    idle: VecDeque<Block>,
    /// How many tickets were given out.
    tickets: u64,
    /// Those whose lines have left since [`Outbox::left`] was asked.
    left: Vec<Ticket>,
    /// Until when what was sent keeps the server busy.
    busy: Option<Instant>,
    /// The server slows us down by itself.
    unpaced: bool,
    /// Frames are binary.
    binary: bool,
    /// What must not be shown again.
    secrets: Secrets,
    /// `LINELEN`, once it is known.
    line_len: Option<usize>,
}

impl From<Line> for Letter {
    fn from(line: Line) -> Self {
        Self { line, carries: None, more: false, secret: false, ticket: None }
    }
}

impl Letter {
    /// A line that holds a password.
    pub(super) fn secret(line: Line) -> Self {
        Self { secret: true, ..Self::from(line) }
    }
}

impl Outbox {
    /// Frames are binary from here on.
    pub(super) fn use_binary(&mut self) {
        self.binary = true;
    }

    /// How the server takes lines.
    pub(super) fn suit(&mut self, line_len: usize, unpaced: bool) {
        self.line_len = Some(line_len);
        self.unpaced = unpaced;
    }

    /// The most bytes of a line, CR LF included.
    pub(super) fn line_len(&self) -> usize {
        self.line_len.unwrap_or(LINE_LEN)
    }

    /// Whether so many more lines may wait.
    pub(super) fn has_room(&self, lines: usize) -> bool {
        self.soon.len() + self.idle.len() + lines <= MAX_WAITING
    }

    /// Sends a line, or lets it wait. `false`: it cannot be written, or too much waits.
    #[must_use]
    pub(super) fn send(&mut self, letter: impl Into<Letter>, turn: Turn) -> bool {
        let letter = letter.into();
        let ticket = letter.ticket;
        let Some(outgoing) = self.written(letter) else { return false };
        match turn {
            Turn::Now => {
                self.ready.push_back(Output::Send(outgoing));
                true
            }
            Turn::Soon | Turn::Idle if !self.has_room(1) => false,
            Turn::Soon => {
                self.soon.push_back(Block { frames: vec![outgoing], ticket });
                true
            }
            Turn::Idle => {
                self.idle.push_back(Block { frames: vec![outgoing], ticket });
                true
            }
        }
    }

    /// Sends lines that a server takes as one, with nothing between them. `false`: as for [`Outbox::send`].
    #[must_use]
    pub(super) fn send_block(&mut self, letters: Vec<Letter>) -> bool {
        let ticket = letters.iter().find_map(|letter| letter.ticket);
        let frames: Option<Vec<_>> = letters.into_iter().map(|letter| self.written(letter)).collect();
        let Some(frames) = frames.filter(|_| self.has_room(1)) else { return false };
        self.soon.push_back(Block { frames, ticket });
        true
    }

    /// A ticket for a line.
    pub(super) fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// The lines with a ticket that have left since this was asked last.
    pub(super) fn left(&mut self) -> Vec<Ticket> {
        std::mem::take(&mut self.left)
    }

    /// What waits of a message does not leave any more.
    pub(super) fn withhold(&mut self, txn: &TxnId) {
        let carries = |block: &Block| block.frames.iter().any(|frame| frame.carries.as_ref() == Some(txn));
        self.soon.retain(|block| !carries(block));
    }

    /// Whether lines wait.
    pub(super) fn is_busy(&self) -> bool {
        !self.soon.is_empty() || !self.idle.is_empty()
    }

    /// Tells an event.
    pub(super) fn event(&mut self, event: Event) {
        let event = self.secrets.cover(event);
        self.ready.push_back(Output::Event(event));
    }

    /// Tells anything else.
    pub(super) fn output(&mut self, output: Output) {
        self.ready.push_back(output);
    }

    /// Ends the session; what waits does not leave any more.
    pub(super) fn close(&mut self, close: Close) {
        self.soon.clear();
        self.idle.clear();
        let Close { code, reason } = close;
        self.ready.push_back(Output::Close(Close { code, reason: self.secrets.cover_reason(reason) }));
    }

    /// Lets go what the server can take by now.
    pub(super) fn flow(&mut self, now: Now) {
        while self.opens(now.mono).is_none_or(|opens| opens <= now.mono) {
            let Some(block) = self.soon.pop_front().or_else(|| self.idle.pop_front()) else { return };
            self.spend(now);
            self.left.extend(block.ticket);
            self.ready.extend(block.frames.into_iter().map(Output::Send));
        }
    }

    /// The next output.
    pub(super) fn poll(&mut self) -> Option<Output> {
        self.ready.pop_front()
    }

    /// When the next line that waits can go.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.soon.is_empty() && self.idle.is_empty() { None } else { self.busy.map(opening) }
    }

    /// When a line can go; `None`: at once.
    fn opens(&self, now: Instant) -> Option<Instant> {
        self.busy.filter(|_| !self.unpaced).map(opening).filter(|opens| *opens > now)
    }

    fn written(&mut self, letter: Letter) -> Option<Outgoing> {
        let text = letter.line.format(self.line_len()).ok()?;
        let frame = if self.binary { Frame::Binary(text.into_bytes()) } else { Frame::Text(text) };
        let Letter { line, carries, more, secret, ticket: _ } = letter;
        let secret = secret || holds_password(&line);
        if secret {
            self.learn(&line);
        }
        Some(Outgoing { frame, carries, more, secret })
    }

    /// Keeps the passwords of a line in mind, and has them covered wherever the server repeats them.
    pub(super) fn learn(&mut self, line: &Line) {
        let news = self.secrets.learn(line);
        self.ready.extend(news.into_iter().map(Output::Conceal));
    }

    /// Has a key of a room covered, which is no password that anybody repeats in words.
    pub(super) fn conceal(&mut self, key: &str) {
        if key.len() >= MIN_COVERED {
            self.ready.push_back(Output::Conceal(Secret(key.to_owned())));
        }
    }

    fn spend(&mut self, now: Now) {
        let from = self.busy.map_or(now.mono, |busy| busy.max(now.mono));
        self.busy = Some(from + EVERY);
    }
}

/// When a server that is busy until then takes another line.
fn opening(busy: Instant) -> Instant {
    busy.checked_sub(EVERY * (BURST - 1)).unwrap_or(busy)
}
