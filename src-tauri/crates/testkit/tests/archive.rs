//! The archive's adapter against its transcripts, and against anything at all.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

use domain::{AccountConfig, Body, Command, ConversationKey, RemoteId, TxnId};
use proptest::prelude::*;
use proto::transcript::{Step, read, replay};
use proto::{Frame, Opening, Protocol as _};
use std::path::Path;
use std::time::Duration;
use testkit::archive::{ARCHIVE, Said, Word};

fn open() -> Box<dyn proto::Adapter> {
    ARCHIVE.open(Opening {
        config: &AccountConfig::default(),
        secret: None,
        resume: None,
        entrusted: None,
        seed: 7,
    })
}

#[test]
fn the_adapter_replays_its_transcripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/archive");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let golden = std::fs::read_to_string(&path).unwrap();
        let played = replay(open().as_mut(), &read(&golden).unwrap()).unwrap();
        if std::env::var_os("WHINCHAT_WRITE").is_some() {
            let comments: String = golden
                .lines()
                .take_while(|line| line.starts_with("//"))
                .map(|line| format!("{line}\n"))
                .collect();
            std::fs::write(&path, format!("{comments}{played}")).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap();
        let bare: String =
            golden.lines().filter(|line| !line.starts_with("//")).map(|line| format!("{line}\n")).collect();
        assert_eq!(played, bare, "{}", path.display());
        count += 1;
    }
    assert!(count > 0);
}

fn word() -> impl Strategy<Value = Word> {
    let said =
        (any::<u64>(), prop_oneof![Just("me".to_owned()), any::<String>()], any::<String>(), any::<i64>())
            .prop_map(|(id, from, text, at)| Said { id, from, txn: "t".to_owned(), text, at });
    prop_oneof![
        any::<Option<u64>>().prop_map(|head| Word::Welcome { head }),
        (any::<u64>(), "[a-z!]{0,3}", any::<i64>()).prop_map(|(id, txn, at)| Word::Ack { txn, id, at }),
        said.clone().prop_map(|said| Word::Said { said }),
        (any::<Option<u64>>(), prop::collection::vec(said, 0..4), any::<bool>())
            .prop_map(|(after, said, complete)| Word::Page { after, said, complete }),
        any::<Option<u64>>().prop_map(|after| Word::Unknown { after }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = prop_oneof![Just("archive".to_owned()), any::<String>()].prop_map(ConversationKey);
    let step = prop_oneof![
        word().prop_map(|word| Step::Frame(Frame::Text(serde_json::to_string(&word).unwrap()))),
        any::<String>().prop_map(|text| Step::Frame(Frame::Text(text))),
        any::<Vec<u8>>().prop_map(|bytes| Step::Frame(Frame::Binary(bytes))),
        (any::<String>(), key.clone()).prop_map(|(text, conversation)| {
            let txn = TxnId::parse("t").unwrap();
            Step::Command(Command::say(txn, conversation, Body::text(text)))
        }),
        (prop::option::of("[0-9a]{1,3}"), key).prop_map(|(after, conversation)| {
            Step::Command(Command::Backfill { conversation, after: after.map(RemoteId), limit: 9 })
        }),
        any::<u64>().prop_map(Step::Committed),
        (0..100_000u64).prop_map(|ms| Step::Pass(Duration::from_millis(ms))),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Design invariant 5: the same inputs give the same outputs, and every drain ends.
    #[test]
    fn the_adapter_is_pure_and_never_stuck(steps in steps()) {
        let whole = [vec![Step::Opened(None)], steps].concat();
        let once = replay(open().as_mut(), &whole).unwrap();
        prop_assert_eq!(&once, &replay(open().as_mut(), &whole).unwrap());
        prop_assert_eq!(read(&once).unwrap(), whole);
    }
}
