//! Every statement of the crate finds its rows by an index: the plans of all that a full life of a store runs.

use crate::{Completeness, Durability, Writer, open};
use domain::{
    AccountConfig, AccountId, Attempt, Body, Capabilities, Change, ConversationKey, ConversationKind,
    Happening, Incoming, MessageId, NotifyRule, Outcome, Peer, Place, Reason, RemoteConversation, RemoteId,
    Rev, Sender, Timestamp, TxnId,
};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, StatementStatus};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};

type Statements = Arc<Mutex<BTreeSet<String>>>;

fn listen(connection: &mut Connection, statements: &Statements) {
    let statements = Arc::clone(statements);
    let listener = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event {
            statements.lock().unwrap().insert(statement.sql().into_owned());
        }
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(listener)).unwrap();
}

/// What whole chat protocols have.
fn whole_chat(tx: &mut crate::Tx<'_>, account: AccountId) -> crate::Result<()> {
    let now = Timestamp(1);
    let name = |id: &str| RemoteId(id.to_owned());
    let said = |id: &str| Incoming { id: Some(name(id)), body: Body::text(id), ..Incoming::default() };
    let mut den =
        RemoteConversation { key: ConversationKey("den".to_owned()), ..RemoteConversation::default() };
    let id = tx.ensure_conversation(account, &den)?;
    tx.is_direct(id)?;
    tx.conversation(id)?;
    tx.set_capabilities(account, Capabilities { earlier: true, history: true, ..Capabilities::default() })?;
    tx.recent(id, &[said("5"), said("6")], Completeness::Part)?;
    tx.earlier(id, &name("5"), &[said("4")], Completeness::Part)?;
    tx.earlier_failed(id, &name("4"), "no")?;
    tx.open_gaps(account, now)?;
    tx.close_gaps(account, now)?;
    tx.begin_healing(account)?;
    let reply = Incoming { reply_to: Some(name("6")), ..said("8") };
    tx.recent(id, &[said("6"), said("7"), reply], Completeness::Whole)?;
    tx.recent(id, &[said("9")], Completeness::Whole)?;
    let happening = Happening {
        conversation: den.key.clone(),
        id: Some(name("h")),
        who: Sender::Server,
        change: Change::Joined,
        at: Some(Timestamp(-100_000)),
    };
    tx.insert_happening(id, &happening)?;
    tx.react(id, &name("6"), &Sender::Me, "+", true)?;
    tx.retract(id, &name("6"), &Sender::Me, None)?;
    tx.mark_read_until(id, now)?;
    den.kind = ConversationKind::Direct;
    tx.ensure_conversation(account, &den)?;
    let own =
        tx.insert_own(id, &TxnId::parse("own").map_err(|_| crate::StoreError::Gone)?, &Body::text("own"))?;
    tx.name_of(id, own)?;
    tx.conversation_with(own)?;
    tx.ask_healing(own, None)?;
    let other = RemoteConversation { key: ConversationKey("other".to_owned()), left: true, ..den };
    let other = tx.ensure_conversation(account, &other)?;
    tx.set_pinned(id, true)?;
    tx.set_muted(id, true)?;
    tx.set_notify(id, Some(NotifyRule::All))?;
    tx.move_conversation(other, Some(id))?;
    tx.set_collapsed(account, true)?;
    let second = tx.add_account(&AccountConfig::default())?;
    tx.move_account(second, Some(account))?;
    tx.remove_account(second)?;
    tx.remove_conversation(other)?;
    Ok(())
}

