//! Two clocks against each other: the one of timers, and the one on the wall. Where they come apart, the computer has
//! slept (on Linux and macOS the clock of timers stands still meanwhile) or somebody has set the wall clock.

use domain::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// How often they are compared. A wake is found out after that time at the latest, where the system does not tell of it.
pub(crate) const LOOK: Duration = Duration::from_secs(5);

/// How far they must have come apart since the last look, in milliseconds: more than a busy machine makes them, and less
/// than any sleep that kills a connection.
const APART_MS: i64 = 5000;

/// Both clocks, as they were at the last look.
pub(crate) struct Clocks {
    wall: fn() -> Timestamp,
    last: (Instant, Timestamp),
}

impl Clocks {
    /// From now on.
    pub(crate) fn new(wall: fn() -> Timestamp) -> Self {
        Self { wall, last: (Instant::now(), wall()) }
    }

    /// Whether they have come apart since the last look.
    pub(crate) fn jumped(&mut self) -> bool {
        let now = (Instant::now(), (self.wall)());
        let (before, wall) = std::mem::replace(&mut self.last, now);
        let timers = i64::try_from(now.0.saturating_duration_since(before).as_millis()).unwrap_or(i64::MAX);
        let walls = now.1.0.saturating_sub(wall.0);
        walls.saturating_sub(timers).saturating_abs() > APART_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};
    use tokio::time::advance;

    static WALL: AtomicI64 = AtomicI64::new(1_000_000);

    async fn pass(timers_s: u64, wall_s: i64) {
        advance(Duration::from_secs(timers_s)).await;
        WALL.fetch_add(wall_s * 1000, Ordering::Relaxed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_jump_of_either_clock_is_seen_once() {
        let mut clocks = Clocks::new(|| Timestamp(WALL.load(Ordering::Relaxed)));
        for (timers, wall, jumped) in [
            (5, 5, false),
            (5, 9, false),
            // Asleep for an hour.
            (5, 3605, true),
            (5, 5, false),
            // The wall clock was set back.
            (5, -3600, true),
            // A busy machine looked late.
            (300, 300, false),
        ] {
            pass(timers, wall).await;
            assert_eq!(clocks.jumped(), jumped, "{timers} {wall}");
        }
    }
}
