//! What is true in the server: the log, who listens, and what each is told. One at a time may change it.

use super::log::Log;
use super::{Call, Said, Word};
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;

/// Words that may wait for one listener. Whoever takes no more is shown the door: it will ask for what it missed.
pub(super) const MAX_WAITING: usize = 4_096;

/// The most messages of one page, whatever is asked.
const MAX_PAGE: usize = 500;

/// The room of the server that keeps a history.
#[derive(Debug)]
pub(super) struct Room {
    log: Log,
    said: Vec<Said>,
    /// Who said it under which transaction → its number.
    known: BTreeMap<(String, String), u64>,
    listeners: BTreeMap<u64, Listener>,
    last_listener: u64,
}

#[derive(Debug)]
struct Listener {
    name: String,
    words: mpsc::Sender<Word>,
}

impl Room {
    /// Reads the log.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let (log, said) = Log::open::<Said>(path)?;
        let known = said.iter().map(|said| ((said.from.clone(), said.txn.clone()), said.id)).collect();
        Ok(Self { log, said, known, listeners: BTreeMap::new(), last_listener: 0 })
    }

    /// Somebody listens from here on; it is welcomed first.
    pub(super) fn enter(&mut self, name: String, words: mpsc::Sender<Word>) -> u64 {
        let head = self.said.last().map(|said| said.id);
        let _ = words.try_send(Word::Welcome { head });
        self.last_listener += 1;
        self.listeners.insert(self.last_listener, Listener { name, words });
        self.last_listener
    }

    /// Somebody listens no more.
    pub(super) fn leave(&mut self, listener: u64) {
        self.listeners.remove(&listener);
    }

    /// Does what a listener asks. What it is told waits behind everything that it was told before.
    pub(super) fn hear(&mut self, listener: u64, call: Call) -> Result<()> {
        match call {
            Call::Hello { .. } => Ok(()),
            Call::Say { txn, text } => self.say(listener, txn, text),
            Call::Since { after, limit } => {
                let word = self.page(after, limit);
                self.tell(listener, word);
                Ok(())
            }
        }
    }

    fn say(&mut self, listener: u64, txn: String, text: String) -> Result<()> {
        let Some(from) = self.listeners.get(&listener).map(|listener| listener.name.clone()) else {
            return Ok(());
        };
        let key = (from.clone(), txn.clone());
        if let Some(said) = self.known.get(&key).and_then(|id| self.find(*id)) {
            let ack = Word::Ack { txn, id: said.id, at: said.at };
            self.tell(listener, ack);
            return Ok(());
        }
        let id = self.said.last().map_or(1, |last| last.id + 1);
        let said = Said { id, from, txn: txn.clone(), text, at: now() };
        self.log.append(&said)?;
        self.known.insert(key, id);
        self.said.push(said.clone());
        let others: Vec<u64> = self.listeners.keys().copied().filter(|other| *other != listener).collect();
        for other in others {
            self.tell(other, Word::Said { said: said.clone() });
        }
        self.tell(listener, Word::Ack { txn, id, at: said.at });
        Ok(())
    }

    fn page(&self, after: Option<u64>, limit: u32) -> Word {
        let begin = match after {
            None => 0,
            Some(id) => match self.said.binary_search_by_key(&id, |said| said.id) {
                Ok(at) => at + 1,
                Err(_) => return Word::Unknown { after },
            },
        };
        let limit = usize::try_from(limit).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let said: Vec<Said> = self.said.iter().skip(begin).take(limit).cloned().collect();
        let complete = begin + said.len() == self.said.len();
        Word::Page { after, said, complete }
    }

    fn find(&self, id: u64) -> Option<&Said> {
        self.said.binary_search_by_key(&id, |said| said.id).ok().and_then(|at| self.said.get(at))
    }

    fn tell(&mut self, listener: u64, word: Word) {
        let full = self.listeners.get(&listener).is_some_and(|one| one.words.try_send(word).is_err());
        if full {
            self.leave(listener);
        }
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(txn: &str) -> Call {
        Call::Say { txn: txn.to_owned(), text: txn.to_owned() }
    }

    #[test]
    fn a_message_is_kept_once_numbered_and_found_again_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut room = Room::open(&path).unwrap();
        let (words, mut heard) = mpsc::channel(MAX_WAITING);
        let (others_words, mut others_heard) = mpsc::channel(MAX_WAITING);
        let me = room.enter("a".to_owned(), words);
        room.enter("b".to_owned(), others_words);
        assert_eq!(heard.try_recv().unwrap(), Word::Welcome { head: None });
        assert_eq!(others_heard.try_recv().unwrap(), Word::Welcome { head: None });
        for txn in ["x", "y", "x"] {
            room.hear(me, say(txn)).unwrap();
        }
        let acks: Vec<u64> = std::iter::from_fn(|| heard.try_recv().ok())
            .filter_map(|word| if let Word::Ack { id, .. } = word { Some(id) } else { None })
            .collect();
        assert_eq!(acks, [1, 2, 1], "the third is the first again");
        let told = std::iter::from_fn(|| others_heard.try_recv().ok()).count();
        assert_eq!(told, 2);

        let mut room = Room::open(&path).unwrap();
        let (words, mut heard) = mpsc::channel(MAX_WAITING);
        let me = room.enter("a".to_owned(), words);
        assert_eq!(heard.try_recv().unwrap(), Word::Welcome { head: Some(2) });
        room.hear(me, say("y")).unwrap();
        assert!(matches!(heard.try_recv().unwrap(), Word::Ack { id: 2, .. }));
    }

    #[test]
    fn pages_follow_a_number_and_say_whether_they_are_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let mut room = Room::open(&folder.path().join("log")).unwrap();
        let (words, mut heard) = mpsc::channel(MAX_WAITING);
        let me = room.enter("a".to_owned(), words);
        for n in 0..5 {
            room.hear(me, say(&n.to_string())).unwrap();
        }
        while heard.try_recv().is_ok() {}
        let mut page = |after, limit| {
            room.hear(me, Call::Since { after, limit }).unwrap();
            match heard.try_recv().unwrap() {
                Word::Page { said, complete, .. } => {
                    Some((said.iter().map(|said| said.id).collect::<Vec<_>>(), complete))
                }
                Word::Welcome { .. } | Word::Ack { .. } | Word::Said { .. } | Word::Unknown { .. } => None,
            }
        };
        assert_eq!(page(None, 2), Some((vec![1, 2], false)));
        assert_eq!(page(Some(2), 3), Some((vec![3, 4, 5], true)));
        assert_eq!(page(Some(5), 3), Some((vec![], true)));
        assert_eq!(page(Some(9), 3), None);
    }
}
