//! What becomes of the bytes that a session leaves in the system's hands.
//!
//! The system goes on delivering for a quarter of an hour what a closed socket has taken, even when the line was given up
//! long before. A message that we call unconfirmed would then arrive behind the one that the user has sent in its place.
//! So a socket that is let go with anything unproven, whoever lets it go (a kill too), is reset and its queue thrown away.

use socket2::{SockRef, Socket};
use std::time::Duration;
use tokio::net::TcpStream;

/// A second handle of a session's TCP socket, beside whatever lies on that; the options of a socket are those of all its
/// handles.
#[derive(Debug, Default)]
pub(crate) struct Grip(Option<Socket>);

impl Grip {
    /// On this stream. A system that gives no second handle goes on delivering.
    pub(crate) fn on(stream: &TcpStream) -> Self {
        Self(SockRef::from(stream).try_clone().ok())
    }

    /// Whenever the socket is closed from now on, what was not delivered is forgotten.
    pub(crate) fn forget(&self) {
        self.linger(Some(Duration::ZERO));
    }

    /// What was not delivered when the socket is closed still is.
    pub(crate) fn deliver(&self) {
        self.linger(None);
    }

    fn linger(&self, time: Option<Duration>) {
        if let Some(socket) = &self.0 {
            // Of a socket that is gone already nothing is delivered.
            let _ = socket.set_linger(time);
        }
    }
}
