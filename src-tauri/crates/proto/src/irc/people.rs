//! Who is where: rooms, those who are in them, and the conversations that stand for both.
//!
//! Names are compared by the server's casemapping, and shown as the server last wrote them. The key of a conversation is
//! its name in lower case by ASCII alone, which is the same name under every casemapping: it can be made before a server
//! was asked, and a message can be sent to it as it stands. Within a session the casemapping finds the conversation that a
//! name belongs to, however that was written first.

use super::casemap::{Casemapping, Folded};
use super::isupport::Isupport;
use super::modes::{PrefixTable, Ranks};
use super::run::mask as mask_of;
use domain::{ConversationKey, ConversationKind, Member, RemoteConversation};
use std::collections::BTreeMap;

/// The most members of a room that are kept: the largest rooms of any network have some thousands.
pub(super) const MAX_MEMBERS: usize = 20_000;

/// The most people that are kept, over all rooms. Who comes beyond is shown without what else is known of them.
const MAX_PEOPLE: usize = 100_000;

/// The most conversations of a session; what a server names beyond has the server's own.
pub(super) const MAX_PLACES: usize = 2000;

/// The key of what the server itself says.
pub(super) const SERVER: &str = "*";

/// A conversation of this session.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// Its key.
    pub(super) key: ConversationKey,
    /// Its name, as the server last wrote it.
    pub(super) name: String,
    /// What it is about.
    pub(super) topic: Option<String>,
    /// Where it is a room.
    pub(super) room: Option<Room>,
}

/// A room.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    /// We are in it.
    pub(super) joined: bool,
    /// Who is.
    pub(super) members: BTreeMap<Folded, Ranks>,
    /// A list of names that goes on.
    pub(super) naming: Option<BTreeMap<Folded, Ranks>>,
    /// We have asked who is there, and what they are.
    pub(super) asked: bool,
    /// They are the list of names, since the server gives none unasked.
    pub(super) by_who: bool,
    /// The answers have told something new.
    pub(super) news: bool,
}

/// What is known of somebody wherever they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Person {
    /// As the server last wrote it.
    pub(super) nick: String,
    /// They are not there at the moment.
    pub(super) away: bool,
    /// It is a program.
    pub(super) bot: bool,
    /// Their account.
    pub(super) account: Option<String>,
    /// Where they are connected from, as the server shows it. Nobody is told.
    pub(super) host: Option<String>,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    casemapping: Casemapping,
    prefixes: PrefixTable,
    pub(super) places: BTreeMap<Folded, Place>,
    pub(super) persons: BTreeMap<Folded, Person>,
}

/// The key of the conversation with that person or room.
pub(super) fn key(name: &str) -> ConversationKey {
    ConversationKey(name.to_ascii_lowercase())
}

/// What the server itself says.
pub(super) fn server() -> RemoteConversation {
    RemoteConversation { key: ConversationKey(SERVER.to_owned()), ..RemoteConversation::default() }
}

impl Place {
    /// As it is told.
    pub(super) fn told(&self) -> RemoteConversation {
        let kind = if self.room.is_some() { ConversationKind::Room } else { ConversationKind::Direct };
        RemoteConversation {
            key: self.key.clone(),
            kind,
            title: Some(self.name.clone()),
            topic: self.topic.clone(),
            left: self.room.as_ref().is_some_and(|room| !room.joined),
        }
    }

    /// Whether we are in it.
    pub(super) fn is_joined(&self) -> bool {
        self.room.as_ref().is_some_and(|room| room.joined)
    }
}

impl People {
    /// How this server compares names and ranks people. What was filed under another casemapping is filed anew.
    pub(super) fn suit(&mut self, features: &Isupport) {
        self.prefixes = features.prefixes();
        let casemapping = features.casemapping();
        if casemapping == self.casemapping {
            return;
        }
        self.casemapping = casemapping;
        let fold = |name: &str| casemapping.fold(name);
        let places = std::mem::take(&mut self.places).into_values();
        self.places = places.map(|place| (fold(&place.name), place)).collect();
        let nicks: BTreeMap<Folded, String> =
            self.persons.iter().map(|(old, person)| (old.clone(), person.nick.clone())).collect();
        for room in self.places.values_mut().filter_map(|place| place.room.as_mut()) {
            let members = std::mem::take(&mut room.members).into_iter();
            room.members = members.filter_map(|(old, ranks)| Some((fold(nicks.get(&old)?), ranks))).collect();
            room.naming = None;
        }
        let persons = std::mem::take(&mut self.persons).into_values();
        self.persons = persons.map(|person| (fold(&person.nick), person)).collect();
    }

    /// A name as it is compared.
    pub(super) fn fold(&self, name: &str) -> Folded {
        self.casemapping.fold(name)
    }

