//! What people say, as a server would send it: JSON with few words in two scripts, three speakers, and no line like another.

use crate::faults::Dice;

const WORDS: &[&str] =
    &["ok", "see you", "at", "the", "meeting", "tomorrow", "build", "is", "green", "again", "你好", "谢谢"];

/// The same ones each time.
#[must_use]
pub fn lines(count: usize) -> Vec<String> {
    let mut dice = Dice::new(7692);
    (0..count)
        .map(|n| {
            let words = dice.between(3, 15);
            let text: Vec<_> = (0..words).filter_map(|_| dice.one_of(WORDS)).collect();
            let from = dice.one_of(&["alice", "bob", "carol"]).unwrap_or_default();
            let text = text.join(" ");
            format!(r#"{{"type":"message","room":"general","from":"{from}","id":{n},"text":"{text}"}}"#)
        })
        .collect()
}
