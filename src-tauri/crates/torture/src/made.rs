//! Rows as a store would give them, for the tests of those who judge.

use domain::{Body, Delivery, Healing, Item, MessageId, Place, Rev, Row, Sender, Timestamp, Tone};

fn row(item: Item) -> Row {
    Row { place: Place { sort: Timestamp(0), id: MessageId(1) }, rev: Rev(1), item }
}

pub(crate) fn message(sender: Sender, text: &str, delivery: Option<Delivery>) -> Row {
    row(Item::Message {
        sender,
        flair: None,
        body: Body::text(text),
        whole: None,
        at: Timestamp(0),
        delivery,
        txn: None,
        tone: Tone::Said,
        reply: None,
        reactions: Vec::new(),
        mentions_me: false,
        named: false,
        retracted: None,
    })
}

/// A gap of a server that keeps no history; `None`: it lasts.
pub(crate) fn gap(until: Option<i64>) -> Row {
    row(Item::Gap { from: Some(Timestamp(0)), until: until.map(Timestamp), healing: Healing::Unavailable })
}
