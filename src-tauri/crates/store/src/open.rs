//! The life of the file: made, opened, upgraded, set aside when it is damaged. Never deleted.

use crate::migrate::{self, Origin};
use crate::{OpenError, Writer, search};
use domain::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a connection waits for another one's lock.
///
/// Readers never wait in WAL mode and there is one writer, so only a backup program or a second copy of the program
/// can be waited for; five seconds let it finish a transaction.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// How long a program that has just ended or was killed may keep its lock: the system lets go of it with the last of its
/// threads, and who starts it anew at once is no second user. On a busy machine a killed program takes more than a second.
const ENDING: Duration = Duration::from_secs(3);

/// How often the lock is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// Pages in the write-ahead log before a commit moves them into the file: 16 MB.
///
/// Four times SQLite's own value, for the rate of ingest, and no more, since that much room beside the history is all
/// that a disk must have.
const AUTOCHECKPOINT: i64 = 4_000;

/// What the write-ahead log is cut down to when it starts over, so that one flood does not hold 16 MB for ever.
const JOURNAL_SIZE: i64 = 4 * 1024 * 1024;

/// `secure_delete` of the writer: what moves from page to page leaves no copy of itself behind. Pages that are let go of as
/// a whole are overwritten only where words are taken back, since that costs writes of its own.
pub(crate) const CLEAN: &str = "FAST";

/// The writer's page cache in KiB: the last index page of each of some thousand busy conversations.
const WRITER_CACHE: i64 = 8 * 1024;

/// How many prepared statements a connection keeps: more than there are in this crate.
const STATEMENTS: usize = 128;

/// How many names are tried for a file that is set aside in one millisecond; nobody gets there.
const ASIDE_TRIES: u32 = 100;

/// A store that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The one writer.
    pub writer: Writer,
    /// Where the former file lies, if it was damaged; the user must be told.
    pub set_aside: Option<PathBuf>,
}

/// Opens the store at `path`; makes its folder and the file where they are missing.
///
/// A file that is damaged, or no store at all, is renamed together with its `-wal` and `-shm` to
/// `NAME.corrupt-<now in ms>`, and a new one begun. The check is a cheap one, unless an earlier session met damage:
/// then everything is read.
///
/// # Errors
/// [`OpenError::Newer`] when a newer version of the program wrote it: the file stays as it is.
/// [`OpenError::InUse`] when another program has it open: two of them would send the same message twice. The others when the
/// folder or the file cannot be made, read, moved or locked.
pub fn open(path: &Path, now: Timestamp) -> Result<Opened, OpenError> {
    make_folder(path)?;
    let lock = lock(path)?;
    if let Some(writer) = begin(path, &lock)? {
        return Ok(Opened { writer, set_aside: None });
    }
    let aside = set_aside(path, now)?;
    match begin(path, &lock)? {
        Some(writer) => Ok(Opened { writer, set_aside: Some(aside) }),
        None => Err(std::io::Error::new(ErrorKind::InvalidData, "a new history is damaged at once").into()),
    }
}

/// Takes the store for this process, for as long as the file that is returned, or a clone of it, is open. The system
/// lets go of it when the process ends, however it ends.
fn lock(path: &Path) -> Result<File, OpenError> {
    let file = make_file(&beside(path, ".lock"))?;
    let end = Instant::now() + ENDING;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(LOOK),
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

/// Opens a connection that only reads.
pub(crate) fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Remembers that damage was met, so that the next [`open`] reads everything. Best effort: the disk may be the culprit.
pub(crate) fn suspect(path: &Path) {
    if let Err(error) = std::fs::write(suspect_path(path), b"") {
        tracing::warn!(%error, "damage met, but not noted");
    }
}

/// Opens and upgrades. `None`: the file is damaged or somebody else's.
fn begin(path: &Path, lock: &File) -> Result<Option<Writer>, OpenError> {
    make_file(path)?;
    match sound(path) {
        Ok(None) => Ok(None),
        Ok(Some(connection)) => Ok(Some(Writer::new(connection, path.to_owned(), lock.try_clone()?))),
        Err(OpenError::Sqlite(error)) if is_damage(&error) => {
            tracing::warn!(%error, "the history is damaged");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Opens, checks and upgrades. `None`: not sound.
fn sound(path: &Path) -> Result<Option<Connection>, OpenError> {
    let mut connection = connect(path)?;
    // Until the file is known to be sound, closing it must not move the log into it and delete the log.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let version = match migrate::origin(&connection)? {
        Origin::Fresh => 0,
        Origin::Ours(version) => version,
        Origin::Foreign => return Ok(None),
    };
    if version > migrate::KNOWN {
        return Err(OpenError::Newer { found: version, known: migrate::KNOWN });
    }
    if version > 0 && suspect_path(path).exists() && !reads_whole(&connection)? {
        return Ok(None);
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    migrate::migrate(&mut connection, version)?;
    search::refresh(&connection)?;
    if !glance(&connection)? {
        return Ok(None);
    }
    remove_if_there(&suspect_path(path))?;
    writer_pragmas(&connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(Some(connection))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn writer_pragmas(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // On macOS only this reaches the platter; elsewhere it does nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    connection.pragma_update_and_check(None, "secure_delete", CLEAN, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", AUTOCHECKPOINT, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", JOURNAL_SIZE, |_| Ok(()))
}

/// Reads what every start reads anyway: the small tables, and the end of the large one.
fn glance(connection: &Connection) -> rusqlite::Result<bool> {
    let probes = [
        "SELECT rev FROM store",
        "SELECT count(config) FROM accounts",
        "SELECT count(key) FROM conversations",
        "SELECT count(sort_ms) FROM (SELECT sort_ms FROM messages ORDER BY id DESC LIMIT 1)",
    ];
    for probe in probes {
        match connection.query_row(probe, [], |row| row.get::<_, i64>(0)) {
            Ok(_) => {}
            Err(error) if is_missing(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// A table or a row that every store has is not there.
fn is_missing(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::QueryReturnedNoRows)
        || error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_ERROR)
}

/// Reads everything.
fn reads_whole(connection: &Connection) -> rusqlite::Result<bool> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(verdict == "ok")
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Moves the file with its companions out of the way, and says where to.
fn set_aside(path: &Path, now: Timestamp) -> Result<PathBuf, OpenError> {
    let mut aside = beside(path, &format!(".corrupt-{}", now.0));
    for again in 1..ASIDE_TRIES {
        if !aside.exists() {
            break;
        }
        aside = beside(path, &format!(".corrupt-{}-{again}", now.0));
    }
    // The log goes first: one that stayed behind would be replayed into the new file.
    for companion in ["-wal", "-shm", "-journal"] {
        match std::fs::rename(beside(path, companion), beside(&aside, companion)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    std::fs::rename(path, &aside)?;
    remove_if_there(&suspect_path(path))?;
    Ok(aside)
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Exists while damage was met and not yet looked into.
fn suspect_path(path: &Path) -> PathBuf {
    beside(path, "-suspect")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Makes the folder, for its owner's eyes only.
fn make_folder(path: &Path) -> std::io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the file, for its owner's eyes only; SQLite gives its companions the same mode.
fn make_file(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
