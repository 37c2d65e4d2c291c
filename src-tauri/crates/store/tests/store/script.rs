//! Random lives of a conversation, for the property tests.

use crate::bed::{self, Bed, heard, txn};
use domain::{
    AccountId, Body, Capabilities, Change, ConversationId, ConversationKey, ConversationKind, Happening,
    Incoming, MessageId, RemoteConversation, RemoteId, Sender, Timestamp, TxnId,
};
use proptest::prelude::*;
use store::{Completeness, Result, Tx};

/// One thing that happens. Numbers choose among what there is, modulo its count.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Hear { sender: u8, name: Option<u8>, skew_ms: i64, reply: Option<u8>, mentions_me: bool },
    Say(u8),
    Dispatch(usize),
    Arrived(usize),
    Acknowledged(usize, Option<u8>),
    Requeue(usize),
    Unconfirm,
    Refused(usize),
    Retry(usize),
    Discard(usize),
    Offline,
    Online,
    MarkRead(usize),
    Capable,
    Edit(usize),
    RetryAll,
    Echo(usize, u8),
    Head(Option<u8>),
    Resumed,
    Heal(bool),
    Fill { names: Vec<u8>, whole: bool },
    Recent { names: Vec<u8>, whole: bool },
    Earlier { before: u8, names: Vec<u8>, whole: bool },
    Happen(Option<u8>, i64),
    React(u8, bool),
    Retract(u8),
    ReadUntil(i64),
    Kind(bool),
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_u8, prop::option::of(0..40_u8), -90_000..90_000_i64, prop::option::of(0..40_u8), any::<bool>())
            .prop_map(|(sender, name, skew_ms, reply, mentions_me)| {
                Step::Hear { sender, name, skew_ms, reply, mentions_me }
            }),
        4 => any::<u8>().prop_map(Step::Say),
        3 => (0..5_usize).prop_map(Step::Dispatch),
        2 => any::<usize>().prop_map(Step::Arrived),
        2 => (any::<usize>(), prop::option::of(0..40_u8)).prop_map(|(who, name)| Step::Acknowledged(who, name)),
        1 => any::<usize>().prop_map(Step::Requeue),
        1 => Just(Step::Unconfirm),
        1 => any::<usize>().prop_map(Step::Refused),
        2 => any::<usize>().prop_map(Step::Retry),
        3 => any::<usize>().prop_map(Step::Discard),
        1 => Just(Step::Offline),
        1 => Just(Step::Online),
        2 => any::<usize>().prop_map(Step::MarkRead),
        1 => Just(Step::Capable),
        1 => any::<usize>().prop_map(Step::Edit),
        1 => Just(Step::RetryAll),
        2 => (any::<usize>(), 0..40_u8).prop_map(|(who, name)| Step::Echo(who, name)),
        1 => prop::option::of(0..40_u8).prop_map(Step::Head),
        1 => Just(Step::Resumed),
        2 => any::<bool>().prop_map(Step::Heal),
        3 => (prop::collection::vec(0..60_u8, 0..4), any::<bool>())
            .prop_map(|(names, whole)| Step::Fill { names, whole }),
        2 => (prop::collection::vec(0..60_u8, 0..5), any::<bool>())
            .prop_map(|(names, whole)| Step::Recent { names, whole }),
        2 => (0..40_u8, prop::collection::vec(0..60_u8, 0..4), any::<bool>())
            .prop_map(|(before, names, whole)| Step::Earlier { before, names, whole }),
        1 => (prop::option::of(0..40_u8), -90_000..90_000_i64).prop_map(|(name, at)| Step::Happen(name, at)),
        1 => (0..40_u8, any::<bool>()).prop_map(|(name, present)| Step::React(name, present)),
        1 => (0..40_u8).prop_map(Step::Retract),
        1 => (-90_000..9_000_i64).prop_map(Step::ReadUntil),
        1 => any::<bool>().prop_map(Step::Kind),
    ]
}

/// Some transactions of some steps each.
pub(crate) fn transactions() -> impl Strategy<Value = Vec<Vec<Step>>> {
    prop::collection::vec(prop::collection::vec(step(), 1..6), 0..6)
}

/// A piece of the server's history.
fn piece(tx: &Tx<'_>, names: &[u8], whole: bool) -> (Vec<Incoming>, Completeness) {
    let message = |name: &u8| Incoming {
        at: Some(tx.now().plus_ms(i64::from(*name) - 30)),
        mentions_me: name.is_multiple_of(3),
        reply_to: name.is_multiple_of(4).then(|| RemoteId((name / 4).to_string())),
        ..bed::named("missed", &name.to_string(), Sender::Server)
    };
    let complete = if whole { Completeness::Whole } else { Completeness::Part };
    (names.iter().map(message).collect(), complete)
}

/// What the steps choose among.
#[derive(Default)]
pub(crate) struct Cast {
    own: Vec<(MessageId, TxnId)>,
    rows: Vec<MessageId>,
}

impl Cast {
    /// Plays the steps in one transaction.
    pub(crate) fn play(&mut self, bed: &mut Bed, steps: &[Step]) {
        let (account, conversation) = (bed.account, bed.conversation);
        bed.write(|tx| steps.iter().try_for_each(|step| self.step(tx, account, conversation, step)));
    }

