//! What happens in a schedule, from its seed alone.

use std::time::Duration;
use testkit::faults::{Dice, Plug, Way};

/// One thing that goes wrong, for as long as its step holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The proxy resets every connection, and takes new ones.
    Reset,
    /// The proxy resets every connection, and refuses new ones.
    Cut,
    /// The proxy holds everything: half-open.
    Dead,
    /// The proxy resets each connection after so many bytes one way.
    Fuse(Way, u32),
    /// 1 kB/s.
    Slow,
    /// 500 ms each way.
    Late,
    /// The proxy changes one byte in so many.
    Spoil(u32),
    /// The proxied account's server is killed, and starts again at the end.
    Killed,
    /// The proxied account's server closes the session with a code of its own.
    Closed,
    /// The proxy that the user has set is gone, with all that went through it, and comes back at the end.
    Proxyless,
    /// The lines die while the computer sleeps for so many seconds: only the clocks tell of it.
    Slept(i64),
    /// The cable is pulled.
    Pulled(Plug),
    /// 1 kB/s on the cable.
    Throttled,
    /// The server beyond the cable is killed, and starts again at the end.
    KilledBeyond,
    /// The cable's account's server has no address any more, and is killed so that it must be asked for.
    Nameless,
    /// The disk of the history is full.
    FullDisk,
    /// The wall clock jumps by so many seconds, for good.
    ClockJump(i64),
    /// The program quits, and starts again at the end.
    Quit,
}

/// A fault, how long it holds, and the rest behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) fault: Fault,
    pub(super) hold: Duration,
    pub(super) rest: Duration,
}

impl Fault {
    /// Whether it concerns the proxied account alone. The others happen side by side with these.
    pub(super) fn is_of_the_proxy(self) -> bool {
        match self {
            Self::Reset
            | Self::Cut
            | Self::Dead
            | Self::Fuse(..)
            | Self::Slow
            | Self::Late
            | Self::Spoil(_)
            | Self::Killed
            | Self::Proxyless
            | Self::Slept(_)
            | Self::Closed => true,
            Self::Pulled(_)
            | Self::Throttled
            | Self::KilledBeyond
            | Self::Nameless
            | Self::FullDisk
            | Self::ClockJump(_)
            | Self::Quit => false,
        }
    }
}

/// What the lane can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Only the proxy.
    Proxy,
    /// A cable, names and a disk of its own too.
    Everything,
}

/// How patient the engine is with a silent line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Pings find a death within two seconds.
    Quick,
    /// They do not: a sleep must be found out by the check.
    Patient,
}

/// The steps of a seed.
pub(super) fn steps(dice: &mut Dice, reach: Reach) -> (Pace, Vec<Step>) {
    if dice.once_in(10) {
        return (Pace::Patient, (0..2).map(|_| sleep(dice)).collect());
    }
    let count = dice.between(4, 8);
    (Pace::Quick, (0..count).map(|_| step(dice, reach)).collect())
}

fn sleep(dice: &mut Dice) -> Step {
    let seconds = i64::try_from(dice.between(60, 7200)).unwrap_or(60);
    let fault = Fault::Slept(if dice.once_in(4) { -seconds } else { seconds });
    Step { fault, hold: dice.millis(50, 500), rest: dice.millis(500, 900) }
}

fn step(dice: &mut Dice, reach: Reach) -> Step {
    let faults = match reach {
        Reach::Proxy => 12,
        Reach::Everything => 17,
    };
    let fault = match dice.between(0, faults) {
        0 => Fault::Reset,
        1 => Fault::Cut,
        2 => Fault::Dead,
        3 => {
            let bytes = u32::try_from(dice.between(1, 3000)).unwrap_or(1);
            Fault::Fuse(if bytes.is_multiple_of(2) { Way::Up } else { Way::Down }, bytes)
        }
        4 => Fault::Slow,
        5 => Fault::Late,
        6 => Fault::Spoil(u32::try_from(dice.between(200, 3000)).unwrap_or(200)),
        7 => Fault::Killed,
        8 => Fault::Closed,
        9 => Fault::ClockJump(i64::try_from(dice.between(0, 14_400)).unwrap_or_default() - 7200),
        10 => Fault::Quit,
        11 => Fault::Proxyless,
        12 => Fault::FullDisk,
        13 => Fault::Throttled,
        14 => Fault::KilledBeyond,
        15 => Fault::Nameless,
        _ => Fault::Pulled(if dice.once_in(2) { Plug::Near } else { Plug::Far }),
    };
    // Some are over before the pulse notices, others are surely noticed.
    let can_be_unnoticed = matches!(fault, Fault::Dead | Fault::Pulled(_) | Fault::FullDisk);
    let hold =
        if can_be_unnoticed && dice.once_in(2) { dice.millis(5000, 5600) } else { dice.millis(50, 1100) };
    // None at all: the next fault meets the first steps of the way back.
    let rest = if dice.once_in(3) { Duration::ZERO } else { dice.millis(50, 900) };
    Step { fault, hold, rest }
}
