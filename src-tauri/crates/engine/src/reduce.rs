//! What servers told, turned into writes of one transaction.

use crate::crowd::News;
use crate::herald::Call;
use crate::highlight::Highlights;
use crate::settings::HIGHLIGHTS;
use domain::{
    AccountId, Capabilities, ConversationId, ConversationKey, ConversationKind, Event, Incoming, MessageId,
    NotifyRule, Reason, RemoteConversation, Sender, Timestamp, TxnId,
};
use link::{Batch, Reach, Report};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use store::{Completeness, Inserted, Tx};

/// In the connection log: a session was established.
pub(crate) const ONLINE: &str = "online";

/// In the connection log: a session ended; the detail is its `Reason` as JSON.
pub(crate) const ENDED: &str = "ended";

/// How old a message may be, by its server's clock, to be news to the user: clocks of servers differ.
const JUST_NOW_MS: i64 = 60_000;

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
    /// What is true of people now, in order.
    pub(crate) news: Vec<News>,
    /// What the user may want to be told of.
    pub(crate) calls: Vec<Call>,
}

impl Outcome {
    /// Adds what a later transaction came to.
    pub(crate) fn add(&mut self, later: Self) {
        self.committed.extend(later.committed);
        self.settled.extend(later.settled);
        self.begun.extend(later.begun);
        self.paged.extend(later.paged);
        self.news.extend(later.news);
        self.calls.extend(later.calls);
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
    let highlights = Highlights::read(&tx.setting(HIGHLIGHTS)?.unwrap_or_default());
    let (conversations, rules, outcome) = (BTreeMap::new(), BTreeMap::new(), Outcome::default());
    let mut reduction = Reduction { tx, highlights, conversations, rules, outcome };
    for batch in batches {
        reduction.batch(batch)?;
    }
    Ok(reduction.outcome)
}

struct Reduction<'a, 'tx> {
    tx: &'a mut Tx<'tx>,
    highlights: Highlights,
    conversations: BTreeMap<(AccountId, ConversationKey), ConversationId>,
    /// Which messages the user is told of.
    rules: BTreeMap<ConversationId, NotifyRule>,
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
                Report::Ended { reason, reach, heard, unsent, unproven } => {
                    self.tx.requeue(unsent)?;
                    self.tx.doubt(unproven)?;
                    self.settle(batch.account, unsent);
                    self.settle(batch.account, unproven);
                    self.outcome.news.push(News::Over { account: batch.account });
                    self.ended(batch.account, reason, *reach, *heard)?;
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
            Event::Capabilities { capabilities } => self.capabilities(account, *capabilities),
            Event::History { conversation, after, messages, complete } => {
                let conversation = self.conversation(account, conversation)?;
                self.outcome.paged.insert(account);
                let messages = self.marked(messages);
                self.tx.fill(conversation, after.as_ref(), &messages, completeness(*complete))
            }
            Event::HistoryRefused { conversation, after, why } => {
                let conversation = self.conversation(account, conversation)?;
                self.outcome.paged.insert(account);
                self.tx.healing_failed(conversation, after.as_ref(), why)
            }
            Event::Conversation { conversation } => {
                let id = self.tx.ensure_conversation(account, conversation)?;
                self.conversations.insert((account, conversation.key.clone()), id);
                self.rules.remove(&id);
                Ok(())
            }
            Event::Message { message } => self.message(account, message),
            Event::Earlier { conversation, before, messages, complete } => {
                let conversation = self.conversation(account, conversation)?;
                self.outcome.paged.insert(account);
                let messages = self.marked(messages);
                self.tx.earlier(conversation, before, &messages, completeness(*complete))
            }
            Event::EarlierRefused { conversation, before, why } => {
                let conversation = self.conversation(account, conversation)?;
                self.outcome.paged.insert(account);
                self.tx.earlier_failed(conversation, before, why)
            }
            Event::Recent { conversation, messages, complete } => {
                let conversation = self.conversation(account, conversation)?;
                let messages = self.marked(messages);
                self.tx.recent(conversation, &messages, completeness(*complete))
            }
            Event::Happened { happening } => {
                let conversation = self.conversation(account, &happening.conversation)?;
                self.tx.insert_happening(conversation, happening)
            }
            Event::Reaction { conversation, target, by, text, present } => {
                match self.known(account, conversation)? {
                    Some(conversation) => self.tx.react(conversation, target, by, text, *present),
                    None => Ok(()),
                }
            }
            Event::Retracted { conversation, target, by, why } => match self.known(account, conversation)? {
                Some(conversation) => self.tx.retract(conversation, target, by, why.as_deref()),
                None => Ok(()),
            },
            Event::Read { conversation, upto } => match self.known(account, conversation)? {
                Some(conversation) => self.tx.mark_read_until(conversation, *upto),
                None => Ok(()),
            },
            Event::Me { name } => {
                self.outcome.news.push(News::Me { account, name: name.clone() });
                self.tx.touch_sidebar();
                Ok(())
            }
            Event::Members { conversation, members } => {
                let of = |conversation| News::Members { account, conversation, members: members.clone() };
                self.people(account, conversation, of)
            }
            Event::Member { conversation, member } => {
                let of = |conversation| News::Member { account, conversation, member: member.clone() };
                self.people(account, conversation, of)
            }
            Event::MemberGone { conversation, name } => {
                let of = |conversation| News::Gone { conversation, name: name.clone() };
                self.people(account, conversation, of)
            }
            Event::Typing { conversation, name, typing } => {
                let (name, typing) = (name.clone(), *typing);
                let of = |conversation| News::Typing { account, conversation, name, typing };
                self.people(account, conversation, of)
            }
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

    /// A server may tell late, or anew, that it keeps a history.
    fn capabilities(&mut self, account: AccountId, capabilities: Capabilities) -> store::Result<()> {
        let had = self.tx.capabilities(account)?.history;
        self.tx.set_capabilities(account, capabilities)?;
        if capabilities.history && !had {
            self.tx.begin_healing(account)?;
            self.outcome.paged.insert(account);
        }
        Ok(())
    }

    fn message(&mut self, account: AccountId, message: &Incoming) -> store::Result<()> {
        let conversation = self.conversation(account, &message.conversation)?;
        let marked = self.marked(std::slice::from_ref(message));
        for message in marked.iter() {
            if let Inserted::New(id) = self.tx.insert_incoming(conversation, message)? {
                self.call(account, conversation, id, message)?;
            }
        }
        if let Some(txn) = &message.txn {
            self.settle(account, std::slice::from_ref(txn));
        }
        Ok(())
    }

    /// The same messages, those with one of the user's words marked as naming the user.
    fn marked<'m>(&self, messages: &'m [Incoming]) -> Cow<'m, [Incoming]> {
        if self.highlights.is_empty() {
            return Cow::Borrowed(messages);
        }
        let mark = |message: &Incoming| {
            let mentions_me = message.mentions_me || self.highlights.stand_in(&message.body.to_plain());
            Incoming { mentions_me, ..message.clone() }
        };
        Cow::Owned(messages.iter().map(mark).collect())
    }

