use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::file::{backup, open_error};
use super::{DbError, Open, OpenError};

/// Number, name and SQL of one step. Numbers count from 1 without gaps; a released step is never edited.
pub type Migration = (u32, &'static str, &'static str);

/// "USHR": marks a SQLite file as ours.
const APPLICATION_ID: i64 = 0x5553_4852;

const LEDGER: &str = "CREATE TABLE migration (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;";

/// FNV-1a: notices an edited step, no more.
fn checksum(sql: &str) -> i64 {
    let hash = sql
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash.cast_signed()
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, DbError> {
    Ok(connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?)
}

/// Checks whose file it is and how new, changing nothing. Returns its version; 0 is a new file.
pub(super) fn look(
    connection: &Connection,
    path: &Path,
    migrations: &[Migration],
    how: Open,
) -> Result<u32, OpenError> {
    let at = |error: DbError| open_error(path, error);
    let known = newest(migrations);
    let found = whose(connection).map_err(|error| match error {
        Whose::NotOurs => OpenError::NotOurs { path: path.to_owned() },
        Whose::Failed(error) => at(error),
    })?;
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    if found > 0 {
        if let Some(number) = edited(connection, migrations).map_err(at)? {
            return Err(OpenError::EditedMigration { path: path.to_owned(), number });
        }
        if found < known && how != Open::Serve {
            return Err(OpenError::Older { path: path.to_owned(), found, known });
        }
    }
    Ok(found)
}

/// Runs what a file of version `found` is missing, each step in a transaction of its own; a copy is kept first.
pub(super) fn bring_up_to_date(
    connection: &Connection,
    path: &Path,
    migrations: &[Migration],
    found: u32,
) -> Result<(), OpenError> {
    let at = |error: DbError| open_error(path, error);
    let known = newest(migrations);
    if found == known {
        return Ok(());
    }
    let mut copy = path.as_os_str().to_owned();
    copy.push(format!(".before-{known}"));
    let copy = PathBuf::from(copy);
    if found > 0 {
        backup(path, &copy)?;
    }
    // Foreign keys cannot be switched inside a transaction; each step is checked as a whole before it commits.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false).map_err(|error| at(error.into()))?;
    for migration in migrations.iter().filter(|(number, ..)| *number > found) {
        run(connection, migration).map_err(|source| match found {
            // There was nothing to copy.
            0 => open_error(path, source),
            _ => OpenError::MigrationFailed { path: path.to_owned(), number: migration.0, copy: copy.clone(), source },
        })?;
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true).map_err(|error| at(error.into()))?;
    Ok(())
}

fn newest(migrations: &[Migration]) -> u32 {
    migrations.last().map_or(0, |(number, ..)| *number)
}

enum Whose {
    NotOurs,
    Failed(DbError),
}

impl From<DbError> for Whose {
    fn from(error: DbError) -> Self {
        Self::Failed(error)
    }
}

/// The version of a file that is ours; 0 for an empty one.
fn whose(connection: &Connection) -> Result<u32, Whose> {
    let tables = connection
        .query_row("SELECT COUNT(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0))
        .map_err(DbError::from)?;
    match (pragma(connection, "application_id")?, tables) {
        (APPLICATION_ID, _) => {
            let version = pragma(connection, "user_version")?;
            u32::try_from(version).map_err(|_| Whose::NotOurs)
        }
        (0, 0) => Ok(0),
        _ => Err(Whose::NotOurs),
    }
}

/// The first step that ran and differs from the one we have.
fn edited(connection: &Connection, migrations: &[Migration]) -> Result<Option<u32>, DbError> {
    let mut statement = connection.prepare("SELECT number, checksum FROM migration ORDER BY number")?;
    let ran = statement
        .query_map([], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let same =
        |number: u32, sum: i64| migrations.iter().any(|(known, _, sql)| *known == number && checksum(sql) == sum);
    Ok(ran.into_iter().find(|(number, sum)| !same(*number, *sum)).map(|(number, _)| number))
}

fn run(connection: &Connection, (number, name, sql): &Migration) -> Result<(), DbError> {
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    let ran = step(connection, *number, name, sql);
    match ran {
        Ok(()) => Ok(connection.execute_batch("COMMIT")?),
        Err(error) => {
            connection.execute_batch("ROLLBACK")?;
            Err(error)
        }
    }
}

fn step(connection: &Connection, number: u32, name: &str, sql: &str) -> Result<(), DbError> {
    // Another process may have been here while this one waited for the lock.
    if pragma(connection, "user_version")? >= i64::from(number) {
        return Ok(());
    }
    if number == 1 {
        connection.execute_batch(LEDGER)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    connection.execute_batch(sql)?;
    connection.execute(
        "INSERT INTO migration (number, name, checksum) VALUES (?1, ?2, ?3)",
        rusqlite::params![number, name, checksum(sql)],
    )?;
    connection.pragma_update(None, "user_version", number)?;
    let orphans = connection.prepare("PRAGMA foreign_key_check")?.exists([])?;
    if orphans { Err(DbError::Refused("it leaves rows that refer to nothing".to_owned())) } else { Ok(()) }
}
