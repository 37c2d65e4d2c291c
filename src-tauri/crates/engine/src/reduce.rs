//! What servers told, turned into writes of one transaction.

use domain::{
    AccountId, ConversationId, ConversationKey, ConversationKind, Event, Incoming, Reason,
    RemoteConversation, TxnId,
};
use link::{Batch, Reach, Report};
use std::collections::{BTreeMap, BTreeSet};
use store::{Completeness, Tx};

/// In the connection log: a session was established.
pub(crate) const ONLINE: &str = "online";

/// In the connection log: a session ended; the detail is its `Reason` as JSON.
pub(crate) const ENDED: &str = "ended";

/// What must be told once the transaction is on disk.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The newest event of a session that is stored: (account, session) → number.
    pub(crate) committed: BTreeMap<(AccountId, u64), u64>,
    /// Messages whose fate is known now.
    pub(crate) settled: Vec<(AccountId, TxnId)>,
    /// Sessions that began.
    pub(crate) begun: BTreeSet<AccountId>,
    /// Accounts of which a page of history came, or was refused.
    pub(crate) paged: BTreeSet<AccountId>,
}

impl Outcome {
    /// Adds what a later transaction came to.
    pub(crate) fn add(&mut self, later: Self) {
        self.committed.extend(later.committed);
        self.settled.extend(later.settled);
        self.begun.extend(later.begun);
        self.paged.extend(later.paged);
    }
}

/// Whether a report changes the store.
pub(crate) fn writes(report: &Report) -> bool {
    match report {
        Report::Status(_) => false,
        Report::Attempt(attempt) => attempt.is_known(),
        Report::Event { .. }
        | Report::Remember(_)
        | Report::Arrived(_)
        | Report::Returned { .. }
        | Report::Ended { .. } => true,
    }
}

/// Writes what the batches report. Nothing is left half done: the caller commits all of it or none.
pub(crate) fn reduce(tx: &mut Tx<'_>, batches: &[Batch]) -> store::Result<Outcome> {
    let mut reduction = Reduction { tx, conversations: BTreeMap::new(), outcome: Outcome::default() };
    for batch in batches {
        reduction.batch(batch)?;
    }
    Ok(reduction.outcome)
}

struct Reduction<'a, 'tx> {
    tx: &'a mut Tx<'tx>,
    conversations: BTreeMap<(AccountId, ConversationKey), ConversationId>,
    outcome: Outcome,
}

