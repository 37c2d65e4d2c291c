//! A broadcast server that numbers what it says and writes down what it hears.
//!
//! What it says on its `c`th connection is `c.1 …`, `c.2 …`, sealed: ticks, and what clients said. What it heard is in
//! its record, a line each: `c` and a tab and the text; a connection begins with its number alone. The record outlives
//! the process, and a later one goes on counting. A line is on the disk's side of the process before the text is
//! repeated and before any later Ping is answered, so that a Pong never runs ahead of the record.

use super::seal;
use futures_util::{SinkExt, StreamExt};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// The code and the reason with which sessions are closed on demand.
pub const CLOSING: (u16, &str) = (4001, "as you wished");

/// What was heard on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Which, counted from 1 over all lives of the server.
    pub connection: u64,
    /// What.
    pub text: String,
}

/// What a record says: how many connections there were, and what was heard.
///
/// # Errors
/// When it cannot be read. One that is not there is empty.
pub fn read_record(path: &Path) -> io::Result<(u64, Vec<Heard>)> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        other => other?,
    };
    let mut heard = Vec::new();
    let mut connections = 0;
    // A last line without an end is still being written.
    for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        let (number, text) =
            line.split_once('\t').map_or((line, None), |(number, text)| (number, Some(text)));
        let Ok(connection) = number.parse::<u64>() else { continue };
        connections = connections.max(connection);
        heard.extend(text.map(|text| Heard { connection, text: text.to_owned() }));
    }
    Ok((connections, heard))
}

struct Record {
    file: File,
    connections: u64,
}

/// Serves on `address`, and says a tick every `tick`, until it is dropped. Each time `closing` changes, every session is
/// closed with [`CLOSING`].
///
/// # Errors
/// When the record cannot be opened, or the address is taken.
pub async fn serve(
    address: SocketAddr,
    record: &Path,
    tick: Duration,
    closing: watch::Receiver<u64>,
) -> io::Result<()> {
    let (connections, _) = read_record(record)?;
    let file = OpenOptions::new().create(true).append(true).open(record)?;
    let record = Arc::new(Mutex::new(Record { file, connections }));
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(stream, Arc::clone(&record), tick, closing.clone()));
    }
}

async fn connection(
    stream: TcpStream,
    record: Arc<Mutex<Record>>,
    tick: Duration,
    mut closing: watch::Receiver<u64>,
) -> Option<()> {
    closing.mark_unchanged();
    let _ = stream.set_nodelay(true);
    let mut socket = tokio_tungstenite::accept_async(stream).await.ok()?;
    let number = {
        let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
        record.connections += 1;
        let number = record.connections;
        writeln!(record.file, "{number}").ok()?;
        number
    };
    let mut ticks = tokio::time::interval(tick);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut said = 0_u64;
    loop {
        let text = tokio::select! {
            message = socket.next() => match message?.ok()? {
                Message::Text(text) => write(&record, number, text.as_str())?,
                Message::Close(_) => {
                    // tungstenite's answer leaves with the next turn.
                    let _ = socket.flush().await;
                    return None;
                }
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            },
            _ = ticks.tick() => "tick".to_owned(),
            Ok(()) = closing.changed() => {
                let (code, reason) = CLOSING;
                let _ = socket.close(Some(CloseFrame { code: code.into(), reason: reason.into() })).await;
                // What comes until the client answers is read, and so written down.
                while let Some(Ok(message)) = socket.next().await {
                    if let Message::Text(text) = message {
                        write(&record, number, text.as_str())?;
                    }
                }
                return None;
            }
        };
        said += 1;
        socket.send(Message::text(seal(&format!("{number}.{said} {text}")))).await.ok()?;
    }
}

fn write(record: &Mutex<Record>, number: u64, text: &str) -> Option<String> {
    let text = text.replace('\n', " ");
    let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(record.file, "{number}\t{text}").ok()?;
    Some(text)
}
