use std::cell::RefCell;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{DbError, Open, OpenError};

/// Held by a server as long as it lives, so that a second one on the same data directory is refused. Commands need none.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock is the open file")] File);

impl Lock {
    /// Takes the lock file.
    pub fn take(path: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}

/// Maps the first failures of opening to what they mean for the operator.
pub(super) fn open_error(path: &Path, error: impl Into<DbError>) -> OpenError {
    let path = path.to_owned();
    match error.into() {
        DbError::Corrupt => match std::fs::File::open(&path).map(is_sqlite) {
            Ok(true) => OpenError::Damaged { path },
            Ok(false) | Err(_) => OpenError::NotOurs { path },
        },
        DbError::ReadOnly => {
            OpenError::Unusable { path, source: std::io::Error::other("it cannot be opened for writing") }
        }
        source => OpenError::Sqlite { path, source },
    }
}

fn is_sqlite(mut file: File) -> bool {
    use std::io::Read as _;
    let mut head = [0; 16];
    file.read_exact(&mut head).is_ok() && &head == b"SQLite format 3\0"
}

/// Opens the file for writing, made if `how` allows, and changes nothing in it: whose it is has not been looked at yet.
pub(super) fn open_writer(path: &Path, how: Open) -> Result<Connection, OpenError> {
    let exists = path.exists();
    if !exists && how == Open::Existing {
        return Err(OpenError::Missing { path: path.to_owned() });
    }
    if !exists {
        // Made empty first, so that nobody else can ever read it; SQLite gives its log files the same mode.
        let made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
        match made {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(OpenError::Unusable { path: path.to_owned(), source }),
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| open_error(path, error))?;
    prepare(&connection)
        // A log left behind by whoever made the file stays as it is until the file is known to be ours.
        .and_then(|()| {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, exists && log_of(path).exists())
        })
        .and_then(|_| connection.execute_batch("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON;"))
        .map_err(|error| open_error(path, error))?;
    Ok(connection)
}

/// Settles in, in a file that is ours: nobody else reads it, the log is on.
pub(super) fn settle(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    if let Ok(known) = std::fs::metadata(path)
        && known.permissions().mode() & 0o077 != 0
    {
        let tightened = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
        tightened.map_err(|source| OpenError::Unusable { path: path.to_owned(), source })?;
    }
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
        .and_then(|_| {
            connection.execute_batch(
                "PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 PRAGMA cache_size = -16384;
                 PRAGMA temp_store = MEMORY;
                 PRAGMA journal_size_limit = 67108864;
                 PRAGMA wal_autocheckpoint = 16384;",
            )
        })
        .map_err(|error| open_error(path, error))
}

/// Looks through every page before anybody relies on the file; indexes are left to [`check_integrity`].
pub(super) fn look_through(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let found: Result<String, _> = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    match found {
        Ok(found) if found == "ok" => Ok(()),
        Ok(_) => Err(OpenError::Damaged { path: path.to_owned() }),
        Err(error) => Err(open_error(path, error)),
    }
}

/// SQLite's log beside a file.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// What writers and readers have in common. QPSG: without it, bundled SQLite (built with STAT4) prepares a statement anew when a
/// binding changes, which costs four times the look-up itself.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

fn open_reader(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    connection.execute_batch(
        "PRAGMA busy_timeout = 10000; PRAGMA query_only = 1; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}

thread_local! {
    /// This thread's readers, by file. A server has one file; a test program has many, one after the other.
    static READERS: RefCell<Vec<(PathBuf, Connection)>> = const { RefCell::new(Vec::new()) };
}

/// Hands this thread's reader to `work`. While it runs the reader is taken out, so that reads within reads open their own.
pub(super) fn with_reader<T, E: From<DbError>>(
    path: &Path,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let known = READERS
        .with_borrow_mut(|readers| readers.iter().position(|(of, _)| of == path).map(|at| readers.swap_remove(at)));
    let (of, connection) = match known {
        Some(known) => known,
        None => (path.to_owned(), open_reader(path)?),
    };
    let read = work(&connection);
    // A panic or an unfinished transaction drops the reader instead of keeping it.
    if connection.is_autocommit() {
        READERS.with_borrow_mut(|readers| {
            if readers.len() >= 4 {
                readers.remove(0);
            }
            readers.push((of, connection));
        });
    }
    read
}

/// Writes a consistent copy of `path` to `target`: under another name first, on disk, then renamed.
pub(super) fn backup(path: &Path, target: &Path) -> Result<(), OpenError> {
    let unusable = |source| OpenError::Unusable { path: target.to_owned(), source };
    let same = |a: &Path, b: &Path| matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    // A server would go on writing into a file that has no name any more.
    if same(path, target) {
        return Err(unusable(std::io::Error::other("it is the database itself")));
    }
    let mut partial = target.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unusable(error)),
        Ok(()) | Err(_) => {}
    }
    let copied = copy(path, &partial).and_then(|()| std::fs::rename(&partial, target).map_err(unusable));
    if copied.is_err() {
        let _ = std::fs::remove_file(&partial);
        return copied;
    }
    if let Some(directory) = target.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(unusable)?;
    }
    Ok(())
}

fn copy(path: &Path, target: &Path) -> Result<(), OpenError> {
    let unusable = |source| OpenError::Unusable { path: target.to_owned(), source };
    // Made with the right mode before there is anything to read in it; VACUUM INTO fills an empty file.
    let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(target).map_err(unusable)?;
    let name = target.to_str().ok_or_else(|| unusable(std::io::Error::other("the path is not UTF-8")))?;
    let reader = open_reader(path).map_err(|error| open_error(path, error))?;
    reader.execute_batch("PRAGMA query_only = 0").map_err(|error| open_error(path, error))?;
    reader.execute("VACUUM INTO ?1", [name]).map_err(|error| open_error(target, error))?;
    file.sync_all().map_err(unusable)
}

/// Checks the whole file: pages, indexes and foreign keys. Returns what is wrong, in SQLite's words; empty is sound. Blocks.
pub fn check_integrity(path: &Path) -> Result<Vec<String>, OpenError> {
    let reader = open_reader(path).map_err(|error| open_error(path, error))?;
    let check = || -> rusqlite::Result<Vec<String>> {
        let mut found: Vec<String> = reader
            .prepare("PRAGMA integrity_check")?
            .query_map([], |row| row.get::<_, String>(0))?
            .collect::<rusqlite::Result<_>>()?;
        found.retain(|line| line != "ok");
        let orphans = reader
            .prepare("PRAGMA foreign_key_check")?
            .query_map([], |row| row.get::<_, String>(0))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        found.extend(orphans.into_iter().map(|table| format!("{table} refers to a row that is gone")));
        Ok(found)
    };
    check().map_err(|error| open_error(path, error))
}
