//! Facts about the installation itself.

use crate::db::{DbError, Tx, TxExt, V};

/// Reads a setting.
pub fn get(tx: &mut dyn Tx, key: &str) -> Result<Option<String>, DbError> {
    tx.one("SELECT value FROM setting WHERE key = ?1", &[V::T(key)], |row| row.text(0))
}

/// Writes a setting.
pub fn set(tx: &mut dyn Tx, key: &str, value: &str) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        &[V::T(key), V::T(value)],
    )?;
    Ok(())
}
