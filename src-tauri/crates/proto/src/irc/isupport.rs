//! What the server can do and how much it takes: the tokens of `RPL_ISUPPORT` (005).
//!
//! <https://modern.ircdocs.horse/#rplisupport-005>, <https://modern.ircdocs.horse/#rplisupport-parameters>; the defaults
//! that it does not name are those of RFC 1459. Tokens of IRCv3 are named with their pages at each reader.
//!
//! Tokens gather over lines, the last of a name counts, and `-NAME` takes one back. A value is read when it is asked for:
//! one that makes no sense is as if the token were not there, so that a strange server costs a feature and no session.

use super::casemap::Casemapping;
use super::line::{LINE_LEN, MAX_REST};
use super::modes::{ChanModes, PrefixTable};
use std::collections::{BTreeMap, BTreeSet};

/// The most tokens that are kept; servers send some fifty. What comes beyond is dropped.
pub const MAX_TOKENS: usize = 256;

/// The longest value that is kept, in bytes: a line of 512 bytes holds no longer one. A longer one is dropped.
pub const MAX_VALUE: usize = 512;

/// The longest name that is kept, in bytes: more than twice what the specification allows.
pub const MAX_NAME: usize = 50;

/// The tokens so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Isupport(BTreeMap<String, String>);

/// How much of something a server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So many.
    At(usize),
    /// It names no limit.
    Unlimited,
}

/// How a message can be named to the server (`MSGREFTYPES`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefType {
    /// By its `msgid`.
    Msgid,
    /// By its time.
    Timestamp,
}

impl Isupport {
    /// Takes the parameters of one 005 line: our own name, the tokens, and the words for people.
    pub fn apply(&mut self, params: &[String]) {
        let tokens = params.get(1..params.len().saturating_sub(1)).unwrap_or_default();
        for token in tokens {
            self.take(token);
        }
    }

    /// The value of a token, its escapes resolved; empty when it has none.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `CASEMAPPING`, or `rfc1459`.
    #[must_use]
    pub fn casemapping(&self) -> Casemapping {
        self.find("CASEMAPPING").and_then(Casemapping::named).unwrap_or_default()
    }

    /// `CHANTYPES`: what names of channels begin with, or `#&`. Empty: the server has no channels.
    #[must_use]
    pub fn chantypes(&self) -> &str {
        // A letter here would turn people into channels.
        self.find("CHANTYPES").filter(|types| !types.contains(char::is_alphanumeric)).unwrap_or("#&")
    }

    /// Whether a target is a channel.
    #[must_use]
    pub fn is_channel(&self, target: &str) -> bool {
        target.starts_with(|first| self.chantypes().contains(first))
    }

    /// `PREFIX`, or `(ov)@+`.
    #[must_use]
    pub fn prefixes(&self) -> PrefixTable {
        self.find("PREFIX").and_then(PrefixTable::parse).unwrap_or_default()
    }

    /// `STATUSMSG`: signs that can stand before a channel to reach only the members of that rank or above; none when it
    /// is not there. A sign that is not in `PREFIX` is passed over.
    #[must_use]
    pub fn statusmsg(&self) -> String {
        let prefixes = self.prefixes();
        let signs = self.find("STATUSMSG").unwrap_or_default();
        signs.chars().filter(|&sign| prefixes.signed(sign).is_some()).collect()
    }

