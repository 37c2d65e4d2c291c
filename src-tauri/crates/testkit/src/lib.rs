//! What the tests share: a WebSocket server that misbehaves by script, real servers, and fills.

pub mod archive;
pub mod faults;
pub mod fill;
pub mod server;
#[cfg(unix)]
pub mod servers;
