//! Lines that fail by plan: a proxy that cuts, holds, slows and spoils what passes, a cable between two network
//! namespaces that is really pulled, and a server that numbers what it says and writes down what it hears.

#[cfg(target_os = "linux")]
mod cable;
mod dice;
mod proxy;
pub mod room;
mod sealed;

#[cfg(target_os = "linux")]
pub use cable::{Borrowed, Cable, Known, NAME, Plug, inside, sweep};
pub use dice::Dice;
pub use proxy::{FaultProxy, Line, Seen, Way};
pub use sealed::{seal, unseal};
