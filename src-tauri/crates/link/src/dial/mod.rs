//! From an endpoint to an open WebSocket: DNS, TCP, TLS, upgrade, each with its own limit inside one for all.
//!
//! One attempt may dial up to three times, since some servers must be asked in another way: without an `Origin` first,
//! and with the server's own after a 400 or 403; with subprotocols first, and without where the server chose none and
//! the protocol itself needs none. What worked is remembered for the next attempt.

mod dns;
mod refusal;
mod tcp;
mod tls;
mod upgrade;

pub use tls::{Tls, platform_tls};

use crate::timing::{Timing, seconds};
use crate::wire::{FailedWrite, Pipe, Tap, Wire};
use domain::{Phase, Reason, Refusal};
use proto::Endpoint;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// A way to reach servers. The product has one; tests have their own.
pub(crate) trait Dial: Send + Sync {
    /// One attempt.
    fn dial<'a>(&'a self, order: Order<'a>) -> Dialled<'a>;
}

/// The future of an attempt.
pub(crate) type Dialled<'a> = Pin<Box<dyn Future<Output = Result<Opened, Reason>> + Send + 'a>>;

/// What to reach, and how.
pub(crate) struct Order<'a> {
    /// Where.
    pub(crate) endpoint: &'a Endpoint,
    /// Whether the protocol can do without its subprotocol.
    pub(crate) need: Need,
    /// The most bytes of one message.
    pub(crate) max_message: u32,
    /// How to ask; changed by what the server answers.
    pub(crate) manner: &'a mut Manner,
    /// Hears of each phase as it begins.
    pub(crate) phases: mpsc::Sender<Phase>,
}

/// Whether the session depends on a subprotocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The protocol itself asks for one.
    Required,
    /// Only the user does, and is told if it was not taken.
    Wished,
}

/// How a server is to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    /// Which `Origin`, where the user set none.
    pub(crate) origin: Origin,
    /// Whether subprotocols are offered.
    pub(crate) offer: Offer,
}

/// Which `Origin` is sent where the user set none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// None: what is not a browser has none (RFC 6455 §10.2).
    #[default]
    None,
    /// The server's own, for servers that insist on one.
    Server,
}

/// Whether subprotocols are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Offer {
    /// All of the endpoint's.
    #[default]
    All,
    /// None, since the server chose none.
    None,
}

/// An open WebSocket, and how it was reached.
pub(crate) struct Opened {
    /// The socket.
    pub(crate) wire: Wire,
    /// The address that answered, with its port.
    pub(crate) address: String,
    /// The TLS version.
    pub(crate) tls: Option<String>,
    /// What the server chose.
    pub(crate) subprotocol: Option<String>,
}

/// Reaches servers over the network.
pub(crate) struct Network {
    /// Trust and versions.
    pub(crate) tls: Tls,
    /// Limits.
    pub(crate) timing: Timing,
}

/// How often one attempt may ask in another manner: once per thing that can be changed.
const MANNERS: u32 = 2;

impl Dial for Network {
    fn dial<'a>(&'a self, order: Order<'a>) -> Dialled<'a> {
        Box::pin(self.attempt(order))
    }
}

impl Network {
    async fn attempt(&self, order: Order<'_>) -> Result<Opened, Reason> {
        let clock = Clock::start(self.timing.connect);
        for _ in 0..MANNERS {
            match self.once(&order, &clock).await {
                Err(Fault::NoSubprotocol) if order.need == Need::Wished => order.manner.offer = Offer::None,
                Err(Fault::Final(reason)) if wants_origin(&reason, order.endpoint, *order.manner) => {
                    order.manner.origin = Origin::Server;
                }
                other => return finish(other, order.manner),
            }
        }
        let last = self.once(&order, &clock).await;
        finish(last, order.manner)
    }

    async fn once(&self, order: &Order<'_>, clock: &Clock) -> Result<Opened, Fault> {
        let say = |phase| {
            // A full channel loses a phase that is over already.
            let _ = order.phases.try_send(phase);
        };
        let url = &order.endpoint.url;
        let host = url.host().ok_or_else(|| Reason::BadAddress { text: "it has no host".to_owned() })?;
        let port = url.port_or_known_default().unwrap_or(80);

        say(Phase::Dns);
        let addresses = clock.limit(Phase::Dns, self.timing.dns, dns::resolve(&host, port)).await?;

        say(Phase::Tcp);
        let connecting = tcp::connect(addresses, self.timing.stagger);
        let (stream, address) = clock.limit(Phase::Tcp, self.timing.tcp, connecting).await?;

        let mut version = None;
        let mut failed_write = FailedWrite::TookNothing;
        let pipe: Box<dyn Pipe> = if url.scheme() == "wss" {
            say(Phase::Tls);
            let securing = tls::secure(stream, &host, Arc::clone(&self.tls));
            let (stream, tls) = clock.limit(Phase::Tls, self.timing.tls, securing).await?;
            version = tls;
            failed_write = FailedWrite::MayHaveTaken;
            Box::new(stream)
        } else {
            Box::new(stream)
        };

        say(Phase::Upgrade);
        let request = upgrade::request(order.endpoint, *order.manner)?;
        let (tap, returned) = Tap::new(pipe, failed_write);
        let upgrading = upgrade::upgrade(request, tap, returned, order.max_message);
        let (wire, subprotocol) = clock.limit(Phase::Upgrade, self.timing.upgrade, upgrading).await?;
        Ok(Opened { wire, address: address.to_string(), tls: version, subprotocol })
    }
}

/// What is left when an attempt is over. What was learnt about a manner that did not help is forgotten.
fn finish(result: Result<Opened, Fault>, manner: &mut Manner) -> Result<Opened, Reason> {
    result.map_err(|fault| {
        *manner = Manner::default();
        fault.into_reason()
    })
}

/// Lab finding: some servers answer 400 or 403 to a handshake without an `Origin`.
fn wants_origin(reason: &Reason, endpoint: &Endpoint, manner: Manner) -> bool {
    let refused = matches!(
        reason,
        Reason::Status { status: 400, .. } | Reason::Status { refusal: Refusal::Forbidden, .. }
    );
    refused && endpoint.origin.is_none() && manner.origin == Origin::None
}

/// Why one way of asking failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Subprotocols were offered and the server chose none.
    NoSubprotocol,
    /// Anything else.
    Final(Reason),
}

impl From<Reason> for Fault {
    fn from(reason: Reason) -> Self {
        Self::Final(reason)
    }
}

impl Fault {
    fn into_reason(self) -> Reason {
        match self {
            Self::NoSubprotocol => Reason::Subprotocol { chosen: None },
            Self::Final(reason) => reason,
        }
    }
}

/// The time that is left for the whole attempt.
struct Clock {
    end: Instant,
    total: Duration,
}

impl Clock {
    fn start(total: Duration) -> Self {
        Self { end: Instant::now() + total, total }
    }

    /// Runs a phase within its own limit and the total.
    async fn limit<T, E: Into<Fault>>(
        &self,
        phase: Phase,
        limit: Duration,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Fault> {
        let left = self.end.saturating_duration_since(Instant::now());
        let given = if left < limit { self.total } else { limit };
        match timeout(left.min(limit), work).await {
            Ok(result) => result.map_err(Into::into),
            Err(_) => Err(Fault::Final(Reason::TimedOut { phase, seconds: seconds(given) })),
        }
    }
}
