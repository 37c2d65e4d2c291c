//! From the open socket to being in: capabilities, log-in, nickname, welcome.

use super::caps::{self, Step as CapStep};
use super::line::Line;
use super::memory;
use super::nick::Free;
use super::outbox::{Letter, Turn};
use super::sasl::{self, Sasl, SaslFault, Step as SaslStep};
use super::session::Session;
use super::settings::Entrance;
use crate::{Close, Output};
use domain::{Event, Phase, Reason, Tone};
use std::time::{Duration, Instant};

/// How long a log-in may take.
const LOGIN_PATIENCE: Duration = Duration::from_secs(20);

/// How long an answer about capabilities may take once we are let in, where a server does not wait for the end of that talk.
const CAPS_PATIENCE: Duration = Duration::from_secs(5);

/// The most lines of a message of the day that are kept.
const MAX_MOTD: usize = 300;

/// WebSocket status codes (RFC 6455 §7.4.1): our own end, and what breaks the rules of this place.
const NORMAL: u16 = 1000;
const POLICY: u16 = 1008;

/// Where the entry stands.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) stage: Stage,
    sasl: Option<Sasl>,
    /// When the log-in is given up; how long a whole entry may take, the link knows.
    login_due: Option<Instant>,
    /// We are let in, and wait until then for what we can do here.
    caps_due: Option<Instant>,
    motd: Vec<String>,
}

/// The stages, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// The socket is not open yet.
    #[default]
    Closed,
    /// Capabilities are talked about, and we log in.
    Talking,
    /// Nothing more is to be said; the server will let us in.
    Waiting,
    /// Let in; the message of the day is to come.
    Welcome,
    /// In.
    In,
    /// The session is over.
    Over,
}

impl Entry {
    /// When something is given up.
    pub(super) fn due(&self) -> Option<Instant> {
        self.login_due.into_iter().chain(self.caps_due).min()
    }
}

impl Session {
    /// Whether we are not let in yet.
    pub(super) fn is_waiting(&self) -> bool {
        self.entry.stage < Stage::Welcome
    }

    /// The first lines.
    pub(super) fn enter(&mut self) {
        self.entry.stage = Stage::Talking;
        self.send_now(caps::begin());
        if let Entrance::Pass(password) = &self.settings.entrance {
            let line = Line::new("PASS", [password.0.as_str()]);
            self.send_secret(line);
        }
        self.send_now(Line::new("NICK", [self.nick.own.nick.clone()]));
        let (user, real) = (self.settings.username.clone(), self.settings.realname.clone());
        self.send_now(Line::new("USER", [user, "0".into(), "*".into(), real]));
    }

    /// A line about capabilities.
    pub(super) fn capability(&mut self, line: &Line) {
        for step in self.caps.take(line) {
            match step {
                CapStep::Send(line) => self.send_now(line),
                CapStep::Enabled(names) => {
                    if names.contains(&"sasl") {
                        self.log_in();
                    }
                    self.tell_capabilities();
                }
                CapStep::Disabled(_) => self.tell_capabilities(),
                CapStep::Settled => {
                    self.settle();
                    if self.entry.caps_due.is_some() {
                        self.come_in();
                    }
                }
            }
        }
    }

    /// A line of the log-in. Who is logged in by other means is told so.
    pub(super) fn authenticate(&mut self, line: &Line) {
        let Some(sasl) = &mut self.entry.sasl else {
            if line.command == "900" {
                self.shown(line);
            }
            return;
        };
        let steps = sasl.take(line);
        self.follow(steps);
    }

    /// The numerics of getting in. `false`: the line is none of them.
    pub(super) fn admit(&mut self, line: &Line) -> bool {
        match line.command.as_str() {
            "001" => self.welcome(line),
            "002" | "003" | "004" | "251" | "252" | "253" | "254" | "255" | "265" | "266" | "042" | "221"
            | "250" => {}
            "005" => {
                self.features.apply(&line.params);
                self.suit();
            }
            "375" | "372" if self.entry.stage == Stage::Welcome => {
                if self.entry.motd.len() < MAX_MOTD && line.command == "372" {
                    self.entry.motd.extend(line.params.last().cloned());
                }
            }
            "376" | "422" if self.entry.stage == Stage::Welcome => {
                if self.caps.is_settled() {
                    self.come_in();
                } else {
                    self.entry.caps_due = Some(self.now.mono + CAPS_PATIENCE);
                }
            }
            "432" | "433" | "436" | "437" => return self.nick_refused(line),
            // Not while banned, not so fast, not in that room, not on that connection.
            "435" | "438" | "447" | "484" if self.entry.stage >= Stage::Welcome => {
                return self.nick.is_refused();
            }
            "396" => {
                self.shown_from(line.param(1).unwrap_or_default());
                return false;
            }
            "464" | "465" if self.entry.stage < Stage::In => {
                self.refused(line.params.last().cloned().unwrap_or_default());
            }
            _ => return false,
        }
        true
    }

