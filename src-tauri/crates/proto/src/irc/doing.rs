//! Slash commands carried out, and what the server answers to them. What a command means is in [`super::run`].

use super::asked::{Taken, Told};
use super::line::{Line, Source};
use super::mask;
use super::modes::Turn as ModeTurn;
use super::numerics::{self, is_error};
use super::outbox::{Letter, Turn};
use super::people::{Place, SERVER};
use super::run::{self, Act, Scene, sign};
use super::session::Session;
use domain::{ConversationKey, Event, Incoming, Sender, Tone};

/// The most masks of those whom we ignore.
const MAX_IGNORED: usize = 200;

/// What was typed is answered by these, wherever they would belong else: away and back, logged in and out, an account made or confirmed.
const ANSWERS: [&str; 7] = ["305", "306", "381", "900", "901", "REGISTER", "VERIFY"];

impl Session {
    /// The user typed a command.
    pub(super) fn run(&mut self, conversation: &ConversationKey, name: &str, arguments: &str) {
        let here = (conversation.0 != SERVER).then(|| self.target_of(conversation));
        let scene = Scene {
            here: here.as_deref(),
            nick: &self.nick.own.nick,
            isupport: &self.features,
            caps: &self.caps,
        };
        let acts = match run::plan(name, arguments, scene) {
            Ok(acts) => acts,
            Err(words) => return self.tell(conversation, words),
        };
        self.extras.asked.typed(conversation, self.now);
        for act in acts {
            self.act(conversation, act);
        }
    }

    /// Says something to the user, in the place where they look.
    pub(super) fn tell(&mut self, conversation: &ConversationKey, text: String) {
        let body = domain::Body::text(text);
        let conversation = conversation.clone();
        let message = Incoming { conversation, body, tone: Tone::Notice, ..Incoming::default() };
        self.event(Event::Message { message });
    }

    /// A line that may be part of an answer to what was typed. `false`: the session has a use for it.
    pub(super) fn answer(&mut self, line: &Line) -> bool {
        let mapping = self.people.casemapping();
        let (whole, told) = match self.extras.asked.take(line, mapping, self.now) {
            Taken::Not => return false,
            Taken::Shared(told) => (false, told),
            Taken::Whole(told) => (true, told),
        };
        if let Some(Told { conversation, text }) = told {
            self.tell(&conversation, text);
        }
        whole
    }

    /// Tells answers that have no end, or never came.
    pub(super) fn answers_timeout(&mut self) {
        for Told { conversation, text } in self.extras.asked.late(self.now) {
            self.tell(&conversation, text);
        }
    }

    /// What nobody else reads is shown: in the room that it names, where a command was typed just now, or else where the
    /// server speaks.
    pub(super) fn shown(&mut self, line: &Line) {
        let refusal = is_error(&line.command);
        let named = line.params.iter().skip(1).rev().skip(1).find_map(|name| {
            let place = self.people.place(name).filter(|place| refusal && place.is_joined());
            place.map(|place| place.key.clone())
        });
        let typed = self.extras.asked.place(self.now).filter(|_| refusal || self.is_answer(&line.command));
        let away = line.param(1).filter(|_| line.command == "301").and_then(|nick| self.people.place(nick));
        let place = named.or_else(|| typed.cloned()).or_else(|| away.map(|place| place.key.clone()));
        let place = place.unwrap_or_else(|| ConversationKey(SERVER.to_owned()));
        self.tell(&place, self.worded(line));
    }

    /// Whether we hear nothing from who sent a line.
    pub(super) fn is_ignored(&self, line: &Line) -> bool {
        let Some(source) = line.source.as_ref().filter(|source| !self.is_me(&source.nick)) else {
            return false;
        };
        if self.memory.ignored.is_empty() || !matches!(self.sender(line), Sender::Person { .. }) {
            return false;
        }
        let whole = Source {
            nick: source.nick.clone(),
            user: source.user.clone().or_else(|| Some(String::new())),
            host: source.host.clone().or_else(|| Some(String::new())),
        };
        let text = whole.to_string();
        let mapping = self.people.casemapping();
        self.memory.ignored.iter().any(|ignored| mask::matches(ignored, &text, mapping))
    }

