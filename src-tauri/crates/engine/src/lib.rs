//! Reduces events to writes, keeps the outbox, rings the bell.

pub mod contract;
