//! What the user chose for the whole program, and what becomes of it when its window closes.

use serde::{Deserialize, Serialize};

/// What the user chose for the whole program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// The language of the window.
    pub language: Language,
    /// Its colours.
    pub theme: Theme,
    /// How much room stands around what it shows.
    pub density: Density,
    /// How large everything in it is, in percent.
    pub zoom: u16,
    /// What becomes of the program when the window is closed.
    pub background: Background,
    /// Words of interest, with commas between them: where one stands in a message, it counts as naming the user.
    pub highlights: String,
    /// What a notification shows of a message.
    pub preview: Preview,
    /// When the user is told of nothing.
    pub quiet: Quiet,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: Theme::default(),
            density: Density::default(),
            zoom: 100,
            background: Background::default(),
            highlights: String::new(),
            preview: Preview::default(),
            quiet: Quiet::default(),
        }
    }
}

/// The language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Language {
    /// As the system says.
    #[default]
    #[serde(rename = "system")]
    System,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
}

/// The colours of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// White and yellow on black.
    Contrast,
}

/// How much room stands around what the window shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Density {
    /// Enough to rest the eyes.
    #[default]
    Comfortable,
    /// As little as can be.
    Compact,
}

/// What becomes of the program when the window is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Background {
    /// It goes on receiving where the desktop shows its icon; elsewhere it ends.
    #[default]
    Keep,
    /// It ends.
    Quit,
}

/// What a notification shows of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Preview {
    /// Who, where, and how it begins.
    #[default]
    Text,
    /// Who and where.
    Hidden,
}

/// Hours of each day in which the user is told of nothing. Minutes of the day, by the clock of the user's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Quiet {
    /// Whether there are any.
    pub on: bool,
    /// The first minute of them.
    pub from: u16,
    /// The first minute after them; before `from`, they last over midnight.
    pub until: u16,
}

impl Default for Quiet {
    fn default() -> Self {
        Self { on: false, from: 22 * 60, until: 7 * 60 }
    }
}

/// What became of the wish to close the window. Where the window goes at once, nobody hears the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Parting {
    /// The window goes.
    Goes,
    /// It stays until the user has answered: something is not sent, or not even kept.
    Asks {
        /// Messages that are queued or on their way. They stay on the disk, and go out after the next start.
        unsent: u32,
        /// Texts that the window holds and the disk did not take. They go with the window.
        unkept: u32,
    },
}
