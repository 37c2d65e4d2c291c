//! Rooms: entering and leaving them, their topics, and who is in them.

use super::isupport::Limit;
use super::line::Line;
use super::modes::{Change as ModeChange, Ranks, Turn as ModeTurn, parse as parse_modes};
use super::outbox::{Letter, Turn};
use super::people::{MAX_PLACES, Place, Room, key};
use super::session::Session;
use super::stamp;
use crate::Output;
use domain::{Change, ConversationKey, Event, Happening, Incoming, Sender, Tone};

/// The most bytes of names in one `JOIN`.
const MAX_JOIN: usize = 400;

impl Session {
    /// The conversation of a name, made and told if it is new; its name where that is written anew is told by the caller.
    pub(super) fn place_of(&mut self, name: &str) -> ConversationKey {
        if let Some(place) = self.people.place_mut(name) {
            let key = place.key.clone();
            if place.room.is_none() && place.name != name {
                name.clone_into(&mut place.name);
                self.tell_place(name);
            }
            return key;
        }
        if self.people.places.len() >= MAX_PLACES {
            return ConversationKey(super::people::SERVER.to_owned());
        }
        let key = self.met(name);
        self.tell_place(name);
        self.look_after(name);
        key
    }

    /// The user talks with somebody: the conversation is known by that, and only new to the session.
    pub(super) fn talks_with(&mut self, name: &str) {
        let is_new = self.people.place(name).is_none() && self.people.places.len() < MAX_PLACES;
        if is_new && !self.features.is_channel(name) && self.features.circle(name).is_none() {
            self.met(name);
            self.look_after(name);
        }
    }

    fn met(&mut self, name: &str) -> ConversationKey {
        let room = self.features.is_channel(name).then(Room::default);
        let key = self.key_met(name);
        let place = Place { key: key.clone(), name: name.to_owned(), topic: None, room };
        self.people.places.insert(self.people.fold(name), place);
        key
    }

    /// Asks for what the server knows of a conversation with somebody.
    fn look_after(&mut self, name: &str) {
        let direct = self.people.place(name).filter(|place| place.room.is_none());
        if let Some(key) = direct.map(|place| place.key.clone()) {
            self.ask_mark(name);
            self.watch_talking(name);
            self.latest(key);
        }
    }

    /// The key of a conversation that is new to the session, or that may be.
    fn key_met(&mut self, name: &str) -> ConversationKey {
        let (key, news) = self.memory.key_met(name, key(name));
        if news {
            self.remember();
        }
        key
    }

    /// Tells a conversation as it is.
    pub(super) fn tell_place(&mut self, name: &str) {
        if let Some(conversation) = self.people.place(name).map(Place::told) {
            self.event(Event::Conversation { conversation });
        }
    }

    /// Something happened in a room.
    pub(super) fn happened(&mut self, room: &str, who: Sender, change: Change, line: &Line) {
        let Some(conversation) = self.people.place(room).map(|place| place.key.clone()) else { return };
        if self.settings.twitch && matches!(change, Change::Joined | Change::Left { .. }) {
            return;
        }
        let id = self.names.name_in(line, &conversation.0);
        let happening = Happening { conversation, id, who, change, at: stamp::time(line) };
        self.event(Event::Happened { happening });
    }

    /// Tells how somebody is shown in a room.
    pub(super) fn tell_member(&mut self, room: &str, nick: &str) {
        let conversation = self.people.place(room).map(|place| place.key.clone());
        let told = conversation.zip(self.people.member(room, nick)).filter(|_| !self.settings.twitch);
        if let Some((conversation, member)) = told {
            self.event(Event::Member { conversation, member });
        }
    }

