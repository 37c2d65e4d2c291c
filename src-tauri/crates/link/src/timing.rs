//! How long things may take. The defaults are the product's; tests shorten them.

use domain::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From the first question to the resolver to the end of the opening handshake.
    pub connect: Duration,
    /// Asking for addresses.
    pub dns: Duration,
    /// Opening a TCP connection, all addresses together.
    pub tcp: Duration,
    /// The lead that one address has over the next (RFC 8305 §5, Connection Attempt Delay).
    pub stagger: Duration,
    /// The proxy's way to the server.
    pub proxy: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// The WebSocket opening handshake.
    pub upgrade: Duration,
    /// The protocol's own log-in, from the open socket to `Event::Online`.
    pub login: Duration,
    /// How long after the last Ping the next is sent, whatever else passes. Reverse proxies commonly cut a line after 60 s
    /// without a word.
    pub idle: Duration,
    /// How long the answer to a Ping may take when nothing else comes either.
    pub pong: Duration,
    /// How long a sign of life may take after the computer has slept or its network has changed.
    pub check: Duration,
    /// How long the answer to our Close frame is waited for; some servers never give it.
    pub close: Duration,
    /// The first bound of the backoff.
    pub backoff_base: Duration,
    /// The last bound of the backoff.
    pub backoff_cap: Duration,
    /// How long a session must have been online, and the server have said anything, to count as one that held: a server
    /// which takes everybody in and throws them out at once, or answers nobody, is not dialled in quick succession for ever.
    pub settled: Duration,
    /// How long reports are gathered before the engine gets them: one frame of a 60 Hz screen.
    pub gather: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            dns: Duration::from_secs(6),
            tcp: Duration::from_secs(10),
            stagger: Duration::from_millis(250),
            proxy: Duration::from_secs(10),
            tls: Duration::from_secs(8),
            upgrade: Duration::from_secs(10),
            login: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            pong: Duration::from_secs(20),
            check: Duration::from_secs(2),
            close: Duration::from_secs(2),
            backoff_base: Duration::from_secs(1),
            backoff_cap: Duration::from_secs(300),
            settled: Duration::from_secs(5),
            gather: Duration::from_millis(16),
        }
    }
}

/// The time on the wall, for stamps; may jump.
pub(crate) fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Whole seconds for a person to read, rounded up.
pub(crate) fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}
