//! What the truth panel and the frame console show.

use domain::{AccountId, Attempt, SecretKind, SecretTrouble, Timestamp};
use serde::{Deserialize, Serialize};

/// The truth about an account's connection, beyond its status.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Truth {
    /// Whose.
    pub account: AccountId,
    /// The last tries to reach the server, the newest first.
    pub attempts: Vec<Attempt>,
    /// What went over the line since the program started.
    pub traffic: Traffic,
    /// The secrets that the account needs, and where they are.
    pub secrets: Vec<SecretState>,
}

/// What went over the line since the program started.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    /// Bytes that came, as they were on the wire.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes_in: u64,
    /// Bytes that left.
    #[cfg_attr(test, ts(type = "number"))]
    pub bytes_out: u64,
    /// Data messages that came.
    #[cfg_attr(test, ts(type = "number"))]
    pub messages_in: u64,
    /// Data messages that left.
    #[cfg_attr(test, ts(type = "number"))]
    pub messages_out: u64,
    /// The last round trips, the oldest first.
    pub round_trips: Vec<RoundTrip>,
}

/// One answered Ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RoundTrip {
    /// When the answer came.
    pub at: Timestamp,
    /// How long it took, in microseconds.
    pub us: u32,
}

/// A secret that an account needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SecretState {
    /// What it is for.
    pub kind: SecretKind,
    /// Where it is.
    pub kept: Kept,
}

/// Where a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Kept {
    /// In the system's keyring.
    Keyring,
    /// In this program's memory, until it ends, since the keyring did not take it.
    Session {
        /// Why not.
        trouble: SecretTrouble,
    },
    /// Nowhere: it must be given.
    Nowhere {
        /// Why.
        trouble: SecretTrouble,
    },
}

/// A secret on its way from the user to the keyring.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct GivenSecret {
    /// What it is for.
    pub kind: SecretKind,
    /// The secret itself.
    pub value: String,
}

impl std::fmt::Debug for GivenSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GivenSecret").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Frames of an account, in the order in which they passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ConsolePage {
    /// The frames.
    pub frames: Vec<ConsoleFrame>,
    /// What to ask for next time.
    #[cfg_attr(test, ts(type = "number"))]
    pub next: u64,
    /// How many frames before the first of these were passed over, since memory is bounded.
    #[cfg_attr(test, ts(type = "number"))]
    pub dropped: u64,
}

/// One frame that passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ConsoleFrame {
    /// 1, 2, 3… as long as the program runs.
    #[cfg_attr(test, ts(type = "number"))]
    pub n: u64,
    /// When.
    pub at: Timestamp,
    /// Microseconds since the frame before it; `None`: it is the first of its session.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub gap_us: Option<u64>,
    /// Which way.
    pub direction: Direction,
    /// What was in it.
    pub content: FrameContent,
    /// Its payload's size in bytes; more than `content` shows when that was too long to keep.
    pub size: u32,
    /// Whether it was compressed on the wire (RFC 7692).
    pub compressed: bool,
}

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// From the server.
    In,
    /// To the server.
    Out,
}

/// What was in a frame (RFC 6455 §5.5, §5.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FrameContent {
    /// Opcode 1.
    Text {
        /// Its beginning.
        text: String,
    },
    /// Opcode 2.
    Binary {
        /// Its beginning, hexadecimal.
        hex: String,
    },
    /// Opcode 9.
    Ping {
        /// Its payload, hexadecimal.
        hex: String,
    },
    /// Opcode 10.
    Pong {
        /// Its payload, hexadecimal.
        hex: String,
    },
    /// Opcode 8.
    Close {
        /// The status code, if it had one.
        code: Option<u16>,
        /// The reason.
        text: String,
    },
    /// A frame of ours that holds a password: what is in it is shown to nobody.
    Secret,
}

/// A frame that the user sends as it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RawFrame {
    /// Opcode 1.
    Text {
        /// The text.
        text: String,
    },
    /// Opcode 2.
    Binary {
        /// The bytes, hexadecimal.
        hex: String,
    },
}
