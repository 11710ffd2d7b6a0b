use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use super::DbError;

/// Which SQL is spoken, for the rare statement that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
}

/// A value on its way into a statement. Only these four types cross the seam.
#[derive(Clone, Copy, Debug)]
pub enum V<'a> {
    /// NULL.
    Null,
    /// INTEGER.
    I(i64),
    /// TEXT.
    T(&'a str),
    /// BLOB.
    B(&'a [u8]),
}

impl ToSql for V<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::I(value) => ValueRef::Integer(*value),
            Self::T(value) => ValueRef::Text(value.as_bytes()),
            Self::B(value) => ValueRef::Blob(value),
        }))
    }
}

/// A row of an answer; columns count from 0.
pub trait RowGet {
    /// An INTEGER that is not NULL.
    fn int(&self, column: usize) -> Result<i64, DbError>;
    /// An INTEGER or NULL.
    fn opt_int(&self, column: usize) -> Result<Option<i64>, DbError>;
    /// A TEXT that is not NULL.
    fn text(&self, column: usize) -> Result<String, DbError>;
    /// A TEXT or NULL.
    fn opt_text(&self, column: usize) -> Result<Option<String>, DbError>;
    /// A BLOB that is not NULL.
    fn blob(&self, column: usize) -> Result<Vec<u8>, DbError>;
    /// A BLOB or NULL.
    fn opt_blob(&self, column: usize) -> Result<Option<Vec<u8>>, DbError>;
}

/// A transaction, whatever the engine. Statements are constants, parameters are `?1`, `?2`, ...
pub trait Tx {
    /// Which SQL is spoken.
    fn dialect(&self) -> Dialect;
    /// Runs a statement; returns how many rows it changed.
    fn exec(&mut self, sql: &'static str, values: &[V<'_>]) -> Result<u64, DbError>;
    /// Runs a query and hands every row to `row`.
    fn each(
        &mut self,
        sql: &'static str,
        values: &[V<'_>],
        row: &mut dyn FnMut(&dyn RowGet) -> Result<(), DbError>,
    ) -> Result<(), DbError>;
}

/// What follows from the three methods.
pub trait TxExt: Tx {
    /// All rows.
    fn all<T>(
        &mut self,
        sql: &'static str,
        values: &[V<'_>],
        read: impl Fn(&dyn RowGet) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let mut found = Vec::new();
        self.each(sql, values, &mut |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The one row, or none. More than one is a mistake in the statement.
    fn one<T>(
        &mut self,
        sql: &'static str,
        values: &[V<'_>],
        read: impl Fn(&dyn RowGet) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        let mut found = None;
        self.each(sql, values, &mut |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }
}

impl<X: Tx + ?Sized> TxExt for X {}

/// A transaction on SQLite. Whoever makes one has begun it.
pub(super) struct SqliteTx<'a> {
    connection: &'a Connection,
    /// Whether one was begun; a single read needs none.
    begun: bool,
    /// Why SQLite gave the transaction up by itself: a full disk, a failing one.
    lost: Option<DbError>,
    /// How many statements ran.
    ran: u64,
}

impl<'a> SqliteTx<'a> {
    pub(super) fn new(connection: &'a Connection, begun: bool) -> Self {
        Self { connection, begun, lost: None, ran: 0 }
    }

    /// How many statements ran.
    pub(super) fn ran(&self) -> u64 {
        self.ran
    }

    /// Why nothing of this transaction can be kept, if that is so.
    pub(super) fn lost(self) -> Option<DbError> {
        self.lost
    }

    /// Runs a statement; after the transaction was given up none runs any more, for it would be kept at once and alone.
    fn guarded<T>(&mut self, run: impl FnOnce(&Connection) -> Result<T, DbError>) -> Result<T, DbError> {
        if let Some(lost) = &self.lost {
            return Err(lost.clone());
        }
        self.ran += 1;
        let ran = run(self.connection);
        if let Err(error) = &ran
            && self.begun
            && self.connection.is_autocommit()
        {
            self.lost = Some(error.clone());
        }
        ran
    }
}

impl Tx for SqliteTx<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn exec(&mut self, sql: &'static str, values: &[V<'_>]) -> Result<u64, DbError> {
        self.guarded(|connection| {
            let changed = connection.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))?;
            Ok(changed as u64)
        })
    }

    fn each(
        &mut self,
        sql: &'static str,
        values: &[V<'_>],
        row: &mut dyn FnMut(&dyn RowGet) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        self.guarded(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            while let Some(found) = rows.next()? {
                row(&SqliteRow(found))?;
            }
            Ok(())
        })
    }
}

struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl SqliteRow<'_> {
    fn value(&self, column: usize) -> Result<ValueRef<'_>, DbError> {
        self.0.get_ref(column).map_err(DbError::from)
    }
}

fn wrong_type(column: usize) -> DbError {
    DbError::Other(format!("column {column} has another type than expected"))
}

impl RowGet for SqliteRow<'_> {
    fn int(&self, column: usize) -> Result<i64, DbError> {
        self.opt_int(column)?.ok_or_else(|| wrong_type(column))
    }

    fn opt_int(&self, column: usize) -> Result<Option<i64>, DbError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            _ => Err(wrong_type(column)),
        }
    }

    fn text(&self, column: usize) -> Result<String, DbError> {
        self.opt_text(column)?.ok_or_else(|| wrong_type(column))
    }

    fn opt_text(&self, column: usize) -> Result<Option<String>, DbError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => {
                let text = std::str::from_utf8(bytes).map_err(|_| wrong_type(column))?;
                Ok(Some(text.to_owned()))
            }
            _ => Err(wrong_type(column)),
        }
    }

    fn blob(&self, column: usize) -> Result<Vec<u8>, DbError> {
        self.opt_blob(column)?.ok_or_else(|| wrong_type(column))
    }

    fn opt_blob(&self, column: usize) -> Result<Option<Vec<u8>>, DbError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => Ok(Some(bytes.to_vec())),
            _ => Err(wrong_type(column)),
        }
    }
}
