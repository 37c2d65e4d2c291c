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
            .prepare("SELECT name FROM pragma_table_list WHERE NOT strict AND name NOT LIKE 'sqlite_%'")
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
