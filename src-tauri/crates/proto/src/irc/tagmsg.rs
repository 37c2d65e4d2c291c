//! What is said without words: reactions, redactions, and that somebody is typing.
//!
//! <https://ircv3.net/specs/client-tags/react>, <https://ircv3.net/specs/client-tags/typing>,
//! <https://ircv3.net/specs/extensions/message-redaction>.

use super::casemap::Folded;
use super::line::Line;
use super::outbox::Turn;
use super::people::key;
use super::session::Session;
use super::stamp;
use domain::{ConversationKey, Event, RemoteId, Sender};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The least time between two signs of ours that we are typing in a conversation: the specification's.
const EVERY: Duration = Duration::from_secs(3);

/// The longest reaction that is shown and sent, in characters: more than any emoji, less than a text.
const MAX_REACTION: usize = 64;

/// The most people who are known to be typing.
const MAX_TYPING: usize = 1000;

/// Who is typing.
#[derive(Debug, Default)]
pub(super) struct Typing {
    /// Where we are, and when we said so; at most as many as there are conversations.
    own: BTreeMap<Folded, Instant>,
    /// Who is, by conversation and name.
    others: BTreeSet<(ConversationKey, String)>,
}

impl Session {
    /// Whether a client-only tag gets through.
    pub(super) fn passes(&self, tag: &str) -> bool {
        self.caps.is_enabled("message-tags") && self.features.allows_client_tag(tag) && !self.settings.twitch
    }

    /// Whether reactions get through.
    pub(super) fn has_reactions(&self) -> bool {
        self.passes("draft/react") && self.passes("draft/reply")
    }

    /// Whether a redaction of ours is seen to have happened.
    pub(super) fn has_redaction(&self) -> bool {
        self.caps.is_enabled("draft/message-redaction") && self.caps.is_enabled("echo-message")
    }

    /// The user puts a reaction to a message, or takes it back.
    pub(super) fn react(
        &mut self,
        conversation: ConversationKey,
        target: RemoteId,
        text: String,
        present: bool,
    ) {
        let Some(id) = stamp::msgid(&target).filter(|_| self.has_reactions()).map(str::to_owned) else {
            return;
        };
        if text.is_empty() || text.chars().count() > MAX_REACTION || text.contains(char::is_control) {
            return;
        }
        let name = self.target_of(&conversation);
        let tag = if present { "+draft/react" } else { "+draft/unreact" };
        let line = Line::new("TAGMSG", [name]).tagged(tag, &text).tagged("+draft/reply", &id);
        self.send_soon(line);
        if !self.caps.is_enabled("echo-message") {
            self.event(Event::Reaction { conversation, target, by: Sender::Me, text, present });
        }
    }

    /// The user takes a message back; the server tells when it is so.
    pub(super) fn redact(&mut self, conversation: &ConversationKey, target: &RemoteId) {
        let Some(id) = stamp::msgid(target).filter(|_| self.has_redaction()) else { return };
        let name = self.target_of(conversation);
        self.send_soon(Line::new("REDACT", [name.as_str(), id]));
    }

    /// The user is typing, or has stopped. It is never worth waiting for.
    pub(super) fn type_in(&mut self, conversation: &ConversationKey, typing: bool) {
        let name = self.target_of(conversation);
        if !self.passes("typing") || self.out.is_busy() {
            return;
        }
        let folded = self.people.fold(&name);
        let now = self.now.mono;
        let said = self.extras.typing.own.get(&folded).copied();
        let recent = said.is_some_and(|at| now.saturating_duration_since(at) < EVERY);
        let value = match (typing, said) {
            (true, _) if !recent => "active",
            (false, Some(_)) if !recent => "done",
            _ => return,
        };
        if typing {
            self.extras.typing.own.insert(folded, now);
        } else {
            self.extras.typing.own.remove(&folded);
        }
        let line = Line::new("TAGMSG", [name]).tagged("+typing", value);
        let _ = self.out.send(line, Turn::Soon);
    }

    /// What was being typed is said: others see it by that.
    pub(super) fn typed(&mut self, name: &str) {
        let folded = self.people.fold(name);
        self.extras.typing.own.remove(&folded);
    }

    /// A message without words.
    pub(super) fn tagged(&mut self, line: &Line) {
        let Some(target) = line.param(0).map(str::to_owned) else { return };
        let typing = line.tags.find("+typing").or_else(|| line.tags.find("+draft/typing"));
        if let (Some(value), Sender::Person { name }) = (typing, self.sender(line)) {
            let place = if self.is_me(&target) { &name } else { &target };
            // Who only types opens no conversation; one with them may be there from an earlier session.
            let conversation = self.people.place(place).map(|place| place.key.clone());
            let earlier = (!self.features.is_channel(place)).then(|| key(place));
            if let Some(conversation) = conversation.or(earlier) {
                self.types(conversation, name, value == "active");
            }
        }
        if self.reaction(line, &ConversationKey::default()).is_none() || self.settings.twitch {
            return;
        }
        let (conversation, circle) = self.belongs(line, &target);
        if let Some(event) = self.reaction(line, &conversation).filter(|_| circle.is_none()) {
            self.event(event);
        }
    }

    /// Who said something has typed it.
    pub(super) fn spoke(&mut self, conversation: &ConversationKey, name: &str) {
        if self.extras.typing.others.contains(&(conversation.clone(), name.to_owned())) {
            self.types(conversation.clone(), name.to_owned(), false);
        }
    }

    fn types(&mut self, conversation: ConversationKey, name: String, typing: bool) {
        let others = &mut self.extras.typing.others;
        let key = (conversation.clone(), name.clone());
        if !typing {
            others.remove(&key);
        } else if others.len() < MAX_TYPING {
            others.insert(key);
        }
        self.event(Event::Typing { conversation, name, typing });
    }

    /// The reaction that a line is.
    pub(super) fn reaction(&self, line: &Line, conversation: &ConversationKey) -> Option<Event> {
        let find = |one, other| line.tags.find(one).or_else(|| line.tags.find(other));
        let put = find("+draft/react", "+react").map(|text| (text, true));
        let (text, present) = put.or_else(|| find("+draft/unreact", "+unreact").map(|text| (text, false)))?;
        let target = self.replies_to(line)?;
        let text: String = text.trim().chars().filter(|char| !char.is_control()).take(MAX_REACTION).collect();
        let by = self.sender(line);
        let conversation = conversation.clone();
        (!text.is_empty()).then_some(Event::Reaction { conversation, target, by, text, present })
    }

    /// The redaction that a line is.
    pub(super) fn redaction(&self, line: &Line, conversation: &ConversationKey) -> Option<Event> {
        let target = RemoteId(line.param(1).filter(|id| !id.is_empty())?.to_owned());
        let target = self.memory.whole(&target).cloned().unwrap_or(target);
        let why = line.param(2).filter(|why| !why.is_empty());
        let why = why.map(|why| super::formatting::parse(why).to_plain());
        Some(Event::Retracted { conversation: conversation.clone(), target, by: self.sender(line), why })
    }

    /// A message was taken back.
    pub(super) fn redacted(&mut self, line: &Line) {
        let Some(target) = line.param(0).map(str::to_owned) else { return };
        let (conversation, _) = self.belongs(line, &target);
        if let Some(event) = self.redaction(line, &conversation) {
            self.event(event);
        }
    }
}
