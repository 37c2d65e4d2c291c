//! An IRC network of large rooms and long histories, for benches: every line is made before anybody comes, so that a
//! client waits for the line alone.

use crate::chat;
use crate::faults::Dice;
use crate::server::{Peer, What, frames};
use domain::Timestamp;
use proto::irc::line::Line;
use proto::irc::stamp::write_time;
use std::io;

/// Who comes.
pub const ME: &str = "me";

/// How many names one answer to `NAMES` has: what fits into 512 bytes.
const NAMES: usize = 40;

/// How far apart two messages of a room are.
const EVERY_MS: i64 = 1000;

/// How many rooms there are, how many people are in each, and how many messages each has seen.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Rooms, `#room0` and so on.
    pub rooms: usize,
    /// People in each, the client included.
    pub members: usize,
    /// Messages in each.
    pub messages: usize,
}

/// How a client gets what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// Unasked: all of a room in one batch as soon as one is in it, as bouncers do.
    Replayed,
    /// Page by page (`CHATHISTORY`). Who comes first finds the first message of each room alone; the others were said
    /// while they were away.
    Asked,
}

/// Such a network.
#[derive(Debug)]
pub struct Bulk {
    past: Past,
    whox: Whox,
    rooms: Vec<Room>,
}

/// Whether the network can say what is known of everybody in a room (`WHOX`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whox {
    /// It can.
    Known,
    /// It cannot.
    Unknown,
}

#[derive(Debug)]
struct Room {
    name: String,
    /// What follows the `JOIN`.
    names: Vec<String>,
    /// The answer to `WHO`.
    who: Vec<String>,
    /// What was said, each line of it in the batch `p`.
    messages: Vec<String>,
}

impl Bulk {
    /// A network whose last messages were said at `until`.
    #[must_use]
    pub fn new(size: Size, past: Past, whox: Whox, until: Timestamp) -> Self {
        let texts = chat::texts(size.messages);
        let rooms = (0..size.rooms).map(|at| room(at, size, &texts, until)).collect();
        Self { past, whox, rooms }
    }

    /// The names of all rooms, as the account form takes them.
    #[must_use]
    pub fn channels(&self) -> String {
        let names: Vec<&str> = self.rooms.iter().map(|room| room.name.as_str()).collect();
        names.join(",")
    }

