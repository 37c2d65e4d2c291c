//! What the user says: its way out, and what the server makes of it.
//!
//! **One row per message.** A text over the limit of a line goes out in parts, each of which is a message to the server,
//! with a name of its own. To the user it is one row. So the echoes of all parts but the last are taken in and shown
//! nowhere, and the echo of the last, behind which all have arrived, becomes the row, under its name. The names of the other
//! parts are remembered beyond the session ([`super::memory`]): where a history brings them, they are passed over, and who
//! answers one of them answers the row. With `draft/multiline` such a text is one message, and only one that is too long for
//! a batch has parts.
//!
//! **Whose echo it is.** With `labeled-response` the label says so. With `echo-message` alone, an echo is of the oldest
//! message on its way to that target with just that text: a server echoes in order, and what it changed is told as another
//! message. Without either nothing proves a message, and it stays *sent*. What a server changed of a labelled message of one
//! line (words struck out, colours taken away) is what our row says from then on, since it is what others read.
//!
//! **Whose refusal it is.** Again the label says so. Without one a refusal names the target alone, and is of a line that left
//! within the last [`BLAMED`]: where echoes prove what came before, of the oldest that has none; else of the newest, since
//! those before it were taken. With the first refusal the message is refused: what waits of it does not leave, and the
//! refusals of what had left are not told again.

use super::entry::Stage;
use super::formatting::{self, Saying};
use super::line::Line;
use super::multiline;
use super::outbox::{Letter, Ticket, Turn};
use super::people::SERVER;
use super::session::{Around, Session};
use super::split::{self, BatchLine, Multiline};
use super::stamp;
use crate::Now;
use domain::{Body, ConversationKey, Event, Incoming, RemoteId, Sender, Tone, TxnId};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The most lines of one text: three minutes of them.
const MAX_PARTS: usize = 100;

/// The most batches of one text: with usual limits a thousand lines.
const MAX_BATCHES: usize = 10;

/// The most lines whose fate is waited for. The oldest make way, and stay as they are proven.
const MAX_POSTS: usize = 1000;

/// How long after a line has left a refusal without a label may be of it.
const BLAMED: Duration = Duration::from_secs(30);

/// Lines of ours on their way.
#[derive(Clone, Debug, Default)]
pub(super) struct Posts {
    posts: VecDeque<Post>,
    labels: u64,
}

/// One line on its way.
#[derive(Clone, Debug)]
struct Post {
    txn: TxnId,
    conversation: ConversationKey,
    target: String,
    command: &'static str,
    text: String,
    label: Option<String>,
    /// It is a batch of lines.
    batch: bool,
    /// The last of its message.
    last: bool,
    /// It is one line, and all of its message.
    whole: bool,
    /// Names of the parts before it, once it is the last of those that came back.
    parts: Vec<RemoteId>,
    ticket: Ticket,
    left: Option<Instant>,
    /// The message was refused for another part of it.
    refused: bool,
}

impl Session {
    /// The user says something.
    pub(super) fn say(
        &mut self,
        txn: TxnId,
        conversation: &ConversationKey,
        tone: Tone,
        body: &Body,
        reply_to: Option<&RemoteId>,
    ) {
        if conversation.0 == SERVER {
            return self.refuse(txn, "The server itself takes commands only.");
        }
        let target = self.target_of(conversation);
        if let Some(why) = self.unheard_at_twitch(&target) {
            return self.refuse(txn, why);
        }
        let command = if tone == Tone::Notice { "NOTICE" } else { "PRIVMSG" };
        self.typed(&target);
        self.talks_with(&target);
        let wrapped = if tone == Tone::Action { "\u{1}ACTION \u{1}".len() } else { 0 };
        let room = split::room(self.out.line_len(), &self.nick.own, command, &target).saturating_sub(wrapped);
        let text = formatting::format(body);
        let parts = split::messages(&text, room);
        let limits = self.lines_taken().filter(|_| parts.len() > 1 && tone != Tone::Action);
        if let Some(limits) = limits {
            let batches = split::batches(&text, room, limits);
            return self.say_in_batches(&txn, conversation, command, &target, batches, reply_to);
        }
        if parts.is_empty() {
            return self.refuse(txn, "There is nothing in it that this server could show.");
        }
        if parts.len() > MAX_PARTS {
            let why = format!("It is {} lines; at most {MAX_PARTS} go out at once.", parts.len());
            return self.refuse(txn, &why);
        }
        if !self.out.has_room(parts.len()) {
            return self.refuse(txn, "Too much waits to be sent already.");
        }
        let last = parts.len() - 1;
        for (index, part) in parts.into_iter().enumerate() {
            let text = if tone == Tone::Action { format!("\u{1}ACTION {part}\u{1}") } else { part };
            let mut line = Line::new(command, [target.clone(), text.clone()]);
            let reply = reply_to
                .and_then(stamp::msgid)
                .filter(|_| index == 0 && self.caps.is_enabled("message-tags"));
            if let Some(id) = reply {
                line = line.tagged("+draft/reply", id);
            }
            let label = self.caps.is_enabled("labeled-response").then(|| self.posts.label());
            if let Some(label) = &label {
                line = line.tagged("label", label);
            }
            let ticket = self.out.ticket();
            let carries = Some(txn.clone());
            let letter = Letter { carries, more: index < last, ticket: Some(ticket), ..Letter::from(line) };
            if !self.out.send(letter, Turn::Soon) {
                return self.give_up(txn, "It cannot be written as this server wants it.".to_owned());
            }
            self.posts.add(Post {
                txn: txn.clone(),
                conversation: conversation.clone(),
                target: target.clone(),
                command,
                text,
                label,
                batch: false,
                last: index == last,
                whole: last == 0,
                parts: Vec::new(),
                ticket,
                left: None,
                refused: false,
            });
        }
    }

