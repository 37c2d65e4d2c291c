use super::*;

fn said(text: &str) -> String {
    words(&Line::parse(text).unwrap())
}

fn answer(text: &str) -> (Option<String>, bool) {
    let line = Line::parse(text).unwrap();
    let reply = read(&line).unwrap();
    (reply.text, reply.ends)
}

fn text(line: &str) -> String {
    answer(line).0.unwrap()
}

#[test]
fn what_is_known_of_somebody_reads_like_a_sentence() {
    assert_eq!(text(":s 311 me ann ~u h.example * :Ann \u{2}Real\u{2}"), "ann is ~u@h.example: Ann Real");
    assert_eq!(text(":s 311 me ann u h"), "ann is u@h");
    assert_eq!(text(":s 312 me ann irc.example :A server"), "server: irc.example (A server)");
    assert_eq!(
        text(":s 317 me ann 5400 1319042451 :seconds idle, signon time"),
        "idle for 1 h 30 min, here since 2011-10-19 16:40 UTC"
    );
    assert_eq!(text(":s 317 me ann 59 :seconds idle"), "idle for 59 s");
    assert_eq!(text(":s 330 me ann account :is logged in as"), "account: account");
    assert_eq!(text(":s 319 me ann :@#a +#b "), "in: @#a +#b");
    assert_eq!(text(":s 378 me ann :is connecting from *@h 1.2.3.4"), "is connecting from *@h 1.2.3.4");
    assert_eq!(answer(":s 318 me ann :End of /WHOIS list."), (None, true));
}

#[test]
fn lists_say_what_is_in_them() {
    assert_eq!(text(":s 322 me #a 12 :[+nt] All of \u{3}4it"), "#a (12): [+nt] All of it");
    assert_eq!(text(":s 322 me #a 12"), "#a (12)");
    assert_eq!(text(":s 367 me #a *!*@h ann!u@h 1319042451"), "*!*@h by ann, 2011-10-19 16:40 UTC");
    assert_eq!(text(":s 367 me #a *!*@h"), "*!*@h");
    assert_eq!(text(":s 728 me #a q m!*@* ann 1319042451"), "m!*@* by ann, 2011-10-19 16:40 UTC");
    assert_eq!(
        text(":s 352 me #a ~u h irc.example ann G*@ :0 Ann Real"),
        "ann is ~u@h: Ann Real, in #a, operator, away"
    );
    assert_eq!(
        text("BOUNCER NETWORK 42 name=Libera;state=connected;nickname=ann"),
        "42: Libera, connected, as ann"
    );
}

#[test]
fn refusals_and_standard_replies_name_what_they_are_about() {
    assert_eq!(said(":s 401 me ann :No such nick"), "ann: No such nick");
    assert_eq!(said(":s 441 me ann #a :They aren't there"), "ann #a: They aren't there");
    assert_eq!(said(":s 451 * :You have not registered"), "You have not registered");
    assert_eq!(said("FAIL REGISTER ACCOUNT_EXISTS ann :It is taken"), "REGISTER: It is taken (ann)");
    assert_eq!(said("NOTE * OPER_MESSAGE :Restarting soon"), "Restarting soon");
    assert_eq!(said(":s 301 me ann :out \u{2}for\u{2} lunch"), "ann is away: out for lunch");
    assert_eq!(
        said(":s 305 me :You are no longer marked as being away"),
        "You are no longer marked as being away"
    );
    assert_eq!(said(":s 730 me :ann!u@h,bob!u@h"), "Here: ann, bob");
    assert_eq!(said(":s 999 me a b :c"), "a b c");
}

#[test]
fn every_line_is_read_and_worded_without_a_panic_however_short() {
    for command in
        (0..1000).map(|number| format!("{number:03}")).chain(["FAIL", "BOUNCER"].map(str::to_owned))
    {
        for params in ["", " ", " a", " a b", " a NETWORK", " a b c d e f g h :"] {
            let line = Line::parse(&format!("{command}{params}")).unwrap();
            let _ = (read(&line), words(&line));
        }
    }
}