/// Runs every method once, so that every statement is run.
fn live(writer: &mut Writer, statements: &Statements) {
    let now = Timestamp(1);
    let txn = |name: &str| TxnId::parse(name).unwrap();
    let room = RemoteConversation {
        key: ConversationKey("room".to_owned()),
        kind: ConversationKind::Room,
        ..RemoteConversation::default()
    };
    let message = Incoming {
        conversation: room.key.clone(),
        id: Some(RemoteId("1".to_owned())),
        sender: Sender::Me,
        body: Body::text("heard"),
        ..Incoming::default()
    };
    let (account, conversation, id) = writer
        .write(Durability::Full, now, |tx| {
            let account = tx.add_account(&AccountConfig::default())?;
            tx.edit_account(account, &AccountConfig::default())?;
            tx.set_enabled(account, crate::Enabled::On)?;
            tx.account(account)?;
            tx.accounts()?;
            tx.remember(account, "resume")?;
            tx.resume(account)?;
            let conversation = tx.ensure_conversation(account, &room)?;
            tx.ensure_conversation(
                account,
                &RemoteConversation { topic: Some("t".to_owned()), ..room.clone() },
            )?;
            tx.conversation_of(account, &room.key)?;
            tx.account_of_conversation(conversation)?;
            tx.close_gaps(account, now)?;
            tx.alive(account, now)?;
            tx.insert_incoming(conversation, &message)?;
            tx.insert_incoming(conversation, &message)?;
            for name in ["a", "b", "c"] {
                tx.insert_own(conversation, &txn(name), &Body::text(name))?;
            }
            tx.dispatch(account, 1)?;
            tx.acknowledged(&txn("a"), Some(&RemoteId("1".to_owned())), Some(now))?;
            tx.dispatch(account, 1)?;
            tx.arrived(&[txn("b")])?;
            tx.requeue(&[txn("b")])?;
            tx.dispatch(account, 1)?;
            tx.doubt(&[txn("c")])?;
            tx.doubt_all(account)?;
            tx.refused(&txn("c"), "no")?;
            let id = tx.insert_own(conversation, &txn("c"), &Body::text("c"))?;
            tx.retry(id)?;
            for _ in 0..1_001 {
                let unnamed = Incoming { id: None, sender: Sender::Server, ..message.clone() };
                tx.insert_incoming(conversation, &unnamed)?;
            }
            tx.mark_read(conversation, id)?;
            tx.discard(id)?;
            for _ in 0..2 {
                tx.interrupted()?;
                tx.open_gaps(account, now)?;
                tx.close_gaps(account, now)?;
            }
            let capabilities = Capabilities {
                acknowledges: true,
                history: true,
                tells_doubles_apart: true,
                ..Capabilities::default()
            };
            tx.set_capabilities(account, capabilities)?;
            for name in ["d", "e"] {
                tx.insert_own(conversation, &txn(name), &Body::text(name))?;
            }
            tx.dispatch(account, 9)?;
            tx.arrived(&[txn("d")])?;
            tx.doubt_sent(account)?;
            let id_d = tx.insert_own(conversation, &txn("d"), &Body::text("d"))?;
            tx.edit_own(id_d, &Body::text("dd"))?;
            tx.refused(&txn("e"), "no")?;
            tx.retry_all(conversation)?;
            tx.insert_incoming(conversation, &Incoming { txn: Some(txn("e")), ..message.clone() })?;
            let at = |id: &str| Some(RemoteId(id.to_owned()));
            for (head, complete) in [("7", Completeness::Part), ("9", Completeness::Whole)] {
                tx.open_gaps(account, now)?;
                tx.head(conversation, at(head).as_ref())?;
                tx.close_gaps(account, now)?;
                tx.begin_healing(account)?;
                let page = [Incoming { id: at(head), sender: Sender::Server, ..message.clone() }];
                tx.fill(conversation, at("1").as_ref(), &page, complete)?;
                tx.insert_incoming(
                    conversation,
                    &Incoming { id: None, sender: Sender::Server, ..message.clone() },
                )?;
            }
            let said = Incoming { id: at("s"), body: Body::text("said"), ..message.clone() };
            tx.insert_incoming(conversation, &said)?;
            tx.index(10_000)?;
            tx.retract(conversation, &RemoteId("s".to_owned()), &Sender::Me, None)?;
            tx.healing_failed(conversation, at("7").as_ref(), "no")?;
            whole_chat(tx, account)?;
            tx.open_gaps(account, now)?;
            tx.resumed(account)?;
            tx.save_draft(conversation, "draft", Some(id))?;
            tx.set_setting("key", "value")?;
            tx.setting("key")?;
            tx.log(account, "kind", "detail")?;
            let attempt = Attempt {
                at: now,
                url: "ws://h/".to_owned(),
                steps: Vec::new(),
                peer: Peer::default(),
                outcome: Outcome::Online { since: now },
            };
            tx.keep_attempt(account, &attempt)?;
            tx.end_attempt(account, now, &Reason::Dropped { text: String::new() })?;
            tx.answered(&txn("x"))?;
            tx.answer(&txn("x"), 1)?;
            Ok((account, conversation, id))
        })
        .unwrap()
        .value;

    let mut reader = writer.reader().unwrap();
    listen(reader.connection(), statements);
    reader.sidebar().unwrap();
    reader.account(account).unwrap();
    reader.conversation(conversation).unwrap();
    reader.draft(conversation).unwrap();
    reader.setting("key").unwrap();
    reader.account_of(id).unwrap();
    reader.conversation_of(id).unwrap();
    reader.wanting(account).unwrap();
    reader.capabilities(account).unwrap();
    reader.key_of(conversation).unwrap();
    reader.named(id).unwrap();
    reader.read_time(conversation, id).unwrap();
    for other in reader.sidebar().unwrap().2 {
        reader.latest(other.id, 50).unwrap();
    }
    reader.log(account, 10).unwrap();
    reader.attempts(account).unwrap();
    reader.unindexed().unwrap();
    for query in ["heard in:room from:me", "x has:link after:today before:2030-1-1"] {
        let query = crate::Query::parse(query).unwrap();
        reader.search(&query, None, None, 50, now).unwrap();
    }
    let page = reader.around(conversation, id, 10).unwrap().unwrap();
    let (first, last) = (page.rows[0].place, page.rows[page.rows.len() - 1].place);
    reader.before(conversation, last, 10).unwrap();
    reader.after(conversation, first, 10).unwrap();
    reader.changes(conversation, Some(first), Some(last), Rev(0)).unwrap();
    reader.changes(conversation, None, None, Rev(0)).unwrap();

    writer
        .write(Durability::Normal, now, |tx| {
            tx.save_draft(conversation, "", None)?;
            tx.remove_account(account)
        })
        .unwrap();
}

