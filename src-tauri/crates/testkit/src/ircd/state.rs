//! What the server knows, and what it answers to each line.

use super::history::{Entry, History, stamp};
use proto::irc::line::Line;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::UnboundedSender;

/// What it offers.
const CAPABILITIES: &str = "batch draft/account-registration draft/chathistory draft/event-playback \
    draft/message-redaction draft/multiline=max-bytes=4096,max-lines=100 draft/read-marker echo-message \
    labeled-response message-tags server-time standard-replies";

const TOKENS: &str = "CASEMAPPING=ascii CHANTYPES=# CHATHISTORY=100 MSGREFTYPES=msgid,timestamp NETWORK=Modern \
    PREFIX=(ov)@+ SAFERATE";

/// All of it.
#[derive(Debug, Default)]
pub(super) struct State {
    clients: BTreeMap<u64, Client>,
    rooms: BTreeMap<String, BTreeSet<u64>>,
    /// What it takes to get into a room.
    keys: BTreeMap<String, String>,
    history: History,
    /// How far an account has read, in milliseconds.
    read: BTreeMap<(String, String), i64>,
    last_client: u64,
    last_time: i64,
    batches: u64,
}

#[derive(Debug)]
struct Client {
    out: UnboundedSender<String>,
    nick: String,
    is_in: bool,
    caps: BTreeSet<String>,
    /// A message of several lines that has not ended: its opening, and its lines.
    open: Option<(Line, Vec<Line>)>,
}

impl State {
    pub(super) fn enter(&mut self, out: UnboundedSender<String>) -> u64 {
        self.last_client += 1;
        let client = Client { out, nick: "*".to_owned(), is_in: false, caps: BTreeSet::new(), open: None };
        self.clients.insert(self.last_client, client);
        self.last_client
    }

    pub(super) fn leave(&mut self, id: u64) {
        let Some(client) = self.clients.remove(&id) else { return };
        self.rooms.values_mut().for_each(|members| {
            members.remove(&id);
        });
        let line = format!(":{0}!{0}@host QUIT :gone", client.nick);
        for other in self.clients.values().filter(|other| other.is_in) {
            let _ = other.out.send(line.clone());
        }
    }

    pub(super) fn say(&mut self, nick: &str, room: &str, text: &str) {
        let entry = Entry { text: text.to_owned(), ..self.entry(nick, room, "PRIVMSG") };
        self.relay(entry, None);
    }

    pub(super) fn lock(&mut self, room: &str, key: &str) {
        self.keys.insert(room.to_owned(), key.to_owned());
    }

    pub(super) fn said(&self, room: &str) -> Vec<(String, String)> {
        let entries = self.history.of(room).filter(|entry| entry.command == "PRIVMSG" && !entry.redacted);
        entries.map(|entry| (entry.nick.clone(), entry.text.clone())).collect()
    }

