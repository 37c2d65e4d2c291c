//! Which lines hold a password, so that no record of frames keeps them, and what servers and services repeat of it, so that
//! no row does.
//!
//! Looked at once, where lines leave, whoever wrote them: the entry, a command of the user's, or words to a service. Rather
//! one line too many is left out of the record than one password kept. Services say a new password again in plain words,
//! and a server that echoes sends our own words back: there a password that was sent in this session is covered. What we
//! told a service in another session, or by another program, a history may bring along: of that only the first word is left.

use super::line::Line;
use crate::Secret;
use domain::{Body, Event, Incoming, Reason, Sender, Span};

/// What stands where a password stood.
const HIDDEN: &str = "…";

/// The fewest bytes of a password that is covered: fewer are in every text.
pub(super) const MIN_COVERED: usize = 4;

/// The most passwords that are kept in mind. The oldest make way.
const MAX_SECRETS: usize = 32;

/// Passwords that were sent in this session.
#[derive(Default)]
pub(super) struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Keeps the passwords of a line in mind; those that are new.
    pub(super) fn learn(&mut self, line: &Line) -> Vec<Secret> {
        let mut news = Vec::new();
        for password in passwords(line) {
            if password.len() < MIN_COVERED || self.0.iter().any(|known| known == password) {
                continue;
            }
            if self.0.len() >= MAX_SECRETS {
                self.0.remove(0);
            }
            self.0.push(password.to_owned());
            news.push(Secret(password.to_owned()));
        }
        news
    }

    /// What a server says of the end of a session, without passwords.
    pub(super) fn cover_reason(&self, mut reason: Reason) -> Reason {
        if let Reason::NotLetIn { text } | Reason::Closed { text, .. } = &mut reason {
            *text = self.cover_text(std::mem::take(text));
        }
        reason
    }

    /// The same event without passwords, where servers, services or our own echoes repeat them. What other people say stays:
    /// they cannot know any.
    pub(super) fn cover(&self, mut event: Event) -> Event {
        for message in event.messages_mut() {
            *message = self.cover_message(std::mem::take(message));
        }
        event
    }

    fn cover_message(&self, mut message: Incoming) -> Incoming {
        if message.sender == Sender::Me
            && let Some(text) = covered_telling(&message.conversation.0, &message.body.to_plain())
        {
            message.body = Body::text(text);
            return message;
        }
        if self.0.is_empty() {
            return message;
        }
        let repeats = match &message.sender {
            Sender::Server => true,
            Sender::Me => is_service(&message.conversation.0),
            Sender::Person { name } => is_service(name),
        };
        if repeats {
            let spans = message.body.spans.into_iter().map(|span| match span {
                Span::Text { text, style } => Span::Text { text: self.cover_text(text), style },
                Span::Room { text, style } if self.0.iter().any(|secret| text.contains(secret.as_str())) => {
                    Span::Text { text: self.cover_text(text), style }
                }
                Span::Room { text, style } => Span::Room { text, style },
                Span::Link { text, url } => Span::Link { text: self.cover_text(text), url },
                Span::Binary { size, head } => Span::Binary { size, head },
            });
            message.body = Body::of(spans);
        }
        message
    }

    fn cover_text(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| text.replace(secret.as_str(), HIDDEN))
    }
}

/// The passwords of a line, as far as it is known where they stand.
fn passwords(line: &Line) -> Vec<&str> {
    let param = |index| line.param(index).into_iter();
    match line.command.to_ascii_uppercase().as_str() {
        // A bouncer's has the account before it.
        "PASS" => param(0)
            .chain(line.param(0).and_then(|pass| pass.split_once(':')).map(|(_, pass)| pass))
            .collect(),
        "OPER" => param(1).collect(),
        "JOIN" => param(1).flat_map(|keys| keys.split(',')).collect(),
        "MODE" => line.params.get(1..).and_then(key_among).into_iter().collect(),
        "REGISTER" => param(2).collect(),
        "PRIVMSG" | "NOTICE" | "SQUERY" if line.param(0).is_some_and(is_service) => {
            told(line.param(1).unwrap_or_default())
        }
        "NS" | "NICKSERV" => told(line.param(0).unwrap_or_default()),
        _ => Vec::new(),
    }
}

/// The key among modes and what follows them. What a server has of its own beyond the usual letters is not known here, so
/// the last word of too few is taken.
fn key_among(modes: &[String]) -> Option<&str> {
    let (letters, params) = modes.split_first()?;
    let (mut set, mut at) = (true, 0);
    for letter in letters.chars() {
        match letter {
            '+' | '-' => set = letter == '+',
            'k' => return params.get(at).or_else(|| params.last()).map(String::as_str),
            'b' | 'e' | 'I' | 'q' | 'a' | 'o' | 'h' | 'v' | 'Y' | 'y' => at += 1,
            'l' | 'f' | 'j' | 'L' | 'H' | 'F' if set => at += 1,
            _ => {}
        }
    }
    None
}

