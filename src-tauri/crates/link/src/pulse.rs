//! Whether the line lives: when to ping, and when to give it up. Pure.

use std::time::Duration;
use tokio::time::Instant;

/// How many Pings in a row a server may leave unanswered that answered one before, while other bytes come: on a slow
/// line the answer waits behind what is on its way. A server that never answered one has one.
const MAX_LATE: u32 = 4;

/// The signs of life of one session.
#[derive(Debug)]
pub(crate) struct Pulse {
    idle: Duration,
    limit: Duration,
    check: Duration,
    /// When a byte came last.
    heard: Instant,
    /// When we asked last, or the line opened.
    asked: Instant,
    /// When the unanswered Ping went out.
    pinged: Option<Instant>,
    /// Since when the peer takes nothing of what we write.
    stalled: Option<Instant>,
    /// Whether the server answers Pings, as far as is known.
    pongs: bool,
    /// Whether it ever did, in this session or an earlier one.
    has_ponged: bool,
    /// How many Pings in a row were not answered within the limit.
    late: u32,
    /// The line may have died without a word, and has shown no sign of life since.
    doubt: Option<Doubt>,
}

#[derive(Clone, Copy, Debug)]
struct Doubt {
    since: Instant,
    /// Whether a Ping went out since, so that a Pong answers this doubt and no older question.
    asked: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Well,
    /// We did not ask for long: ping.
    Ping,
    /// The server sends, and answers no Pings.
    NoPongs,
    /// Nothing comes any more.
    Dead,
    /// Nothing has come since the line was examined.
    Gone,
}

impl Pulse {
    /// A line that was opened at `now`, to a server that is known to answer Pings, or not.
    pub(crate) fn new(
        idle: Duration,
        limit: Duration,
        check: Duration,
        now: Instant,
        has_ponged: bool,
    ) -> Self {
        Self {
            idle,
            limit,
            check,
            heard: now,
            asked: now,
            pinged: None,
            stalled: None,
            pongs: true,
            has_ponged,
            late: 0,
            doubt: None,
        }
    }

    /// The computer has slept, or its network has changed: the line is in doubt until it shows that it lives. Send a
    /// Ping.
    ///
    /// A Pong shows it, and so do bytes in the second half of the time: those before may have lain in this computer's
    /// own buffer. Of a server that answers no Pings any byte is taken, or it would be left at every wake.
    pub(crate) fn examine(&mut self, now: Instant) {
        self.doubt.get_or_insert(Doubt { since: now, asked: false });
    }

