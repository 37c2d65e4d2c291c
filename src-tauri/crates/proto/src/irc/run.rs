//! Slash commands that the adapter carries out: from what was typed to what is to be done.
//!
//! Nothing is done here, and no state is kept; [`plan`] says what follows from a line, or what is wrong with it. A command
//! that is not in [`super::commands`] goes to the server as it is: the user was asked before.

mod free;

use super::caps::Caps;
use super::commands;
use super::isupport::{Isupport, Limit};
use super::line::Line;
use super::modes::Turn;
use super::numerics::Question;
use super::secrecy::tells_service;
use free::{help, raw, whisper};

pub(super) use free::is_circle;

/// What a command may need to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    /// The channel or the person of the conversation where it was typed; `None`: the server's own.
    pub(super) here: Option<&'a str>,
    /// Our nickname.
    pub(super) nick: &'a str,
    /// What the server can do.
    pub(super) isupport: &'a Isupport,
    /// What is on.
    pub(super) caps: &'a Caps,
}

/// One thing to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Send this.
    Send(Line),
    /// Send this, which holds a password.
    Secret(Line),
    /// Say this to some of a channel.
    SayToSome(Line),
    /// Tell the user this.
    Tell(String),
    /// Send this, and show what the server answers where it was asked.
    Ask(Question, Line),
    /// Enter a channel for good, with a key if it is not empty.
    Join(String, String),
    /// Leave a channel for good, with a reason.
    Part(String, Option<String>),
    /// Leave a channel and enter it again, with a reason.
    Cycle(String, Option<String>),
    /// Open the conversation with somebody.
    Query(String),
    /// Keep out somebody, or what matches a mask, of one of the lists of a channel. A nickname becomes a mask by what is known
    /// of its host.
    List {
        /// Put on the list, or take off it.
        turn: Turn,
        /// The channel.
        channel: String,
        /// The letter of the list.
        mode: char,
        /// A nickname or a mask.
        who: String,
        /// Make them leave, too, with this reason.
        kick: Option<String>,
    },
    /// Hear nothing more from a mask, or hear it again.
    Ignore(Turn, String),
    /// Tell whom we ignore.
    Ignored,
    /// Be told of comings and goings, or not any more.
    Watch(Turn, Vec<String>),
    /// Ask somebody's program how far away it is.
    Ping(String),
}

