//! From an endpoint to an open WebSocket: DNS, TCP, TLS, upgrade, each with its own limit inside one for all.
//!
//! One attempt may dial twice, since some servers must be asked in another way: without an `Origin` first, and with the
//! server's own after a 400 or 403. What worked is remembered for the next attempt.

mod certificate;
mod credentials;
mod dns;
mod login;
mod means;
mod proxy;
mod refusal;
mod tcp;
mod tls;
mod upgrade;
mod veil;
mod verifier;

pub use tls::{Tls, platform_tls};
pub(crate) use veil::Veil;
pub(crate) use verifier::Changed;

use crate::grip::Grip;
use crate::surroundings::Surroundings;
use crate::timing::{Timing, seconds};
use crate::trace::Trace;
use crate::wire::{FailedWrite, Pipe, Tap, Wire};
use domain::{AccountConfig, AccountId, Phase, Reason, Refusal, TlsFault};
use means::Means;
use proto::{Endpoint, Secret};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tls::Secured;
use tokio::time::{Instant, timeout};
use url::Host;

/// A way to reach servers. The product has one; tests have their own.
pub(crate) trait Dial: Send + Sync {
    /// One attempt.
    fn dial<'a>(&'a self, order: Order<'a>) -> Dialled<'a>;
}

/// The future of an attempt.
pub(crate) type Dialled<'a> = Pin<Box<dyn Future<Output = Result<Opened, Reason>> + Send + 'a>>;

/// What to reach, and how.
pub(crate) struct Order<'a> {
    /// For whom.
    pub(crate) account: AccountId,
    /// As the user wants it.
    pub(crate) config: &'a AccountConfig,
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
    /// What it lies on.
    pub(crate) grip: Grip,
    /// The address of the endpoint.
    pub(crate) url: String,
    /// The address that answered, with its port.
    pub(crate) address: String,
    /// The TLS version.
    pub(crate) tls: Option<String>,
    /// What the server chose.
    pub(crate) subprotocol: Option<String>,
    /// The secret of the log-in, for the protocol's own.
    pub(crate) secret: Option<Secret>,
    /// What an earlier session entrusted to us.
    pub(crate) entrusted: Option<Secret>,
    /// What the server may repeat of what it was told.
    pub(crate) veil: Veil,
}