    /// What a server takes of a message of several lines, where it takes any.
    fn lines_taken(&self) -> Option<Multiline> {
        let on = self.caps.is_enabled(multiline::KIND) && self.caps.is_enabled("batch");
        self.caps.offered(multiline::KIND).filter(|_| on).and_then(Multiline::parse)
    }

    /// Each batch is a message to the server; where there are several, they are parts of one to the user.
    fn say_in_batches(
        &mut self,
        txn: &TxnId,
        conversation: &ConversationKey,
        command: &'static str,
        target: &str,
        batches: Vec<Vec<BatchLine>>,
        reply_to: Option<&RemoteId>,
    ) {
        if batches.is_empty() {
            return self.refuse(txn.clone(), "There is nothing in it that this server could show.");
        }
        if batches.len() > MAX_BATCHES {
            let why = "It is longer than what may go out at once.";
            return self.refuse(txn.clone(), why);
        }
        let last = batches.len() - 1;
        for (index, lines) in batches.into_iter().enumerate() {
            let label = self.caps.is_enabled("labeled-response").then(|| self.posts.label());
            let reference = self.posts.label();
            let mut opening = Line::new("BATCH", [&format!("+{reference}"), multiline::KIND, target]);
            if let Some(id) = reply_to.and_then(stamp::msgid).filter(|_| index == 0) {
                opening = opening.tagged("+draft/reply", id);
            }
            if let Some(label) = &label {
                opening = opening.tagged("label", label);
            }
            let carry = |line: Line| Letter { carries: Some(txn.clone()), more: true, ..Letter::from(line) };
            let (mut letters, mut text) = (vec![carry(opening)], String::new());
            for (at, line) in lines.into_iter().enumerate() {
                if at > 0 && !line.concat {
                    text.push('\n');
                }
                text.push_str(&line.text);
                let mut said = Line::new(command, [target, &line.text]).tagged("batch", &reference);
                if line.concat {
                    said = said.tagged("draft/multiline-concat", "");
                }
                letters.push(carry(said));
            }
            let ending = carry(Line::new("BATCH", [format!("-{reference}")]));
            let ticket = self.out.ticket();
            letters.push(Letter { more: index < last, ticket: Some(ticket), ..ending });
            if !self.out.send_block(letters) {
                let why = "It cannot be written as this server wants it.";
                return self.give_up(txn.clone(), why.to_owned());
            }
            self.posts.add(Post {
                txn: txn.clone(),
                conversation: conversation.clone(),
                target: target.to_owned(),
                command,
                text,
                label,
                batch: true,
                last: index == last,
                whole: false,
                parts: Vec::new(),
                ticket,
                left: None,
                refused: false,
            });
        }
    }