    /// All lines that a client gets from its being in the rooms until it has what it is told there.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.rooms.iter().flat_map(|room| self.told(room).into_iter().chain(self.who(room))).collect()
    }

    /// All lines of the history.
    #[must_use]
    pub fn history(&self) -> Vec<String> {
        self.rooms.iter().flat_map(|room| room.messages.iter().cloned()).collect()
    }

    /// Serves a client that is called [`ME`] until it goes.
    ///
    /// # Errors
    /// When it goes in the middle of a frame.
    pub async fn serve(&self, mut peer: Peer) -> io::Result<()> {
        peer.accept().await?;
        while let Some(what) = peer.message().await? {
            let What::Text(text) = what else { continue };
            let Ok(line) = Line::parse(&text) else { continue };
            let answer = self.answer(&line, peer.number());
            peer.raw(frames(&answer)).await?;
        }
        Ok(())
    }

    fn answer(&self, line: &Line, visit: u32) -> Vec<String> {
        let param = |index| line.param(index).unwrap_or_default();
        let history = if self.past == Past::Asked { " draft/chathistory" } else { "" };
        let tokens = if self.whox == Whox::Known { " WHOX" } else { "" };
        match (line.command.as_str(), param(0)) {
            ("CAP", "LS") => vec![format!(
                ":bulk CAP * LS :account-tag away-notify batch echo-message extended-join labeled-response \
                 message-tags multi-prefix server-time{history}"
            )],
            ("CAP", "REQ") => vec![format!(":bulk CAP * ACK :{}", param(1))],
            ("CAP", "END") => vec![
                format!(":bulk 001 {ME} :Welcome"),
                format!(
                    ":bulk 005 {ME} CASEMAPPING=ascii CHANTYPES=# CHATHISTORY=1000 MSGREFTYPES=msgid,timestamp \
                     PREFIX=(ov)@+ SAFERATE{tokens} :are supported by this server"
                ),
                format!(":bulk 422 {ME} :No message of the day"),
            ],
            ("PING", token) => vec![format!(":bulk PONG bulk {token}")],
            ("JOIN", names) => {
                let rooms = names.split(',').filter_map(|name| self.room(name));
                let join = |room: &Room| format!(":{ME}!{ME}@host JOIN {} * :{ME}", room.name);
                rooms.flat_map(|room| std::iter::once(join(room)).chain(self.told(room))).collect()
            }
            ("WHO", name) => self.room(name).map(|room| self.who(room)).unwrap_or_default(),
            ("CHATHISTORY", _) => self.page(line, visit),
            _ => Vec::new(),
        }
    }

    fn told(&self, room: &Room) -> Vec<String> {
        let mut lines = room.names.clone();
        if self.past == Past::Replayed && !room.messages.is_empty() {
            lines.push(format!(":bulk BATCH +p chathistory {}", room.name));
            lines.extend(room.messages.iter().cloned());
            lines.push(":bulk BATCH -p".to_owned());
        }
        lines
    }

    fn who(&self, room: &Room) -> Vec<String> {
        if self.whox == Whox::Known { room.who.clone() } else { Vec::new() }
    }

    /// `CHATHISTORY`. <https://ircv3.net/specs/extensions/chathistory>
    fn page(&self, line: &Line, visit: u32) -> Vec<String> {
        let param = |index| line.param(index).unwrap_or_default();
        let label = line.tags.find("label").map(|label| format!("label={label}"));
        let kind = if param(0) == "TARGETS" { "draft/chathistory-targets" } else { "chathistory" };
        let (mut lines, mut end) = (Vec::new(), Some("draft/chathistory-end".to_owned()));
        if let Some(room) = self.room(param(1)) {
            let limit = param(3).parse().unwrap_or_default();
            let said = if visit == 1 { 1 } else { room.messages.len() };
            let after = param(2).strip_prefix("msgid=").and_then(|id| id.rsplit_once('.'));
            let from = match after.and_then(|(_, at)| at.parse::<usize>().ok()) {
                Some(at) if param(0) == "AFTER" => at + 1,
                Some(_) | None => 0,
            };
            end = end.filter(|_| from + limit >= said);
            lines.extend(room.messages.iter().take(said).skip(from).take(limit).cloned());
        }
        let tags: Vec<String> = label.into_iter().chain(end).collect();
        let tags = if tags.is_empty() { String::new() } else { format!("@{} ", tags.join(";")) };
        lines.insert(0, format!("{tags}:bulk BATCH +p {kind} {}", param(1)));
        lines.push(":bulk BATCH -p".to_owned());
        lines
    }

    fn room(&self, name: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.name == name)
    }
}

fn room(at: usize, size: Size, texts: &[String], until: Timestamp) -> Room {
    let name = format!("#room{at}");
    // A fifth of the people of a room is in no earlier one. We are the first.
    let others = (1..size.members).map(|n| format!("person{}", at * size.members / 5 + n));
    let people: Vec<String> = std::iter::once(ME.to_owned()).chain(others).collect();
    let signs = |n: usize| match n {
        0..=2 => "@",
        3..=9 => "+",
        _ => "",
    };
    let signed: Vec<String> =
        people.iter().enumerate().map(|(n, nick)| format!("{}{nick}", signs(n))).collect();
    let mut names = vec![format!(":bulk 332 {ME} {name} :What is said in {name}")];
    names.extend(signed.chunks(NAMES).map(|nicks| format!(":bulk 353 {ME} = {name} :{}", nicks.join(" "))));
    names.push(format!(":bulk 366 {ME} {name} :End of /NAMES list."));
    let flags = |n: usize| if n.is_multiple_of(3) { "G" } else { "H" };
    let mut who: Vec<String> = people
        .iter()
        .enumerate()
        .map(|(n, nick)| format!(":bulk 354 {ME} 152 {name} {nick} {}{} {nick}", flags(n), signs(n)))
        .collect();
    who.push(format!(":bulk 315 {ME} {name} :End of /WHO list."));
    // Names in no order, as most servers give them: the dearest kind for an index.
    let mut dice = Dice::new(at as u64);
    let messages = texts.iter().enumerate().map(|(n, text)| {
        let id = dice.roll();
        let left = i64::try_from(texts.len() - n).unwrap_or_default();
        let time = write_time(until.plus_ms(-left * EVERY_MS));
        let nick = people.get(1 + n % people.len()).map_or("gone", String::as_str);
        format!(
            "@batch=p;time={time};msgid={id:016x}.{n};account={nick} :{nick}!~{nick}@user/{nick} PRIVMSG {name} :{text}"
        )
    });
    let messages = messages.collect();
    Room { name, names, who, messages }
}
