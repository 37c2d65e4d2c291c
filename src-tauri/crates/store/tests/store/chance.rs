//! Exactly one row per message, whatever happens: the rules of `identity.rs`, at random.

use crate::bed::{Bed, named, word};
use crate::healing::{capable, names};
use crate::identity::{hear, ours};
use domain::{Delivery, Incoming, Item, Sender};
use proptest::prelude::*;
use std::collections::BTreeSet;
use store::{Completeness, End};

/// What happens between us and a server that keeps a history.
#[derive(Clone, Debug)]
enum Happening {
    /// We write one.
    Say,
    /// We let go of one that waits here.
    Discard(usize),
    /// Up to so many of what waits reach the server, whose words reach us or not.
    Deliver { count: usize, told: Told },
    /// Somebody else says one; where there is a line, we hear it at once or with the next thing that is said.
    Other { late: bool },
    /// One that is here is taken back by who said it.
    TakeBack(usize),
    /// The server says again what it said, somewhere from its past.
    Replay(usize),
    /// A page of history for the gap.
    Page(usize),
    /// The line breaks; or the program is killed, which to the store is the same at its next start.
    Break,
    /// The line is back.
    Join,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Nothing,
    Pong,
    /// Receipts overtake what is said; nothing else does.
    Receipt,
    /// A receipt by somebody else's name, and then one by the right name.
    Wrong,
    Echo,
    /// An echo that names no intent.
    Bare,
    Both,
}

fn happening() -> impl Strategy<Value = Happening> {
    let told =
        vec![Told::Nothing, Told::Pong, Told::Receipt, Told::Wrong, Told::Echo, Told::Bare, Told::Both];
    let told = prop::sample::select(told);
    prop_oneof![
        4 => Just(Happening::Say),
        1 => any::<usize>().prop_map(Happening::Discard),
        6 => (0..4_usize, told).prop_map(|(count, told)| Happening::Deliver { count, told }),
        5 => any::<bool>().prop_map(|late| Happening::Other { late }),
        1 => any::<usize>().prop_map(Happening::TakeBack),
        1 => any::<usize>().prop_map(Happening::Replay),
        3 => (1..4_usize).prop_map(Happening::Page),
        2 => Just(Happening::Break),
        3 => Just(Happening::Join),
    ]
}

/// A server that keeps a history and tells doubles apart.
#[derive(Default)]
struct Server {
    /// The intents of ours, and words of others, in its order; its name for one is its number from 1.
    said: Vec<Incoming>,
    /// Said by others in this session, and not heard yet.
    coming: Vec<Incoming>,
    intents: BTreeSet<String>,
    online: bool,
    own: usize,
    others: usize,
    /// The words of ours that we let go of, whether or not they had arrived.
    discarded: BTreeSet<String>,
    /// The words that were taken back.
    taken_back: BTreeSet<String>,
}

impl Server {
    fn happen(&mut self, bed: &mut Bed, happening: &Happening) {
        match happening {
            Happening::Say => {
                bed.say(&format!("m{}", self.own));
                self.own += 1;
            }
            Happening::Discard(which) => self.discard(bed, *which),
            Happening::Deliver { count, told } if self.online => self.deliver(bed, *count, *told),
            Happening::Other { late } => {
                let name = (self.said.len() + 1).to_string();
                let message = named(&format!("o{}", self.others), &name, Sender::Server);
                self.others += 1;
                self.said.push(message.clone());
                if self.online {
                    self.coming.push(message);
                }
                if !late {
                    self.arrive(bed);
                }
            }
            Happening::TakeBack(which) if self.online => self.take_back(bed, *which),
            Happening::Replay(which) if self.online => {
                // Only what was received or is ours: a server that replays what was missed says so in pages.
                let here = bed.words();
                let known: Vec<_> = self.said.iter().filter(|said| self.is_known(said, &here)).collect();
                if let Some(message) = known.get(which % known.len().max(1)).copied().cloned() {
                    self.arrive(bed);
                    hear(bed, &message);
                }
            }
            Happening::Page(count) if self.online => self.page(bed, *count),
            Happening::Break if self.online => self.leave(bed),
            Happening::Join if !self.online => self.join(bed),
            Happening::Deliver { .. }
            | Happening::TakeBack(_)
            | Happening::Replay(_)
            | Happening::Page(_)
            | Happening::Break
            | Happening::Join => {}
        }
    }

