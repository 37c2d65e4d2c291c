//! Log-in to an account: SASL over `AUTHENTICATE`.
//!
//! <https://ircv3.net/specs/extensions/sasl-3.1>, <https://ircv3.net/specs/extensions/sasl-3.2>. Mechanisms, in the order
//! in which they are tried: `EXTERNAL` (RFC 4422, appendix A) where there is a client certificate, then `SCRAM-SHA-256`
//! (RFC 7677), which shows the password to nobody, then `PLAIN` (RFC 4616).
//!
//! A mechanism that the server refuses (904, 908) makes way for the next. What *we* refuse ends the log-in and makes way
//! for none: a server that could not prove that it knows the password must not be handed the password itself.
//!
//! What is sent is a [`Secret`], since it holds one: neither a step nor the log-in prints it.

mod scram;

use super::line::Line;
use crate::Secret;
use data_encoding::BASE64;
use ring::digest::{SHA256, digest};
use scram::{Scram, Verdict};
use std::collections::VecDeque;
use std::fmt;

/// The most bytes of one chunk; one of just this length says that more follows.
pub const CHUNK: usize = 400;

/// The most bytes of Base64 that a server may send at once: twenty chunks. SCRAM needs one.
pub const MAX_PAYLOAD: usize = 20 * CHUNK;

/// The most bytes of an account's name or a password; servers take some 300 of a password. A longer one is not sent.
pub const MAX_CREDENTIAL: usize = 1024;

/// The least iterations of SCRAM: RFC 7677 §4. Fewer would let a false server guess passwords from the proof.
pub const MIN_ITERATIONS: u32 = 4096;

/// The most iterations of SCRAM: above what servers use (4,096 to 64,000) and what is advised (600,000), and still less
/// than about a second of work, which a hostile server could otherwise ask for without end.
pub const MAX_ITERATIONS: u32 = 1_000_000;

/// A way to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// By the certificate of the TLS connection.
    External,
    /// By a proof that both sides know the password.
    ScramSha256,
    /// By the password itself.
    Plain,
}

/// Who logs in, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The account's name.
    pub account: String,
    /// The password, where there is one.
    pub password: Option<Secret>,
    /// Whether the connection has a client certificate.
    pub certificate: bool,
}

/// A log-in under way.
pub struct Sasl {
    login: Login,
    nonce: String,
    /// What is tried next if the server refuses.
    left: VecDeque<Mechanism>,
    state: State,
    /// Chunks of a payload that goes on.
    incoming: String,
    /// A mechanism was given up on 908, and the 904 that servers send behind that is still to come.
    late_refusal: bool,
    /// From 900.
    account: Option<String>,
}

/// What follows from a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this line.
    Send(Secret),
    /// Logged in, to that account where the server said so.
    Done(Option<String>),
    /// Not logged in.
    Failed(SaslFault),
}

/// Why a log-in failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaslFault {
    /// The server offers none that we could use.
    #[error("the server offers no log-in that can be used")]
    NoMechanism,
    /// The server refused every mechanism; its words on the last.
    #[error("refused: {0}")]
    Refused(String),
    /// The account is locked, or bound to another nick (902).
    #[error("locked: {0}")]
    Locked(String),
    /// The server took the answer for too long (905).
    #[error("too long for the server")]
    TooLong,
    /// The log-in was given up, by the server (906) or by us.
    #[error("given up")]
    Aborted,
    /// The server sent something that is no answer of the mechanism.
    #[error("the server does not keep to the mechanism")]
    Broken,
    /// The server did not prove that it knows the password.
    #[error("the server did not prove that it knows the password")]
    Unproven,
    /// The server asks for too little or too much work.
    #[error("the server asks for {0} iterations")]
    Iterations(u32),
}

/// A nonce for SCRAM from the seed of a session, so that the session replays exactly.
#[must_use]
pub fn nonce(seed: u64) -> String {
    let hash = digest(&SHA256, &[b"whinchat irc scram nonce ".as_slice(), &seed.to_be_bytes()].concat());
    BASE64.encode(hash.as_ref().get(..18).unwrap_or_default())
}

impl Mechanism {
    /// Its registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::Plain => "PLAIN",
        }
    }
}

