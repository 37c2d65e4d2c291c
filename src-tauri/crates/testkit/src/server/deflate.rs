//! permessage-deflate (RFC 7692), by hand, for a server that may do it wrongly.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use std::io;

/// What a sender leaves out at the end of a message.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// The longest message that the server expands: a test that sends more is wrong.
const MAX_EXPANDED: usize = 64 * 1024 * 1024;

/// Both directions of one connection.
pub(super) struct Deflate {
    compress: Compress,
    decompress: Decompress,
    /// Who begins anew with each message.
    ours_fresh: bool,
    theirs_fresh: bool,
}

impl Deflate {
    pub(super) fn agreed(parameters: &str) -> Self {
        Self {
            compress: Compress::new(Compression::best(), false),
            decompress: Decompress::new(false),
            ours_fresh: parameters.contains("server_no_context_takeover"),
            theirs_fresh: parameters.contains("client_no_context_takeover"),
        }
    }

    pub(super) fn press(&mut self, payload: &[u8]) -> io::Result<Vec<u8>> {
        if self.ours_fresh {
            self.compress.reset();
        }
        let start = self.compress.total_in();
        let mut pressed = Vec::with_capacity(payload.len() / 2 + 64);
        loop {
            let taken = usize::try_from(self.compress.total_in() - start).map_err(io::Error::other)?;
            let rest = payload.get(taken..).unwrap_or_default();
            self.compress.compress_vec(rest, &mut pressed, FlushCompress::Sync)?;
            if pressed.len() < pressed.capacity() {
                break;
            }
            pressed.reserve(pressed.capacity());
        }
        pressed.truncate(pressed.len().saturating_sub(TAIL.len()));
        Ok(pressed)
    }

    pub(super) fn expand(&mut self, payload: &[u8]) -> io::Result<Vec<u8>> {
        if self.theirs_fresh {
            self.decompress.reset(false);
        }
        let bytes = [payload, &TAIL].concat();
        let start = self.decompress.total_in();
        let mut plain = Vec::with_capacity(payload.len() * 2 + 64);
        while plain.len() < MAX_EXPANDED {
            let taken = usize::try_from(self.decompress.total_in() - start).map_err(io::Error::other)?;
            let rest = bytes.get(taken..).unwrap_or_default();
            self.decompress.decompress_vec(rest, &mut plain, FlushDecompress::Sync)?;
            if plain.len() < plain.capacity() {
                return Ok(plain);
            }
            plain.reserve(plain.capacity());
        }
        Err(io::Error::other("a client's message expands to too much"))
    }
}
