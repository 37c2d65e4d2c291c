//! What quiet hours mean.

use crate::contract::Quiet;
use domain::Timestamp;

const MINUTE_MS: i64 = 60_000;
const DAY: i64 = 24 * 60;

/// Whether `at` lies in the quiet hours of a place whose clocks are `ahead` minutes ahead of UTC then. Hours that end
/// when they begin are the whole day.
pub(crate) fn is_quiet(quiet: Quiet, at: Timestamp, ahead: i32) -> bool {
    let minute = (at.0.div_euclid(MINUTE_MS) + i64::from(ahead)).rem_euclid(DAY);
    let (from, until) = (i64::from(quiet.from) % DAY, i64::from(quiet.until) % DAY);
    quiet.on && if from < until { (from..until).contains(&minute) } else { minute >= from || minute < until }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A time of a day in 2026, by UTC.
    fn at(hour: i64, minute: i64) -> Timestamp {
        Timestamp(1_795_910_400_000 + (hour * 60 + minute) * MINUTE_MS)
    }

    #[test]
    fn quiet_hours_are_of_the_place_and_may_last_over_midnight() {
        let night = Quiet { on: true, from: 22 * 60, until: 7 * 60 };
        for (hour, minute, quiet) in
            [(21, 59, false), (22, 0, true), (0, 0, true), (6, 59, true), (7, 0, false)]
        {
            assert_eq!(is_quiet(night, at(hour, minute), 0), quiet, "{hour}:{minute}");
        }
        // The same instants in Shanghai, in New York, and half an hour aside in Adelaide.
        assert!(is_quiet(night, at(14, 0), 8 * 60));
        assert!(!is_quiet(night, at(23, 0), 8 * 60));
        assert!(is_quiet(night, at(3, 0), -5 * 60));
        assert!(!is_quiet(night, at(2, 59), -5 * 60));
        assert!(is_quiet(night, at(12, 30), 9 * 60 + 30));
        let noon = Quiet { on: true, from: 12 * 60, until: 13 * 60 };
        assert!(
            is_quiet(noon, at(12, 59), 0) && !is_quiet(noon, at(13, 0), 0) && !is_quiet(noon, at(0, 0), 0)
        );
    }

    #[test]
    fn hours_without_a_length_are_the_whole_day_and_none_are_none() {
        let whole = Quiet { on: true, from: 60, until: 60 };
        assert!(is_quiet(whole, at(1, 0), 0) && is_quiet(whole, at(0, 59), 0));
        assert!(!is_quiet(Quiet { on: false, ..whole }, at(1, 0), 0));
        assert!(!is_quiet(Quiet::default(), at(23, 0), 0));
        // Before 1970 a minute is still one of its day.
        assert!(is_quiet(Quiet { on: true, from: 23 * 60, until: 0 }, Timestamp(-1), 0));
    }
}
