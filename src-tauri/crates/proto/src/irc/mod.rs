//! IRC over WebSocket, as <https://modern.ircdocs.horse/> and <https://ircv3.net/irc/> have it; each module names the pages
//! that it follows.
//!
//! The first group of modules is pure: each knows nothing of the others' state. The second is the adapter: `protocol` is
//! what the rest of the program sees, `session` holds the parts of a session and gives each line to the file of its
//! subject, as a method of the session there. A new subject is a file of its own, and an arm in `session`.

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

mod asked;
mod commands;
mod ctcp;
mod discreet;
mod doing;
mod entry;
mod extras;
mod history;
mod keys;
mod marks;
mod members;
mod memory;
mod multiline;
mod nick;
mod numerics;
mod outbox;
mod pages;
mod people;
mod posts;
mod protocol;
mod roomnames;
mod rooms;
mod run;
mod secrecy;
mod session;
mod settings;
mod splits;
pub mod stamp;
mod tagmsg;
mod talk;
mod twitch;
mod watch;

pub use protocol::{IRC, Irc};