#[test]
fn no_statement_scans_or_sorts_the_messages() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = open(&folder.path().join("history.db"), Timestamp(1)).unwrap().writer;
    let statements = Statements::default();
    listen(writer.connection(), &statements);
    live(&mut writer, &statements);
    let words = ["SELECT", "INSERT", "UPDATE", "DELETE"];
    let statements: Vec<String> = statements
        .lock()
        .unwrap()
        .iter()
        .filter(|sql| words.iter().any(|word| sql.starts_with(word)))
        // The statements of FTS5 itself, to its own tables.
        .filter(|sql| !sql.contains("'main'.'search_"))
        .cloned()
        .collect();
    assert!(statements.len() > 50, "only {} statements were heard", statements.len());
    for sql in statements {
        let mut explain = writer.connection().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> =
            explain.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
        // What the sidebar shows is read whole; the tables of what is small may be.
        let small = ["accounts", "conversations", "sessions", "(subquery"];
        for step in &plan {
            // The index finds its rows by their words.
            let by_words =
                |what: &str| what.starts_with("search VIRTUAL TABLE INDEX") && sql.contains("MATCH");
            let scanned =
                step.strip_prefix("SCAN ").filter(|what| *what != "CONSTANT ROW" && !by_words(what));
            let large = scanned.is_some_and(|what| !small.iter().any(|table| what.starts_with(table)));
            let sorts = step.contains("TEMP B-TREE") && sql.contains("messages");
            assert!(!large && !sorts, "{sql}\n{plan:#?}");
        }
    }
}

