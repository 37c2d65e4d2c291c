//! The other side of the conversation: says numbered messages to the server, and goes on when the server was killed.

use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use testkit::archive::{Call, Mode};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How long a server that was killed may take to be back.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who speaks.
#[derive(Debug)]
pub(crate) struct Voice {
    mode: Mode,
    url: String,
    sink: Option<SplitSink<Socket, Message>>,
    /// The next number.
    next: u64,
}

impl Voice {
    pub(crate) fn new(mode: Mode, url: String) -> Self {
        Self { mode, url, sink: None, next: 0 }
    }

    /// The number of the next message.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Says the next message. It may be lost with the server; the server's log says whether.
    pub(crate) async fn say(&mut self) -> Result<()> {
        let n = self.next;
        self.next += 1;
        let text = format!("s-{n}");
        let frame = match self.mode {
            Mode::Archive => serde_json::to_string(&Call::Say { txn: format!("s{n}"), text })?,
            Mode::Plain => text,
        };
        if self.sink.is_none() {
            self.sink = Some(self.connect().await?);
        }
        if let Some(sink) = &mut self.sink
            && sink.send(Message::text(frame)).await.is_err()
        {
            self.sink = None;
        }
        Ok(())
    }

    async fn connect(&self) -> Result<SplitSink<Socket, Message>> {
        let connecting = async {
            loop {
                if let Ok((socket, _)) = connect_async(self.url.as_str()).await {
                    return socket;
                }
                // Another process reports nothing, so it is asked again.
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let socket =
            tokio::time::timeout(PATIENCE, connecting).await.context("the server does not come back")?;
        let (mut sink, stream) = socket.split();
        if self.mode == Mode::Archive {
            let hello = Call::Hello { name: "voice".to_owned() };
            let _ = sink.send(Message::text(serde_json::to_string(&hello)?)).await;
        }
        tokio::spawn(drain(stream));
        Ok(sink)
    }
}

/// What the server says is read, so that it can go on saying it.
async fn drain(mut stream: SplitStream<Socket>) {
    while let Some(Ok(_)) = stream.next().await {}
}
