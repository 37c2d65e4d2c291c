//! The server's history: `CHATHISTORY`, and what servers and bouncers replay unasked.
//!
//! <https://ircv3.net/specs/extensions/chathistory>, <https://ircv3.net/specs/batches/chathistory>,
//! <https://wiki.znc.in/Playback>.
//!
//! **A page is without a hole.** It is one batch that came whole, or it is refused. Where a message can be named by its time
//! alone, the question begins a millisecond earlier, and what the batch has up to the message is left out: several may have
//! been said in one millisecond.
//!
//! **A page is the last one only where that is proven**: by an empty batch, or by the tag `draft/chathistory-end`. That a
//! page is shorter than was asked for proves nothing. Where nothing is said to follow a message, or to come before it, the
//! server is asked whether it knows that message: some answer in the same way when they have lost it, or when it was taken
//! back, and then nothing is known of what was missed. The end of the history is shown all the same.
//!
//! **A page answers a question.** Where we ask, nothing of the past comes by itself: a batch that no question waits for is too
//! late, or was asked for by a line that the user typed, and nobody knows what lies between it and what is there. Without
//! labels a late batch is told from the next answer by the order: the questions that were given up are kept in mind.
//!
//! With `draft/event-playback` a page also holds what nobody said. Reactions and redactions follow the page as events of
//! their own; who came and went in the past is left out, since it has no place among messages that came later. A page of
//! such things alone is none: the next one is asked for at once.

use super::batch::Batch;
use super::isupport::{Limit, RefType};
use super::line::Line;
use super::outbox::{Letter, Ticket, Turn};
use super::people::SERVER;
use super::session::{Around, Session};
use super::stamp;
use crate::Now;
use domain::{ConversationKey, Event, Incoming, RemoteId, Timestamp};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

mod answers;

/// The most questions that wait or are under way; the engine asks one at a time, and each room that is entered asks one.
const MAX_ASKS: usize = 600;

/// How long an answer may take once the question has left, and how long after that it may still come.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a question may wait for its room to be entered.
const ENTRY: Duration = Duration::from_secs(120);

/// How many batches in a row may hold no message before it is given up.
const MAX_ROUNDS: u8 = 20;

/// How many messages are asked for where one is looked for: it, and one on each side.
const AROUND: &str = "3";

/// How many messages are asked for when a room is entered for the first time: a screen or two.
const LATEST: u32 = 100;

/// The most times of messages that are known by heart; a page names its last message, and so does each gap.
const MAX_TIMES: usize = 500;

/// How far back conversations are looked for at the very first log-in.
const FIRST_LOOK: i64 = 8 * 24 * 60 * 60 * 1000;

/// By how much clocks may differ.
const SKEW: i64 = 10 * 60 * 1000;

/// Questions about the past.
#[derive(Debug, Default)]
pub(super) struct History {
    asks: VecDeque<Ask>,
    /// Questions without a label that were given up: of whom, what, and until when the answer may still come.
    late: VecDeque<(String, Line, Instant)>,
    /// When messages were said, for servers that know them by that alone.
    times: VecDeque<(RemoteId, Timestamp)>,
    /// When the question for conversations was asked.
    targets: Option<Timestamp>,
    /// Rooms of earlier sessions that we have not entered in this one.
    old: Vec<String>,
}

/// One question.
#[derive(Debug)]
struct Ask {
    /// As the server knows the conversation.
    name: String,
    conversation: ConversationKey,
    what: What,
    limit: u32,
    /// Where this batch begins; moves on over batches that hold no message.
    from: Reference,
    rounds: u8,
    /// What follows the page.
    later: Vec<Event>,
    /// The server says that there is nothing; asked is whether it knows what it was to begin from.
    doubted: bool,
    state: State,
    /// When it is given up. One that stands in the outbox is not.
    due: Instant,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    After(Option<RemoteId>),
    Before(RemoteId),
    Latest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// For its room, or for another question about the same.
    Waits,
    /// In the outbox.
    Queued {
        label: Option<String>,
        ticket: Ticket,
    },
    Sent {
        label: Option<String>,
    },
}

impl Ask {
    fn is_queued(&self) -> bool {
        matches!(self.state, State::Queued { .. })
    }
}

/// How a place in the history is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// The beginning, or the end.
    Edge,
    /// A message by its name.
    Msgid(String),
    /// A millisecond.
    Time(Timestamp),
}

impl History {
    /// For a session of somebody who was in these rooms before.
    pub(super) fn of(old: Vec<String>) -> Self {
        Self { old, ..Self::default() }
    }

