//! A small IRC server of the modern kind: what InspIRCd lacks, after the specifications of <https://ircv3.net/irc/>.
//!
//! It keeps a history that can be asked for, read markers, redactions, messages of several lines and accounts. Whoever is
//! called `ann2` or `ann_` is `ann` on another device, so that one person can be there twice. [`state`] is what it knows and
//! answers, with no socket in it; here are the sockets. [`bulk`] is another server, for benches.

pub mod bulk;
mod history;
mod state;

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use state::State;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

/// A running server; its lines end when it is dropped.
#[derive(Debug)]
pub struct Ircd {
    port: u16,
    state: Arc<Mutex<State>>,
    cut: watch::Sender<u64>,
    door: JoinHandle<()>,
}

impl Ircd {
    /// Starts one on a free port of this computer.
    ///
    /// # Errors
    /// When the system gives no port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State::default()));
        let (cut, cuts) = watch::channel(0);
        let shared = Arc::clone(&state);
        let door = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), cuts.clone()));
            }
        });
        Ok(Self { port, state, cut, door })
    }

    /// The address to connect to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.port)
    }

    /// Somebody who is there without a line says something in a room.
    pub fn say(&self, nick: &str, room: &str, text: &str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).say(nick, room, text);
    }

    /// Lets only those into a room who say the key.
    pub fn lock(&self, room: &str, key: &str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).lock(room, key);
    }

    /// Ends every line as a broken network would, without a word.
    pub fn cut(&self) {
        self.cut.send_modify(|cuts| *cuts += 1);
    }

    /// What was said in a room, the oldest first; what was taken back is left out.
    #[must_use]
    pub fn said(&self, room: &str) -> Vec<(String, String)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).said(room)
    }
}

impl Drop for Ircd {
    fn drop(&mut self) {
        self.door.abort();
        self.cut();
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>, mut cuts: watch::Receiver<u64>) {
    let Ok(socket) = tokio_tungstenite::accept_async(stream).await else { return };
    let (mut out, mut lines) = socket.split();
    let (sender, mut answers) = mpsc::unbounded_channel::<String>();
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    let client = lock().enter(sender);
    cuts.mark_unchanged();
    loop {
        tokio::select! {
            _ = cuts.changed() => break,
            answer = answers.recv() => {
                let Some(answer) = answer else { break };
                if out.send(Message::text(answer)).await.is_err() {
                    break;
                }
            }
            frame = lines.next() => match frame {
                Some(Ok(Message::Text(line))) => lock().take(client, &line),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            },
        }
    }
    lock().leave(client);
}
