//! To be filled.

pub mod fill;
#[cfg(unix)]
pub mod servers;
