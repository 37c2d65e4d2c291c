//! The two ends of a scripted conversation: a protocol whose frames say what events to emit, and a server that says
//! what the test tells it to.
//!
//! Frames to us: `say TEXT`, `named ID TEXT`, `echo TXN ID TEXT`, `ack TXN ID`, `refuse TXN`, `log in WORD` (answered with a secret frame `pass WORD`), `event JSON`, `panic`. Frames from us:
//! `send TXN TEXT`, `command JSON` for any other command, and `committed N` after each commit: the acknowledgement that must not come too early.

#![allow(dead_code, reason = "each test file uses its part")]

use crate::common::{Bench, plain, txn};
use domain::{
    AccountConfig, AccountId, Body, Capabilities, Command, ConversationId, ConversationKey, ConversationKind,
    Event, Incoming, RemoteConversation, RemoteId, Sender, Tone, TxnId,
};
use futures_util::{SinkExt as _, StreamExt as _};
use proto::{
    Adapter, ConfigFault, Descriptor, Effect, Endpoint, Frame, Input, Now, Opening, Outgoing, Output,
    Protocol, Protocols, SlashCommand,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_tungstenite::tungstenite::Message;

/// The plain protocol, the scripted one, and the scripted one whose server tells doubles apart.
pub(crate) static SCRIPTED: Protocols = &[
    &proto::PLAIN,
    &Script { descriptor: &SCRIPT },
    &Script { descriptor: &SURE },
    &Script { descriptor: &CHAT },
];

struct Script {
    descriptor: &'static Descriptor,
}

static SCRIPT: Descriptor = Descriptor::bare("script", "Script", 1 << 20);

/// With rooms, people, history and all else, and a table of commands.
static CHAT: Descriptor = Descriptor {
    id: "chat",
    commands: &[
        slash("me", Effect::Says(Tone::Action)),
        slash("msg", Effect::Tells(Tone::Said)),
        slash("topic", Effect::Runs),
    ],
    ..SCRIPT
};

const fn slash(name: &'static str, effect: Effect) -> SlashCommand {
    SlashCommand { name, arguments: "", help: "", effect }
}

static SURE: Descriptor = Descriptor { id: "sure", ..SCRIPT };

impl Protocol for Script {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }
    fn endpoint(&self, config: &AccountConfig) -> Result<Endpoint, ConfigFault> {
        Endpoint::read(config, &[])
    }
    fn standing(&self) -> Vec<RemoteConversation> {
        vec![room()]
    }
    fn conversation_named(&self, name: &str) -> Option<RemoteConversation> {
        let (key, kind) = (ConversationKey(name.to_lowercase()), ConversationKind::Direct);
        Some(RemoteConversation { key, kind, title: Some(name.into()), ..RemoteConversation::default() })
    }
    fn open(&self, _: Opening<'_>) -> Box<dyn Adapter> {
        if self.descriptor.id == CHAT.id {
            return Box::new(Session { capabilities: ALL_OF_THEM, outputs: VecDeque::new() });
        }
        let tells_doubles_apart = self.descriptor.id == SURE.id;
        let capabilities =
            Capabilities { acknowledges: true, tells_doubles_apart, ..Capabilities::default() };
        Box::new(Session { capabilities, outputs: VecDeque::new() })
    }
}

pub(crate) fn room() -> RemoteConversation {
    let key = ConversationKey("room".into());
    RemoteConversation {
        key,
        kind: ConversationKind::Room,
        title: Some("room".into()),
        ..RemoteConversation::default()
    }
}

const ALL_OF_THEM: Capabilities = Capabilities {
    acknowledges: true,
    history: true,
    tells_doubles_apart: false,
    earlier: true,
    replies: true,
    reactions: true,
    retraction: true,
    read_markers: true,
    typing: true,
    rooms: true,
};

struct Session {
    capabilities: Capabilities,
    outputs: VecDeque<Output>,
}

