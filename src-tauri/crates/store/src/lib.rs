//! The history on disk: one writer, readers, and the life of the file.
//!
//! Here live the schema, the rules that keep a timeline true (places, delivery states, gaps, counters) and the reads
//! that the window is built on. Everything blocks; whoever calls gives it a thread. No clock is read: the time is an
//! argument. Nothing here knows a protocol, a socket or a window.
//!
//! * [`open`] makes a [`Writer`]; [`Writer::write`] runs a job in one transaction, which takes the next [`Rev`]
//!   (design invariant 7). [`Writer::reader`] makes [`Reader`]s, which see whole transactions and never wait for it.
//! * Doing an intent twice is doing it once (invariant 6): [`Tx::answered`], [`Tx::answer`], and a message's own
//!   [`TxnId`].
//! * What was said is found with [`Query`] and [`Reader::search`]; [`Tx::index`] keeps the index.
//! * A window is kept with [`Reader::latest`] and its sisters, then with [`Reader::changes`] alone.
//!
//! [`Rev`]: domain::Rev
//! [`TxnId`]: domain::TxnId

mod changes;
mod error;
mod migrate;
mod open;
mod pages;
#[cfg(test)]
mod plans;
mod reader;
mod row;
mod search;
mod timeline;
mod tx;
mod writer;

pub use changes::{MAX_CHANGES, MAX_WINDOW};
pub use error::{OpenError, Result, StoreError};
pub use open::{Opened, open};
pub use pages::MAX_PAGE;
pub use reader::{End, LogEntry, Named, Reader, Wanting};
pub use search::{MAX_HITS, MAX_QUERY, Query};
pub use tx::{
    Completeness, Dispatched, Enabled, Inserted, MAX_ANSWERS, MAX_ATTEMPTS, MAX_LOG, MAX_NAMES, MAX_NOTE,
    MAX_REACTIONS, Touched, Tx,
};
pub use writer::{Durability, Writer, Written};