/// What follows from a command.
///
/// # Errors
/// What is wrong with it, in a sentence for the user.
pub(super) fn plan(name: &str, arguments: &str, scene: Scene<'_>) -> Result<Vec<Act>, String> {
    let typed = Typed { name, rest: arguments.trim(), scene };
    match name {
        "join" => typed.join(),
        "part" | "leave" => typed.leave(Act::Part),
        "cycle" => typed.leave(Act::Cycle),
        "query" => typed.query(),
        "nick" => one(Line::new("NICK", [typed.only()?])),
        "away" | "back" => typed.away(),
        "topic" => typed.topic(),
        "mode" => typed.mode(),
        "op" => typed.rank(Turn::Set, 'o'),
        "deop" => typed.rank(Turn::Unset, 'o'),
        "halfop" => typed.rank(Turn::Set, 'h'),
        "dehalfop" => typed.rank(Turn::Unset, 'h'),
        "voice" => typed.rank(Turn::Set, 'v'),
        "devoice" => typed.rank(Turn::Unset, 'v'),
        "kick" => typed.kick(),
        "kickban" => typed.kickban(),
        "ban" => typed.list(Turn::Set, Some('b')),
        "unban" => typed.list(Turn::Unset, Some('b')),
        "except" => typed.list(Turn::Set, scene.isupport.excepts()),
        "unexcept" => typed.list(Turn::Unset, scene.isupport.excepts()),
        "invex" => typed.list(Turn::Set, scene.isupport.invex()),
        "uninvex" => typed.list(Turn::Unset, scene.isupport.invex()),
        "quiet" => typed.list(Turn::Set, quiets(scene.isupport)),
        "unquiet" => typed.list(Turn::Unset, quiets(scene.isupport)),
        "invite" => typed.invite(),
        "knock" => typed.knock(),
        "whois" => typed.whois(),
        "whowas" => typed.ask("WHOWAS", Question::Whowas),
        "who" => typed.who(),
        "names" => typed.names(),
        "list" => Ok(vec![typed.channels()]),
        "motd" => Ok(vec![typed.query_server("MOTD", Question::Motd)]),
        "version" => Ok(vec![typed.query_server("VERSION", Question::Version)]),
        "time" => Ok(vec![typed.query_server("TIME", Question::Time)]),
        "admin" => Ok(vec![typed.query_server("ADMIN", Question::Admin)]),
        "info" => Ok(vec![typed.query_server("INFO", Question::Info)]),
        "lusers" => Ok(vec![Act::Ask(Question::Lusers, bare("LUSERS"))]),
        "monitor" => typed.monitor(),
        "ignore" => Ok(vec![match typed.rest {
            "" => Act::Ignored,
            _ => Act::Ignore(Turn::Set, mask(&typed.only()?)),
        }]),
        "unignore" => Ok(vec![Act::Ignore(Turn::Unset, mask(&typed.only()?))]),
        "ctcp" => typed.ctcp(),
        "ping" => Ok(vec![Act::Ping(typed.only()?)]),
        "setname" => typed.setname(),
        "rename" => typed.rename(),
        "ns" => typed.service("NickServ"),
        "cs" => typed.service("ChanServ"),
        "identify" => typed.identify(),
        "oper" => typed.oper(),
        "register" => typed.register(),
        "verify" => typed.verify(),
        "networks" => typed.networks(),
        "bind" => Ok(vec![Act::Tell(BIND.to_owned())]),
        "help" => Ok(vec![Act::Tell(help(typed.rest)?)]),
        "msg" | "notice" => whisper(typed),
        "raw" | "quote" => raw(typed.rest),
        _ => raw(format!("{name} {arguments}").trim_end()),
    }
}

/// What was typed, and where.
#[derive(Clone, Copy, Debug)]
struct Typed<'a> {
    name: &'a str,
    /// Without the white space around it.
    rest: &'a str,
    scene: Scene<'a>,
}

type Plan = Result<Vec<Act>, String>;

const BIND: &str = "Which network of a bouncer an account is for is set in the account's form, in the field “network”: its \
                    number, as /networks tells it. Make an account for each network.";

impl<'a> Typed<'a> {
    /// How it is typed.
    fn usage(&self) -> String {
        match commands::find(self.name) {
            Some(command) => format!("Usage: /{} {}", command.name, command.arguments).trim_end().to_owned(),
            None => format!("/{} cannot be understood.", self.name),
        }
    }

    /// The first word and what follows it.
    fn split(&self) -> Option<(&'a str, &'a str)> {
        let (first, rest) = self.rest.split_once(char::is_whitespace).unwrap_or((self.rest, ""));
        (!first.is_empty()).then_some((first, rest.trim_start()))
    }

    /// The first word, which must be there, and what follows it.
    fn first(&self) -> Result<(&'a str, &'a str), String> {
        let (first, rest) = self.split().ok_or_else(|| self.usage())?;
        if first.starts_with(':') { Err(self.usage()) } else { Ok((first, rest)) }
    }

    /// The one word that must be there.
    fn only(&self) -> Result<String, String> {
        let (first, rest) = self.first()?;
        if rest.is_empty() { Ok(first.to_owned()) } else { Err(self.usage()) }
    }

    fn is_channel(&self, name: &str) -> bool {
        self.scene.isupport.is_channel(name)
    }

