//! Protocol adapters: pure state machines from frames to events.
//!
//! An adapter sees frames, commands and the passing of time, and answers with frames and events. Here is no socket,
//! task, clock, randomness, configuration look-up, and no log of message text: the same inputs give the same outputs,
//! so a session is a text file ([`transcript`]) that can be replayed.
//!
//! **Law:** `handle`, then `poll` until [`Output::Wait`], then `handle` again. The driver asserts it in debug builds.

mod adapter;
mod endpoint;
pub mod irc;
mod plain;
mod registry;
pub mod transcript;

pub use adapter::{Adapter, Close, Frame, Input, Now, Outgoing, Output, Resume};
pub use endpoint::{
    AddressFault, Endpoint, check_header, check_log_in, check_origin, check_proxy, check_subprotocol,
    read_address, read_host, server,
};
pub use plain::PLAIN;
pub use registry::{
    ALL, ConfigFault, Descriptor, Effect, Field, Opening, Preset, Protocol, Protocols, Secret, SlashCommand,
    find,
};