/// Reaches servers over the network.
pub(crate) struct Network {
    /// Trust, secrets, the system's proxy.
    pub(crate) around: Surroundings,
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
        let means = self.gather(order.account, order.config, order.endpoint).await?;
        let clock = Clock::start(self.timing.connect);
        let mut result = self.once(&order, &means, &clock).await;
        if let Err(reason) = &result
            && wants_origin(reason, order.endpoint, *order.origin)
        {
            *order.origin = Origin::Server;
            result = self.once(&order, &means, &clock).await;
        }
        if result.is_err() {
            // What did not help is not kept.
            *order.origin = Origin::None;
        }
        result.map_err(|reason| means.veil.hide(reason))
    }

    async fn once(&self, order: &Order<'_>, means: &Means, clock: &Clock) -> Result<Opened, Reason> {
        let (trace, timing) = (order.trace, &self.timing);
        let Endpoint { url, compression, .. } = order.endpoint;
        let (pipe, address, grip) = self.connect(order, means, clock).await?;

        let mut tls = None;
        let mut wanted_ours = false;
        let mut failed_write = FailedWrite::TookNothing;
        let pipe = if url.scheme() == "wss" {
            let securing =
                tls::secure(pipe, url, &self.around.tls, &means.credentials, &order.config.trust.pins, trace);
            let secured: Secured = clock.step(trace, Phase::Tls, timing.tls, securing).await?;
            (tls, wanted_ours) = (secured.version, secured.wanted_ours);
            failed_write = FailedWrite::MayHaveTaken;
            secured.pipe
        } else {
            pipe
        };

        let request = upgrade::request(order.endpoint, *order.origin, means.log_in.as_ref())?;
        let (tap, returned) = Tap::new(pipe, failed_write);
        let upgrading = upgrade::upgrade(request, tap, returned, order.need, order.max_message, *compression);
        let upgraded = clock.step(trace, Phase::Upgrade, timing.upgrade, upgrading).await;
        let (wire, subprotocol) = upgraded.map_err(|reason| blame_tls(reason, trace, wanted_ours))?;
        trace.met(|peer| {
            peer.subprotocol = subprotocol.clone();
            peer.extensions = wire.extensions();
        });
        Ok(Opened {
            wire,
            grip,
            url: url.to_string(),
            address,
            tls,
            subprotocol,
            secret: means.log_in.clone(),
            entrusted: means.entrusted.clone(),
            veil: means.veil.clone(),
        })
    }

    /// A stream to the server, through the proxy where there is one, and the address that answered.
    async fn connect(
        &self,
        order: &Order<'_>,
        means: &Means,
        clock: &Clock,
    ) -> Result<(Box<dyn Pipe>, String, Grip), Reason> {
        let (trace, timing) = (order.trace, &self.timing);
        let url = &order.endpoint.url;
        let Some(via) = &means.via else {
            let host = url.host().ok_or_else(|| Reason::BadAddress { text: "it has no host".to_owned() })?;
            let port = url.port_or_known_default().unwrap_or(80);
            return self.reach(&host, port, trace, clock).await;
        };
        trace.met(|peer| peer.proxy = Some(via.name()));
        let (host, port) = via.place();
        let reached = self.reach(&host, port, trace, clock).await;
        let (pipe, address, grip) = reached.map_err(|reason| via.not_reached(reason))?;
        let pipe = clock.step(trace, Phase::Proxy, timing.proxy, via.go_on(pipe, url)).await?;
        Ok((pipe, address, grip))
    }

    async fn reach(
        &self,
        host: &Host<&str>,
        port: u16,
        trace: &Trace,
        clock: &Clock,
    ) -> Result<(Box<dyn Pipe>, String, Grip), Reason> {
        let addresses = clock.step(trace, Phase::Dns, self.timing.dns, dns::resolve(host, port)).await?;
        let connecting = tcp::connect(addresses, self.timing.stagger);
        let (stream, address) = clock.step(trace, Phase::Tcp, self.timing.tcp, connecting).await?;
        let address = address.to_string();
        trace.met(|peer| peer.address = Some(address.clone()));
        let grip = Grip::on(&stream);
        Ok((Box::new(stream), address, grip))
    }
}

/// What goes wrong after TLS may still be TLS's: in TLS 1.3 the server judges our certificate when we have begun to
/// speak, and nginx judges it with a page. A server that only asked for one may refuse us for any other cause.
fn blame_tls(reason: Reason, trace: &Trace, wanted_ours: bool) -> Reason {
    let certificate = || trace.peer().certificate.map(Box::new);
    match reason {
        Reason::Tls { fault, text, certificate: None } => {
            Reason::Tls { fault, text, certificate: certificate() }
        }
        Reason::Status { status, text, .. } if wanted_ours && judges_certificates(status, &text) => {
            Reason::Tls { fault: TlsFault::ClientCertificateWanted, text, certificate: certificate() }
        }
        reason @ (Reason::BadAddress { .. }
        | Reason::Dns { .. }
        | Reason::Refused { .. }
        | Reason::Unreachable { .. }
        | Reason::TimedOut { .. }
        | Reason::Tls { .. }
        | Reason::Proxy { .. }
        | Reason::Secret { .. }
        | Reason::File { .. }
        | Reason::Status { .. }
        | Reason::NotWebSocket { .. }
        | Reason::Subprotocol { .. }
        | Reason::Closed { .. }
        | Reason::Dropped { .. }
        | Reason::Silent { .. }
        | Reason::TooBig { .. }
        | Reason::NotLetIn { .. }
        | Reason::BrokenFrames { .. }
        | Reason::Internal { .. }) => reason,
    }
}

/// Whether an answer is nginx's verdict on our certificate: its own statuses, or 400 with its page about them.
fn judges_certificates(status: u16, text: &str) -> bool {
    match status {
        495 | 496 => true,
        400 => ["No required SSL certificate was sent", "The SSL certificate error"]
            .iter()
            .any(|said| text.contains(said)),
        _ => false,
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
