//! Our nickname: the one that we have, the one that the user wants, and what is tried meanwhile.

use super::line::Source;
use super::sasl::nonce;
use std::time::{Duration, Instant};

/// How often a name is tried in vain before the session ends.
const MAX_TRIES: usize = 8;

/// How soon the wanted name is asked for again; the wait doubles.
const FIRST_RETRY: Duration = Duration::from_secs(60);

/// How long that wait gets.
const LAST_RETRY: Duration = Duration::from_secs(600);

/// Who we are.
#[derive(Clone, Debug, Default)]
pub(super) struct Nick {
    /// As others see us: before we are in, the name that we last asked for.
    pub(super) own: Source,
    /// The one that the user wants; may be set to another at any time.
    pub(super) wanted: String,
    /// One that the user typed, and that the server has not agreed to yet.
    typed: Option<String>,
    /// Names tried in vain so far.
    tries: usize,
    seed: u64,
    /// When the wanted one is asked for again.
    retry: Option<(Instant, Duration)>,
    /// A `NICK` of our own making is under way, whose refusal interests nobody.
    asked: bool,
}

impl Nick {
    /// We want that name.
    pub(super) fn new(wanted: &str, seed: u64) -> Self {
        let own = Source { nick: wanted.to_owned(), ..Source::default() };
        Self { own, wanted: wanted.to_owned(), seed, ..Self::default() }
    }

    /// Another name, since that one cannot be had; `None`: enough.
    pub(super) fn next(&mut self) -> Option<String> {
        self.tries += 1;
        let plain: String = self.wanted.chars().filter(|char| char.is_ascii_alphabetic()).take(8).collect();
        let name = match self.tries {
            tries @ 1..=2 => format!("{}{}", self.wanted, "_".repeat(tries)),
            // What the server does not like may be a letter of it, or its length.
            tries if tries < MAX_TRIES => {
                let digits: String = nonce(self.seed.wrapping_add(u64::try_from(tries).unwrap_or_default()))
                    .bytes()
                    .take(3)
                    .map(|byte| char::from(b'0' + byte % 10))
                    .collect();
                let plain = if plain.is_empty() { "guest" } else { &plain };
                let stem: String = plain.chars().take(6).collect();
                format!("{stem}{digits}")
            }
            _ => return None,
        };
        name.clone_into(&mut self.own.nick);
        Some(name)
    }

    /// We are called so.
    pub(super) fn is_now(&mut self, nick: &str) {
        nick.clone_into(&mut self.own.nick);
        let ours = std::mem::take(&mut self.asked) && nick == self.wanted;
        // The server may have cut it, so what it says need not be what was typed.
        if let Some(typed) = self.typed.take_if(|_| !ours) {
            self.wanted = typed;
            self.retry = None;
        }
    }

    /// The user wants to be called so from here on, if the server agrees.
    pub(super) fn want(&mut self, nick: &str) {
        self.typed = Some(nick.to_owned());
    }

    /// Whether the name that we have is another than the wanted one.
    fn is_another(&self) -> bool {
        self.own.nick != self.wanted
    }

    /// Waits for the wanted name to be free, where it was taken. A bouncer that calls us otherwise has its reasons.
    pub(super) fn watch(&mut self, now: Instant) {
        if self.is_another() && self.tries > 0 && self.retry.is_none() {
            self.retry = Some((now + FIRST_RETRY, FIRST_RETRY));
        }
    }

    /// When the wanted name is asked for again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.retry.map(|(at, _)| at)
    }

    /// The wanted name, if it is time to ask for it, or if it seems `free`.
    pub(super) fn ask(&mut self, free: Free, now: Instant) -> Option<String> {
        let (at, wait) = self.retry?;
        if !self.is_another() {
            self.retry = None;
            return None;
        }
        if free == Free::Unknown && at > now {
            return None;
        }
        let wait = (wait * 2).min(LAST_RETRY);
        self.retry = Some((now + wait, wait));
        self.asked = true;
        Some(self.wanted.clone())
    }

    /// A name was refused. Whether we asked for it by ourselves.
    pub(super) fn is_refused(&mut self) -> bool {
        let ours = std::mem::take(&mut self.asked);
        if !ours {
            self.typed = None;
        }
        ours
    }
}

/// Whether the wanted name can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Free {
    /// Who had it has let it go.
    Now,
    /// Nobody knows.
    Unknown,
}
