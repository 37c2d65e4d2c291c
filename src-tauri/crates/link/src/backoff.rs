//! How long to wait before dialling again: exponential with full jitter. Pure; chance is an argument.

use std::time::Duration;

/// The bounds of the waiting times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// The bound of the first.
    pub(crate) base: Duration,
    /// The bound of all.
    pub(crate) cap: Duration,
}

impl Backoff {
    /// The longest wait after the `strikes`th failure in a row; the first is 1.
    pub(crate) fn bound(&self, strikes: u32) -> Duration {
        let doublings = strikes.saturating_sub(1).min(31);
        self.base.saturating_mul(1_u32 << doublings).min(self.cap)
    }

    /// The wait after the `strikes`th failure in a row, at least `floor`. `chance` is from 0 to 1.
    ///
    /// Full jitter: anything from nothing to the bound, so that a thousand clients of a server that comes back do not
    /// come back together. A floor that the server asked for is spread too, upwards.
    pub(crate) fn wait(&self, strikes: u32, floor: Duration, chance: f64) -> Duration {
        floor.saturating_add(self.bound(strikes).mul_f64(chance.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PRODUCT: Backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(300) };

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        let seconds: Vec<u64> = (0..12).map(|strikes| PRODUCT.bound(strikes).as_secs()).collect();
        assert_eq!(seconds, [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(PRODUCT.bound(u32::MAX), PRODUCT.cap);
    }

    proptest! {
        #[test]
        fn a_wait_is_within_full_jitter_and_never_under_the_floor(
            strikes in any::<u32>(), floor in 0_u64..3600, chance in -1.0_f64..2.0,
        ) {
            let floor = Duration::from_secs(floor);
            let wait = PRODUCT.wait(strikes, floor, chance);
            prop_assert!(wait >= floor);
            prop_assert!(wait <= floor + PRODUCT.bound(strikes));
        }

        #[test]
        fn the_whole_range_is_used(strikes in 1_u32..20) {
            prop_assert_eq!(PRODUCT.wait(strikes, Duration::ZERO, 0.0), Duration::ZERO);
            prop_assert_eq!(PRODUCT.wait(strikes, Duration::ZERO, 1.0), PRODUCT.bound(strikes));
        }
    }
}
