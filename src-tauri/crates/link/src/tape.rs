//! What went over an account's line: how much, and the last frames. Bounded, and read without disturbing the session.
//!
//! A message is one record, however many fragments it came in. Recording costs a copy of at most [`KEPT`] bytes and an
//! uncontended lock. It is memory only: nothing here goes to a log or to the disk unless the user exports it.

use crate::timing::wall;
use domain::{AccountId, Status, Timestamp};
use proto::Frame;
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

/// How many frames are kept of an account: what a person looks back through.
pub const FRAMES: usize = 2000;

/// How many bytes of them: with a dozen accounts less than the window itself takes.
pub const FRAME_BYTES: usize = 2 * 1024 * 1024;

/// How much is kept of one frame; its size is known all the same.
pub const KEPT: usize = 64 * 1024;

/// How many round trips are kept: an hour of an idle line.
pub const ROUND_TRIPS: usize = 120;

/// How many secrets are taken out of what is kept. The oldest make way: an adapter says each once a session.
const CONCEALED: usize = 64;

/// What stands where one stood.
const HIDDEN: &str = "…";

/// How many frames of the user may wait for the session: each comes from a person's action.
const RAW_FRAMES: usize = 16;

/// What went over the line since the program started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes that came, handshakes included, above TLS.
    pub bytes_in: u64,
    /// Bytes that left.
    pub bytes_out: u64,
    /// Data messages that came.
    pub messages_in: u64,
    /// Data messages that were given to the socket.
    pub messages_out: u64,
    /// The last [`ROUND_TRIPS`] answered Pings of ours: when the answer came, and how long it took.
    pub round_trips: Vec<(Timestamp, Duration)>,
}

/// One message or control frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// 1, 2, 3… as long as the program runs.
    pub n: u64,
    /// When.
    pub at: Timestamp,
    /// What was before it.
    pub since: Since,
    /// Which way it went.
    pub way: Way,
    /// What was in it, at most [`KEPT`] bytes.
    pub content: Content,
    /// The bytes of its payload, expanded.
    pub size: u64,
    /// Whether it was compressed on the wire.
    pub packing: Packing,
}

/// What was before a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// Nothing: it is the first of its session.
    Opened {
        /// What the server chose.
        subprotocol: Option<String>,
    },
    /// Another frame, this long ago.
    Frame(Duration),
}

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the server.
    In,
    /// To the server.
    Out,
}

/// How a frame was on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As it is.
    Plain,
    /// With permessage-deflate.
    Deflated,
}

/// What was in a frame (RFC 6455 §5.5, §5.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Opcode 1.
    Text(String),
    /// Opcode 2.
    Binary(Vec<u8>),
    /// Opcode 9.
    Ping(Vec<u8>),
    /// Opcode 10.
    Pong(Vec<u8>),
    /// Opcode 8.
    Close {
        /// The status code, if it had one.
        code: Option<u16>,
        /// The reason.
        text: String,
    },
    /// A data message of ours that holds a password: nothing of it is kept.
    Secret,
}

/// A part of the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// In the order in which they passed.
    pub records: Vec<Record>,
    /// The number to ask from next time.
    pub next: u64,
    /// How many from the number asked for to the first of these are kept no more.
    pub dropped: u64,
}

/// Why a frame of the user was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RawFault {
    /// There is no session.
    #[error("the account is not online")]
    NotOnline,
    /// The session takes no more at the moment.
    #[error("the connection takes no more frames at the moment")]
    Busy,
    /// It is longer than a message may be.
    #[error("longer than the {limit} bytes of a message")]
    TooLong {
        /// The most bytes.
        limit: u32,
    },
}

/// Whether the last frames are kept. How much went over the line is always counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recording {
    /// They are, for the frame console.
    #[default]
    On,
    /// They are not, where nobody can ask for them.
    Off,
}

