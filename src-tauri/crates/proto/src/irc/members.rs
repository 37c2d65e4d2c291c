//! Who is in a room, and what is known of them: lists of names, answers to `WHO`, and changes that servers tell unasked.
//!
//! <https://ircv3.net/specs/extensions/whox>, <https://ircv3.net/specs/extensions/away-notify>,
//! <https://ircv3.net/specs/extensions/account-notify>, <https://ircv3.net/specs/extensions/chghost>,
//! <https://ircv3.net/specs/extensions/no-implicit-names>.

use super::line::{Line, Source};
use super::modes::Ranks;
use super::people::{MAX_MEMBERS, Person};
use super::session::Session;
use domain::Event;

/// The token of our own `WHO`, by which its answers are told from others'.
const WHO_TOKEN: &str = "152";

impl Session {
    /// Asks who is in a room, and what they are, where nobody tells it unasked.
    pub(super) fn ask_who(&mut self, name: &str) {
        let unnamed =
            self.caps.is_enabled("no-implicit-names") || self.caps.is_enabled("draft/no-implicit-names");
        let whox = self.features.whox() && !self.settings.twitch;
        if let Some(room) = self.people.joined_mut(name) {
            room.asked = whox;
            room.by_who = whox && unnamed;
            room.naming = room.by_who.then(Default::default);
        }
        if whox {
            self.send_idle(Line::new("WHO", [name.to_owned(), format!("%tchnfa,{WHO_TOKEN}")]));
        } else if unnamed {
            self.send_idle(Line::new("NAMES", [name]));
        }
    }

    /// What the tags of a line say of who sent it. <https://ircv3.net/specs/extensions/account-tag>,
    /// <https://ircv3.net/specs/extensions/bot-mode>
    pub(super) fn note_sender(&mut self, line: &Line) {
        let Some(source) = &line.source else { return };
        let nick = source.nick.clone();
        self.people.note_host(&nick, source.host.as_deref());
        let Some(person) = self.people.persons.get(&self.people.fold(&nick)) else { return };
        let bot = line.tags.find("bot").or_else(|| line.tags.find("draft/bot")).is_some();
        let account = line.tags.find("account").filter(|account| !account.is_empty()).map(str::to_owned);
        let account = account.filter(|account| person.account.as_ref() != Some(account));
        if account.is_none() && (!bot || person.bot) {
            return;
        }
        self.changes(&nick, |person| {
            person.bot |= bot;
            if account.is_some() {
                person.account = account;
            }
            true
        });
    }

    pub(super) fn away(&mut self, line: &Line) {
        let Some(nick) = line.source.as_ref().map(|source| source.nick.clone()) else { return };
        let away = line.param(0).is_some_and(|why| !why.is_empty());
        self.changes(&nick, |person| std::mem::replace(&mut person.away, away) != away);
    }

    pub(super) fn account(&mut self, line: &Line) {
        let Some(nick) = line.source.as_ref().map(|source| source.nick.clone()) else { return };
        let account = line.param(0).filter(|account| *account != "*").map(str::to_owned);
        self.changes(&nick, |person| std::mem::replace(&mut person.account, account.clone()) != account);
    }

    pub(super) fn host_changed(&mut self, line: &Line) {
        let Some(source) = &line.source else { return };
        self.people.note_host(&source.nick, line.param(1));
        if !self.is_me(&source.nick) {
            return;
        }
        self.nick.own.nick.clone_from(&source.nick);
        self.nick.own.user = line.param(0).map(str::to_owned);
        self.nick.own.host = line.param(1).map(str::to_owned);
    }

    /// Something about somebody changes; it is told in each room where they are, and in the conversation with them where
    /// the server watches them for us. <https://ircv3.net/specs/extensions/extended-monitor>
    fn changes(&mut self, nick: &str, change: impl FnOnce(&mut Person) -> bool) {
        let rooms = self.people.rooms_of(nick);
        let talking = self.talking_with(nick);
        let seen = talking.is_some() || !rooms.is_empty();
        let changed = seen && self.people.person_mut(nick).is_some_and(change);
        if changed {
            if let Some(conversation) = talking {
                let member = self.people.person(nick);
                self.event(Event::Member { conversation, member });
            }
            for room in rooms {
                self.tell_member(&room, nick);
            }
        }
    }

