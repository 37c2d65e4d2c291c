//! The engine: reduces what servers tell to writes, keeps the outbox, rings the bell.
//!
//! Data runs one way: intent → store → link → server → event → store → bell → pull. The store is the truth, and links
//! are brought into line with it: an intent changes the store first, and what follows from it is worked out from the
//! store, so a kill at any instant loses nothing that was answered. No `tauri` here; [`Host`] is the whole view of the
//! desktop.

mod acts;
mod bell;
mod clocks;
mod console;
pub mod contract;
mod core;
mod crowd;
mod disk;
mod forms;
mod handle;
mod healer;
mod herald;
mod highlight;
mod host;
mod indexer;
mod intents;
mod ledger;
mod links;
mod outbox;
mod quiet;
mod reduce;
mod search;
mod secrets;
mod settings;
mod sidebar;
mod speech;
mod truth;
mod vault;

pub use forms::check;
pub use handle::{Handle, Setup, open};
pub use host::{Host, Keyring, KeyringFault, NoKeyring, Notification};
pub use link::{Asked, Desktop, Finding, Recording, Secrets, Surroundings, Timing, Tls, platform_tls};
pub use proto::ALL as PROTOCOLS;
pub use proto::Secret;
pub use store::Enabled;
pub use truth::diagnose;