    /// Keeps in mind when a message was said.
    fn note(&mut self, id: &RemoteId, at: Timestamp) {
        self.times.push_back((id.clone(), at));
        if self.times.len() > MAX_TIMES {
            self.times.pop_front();
        }
    }

    fn time_of(&self, id: &RemoteId) -> Option<Timestamp> {
        let known = self.times.iter().rev().find(|(known, _)| known == id).map(|(_, at)| *at);
        known.or_else(|| stamp::made_at(id))
    }

    /// When something has waited too long.
    pub(super) fn due(&self) -> Option<Instant> {
        self.asks.iter().filter(|ask| !ask.is_queued()).map(|ask| ask.due).min()
    }

    /// The line with that ticket leaves.
    pub(super) fn leaves(&mut self, ticket: Ticket, now: Now) {
        for ask in &mut self.asks {
            if let State::Queued { label, ticket: own } = &mut ask.state
                && *own == ticket
            {
                (ask.state, ask.due) = (State::Sent { label: label.take() }, now.mono + PATIENCE);
            }
        }
    }

    /// Whether a batch without a label is the answer to a question that was given up, and not to this one.
    fn is_late(&mut self, same: impl Fn(&str) -> bool, question: Option<&Line>, now: Now) -> bool {
        self.late.retain(|(_, _, until)| now.mono <= *until);
        let at = self.late.iter().position(|(name, _, _)| same(name));
        // The same question has the same answer.
        let other = |(_, given_up, _): &(String, Line, Instant)| Some(given_up) != question;
        at.filter(|at| self.late.get(*at).is_some_and(other)).and_then(|at| self.late.remove(at)).is_some()
    }
}

impl Session {
    /// Whether there is a history to be asked for.
    pub(super) fn has_history(&self) -> bool {
        let timed = self.caps.is_enabled("server-time") || self.caps.is_enabled("message-tags");
        timed && self.caps.is_enabled("batch") && self.caps.is_enabled("draft/chathistory")
    }

    /// The engine wants what follows a message.
    pub(super) fn backfill(&mut self, conversation: ConversationKey, after: Option<RemoteId>, limit: u32) {
        self.ask_past(conversation, What::After(after), limit);
    }

    /// The engine wants what came before a message.
    pub(super) fn earlier(&mut self, conversation: ConversationKey, before: RemoteId, limit: u32) {
        self.ask_past(conversation, What::Before(before), limit);
    }

    /// A conversation is there that was not: how it stands is of interest.
    pub(super) fn latest(&mut self, conversation: ConversationKey) {
        if self.has_history() {
            self.ask_past(conversation, What::Latest, LATEST);
        }
    }

    /// We are in a room. What was missed in one that we were in before is asked for by the engine; of any other its end is
    /// of interest.
    pub(super) fn ask_latest(&mut self, name: &str) {
        let mapping = self.people.casemapping();
        let old = &mut self.extras.history.old;
        let known = old.iter().position(|room| mapping.same(room, name));
        match (known, self.people.place(name).map(|place| place.key.clone())) {
            (Some(at), _) => drop(old.remove(at)),
            (None, Some(key)) => self.latest(key),
            (None, None) => {}
        }
        self.ask_on();
    }

    /// A page begins and ends with what the next one may be named by.
    fn note_time(&mut self, message: &Incoming) {
        if let (Some(id), Some(at)) = (&message.id, message.at)
            && !self.knows_msgids()
        {
            self.extras.history.note(id, at);
        }
    }

    /// What came live is what a gap may be named by, in the next session too.
    pub(super) fn note_heard(&mut self, message: &Incoming) {
        self.note_time(message);
        if let (Some(id), Some(at)) = (&message.id, message.at)
            && self.has_history()
            && !self.knows_msgids()
            && stamp::msgid(id).is_some()
        {
            self.memory.hears(&message.conversation, id, at.0);
            self.remember();
        }
    }

    /// Looks for conversations that somebody began while we were away, and has a bouncer replay them.
    pub(super) fn look_for_the_missed(&mut self) {
        let now = self.now.wall;
        let since = Timestamp(self.memory.looked.map_or(now.0 - FIRST_LOOK, |looked| looked - SKEW));
        if self.has_history() {
            self.extras.history.targets = Some(now);
            let params = [
                "TARGETS".to_owned(),
                format!("timestamp={}", stamp::write_time(Timestamp(now.0 + SKEW))),
                format!("timestamp={}", stamp::write_time(since)),
                self.most(100).to_string(),
            ];
            self.send_idle(Line::new("CHATHISTORY", params));
        } else if self.caps.is_enabled("znc.in/playback") {
            let since = self.memory.looked.map_or(0, |_| since.0.div_euclid(1000));
            self.send_idle(Line::new("PRIVMSG", ["*playback".to_owned(), format!("play * {since}")]));
            self.memory.looked = Some(now.0);
            self.remember();
        }
    }