    pub(super) fn names_told(&mut self, line: &Line) -> bool {
        let Some(name) = line.param(2).map(str::to_owned) else { return false };
        let prefixes = self.people.prefixes().clone();
        if self.people.joined_mut(&name).is_none() {
            return false;
        }
        for word in line.params.last().map(String::as_str).unwrap_or_default().split(' ') {
            let (ranks, source) = Ranks::split(word, &prefixes);
            let Source { nick, host, .. } = Source::parse(source);
            if nick.is_empty() {
                continue;
            }
            let folded = self.people.fold(&nick);
            self.people.person_mut(&nick);
            self.people.note_host(&nick, host.as_deref());
            if let Some(room) = self.people.joined_mut(&name) {
                let naming = room.naming.get_or_insert_default();
                if naming.len() < MAX_MEMBERS {
                    naming.insert(folded, ranks);
                }
            }
        }
        true
    }

    pub(super) fn names_end(&mut self, name: &str) -> bool {
        let Some(room) = self.people.joined_mut(name) else { return false };
        if room.by_who && room.asked {
            return true;
        }
        if let Some(members) = room.naming.take() {
            room.members = members;
        }
        self.tell_members(name);
        true
    }

    fn tell_members(&mut self, name: &str) {
        let Some(conversation) = self.people.place(name).map(|place| place.key.clone()) else { return };
        if !self.settings.twitch {
            let members = self.people.members(name);
            self.event(Event::Members { conversation, members });
        }
    }

    /// `152 #room host nick flags account`, as we asked for it.
    pub(super) fn who_told(&mut self, line: &Line) -> bool {
        let [_, token, name, host, nick, flags, account] = line.params.as_slice() else { return false };
        if token != WHO_TOKEN {
            return false;
        }
        let prefixes = self.people.prefixes().clone();
        let folded = self.people.fold(nick);
        let follows = self.caps.is_enabled("away-notify");
        let bot = self.features.bot().is_some_and(|letter| flags.contains(letter));
        let Some(room) = self.people.joined_mut(name).filter(|room| room.asked) else { return true };
        if let Some(naming) = &mut room.naming {
            let signs = flags.trim_start_matches(|char: char| char.is_ascii_alphabetic() || char == '*');
            naming.insert(folded.clone(), Ranks::split(signs, &prefixes).0);
        } else if !room.members.contains_key(&folded) {
            return true;
        }
        let Some(person) = self.people.person_mut(nick) else { return true };
        let before = person.clone();
        // Without `away-notify` nobody would tell that they are back.
        person.away = follows && flags.starts_with('G');
        person.bot = bot;
        person.account = Some(account).filter(|account| *account != "0").cloned();
        let news = *person != before;
        self.people.note_host(nick, Some(host));
        if let Some(room) = self.people.joined_mut(name) {
            room.news |= news;
        }
        true
    }

    pub(super) fn who_end(&mut self, name: &str) -> bool {
        let Some(room) = self.people.joined_mut(name).filter(|room| room.asked) else { return false };
        room.asked = false;
        let news = std::mem::take(&mut room.news);
        let named = room.naming.take();
        let whole = named.is_some();
        if let Some(members) = named {
            room.members = members;
        }
        if news || whole {
            self.tell_members(name);
        }
        true
    }

    /// `263`: the server is too busy for a question. Where that was for who is in our rooms, the names do.
    pub(super) fn who_refused(&mut self) -> bool {
        let rooms =
            self.people.places.values_mut().filter_map(|place| Some((&place.name, place.room.as_mut()?)));
        let mut unnamed = Vec::new();
        let mut ours = false;
        for (name, room) in rooms.filter(|(_, room)| room.asked) {
            ours = true;
            room.asked = false;
            if std::mem::take(&mut room.by_who) {
                room.naming = None;
                unnamed.push(name.clone());
            }
        }
        for name in unnamed {
            self.send_idle(Line::new("NAMES", [name]));
        }
        ours
    }
}