    /// The user's rooms; at the very first log-in those of the form.
    pub(super) fn join_all(&mut self) {
        if !self.known {
            for name in self.settings.channels.clone() {
                let name = self.room_name(&name);
                let mapping = self.people.casemapping();
                self.memory.enters(&name, |one, other| mapping.same(one, other));
            }
            self.known = true;
            self.remember();
        }
        let most = match self.features.targmax("JOIN") {
            Limit::At(most) => most,
            Limit::Unlimited => usize::MAX,
        };
        let mapping = self.people.casemapping();
        let with_key = |room: String| (self.keys.of(&room, mapping).map(str::to_owned), room);
        // The keys of a line belong to its first rooms.
        let (keyed, open): (Vec<_>, Vec<_>) =
            self.memory.rooms.clone().into_iter().map(with_key).partition(|(key, _)| key.is_some());
        let (mut names, mut keys) = (Vec::new(), Vec::new());
        let mut length = 0;
        for (key, room) in keyed.into_iter().chain(open) {
            let more = room.len() + key.as_ref().map_or(0, |key| key.len() + 1) + 1;
            if !names.is_empty() && (names.len() >= most || length + more > MAX_JOIN) {
                self.send_join(std::mem::take(&mut names), std::mem::take(&mut keys));
                length = 0;
            }
            length += more;
            names.push(room);
            keys.extend(key);
        }
        if !names.is_empty() {
            self.send_join(names, keys);
        }
    }

    fn send_join(&mut self, names: Vec<String>, keys: Vec<String>) {
        if keys.is_empty() {
            return self.send_soon(Line::new("JOIN", [names.join(",")]));
        }
        let letter = Letter::secret(Line::new("JOIN", [names.join(","), keys.join(",")]));
        if !self.out.send(letter, Turn::Soon) {
            self.server_says("JOIN could not be sent.".to_owned(), Tone::Notice);
        }
    }

    /// The key of a room has become known.
    pub(super) fn learn_key(&mut self, room: &str, key: &str) {
        if self.keys.set(room, key, self.people.casemapping()) {
            self.out.conceal(key);
            self.out.output(Output::Entrust(self.keys.write()));
        }
    }

    /// The key of a room is wrong, or needed no more. `false`: none was known.
    fn forget_key(&mut self, room: &str) -> bool {
        let forgotten = self.keys.forget(room, self.people.casemapping());
        if forgotten {
            self.out.output(Output::Entrust(self.keys.write()));
        }
        forgotten
    }

    /// The user wants to be in a room.
    pub(super) fn join(&mut self, name: &str, password: &str) {
        let name = self.room_name(name.trim());
        if name.contains([' ', ',', '\0', '\r', '\n', '\u{7}'])
            || password.contains([' ', ',', '\0', '\r', '\n'])
        {
            let text =
                format!("{name}: neither the name of a room nor its key can have a blank or a comma in it.");
            return self.server_says(text, Tone::Notice);
        }
        if self.entering.len() >= MAX_PLACES {
            self.entering.clear();
        }
        self.entering.insert(self.people.fold(&name), password.to_owned());
        let known = self.keys.of(&name, self.people.casemapping());
        let key = Some(password).filter(|typed| !typed.is_empty()).or(known).map(str::to_owned);
        self.send_join(vec![name], key.into_iter().collect());
    }

    /// The user wants to be in it no more.
    pub(super) fn leave(&mut self, conversation: &ConversationKey) {
        let name = self.target_of(conversation);
        let Some(place) = self.people.place(&name).cloned() else {
            if self.features.is_channel(&name) {
                // The server has not let us in, and may still do so.
                self.forget_room(&name);
                self.send_soon(Line::new("PART", [name.as_str()]));
                self.place_of(&name);
            }
            return;
        };
        if place.room.is_none() {
            return;
        }
        self.forget_room(&place.name);
        if place.is_joined() {
            self.send_soon(Line::new("PART", [place.name]));
        } else {
            self.tell_place(&place.name);
        }
    }

    /// Whom a message for a conversation goes to: its name, as the server last wrote it.
    pub(super) fn target_of(&self, conversation: &ConversationKey) -> String {
        let place = self.people.places.values().find(|place| place.key == *conversation);
        let named = place.map(|place| place.name.clone());
        named.or_else(|| self.memory.name_of(conversation)).unwrap_or_else(|| conversation.0.clone())
    }