impl Adapter for Session {
    fn handle(&mut self, input: Input<'_>, _: Now) {
        match input {
            Input::Opened { .. } => {
                self.event(Event::Capabilities { capabilities: self.capabilities });
                self.event(Event::Online);
            }
            Input::Frame(Frame::Text(text)) => self.obey(text),
            Input::Command(Command::Send { txn, body, tone, reply_to, .. })
                if tone == Tone::Said && reply_to.is_none() =>
            {
                let frame = Frame::Text(format!("send {} {}", txn.as_str(), body.to_plain()));
                self.outputs.push_back(Output::Send(Outgoing {
                    frame,
                    carries: Some(txn),
                    more: false,
                    secret: false,
                }));
            }
            Input::Committed { upto } => {
                let frame = Frame::Text(format!("committed {upto}"));
                self.outputs.push_back(Output::Send(Outgoing {
                    frame,
                    carries: None,
                    more: false,
                    secret: false,
                }));
            }
            Input::Command(command) => {
                let carries = command.txn().cloned();
                let frame = Frame::Text(format!("command {}", serde_json::to_string(&command).unwrap()));
                self.outputs.push_back(Output::Send(Outgoing { frame, carries, more: false, secret: false }));
            }
            Input::Frame(Frame::Binary(_)) | Input::Timeout => {}
        }
    }
    fn poll(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or(Output::Wait(None))
    }
}

impl Session {
    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn obey(&mut self, text: &str) {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
        match word {
            "say" => self.message(None, None, rest),
            "named" => self.message(Some(first), None, second),
            "echo" => {
                let (id, text) = second.split_once(' ').unwrap_or((second, ""));
                self.message(Some(id), TxnId::parse(first).ok(), text);
            }
            "ack" => {
                let id = Some(RemoteId(second.into()));
                self.event(Event::Acknowledged { txn: TxnId::parse(first).unwrap(), id, at: None });
            }
            "refuse" => {
                self.event(Event::Refused { txn: TxnId::parse(first).unwrap(), why: "the script".into() });
            }
            "event" => self.event(serde_json::from_str(rest).unwrap()),
            "log" => {
                let frame = Frame::Text(format!("pass {second}"));
                self.outputs.push_back(Output::Send(Outgoing {
                    frame,
                    carries: None,
                    more: false,
                    secret: true,
                }));
            }
            other => panic!("the script says {other}"),
        }
    }

    fn message(&mut self, id: Option<&str>, txn: Option<TxnId>, text: &str) {
        let id = id.map(|id| RemoteId(id.into()));
        let (conversation, sender) = (room().key, Sender::Server);
        let message =
            Incoming { conversation, id, txn, sender, body: Body::text(text), ..Incoming::default() };
        self.event(Event::Message { message });
    }
}

impl Bench {
    /// Adds an account that speaks the scripted protocol.
    pub(crate) async fn join_scripted(&self, peer: &Peer) -> (AccountId, ConversationId) {
        self.join_as("script", &peer.url()).await
    }

    /// Adds an account that speaks the protocol of that id.
    pub(crate) async fn join_as(&self, protocol: &str, url: &str) -> (AccountId, ConversationId) {
        let config = AccountConfig { protocol: protocol.into(), ..plain(url) };
        let account = self.engine.add_account(txn(), config, Vec::new()).await.unwrap();
        (account, self.conversation(account).await)
    }
}

/// What the scripted adapter sent for a message.
pub(crate) struct Said {
    pub(crate) txn: String,
    pub(crate) text: String,
}

impl Said {
    pub(crate) fn read(frame: &str) -> Option<Self> {
        let (txn, text) = frame.strip_prefix("send ")?.split_once(' ')?;
        Some(Self { txn: txn.into(), text: text.into() })
    }
}

/// A server that says what the test tells it to, and remembers what it heard.
pub(crate) struct Peer {
    port: u16,
    orders: broadcast::Sender<Order>,
    state: Arc<State>,
    read: Mutex<usize>,
}

#[derive(Clone, Debug)]
enum Order {
    Say(Message),
    Drop,
}

