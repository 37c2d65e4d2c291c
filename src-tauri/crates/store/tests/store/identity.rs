//! Exactly one row per message: the rules, a test each, and all of them at random.
//!
//! 1. One server's name is one row of its conversation.
//! 2. What names an intent of ours becomes the row of that intent.
//! 3. What the server calls by a name after it has come under that name as one of ours takes that row's place.
//! 4. What was discarded is a message like any other when the server says it after all.
//!
//! That an echo in the same session is ours is for the adapter to know, which then names the intent: rule 2.

use crate::bed::{Bed, named, room, txn};
use crate::healing::{capable, names};
use domain::{Body, Delivery, Incoming, Item, MessageId, RemoteId, Sender, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;
use store::{Completeness, End, Inserted};

/// Our message, as the server says it: with its name and our intent.
fn ours(n: u64, intent: &str) -> Incoming {
    Incoming { txn: Some(txn(intent)), ..named(intent, &n.to_string(), Sender::Me) }
}

fn hear(bed: &mut Bed, message: &Incoming) -> Inserted {
    let conversation = bed.conversation;
    bed.write(|tx| tx.insert_incoming(conversation, message))
}

fn send(bed: &mut Bed, intent: &str) -> MessageId {
    let id = bed.say(intent);
    let account = bed.account;
    bed.write(|tx| tx.dispatch(account, 9));
    id
}

#[test]
fn one_server_name_is_one_row() {
    let mut bed = Bed::new();
    let first = hear(&mut bed, &named("a", "1", Sender::Server));
    let again = hear(&mut bed, &named("a", "1", Sender::Server));
    assert!(matches!((first, again), (Inserted::New(a), Inserted::Known(b)) if a == b));
    assert_eq!(bed.words(), ["a"]);
}

#[test]
fn an_echo_that_names_our_intent_is_our_row_and_proves_it_in_whatever_state_it_is() {
    for unproven in ["queued", "sending", "sent", "unconfirmed", "failed"] {
        let mut bed = Bed::new();
        let account = bed.account;
        let id = bed.say("m");
        bed.write(|tx| match unproven {
            "queued" => Ok(()),
            "failed" => tx.refused(&txn("m"), "no"),
            state => {
                tx.dispatch(account, 9)?;
                match state {
                    "sent" => tx.arrived(&[txn("m")]),
                    "unconfirmed" => tx.doubt(&[txn("m")]),
                    _ => Ok(()),
                }
            }
        });
        assert_eq!(hear(&mut bed, &ours(1, "m")), Inserted::Known(id), "{unproven}");
        assert_eq!(bed.delivery(id), Some(Delivery::Acknowledged), "{unproven}");
        assert_eq!(hear(&mut bed, &named("m", "1", Sender::Me)), Inserted::Known(id), "its name is known");
        assert_eq!((bed.words(), bed.stored().waiting), (vec!["m".to_owned()], 0));
    }
}

#[test]
fn what_the_server_made_of_our_words_is_what_our_row_says() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    let echo = Incoming { altered: true, body: Body::text("****"), ..ours(1, "m") };
    assert_eq!(hear(&mut bed, &echo), Inserted::Known(id));
    assert_eq!((bed.words(), bed.delivery(id)), (vec!["****".to_owned()], Some(Delivery::Acknowledged)));
    let silent = Incoming { altered: false, body: Body::text("else"), ..ours(1, "m") };
    assert_eq!(hear(&mut bed, &silent), Inserted::Known(id));
    assert_eq!(bed.words(), ["****"], "only what was changed is taken");
}

#[test]
fn a_receipt_and_an_echo_are_one_row_in_either_order() {
    for echo_first in [true, false] {
        let mut bed = Bed::new();
        let id = send(&mut bed, "m");
        let name = RemoteId("1".to_owned());
        if echo_first {
            hear(&mut bed, &ours(1, "m"));
        }
        bed.write(|tx| tx.acknowledged(&txn("m"), Some(&name), Some(Timestamp(5))));
        hear(&mut bed, &ours(1, "m"));
        hear(&mut bed, &named("m", "1", Sender::Me));
        assert_eq!(bed.words(), ["m"]);
        assert_eq!(bed.delivery(id), Some(Delivery::Acknowledged));
    }
}

#[test]
fn a_receipt_without_a_name_gets_it_from_the_echo() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    bed.write(|tx| tx.acknowledged(&txn("m"), None, None));
    assert_eq!(hear(&mut bed, &ours(1, "m")), Inserted::Known(id));
    assert_eq!(hear(&mut bed, &named("m", "1", Sender::Me)), Inserted::Known(id));
}

#[test]
fn an_echo_that_came_before_anybody_knew_it_for_one_makes_way_for_our_row() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    hear(&mut bed, &named("m", "1", Sender::Me));
    assert_eq!(bed.words(), ["m", "m"], "nothing says yet that they are one");
    bed.write(|tx| tx.acknowledged(&txn("m"), Some(&RemoteId("1".to_owned())), None));
    assert_eq!(bed.words(), ["m"]);
    assert_eq!(bed.delivery(id), Some(Delivery::Acknowledged));
}

#[test]
fn what_was_discarded_and_had_arrived_is_a_message_like_any_other() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    bed.write(|tx| tx.doubt(&[txn("m")]));
    assert!(bed.write(|tx| tx.discard(id)));
    let Inserted::New(other) = hear(&mut bed, &ours(1, "m")) else { panic!("it is gone") };
    assert_eq!(hear(&mut bed, &ours(1, "m")), Inserted::Known(other), "and stands there once");
    assert_eq!(bed.words(), ["m"]);
}