/// In the order of preference.
const MECHANISMS: [Mechanism; 3] = [Mechanism::External, Mechanism::ScramSha256, Mechanism::Plain];

impl Sasl {
    /// Begins. `offered` is the value of the capability `sasl`; where it is empty, everything is tried. The nonce must be
    /// printable ASCII without a comma.
    #[must_use]
    pub fn begin(login: Login, offered: &str, nonce: String) -> (Self, Vec<Step>) {
        let left = MECHANISMS.into_iter().filter(|&one| lists(offered, one) && possible(&login, one, &nonce));
        let left = left.collect();
        let state = State::Over;
        let mut sasl =
            Self { login, nonce, left, state, incoming: String::new(), late_refusal: false, account: None };
        let steps = sasl.next(SaslFault::NoMechanism);
        (sasl, steps)
    }

    /// Takes a line from the server; any that is not for the log-in gives nothing, and so does any after the end.
    pub fn take(&mut self, line: &Line) -> Vec<Step> {
        if matches!(self.state, State::Over) {
            return Vec::new();
        }
        let words = || line.params.last().cloned().unwrap_or_default();
        match line.command.as_str() {
            "900" => {
                self.account = line.param(2).map(str::to_owned);
                Vec::new()
            }
            "902" => self.fail(SaslFault::Locked(words())),
            "903" | "907" => self.succeed(line.command == "907"),
            "904" if self.late_refusal => {
                self.late_refusal = false;
                Vec::new()
            }
            "904" => self.next(SaslFault::Refused(words())),
            "905" => self.fail(SaslFault::TooLong),
            "906" => match self.state {
                State::Refused => self.next(SaslFault::Refused(words())),
                State::Named(_) | State::Scram(_) | State::Answered | State::Over => {
                    self.fail(SaslFault::Aborted)
                }
            },
            "908" => self.listed(line.param(1).unwrap_or_default(), words()),
            word if word.eq_ignore_ascii_case("AUTHENTICATE") => {
                self.received(line.param(0).unwrap_or_default())
            }
            _ => Vec::new(),
        }
    }

    /// Gives up.
    pub fn abort(&mut self) -> Vec<Step> {
        match self.state {
            State::Over => Vec::new(),
            State::Named(_) | State::Scram(_) | State::Answered | State::Refused => {
                self.refuse(SaslFault::Aborted)
            }
        }
    }

    fn succeed(&mut self, already: bool) -> Vec<Step> {
        let unproven = match &self.state {
            State::Named(mechanism) => *mechanism == Mechanism::ScramSha256,
            State::Scram(_) | State::Refused => true,
            State::Answered | State::Over => false,
        };
        // 907 speaks of an earlier log-in, not of this one.
        if unproven && !already {
            return self.fail(SaslFault::Unproven);
        }
        self.state = State::Over;
        vec![Step::Done(self.account.take())]
    }

    /// The server says what it has. Some send a 904 behind it and some do not.
    fn listed(&mut self, offered: &str, words: String) -> Vec<Step> {
        self.left.retain(|&one| lists(offered, one));
        match self.state {
            State::Named(one) if !lists(offered, one) => {
                self.late_refusal = true;
                self.next(SaslFault::Refused(words))
            }
            State::Named(_) | State::Scram(_) | State::Answered | State::Refused | State::Over => Vec::new(),
        }
    }

