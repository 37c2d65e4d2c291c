//! A way to reach servers that the test writes.

use crate::dial::{Dial, Dialled, Opened, Order, Veil};
use crate::grip::Grip;
use crate::narrow::NORMAL;
use crate::wire::{FailedWrite, Tap, Wire};
use domain::Reason;
use futures_util::{SinkExt, StreamExt};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

pub(super) type Texts = Arc<Mutex<Vec<String>>>;

/// What becomes of an attempt.
#[derive(Clone)]
pub(super) enum Plan {
    Fail(Reason),
    /// A good server, which drops the line after this time.
    Live(Duration),
    /// A good server whose line dies after this time, without a word.
    Dies(Duration),
    /// A server that sends this many messages as fast as they are taken, and then listens.
    Flood(u32),
    /// A server that reads nothing, so that it answers no Pings, and sends a message each second for this time.
    Pongless(Duration),
    /// The same, which then reads all for as long again, and falls silent.
    Tardy(Duration),
    /// A server that reads nothing, closes after a second, and then reads what came: the texts go here.
    Unread(Texts),
    /// A server that reads nothing, and closes after a second with the code that we close with.
    Crosses,
    /// A line whose other end is dead.
    Dead,
}

/// Follows a plan, the last of it for ever, and notes when it was asked.
#[derive(Default)]
pub(super) struct Planned {
    plan: Mutex<VecDeque<Plan>>,
    pub(super) asked: Mutex<Vec<Instant>>,
    pub(super) pings: Arc<Mutex<Vec<Instant>>>,
}

impl Planned {
    pub(super) fn new(plan: impl IntoIterator<Item = Plan>) -> Arc<Self> {
        Arc::new(Self { plan: Mutex::new(plan.into_iter().collect()), ..Self::default() })
    }

    fn next(&self) -> Plan {
        self.asked.lock().unwrap().push(Instant::now());
        let mut plan = self.plan.lock().unwrap();
        if plan.len() > 1 { plan.pop_front().unwrap() } else { plan.front().unwrap().clone() }
    }

    /// The times between one attempt and the next.
    pub(super) fn gaps(&self) -> Vec<Duration> {
        self.asked.lock().unwrap().windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

impl Dial for Planned {
    fn dial<'a>(&'a self, _: Order<'a>) -> Dialled<'a> {
        let plan = self.next();
        let pings = Arc::clone(&self.pings);
        Box::pin(async move {
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            match plan {
                Plan::Fail(reason) => return Err(reason),
                Plan::Live(time) => drop(tokio::spawn(serve(theirs, time, pings))),
                Plan::Dies(time) => drop(tokio::spawn(die(theirs, time))),
                Plan::Flood(count) => drop(tokio::spawn(flood(theirs, count))),
                Plan::Pongless(time) => drop(tokio::spawn(babble(theirs, time))),
                Plan::Tardy(time) => drop(tokio::spawn(awake(theirs, time))),
                Plan::Unread(came) => drop(tokio::spawn(close_unread(theirs, came))),
                Plan::Crosses => drop(tokio::spawn(cross(theirs))),
                Plan::Dead => drop(tokio::spawn(async move {
                    std::future::pending::<()>().await;
                    drop(theirs);
                })),
            }
            let (tap, _) = Tap::new(Box::new(ours), FailedWrite::TookNothing);
            let wire = Wire::new(WebSocketStream::from_raw_socket(tap, Role::Client, None).await, None);
            Ok(Opened {
                url: "ws://h/".to_owned(),
                wire,
                grip: Grip::default(),
                address: "test".into(),
                tls: None,
                subprotocol: None,
                secret: None,
                entrusted: None,
                veil: Veil::default(),
            })
        })
    }
}

async fn serve(stream: DuplexStream, time: Duration, pings: Arc<Mutex<Vec<Instant>>>) {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let end = Instant::now() + time;
    while let Ok(Some(Ok(message))) = timeout_at(end, socket.next()).await {
        if matches!(message, Message::Ping(_)) {
            pings.lock().unwrap().push(Instant::now());
        }
    }
}

async fn die(stream: DuplexStream, time: Duration) {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let end = Instant::now() + time;
    while let Ok(Some(Ok(_))) = timeout_at(end, socket.next()).await {}
    std::future::pending::<()>().await;
}

async fn flood(stream: DuplexStream, count: u32) {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    for n in 0..count {
        if socket.send(Message::text(n.to_string())).await.is_err() {
            return;
        }
    }
    while let Some(Ok(_)) = socket.next().await {}
}

async fn babble(stream: DuplexStream, time: Duration) {
    let _socket = tick(stream, time).await;
    std::future::pending::<()>().await;
}

async fn awake(stream: DuplexStream, time: Duration) {
    let mut socket = tick(stream, time).await;
    let end = Instant::now() + time;
    while let Ok(Some(Ok(_))) = timeout_at(end, socket.next()).await {}
    std::future::pending::<()>().await;
}

/// Reads nothing, and sends a message each second.
async fn tick(stream: DuplexStream, time: Duration) -> WebSocketStream<DuplexStream> {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let end = Instant::now() + time;
    while Instant::now() < end && socket.send(Message::text("tick")).await.is_ok() {
        sleep(Duration::from_secs(1)).await;
    }
    socket
}

async fn close_unread(stream: DuplexStream, came: Texts) {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    sleep(Duration::from_secs(1)).await;
    socket.close(None).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message {
            came.lock().unwrap().push(text.to_string());
        }
    }
}

async fn cross(stream: DuplexStream) {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    sleep(Duration::from_secs(1)).await;
    let frame = CloseFrame { code: NORMAL.into(), reason: "".into() };
    socket.send(Message::Close(Some(frame))).await.unwrap();
    std::future::pending::<()>().await;
}