impl Reduction<'_, '_> {
    fn batch(&mut self, batch: &Batch) -> store::Result<()> {
        if !batch.reports.iter().any(writes) || self.tx.account(batch.account)?.is_none() {
            return Ok(());
        }
        for report in &batch.reports {
            match report {
                Report::Status(_) => {}
                Report::Attempt(attempt) => {
                    if writes(report) {
                        self.tx.keep_attempt(batch.account, attempt)?;
                    }
                }
                Report::Event { n, event } => {
                    self.event(batch.account, event)?;
                    self.outcome.committed.insert((batch.account, batch.session), *n);
                }
                Report::Remember(resume) => self.tx.remember(batch.account, &resume.0)?,
                Report::Arrived(txns) => {
                    self.tx.arrived(txns)?;
                    self.settle(batch.account, txns);
                }
                Report::Returned { unsent } => {
                    self.tx.requeue(unsent)?;
                    self.settle(batch.account, unsent);
                }
                Report::Ended { reason, reach, unsent, unproven } => {
                    self.tx.requeue(unsent)?;
                    self.tx.doubt(unproven)?;
                    self.settle(batch.account, unsent);
                    self.settle(batch.account, unproven);
                    self.ended(batch.account, reason, *reach)?;
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, account: AccountId, event: &Event) -> store::Result<()> {
        match event {
            Event::Online => {
                let now = self.tx.now();
                self.tx.close_gaps(account, now)?;
                self.tx.begin_healing(account)?;
                self.outcome.begun.insert(account);
                self.tx.log(account, ONLINE, "")
            }
            Event::Resumed => self.tx.resumed(account),
            Event::Head { conversation, id } => {
                let conversation = self.conversation(account, conversation)?;
                self.tx.head(conversation, id.as_ref())
            }
            Event::Capabilities { capabilities } => self.tx.set_capabilities(account, *capabilities),
            Event::History { conversation, after, messages, complete } => {
                let conversation = self.conversation(account, conversation)?;
                let complete = if *complete { Completeness::Whole } else { Completeness::Part };
                self.outcome.paged.insert(account);
                self.tx.fill(conversation, after.as_ref(), messages, complete)
            }
            Event::HistoryRefused { conversation, after, why } => {
                let conversation = self.conversation(account, conversation)?;
                self.outcome.paged.insert(account);
                self.tx.healing_failed(conversation, after.as_ref(), why)
            }
            Event::Conversation { conversation } => {
                let id = self.tx.ensure_conversation(account, conversation)?;
                self.conversations.insert((account, conversation.key.clone()), id);
                Ok(())
            }
            Event::Message { message } => self.message(account, message),
            Event::Earlier { .. }
            | Event::EarlierRefused { .. }
            | Event::Recent { .. }
            | Event::Happened { .. }
            | Event::Reaction { .. }
            | Event::Retracted { .. }
            | Event::Read { .. }
            | Event::Me { .. }
            | Event::Members { .. }
            | Event::Member { .. }
            | Event::MemberGone { .. }
            | Event::Typing { .. } => Ok(()),
            Event::Acknowledged { txn, .. } | Event::Refused { txn, .. }
                if !self.tx.is_of(txn, account)? =>
            {
                Ok(())
            }
            Event::Acknowledged { txn, id, at } => {
                self.tx.acknowledged(txn, id.as_ref(), *at)?;
                self.settle(account, std::slice::from_ref(txn));
                Ok(())
            }
            Event::Refused { txn, why } => {
                self.tx.refused(txn, why)?;
                self.settle(account, std::slice::from_ref(txn));
                Ok(())
            }
        }
    }

    fn message(&mut self, account: AccountId, message: &Incoming) -> store::Result<()> {
        let conversation = self.conversation(account, &message.conversation)?;
        self.tx.insert_incoming(conversation, message)?;
        if let Some(txn) = &message.txn {
            self.settle(account, std::slice::from_ref(txn));
        }
        Ok(())
    }

    fn conversation(&mut self, account: AccountId, name: &ConversationKey) -> store::Result<ConversationId> {
        let key = (account, name.clone());
        if let Some(id) = self.conversations.get(&key) {
            return Ok(*id);
        }
        let id = match self.tx.conversation_of(account, name)? {
            Some(id) => id,
            None => self.tx.ensure_conversation(account, &unannounced(name))?,
        };
        self.conversations.insert(key, id);
        Ok(id)
    }

    fn ended(&mut self, account: AccountId, reason: &Reason, reach: Reach) -> store::Result<()> {
        if reach == Reach::Online {
            // Of what the session had and its end does not list: proven to the server's end only, and that is not all
            // that this server proves.
            self.tx.doubt_sent(account)?;
        }
        // Changes nothing where the session was over before it began.
        let from = self.tx.now().plus_ms(-silence_ms(reason));
        self.tx.open_gaps(account, from)?;
        let detail = serde_json::to_string(reason).unwrap_or_default();
        self.tx.log(account, ENDED, &detail)
    }

    fn settle(&mut self, account: AccountId, txns: &[TxnId]) {
        self.outcome.settled.extend(txns.iter().map(|txn| (account, txn.clone())));
    }
}

/// A conversation that a message names before the server announced it.
fn unannounced(key: &ConversationKey) -> RemoteConversation {
    RemoteConversation {
        key: key.clone(),
        kind: ConversationKind::Room,
        title: Some(key.0.clone()),
        ..RemoteConversation::default()
    }
}

/// For how long nothing was heard before the end: the gap begins there.
fn silence_ms(reason: &Reason) -> i64 {
    match reason {
        Reason::Silent { seconds } => i64::from(*seconds) * 1000,
        Reason::BadAddress { .. }
        | Reason::Dns { .. }
        | Reason::Refused { .. }
        | Reason::Unreachable { .. }
        | Reason::TimedOut { .. }
        | Reason::Tls { .. }
        | Reason::Proxy { .. }
        | Reason::Secret { .. }
        | Reason::File { .. }
        | Reason::Status { .. }
        | Reason::NotWebSocket { .. }
        | Reason::Subprotocol { .. }
        | Reason::Closed { .. }
        | Reason::Dropped { .. }
        | Reason::TooBig { .. }
        | Reason::NotLetIn { .. }
        | Reason::BrokenFrames { .. }
        | Reason::Internal { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AccountConfig, Body, Delivery, Item, Timestamp};
    use store::Durability;

    /// A server that has learned of another account's intent settles nothing of it.
    #[test]
    fn a_server_speaks_of_its_own_accounts_messages_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = store::open(&folder.path().join("history.db"), Timestamp(0)).unwrap().writer;
        let txn = TxnId::parse("t").unwrap();
        let (other, conversation) = writer
            .write(Durability::Full, Timestamp(1), |tx| {
                let (ours, other) =
                    (tx.add_account(&AccountConfig::default())?, tx.add_account(&AccountConfig::default())?);
                let conversation =
                    tx.ensure_conversation(ours, &unannounced(&ConversationKey("c".into())))?;
                tx.insert_own(conversation, &txn, &Body::text("x"))?;
                tx.dispatch(ours, 9)?;
                Ok((other, conversation))
            })
            .unwrap()
            .value;
        let events = [
            Event::Acknowledged { txn: txn.clone(), id: None, at: None },
            Event::Refused { txn, why: "no".into() },
        ];
        for event in events {
            let reports = vec![Report::Event { n: 1, event }];
            let batch = Batch { account: other, run: 1, session: 1, reports };
            let outcome =
                writer.write(Durability::Normal, Timestamp(2), |tx| reduce(tx, &[batch])).unwrap().value;
            assert_eq!(outcome.settled, []);
        }
        let page = writer.reader().unwrap().latest(conversation, 9).unwrap();
        let [row] = page.rows.as_slice() else { panic!("{page:?}") };
        assert!(matches!(row.item, Item::Message { delivery: Some(Delivery::Sending), .. }), "{row:?}");
    }

    /// Every message that a session leaves open gets the state that is true of it.
    #[test]
    fn the_unsent_go_back_into_the_queue_and_the_unproven_are_called_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = store::open(&folder.path().join("history.db"), Timestamp(0)).unwrap().writer;
        let mut write = |job: &mut dyn FnMut(&mut Tx<'_>) -> store::Result<()>| {
            writer.write(Durability::Full, Timestamp(1), |tx| job(tx)).unwrap();
        };
        let txns: Vec<_> = (0..4).map(|n| TxnId::parse(format!("t{n}")).unwrap()).collect();
        let (mut account, mut conversation) = (AccountId(0), ConversationId(0));
        write(&mut |tx| {
            account = tx.add_account(&AccountConfig::default())?;
            conversation = tx.ensure_conversation(account, &unannounced(&ConversationKey("c".into())))?;
            for txn in &txns {
                tx.insert_own(conversation, txn, &Body::text("x"))?;
            }
            tx.dispatch(account, 9).map(|_| ())
        });
        let report = |report| Batch { account, run: 1, session: 1, reports: vec![report] };
        let reason = Reason::Dropped { text: String::new() };
        let ended = Report::Ended {
            reason,
            reach: Reach::Online,
            unsent: vec![txns[0].clone()],
            unproven: vec![txns[1].clone()],
        };
        let batches = [
            report(ended),
            report(Report::Returned { unsent: vec![txns[2].clone()] }),
            report(Report::Arrived(vec![txns[3].clone()])),
        ];
        let mut outcome = Outcome::default();
        write(&mut |tx| {
            outcome = reduce(tx, &batches)?;
            Ok(())
        });
        assert_eq!(outcome.settled.len(), 4);
        let page = writer.reader().unwrap().latest(conversation, 9).unwrap();
        let deliveries: Vec<_> = page
            .rows
            .into_iter()
            .filter_map(|row| match row.item {
                Item::Message { delivery, .. } => delivery,
                Item::Gap { .. } | Item::Happening { .. } => None,
            })
            .collect();
        use Delivery::{Queued, Sent, Unconfirmed};
        assert_eq!(deliveries, [Queued, Unconfirmed, Queued, Sent]);
    }
}