    pub(super) fn joined(&mut self, line: &Line) {
        let Some((source, room)) = line.source.clone().zip(line.param(0).map(str::to_owned)) else { return };
        self.tell_split();
        for room in room.split(',').filter(|room| !room.is_empty()) {
            let me = self.is_me(&source.nick);
            let news = if me {
                if source.host.is_some() {
                    self.nick.own = source.clone();
                }
                self.entered(room)
            } else {
                self.people.enters(room, &source.nick, Ranks::default())
            };
            // extended-join: https://ircv3.net/specs/extensions/extended-join
            let account = line.param(1).or_else(|| line.tags.find("account"));
            if let Some(person) = self.people.person_mut(&source.nick)
                && let Some(account) = account
            {
                person.account = Some(account).filter(|account| *account != "*").map(str::to_owned);
            }
            self.people.note_host(&source.nick, source.host.as_deref());
            if news && (me || !self.comes_back(room, &source.nick, line)) {
                let who = self.sender(line);
                self.happened(room, who, Change::Joined, line);
            }
            if !me {
                self.tell_member(room, &source.nick);
            }
        }
    }

    /// We are in a room. Whether that is news: where we come back to, the user has never left.
    fn entered(&mut self, name: &str) -> bool {
        let mapping = self.people.casemapping();
        let news = !self.memory.rooms.iter().any(|room| mapping.same(room, name));
        let folded = self.people.fold(name);
        let asked = self.entering.remove(&folded);
        let key = self.key_met(name);
        let fresh = Place { key, ..Place::default() };
        let place = self.people.places.entry(folded).or_insert(fresh);
        name.clone_into(&mut place.name);
        place.topic = None;
        place.room = Some(Room { joined: true, ..Room::default() });
        let me = self.nick.own.nick.clone();
        self.people.enters(name, &me, Ranks::default());
        self.tell_place(name);
        if asked.is_some() && self.memory.enters(name, |one, other| mapping.same(one, other)) {
            self.remember();
        }
        if let Some(key) = asked.filter(|key| !key.is_empty()) {
            self.learn_key(name, &key);
        }
        self.ask_who(name);
        self.ask_latest(name);
        news
    }

    pub(super) fn parted(&mut self, line: &Line) {
        let Some((source, rooms)) = line.source.clone().zip(line.param(0).map(str::to_owned)) else { return };
        let why = line.param(1).map(plain).filter(|why| !why.is_empty());
        for room in rooms.split(',').filter(|room| !room.is_empty()) {
            self.goes(room, &source.nick, Change::Left { why: why.clone() }, line);
        }
    }

    pub(super) fn kicked(&mut self, line: &Line) {
        let [Some(room), Some(nick)] = [line.param(0), line.param(1)] else { return };
        let (room, nick) = (room.to_owned(), nick.to_owned());
        let by = line.source.as_ref().map_or_else(|| self.server_name.clone(), |source| source.nick.clone());
        let why = line.param(2).map(plain).filter(|why| !why.is_empty());
        self.goes(&room, &nick, Change::Kicked { by, why }, line);
    }

    pub(super) fn quit(&mut self, line: &Line) {
        let Some(nick) = line.source.as_ref().map(|source| source.nick.clone()) else { return };
        let why = line.param(0).map(plain).filter(|why| !why.is_empty());
        if !self.split_off(&nick, why.as_deref().unwrap_or_default(), line) {
            for room in self.people.rooms_of(&nick) {
                self.goes(&room, &nick, Change::Quit { why: why.clone() }, line);
            }
        }
        self.people.gone(&nick);
        self.nick_freed(&nick);
    }

    /// Somebody is in a room no more; where it is us, so is nobody that we know of.
    fn goes(&mut self, room: &str, nick: &str, change: Change, line: &Line) {
        let who = if self.is_me(nick) { Sender::Me } else { Sender::Person { name: nick.to_owned() } };
        if self.people.place(room).is_none() {
            return;
        }
        self.happened(room, who.clone(), change, line);
        if who == Sender::Me {
            self.people.left(room);
            self.tell_place(room);
        } else if self.people.leaves(room, nick) {
            self.tell_gone(room, nick);
        }
    }

    pub(super) fn tell_gone(&mut self, room: &str, nick: &str) {
        let place = self.people.place(room).filter(|_| !self.settings.twitch);
        if let Some(conversation) = place.map(|place| place.key.clone()) {
            self.event(Event::MemberGone { conversation, name: nick.to_owned() });
        }
    }

