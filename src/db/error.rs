use std::path::PathBuf;

/// Why a statement or a transaction failed. Not found is no failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// A UNIQUE or PRIMARY KEY constraint.
    #[error("it is there already")]
    Unique,
    /// A CHECK, NOT NULL, FOREIGN KEY or trigger said no.
    #[error("the database refuses it: {0}")]
    Refused(String),
    /// Two transactions met; running the work again may help.
    #[error("another change came in between; try again")]
    Retry,
    /// Another process held the database for longer than ten seconds.
    #[error("the database is locked by another process; try again")]
    Busy,
    /// No room on the disk.
    #[error("the disk is full; make room, nothing was written")]
    Full,
    /// The file or its disk cannot be written.
    #[error("the database cannot be written: is the data directory read-only?")]
    ReadOnly,
    /// The file is damaged.
    #[error("the database file is damaged; restore a backup")]
    Corrupt,
    /// The work panicked; it was rolled back.
    #[error("an internal error; nothing was written")]
    Panicked,
    /// The writer has stopped, or its queue is full.
    #[error("the database takes no more work just now")]
    Stopped,
    /// Anything else, in SQLite's words.
    #[error("{0}")]
    Other(String),
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        use rusqlite::ffi;
        let rusqlite::Error::SqliteFailure(code, text) = &error else { return Self::Other(error.to_string()) };
        let said = || text.clone().unwrap_or_else(|| code.to_string());
        match code.code {
            ErrorCode::ConstraintViolation => match code.extended_code {
                ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
                    Self::Unique
                }
                _ => Self::Refused(said()),
            },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => Self::ReadOnly,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt,
            _ => Self::Other(said()),
        }
    }
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none where one was expected.
    #[error("there is no database at {path}; start `usher serve` or `usher apply` with this data directory first")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The directory or file cannot be used.
    #[error("{path} cannot be used; it must belong to, and be writable by, the user that runs Usher")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Another server runs on this data directory.
    #[error("another Usher already serves {path}; stop it first, or choose another data directory")]
    InUse {
        /// The lock file.
        path: PathBuf,
    },
    /// A file that Usher did not make.
    #[error("{path} is not an Usher database; it was left untouched. Move it away, or choose another data directory")]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error("{path} is damaged; it was left untouched. Restore a backup with `usher restore`")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Made by a newer version.
    #[error(
        "{path} has version {found}, this Usher knows up to {known}: use the newer Usher, or restore a backup made before the upgrade"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version this binary knows.
        known: u32,
    },
    /// Made by an older version, and only the server migrates.
    #[error("{path} has version {found} and needs {known}: start `usher serve` once, it migrates and keeps a copy")]
    Older {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version needed.
        known: u32,
    },
    /// A migration that ran is not the one this binary has.
    #[error("migration {number} of {path} is not the one this Usher has; use the Usher that made it")]
    EditedMigration {
        /// The file.
        path: PathBuf,
        /// Which.
        number: u32,
    },
    /// A migration failed; the file is as before.
    #[error("migration {number} of {path} failed and was rolled back; a copy is at {copy}")]
    MigrationFailed {
        /// The file.
        path: PathBuf,
        /// Which.
        number: u32,
        /// Where the copy is.
        copy: PathBuf,
        /// Why.
        #[source]
        source: DbError,
    },
    /// Anything else.
    #[error("{path} cannot be opened")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: DbError,
    },
}

impl OpenError {
    /// Whether another version of Usher, or of the file, is what is needed.
    pub fn needs_another_version(&self) -> bool {
        matches!(self, Self::Newer { .. } | Self::Older { .. } | Self::EditedMigration { .. })
    }
}