    /// A line of ours came back. `false`: it is no echo of a line of this session.
    pub(super) fn echoed(&mut self, line: &Line, around: &Around) -> bool {
        let [Some(target), Some(text)] = [line.param(0), line.param(1)] else { return false };
        let mapping = self.people.casemapping();
        let is_it = |post: &Post| match (&around.label, &post.label) {
            (Some(label), Some(own)) => label == own,
            (None, None) => {
                line.command.eq_ignore_ascii_case(post.command)
                    && mapping.same(target, &post.target)
                    && text == post.text
            }
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !self.caps.is_enabled("echo-message") {
            return false;
        }
        let fresh = self.posts.take(|post| !post.refused && is_it(post));
        // What is heard of a message after all, once it was refused, is told as another.
        let Some(post) = fresh.or_else(|| self.posts.take(is_it)).filter(|post| !post.refused) else {
            return false;
        };
        let id = self.names.name(line);
        if !post.last {
            self.posts.hand_on(&post, id);
            return true;
        }
        if let Some(whole) = id.as_ref().filter(|_| !post.parts.is_empty()) {
            self.memory.splits(post.parts, whole);
            self.remember();
        }
        let Post { txn, conversation, .. } = post;
        let altered = post.whole && *text != post.text;
        let said = if altered { text } else { &post.text };
        let (tone, text) = match formatting::saying(said) {
            Saying::Action(text) => (Tone::Action, text),
            Saying::Plain(_) | Saying::Ctcp { .. } if post.command == "NOTICE" => (Tone::Notice, said),
            Saying::Plain(_) | Saying::Ctcp { .. } => (Tone::Said, said),
        };
        let message = Incoming {
            conversation,
            id,
            txn: Some(txn),
            altered,
            sender: Sender::Me,
            tone,
            body: formatting::parse(text),
            at: stamp::time(line),
            ..Incoming::default()
        };
        self.note_heard(&message);
        self.event(Event::Message { message });
        true
    }

    /// The server has what we labelled.
    pub(super) fn acknowledged(&mut self, around: &Around) {
        let Some(label) = &around.label else { return };
        let post = self.posts.take(|post| post.label.as_ref() == Some(label));
        if let Some(Post { txn, last: true, refused: false, .. }) = post {
            self.event(Event::Acknowledged { txn, id: None, at: None });
        }
    }

    /// A numeric that says that a message of ours was not taken. `false`: it does not.
    pub(super) fn post_refused(&mut self, line: &Line, around: &Around) -> bool {
        let error = line.command.starts_with(['4', '5', '7']);
        let post = match &around.label {
            Some(label) if error => self.posts.take(|post| post.label.as_ref() == Some(label)),
            Some(_) => None,
            None if REFUSALS.contains(&line.command.as_str()) => {
                let mapping = self.people.casemapping();
                let named = line.param(1).unwrap_or_default();
                let echoes = self.caps.is_enabled("echo-message");
                self.posts.blamed(self.now, echoes, |post| mapping.same(&post.target, named))
            }
            None => None,
        };
        let Some(post) = post else { return false };
        if !post.refused {
            self.give_up(post.txn, line.params.last().cloned().unwrap_or_default());
        }
        true
    }

    /// `FAIL command code context… :words`. <https://ircv3.net/specs/extensions/standard-replies>
    pub(super) fn failed(&mut self, line: &Line, around: &Around) {
        if line.param(0) == Some("BOUNCER") && self.entry.stage < Stage::In {
            return self.refused(line.params.last().cloned().unwrap_or_default());
        }
        let label = around.label.as_ref();
        let batch = line.param(0).is_some_and(|command| command.eq_ignore_ascii_case("BATCH"));
        let post = match label {
            Some(label) => self.posts.take(|post| post.label.as_ref() == Some(label)),
            None if batch => {
                let echoes = self.caps.is_enabled("echo-message");
                self.posts.blamed(self.now, echoes, |post| post.batch)
            }
            None => None,
        };
        let words = line.params.last().cloned().unwrap_or_default();
        match post {
            Some(post) if post.refused => {}
            Some(post) => self.give_up(post.txn, words),
            None => self.shown(line),
        }
    }

    /// A part was refused, and with it the whole message.
    fn give_up(&mut self, txn: TxnId, why: String) {
        self.out.withhold(&txn);
        self.posts.give_up(&txn);
        self.event(Event::Refused { txn, why });
    }

    fn refuse(&mut self, txn: TxnId, why: &str) {
        self.event(Event::Refused { txn, why: why.to_owned() });
    }
}

/// Numerics that refuse a message and name its target: no such nick, server or channel, cannot send, too many targets, no
/// such service, no text to send, and what servers added (logged in only, message blocked, no CTCP).
const REFUSALS: [&str; 13] =
    ["401", "402", "403", "404", "407", "408", "412", "415", "477", "486", "492", "531", "716"];

impl Posts {
    /// A label that was not used in this session.
    pub(super) fn label(&mut self) -> String {
        self.labels += 1;
        self.labels.to_string()
    }

    fn add(&mut self, post: Post) {
        if self.posts.len() >= MAX_POSTS {
            self.posts.pop_front();
        }
        self.posts.push_back(post);
    }

    fn take(&mut self, is_it: impl Fn(&Post) -> bool) -> Option<Post> {
        let at = self.posts.iter().position(is_it)?;
        self.posts.remove(at)
    }

    /// Whose refusal it is, where no label says so.
    fn blamed(&mut self, now: Now, echoes: bool, is_it: impl Fn(&Post) -> bool) -> Option<Post> {
        let recent = |post: &Post| post.left.is_some_and(|left| now.mono <= left + BLAMED);
        let is_it = |post: &Post| post.label.is_none() && recent(post) && is_it(post);
        let at = if echoes { self.posts.iter().position(is_it) } else { self.posts.iter().rposition(is_it) };
        self.posts.remove(at?)
    }

    /// Of a refused message only what has left is still heard of.
    fn give_up(&mut self, txn: &TxnId) {
        self.posts.retain(|post| post.txn != *txn || post.left.is_some());
        self.posts.iter_mut().filter(|post| post.txn == *txn).for_each(|post| post.refused = true);
    }

    /// The line with that ticket leaves.
    pub(super) fn leaves(&mut self, ticket: Ticket, now: Now) {
        if let Some(post) = self.posts.iter_mut().rev().find(|post| post.ticket == ticket) {
            post.left = Some(now.mono);
        }
    }

    /// The names of a part that came back, and of those before it, go to the next part of its message.
    fn hand_on(&mut self, part: &Post, id: Option<RemoteId>) {
        if let Some(next) = self.posts.iter_mut().find(|post| post.txn == part.txn && !post.refused) {
            next.parts.splice(0..0, part.parts.iter().cloned().chain(id));
        }
    }
}
