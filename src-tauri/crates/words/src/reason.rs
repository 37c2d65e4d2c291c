//! Phases, reasons, close codes, and what comes next.

use crate::{Tongue, duration, say, size};
use domain::{
    CloseBy, Outcome, Phase, ProxyFault, Reason, Refusal, Retry, SecretKind, SecretTrouble, TlsFault,
};

/// What is being done to reach `host`.
#[must_use]
pub fn phase(tongue: Tongue, phase: Phase, host: &str) -> String {
    say(tongue, &format!("phase.{}", phase_name(phase)), &[("host", host)])
}

/// The name of a step.
#[must_use]
pub fn step(tongue: Tongue, phase: Phase) -> String {
    say(tongue, &format!("step.{}", phase_name(phase)), &[])
}

/// How a try came out.
#[must_use]
pub fn outcome(tongue: Tongue, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Trying => say(tongue, "outcome.trying", &[]),
        Outcome::Online { .. } => say(tongue, "outcome.online", &[]),
        Outcome::Failed { reason: why } => say(tongue, "outcome.failed", &[("reason", &reason(tongue, why))]),
        Outcome::Ended { since, until, reason: why } => {
            let seconds = u64::try_from((until.0 - since.0) / 1000).unwrap_or(0);
            let values = [("duration", duration(tongue, seconds)), ("reason", reason(tongue, why))];
            say(tongue, "outcome.ended", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
        }
    }
}

/// What an account would do after such a try.
#[must_use]
pub fn next(tongue: Tongue, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Trying => String::new(),
        Outcome::Online { .. } => say(tongue, "next.online", &[]),
        Outcome::Failed { reason } | Outcome::Ended { reason, .. } => match reason.retry() {
            Retry::Never => say(tongue, "next.never", &[]),
            Retry::After { seconds: 0 } => say(tongue, "next.soon", &[]),
            Retry::After { seconds } => {
                say(tongue, "next.after", &[("duration", &duration(tongue, u64::from(seconds)))])
            }
        },
    }
}

/// Why there is no connection, as a clause.
#[must_use]
pub fn reason(tongue: Tongue, reason: &Reason) -> String {
    let plain = |name: &str| say(tongue, name, &[]);
    let with = |name: &str, slot: &str, value: &str| say(tongue, name, &[(slot, value)]);
    match reason {
        Reason::BadAddress { .. } => plain("reason.badAddress"),
        Reason::Dns { host, .. } => with("reason.dns", "host", host),
        Reason::Refused { address } => with("reason.refused", "address", address),
        Reason::Unreachable { address, .. } => with("reason.unreachable", "address", address),
        Reason::TimedOut { phase, seconds } => {
            with(&format!("timedOut.{}", phase_name(*phase)), "seconds", &seconds.to_string())
        }
        Reason::Tls { fault, .. } => plain(&format!("tls.{}", tls_name(*fault))),
        Reason::Proxy { proxy, fault, .. } => {
            with(&format!("proxyFault.{}", proxy_name(*fault)), "proxy", proxy)
        }
        Reason::Secret { secret, trouble } => {
            let secret = plain(&format!("secret.{}", secret_name(*secret)));
            with(&format!("secretTrouble.{}", trouble_name(*trouble)), "secret", &secret)
        }
        Reason::File { path, .. } => with("reason.file", "path", path),
        Reason::Status { status, refusal: how, .. } => refusal(tongue, *status, how),
        Reason::NotWebSocket { .. } => plain("reason.notWebSocket"),
        Reason::Subprotocol { chosen: None } => plain("reason.noSubprotocol"),
        Reason::Subprotocol { chosen: Some(chosen) } => with("reason.subprotocol", "chosen", chosen),
        Reason::Closed { code, text, by } => {
            let name = match by {
                CloseBy::Server => "reason.closedByServer",
                CloseBy::Us => "reason.closedByUs",
            };
            with(name, "why", &close(tongue, *code, text))
        }
        Reason::Dropped { .. } => plain("reason.dropped"),
        Reason::Silent { seconds } => with("reason.silent", "seconds", &seconds.to_string()),
        Reason::TooBig { limit } => with("reason.tooBig", "size", &size(*limit)),
        Reason::NotLetIn { .. } => plain("reason.notLetIn"),
        Reason::BrokenFrames { .. } => plain("reason.brokenFrames"),
        Reason::Internal { .. } => plain("reason.internal"),
    }
}

/// The words of the system or of the server behind a reason, in whatever language they are; empty: there are none, or
/// they say again what the sentence and the certificate beside it say. What the server said is told as its own.
#[must_use]
pub fn detail(tongue: Tongue, reason: &Reason) -> String {
    let text = detail_text(reason).trim();
    if text.is_empty() || !is_servers(reason) {
        return text.to_owned();
    }
    say(tongue, "detail.server", &[("text", &within_quotes(text))])
}

fn detail_text(reason: &Reason) -> &str {
    match reason {
        Reason::Tls { fault: TlsFault::Expired | TlsFault::NotYetValid | TlsFault::WrongName, .. } => "",
        Reason::BadAddress { text }
        | Reason::Dns { text, .. }
        | Reason::Unreachable { text, .. }
        | Reason::Tls { text, .. }
        | Reason::Proxy { text, .. }
        | Reason::File { text, .. }
        | Reason::Status { text, .. }
        | Reason::NotWebSocket { text }
        | Reason::Dropped { text }
        | Reason::NotLetIn { text }
        | Reason::BrokenFrames { text }
        | Reason::Internal { text } => text,
        Reason::Refused { .. }
        | Reason::TimedOut { .. }
        | Reason::Secret { .. }
        | Reason::Subprotocol { .. }
        | Reason::Closed { .. }
        | Reason::Silent { .. }
        | Reason::TooBig { .. } => "",
    }
}