/// Modes and what follows them, without the key.
pub(super) fn without_key(modes: &[String]) -> String {
    let key = key_among(modes);
    let words = modes
        .iter()
        .enumerate()
        .map(|(at, word)| if at > 0 && key == Some(word.as_str()) { HIDDEN } else { word.as_str() });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a text tells a service a password. Stricter than [`holds_password`]: what does is no row, and a word that was
/// said to a person is not to be lost, though they are called like a service.
pub(super) fn tells_service(target: &str, text: &str) -> bool {
    is_named_service(target) && text.lines().any(says_password)
}

/// What is left of a text that tells a service a password; `None`: it tells none.
fn covered_telling(target: &str, text: &str) -> Option<String> {
    tells_service(target, text).then(|| {
        let first = text.lines().find(|line| says_password(line)).and_then(|line| words(line).next());
        format!("{} {HIDDEN}", first.unwrap_or_default())
    })
}

/// Whether that is a service by a name that no person goes by: what ends in `Serv`, or is named with the server it is on.
fn is_named_service(target: &str) -> bool {
    let name = target.split('@').next().unwrap_or_default();
    is_service(target) && (target.contains('@') || !SERVICES.contains(&name.to_ascii_lowercase().as_str()))
}

/// Whether a password stands in a line that a service is told.
fn says_password(line: &str) -> bool {
    let said: Vec<String> = words(line).map(str::to_ascii_lowercase).collect();
    let least = match said.first().map(String::as_str) {
        Some(
            "identify" | "id" | "sidentify" | "login" | "auth" | "authenticate" | "register" | "hello"
            | "group" | "newpass" | "setpass" | "resetpass" | "pass" | "link" | "verify" | "confirm",
        ) => 2,
        // The name of whom, and then a password.
        Some("ghost" | "recover" | "regain" | "release" | "reclaim" | "drop") => 3,
        Some("set" | "saset") => {
            let named =
                said.iter().skip(1).take(2).position(|word| matches!(word.as_str(), "password" | "pass"));
            return named.is_some_and(|at| said.len() > at + 2);
        }
        Some(_) | None => return false,
    };
    said.len() >= least
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| char.is_whitespace() || char.is_control()).filter(|word| !word.is_empty())
}

/// The password in what a service is told; a short one with what stands before it.
fn told(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (first, last) = (words.first().copied().unwrap_or_default(), words.last().copied());
    let password = match first.to_ascii_lowercase().as_str() {
        "register" | "hello" | "newpass" | "setpass" => words.get(1).copied(),
        "identify" | "id" | "login" | "auth" | "sidentify" => last,
        "set" if words.get(1).is_some_and(|word| word.eq_ignore_ascii_case("password")) => last,
        "ghost" | "recover" | "regain" | "release" | "reclaim" | "drop" => words.get(2).copied(),
        _ => None,
    };
    password.map(|password| if password.len() < MIN_COVERED { text } else { password }).into_iter().collect()
}

/// What services are called that are not called `…Serv`: those of QuakeNet and Undernet.
const SERVICES: [&str; 4] = ["q", "x", "l", "authserv"];

/// Commands that servers pass on to a service.
const SHORTCUTS: [&str; 12] = [
    "NS", "NICKSERV", "CS", "CHANSERV", "US", "USERSERV", "AS", "AUTHSERV", "ID", "IDENTIFY", "LOGIN", "ACC",
];

/// What a service is told along with a password, as far as such words are known.
const WORDS: [&str; 24] = [
    "auth",
    "authenticate",
    "cert",
    "confirm",
    "drop",
    "getpass",
    "ghost",
    "group",
    "hello",
    "id",
    "identify",
    "link",
    "login",
    "logout",
    "newpass",
    "reclaim",
    "recover",
    "regain",
    "register",
    "release",
    "set",
    "setpass",
    "sidentify",
    "verify",
];

/// Whether a line that we send may hold a password.
pub(super) fn holds_password(line: &Line) -> bool {
    let command = line.command.to_ascii_uppercase();
    match command.as_str() {
        "PASS" | "OPER" | "AUTHENTICATE" | "REGISTER" | "VERIFY" | "WEBIRC" => true,
        // The key of a room.
        "JOIN" => line.params.len() > 1,
        "MODE" => line.params.len() > 2 && line.param(1).is_some_and(|modes| modes.contains('k')),
        "PRIVMSG" | "NOTICE" | "SQUERY" => {
            line.param(0).is_some_and(is_service) && line.param(1).is_some_and(tells_password)
        }
        shortcut if SHORTCUTS.contains(&shortcut) => true,
        _ => false,
    }
}

/// Whether that is somebody whom passwords are told.
fn is_service(target: &str) -> bool {
    let name = target.split('@').next().unwrap_or_default().to_ascii_lowercase();
    name.ends_with("serv") || SERVICES.contains(&name.as_str())
}

