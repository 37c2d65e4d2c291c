//! The frame console: what goes over an account's line, a frame of the user's own, and the export of both.

use crate::Handle;
use crate::contract::{
    Code, ConsoleFrame, ConsolePage, Direction, Fault, FrameContent, RawFrame, RoundTrip, Traffic,
};
use domain::AccountId;
use link::{Content, Packing, RawFault, Record, Since, Way};
use proto::Frame;
use proto::transcript::{Passage, write};
use std::fmt::Write as _;

/// The most frames of one page: what a list shows at once, many times over.
const PAGE: usize = 500;

impl Handle {
    /// What went over an account's line since the program started.
    #[must_use]
    pub fn traffic(&self, account: AccountId) -> Traffic {
        let link::Traffic { bytes_in, bytes_out, messages_in, messages_out, round_trips } =
            self.tapes.of(account).traffic();
        let trip = |(at, took): (domain::Timestamp, std::time::Duration)| RoundTrip {
            at,
            us: u32::try_from(took.as_micros()).unwrap_or(u32::MAX),
        };
        let round_trips = round_trips.into_iter().map(trip).collect();
        Traffic { bytes_in, bytes_out, messages_in, messages_out, round_trips }
    }

    /// At most `count` (and at most 500) frames of an account from `since` on: a page's `next`, or 0.
    #[must_use]
    pub fn frames(&self, account: AccountId, since: u64, count: u32) -> ConsolePage {
        let count = usize::try_from(count).unwrap_or(PAGE).min(PAGE);
        let link::Records { records, next, dropped } = self.tapes.of(account).records(since, count);
        ConsolePage { frames: records.into_iter().map(view).collect(), next, dropped }
    }

    /// Sends a frame as it is, past the protocol.
    ///
    /// # Errors
    /// [`Code::Invalid`] when it is no frame, or the account is not online; [`Code::TooLong`].
    pub fn send_raw(&self, account: AccountId, frame: RawFrame) -> Result<(), Fault> {
        let frame = match frame {
            RawFrame::Text { text } => Frame::Text(text),
            RawFrame::Binary { hex } => Frame::Binary(read_hex(&hex)?),
        };
        self.tapes.of(account).send_raw(frame).map_err(|fault| Fault {
            code: match fault {
                RawFault::NotOnline | RawFault::Busy => Code::Invalid,
                RawFault::TooLong { .. } => Code::TooLong,
            },
            text: fault.to_string(),
        })
    }

    /// The kept frames of an account as a transcript, with the time between them. Control frames, and what a frame had
    /// beyond what is kept, are remarks.
    #[must_use]
    pub fn transcript(&self, account: AccountId) -> String {
        let kept = self.tapes.of(account).records(0, usize::MAX);
        let mut text = String::new();
        if kept.dropped > 0 {
            let note = format!("{} frames before these are not kept", kept.dropped);
            text.push_str(&write([Passage::Note(&note)]));
        }
        for record in &kept.records {
            text.push_str(&passage(record));
        }
        text
    }
}

fn view(record: Record) -> ConsoleFrame {
    let content = match record.content {
        Content::Text(text) => FrameContent::Text { text },
        Content::Binary(bytes) => FrameContent::Binary { hex: hex(&bytes) },
        Content::Ping(bytes) => FrameContent::Ping { hex: hex(&bytes) },
        Content::Pong(bytes) => FrameContent::Pong { hex: hex(&bytes) },
        Content::Close { code, text } => FrameContent::Close { code, text },
        Content::Secret => FrameContent::Secret,
    };
    ConsoleFrame {
        n: record.n,
        at: record.at,
        gap_us: match record.since {
            Since::Opened { .. } => None,
            Since::Frame(time) => Some(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
        },
        direction: match record.way {
            Way::In => Direction::In,
            Way::Out => Direction::Out,
        },
        content,
        size: u32::try_from(record.size).unwrap_or(u32::MAX),
        compressed: match record.packing {
            Packing::Plain => false,
            Packing::Deflated => true,
        },
    }
}

fn passage(record: &Record) -> String {
    let before = match &record.since {
        Since::Opened { subprotocol } => Some(Passage::Opened(subprotocol.as_deref())),
        Since::Frame(time) if time.as_millis() > 0 => Some(Passage::Pass(*time)),
        Since::Frame(_) => None,
    };
    let note = |what: &str, detail: &str| {
        let way = match record.way {
            Way::In => '<',
            Way::Out => '>',
        };
        Err(format!("{way} {what} {detail}").trim_end().to_owned())
    };
    let (frame, shown) = match &record.content {
        Content::Text(text) => (Ok(Frame::Text(text.clone())), text.len()),
        Content::Binary(bytes) => (Ok(Frame::Binary(bytes.clone())), bytes.len()),
        Content::Ping(bytes) => (note("ping", &hex(bytes)), bytes.len()),
        Content::Pong(bytes) => (note("pong", &hex(bytes)), bytes.len()),
        Content::Close { code, text } => {
            let code = code.map(|code| code.to_string()).unwrap_or_default();
            (note("close", &format!("{code} {text}")), usize::MAX)
        }
        Content::Secret => {
            let size = record.size;
            (note("secret", &format!("{size} bytes were left out: they hold a password")), usize::MAX)
        }
    };
    let line = match (&frame, record.way) {
        (Ok(frame), Way::In) => Passage::Came(frame),
        (Ok(frame), Way::Out) => Passage::Sent(frame),
        (Err(note), _) => Passage::Note(note),
    };
    let cut = (shown as u64) < record.size;
    let cut = cut.then(|| format!("the frame above goes on: it has {} bytes", record.size));
    write(before.into_iter().chain([line]).chain(cut.as_deref().map(Passage::Note)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Hexadecimal digits, blanks between them allowed.
fn read_hex(text: &str) -> Result<Vec<u8>, Fault> {
    let fault = |text: &str| Fault { code: Code::Invalid, text: text.to_owned() };
    let digits: Option<Vec<u32>> =
        text.chars().filter(|char| !char.is_whitespace()).map(|char| char.to_digit(16)).collect();
    let digits = digits.ok_or_else(|| fault("not hexadecimal"))?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(fault("an odd number of hexadecimal digits"));
    }
    Ok(pairs.iter().filter_map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect())
}