/// Whether the detail of a reason is of the server's making: then anything may stand there, also what reads like advice.
fn is_servers(reason: &Reason) -> bool {
    match reason {
        Reason::Status { .. }
        | Reason::NotLetIn { .. }
        // Some say so in the page of a refusal.
        | Reason::Tls { fault: TlsFault::ClientCertificateWanted, .. } => true,
        Reason::BadAddress { .. }
        | Reason::Dns { .. }
        | Reason::Refused { .. }
        | Reason::Unreachable { .. }
        | Reason::TimedOut { .. }
        | Reason::Tls { .. }
        | Reason::Proxy { .. }
        | Reason::Secret { .. }
        | Reason::File { .. }
        | Reason::NotWebSocket { .. }
        | Reason::Subprotocol { .. }
        | Reason::Closed { .. }
        | Reason::Dropped { .. }
        | Reason::Silent { .. }
        | Reason::TooBig { .. }
        | Reason::BrokenFrames { .. }
        | Reason::Internal { .. } => false,
    }
}

/// Words that cannot end the quotation that they stand in.
fn within_quotes(text: &str) -> String {
    text.replace('“', "‘").replace('”', "’")
}

/// A close code (RFC 6455 §7.4, IANA's registry) in words, with what was said beside it.
#[must_use]
pub fn close(tongue: Tongue, code: Option<u16>, text: &str) -> String {
    let why = close_code(tongue, code);
    if text.is_empty() {
        why
    } else {
        say(tongue, "close.said", &[("why", &why), ("text", &within_quotes(text))])
    }
}

fn close_code(tongue: Tongue, code: Option<u16>) -> String {
    let general = |name: &str, code: u16| say(tongue, name, &[("code", &code.to_string())]);
    match code {
        None | Some(1005) => say(tongue, "close.none", &[]),
        Some(
            code @ (1000..=1015 | 3000 | 3003 | 3008 | 4400 | 4401 | 4403 | 4404 | 4408 | 4409 | 4429 | 4500),
        ) => say(tongue, &format!("close.{code}"), &[]),
        Some(code @ 1016..=2999) => general("close.reserved", code),
        Some(code @ 3000..=3999) => general("close.library", code),
        Some(code @ 4000..=4999) => general("close.private", code),
        Some(code @ (0..=999 | 5000..)) => general("close.invalid", code),
    }
}

fn refusal(tongue: Tongue, status: u16, refusal: &Refusal) -> String {
    let status = status.to_string();
    let status = ("status", status.as_str());
    match refusal {
        Refusal::Unauthorized { .. } => say(tongue, "refusal.unauthorized", &[status]),
        Refusal::Forbidden => say(tongue, "refusal.forbidden", &[status]),
        Refusal::NotFound => say(tongue, "refusal.notFound", &[status]),
        Refusal::TooMany { retry_after_s: None | Some(0) } => say(tongue, "refusal.tooMany", &[status]),
        Refusal::TooMany { retry_after_s: Some(seconds) } => {
            let wait = duration(tongue, u64::from(*seconds));
            say(tongue, "refusal.tooManyAfter", &[status, ("duration", &wait)])
        }
        Refusal::Redirect { location: None } => say(tongue, "refusal.redirect", &[status]),
        Refusal::Redirect { location: Some(location) } => {
            say(tongue, "refusal.redirectTo", &[status, ("location", &within_quotes(location))])
        }
        Refusal::Other => say(tongue, "refusal.other", &[status]),
    }
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Dns => "dns",
        Phase::Tcp => "tcp",
        Phase::Proxy => "proxy",
        Phase::Tls => "tls",
        Phase::Upgrade => "upgrade",
        Phase::Login => "login",
    }
}

fn tls_name(fault: TlsFault) -> &'static str {
    match fault {
        TlsFault::Expired => "expired",
        TlsFault::NotYetValid => "notYetValid",
        TlsFault::WrongName => "wrongName",
        TlsFault::UnknownIssuer => "unknownIssuer",
        TlsFault::Revoked => "revoked",
        TlsFault::WrongPurpose => "wrongPurpose",
        TlsFault::BadCertificate => "badCertificate",
        TlsFault::ClientCertificateWanted => "clientCertificateWanted",
        TlsFault::NoCommonVersion => "noCommonVersion",
        TlsFault::NotTls => "notTls",
        TlsFault::Changed => "changed",
        TlsFault::Other => "other",
    }
}

fn proxy_name(fault: ProxyFault) -> &'static str {
    match fault {
        ProxyFault::Unauthorized => "unauthorized",
        ProxyFault::Forbidden => "forbidden",
        ProxyFault::Unreachable => "unreachable",
        ProxyFault::NotAProxy => "notAProxy",
        ProxyFault::Unnamed => "unnamed",
        ProxyFault::Other => "other",
    }
}

fn secret_name(secret: SecretKind) -> &'static str {
    match secret {
        SecretKind::LogIn => "logIn",
        SecretKind::Proxy => "proxy",
        SecretKind::ClientKey => "clientKey",
        SecretKind::Rooms => "rooms",
    }
}

fn trouble_name(trouble: SecretTrouble) -> &'static str {
    match trouble {
        SecretTrouble::Missing => "missing",
        SecretTrouble::Locked => "locked",
        SecretTrouble::NoKeyring => "noKeyring",
        SecretTrouble::Failed => "failed",
    }
}