    fn step(&mut self, tx: &mut Tx<'_>, account: AccountId, room: ConversationId, step: &Step) -> Result<()> {
        match step.clone() {
            Step::Hear { sender, name, skew_ms, reply, mentions_me } => {
                let mut message = heard("heard");
                message.sender = match sender {
                    0 => Sender::Server,
                    1 => Sender::Me,
                    _ => Sender::Person { name: "Ann".to_owned() },
                };
                message.id = name.map(|name| RemoteId(name.to_string()));
                message.at = Some(tx.now().plus_ms(skew_ms));
                message.reply_to = reply.map(|name| RemoteId(name.to_string()));
                message.mentions_me = mentions_me;
                self.rows.push(bed::id_of(tx.insert_incoming(room, &message)?));
            }
            Step::Say(name) => {
                let txn = txn(&format!("t{name}"));
                let id = tx.insert_own(room, &txn, &Body::text("said"))?;
                self.own.push((id, txn));
                self.rows.push(id);
            }
            Step::Dispatch(limit) => drop(tx.dispatch(account, limit)?),
            Step::Arrived(who) => tx.arrived(&self.txn(who))?,
            Step::Acknowledged(who, name) => {
                let (name, at) = (name.map(|name| RemoteId(name.to_string())), Timestamp(7));
                for txn in self.txn(who) {
                    tx.acknowledged(&txn, name.as_ref(), Some(at))?;
                }
            }
            Step::Requeue(who) => tx.requeue(&self.txn(who))?,
            Step::Unconfirm => drop(tx.doubt_all(account)?),
            Step::Refused(who) => self.txn(who).iter().try_for_each(|txn| tx.refused(txn, "no"))?,
            Step::Retry(who) => self.id(who).map_or(Ok(()), |id| tx.retry(id).map(drop))?,
            Step::Discard(who) => self.id(who).map_or(Ok(()), |id| tx.discard(id).map(drop))?,
            Step::Offline => tx.open_gaps(account, tx.now())?,
            Step::Online => tx.close_gaps(account, tx.now())?,
            Step::Capable => {
                let capabilities = Capabilities {
                    acknowledges: true,
                    history: true,
                    tells_doubles_apart: true,
                    earlier: true,
                    ..Capabilities::default()
                };
                tx.set_capabilities(account, capabilities)?;
            }
            Step::Edit(who) => {
                self.id(who).map_or(Ok(()), |id| tx.edit_own(id, &Body::text("anew")).map(drop))?;
            }
            Step::RetryAll => drop(tx.retry_all(room)?),
            Step::Echo(who, name) => {
                for txn in self.txn(who) {
                    let message = bed::named("said", &name.to_string(), Sender::Me);
                    let echo = Incoming { txn: Some(txn), ..message };
                    self.rows.push(bed::id_of(tx.insert_incoming(room, &echo)?));
                }
            }
            Step::Head(name) => tx.head(room, name.map(|name| RemoteId(name.to_string())).as_ref())?,
            Step::Resumed => tx.resumed(account)?,
            Step::Heal(begin) if begin => tx.begin_healing(account)?,
            Step::Heal(_) => tx.stop_healing(account)?,
            Step::Fill { names, whole } => {
                let (page, complete) = piece(tx, &names, whole);
                // Whichever gap begins there: names are few, so one often does.
                for after in [None].into_iter().chain((0..60).map(|n| Some(RemoteId(n.to_string())))) {
                    tx.fill(room, after.as_ref(), &page, complete)?;
                }
            }
            Step::Recent { names, whole } => {
                let (page, complete) = piece(tx, &names, whole);
                tx.recent(room, &page, complete)?;
            }
            Step::Earlier { before, names, whole } => {
                let (page, complete) = piece(tx, &names, whole);
                tx.earlier(room, &RemoteId(before.to_string()), &page, complete)?;
            }
            Step::Happen(name, skew_ms) => tx.insert_happening(
                room,
                &Happening {
                    conversation: ConversationKey("room".to_owned()),
                    id: name.map(|name| RemoteId(name.to_string())),
                    who: Sender::Person { name: "Ann".to_owned() },
                    change: Change::Joined,
                    at: Some(tx.now().plus_ms(skew_ms)),
                },
            )?,
            Step::React(name, present) => {
                tx.react(room, &RemoteId(name.to_string()), &Sender::Me, "+", present)?;
            }
            Step::Retract(name) => tx.retract(room, &RemoteId(name.to_string()), &Sender::Me, None)?,
            Step::ReadUntil(at) => tx.mark_read_until(room, tx.now().plus_ms(at))?,
            Step::Kind(direct) => {
                let kind = if direct { ConversationKind::Direct } else { ConversationKind::Room };
                tx.ensure_conversation(account, &RemoteConversation { kind, ..bed::room("room") })?;
            }
            Step::MarkRead(which) => {
                if let Some(id) = self.rows.get(which % self.rows.len().max(1)) {
                    tx.mark_read(room, *id)?;
                }
            }
        }
        Ok(())
    }

    fn txn(&self, who: usize) -> Vec<TxnId> {
        self.own.get(who % self.own.len().max(1)).map(|(_, txn)| txn.clone()).into_iter().collect()
    }

    fn id(&self, who: usize) -> Option<MessageId> {
        self.own.get(who % self.own.len().max(1)).map(|(id, _)| *id)
    }
}