#[test]
fn an_intent_of_another_conversation_is_not_taken_from_it() {
    let mut bed = Bed::new();
    let id = send(&mut bed, "m");
    let account = bed.account;
    let other = bed.write(|tx| tx.ensure_conversation(account, &room("other")));
    let elsewhere = bed.write(|tx| tx.insert_incoming(other, &ours(1, "m")));
    assert!(matches!(elsewhere, Inserted::New(_)));
    assert_eq!(bed.delivery(id), Some(Delivery::Sending));
}

/// What happens between us and a server that keeps a history.
#[derive(Clone, Debug)]
enum Happening {
    /// We write one.
    Say,
    /// Up to so many of what waits reach the server, whose words reach us or not.
    Deliver { count: usize, told: Told },
    /// Somebody else says one; we hear it where there is a line.
    Other,
    /// The server says again what it said, somewhere from its past.
    Replay(usize),
    /// A page of history for the gap.
    Page(usize),
    /// The line breaks; or the program is killed, which to the store is the same at its next start.
    Break,
    /// The line is back.
    Join,
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Nothing,
    Pong,
    Receipt,
    Echo,
    Both,
}

fn happening() -> impl Strategy<Value = Happening> {
    let told = prop_oneof![
        Just(Told::Nothing),
        Just(Told::Pong),
        Just(Told::Receipt),
        Just(Told::Echo),
        Just(Told::Both)
    ];
    prop_oneof![
        3 => Just(Happening::Say),
        4 => (0..4_usize, told).prop_map(|(count, told)| Happening::Deliver { count, told }),
        4 => Just(Happening::Other),
        1 => any::<usize>().prop_map(Happening::Replay),
        3 => (1..4_usize).prop_map(Happening::Page),
        1 => Just(Happening::Break),
        2 => Just(Happening::Join),
    ]
}

/// A server that keeps a history and tells doubles apart.
#[derive(Default)]
struct Server {
    /// The intents of ours, and words of others, in its order; its name for one is its number from 1.
    said: Vec<Incoming>,
    intents: BTreeSet<String>,
    online: bool,
    own: usize,
    others: usize,
}

impl Server {
    fn happen(&mut self, bed: &mut Bed, happening: &Happening) {
        match happening {
            Happening::Say => {
                bed.say(&format!("m{}", self.own));
                self.own += 1;
            }
            Happening::Deliver { count, told } if self.online => self.deliver(bed, *count, *told),
            Happening::Other => {
                let name = (self.said.len() + 1).to_string();
                let message = named(&format!("o{}", self.others), &name, Sender::Server);
                self.others += 1;
                self.said.push(message.clone());
                if self.online {
                    hear(bed, &message);
                }
            }
            Happening::Replay(which) if self.online => {
                // Only what was received or is ours: a server that replays what was missed says so in pages.
                let known: Vec<_> = self.said.iter().filter(|said| is_known(bed, said)).cloned().collect();
                if let Some(message) = known.get(which % known.len().max(1)) {
                    hear(bed, message);
                }
            }
            Happening::Page(count) if self.online => self.page(bed, *count),
            Happening::Break if self.online => self.leave(bed),
            Happening::Join if !self.online => self.join(bed),
            Happening::Deliver { .. }
            | Happening::Replay(_)
            | Happening::Page(_)
            | Happening::Break
            | Happening::Join => {}
        }
    }

    fn deliver(&mut self, bed: &mut Bed, count: usize, told: Told) {
        let account = bed.account;
        for sent in bed.write(|tx| tx.dispatch(account, count)) {
            let intent = sent.txn.as_str().to_owned();
            if self.intents.insert(intent.clone()) {
                self.said.push(ours(self.said.len() as u64 + 1, &intent));
            }
            let Some(said) = self.said.iter().find(|said| said.txn.as_ref() == Some(&sent.txn)).cloned()
            else {
                panic!("it was just said")
            };
            if matches!(told, Told::Pong | Told::Receipt | Told::Both) {
                bed.write(|tx| tx.arrived(std::slice::from_ref(&sent.txn)));
            }
            if matches!(told, Told::Receipt | Told::Both) {
                bed.write(|tx| tx.acknowledged(&sent.txn, said.id.as_ref(), said.at));
            }
            if matches!(told, Told::Echo | Told::Both) {
                hear(bed, &said);
            }
        }
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

    /// All that waits is delivered, and all gaps are filled.
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
    }
}

fn is_known(bed: &mut Bed, said: &Incoming) -> bool {
    said.txn.is_some() || bed.words().contains(&said.body.to_plain())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    /// Whatever interleaving of sends, echoes, receipts, replays, pages, breaks and kills: when all has come to rest,
    /// each message of both sides is one row, ours in the order in which they were written, the others' in the server's.
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
        let words = bed.words();
        prop_assert_eq!(names(&words, "m"), (0..server.own).map(|n| format!("m{n}")).collect::<Vec<_>>());
        prop_assert_eq!(names(&words, "o"), (0..server.others).map(|n| format!("o{n}")).collect::<Vec<_>>());
        prop_assert_eq!(words.len(), server.own + server.others, "and no gap: {:?}", words);
        for row in bed.rows() {
            if let Item::Message { delivery: Some(delivery), .. } = row.item {
                prop_assert_eq!(delivery, Delivery::Acknowledged);
            }
        }
        prop_assert_eq!(bed.stored().waiting, 0);
    }
}
