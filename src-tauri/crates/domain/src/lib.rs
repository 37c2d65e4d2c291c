//! The words that every other crate shares.
//!
//! Here live ids, bodies, what a server can tell us ([`Event`]), what a user can want ([`Command`]), and what is true
//! of a connection ([`Status`], [`Reason`]). No behaviour that needs a socket, a file, a clock or chance: those belong
//! to `link`, `store` and `engine`.

mod attempt;
mod body;
mod command;
mod config;
mod event;
mod id;
mod message;
mod people;
mod reason;
mod search;
mod status;
mod style;
mod target;
mod view;

pub use attempt::{Attempt, Certificate, Outcome, Peer, Step};
pub use body::{BINARY_HEAD, Body, MAX_SPANS, Span};
pub use command::Command;
pub use config::{AccountConfig, Compression, Header, LogIn, Pin, Proxy, SecretKind, Trust};
pub use event::{Capabilities, ConversationKey, ConversationKind, Event, RemoteConversation};
pub use id::{AccountId, ConversationId, MessageId, Place, RemoteId, Rev, Timestamp, TxnId, TxnIdError};
pub use message::{Change, Flair, Happening, Incoming, Sender, Tone};
pub use people::{Member, People};
pub use reason::{CloseBy, Phase, ProxyFault, Reason, Refusal, Retry, SecretTrouble, TlsFault};
pub use search::{Hit, Piece, QueryFault, Search};
pub use status::{Delivery, Line, Status};
pub use style::{Colour, Hue, Mark, Style};
pub use target::{MAX_TARGET, Scheme, Target, TargetError};
pub use view::{
    Account, Changes, Conversation, Draft, Healing, HealingFault, Item, MAX_SHOWN, NotifyRule, Page, Quote,
    Reaction, Retraction, Row,
};