fn tells_password(text: &str) -> bool {
    let first = words(text).next().unwrap_or_default().to_ascii_lowercase();
    WORDS.contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        holds_password(&Line::parse(text).unwrap())
    }

    #[test]
    fn what_holds_a_password_is_known() {
        for secret in [
            "PASS hunter2",
            "pass hunter2",
            "AUTHENTICATE AGFsaWNl",
            "REGISTER ann * hunter2",
            "OPER ann hunter2",
            "JOIN #c key",
            "MODE #c +k key",
            "PRIVMSG NickServ :IDENTIFY hunter2",
            "PRIVMSG nickserv@services.example :  register hunter2 a@b",
            "SQUERY NickServ :set password hunter2",
            "NOTICE Q@CServe.quakenet.org :AUTH ann hunter2",
            "@label=1 PRIVMSG ChanServ :\u{2}identify #c hunter2",
            "NS identify hunter2",
        ] {
            assert!(holds(secret), "{secret}");
        }
        for open in [
            "JOIN #a,#b",
            "MODE #c +o ann",
            "PRIVMSG #c :identify yourself",
            "PRIVMSG NickServ :help identify",
            "PRIVMSG bob :login is broken",
            "NICK ann",
        ] {
            assert!(!holds(open), "{open}");
        }
    }

    fn message(sender: Sender, conversation: &str, text: &str) -> Event {
        let conversation = domain::ConversationKey(conversation.into());
        let body = Body::text(text);
        Event::Message { message: Incoming { conversation, sender, body, ..Incoming::default() } }
    }

    #[test]
    fn modes_are_told_without_their_key() {
        let told = |text: &str| without_key(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(told("+nkl sesame 9"), "+nkl … 9");
        assert_eq!(told("+lk 9 sesame"), "+lk 9 …");
        assert_eq!(told("+k"), "+k");
        assert_eq!(told("+ntl 9"), "+ntl 9");
        assert_eq!(told(""), "");
    }

    #[test]
    fn what_was_sent_is_covered_where_services_and_echoes_repeat_it() {
        let person = |name: &str| Sender::Person { name: name.to_owned() };
        for (sent, password) in [
            ("PASS ann:hunter2", "hunter2"),
            ("REGISTER ann * hunter2", "hunter2"),
            ("PRIVMSG NickServ :REGISTER hunter2 a@b", "hunter2"),
            ("PRIVMSG NickServ :identify ann hunter2", "hunter2"),
            ("NS :set password hunter2", "hunter2"),
            ("JOIN #a,#b sesame,hunter2", "hunter2"),
            ("MODE #c +k hunter2", "hunter2"),
            ("MODE #c -k+olk hunter2 bob 9 hunter3", "hunter2"),
            ("MODE #c +nolk-v bob 9 hunter2 carl", "hunter2"),
            ("MODE #c +Zk hunter2", "hunter2"),
            ("PRIVMSG NickServ :GHOST ann hunter2", "hunter2"),
        ] {
            let mut secrets = Secrets::default();
            secrets.learn(&Line::parse(sent).unwrap());
            let said = format!("with the password {password}.");
            for (sender, place) in
                [(person("NickServ"), "nickserv"), (Sender::Server, "*"), (Sender::Me, "nickserv")]
            {
                let covered = secrets.cover(message(sender.clone(), place, &said));
                assert_eq!(covered, message(sender, place, "with the password …."), "{sent}");
            }
            let others = message(person("bob"), "#c", &said);
            assert_eq!(secrets.cover(others.clone()), others);
            assert!(!format!("{secrets:?}").contains(password));
        }
        let mut secrets = Secrets::default();
        let closed = |text: &str| Reason::NotLetIn { text: text.to_owned() };
        secrets.learn(&Line::parse("PASS hunter2").unwrap());
        assert_eq!(secrets.cover_reason(closed("no hunter2")), closed("no …"));
        let mut secrets = Secrets::default();
        secrets.learn(&Line::parse("PASS abc").unwrap());
        secrets.learn(&Line::parse("PRIVMSG bob :identify hunter2").unwrap());
        let kept = message(Sender::Server, "*", "abc hunter2");
        assert_eq!(secrets.cover(kept.clone()), kept, "too short, and told to nobody who keeps it");
    }
    #[test]
    fn what_we_told_a_service_elsewhere_is_covered_without_having_been_sent_here() {
        let none = Secrets::default();
        for (said, left) in [
            ("IDENTIFY hunter2", "IDENTIFY …"),
            ("identify ann abc", "identify …"),
            ("\u{2}Set Password hunter2", "Set …"),
            ("help\nghost ann hunter2", "ghost …"),
        ] {
            let covered = none.cover(message(Sender::Me, "nickserv", said));
            assert_eq!(covered, message(Sender::Me, "nickserv", left));
        }
        for said in ["identify", "help identify", "ghost ann", "set email a@b", "set password", "info ann"] {
            let kept = message(Sender::Me, "nickserv", said);
            assert_eq!(none.cover(kept.clone()), kept);
        }
        let kept = message(Sender::Me, "x", "set the table");
        assert_eq!(none.cover(kept.clone()), kept, "somebody may be called so");
        assert!(tells_service("Q@CServe.quakenet.org", "AUTH ann hunter2"));
        let mut short = Secrets::default();
        short.learn(&Line::parse("PRIVMSG NickServ :identify abc").unwrap());
        assert_eq!(short.cover_text("abc: identify abc".into()), "abc: …", "with what stands before it");
    }
}
