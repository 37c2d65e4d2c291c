//! The server's answers in words for people: what a numeric says, and which question it answers.
//!
//! <https://modern.ircdocs.horse/#numerics>, <https://defs.ircdocs.horse/defs/numerics>. Who asked what, and where, is in
//! [`super::asked`].

use super::formatting;
use super::line::Line;
use super::secrecy::without_key;
use super::stamp;
use domain::Timestamp;

/// What the user asked of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Who that is.
    Whois(String),
    /// Who that was.
    Whowas(String),
    /// Who matches a mask, or is in a channel.
    Who(String),
    /// Who is in a channel.
    Names(String),
    /// Which channels there are, those that hold these words.
    Channels(String),
    /// The message of the day.
    Motd,
    /// The server's program.
    Version,
    /// The server's time.
    Time,
    /// Who runs the server.
    Admin,
    /// More about the server's program.
    Info,
    /// How many people there are.
    Lusers,
    /// What a channel is about.
    Topic(String),
    /// The modes of a channel, or ours.
    Mode(String),
    /// One of the lists of a channel, by its letter.
    List(String, char),
    /// That somebody comes into a channel.
    Invite(String, String),
    /// Whom we watch.
    Watched,
    /// The networks of a bouncer.
    Networks,
}

/// What a line is of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply<'a> {
    /// The kinds of questions that it may answer.
    pub(super) of: &'static [Kind],
    /// Whom or what it is about, where the line says so.
    pub(super) about: Option<&'a str>,
    /// What it says; `None`: nothing of interest.
    pub(super) text: Option<String>,
    /// What sorts first in a list; else the order of arrival counts.
    pub(super) weight: usize,
    /// Nothing more follows.
    pub(super) ends: bool,
    /// The session has a use for the line too.
    pub(super) shared: bool,
}

/// The kind of a [`Question`].
#[allow(missing_docs, reason = "each is the kind of the question of that name")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Whois,
    Whowas,
    Who,
    Names,
    Channels,
    Motd,
    Version,
    Time,
    Admin,
    Info,
    Lusers,
    Topic,
    Mode,
    List(char),
    Invite,
    Watched,
    Networks,
}

/// How a question is put, and how its answer is told.
pub(super) struct Form {
    /// The command that asks it.
    pub(super) command: &'static str,
    /// Whether something marks the end of its answer.
    pub(super) has_end: bool,
    /// What its answer is headed with.
    pub(super) heading: Option<String>,
    /// What an answer says in which nothing stands.
    pub(super) nothing: String,
}

