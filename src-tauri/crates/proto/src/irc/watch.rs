//! Who comes and goes: `MONITOR`, for those whom the user watches and for those whom we talk with.
//!
//! <https://ircv3.net/specs/extensions/monitor>. Who is there is the one member of the conversation with them.

use super::casemap::Folded;
use super::isupport::Limit;
use super::line::{Line, Source};
use super::modes::Turn as ModeTurn;
use super::numerics;
use super::people::SERVER;
use super::session::Session;
use domain::{ConversationKey, Event, Member};
use std::collections::BTreeSet;

/// The most people who are watched for the user.
const MAX_WATCHED: usize = 100;

/// The most people with whom we talk who are watched, where the server names no limit.
const MAX_TALKING: usize = 100;

/// The most bytes of names in one line.
const MAX_NAMES: usize = 300;

/// Whose comings and goings the server was asked to tell.
#[derive(Debug, Default)]
pub(super) struct Watch(BTreeSet<Folded>);

impl Session {
    /// At the beginning of a session.
    pub(super) fn watch_all(&mut self) {
        let mut watched = self.memory.watched.clone();
        // Who has the name that we want, so that we take it as soon as it is free.
        if self.nick.due().is_some() {
            watched.insert(0, self.nick.wanted.clone());
        }
        self.watch_these(&watched);
    }

    /// We talk with somebody.
    pub(super) fn watch_talking(&mut self, name: &str) {
        let name = name.to_owned();
        self.watch_these(&[name]);
    }

    /// The user wants to be told of somebody, or not any more.
    pub(super) fn watch(&mut self, turn: ModeTurn, nicks: Vec<String>) {
        let mapping = self.people.casemapping();
        match turn {
            ModeTurn::Set => {
                for nick in &nicks {
                    let known = self.memory.watched.iter().any(|watched| mapping.same(watched, nick));
                    if !known && self.memory.watched.len() < MAX_WATCHED {
                        self.memory.watched.push(nick.clone());
                    }
                }
                // Asked for anew, so that the server says whether they are there.
                for nick in &nicks {
                    self.extras.watch.0.remove(&mapping.fold(nick));
                }
                self.make_room(nicks.len());
                self.watch_these(&nicks);
                if nicks.iter().any(|nick| !self.extras.watch.0.contains(&mapping.fold(nick))) {
                    let text = format!(
                        "The server watches {} people for you, and no more.",
                        self.extras.watch.0.len()
                    );
                    self.tell(&ConversationKey(SERVER.to_owned()), text);
                }
            }
            ModeTurn::Unset => {
                self.memory.watched.retain(|watched| !nicks.iter().any(|nick| mapping.same(watched, nick)));
                for nick in &nicks {
                    self.extras.watch.0.remove(&mapping.fold(nick));
                }
                for names in packed(&nicks) {
                    self.send_soon(Line::new("MONITOR", ["-".to_owned(), names]));
                }
            }
        }
        self.remember();
    }

    /// `730` and `731`: who is there, and who is not.
    pub(super) fn watched(&mut self, line: &Line) {
        let here = line.command == "730";
        for mask in line.params.last().map(String::as_str).unwrap_or_default().split(',') {
            let nick = Source::parse(mask).nick;
            if nick.is_empty() {
                continue;
            }
            if !here {
                self.people.gone(&nick);
                self.nick_freed(&nick);
            }
            let mapping = self.people.casemapping();
            if self.memory.watched.iter().any(|watched| mapping.same(watched, &nick)) {
                let text = numerics::words(&Line::new(&line.command, ["", nick.as_str()]));
                self.tell(&ConversationKey(SERVER.to_owned()), text);
            }
            let place = self.people.place(&nick).filter(|place| place.room.is_none());
            let Some((conversation, name)) = place.map(|place| (place.key.clone(), place.name.clone()))
            else {
                continue;
            };
            if here {
                let member = Member { name, ..self.people.person(&nick) };
                self.event(Event::Member { conversation, member });
            } else {
                self.event(Event::MemberGone { conversation, name });
            }
        }
    }

    /// The conversation with somebody whom the server watches for us.
    pub(super) fn talking_with(&self, nick: &str) -> Option<ConversationKey> {
        let place = self.people.place(nick).filter(|place| place.room.is_none())?;
        self.extras.watch.0.contains(&self.people.fold(nick)).then(|| place.key.clone())
    }

    /// `734`: the server watches no more. `false`: the line says something else, or the user asked for it.
    pub(super) fn watched_too_many(&mut self, line: &Line) -> bool {
        if line.command != "734" {
            return false;
        }
        let mapping = self.people.casemapping();
        let nicks: Vec<&str> = line.param(2).unwrap_or_default().split(',').collect();
        for nick in &nicks {
            self.extras.watch.0.remove(&mapping.fold(nick));
        }
        !nicks.iter().any(|nick| self.memory.watched.iter().any(|watched| mapping.same(watched, nick)))
    }

    /// Whom the user wants to be told of goes before those with whom we talk.
    fn make_room(&mut self, wanted: usize) {
        let Some(Limit::At(most)) = self.features.monitor() else { return };
        let excess = (self.extras.watch.0.len() + wanted).saturating_sub(most);
        let mapping = self.people.casemapping();
        let watched = self.memory.watched.iter().chain([&self.nick.wanted]).map(|nick| mapping.fold(nick));
        let kept: BTreeSet<Folded> = watched.collect();
        let spare: Vec<Folded> = self.extras.watch.0.difference(&kept).take(excess).cloned().collect();
        for nick in &spare {
            self.extras.watch.0.remove(nick);
        }
        let names: Vec<String> = spare.iter().map(ToString::to_string).collect();
        for names in packed(&names) {
            self.send_idle(Line::new("MONITOR", ["-".to_owned(), names]));
        }
    }

    fn watch_these(&mut self, nicks: &[String]) {
        let most = match self.features.monitor() {
            None => return,
            Some(Limit::At(most)) => most,
            Some(Limit::Unlimited) => MAX_WATCHED + MAX_TALKING,
        };
        let mut fresh = Vec::new();
        for nick in nicks {
            let folded = self.people.fold(nick);
            if self.extras.watch.0.len() < most && self.extras.watch.0.insert(folded) {
                fresh.push(nick.clone());
            }
        }
        for names in packed(&fresh) {
            self.send_idle(Line::new("MONITOR", ["+".to_owned(), names]));
        }
    }
}

/// Names, as many in a line as fit.
fn packed(nicks: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for nick in nicks {
        match lines.last_mut() {
            Some(line) if line.len() + nick.len() < MAX_NAMES => {
                line.push(',');
                line.push_str(nick);
            }
            Some(_) | None => lines.push(nick.clone()),
        }
    }
    lines
}
