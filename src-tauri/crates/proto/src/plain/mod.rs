//! Plain messages: every data message is something that was said.
//!
//! What the tutorials' servers speak, and most home-made ones: no names, no rooms, no ids, no acknowledgement. The
//! account has one conversation. A text frame is a message of the server; a binary frame is shown as such. Nothing
//! that comes back is taken for an echo: equal text may be somebody else's words.

use crate::{
    Adapter, ConfigFault, Descriptor, Endpoint, Frame, Input, Now, Opening, Outgoing, Output, Protocol,
};
use domain::{
    AccountConfig, Body, Capabilities, Command, ConversationKey, Event, Incoming, RemoteConversation, TxnId,
};
use std::collections::VecDeque;

/// The protocol.
pub static PLAIN: Plain = Plain;

/// Plain messages over WebSocket.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

/// A message of a plain server is a person's or a program's line; 4 MiB is a thousand pages of it.
const MAX_MESSAGE: u32 = 4 * 1024 * 1024;

static DESCRIPTOR: Descriptor = Descriptor::bare("plain", "Plain messages", MAX_MESSAGE);

impl Protocol for Plain {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn endpoint(&self, config: &AccountConfig) -> Result<Endpoint, ConfigFault> {
        Endpoint::read(config, DESCRIPTOR.subprotocols)
    }

    fn standing(&self) -> Vec<RemoteConversation> {
        vec![stream()]
    }

    fn open(&self, _opening: Opening<'_>) -> Box<dyn Adapter> {
        Box::new(Session::default())
    }
}

/// One session. Holds nothing but the answers to the last input.
#[derive(Debug, Default)]
struct Session {
    /// Empty between drains, so bounded by what one input gives: at most three.
    outputs: VecDeque<Output>,
}

impl Adapter for Session {
    fn handle(&mut self, input: Input<'_>, _now: Now) {
        match input {
            Input::Opened { .. } => self.opened(),
            Input::Frame(frame) => self.received(frame),
            Input::Command(Command::Send { txn, conversation, body, .. }) => {
                self.send(txn, &conversation, &body)
            }
            Input::Command(other) => {
                if let Some(event) = other.declined("the server knows of no such thing") {
                    self.event(event);
                }
            }
            Input::Committed { .. } | Input::Timeout => {}
        }
    }

    fn poll(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or(Output::Wait(None))
    }
}

impl Session {
    fn opened(&mut self) {
        self.event(Event::Capabilities { capabilities: Capabilities::default() });
        self.event(Event::Conversation { conversation: stream() });
        self.event(Event::Online);
    }

    fn received(&mut self, frame: &Frame) {
        let body = match frame {
            Frame::Text(text) => Body::text(text.as_str()),
            Frame::Binary(bytes) => Body::binary(bytes),
        };
        let message = Incoming { conversation: key(), body, ..Incoming::default() };
        self.event(Event::Message { message });
    }

    fn send(&mut self, txn: TxnId, conversation: &ConversationKey, body: &Body) {
        let text = body.to_plain();
        let refusal = if *conversation != key() {
            Some("there is no such conversation")
        } else if text.len() > MAX_MESSAGE as usize {
            Some("longer than 4 MiB")
        } else {
            None
        };
        match refusal {
            Some(why) => self.event(Event::Refused { txn, why: why.to_owned() }),
            None => {
                self.outputs.push_back(Output::Send(Outgoing {
                    frame: Frame::Text(text),
                    carries: Some(txn),
                    more: false,
                    secret: false,
                }));
            }
        }
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

/// The one conversation.
fn stream() -> RemoteConversation {
    RemoteConversation { key: key(), ..RemoteConversation::default() }
}

fn key() -> ConversationKey {
    ConversationKey("stream".to_owned())
}
