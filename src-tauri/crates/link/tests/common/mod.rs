//! What the tests of the link share: an account, its reports, and waiting for them.

#![allow(
    dead_code,
    clippy::wildcard_enum_match_arm,
    reason = "each test file uses its own part, and looks for one case"
)]

use domain::{
    AccountConfig, AccountId, Body, Command, ConversationKey, Event, Reason, SecretKind, Status, TxnId,
};
use link::{Asked, Batch, Report, Secrets, Spec, Supervisor, Surroundings, Timing, Tls};
use proto::Secret;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use testkit::server::Authority;
use tokio::sync::mpsc;

/// How long a report may take before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const ACCOUNT: AccountId = AccountId(1);

/// Short enough for a test, long enough for a loaded machine.
pub(crate) fn quick() -> Timing {
    Timing {
        backoff_base: Duration::from_millis(20),
        backoff_cap: Duration::from_millis(40),
        ..Timing::default()
    }
}

/// Trust in this authority alone.
pub(crate) fn tls(authority: &Authority) -> Tls {
    Tls::trusting(authority.roots().unwrap()).unwrap()
}

/// Whoever keeps one secret for everything.
pub(crate) struct Keeps(pub(crate) Secret);

impl Keeps {
    /// With trust in an authority that vouches for nobody.
    pub(crate) fn around(secret: &str) -> Surroundings {
        let secrets = Arc::new(Self(Secret(secret.to_owned())));
        Surroundings { secrets, ..Surroundings::from(tls(&Authority::new().unwrap())) }
    }
}

impl Secrets for Keeps {
    fn secret(&self, _: AccountId, _: SecretKind) -> Asked<'_> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// A supervisor and everything that it reported.
pub(crate) struct Rig {
    pub(crate) supervisor: Supervisor,
    pub(crate) batches: mpsc::Receiver<Batch>,
    /// All reports so far, with account and session.
    pub(crate) seen: Vec<(AccountId, u64, Report)>,
    /// What came and was not looked at yet.
    waiting: VecDeque<(AccountId, u64, Report)>,
}

impl Rig {
    pub(crate) fn new(timing: Timing) -> Self {
        Self::with(&Authority::new().unwrap(), timing, 64)
    }

    pub(crate) fn with(authority: &Authority, timing: Timing, queue: usize) -> Self {
        Self::queued(tls(authority).into(), timing, queue)
    }

    /// With more around it than trust.
    pub(crate) fn around(around: Surroundings, timing: Timing) -> Self {
        Self::queued(around, timing, 64)
    }

    fn queued(around: Surroundings, timing: Timing, queue: usize) -> Self {
        let (sender, batches) = mpsc::channel(queue);
        let supervisor = Supervisor::new(around, timing, sender);
        Self { supervisor, batches, seen: Vec::new(), waiting: VecDeque::new() }
    }

    /// The same with other protocols.
    pub(crate) fn speaking(timing: Timing, protocols: proto::Protocols) -> Self {
        let mut rig = Self::new(timing);
        rig.supervisor = rig.supervisor.speaking(protocols);
        rig
    }

    pub(crate) fn start(&mut self, url: &str) {
        self.start_with(ACCOUNT, plain(url));
    }

    pub(crate) fn start_with(&mut self, account: AccountId, config: AccountConfig) {
        self.supervisor.start(Spec { account, config, resume: None, run: 1 });
    }

    pub(crate) fn send(&self, n: u32) {
        self.supervisor.send(ACCOUNT, command(n)).unwrap();
    }

    /// Reads on until a report of the account fulfils the condition, and gives what it picks.
    pub(crate) async fn until_of<T>(
        &mut self,
        account: AccountId,
        mut pick: impl FnMut(&Report) -> Option<T>,
    ) -> T {
        loop {
            while let Some((of, session, report)) = self.waiting.pop_front() {
                let picked = if of == account { pick(&report) } else { None };
                self.seen.push((of, session, report));
                if let Some(picked) = picked {
                    return picked;
                }
            }
            let batch = tokio::time::timeout(PATIENCE, self.batches.recv()).await;
            let Ok(Some(batch)) = batch else { panic!("never reported; so far {:#?}", self.seen) };
            let Batch { account, session, reports, .. } = batch;
            self.waiting.extend(reports.into_iter().map(|report| (account, session, report)));
        }
    }

    pub(crate) async fn until<T>(&mut self, pick: impl FnMut(&Report) -> Option<T>) -> T {
        self.until_of(ACCOUNT, pick).await
    }

    pub(crate) async fn until_online(&mut self) {
        self.until(|report| matches!(report, Report::Status(Status::Online { .. })).then_some(())).await;
    }

    /// Reads on until the account has been online, be it before this call.
    pub(crate) async fn until_was_online(&mut self, account: AccountId) {
        let online = |report: &Report| matches!(report, Report::Status(Status::Online { .. }));
        if !self.seen.iter().any(|(of, _, report)| *of == account && online(report)) {
            self.until_of(account, |report| online(report).then_some(())).await;
        }
    }

    /// The reason of the next `Waiting` or `Stopped`.
    pub(crate) async fn until_down(&mut self) -> Reason {
        self.until(|report| match report {
            Report::Status(Status::Waiting { reason, .. } | Status::Stopped { reason }) => {
                Some(reason.clone())
            }
            _ => None,
        })
        .await
    }

    /// Reason and unsent messages of the next `Ended`.
    pub(crate) async fn until_ended(&mut self) -> (Reason, Vec<TxnId>) {
        self.until(|report| match report {
            Report::Ended { reason, unsent, .. } => Some((reason.clone(), unsent.clone())),
            _ => None,
        })
        .await
    }

    pub(crate) async fn until_arrived(&mut self, n: u32) {
        let wanted = txn(n);
        if self.arrived().contains(&wanted) {
            return;
        }
        self.until(|report| match report {
            Report::Arrived(txns) => txns.contains(&wanted).then_some(()),
            _ => None,
        })
        .await;
    }

    pub(crate) fn arrived(&self) -> Vec<TxnId> {
        self.seen
            .iter()
            .filter_map(
                |(_, _, report)| if let Report::Arrived(txns) = report { Some(txns.clone()) } else { None },
            )
            .flatten()
            .collect()
    }

    /// The texts of all messages of the account, in order.
    pub(crate) fn texts(&self, account: AccountId) -> Vec<String> {
        self.seen
            .iter()
            .filter(|(of, _, _)| *of == account)
            .filter_map(|(_, _, report)| text(report))
            .collect()
    }

    pub(crate) fn statuses(&self) -> Vec<Status> {
        self.seen
            .iter()
            .filter_map(
                |(_, _, report)| {
                    if let Report::Status(status) = report { Some(status.clone()) } else { None }
                },
            )
            .collect()
    }
}

pub(crate) fn plain(url: &str) -> AccountConfig {
    AccountConfig { protocol: "plain".into(), url: url.into(), ..AccountConfig::default() }
}

pub(crate) fn txn(n: u32) -> TxnId {
    TxnId::parse(format!("t{n}")).unwrap()
}

pub(crate) fn command(n: u32) -> Command {
    Command::say(txn(n), ConversationKey("stream".into()), Body::text(format!("m{n}")))
}

pub(crate) fn text(report: &Report) -> Option<String> {
    match report {
        Report::Event { event: Event::Message { message }, .. } => Some(message.body.to_plain()),
        _ => None,
    }
}
