use super::*;
use proptest::prelude::*;

/// The example of RFC 7677 §3: user `user`, password `pencil`.
const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
const SERVER_FIRST: &str =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const CLIENT_FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                            p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const SERVER_FINAL: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

fn login(account: &str, password: &str) -> Login {
    Login { account: account.into(), password: Some(Secret(password.into())), certificate: false }
}

fn shown(steps: Vec<Step>) -> Vec<String> {
    let show = |step| match step {
        Step::Send(Secret(line)) => line,
        Step::Done(account) => format!("done {}", account.unwrap_or_default()),
        Step::Failed(fault) => format!("failed {fault:?}"),
    };
    steps.into_iter().map(show).collect()
}

fn begin(login: Login, offered: &str) -> (Sasl, Vec<String>) {
    let (sasl, steps) = Sasl::begin(login, offered, NONCE.into());
    (sasl, shown(steps))
}

fn take(sasl: &mut Sasl, line: &str) -> Vec<String> {
    shown(sasl.take(&Line::parse(line).unwrap()))
}

fn say(sasl: &mut Sasl, payload: &str) -> Vec<String> {
    take(sasl, &format!("AUTHENTICATE {}", BASE64.encode(payload.as_bytes())))
}

/// What we send, out of Base64.
fn said(lines: &[String]) -> String {
    let chunks = lines.iter().map(|line| line.strip_prefix("AUTHENTICATE ").unwrap());
    let whole: String = chunks.filter(|&chunk| chunk != "+").collect();
    String::from_utf8(BASE64.decode(whole.as_bytes()).unwrap()).unwrap()
}

/// SCRAM up to the client's final message.
fn scram(account: &str, password: &str) -> (Sasl, String) {
    let (mut sasl, first) = begin(login(account, password), "SCRAM-SHA-256,PLAIN");
    assert_eq!(first, ["AUTHENTICATE SCRAM-SHA-256"]);
    take(&mut sasl, "AUTHENTICATE +");
    let last = said(&say(&mut sasl, SERVER_FIRST));
    (sasl, last)
}

#[test]
fn plain_goes_as_two_servers_took_it() {
    let (mut sasl, first) = begin(login("alice", "secret123"), "PLAIN");
    assert_eq!(first, ["AUTHENTICATE PLAIN"]);
    assert_eq!(
        take(&mut sasl, "@time=2026-11-22T08:20:50.086Z AUTHENTICATE :+"),
        ["AUTHENTICATE AGFsaWNlAHNlY3JldDEyMw=="]
    );
    let logged_in = ":irc.lab.test 900 alice alice!alice@127.0.0.1 alice :You are now logged in as alice";
    assert!(take(&mut sasl, logged_in).is_empty());
    assert!(take(&mut sasl, "@account=alice :alice!alice@127.0.0.1 ACCOUNT :alice").is_empty());
    assert_eq!(take(&mut sasl, ":irc.lab.test 903 alice :SASL authentication successful"), ["done alice"]);
    assert!(take(&mut sasl, ":irc.lab.test 904 alice :late").is_empty(), "the end is the end");
    // Without 900, as some bouncers do it.
    let (mut sasl, _) = begin(login("alice", "secret123"), "");
    take(&mut sasl, ":s 904 * :no");
    take(&mut sasl, "AUTHENTICATE +");
    assert_eq!(take(&mut sasl, ":s 903 * :ok"), ["done "]);
}

#[test]
fn external_sends_nothing_but_its_consent() {
    let only = Login { account: "alice".into(), password: None, certificate: true };
    let (mut sasl, first) = begin(only, "PLAIN,EXTERNAL");
    assert_eq!(first, ["AUTHENTICATE EXTERNAL"]);
    assert_eq!(take(&mut sasl, "AUTHENTICATE +"), ["AUTHENTICATE +"]);
    assert_eq!(take(&mut sasl, "903 * :ok"), ["done "]);
}

