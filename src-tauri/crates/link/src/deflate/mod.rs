//! permessage-deflate (RFC 7692), beneath and above a WebSocket library that knows plain frames only.
//!
//! Inward an [`Inflow`] rewrites the stream of bytes: a compressed message becomes a plain one, and everything else, what
//! is wrong included, passes as it came, for the library to judge. Outward a [`Press`] compresses a message before it
//! becomes a frame. [`Terms`] is what was agreed in the handshake. Pure: no socket, no clock.

mod inflow;
mod press;
mod terms;
#[cfg(test)]
mod tests;

pub(crate) use inflow::{Corrupt, Inflow, Passed};
pub(crate) use press::Press;
pub(crate) use terms::{OFFER, Terms};

/// What ends a flushed block (RFC 7692 §7.2.1): the sender leaves it out, the receiver puts it back.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
