//! One client, from its first byte to its last.

use crate::RECEIVED;
use crate::door::{self, Place, Replayed};
use crate::room::{QUEUE, Room};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_util::sync::CancellationToken;

/// How long a client has for its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long the server is silent before it sends a Ping; proxies cut a silent line after 60 s.
const IDLE: Duration = Duration::from_secs(30);

/// How long a client may be silent, Pongs included: two of our Pings unanswered.
const SILENCE: Duration = Duration::from_secs(75);

/// How long a client may take to take one message.
const SLOWEST_WRITE: Duration = Duration::from_secs(10);

/// How long the answer to our Close frame is waited for.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

type Reader = SplitStream<WebSocketStream<Replayed>>;
type Writer = SplitSink<WebSocketStream<Replayed>, Message>;

/// Why we close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Farewell {
    /// The server ends.
    GoingAway,
    /// The client did not read, or did not answer.
    TooSlow,
    /// A message was too long.
    TooBig,
    /// Frames against RFC 6455.
    Broken,
    /// Text that is not UTF-8.
    NotUtf8,
    /// The client closed, or is gone: nothing is left to say.
    Nothing,
}

/// Serves one client until it goes or `cancel`.
pub(crate) async fn serve(stream: TcpStream, room: &Room, cancel: &CancellationToken) {
    let opened = tokio::select! {
        biased;
        () = cancel.cancelled() => return,
        opened = timeout(HANDSHAKE, door::open(stream)) => opened,
    };
    let Ok(Some((socket, place))) = opened else { return };
    let (mut writer, mut reader) = socket.split();
    let (own, echoes) = mpsc::channel(QUEUE);
    let queue = match place {
        Place::Echo => echoes,
        Place::Room => room.enter().await,
    };
    let farewell = tokio::select! {
        biased;
        () = cancel.cancelled() => Farewell::GoingAway,
        farewell = write(&mut writer, queue) => farewell,
        farewell = read(&mut reader, place, room, &own) => farewell,
    };
    leave(writer, reader, farewell).await;
}

/// Hears the client, until there is nothing more to hear.
async fn read(reader: &mut Reader, place: Place, room: &Room, own: &mpsc::Sender<Message>) -> Farewell {
    loop {
        let message = match timeout(SILENCE, reader.next()).await {
            Err(_) => return Farewell::TooSlow,
            Ok(None) => return Farewell::Nothing,
            Ok(Some(Err(error))) => return verdict(&error),
            Ok(Some(Ok(message))) => message,
        };
        let answer = match message {
            Message::Text(text) => match place {
                Place::Echo => Message::text(format!("{RECEIVED}{text}")),
                Place::Room => Message::Text(text),
            },
            Message::Binary(bytes) => Message::Binary(bytes),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => continue,
        };
        match place {
            Place::Echo => {
                if own.send(answer).await.is_err() {
                    return Farewell::Nothing;
                }
            }
            Place::Room => room.say(answer).await,
        }
    }
}

/// Tells the client, with a Ping where there is nothing to tell.
async fn write(writer: &mut Writer, mut queue: mpsc::Receiver<Message>) -> Farewell {
    loop {
        let message = match timeout(IDLE, queue.recv()).await {
            Err(_) => Message::Ping(Bytes::new()),
            Ok(None) => return Farewell::TooSlow,
            Ok(Some(message)) => message,
        };
        match timeout(SLOWEST_WRITE, writer.send(message)).await {
            Err(_) => return Farewell::TooSlow,
            // The reader sees why, and a Close frame of the client before that.
            Ok(Err(_)) => std::future::pending().await,
            Ok(Ok(())) => {}
        }
    }
}

/// Closes with a code, and waits a little for the answer.
///
/// A socket that is dropped with unread bytes resets the line, which can take our Close frame back from the client;
/// so what still comes is read and thrown away until the client has closed too.
async fn leave(mut writer: Writer, mut reader: Reader, farewell: Farewell) {
    let (code, reason) = match farewell {
        Farewell::Nothing => return,
        Farewell::GoingAway => (CloseCode::Away, "the server ends"),
        Farewell::TooSlow => (CloseCode::Policy, "too slow"),
        Farewell::TooBig => (CloseCode::Size, "longer than 1 MiB"),
        Farewell::Broken => (CloseCode::Protocol, "not RFC 6455"),
        Farewell::NotUtf8 => (CloseCode::Invalid, "not UTF-8"),
    };
    let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
    let farewell = async {
        writer.send(close).await.ok()?;
        while let Some(Ok(_)) = reader.next().await {}
        let mut stream = writer.reunite(reader).ok()?.into_inner();
        stream.shutdown().await.ok()?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.ok()
    };
    let _ = timeout(CLOSE_WAIT, farewell).await;
}

fn verdict(error: &Error) -> Farewell {
    if matches!(error, Error::Capacity(CapacityError::MessageTooLong { .. })) {
        Farewell::TooBig
    } else if matches!(error, Error::Utf8(_)) {
        Farewell::NotUtf8
    } else if matches!(error, Error::Protocol(fault) if *fault != ProtocolError::ResetWithoutClosingHandshake)
    {
        Farewell::Broken
    } else {
        Farewell::Nothing
    }
}
