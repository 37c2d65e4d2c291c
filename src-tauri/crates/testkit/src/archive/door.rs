//! Where clients come in: WebSockets on a loopback port.

use super::log::Log;
use super::room::{MAX_WAITING, Room};
use super::{Call, Word};
use anyhow::Result;
use futures_util::{SinkExt as _, StreamExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Texts that may wait for one listener of the plain server.
const MAX_PLAIN: usize = 4_096;

/// What sort of server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Keeps a history, speaks [`Call`] and [`Word`].
    Archive,
    /// What one says goes to everyone, and is recorded.
    Plain,
}

/// Serves who comes to `listener`, with the log at `path`, for as long as it is awaited.
///
/// # Errors
/// The log cannot be read or written, or the listener fails.
pub async fn serve(listener: TcpListener, path: &Path, mode: Mode) -> Result<()> {
    match mode {
        Mode::Archive => {
            let room = Arc::new(Mutex::new(Room::open(path)?));
            loop {
                let (stream, _) = listener.accept().await?;
                tokio::spawn(archive(stream, Arc::clone(&room)));
            }
        }
        Mode::Plain => {
            let log = Arc::new(Mutex::new(Log::open::<String>(path)?.0));
            let said = broadcast::channel(MAX_PLAIN).0;
            loop {
                let (stream, _) = listener.accept().await?;
                tokio::spawn(plain(stream, Arc::clone(&log), said.clone()));
            }
        }
    }
}

async fn archive(stream: TcpStream, room: Arc<Mutex<Room>>) {
    let Some(mut socket) = accept(stream).await else { return };
    let Some(Call::Hello { name }) = call(socket.next().await) else { return };
    let (sender, mut words) = mpsc::channel(MAX_WAITING);
    let listener = lock(&room).enter(name, sender);
    loop {
        tokio::select! {
            word = words.recv() => {
                // `None`: it took too little for too long.
                let Some(word) = word else { break };
                if tell(&mut socket, &word).await.is_err() {
                    break;
                }
            }
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    let Ok(call) = serde_json::from_str(&text) else { break };
                    if lock(&room).hear(listener, call).is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => break,
            },
        }
    }
    lock(&room).leave(listener);
    let _ = socket.close(None).await;
}

async fn plain(stream: TcpStream, log: Arc<Mutex<Log>>, said: broadcast::Sender<String>) {
    let Some(mut socket) = accept(stream).await else { return };
    let mut hears = said.subscribe();
    loop {
        tokio::select! {
            biased;
            text = hears.recv() => {
                let Ok(text) = text else { break };
                if socket.send(Message::text(text)).await.is_err() {
                    break;
                }
            }
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    if lock(&log).append(&text.as_str()).is_err() {
                        break;
                    }
                    let _ = said.send(text.to_string());
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => break,
            },
        }
    }
    let _ = socket.close(None).await;
}

async fn accept(stream: TcpStream) -> Option<WebSocketStream<TcpStream>> {
    stream.set_nodelay(true).ok()?;
    tokio_tungstenite::accept_async(stream).await.ok()
}

async fn tell(socket: &mut WebSocketStream<TcpStream>, word: &Word) -> Result<()> {
    Ok(socket.send(Message::text(serde_json::to_string(word)?)).await?)
}

fn call<E>(frame: Option<Result<Message, E>>) -> Option<Call> {
    let Some(Ok(Message::Text(text))) = frame else { return None };
    serde_json::from_str(&text).ok()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
