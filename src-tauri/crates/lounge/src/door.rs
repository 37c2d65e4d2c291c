//! The opening handshake: who is let in, and where to.

use crate::{ECHO_PATH, ROOM_PATH, origin};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, Chain, Join};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// The most bytes of one message: a thousand times a long paste.
pub(crate) const MAX_MESSAGE: usize = 1024 * 1024;

/// The most bytes of a request head; browsers send one or two thousand.
const MAX_HEAD: usize = 16 * 1024;

/// Where a client is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The tutorial's server, which takes in every page too: nobody there hears anybody else.
    Echo,
    /// The room, which takes in no page from elsewhere.
    Room,
}

/// What was read of the request, and then the rest of the stream.
pub(crate) type Replayed = Join<Chain<io::Cursor<Vec<u8>>, OwnedReadHalf>, OwnedWriteHalf>;

/// Answers the handshake. `None`: refused, with an answer where one could be given.
pub(crate) async fn open(mut stream: TcpStream) -> Option<(WebSocketStream<Replayed>, Place)> {
    let head = read_head(&mut stream).await?;
    if !asks_to_upgrade(&head) {
        refuse(&mut stream, "426 Upgrade Required", "This is a WebSocket server.").await;
        return None;
    }
    let _ = stream.set_nodelay(true);
    let (read, write) = stream.into_split();
    let stream = tokio::io::join(io::Cursor::new(head).chain(read), write);
    let mut place = None;
    // The callback's error type is tungstenite's.
    #[expect(clippy::result_large_err)]
    let choose = |request: &Request, response: Response| {
        let found = find(request.uri().path()).ok_or_else(not_found)?;
        if found == Place::Room && !origin::is_near(request.headers()) {
            return Err(forbidden());
        }
        place = Some(found);
        Ok(response)
    };
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE))
        .read_buffer_size(16 * 1024)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * MAX_MESSAGE);
    let socket = tokio_tungstenite::accept_hdr_async_with_config(stream, choose, Some(config)).await;
    match (socket, place) {
        (Ok(socket), Some(place)) => Some((socket, place)),
        (Err(error), _) => {
            tracing::debug!(%error, "handshake");
            None
        }
        (Ok(_), None) => None,
    }
}

fn find(path: &str) -> Option<Place> {
    if path == ECHO_PATH {
        Some(Place::Echo)
    } else if path == ROOM_PATH {
        Some(Place::Room)
    } else {
        None
    }
}

fn not_found() -> ErrorResponse {
    let mut response = ErrorResponse::new(Some(format!("Try {ECHO_PATH} or {ROOM_PATH}.\n")));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn forbidden() -> ErrorResponse {
    let mut response = ErrorResponse::new(Some("Web pages from elsewhere may not join.\n".to_owned()));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// Everything up to the empty line that ends the head, and what came with it.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut head = Vec::with_capacity(1024);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > MAX_HEAD || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// Whether there is an `Upgrade: websocket` line (RFC 6455 §4.2.1).
fn asks_to_upgrade(head: &[u8]) -> bool {
    String::from_utf8_lossy(head).lines().skip(1).take_while(|line| !line.is_empty()).any(|line| {
        line.split_once(':').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("upgrade") && value.trim().eq_ignore_ascii_case("websocket")
        })
    })
}

async fn refuse(stream: &mut TcpStream, status: &str, text: &str) {
    let answer = format!(
        "HTTP/1.1 {status}\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\r\n{text}\n",
        text.len() + 1
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