    fn received(&mut self, chunk: &str) -> Vec<Step> {
        self.late_refusal = false;
        if chunk.len() > CHUNK || self.incoming.len() + chunk.len() > MAX_PAYLOAD {
            return self.refuse(SaslFault::Broken);
        }
        if chunk != "+" {
            self.incoming.push_str(chunk);
        }
        if chunk.len() == CHUNK {
            return Vec::new();
        }
        let payload = BASE64.decode(std::mem::take(&mut self.incoming).as_bytes());
        let Some(payload) = payload.ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return self.refuse(SaslFault::Broken);
        };
        self.answer(&payload)
    }

    fn answer(&mut self, payload: &str) -> Vec<Step> {
        match std::mem::replace(&mut self.state, State::Refused) {
            State::Named(mechanism) if payload.is_empty() => self.open(mechanism),
            State::Scram(mut scram) if !scram.is_answered() => match scram.answer(payload) {
                Ok(answer) => {
                    self.state = State::Scram(scram);
                    send(&answer)
                }
                Err(fault) => self.refuse(fault),
            },
            State::Scram(scram) => match scram.verify(payload) {
                Verdict::Proven => {
                    self.state = State::Answered;
                    send("")
                }
                // The refusal counts when its number comes, so that the next mechanism is not begun within this one.
                Verdict::Refused => vec![line("*")],
                Verdict::Unproven => self.refuse(SaslFault::Unproven),
            },
            // The answer to our giving up is on its way.
            State::Refused => Vec::new(),
            State::Named(_) | State::Answered | State::Over => self.refuse(SaslFault::Broken),
        }
    }

    /// The first answer of a mechanism.
    fn open(&mut self, mechanism: Mechanism) -> Vec<Step> {
        let password = self.login.password.as_ref().map_or("", |secret| secret.0.as_str());
        let answer = match mechanism {
            Mechanism::External => String::new(),
            Mechanism::Plain => format!("\0{}\0{password}", self.login.account),
            Mechanism::ScramSha256 => {
                let Some(scram) = Scram::new(&self.login.account, password, &self.nonce) else {
                    return self.refuse(SaslFault::NoMechanism);
                };
                let first = scram.first();
                self.state = State::Scram(Box::new(scram));
                return send(&first);
            }
        };
        self.state = State::Answered;
        send(&answer)
    }

    /// Tries the next mechanism, or ends with why the last one failed.
    fn next(&mut self, fault: SaslFault) -> Vec<Step> {
        self.incoming.clear();
        let Some(mechanism) = self.left.pop_front() else { return self.fail(fault) };
        self.state = State::Named(mechanism);
        vec![line(mechanism.name())]
    }

    fn refuse(&mut self, fault: SaslFault) -> Vec<Step> {
        let mut steps = vec![line("*")];
        steps.extend(self.fail(fault));
        steps
    }

    fn fail(&mut self, fault: SaslFault) -> Vec<Step> {
        self.state = State::Over;
        vec![Step::Failed(fault)]
    }
}

impl fmt::Debug for Sasl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sasl").field("left", &self.left).field("state", &self.state).finish_non_exhaustive()
    }
}

/// Where a log-in stands.
#[derive(Debug)]
enum State {
    /// The mechanism is named; the server will bid us begin.
    Named(Mechanism),
    /// SCRAM is under way.
    Scram(Box<Scram>),
    /// All is said, and by SCRAM the server has proven itself.
    Answered,
    /// The server refused within SCRAM; its number will follow.
    Refused,
    /// There is nothing more to come.
    Over,
}

fn lists(offered: &str, mechanism: Mechanism) -> bool {
    offered.is_empty() || offered.split(',').any(|name| name.eq_ignore_ascii_case(mechanism.name()))
}

fn possible(login: &Login, mechanism: Mechanism, nonce: &str) -> bool {
    let Some(Secret(password)) = &login.password else {
        return mechanism == Mechanism::External && login.certificate;
    };
    let sendable = |text: &str| (1..=MAX_CREDENTIAL).contains(&text.len()) && !text.contains('\0');
    match mechanism {
        Mechanism::External => login.certificate,
        Mechanism::Plain => sendable(&login.account) && sendable(password),
        Mechanism::ScramSha256 => {
            let prepared = sendable(&login.account) && sendable(password);
            prepared && Scram::new(&login.account, password, nonce).is_some()
        }
    }
}

/// An answer in Base64, in chunks; empty, or after a chunk that is full, a `+` says that it is whole.
fn send(answer: &str) -> Vec<Step> {
    let mut rest = BASE64.encode(answer.as_bytes());
    let mut steps = Vec::new();
    while rest.len() >= CHUNK {
        let behind = rest.split_off(CHUNK);
        steps.push(line(&rest));
        rest = behind;
    }
    steps.push(line(if rest.is_empty() { "+" } else { &rest }));
    steps
}

fn line(word: &str) -> Step {
    Step::Send(Secret(format!("AUTHENTICATE {word}")))
}

#[cfg(test)]
mod tests;
