//! The parts of an IRC adapter: lines, names, features, modes, splitting, batches, capabilities and log-in.
//!
//! Each part is pure and knows nothing of the others' state; the adapter that puts them together is not here yet, so
//! IRC is not in the list of protocols. The specifications are <https://modern.ircdocs.horse/> and
//! <https://ircv3.net/irc/>; each module names the pages that it follows.

pub mod batch;
pub mod caps;
pub mod casemap;
pub mod formatting;
pub mod isupport;
pub mod line;
pub mod mask;
pub mod modes;
pub mod sasl;
pub mod split;
pub mod tags;