impl Question {
    /// Its kind.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Whois(_) => Kind::Whois,
            Self::Whowas(_) => Kind::Whowas,
            Self::Who(_) => Kind::Who,
            Self::Names(_) => Kind::Names,
            Self::Channels(_) => Kind::Channels,
            Self::Motd => Kind::Motd,
            Self::Version => Kind::Version,
            Self::Time => Kind::Time,
            Self::Admin => Kind::Admin,
            Self::Info => Kind::Info,
            Self::Lusers => Kind::Lusers,
            Self::Topic(_) => Kind::Topic,
            Self::Mode(_) => Kind::Mode,
            Self::List(_, mode) => Kind::List(*mode),
            Self::Invite(_, _) => Kind::Invite,
            Self::Watched => Kind::Watched,
            Self::Networks => Kind::Networks,
        }
    }

    /// Whom or what it is about.
    pub(super) fn about(&self) -> Option<&str> {
        match self {
            Self::Whois(name) | Self::Whowas(name) | Self::Who(name) | Self::Names(name) => Some(name),
            Self::Topic(name) | Self::Mode(name) | Self::List(name, _) | Self::Invite(name, _) => Some(name),
            Self::Channels(_)
            | Self::Motd
            | Self::Version
            | Self::Time
            | Self::Admin
            | Self::Info
            | Self::Lusers
            | Self::Watched
            | Self::Networks => None,
        }
    }

    /// How it is put, and how its answer is told.
    pub(super) fn form(&self) -> Form {
        let form = |command, has_end| Form {
            command,
            has_end,
            heading: None,
            nothing: "nobody and nothing".to_owned(),
        };
        let headed = |command, has_end, heading| Form { heading: Some(heading), ..form(command, has_end) };
        let unknown = |command, name: &str| Form {
            nothing: format!("Nothing is known of {name}."),
            ..form(command, true)
        };
        match self {
            Self::Whois(name) => unknown("WHOIS", name),
            Self::Whowas(name) => unknown("WHOWAS", name),
            Self::Who(mask) => headed("WHO", true, format!("Who matches {mask}:")),
            Self::Names(channel) => headed("NAMES", true, format!("In {channel}:")),
            Self::Channels(search) if search.is_empty() => headed("LIST", true, "Channels:".to_owned()),
            Self::Channels(search) => headed("LIST", true, format!("Channels with “{search}”:")),
            Self::Motd => form("MOTD", true),
            Self::Version => form("VERSION", true),
            Self::Time => form("TIME", true),
            Self::Admin => form("ADMIN", true),
            Self::Info => form("INFO", true),
            Self::Lusers => form("LUSERS", false),
            Self::Topic(_) => form("TOPIC", false),
            Self::Mode(_) => form("MODE", false),
            Self::List(channel, mode) => headed("MODE", true, format!("{} {channel}:", list_name(*mode))),
            Self::Invite(_, _) => form("INVITE", true),
            Self::Watched => headed("MONITOR", false, "You watch:".to_owned()),
            Self::Networks => headed("BOUNCER", false, "Networks of the bouncer:".to_owned()),
        }
    }
}

fn list_name(mode: char) -> String {
    match mode {
        'b' => "Banned from".to_owned(),
        'e' => "Excepted from bans in".to_owned(),
        'I' => "Let in without an invitation to".to_owned(),
        'q' => "Silenced in".to_owned(),
        other => format!("List +{other} of"),
    }
}

