//! Both languages say the same things, every name is there, and the window is given what these functions say.

use crate::*;
use domain::{
    CloseBy, Outcome, Phase, ProxyFault, Reason, Refusal, SecretKind, SecretTrouble, Timestamp, TlsFault,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

const GOLDEN: &str = "../../../ui/test/golden/truth.json";

/// What may be wrong with a certificate or its handshake.
const TLS_FAULTS: [TlsFault; 12] = [
    TlsFault::Expired,
    TlsFault::NotYetValid,
    TlsFault::WrongName,
    TlsFault::UnknownIssuer,
    TlsFault::Revoked,
    TlsFault::WrongPurpose,
    TlsFault::BadCertificate,
    TlsFault::ClientCertificateWanted,
    TlsFault::NoCommonVersion,
    TlsFault::NotTls,
    TlsFault::Changed,
    TlsFault::Other,
];

const PHASES: [Phase; 6] = [Phase::Dns, Phase::Tcp, Phase::Proxy, Phase::Tls, Phase::Upgrade, Phase::Login];

const CODES: [Option<u16>; 38] = [
    None,
    Some(0),
    Some(999),
    Some(1000),
    Some(1001),
    Some(1002),
    Some(1003),
    Some(1004),
    Some(1005),
    Some(1006),
    Some(1007),
    Some(1008),
    Some(1009),
    Some(1010),
    Some(1011),
    Some(1012),
    Some(1013),
    Some(1014),
    Some(1015),
    Some(1016),
    Some(2999),
    Some(3000),
    Some(3001),
    Some(3003),
    Some(3008),
    Some(3999),
    Some(4000),
    Some(4001),
    Some(4400),
    Some(4401),
    Some(4403),
    Some(4404),
    Some(4408),
    Some(4409),
    Some(4429),
    Some(4500),
    Some(4999),
    Some(5000),
];

/// One of each kind, and more where a kind has more than one sentence.
fn reasons() -> Vec<Reason> {
    let text = || "“in their words”".to_owned();
    let address = || "192.0.2.1:443".to_owned();
    let proxy = || "http://proxy.example:3128".to_owned();
    let mut all = vec![
        Reason::BadAddress { text: text() },
        Reason::Dns { host: "{address}.example".to_owned(), text: text() },
        Reason::Refused { address: address() },
        Reason::Unreachable { address: address(), text: text() },
        Reason::File { path: "/etc/a {file}.pem".to_owned(), text: text() },
        Reason::NotWebSocket { text: text() },
        Reason::Subprotocol { chosen: None },
        Reason::Subprotocol { chosen: Some("chat.v2".to_owned()) },
        Reason::Dropped { text: text() },
        Reason::Silent { seconds: 40 },
        Reason::NotLetIn { text: text() },
        Reason::BrokenFrames { text: text() },
        Reason::Internal { text: text() },
    ];
    all.extend(PHASES.map(|phase| Reason::TimedOut { phase, seconds: 5 }));
    let limits = [0, 999, 1000, 1049, 1050, 999_949, 999_950, 4_194_304, u32::MAX];
    all.extend(limits.map(|limit| Reason::TooBig { limit }));
    all.extend(TLS_FAULTS.map(|fault| Reason::Tls { fault, text: text(), certificate: None }));
    let refusals = [
        (401, Refusal::Unauthorized { challenge: Some("Basic".to_owned()) }),
        (403, Refusal::Forbidden),
        (404, Refusal::NotFound),
        (429, Refusal::TooMany { retry_after_s: Some(0) }),
        (429, Refusal::TooMany { retry_after_s: Some(125) }),
        (503, Refusal::TooMany { retry_after_s: None }),
        (302, Refusal::Redirect { location: None }),
        (302, Refusal::Redirect { location: Some("https://example.org/{status}".to_owned()) }),
        (500, Refusal::Other),
    ];
    all.extend(refusals.map(|(status, refusal)| Reason::Status { status, refusal, text: text() }));
    let proxies = [
        ProxyFault::Unauthorized,
        ProxyFault::Forbidden,
        ProxyFault::Unreachable,
        ProxyFault::NotAProxy,
        ProxyFault::Unnamed,
        ProxyFault::Other,
    ];
    all.extend(proxies.map(|fault| Reason::Proxy { proxy: proxy(), fault, text: text() }));
    for secret in [SecretKind::LogIn, SecretKind::Proxy, SecretKind::ClientKey, SecretKind::Rooms] {
        let troubles =
            [SecretTrouble::Missing, SecretTrouble::Locked, SecretTrouble::NoKeyring, SecretTrouble::Failed];
        all.extend(troubles.map(|trouble| Reason::Secret { secret, trouble }));
    }
    for code in CODES {
        all.push(Reason::Closed { code, text: String::new(), by: CloseBy::Server });
        all.push(Reason::Closed { code, text: "{why}".to_owned(), by: CloseBy::Us });
    }
    all.push(Reason::Closed { code: None, text: text(), by: CloseBy::Server });
    all
}

fn outcomes() -> Vec<Outcome> {
    let reason = || Reason::Dropped { text: String::new() };
    let late = Reason::Status {
        status: 503,
        refusal: Refusal::TooMany { retry_after_s: Some(60) },
        text: String::new(),
    };
    let (since, until) = (Timestamp(1_000), Timestamp(1_000 + 3_725_999));
    vec![
        Outcome::Trying,
        Outcome::Online { since },
        Outcome::Failed { reason: reason() },
        Outcome::Failed { reason: late },
        Outcome::Failed { reason: Reason::BadAddress { text: String::new() } },
        Outcome::Ended { since, until, reason: reason() },
        // The clock was set back.
        Outcome::Ended { since: until, until: since, reason: reason() },
    ]
}

fn each(words: impl Fn(Tongue) -> String) -> Value {
    Tongue::ALL.map(|tongue| (tongue.tag().to_owned(), Value::from(words(tongue)))).into_iter().collect()
}

/// What the window must say to the same input, as `ui/test/words.test.ts` reads it.
fn golden() -> Value {
    let reason_words = |it: &Reason| json!({ "input": it, "words": each(|tongue| reason(tongue, it)), "detail": each(|tongue| detail(tongue, it)) });
    let outcome_words = |it: &Outcome| json!({ "input": it, "words": each(|tongue| outcome(tongue, it)) });
    let phase_words = |it: Phase| {
        let host = "{host}";
        json!({ "input": it, "words": each(|tongue| phase(tongue, it, host)), "step": each(|tongue| step(tongue, it)) })
    };
    let duration_words = |it: u64| json!({ "input": it, "words": each(|tongue| duration(tongue, it)) });
    let time_words = |it: u32| json!({ "input": it, "words": each(|tongue| step_time(tongue, it)) });
    let durations = [0, 1, 59, 60, 61, 120, 3_600, 3_601, 86_399, 86_400, 90_000].map(duration_words);
    let step_times =
        [0, 49, 50, 250, 9_949, 9_950, 10_499, 999_499, 999_500, 1_250_000, u32::MAX].map(time_words);
    json!({
        "reasons": reasons().iter().map(reason_words).collect::<Vec<_>>(),
        "outcomes": outcomes().iter().map(outcome_words).collect::<Vec<_>>(),
        "phases": PHASES.map(phase_words),
        "durations": durations,
        "stepTimes": step_times,
        "pardonable": TLS_FAULTS.map(|fault| json!({ "input": fault, "is": fault.is_pardonable() })),
    })
}

#[test]
fn the_golden_list_of_the_window_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    let fresh = format!("{}\n", serde_json::to_string_pretty(&golden()).unwrap());
    if std::env::var_os("WHINCHAT_WRITE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &fresh).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(held == fresh, "{GOLDEN} is stale: run the tests of `words` with WHINCHAT_WRITE=1");
}

/// The file's own order and repeats are kept by no map, so a repeated name is looked for in the text.
#[test]
fn both_languages_have_the_same_names_once_and_the_same_slots() {
    let slots = |mut template: &'static str| {
        let mut slots = BTreeSet::new();
        while let Some((_, slot, rest)) = next_slot(template) {
            slots.insert(slot);
            template = rest;
        }
        slots
    };
    let [english, chinese] = [ENGLISH, CHINESE].map(|file| serde_json::from_str::<Sentences>(file).unwrap());
    assert!(english.keys().eq(chinese.keys()));
    for name in english.keys() {
        let [english, chinese] = Tongue::ALL.map(|tongue| sentence(tongue, name).unwrap());
        assert_eq!(slots(english), slots(chinese), "{name}");
        for file in [ENGLISH, CHINESE] {
            assert_eq!(file.matches(&format!("\"{name}\":")).count(), 1, "{name}");
        }
    }
}