/// The steps that SQLite's machine has taken.
#[derive(Default)]
struct Steps(Arc<AtomicI32>);

impl Steps {
    fn listen(&self, connection: &mut Connection) {
        let steps = Arc::clone(&self.0);
        // A statement counts its steps from its first run on.
        let mut before = BTreeMap::new();
        let listener = move |event: TraceEvent<'_>| {
            if let TraceEvent::Profile(statement, _) = event {
                let total = statement.get_status(StatementStatus::VmStep);
                let last = before.insert(statement.sql().into_owned(), total).unwrap_or(0);
                steps.fetch_add(total - last, Ordering::Relaxed);
            }
        };
        connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(listener)).unwrap();
    }
}

#[test]
fn rows_of_one_millisecond_are_not_scanned() {
    const FLOOD: usize = 50_000;
    /// Some twenty steps for each of two thousand visited rows at most; a scan of half the flood takes twice as many.
    const ENOUGH: i32 = 50_000;

    let folder = tempfile::tempdir().unwrap();
    let mut writer = open(&folder.path().join("history.db"), Timestamp(1)).unwrap().writer;
    let written = writer.write(Durability::Normal, Timestamp(1), |tx| {
        let account = tx.add_account(&AccountConfig::default())?;
        let key = ConversationKey("room".to_owned());
        let room = RemoteConversation {
            key: key.clone(),
            kind: ConversationKind::Room,
            ..RemoteConversation::default()
        };
        let conversation = tx.ensure_conversation(account, &room)?;
        let (sender, body) = (Sender::Server, Body::text("x"));
        let message = Incoming { conversation: key, sender, body, ..Incoming::default() };
        for _ in 0..FLOOD {
            tx.insert_incoming(conversation, &message)?;
        }
        Ok(conversation)
    });
    let conversation = written.unwrap().value;
    let place = |id| Place { sort: Timestamp(1), id: MessageId(id) };
    let middle = place(FLOOD as i64 / 2);

    let mut reader = writer.reader().unwrap();
    let steps = Steps::default();
    steps.listen(reader.connection());
    let frugal = |what: &str| {
        let taken = steps.0.swap(0, Ordering::Relaxed);
        assert!(taken < ENOUGH, "{what} took {taken} steps");
    };
    reader.latest(conversation, 50).unwrap();
    frugal("latest");
    reader.before(conversation, middle, 50).unwrap();
    frugal("before");
    reader.after(conversation, middle, 50).unwrap();
    frugal("after");
    reader.around(conversation, middle.id, 50).unwrap();
    frugal("around");
    let to = Some(place(middle.id.0 + 200));
    let rev = reader.rev().unwrap();
    reader.changes(conversation, Some(middle), to, rev).unwrap();
    frugal("changes");

    steps.listen(writer.connection());
    for read in [1_000, 1_050, FLOOD as i64 - 50] {
        writer
            .write(Durability::Normal, Timestamp(2), |tx| tx.mark_read(conversation, MessageId(read)))
            .unwrap();
        frugal("mark_read");
    }
}

#[test]
fn removing_a_parent_finds_its_children_by_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = open(&folder.path().join("history.db"), Timestamp(1)).unwrap().writer;
    let children: Vec<(String, String)> = writer
        .connection()
        .prepare(
            "SELECT child.name, key.\"from\"
             FROM sqlite_schema AS child JOIN pragma_foreign_key_list(child.name) AS key WHERE child.type = 'table'",
        )
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(children.len(), 6);
    for (table, column) in children {
        let sql = format!("EXPLAIN QUERY PLAN DELETE FROM {table} WHERE {column} = 1");
        let step: String = writer.connection().query_row(&sql, [], |row| row.get(3)).unwrap();
        assert!(step.starts_with("SEARCH"), "{step}");
    }
}
