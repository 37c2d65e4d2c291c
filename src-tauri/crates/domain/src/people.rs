//! Who is in a conversation.

use serde::{Deserialize, Serialize};

/// Somebody in a conversation, as others see them there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The name, which tells people of one conversation apart.
    pub name: String,
    /// The sign of their power here, as the protocol writes it: `@`, `+`; empty: none.
    #[serde(default)]
    pub badge: String,
    /// How much power that is; more sorts first.
    #[serde(default)]
    pub rank: u8,
    /// They are not there at the moment.
    #[serde(default)]
    pub away: bool,
    /// It is a program.
    #[serde(default)]
    pub bot: bool,
    /// The account that the server knows them by.
    #[serde(default)]
    pub account: Option<String>,
}

/// Who is in a conversation, and what they are doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct People {
    /// By rank, then by name.
    pub members: Vec<Member>,
    /// Names of those who are writing.
    pub typing: Vec<String>,
}
