//! What only Twitch says (dev.twitch.tv/docs/chat/irc): a chat of streams that speaks a kind of IRC.

use super::line::Line;
use super::session::{Around, Session};
use super::settings::Entrance;
use super::stamp;
use domain::{CloseBy, ConversationKey, Event, Incoming, Reason, RemoteId, Sender, Tone};

/// The WebSocket status code of a session that both sides end (RFC 6455 §7.4.1).
const NORMAL: u16 = 1000;

impl Session {
    /// A line that other servers do not send, or mean otherwise. `false`: it is none.
    pub(super) fn twitch(&mut self, line: &Line) -> bool {
        match line.command.as_str() {
            // Settings of a room, and of ourselves in it.
            "ROOMSTATE" | "USERSTATE" | "GLOBALUSERSTATE" => {}
            "NOTICE" if self.is_waiting() => {
                self.refused(line.param(1).unwrap_or_default().to_owned());
            }
            "USERNOTICE" => self.announced(line),
            "CLEARCHAT" => self.cleared(line),
            "CLEARMSG" => self.taken_back(line),
            "WHISPER" => {
                let said = Line { command: "PRIVMSG".to_owned(), ..line.clone() };
                self.heard(&said, &Around::default());
            }
            "RECONNECT" => {
                let text = "The server asks to connect again.".to_owned();
                self.close(NORMAL, Reason::Closed { code: None, text, by: CloseBy::Server });
            }
            _ => return false,
        }
        true
    }

    /// Why nobody would hear what is said to a target, since Twitch passes over it in silence.
    pub(super) fn unheard_at_twitch(&self, target: &str) -> Option<&'static str> {
        if !self.settings.twitch {
            None
        } else if self.settings.entrance == Entrance::Open {
            Some("Who visits Twitch without logging in can only read.")
        } else if !self.features.is_channel(target) {
            Some("Twitch takes no private messages from other programs.")
        } else {
            None
        }
    }

    /// Something that the stream celebrates, with what somebody said to it.
    fn announced(&mut self, line: &Line) {
        let words = [line.tags.find("system-msg").unwrap_or_default(), line.param(1).unwrap_or_default()];
        let words: Vec<&str> = words.into_iter().filter(|words| !words.is_empty()).collect();
        self.told_in_room(line, words.join(": "));
    }

    fn cleared(&mut self, line: &Line) {
        let text = match (line.param(1), line.tags.find("ban-duration")) {
            (None, _) => "The chat was cleared.".to_owned(),
            (Some(name), None) => format!("{name} was banned."),
            (Some(name), Some(seconds)) => format!("{name} was silenced for {seconds} s."),
        };
        self.told_in_room(line, text);
    }

    fn taken_back(&mut self, line: &Line) {
        let target = line.tags.find("target-msg-id").filter(|id| !id.is_empty());
        if let Some((conversation, target)) = self.room_of(line).zip(target) {
            let target = RemoteId(target.to_owned());
            self.event(Event::Retracted { conversation, target, by: Sender::Server, why: None });
        }
    }

    fn told_in_room(&mut self, line: &Line, text: String) {
        let Some(conversation) = self.room_of(line).filter(|_| !text.is_empty()) else { return };
        let (id, at) = (self.names.name(line), stamp::time(line));
        let body = super::formatting::parse(&text);
        let message = Incoming { conversation, id, body, at, tone: Tone::Notice, ..Incoming::default() };
        self.event(Event::Message { message });
    }

    fn room_of(&self, line: &Line) -> Option<ConversationKey> {
        self.people.place(line.param(0)?).map(|place| place.key.clone())
    }
}
