//! A chat server that keeps a history, and the adapter that speaks to it: what the engine's healing of gaps is driven
//! with.
//!
//! The server numbers messages from 1 in one room, writes each to its log and waits for the disk before it says a word
//! of it, knows a message again by who says it and under which transaction, and hands out its history in pages that
//! follow a number. It may be killed at any instant. In its plain mode it numbers, keeps and acknowledges nothing: what
//! one says goes to everyone, the speaker included, and is only recorded.
//!
//! Both ends speak JSON in text frames, [`Call`] and [`Word`].

mod adapter;
mod door;
mod log;
mod room;
mod words;

pub use adapter::{ARCHIVE, Archive};
pub use door::{Mode, serve};
pub use log::read;
pub use words::{Call, ME, Said, Word};