    /// A batch of the past. `false`: it is none.
    pub(super) fn past(&mut self, batch: &Batch, around: &Around) -> bool {
        match batch.kind() {
            "chathistory" => self.page(batch, around),
            "znc.in/playback" => self.replayed(batch),
            "draft/chathistory-targets" => self.targets(batch),
            _ => return false,
        }
        true
    }

    /// A refusal of a question about the past. `false`: it is of something else.
    pub(super) fn past_refused(&mut self, line: &Line, around: &Around) -> bool {
        let is_it = match line.command.as_str() {
            "FAIL" => line.param(0).is_some_and(|command| command.eq_ignore_ascii_case("CHATHISTORY")),
            "421" | "461" => line.param(1).is_some_and(|command| command.eq_ignore_ascii_case("CHATHISTORY")),
            _ => around.label.is_some() && self.asked_as(around.label.as_deref()).is_some(),
        };
        if !is_it {
            return false;
        }
        let named = line.params.get(1..).unwrap_or_default();
        if named.iter().any(|word| word.eq_ignore_ascii_case("TARGETS")) {
            self.extras.history.targets = None;
            return true;
        }
        let is_sent = |ask: &Ask| matches!(ask.state, State::Sent { .. });
        let by_name = || {
            let same = |ask: &Ask| named.iter().any(|word| self.people.same(word, &ask.name));
            self.extras.history.asks.iter().position(|ask| is_sent(ask) && same(ask))
        };
        let only = || self.extras.history.asks.iter().position(is_sent);
        let at = self.asked_as(around.label.as_deref()).or_else(by_name).or_else(only);
        let Some(mut ask) = at.and_then(|at| self.extras.history.asks.remove(at)) else { return true };
        // Some know messages by their time alone and say so only when asked.
        let by_name = line.param(1) == Some("INVALID_MSGREFTYPE");
        if let (true, Reference::Msgid(id)) = (by_name, &ask.from)
            && let Some(at) = self.extras.history.time_of(&RemoteId(id.clone()))
        {
            ask.from = Reference::Time(at);
            ask.state = State::Waits;
            self.extras.history.asks.push_back(ask);
            self.ask_on();
            return true;
        }
        // Who does not understand the doubt is believed.
        match line.param(1) {
            Some("INVALID_PARAMS" | "UNKNOWN_COMMAND") if ask.doubted => self.nothing_is_there(ask),
            _ => self.refuse_past(ask, line.params.last().cloned().unwrap_or_default()),
        }
        self.ask_on();
        true
    }

