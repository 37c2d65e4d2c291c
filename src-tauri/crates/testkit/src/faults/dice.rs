//! Chance whose whole state is a seed: the same seed is the same schedule, whatever a crate's next version does.

use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice that fall as the seed says.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Any number.
    pub fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `from` to before `end`; `from` where there is none.
    pub fn between(&mut self, from: u64, end: u64) -> u64 {
        let span = end.saturating_sub(from).max(1);
        from + self.roll() % span
    }

    /// A time of `from` to `end` milliseconds.
    pub fn millis(&mut self, from: u64, end: u64) -> Duration {
        Duration::from_millis(self.between(from, end))
    }

    /// Whether something happens that happens once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.between(0, times) == 0
    }

    /// One of them.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let index = self.between(0, all.len() as u64);
        all.get(usize::try_from(index).unwrap_or_default()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_everything() {
        let rolls = |seed| {
            let mut dice = Dice::new(seed);
            (0..4).map(|_| dice.roll()).collect::<Vec<_>>()
        };
        assert_eq!(rolls(0).first(), Some(&0xe220_a839_7b1d_cdaf), "the published first value of seed 0");
        assert_eq!(rolls(7), rolls(7));
        assert_ne!(rolls(7), rolls(8));
    }

    #[test]
    fn a_range_is_kept() {
        let mut dice = Dice::new(3);
        assert!((0..1000).all(|_| (5..9).contains(&dice.between(5, 9))));
        assert_eq!(dice.between(5, 5), 5);
        assert_eq!(dice.one_of::<u8>(&[]), None);
    }
}
