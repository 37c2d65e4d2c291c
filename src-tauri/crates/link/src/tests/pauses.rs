//! Servers that take Pings in quick succession for a flood, and end the session.

use super::planned::{Plan, Planned};
use super::{ACCOUNT, command, spec, txn, until};
use crate::dial::Dial;
use crate::{Report, Spec, Supervisor, Timing};
use domain::{AccountConfig, RemoteConversation, Status};
use proto::{Adapter, ConfigFault, Descriptor, Endpoint, Opening, PLAIN, Protocol, Protocols};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

const PAUSE: Duration = Duration::from_secs(12);

static PROTOCOLS: Protocols = &[&Pausing];
static DESCRIPTOR: Descriptor = Descriptor { ping_pause: PAUSE, ..Descriptor::bare("pausing", "", 1024) };

/// The plain protocol with a pause between Pings.
struct Pausing;

impl Protocol for Pausing {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn endpoint(&self, config: &AccountConfig) -> Result<Endpoint, ConfigFault> {
        PLAIN.endpoint(config)
    }

    fn standing(&self) -> Vec<RemoteConversation> {
        Vec::new()
    }

    fn open(&self, opening: Opening<'_>) -> Box<dyn Adapter> {
        PLAIN.open(opening)
    }
}

#[tokio::test(start_paused = true)]
async fn pings_keep_their_distance_and_what_they_prove_waits_for_them() {
    let dial = Planned::new([Plan::Live(Duration::from_secs(3600))]);
    let (sender, mut batches) = mpsc::channel(64);
    let supervisor = Supervisor::with_dial(Arc::clone(&dial) as Arc<dyn Dial>, Timing::default(), sender);
    let mut supervisor = supervisor.speaking(PROTOCOLS);
    let config = AccountConfig { protocol: DESCRIPTOR.id.into(), ..spec().config };
    supervisor.start(Spec { config, ..spec() });
    let online = |report: &Report| matches!(report, Report::Status(Status::Online { .. })).then_some(());
    until(&mut batches, online).await;
    let sent = Instant::now();
    supervisor.send(ACCOUNT, command(1, 1)).unwrap();
    // Asked whether the line lives while no Ping may go out: the answer is not missed before it was asked for.
    supervisor.check_all();
    let arrived = until(&mut batches, |report| match report {
        Report::Arrived(txns) => Some(Ok(txns.clone())),
        Report::Ended { reason, .. } => Some(Err(reason.clone())),
        _ => None,
    });
    assert_eq!(arrived.await, Ok(vec![txn(1)]));
    assert!(sent.elapsed() <= PAUSE, "as soon as it may be: {:?}", sent.elapsed());
    let ended = until(&mut batches, |report| matches!(report, Report::Ended { .. }).then_some(()));
    assert!(timeout(Duration::from_secs(100), ended).await.is_err(), "the line lived on");
    let pings = dial.pings.lock().unwrap();
    assert!(pings.len() >= 4, "at once, for the message, and when idle: {}", pings.len());
    assert!(pings.windows(2).all(|pair| pair[1] - pair[0] >= PAUSE), "{pings:?}");
}
