//! Turns what a server sends under permessage-deflate into plain frames (RFC 7692 §7.2.2).
//!
//! A compressed message comes out as whole frames of at most [`CHUNK`] bytes, as fast as the reader takes them: what it
//! expands to is never held, and the reader's own limit on a message ends a bomb. Everything else passes unchanged. So
//! does what breaks RFC 6455 or 7692 §6 (a reserved bit where none may be, a mask, a control frame that is compressed):
//! the library above refuses it.

use super::TAIL;
use flate2::{Decompress, FlushDecompress, Status};
use std::collections::VecDeque;

/// The most bytes of one frame that comes out of a compressed message; the usual line of chat is one frame.
const CHUNK: usize = 16 * 1024;

/// The longest head: two bytes, eight of length, four of mask (RFC 6455 §5.2).
const HEAD: usize = 14;

/// What is remembered of messages that the reader has not come to, at most. Far more than one read holds in practice;
/// beyond it the console calls a message plain.
const REMEMBERED: usize = 4096;

const FIN: u8 = 0x80;
const RSV1: u8 = 0x40;
const OTHER_RSV: u8 = 0x30;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;

/// The compressed bytes are none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a compressed message is broken: {0}")]
pub(crate) struct Corrupt(String);

/// How a message came, for the reader to know when it gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// As it is.
    Plain,
    /// Compressed.
    Deflated,
}

/// The server's side of a session.
pub(crate) struct Inflow {
    inflate: Decompress,
    state: State,
    /// The compressed message that is on its way.
    message: Option<Message>,
    /// Inflated bytes of it that are no frame yet; at most [`CHUNK`].
    inflated: Vec<u8>,
    /// Plain bytes for the reader: at most [`CHUNK`], and beyond it what one step gives.
    ready: Vec<u8>,
    /// How many of them it took.
    given: usize,
    /// Comes behind what is ready.
    fault: Option<Corrupt>,
    passed: VecDeque<Passed>,
    /// The deflate stream has just been ended, and begins anew with what comes next.
    ended: bool,
}

#[derive(Clone, Copy, Debug)]
struct Message {
    opcode: u8,
    /// Whether a frame of it came out already.
    begun: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// A head, as far as it came.
    Head { bytes: [u8; HEAD], length: usize },
    /// Payload that passes.
    Pass { left: u64 },
    /// Compressed payload.
    Inflate { left: u64, end: End },
    /// All of a message is here but the tail that its sender left out.
    Tail { given: usize },
}

const NO_HEAD: State = State::Head { bytes: [0; HEAD], length: 0 };

/// Whether a frame ends its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    No,
    Yes,
}

impl Default for Inflow {
    /// Reads whatever may be agreed: the widest window reads every narrower one, and who may not point back into earlier
    /// messages does not.
    fn default() -> Self {
        Self {
            inflate: Decompress::new(false),
            state: NO_HEAD,
            message: None,
            inflated: Vec::with_capacity(CHUNK),
            ready: Vec::new(),
            given: 0,
            fault: None,
            passed: VecDeque::new(),
            ended: false,
        }
    }
}

impl Inflow {
    /// How the next message came that the reader gets.
    pub(crate) fn passed(&mut self) -> Option<Passed> {
        self.passed.pop_front()
    }

    /// Takes of `input`, and moves it on, until a chunk is ready or nothing is left.
    pub(crate) fn fill(&mut self, input: &mut &[u8]) {
        while self.ready.len() < CHUNK && self.fault.is_none() && (!input.is_empty() || self.has_more()) {
            self.fault = self.step(input).err();
        }
    }

    /// Plain bytes that the reader may have. None: what was given is all taken.
    ///
    /// # Errors
    /// The compressed bytes are broken. Nothing after what was ready can be understood.
    pub(crate) fn ready(&self) -> Result<&[u8], Corrupt> {
        match (self.ready.get(self.given..), &self.fault) {
            (Some([]) | None, Some(fault)) => Err(fault.clone()),
            (ready, _) => Ok(ready.unwrap_or_default()),
        }
    }

    /// The reader took `count` of them.
    pub(crate) fn took(&mut self, count: usize) {
        self.given = self.given.saturating_add(count);
        if self.given >= self.ready.len() {
            self.ready.clear();
            self.given = 0;
        }
    }

    /// Whether a step can be made without input.
    fn has_more(&self) -> bool {
        match self.state {
            State::Head { .. } => false,
            State::Pass { left } | State::Inflate { left, .. } => left == 0,
            State::Tail { .. } => true,
        }
    }

    fn step(&mut self, input: &mut &[u8]) -> Result<(), Corrupt> {
        match self.state {
            State::Head { bytes, length } => self.head(input, bytes, length),
            State::Pass { left } => self.pass(input, left),
            State::Inflate { left, end } => self.payload(input, left, end)?,
            State::Tail { given } => self.tail(given)?,
        }
        Ok(())
    }

    fn head(&mut self, input: &mut &[u8], mut bytes: [u8; HEAD], length: usize) {
        let Some((first, rest)) = input.split_first() else { return };
        if let Some(slot) = bytes.get_mut(length) {
            *slot = *first;
        }
        *input = rest;
        let length = length + 1;
        match parse(&bytes, length) {
            None => self.state = State::Head { bytes, length },
            Some(payload) => self.begin(bytes.get(..length).unwrap_or_default(), payload),
        }
    }