    /// Others see us there from here on, `[user@]host`: how long our lines may be hangs on it.
    fn shown_from(&mut self, mask: &str) {
        let (user, host) = mask.split_once('@').map_or((None, mask), |(user, host)| (Some(user), host));
        if !host.is_empty() {
            self.nick.own.host = Some(host.to_owned());
        }
        if let Some(user) = user {
            self.nick.own.user = Some(user.to_owned());
        }
    }

    /// What is due has come, or is given up.
    pub(super) fn entry_timeout(&mut self) {
        let now = self.now.mono;
        if self.entry.login_due.is_some_and(|due| due <= now) {
            self.entry.login_due = None;
            if let Some(sasl) = &mut self.entry.sasl {
                let steps = sasl.abort();
                self.follow_silence(steps);
            }
        }
        if self.entry.caps_due.is_some_and(|due| due <= now) {
            self.come_in();
        }
        if let Some(nick) = self.nick.ask(Free::Unknown, now) {
            self.send_idle(Line::new("NICK", [nick]));
        }
    }

    /// Somebody has let a nickname go.
    pub(super) fn nick_freed(&mut self, nick: &str) {
        let wanted = self.people.same(nick, &self.nick.wanted) && self.entry.stage == Stage::In;
        if wanted && let Some(nick) = self.nick.ask(Free::Now, self.now.mono) {
            self.send_soon(Line::new("NICK", [nick]));
        }
    }

    /// Ends the session, and says why.
    pub(super) fn close(&mut self, code: u16, reason: Reason) {
        if self.entry.stage != Stage::Over {
            self.entry.stage = Stage::Over;
            (self.entry.login_due, self.entry.caps_due) = (None, None);
            self.out.close(Close { code, reason });
        }
    }

    /// The server does not let us in, and only the user can change something.
    pub(super) fn refused(&mut self, text: String) {
        self.close(POLICY, Reason::NotLetIn { text });
    }

    fn silent(&mut self, patience: Duration) {
        let seconds = u32::try_from(patience.as_secs()).unwrap_or(u32::MAX);
        self.close(NORMAL, Reason::TimedOut { phase: Phase::Login, seconds });
    }

    fn log_in(&mut self) {
        let Entrance::Sasl(login) = &self.settings.entrance else { return };
        let late = self.entry.stage > Stage::Talking;
        if self.entry.sasl.is_some() && !late {
            return;
        }
        let offered = self.caps.offered("sasl").unwrap_or_default();
        let (sasl, steps) = Sasl::begin(login.clone(), offered, sasl::nonce(self.seed));
        self.entry.sasl = Some(sasl);
        self.entry.login_due = Some(self.now.mono + LOGIN_PATIENCE);
        self.follow(steps);
    }

    fn follow(&mut self, steps: Vec<SaslStep>) {
        for step in steps {
            match step {
                SaslStep::Send(secret) => match Line::parse(&secret.0) {
                    Ok(line) => self.send_secret(line),
                    Err(_) => self.server_says("The log-in cannot be written.".to_owned(), Tone::Notice),
                },
                SaslStep::Done(_) => {
                    self.entry.sasl = None;
                    self.entry.login_due = None;
                    self.settle();
                }
                SaslStep::Failed(fault) => self.log_in_failed(&fault),
            }
        }
    }

    /// The log-in was given up since the server does not answer.
    fn follow_silence(&mut self, steps: Vec<SaslStep>) {
        for step in steps {
            match step {
                SaslStep::Send(secret) => {
                    if let Ok(line) = Line::parse(&secret.0) {
                        self.send_secret(line);
                    }
                }
                SaslStep::Done(_) => {}
                SaslStep::Failed(_) if self.entry.stage <= Stage::Talking => self.silent(LOGIN_PATIENCE),
                SaslStep::Failed(fault) => self.log_in_failed(&fault),
            }
        }
    }