#[test]
fn scram_is_as_the_rfc_has_it() {
    let (mut sasl, _) = begin(login("user", "pencil"), "SCRAM-SHA-256");
    let first = take(&mut sasl, "AUTHENTICATE +");
    assert_eq!(said(&first), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    assert_eq!(said(&say(&mut sasl, SERVER_FIRST)), CLIENT_FINAL);
    assert_eq!(say(&mut sasl, SERVER_FINAL), ["AUTHENTICATE +"]);
    assert_eq!(take(&mut sasl, "903 * :ok"), ["done "]);
}

#[test]
fn a_server_that_does_not_know_the_password_gets_nothing_more() {
    for wrong in ["v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "v=", "v=!", "x", "v=AAAA,e=x"] {
        let (mut sasl, _) = scram("user", "pencil");
        assert_eq!(say(&mut sasl, wrong), ["AUTHENTICATE *", "failed Unproven"], "{wrong}");
        assert!(take(&mut sasl, "904 * :refused").is_empty(), "no password goes out in plain");
    }
    let (mut sasl, _) = scram("user", "pencil");
    assert_eq!(take(&mut sasl, "903 * :ok"), ["failed Unproven"], "success without a proof is none");
    let (mut sasl, _) = begin(login("user", "pencil"), "");
    assert_eq!(take(&mut sasl, "903 * :ok"), ["failed Unproven"]);
}

#[test]
fn work_is_bounded_and_not_too_little() {
    for (count, fault) in
        [("4095", "Iterations(4095)"), ("1000001", "Iterations(1000001)"), ("0", "Iterations(0)")]
    {
        let (mut sasl, _) = begin(login("user", "pencil"), "");
        take(&mut sasl, "AUTHENTICATE +");
        let first = SERVER_FIRST.replace("i=4096", &format!("i={count}"));
        assert_eq!(say(&mut sasl, &first), ["AUTHENTICATE *".into(), format!("failed {fault}")]);
    }
}

#[test]
fn what_is_no_scram_is_refused() {
    let no_more_nonce = format!("r={NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    let broken = [
        "",
        "x",
        &no_more_nonce,
        "r=other,s=W22Z,i=4096",
        &SERVER_FIRST.replace("s=W22Z", "s=!"),
        &SERVER_FIRST.replace("i=4096", "i=99999999999"),
        &SERVER_FIRST.replace("i=4096", "i=-1"),
        &SERVER_FIRST.replace("s=W22ZaJ0SNY7soEsUEjb6gQ==", "s="),
        &format!("m=new,{SERVER_FIRST}"),
    ];
    for first in broken {
        let (mut sasl, _) = begin(login("user", "pencil"), "");
        take(&mut sasl, "AUTHENTICATE +");
        assert_eq!(say(&mut sasl, first), ["AUTHENTICATE *", "failed Broken"], "{first}");
    }
}

#[test]
fn names_and_passwords_are_prepared() {
    // RFC 4013 §3: a soft hyphen is nothing, and an ordinal sign is its letter.
    assert_eq!(scram("user", "I\u{ad}X").1, scram("user", "IX").1);
    assert_eq!(scram("user", "pass\u{aa}").1, scram("user", "passa").1);
    assert_ne!(scram("user", "pässwörd").1, scram("user", "password").1);
    assert_eq!(scram("user", "pa\u{308}ss").1, scram("user", "päss").1);
    let (mut sasl, _) = begin(login("a=b,c", "x"), "");
    assert_eq!(said(&take(&mut sasl, "AUTHENTICATE +")), format!("n,,n=a=3Db=2Cc,r={NONCE}"));
    // RFC 4013 forbids a bell; it is for the server to say so.
    assert_eq!(begin(login("user", "\u{7}"), "SCRAM-SHA-256,PLAIN").1, ["AUTHENTICATE PLAIN"]);
}

#[test]
fn a_refusal_makes_way_for_the_next() {
    let all = Login { certificate: true, ..login("user", "pencil") };
    let (mut sasl, first) = begin(all.clone(), "PLAIN,SCRAM-SHA-256,EXTERNAL,OTHER");
    assert_eq!(first, ["AUTHENTICATE EXTERNAL"]);
    assert_eq!(take(&mut sasl, "904 * :no"), ["AUTHENTICATE SCRAM-SHA-256"]);
    take(&mut sasl, "AUTHENTICATE +");
    say(&mut sasl, SERVER_FIRST);
    assert_eq!(say(&mut sasl, "e=invalid-proof"), ["AUTHENTICATE *"]);
    assert_eq!(take(&mut sasl, "906 * :aborted"), ["AUTHENTICATE PLAIN"]);
    take(&mut sasl, "AUTHENTICATE +");
    assert_eq!(
        take(&mut sasl, "904 * :Invalid account credentials"),
        ["failed Refused(\"Invalid account credentials\")"]
    );
    // 908 and then 904 are one refusal.
    let (mut sasl, _) = begin(all.clone(), "");
    assert_eq!(take(&mut sasl, "908 * PLAIN,OTHER :are available"), ["AUTHENTICATE PLAIN"]);
    assert!(take(&mut sasl, "904 * :no").is_empty());
    assert_eq!(take(&mut sasl, "904 * :no"), ["failed Refused(\"no\")"]);
    // 904 and then 908 too, and 908 without 904.
    let (mut sasl, _) = begin(all.clone(), "");
    take(&mut sasl, "904 * :no");
    assert!(take(&mut sasl, "908 * SCRAM-SHA-256 :are available").is_empty());
    assert_eq!(take(&mut sasl, "904 * :no"), ["failed Refused(\"no\")"]);
    let (mut sasl, _) = begin(all, "");
    take(&mut sasl, "908 * PLAIN :are available");
    take(&mut sasl, "AUTHENTICATE +");
    assert_eq!(take(&mut sasl, "904 * :wrong"), ["failed Refused(\"wrong\")"]);
}

#[test]
fn the_other_ends() {
    let run = |line: &str| take(&mut begin(login("user", "pencil"), "PLAIN").0, line);
    assert_eq!(
        run("902 u :You must use a nick assigned to you"),
        ["failed Locked(\"You must use a nick assigned to you\")"]
    );
    assert_eq!(run("905 u :too long"), ["failed TooLong"]);
    assert_eq!(run("906 u :aborted"), ["failed Aborted"]);
    assert_eq!(run("907 u :already"), ["done "]);
    assert_eq!(run("AUTHENTICATE x"), ["AUTHENTICATE *", "failed Broken"]);
    let (mut sasl, _) = begin(login("user", "pencil"), "PLAIN");
    assert_eq!(shown(sasl.abort()), ["AUTHENTICATE *", "failed Aborted"]);
    assert!(sasl.abort().is_empty());
    assert_eq!(begin(login("user", "pencil"), "OTHER").1, ["failed NoMechanism"]);
    assert_eq!(begin(login("", "pencil"), "").1, ["failed NoMechanism"]);
    assert_eq!(begin(login("a", &"b".repeat(MAX_CREDENTIAL + 1)), "").1, ["failed NoMechanism"]);
    assert_eq!(begin(login("a", "b\0c"), "").1, ["failed NoMechanism"]);
}

#[test]
fn long_answers_go_in_chunks_and_a_full_last_one_is_followed_by_a_plus() {
    let lengths = |bytes: usize| -> Vec<usize> {
        let (mut sasl, _) = begin(login("a", &"x".repeat(bytes - 3)), "PLAIN");
        let lines = take(&mut sasl, "AUTHENTICATE +");
        assert_eq!(said(&lines).len(), bytes);
        lines.iter().map(|line| line.len() - "AUTHENTICATE ".len()).collect()
    };
    assert_eq!(lengths(297), [396]);
    assert_eq!(lengths(300), [400, 1]);
    assert_eq!(lengths(301), [400, 4]);
    assert_eq!(lengths(600), [400, 400, 1]);
}

#[test]
fn payloads_in_chunks_are_put_together_and_bounded() {
    let (mut sasl, _) = begin(login("user", "pencil"), "SCRAM-SHA-256");
    take(&mut sasl, "AUTHENTICATE +");
    // An extension at the end is passed over, and fills two chunks.
    let first = format!("{SERVER_FIRST},x={}", "y".repeat(600 - SERVER_FIRST.len() - 3));
    let payload = BASE64.encode(first.as_bytes());
    let (one, two) = payload.split_at(CHUNK);
    assert!(take(&mut sasl, &format!("AUTHENTICATE {one}")).is_empty());
    assert!(take(&mut sasl, &format!("AUTHENTICATE {two}")).is_empty());
    assert!(said(&take(&mut sasl, "AUTHENTICATE +")).starts_with("c=biws,r=rOpr"));
    let (mut sasl, _) = begin(login("user", "pencil"), "PLAIN");
    let chunk = format!("AUTHENTICATE {}", "A".repeat(CHUNK));
    let taken = (0..100).take_while(|_| take(&mut sasl, &chunk).is_empty()).count();
    assert_eq!(taken, MAX_PAYLOAD / CHUNK);
    let (mut sasl, _) = begin(login("user", "pencil"), "PLAIN");
    assert_eq!(take(&mut sasl, &format!("{chunk}AAAA")), ["AUTHENTICATE *", "failed Broken"]);
}

#[test]
fn a_nonce_is_of_its_seed_and_fit_for_scram() {
    assert_eq!(nonce(7), nonce(7));
    assert_ne!(nonce(7), nonce(8));
    assert!(nonce(7).len() == 24 && nonce(7).bytes().all(|byte| byte.is_ascii_graphic() && byte != b','));
}

#[test]
fn no_secret_is_in_a_debug() {
    let (mut sasl, _) = Sasl::begin(login("user", "pencil"), "", NONCE.into());
    let mut seen = format!("{sasl:?} {:?}", login("user", "pencil"));
    for line in
        ["AUTHENTICATE +".to_owned(), format!("AUTHENTICATE {}", BASE64.encode(SERVER_FIRST.as_bytes()))]
    {
        seen += &format!("{:?} {sasl:?}", sasl.take(&Line::parse(&line).unwrap()));
    }
    let (mut plain, _) = Sasl::begin(login("user", "pencil"), "PLAIN", NONCE.into());
    seen += &format!("{:?} {plain:?}", plain.take(&Line::parse("AUTHENTICATE +").unwrap()));
    for secret in ["pencil", "AHVzZXIAcGVuY2ls", "dHzbZapW", "cD1k"] {
        assert!(!seen.contains(secret), "{seen}");
    }
}

proptest! {
    #[test]
    fn whatever_a_server_says_the_password_goes_only_into_plain_and_the_log_in_ends_once(
        lines in proptest::collection::vec(prop_oneof![
            Just("AUTHENTICATE +".to_owned()),
            "AUTHENTICATE [A-Za-z0-9+/=]{0,12}",
            Just(format!("AUTHENTICATE {}", BASE64.encode(SERVER_FIRST.as_bytes()))),
            Just(format!("AUTHENTICATE {}", BASE64.encode(SERVER_FINAL.as_bytes()))),
            "90[0-8] \\* (PLAIN|EXTERNAL)? :x",
            "[A-Z]{1,5} .{0,10}",
        ], 0..12),
        offered in "(PLAIN)?,(EXTERNAL)?,(SCRAM-SHA-256)?|",
    ) {
        let (mut sasl, first) = begin(Login { certificate: true, ..login("user", "pencil") }, &offered);
        let mut all = first;
        for line in lines {
            let Ok(line) = Line::parse(&line) else { continue };
            let steps = shown(sasl.take(&line));
            prop_assert!(steps.len() <= 2);
            all.extend(steps);
        }
        let ends = all.iter().filter(|step| step.starts_with("done") || step.starts_with("failed")).count();
        prop_assert!(ends <= 1);
        let in_plain = all.iter().any(|step| step == "AUTHENTICATE AHVzZXIAcGVuY2ls");
        prop_assert!(!in_plain || all.iter().any(|step| step == "AUTHENTICATE PLAIN"));
        prop_assert!(!all.iter().any(|step| step.contains("pencil")));
    }

    #[test]
    fn any_credentials_are_sent_in_chunks_that_are_read_back(account in "\\PC{1,30}", password in "\\PC{1,400}") {
        prop_assume!(password.len() <= MAX_CREDENTIAL);
        let (mut sasl, _) = begin(login(&account, &password), "PLAIN");
        let lines = take(&mut sasl, "AUTHENTICATE +");
        prop_assert!(lines.iter().all(|line| line.len() <= "AUTHENTICATE ".len() + CHUNK));
        prop_assert_eq!(said(&lines), format!("\0{account}\0{password}"));
        let _ = begin(login(&account, &password), "SCRAM-SHA-256");
    }
}
