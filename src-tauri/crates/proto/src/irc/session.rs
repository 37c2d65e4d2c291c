//! One session: the parts, and who gets which line.

use super::batch::{Batch, Batches, Item};
use super::caps::Caps;
use super::casemap::Folded;
use super::entry::{Entry, Stage};
use super::extras::Extras;
use super::history::History;
use super::isupport::Isupport;
use super::keys::Keys;
use super::line::{self, Line};
use super::memory::Memory;
use super::multiline;
use super::nick::Nick;
use super::outbox::{Outbox, Turn};
use super::people::{People, SERVER, server};
use super::posts::Posts;
use super::roomnames;
use super::sasl::Login;
use super::settings::{Entrance, Settings};
use super::splits::Split;
use super::stamp::Names;
use crate::{Adapter, Frame, Input, Now, Opening, Output};
use domain::{Capabilities, Command, ConversationKey, Event, Incoming, Sender, Tone};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a batch may stay open.
const BATCH_PATIENCE: Duration = Duration::from_secs(60);

/// The state of a session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) settings: Settings,
    pub(super) seed: u64,
    /// When the input came that is being answered.
    pub(super) now: Now,
    pub(super) out: Outbox,
    pub(super) entry: Entry,
    pub(super) caps: Caps,
    pub(super) features: Isupport,
    pub(super) batches: Batches,
    pub(super) names: Names,
    pub(super) nick: Nick,
    pub(super) server_name: String,
    pub(super) people: People,
    pub(super) posts: Posts,
    pub(super) memory: Memory,
    /// Of the user's rooms.
    pub(super) keys: Keys,
    /// When batches that do not end are given out as they are.
    pub(super) batches_due: Option<Instant>,
    /// A split of the network that is being told.
    pub(super) parting: Split,
    /// Rooms that the user has asked to be let into, with the key that was typed.
    pub(super) entering: BTreeMap<Folded, String>,
    /// There was a log-in before.
    pub(super) known: bool,
    /// What was told of what the session can do.
    pub(super) told: Option<Capabilities>,
    /// When a question by CTCP was answered last.
    pub(super) ctcp: Option<Instant>,
    /// Everything else.
    pub(super) extras: Extras,
}

/// What is said of a line from outside of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    /// The label of ours that it answers.
    pub(super) label: Option<String>,
}

impl Session {
    /// A fresh one.
    fn new(start: Start, now: Now) -> Self {
        let Start { settings, memory, keys, seed } = start;
        let wanted: Vec<&str> = super::caps::KNOWN
            .into_iter()
            .filter(|name| name.starts_with("twitch.tv/") == settings.twitch)
            .collect();
        let mut out = Outbox::default();
        match &settings.entrance {
            Entrance::Pass(password) | Entrance::Sasl(Login { password: Some(password), .. }) => {
                out.learn(&Line::new("PASS", [password.0.as_str()]));
            }
            Entrance::Open | Entrance::Sasl(Login { password: None, .. }) => {}
        }
        keys.all().for_each(|key| out.conceal(key));
        Self {
            nick: Nick::new(&settings.nick, seed),
            caps: Caps::new(&wanted),
            settings,
            seed,
            now,
            out,
            entry: Entry::default(),
            features: Isupport::default(),
            batches: Batches::default(),
            names: Names::default(),
            server_name: String::new(),
            people: People::default(),
            posts: Posts::default(),
            batches_due: None,
            parting: Split::default(),
            entering: BTreeMap::new(),
            extras: Extras {
                history: History::of(memory.as_ref().map(|memory| memory.rooms.clone()).unwrap_or_default()),
                ..Extras::default()
            },
            known: memory.is_some(),
            memory: memory.unwrap_or_default(),
            keys,
            told: None,
            ctcp: None,
        }
    }

    /// Tells an event, with the names of rooms found in what is said.
    pub(super) fn event(&mut self, mut event: Event) {
        let signs = self.features.chantypes();
        let known = |name: &str| self.people.place(name).is_some_and(|place| place.room.is_some());
        let mark = |message: &mut Incoming| {
            message.body = roomnames::mark(std::mem::take(&mut message.body), signs, known);
        };
        event.messages_mut().iter_mut().for_each(mark);
        self.out.event(event);
    }

    /// Sends a line at once.
    pub(super) fn send_now(&mut self, line: Line) {
        let _ = self.out.send(line, Turn::Now);
    }

    /// Sends a line that somebody waits for. What cannot be sent is said.
    pub(super) fn send_soon(&mut self, line: Line) {
        let command = line.command.clone();
        if !self.out.send(line, Turn::Soon) {
            self.server_says(format!("{command} could not be sent."), Tone::Notice);
        }
    }

    /// Sends a line that nobody waits for, if there is room.
    pub(super) fn send_idle(&mut self, line: Line) {
        let _ = self.out.send(line, Turn::Idle);
    }

    /// A line of text in the server's own conversation.
    pub(super) fn server_says(&mut self, text: String, tone: Tone) {
        let conversation = ConversationKey(SERVER.to_owned());
        let body = super::formatting::parse(&text);
        let message = Incoming { conversation, body, tone, sender: Sender::Server, ..Incoming::default() };
        self.event(Event::Message { message });
    }