struct State {
    /// Frames in order; whoever waits is woken at each.
    heard: watch::Sender<Vec<String>>,
    closed: watch::Sender<Option<Option<u16>>>,
    mode: watch::Sender<Mode>,
    visits: watch::Sender<(usize, usize)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Serve,
    /// Takes connections and reads nothing of them.
    Swallow,
    /// Lets nobody in.
    Shut,
}

pub(crate) async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

impl Peer {
    pub(crate) async fn listen() -> Self {
        Self::listen_on(0).await
    }

    pub(crate) async fn listen_on(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let orders = broadcast::channel(4096).0;
        let state = Arc::new(State {
            heard: watch::Sender::default(),
            closed: watch::Sender::default(),
            mode: watch::Sender::new(Mode::Serve),
            visits: watch::Sender::default(),
        });
        let (accepted, sender) = (Arc::clone(&state), orders.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if *accepted.mode.borrow() == Mode::Shut {
                    continue;
                }
                tokio::spawn(visit(stream, Arc::clone(&accepted), sender.subscribe()));
            }
        });
        Self { port, orders, state, read: Mutex::new(0) }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.port)
    }

    pub(crate) fn say(&self, text: &str) {
        self.orders.send(Order::Say(Message::text(text))).unwrap();
    }

    /// Has the adapter emit an event.
    pub(crate) fn tell(&self, event: &Event) {
        self.say(&format!("event {}", serde_json::to_string(event).unwrap()));
    }

    /// The next command that is no plain message.
    pub(crate) async fn command(&self) -> Command {
        self.until(|frame| serde_json::from_str(frame.strip_prefix("command ")?).ok()).await
    }

    pub(crate) fn say_binary(&self, bytes: Vec<u8>) {
        self.orders.send(Order::Say(Message::binary(bytes))).unwrap();
    }

    pub(crate) fn swallow(&self) {
        self.state.mode.send_replace(Mode::Swallow);
    }

    /// Drops every connection with no Close frame, and lets nobody in.
    pub(crate) fn drop_all(&self) {
        self.state.mode.send_replace(Mode::Shut);
        let _ = self.orders.send(Order::Drop);
    }

    pub(crate) fn listen_again(&self) {
        self.state.mode.send_replace(Mode::Serve);
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.state.heard.borrow().clone()
    }

    pub(crate) fn visits(&self) -> usize {
        self.state.visits.borrow().0
    }

    pub(crate) fn has_visitors(&self) -> bool {
        self.state.visits.borrow().1 > 0
    }

    /// The first frame, from the last one found on, of which `find` makes something.
    pub(crate) async fn until<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        let mut heard = self.state.heard.subscribe();
        loop {
            {
                let frames = heard.borrow_and_update();
                let mut read = self.read.lock().unwrap();
                while let Some(frame) = frames.get(*read) {
                    *read += 1;
                    if let Some(found) = find(frame) {
                        return found;
                    }
                }
            }
            heard.changed().await.unwrap();
        }
    }

    /// The code of the Close frame that we were sent.
    pub(crate) async fn until_closed(&self) -> Option<u16> {
        let mut closed = self.state.closed.subscribe();
        closed.wait_for(Option::is_some).await.unwrap().flatten()
    }
}

async fn visit(stream: TcpStream, state: Arc<State>, mut orders: broadcast::Receiver<Order>) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    state.visits.send_modify(|visits| *visits = (visits.0 + 1, visits.1 + 1));
    let swallows = *state.mode.borrow() == Mode::Swallow;
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Ok(Order::Say(message)) => {
                    if socket.send(message).await.is_err() {
                        break;
                    }
                }
                Ok(Order::Drop) | Err(_) => break,
            },
            frame = socket.next(), if !swallows => match frame {
                Some(Ok(Message::Text(text))) => {
                    state.heard.send_modify(|heard| heard.push(text.to_string()));
                }
                Some(Ok(Message::Close(frame))) => {
                    state.closed.send_replace(Some(frame.map(|frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            },
        }
    }
    state.visits.send_modify(|visits| visits.1 -= 1);
}
