//! Which extensions are on: `CAP`.
//!
//! <https://ircv3.net/specs/extensions/capability-negotiation>. Only what is in [`KNOWN`] is ever asked for: servers offer
//! capabilities that are traps for those who ask for everything. A request that is refused as a whole is asked again
//! name by name, so that one name that a server will not give costs no other.

use super::line::Line;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What we know how to use. `sts` is read and never asked for, as its page demands.
pub const KNOWN: [&str; 31] = [
    "account-notify",
    "account-tag",
    "away-notify",
    "batch",
    "cap-notify",
    "chghost",
    "draft/account-registration",
    "draft/channel-rename",
    "draft/chathistory",
    "draft/event-playback",
    "draft/message-redaction",
    "draft/multiline",
    "draft/no-implicit-names",
    "draft/read-marker",
    "echo-message",
    "extended-join",
    "extended-monitor",
    "invite-notify",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "no-implicit-names",
    "sasl",
    "server-time",
    "setname",
    "soju.im/bouncer-networks",
    "standard-replies",
    "twitch.tv/commands",
    "twitch.tv/tags",
    "userhost-in-names",
    "znc.in/playback",
];

/// The capability that tells of TLS: <https://ircv3.net/specs/extensions/sts>.
pub const STS: &str = "sts";

/// The most bytes of names in one request. The answer repeats them behind the server's name and ours, and must fit into
/// 510 bytes.
pub const MAX_REQUEST: usize = 400;

/// The longest value that is kept, in bytes: more than one line of 512 holds. A longer one counts as none.
pub const MAX_VALUE: usize = 512;

/// The negotiation, for the life of a session.
#[derive(Clone, Debug, Default)]
pub struct Caps {
    /// What we want, of [`KNOWN`].
    wanted: BTreeSet<&'static str>,
    /// What the server offers, of what we know, with values.
    offered: BTreeMap<&'static str, String>,
    /// What came of a list that goes on.
    listing: BTreeMap<&'static str, String>,
    enabled: BTreeSet<&'static str>,
    /// Requests without an answer, oldest first; bounded, since no name is in two.
    asked: VecDeque<BTreeSet<&'static str>>,
}