    /// Somebody asks us, or another one, into a room. <https://ircv3.net/specs/extensions/invite-notify>
    pub(super) fn invited(&mut self, line: &Line) {
        let (Some(nick), Some(room)) = (line.param(0), line.param(1)) else { return };
        let by = line.source.as_ref().map_or_else(|| self.server_name.clone(), |source| source.nick.clone());
        if self.is_me(nick) {
            let text = format!("{by} asks you into {room}. To enter it: /join {room}");
            return self.tell(&ConversationKey(SERVER.to_owned()), text);
        }
        let text = format!("{by} asked {nick} into {room}.");
        if let Some(place) = self.people.place(room).filter(|place| place.is_joined()) {
            let conversation = place.key.clone();
            self.tell(&conversation, text);
        }
    }

    /// Somebody's program answers a question of ours.
    pub(super) fn ctcp_answered(&mut self, name: &str, command: &str, params: &str) {
        let place = self.extras.asked.place(self.now).cloned();
        let place = place.unwrap_or_else(|| ConversationKey(SERVER.to_owned()));
        let sent = params.split_whitespace().next().and_then(|sent| sent.parse::<i64>().ok());
        let text = match sent.filter(|_| command == "PING").map(|sent| self.now.wall.0.saturating_sub(sent)) {
            Some(ms @ 0..=3_600_000) => format!("{name} answered after {ms} ms."),
            Some(_) | None => format!("{name} answers {command}: {params}"),
        };
        self.tell(&place, text);
    }

    /// A room goes by another name. <https://ircv3.net/specs/extensions/channel-rename>
    pub(super) fn room_renamed(&mut self, line: &Line) {
        let (Some(from), Some(to)) = (line.param(0).map(str::to_owned), line.param(1).map(str::to_owned))
        else {
            return;
        };
        if to.is_empty() || !self.people.place(&from).is_some_and(Place::is_joined) {
            return;
        }
        let mapping = self.people.casemapping();
        if !mapping.same(&from, &to) && self.people.place(&to).is_some() {
            return;
        }
        if let Some(mut place) = self.people.places.remove(&mapping.fold(&from)) {
            place.name.clone_from(&to);
            self.memory.renames(&place.key, &to);
            self.people.places.insert(mapping.fold(&to), place);
        }
        let key = self.keys.of(&from, mapping).map(str::to_owned);
        if self.memory.leaves(&from, |one, other| mapping.same(one, other)) {
            self.memory.enters(&to, |one, other| mapping.same(one, other));
        }
        if let Some(key) = key {
            self.keys.forget(&from, mapping);
            self.learn_key(&to, &key);
        }
        self.remember();
        self.tell_place(&to);
        let who = self.sender(line);
        self.happened(&to, who, domain::Change::Retitled { to: to.clone() }, line);
    }

