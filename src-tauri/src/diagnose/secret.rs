//! The secrets that a try needs: from the environment, else from whoever sits at the terminal, else from standard
//! input, a line each. Never an argument, and never kept.

use domain::{AccountId, SecretKind, SecretTrouble};
use engine::{Asked, Secret, Secrets};
use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal};
use words::Tongue;

/// The longest line that is read: no password is longer, and a file that was given by mistake is not read whole.
const LONGEST: u64 = 64 * 1024;

/// What was given, in place of a keyring.
#[derive(Default)]
pub(super) struct Given(BTreeMap<SecretKind, Secret>);

impl Given {
    /// Keeps a secret until the program ends.
    pub(super) fn put(&mut self, kind: SecretKind, secret: Option<String>) {
        self.0.extend(secret.map(|secret| (kind, Secret(secret))));
    }
}

impl Secrets for Given {
    fn secret(&self, _account: AccountId, kind: SecretKind) -> Asked<'_> {
        Box::pin(async move { self.0.get(&kind).cloned().ok_or(SecretTrouble::Missing) })
    }
}

/// The variable of the environment that holds a secret.
pub(super) fn variable(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::LogIn => "WHINCHAT_SECRET",
        SecretKind::Proxy => "WHINCHAT_PROXY_SECRET",
        SecretKind::ClientKey => "WHINCHAT_KEY_SECRET",
        // A diagnosis enters no room.
        SecretKind::Rooms => "WHINCHAT_ROOMS_SECRET",
    }
}

/// The secret from the environment; `None`: it is not there.
pub(super) fn from_environment(kind: SecretKind) -> Option<String> {
    std::env::var(variable(kind)).ok().filter(|secret| !secret.is_empty())
}

/// Asks for the secret; `None`: there was no answer.
pub(super) fn ask(tongue: Tongue, kind: SecretKind) -> io::Result<Option<String>> {
    let input = io::stdin();
    let answer = if input.is_terminal() {
        let name = words::say(tongue, name(kind), &[]);
        rpassword::prompt_password(format!("{name}: "))?
    } else {
        line(input.lock())?
    };
    Ok((!answer.is_empty()).then_some(answer))
}

fn line(input: impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    input.take(LONGEST).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn name(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::LogIn => "secret.logIn",
        SecretKind::Proxy => "secret.proxy",
        SecretKind::ClientKey => "secret.clientKey",
        SecretKind::Rooms => "secret.rooms",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_secret_with_its_blanks() {
        let mut input = io::Cursor::new(" one \r\ntwo");
        assert_eq!(line(&mut input).unwrap(), " one ");
        assert_eq!(line(&mut input).unwrap(), "two");
        assert_eq!(line(&mut input).unwrap(), "");
    }

    #[test]
    fn a_line_has_an_end() {
        let endless = io::BufReader::new(io::repeat(b'x'));
        assert_eq!(line(endless).unwrap().len() as u64, LONGEST);
    }
}
