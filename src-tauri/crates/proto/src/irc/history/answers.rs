//! What the answers say: pages of the past, conversations that were missed, and what is replayed to who cannot ask.

use super::{Ask, MAX_ROUNDS, Reference, State, What};
use crate::irc::batch::{Batch, Item};
use crate::irc::pages::Page;
use crate::irc::session::{Around, Session};
use crate::irc::stamp;
use domain::Event;

impl Session {
    pub(super) fn page(&mut self, batch: &Batch, around: &Around) {
        let Some(name) = batch.params().first().cloned() else { return };
        let asks = &self.extras.history.asks;
        let at = match around.label.as_deref() {
            Some(label) => self.asked_as(Some(label)),
            None => asks.iter().position(|ask| {
                ask.state == State::Sent { label: None } && self.people.same(&ask.name, &name)
            }),
        };
        let question = at.and_then(|at| asks.get(at)).map(|ask| self.question(ask));
        let mapping = self.people.casemapping();
        let same = |of: &str| mapping.same(of, &name);
        if around.label.is_none() && self.extras.history.is_late(same, question.as_ref(), self.now) {
            return;
        }
        match at.and_then(|at| self.extras.history.asks.remove(at)) {
            Some(ask) => self.answered(ask, batch),
            None if self.has_history() => {}
            None => self.replayed(batch),
        }
        self.ask_on();
    }

    fn answered(&mut self, mut ask: Ask, batch: &Batch) {
        let forwards = matches!(ask.what, What::After(_));
        if !batch.ended && !forwards {
            return self.refuse_past(ask, "The answer is too long.".to_owned());
        }
        if let (true, Reference::Msgid(id)) = (ask.doubted, &ask.from) {
            return if batch.holds(id) { self.nothing_is_there(ask) } else { self.lost(ask) };
        }
        let mut page = self.read_page(batch, &ask.name, &ask.conversation);
        // What a batch of this page ended with is known.
        if page.seen == 0 && batch.ended && ask.rounds == 0 && matches!(ask.from, Reference::Msgid(_)) {
            (ask.doubted, ask.state) = (true, State::Waits);
            return self.extras.history.asks.push_front(ask);
        }
        if let Reference::Time(at) = ask.from {
            let edge = match &ask.what {
                What::After(id) => id.as_ref(),
                What::Before(id) => Some(id),
                What::Latest => None,
            };
            page.cut(edge, at, forwards);
        }
        let ends = batch.opening.tags.find("draft/chathistory-end").is_some();
        let nothing = page.seen == 0 || (page.seen == page.beside && page.seen < most(ask.limit));
        let complete = batch.ended && (ends || nothing);
        let Page { messages, later, first, last, .. } = page;
        if forwards {
            ask.later.extend(later);
        } else {
            ask.later.splice(0..0, later);
        }
        if messages.is_empty() && !complete {
            let edge = if forwards { last } else { first };
            let on = edge.and_then(|(id, at)| {
                let id = id.as_ref().and_then(stamp::msgid).filter(|_| self.knows_msgids());
                id.map(|id| Reference::Msgid(id.to_owned())).or(at.map(Reference::Time))
            });
            match on.filter(|on| *on != ask.from && ask.rounds < MAX_ROUNDS) {
                Some(on) => {
                    (ask.from, ask.rounds, ask.state) = (on, ask.rounds + 1, State::Waits);
                    self.extras.history.asks.push_front(ask);
                }
                None => self.refuse_past(ask, "There are no messages in the server's answers.".to_owned()),
            }
            return;
        }
        for message in messages.first().into_iter().chain(messages.last()) {
            self.note_time(message);
        }
        let Ask { conversation, what, later, .. } = ask;
        match what {
            What::After(after) => self.event(Event::History { conversation, after, messages, complete }),
            What::Before(before) => self.event(Event::Earlier { conversation, before, messages, complete }),
            What::Latest if messages.is_empty() => {}
            What::Latest => self.event(Event::Recent { conversation, messages, complete }),
        }
        later.into_iter().for_each(|event| self.event(event));
    }

    /// Nothing follows, or comes before, the message that was asked from.
    pub(super) fn nothing_is_there(&mut self, ask: Ask) {
        let Ask { conversation, what, .. } = ask;
        let (messages, complete) = (Vec::new(), true);
        match what {
            What::After(after) => self.event(Event::History { conversation, after, messages, complete }),
            What::Before(before) => self.event(Event::Earlier { conversation, before, messages, complete }),
            What::Latest => {}
        }
    }

    /// The server does not know the message that was asked from: what lies between it and the end is not to be had.
    pub(super) fn lost(&mut self, ask: Ask) {
        let conversation = ask.conversation.clone();
        let forwards = matches!(ask.what, What::After(_));
        self.refuse_past(ask, "The server no longer knows the message that was asked from.".to_owned());
        if forwards {
            self.latest(conversation);
        }
    }

    /// What comes to who cannot ask is the end of a history. Messages without a name are left out: each time that they are
    /// replayed they would be there once more.
    pub(super) fn replayed(&mut self, batch: &Batch) {
        let Some(name) = batch.params().first().cloned() else { return };
        let conversation = self.place_of(&name);
        let Page { mut messages, later, .. } = self.read_page(batch, &name, &conversation);
        messages.retain(|message| message.id.is_some());
        if let Some(message) = messages.last() {
            self.note_time(message);
            messages.first().into_iter().for_each(|message| self.note_time(message));
            self.event(Event::Recent { conversation, messages, complete: false });
        }
        later.into_iter().for_each(|event| self.event(event));
    }

    /// Conversations that there were since we looked last.
    pub(super) fn targets(&mut self, batch: &Batch) {
        let Some(asked) = self.extras.history.targets.take() else { return };
        self.memory.looked = Some(asked.0);
        self.remember();
        for item in &batch.items {
            let Item::Line(line) = item else { continue };
            let name = line.param(1).filter(|_| line.command.eq_ignore_ascii_case("CHATHISTORY"));
            let Some(name) = name.filter(|name| !self.features.is_channel(name)).map(str::to_owned) else {
                continue;
            };
            // A new conversation asks for its end by itself.
            self.place_of(&name);
        }
    }

    pub(super) fn refuse_past(&mut self, ask: Ask, why: String) {
        let Ask { conversation, what, .. } = ask;
        match what {
            What::After(after) => self.event(Event::HistoryRefused { conversation, after, why }),
            What::Before(before) => self.event(Event::EarlierRefused { conversation, before, why }),
            What::Latest => {}
        }
    }
}

fn most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
