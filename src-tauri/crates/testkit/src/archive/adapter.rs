//! The adapter for the server that keeps a history. Pure, like those of the crate `proto`.

use super::{Call, ME, Said, Word};
use domain::{
    AccountConfig, Body, Capabilities, Command, ConversationKey, ConversationKind, Event, Incoming, Reason,
    RemoteConversation, RemoteId, Sender, Timestamp, TxnId,
};
use proto::{
    Adapter, Close, ConfigFault, Descriptor, Endpoint, Frame, Input, Now, Opening, Outgoing, Output, Protocol,
};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The protocol.
pub static ARCHIVE: Archive = Archive;

/// What the server that keeps a history speaks.
#[derive(Clone, Copy, Debug)]
pub struct Archive;

/// How long a page of history may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The status code of a session in which the server makes no sense (RFC 6455 §7.4.1).
const PROTOCOL_ERROR: u16 = 1002;

static DESCRIPTOR: Descriptor = Descriptor::bare("archive", "Archive", 4 * 1024 * 1024);

impl Protocol for Archive {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn endpoint(&self, config: &AccountConfig) -> Result<Endpoint, ConfigFault> {
        Endpoint::read(config, DESCRIPTOR.subprotocols)
    }

    fn standing(&self) -> Vec<RemoteConversation> {
        vec![room()]
    }

    fn open(&self, _opening: Opening<'_>) -> Box<dyn Adapter> {
        Box::new(Session::default())
    }
}

#[derive(Debug, Default)]
struct Session {
    /// Empty between drains.
    outputs: VecDeque<Output>,
    /// The page that was asked for, and when it is given up.
    asked: Option<(Option<RemoteId>, Instant)>,
}

impl Adapter for Session {
    fn handle(&mut self, input: Input<'_>, now: Now) {
        match input {
            Input::Opened { .. } => self.send(&Call::Hello { name: ME.to_owned() }, None),
            Input::Frame(Frame::Text(text)) => match serde_json::from_str(text) {
                Ok(word) => self.hear(word),
                Err(error) => self.protest(error.to_string()),
            },
            Input::Frame(Frame::Binary(_)) => self.protest("a binary frame".to_owned()),
            Input::Command(Command::Send { txn, conversation, body, .. }) => {
                self.say(txn, &conversation, &body)
            }
            Input::Command(Command::Backfill { conversation, after, limit }) => {
                self.ask(conversation, after, limit, now);
            }
            Input::Command(other) => {
                if let Some(event) = other.declined("this cannot be asked") {
                    self.event(event);
                }
            }
            Input::Timeout => self.give_up(now),
            Input::Committed { .. } => {}
        }
    }

    fn poll(&mut self) -> Output {
        let due = self.asked.as_ref().map(|(_, due)| *due);
        self.outputs.pop_front().unwrap_or(Output::Wait(due))
    }
}

impl Session {
    fn hear(&mut self, word: Word) {
        match word {
            Word::Welcome { head } => {
                let capabilities = Capabilities {
                    acknowledges: true,
                    history: true,
                    tells_doubles_apart: true,
                    ..Capabilities::default()
                };
                self.event(Event::Capabilities { capabilities });
                self.event(Event::Conversation { conversation: room() });
                self.event(Event::Head { conversation: key(), id: head.map(remote) });
                self.event(Event::Online);
            }
            Word::Ack { txn, id, at } => match TxnId::parse(txn) {
                Ok(txn) => {
                    let (id, at) = (Some(remote(id)), Some(Timestamp(at)));
                    self.event(Event::Acknowledged { txn, id, at });
                }
                Err(error) => self.protest(error.to_string()),
            },
            Word::Said { said } => self.event(Event::Message { message: incoming(said) }),
            Word::Page { after, said, complete } => {
                self.asked = None;
                let messages = said.into_iter().map(incoming).collect();
                let after = after.map(remote);
                self.event(Event::History { conversation: key(), after, messages, complete });
            }
            Word::Unknown { after } => {
                self.asked = None;
                self.refuse_history(key(), after.map(remote), "the server knows of no such message");
            }
        }
    }

    fn say(&mut self, txn: TxnId, conversation: &ConversationKey, body: &Body) {
        if *conversation != key() {
            return self.event(Event::Refused { txn, why: "there is no such conversation".to_owned() });
        }
        let call = Call::Say { txn: txn.as_str().to_owned(), text: body.to_plain() };
        self.send(&call, Some(txn));
    }

    fn ask(&mut self, conversation: ConversationKey, after: Option<RemoteId>, limit: u32, now: Now) {
        let number = after.as_ref().map(|id| id.0.parse::<u64>()).transpose();
        match number {
            Ok(number) if conversation == key() && self.asked.is_none() => {
                self.asked = Some((after, now.mono + PATIENCE));
                self.send(&Call::Since { after: number, limit }, None);
            }
            Ok(_) | Err(_) => self.refuse_history(conversation, after, "this cannot be asked"),
        }
    }

    fn give_up(&mut self, now: Now) {
        if let Some((after, _)) = self.asked.take_if(|(_, due)| *due <= now.mono) {
            self.refuse_history(key(), after, "the server does not answer");
        }
    }

    fn refuse_history(&mut self, conversation: ConversationKey, after: Option<RemoteId>, why: &str) {
        self.event(Event::HistoryRefused { conversation, after, why: why.to_owned() });
    }

    fn protest(&mut self, text: String) {
        let reason = Reason::BrokenFrames { text };
        self.outputs.push_back(Output::Close(Close { code: PROTOCOL_ERROR, reason }));
    }

    fn send(&mut self, call: &Call, carries: Option<TxnId>) {
        match serde_json::to_string(call) {
            Ok(text) => {
                let frame = Frame::Text(text);
                self.outputs.push_back(Output::Send(Outgoing { frame, carries, more: false, secret: false }));
            }
            Err(error) => self.protest(error.to_string()),
        }
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

fn incoming(said: Said) -> Incoming {
    let Said { id, from, txn, text, at } = said;
    let (sender, txn) =
        if from == ME { (Sender::Me, TxnId::parse(txn).ok()) } else { (Sender::Person { name: from }, None) };
    Incoming {
        conversation: key(),
        id: Some(remote(id)),
        txn,
        sender,
        body: Body::text(text),
        at: Some(Timestamp(at)),
        ..Incoming::default()
    }
}

fn remote(id: u64) -> RemoteId {
    RemoteId(id.to_string())
}

/// The one conversation.
fn room() -> RemoteConversation {
    let title = Some("Archive".to_owned());
    RemoteConversation { key: key(), kind: ConversationKind::Room, title, ..RemoteConversation::default() }
}

fn key() -> ConversationKey {
    ConversationKey("archive".to_owned())
}
