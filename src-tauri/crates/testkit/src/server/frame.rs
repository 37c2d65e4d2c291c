//! Frames of RFC 6455 §5.2, made and read by hand, so that they can be wrong on purpose.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest frame that the server reads: a test that sends more is wrong.
const MAX_FRAME: u64 = 64 * 1024 * 1024;

/// FIN.
pub(super) const WHOLE: u8 = 0x80;

/// RSV1 (RFC 7692 §6).
pub(super) const COMPRESSED: u8 = 0x40;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// A further part of a message.
    Continuation,
    /// Text.
    Text,
    /// Binary.
    Binary,
    /// Close.
    Close,
    /// Ping.
    Ping,
    /// Pong.
    Pong,
}

impl Opcode {
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    fn read(byte: u8) -> io::Result<Self> {
        let all = [Self::Continuation, Self::Text, Self::Binary, Self::Close, Self::Ping, Self::Pong];
        let found = all.into_iter().find(|opcode| opcode.byte() == byte & 0x0f);
        found.ok_or_else(|| io::Error::other(format!("opcode {byte:#x}")))
    }
}

/// A server's frame, unmasked. `first` is the first byte: FIN, reserved bits, opcode.
pub(super) fn make(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = head(first, payload.len() as u64);
    frame.extend_from_slice(payload);
    frame
}

/// Each text as a text message, for a single write.
#[must_use]
pub fn frames(texts: &[String]) -> Vec<u8> {
    texts.iter().flat_map(|text| make(WHOLE | Opcode::Text.byte(), text.as_bytes())).collect()
}

/// The head of a frame that says that `length` bytes follow.
pub(super) fn head(first: u8, length: u64) -> Vec<u8> {
    let mut head = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => head.push(short),
        (_, Ok(middle)) => {
            head.push(126);
            head.extend(middle.to_be_bytes());
        }
        _ => {
            head.push(127);
            head.extend(length.to_be_bytes());
        }
    }
    head
}

/// A frame of a client.
pub(super) struct Read {
    pub(super) opcode: Opcode,
    /// RSV1: its payload is compressed.
    pub(super) compressed: bool,
    /// Unmasked.
    pub(super) payload: Vec<u8>,
}

/// The next frame of a client. `None`: the stream ended.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Read>> {
    let Ok(first) = stream.read_u8().await else { return Ok(None) };
    let second = stream.read_u8().await?;
    let length = match second & 0x7f {
        126 => u64::from(stream.read_u16().await?),
        127 => stream.read_u64().await?,
        short => u64::from(short),
    };
    if second & 0x80 == 0 {
        return Err(io::Error::other("a client's frame is not masked"));
    }
    if length > MAX_FRAME {
        return Err(io::Error::other("a client's frame is too long"));
    }
    let mut mask = [0; 4];
    stream.read_exact(&mut mask).await?;
    let mut payload = vec![0; usize::try_from(length).unwrap_or_default()];
    stream.read_exact(&mut payload).await?;
    for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    Ok(Some(Read { opcode: Opcode::read(first)?, compressed: first & COMPRESSED != 0, payload }))
}
