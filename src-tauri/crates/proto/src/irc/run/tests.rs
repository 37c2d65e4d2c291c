use super::*;
use crate::irc::caps::Caps;

fn isupport(tokens: &str) -> Isupport {
    let mut isupport = Isupport::default();
    let words = ["me"].into_iter().chain(tokens.split_whitespace()).chain(["are supported"]);
    isupport.apply(&words.map(str::to_owned).collect::<Vec<_>>());
    isupport
}

/// What a line typed in a place comes to, as the lines and acts that follow, or the sentence.
fn typed(here: Option<&str>, line: &str) -> String {
    let isupport = isupport("PREFIX=(ohv)@%+ MODES=3 EXCEPTS CHANMODES=beIq,k,l,imnpst MONITOR=9 ELIST=MU");
    typed_at(&isupport, &caps("setname draft/channel-rename"), here, line)
}

fn caps(names: &str) -> Caps {
    let wanted: Vec<&str> = names.split(' ').map(|name| name.split('=').next().unwrap()).collect();
    let mut caps = Caps::new(&wanted);
    caps.take(&Line::new("CAP", ["*", "LS", names]));
    caps.take(&Line::new("CAP", ["*", "ACK", &wanted.join(" ")]));
    caps
}

fn typed_at(isupport: &Isupport, caps: &Caps, here: Option<&str>, line: &str) -> String {
    let (name, arguments) = line.split_once(' ').unwrap_or((line, ""));
    let scene = Scene { here, nick: "me", isupport, caps };
    match plan(name, arguments, scene) {
        Err(words) => format!("! {words}"),
        Ok(acts) => acts.iter().map(show).collect::<Vec<_>>().join(" / "),
    }
}

fn show(act: &Act) -> String {
    let line = |line: &Line| line.format(512).unwrap();
    match act {
        Act::Send(sent) => line(sent),
        Act::Secret(sent) => format!("secretly {}", line(sent)),
        Act::SayToSome(sent) => format!("to some {}", line(sent)),
        Act::Ask(question, sent) => format!("{} ({question:?})", line(sent)),
        Act::Tell(_)
        | Act::Join(..)
        | Act::Part(..)
        | Act::Cycle(..)
        | Act::Query(_)
        | Act::List { .. }
        | Act::Ignore(..)
        | Act::Ignored
        | Act::Watch(..)
        | Act::Ping(_) => format!("{act:?}"),
    }
}