    pub(super) fn take(&mut self, id: u64, text: &str) {
        let Ok(line) = Line::parse(text) else { return };
        let nick = self.clients.get(&id).map(|client| client.nick.clone()).unwrap_or_default();
        let param = |index| line.param(index).unwrap_or_default().to_owned();
        if line.tags.find("batch").is_some() {
            if let Some((_, lines)) = self.clients.get_mut(&id).and_then(|client| client.open.as_mut()) {
                lines.push(line);
            }
            return;
        }
        match line.command.as_str() {
            "CAP" => self.capabilities(id, &line),
            "NICK" => self.named(id, &param(0)),
            "PING" => self.tell(id, &format!(":modern PONG modern {}", param(0))),
            "REGISTER" => {
                self.tell(id, &format!(":modern REGISTER SUCCESS {} :Account registered", param(0)));
            }
            "JOIN" => {
                let keys = param(1);
                let mut keys = keys.split(',');
                for room in param(0).split(',') {
                    let key = keys.next().unwrap_or_default();
                    if self.keys.get(room).is_none_or(|wanted| wanted == key) {
                        self.join(id, &nick, room);
                    } else {
                        let text = "Cannot join channel (+k)";
                        self.tell(id, &format!(":modern 475 {nick} {room} :{text}"));
                    }
                }
            }
            "PRIVMSG" | "NOTICE" => {
                let entry = Entry {
                    text: param(1),
                    tags: line.tags.iter().filter(|(name, _)| name.starts_with('+')).map(owned).collect(),
                    ..self.entry(&nick, &param(0), &line.command)
                };
                self.relay(entry, Some((id, label(&line))));
                if param(0).eq_ignore_ascii_case("NickServ") {
                    // As services do: what they were told stands in what they answer.
                    self.tell(
                        id,
                        &format!(":NickServ!services@modern NOTICE {nick} :You said {}.", param(1)),
                    );
                }
            }
            "TAGMSG" => {
                let entry = Entry {
                    tags: line.tags.iter().filter(|(name, _)| name.starts_with('+')).map(owned).collect(),
                    ..self.entry(&nick, &param(0), "TAGMSG")
                };
                self.relay(entry, Some((id, label(&line))));
            }
            "REDACT" => self.redact(id, &nick, &param(0), &param(1)),
            "MARKREAD" => self.mark(id, &nick, &param(0), line.param(1)),
            "BATCH" => self.batch(id, &nick, line),
            "CHATHISTORY" => self.past(id, &line),
            _ => {}
        }
    }