/// What went over one account's line.
#[derive(Debug, Default)]
pub struct Tape {
    recording: Recording,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    messages_in: AtomicU64,
    messages_out: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The status that was reported last, and of which run.
    status: Option<(u64, Status)>,
    round_trips: VecDeque<(Timestamp, Duration)>,
    records: VecDeque<Record>,
    /// Of the records, as far as they are kept.
    bytes: usize,
    /// The number of the last record.
    last: u64,
    last_at: Option<Instant>,
    subprotocol: Option<String>,
    /// To the session, while it is online.
    raw: Option<(mpsc::Sender<Frame>, u32)>,
    concealed: Concealed,
}

/// What was sent within sessions and is nobody's to read.
#[derive(Default)]
struct Concealed(VecDeque<String>);

impl std::fmt::Debug for Concealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Concealed(…)")
    }
}

impl Tape {
    /// What is true of the line now. Ahead of `Report::Status`, which waits its turn among the reports: a store that
    /// takes none for a while makes no status untrue. `None`: nothing was reported.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.inner().status.as_ref().map(|(_, status)| status.clone())
    }

    /// A run reports a status. Of a run that is over no more is heard once a later one has spoken.
    pub(crate) fn became(&self, run: u64, status: &Status) {
        let mut inner = self.inner();
        if inner.status.as_ref().is_none_or(|(last, _)| *last <= run) {
            inner.status = Some((run, status.clone()));
        }
    }

    /// What went over the line.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let inner = self.inner();
        Traffic {
            bytes_in: self.bytes_in.load(Ordering::Relaxed),
            bytes_out: self.bytes_out.load(Ordering::Relaxed),
            messages_in: self.messages_in.load(Ordering::Relaxed),
            messages_out: self.messages_out.load(Ordering::Relaxed),
            round_trips: inner.round_trips.iter().copied().collect(),
        }
    }

    /// At most `count` records from number `from` on.
    #[must_use]
    pub fn records(&self, from: u64, count: usize) -> Records {
        let inner = self.inner();
        let from = from.max(1);
        let first = inner.records.front().map_or(inner.last + 1, |record| record.n);
        let skip = usize::try_from(from.saturating_sub(first)).unwrap_or(usize::MAX);
        let records: Vec<_> = inner.records.iter().skip(skip).take(count).cloned().collect();
        let next = records.last().map_or_else(|| from.max(first).min(inner.last + 1), |record| record.n + 1);
        Records { records, next, dropped: first.saturating_sub(from) }
    }

    /// Gives the session a frame to send as it is, past the adapter. When it is sent it is in the records.
    ///
    /// # Errors
    /// When it was not taken.
    pub fn send_raw(&self, frame: Frame) -> Result<(), RawFault> {
        let inner = self.inner();
        let Some((raw, limit)) = &inner.raw else { return Err(RawFault::NotOnline) };
        let length = match &frame {
            Frame::Text(text) => text.len(),
            Frame::Binary(bytes) => bytes.len(),
        };
        if length > *limit as usize {
            return Err(RawFault::TooLong { limit: *limit });
        }
        raw.try_send(frame).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => RawFault::Busy,
            mpsc::error::TrySendError::Closed(_) => RawFault::NotOnline,
        })
    }

    /// A session begins.
    pub(crate) fn begin(&self, subprotocol: Option<String>) {
        let mut inner = self.inner();
        inner.last_at = None;
        inner.subprotocol = subprotocol;
        inner.raw = None;
    }

    /// It is online from here on: where the user's frames come out, each at most `limit` bytes.
    pub(crate) fn online(&self, limit: u32) -> mpsc::Receiver<Frame> {
        let (sender, receiver) = mpsc::channel(RAW_FRAMES);
        self.inner().raw = Some((sender, limit));
        receiver
    }

    /// Bytes passed.
    pub(crate) fn passed(&self, way: Way, bytes: u64) {
        match way {
            Way::In => self.bytes_in.fetch_add(bytes, Ordering::Relaxed),
            Way::Out => self.bytes_out.fetch_add(bytes, Ordering::Relaxed),
        };
    }

    /// A Ping of ours was answered.
    pub(crate) fn round_trip(&self, took: Duration) {
        let mut inner = self.inner();
        if inner.round_trips.len() == ROUND_TRIPS {
            inner.round_trips.pop_front();
        }
        inner.round_trips.push_back((wall(), took));
    }

    /// This is taken out of whatever passes from here on, in later sessions too: a bouncer repeats what it heard before.
    pub(crate) fn conceal(&self, secret: &str) {
        let concealed = &mut self.inner().concealed.0;
        if secret.is_empty() || concealed.iter().any(|known| known == secret) {
            return;
        }
        if concealed.len() == CONCEALED {
            concealed.pop_front();
        }
        concealed.push_back(secret.to_owned());
    }

    /// A data message of ours left that nobody may be shown: only its size is kept.
    pub(crate) fn record_secret(&self, message: &Message, packing: Packing) {
        if self.counts(Way::Out, message) {
            self.keep(Way::Out, Content::Secret, message.len(), packing);
        }
    }

    /// A message or a control frame passed.
    pub(crate) fn record(&self, way: Way, message: &Message, packing: Packing) {
        if !self.counts(way, message) {
            return;
        }
        let (content, size) = match message {
            Message::Text(text) => (Content::Text(kept_text(&self.cover(text.as_str()))), text.len()),
            Message::Binary(bytes) => (Content::Binary(kept(&self.cover_bytes(bytes))), bytes.len()),
            Message::Ping(bytes) => (Content::Ping(kept(bytes)), bytes.len()),
            Message::Pong(bytes) => (Content::Pong(kept(bytes)), bytes.len()),
            Message::Close(None) => (Content::Close { code: None, text: String::new() }, 0),
            Message::Close(Some(close)) => {
                let text = close.reason.as_str();
                let shown = self.cover(text).into_owned();
                (Content::Close { code: Some(close.code.into()), text: shown }, text.len() + 2)
            }
            // A compressed message of ours is recorded before it becomes one.
            Message::Frame(_) => return,
        };
        self.keep(way, content, size, packing);
    }

    fn cover<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let inner = self.inner();
        inner.concealed.0.iter().fold(Cow::Borrowed(text), |text, secret| {
            if text.contains(secret.as_str()) {
                Cow::Owned(text.replace(secret.as_str(), HIDDEN))
            } else {
                text
            }
        })
    }

    /// The same in bytes that may be no text.
    fn cover_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let inner = self.inner();
        inner.concealed.0.iter().fold(Cow::Borrowed(bytes), |bytes, secret| {
            let secret = secret.as_bytes();
            let find = |bytes: &[u8]| bytes.windows(secret.len()).position(|window| window == secret);
            let Some(first) = find(&bytes) else { return bytes };
            let (mut shown, mut rest, mut next) = (Vec::new(), &*bytes, Some(first));
            while let Some((before, after)) = next.and_then(|at| rest.split_at_checked(at)) {
                shown.extend_from_slice(before);
                shown.extend_from_slice(HIDDEN.as_bytes());
                rest = after.get(secret.len()..).unwrap_or_default();
                next = find(rest);
            }
            shown.extend_from_slice(rest);
            Cow::Owned(shown)
        })
    }

    /// Counts a message. Whether it is to be kept as well.
    fn counts(&self, way: Way, message: &Message) -> bool {
        if message.is_text() || message.is_binary() {
            match way {
                Way::In => self.messages_in.fetch_add(1, Ordering::Relaxed),
                Way::Out => self.messages_out.fetch_add(1, Ordering::Relaxed),
            };
        }
        self.recording == Recording::On
    }

    fn keep(&self, way: Way, content: Content, size: usize, packing: Packing) {
        let (now, at) = (Instant::now(), wall());
        let mut inner = self.inner();
        let since = match inner.last_at.replace(now) {
            Some(last) => Since::Frame(now.saturating_duration_since(last)),
            None => Since::Opened { subprotocol: inner.subprotocol.clone() },
        };
        inner.last += 1;
        let record = Record { n: inner.last, at, since, way, content, size: size as u64, packing };
        inner.bytes = inner.bytes.saturating_add(weight(&record.content));
        inner.records.push_back(record);
        while inner.records.len() > FRAMES || inner.bytes > FRAME_BYTES {
            let Some(oldest) = inner.records.pop_front() else { break };
            inner.bytes = inner.bytes.saturating_sub(weight(&oldest.content));
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here can panic half way.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn weight(content: &Content) -> usize {
    match content {
        Content::Text(text) | Content::Close { text, .. } => text.len(),
        Content::Binary(bytes) | Content::Ping(bytes) | Content::Pong(bytes) => bytes.len(),
        Content::Secret => 0,
    }
}

fn kept(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..KEPT).unwrap_or(bytes).to_vec()
}

fn kept_text(text: &str) -> String {
    text.get(..text.floor_char_boundary(KEPT)).unwrap_or_default().to_owned()
}

/// The tapes of all accounts. Clones are the same ones.
#[derive(Clone, Debug, Default)]
pub struct Tapes {
    recording: Recording,
    all: Arc<Mutex<BTreeMap<AccountId, Arc<Tape>>>>,
}

impl Tapes {
    /// None yet.
    pub(crate) fn new(recording: Recording) -> Self {
        Self { recording, ..Self::default() }
    }

    /// The tape of an account; an empty one when it never ran.
    #[must_use]
    pub fn of(&self, account: AccountId) -> Arc<Tape> {
        self.all().get(&account).map(Arc::clone).unwrap_or_default()
    }

    /// The same, for a task that will write on it.
    pub(crate) fn begin(&self, account: AccountId) -> Arc<Tape> {
        let blank = || Arc::new(Tape { recording: self.recording, ..Tape::default() });
        Arc::clone(self.all().entry(account).or_insert_with(blank))
    }

    /// Forgets an account that is no more.
    pub fn forget(&self, account: AccountId) {
        self.all().remove(&account);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<AccountId, Arc<Tape>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_tungstenite::tungstenite::protocol::CloseFrame;

    fn text(length: usize) -> Message {
        Message::text("x".repeat(length))
    }

    #[test]
    fn the_oldest_frames_go_and_it_is_said_how_many() {
        let tape = Tape::default();
        for _ in 0..FRAMES + 10 {
            tape.record(Way::In, &text(1), Packing::Plain);
        }
        let Records { records, next, dropped } = tape.records(1, usize::MAX);
        assert_eq!((records.len(), next, dropped), (FRAMES, FRAMES as u64 + 11, 10));
        assert_eq!(records[0].n, 11);
        let page = tape.records(100, 5);
        assert_eq!(page.records.iter().map(|record| record.n).collect::<Vec<_>>(), [100, 101, 102, 103, 104]);
        assert_eq!((page.next, page.dropped), (105, 0));
        let none = tape.records(next, 5);
        assert_eq!((none.records.len(), none.next, none.dropped), (0, next, 0));
        assert_eq!(tape.traffic().messages_in, FRAMES as u64 + 10);
    }

    #[test]
    fn without_a_recording_messages_are_counted_all_the_same() {
        let tape = Tapes::new(Recording::Off).begin(AccountId(1));
        for (way, message) in [(Way::In, text(1)), (Way::Out, text(2)), (Way::In, Message::Ping("".into()))] {
            tape.record(way, &message, Packing::Plain);
        }
        let Traffic { messages_in, messages_out, .. } = tape.traffic();
        assert_eq!((messages_in, messages_out, tape.records(1, 9).records.len()), (1, 1, 0));
    }

    #[test]
    fn memory_is_bounded_whatever_the_frames_are() {
        let tape = Tape::default();
        for _ in 0..100 {
            tape.record(Way::In, &text(1024 * 1024), Packing::Plain);
            tape.record(Way::In, &Message::binary(vec![7; 200_000]), Packing::Plain);
        }
        let Records { records, .. } = tape.records(1, usize::MAX);
        let kept: usize = records.iter().map(|record| weight(&record.content)).sum();
        assert!(kept <= FRAME_BYTES, "{kept}");
        assert!(records.iter().all(|record| weight(&record.content) <= KEPT));
        assert_eq!(records.last().map(|record| record.size), Some(200_000), "the true size");
    }

    #[test]
    fn of_a_secret_frame_only_its_size_is_kept() {
        let tape = Tape::default();
        tape.record_secret(&Message::text("PASS hunter2"), Packing::Plain);
        let Records { records, .. } = tape.records(1, 9);
        assert_eq!((&records[0].content, records[0].size, records[0].way), (&Content::Secret, 12, Way::Out));
        assert!(!format!("{tape:?}").contains("hunter2"));
        assert_eq!(tape.traffic().messages_out, 1);
    }

    #[test]
    fn what_was_sent_in_secret_is_covered_in_whatever_passes_later() {
        let tape = Tape::default();
        tape.conceal("hunter2");
        tape.conceal("");
        tape.begin(None);
        let said = "NOTICE ann :the password hunter2, again hunter2.";
        let edge = format!("{}hunter2", "x".repeat(KEPT - 3));
        for message in [Message::text(said), Message::binary(said.as_bytes().to_vec()), Message::text(edge)] {
            tape.record(Way::In, &message, Packing::Plain);
        }
        tape.record(Way::In, &Message::binary(b"hunter2\xff".to_vec()), Packing::Plain);
        let close = CloseFrame { code: 1000_u16.into(), reason: "hunter2?".into() };
        tape.record(Way::In, &Message::Close(Some(close)), Packing::Plain);
        let contents: Vec<_> = tape.records(1, 9).records.into_iter().map(|record| record.content).collect();
        let shown = "NOTICE ann :the password …, again ….";
        assert_eq!(contents[0], Content::Text(shown.into()));
        assert_eq!(contents[1], Content::Binary(shown.into()));
        assert_eq!(contents[2], Content::Text(format!("{}…", "x".repeat(KEPT - 3))));
        assert_eq!(contents[3], Content::Binary(["…".as_bytes(), b"\xff"].concat()));
        assert_eq!(contents[4], Content::Close { code: Some(1000), text: "…?".into() });
        assert_eq!(tape.records(1, 1).records[0].size, said.len() as u64);
        for n in 0..2 * CONCEALED {
            tape.conceal(&format!("secret {n}"));
        }
        assert_eq!(tape.inner().concealed.0.len(), CONCEALED);
        assert!(!format!("{tape:?}").contains("secret"));
    }

    #[test]
    fn a_character_is_not_cut_in_two() {
        let tape = Tape::default();
        tape.record(Way::Out, &Message::text("你".repeat(KEPT)), Packing::Deflated);
        let Content::Text(text) = &tape.records(1, 1).records[0].content else { panic!() };
        assert_eq!(text.chars().count(), KEPT / 3);
    }

    #[test]
    fn a_frame_of_the_user_needs_a_session() {
        let tape = Tape::default();
        let frame = Frame::Text("raw".into());
        assert_eq!(tape.send_raw(frame.clone()), Err(RawFault::NotOnline));
        let mut raws = tape.online(3);
        assert_eq!(tape.send_raw(frame.clone()), Ok(()));
        assert_eq!(tape.send_raw(Frame::Binary(vec![0; 4])), Err(RawFault::TooLong { limit: 3 }));
        assert_eq!(raws.try_recv().unwrap(), frame);
        for _ in 0..RAW_FRAMES {
            tape.send_raw(frame.clone()).unwrap();
        }
        assert_eq!(tape.send_raw(frame.clone()), Err(RawFault::Busy));
        drop(raws);
        assert_eq!(tape.send_raw(frame), Err(RawFault::NotOnline));
    }

    #[test]
    fn a_run_that_is_over_does_not_speak_for_the_next() {
        let tape = Tape::default();
        assert_eq!(tape.status(), None);
        let connecting = Status::Connecting { url: String::new(), phase: domain::Phase::Dns, attempt: 1 };
        for (run, said, shown) in [
            (1, &Status::Off, &Status::Off),
            (2, &connecting, &connecting),
            (1, &Status::Off, &connecting),
            (2, &Status::Off, &Status::Off),
        ] {
            tape.became(run, said);
            assert_eq!(tape.status().as_ref(), Some(shown), "{run}");
        }
    }

    #[test]
    fn the_last_round_trips_are_kept() {
        let tape = Tape::default();
        for ms in 0..200 {
            tape.round_trip(Duration::from_millis(ms));
        }
        let trips = tape.traffic().round_trips;
        assert_eq!(trips.len(), ROUND_TRIPS);
        assert_eq!(trips.last().map(|(_, took)| *took), Some(Duration::from_millis(199)));
    }
}
