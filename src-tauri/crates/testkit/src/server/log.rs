//! What a scripted server heard.

use std::net::SocketAddr;
use tokio::sync::watch;

/// What a server heard, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// How many connections there were.
    pub connections: u32,
    /// Where each came from.
    pub peers: Vec<SocketAddr>,
    /// All of it.
    pub heard: Vec<Heard>,
}

/// One thing that was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// On which connection, counted from 1.
    pub connection: u32,
    /// What.
    pub what: What,
}

/// What can be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The head of the opening handshake.
    Request(String),
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A Ping.
    Ping(Vec<u8>),
    /// A Pong.
    Pong(Vec<u8>),
    /// A Close frame: its code and reason.
    Close(Option<u16>, String),
    /// The client ended the stream.
    End,
    /// The TLS handshake failed.
    NoTls,
    /// The script is over.
    Left,
}

impl Log {
    /// All text messages, of all connections.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.heard
            .iter()
            .filter_map(|heard| if let What::Text(text) = &heard.what { Some(text.as_str()) } else { None })
            .collect()
    }

    /// All heads of opening handshakes.
    #[must_use]
    pub fn requests(&self) -> Vec<&str> {
        self.heard
            .iter()
            .filter_map(
                |heard| if let What::Request(head) = &heard.what { Some(head.as_str()) } else { None },
            )
            .collect()
    }

    /// All Close frames' codes.
    #[must_use]
    pub fn closes(&self) -> Vec<Option<u16>> {
        self.heard
            .iter()
            .filter_map(|heard| if let What::Close(code, _) = &heard.what { Some(*code) } else { None })
            .collect()
    }

    /// How many Pings came.
    #[must_use]
    pub fn pings(&self) -> usize {
        self.heard.iter().filter(|heard| matches!(heard.what, What::Ping(_))).count()
    }

    /// Whether that was heard on any connection.
    #[must_use]
    pub fn has(&self, what: &What) -> bool {
        self.heard.iter().any(|heard| heard.what == *what)
    }
}

pub(super) fn connected(log: &watch::Sender<Log>, from: SocketAddr) -> u32 {
    let mut number = 0;
    log.send_modify(|log| {
        log.connections += 1;
        log.peers.push(from);
        number = log.connections;
    });
    number
}

pub(super) fn add(log: &watch::Sender<Log>, connection: u32, what: What) {
    log.send_modify(|log| log.heard.push(Heard { connection, what }));
}
