//! The database engine: one writer with group commit, readers beside it, migrations, backup. Knows no table of ours.
//!
//! SQLite in WAL mode, `synchronous=FULL`: what is acknowledged is on disk. Concurrent requests share a commit. Another process
//! (a command) may write to the same file at any time, so nothing read here is remembered.

mod error;
mod file;
mod migrate;
mod tx;
mod writer;

pub use error::{DbError, OpenError};
pub use file::{Lock, check_integrity};
pub use migrate::Migration;
pub use tx::{Dialect, RowGet, Tx, TxExt, V};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use writer::Writer;

/// A handle on the database; cheap to clone. The writer ends, and the log is folded into the file, when the last one goes.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    // Dropped in this order: the writer first, so that the directory is quiet when it is removed.
    writer: Writer,
    path: PathBuf,
    /// Statements of readers, where debug assertions are on.
    read: AtomicU64,
    _directory: Option<TemporaryDirectory>,
}

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// By the server: created if missing, migrated if older, with background checkpoints.
    Serve,
    /// By a command: created if missing, but an older file is left to the server.
    Command,
    /// By a command that has no business making a database.
    Existing,
}

/// How often opening is tried again where SQLite did not wait for another process, and how long after.
const BUSY_TRIES: u32 = 3;
const BUSY_PAUSE: Duration = Duration::from_millis(100);

impl Db {
    /// Opens the file, checks whose and how new it is, and brings it up to date where `how` allows. Blocks.
    pub fn open(path: &Path, migrations: &[Migration], how: Open) -> Result<Self, OpenError> {
        Self::open_in(path, migrations, how, None)
    }

    /// A database in a directory of its own that is removed with the last handle: for the demo and for tests.
    pub fn temporary(migrations: &[Migration]) -> Result<Self, OpenError> {
        let directory = TemporaryDirectory::new()?;
        let path = directory.0.join("usher.db");
        Self::open_in(&path, migrations, Open::Serve, Some(directory))
    }

    fn open_in(
        path: &Path,
        migrations: &[Migration],
        how: Open,
        directory: Option<TemporaryDirectory>,
    ) -> Result<Self, OpenError> {
        let mut tries = 0;
        let connection = loop {
            match Self::settle_in(path, migrations, how) {
                // While another process makes the file or switches its log on, SQLite turns this one away at once.
                Err(OpenError::Sqlite { source: DbError::Busy, .. }) if tries < BUSY_TRIES => {
                    tries += 1;
                    std::thread::sleep(BUSY_PAUSE);
                }
                settled => break settled?,
            }
        };
        let writer = Writer::start(connection, path, how == Open::Serve)?;
        Ok(Self {
            inner: Arc::new(Inner { writer, path: path.to_owned(), read: AtomicU64::new(0), _directory: directory }),
        })
    }

    /// The file, checked and brought up to date.
    fn settle_in(path: &Path, migrations: &[Migration], how: Open) -> Result<rusqlite::Connection, OpenError> {
        let connection = file::open_writer(path, how)?;
        let found = migrate::look(&connection, path, migrations, how)?;
        file::settle(&connection, path)?;
        if how == Open::Serve && found > 0 {
            file::look_through(&connection, path)?;
        }
        migrate::bring_up_to_date(&connection, path, migrations, found)?;
        Ok(connection)
    }

    /// Runs `work` in a transaction on the writer and answers when it is on disk. `Err` rolls back this work alone. It may run
    /// twice, so what it needs (time, ids, tokens) comes in with it.
    pub async fn write<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, DbError> + Send + 'static,
    {
        self.try_write(work).await
    }

    /// As [`Db::write`], for work with an error of its own; that error rolls back too.
    pub async fn try_write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        let answer = self.inner.writer.send(work)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Stopped.into()))
    }

    /// As [`Db::try_write`], for work that takes more than a moment: in a transaction of its own, so that nobody waits for it who
    /// came before.
    pub async fn try_write_alone<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        let answer = self.inner.writer.send_alone(work)?;
        answer.await.unwrap_or_else(|_| Err(DbError::Stopped.into()))
    }

    /// As [`Db::try_write`], for commands: blocks. Must not be called on an async thread.
    pub fn write_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        let answer = self.inner.writer.send(work)?;
        answer.blocking_recv().unwrap_or_else(|_| Err(DbError::Stopped.into()))
    }

    /// As [`Db::write_blocking`], for a slice of large work: in a transaction of its own.
    pub fn write_alone_blocking<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        let answer = self.inner.writer.send_alone(work)?;
        answer.blocking_recv().unwrap_or_else(|_| Err(DbError::Stopped.into()))
    }

    /// Reads one snapshot, inline on this thread: for point reads of some microseconds.
    pub fn read<T, E: From<DbError>>(&self, work: impl FnOnce(&mut dyn Tx) -> Result<T, E>) -> Result<T, E> {
        file::with_reader(&self.inner.path, |connection| {
            connection.prepare_cached("BEGIN").and_then(|mut begin| begin.execute([])).map_err(DbError::from)?;
            let mut tx = tx::SqliteTx::new(connection, true);
            let read = work(&mut tx);
            self.count(&tx);
            // A reader that cannot end its transaction would pin the log; it is closed instead.
            connection.prepare_cached("COMMIT").and_then(|mut end| end.execute([])).map_err(DbError::from)?;
            read
        })
    }

    /// Reads a single statement, inline on this thread, without a transaction around it: the cheapest read there is.
    pub fn read_one<T, E: From<DbError>>(&self, work: impl FnOnce(&mut dyn Tx) -> Result<T, E>) -> Result<T, E> {
        file::with_reader(&self.inner.path, |connection| {
            let mut tx = tx::SqliteTx::new(connection, false);
            let read = work(&mut tx);
            self.count(&tx);
            read
        })
    }

    /// How many statements readers have run so far, for tests that bound what a page costs. Counted where debug assertions are on;
    /// else 0, for counting would have all threads write to one place on every request.
    pub fn statements_read(&self) -> u64 {
        self.inner.read.load(Ordering::Relaxed)
    }

    fn count(&self, tx: &tx::SqliteTx<'_>) {
        if cfg!(debug_assertions) {
            self.inner.read.fetch_add(tx.ran(), Ordering::Relaxed);
        }
    }

    /// Reads one snapshot on a thread that may block: for lists, plans and exports.
    pub async fn read_heavy<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        let db = self.clone();
        tokio::task::spawn_blocking(move || db.read(work)).await.unwrap_or_else(|_| Err(DbError::Panicked.into()))
    }

    /// Writes a consistent copy beside what is going on, complete and on disk before it gets its name. Blocks.
    pub fn backup_to(&self, target: &Path) -> Result<(), OpenError> {
        file::backup(&self.inner.path, target)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Db").field(&self.inner.path).finish()
    }
}

struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    fn new() -> Result<Self, OpenError> {
        use std::os::unix::fs::DirBuilderExt as _;
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        loop {
            let n = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("usher-{}-{n}", std::process::id()));
            match std::fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && n < 10_000 => {}
                Err(source) => return Err(OpenError::Unusable { path, source }),
            }
        }
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests;