    /// What is on its way comes.
    fn arrive(&mut self, bed: &mut Bed) {
        for message in std::mem::take(&mut self.coming) {
            hear(bed, &message);
        }
    }

    fn discard(&mut self, bed: &mut Bed, which: usize) {
        let waits = |item: &Item| match item {
            Item::Message { delivery, .. } => {
                matches!(delivery, Some(Delivery::Queued | Delivery::Unconfirmed | Delivery::Failed { .. }))
            }
            Item::Gap { .. } | Item::Happening { .. } => false,
        };
        let waiting: Vec<_> = bed.rows().into_iter().filter(|row| waits(&row.item)).collect();
        if let Some(row) = waiting.get(which % waiting.len().max(1)) {
            assert!(bed.write(|tx| tx.discard(row.place.id)));
            self.discarded.insert(word(row));
        }
    }

    fn deliver(&mut self, bed: &mut Bed, count: usize, told: Told) {
        let account = bed.account;
        for sent in bed.write(|tx| tx.dispatch(account, count)) {
            let intent = sent.txn.as_str().to_owned();
            let is_first = self.intents.insert(intent.clone());
            if is_first {
                self.said.push(ours(self.said.len() as u64 + 1, &intent));
            }
            let Some(said) = self.said.iter().find(|said| said.txn.as_ref() == Some(&sent.txn)).cloned()
            else {
                panic!("it was just said")
            };
            if matches!(told, Told::Pong | Told::Receipt | Told::Wrong | Told::Both) {
                bed.write(|tx| tx.arrived(std::slice::from_ref(&sent.txn)));
            }
            if told == Told::Wrong {
                let here = bed.words();
                let of_others = |said: &&Incoming| said.txn.is_none() && here.contains(&said.body.to_plain());
                let wrong = self.said.iter().rfind(of_others).and_then(|said| said.id.as_ref());
                bed.write(|tx| tx.acknowledged(&sent.txn, wrong, None));
            }
            if matches!(told, Told::Receipt | Told::Wrong | Told::Both) {
                bed.write(|tx| tx.acknowledged(&sent.txn, said.id.as_ref(), said.at));
            }
            if matches!(told, Told::Echo | Told::Both) {
                self.arrive(bed);
                hear(bed, &said);
            }
            // What such a server tells to be a double it names.
            if told == Told::Bare && is_first {
                self.arrive(bed);
                hear(bed, &Incoming { txn: None, ..said });
            }
        }
    }

    fn take_back(&mut self, bed: &mut Bed, which: usize) {
        let named = |item: &Item| matches!(item, Item::Message { named: true, retracted: None, .. });
        let named: Vec<_> = bed.rows().iter().filter(|row| named(&row.item)).map(word).collect();
        let Some(text) = named.get(which % named.len().max(1)) else { return };
        let Some(said) = self.said.iter().find(|said| said.body.to_plain() == *text).cloned() else {
            panic!("a name that the server did not give")
        };
        let (conversation, Some(name)) = (bed.conversation, &said.id) else {
            panic!("it names what it says")
        };
        bed.write(|tx| tx.retract(conversation, name, &said.sender, None));
        self.taken_back.insert(text.clone());
    }

    fn page(&self, bed: &mut Bed, count: usize) {
        let account = bed.account;
        let conversation = bed.conversation;
        let Some(wanting) = bed.reader.wanting(account).unwrap() else { return };
        let End::After(after) = wanting.from else { panic!("this server is asked forwards") };
        let from = after.as_ref().map_or(0, |id| id.0.parse().unwrap());
        let page: Vec<_> = self.said.iter().skip(from).take(count).cloned().collect();
        let whole = from + page.len() == self.said.len();
        let complete = if whole { Completeness::Whole } else { Completeness::Part };
        // Twice, since an answer may come twice.
        for _ in 0..2 {
            bed.write(|tx| tx.fill(conversation, after.as_ref(), &page, complete));
        }
    }