/// What a line is of the answer to a question. `None`: it answers none.
pub(super) fn read(line: &Line) -> Option<Reply<'_>> {
    let words = Words(line);
    let about = line.param(1);
    let reply = |of: &'static [Kind]| Reply { of, about, text: None, weight: 0, ends: false, shared: false };
    const WHOIS: &[Kind] = &[Kind::Whois];
    let whois = |text: String| Reply { text: Some(text), ..reply(WHOIS) };
    Some(match line.command.as_str() {
        "311" => whois(words.person()),
        "314" => Reply { text: Some(words.person()), ..reply(&[Kind::Whowas]) },
        "312" => {
            let text = format!("server: {}", words.with_rest(2));
            Reply { text: Some(text), ..reply(&[Kind::Whois, Kind::Whowas]) }
        }
        "317" => whois(words.idle()),
        "319" => whois(format!("in: {}", plain(words.at(2)).trim())),
        "330" => {
            Reply { text: Some(format!("account: {}", words.at(2))), ..reply(&[Kind::Whois, Kind::Whowas]) }
        }
        "338" => Reply {
            text: Some(format!("address: {}", line.params.get(2..).unwrap_or_default().join(" "))),
            ..reply(&[Kind::Whois, Kind::Whowas])
        },
        "301" => {
            let text = format!("away: {}", plain(words.last()));
            Reply { text: Some(text), ..reply(&[Kind::Whois, Kind::Whowas]) }
        }
        "671" => whois("over a secure connection".to_owned()),
        "276" | "307" | "308" | "309" | "310" | "313" | "320" | "335" | "337" | "378" | "379" | "615" => {
            whois(plain(&words.rest(2)))
        }
        "318" => Reply { ends: true, ..reply(WHOIS) },
        "406" => Reply { text: Some(words.error()), ..reply(&[Kind::Whowas]) },
        "369" => Reply { ends: true, ..reply(&[Kind::Whowas]) },
        "352" => Reply { about: None, text: Some(words.who()), ..reply(&[Kind::Who]) },
        "315" => Reply { ends: true, ..reply(&[Kind::Who]) },
        "353" => Reply {
            about: line.params.len().checked_sub(2).and_then(|at| line.param(at)),
            text: Some(words.last().split_whitespace().collect::<Vec<_>>().join(" ")),
            shared: true,
            ..reply(&[Kind::Names])
        },
        "366" => Reply { ends: true, shared: true, ..reply(&[Kind::Names]) },
        "321" => Reply { about: None, ..reply(&[Kind::Channels]) },
        "322" => {
            let weight = words.at(2).parse().unwrap_or(0);
            Reply { about: None, text: Some(words.channel()), weight, ..reply(&[Kind::Channels]) }
        }
        "323" => Reply { about: None, ends: true, ..reply(&[Kind::Channels]) },
        "375" | "372" => Reply { about: None, text: Some(plain(words.last())), ..reply(&[Kind::Motd]) },
        "376" => Reply { about: None, ends: true, ..reply(&[Kind::Motd]) },
        "422" => Reply { about: None, text: Some(plain(words.last())), ends: true, ..reply(&[Kind::Motd]) },
        "351" => {
            Reply { about: None, text: Some(plain(&words.rest(1))), ends: true, ..reply(&[Kind::Version]) }
        }
        "391" => {
            let text = format!("{}: {}", words.at(1), plain(words.last()));
            Reply { about: None, text: Some(text), ends: true, ..reply(&[Kind::Time]) }
        }
        "256" | "257" | "258" => {
            Reply { about: None, text: Some(plain(words.last())), ..reply(&[Kind::Admin]) }
        }
        "259" | "423" => {
            Reply { about: None, text: Some(plain(words.last())), ends: true, ..reply(&[Kind::Admin]) }
        }
        "371" => Reply { about: None, text: Some(plain(words.last())), ..reply(&[Kind::Info]) },
        "374" => Reply { about: None, ends: true, ..reply(&[Kind::Info]) },
        "251" | "255" | "265" => {
            Reply { about: None, text: Some(plain(words.last())), ..reply(&[Kind::Lusers]) }
        }
        "252" | "253" | "254" => {
            Reply { about: None, text: Some(plain(&words.rest(1))), ..reply(&[Kind::Lusers]) }
        }
        "266" => Reply { about: None, text: Some(plain(words.last())), ends: true, ..reply(&[Kind::Lusers]) },
        "331" => {
            let text = format!("{} has no topic.", words.at(1));
            Reply { text: Some(text), ends: true, shared: true, ..reply(&[Kind::Topic]) }
        }
        "332" => {
            let text = format!("{} is about: {}", words.at(1), plain(words.last()));
            Reply { text: Some(text), shared: true, ..reply(&[Kind::Topic]) }
        }
        "333" => {
            let by = words.at(2).split('!').next().unwrap_or_default();
            let text = format!("set by {by}{}", when(", ", words.at(3)));
            Reply { text: Some(text), ends: true, shared: true, ..reply(&[Kind::Topic]) }
        }
        "221" => {
            let text = format!("Your modes: {}", words.at(1));
            Reply { about: line.param(0), text: Some(text), ends: true, ..reply(&[Kind::Mode]) }
        }
        "324" => {
            let modes = without_key(line.params.get(2..).unwrap_or_default());
            let text = format!("Modes of {}: {modes}", words.at(1));
            Reply { text: Some(text), ..reply(&[Kind::Mode]) }
        }
        "329" => {
            let text = when("since ", words.at(2));
            Reply { text: Some(text), ends: true, shared: true, ..reply(&[Kind::Mode]) }
        }
        "367" => Reply { text: Some(words.entry(2)), ..reply(&[Kind::List('b')]) },
        "368" => Reply { ends: true, ..reply(&[Kind::List('b')]) },
        "346" => Reply { text: Some(words.entry(2)), ..reply(&[Kind::List('I')]) },
        "347" => Reply { ends: true, ..reply(&[Kind::List('I')]) },
        "348" => Reply { text: Some(words.entry(2)), ..reply(&[Kind::List('e')]) },
        "349" => Reply { ends: true, ..reply(&[Kind::List('e')]) },
        "728" => Reply { text: Some(words.entry(3)), ..reply(&[Kind::List('q')]) },
        "729" => Reply { ends: true, ..reply(&[Kind::List('q')]) },
        "341" => {
            let text = format!("You asked {} into {}.", words.at(1), words.at(2));
            Reply { text: Some(text), ends: true, ..reply(&[Kind::Invite]) }
        }
        "730" => {
            Reply { about: None, shared: true, text: Some(words.watched("here")), ..reply(&[Kind::Watched]) }
        }
        "731" => Reply {
            about: None,
            shared: true,
            text: Some(words.watched("not here")),
            ..reply(&[Kind::Watched])
        },
        "BOUNCER" if line.param(0).is_some_and(|word| word.eq_ignore_ascii_case("NETWORK")) => {
            Reply { about: None, text: Some(words.network()), ..reply(&[Kind::Networks]) }
        }
        _ => return None,
    })
}

