//! Parts of a network that lose each other and find each other again.
//!
//! Servers that can, say so by a batch: <https://ircv3.net/specs/batches/netsplit>. Of others it shows in the words of each
//! `QUIT`: the names of the two servers that lost each other. Those are gathered until no more have come for a moment, so
//! that a room of hundreds has one line and not hundreds; and so are those who are back afterwards.

use super::batch::{Batch, Item};
use super::casemap::Folded;
use super::line::Line;
use super::modes::Ranks;
use super::session::{Around, Session};
use super::stamp;
use domain::{Change, Event, Happening, Sender, Timestamp};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long after the last of them a split counts as told.
const QUIET: Duration = Duration::from_millis(800);

/// How many people of a split are gathered before it is told.
const MAX_LOST: usize = 2000;

/// How long a split may last: who comes later comes of their own.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// How many lost people are kept in mind, so that their way back is told as such.
const MAX_AWAITED: usize = 5000;

/// A split, or its end, that is being told line by line.
#[derive(Clone, Debug, Default)]
pub(super) struct Split {
    lost: Gathered,
    back: Gathered,
    /// Rooms and people that splits took from each other, as they are compared, and until when they are waited for.
    awaited: BTreeMap<(Folded, Folded), Instant>,
}

/// People who are gathered before they are told of.
#[derive(Clone, Debug, Default)]
struct Gathered {
    /// By room.
    names: BTreeMap<String, Vec<String>>,
    count: usize,
    at: Option<Timestamp>,
    due: Option<Instant>,
}

impl Split {
    /// When it counts as told.
    pub(super) fn due(&self) -> Option<Instant> {
        self.lost.due.into_iter().chain(self.back.due).min()
    }
}

impl Gathered {
    /// One more line of it. Whether it is enough.
    fn more(&mut self, line: &Line, now: Instant) -> bool {
        self.count += 1;
        self.at = self.at.or_else(|| stamp::time(line));
        self.due = Some(now + QUIET);
        self.count >= MAX_LOST
    }

    fn is_due(&self, now: Instant) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

impl Session {
    /// Everybody who left with one part of the network, told once a room.
    pub(super) fn split(&mut self, batch: &Batch) {
        let mut lost: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in lines(batch) {
            let Some(nick) = nick_of(line, "QUIT").filter(|nick| !self.is_me(nick)) else {
                self.take(line, &Around::default());
                continue;
            };
            self.lose(&nick, &mut lost);
        }
        for (room, names) in lost {
            self.happened(&room, Sender::Server, Change::Split { names }, &batch.opening);
        }
    }

    /// Everybody who came back with it.
    pub(super) fn rejoin(&mut self, batch: &Batch) {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in lines(batch) {
            let room = line.param(0).map(str::to_owned);
            let came = nick_of(line, "JOIN").zip(room).filter(|(nick, _)| !self.is_me(nick));
            let Some((nick, room)) = came else {
                self.take(line, &Around::default());
                continue;
            };
            self.parting.awaited.remove(&(self.people.fold(&room), self.people.fold(&nick)));
            if self.people.enters(&room, &nick, Ranks::default()) {
                self.tell_member(&room, &nick);
                found.entry(room).or_default().push(nick);
            }
        }
        for (room, names) in found {
            self.happened(&room, Sender::Server, Change::Rejoined { names }, &batch.opening);
        }
    }

    /// A `QUIT` that tells of a split is gathered. `false`: it is of somebody's own doing.
    pub(super) fn split_off(&mut self, nick: &str, why: &str, line: &Line) -> bool {
        if !is_split(why) || self.is_me(nick) {
            return false;
        }
        let mut lost = std::mem::take(&mut self.parting.lost.names);
        self.lose(nick, &mut lost);
        self.parting.lost.names = lost;
        if self.parting.lost.more(line, self.now.mono) {
            self.tell_split();
        }
        true
    }

