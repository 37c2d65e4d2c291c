//! Compresses what we send (RFC 7692 §7.2.1).

use super::TAIL;
use super::terms::{Context, Side};
use flate2::{Compress, Compression, FlushCompress};

/// zlib's own middle: above it chat gains hardly a byte, and costs twice the time.
const LEVEL: Compression = Compression::new(6);

/// The window that zlib writes by default, and the widest that there is.
const WIDEST: u8 = 15;

/// The narrowest that zlib writes. A server may ask for 8: then nothing is compressed, which every receiver must take.
const NARROWEST: u8 = 9;

/// What every buffer begins with: a line of chat and what deflate adds to it at worst.
const FIRST_ROOM: usize = 256;

/// Our side of a session.
pub(crate) struct Press {
    /// `None`: the agreed window is narrower than what can be written.
    deflate: Option<Compress>,
    context: Context,
}

impl Press {
    /// Keeps to what was agreed.
    pub(crate) fn new(side: Side) -> Self {
        let bits = side.bits.unwrap_or(WIDEST);
        let writable = (NARROWEST..=WIDEST).contains(&bits);
        let deflate = writable.then(|| Compress::new_with_window_bits(LEVEL, false, bits));
        Self { deflate, context: side.context }
    }

    /// The payload of a compressed frame. `None`: the message has to go as it is. What was compressed must be sent,
    /// since later messages may point back into it.
    ///
    /// Also what becomes longer is compressed, as browsers do: it costs a few bytes at most, and there are servers that
    /// know no plain message once compression was agreed.
    pub(crate) fn press(&mut self, payload: &[u8]) -> Option<Vec<u8>> {
        if payload.is_empty() {
            // zlib writes no second flush behind the first where nothing came between them.
            return None;
        }
        let deflate = self.deflate.as_mut()?;
        let pressed = flush(deflate, payload);
        match self.context {
            Context::Fresh => deflate.reset(),
            // zlib has no such end; were there one, the two sides would disagree from here on.
            Context::Kept if pressed.is_none() => self.deflate = None,
            Context::Kept => {}
        }
        pressed
    }
}

/// All of `payload` up to a byte boundary, without the tail.
fn flush(deflate: &mut Compress, payload: &[u8]) -> Option<Vec<u8>> {
    let (start, mut taken) = (deflate.total_in(), 0);
    let mut pressed = Vec::with_capacity(FIRST_ROOM.max(payload.len() / 4));
    loop {
        let rest = payload.get(taken..).unwrap_or_default();
        deflate.compress_vec(rest, &mut pressed, FlushCompress::Sync).ok()?;
        taken = usize::try_from(deflate.total_in() - start).ok()?;
        if taken == payload.len() && pressed.len() < pressed.capacity() {
            break;
        }
        pressed.reserve(pressed.capacity());
    }
    let body = pressed.strip_suffix(&TAIL)?.len();
    pressed.truncate(body);
    Some(pressed)
}
