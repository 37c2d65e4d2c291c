//! The keys of the user's rooms. They are secrets: entrusted to the account's keyring as a whole whenever one changes, and
//! never remembered with the rooms themselves.

use super::casemap::Casemapping;
use crate::Secret;

/// The longest key that is kept, in bytes; servers take some twenty to fifty.
const MAX_KEY: usize = 200;

/// The most keys that are kept.
const MAX_KEYS: usize = 200;

/// Keys by the names of their rooms, as the user or the server wrote them.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Keys(Vec<(String, String)>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// What was entrusted. What cannot be read is none.
    pub(super) fn read(entrusted: Option<&Secret>) -> Self {
        Self(entrusted.and_then(|secret| serde_json::from_str(&secret.0).ok()).unwrap_or_default())
    }

    /// As they are entrusted; `None`: there are none.
    pub(super) fn write(&self) -> Option<Secret> {
        (!self.0.is_empty()).then(|| Secret(serde_json::to_string(&self.0).unwrap_or_default()))
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, key)| key.as_str())
    }

    /// The key of a room.
    pub(super) fn of(&self, room: &str, mapping: Casemapping) -> Option<&str> {
        self.0.iter().find(|(name, _)| mapping.same(name, room)).map(|(_, key)| key.as_str())
    }

    /// A room has that key. `false`: that was known, or cannot be kept.
    pub(super) fn set(&mut self, room: &str, key: &str, mapping: Casemapping) -> bool {
        let sendable =
            !key.is_empty() && !key.contains([' ', ',', '\0', '\r', '\n']) && !key.starts_with(':');
        if !sendable || key.len() > MAX_KEY || self.of(room, mapping) == Some(key) {
            return false;
        }
        self.forget(room, mapping);
        if self.0.len() >= MAX_KEYS {
            return false;
        }
        self.0.push((room.to_owned(), key.to_owned()));
        true
    }

    /// The key of a room is wrong, or not needed any more. `false`: none was known.
    pub(super) fn forget(&mut self, room: &str, mapping: Casemapping) -> bool {
        let before = self.0.len();
        self.0.retain(|(name, _)| !mapping.same(name, room));
        self.0.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_name_read_again_and_shown_to_nobody() {
        let mapping = Casemapping::default();
        let mut keys = Keys::default();
        assert_eq!((keys.write(), Keys::read(None)), (None, Keys::default()));
        assert!(keys.set("#Rust", "hunter2", mapping) && !keys.set("#rust", "hunter2", mapping));
        assert_eq!((keys.of("#RUST", mapping), keys.of("#go", mapping)), (Some("hunter2"), None));
        assert_eq!(Keys::read(keys.write().as_ref()), keys);
        assert_eq!(Keys::read(Some(&Secret("{".into()))), Keys::default());
        assert!(keys.set("#rust", "other", mapping) && keys.all().eq(["other"]));
        for bad in ["", "a b", "a,b", ":a", &"x".repeat(MAX_KEY + 1)] {
            assert!(!keys.set("#go", bad, mapping), "{bad}");
        }
        assert!(!format!("{keys:?}").contains("other"));
        assert!(keys.forget("#RUST", mapping) && !keys.forget("#rust", mapping));
        for n in 0..MAX_KEYS + 9 {
            keys.set(&format!("#{n}"), "key", mapping);
        }
        assert_eq!(keys.all().count(), MAX_KEYS);
    }
}
