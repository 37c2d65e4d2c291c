//! Times and names of lines: `server-time`, `msgid`, and names of our own making where a server gives none.
//!
//! <https://ircv3.net/specs/extensions/server-time>, <https://ircv3.net/specs/extensions/message-ids>.

use super::line::Line;
use data_encoding::BASE64URL_NOPAD;
use domain::{RemoteId, Timestamp};
use ring::digest::{Context, SHA256};
use std::collections::BTreeMap;

/// When the server says that it was.
pub(super) fn time(line: &Line) -> Option<Timestamp> {
    match line.tags.find("time") {
        Some(time) => read_time(time),
        None => line.tags.find(TWITCH_TIME)?.parse().ok().filter(|ms| *ms >= 0).map(Timestamp),
    }
}

/// Twitch's own tag for the time, in milliseconds since 1970; its name for a message is the tag `id`.
const TWITCH_TIME: &str = "tmi-sent-ts";

/// Reads `YYYY-MM-DDThh:mm:ss.sssZ`; the fraction may be missing or of any length.
pub fn read_time(text: &str) -> Option<Timestamp> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.splitn(3, ':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let sane =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    if !sane || year > 9999 || fraction.bytes().any(|byte| !byte.is_ascii_digit()) {
        return None;
    }
    let ms: String = fraction.chars().chain("000".chars()).take(3).collect();
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Timestamp(seconds * 1000 + number(&ms)?))
}

/// Writes what [`read_time`] reads.
pub fn write_time(at: Timestamp) -> String {
    let (seconds, ms) = (at.0.div_euclid(1000), at.0.rem_euclid(1000));
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

fn number(text: &str) -> Option<i64> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Days since 1970-01-01 of a day of the Gregorian calendar, counted in years that begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day so many days after 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * march + 2) / 5 + 1)
}

/// Names lines of one stream: what comes live, or one batch of history.
///
/// Where the server gives no `msgid` but a time, the name is made of time, sender and words, so that the line has it again
/// when it is replayed. Such a name holds a space, which no `msgid` can, and is never told to a server.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// How often each name was made for a room, of the lines of one instant.
    made: BTreeMap<String, u32>,
    instant: Timestamp,
}

/// How many lines of one instant are told apart; a server that says more is not to fill our memory.
const MAX_MADE: usize = 1000;

impl Names {
    /// The name of a line; `None` where nothing makes it one.
    pub(super) fn name(&mut self, line: &Line) -> Option<RemoteId> {
        self.name_in(line, "")
    }

    /// The name of what a line tells of one of several rooms.
    pub(super) fn name_in(&mut self, line: &Line, room: &str) -> Option<RemoteId> {
        let twitch = || line.tags.find("id").filter(|_| line.tags.find(TWITCH_TIME).is_some());
        let id = line.tags.find("msgid").or_else(twitch);
        if let Some(id) = id.filter(|id| !id.is_empty() && !id.contains(' ')) {
            return Some(RemoteId(id.to_owned()));
        }
        let at = time(line)?;
        let mut hash = Context::new(&SHA256);
        let nick = line.source.as_ref().map_or("", |source| source.nick.as_str());
        let words = [nick, line.command.as_str()];
        for word in words.into_iter().chain(line.params.iter().map(String::as_str)) {
            hash.update(&word.len().to_be_bytes());
            hash.update(word.as_bytes());
        }
        let hash = hash.finish();
        let name = BASE64URL_NOPAD.encode(hash.as_ref().get(..12).unwrap_or_default());
        let name = format!("{} {name}", at.0);
        if self.instant != at || self.made.len() >= MAX_MADE {
            self.instant = at;
            self.made.clear();
        }
        let again = self.made.entry(format!("{name} {room}")).or_default();
        let name = if *again == 0 { name } else { format!("{name} {again}") };
        *again = again.saturating_add(1);
        Some(RemoteId(name))
    }
}

/// The server's own name for a message; `None` where we made it up.
pub(super) fn msgid(id: &RemoteId) -> Option<&str> {
    Some(id.0.as_str()).filter(|id| !id.contains(' '))
}

/// The time in a name that we made up.
pub(super) fn made_at(id: &RemoteId) -> Option<Timestamp> {
    id.0.split_once(' ').and_then(|(ms, _)| ms.parse().ok()).map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_as_the_specification_writes_them() {
        assert_eq!(read_time("2011-10-19T16:40:51.620Z"), Some(Timestamp(1_319_042_451_620)));
        assert_eq!(read_time("1970-01-01T00:00:00Z"), Some(Timestamp(0)));
        assert_eq!(
            read_time("2012-06-30T23:59:60.419Z"),
            Some(Timestamp(1_341_100_800_419)),
            "a leap second"
        );
        assert_eq!(read_time("2026-11-22T07:39:46.5Z"), read_time("2026-11-22T07:39:46.500000Z"));
        for bad in
            ["", "Z", "2011-10-19 16:40:51Z", "2011-13-19T16:40:51Z", "2011-10-19T16:40Z", "a-b-cTd:e:fZ"]
        {
            assert_eq!(read_time(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_line_without_a_name_has_the_same_one_whenever_it_comes() {
        let line = |text: &str| Line::parse(text).unwrap();
        let one = line("@time=2026-11-22T07:39:46.500Z :a!b@c PRIVMSG #c :hi");
        let name = Names::default().name(&one);
        assert_eq!(Names::default().name(&one), name);
        let other = line("@time=2026-11-22T07:39:46.500Z :a!b@c PRIVMSG #c :ho");
        assert_ne!(Names::default().name(&other), name);
        assert_eq!(Names::default().name(&line(":a!b@c PRIVMSG #c :hi")), None);
        let mut names = Names::default();
        let said: Vec<_> = [&one, &one, &other, &one].map(|line| names.name(line)).into_iter().collect();
        assert!(said[0] == name && said[1] != name && said[3] != said[1], "said thrice at once: {said:?}");
        let name = name.unwrap();
        assert_eq!((msgid(&name), made_at(&name)), (None, time(&one)));
        let named = Names::default().name(&line("@msgid=x :a PRIVMSG #c :hi")).unwrap();
        assert_eq!((msgid(&named), made_at(&named)), (Some("x"), None));
    }

    proptest! {
        #[test]
        fn any_time_is_read_back(ms in 0..253_402_300_800_000_i64) {
            prop_assert_eq!(read_time(&write_time(Timestamp(ms))), Some(Timestamp(ms)));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            let _ = read_time(&text);
        }
    }
}
