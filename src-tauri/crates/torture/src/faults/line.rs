//! What is wrong with an account's line at a time, and what the account may therefore say of it.

use domain::{CloseBy, Phase, ProxyFault, Reason};
use std::time::Duration;
use testkit::faults::room::CLOSING;
use tokio::time::Instant;

/// How long a fault may be the reason after it is over: until the next dial has failed or not.
const MEMORY: Duration = Duration::from_secs(5);

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Connections are reset; perhaps refused.
    Reset,
    /// Nothing passes, and nobody says so.
    Dead,
    /// Little passes.
    Slow,
    /// All passes, half a second later.
    Late,
    /// Bytes are changed.
    Spoilt,
    /// The server's process is gone.
    Killed,
    /// The server was asked to close.
    Closed,
    /// The cable is out.
    Pulled,
    /// The name has no address.
    Nameless,
    /// The proxy is gone.
    Proxyless,
    /// The program quits.
    Quit,
}

impl Trouble {
    /// Whether this can be why there is no connection.
    fn admits(self, reason: &Reason) -> bool {
        match self {
            Self::Reset => matches!(
                reason,
                Reason::Dropped { .. }
                    | Reason::Refused { .. }
                    | Reason::NotWebSocket { .. }
                    | Reason::Proxy { fault: ProxyFault::Unreachable, .. }
            ),
            Self::Proxyless => matches!(
                reason,
                Reason::Dropped { .. }
                    | Reason::NotWebSocket { .. }
                    | Reason::Proxy { fault: ProxyFault::Unreachable | ProxyFault::Other, .. }
            ),
            Self::Killed => matches!(
                reason,
                Reason::Dropped { .. }
                    | Reason::Refused { .. }
                    | Reason::NotWebSocket { .. }
                    | Reason::Proxy { fault: ProxyFault::Unreachable, .. }
            ),
            Self::Dead | Self::Slow => matches!(reason, Reason::Silent { .. } | Reason::TimedOut { .. }),
            Self::Late => matches!(reason, Reason::TimedOut { phase: Phase::Upgrade | Phase::Login, .. }),
            Self::Pulled => matches!(
                reason,
                Reason::Silent { .. }
                    | Reason::TimedOut { phase: Phase::Tcp | Phase::Upgrade | Phase::Dns, .. }
                    | Reason::Unreachable { .. }
                    | Reason::Dns { .. }
            ),
            // Changed bytes can say anything; but never that this program has a bug, or that nobody listens.
            Self::Spoilt => !matches!(
                reason,
                Reason::Internal { .. }
                    | Reason::Refused { .. }
                    | Reason::Dns { .. }
                    | Reason::Unreachable { .. }
            ),
            Self::Closed => {
                let (wished, words) = CLOSING;
                matches!(reason, Reason::Closed { code: Some(code), text, by: CloseBy::Server }
                    if *code == wished && text == words)
            }
            Self::Nameless => {
                matches!(reason, Reason::Dns { .. } | Reason::TimedOut { phase: Phase::Dns, .. })
            }
            Self::Quit => matches!(reason, Reason::Closed { by: CloseBy::Us, .. }),
        }
    }

    /// Whether a session cannot live with it, and how long it may take until that is known: `pulse` where nobody says so.
    fn ends_within(self, pulse: Duration) -> Option<Duration> {
        match self {
            Self::Dead | Self::Pulled => Some(pulse),
            Self::Killed | Self::Proxyless => Some(Duration::ZERO),
            Self::Reset
            | Self::Slow
            | Self::Late
            | Self::Spoilt
            | Self::Closed
            | Self::Nameless
            | Self::Quit => None,
        }
    }
}

/// The troubles of one line, past and present.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    all: Vec<(Trouble, Instant, Option<Instant>)>,
    /// When a full disk took something again, the last time.
    written: Option<Instant>,
}

impl Troubles {
    pub(super) fn begin(&mut self, trouble: Trouble) {
        self.all.push((trouble, Instant::now(), None));
    }

