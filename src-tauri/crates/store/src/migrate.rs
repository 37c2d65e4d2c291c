//! The versions of the schema, and the way from each to the next.
//!
//! A step that was released is never edited: a change is a new file with the next number.

use crate::OpenError;
use rusqlite::{Connection, TransactionBehavior};

/// Step n makes version n+1 of version n.
const STEPS: &[&str] = &[
    include_str!("../schema/001_first.sql"),
    include_str!("../schema/002_delivery.sql"),
    include_str!("../schema/003_attempts.sql"),
    include_str!("../schema/004_chat.sql"),
    include_str!("../schema/005_answers.sql"),
    include_str!("../schema/006_flair.sql"),
    include_str!("../schema/007_search.sql"),
    include_str!("../schema/008_sidebar.sql"),
];

/// The newest version that is known.
pub(crate) const KNOWN: u32 = STEPS.len() as u32;

/// Marks the file as ours (`PRAGMA application_id`); "Whin" in ASCII.
pub(crate) const APPLICATION_ID: i64 = 0x5768_696e;

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Empty: nobody's yet.
    Fresh,
    /// Ours, in this version of the schema.
    Ours(u32),
    /// A database of another program.
    Foreign,
}

/// Reads whose file it is; changes nothing.
pub(crate) fn origin(connection: &Connection) -> rusqlite::Result<Origin> {
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (application, version, objects) {
        (APPLICATION_ID, version, _) => Origin::Ours(version),
        (0, 0, 0) => Origin::Fresh,
        _ => Origin::Foreign,
    })
}

/// Brings the schema from version `from` to [`KNOWN`], each step in a transaction of its own.
pub(crate) fn migrate(connection: &mut Connection, from: u32) -> Result<(), OpenError> {
    if from > KNOWN {
        return Err(OpenError::Newer { found: from, known: KNOWN });
    }
    for (version, step) in (1..).zip(STEPS).skip(from as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::types::Value;
    use std::collections::BTreeMap;

    /// A history as its first version kept it: what was heard, a gap, an outbox, a tombstone and all that lies beside.
    const OLD: &str = r#"
        UPDATE store SET rev = 9;
        INSERT INTO accounts (config, enabled) VALUES ('{"protocol":"plain","url":"ws://h/"}', 1);
        INSERT INTO sessions (account_id, resume, alive_ms) VALUES (1, 'resume', 5);
        INSERT INTO conversations (account_id, key, kind, unread, waiting, last_sort_ms)
            VALUES (1, '', 'stream', 1, 2, 60);
        INSERT INTO messages (conversation_id, sort_ms, rev, kind, at_ms, sender, text, remote_id)
            VALUES (1, 10, 1, 0, 10, 0, 'heard', 'r1');
        INSERT INTO messages (conversation_id, sort_ms, rev, kind, at_ms, until_ms) VALUES (1, 20, 2, 1, 20, 30);
        INSERT INTO messages (conversation_id, sort_ms, rev, kind, deleted, at_ms, sender)
            VALUES (1, 40, 3, 0, 1, 40, 1);
        INSERT INTO messages
            (conversation_id, sort_ms, rev, kind, at_ms, sender, text, txn, delivery, why, outbox_account_id, outbox_no)
            VALUES (1, 50, 4, 0, 50, 1, 'waits', 't1', 'queued', NULL, 1, 1),
                   (1, 51, 5, 0, 51, 1, 'under way', 't2', 'sending', NULL, 1, 2),
                   (1, 52, 6, 0, 52, 1, 'refused', 't3', 'failed', 'no', NULL, NULL),
                   (1, 53, 7, 0, 53, 1, 'perhaps', 't4', 'unconfirmed', NULL, NULL, NULL);
        INSERT INTO messages (conversation_id, sort_ms, rev, kind, at_ms) VALUES (1, 60, 8, 1, 60);
        INSERT INTO txns (txn, answer, at_ms) VALUES ('t1', 4, 50);
        INSERT INTO drafts (conversation_id, text, at_ms) VALUES (1, 'half a', 7);
        INSERT INTO settings VALUES ('theme', 'dark');
        INSERT INTO log (account_id, at_ms, kind, detail) VALUES (1, 5, 'ended', '{}');
    "#;

    /// The columns of each table.
    type Columns = BTreeMap<String, String>;

    fn columns(connection: &Connection) -> Columns {
        connection
            .prepare(
                "SELECT t.name, group_concat(c.name) FROM pragma_table_list t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name",
            )
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    /// What stands in these columns, row by row.
    fn rows(connection: &Connection, columns: &Columns) -> BTreeMap<String, Vec<Vec<Value>>> {
        let dump = |(table, columns): (&String, &String)| {
            let mut read =
                connection.prepare(&format!("SELECT {columns} FROM {table} ORDER BY rowid")).unwrap();
            let width = read.column_count();
            let rows = read.query_map([], |row| (0..width).map(|at| row.get(at)).collect()).unwrap();
            (table.clone(), rows.collect::<Result<_, _>>().unwrap())
        };
        columns.iter().map(dump).collect()
    }

    #[test]
    fn whatever_an_older_version_kept_is_there_in_the_newest() {
        for from in 1..KNOWN {
            let mut connection = Connection::open_in_memory().unwrap();
            for step in &STEPS[..from as usize] {
                connection.execute_batch(step).unwrap();
            }
            connection.execute_batch(OLD).unwrap();
            let columns = columns(&connection);
            let before = rows(&connection, &columns);
            migrate(&mut connection, from).unwrap();
            assert_eq!(rows(&connection, &columns), before, "from version {from}");
            assert_eq!(before["messages"].len(), 8);
        }
    }

    #[test]
    fn what_was_unread_between_two_people_counts_as_meant_for_us() {
        let mut connection = Connection::open_in_memory().unwrap();
        for step in &STEPS[..3] {
            connection.execute_batch(step).unwrap();
        }
        connection.execute_batch(OLD).unwrap();
        connection
            .execute_batch(
                "INSERT INTO conversations (account_id, key, kind, unread, last_sort_ms) VALUES (1, 'ann', 'direct', 3, 0)",
            )
            .unwrap();
        migrate(&mut connection, 3).unwrap();
        let mentions: Vec<i64> = connection
            .prepare("SELECT mentions FROM conversations ORDER BY id")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(mentions, [0, 3]);
    }

    #[test]
    fn migrating_from_empty_ends_at_the_newest_version_and_again_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(origin(&connection).unwrap(), Origin::Fresh);
        migrate(&mut connection, 0).unwrap();
        assert_eq!(origin(&connection).unwrap(), Origin::Ours(KNOWN));
        migrate(&mut connection, KNOWN).unwrap();
        assert_eq!(origin(&connection).unwrap(), Origin::Ours(KNOWN));
    }

    #[test]
    fn every_table_is_strict() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, 0).unwrap();
        let lax: Vec<String> = connection
            .prepare("SELECT name FROM pragma_table_list WHERE NOT strict AND type = 'table' AND name NOT LIKE 'sqlite_%'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(lax, [""; 0]);
    }

    #[test]
    fn another_programs_database_is_recognised() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert_eq!(origin(&connection).unwrap(), Origin::Foreign);
    }
}
