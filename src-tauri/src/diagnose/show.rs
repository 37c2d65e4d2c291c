//! Tells of a try on standard output: each step as it goes, who was met, how it came out, and what comes next.

use super::address::unsaid;
use crate::calendar::minute;
use domain::{Attempt, Certificate, Outcome, Peer};
use std::io::{self, Write};
use std::time::Duration;
use words::Tongue;

/// The columns of the labels.
const LABEL: usize = 20;

/// Tells of one try while it goes on.
pub(super) struct Show<W> {
    out: W,
    tongue: Tongue,
    /// Steps whose label is written.
    begun: usize,
    /// Steps whose line is written.
    ended: usize,
}

impl<W: Write> Show<W> {
    /// Begins with the address, without what it may carry of a log-in.
    pub(super) fn begin(mut out: W, tongue: Tongue, url: &str) -> io::Result<Self> {
        writeln!(out, "{}\n", clean(&unsaid(url)))?;
        Ok(Self { out, tongue, begun: 0, ended: 0 })
    }

    /// What is new of the steps.
    pub(super) fn steps(&mut self, attempt: &Attempt) -> io::Result<()> {
        for (at, step) in attempt.steps.iter().enumerate().skip(self.ended) {
            if at >= self.begun {
                self.label(&words::step(self.tongue, step.phase))?;
                self.out.flush()?;
                self.begun = at + 1;
            }
            let took = match step.took_us {
                Some(us) => words::step_time(self.tongue, us),
                None if !attempt.is_known() => break,
                None => self.say("value.failed"),
            };
            writeln!(self.out, "{took}")?;
            self.ended = at + 1;
        }
        self.out.flush()
    }

    /// The rest, once it is known how it came out.
    pub(super) fn end(mut self, attempt: &Attempt, round_trip: Option<Duration>) -> io::Result<()> {
        self.steps(attempt)?;
        writeln!(self.out)?;
        let is_open = matches!(attempt.outcome, Outcome::Online { .. } | Outcome::Ended { .. });
        self.peer(&attempt.peer, is_open)?;
        if let Some(time) = round_trip {
            let us = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
            self.fact("field.roundTrip", &words::step_time(self.tongue, us))?;
        }
        if let Outcome::Failed { reason } | Outcome::Ended { reason, .. } = &attempt.outcome {
            let detail = words::detail(self.tongue, reason);
            if !detail.is_empty() {
                self.fact("field.detail", &detail)?;
            }
        }
        writeln!(self.out, "\n{}", clean(&words::outcome(self.tongue, &attempt.outcome)))?;
        writeln!(self.out, "{}", words::next(self.tongue, &attempt.outcome))?;
        self.out.flush()
    }

    fn peer(&mut self, peer: &Peer, is_open: bool) -> io::Result<()> {
        let Peer { address, proxy, tls, cipher, certificate, subprotocol, extensions } = peer;
        if let Some(proxy) = proxy {
            self.fact("field.proxy", proxy)?;
        }
        if let Some(address) = address {
            self.fact("field.address", address)?;
        }
        match (tls, cipher) {
            (Some(tls), Some(cipher)) => self.fact("field.tls", &format!("{tls}, {cipher}"))?,
            (Some(tls), None) => self.fact("field.tls", tls)?,
            (None, _) if is_open => self.fact("field.tls", &self.say("value.plain"))?,
            (None, _) => {}
        }
        if let Some(certificate) = certificate {
            self.certificate(certificate)?;
        }
        if is_open {
            let none = self.say("value.none");
            self.fact("field.subprotocol", subprotocol.as_deref().unwrap_or(&none))?;
            self.fact("field.extensions", extensions.as_deref().unwrap_or(&none))?;
        }
        Ok(())
    }

    fn certificate(&mut self, certificate: &Certificate) -> io::Result<()> {
        let Certificate { subject, issuer, names, not_before, not_after, sha256 } = certificate;
        self.fact("field.certificate", subject)?;
        self.fact("field.issuer", issuer)?;
        if !names.is_empty() {
            self.fact("field.names", &names.join(", "))?;
        }
        let values = [("first", minute(*not_before)), ("last", minute(*not_after))];
        let values = values.each_ref().map(|(slot, value)| (*slot, value.as_str()));
        self.fact("field.validity", &words::say(self.tongue, "value.validity", &values))?;
        self.fact("field.fingerprint", &format!("SHA-256 {sha256}"))
    }

    fn fact(&mut self, label: &str, value: &str) -> io::Result<()> {
        self.label(&self.say(label))?;
        writeln!(self.out, "{}", clean(value))
    }

    fn label(&mut self, label: &str) -> io::Result<()> {
        let blanks = LABEL.saturating_sub(columns(label)).max(1);
        write!(self.out, "{label}{}", " ".repeat(blanks))
    }

    fn say(&self, name: &str) -> String {
        words::say(self.tongue, name, &[])
    }
}

