//! Times and sizes. Whole numbers only, so that the window rounds alike.

use crate::{Tongue, say};

/// A number of seconds in its two greatest units: `8 s`, `2 min 5 s`, `1 h`, `3 d 4 h`.
#[must_use]
pub fn duration(tongue: Tongue, seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let name = match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, _) => "time.seconds",
        (0, 0, _, 0) => "time.minutes",
        (0, 0, _, _) => "time.minutesSeconds",
        (0, _, 0, _) => "time.hours",
        (0, _, _, _) => "time.hoursMinutes",
        (_, 0, _, _) => "time.days",
        (_, _, _, _) => "time.daysHours",
    };
    let values =
        [("days", days), ("hours", hours), ("minutes", minutes), ("seconds", seconds % 60)].map(written);
    say(tongue, name, &values.each_ref().map(|(slot, value)| (*slot, value.as_str())))
}

/// How long a step took, from microseconds: `0.4 ms`, `12 ms`, `1.5 s`.
#[must_use]
pub fn step_time(tongue: Tongue, us: u32) -> String {
    let us = u64::from(us);
    if us < 9_950 {
        return say(tongue, "time.milliseconds", &[("ms", &tenths((us + 50) / 100))]);
    }
    if us < 999_500 {
        return say(tongue, "time.milliseconds", &[("ms", &((us + 500) / 1000).to_string())]);
    }
    say(tongue, "time.seconds", &[("seconds", &tenths((us + 50_000) / 100_000))])
}

/// A number of bytes: `999 B`, `4.2 MB`.
#[must_use]
pub fn size(bytes: u32) -> String {
    let bytes = u64::from(bytes);
    let (unit, per) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => ("kB", 1_000),
        1_000_000..1_000_000_000 => ("MB", 1_000_000),
        _ => ("GB", 1_000_000_000),
    };
    let tenth = (bytes + per / 20) / (per / 10);
    if tenth % 10 == 0 {
        format!("{} {unit}", grouped(tenth / 10))
    } else {
        format!("{} {unit}", tenths(tenth))
    }
}

fn written((slot, value): (&'static str, u64)) -> (&'static str, String) {
    (slot, value.to_string())
}

fn tenths(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// `1,000` is the only number beyond 999 here: 999,950 bytes are 1,000 kB.
fn grouped(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
}
