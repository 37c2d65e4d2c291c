//! Somebody else, on a client that is no engine: a socket, and lines as they are.

use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What this client can read.
const CAPABILITIES: &str = "message-tags server-time";

pub(super) struct Person {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Person {
    /// Registers under a nickname.
    pub(super) async fn enter(url: &str, nick: &str) -> Self {
        let mut request = url.into_client_request().unwrap();
        let origin = HeaderValue::from_str(url.replace("ws:", "http:").trim_end_matches('/')).unwrap();
        request.headers_mut().insert("Origin", origin);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let mut person = Self { socket };
        for line in [
            "CAP LS 302".to_owned(),
            format!("NICK {nick}"),
            format!("USER {nick} 0 * :{nick}"),
            format!("CAP REQ :{CAPABILITIES}"),
            "CAP END".to_owned(),
        ] {
            person.send(&line).await;
        }
        person.until(|line| line.contains(" 376 ") || line.contains(" 422 ")).await;
        person
    }

    /// The same, in a room.
    pub(super) async fn enter_room(url: &str, nick: &str, room: &str) -> Self {
        let mut person = Self::enter(url, nick).await;
        person.join(room).await;
        person
    }

    pub(super) async fn join(&mut self, room: &str) {
        self.send(&format!("JOIN {room}")).await;
        self.until(|line| line.contains(" 366 ")).await;
    }

    pub(super) async fn send(&mut self, line: &str) {
        self.socket.send(Message::text(line)).await.unwrap();
    }

    /// Reads on until a line is as wanted, and gives it.
    pub(super) async fn until(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        let read = async {
            loop {
                let Some(frame) = self.socket.next().await else { panic!("the server closed") };
                let Message::Text(line) = frame.unwrap() else { continue };
                if let Some(token) = line.strip_prefix("PING") {
                    self.socket.send(Message::text(format!("PONG{token}"))).await.unwrap();
                }
                if wanted(&line) {
                    return line.to_string();
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("a line")
    }
}

/// The value of a tag of a line.
pub(super) fn tag(line: &str, name: &str) -> String {
    let tags = line.strip_prefix('@').and_then(|line| line.split_once(' ')).map_or("", |(tags, _)| tags);
    let value = tags.split(';').find_map(|tag| tag.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {name} in {line}")).to_owned()
}
