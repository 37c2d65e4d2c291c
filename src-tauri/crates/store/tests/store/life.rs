//! The life of the file: new, closed, killed, damaged, too new.

use crate::bed::{Bed, DAWN, heard, populate, txn};
use domain::Body;
use std::path::{Path, PathBuf};
use store::{Durability, OpenError, open};
use tempfile::TempDir;

/// What a power cut or `kill -9` leaves: the files as they are while the writer is open.
fn image(path: &Path) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("history.db");
    for suffix in ["", "-wal"] {
        let file = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        if file(path).exists() {
            std::fs::copy(file(path), file(&copy)).unwrap();
        }
    }
    (folder, copy)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A closed store of 2,000 messages: some hundred pages.
fn closed() -> (TempDir, PathBuf) {
    let mut bed = Bed::new();
    let conversation = bed.conversation;
    bed.write(|tx| {
        (0..2_000).try_for_each(|n| {
            tx.insert_own(conversation, &txn(&n.to_string()), &Body::text("x".repeat(100))).map(drop)
        })
    });
    let path = bed.path();
    drop(bed.reader);
    bed.writer.close().unwrap();
    (bed.folder, path)
}

#[test]
fn a_new_store_makes_its_folder_and_begins_at_rev_zero() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a/b/history.db");
    let opened = open(&path, DAWN).unwrap();
    assert_eq!((opened.set_aside, opened.writer.path()), (None, path.as_path()));
    assert_eq!(opened.writer.reader().unwrap().rev().unwrap().0, 0);
}

#[cfg(unix)]
#[test]
fn the_history_is_for_its_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("whinchat/history.db");
    let mut writer = open(&path, DAWN).unwrap().writer;
    writer.write(Durability::Normal, DAWN, populate).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for name in names(path.parent().unwrap()) {
        assert_eq!(mode(&path.with_file_name(name)), 0o600);
    }
}

#[test]
fn what_was_written_is_there_after_closing_and_opening() {
    let (_folder, path) = closed();
    assert_eq!(names(path.parent().unwrap()), ["history.db", "history.db.lock"]);
    let opened = open(&path, DAWN).unwrap();
    assert_eq!(opened.set_aside, None);
    let (rev, accounts, conversations) = opened.writer.reader().unwrap().sidebar().unwrap();
    assert_eq!((rev.0, accounts.len()), (3, 1));
    assert_eq!(conversations[0].waiting, 2_000);
}

#[test]
fn what_was_committed_is_there_after_a_kill() {
    for durability in [Durability::Normal, Durability::Full] {
        let mut bed = Bed::new();
        let conversation = bed.conversation;
        for n in 0..20 {
            let message = heard(&n.to_string());
            let now = bed.now;
            bed.writer.write(durability, now, |tx| tx.insert_incoming(conversation, &message)).unwrap();
            let (_folder, copy) = image(&bed.path());
            let opened = open(&copy, DAWN).unwrap();
            assert_eq!(opened.set_aside, None);
            let rows = crate::bed::all_rows(&mut opened.writer.reader().unwrap(), conversation);
            assert_eq!(rows, bed.rows());
            assert_eq!(rows.len(), n + 1);
        }
    }
}

#[test]
fn a_kill_within_a_transaction_leaves_nothing_of_it() {
    let mut bed = Bed::new();
    bed.hear("before");
    let (conversation, path) = (bed.conversation, bed.path());
    let (_folder, copy) = bed.write(|tx| {
        tx.insert_own(conversation, &txn("half"), &Body::text("half"))?;
        Ok(image(&path))
    });
    let opened = open(&copy, DAWN).unwrap();
    let rows = crate::bed::all_rows(&mut opened.writer.reader().unwrap(), conversation);
    assert_eq!(rows.iter().map(crate::bed::word).collect::<Vec<_>>(), ["before"]);
}

#[test]
fn a_newer_file_is_refused_and_left_as_it_is() {
    let (_folder, path) = closed();
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    raw.close().unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = open(&path, DAWN).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("newer version"));
    assert!(std::fs::read(&path).unwrap() == before);
    assert!(names(path.parent().unwrap()).iter().all(|name| !name.contains("corrupt")));
}

