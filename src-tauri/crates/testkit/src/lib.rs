//! What the tests share: a WebSocket server that misbehaves by script, real servers, and fills.

pub mod archive;
pub mod chat;
#[cfg(unix)]
pub mod daemon;
pub mod faults;
pub mod figures;
pub mod fill;
pub mod ircd;
pub mod pki;
pub mod proxy;
pub mod server;
#[cfg(unix)]
pub mod servers;
