//! Instants as dates of the calendar, in UTC.

use domain::Timestamp;
use time::{OffsetDateTime, PrimitiveDateTime};

/// `2026-11-24 15:20 UTC`
pub(crate) fn minute(at: Timestamp) -> String {
    let it = date(at);
    let (year, month, day) = (it.year(), u8::from(it.month()), it.day());
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", it.hour(), it.minute())
}

/// `2026-11-24-143800`, for the name of a file.
pub(crate) fn stamp(at: Timestamp) -> String {
    let it = date(at);
    let (year, month, day) = (it.year(), u8::from(it.month()), it.day());
    format!("{year:04}-{month:02}-{day:02}-{:02}{:02}{:02}", it.hour(), it.minute(), it.second())
}

/// The nearest that the calendar has: a certificate may claim any number.
fn date(at: Timestamp) -> OffsetDateTime {
    let edge = if at.0 < 0 { PrimitiveDateTime::MIN } else { PrimitiveDateTime::MAX };
    OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).unwrap_or(edge.assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_to_the_minute_and_to_the_second() {
        for (ms, to_minute, to_second) in [
            (0, "1970-01-01 00:00 UTC", "1970-01-01-000000"),
            (-60_000, "1969-12-31 23:59 UTC", "1969-12-31-235900"),
            (951_782_399_999, "2000-02-28 23:59 UTC", "2000-02-28-235959"),
            (4_107_542_400_000, "2100-03-01 00:00 UTC", "2100-03-01-000000"),
            (i64::MAX, "9999-12-31 23:59 UTC", "9999-12-31-235959"),
            (i64::MIN, "-9999-01-01 00:00 UTC", "-9999-01-01-000000"),
        ] {
            assert_eq!(minute(Timestamp(ms)), to_minute);
            assert_eq!(stamp(Timestamp(ms)), to_second);
        }
    }
}