    /// What was begun has taken hold only now: who makes it takes his time.
    pub(super) fn holds(&mut self, trouble: Trouble) {
        for (_, from, _) in self.all.iter_mut().filter(|(of, _, until)| *of == trouble && until.is_none()) {
            *from = Instant::now();
        }
    }

    pub(super) fn end(&mut self, trouble: Trouble) {
        for (_, _, until) in self.all.iter_mut().filter(|(of, _, until)| *of == trouble && until.is_none()) {
            *until = Some(Instant::now());
        }
    }

    /// The disk was full since then, and is not any more. What could be a reason meanwhile counts as if it had ended now:
    /// nothing could be written down. A session that opened meanwhile begins now, on a line that may have died since.
    pub(super) fn written_again(&mut self, since: Instant) {
        self.written = Some(Instant::now());
        for until in self.all.iter_mut().filter_map(|(_, _, until)| until.as_mut()) {
            if *until + MEMORY >= since {
                *until = Instant::now();
            }
        }
    }

    /// Whether any trouble of now, or one that is over for not too long, can be why. Who looks `late` finds late.
    pub(super) fn admit(&self, reason: &Reason, late: Duration) -> bool {
        let fresh = |until: &Option<Instant>| until.is_none_or(|until| until.elapsed() <= MEMORY + late);
        self.all.iter().any(|(trouble, _, until)| fresh(until) && trouble.admits(reason))
    }

    /// The trouble that has gone on for longer than any session lives with it.
    pub(super) fn deadly(&self, pulse: Duration, slack: Duration) -> Option<(Trouble, Duration)> {
        self.all
            .iter()
            .filter(|(_, _, until)| until.is_none())
            .map(|(trouble, from, _)| (*trouble, self.written.map_or(*from, |at| at.max(*from)).elapsed()))
            .find(|(trouble, age)| trouble.ends_within(pulse).is_some_and(|limit| *age > limit + slack))
    }

    /// Whether bytes were ever changed.
    pub(super) fn spoilt(&self) -> bool {
        self.all.iter().any(|(trouble, _, _)| *trouble == Trouble::Spoilt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn dropped() -> Reason {
        Reason::Dropped { text: String::new() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reason_is_admitted_by_its_own_trouble_for_as_long_as_it_is_remembered() {
        let mut troubles = Troubles::default();
        assert!(!troubles.admit(&dropped(), Duration::ZERO), "nothing is wrong");
        troubles.begin(Trouble::Killed);
        assert!(troubles.admit(&dropped(), Duration::ZERO));
        assert!(
            !troubles.admit(&Reason::Silent { seconds: 2 }, Duration::ZERO),
            "who is killed is not silent"
        );
        troubles.end(Trouble::Killed);
        tokio::time::advance(MEMORY).await;
        assert!(troubles.admit(&dropped(), Duration::ZERO));
        tokio::time::advance(SECOND).await;
        assert!(!troubles.admit(&dropped(), Duration::ZERO), "it is over");
        assert!(troubles.admit(&dropped(), SECOND), "who looks late finds late");
        troubles.written_again(Instant::now() - SECOND);
        assert!(troubles.admit(&dropped(), Duration::ZERO), "a full disk kept it back");
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_outlives_a_dead_line_by_the_pulse_and_a_killed_server_not_at_all() {
        let mut troubles = Troubles::default();
        troubles.begin(Trouble::Dead);
        tokio::time::advance(2 * SECOND).await;
        assert_eq!(troubles.deadly(2 * SECOND, SECOND), None);
        tokio::time::advance(2 * SECOND).await;
        assert_eq!(troubles.deadly(2 * SECOND, SECOND), Some((Trouble::Dead, 4 * SECOND)));
        troubles.holds(Trouble::Dead);
        assert_eq!(troubles.deadly(2 * SECOND, SECOND), None, "it has taken hold only now");
        troubles.end(Trouble::Dead);
        troubles.begin(Trouble::Killed);
        tokio::time::advance(2 * SECOND).await;
        assert_eq!(troubles.deadly(2 * SECOND, SECOND), Some((Trouble::Killed, 2 * SECOND)));
    }
}