    /// The channel where it was typed.
    fn here(&self) -> Result<&'a str, String> {
        let here = self.scene.here.filter(|here| self.is_channel(here));
        here.ok_or_else(|| format!("/{} is for channels: type it in one, or name one.", self.name))
    }

    /// A channel that is named first, else the one where it was typed; and what follows.
    fn channel(&self) -> Result<(&'a str, &'a str), String> {
        match self.split() {
            Some((first, rest)) if self.is_channel(first) => Ok((first, rest)),
            Some(_) | None => self.here().map(|here| (here, self.rest)),
        }
    }

    fn join(self) -> Plan {
        let (names, keys) = self.first()?;
        if keys.contains(char::is_whitespace) {
            return Err(self.usage());
        }
        let mut keys = keys.split(',');
        let acts = names.split(',').filter(|name| !name.is_empty()).map(|name| {
            // Who types a bare word means the channel of that name.
            let sign = self.scene.isupport.chantypes().chars().next().unwrap_or('#');
            let name = if self.is_channel(name) { name.to_owned() } else { format!("{sign}{name}") };
            Act::Join(name, keys.next().unwrap_or_default().to_owned())
        });
        Ok(acts.collect())
    }

    fn leave(self, act: impl Fn(String, Option<String>) -> Act) -> Plan {
        let (channel, why) = self.channel()?;
        let why = Some(why.to_owned()).filter(|why| !why.is_empty());
        Ok(channel.split(',').map(|channel| act(channel.to_owned(), why.clone())).collect())
    }

    fn query(self) -> Plan {
        let (nick, text) = self.first()?;
        if self.is_channel(nick) || is_circle(nick) {
            return Err("/query is for people; /join enters a channel.".into());
        }
        if !text.is_empty() {
            let text = if tells_service(nick, text) { "…" } else { text };
            return Err(format!("/query only opens a conversation. To say that: /msg {nick} {text}"));
        }
        Ok(vec![Act::Query(nick.to_owned())])
    }

    fn away(self) -> Plan {
        match (self.name, self.rest) {
            ("back", "") | ("away", "") => one(bare("AWAY")),
            ("back", _) => Err(self.usage()),
            (_, why) => one(Line::new("AWAY", [why])),
        }
    }

    fn topic(self) -> Plan {
        let (channel, text) = self.channel()?;
        match text {
            "" => {
                let question = Question::Topic(channel.to_owned());
                Ok(vec![Act::Ask(question, Line::new("TOPIC", [channel]))])
            }
            "-delete" => one(Line::new("TOPIC", [channel, ""])),
            text => one(Line::new("TOPIC", [channel, text])),
        }
    }

    fn mode(self) -> Plan {
        let (target, rest) = match self.split() {
            Some((first, rest)) if !first.starts_with(['+', '-']) => (first, rest),
            Some(_) | None => (self.scene.here.unwrap_or(self.scene.nick), self.rest),
        };
        // A person where it was typed has no modes that we could change; ours are meant.
        let own = !self.is_channel(target);
        let target = if own && self.scene.here == Some(target) { self.scene.nick } else { target };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let line = Line::new("MODE", [&[target], words.as_slice()].concat());
        let lists = |mode| self.scene.isupport.chanmodes().lists.contains(mode);
        let list = words.first().map(|modes| modes.trim_start_matches('+').chars());
        let question = match (list, words.as_slice()) {
            (_, []) => Some(Question::Mode(target.to_owned())),
            (Some(mut modes), [_]) if !own => {
                let only = modes.next().filter(|&mode| modes.next().is_none() && lists(mode));
                only.map(|mode| Question::List(target.to_owned(), mode))
            }
            _ => None,
        };
        Ok(vec![match question {
            Some(question) => Act::Ask(question, line),
            None => Act::Send(line),
        }])
    }

    fn rank(self, turn: Turn, mode: char) -> Plan {
        let (channel, nicks) = self.channel()?;
        let nicks: Vec<&str> = nicks.split([' ', ',', '\t']).filter(|nick| !nick.is_empty()).collect();
        if nicks.is_empty() {
            return Err(self.usage());
        }
        if !self.scene.isupport.prefixes().ranks().iter().any(|rank| rank.mode == mode) {
            return Err(format!("This server has no rank “{mode}”."));
        }
        let at_once = match self.scene.isupport.modes() {
            Limit::At(most) => most.max(1),
            Limit::Unlimited => MANY,
        };
        let lines = nicks.chunks(at_once).map(|nicks| {
            let letters: String = std::iter::repeat_n(mode, nicks.len()).collect();
            let modes = format!("{}{letters}", sign(turn));
            let params = [&[channel, modes.as_str()], nicks].concat();
            Act::Send(Line::new("MODE", params))
        });
        Ok(lines.collect())
    }

    fn kick(self) -> Plan {
        let (channel, rest) = self.channel()?;
        let (nick, why) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        if nick.is_empty() || nick.starts_with(':') {
            return Err(self.usage());
        }
        let why = Some(why.trim_start()).filter(|why| !why.is_empty());
        one(Line::new("KICK", [channel, nick].into_iter().chain(why)))
    }

    fn kickban(self) -> Plan {
        let (channel, rest) = self.channel()?;
        let (nick, why) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        if nick.is_empty() || nick.contains(['!', '@', '*']) || nick.starts_with(':') {
            return Err(self.usage());
        }
        Ok(vec![Act::List {
            turn: Turn::Set,
            channel: channel.to_owned(),
            mode: 'b',
            who: nick.to_owned(),
            kick: Some(why.trim_start().to_owned()),
        }])
    }

    /// Lists of masks, such as bans.
    fn list(self, turn: Turn, mode: Option<char>) -> Plan {
        let mode = mode.ok_or_else(|| "This server has no such list.".to_owned())?;
        let (channel, rest) = self.channel()?;
        let mut words = rest.split_whitespace();
        match (words.next(), words.next(), turn) {
            (None, _, Turn::Set) => {
                let line = Line::new("MODE", [channel.to_owned(), format!("+{mode}")]);
                Ok(vec![Act::Ask(Question::List(channel.to_owned(), mode), line)])
            }
            (Some(who), None, _) if !who.starts_with(':') => Ok(vec![Act::List {
                turn,
                channel: channel.to_owned(),
                mode,
                who: who.to_owned(),
                kick: None,
            }]),
            (Some(_), _, _) | (None, _, Turn::Unset) => Err(self.usage()),
        }
    }

    fn invite(self) -> Plan {
        let (nick, channel) = self.first()?;
        let channel = if channel.is_empty() { self.here()? } else { channel };
        if channel.contains(char::is_whitespace) {
            return Err(self.usage());
        }
        let line = Line::new("INVITE", [nick, channel]);
        Ok(vec![Act::Ask(Question::Invite(nick.to_owned(), channel.to_owned()), line)])
    }

    fn knock(self) -> Plan {
        let (channel, text) = self.first()?;
        let text = Some(text).filter(|text| !text.is_empty());
        one(Line::new("KNOCK", [channel].into_iter().chain(text)))
    }

    fn whois(self) -> Plan {
        let here = self.scene.here.filter(|here| !self.is_channel(here));
        let (nick, more) = match (self.split(), here) {
            (None, Some(here)) => (here, ""),
            _ => self.first()?,
        };
        let line = match more {
            "" => Line::new("WHOIS", [nick]),
            // The first is then the server that is asked, as everywhere on IRC.
            more if !more.contains(char::is_whitespace) => Line::new("WHOIS", [nick, more]),
            _ => return Err(self.usage()),
        };
        let whom = if more.is_empty() { nick } else { more };
        Ok(vec![Act::Ask(Question::Whois(whom.to_owned()), line)])
    }

    fn who(self) -> Plan {
        let mask = match (self.split(), self.scene.here) {
            (None, Some(here)) => here.to_owned(),
            _ => self.only()?,
        };
        let line = Line::new("WHO", [mask.as_str()]);
        Ok(vec![Act::Ask(Question::Who(mask), line)])
    }

    fn names(self) -> Plan {
        let (channel, rest) = self.channel()?;
        if !rest.is_empty() {
            return Err(self.usage());
        }
        Ok(vec![Act::Ask(Question::Names(channel.to_owned()), Line::new("NAMES", [channel]))])
    }

    /// The server searches where it can (`ELIST` has `M`), so that it need not send all of a large network.
    fn channels(self) -> Act {
        let search = self.rest.to_owned();
        let one_word = !search.is_empty() && !search.contains(char::is_whitespace);
        let masks = one_word && self.scene.isupport.elist().contains(&'M');
        let conditions = search.starts_with(['<', '>']) && one_word;
        let line = if conditions || (one_word && self.is_channel(&search)) {
            Line::new("LIST", [search.as_str()])
        } else if masks && !search.contains([',', ':']) {
            let mask = if search.contains(['*', '?']) { search.clone() } else { format!("*{search}*") };
            Line::new("LIST", [mask])
        } else {
            bare("LIST")
        };
        let ours = if line.params.is_empty() { search } else { String::new() };
        Act::Ask(Question::Channels(ours), line)
    }

    /// A question to our server, or to the one that is named.
    fn query_server(self, command: &str, question: Question) -> Act {
        let server = self.split().map(|(server, _)| server).filter(|server| !server.starts_with(':'));
        Act::Ask(question, Line::new(command, server))
    }

    fn ask(self, command: &str, question: impl Fn(String) -> Question) -> Plan {
        let whom = self.only()?;
        let line = Line::new(command, [whom.as_str()]);
        Ok(vec![Act::Ask(question(whom), line)])
    }

    fn monitor(self) -> Plan {
        if self.scene.isupport.monitor().is_none() {
            return Err("This server does not tell of comings and goings.".into());
        }
        let mut acts = Vec::new();
        let mut now = None;
        for word in self.rest.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
            let (turn, nick) = match word.strip_prefix('+') {
                Some(nick) => (Turn::Set, nick),
                None => match word.strip_prefix('-') {
                    Some(nick) => (Turn::Unset, nick),
                    None => (now.unwrap_or(Turn::Set), word),
                },
            };
            now = Some(turn);
            if nick.starts_with(':') {
                return Err(self.usage());
            }
            match acts.last_mut() {
                _ if nick.is_empty() => {}
                Some(Act::Watch(same, nicks)) if *same == turn => nicks.push(nick.to_owned()),
                Some(_) | None => acts.push(Act::Watch(turn, vec![nick.to_owned()])),
            }
        }
        if acts.is_empty() {
            acts.push(Act::Ask(Question::Watched, Line::new("MONITOR", ["S"])));
        }
        Ok(acts)
    }

    fn ctcp(self) -> Plan {
        let (target, rest) = self.first()?;
        let (command, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        if command.is_empty() || rest.contains('\u{1}') {
            return Err(self.usage());
        }
        if command.eq_ignore_ascii_case("PING") && text.is_empty() {
            return Ok(vec![Act::Ping(target.to_owned())]);
        }
        let words = format!("{} {}", command.to_ascii_uppercase(), text.trim_start());
        one(Line::new("PRIVMSG", [target.to_owned(), format!("\u{1}{}\u{1}", words.trim_end())]))
    }

    fn setname(self) -> Plan {
        if !self.scene.caps.is_enabled("setname") {
            return Err("This server changes no real names.".into());
        }
        if self.rest.is_empty() { Err(self.usage()) } else { one(Line::new("SETNAME", [self.rest])) }
    }

    fn rename(self) -> Plan {
        if !self.scene.caps.is_enabled("draft/channel-rename") {
            return Err("This server gives no channel another name.".into());
        }
        let here = self.here()?;
        let (name, why) = self.first()?;
        let why = Some(why).filter(|why| !why.is_empty());
        one(Line::new("RENAME", [here, name].into_iter().chain(why)))
    }

    fn service(self, name: &str) -> Plan {
        if self.rest.is_empty() {
            return Err(self.usage());
        }
        Ok(vec![Act::Secret(Line::new("PRIVMSG", [name, self.rest]))])
    }

    fn identify(self) -> Plan {
        let words = self.rest.split_whitespace().count();
        if !(1..=2).contains(&words) {
            return Err(self.usage());
        }
        Ok(vec![Act::Secret(Line::new(
            "PRIVMSG",
            ["NickServ".to_owned(), format!("IDENTIFY {}", self.rest)],
        ))])
    }

    fn oper(self) -> Plan {
        let (name, password) = self.first()?;
        if password.is_empty() {
            return Err(self.usage());
        }
        Ok(vec![Act::Secret(Line::new("OPER", [name, password]))])
    }

    /// <https://ircv3.net/specs/extensions/account-registration>
    fn register(self) -> Plan {
        let Some(value) = registration(self.scene.caps) else {
            return Err("This server makes no accounts by itself; ask NickServ: /ns HELP REGISTER".into());
        };
        let mut words = self.rest.splitn(3, char::is_whitespace).map(str::trim);
        let (Some(account), Some(email), Some(password)) = (words.next(), words.next(), words.next()) else {
            return Err(self.usage());
        };
        if account.is_empty() || email.is_empty() || password.is_empty() || account.starts_with(':') {
            return Err(self.usage());
        }
        if email == "*" && value.split(',').any(|key| key == "email-required") {
            return Err("This server wants an e-mail address for an account.".into());
        }
        Ok(vec![Act::Secret(Line::new("REGISTER", [account, email, password]))])
    }

    fn verify(self) -> Plan {
        if registration(self.scene.caps).is_none() {
            return Err("This server makes no accounts by itself; ask NickServ: /ns HELP".into());
        }
        let (account, code) = self.first()?;
        if code.is_empty() {
            return Err(self.usage());
        }
        Ok(vec![Act::Secret(Line::new("VERIFY", [account, code]))])
    }

    /// <https://codeberg.org/emersion/soju/src/branch/master/doc/ext/bouncer-networks.md>
    fn networks(self) -> Plan {
        if !self.scene.caps.is_enabled("soju.im/bouncer-networks") {
            return Err("This server is no bouncer that lists its networks.".into());
        }
        Ok(vec![Act::Ask(Question::Networks, Line::new("BOUNCER", ["LISTNETWORKS"]))])
    }
}

/// The most modes in a line where the server names no limit.
const MANY: usize = 12;

/// A nickname as a mask; what is one already stays.
pub(super) fn mask(name: &str) -> String {
    match (name.contains('!'), name.contains('@')) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{name}@*"),
        (false, true) => format!("*!{name}"),
        (false, false) => format!("{name}!*@*"),
    }
}

/// The sign of a turn.
pub(super) fn sign(turn: Turn) -> char {
    match turn {
        Turn::Set => '+',
        Turn::Unset => '-',
    }
}

/// The list of those who may not speak; `q` is one only where it is no rank.
fn quiets(isupport: &Isupport) -> Option<char> {
    Some('q').filter(|&mode| isupport.chanmodes().lists.contains(mode))
}

fn registration(caps: &Caps) -> Option<&str> {
    caps.offered("draft/account-registration").filter(|_| caps.is_enabled("draft/account-registration"))
}

fn bare(command: &str) -> Line {
    Line::new(command, [] as [&str; 0])
}

fn one(line: Line) -> Plan {
    Ok(vec![Act::Send(line)])
}

#[cfg(test)]
mod tests;