    /// A head is here.
    fn begin(&mut self, head: &[u8], payload: u64) {
        let [first, second, ..] = *head else { return };
        let opcode = first & OPCODE;
        let is_data = opcode == TEXT || opcode == BINARY;
        let clean = first & OTHER_RSV == 0 && second & MASKED == 0 && i64::try_from(payload).is_ok();
        let compressed = first & RSV1 != 0;
        let end = if first & FIN == 0 { End::No } else { End::Yes };
        if clean && is_data && compressed && self.message.is_none() {
            self.message = Some(Message { opcode, begun: false });
            self.state = State::Inflate { left: payload, end };
        } else if clean && opcode == CONTINUATION && !compressed && self.message.is_some() {
            self.state = State::Inflate { left: payload, end };
        } else {
            if (is_data || opcode == CONTINUATION) && end == End::Yes {
                self.remember(Passed::Plain);
            }
            self.ready.extend(head);
            self.state = State::Pass { left: payload };
        }
    }

    fn pass(&mut self, input: &mut &[u8], left: u64) {
        let count = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let (bytes, rest) = input.split_at_checked(count).unwrap_or_default();
        self.ready.extend(bytes);
        *input = rest;
        let left = left.saturating_sub(count as u64);
        self.state = if left == 0 { NO_HEAD } else { State::Pass { left } };
    }

    fn payload(&mut self, input: &mut &[u8], left: u64, end: End) -> Result<(), Corrupt> {
        let count = input.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let bytes = input.get(..count).unwrap_or_default();
        let taken = if bytes.is_empty() { 0 } else { self.inflate(bytes)? };
        *input = input.get(taken..).unwrap_or_default();
        let left = left.saturating_sub(taken as u64);
        self.state = match (left, end) {
            (1.., _) => State::Inflate { left, end },
            (0, End::No) => NO_HEAD,
            // A deflate stream that was ended has no place for a tail.
            (0, End::Yes) if self.ended => State::Tail { given: TAIL.len() },
            (0, End::Yes) => State::Tail { given: 0 },
        };
        Ok(())
    }

    fn tail(&mut self, given: usize) -> Result<(), Corrupt> {
        let rest = TAIL.get(given..).unwrap_or_default();
        let before = self.ready.len();
        // Also with nothing left to give: there may be more to come out.
        let taken = self.inflate(rest)?;
        let given = given + taken;
        self.state = State::Tail { given };
        // What came out filled a chunk: there may be more.
        if given < TAIL.len() || self.ready.len() > before {
            return Ok(());
        }
        self.emit(End::Yes);
        self.remember(Passed::Deflated);
        self.message = None;
        self.state = NO_HEAD;
        Ok(())
    }

    /// Inflates a part, and lets out a frame when a chunk is full. Gives how much of `bytes` was taken.
    fn inflate(&mut self, bytes: &[u8]) -> Result<usize, Corrupt> {
        if bytes.is_empty() && self.ended {
            return Ok(0);
        }
        let before = self.inflate.total_in();
        let status = self.inflate.decompress_vec(bytes, &mut self.inflated, FlushDecompress::Sync);
        let status = status.map_err(|error| Corrupt(error.to_string()))?;
        let taken = usize::try_from(self.inflate.total_in() - before).unwrap_or(usize::MAX);
        self.ended &= taken == 0;
        let full = self.inflated.len() == self.inflated.capacity();
        if status == Status::StreamEnd {
            // RFC 7692 §7.2.3.4: a block may be the last of its stream; what follows is another.
            self.inflate.reset(false);
            self.ended = true;
        } else if taken == 0 && !bytes.is_empty() && !full {
            return Err(Corrupt("it does not go on".to_owned()));
        }
        if full {
            self.emit(End::No);
        }
        Ok(taken)
    }

    /// Makes a frame of what is inflated.
    fn emit(&mut self, end: End) {
        let Some(message) = &mut self.message else { return };
        let opcode = if message.begun { CONTINUATION } else { message.opcode };
        message.begun = true;
        let first = opcode | if end == End::Yes { FIN } else { 0 };
        self.ready.push(first);
        let length = self.inflated.len();
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short @ 0..=125), _) => self.ready.push(short),
            (_, Ok(middle)) => {
                self.ready.push(126);
                self.ready.extend(middle.to_be_bytes());
            }
            _ => {
                self.ready.push(127);
                self.ready.extend((length as u64).to_be_bytes());
            }
        }
        self.ready.extend(&self.inflated);
        self.inflated.clear();
    }

    fn remember(&mut self, passed: Passed) {
        if self.passed.len() < REMEMBERED {
            self.passed.push_back(passed);
        }
    }
}

/// The length of the payload, once the first `length` bytes hold the whole head.
fn parse(bytes: &[u8; HEAD], length: usize) -> Option<u64> {
    let second = bytes.get(1).filter(|_| length >= 2)?;
    let mask = if second & MASKED == 0 { 0 } else { 4 };
    let (extra, payload) = match second & !MASKED {
        126 => (2, bytes.get(2..4)?),
        127 => (8, bytes.get(2..10)?),
        _ => (0, std::slice::from_ref(second)),
    };
    if length < 2 + extra + mask {
        return None;
    }
    let short = u64::from(second & !MASKED);
    let long = payload.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    Some(if extra == 0 { short } else { long })
}