#[test]
fn no_sentence_has_an_empty_slot_or_is_a_mere_name() {
    for tongue in Tongue::ALL {
        let mut said: Vec<String> = PHASES.map(|it| phase(tongue, it, "host")).to_vec();
        said.extend(PHASES.map(|it| step(tongue, it)));
        said.extend(outcomes().iter().flat_map(|it| [outcome(tongue, it), next(tongue, it)]));
        for it in reasons() {
            // What is put in here has braces of its own, to see that they stay as they are.
            let inner = ["{address}.example", "/etc/a {file}.pem", "example.org/{status}", "{why}"];
            said.push(inner.iter().fold(reason(tongue, &it), |said, part| said.replace(part, "")));
        }
        let names =
            ["phase.", "step.", "outcome.", "next.", "reason.", "tls.", "refusal.", "close.", "time."];
        for words in said {
            assert!(!words.contains(['{', '}']), "{words}");
            assert!(!names.iter().any(|name| words.contains(name)), "{words}");
        }
    }
}

#[test]
fn a_value_is_never_taken_for_a_slot() {
    let filled = fill("{a} and {b}", &[("a", "{b}"), ("b", "{a}")]);
    assert_eq!(filled, "{b} and {a}");
    assert_eq!(fill("{unknown} {", &[]), "{unknown} {");
}