#[test]
fn a_file_that_is_no_database_is_set_aside_with_its_companions_and_nothing_is_deleted() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    let parts = [("", "not a database ".repeat(500)), ("-wal", "log".into()), ("-shm", "index".into())];
    for (suffix, text) in &parts {
        std::fs::write(format!("{}{suffix}", path.display()), text).unwrap();
    }
    let mut opened = open(&path, DAWN).unwrap();
    let aside = opened.set_aside.unwrap();
    assert_eq!(aside, folder.path().join("history.db.corrupt-1700000000000"));
    for (suffix, text) in parts.iter().take(2) {
        assert!(std::fs::read(format!("{}{suffix}", aside.display())).unwrap() == text.as_bytes());
    }
    assert!(names(folder.path()).contains(&"history.db.corrupt-1700000000000-shm".to_owned()));
    opened.writer.write(Durability::Full, DAWN, populate).unwrap();
}

#[test]
fn a_second_damaged_file_of_the_same_moment_does_not_replace_the_first() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    let mut seen = Vec::new();
    for text in ["first ", "second "] {
        std::fs::write(&path, text.repeat(500)).unwrap();
        let aside = open(&path, DAWN).unwrap().set_aside.unwrap();
        assert!(!seen.contains(&aside));
        seen.push(aside);
    }
    assert!(std::fs::read_to_string(&seen[0]).unwrap().starts_with("first"));
}

#[test]
fn a_database_of_another_program_is_set_aside() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)").unwrap();
    raw.close().unwrap();
    let aside = open(&path, DAWN).unwrap().set_aside.unwrap();
    let theirs = rusqlite::Connection::open(aside).unwrap();
    assert_eq!(theirs.query_row("SELECT x FROM theirs", [], |row| row.get(0)), Ok(1));
}

#[test]
fn a_damaged_schema_is_found_at_once() {
    let (_folder, path) = closed();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..4096].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    let aside = open(&path, DAWN).unwrap().set_aside.unwrap();
    assert!(std::fs::read(aside).unwrap() == bytes);
}

#[test]
fn damage_that_is_met_later_is_found_at_the_next_start() {
    let (_folder, path) = closed();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 4096 / 2 * 4096;
    bytes[middle - 8 * 4096..middle + 8 * 4096].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();

    let opened = open(&path, DAWN).unwrap();
    assert_eq!(opened.set_aside, None, "the cheap check does not read everything");
    let mut reader = opened.writer.reader().unwrap();
    let (_, _, conversations) = reader.sidebar().unwrap();
    let mut page = reader.latest(conversations[0].id, 500);
    let error = loop {
        match page {
            Ok(read) => page = reader.before(conversations[0].id, read.rows[0].place, 500),
            Err(error) => break error,
        }
    };
    assert!(error.is_corrupt(), "{error}");
    drop(reader);
    opened.writer.close().unwrap();

    assert!(open(&path, DAWN).unwrap().set_aside.is_some());
    assert_eq!(open(&path, DAWN).unwrap().set_aside, None);
}

#[test]
fn a_suspicion_that_proves_wrong_is_forgotten() {
    let (folder, path) = closed();
    let note = folder.path().join("history.db-suspect");
    std::fs::write(&note, b"").unwrap();
    assert_eq!(open(&path, DAWN).unwrap().set_aside, None);
    assert!(!note.exists());
}

#[test]
fn a_folder_in_the_way_is_an_error_and_stays() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    std::fs::create_dir(&path).unwrap();
    assert!(matches!(open(&path, DAWN).unwrap_err(), OpenError::Io(_)));
    assert!(path.is_dir());
}

#[test]
fn a_store_that_is_about_to_be_let_go_of_is_waited_for() {
    let bed = Bed::new();
    let path = bed.path();
    let (going, gone) = std::sync::mpsc::channel();
    let next = std::thread::spawn(move || {
        going.send(()).unwrap();
        open(&path, DAWN).map(drop)
    });
    gone.recv().unwrap();
    // The folder outlives the writer.
    let Bed { writer, folder, .. } = bed;
    writer.close().unwrap();
    assert!(next.join().unwrap().is_ok());
    drop(folder);
}

#[test]
fn a_store_that_is_open_is_opened_by_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let first = open(&path, DAWN).unwrap();
    assert!(matches!(open(&path, DAWN), Err(OpenError::InUse)));
    drop(first);
    assert!(open(&path, DAWN).is_ok());
}