    /// The signs and the channel of a target that is a channel's members of that rank or above.
    #[must_use]
    pub fn circle<'a>(&self, target: &'a str) -> Option<(&'a str, &'a str)> {
        let signs = self.statusmsg();
        let channel = target.trim_start_matches(|sign| signs.contains(sign));
        let circle = target.strip_suffix(channel).filter(|circle| !circle.is_empty())?;
        (!self.is_channel(target) && self.is_channel(channel)).then_some((circle, channel))
    }

    /// `CHANMODES`, or the modes of RFC 1459.
    #[must_use]
    pub fn chanmodes(&self) -> ChanModes {
        self.find("CHANMODES").and_then(ChanModes::parse).unwrap_or_default()
    }

    /// `TARGMAX`: how many targets a command takes; where nothing is said, `JOIN` and `PART` any number, others one.
    #[must_use]
    pub fn targmax(&self, command: &str) -> Limit {
        let all = self.find("TARGMAX").unwrap_or_default();
        let named = pairs(all).find(|(name, _)| name.eq_ignore_ascii_case(command));
        let default = match command.to_ascii_uppercase().as_str() {
            "JOIN" | "PART" => Limit::Unlimited,
            _ => Limit::At(1),
        };
        named.and_then(|(_, limit)| limit_or_none(limit)).unwrap_or(default)
    }

    /// `MODES`: how many modes with a parameter one line may change, or 3.
    #[must_use]
    pub fn modes(&self) -> Limit {
        self.limit("MODES").unwrap_or(Limit::At(3))
    }

    /// `NICKLEN`, or 9.
    #[must_use]
    pub fn nicklen(&self) -> Limit {
        self.limit("NICKLEN").unwrap_or(Limit::At(9))
    }

    /// `CHANNELLEN`, or 200.
    #[must_use]
    pub fn channellen(&self) -> Limit {
        self.limit("CHANNELLEN").unwrap_or(Limit::At(200))
    }

    /// `TOPICLEN`.
    #[must_use]
    pub fn topiclen(&self) -> Limit {
        self.limit("TOPICLEN").unwrap_or(Limit::Unlimited)
    }

    /// `AWAYLEN`.
    #[must_use]
    pub fn awaylen(&self) -> Limit {
        self.limit("AWAYLEN").unwrap_or(Limit::Unlimited)
    }

    /// `KICKLEN`.
    #[must_use]
    pub fn kicklen(&self) -> Limit {
        self.limit("KICKLEN").unwrap_or(Limit::Unlimited)
    }

    /// `LINELEN`: the most bytes of a line, with CR LF and without tags; at least 512, and at most what we read ourselves.
    #[must_use]
    pub fn linelen(&self) -> usize {
        let named = self.find("LINELEN").and_then(number).filter(|&bytes| bytes >= LINE_LEN);
        named.unwrap_or(LINE_LEN).min(MAX_REST)
    }

    /// `NETWORK`: the network's name, for people.
    #[must_use]
    pub fn network(&self) -> Option<&str> {
        self.find("NETWORK").filter(|name| !name.trim().is_empty())
    }

    /// `MONITOR`: how many names can be watched, where any can. <https://ircv3.net/specs/extensions/monitor>
    #[must_use]
    pub fn monitor(&self) -> Option<Limit> {
        self.limit("MONITOR")
    }

    /// `WHOX`: `WHO` takes a list of fields. <https://ircv3.net/specs/extensions/whox>
    #[must_use]
    pub fn whox(&self) -> bool {
        self.find("WHOX").is_some()
    }

    /// `UTF8ONLY`. <https://ircv3.net/specs/extensions/utf8-only>
    #[must_use]
    pub fn utf8only(&self) -> bool {
        self.find("UTF8ONLY").is_some()
    }

    /// `CHATHISTORY` or its draft: how many messages one question may ask for, where there is a history; 0 on the wire is
    /// no limit. <https://ircv3.net/specs/extensions/chathistory>
    #[must_use]
    pub fn chathistory(&self) -> Option<Limit> {
        let value = self.find("CHATHISTORY").or_else(|| self.find("draft/CHATHISTORY"))?;
        if value == "0" { Some(Limit::Unlimited) } else { limit_or_none(value) }
    }

    /// `MSGREFTYPES`: how messages can be named, what the server likes best first; empty when it does not say.
    /// <https://ircv3.net/specs/extensions/chathistory>
    #[must_use]
    pub fn msgreftypes(&self) -> Vec<RefType> {
        let mut types = Vec::new();
        for name in self.find("MSGREFTYPES").unwrap_or_default().split(',') {
            let named = match name {
                "msgid" => RefType::Msgid,
                "timestamp" => RefType::Timestamp,
                _ => continue,
            };
            if !types.contains(&named) {
                types.push(named);
            }
        }
        types
    }

    /// `BOT`: the user mode that marks a bot. <https://ircv3.net/specs/extensions/bot-mode>
    #[must_use]
    pub fn bot(&self) -> Option<char> {
        self.find("BOT").and_then(only)
    }

    /// `EXCEPTS`: the list of exceptions from bans, `e` when the token has no value.
    #[must_use]
    pub fn excepts(&self) -> Option<char> {
        self.find("EXCEPTS").and_then(|value| if value.is_empty() { Some('e') } else { only(value) })
    }

    /// `INVEX`: the list of exceptions from invite-only, `I` when the token has no value.
    #[must_use]
    pub fn invex(&self) -> Option<char> {
        self.find("INVEX").and_then(|value| if value.is_empty() { Some('I') } else { only(value) })
    }

    /// `CLIENTTAGDENY`: whether the server lets a client-only tag through; its name is given without the `+`.
    /// <https://ircv3.net/specs/extensions/message-tags#rpl_isupport-tokens>
    #[must_use]
    pub fn allows_client_tag(&self, name: &str) -> bool {
        let mut denied = false;
        for entry in self.find("CLIENTTAGDENY").unwrap_or_default().split(',') {
            match entry.strip_prefix('-') {
                Some(exempt) if exempt == name => return true,
                None if entry == "*" || entry == name => denied = true,
                Some(_) | None => {}
            }
        }
        !denied
    }

    /// `ELIST`: what `LIST` can search by, as capital letters.
    #[must_use]
    pub fn elist(&self) -> BTreeSet<char> {
        let letters = self.find("ELIST").unwrap_or_default().chars();
        letters.filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase()).collect()
    }

    /// `MAXLIST`: how many entries a list of a channel takes; lists named together share that number.
    #[must_use]
    pub fn maxlist(&self, mode: char) -> Limit {
        self.limit_of("MAXLIST", mode)
    }

    /// `CHANLIMIT`: how many channels of that type one may be in; types named together share that number.
    #[must_use]
    pub fn chanlimit(&self, chantype: char) -> Limit {
        self.limit_of("CHANLIMIT", chantype)
    }

    fn take(&mut self, token: &str) {
        if let Some(name) = token.strip_prefix('-') {
            self.0.remove(name);
            return;
        }
        let (name, value) = token.split_once('=').unwrap_or((token, ""));
        let value = unescape(value);
        let room = self.0.len() < MAX_TOKENS || self.0.contains_key(name);
        if room && (1..=MAX_NAME).contains(&name.len()) && value.len() <= MAX_VALUE {
            self.0.insert(name.to_owned(), value);
        }
    }

    fn limit(&self, name: &str) -> Option<Limit> {
        self.find(name).and_then(limit_or_none)
    }

    /// In a token of pairs, the limit of the pair that names the character.
    fn limit_of(&self, name: &str, char: char) -> Limit {
        let named = pairs(self.find(name).unwrap_or_default()).find(|(chars, _)| chars.contains(char));
        named.and_then(|(_, limit)| limit_or_none(limit)).unwrap_or(Limit::Unlimited)
    }
}

/// `name:limit,name:limit`
fn pairs(value: &str) -> impl Iterator<Item = (&str, &str)> {
    value.split(',').filter_map(|pair| pair.split_once(':'))
}

/// Empty is no limit; what is no positive number is nothing at all.
fn limit_or_none(value: &str) -> Option<Limit> {
    if value.is_empty() { Some(Limit::Unlimited) } else { number(value).map(Limit::At) }
}

fn number(value: &str) -> Option<usize> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|&number| digits && number > 0)
}

/// The one character of a value.
fn only(value: &str) -> Option<char> {
    let mut chars = value.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// `\xHH` is that byte; anything else stands for itself.
fn unescape(value: &str) -> String {
    let mut parts = value.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.split_at_checked(2).and_then(|(hex, rest)| Some((hex_byte(hex)?, rest))) {
            Some((byte, rest)) => {
                bytes.push(byte);
                bytes.extend_from_slice(rest.as_bytes());
            }
            None => {
                bytes.extend_from_slice(b"\\x");
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_byte(hex: &str) -> Option<u8> {
    u8::from_str_radix(hex, 16).ok().filter(|_| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests;
