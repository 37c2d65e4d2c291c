//! What is said: `PRIVMSG` and `NOTICE` as messages.

use super::formatting::{Saying, parse, saying};
use super::line::Line;
use super::people::{SERVER, key};
use super::session::{Around, Session};
use super::split;
use super::stamp::{self, Names};
use super::twitch;
use domain::{Body, ConversationKey, Event, Incoming, RemoteId, Sender, Span, Tone};

impl Session {
    /// A line that somebody said. An echo of ours becomes our row; a question by CTCP is answered.
    pub(super) fn heard(&mut self, line: &Line, around: &Around) {
        self.note_sender(line);
        let text = line.param(1).unwrap_or_default();
        if let Saying::Ctcp { command, params } = saying(text) {
            return self.ctcp(line, command, params);
        }
        // Of how we are looked up, each time anew.
        if self.is_waiting() && text.starts_with("***") {
            return;
        }
        if self.sender(line) == Sender::Me && self.echoed(line, around) {
            return;
        }
        let mut names = std::mem::take(&mut self.names);
        let message = self.read_message(line, &mut names);
        self.names = names;
        let Some(message) = message else { return };
        if let Sender::Person { name } = &message.sender {
            self.spoke(&message.conversation, name);
        }
        self.note_heard(&message);
        self.event(Event::Message { message });
    }

    /// What a line says, with the conversation made where it is new. `None`: it is no message, or a part of one of ours
    /// that has its row.
    pub(super) fn read_message(&mut self, line: &Line, names: &mut Names) -> Option<Incoming> {
        let target = line.param(0)?.to_owned();
        if matches!(saying(line.param(1)?), Saying::Ctcp { .. }) {
            return None;
        }
        let (conversation, circle) = self.addressed(line, &target);
        self.read_said(line, names, &conversation, circle.as_deref())
    }

    /// What a line says in a conversation, or in a circle within it.
    pub(super) fn read_said(
        &self,
        line: &Line,
        names: &mut Names,
        conversation: &ConversationKey,
        circle: Option<&str>,
    ) -> Option<Incoming> {
        let text = line.param(1)?;
        let tone = if line.command.eq_ignore_ascii_case("NOTICE") { Tone::Notice } else { Tone::Said };
        let (tone, text) = match saying(text) {
            Saying::Plain(text) => (tone, text),
            Saying::Action(text) => (Tone::Action, text),
            Saying::Ctcp { .. } => return None,
        };
        let id = names.name(line);
        if id.as_ref().is_some_and(|id| self.memory.whole(id).is_some()) {
            return None;
        }
        let sender = self.sender(line);
        let conversation = conversation.clone();
        let mut body = parse(text);
        if let Some(signs) = circle {
            // Said to some of the room alone, which must not look as if it were said to all.
            let spans = std::iter::once(Span::text(format!("[{signs}] "))).chain(body.spans);
            body = Body::of(spans);
        }
        let mentions_me = matches!(sender, Sender::Person { .. }) && self.names_me(&body.to_plain());
        let sender = self.shown_sender(line, sender);
        let flair = self.flair(line).map(Box::new);
        if self.settings.twitch {
            body = twitch::with_emotes(body, line.tags.find("emotes").unwrap_or_default());
        }
        let reply_to = self.replies_to(line);
        let at = stamp::time(line);
        Some(Incoming {
            conversation,
            id,
            sender,
            flair,
            tone,
            body,
            reply_to,
            mentions_me,
            at,
            ..Incoming::default()
        })
    }

    /// The user says something to some of a room. It stands in the room, as what others say to them does.
    pub(super) fn say_to_circle(&mut self, conversation: &ConversationKey, said: &Line) {
        let [Some(target), Some(text)] = [said.param(0), said.param(1)] else { return };
        let room = split::room(self.out.line_len(), &self.nick.own, &said.command, target);
        for part in split::messages(text, room) {
            let mut line = Line::new(&said.command, [target, &part]);
            if !self.send_typed(conversation, line.clone().into()) {
                return;
            }
            if !self.caps.is_enabled("echo-message") {
                line.source = Some(self.nick.own.clone());
                let message = self.read_message(&line, &mut Names::default());
                if let Some(message) = message {
                    self.event(Event::Message { message: Incoming { id: None, ..message } });
                }
            }
        }
    }

