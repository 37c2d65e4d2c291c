//! What only Twitch says (dev.twitch.tv/docs/chat/irc): a chat of streams that speaks a kind of IRC.

use super::line::Line;
use super::session::{Around, Session};
use super::settings::Entrance;
use super::stamp;
use domain::{
    Body, CloseBy, Colour, ConversationKey, Event, Flair, Incoming, Mark, Reason, RemoteId, Sender, Span,
    Style, Tone,
};

/// The most badges that are shown of somebody, and of one the most characters; Twitch shows three.
const MAX_BADGES: usize = 8;
const MAX_BADGE: usize = 40;

/// The most emotes that are told apart in a message: it has 500 characters.
const MAX_EMOTES: usize = 250;

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

    /// The badges and the colour of who sent a line.
    pub(super) fn flair(&self, line: &Line) -> Option<Flair> {
        if !self.settings.twitch {
            return None;
        }
        let titles = badges(line.tags.find("badges").unwrap_or_default());
        let ink = line.tags.find("color").and_then(ink);
        (!titles.is_empty() || ink.is_some()).then_some(Flair { titles, ink })
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

/// `moderator/1,subscriber/12` in words: what somebody is, without the version of its picture.
fn badges(tag: &str) -> Vec<String> {
    let named = tag.split(',').filter_map(|badge| badge.split('/').next());
    let words = named.map(|name| name.chars().map(|char| if "-_".contains(char) { ' ' } else { char }));
    let words = words.map(|word| word.filter(|char| !char.is_control()).take(MAX_BADGE).collect::<String>());
    words.filter(|word| !word.trim().is_empty()).take(MAX_BADGES).collect()
}

/// `#1E90FF`.
fn ink(tag: &str) -> Option<Colour> {
    let hexadecimal =
        |digits: &&str| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digits = tag.strip_prefix('#').filter(hexadecimal)?;
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Colour::Rgb { red, green, blue })
}

/// A text with its emotes (`25:0-4,12-16/1902:6-10`, counted in characters) set apart as the words that they are, so that nothing
/// else is read into them. Where a place makes no sense, nothing is set apart.
pub(super) fn with_emotes(body: Body, tag: &str) -> Body {
    let Some(text) = body.as_plain().filter(|_| !tag.is_empty()) else { return body };
    let chars: Vec<char> = text.chars().collect();
    let places =
        tag.split('/').filter_map(|emote| emote.split_once(':')).flat_map(|(_, places)| places.split(','));
    let read = |place: &str| {
        let (first, last) = place.split_once('-')?;
        let (first, last) = (first.parse::<usize>().ok()?, last.parse::<usize>().ok()?);
        (first <= last && last < chars.len()).then_some((first, last))
    };
    let mut places: Vec<(usize, usize)> = places.filter_map(read).take(MAX_EMOTES).collect();
    places.sort_unstable();
    let apart = Style { marks: [Mark::Italic].into(), ..Style::default() };
    let mut set = Body::default();
    let mut done = 0;
    let words = |from: usize, to: usize| chars.get(from..to).unwrap_or_default().iter().collect::<String>();
    for (first, last) in places {
        if first < done {
            continue;
        }
        set.push(Span::text(words(done, first)));
        set.push(Span::Text { text: words(first, last + 1), style: apart.clone() });
        done = last + 1;
    }
    set.push(Span::text(words(done, chars.len())));
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn badges_are_words_and_a_colour_is_one_of_six_digits() {
        assert_eq!(
            badges("broadcaster/1,sub-gifter/5,global_mod/1"),
            ["broadcaster", "sub gifter", "global mod"]
        );
        assert_eq!(badges(""), Vec::<String>::new());
        assert_eq!(badges(&"a/1,".repeat(99)).len(), MAX_BADGES);
        assert_eq!(badges(&"x".repeat(999)), ["x".repeat(MAX_BADGE)]);
        assert_eq!(ink("#1E90ff"), Some(Colour::Rgb { red: 0x1e, green: 0x90, blue: 0xff }));
        for none in ["", "#", "1E90FF", "#12345", "#+1E90F", "#1E90FFF", "#GGGGGG"] {
            assert_eq!(ink(none), None, "{none}");
        }
    }

    #[test]
    fn emotes_are_set_apart_by_characters_and_no_word_is_lost() {
        let set = |text: &str, tag: &str| {
            let body = with_emotes(Body::text(text), tag);
            assert_eq!(body.to_plain(), text);
            let apart = |span: Span| match span {
                Span::Text { text, style } if !style.is_plain() => Some(text),
                Span::Text { .. } | Span::Room { .. } | Span::Link { .. } | Span::Binary { .. } => None,
            };
            body.spans.into_iter().filter_map(apart).collect::<Vec<_>>()
        };
        assert_eq!(set("Kappa 你好 PogChamp", "25:0-4/88:9-16"), ["Kappa", "PogChamp"]);
        assert_eq!(set("a Kappa Kappa", "25:2-6,8-12"), ["Kappa", "Kappa"]);
        assert_eq!(set("Kappa", "25:0-4,2-3"), ["Kappa"], "one within another is none");
        for none in ["", "25", "25:", "25:4-0", "25:0-99", "25:x-4", "25:0-18446744073709551615"] {
            assert_eq!(set("Kappa", none), Vec::<String>::new(), "{none}");
        }
    }
}
