//! `whinchat diagnose`: reaches a server once as an account would, and tells each step, in the words of the window.
//!
//! No window, no history, no keyring: nothing is opened and nothing is kept.

mod address;
mod ask;
mod secret;
mod show;
mod speech;

use crate::desktop::Settings;
use ask::{Ask, Asked, Form};
use domain::{Attempt, Outcome, SecretKind};
use engine::{Finding, Surroundings, Timing};
use secret::Given;
use show::Show;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use words::Tongue;

/// The server was reached.
const REACHED: u8 = 0;

/// It was not.
const NOT_REACHED: u8 = 1;

/// It is not known what to reach, or how.
const MISUSE: u8 = 2;

/// Answers the arguments behind `diagnose`. `tongue`: the language where none is asked for.
pub(crate) fn run(arguments: &[OsString], tongue: Tongue) -> ExitCode {
    let code = match ask::read(arguments, tongue) {
        Ok(Asked::Help(tongue)) => {
            say(speech::help(tongue));
            REACHED
        }
        Ok(Asked::Server(ask)) => reach(*ask),
        Err(misuse) => complain(misuse.tongue, &speech::misuse(&misuse)),
    };
    ExitCode::from(code)
}

fn reach(mut ask: Ask) -> u8 {
    let faults = engine::check(&ask.config, engine::PROTOCOLS);
    if !faults.is_empty() {
        let faults: Vec<_> = faults.iter().map(|fault| speech::form_fault(ask.tongue, fault)).collect();
        return complain(ask.tongue, &faults.join("\n"));
    }
    ask.config.url = ask.config.url.trim().to_owned();
    let secrets = match secrets(&ask) {
        Ok(secrets) => secrets,
        Err(error) => return complain(ask.tongue, &error.to_string()),
    };
    match finding(&ask, secrets) {
        Ok(finding) if matches!(finding.attempt.outcome, Outcome::Online { .. }) => REACHED,
        Ok(_) => NOT_REACHED,
        Err(error) => complain(ask.tongue, &format!("{error:#}")),
    }
}

/// What the account's keyring would hold.
fn secrets(ask: &Ask) -> io::Result<Given> {
    let mut secrets = Given::default();
    // The key's password is wanted by few keys, so nobody is asked for it.
    secrets.put(SecretKind::ClientKey, secret::from_environment(SecretKind::ClientKey));
    for kind in ask.config.secrets() {
        let given = match secret::from_environment(kind) {
            Some(secret) => Some(secret),
            None => secret::ask(ask.tongue, kind)?,
        };
        secrets.put(kind, given);
    }
    Ok(secrets)
}

/// Reaches the server, and tells of it meanwhile.
fn finding(ask: &Ask, secrets: Given) -> anyhow::Result<Finding> {
    let around = Surroundings {
        secrets: Arc::new(secrets),
        desktop: Arc::new(Settings),
        ..Surroundings::from(engine::platform_tls()?)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Whoever reads our output may stop reading; that ends the telling, not the try.
    let mut show = match ask.form {
        Form::Text => Show::begin(io::stdout().lock(), ask.tongue, &ask.config.url).ok(),
        Form::Json => None,
    };
    let tell = |attempt: &Attempt| {
        if show.as_mut().is_some_and(|show| show.steps(attempt).is_err()) {
            show = None;
        }
    };
    let finding = runtime.block_on(engine::diagnose(around, Timing::default(), ask.config.clone(), tell));
    // A resolver that does not answer is not waited for.
    runtime.shutdown_background();
    match show {
        Some(show) => drop(show.end(&finding.attempt, finding.round_trip)),
        None if ask.form == Form::Json => {
            let json = show::json(ask.tongue, &finding.attempt, finding.round_trip);
            say(&format!("{json:#}\n"));
        }
        None => {}
    }
    Ok(finding)
}

fn complain(tongue: Tongue, words: &str) -> u8 {
    let words = format!("{}\n{}", words, speech::hint(tongue));
    // There is nobody to tell that standard error is closed.
    drop(writeln!(io::stderr(), "{words}"));
    MISUSE
}

fn say(words: &str) {
    // The same.
    drop(io::stdout().write_all(words.as_bytes()));
}