/// What a line says that answers no question, for people: our own name and codes left out.
pub(super) fn words(line: &Line) -> String {
    let words = Words(line);
    match line.command.as_str() {
        "FAIL" | "WARN" | "NOTE" => words.standard(),
        "301" => format!("{} is away: {}", words.at(1), plain(words.last())),
        "341" => format!("You asked {} into {}.", words.at(1), words.at(2)),
        "730" => format!("Here: {}", nicks(words.last())),
        "731" => format!("Not here: {}", nicks(words.last())),
        "734" => format!("The server watches at most {} people for you.", words.at(1)),
        "900" => format!("You are logged in as {}.", words.at(2)),
        "901" => "You are logged out.".to_owned(),
        "324" => format!("{} {}", words.at(1), without_key(line.params.get(2..).unwrap_or_default())),
        // Its third parameter is the key.
        "696" if words.at(2) == "k" => format!("{} k: {}", words.at(1), plain(words.last())),
        "381" => "You are an operator of the server now.".to_owned(),
        command if is_error(command) => words.error(),
        _ => plain(&words.rest(1)),
    }
}

/// Whether a command is a numeric that refuses something, or the `FAIL` of
/// <https://ircv3.net/specs/extensions/standard-replies>. `696` refuses the parameter of a mode.
pub(super) fn is_error(command: &str) -> bool {
    let numeric = command.len() == 3 && command.bytes().all(|byte| byte.is_ascii_digit());
    matches!(command, "FAIL" | "263" | "696") || (numeric && command.starts_with(['4', '5']))
}

/// The parts of a line.
#[derive(Clone, Copy)]
struct Words<'a>(&'a Line);

