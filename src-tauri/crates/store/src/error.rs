//! What can go wrong, told apart as far as somebody decides by it.

use rusqlite::ErrorCode;

/// The result of everything that touches an open store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why a read or a write did not come about. A write that fails has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full, failing or read-only. The same write may succeed later.
    #[error("the disk did not take it: {0}")]
    Disk(#[source] rusqlite::Error),
    /// Another program holds the file.
    #[error("another program holds the history: {0}")]
    Busy(#[source] rusqlite::Error),
    /// The file is damaged. The next [`open`](crate::open) checks all of it and sets it aside if need be.
    #[error("the history is damaged: {0}")]
    Corrupt(#[source] rusqlite::Error),
    /// A value in the file cannot be read.
    #[error("the history holds a value that cannot be read: {what}")]
    Value {
        /// Which.
        what: &'static str,
    },
    /// The account or conversation that was to be changed does not exist any more.
    #[error("what was to be changed is gone")]
    Gone,
    /// A value could not be put into words for the file.
    #[error("a value cannot be stored: {0}")]
    Json(#[from] serde_json::Error),
    /// Anything else; a bug.
    #[error("the history could not be used: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

impl StoreError {
    /// The disk is full, failing or read-only: the user can mend it, and trying again can help.
    #[must_use]
    pub fn is_disk(&self) -> bool {
        matches!(self, Self::Disk(_))
    }

    /// Another program holds the file: trying again can help.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_))
    }

    /// The file is damaged: a restart checks it whole.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::Corrupt(_))
    }

    /// What was to be changed does not exist any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Gone)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error_code() else { return Self::Sqlite(error) };
        if matches!(
            code,
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::NoLargeFileSupport
        ) {
            Self::Disk(error)
        } else if matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) {
            Self::Busy(error)
        } else if matches!(code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) {
            Self::Corrupt(error)
        } else if is_missing_parent(&error) {
            Self::Gone
        } else {
            Self::Sqlite(error)
        }
    }
}

/// A row was to be added to an account or a conversation that is not there.
fn is_missing_parent(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file was written by a newer version of the program. It is left as it is.
    #[error(
        "the history was written by a newer version (format {found}; this version knows formats up to {known})"
    )]
    Newer {
        /// The version of its schema.
        found: u32,
        /// The newest that is known here.
        known: u32,
    },
    /// Another program has it open.
    #[error("Whinchat is running already and uses this history")]
    InUse,
    /// SQLite could not open or upgrade it.
    #[error("the history cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The folder or file could not be made or moved.
    #[error("the history's file cannot be reached: {0}")]
    Io(#[from] std::io::Error),
}
