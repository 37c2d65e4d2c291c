//! The small built-in chat server: what the welcome page joins, and the demo.
//!
//! `/ws` answers each text with `服务器已收到消息：` and the text, as the WebSocket tutorials' server does. `/lounge` says
//! what anyone says to everyone in it, the speaker included, in one order for all; it
//! takes in programs and the pages of this computer, but no web page from elsewhere. Here is no history, no name and
//! no file. A client may do what it likes: it harms nobody but itself.

mod client;
mod door;
mod origin;
mod room;

use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What `/ws` puts in front of each text.
pub const RECEIVED: &str = "服务器已收到消息：";

/// The path that answers.
pub const ECHO_PATH: &str = "/ws";

/// The path that says everything to everyone.
pub const ROOM_PATH: &str = "/lounge";

/// How many clients are served at a time: far more than one desk has, and 256 sockets are within every system's limit.
const MAX_CLIENTS: usize = 256;

/// How long an accept that failed (no file descriptors left) is rested, so that it does not spin.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// How long clients are given to answer the Close frame when the server ends.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Listens on the loopback address; port 0 lets the system choose.
///
/// # Errors
/// When the port is taken or may not be used.
pub async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await
}

/// Serves until `cancel`; then closes every client with 1001 and returns.
pub async fn serve(listener: TcpListener, cancel: CancellationToken) {
    let room = room::Room::new();
    let places = Arc::new(Semaphore::new(MAX_CLIENTS));
    let mut clients = JoinSet::new();
    loop {
        // A client that finds no place waits in the system's backlog.
        let place = tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            Ok(place) = Arc::clone(&places).acquire_owned() => place,
        };
        let stream = tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            stream = accept(&listener) => stream,
        };
        while clients.try_join_next().is_some() {}
        let (room, cancel) = (room.clone(), cancel.clone());
        clients.spawn(async move {
            client::serve(stream, &room, &cancel).await;
            drop(place);
        });
    }
    drop(listener);
    let farewell = async { while clients.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_WORDS, farewell).await.is_err() {
        tracing::debug!("clients left without a word");
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "accept");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
}
