//! What the next session has to know: the rooms that the user is in, and what became of long messages. Never a key or a
//! password.

use crate::Resume;
use data_encoding::BASE64URL_NOPAD;
use domain::{ConversationKey, RemoteId};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The most rooms that are kept; servers allow some hundred.
const MAX_ROOMS: usize = 500;

/// The most conversations whose last message is kept: it is written at each message.
const MAX_HEARD: usize = 100;

/// The most parts of long messages that are kept: the last twenty of ten parts each.
const MAX_PARTS: usize = 200;

/// It, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// The user's rooms, as the user or the server wrote them.
    pub(super) rooms: Vec<String>,
    /// What was told of the last message of the day, as a hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) motd: Option<String>,
    /// Parts of long messages of ours, by the server's name, with the name of the whole: the last part's.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    pub(super) parts: VecDeque<(RemoteId, RemoteId)>,
    /// Masks of those from whom the user wants to hear nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ignored: Vec<String>,
    /// Those whose comings and goings the user wants to be told of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) watched: Vec<String>,
    /// Rooms that had another name when they were met: the key, and the name of today.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    pub(super) renamed: VecDeque<(ConversationKey, String)>,
    /// The last message of conversations and when it was said, for a server that knows messages by their time alone: by key,
    /// the last that was heard last.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    pub(super) heard: VecDeque<(ConversationKey, RemoteId, i64)>,
    /// When conversations that we missed were looked for last, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) looked: Option<i64>,
}

/// A text as it is compared with another one.
pub(super) fn hash(text: &str) -> String {
    let hash = digest(&SHA256, text.as_bytes());
    BASE64URL_NOPAD.encode(hash.as_ref().get(..9).unwrap_or_default())
}

impl Memory {
    /// What was remembered; `None` before the very first log-in. What cannot be read is as if nothing were there but the
    /// log-in.
    pub(super) fn read(resume: Option<&Resume>) -> Option<Self> {
        resume.map(|resume| serde_json::from_str(&resume.0).unwrap_or_default())
    }

    /// As it is remembered.
    pub(super) fn write(&self) -> Resume {
        Resume(serde_json::to_string(self).unwrap_or_default())
    }

    /// The user is in a room. `false`: that was known.
    pub(super) fn enters(&mut self, name: &str, same: impl Fn(&str, &str) -> bool) -> bool {
        if self.rooms.len() >= MAX_ROOMS || self.rooms.iter().any(|room| same(room, name)) {
            return false;
        }
        self.rooms.push(name.to_owned());
        true
    }

    /// The user is in a room no more. `false`: that was known.
    pub(super) fn leaves(&mut self, name: &str, same: impl Fn(&str, &str) -> bool) -> bool {
        let before = self.rooms.len();
        self.rooms.retain(|room| !same(room, name));
        self.rooms.len() < before
    }

    /// The last message of a conversation.
    pub(super) fn hears(&mut self, conversation: &ConversationKey, id: &RemoteId, at: i64) {
        self.heard.retain(|(known, _, _)| known != conversation);
        self.heard.push_back((conversation.clone(), id.clone(), at));
        let excess = self.heard.len().saturating_sub(MAX_HEARD);
        self.heard.drain(..excess);
    }

    /// A room that is known by that key goes by another name. Which one had that name before does so no more.
    pub(super) fn renames(&mut self, key: &ConversationKey, name: &str) {
        self.renamed.retain(|(known, other)| known != key && !other.eq_ignore_ascii_case(name));
        self.renamed.push_back((key.clone(), name.to_owned()));
        let excess = self.renamed.len().saturating_sub(MAX_ROOMS);
        self.renamed.drain(..excess);
    }

    /// The key of a room that had another name when it was met.
    pub(super) fn key_of(&self, name: &str) -> Option<ConversationKey> {
        self.renamed.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(key, _)| key.clone())
    }

    /// The key of a room that is met: its own, or, where another room had its name when that was met, one that no name is.
    /// `true`: it is to be remembered.
    pub(super) fn key_met(&mut self, name: &str, own: ConversationKey) -> (ConversationKey, bool) {
        if let Some(key) = self.key_of(name) {
            return (key, false);
        }
        let keys = (2..=MAX_ROOMS + 2).map(|n| ConversationKey(format!("{} {n}", own.0)));
        let free = std::iter::once(own.clone()).chain(keys).find(|key| self.name_of(key).is_none());
        match free {
            Some(key) if key != own => {
                self.renames(&key, name);
                (key, true)
            }
            Some(_) | None => (own, false),
        }
    }

    /// The name of today of a room that had another one when it was met.
    pub(super) fn name_of(&self, key: &ConversationKey) -> Option<String> {
        self.renamed.iter().find(|(known, _)| known == key).map(|(_, name)| name.clone())
    }

    /// These are parts of that message.
    pub(super) fn splits(&mut self, parts: Vec<RemoteId>, whole: &RemoteId) {
        self.parts.extend(parts.into_iter().map(|part| (part, whole.clone())));
        let excess = self.parts.len().saturating_sub(MAX_PARTS);
        self.parts.drain(..excess);
    }

    /// The message that the one of this name is a part of, but the last.
    pub(super) fn whole(&self, part: &RemoteId) -> Option<&RemoteId> {
        self.parts.iter().find(|(known, _)| known == part).map(|(_, whole)| whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read_again_and_nonsense_is_nothing() {
        let mut memory = Memory::default();
        let same = str::eq_ignore_ascii_case;
        assert!(memory.enters("#a", same) && !memory.enters("#A", same));
        memory.splits(vec![RemoteId("1".into())], &RemoteId("2".into()));
        assert_eq!(Memory::read(Some(&memory.write())), Some(memory.clone()));
        assert!(memory.leaves("#A", same) && !memory.leaves("#a", same));
        assert_eq!(Memory::read(Some(&Resume("{".into()))), Some(Memory::default()));
        assert_eq!(Memory::read(None), None);
    }

    #[test]
    fn old_parts_make_way() {
        let mut memory = Memory::default();
        for n in 0..MAX_PARTS + 9 {
            memory.splits(vec![RemoteId(n.to_string())], &RemoteId("w".into()));
        }
        assert_eq!(memory.parts.len(), MAX_PARTS);
        assert_eq!(memory.whole(&RemoteId("8".into())), None);
        assert_eq!(memory.whole(&RemoteId("9".into())), Some(&RemoteId("w".into())));
    }
}