    /// Tells the user of a message that was said just now and that concerns them.
    fn call(
        &mut self,
        account: AccountId,
        conversation: ConversationId,
        id: MessageId,
        message: &Incoming,
    ) -> store::Result<()> {
        let recent = self.tx.now().plus_ms(-JUST_NOW_MS);
        if message.sender == Sender::Me || message.at.is_some_and(|at| at < recent) {
            return Ok(());
        }
        let rule = self.rule(conversation)?;
        let is_wanted = match rule {
            NotifyRule::All => true,
            NotifyRule::Mentions => message.mentions_me,
            NotifyRule::Nothing => false,
        };
        if !is_wanted {
            return Ok(());
        }
        let Some(place) = self.tx.conversation(conversation)? else { return Ok(()) };
        self.outcome.calls.push(Call {
            account,
            conversation,
            message: id,
            at: self.tx.now(),
            rule,
            kind: place.kind,
            title: place.title,
            sender: message.sender.clone(),
            text: message.body.to_plain(),
        });
        Ok(())
    }

    /// Which messages of a conversation the user is told of.
    fn rule(&mut self, conversation: ConversationId) -> store::Result<NotifyRule> {
        if let Some(rule) = self.rules.get(&conversation) {
            return Ok(*rule);
        }
        let rule = match self.tx.conversation(conversation)? {
            Some(place) if !place.muted => place.notify.unwrap_or(NotifyRule::of_kind(place.kind)),
            Some(_) | None => NotifyRule::Nothing,
        };
        self.rules.insert(conversation, rule);
        Ok(rule)
    }