    /// Before we are in, the session ends: who wants to be known is not to be there as somebody else. Later, when the
    /// services of a network come back and refuse, it is said.
    fn log_in_failed(&mut self, fault: &SaslFault) {
        self.entry.sasl = None;
        self.entry.login_due = None;
        let text = match fault {
            SaslFault::Refused(text) | SaslFault::Locked(text) if !text.is_empty() => text.clone(),
            SaslFault::Refused(_)
            | SaslFault::Locked(_)
            | SaslFault::NoMechanism
            | SaslFault::TooLong
            | SaslFault::Aborted
            | SaslFault::Broken
            | SaslFault::Unproven
            | SaslFault::Iterations(_) => format!("log-in by SASL: {fault}"),
        };
        if self.entry.stage <= Stage::Talking {
            self.refused(text);
        } else {
            self.server_says(format!("You are not logged in: {text}"), Tone::Notice);
        }
    }

    /// Nothing is without an answer: the negotiation ends, unless we are logging in.
    fn settle(&mut self) {
        if self.entry.stage == Stage::Talking && self.entry.sasl.is_none() {
            self.entry.stage = Stage::Waiting;
            self.bind();
            self.send_now(caps::end());
        }
    }

    /// Chooses the network of a bouncer.
    /// <https://codeberg.org/emersion/soju/src/branch/master/doc/ext/bouncer-networks.md>
    fn bind(&mut self) {
        let network = self.settings.network.clone();
        if network.is_empty() {
            return;
        }
        if self.caps.is_enabled("soju.im/bouncer-networks") {
            self.send_now(Line::new("BOUNCER", ["BIND", &network]));
        } else {
            let text = format!("The server is no bouncer that could choose the network {network}.");
            self.server_says(text, Tone::Notice);
        }
    }

    fn welcome(&mut self, line: &Line) {
        if self.entry.stage >= Stage::Welcome {
            return;
        }
        self.entry.stage = Stage::Welcome;
        if let Some(nick) = line.param(0).filter(|nick| !nick.is_empty()) {
            self.nick.is_now(nick);
        }
        if let Some(source) = &line.source {
            self.server_name.clone_from(&source.nick);
        }
    }

    /// In: from here on the user's words can be sent.
    fn come_in(&mut self) {
        self.entry.stage = Stage::In;
        self.entry.caps_due = None;
        self.tell_capabilities();
        self.event(Event::Me { name: self.nick.own.nick.clone() });
        self.event(Event::Online);
        self.tell_motd();
        let by_sasl = matches!(self.settings.entrance, Entrance::Sasl(_));
        if by_sasl && !self.caps.is_enabled("sasl") {
            let text =
                "The server offers no log-in by SASL: you are not logged in. To ask NickServ: /identify";
            self.server_says(text.to_owned(), Tone::Notice);
        }
        if self.settings.bare && self.caps.offered(caps::STS).is_some() {
            let text = "The server wants encrypted connections only: its address should begin with wss://.";
            self.server_says(text.to_owned(), Tone::Notice);
        }
        self.nick.watch(self.now.mono);
        self.join_all();
        self.watch_all();
        self.look_for_the_missed();
    }

    /// The message of the day, where it is another than last time.
    fn tell_motd(&mut self) {
        let motd = std::mem::take(&mut self.entry.motd).join("\n");
        let hash = memory::hash(&motd);
        if motd.trim().is_empty() || self.memory.motd.as_ref() == Some(&hash) {
            return;
        }
        self.memory.motd = Some(hash);
        self.remember();
        self.server_says(motd, Tone::Notice);
    }

    fn nick_refused(&mut self, line: &Line) -> bool {
        let text = line.params.last().cloned().unwrap_or_default();
        if self.entry.stage >= Stage::Welcome {
            return self.nick.is_refused();
        }
        match self.nick.next() {
            Some(nick) => self.send_now(Line::new("NICK", [nick])),
            None => self.refused(text),
        }
        true
    }

    fn send_secret(&mut self, line: Line) {
        let _ = self.out.send(Letter::secret(line), Turn::Now);
    }

    /// What a server says last.
    pub(super) fn farewell(&mut self, line: &Line) {
        self.finish_batches();
        self.tell_split();
        self.tell_rejoined();
        let text = line.params.last().cloned().unwrap_or_default();
        let by = domain::CloseBy::Server;
        self.close(NORMAL, Reason::Closed { code: None, text, by });
    }

    /// Tells what is remembered.
    pub(super) fn remember(&mut self) {
        self.out.output(Output::Remember(self.memory.write()));
    }
}
