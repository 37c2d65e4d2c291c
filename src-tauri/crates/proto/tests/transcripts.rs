//! Every adapter against its transcripts, and against anything at all.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

mod start;

use domain::{Body, Command, ConversationKey, RemoteId, Timestamp, TxnId};
use proptest::prelude::*;
use proto::transcript::{Passage, Step, print, read, replay, write};
use proto::{ALL, Frame, Protocol};
use serde_json::json;
use start::Start;
use std::path::Path;
use std::time::Duration;

fn open(protocol: &dyn Protocol) -> Box<dyn proto::Adapter> {
    Start::default().open(protocol)
}

fn without_comments(text: &str) -> String {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The comments before the first step.
fn head(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.is_empty() || line.starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn adapters_replay_their_transcripts() {
    for protocol in ALL {
        let id = protocol.descriptor().id;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(id);
        let mut count = 0;
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{id} has no transcripts: {error}"))
        {
            let path = entry.unwrap().path();
            let golden = std::fs::read_to_string(&path).unwrap();
            let steps = read(&golden).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
            let played = replay(Start::read(&golden).unwrap().open(*protocol).as_mut(), &steps).unwrap();
            if std::env::var_os("WHINCHAT_WRITE").is_some() && played != without_comments(&golden) {
                std::fs::write(&path, head(&golden) + &played).unwrap();
                count += 1;
                continue;
            }
            assert_eq!(played, without_comments(&golden), "{}", path.display());
            count += 1;
        }
        assert!(count > 0, "{id} has no transcripts");
    }
}

#[test]
fn a_transcript_is_the_same_with_either_line_end_and_with_a_last_one_cut_off() {
    let whole = "# opened chat\n< a\\r\n";
    for same in [whole, "# opened chat\r\n< a\\r\r\n", "# opened chat\n< a\\r\r", "# opened chat\n< a\\r"] {
        assert_eq!(read(same), read(whole), "{same:?}");
    }
    assert_eq!(read("# opened chat\r"), read("# opened chat\n"));
}

#[test]
fn a_bad_transcript_names_its_line() {
    for bad in [
        "# opened\n? {}",
        "# opened\n<b 0",
        "# opened\n< \\q",
        "# opened\n+5m",
        "# opened\n@ x",
        "# opened\n# shut",
        "# opened\n# opened chat\r\r\n",
    ] {
        assert_eq!(read(bad).unwrap_err().line, 2, "{bad}");
    }
}

/// What the window reads too (`ui/test/frames.test.ts`): an export with what it shows, and what neither reads.
const GOLDEN: &str = "../../../ui/test/golden/transcript.json";

#[test]
fn the_window_reads_what_the_core_exports() {
    let texts = [
        "hello there",
        "",
        " spaces \t",
        "a\nb\r\nc\rd\0e\\n",
        "\u{1b}[31m\u{7f}\u{85}\u{2028}",
        "// no remark",
        "🐦 你好",
    ];
    let bytes = [vec![], vec![0, 255, 10], vec![0x41; 40]];
    let texts = texts.map(|text| (Frame::Text(text.to_owned()), json!({ "kind": "text", "text": text })));
    let bytes = bytes.map(|bytes| {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        (Frame::Binary(bytes), json!({ "kind": "binary", "hex": hex }))
    });
    let frames: Vec<_> = texts.into_iter().chain(bytes).collect();
    let waits = [0, 1, 999, 1000, 61_250, 86_400_000];

    let mut passages =
        vec![Passage::Note("< ping 00ff"), Passage::Opened(None), Passage::Opened(Some("chat.v2"))];
    let mut shown = vec![
        json!({ "at": 0, "note": "// < ping 00ff" }),
        json!({ "at": 0, "note": "# opened" }),
        json!({ "at": 0, "note": "# opened chat.v2" }),
    ];
    let mut at = 0;
    for ((frame, content), wait) in frames.iter().zip(waits.iter().cycle()) {
        at += wait;
        passages.extend([
            Passage::Pass(Duration::from_millis(*wait)),
            Passage::Sent(frame),
            Passage::Came(frame),
        ]);
        shown.push(json!({ "at": at, "direction": "out", "content": content }));
        shown.push(json!({ "at": at, "direction": "in", "content": content }));
    }
    let exported = write(passages.iter().copied());
    let steps: Vec<_> = passages.into_iter().filter_map(as_read).collect();
    assert_eq!(read(&exported).unwrap(), steps);

    let unreadable = ["<b 0", "<b zz", "< a\\q", "< a\\", "+12", "+5h", "+31622401s", "<html>", "= x"];
    for bad in unreadable {
        assert_eq!(read(&format!("# opened\n{bad}")).unwrap_err().line, 2, "{bad}");
    }
    let fresh = json!({ "exported": exported, "shown": shown, "unreadable": unreadable });
    let fresh = serde_json::to_string_pretty(&fresh).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("WHINCHAT_WRITE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap();
    assert!(held == fresh, "{GOLDEN} is stale: run the tests of `proto` with WHINCHAT_WRITE=1");
}

/// Lines as IRC has them, of few names, so that they meet.
fn irc_line() -> impl Strategy<Value = String> {
    let nick = "ann|bob|Carl|guest00007|ann_";
    let room = "#c|#D|&e";
    let source = prop_oneof![
        (nick, "u|~x").prop_map(|(nick, user)| format!(":{nick}!{user}@h ")),
        Just(":irc.example ".to_owned()),
        Just(String::new()),
    ];
    let tag = "msgid=[a-c]|label=[1-5]|batch=[xy]|time=2026-11-22T07:36:36.06[0-9]Z|\\+draft/reply=[a-c]|account=ann|\\+typing=active|\\+draft/react=ok";
    let tags = prop::collection::vec(tag, 0..4)
        .prop_map(|tags| if tags.is_empty() { String::new() } else { format!("@{} ", tags.join(";")) });
    let words = prop_oneof![
        any::<String>(),
        "hello ann|\u{1}VERSION\u{1}|\u{1}ACTION waves\u{1}|hub.example leaf.example|@ann \\+bob Carl|\\+o ann",
    ];
    let command = prop_oneof![
        "PRIVMSG|NOTICE|JOIN|PART|KICK|QUIT|NICK|MODE|TOPIC|AWAY|ACCOUNT|CHGHOST|INVITE|TAGMSG|ACK|PING|FAIL",
        "REDACT|MARKREAD|RENAME|BOUNCER NETWORK|FAIL CHATHISTORY INVALID_TARGET AFTER|730 ann|731 ann|311 ann|318 ann",
        "CAP \\* LS|CAP ann ACK|CAP ann NAK|CAP ann NEW|CAP ann DEL|AUTHENTICATE|BATCH \\+[xy] (netsplit|netjoin|labeled-response|chathistory|draft/multiline)|BATCH -[xy]",
        "001 ann|376 ann|005 ann CASEMAPPING=ascii WHOX STATUSMSG=@|433 \\* ann|353 ann =|366 ann|354 ann 152|315 ann|332 ann|401 ann|404 ann|475 ann|900 ann|904 ann|903 ann",
        "[0-9]{3} ann",
    ];
    let targets =
        prop::collection::vec(prop_oneof![Just(room), Just(nick)].prop_flat_map(|names| names), 0..3);
    let caps = "batch|echo-message|labeled-response message-tags|server-time|sasl=PLAIN|multi-prefix|no-implicit-names";
    (tags, source, command, targets, prop_oneof![3 => words.boxed(), 1 => caps.boxed()]).prop_map(
        |(tags, source, command, targets, words)| {
            let targets: String = targets.iter().map(|name| format!(" {name}")).collect();
            format!("{tags}{source}{command}{targets} :{words}")
        },
    )
}

/// What can be typed behind a slash, and what cannot.
fn irc_command() -> impl Strategy<Value = String> {
    let commands = proto::irc::IRC.descriptor().commands;
    let known = prop::sample::select(commands).prop_map(|command| command.name.to_owned());
    prop_oneof![9 => known, 1 => any::<String>()]
}

/// How a session begins that gets anywhere.
fn irc_welcome() -> impl Strategy<Value = Vec<Step>> {
    let drafts = ["chathistory", "event-playback", "read-marker", "message-redaction", "multiline"];
    let drafts = drafts.map(|name| format!("draft/{name}")).join(" ");
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(move |(welcome, labels, modern)| {
        let labels = if labels { "labeled-response " } else { "" };
        let drafts = if modern { drafts.as_str() } else { "" };
        let caps = format!("batch echo-message {labels}message-tags server-time away-notify {drafts}");
        let offered = caps.replace("multiline", "multiline=max-bytes=40,max-lines=2");
        let lines = [
            format!("CAP * LS :{offered}"),
            format!("CAP * ACK :{caps}"),
            ":irc.example 001 ann :hi".to_owned(),
            ":irc.example 005 ann MONITOR=3 CHATHISTORY=9 MSGREFTYPES=msgid WHOX :are supported".to_owned(),
            "422 ann :none".to_owned(),
            ":ann!u@h JOIN #c".to_owned(),
        ];
        let lines = lines.map(|line| Step::Frame(Frame::Text(line)));
        if welcome { lines.to_vec() } else { Vec::new() }
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let conversation = prop_oneof![Just("stream"), Just("*"), Just("#c"), Just("bob")];
    let wish = (conversation, any::<String>()).prop_flat_map(|(key, text)| {
        let (key, txn) = (ConversationKey(key.to_owned()), TxnId::parse("t").unwrap());
        let id = RemoteId("a".to_owned());
        prop_oneof![
            Just(Command::say(txn, key.clone(), Body::text(text.clone()))),
            Just(Command::Join { name: text.clone(), password: String::new() }),
            Just(Command::Join { name: "#c".to_owned(), password: text.clone() }),
            Just(Command::Leave { conversation: key.clone() }),
            Just(Command::Backfill { conversation: key.clone(), after: None, limit: 9 }),
            Just(Command::Backfill { conversation: key.clone(), after: Some(id.clone()), limit: 2 }),
            Just(Command::Earlier { conversation: key.clone(), before: id.clone(), limit: 2 }),
            Just(Command::Typing { conversation: key.clone(), typing: true }),
            Just(Command::MarkRead { conversation: key.clone(), upto: Timestamp(1_795_332_996_060) }),
            Just(Command::Retract { conversation: key.clone(), target: id.clone() }),
            Just(Command::React { conversation: key.clone(), target: id, text: text.clone(), present: true }),
            (irc_command(), Just(text)).prop_map(move |(name, arguments)| Command::Run {
                conversation: key.clone(),
                name,
                arguments
            }),
        ]
    });
    let step = prop_oneof![
        8 => irc_line().prop_map(|line| Step::Frame(Frame::Text(line))),
        2 => wish.prop_map(Step::Command),
        1 => any::<String>().prop_map(|text| Step::Frame(Frame::Text(text))),
        1 => any::<Vec<u8>>().prop_map(|bytes| Step::Frame(Frame::Binary(bytes))),
        1 => (any::<String>(), prop_oneof![Just("stream".to_owned()), any::<String>()]).prop_map(|(text, key)| {
            let txn = TxnId::parse("t").unwrap();
            Step::Command(Command::say(txn, ConversationKey(key), Body::text(text)))
        }),
        1 => any::<u64>().prop_map(Step::Committed),
        1 => (0..100_000u64).prop_map(|ms| Step::Pass(Duration::from_millis(ms))),
    ];
    (irc_welcome(), prop::collection::vec(step, 0..40)).prop_map(|(welcome, steps)| [welcome, steps].concat())
}

/// What one line of an export is read as.
fn as_read(passage: Passage<'_>) -> Option<Step> {
    match passage {
        Passage::Opened(name) => Some(Step::Opened(name.map(str::to_owned))),
        Passage::Pass(time) => Some(Step::Pass(time)),
        Passage::Came(frame) => Some(Step::Frame(frame.clone())),
        Passage::Sent(_) | Passage::Note(_) => None,
    }
}

proptest! {
    /// What was exported from a line can be read, and loses nothing that came.
    #[test]
    fn an_export_is_a_transcript(
        came in prop::collection::vec((any::<String>(), any::<Vec<u8>>(), 0..10_000_000_u64), 0..20),
        name in prop::option::of("[a-z0-9.]{1,20}"), note in any::<String>(),
    ) {
        let frames: Vec<_> = came
            .iter()
            .map(|(text, bytes, ms)| (Frame::Text(text.clone()), Frame::Binary(bytes.clone()), *ms))
            .collect();
        let mut passages = vec![Passage::Note(&note), Passage::Opened(name.as_deref())];
        for (text, bytes, ms) in &frames {
            let pass = Passage::Pass(Duration::from_millis(*ms));
            passages.extend([Passage::Came(text), pass, Passage::Sent(text), Passage::Note(&note)]);
            passages.extend([Passage::Sent(bytes), Passage::Came(bytes)]);
        }
        let steps: Vec<_> = passages.iter().copied().filter_map(as_read).collect();
        prop_assert_eq!(&read(&write(passages)).unwrap(), &steps);
        prop_assert_eq!(&read(&print(&steps)).unwrap(), &steps);
    }

    /// Design invariant 5: the same inputs give the same outputs, and every drain ends.
    #[test]
    fn adapters_are_pure_and_never_stuck(steps in steps()) {
        for protocol in ALL {
            let whole = [vec![Step::Opened(None)], steps.clone()].concat();
            let once = replay(open(*protocol).as_mut(), &whole).unwrap();
            let again = replay(open(*protocol).as_mut(), &whole).unwrap();
            prop_assert_eq!(&once, &again);
            // Reading back what was written gives the steps again.
            prop_assert_eq!(read(&once).unwrap(), whole);
        }
    }
}