    fn act(&mut self, conversation: &ConversationKey, act: Act) {
        match act {
            Act::Send(line) => {
                if let Some(nick) = line.param(0).filter(|_| line.command == "NICK") {
                    self.nick.want(nick);
                }
                self.send_typed(conversation, line.into());
            }
            Act::Secret(line) => {
                self.send_typed(conversation, Letter::secret(line));
            }
            Act::SayToSome(line) => self.say_to_circle(conversation, &line),
            Act::Tell(text) => self.tell(conversation, text),
            Act::Ask(question, line) => {
                let told = self.extras.asked.ask(question, conversation.clone(), self.now);
                if let Some(Told { conversation, text }) = told {
                    self.tell(&conversation, text);
                }
                self.send_typed(conversation, line.into());
            }
            Act::Join(name, key) => self.join(&name, &key),
            Act::Part(channel, why) => {
                let part = Line::new("PART", [channel.clone()].into_iter().chain(why));
                if self.send_typed(conversation, part.into()) {
                    self.forget_room(&channel);
                }
            }
            Act::Cycle(channel, why) => {
                let part = Line::new("PART", [channel.clone()].into_iter().chain(why));
                self.send_typed(conversation, part.into());
                let key = self.keys.of(&channel, self.people.casemapping()).map(str::to_owned);
                self.send_typed(conversation, Line::new("JOIN", std::iter::once(channel).chain(key)).into());
            }
            Act::Query(nick) => {
                // Told again if it is known: the window opens it then.
                if self.people.place(&nick).is_some() {
                    self.tell_place(&nick);
                }
                self.place_of(&nick);
            }
            Act::List { turn, channel, mode, who, kick } => {
                let (mask, other) = self.people.masks(&who);
                // Who is taken off a list may be there under either.
                let masks = std::iter::once(mask).chain(other.filter(|_| turn == ModeTurn::Unset));
                let masks: Vec<_> = masks.collect();
                let modes: String = std::iter::repeat_n(mode, masks.len()).collect();
                let change = [channel.clone(), format!("{}{modes}", sign(turn))];
                self.send_typed(conversation, Line::new("MODE", change.into_iter().chain(masks)).into());
                if let Some(why) = kick {
                    let why = Some(why).filter(|why| !why.is_empty());
                    self.send_typed(
                        conversation,
                        Line::new("KICK", [channel, who].into_iter().chain(why)).into(),
                    );
                }
            }
            Act::Ignore(turn, mask) => self.ignore(conversation, turn, mask),
            Act::Ignored => {
                let text = match self.memory.ignored.as_slice() {
                    [] => "You ignore nobody.".to_owned(),
                    masks => format!("You ignore:\n{}", masks.join("\n")),
                };
                self.tell(conversation, text);
            }
            Act::Watch(turn, nicks) => self.watch(turn, nicks),
            Act::Ping(nick) => {
                let text = format!("\u{1}PING {}\u{1}", self.now.wall.0);
                self.send_typed(conversation, Line::new("PRIVMSG", [nick, text]).into());
            }
        }
    }

    fn ignore(&mut self, conversation: &ConversationKey, turn: ModeTurn, mask: String) {
        let mapping = self.people.casemapping();
        let known = self.memory.ignored.iter().any(|ignored| mapping.same(ignored, &mask));
        let text = match turn {
            ModeTurn::Set if known => format!("You ignore {mask} already."),
            ModeTurn::Set if self.memory.ignored.len() >= MAX_IGNORED => {
                format!("You ignore {MAX_IGNORED} already, and no more can be kept.")
            }
            ModeTurn::Set => {
                self.memory.ignored.push(mask.clone());
                format!("You hear nothing from {mask} any more.")
            }
            ModeTurn::Unset if !known => format!("You do not ignore {mask}."),
            ModeTurn::Unset => {
                self.memory.ignored.retain(|ignored| !mapping.same(ignored, &mask));
                format!("You hear {mask} again.")
            }
        };
        self.remember();
        self.tell(conversation, text);
    }

    /// Sends what a command came to. `false`: it cannot be sent, which is said where it was typed.
    pub(super) fn send_typed(&mut self, conversation: &ConversationKey, letter: Letter) -> bool {
        let command = letter.line.command.clone();
        let sent = self.out.send(letter, Turn::Soon);
        if !sent {
            let text = format!(
                "{command} cannot be sent: it is too long, has a line break in it, or too much waits."
            );
            self.tell(conversation, text);
        }
        sent
    }

    fn is_answer(&self, command: &str) -> bool {
        ANSWERS.contains(&command) || matches!(command, "NOTE" | "WARN" | "341" | "401")
    }

    fn worded(&self, line: &Line) -> String {
        let numeric = line.command.bytes().all(|byte| byte.is_ascii_digit());
        let standard = matches!(line.command.as_str(), "FAIL" | "WARN" | "NOTE");
        if numeric || standard {
            return numerics::words(line);
        }
        if matches!(line.command.as_str(), "REGISTER" | "VERIFY") {
            let (account, words) = (line.param(1).unwrap_or_default(), line.params.last().cloned());
            return format!("{account}: {}", words.unwrap_or_default());
        }
        let words = std::iter::once(line.command.as_str()).chain(line.params.iter().map(String::as_str));
        super::formatting::parse(&words.collect::<Vec<_>>().join(" ")).to_plain()
    }
}
