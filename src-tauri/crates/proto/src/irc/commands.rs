//! What can be typed behind a slash on IRC. What becomes of those that run is in [`super::run`].

use crate::{Effect, SlashCommand};
use domain::Tone;

/// The table, by name.
pub(super) static COMMANDS: &[SlashCommand] = &[
    runs("admin", "[server]", "Ask who runs the server"),
    runs("away", "[reason…]", "Tell others that you are not there; without a reason, that you are back"),
    runs("back", "", "Tell others that you are back"),
    runs(
        "ban",
        "[nick or mask]",
        "Keep somebody out of the channel, by their host where it is known; without a name, list who is kept out",
    ),
    runs("bind", "<network>", "Which network of the bouncer this account is for, and how to choose it"),
    runs("cs", "<text…>", "Say something to ChanServ that may hold a password; it is not kept"),
    runs("ctcp", "<nick> <command> [text…]", "Ask somebody's program something, such as VERSION or TIME"),
    runs("cycle", "[channel] [reason…]", "Leave a channel and enter it again"),
    runs("dehalfop", "<nick…>", "Take half-operator rights in the channel"),
    runs("deop", "<nick…>", "Take operator rights in the channel"),
    runs("devoice", "<nick…>", "Take the right to speak in a moderated channel"),
    runs("except", "[nick or mask]", "Let somebody in whatever the bans; without a name, list them"),
    runs("halfop", "<nick…>", "Give half-operator rights in the channel"),
    runs("help", "[command]", "Tell what can be typed behind a slash"),
    runs("identify", "[account] <password>", "Log in with NickServ; the password is not kept"),
    runs("ignore", "[nick or mask]", "Hear nothing from somebody any more; without a name, list them"),
    runs("info", "[server]", "Ask about the server's program"),
    runs("invex", "[nick or mask]", "Let somebody in without an invitation; without a name, list them"),
    runs("invite", "<nick> [channel]", "Ask somebody into a channel"),
    runs("join", "<channel> [key]", "Enter a channel, now and whenever you are back"),
    runs("kick", "<nick> [reason…]", "Make somebody leave the channel"),
    runs("kickban", "<nick> [reason…]", "Make somebody leave the channel and keep them out"),
    runs("knock", "<channel> [text…]", "Ask to be invited into a channel"),
    runs("leave", "[channel] [reason…]", "Leave a channel"),
    runs("list", "[search]", "List channels, those whose name or topic holds the words"),
    runs("lusers", "", "Ask how many people are on the network"),
    says("me", Tone::Action, "Do something: your name, and what you do"),
    runs("mode", "[target] [modes…]", "Show or change the modes of a channel or of yourself"),
    runs("monitor", "[+nick… or -nick…]", "Be told when somebody comes and goes; without a name, list them"),
    runs("motd", "[server]", "Show the server's message of the day"),
    tells("msg", Tone::Said, "Say something to somebody or in a channel"),
    runs("names", "[channel]", "List who is in a channel"),
    runs("networks", "", "List the networks of a bouncer"),
    runs("nick", "<name>", "Go by another name"),
    tells("notice", Tone::Notice, "Say something in passing, which wants no answer"),
    runs("ns", "<text…>", "Say something to NickServ that may hold a password; it is not kept"),
    runs("op", "<nick…>", "Give operator rights in the channel"),
    runs("oper", "<name> <password>", "Become an operator of the server; the password is not kept"),
    runs("part", "[channel] [reason…]", "Leave a channel"),
    runs("ping", "<nick>", "Measure how far somebody's program is away"),
    runs("query", "<nick>", "Open a conversation with somebody"),
    runs("quiet", "[nick or mask]", "Silence somebody in the channel; without a name, list them"),
    runs("quote", "<line…>", "Send a line to the server as it is"),
    runs("raw", "<line…>", "Send a line to the server as it is"),
    runs("register", "<account> <email> <password>", "Make an account with the server; `*` for no address"),
    runs("rename", "<new name> [reason…]", "Give the channel another name"),
    says("say", Tone::Said, "Say something, though it begins with a slash"),
    runs("setname", "<name…>", "Change your real name"),
    runs("time", "[server]", "Ask what time it is at the server"),
    runs("topic", "[channel] [text…]", "Show or say what the channel is about; `-delete` takes it away"),
    runs("unban", "<nick or mask>", "Let somebody in again"),
    runs("unexcept", "<nick or mask>", "Take back what /except gave"),
    runs("unignore", "<nick or mask>", "Hear somebody again"),
    runs("uninvex", "<nick or mask>", "Take back what /invex gave"),
    runs("unquiet", "<nick or mask>", "Let somebody speak again"),
    runs("verify", "<account> <code>", "Confirm a new account with the code that was sent to you"),
    runs("version", "[server]", "Ask which program the server is"),
    runs("voice", "<nick…>", "Give the right to speak in a moderated channel"),
    runs("who", "[mask]", "List people by name, host or channel"),
    runs("whois", "<nick>", "Ask who somebody is"),
    runs("whowas", "<nick>", "Ask who somebody was who is gone"),
];

/// The command of that name.
#[must_use]
pub(super) fn find(name: &str) -> Option<&'static SlashCommand> {
    COMMANDS.iter().find(|command| command.name == name)
}

const fn runs(name: &'static str, arguments: &'static str, help: &'static str) -> SlashCommand {
    SlashCommand { name, arguments, help, effect: Effect::Runs }
}

const fn says(name: &'static str, tone: Tone, help: &'static str) -> SlashCommand {
    SlashCommand { name, arguments: "<text…>", help, effect: Effect::Says(tone) }
}

const fn tells(name: &'static str, tone: Tone, help: &'static str) -> SlashCommand {
    SlashCommand { name, arguments: "<nick or channel> <text…>", help, effect: Effect::Tells(tone) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_once_and_in_lower_case() {
        let names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase())));
        assert_eq!(find("me").map(|command| command.effect), Some(Effect::Says(Tone::Action)));
        assert_eq!(find("me "), None);
    }

    #[test]
    fn arguments_say_what_must_and_what_may_be_there() {
        for command in COMMANDS {
            let mut rest = command.arguments;
            let mut may = false;
            while let Some(first) = rest.chars().next() {
                let end = if first == '<' { '>' } else { ']' };
                assert!(first == '<' || first == '[', "{command:?}");
                assert!(first == '[' || !may || command.name == "identify", "{command:?}");
                may = first == '[';
                let (_, after) = rest.split_once(end).unwrap();
                rest = after.trim_start();
            }
            assert!(!command.help.is_empty() && !command.help.ends_with('.'), "{command:?}");
        }
    }
}
