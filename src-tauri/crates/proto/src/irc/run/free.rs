//! Lines as they are typed, and what can be typed.

use super::super::commands;
use super::super::formatting::with_code;
use super::super::line::Line;
use super::{Act, Plan, Typed};

/// A line as it was typed; one that holds a password is not shown to anybody.
pub(super) fn raw(text: &str) -> Plan {
    let line = Line::parse(text).map_err(|fault| format!("That is no line of IRC: {fault}."))?;
    if line.source.is_some() {
        return Err("A line that we send names no sender.".into());
    }
    let command = line.command.to_ascii_uppercase();
    if command == "QUIT" {
        // What follows would be a new connection.
        return Err("Switch the account off to disconnect; /away tells others that you are not there.".into());
    }
    let secret = match command.as_str() {
        "PASS" | "OPER" | "AUTHENTICATE" | "REGISTER" | "VERIFY" | "NICKSERV" | "NS" | "IDENTIFY"
        | "CHANSERV" | "CS" => true,
        "JOIN" => line.params.len() > 1,
        "PRIVMSG" | "SQUERY" => {
            let target = line.param(0).unwrap_or_default();
            ["nickserv", "chanserv"].iter().any(|name| target.to_ascii_lowercase().starts_with(name))
        }
        _ => false,
    };
    Ok(vec![if secret { Act::Secret(line) } else { Act::Send(line) }])
}

/// Whether a target is some of a channel, by the signs that stand before it. Asked without a session too, so of all signs
/// that networks have but `&`, which is the beginning of a channel as well.
pub(in super::super) fn is_circle(target: &str) -> bool {
    let channel = target.trim_start_matches(['~', '@', '%', '+', '!']);
    channel.len() < target.len() && channel.starts_with(['#', '&'])
}

/// What a service is told that holds a password ([`super::super::discreet`]), with a word that it is no row; or what is said
/// to some of a channel.
pub(super) fn whisper(typed: Typed<'_>) -> Plan {
    let (target, text) = typed.first()?;
    let command = if typed.name == "notice" { "NOTICE" } else { "PRIVMSG" };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if is_circle(target) && !typed.is_channel(target) {
        if typed.scene.isupport.circle(target).is_none() {
            return Err(format!("This server reaches nobody by {target}."));
        }
        let acts: Vec<_> = lines.map(|line| Act::SayToSome(Line::new(command, [target, line]))).collect();
        return if acts.is_empty() { Err(typed.usage()) } else { Ok(acts) };
    }
    let mut acts: Vec<_> = lines.map(|line| Act::Secret(Line::new(command, [target, line]))).collect();
    if acts.is_empty() {
        return Err(typed.usage());
    }
    acts.push(Act::Tell(format!("Said to {target}. It may hold a password, and is not kept here.")));
    Ok(acts)
}

/// How everything, or one command, is typed.
pub(super) fn help(name: &str) -> Result<String, String> {
    let name = name.trim_start_matches('/').to_ascii_lowercase();
    if name.is_empty() {
        let lines =
            commands::COMMANDS.iter().map(|command| format!("/{} {}", command.name, command.arguments));
        return Ok(lines.map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n"));
    }
    let command = commands::find(&name).ok_or_else(|| format!("There is no command /{name}."))?;
    let usage = format!("/{} {}", command.name, command.arguments);
    Ok(format!("{}\n{}.", usage.trim_end(), with_code(command.help)))
}