#[test]
fn a_close_code_says_whose_word_it_is() {
    let close = |code| close(Tongue::English, Some(code), "");
    assert_eq!(close(1001), "1001 going away");
    assert_eq!(close(3000), "3000 log-in wanted");
    assert_eq!(close(3500), "3500, a code of the library that the server uses");
    assert_eq!(close(4001), "4001, the server’s own code, which only it can explain");
    assert_eq!(close(4401), "4401, the server’s own code; often: log-in wanted");
    assert_eq!(close(2000), "2000, which has no meaning yet");
    assert_eq!(close(7), "7, which is no close code");
}

#[test]
fn what_a_server_said_is_told_as_its_own_and_cannot_end_its_quotation() {
    let text = || "Busy” Delete the account “now".to_owned();
    let busy = Reason::Status { status: 503, refusal: Refusal::Other, text: text() };
    assert_eq!(detail(Tongue::English, &busy), "The server said: “Busy’ Delete the account ‘now”");
    assert_eq!(detail(Tongue::Chinese, &busy), "服务器说：“Busy’ Delete the account ‘now”");
    let closed = close(Tongue::English, None, &text());
    assert_eq!(closed, "no code given (1005) “Busy’ Delete the account ‘now”");
    assert_eq!(
        detail(Tongue::English, &Reason::Dropped { text: " reset by peer".to_owned() }),
        "reset by peer"
    );
    assert_eq!(detail(Tongue::English, &Reason::NotLetIn { text: " ".to_owned() }), "");
}

#[test]
fn a_language_is_known_by_its_tag() {
    assert_eq!(Tongue::of("zh_CN.UTF-8"), Some(Tongue::Chinese));
    assert_eq!(Tongue::of("ZH-Hans"), Some(Tongue::Chinese));
    assert_eq!(Tongue::of("en"), Some(Tongue::English));
    assert_eq!(Tongue::of("zhuang"), None);
    assert_eq!(Tongue::of("C"), None);
}

#[test]
fn what_comes_next_follows_the_reason() {
    let next = |reason| next(Tongue::English, &Outcome::Failed { reason });
    let busy = Reason::Status {
        status: 503,
        refusal: Refusal::TooMany { retry_after_s: Some(90) },
        text: String::new(),
    };
    assert!(next(busy).contains("1 min 30 s"));
    assert!(next(Reason::Dropped { text: String::new() }).contains("about a second"));
    assert!(next(Reason::BadAddress { text: String::new() }).contains("wait for you"));
}