impl<'a> Words<'a> {
    fn at(self, index: usize) -> &'a str {
        self.0.param(index).unwrap_or_default()
    }

    fn last(self) -> &'a str {
        self.0.params.last().map(String::as_str).unwrap_or_default()
    }

    fn rest(self, from: usize) -> String {
        self.0.params.get(from..).unwrap_or_default().join(" ")
    }

    /// A parameter, and the last one in brackets.
    fn with_rest(self, index: usize) -> String {
        let more = plain(&self.rest(index + 1));
        if more.is_empty() { self.at(index).to_owned() } else { format!("{} ({more})", self.at(index)) }
    }

    /// `nick user host * :real name`
    fn person(self) -> String {
        let mask = format!("{} is {}@{}", self.at(1), self.at(2), self.at(3));
        let real = if self.0.params.len() > 5 { plain(self.last()) } else { String::new() };
        if real.is_empty() { mask } else { format!("{mask}: {real}") }
    }

    /// `nick idle signon :words`
    fn idle(self) -> String {
        let idle = self.at(2).parse().map_or_else(|_| self.at(2).to_owned(), duration);
        let since = if self.0.params.len() > 4 { when(", here since ", self.at(3)) } else { String::new() };
        format!("idle for {idle}{since}")
    }

    /// `channel user host server nick flags :hops real name`
    fn who(self) -> String {
        let real = self.last().split_once(' ').map_or("", |(_, real)| real);
        let flags = self.at(6);
        let away = if flags.contains('G') { ", away" } else { "" };
        let oper = if flags.contains('*') { ", operator" } else { "" };
        let channel = Some(self.at(1)).filter(|name| !matches!(*name, "*" | ""));
        let channel = channel.map(|name| format!(", in {name}")).unwrap_or_default();
        format!("{} is {}@{}: {}{channel}{oper}{away}", self.at(5), self.at(2), self.at(3), plain(real))
    }

    /// `channel count :topic`
    fn channel(self) -> String {
        let topic = if self.0.params.len() > 3 { plain(self.last()) } else { String::new() };
        let text = format!("{} ({})", self.at(1), self.at(2));
        if topic.trim().is_empty() { text } else { format!("{text}: {}", topic.trim()) }
    }

    /// A mask, and who put it there when.
    fn entry(self, at: usize) -> String {
        let by = self.at(at + 1).split('!').next().unwrap_or_default();
        let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
        format!("{}{by}{}", self.at(at), when(", ", self.at(at + 2)))
    }

    fn watched(self, how: &str) -> String {
        format!("{}: {how}", nicks(self.last()))
    }

    /// `NETWORK id name=…;state=…`; `*` for one that is gone.
    fn network(self) -> String {
        let attributes = super::tags::Tags::parse(self.at(2));
        let find = |name: &str| attributes.find(name).unwrap_or_default().to_owned();
        let (name, host, state) = (find("name"), find("host"), find("state"));
        let title = if name.is_empty() { host } else { name };
        let nick = Some(find("nickname")).filter(|nick| !nick.is_empty());
        let nick = nick.map(|nick| format!(", as {nick}")).unwrap_or_default();
        let state = if state.is_empty() { String::new() } else { format!(", {state}") };
        format!("{}: {title}{state}{nick}", self.at(1))
    }

    /// `us subject… :words`
    fn error(self) -> String {
        let subject: Vec<&str> =
            self.0.params.iter().skip(1).rev().skip(1).rev().map(String::as_str).collect();
        let said = plain(self.last());
        if subject.is_empty() { said } else { format!("{}: {said}", subject.join(" ")) }
    }

    /// `command code context… :words`
    fn standard(self) -> String {
        let context: Vec<&str> =
            self.0.params.iter().skip(2).rev().skip(1).rev().map(String::as_str).collect();
        let said = plain(self.last());
        let context = if context.is_empty() { String::new() } else { format!(" ({})", context.join(" ")) };
        let command = Some(self.at(0)).filter(|name| *name != "*" && self.0.params.len() > 2);
        command.map_or_else(|| format!("{said}{context}"), |name| format!("{name}: {said}{context}"))
    }
}

/// Nicknames of a list of masks.
fn nicks(list: &str) -> String {
    let names = list.split(',').map(|mask| mask.split('!').next().unwrap_or_default());
    names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
}

/// A time in seconds since 1970, behind some words; nothing where it is none.
fn when(before: &str, seconds: &str) -> String {
    let Ok(seconds) = seconds.parse::<u32>() else { return String::new() };
    let text = stamp::write_time(Timestamp(i64::from(seconds) * 1000));
    let minute = text.get(..16).unwrap_or_default().replace('T', " ");
    format!("{before}{minute} UTC")
}

/// The characters of a text with codes.
fn plain(text: &str) -> String {
    formatting::parse(text).to_plain()
}

fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests;