    /// Whether a name is ours.
    pub(super) fn is_me(&self, nick: &str) -> bool {
        self.people.same(nick, &self.nick.own.nick)
    }

    /// Who a line is from.
    pub(super) fn sender(&self, line: &Line) -> Sender {
        let Some(source) = &line.source else { return Sender::Server };
        if self.is_me(&source.nick) {
            return Sender::Me;
        }
        let is_server =
            source.user.is_none() && (source.nick.contains('.') || source.nick == self.server_name);
        if is_server { Sender::Server } else { Sender::Person { name: source.nick.clone() } }
    }

    /// What the tokens of the server change.
    pub(super) fn suit(&mut self) {
        self.people.suit(&self.features);
        let bouncer = self.caps.offered("soju.im/bouncer-networks").is_some();
        let unpaced = self.features.find("SAFERATE").is_some() || bouncer;
        self.out.suit(self.features.linelen(), unpaced);
        self.tell_capabilities();
    }

    /// Tells what the session can do, where that is news.
    pub(super) fn tell_capabilities(&mut self) {
        if self.entry.stage != Stage::In {
            return;
        }
        let capabilities = self.capabilities();
        if self.told != Some(capabilities) {
            self.told = Some(capabilities);
            self.event(Event::Capabilities { capabilities });
        }
    }

    fn capabilities(&self) -> Capabilities {
        let on = |name| self.caps.is_enabled(name);
        let tag = |name| on("message-tags") && self.features.allows_client_tag(name);
        Capabilities {
            acknowledges: on("echo-message") || on("labeled-response"),
            tells_doubles_apart: false,
            history: self.has_history(),
            earlier: self.has_history(),
            replies: tag("draft/reply"),
            reactions: self.has_reactions(),
            retraction: self.has_redaction(),
            read_markers: self.has_marks(),
            typing: self.passes("typing"),
            rooms: !self.features.chantypes().is_empty(),
        }
    }

    fn received(&mut self, frame: &Frame) {
        let text = match frame {
            Frame::Text(text) => text.as_str().into(),
            Frame::Binary(bytes) => line::decode(bytes),
        };
        for text in line::lines(&text) {
            match Line::parse(text) {
                Ok(line) => self.line(line),
                Err(_) if text.trim().is_empty() => {}
                Err(fault) => {
                    let shown: String = text.chars().take(400).collect();
                    self.server_says(format!("{shown} ({fault})"), Tone::Notice);
                }
            }
        }
    }

    fn line(&mut self, line: Line) {
        for item in self.batches.take(line) {
            self.item(item, &Around::default());
        }
        self.batches_due = self.batches.is_open().then(|| match self.batches_due {
            Some(due) => due,
            None => self.now.mono + BATCH_PATIENCE,
        });
    }

    /// What a server has begun and does not end is not kept for ever.
    fn batches_timeout(&mut self) {
        if self.batches_due.is_some_and(|due| due <= self.now.mono) {
            self.finish_batches();
        }
    }

    /// Gives out what is in open batches.
    pub(super) fn finish_batches(&mut self) {
        self.batches_due = None;
        for item in self.batches.finish() {
            self.item(item, &Around::default());
        }
    }

    pub(super) fn item(&mut self, item: Item, around: &Around) {
        match item {
            Item::Line(line) => self.take(&line, around),
            Item::Batch(batch) => self.batch(batch, around),
        }
    }

    /// Lines that belong together.
    fn batch(&mut self, batch: Batch, around: &Around) {
        let label = batch.opening.tags.find("label").map(str::to_owned).or_else(|| around.label.clone());
        let around = Around { label };
        match batch.kind() {
            "netsplit" => self.split(&batch),
            "netjoin" => self.rejoin(&batch),
            multiline::KIND if multiline::join(&batch).is_some() => {
                if let Some(line) = multiline::join(&batch) {
                    self.take(&line, &around);
                }
            }
            _ if self.past(&batch, &around) => {}
            _ => {
                for item in batch.items {
                    self.item(item, &around);
                }
            }
        }
    }