    /// Where a line belongs, and the signs of those in the room who alone get it.
    pub(super) fn addressed(&mut self, line: &Line, target: &str) -> (ConversationKey, Option<String>) {
        let (name, circle) = self.address(line, target);
        let conversation = match name {
            Some(name) => self.place_of(&name),
            None => ConversationKey(SERVER.to_owned()),
        };
        (conversation, circle)
    }

    /// The same for a line that says nothing, and so opens no conversation.
    pub(super) fn belongs(&self, line: &Line, target: &str) -> (ConversationKey, Option<String>) {
        let (name, circle) = self.address(line, target);
        let key = match name {
            Some(name) => {
                let place = self.people.place(&name).map(|place| place.key.clone());
                place.or_else(|| self.memory.key_of(&name)).unwrap_or_else(|| key(&name))
            }
            None => ConversationKey(SERVER.to_owned()),
        };
        (key, circle)
    }

    /// The name of the conversation of a line, unless it is the server's, and the signs of those who alone get it.
    fn address(&self, line: &Line, target: &str) -> (Option<String>, Option<String>) {
        if self.features.is_channel(target) {
            return (Some(target.to_owned()), None);
        }
        if let Some((signs, room)) = self.features.circle(target) {
            return (Some(room.to_owned()), Some(signs.to_owned()));
        }
        let name = match self.sender(line) {
            Sender::Server => None,
            // To ourselves, or as an echo of what was said to somebody.
            Sender::Me if target.starts_with('$') => None,
            Sender::Me => Some(target.to_owned()),
            // To everybody, or to all on some servers.
            Sender::Person { .. } if target.starts_with('$') || target.contains(['*', '.']) => None,
            // To us, perhaps under a name that we had before.
            Sender::Person { name } => Some(name),
        };
        (name, None)
    }

    /// Whether our nickname stands in a text as a word of its own.
    pub(super) fn names_me(&self, text: &str) -> bool {
        let mapping = self.people.casemapping();
        let (text, nick) = (mapping.fold(text), mapping.fold(&self.nick.own.nick));
        let (text, nick) = (text.as_str(), nick.as_str());
        // Chinese, Japanese and Korean are written without blanks, so there a name may stand right beside other words.
        let inside = |char: char| (char.is_alphanumeric() && !is_cjk(char)) || "_-[]{}\\|^`".contains(char);
        !nick.is_empty()
            && text.match_indices(nick).any(|(at, _)| {
                let before = text.get(..at).and_then(|text| text.chars().next_back());
                let behind = text.get(at + nick.len()..).and_then(|text| text.chars().next());
                !before.is_some_and(inside) && !behind.is_some_and(inside)
            })
    }

    /// The message that a line says it answers.
    pub(super) fn replies_to(&self, line: &Line) -> Option<RemoteId> {
        let id = line.tags.find("+reply").or_else(|| line.tags.find("+draft/reply"))?;
        let id = RemoteId(Some(id).filter(|id| !id.is_empty())?.to_owned());
        Some(self.memory.whole(&id).cloned().unwrap_or(id))
    }

    /// Twitch's nicknames are in lower case; how people write theirs is a tag (dev.twitch.tv/docs/chat/irc).
    fn shown_sender(&self, line: &Line, sender: Sender) -> Sender {
        let shown =
            line.tags.find("display-name").filter(|name| self.settings.twitch && !name.trim().is_empty());
        match (sender, shown) {
            (Sender::Person { .. }, Some(name)) => Sender::Person { name: name.to_owned() },
            (sender, _) => sender,
        }
    }
}

/// Han, kana, hangul, and their forms.
pub(super) fn is_cjk(char: char) -> bool {
    let ranges = [
        '\u{2e80}'..='\u{9fff}',
        '\u{ac00}'..='\u{d7af}',
        '\u{f900}'..='\u{faff}',
        '\u{20000}'..='\u{3ffff}',
    ];
    ranges.iter().any(|range| range.contains(&char))
}
