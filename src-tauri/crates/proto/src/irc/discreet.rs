//! What is typed and holds a password: it is carried out without becoming a row, and its draft is none either. So is what is
//! said to some of a channel, whose row is the server's word of it.
//!
//! Asked before anything is on the disk, and so without a session. What is typed behind a slash and is no command of ours goes
//! to the server as it is, and may hold anything. Rather a draft too many is lost than a password kept; a message is lost to
//! neither: what looks like a password and is said to somebody is a row, unless it is a service that is told.

use super::commands;
use super::line::Line;
use super::run::is_circle;
use super::secrecy::{holds_password, tells_service};
use domain::{Command, ConversationKey};

/// See [`crate::Protocol::discreet`].
pub(super) fn discreet(conversation: &ConversationKey, typed: &str) -> Option<Command> {
    let here = conversation.0.as_str();
    let run = |name: &str, arguments: String| Command::Run {
        conversation: conversation.clone(),
        name: name.to_owned(),
        arguments,
    };
    let said =
        |text: &str| tells_service(here, text).then(|| run("msg", format!("{here} {}", text.trim_start())));
    let Some(line) = typed.strip_prefix('/').filter(|line| !line.starts_with('/')) else {
        return said(typed.strip_prefix('/').unwrap_or(typed));
    };
    let (name, arguments) = line.split_once(char::is_whitespace)?;
    let (name, arguments) = (name.to_lowercase(), arguments.trim());
    let (first, rest) = arguments.split_once(char::is_whitespace).unwrap_or((arguments, ""));
    if arguments.is_empty() {
        return None;
    }
    let holds = match name.as_str() {
        "me" | "say" => return said(arguments),
        // What is said to some of a channel stands in the channel, and in no conversation of that name.
        "msg" | "notice" if is_circle(first) => !rest.is_empty(),
        "msg" | "notice" | "query" => tells_service(first, rest),
        "identify" | "oper" | "register" | "verify" | "ns" | "cs" => true,
        "join" => !rest.is_empty(),
        "mode" => sets_key(arguments),
        "raw" | "quote" => Line::parse(arguments).is_ok_and(|line| holds_password(&line)),
        other => commands::find(other).is_none(),
    };
    holds.then(|| run(&name, arguments.to_owned()))
}

/// Whether modes are set with a key among them.
fn sets_key(arguments: &str) -> bool {
    let mut words = arguments.split_whitespace();
    words.any(|word| word.starts_with(['+', '-']) && word.contains('k')) && words.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_place(place: &str, typed: &str) -> Option<String> {
        let command = discreet(&ConversationKey(place.into()), typed)?;
        let Command::Run { name, arguments, .. } = command else { panic!("{command:?}") };
        Some(format!("{name} {arguments}"))
    }

    #[test]
    fn what_holds_a_password_is_carried_out_and_not_kept() {
        for (place, typed, becomes) in [
            ("#c", "/msg NickServ IDENTIFY hunter2", "msg NickServ IDENTIFY hunter2"),
            (
                "#c",
                "/MSG nickserv@services.example  register hunter2 a@b",
                "msg nickserv@services.example  register hunter2 a@b",
            ),
            ("#c", "/notice NickServ set password hunter2", "notice NickServ set password hunter2"),
            ("#c", "/msg ChanServ identify #c hunter2", "msg ChanServ identify #c hunter2"),
            (
                "#c",
                "/msg Q@CServe.quakenet.org AUTH ann hunter2",
                "msg Q@CServe.quakenet.org AUTH ann hunter2",
            ),
            ("nickserv", "identify hunter2", "msg nickserv identify hunter2"),
            ("nickserv", "GHOST ann hunter2", "msg nickserv GHOST ann hunter2"),
            ("nickserv", "recover ann hunter2", "msg nickserv recover ann hunter2"),
            ("nickserv", "setpass ann key hunter2", "msg nickserv setpass ann key hunter2"),
            (
                "nickserv",
                "//identify x\nregister hunter2 a@b",
                "msg nickserv /identify x\nregister hunter2 a@b",
            ),
            ("nickserv", "/say identify hunter2", "msg nickserv identify hunter2"),
            ("#c", "/ns identify hunter2", "ns identify hunter2"),
            ("#c", "/msg @#c ops only", "msg @#c ops only"),
            ("#c", "/notice @+#d ops only", "notice @+#d ops only"),
            ("#c", "/identify hunter2", "identify hunter2"),
            ("#c", "/join #d key", "join #d key"),
            ("#c", "/mode +k key", "mode +k key"),
            ("#c", "/mode #d +nk key", "mode #d +nk key"),
            ("#c", "/quote PASS hunter2", "quote PASS hunter2"),
            ("#c", "/raw privmsg nickserv :identify hunter2", "raw privmsg nickserv :identify hunter2"),
            ("#c", "/quote OPER ann hunter2", "quote OPER ann hunter2"),
            ("#c", "/nickserv identify hunter2", "nickserv identify hunter2"),
            ("#c", "/query NickServ identify hunter2", "query NickServ identify hunter2"),
        ] {
            assert_eq!(in_place(place, typed).as_deref(), Some(becomes), "{place} {typed}");
        }
    }

    #[test]
    fn what_holds_none_is_said_and_kept() {
        for (place, typed) in [
            ("#c", "identify hunter2"),
            ("#c", "/me identify hunter2"),
            ("#c", "/msg bob identify hunter2"),
            ("x", "set the table, please"),
            ("dave", "register now"),
            ("nickserv", "help register"),
            ("nickserv", "identify"),
            ("nickserv", "ghost ann"),
            ("nickserv", "set email a@b"),
            ("#c", "/msg NickServ"),
            ("#c", "/msg @#c"),
            ("#c", "/msg #d hi"),
            ("#c", "/msg &d hi"),
            ("#c", "/msg NickServ help"),
            ("#c", "/join #d"),
            ("#c", "/mode +o ann"),
            ("#c", "/mode +k"),
            ("#c", "/quote WHOIS ann"),
            ("#c", "/topic keys and passwords"),
            ("#c", "/identify"),
            ("#c", ""),
        ] {
            assert_eq!(in_place(place, typed), None, "{place} {typed}");
        }
    }
}