    fn capabilities(&mut self, id: u64, line: &Line) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let answer = match (line.param(0), line.param(1)) {
            (Some("LS"), _) => format!(":modern CAP * LS :{CAPABILITIES}"),
            (Some("REQ"), Some(names)) => {
                client.caps.extend(names.split(' ').map(str::to_owned));
                format!(":modern CAP * ACK :{names}")
            }
            (Some("END"), _) => {
                client.is_in = true;
                let nick = client.nick.clone();
                self.tell(id, &format!(":modern 001 {nick} :Welcome"));
                self.tell(id, &format!(":modern 005 {nick} {TOKENS} :are supported by this server"));
                format!(":modern 422 {nick} :No message of the day")
            }
            _ => return,
        };
        self.tell(id, &answer);
    }

    fn named(&mut self, id: u64, nick: &str) {
        let taken = self.clients.values().any(|client| client.nick == nick);
        match self.clients.get_mut(&id) {
            Some(_) if taken => self.tell(id, &format!(":modern 433 * {nick} :Nickname is already in use")),
            Some(client) => nick.clone_into(&mut client.nick),
            None => {}
        }
    }

    fn join(&mut self, id: u64, nick: &str, room: &str) {
        self.rooms.entry(room.to_owned()).or_default().insert(id);
        let members: Vec<u64> = self.rooms.get(room).into_iter().flatten().copied().collect();
        let mut entry = self.entry(nick, room, "JOIN");
        entry.text.clear();
        for member in &members {
            let line = entry.line(self.caps(*member), None);
            self.tell(*member, &line);
        }
        self.history.add(entry);
        if self.has(id, "draft/read-marker") {
            self.tell_mark(id, nick, room);
        }
        let names: Vec<_> =
            members.iter().filter_map(|id| self.clients.get(id)).map(|client| client.nick.clone()).collect();
        self.tell(id, &format!(":modern 353 {nick} = {room} :{}", names.join(" ")));
        self.tell(id, &format!(":modern 366 {nick} {room} :End of NAMES"));
    }

    /// Tells all who are to hear it, and keeps it.
    fn relay(&mut self, entry: Entry, from: Option<(u64, Option<String>)>) {
        let hears = |id: &u64, client: &Client| match self.rooms.get(&entry.target) {
            Some(members) => members.contains(id),
            None => client.nick == entry.target || client.nick == entry.nick,
        };
        let own = from.as_ref().map(|(id, _)| *id);
        let mut lines = Vec::new();
        for (id, client) in self.clients.iter().filter(|(id, client)| hears(id, client)) {
            if own == Some(*id) && !client.caps.contains("echo-message") {
                continue;
            }
            let label = from.as_ref().filter(|(from, _)| from == id).and_then(|(_, label)| label.as_deref());
            self.batches += 1;
            lines.extend(entry.lines(&client.caps, label, self.batches).into_iter().map(|line| (*id, line)));
        }
        lines.iter().for_each(|(id, line)| self.tell(*id, line));
        self.history.add(entry);
    }

    fn redact(&mut self, id: u64, nick: &str, target: &str, msgid: &str) {
        if !self.history.redact(target, msgid, nick) {
            let text = format!("FAIL REDACT REDACT_FORBIDDEN {target} {msgid} :It is not yours");
            return self.tell(id, &text);
        }
        let line = format!(":{nick}!{nick}@host REDACT {target} {msgid}");
        for member in self.rooms.get(target).cloned().unwrap_or_default() {
            if self.has(member, "draft/message-redaction") {
                self.tell(member, &line);
            }
        }
    }

    fn mark(&mut self, id: u64, nick: &str, target: &str, time: Option<&str>) {
        let account = account(nick).to_owned();
        let upto = time.and_then(|time| time.strip_prefix("timestamp=")).and_then(super::history::read_stamp);
        let Some(upto) = upto else { return self.tell_mark(id, nick, target) };
        let known = self.read.entry((account.clone(), target.to_owned())).or_insert(i64::MIN);
        *known = upto.max(*known);
        let devices = self.clients.iter().filter(|(_, client)| self::account(&client.nick) == account);
        for id in devices.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.tell_mark(id, nick, target);
        }
    }

    fn tell_mark(&self, id: u64, nick: &str, target: &str) {
        let known = self.read.get(&(account(nick).to_owned(), target.to_owned()));
        let time = known.map_or_else(|| "*".to_owned(), |at| format!("timestamp={}", stamp(*at)));
        self.tell(id, &format!(":modern MARKREAD {target} {time}"));
    }

    /// A message of several lines begins or ends.
    fn batch(&mut self, id: u64, nick: &str, line: Line) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if line.param(0).is_some_and(|reference| reference.starts_with('+')) {
            client.open = Some((line, Vec::new()));
            return;
        }
        let Some((opening, lines)) = client.open.take() else { return };
        let target = opening.param(2).unwrap_or_default().to_owned();
        let mut entry = self.entry(nick, &target, "PRIVMSG");
        for (index, line) in lines.iter().enumerate() {
            if index > 0 && line.tags.find("draft/multiline-concat").is_none() {
                entry.text.push('\n');
            }
            entry.text.push_str(line.param(1).unwrap_or_default());
        }
        entry.tags = opening.tags.iter().filter(|(name, _)| name.starts_with('+')).map(owned).collect();
        self.relay(entry, Some((id, label(&opening))));
    }

    fn past(&mut self, id: u64, line: &Line) {
        self.batches += 1;
        let Some(client) = self.clients.get(&id) else { return };
        for line in self.history.answer(line, &client.nick, &client.caps, &mut self.batches) {
            self.tell(id, &line);
        }
    }

    fn entry(&mut self, nick: &str, target: &str, command: &str) -> Entry {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        // No two at once, so that a time is a place too.
        self.last_time = i64::try_from(now).unwrap_or(i64::MAX).max(self.last_time + 1);
        Entry {
            id: format!("id{}", self.last_time),
            at: self.last_time,
            nick: nick.to_owned(),
            target: target.to_owned(),
            command: command.to_owned(),
            ..Entry::default()
        }
    }

    fn tell(&self, id: u64, line: &str) {
        if let Some(client) = self.clients.get(&id) {
            let _ = client.out.send(line.to_owned());
        }
    }

    fn has(&self, id: u64, cap: &str) -> bool {
        self.clients.get(&id).is_some_and(|client| client.caps.contains(cap))
    }

    fn caps(&self, id: u64) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        self.clients.get(&id).map_or(&NONE, |client| &client.caps)
    }
}

/// The account of a nickname: one person may be there under several.
fn account(nick: &str) -> &str {
    nick.trim_end_matches(|char: char| char.is_ascii_digit() || char == '_')
}

fn label(line: &Line) -> Option<String> {
    line.tags.find("label").map(str::to_owned)
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