    /// A `JOIN` of somebody whom a split took is gathered. `false`: they come of their own.
    pub(super) fn comes_back(&mut self, room: &str, nick: &str, line: &Line) -> bool {
        let pair = (self.people.fold(room), self.people.fold(nick));
        if self.parting.awaited.remove(&pair).is_none_or(|until| until <= self.now.mono) {
            return false;
        }
        self.parting.back.names.entry(room.to_owned()).or_default().push(nick.to_owned());
        if self.parting.back.more(line, self.now.mono) {
            self.tell_rejoined();
        }
        true
    }

    /// Tells a split, or its end, if nothing more of it has come.
    pub(super) fn split_timeout(&mut self) {
        if self.parting.lost.is_due(self.now.mono) {
            self.tell_split();
        }
        if self.parting.back.is_due(self.now.mono) {
            self.tell_rejoined();
        }
    }

    /// Tells a split: no more of it is waited for.
    pub(super) fn tell_split(&mut self) {
        let gathered = std::mem::take(&mut self.parting.lost);
        self.tell_gathered(gathered, |names| Change::Split { names });
    }

    /// Tells who is back: no more of them are waited for.
    pub(super) fn tell_rejoined(&mut self) {
        let gathered = std::mem::take(&mut self.parting.back);
        self.tell_gathered(gathered, |names| Change::Rejoined { names });
    }

    fn tell_gathered(&mut self, gathered: Gathered, change: impl Fn(Vec<String>) -> Change) {
        let Gathered { names, at, .. } = gathered;
        for (room, names) in names {
            let Some(conversation) = self.people.place(&room).map(|place| place.key.clone()) else {
                continue;
            };
            let (who, change) = (Sender::Server, change(names));
            let happening = Happening { conversation, id: None, who, change, at };
            self.event(Event::Happened { happening });
        }
    }

    /// Somebody is gone from every room, and may come back.
    fn lose(&mut self, nick: &str, lost: &mut BTreeMap<String, Vec<String>>) {
        for room in &self.people.rooms_of(nick) {
            self.people.leaves(room, nick);
            self.tell_gone(room, nick);
            lost.entry(room.clone()).or_default().push(nick.to_owned());
            self.await_back(room, nick);
        }
        self.people.gone(nick);
    }

    fn await_back(&mut self, room: &str, nick: &str) {
        let now = self.now.mono;
        let awaited = &mut self.parting.awaited;
        if awaited.len() >= MAX_AWAITED {
            awaited.retain(|_, until| *until > now);
        }
        if awaited.len() < MAX_AWAITED {
            awaited.insert((self.people.fold(room), self.people.fold(nick)), now + LONGEST);
        }
    }
}

/// Whether the words of a `QUIT` are the names of two servers, or what InspIRCd hides them behind.
fn is_split(why: &str) -> bool {
    let is_server = |name: &str| {
        let fits = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '*' | '_');
        name.contains('.') && !name.starts_with('.') && !name.ends_with('.') && name.chars().all(fits)
    };
    let mut words = why.split(' ');
    let both = [words.next(), words.next()].into_iter().all(|word| word.is_some_and(is_server));
    both && words.next().is_none()
}

fn nick_of(line: &Line, command: &str) -> Option<String> {
    let source = line.source.as_ref().filter(|_| line.command.eq_ignore_ascii_case(command))?;
    Some(source.nick.clone())
}

/// The lines of a batch, those of nested ones too.
fn lines(batch: &Batch) -> Vec<&Line> {
    let mut found = Vec::new();
    for item in &batch.items {
        match item {
            Item::Line(line) => found.push(line),
            Item::Batch(nested) => found.extend(lines(nested)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_shows_in_the_words_of_a_quit() {
        for split in ["irc.hub.example other.example", "*.net *.split", "hub.lab.test leaf.lab.test"] {
            assert!(is_split(split), "{split}");
        }
        for own in ["", "bye", "Quit: a.b c.d", "see you. bye.", "gone.", "a.b c.d e.f", "Ping timeout: 9 s"]
        {
            assert!(!is_split(own), "{own}");
        }
    }
}
