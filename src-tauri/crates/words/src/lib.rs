//! The sentences about a connection, in each language.
//!
//! The window has the same ones: both read `ui/src/i18n/truth.*.json`, and a golden list that is written here and
//! compared there keeps the two readings alike. No sentence of the window alone belongs here.

mod format;
mod reason;
#[cfg(test)]
mod tests;
mod tongue;

pub use format::{duration, size, step_time};
pub use reason::{close, detail, next, outcome, phase, reason, step};
pub use tongue::Tongue;

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Sentences = BTreeMap<String, String>;

const ENGLISH: &str = include_str!("../../../../ui/src/i18n/truth.en.json");
const CHINESE: &str = include_str!("../../../../ui/src/i18n/truth.zh-CN.json");

/// The sentence of this name, with its `{slots}` filled with `values`.
///
/// A name that there is not is answered as it is: the tests ask for every one, so nobody ever reads it.
#[must_use]
pub fn say(tongue: Tongue, name: &str, values: &[(&str, &str)]) -> String {
    sentence(tongue, name).map_or_else(|| name.to_owned(), |template| fill(template, values))
}

/// Puts `values` into the `{slots}` of `template`. What a value brings in is never taken for a slot.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, slot, after)) = next_slot(rest) {
        filled.push_str(before);
        match values.iter().find(|(name, _)| *name == slot) {
            Some((_, value)) => filled.push_str(value),
            None => filled.extend(["{", slot, "}"]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// What stands before the first slot, its name, and what stands behind it.
fn next_slot(template: &str) -> Option<(&str, &str, &str)> {
    let (before, opened) = template.split_once('{')?;
    let (slot, after) = opened.split_once('}')?;
    Some((before, slot, after))
}

fn sentence(tongue: Tongue, name: &str) -> Option<&'static str> {
    static READ: LazyLock<[Sentences; 2]> = LazyLock::new(|| [read(ENGLISH), read(CHINESE)]);
    let [english, chinese] = &*READ;
    let sentences = match tongue {
        Tongue::English => english,
        Tongue::Chinese => chinese,
    };
    sentences.get(name).map(String::as_str)
}

/// A file of sentences. It is part of the program, and a test reads it.
fn read(file: &str) -> Sentences {
    serde_json::from_str(file).unwrap_or_default()
}
