//! The irc-parser-tests vectors against the IRC parts; `irc/README.md` says where they are from.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure is the test's answer"
)]

use proto::irc::casemap::Casemapping;
use proto::irc::line::{LINE_LEN, Line, Source};
use proto::irc::mask;
use proto::irc::tags::Tags;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Vectors<T> {
    tests: Vec<T>,
}

#[derive(Deserialize)]
struct Atoms {
    #[serde(default)]
    tags: BTreeMap<String, String>,
    source: Option<String>,
    verb: String,
    #[serde(default)]
    params: Vec<String>,
}

impl Atoms {
    fn line(&self) -> Line {
        let mut tags = Tags::default();
        for (name, value) in &self.tags {
            tags.insert(name, value);
        }
        let source = self.source.as_deref().map(Source::parse);
        Line { tags, source, command: self.verb.clone(), params: self.params.clone() }
    }
}

fn vectors<T: for<'a> Deserialize<'a>>(name: &str, count: usize) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/irc").join(format!("{name}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    let vectors: Vectors<T> = serde_json::from_str(&text).unwrap();
    assert_eq!(vectors.tests.len(), count, "{name} is whole");
    vectors.tests
}

#[test]
fn msg_split() {
    #[derive(Deserialize)]
    struct Split {
        input: String,
        atoms: Atoms,
    }
    for Split { input, atoms } in vectors("msg-split", 35) {
        let line = Line::parse(&input).unwrap();
        assert_eq!(line, atoms.line(), "{input}");
        assert_eq!(line.source.map(|source| source.to_string()), atoms.source, "{input}");
    }
}

#[test]
fn msg_join() {
    #[derive(Deserialize)]
    struct Join {
        desc: String,
        atoms: Atoms,
        matches: Vec<String>,
    }
    for Join { desc, atoms, matches } in vectors("msg-join", 18) {
        let text = atoms.line().format(LINE_LEN).unwrap();
        assert!(matches.contains(&text), "{desc}: {text}");
    }
}

#[test]
fn userhost_split() {
    #[derive(Deserialize)]
    struct Split {
        source: String,
        atoms: BTreeMap<String, String>,
    }
    for Split { source, atoms } in vectors("userhost-split", 7) {
        let atom = |name: &str| atoms.get(name).cloned();
        let wanted =
            Source { nick: atom("nick").unwrap_or_default(), user: atom("user"), host: atom("host") };
        assert_eq!(Source::parse(&source), wanted, "{source}");
    }
}

#[test]
fn mask_match() {
    #[derive(Deserialize)]
    struct Match {
        mask: String,
        matches: Vec<String>,
        fails: Vec<String>,
    }
    for Match { mask, matches, fails } in vectors("mask-match", 6) {
        let is = |text: &String| mask::matches(&mask, text, Casemapping::Rfc1459);
        assert!(matches.iter().all(is), "{mask}");
        assert!(!fails.iter().any(is), "{mask}");
    }
}

#[test]
fn whatever_host_a_server_names_is_taken() {
    #[derive(Deserialize)]
    struct Host {
        host: String,
    }
    for Host { host } in vectors("validate-hostname", 19) {
        let source = Source::parse(&format!("nick!user@{host}"));
        assert_eq!(source.host.as_ref(), Some(&host));
        // A space cannot stand within a source: it ends one.
        if !host.contains(' ') {
            let line = Line::parse(&format!(":nick!user@{host} PING x")).unwrap();
            assert_eq!(line.source, Some(source));
        }
    }
}
