//! What is in a batch of the past.

use super::batch::{Batch, Item};
use super::line::Line;
use super::multiline;
use super::session::Session;
use super::stamp::{self, Names};
use domain::{ConversationKey, Event, Incoming, RemoteId, Sender, Timestamp};

/// A batch, read.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// What was said.
    pub(super) messages: Vec<Incoming>,
    /// What became of messages.
    pub(super) later: Vec<Event>,
    /// How many lines there were, whatever they were.
    pub(super) seen: usize,
    /// How many of them are on the wrong side of the message that was asked from.
    pub(super) beside: usize,
    /// Name and time of the first line.
    pub(super) first: Option<Edge>,
    /// Name and time of the last line.
    pub(super) last: Option<Edge>,
}

/// Name and time of a line, where it has any.
pub(super) type Edge = (Option<RemoteId>, Option<Timestamp>);

impl Page {
    /// Leaves out what is not behind, or not before, the message of that name and time.
    pub(super) fn cut(&mut self, edge: Option<&RemoteId>, at: Timestamp, forwards: bool) {
        let before = self.messages.len();
        let found = self.messages.iter().position(|message| message.id.as_ref() == edge && edge.is_some());
        match (found, forwards) {
            (Some(found), true) => drop(self.messages.drain(..=found)),
            (Some(found), false) => self.messages.truncate(found),
            (None, true) => self.messages.retain(|message| message.at.is_none_or(|said| said > at)),
            (None, false) => self.messages.retain(|message| message.at.is_none_or(|said| said < at)),
        }
        self.beside += before - self.messages.len();
    }
}

impl Session {
    /// Reads a batch that is about a conversation. Nothing that is known of rooms and people changes: it is all past.
    pub(super) fn read_page(&mut self, batch: &Batch, name: &str, conversation: &ConversationKey) -> Page {
        let mut page = Page::default();
        let mut names = Names::default();
        self.read_items(&batch.items, name, conversation, &mut names, &mut page);
        page
    }

    fn read_items(
        &mut self,
        items: &[Item],
        name: &str,
        conversation: &ConversationKey,
        names: &mut Names,
        page: &mut Page,
    ) {
        for item in items {
            match item {
                Item::Line(line) => self.read_past(line, name, conversation, names, page),
                Item::Batch(batch) => match multiline::join(batch) {
                    Some(line) => self.read_past(&line, name, conversation, names, page),
                    None => self.read_items(&batch.items, name, conversation, names, page),
                },
            }
        }
    }

    fn read_past(
        &mut self,
        line: &Line,
        name: &str,
        conversation: &ConversationKey,
        names: &mut Names,
        page: &mut Page,
    ) {
        // What comes along with a message is not counted by the server, and no place to go on from.
        if line.tags.find("draft/chathistory-context").is_none() {
            page.seen += 1;
            let edge = (line.tags.find("msgid").map(|id| RemoteId(id.to_owned())), stamp::time(line));
            page.first.get_or_insert_with(|| edge.clone());
            page.last = Some(edge);
        }
        if self.is_ignored(line) {
            return;
        }
        match line.command.to_ascii_uppercase().as_str() {
            "PRIVMSG" | "NOTICE" => {
                let Some(mut message) = self.read_said(line, names, conversation, None) else { return };
                // Between two people: what was said to the other was said by us, whatever we were called then.
                let to_them = line.param(0).is_some_and(|target| self.people.same(target, name));
                if !self.features.is_channel(name) && to_them {
                    message.sender = Sender::Me;
                    message.mentions_me = false;
                }
                page.messages.push(message);
            }
            "TAGMSG" => page.later.extend(self.reaction(line, conversation)),
            "REDACT" => page.later.extend(self.redaction(line, conversation)),
            _ => {}
        }
    }
}
