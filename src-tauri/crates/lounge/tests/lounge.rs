//! The lounge with good clients and with bad ones.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by a panic, and looks for one case"
)]

use futures_util::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A server of its own for each test.
struct Lounge {
    address: SocketAddr,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Lounge {
    async fn open() -> Self {
        let listener = lounge::bind(0).await.unwrap();
        let address = listener.local_addr().unwrap();
        assert!(address.ip().is_loopback());
        let cancel = CancellationToken::new();
        let task = tokio::spawn(lounge::serve(listener, cancel.clone()));
        Self { address, cancel, task }
    }

    async fn join(&self, path: &str) -> Client {
        connect_async(format!("ws://{}{path}", self.address)).await.unwrap().0
    }

    /// Joins as a page of this origin.
    async fn join_from(&self, origin: &str, path: &str) -> Result<Client, Error> {
        let mut request = format!("ws://{}{path}", self.address).into_client_request()?;
        request.headers_mut().insert("origin", origin.parse()?);
        Ok(connect_async(request).await?.0)
    }

    /// Joins the room and waits until it is in.
    async fn enter(&self) -> Client {
        let mut client = self.join("/lounge").await;
        client.send("in".into()).await.unwrap();
        assert_eq!(hear(&mut client).await, "in");
        client
    }

    async fn raw(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }
}

/// The next text; everything else fails the test.
async fn hear(client: &mut Client) -> String {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(30), client.next()).await.unwrap();
        match next.unwrap().unwrap() {
            Message::Text(text) => return text.to_string(),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn close_code(client: &mut Client) -> u16 {
    loop {
        match client.next().await.unwrap().unwrap() {
            Message::Close(Some(frame)) => return frame.code.into(),
            Message::Close(None) => panic!("no code"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn ws_answers_as_the_tutorials_server() {
    let lounge = Lounge::open().await;
    let mut client = lounge.join("/ws").await;
    client.send("你好".into()).await.unwrap();
    assert_eq!(hear(&mut client).await, "服务器已收到消息：你好");
    client.send(Message::binary(vec![1, 2])).await.unwrap();
    assert_eq!(client.next().await.unwrap().unwrap(), Message::binary(vec![1, 2]));
}

#[tokio::test]
async fn the_room_says_everything_to_everyone_in_one_order() {
    let lounge = Lounge::open().await;
    let mut clients = [lounge.enter().await, lounge.join("/lounge").await];
    clients[1].send("in".into()).await.unwrap();
    assert_eq!(hear(&mut clients[0]).await, "in");
    assert_eq!(hear(&mut clients[1]).await, "in");
    let [one, two] = clients;
    let talk = |client: Client, name: &'static str| async move {
        let (mut says, mut hears) = client.split();
        let say = async {
            for n in 0..500 {
                says.send(format!("{name}{n}").into()).await.unwrap();
            }
        };
        let listen = async {
            let mut heard = Vec::new();
            while heard.len() < 1000 {
                if let Message::Text(text) = hears.next().await.unwrap().unwrap() {
                    heard.push(text.to_string());
                }
            }
            heard
        };
        tokio::join!(say, listen).1
    };
    let (first, second) = tokio::join!(talk(one, "a"), talk(two, "b"));
    assert_eq!(first, second);
}

#[tokio::test]
async fn strangers_are_told_where_they_are() {
    let lounge = Lounge::open().await;
    let elsewhere = connect_async(format!("ws://{}/elsewhere", lounge.address)).await;
    let Err(Error::Http(answer)) = elsewhere else { panic!("{elsewhere:?}") };
    assert_eq!(answer.status(), 404);
    let mut text = String::new();
    let mut browser = lounge.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    browser.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 426 Upgrade Required\r\n"), "{text}");
}

#[tokio::test]
async fn a_page_from_elsewhere_may_not_join_the_room() {
    let lounge = Lounge::open().await;
    for origin in ["https://example.com", "null", "http://localhost.example.com:7007"] {
        let refused = lounge.join_from(origin, "/lounge").await;
        let Err(Error::Http(answer)) = refused else { panic!("{origin}: {refused:?}") };
        assert_eq!(answer.status(), 403, "{origin}");
        let mut client = lounge.join_from(origin, "/ws").await.unwrap();
        client.send("x".into()).await.unwrap();
        assert_eq!(
            hear(&mut client).await,
            "服务器已收到消息：x",
            "the tutorial's server takes in everybody"
        );
    }
    for origin in ["http://localhost:5173", "tauri://localhost", "http://tauri.localhost", "http://[::1]:80"]
    {
        let mut client = lounge.join_from(origin, "/lounge").await.unwrap();
        client.send("in".into()).await.unwrap();
        assert_eq!(hear(&mut client).await, "in", "{origin}");
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_is_refused_with_1009() {
    let lounge = Lounge::open().await;
    let mut client = lounge.join("/ws").await;
    let _ = client.send("x".repeat(1024 * 1024 + 1).into()).await;
    assert_eq!(close_code(&mut client).await, 1009);
}

#[tokio::test]
async fn bad_clients_harm_nobody_else() {
    let lounge = Lounge::open().await;
    let mut good = lounge.enter().await;
    let upgrade = "GET /lounge HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    let unmasked = [upgrade.as_bytes(), &[0x81, 0x01, b'x']].concat();
    let not_utf8 = [upgrade.as_bytes(), &[0x81, 0x81, 0, 0, 0, 0, 0xff]].concat();
    let long_head = vec![b'x'; 64 * 1024];
    let half = b"GET /lounge HT".to_vec();
    let mut bad = Vec::new();
    for bytes in [unmasked, not_utf8, long_head, half] {
        let mut stream = TcpStream::connect(lounge.address).await.unwrap();
        let _ = stream.write_all(&bytes).await;
        bad.push(stream);
    }
    let gone = lounge.join("/lounge").await;
    drop(gone);
    for n in 0..200 {
        good.send(format!("{n}").into()).await.unwrap();
        assert_eq!(hear(&mut good).await, format!("{n}"));
    }
}

#[tokio::test]
async fn somebody_who_does_not_read_is_put_out_and_the_others_go_on() {
    let lounge = Lounge::open().await;
    let _deaf = lounge.enter().await;
    let mut good = lounge.enter().await;
    // More than the sockets' buffers and the queue hold.
    let long = "x".repeat(512 * 1024);
    for _ in 0..96 {
        good.send(long.as_str().into()).await.unwrap();
        while hear(&mut good).await.len() != long.len() {}
    }
}

#[tokio::test]
async fn the_end_is_told_with_1001() {
    let lounge = Lounge::open().await;
    let mut clients = [lounge.join("/ws").await, lounge.enter().await];
    lounge.cancel.cancel();
    for client in &mut clients {
        assert_eq!(close_code(client).await, 1001);
        while client.next().await.is_some() {}
    }
    lounge.task.await.unwrap();
    assert!(TcpStream::connect(lounge.address).await.is_err());
}
