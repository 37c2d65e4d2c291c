//! Owns the sockets: dial, TLS, WebSocket, session, backoff; one task per account.
//!
//! The engine starts accounts on a [`Supervisor`] and reads [`Batch`]es of [`Report`]s; everything that happens to an
//! account is in its reports, in true order. An account's task goes round `dial → session → backoff`; each of these is
//! an `async fn` of its own. Here is no store and no rule about chat: adapters (`proto`) turn frames into events, the
//! engine turns events into rows.
//!
//! **One account's failure touches no other account** (design invariant 10): own task, own adapter, own backoff, and a
//! panic ends that account's session only.
//!
//! **Every queue is bounded** (invariant 8). Where the engine does not keep up, reading from the socket stops, and with
//! it the server; nothing is dropped.

mod backoff;
mod batch;
mod closing;
mod deflate;
mod dial;
mod grip;
mod narrow;
mod outbox;
mod probe;
mod proof;
mod pulse;
mod report;
mod session;
mod supervisor;
mod surroundings;
mod tape;
mod task;
#[cfg(test)]
mod tests;
mod text;
mod timing;
mod trace;
mod ways;
mod wire;

pub use dial::{Tls, platform_tls};
pub use probe::{Finding, probe};
pub use report::{Batch, Busy, Reach, Report, Spec};
pub use supervisor::Supervisor;
pub use surroundings::{Asked, Desktop, Secrets, Surroundings};
pub use tape::{
    Content, FRAME_BYTES, FRAMES, KEPT, Packing, ROUND_TRIPS, RawFault, Record, Recording, Records, Since,
    Tape, Tapes, Traffic, Way,
};
pub use timing::Timing;