    /// Whether two names are one.
    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        self.casemapping.same(one, other)
    }

    /// How names are compared.
    pub(super) fn casemapping(&self) -> Casemapping {
        self.casemapping
    }

    /// The signs and letters of ranks.
    pub(super) fn prefixes(&self) -> &PrefixTable {
        &self.prefixes
    }

    /// The conversation of that name.
    pub(super) fn place(&self, name: &str) -> Option<&Place> {
        self.places.get(&self.fold(name))
    }

    /// The same, to be changed.
    pub(super) fn place_mut(&mut self, name: &str) -> Option<&mut Place> {
        self.places.get_mut(&self.casemapping.fold(name))
    }

    /// The room of that name, where we are in it.
    pub(super) fn joined_mut(&mut self, name: &str) -> Option<&mut Room> {
        self.place_mut(name)?.room.as_mut().filter(|room| room.joined)
    }

    /// The names of the rooms that somebody is in with us.
    pub(super) fn rooms_of(&self, nick: &str) -> Vec<String> {
        let nick = self.fold(nick);
        let rooms = self.places.values().filter(|place| {
            place.room.as_ref().is_some_and(|room| room.joined && room.members.contains_key(&nick))
        });
        rooms.map(|place| place.name.clone()).collect()
    }

    /// Somebody, as they are shown in a room.
    pub(super) fn member(&self, room: &str, nick: &str) -> Option<Member> {
        let folded = self.fold(nick);
        let ranks = self.place(room)?.room.as_ref()?.members.get(&folded)?;
        Some(self.shown(&folded, ranks))
    }

    /// Somebody, as they are shown outside of rooms.
    pub(super) fn person(&self, nick: &str) -> Member {
        let known = self.persons.get(&self.fold(nick)).cloned();
        let person = known.unwrap_or_else(|| Person { nick: nick.to_owned(), ..Person::default() });
        let Person { nick: name, away, bot, account, host: _ } = person;
        Member { name, away, bot, account, ..Member::default() }
    }

    /// All members of a room.
    pub(super) fn members(&self, room: &str) -> Vec<Member> {
        let room = self.place(room).and_then(|place| place.room.as_ref());
        room.into_iter().flat_map(|room| &room.members).map(|(nick, ranks)| self.shown(nick, ranks)).collect()
    }

    /// What is known of somebody, to be changed; `None` when too many are kept.
    pub(super) fn person_mut(&mut self, nick: &str) -> Option<&mut Person> {
        let folded = self.fold(nick);
        if !self.persons.contains_key(&folded) && self.persons.len() >= MAX_PEOPLE {
            return None;
        }
        let person = self.persons.entry(folded).or_default();
        if person.nick != nick {
            nick.clone_into(&mut person.nick);
        }
        Some(person)
    }

    /// Where somebody is connected from, if we see them at all.
    pub(super) fn note_host(&mut self, nick: &str, host: Option<&str>) {
        let folded = self.fold(nick);
        let host = host.filter(|host| !host.is_empty() && *host != "*");
        if let Some((person, host)) = self.persons.get_mut(&folded).zip(host)
            && person.host.as_deref() != Some(host)
        {
            person.host = Some(host.to_owned());
        }
    }

    /// The masks under which somebody may be on a list: by their host where it is known, else by their name. What is a mask
    /// already stays.
    pub(super) fn masks(&self, who: &str) -> (String, Option<String>) {
        let by_name = mask_of(who);
        let known = self.persons.get(&self.fold(who)).and_then(|person| person.host.as_ref());
        match known.filter(|_| !who.contains(['!', '@', '*', '?'])) {
            Some(host) => (format!("*!*@{host}"), Some(by_name)),
            None => (by_name, None),
        }
    }

    /// Somebody comes into a room. `false`: nobody keeps count of so many.
    pub(super) fn enters(&mut self, room: &str, nick: &str, ranks: Ranks) -> bool {
        let folded = self.fold(nick);
        let Some(found) = self.joined_mut(room) else { return false };
        if found.members.len() >= MAX_MEMBERS && !found.members.contains_key(&folded) {
            return false;
        }
        found.members.insert(folded, ranks);
        self.person_mut(nick);
        true
    }

    /// Somebody leaves a room. `false`: they were not there.
    pub(super) fn leaves(&mut self, room: &str, nick: &str) -> bool {
        let folded = self.fold(nick);
        let gone = self
            .place_mut(room)
            .and_then(|place| place.room.as_mut())
            .is_some_and(|room| room.members.remove(&folded).is_some());
        self.forget(&folded);
        gone
    }

    /// We leave a room: nothing of it is known any more.
    pub(super) fn left(&mut self, room: &str) {
        let Some(room) = self.place_mut(room).and_then(|place| place.room.as_mut()) else { return };
        let members = std::mem::take(room).members;
        for nick in members.keys() {
            self.forget(nick);
        }
    }

    /// Somebody goes by another name.
    pub(super) fn renames(&mut self, from: &str, to: &str) {
        let (old, new) = (self.fold(from), self.fold(to));
        if let Some(mut person) = self.persons.remove(&old) {
            to.clone_into(&mut person.nick);
            self.persons.insert(new.clone(), person);
        }
        for room in self.places.values_mut().filter_map(|place| place.room.as_mut()) {
            for list in [Some(&mut room.members), room.naming.as_mut()].into_iter().flatten() {
                if let Some(ranks) = list.remove(&old) {
                    list.insert(new.clone(), ranks);
                }
            }
        }
    }

    /// Somebody is not on the network any more: who comes under that name is not known.
    pub(super) fn gone(&mut self, nick: &str) {
        let nick = self.fold(nick);
        if !self.is_in_a_room(&nick) {
            self.persons.remove(&nick);
        }
    }

    /// Nobody sees them any more, so nobody tells of what becomes of them; unless we talk with them.
    fn forget(&mut self, nick: &Folded) {
        let talking = self.places.get(nick).is_some_and(|place| place.room.is_none());
        if !talking && !self.is_in_a_room(nick) {
            self.persons.remove(nick);
        }
    }

    fn is_in_a_room(&self, nick: &Folded) -> bool {
        let seen = |place: &Place| place.room.as_ref().is_some_and(|room| room.members.contains_key(nick));
        self.places.values().any(seen)
    }

    fn shown(&self, nick: &Folded, ranks: &Ranks) -> Member {
        let known = self.persons.get(nick).cloned();
        let person = known.unwrap_or_else(|| Person { nick: nick.to_string(), ..Person::default() });
        let highest = ranks.modes().first();
        let table = self.prefixes.ranks();
        let place = highest.and_then(|mode| table.iter().position(|rank| rank.mode == *mode));
        let badge = place.and_then(|place| table.get(place)).map(|rank| rank.sign.to_string());
        let rank = place.map_or(0, |place| u8::try_from(table.len() - place).unwrap_or(u8::MAX));
        let Person { nick: name, away, bot, account, host: _ } = person;
        Member { name, badge: badge.unwrap_or_default(), rank, away, bot, account }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::irc::modes::Turn;

    fn people(rooms: &[(&str, &[&str])]) -> People {
        let mut people = People::default();
        for (name, nicks) in rooms {
            let room = Some(Room { joined: true, ..Room::default() });
            let place = Place { key: key(name), name: (*name).to_owned(), topic: None, room };
            people.places.insert(people.fold(name), place);
            for nick in *nicks {
                assert!(people.enters(name, nick, Ranks::default()));
            }
        }
        people
    }

    fn names(people: &People, room: &str) -> Vec<String> {
        people.members(room).into_iter().map(|member| member.name).collect()
    }

    #[test]
    fn whoever_nobody_sees_any_more_is_forgotten() {
        let mut people = people(&[("#a", &["ann", "bob"]), ("#b", &["bob"])]);
        people.person_mut("bob").unwrap().account = Some("robert".into());
        assert!(people.leaves("#A", "BOB") && !people.leaves("#a", "bob"));
        assert_eq!(
            people.member("#b", "bob").unwrap().account.as_deref(),
            Some("robert"),
            "still in the other"
        );
        people.left("#b");
        assert!(!people.persons.contains_key(&people.fold("bob")) && names(&people, "#b").is_empty());
        assert!(!people.enters("#b", "carl", Ranks::default()), "nobody tells of a room that we are not in");
        assert_eq!(names(&people, "#a"), ["ann"]);
    }

    #[test]
    fn who_is_renamed_is_so_everywhere_and_keeps_rank_and_account() {
        let mut people = people(&[("#a", &["bob"]), ("#b", &["bob", "carl"])]);
        people.person_mut("bob").unwrap().account = Some("robert".into());
        let prefixes = PrefixTable::default();
        let bob = people.fold("bob");
        people.joined_mut("#b").unwrap().members.get_mut(&bob).unwrap().turn(Turn::Set, 'o', &prefixes);
        people.renames("BOB", "Dave");
        assert_eq!(people.rooms_of("dave"), ["#a", "#b"]);
        let dave = people.member("#b", "dave").unwrap();
        assert_eq!((dave.name.as_str(), dave.badge.as_str(), dave.rank), ("Dave", "@", 2));
        assert_eq!(dave.account.as_deref(), Some("robert"));
        assert!(people.rooms_of("bob").is_empty());
    }

    #[test]
    fn a_casemapping_that_is_told_late_files_everything_anew() {
        let mut people = people(&[("#c{x}", &["ann{m}"])]);
        assert!(people.place("#C[X]").is_some(), "rfc1459 until the server says otherwise");
        let mut features = Isupport::default();
        features.apply(&["me".into(), "CASEMAPPING=ascii".into(), "PREFIX=(qo)~@".into(), "ok".into()]);
        people.suit(&features);
        assert!(people.place("#C[X]").is_none());
        assert_eq!(people.rooms_of("ANN{M}"), ["#c{x}"]);
        assert_eq!(names(&people, "#C{X}"), ["ann{m}"]);
    }

    #[test]
    fn a_room_keeps_no_more_members_than_it_may() {
        let mut people = people(&[("#a", &[])]);
        let came =
            (0..MAX_MEMBERS + 9).filter(|n| people.enters("#a", &format!("n{n}"), Ranks::default())).count();
        assert_eq!(came, MAX_MEMBERS);
        assert!(people.enters("#a", "n1", Ranks::default()), "who is there may come again");
    }
}
