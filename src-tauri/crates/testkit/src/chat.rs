//! What people say: few words in two scripts; as a server would send it, in JSON with three speakers, and no line like
//! another.

use crate::faults::Dice;

const WORDS: &[&str] =
    &["ok", "see you", "at", "the", "meeting", "tomorrow", "build", "is", "green", "again", "你好", "谢谢"];

/// The same ones each time, in JSON.
#[must_use]
pub fn lines(count: usize) -> Vec<String> {
    let mut dice = Dice::new(7692);
    (0..count)
        .map(|n| {
            let text = text(&mut dice);
            let from = dice.one_of(&["alice", "bob", "carol"]).unwrap_or_default();
            format!(r#"{{"type":"message","room":"general","from":"{from}","id":{n},"text":"{text}"}}"#)
        })
        .collect()
}

/// The same ones each time, in words alone.
#[must_use]
pub fn texts(count: usize) -> Vec<String> {
    let mut dice = Dice::new(7692);
    (0..count).map(|_| text(&mut dice)).collect()
}

fn text(dice: &mut Dice) -> String {
    let words = dice.between(3, 15);
    let text: Vec<_> = (0..words).filter_map(|_| dice.one_of(WORDS)).collect();
    text.join(" ")
}
