//! Which lines hold a password, so that no record of frames keeps them.
//!
//! Looked at once, where lines leave, whoever wrote them: the entry, a command of the user's, or words to a service. Rather
//! one line too many is left out of the record than one password kept.

use super::line::Line;

/// What services are called that are not called `…Serv`: those of QuakeNet and Undernet.
const SERVICES: [&str; 4] = ["q", "x", "l", "authserv"];

/// Commands that servers pass on to a service.
const SHORTCUTS: [&str; 12] = [
    "NS", "NICKSERV", "CS", "CHANSERV", "US", "USERSERV", "AS", "AUTHSERV", "ID", "IDENTIFY", "LOGIN", "ACC",
];

/// What a service is told along with a password, as far as such words are known.
const WORDS: [&str; 24] = [
    "auth",
    "authenticate",
    "cert",
    "confirm",
    "drop",
    "getpass",
    "ghost",
    "group",
    "hello",
    "id",
    "identify",
    "link",
    "login",
    "logout",
    "newpass",
    "reclaim",
    "recover",
    "regain",
    "register",
    "release",
    "set",
    "setpass",
    "sidentify",
    "verify",
];

/// Whether a line that we send may hold a password.
pub(super) fn holds_password(line: &Line) -> bool {
    let command = line.command.to_ascii_uppercase();
    match command.as_str() {
        "PASS" | "OPER" | "AUTHENTICATE" | "REGISTER" | "VERIFY" | "WEBIRC" => true,
        // The key of a room.
        "JOIN" => line.params.len() > 1,
        "MODE" => line.params.len() > 2 && line.param(1).is_some_and(|modes| modes.contains('k')),
        "PRIVMSG" | "NOTICE" | "SQUERY" => {
            line.param(0).is_some_and(is_service) && line.param(1).is_some_and(tells_password)
        }
        shortcut if SHORTCUTS.contains(&shortcut) => true,
        _ => false,
    }
}

/// Whether that is somebody whom passwords are told.
fn is_service(target: &str) -> bool {
    let name = target.split('@').next().unwrap_or_default().to_ascii_lowercase();
    name.ends_with("serv") || SERVICES.contains(&name.as_str())
}

fn tells_password(text: &str) -> bool {
    let mut words =
        text.split(|char: char| char.is_whitespace() || char.is_control()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    WORDS.contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        holds_password(&Line::parse(text).unwrap())
    }

    #[test]
    fn what_holds_a_password_is_known() {
        for secret in [
            "PASS hunter2",
            "pass hunter2",
            "AUTHENTICATE AGFsaWNl",
            "REGISTER ann * hunter2",
            "OPER ann hunter2",
            "JOIN #c key",
            "MODE #c +k key",
            "PRIVMSG NickServ :IDENTIFY hunter2",
            "PRIVMSG nickserv@services.example :  register hunter2 a@b",
            "SQUERY NickServ :set password hunter2",
            "NOTICE Q@CServe.quakenet.org :AUTH ann hunter2",
            "@label=1 PRIVMSG ChanServ :\u{2}identify #c hunter2",
            "NS identify hunter2",
        ] {
            assert!(holds(secret), "{secret}");
        }
        for open in [
            "JOIN #a,#b",
            "MODE #c +o ann",
            "PRIVMSG #c :identify yourself",
            "PRIVMSG NickServ :help identify",
            "PRIVMSG bob :login is broken",
            "NICK ann",
        ] {
            assert!(!holds(open), "{open}");
        }
    }
}