    fn leave(&mut self, bed: &mut Bed) {
        let (account, now) = (bed.account, bed.now);
        self.online = false;
        self.coming.clear();
        bed.write(|tx| {
            tx.doubt_all(account)?;
            tx.open_gaps(account, now)
        });
    }

    fn join(&mut self, bed: &mut Bed) {
        let (account, conversation, now) = (bed.account, bed.conversation, bed.now);
        self.online = true;
        let head = self.said.last().and_then(|said| said.id.clone());
        bed.write(|tx| {
            tx.head(conversation, head.as_ref())?;
            tx.close_gaps(account, now)?;
            tx.begin_healing(account)
        });
    }

    /// All that waits is delivered, all gaps are filled, and in the end all is said once more.
    fn settle(&mut self, bed: &mut Bed) {
        // What the server said nothing of has no end but that of its session.
        if self.online {
            self.leave(bed);
        }
        self.join(bed);
        self.deliver(bed, usize::MAX, Told::Receipt);
        let account = bed.account;
        while bed.reader.wanting(account).unwrap().is_some() {
            self.page(bed, 3);
        }
        for message in &self.said {
            hear(bed, message);
        }
    }

    /// Whether it was received, or is ours and was not let go of.
    fn is_known(&self, said: &Incoming, here: &[String]) -> bool {
        let text = said.body.to_plain();
        let is_ours = said.txn.is_some() && !self.discarded.contains(&text);
        is_ours || here.contains(&text) || self.taken_back.contains(&text)
    }

    /// The words of `kind` from 0 that are to be seen, but for those that were let go of.
    fn kept(&self, kind: &str, count: usize) -> Vec<String> {
        let all = (0..count).map(|n| format!("{kind}{n}"));
        all.filter(|text| !self.discarded.contains(text) && !self.taken_back.contains(text)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    /// Whatever interleaving of sends, echoes, receipts, replays, pages, breaks and kills: when all has come to rest,
    /// each message of both sides is one row, ours in the order in which they were written, the others' in the server's.
    /// What was let go of is there once where the server had it, and not at all where it had not; what was taken back has
    /// a row, and no words.
    #[test]
    fn one_row_per_message_whatever_happens(life in prop::collection::vec(happening(), 1..60)) {
        let mut bed = Bed::offline();
        capable(&mut bed);
        let mut server = Server::default();
        server.join(&mut bed);
        for happening in &life {
            server.happen(&mut bed, happening);
        }
        server.settle(&mut bed);
        let (mut came_after_all, mut words) = (Vec::new(), bed.words());
        words.retain(|word| {
            let is_kept = !server.discarded.contains(word);
            if !is_kept {
                came_after_all.push(word.clone());
            }
            is_kept
        });
        prop_assert_eq!(names(&words, "m"), server.kept("m", server.own));
        prop_assert_eq!(names(&words, "o"), server.kept("o", server.others));
        came_after_all.sort();
        let had: Vec<_> = server.discarded.intersection(&server.intents).cloned().collect();
        let had: Vec<_> = had.into_iter().filter(|text| !server.taken_back.contains(text)).collect();
        prop_assert_eq!(came_after_all, had);
        let wordless = names(&words, "").iter().filter(|word| word.is_empty()).count();
        prop_assert_eq!(wordless, server.taken_back.len());
        prop_assert!(!words.iter().any(|word| ["-", "="].contains(&word.as_str())), "no gap: {:?}", words);
        for row in bed.rows() {
            if let Item::Message { delivery: Some(delivery), .. } = row.item {
                prop_assert_eq!(delivery, Delivery::Acknowledged);
            }
        }
        prop_assert_eq!(bed.stored().waiting, 0);
    }
}
