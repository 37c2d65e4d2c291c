//! How far we have read, for all of our devices: `MARKREAD`.
//!
//! <https://ircv3.net/specs/extensions/read-marker>

use super::casemap::Folded;
use super::line::Line;
use super::outbox::Turn;
use super::people::{MAX_PLACES, SERVER, key};
use super::session::Session;
use super::stamp;
use domain::{ConversationKey, Event, Timestamp};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The least time between two marks of a conversation, so that who reads along costs no flood of lines.
const EVERY: Duration = Duration::from_secs(5);

/// The marks, by conversation; at most as many as there are conversations.
#[derive(Debug, Default)]
pub(super) struct Marks(BTreeMap<Folded, Mark>);

#[derive(Debug)]
struct Mark {
    name: String,
    /// What the server knows, or was told.
    known: Timestamp,
    /// What it is to be told when `next` comes.
    wanted: Option<Timestamp>,
    next: Instant,
}

impl Marks {
    /// When a mark is to be told.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.values().filter(|mark| mark.wanted.is_some()).map(|mark| mark.next).min()
    }
}

impl Session {
    /// Whether the server keeps marks.
    pub(super) fn has_marks(&self) -> bool {
        self.caps.is_enabled("draft/read-marker")
    }

    /// The user has read so far.
    pub(super) fn mark_read(&mut self, conversation: &ConversationKey, upto: Timestamp) {
        let name = self.target_of(conversation);
        if !self.has_marks() || self.mark_place(&name).is_none() {
            return;
        }
        let folded = self.people.fold(&name);
        let fresh = Mark { name, known: Timestamp(i64::MIN), wanted: None, next: self.now.mono };
        let mark = self.extras.marks.0.entry(folded).or_insert(fresh);
        if upto > mark.known {
            mark.wanted = mark.wanted.max(Some(upto));
        }
        self.tell_marks();
    }

    /// What has a mark: a conversation of this session, or one with somebody from an earlier session.
    fn mark_place(&self, name: &str) -> Option<(ConversationKey, String)> {
        if let Some(place) = self.people.place(name) {
            return Some((place.key.clone(), place.name.clone()));
        }
        let known = self.extras.marks.0.contains_key(&self.people.fold(name));
        let bare = name.is_empty() || name == SERVER || self.features.is_channel(name);
        let room = known || self.extras.marks.0.len() < MAX_PLACES;
        (!bare && room).then(|| (key(name), name.to_owned()))
    }

    /// Tells the marks whose time has come.
    pub(super) fn tell_marks(&mut self) {
        let now = self.now.mono;
        for mark in self.extras.marks.0.values_mut().filter(|mark| mark.next <= now) {
            let Some(upto) = mark.wanted.take() else { continue };
            let time = format!("timestamp={}", stamp::write_time(upto));
            let line = Line::new("MARKREAD", [mark.name.clone(), time]);
            if self.out.send(line, Turn::Idle) {
                mark.known = upto;
            }
            mark.next = now + EVERY;
        }
    }

    /// Asks how far we have read with somebody; of rooms it is told unasked.
    pub(super) fn ask_mark(&mut self, name: &str) {
        if self.has_marks() {
            self.send_idle(Line::new("MARKREAD", [name]));
        }
    }

    /// The server says how far we have read.
    pub(super) fn marked(&mut self, line: &Line) {
        let Some(name) = line.param(0) else { return };
        let upto = line.param(1).and_then(|time| time.strip_prefix("timestamp=")).and_then(stamp::read_time);
        let (Some(upto), Some((conversation, name))) = (upto, self.mark_place(name)) else { return };
        let folded = self.people.fold(&name);
        let fresh = Mark { name, known: upto, wanted: None, next: self.now.mono };
        let mark = self.extras.marks.0.entry(folded).or_insert(fresh);
        mark.known = mark.known.max(upto);
        mark.wanted = mark.wanted.filter(|wanted| *wanted > upto);
        self.event(Event::Read { conversation, upto });
    }
}