    /// Bytes came.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard = now;
        let sure = if self.pongs { self.check / 2 } else { Duration::ZERO };
        self.doubt = self.doubt.filter(|doubt| now < doubt.since + sure);
    }

    /// The peer took a part of what we write, or all of it.
    pub(crate) fn progressed(&mut self) {
        self.stalled = None;
    }

    /// The peer takes nothing at the moment.
    pub(crate) fn stalled(&mut self, now: Instant) {
        self.stalled.get_or_insert(now);
    }

    /// A Ping goes out.
    pub(crate) fn pinged(&mut self, now: Instant) {
        self.asked = now;
        self.pinged = self.pongs.then_some(now);
        if let Some(doubt) = &mut self.doubt {
            doubt.asked = true;
        }
    }

    /// Our Ping was answered, so this server answers Pings, however late it began to. Gives the round-trip time, unless
    /// it may be an older Ping's answer.
    pub(crate) fn ponged(&mut self, now: Instant) -> Option<Duration> {
        self.doubt = self.doubt.filter(|doubt| !doubt.asked);
        self.pongs = true;
        self.has_ponged = true;
        let pinged = self.pinged.take();
        let is_late = std::mem::take(&mut self.late) > 0;
        pinged.filter(|_| !is_late).map(|pinged| now.saturating_duration_since(pinged))
    }

    /// For `time` nobody listened to the socket, so its silence says nothing.
    pub(crate) fn was_deaf(&mut self, time: Duration) {
        self.heard += time;
        if let Some(pinged) = &mut self.pinged {
            *pinged += time;
        }
        if let Some(stalled) = &mut self.stalled {
            *stalled += time;
        }
        if let Some(doubt) = &mut self.doubt {
            doubt.since += time;
        }
    }

    /// What is to be done at `now`. After [`Verdict::NoPongs`] the silence of a Ping disproves nothing, until one is
    /// answered after all.
    pub(crate) fn check(&mut self, now: Instant) -> Verdict {
        if self.gone_at().is_some_and(|at| now >= at) {
            return Verdict::Gone;
        }
        if self.dead_at().is_some_and(|at| now >= at) {
            return Verdict::Dead;
        }
        if self.pongless_at().is_some_and(|at| now >= at) {
            self.pinged = None;
            self.late += 1;
            if self.has_ponged && self.late < MAX_LATE {
                return Verdict::Ping;
            }
            self.pongs = false;
            return Verdict::NoPongs;
        }
        if self.ping_at().is_some_and(|at| now >= at) { Verdict::Ping } else { Verdict::Well }
    }

    /// When to check again at the latest.
    pub(crate) fn due(&self) -> Option<Instant> {
        [self.gone_at(), self.dead_at(), self.pongless_at(), self.ping_at()].into_iter().flatten().min()
    }

    fn gone_at(&self) -> Option<Instant> {
        self.doubt.map(|doubt| doubt.since + self.check)
    }

    /// We wait for a Pong, or for room to write, and nothing came for the whole limit since then.
    fn dead_at(&self) -> Option<Instant> {
        let since = [self.pinged, self.stalled].into_iter().flatten().min()?;
        Some(since.max(self.heard) + self.limit)
    }

    /// The limit passes with no Pong, and something came in the second half of it: more than what was on its way when
    /// the line died.
    fn pongless_at(&self) -> Option<Instant> {
        let pinged = self.pinged?;
        (self.heard >= pinged + self.limit / 2).then(|| self.heard.max(pinged + self.limit))
    }

    /// Whatever else leaves: a line that takes all and gives nothing back is to be found out while somebody writes, too.
    fn ping_at(&self) -> Option<Instant> {
        (self.pinged.is_none() && self.stalled.is_none()).then(|| self.asked + self.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(30);
    const LIMIT: Duration = Duration::from_secs(20);
    const CHECK: Duration = Duration::from_secs(2);

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn an_idle_line_is_pinged_and_an_answer_keeps_it() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        assert_eq!(pulse.check(start + seconds(29)), Verdict::Well);
        assert_eq!(pulse.check(start + seconds(30)), Verdict::Ping);
        pulse.pinged(start + seconds(30));
        pulse.heard(start + seconds(31));
        assert_eq!(pulse.ponged(start + seconds(31)), Some(seconds(1)));
        assert_eq!(pulse.check(start + seconds(59)), Verdict::Well);
        assert_eq!(pulse.due(), Some(start + seconds(60)));
    }

    #[test]
    fn a_line_from_which_nothing_comes_is_dead_after_the_limit() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.pinged(start);
        assert_eq!(pulse.due(), Some(start + LIMIT));
        assert_eq!(pulse.check(start + seconds(19)), Verdict::Well);
        assert_eq!(pulse.check(start + seconds(20)), Verdict::Dead);
    }

    #[test]
    fn a_last_word_on_its_way_does_not_save_a_dead_line() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.pinged(start);
        pulse.heard(start + seconds(1));
        assert_eq!(pulse.check(start + seconds(20)), Verdict::Well);
        assert_eq!(pulse.check(start + seconds(21)), Verdict::Dead);
    }

    #[test]
    fn a_server_that_sends_but_never_answers_pings_is_not_given_up() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.pinged(start);
        for second in 1..20 {
            pulse.heard(start + seconds(second));
        }
        assert_eq!(pulse.check(start + seconds(20)), Verdict::NoPongs);
        pulse.pinged(start + seconds(50));
        assert_eq!(pulse.check(start + seconds(75)), Verdict::Well, "its silence says nothing any more");
        pulse.ponged(start + seconds(76));
        pulse.pinged(start + seconds(80));
        assert_eq!(
            pulse.check(start + seconds(100)),
            Verdict::Dead,
            "one that has answered is asked as any other"
        );
    }

    /// What a slow line does: the answer waits behind what is on its way. Neither is the line dead, nor does time prove
    /// anything; and when it dies afterwards, that is noticed.
    #[test]
    fn a_late_answer_is_waited_for_where_one_came_before() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.pinged(start);
        assert_eq!(pulse.ponged(start + seconds(1)), Some(seconds(1)));
        pulse.pinged(start + seconds(10));
        for second in 10..=30 {
            pulse.heard(start + seconds(second));
        }
        assert_eq!(pulse.check(start + seconds(30)), Verdict::Ping, "another one, and no verdict");
        pulse.pinged(start + seconds(30));
        assert_eq!(pulse.ponged(start + seconds(31)), None, "it may be the answer to the first");
        pulse.pinged(start + seconds(40));
        assert_eq!(pulse.check(start + seconds(60)), Verdict::Dead);
    }

    #[test]
    fn a_server_that_stops_answering_is_not_waited_for_for_ever() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.pinged(start);
        let _ = pulse.ponged(start);
        let mut verdicts = Vec::new();
        pulse.pinged(start);
        for second in 0..100 {
            let now = start + seconds(second);
            pulse.heard(now);
            match pulse.check(now) {
                Verdict::Ping => pulse.pinged(now),
                Verdict::Well => continue,
                Verdict::NoPongs | Verdict::Dead | Verdict::Gone => {}
            }
            verdicts.push((second, pulse.pongs));
        }
        assert_eq!(verdicts.first(), Some(&(20, true)));
        assert_eq!(verdicts.iter().find(|(_, pongs)| !pongs), Some(&(80, false)));
    }

    #[test]
    fn a_peer_that_neither_takes_nor_gives_is_dead() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.stalled(start + seconds(5));
        pulse.stalled(start + seconds(9));
        assert_eq!(pulse.check(start + seconds(24)), Verdict::Well);
        assert_eq!(pulse.check(start + seconds(25)), Verdict::Dead);
        pulse.progressed();
        assert_eq!(pulse.check(start + seconds(25)), Verdict::Well);
    }

    #[test]
    fn while_we_do_not_listen_silence_says_nothing() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.pinged(start);
        pulse.was_deaf(seconds(15));
        assert_eq!(pulse.check(start + seconds(34)), Verdict::Well);
        assert_eq!(pulse.check(start + seconds(35)), Verdict::Dead);
    }

    #[test]
    fn a_line_in_doubt_is_gone_unless_it_answers_in_time() {
        let start = Instant::now();
        let ms = |ms| start + Duration::from_millis(ms);
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.examine(start);
        pulse.pinged(start);
        // What lay in this computer's buffer says nothing.
        pulse.heard(ms(1));
        assert_eq!(pulse.due(), Some(ms(2000)));
        assert_eq!(pulse.check(ms(1999)), Verdict::Well);
        assert_eq!(pulse.check(ms(2000)), Verdict::Gone);

        for answer in [
            |pulse: &mut Pulse, at| {
                pulse.ponged(at);
            },
            Pulse::heard,
        ] {
            let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
            pulse.examine(start);
            pulse.pinged(start);
            answer(&mut pulse, ms(1500));
            assert_eq!(pulse.check(ms(2000)), Verdict::Well);
        }
    }

    #[test]
    fn the_answer_to_an_older_question_ends_no_doubt() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.pinged(start);
        pulse.examine(start + seconds(5));
        assert!(pulse.ponged(start + seconds(5)).is_some());
        assert_eq!(pulse.check(start + seconds(7)), Verdict::Gone);
    }

    #[test]
    fn a_server_that_answers_no_pings_is_judged_by_any_byte() {
        let start = Instant::now();
        let mut pulse = Pulse::new(IDLE, LIMIT, CHECK, start, false);
        pulse.pinged(start);
        pulse.heard(start + seconds(19));
        assert_eq!(pulse.check(start + seconds(20)), Verdict::NoPongs);
        pulse.examine(start + seconds(100));
        pulse.heard(start + seconds(100));
        assert_ne!(pulse.check(start + seconds(103)), Verdict::Gone);
        pulse.examine(start + seconds(200));
        assert_eq!(pulse.check(start + seconds(202)), Verdict::Gone);
    }
}