#[test]
fn a_channel_is_the_one_where_it_was_typed_unless_one_is_named() {
    assert_eq!(typed(Some("#a"), "topic hello  there"), "TOPIC #a :hello  there");
    assert_eq!(typed(Some("#a"), "topic #b hello"), "TOPIC #b hello");
    assert_eq!(typed(Some("#a"), "topic -delete"), "TOPIC #a :");
    assert_eq!(typed(Some("ann"), "topic #b"), r##"TOPIC #b (Topic("#b"))"##);
    assert_eq!(typed(Some("#a"), "part see you"), r##"Part("#a", Some("see you"))"##);
    assert_eq!(typed(Some("#a"), "part #b,#c"), r##"Part("#b", None) / Part("#c", None)"##);
    assert_eq!(typed(Some("#a"), "kick ann for spam"), "KICK #a ann :for spam");
    assert_eq!(typed(Some("#a"), "invite ann"), r##"INVITE ann #a (Invite("ann", "#a"))"##);
    for line in ["topic hello", "part", "kick ann", "op ann", "ban ann", "cycle", "invite ann", "names"] {
        for here in [None, Some("ann")] {
            assert!(typed(here, line).starts_with("! "), "{line} in {here:?}");
        }
    }
}

#[test]
fn what_is_missing_is_said_with_how_it_is_typed() {
    assert_eq!(typed(None, "join"), "! Usage: /join <channel> [key]");
    assert_eq!(typed(Some("#a"), "kick"), "! Usage: /kick <nick> [reason…]");
    assert_eq!(typed(Some("#a"), "nick a b"), "! Usage: /nick <name>");
    assert_eq!(typed(Some("#a"), "back now"), "! Usage: /back");
    for line in [
        "nick",
        "query",
        "whois",
        "whowas",
        "ctcp ann",
        "unban",
        "op",
        "setname",
        "rename",
        "ns",
        "oper x",
        "ping",
        "identify",
        "raw",
        "raw :a b",
        "verify x",
        "unignore",
        "monitor :a",
        "kickban a!*@*",
    ] {
        let said = typed(Some("#a"), line);
        assert!(said.starts_with("! "), "{line}: {said}");
    }
}

#[test]
fn channels_are_entered_with_their_keys_and_a_bare_word_is_a_channel() {
    assert_eq!(typed(None, "join #a,b key"), r##"Join("#a", "key") / Join("#b", "")"##);
    assert_eq!(typed(None, "join #a one,two three"), "! Usage: /join <channel> [key]");
}

#[test]
fn ranks_are_given_as_many_in_a_line_as_the_server_takes() {
    assert_eq!(typed(Some("#a"), "op ann"), "MODE #a +o ann");
    assert_eq!(typed(Some("#a"), "devoice a b,c d"), "MODE #a -vvv a b c / MODE #a -v d");
    assert_eq!(typed(None, "halfop #b ann"), "MODE #b +h ann");
    let (bare, none) = (isupport("PREFIX=(ov)@+"), caps("batch"));
    assert!(typed_at(&bare, &none, Some("#a"), "halfop ann").starts_with("! "));
}

#[test]
fn lists_are_asked_for_without_a_name_and_changed_with_one() {
    assert_eq!(typed(Some("#a"), "ban"), r##"MODE #a +b (List("#a", 'b'))"##);
    assert_eq!(typed(Some("#a"), "mode +e"), r##"MODE #a +e (List("#a", 'e'))"##);
    assert_eq!(typed(Some("#a"), "quiet"), r##"MODE #a +q (List("#a", 'q'))"##);
    assert_eq!(
        typed(Some("#a"), "unban ann"),
        r##"List { turn: Unset, channel: "#a", mode: 'b', who: "ann", kick: None }"##
    );
    assert_eq!(
        typed(Some("#a"), "kickban #b ann go away"),
        r##"List { turn: Set, channel: "#b", mode: 'b', who: "ann", kick: Some("go away") }"##
    );
    assert_eq!(typed(Some("#a"), "invex"), "! This server has no such list.");
}

#[test]
fn modes_are_of_the_channel_or_of_ourselves() {
    assert_eq!(typed(Some("#a"), "mode"), r##"MODE #a (Mode("#a"))"##);
    assert_eq!(typed(Some("#a"), "mode +k secret"), "MODE #a +k secret");
    assert_eq!(typed(Some("ann"), "mode +i"), "MODE me +i");
    assert_eq!(typed(None, "mode"), r#"MODE me (Mode("me"))"#);
    assert_eq!(typed(None, "mode #b -i"), "MODE #b -i");
}

#[test]
fn what_holds_a_password_is_secret() {
    for line in [
        "ns IDENTIFY x",
        "identify x",
        "identify ann x",
        "oper ann x",
        "raw PASS x",
        "quote PRIVMSG NickServ :IDENTIFY x",
        "raw join #a key",
        "pass x",
        "nickserv identify x",
        "raw PRIVMSG NickServ@services :IDENTIFY x",
    ] {
        let said = typed(None, line);
        assert!(said.starts_with("secretly "), "{line}: {said}");
    }
    assert_eq!(typed(None, "raw PRIVMSG ann :hi"), "PRIVMSG ann hi");
}

#[test]
fn an_unknown_command_goes_as_it_is_and_quit_does_not() {
    assert_eq!(typed(None, "remove #a ann :go away"), "remove #a ann :go away");
    assert!(typed(None, "quit").starts_with("! Switch the account off"));
    assert!(typed(None, "raw QUIT :x").starts_with("! Switch the account off"));
    assert!(typed(None, "raw @ :x").starts_with("! That is no line"));
}

#[test]
fn a_list_of_channels_is_searched_by_the_server_where_it_can() {
    assert_eq!(typed(None, "list rust"), r#"LIST *rust* (Channels(""))"#);
    assert_eq!(typed(None, "list rust lang"), r#"LIST (Channels("rust lang"))"#);
    assert_eq!(typed(None, "list #rust"), r##"LIST #rust (Channels(""))"##);
    assert_eq!(typed(None, "list >100"), r#"LIST >100 (Channels(""))"#);
    let (bare, none) = (isupport("NETWORK=x"), caps("batch"));
    assert_eq!(typed_at(&bare, &none, None, "list rust"), r#"LIST (Channels("rust"))"#);
}

#[test]
fn who_is_watched_or_ignored() {
    assert_eq!(typed(None, "monitor +a b -c"), r#"Watch(Set, ["a", "b"]) / Watch(Unset, ["c"])"#);
    assert_eq!(typed(None, "monitor"), "MONITOR S (Watched)");
    assert_eq!(typed(None, "ignore ann"), r#"Ignore(Set, "ann!*@*")"#);
    assert_eq!(typed(None, "unignore *@host"), r#"Ignore(Unset, "*!*@host")"#);
    assert_eq!(typed(None, "ignore"), "Ignored");
    let (bare, none) = (isupport("NETWORK=x"), caps("batch"));
    assert!(typed_at(&bare, &none, None, "monitor ann").starts_with("! "));
}

#[test]
fn accounts_are_made_where_the_server_makes_them() {
    assert!(typed(None, "register ann * x").starts_with("! This server makes no accounts"));
    let none = isupport("NETWORK=x");
    let offered = caps("draft/account-registration=before-connect");
    assert_eq!(typed_at(&none, &offered, None, "register ann * my pass"), "secretly REGISTER ann * :my pass");
    assert_eq!(typed_at(&none, &offered, None, "verify ann 12"), "secretly VERIFY ann 12");
    let offered = caps("draft/account-registration=email-required");
    assert!(typed_at(&none, &offered, None, "register ann * x").starts_with("! This server wants an e-mail"));
    assert!(typed_at(&none, &offered, None, "register ann x").starts_with("! Usage"));
}

#[test]
fn programs_are_asked_in_ctcp() {
    assert_eq!(typed(None, "ctcp ann version"), "PRIVMSG ann \u{1}VERSION\u{1}");
    assert_eq!(typed(None, "ctcp ann finger x y"), "PRIVMSG ann :\u{1}FINGER x y\u{1}");
    assert_eq!(typed(None, "ctcp ann ping"), r#"Ping("ann")"#);
}

#[test]
fn help_names_every_command_and_tells_of_each() {
    let all = typed(None, "help");
    for command in commands::COMMANDS {
        assert!(all.contains(&format!("/{}", command.name)), "{}", command.name);
        let help = typed(None, &format!("help /{}", command.name));
        assert!(help.replace("\\u{11}", "`").contains(command.help), "{help}");
    }
    assert!(typed(None, "help topic").contains("\\u{11}-delete\\u{11}"));
    assert_eq!(typed(None, "help x"), "! There is no command /x.");
}

#[test]
fn nothing_that_is_typed_breaks_a_line_or_panics() {
    let pieces = ["", " ", ":", "#a", "ann", "a\nQUIT", "-o", "+", ",", "*!*@*", "\u{1}", "é", "@t=1 X"];
    for command in commands::COMMANDS.iter().map(|command| command.name).chain(["unknown", "qu\nit"]) {
        for one in pieces {
            for other in pieces {
                for here in [None, Some("#a"), Some("ann")] {
                    let isupport = isupport("MONITOR EXCEPTS INVEX");
                    let caps = caps("setname draft/account-registration soju.im/bouncer-networks");
                    let scene = Scene { here, nick: "me", isupport: &isupport, caps: &caps };
                    for act in plan(command, &format!("{one} {other}"), scene).unwrap_or_default() {
                        if let Act::Send(line) | Act::Secret(line) | Act::Ask(_, line) = act {
                            assert!(line.format(512).is_err() || !line.format(512).unwrap().contains('\n'));
                        }
                    }
                }
            }
        }
    }
}