/// The same for a program: one JSON value, with the words beside the facts.
pub(super) fn json(tongue: Tongue, attempt: &Attempt, round_trip: Option<Duration>) -> serde_json::Value {
    serde_json::json!({
        "attempt": Attempt { url: unsaid(&attempt.url), ..attempt.clone() },
        "roundTripUs": round_trip.map(|time| u32::try_from(time.as_micros()).unwrap_or(u32::MAX)),
        "outcome": words::outcome(tongue, &attempt.outcome),
        "next": words::next(tongue, &attempt.outcome),
    })
}

/// Text of servers with nothing in it that steers a terminal or turns the direction of writing.
pub(super) fn clean(text: &str) -> String {
    let steers = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if steers(letter) { '\u{fffd}' } else { letter }).collect()
}

/// How wide a terminal shows our own labels: Han characters and their punctuation are two columns wide.
fn columns(label: &str) -> usize {
    label.chars().map(|letter| if letter >= '\u{2e80}' { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Phase, Reason, Step, Timestamp};

    fn attempt(steps: &[(Phase, Option<u32>)], outcome: Outcome) -> Attempt {
        Attempt {
            at: Timestamp(0),
            url: "wss://h/".into(),
            steps: steps.iter().map(|&(phase, took_us)| Step { phase, took_us }).collect(),
            peer: Peer::default(),
            outcome,
        }
    }

    fn told(tongue: Tongue, tries: &[Attempt]) -> String {
        let mut out = Vec::new();
        let mut show = Show::begin(&mut out, tongue, "wss://h/").unwrap();
        for one in tries {
            show.steps(one).unwrap();
        }
        show.end(tries.last().unwrap(), None).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_secret_in_an_address_is_told() {
        for (url, told) in
            [("wss://h/ws?token=SECRET", "wss://h/ws?token=…"), ("wss://h/hooks/SECRET", "wss://h/hooks/…")]
        {
            let mut out = Vec::new();
            Show::begin(&mut out, Tongue::English, url).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("{told}\n\n"));
            let attempt = Attempt { url: url.into(), ..attempt(&[], Outcome::Trying) };
            assert!(!json(Tongue::English, &attempt, None).to_string().contains("SECRET"));
        }
    }

    #[test]
    fn each_step_is_told_once_however_often_the_news_come() {
        let reason = Reason::Refused { address: "192.0.2.1:443".into() };
        let tries = [
            attempt(&[(Phase::Dns, None)], Outcome::Trying),
            attempt(&[(Phase::Dns, None)], Outcome::Trying),
            attempt(&[(Phase::Dns, Some(1_200)), (Phase::Tcp, None)], Outcome::Trying),
            attempt(&[(Phase::Dns, Some(1_200)), (Phase::Tcp, None)], Outcome::Failed { reason }),
        ];
        assert_eq!(
            told(Tongue::English, &tries),
            "wss://h/\n\n\
             Address (DNS)       1.2 ms\n\
             Connection (TCP)    failed\n\n\n\
             not connected: connection refused by 192.0.2.1:443\n\
             Whinchat would try again by itself in about a second.\n"
        );
        let last = tries.last().unwrap().clone();
        assert_eq!(
            told(Tongue::Chinese, &[last]),
            "wss://h/\n\n\
             查找地址（DNS）     1.2 毫秒\n\
             建立连接（TCP）     失败\n\n\n\
             未连接：192.0.2.1:443 拒绝了连接\n\
             Whinchat 会在约一秒后自动重试。\n"
        );
    }

    #[test]
    fn what_a_server_says_cannot_steer_the_terminal() {
        let text = "\u{1b}[2Jgone\u{202e}tac".to_owned();
        let reason = Reason::NotWebSocket { text };
        let mut failed = attempt(&[], Outcome::Failed { reason });
        failed.peer.subprotocol = Some("\u{7}".into());
        let told = told(Tongue::English, &[failed]);
        assert!(told.contains("\u{fffd}[2Jgone\u{fffd}tac"), "{told:?}");
        assert!(told.chars().all(|letter| letter == '\n' || !letter.is_control()), "{told:?}");
    }

    #[test]
    fn a_certificate_is_told_whole() {
        let mut online = attempt(&[(Phase::Dns, Some(50))], Outcome::Online { since: Timestamp(0) });
        online.peer.tls = Some("TLS 1.3".into());
        online.peer.certificate = Some(Certificate {
            subject: "chat.example.org".into(),
            issuer: "An authority".into(),
            names: vec!["chat.example.org".into(), "*.example.org".into()],
            not_before: Timestamp(1_577_836_800_000),
            not_after: Timestamp(1_582_977_599_000),
            sha256: "ab".repeat(32),
        });
        let told = told(Tongue::English, &[online]);
        for line in [
            "Encryption          TLS 1.3",
            "Certificate         chat.example.org",
            "Issued by           An authority",
            "For                 chat.example.org, *.example.org",
            "Valid               2020-01-01 00:00 UTC to 2020-02-29 11:59 UTC",
            "Subprotocol         none",
            "Extensions          none",
            "Whinchat would stay connected.",
        ] {
            assert!(told.lines().any(|told| told == line), "{line}\n---\n{told}");
        }
        assert!(told.contains(&format!("SHA-256 {}", "ab".repeat(32))));
    }
}
