//! How a run of characters looks: only what chat protocols can say, and nothing that could carry markup.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The looks of a run of characters. The default is plain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Style {
    /// What is set apart about its letters.
    #[serde(default)]
    pub marks: BTreeSet<Mark>,
    /// The colour of its letters; `None`: the reader's.
    #[serde(default)]
    pub ink: Option<Colour>,
    /// The colour behind them; `None`: the reader's.
    #[serde(default)]
    pub ground: Option<Colour>,
}

/// One thing that sets letters apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Mark {
    /// Heavy letters.
    Bold,
    /// Slanted letters.
    Italic,
    /// A line below.
    Underline,
    /// A line through.
    Strikethrough,
    /// Letters of one width.
    Monospace,
    /// Ink and ground have changed places.
    Reverse,
}

/// A colour, as a server names it; the window sees to it that it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Colour {
    /// One that each theme draws in its own way.
    Named {
        /// Which.
        name: Hue,
    },
    /// One of sRGB.
    Rgb {
        /// Of 255.
        red: u8,
        /// Of 255.
        green: u8,
        /// Of 255.
        blue: u8,
    },
}

/// The sixteen colours that mIRC named, in the order of their codes (modern.ircdocs.horse/formatting, "Colors").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Hue {
    /// 00
    White,
    /// 01
    Black,
    /// 02
    Blue,
    /// 03
    Green,
    /// 04
    Red,
    /// 05
    Brown,
    /// 06
    Magenta,
    /// 07
    Orange,
    /// 08
    Yellow,
    /// 09
    LightGreen,
    /// 10
    Cyan,
    /// 11
    LightCyan,
    /// 12
    LightBlue,
    /// 13
    Pink,
    /// 14
    Grey,
    /// 15
    LightGrey,
}

impl Style {
    /// Nothing sets it apart.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.marks.is_empty() && self.ink.is_none() && self.ground.is_none()
    }
}

impl Hue {
    /// All of them; the place of each is its code.
    pub const ALL: [Self; 16] = [
        Self::White,
        Self::Black,
        Self::Blue,
        Self::Green,
        Self::Red,
        Self::Brown,
        Self::Magenta,
        Self::Orange,
        Self::Yellow,
        Self::LightGreen,
        Self::Cyan,
        Self::LightCyan,
        Self::LightBlue,
        Self::Pink,
        Self::Grey,
        Self::LightGrey,
    ];
}
