//! The addresses of an account, and which of them is tried next. Pure; the time is an argument.
//!
//! A round tries each address once, the healthiest first, one right after the other; only between rounds is there a
//! wait. Healthy is what failed least since it last worked; of two the one that the user named first. So a line that
//! breaks is looked for elsewhere at once, and a better address is gone back to when the line breaks, not before.

use crate::dial::Origin;
use domain::{AccountConfig, Reason, Retry};
use std::time::Duration;
use tokio::time::Instant;

/// The addresses of an account.
pub(crate) struct Ways {
    ways: Vec<Way>,
}

/// One address.
struct Way {
    url: String,
    /// How its server was last asked with success.
    origin: Origin,
    /// Failures since it last worked.
    failures: u32,
    /// In this round.
    tried: bool,
    /// Only the user can change something.
    barred: bool,
    /// Its server asked to be left alone until then.
    not_before: Option<Instant>,
    /// Why it failed last.
    reason: Option<Reason>,
}

/// A round is over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// No address is worth another try until the user changes something.
    Stop(Reason),
    /// The next round may begin after this time.
    Wait(Duration, Reason),
}

impl Ways {
    /// The addresses of a configuration, in the user's order; each once.
    pub(crate) fn of(config: &AccountConfig) -> Self {
        let mut ways: Vec<Way> = Vec::new();
        for url in std::iter::once(&config.url).chain(&config.fallbacks) {
            if !ways.iter().any(|way| way.url == *url) {
                ways.push(Way {
                    url: url.clone(),
                    origin: Origin::None,
                    failures: 0,
                    tried: false,
                    barred: false,
                    not_before: None,
                    reason: None,
                });
            }
        }
        Self { ways }
    }

    /// The next to try in this round; `None`: the round is over.
    pub(crate) fn next(&self, now: Instant) -> Option<usize> {
        let ready = |way: &Way| !way.tried && !way.barred && way.not_before.is_none_or(|at| at <= now);
        let ready = self.ways.iter().enumerate().filter(|(_, way)| ready(way));
        ready.min_by_key(|(index, way)| (way.failures, *index)).map(|(index, _)| index)
    }

    /// Its address.
    pub(crate) fn url(&self, index: usize) -> &str {
        self.ways.get(index).map_or("", |way| way.url.as_str())
    }

    /// How its server was last asked with success.
    pub(crate) fn origin(&self, index: usize) -> Origin {
        self.ways.get(index).map_or(Origin::None, |way| way.origin)
    }

    /// Its server was asked so.
    pub(crate) fn asked(&mut self, index: usize, origin: Origin) {
        if let Some(way) = self.ways.get_mut(index) {
            way.origin = origin;
        }
    }

    /// It gave a session that lasted: with its end begins a round in which it has had its turn.
    pub(crate) fn worked(&mut self, index: usize) {
        for way in &mut self.ways {
            way.tried = false;
        }
        if let Some(way) = self.ways.get_mut(index) {
            way.failures = 0;
        }
    }

    /// It gave no session, or its session is over.
    pub(crate) fn failed(&mut self, index: usize, reason: Reason, now: Instant) {
        let Some(way) = self.ways.get_mut(index) else { return };
        way.failures = way.failures.saturating_add(1);
        way.tried = true;
        match reason.retry() {
            Retry::Never => way.barred = true,
            Retry::After { seconds } => {
                let floor = Duration::from_secs(u64::from(seconds));
                way.not_before = (!floor.is_zero()).then(|| now + floor);
            }
        }
        way.reason = Some(reason);
    }

    /// What comes after a round, and begins the next. `latest` is why the last try failed.
    pub(crate) fn round(&mut self, latest: Reason, now: Instant) -> Over {
        for way in &mut self.ways {
            way.tried = false;
        }
        let open = self.ways.iter().filter(|way| !way.barred);
        let left = |way: &Way| way.not_before.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        match open.min_by_key(|way| left(way)) {
            Some(way) => {
                // Of several, the reason of one that can still work: waiting does not help the others.
                let reason = if matches!(latest.retry(), Retry::Never) { way.reason.clone() } else { None };
                Over::Wait(left(way), reason.unwrap_or(latest))
            }
            None => {
                let first = self.ways.first().and_then(|way| way.reason.clone());
                Over::Stop(first.unwrap_or(latest))
            }
        }
    }

    /// The user wants another try: all are worth one.
    pub(crate) fn again(&mut self) {
        for way in &mut self.ways {
            (way.tried, way.barred, way.not_before) = (false, false, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Refusal;

    fn ways(fallbacks: &[&str]) -> Ways {
        Ways::of(&AccountConfig {
            url: "ws://a".into(),
            fallbacks: fallbacks.iter().map(|&url| url.to_owned()).collect(),
            ..AccountConfig::default()
        })
    }

    fn gone() -> Reason {
        Reason::Dropped { text: String::new() }
    }

    fn status(refusal: Refusal) -> Reason {
        Reason::Status { status: 0, refusal, text: String::new() }
    }

    #[test]
    fn a_round_tries_each_once_and_the_healthiest_first() {
        let now = Instant::now();
        let mut ways = ways(&["ws://b", "ws://a", "ws://c"]);
        let mut order = Vec::new();
        for _ in 0..3 {
            while let Some(way) = ways.next(now) {
                order.push(ways.url(way).trim_start_matches("ws://").to_owned());
                if order.len() == 2 {
                    ways.worked(way);
                }
                ways.failed(way, gone(), now);
            }
            order.push("wait".to_owned());
            assert_eq!(ways.round(gone(), now), Over::Wait(Duration::ZERO, gone()));
        }
        // The second worked, and broke: the others get another chance at once, the one that failed least first.
        assert_eq!(order.join(" "), "a b c a wait b c a wait b c a wait");
    }

    #[test]
    fn a_refusal_bars_one_address_and_not_the_others() {
        let now = Instant::now();
        let mut ways = ways(&["ws://b"]);
        ways.failed(0, status(Refusal::Forbidden), now);
        assert_eq!(ways.next(now), Some(1));
        ways.failed(1, gone(), now);
        assert_eq!(ways.round(gone(), now), Over::Wait(Duration::ZERO, gone()));
        assert_eq!(ways.next(now), Some(1), "waiting does not help the first");
        ways.failed(1, status(Refusal::Redirect { location: None }), now);
        let latest = status(Refusal::Redirect { location: None });
        assert_eq!(ways.round(latest, now), Over::Stop(status(Refusal::Forbidden)));
        assert_eq!(ways.next(now), None);
        ways.again();
        assert_eq!(ways.next(now), Some(0));
    }

    #[test]
    fn each_server_is_left_alone_for_as_long_as_it_asked() {
        let now = Instant::now();
        let seconds = Duration::from_secs;
        let mut ways = ways(&["ws://b"]);
        ways.failed(0, status(Refusal::TooMany { retry_after_s: Some(60) }), now);
        let later = status(Refusal::TooMany { retry_after_s: Some(9) });
        ways.failed(1, later.clone(), now);
        assert_eq!(ways.round(later.clone(), now), Over::Wait(seconds(9), later));
        assert_eq!(ways.next(now + seconds(8)), None);
        assert_eq!(ways.next(now + seconds(9)), Some(1));
        assert_eq!(ways.next(now + seconds(60)), Some(0));
    }
}