    /// What has waited too long is given up.
    pub(super) fn past_timeout(&mut self) {
        let now = self.now.mono;
        let (late, open): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.extras.history.asks)
            .into_iter()
            .partition(|ask| !ask.is_queued() && ask.due <= now);
        self.extras.history.asks = open;
        for ask in late {
            let why = match ask.state {
                State::Waits => "We are not in that room.",
                State::Queued { .. } | State::Sent { .. } => "The server does not answer.",
            };
            if ask.state == (State::Sent { label: None }) {
                let question = self.question(&ask);
                let late = &mut self.extras.history.late;
                late.retain(|(_, _, until)| now <= *until);
                late.push_back((ask.name.clone(), question, now + PATIENCE));
            }
            self.refuse_past(ask, why.to_owned());
        }
        self.ask_on();
    }

    /// Asks what waits and can be asked.
    pub(super) fn ask_on(&mut self) {
        let mut asked: Vec<String> = Vec::new();
        let history = &mut self.extras.history;
        asked.extend(history.asks.iter().filter(|ask| ask.state != State::Waits).map(|ask| ask.name.clone()));
        let mut asks = std::mem::take(&mut history.asks);
        for ask in asks.iter_mut().filter(|ask| ask.state == State::Waits) {
            // Messages that come before we are in it would be neither in the page nor live.
            let outside = self.features.is_channel(&ask.name)
                && !self.people.place(&ask.name).is_some_and(super::people::Place::is_joined);
            if outside || asked.iter().any(|name| self.people.same(name, &ask.name)) {
                continue;
            }
            asked.push(ask.name.clone());
            let label = self.caps.is_enabled("labeled-response").then(|| self.posts.label());
            let mut line = self.question(ask);
            if let Some(label) = &label {
                line = line.tagged("label", label);
            }
            let turn = if ask.what == What::Latest { Turn::Idle } else { Turn::Soon };
            let ticket = self.out.ticket();
            let letter = Letter { ticket: Some(ticket), ..Letter::from(line) };
            // What cannot be sent is refused when its time is up.
            ask.due = self.now.mono + PATIENCE;
            ask.state = if self.out.send(letter, turn) {
                State::Queued { label, ticket }
            } else {
                State::Sent { label }
            };
        }
        self.extras.history.asks = asks;
    }

    fn ask_past(&mut self, conversation: ConversationKey, what: What, limit: u32) {
        let name = self.target_of(&conversation);
        let history = &self.extras.history;
        if history.asks.iter().any(|ask| ask.conversation == conversation && ask.what == what) {
            return;
        }
        let from = match &what {
            What::After(Some(id)) | What::Before(id) => self.reference(id),
            What::After(None) | What::Latest => Some(Reference::Edge),
        };
        let due = self.now.mono + ENTRY;
        let later = Vec::new();
        let known = from.is_some();
        let from = from.unwrap_or(Reference::Edge);
        let ask = Ask {
            name,
            conversation,
            what,
            limit: self.most(limit),
            from,
            rounds: 0,
            later,
            doubted: false,
            state: State::Waits,
            due,
        };
        let why = if !self.has_history() || ask.conversation.0 == SERVER {
            Some("The server keeps no history.")
        } else if !known {
            Some("The server knows messages by their time alone, and the time of this one is not known.")
        } else if self.extras.history.asks.len() >= MAX_ASKS {
            Some("Too much is asked for already.")
        } else {
            None
        };
        match why {
            Some(why) => self.refuse_past(ask, why.to_owned()),
            None => {
                self.extras.history.asks.push_back(ask);
                self.ask_on();
            }
        }
    }

    fn question(&self, ask: &Ask) -> Line {
        let time = |at: Timestamp| format!("timestamp={}", stamp::write_time(at));
        if let (true, Reference::Msgid(id)) = (ask.doubted, &ask.from) {
            let params = ["AROUND", &ask.name, &format!("msgid={id}"), AROUND];
            return Line::new("CHATHISTORY", params);
        }
        let (word, from) = match (&ask.what, &ask.from) {
            (What::After(_), Reference::Edge) => ("AFTER", time(Timestamp(0))),
            (What::After(_), Reference::Time(at)) => ("AFTER", time(at.plus_ms(-1))),
            (What::After(_), Reference::Msgid(id)) => ("AFTER", format!("msgid={id}")),
            (What::Before(_) | What::Latest, Reference::Time(at)) => ("BEFORE", time(at.plus_ms(1))),
            (What::Before(_) | What::Latest, Reference::Msgid(id)) => ("BEFORE", format!("msgid={id}")),
            (What::Before(_) | What::Latest, Reference::Edge) => ("LATEST", "*".to_owned()),
        };
        Line::new("CHATHISTORY", [word, &ask.name, &from, &ask.limit.to_string()])
    }

    /// How a message is named to the server; `None`: by its time, which nobody knows.
    fn reference(&self, id: &RemoteId) -> Option<Reference> {
        match stamp::msgid(id).filter(|_| self.knows_msgids()) {
            Some(id) => Some(Reference::Msgid(id.to_owned())),
            None => {
                let kept = self.memory.heard.iter().find(|(_, known, _)| known == id);
                let kept = kept.map(|(_, _, at)| Timestamp(*at));
                self.extras.history.time_of(id).or(kept).map(Reference::Time)
            }
        }
    }

    fn knows_msgids(&self) -> bool {
        let types = self.features.msgreftypes();
        types.is_empty() || types.contains(&RefType::Msgid)
    }

    /// How many messages one question may ask for.
    fn most(&self, limit: u32) -> u32 {
        match self.features.chathistory() {
            Some(Limit::At(most)) => limit.min(u32::try_from(most).unwrap_or(u32::MAX)),
            Some(Limit::Unlimited) | None => limit,
        }
    }

    fn asked_as(&self, label: Option<&str>) -> Option<usize> {
        let label = label?;
        let is_it = |ask: &Ask| matches!(&ask.state, State::Sent { label: Some(own) } if own == label);
        self.extras.history.asks.iter().position(is_it)
    }
}
