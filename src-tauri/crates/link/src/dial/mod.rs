//! From an endpoint to an open WebSocket: DNS, TCP, TLS, upgrade, each with its own limit inside one for all.
//!
//! One attempt may dial twice, since some servers must be asked in another way: without an `Origin` first, and with the
//! server's own after a 400 or 403. What worked is remembered for the next attempt.

mod dns;
mod refusal;
mod tcp;
mod tls;
mod upgrade;

pub use tls::{Tls, platform_tls};

use crate::timing::{Timing, seconds};
use crate::trace::Trace;
use crate::wire::{FailedWrite, Pipe, Tap, Wire};
use domain::{Phase, Reason, Refusal};
use proto::Endpoint;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
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
    pub(crate) origin: &'a mut Origin,
    /// Where the steps are recorded.
    pub(crate) trace: &'a Trace,
}

/// Whether the session depends on a subprotocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The protocol itself asks for one.
    Required,
    /// Only the user does, and is told if it was not taken.
    Wished,
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

/// An open WebSocket, and how it was reached.
pub(crate) struct Opened {
    /// The socket.
    pub(crate) wire: Wire,
    /// The address of the endpoint.
    pub(crate) url: String,
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

impl Dial for Network {
    fn dial<'a>(&'a self, order: Order<'a>) -> Dialled<'a> {
        Box::pin(self.attempt(order))
    }
}

impl Network {
    async fn attempt(&self, order: Order<'_>) -> Result<Opened, Reason> {
        let clock = Clock::start(self.timing.connect);
        let mut result = self.once(&order, &clock).await;
        if let Err(reason) = &result
            && wants_origin(reason, order.endpoint, *order.origin)
        {
            *order.origin = Origin::Server;
            result = self.once(&order, &clock).await;
        }
        if result.is_err() {
            // What did not help is not kept.
            *order.origin = Origin::None;
        }
        result
    }

    async fn once(&self, order: &Order<'_>, clock: &Clock) -> Result<Opened, Reason> {
        let trace = order.trace;
        let url = &order.endpoint.url;
        let host = url.host().ok_or_else(|| Reason::BadAddress { text: "it has no host".to_owned() })?;
        let port = url.port_or_known_default().unwrap_or(80);

        let addresses = clock.step(trace, Phase::Dns, self.timing.dns, dns::resolve(&host, port)).await?;

        let connecting = tcp::connect(addresses, self.timing.stagger);
        let (stream, address) = clock.step(trace, Phase::Tcp, self.timing.tcp, connecting).await?;
        trace.met(|peer| peer.address = Some(address.to_string()));

        let mut version = None;
        let mut failed_write = FailedWrite::TookNothing;
        let pipe: Box<dyn Pipe> = if url.scheme() == "wss" {
            let securing = tls::secure(stream, &host, &self.tls);
            let (stream, tls) = clock.step(trace, Phase::Tls, self.timing.tls, securing).await?;
            trace.met(|peer| peer.tls = tls.clone());
            version = tls;
            failed_write = FailedWrite::MayHaveTaken;
            Box::new(stream)
        } else {
            Box::new(stream)
        };

        let request = upgrade::request(order.endpoint, *order.origin)?;
        let (tap, returned) = Tap::new(pipe, failed_write);
        let compression = order.endpoint.compression;
        let upgrading = upgrade::upgrade(request, tap, returned, order.need, order.max_message, compression);
        let (wire, subprotocol) = clock.step(trace, Phase::Upgrade, self.timing.upgrade, upgrading).await?;
        trace.met(|peer| {
            peer.subprotocol = subprotocol.clone();
            peer.extensions = wire.extensions();
        });
        Ok(Opened { wire, url: url.to_string(), address: address.to_string(), tls: version, subprotocol })
    }
}

/// Some servers answer 400 or 403 to a handshake without an `Origin`.
fn wants_origin(reason: &Reason, endpoint: &Endpoint, origin: Origin) -> bool {
    let refused = matches!(
        reason,
        Reason::Status { status: 400, .. } | Reason::Status { refusal: Refusal::Forbidden, .. }
    );
    refused && endpoint.origin.is_none() && origin == Origin::None
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

    /// Takes a step within its own limit and the total, and records it.
    async fn step<T>(
        &self,
        trace: &Trace,
        phase: Phase,
        limit: Duration,
        work: impl Future<Output = Result<T, Reason>>,
    ) -> Result<T, Reason> {
        let left = self.end.saturating_duration_since(Instant::now());
        let given = if left < limit { self.total } else { limit };
        let begun = Instant::now();
        trace.begin(phase);
        match timeout(left.min(limit), work).await {
            Ok(Ok(value)) => {
                trace.finish(begun.elapsed());
                Ok(value)
            }
            Ok(Err(reason)) => Err(reason),
            Err(_) => Err(Reason::TimedOut { phase, seconds: seconds(given) }),
        }
    }
}