    pub(super) fn renamed(&mut self, line: &Line) {
        let Some((source, to)) = line.source.clone().zip(line.param(0).map(str::to_owned)) else { return };
        if to.is_empty() {
            return;
        }
        let who = self.sender(line);
        let rooms = self.people.rooms_of(&source.nick);
        self.people.renames(&source.nick, &to);
        if who == Sender::Me {
            self.nick.is_now(&to);
            self.event(Event::Me { name: to.clone() });
        }
        for room in rooms {
            self.happened(&room, who.clone(), Change::Renamed { to: to.clone() }, line);
            self.tell_gone(&room, &source.nick);
            self.tell_member(&room, &to);
        }
        // Whoever takes the name next is somebody else, so the conversation stays under the old one, and says so.
        if who != Sender::Me && self.people.place(&source.nick).is_some_and(|place| place.room.is_none()) {
            self.happened(&source.nick, who.clone(), Change::Renamed { to: to.clone() }, line);
        }
        if who != Sender::Me {
            self.nick_freed(&source.nick);
        }
    }

    pub(super) fn topic_set(&mut self, line: &Line) {
        let Some(room) = line.param(0).map(str::to_owned) else { return };
        let text = line.param(1).filter(|text| !text.is_empty()).map(plain);
        let Some(place) = self.people.place_mut(&room) else { return };
        place.topic.clone_from(&text);
        self.tell_place(&room);
        let who = self.sender(line);
        self.happened(&room, who, Change::Topic { text }, line);
    }

    pub(super) fn mode_set(&mut self, line: &Line) {
        let Some(room) = line.param(0).filter(|room| self.features.is_channel(room)).map(str::to_owned)
        else {
            return;
        };
        let (modes, params) = line.params.get(1..).and_then(<[String]>::split_first).unzip();
        let (modes, params) = (modes.cloned().unwrap_or_default(), params.unwrap_or_default());
        let changes = parse_modes(&modes, params, &self.features.chanmodes(), self.people.prefixes());
        let text = shown(&changes);
        let mut changed = Vec::new();
        for change in changes {
            match change {
                ModeChange::Member { turn, mode, nick } => {
                    self.turn_rank(&room, &nick, turn, mode);
                    changed.push(nick);
                }
                ModeChange::Setting { turn, mode: 'k', value } => self.key_set(&room, turn, value.as_deref()),
                ModeChange::Setting { .. }
                | ModeChange::List { .. }
                | ModeChange::Ask { .. }
                | ModeChange::Flag { .. } => {}
            }
        }
        let who = self.sender(line);
        self.happened(&room, who, Change::Mode { text }, line);
        changed.sort();
        changed.dedup();
        for nick in changed {
            self.tell_member(&room, &nick);
        }
    }

    /// A room that the user is in has another key, or none. Some servers show it to operators alone.
    fn key_set(&mut self, room: &str, turn: ModeTurn, key: Option<&str>) {
        let mapping = self.people.casemapping();
        match (turn, key) {
            (ModeTurn::Unset, _) => {
                self.forget_key(room);
            }
            (ModeTurn::Set, Some(key)) if !key.chars().all(|char| char == '*') => {
                if self.memory.rooms.iter().any(|known| mapping.same(known, room)) {
                    self.learn_key(room, key);
                }
            }
            (ModeTurn::Set, _) => {}
        }
    }

    fn turn_rank(&mut self, room: &str, nick: &str, turn: ModeTurn, mode: char) {
        let prefixes = self.people.prefixes().clone();
        let folded = self.people.fold(nick);
        let member = self.people.joined_mut(room).and_then(|room| room.members.get_mut(&folded));
        if let Some(ranks) = member {
            ranks.turn(turn, mode, &prefixes);
        }
    }