    /// One line, whatever it is about. Each subject has a file of its own.
    pub(super) fn take(&mut self, line: &Line, around: &Around) {
        let label = line.tags.find("label").map(str::to_owned).or_else(|| around.label.clone());
        let around = &Around { label };
        if self.settings.twitch && self.twitch(line) || self.answer(line) {
            return;
        }
        match line.command.to_ascii_uppercase().as_str() {
            "PING" => self.send_now(Line::new("PONG", line.params.clone())),
            "PONG" | "BATCH" => {}
            "ERROR" => self.farewell(line),
            "CAP" => self.capability(line),
            "AUTHENTICATE" | "900" | "902" | "903" | "904" | "905" | "906" | "907" | "908" => {
                self.authenticate(line);
            }
            "PRIVMSG" | "NOTICE" | "TAGMSG" | "INVITE" if self.is_ignored(line) => {}
            "PRIVMSG" | "NOTICE" => self.heard(line, around),
            "TAGMSG" => self.tagged(line),
            "REDACT" => self.redacted(line),
            "MARKREAD" => self.marked(line),
            "INVITE" => self.invited(line),
            "RENAME" => self.room_renamed(line),
            "730" | "731" => self.watched(line),
            "732" | "733" => {}
            "ACK" => self.acknowledged(around),
            "JOIN" => self.joined(line),
            "PART" => self.parted(line),
            "KICK" => self.kicked(line),
            "QUIT" => self.quit(line),
            "NICK" => self.renamed(line),
            "TOPIC" => self.topic_set(line),
            "MODE" => self.mode_set(line),
            "AWAY" => self.away(line),
            "ACCOUNT" => self.account(line),
            "CHGHOST" => self.host_changed(line),
            "SETNAME" => {}
            "FAIL" if self.past_refused(line, around) => {}
            // Nobody waits for a mark.
            "FAIL" if line.param(0) == Some("MARKREAD") => {}
            "FAIL" => self.failed(line, around),
            command if command.bytes().all(|byte| byte.is_ascii_digit()) => self.number(line, around),
            _ => self.shown(line),
        }
    }

    /// A numeric: one of getting in, one about a room, the fate of a message, or something to read.
    fn number(&mut self, line: &Line, around: &Around) {
        let taken = self.watched_too_many(line)
            || self.admit(line)
            || self.past_refused(line, around)
            || self.told_of_room(line)
            || self.post_refused(line, around);
        if !taken {
            self.shown(line);
        }
    }

    fn command(&mut self, command: Command) {
        if self.entry.stage != Stage::In {
            return self.decline(command, "There is no connection yet.");
        }
        match command {
            Command::Send { txn, conversation, tone, body, reply_to } => {
                self.say(txn, &conversation, tone, &body, reply_to.as_ref());
            }
            Command::Join { name, password } => self.join(&name, &password),
            Command::Leave { conversation } => self.leave(&conversation),
            Command::Backfill { conversation, after, limit } => self.backfill(conversation, after, limit),
            Command::Earlier { conversation, before, limit } => self.earlier(conversation, before, limit),
            Command::React { conversation, target, text, present } => {
                self.react(conversation, target, text, present);
            }
            Command::Retract { conversation, target } => self.redact(&conversation, &target),
            Command::MarkRead { conversation, upto } => self.mark_read(&conversation, upto),
            Command::Typing { conversation, typing } => self.type_in(&conversation, typing),
            Command::Run { conversation, name, arguments } => self.run(&conversation, &name, &arguments),
        }
    }

    fn decline(&mut self, command: Command, why: &str) {
        if let Some(event) = command.declined(why) {
            self.event(event);
        }
    }

    fn opened(&mut self, subprotocol: Option<&str>) {
        if subprotocol.is_some_and(|name| name.starts_with("binary.")) {
            self.out.use_binary();
        }
        self.event(Event::Conversation { conversation: server() });
        self.enter();
    }

    fn due(&self) -> Option<Instant> {
        let dues = [
            self.out.due(),
            self.entry.due(),
            self.nick.due(),
            self.parting.due(),
            self.batches_due,
            self.extras.due(),
        ];
        dues.into_iter().flatten().min()
    }
}

/// A session; before the first input, which brings the time, what it will start from.
#[derive(Debug)]
pub(super) struct Door {
    start: Option<Start>,
    session: Option<Box<Session>>,
}

/// What a session starts from.
#[derive(Clone, Debug)]
pub(super) struct Start {
    settings: Settings,
    memory: Option<Memory>,
    keys: Keys,
    seed: u64,
}

impl Door {
    pub(super) fn new(opening: &Opening<'_>) -> Self {
        let (settings, memory) = (Settings::read(opening), Memory::read(opening.resume));
        let keys = Keys::read(opening.entrusted);
        Self { start: Some(Start { settings, memory, keys, seed: opening.seed }), session: None }
    }
}

impl Adapter for Door {
    fn handle(&mut self, input: Input<'_>, now: Now) {
        if let Some(start) = self.start.take() {
            self.session = Some(Box::new(Session::new(start, now)));
        }
        let Some(session) = &mut self.session else { return };
        session.now = now;
        if session.entry.stage == Stage::Over {
            return;
        }
        match input {
            Input::Opened { subprotocol } => session.opened(subprotocol),
            Input::Frame(frame) => session.received(frame),
            Input::Command(command) => session.command(command),
            Input::Timeout => {
                session.entry_timeout();
                session.split_timeout();
                session.batches_timeout();
                session.answers_timeout();
                session.past_timeout();
                session.tell_marks();
            }
            Input::Committed { .. } => {}
        }
        session.out.flow(now);
        for ticket in session.out.left() {
            session.posts.leaves(ticket, now);
            session.extras.history.leaves(ticket, now);
        }
    }

    fn poll(&mut self) -> Output {
        let Some(session) = &mut self.session else { return Output::Wait(None) };
        session.out.poll().unwrap_or_else(|| Output::Wait(session.due()))
    }
}