    /// Takes in what is said of the people in a conversation, where that is here.
    fn people(
        &mut self,
        account: AccountId,
        name: &ConversationKey,
        news: impl FnOnce(ConversationId) -> News,
    ) -> store::Result<()> {
        let known = self.known(account, name)?;
        self.outcome.news.extend(known.map(news));
        Ok(())
    }

    /// The conversation that a server speaks of, where it is here.
    fn known(&mut self, account: AccountId, name: &ConversationKey) -> store::Result<Option<ConversationId>> {
        match self.conversations.get(&(account, name.clone())) {
            Some(id) => Ok(Some(*id)),
            None => self.tx.conversation_of(account, name),
        }
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

    fn ended(
        &mut self,
        account: AccountId,
        reason: &Reason,
        reach: Reach,
        heard: Timestamp,
    ) -> store::Result<()> {
        if reach == Reach::Online {
            // Of what the session had and its end does not list: proven to the server's end only, and that is not all
            // that this server proves.
            self.tx.doubt_sent(account)?;
        }
        // Changes nothing where the session was over before it began. A clock that was set back makes no gap begin in the
        // future.
        self.tx.open_gaps(account, heard.min(self.tx.now()))?;
        let detail = serde_json::to_string(reason).unwrap_or_default();
        self.tx.log(account, ENDED, &detail)
    }

    fn settle(&mut self, account: AccountId, txns: &[TxnId]) {
        self.outcome.settled.extend(txns.iter().map(|txn| (account, txn.clone())));
    }
}

fn completeness(complete: bool) -> Completeness {
    if complete { Completeness::Whole } else { Completeness::Part }
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AccountConfig, Body, Delivery, Healing, Item};
    use store::Durability;

    #[test]
    fn a_history_that_is_told_of_late_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = store::open(&folder.path().join("history.db"), Timestamp(0)).unwrap().writer;
        let key = ConversationKey("c".into());
        let account =
            writer.write(Durability::Full, Timestamp(1), |tx| tx.add_account(&AccountConfig::default()));
        let account = account.unwrap().value;
        let heard = Incoming { conversation: key.clone(), body: Body::text("x"), ..Incoming::default() };
        let event = |event| Report::Event { n: 1, event };
        let reason = Reason::Dropped { text: String::new() };
        let ended = Report::Ended {
            reason,
            reach: Reach::Online,
            heard: Timestamp(10),
            unsent: Vec::new(),
            unproven: Vec::new(),
        };
        let capabilities = Capabilities { history: true, ..Capabilities::default() };
        let mut healing = Vec::new();
        for (ms, reports) in [
            (10, vec![event(Event::Online), event(Event::Message { message: heard }), ended]),
            (20, vec![event(Event::Online)]),
            (30, vec![event(Event::Capabilities { capabilities })]),
        ] {
            let batch = Batch { account, run: 1, session: 1, reports };
            let written = writer.write(Durability::Normal, Timestamp(ms), |tx| {
                let outcome = reduce(tx, &[batch])?;
                Ok((tx.conversation_of(account, &key)?.unwrap(), outcome.paged.contains(&account)))
            });
            let (conversation, asks) = written.unwrap().value;
            let page = writer.reader().unwrap().latest(conversation, 9).unwrap();
            healing.extend(page.rows.into_iter().filter_map(|row| match row.item {
                Item::Gap { healing, .. } => Some((healing, asks)),
                Item::Message { .. } | Item::Happening { .. } => None,
            }));
        }
        let (none, loading) = (Healing::Unavailable, Healing::Loading);
        assert_eq!(healing, [(none.clone(), false), (none, false), (loading, true)]);
    }

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
            heard: Timestamp(0),
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