    /// The numerics about rooms. `false`: the line is none of them.
    pub(super) fn told_of_room(&mut self, line: &Line) -> bool {
        let Some(name) = line.param(1).map(str::to_owned) else { return false };
        match line.command.as_str() {
            "332" | "331" => {
                let text = line.param(2).filter(|_| line.command == "332").map(plain);
                let Some(place) = self.people.place_mut(&name).filter(|place| place.is_joined()) else {
                    return false;
                };
                if place.topic != text {
                    place.topic = text;
                    self.tell_place(&name);
                }
                true
            }
            "470" => {
                self.forwarded(&name, line.param(2).unwrap_or_default());
                false
            }
            "333" | "329" => self.people.place(&name).is_some(),
            "353" => self.names_told(line),
            "366" => self.names_end(&name),
            "354" => self.who_told(line),
            "315" => self.who_end(&name),
            "263" if name.eq_ignore_ascii_case("WHO") => self.who_refused(),
            "403" | "405" | "437" | "471" | "473" | "474" | "475" | "476" | "477" | "479" | "480" | "485"
            | "489" | "495" | "520" => self.not_let_into(&name, line),
            _ => false,
        }
    }

    /// We are led into another room than the one that was asked for. The key was for that one.
    fn forwarded(&mut self, from: &str, to: &str) {
        let asked = self.entering.remove(&self.people.fold(from)).is_some();
        if asked && self.features.is_channel(to) {
            self.entering.insert(self.people.fold(to), String::new());
        }
    }

    /// We cannot be in a room, and the server says why: in the room's own conversation, where the user looks.
    fn not_let_into(&mut self, name: &str, line: &Line) -> bool {
        if !self.features.is_channel(name) || self.people.place(name).is_some_and(Place::is_joined) {
            return false;
        }
        let folded = self.people.fold(name);
        let typed = self.entering.remove(&folded).filter(|key| !key.is_empty());
        let known = self.people.place(name).is_some();
        let conversation = self.place_of(name);
        if known {
            self.tell_place(name);
        }
        let mut text = line.params.last().cloned().unwrap_or_default();
        if line.command == "475" {
            let was = match typed {
                Some(_) => "It wants another key",
                None if self.forget_key(name) => "Its key is not right any more, and forgotten",
                None => "It wants a key",
            };
            text = format!("{text}\n{was}: /join {name} <key>");
        }
        let body = super::formatting::parse(&text);
        let message = Incoming { conversation, body, tone: Tone::Notice, ..Incoming::default() };
        self.event(Event::Message { message });
        true
    }

    /// The name of a room as it was typed, with the sign that makes it one.
    fn room_name(&self, typed: &str) -> String {
        let sign = self.features.chantypes().chars().next();
        let name = match sign.filter(|_| !typed.is_empty() && !self.features.is_channel(typed)) {
            Some(sign) => format!("{sign}{typed}"),
            None => typed.to_owned(),
        };
        // Twitch knows them in lower case alone.
        if self.settings.twitch { name.to_ascii_lowercase() } else { name }
    }

    pub(super) fn forget_room(&mut self, name: &str) {
        let mapping = self.people.casemapping();
        if self.memory.leaves(name, |one, other| mapping.same(one, other)) {
            self.remember();
        }
        self.forget_key(name);
    }
}

/// A topic, or a reason, in characters alone.
fn plain(text: &str) -> String {
    super::formatting::parse(text).to_plain()
}

/// A change of modes as it is shown, without the key of a room: that is for who is in it, and not for the disk.
fn shown(changes: &[ModeChange]) -> String {
    let (mut modes, mut params) = (String::new(), Vec::new());
    let mut last = None;
    for change in changes {
        let (turn, mode, param) = match change {
            ModeChange::Member { turn, mode, nick } => (*turn, *mode, Some(nick.as_str())),
            ModeChange::List { turn, mode, mask } => (*turn, *mode, Some(mask.as_str())),
            ModeChange::Ask { mode } => (ModeTurn::Set, *mode, None),
            ModeChange::Setting { turn, mode: mode @ 'k', value } => {
                (*turn, *mode, value.as_ref().map(|_| "…"))
            }
            ModeChange::Setting { turn, mode, value } => (*turn, *mode, value.as_deref()),
            ModeChange::Flag { turn, mode } => (*turn, *mode, None),
        };
        if last.replace(turn) != Some(turn) {
            modes.push(if turn == ModeTurn::Set { '+' } else { '-' });
        }
        modes.push(mode);
        params.extend(param);
    }
    std::iter::once(modes.as_str()).chain(params).collect::<Vec<_>>().join(" ")
}