/// What follows from a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this.
    Send(Line),
    /// These are on now.
    Enabled(Vec<&'static str>),
    /// These are off now.
    Disabled(Vec<&'static str>),
    /// No request is without an answer: time for log-in and [`end`], unless that is behind us.
    Settled,
}

/// The first line of a session.
#[must_use]
pub fn begin() -> Line {
    Line::new("CAP", ["LS", "302"])
}

/// The end of the negotiation; registration goes on.
#[must_use]
pub fn end() -> Line {
    Line::new("CAP", ["END"])
}

impl Caps {
    /// A negotiation for these; what is not in [`KNOWN`] is never asked for.
    #[must_use]
    pub fn new(wanted: &[&str]) -> Self {
        Self { wanted: wanted.iter().filter_map(|name| known(name)).collect(), ..Self::default() }
    }

    /// Takes a line from the server; any other than `CAP` gives nothing.
    pub fn take(&mut self, line: &Line) -> Vec<Step> {
        let Some((names, before)) =
            line.params.split_last().filter(|_| line.command.eq_ignore_ascii_case("CAP"))
        else {
            return Vec::new();
        };
        let more = before.get(2).is_some_and(|star| star == "*");
        match before.get(1).map(|word| word.to_ascii_uppercase()).as_deref() {
            Some("LS") => self.listed(names, more),
            Some("LIST") => self.told(names, more),
            Some("NEW") => {
                self.offered.extend(offers(names));
                self.request()
            }
            Some("DEL") => self.withdrawn(names),
            Some("ACK") => self.acknowledged(names),
            Some("NAK") => self.refused(names),
            _ => Vec::new(),
        }
    }

    /// Whether no request is without an answer.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.asked.is_empty()
    }

    /// Whether a capability is on.
    #[must_use]
    pub fn is_enabled(&self, name: &str) -> bool {
        self.enabled.contains(name)
    }

    /// The value that the server gives a capability of [`KNOWN`], or `sts`; empty when it has none.
    #[must_use]
    pub fn offered(&self, name: &str) -> Option<&str> {
        self.offered.get(name).map(String::as_str)
    }

    fn listed(&mut self, names: &str, more: bool) -> Vec<Step> {
        self.listing.extend(offers(names));
        if more {
            return Vec::new();
        }
        self.offered = std::mem::take(&mut self.listing);
        self.request()
    }

    /// `LIST` says what is on, whatever we believed.
    fn told(&mut self, names: &str, more: bool) -> Vec<Step> {
        self.listing.extend(offers(names));
        if more {
            return Vec::new();
        }
        let told: BTreeSet<_> = std::mem::take(&mut self.listing).into_keys().collect();
        let on = told.difference(&self.enabled).copied().collect();
        let off = self.enabled.difference(&told).copied().collect();
        self.enabled = told;
        changes(on, off)
    }

    fn withdrawn(&mut self, names: &str) -> Vec<Step> {
        let names: Vec<_> = offers(names).map(|(name, _)| name).collect();
        self.offered.retain(|name, _| !names.contains(name));
        changes(Vec::new(), names.into_iter().filter(|name| self.enabled.remove(name)).collect())
    }

    /// An answer may come over several lines, so a request is answered when all its names were.
    fn acknowledged(&mut self, names: &str) -> Vec<Step> {
        let (mut on, mut off) = (Vec::new(), Vec::new());
        for word in names.split_ascii_whitespace() {
            // The signs of `CAP` before version 302 may stand before a name.
            let word = word.trim_start_matches(['~', '=']);
            let (word, gone) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
            let Some(name) = known(word) else { continue };
            if gone && self.enabled.remove(name) {
                off.push(name);
            }
            if !gone && self.enabled.insert(name) {
                on.push(name);
            }
            self.asked.iter_mut().for_each(|request| {
                request.remove(name);
            });
        }
        let mut steps = changes(on, off);
        steps.extend(self.settle());
        steps
    }

    /// The names of a refusal may be cut short, so it is for the request that holds the first of them, or the oldest.
    fn refused(&mut self, names: &str) -> Vec<Step> {
        let first = names.split_ascii_whitespace().next().and_then(known);
        let at = self.asked.iter().position(|request| first.is_some_and(|name| request.contains(name)));
        let Some(request) = self.asked.remove(at.unwrap_or_default()) else { return Vec::new() };
        if request.len() < 2 {
            return self.settle().into_iter().collect();
        }
        let mut steps = Vec::new();
        for name in request {
            steps.push(Step::Send(Line::new("CAP", ["REQ", name])));
            self.asked.push_back(BTreeSet::from([name]));
        }
        steps
    }

    /// Asks for what is wanted, offered, not on and not asked for.
    fn request(&mut self) -> Vec<Step> {
        let asked: BTreeSet<_> = self.asked.iter().flatten().copied().collect();
        let missing = self.offered.keys().copied().filter(|name| {
            self.wanted.contains(name) && !self.enabled.contains(name) && !asked.contains(name)
        });
        let mut requests: Vec<BTreeSet<&'static str>> = Vec::new();
        let mut bytes = 0;
        for name in missing {
            bytes += name.len() + 1;
            match requests.last_mut().filter(|_| bytes <= MAX_REQUEST) {
                Some(request) => {
                    request.insert(name);
                }
                None => {
                    bytes = name.len() + 1;
                    requests.push(BTreeSet::from([name]));
                }
            }
        }
        let mut steps: Vec<_> = requests.iter().map(|request| Step::Send(ask(request))).collect();
        self.asked.extend(requests);
        steps.extend(self.settle());
        steps
    }

    fn settle(&mut self) -> Option<Step> {
        self.asked.retain(|request| !request.is_empty());
        self.asked.is_empty().then_some(Step::Settled)
    }
}

fn ask(names: &BTreeSet<&'static str>) -> Line {
    let names: Vec<_> = names.iter().copied().collect();
    Line::new("CAP", ["REQ".to_owned(), names.join(" ")])
}

fn changes(on: Vec<&'static str>, off: Vec<&'static str>) -> Vec<Step> {
    let enabled = Some(on).filter(|names| !names.is_empty()).map(Step::Enabled);
    let disabled = Some(off).filter(|names| !names.is_empty()).map(Step::Disabled);
    enabled.into_iter().chain(disabled).collect()
}

/// What we know of a list, with values.
fn offers(names: &str) -> impl Iterator<Item = (&'static str, String)> {
    names.split_ascii_whitespace().filter_map(|word| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let value = if value.len() > MAX_VALUE { "" } else { value };
        let sts = (name == STS).then_some(STS);
        Some((known(name).or(sts)?, value.to_owned()))
    })
}

fn known(name: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|known| *known == name)
}

#[cfg(test)]
mod tests;
