//! One-time operator links and the short sessions they open: the way back in from the shell.

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, TxExt, V};

/// Keeps a new link.
pub fn add_link(
    tx: &mut dyn Tx,
    token_hash: &[u8; 32],
    made_by: &str,
    email: Option<&str>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO operator_link (token_hash, made_by, email, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            V::B(token_hash),
            V::T(made_by),
            email.map_or(V::Null, V::T),
            V::I(now.as_millis()),
            V::I(expires_at.as_millis()),
        ],
    )?;
    Ok(())
}

/// Uses a link up. Returns whether it was good.
pub fn use_link(tx: &mut dyn Tx, token_hash: &[u8; 32], now: Timestamp) -> Result<bool, DbError> {
    let used = tx.exec(
        "DELETE FROM operator_link WHERE token_hash = ?1 AND expires_at > ?2",
        &[V::B(token_hash), V::I(now.as_millis())],
    )?;
    Ok(used == 1)
}

/// Starts an operator's session.
pub fn add_session(
    tx: &mut dyn Tx,
    token_hash: &[u8; 32],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO operator_session (token_hash, created_at, expires_at) VALUES (?1, ?2, ?3)",
        &[V::B(token_hash), V::I(now.as_millis()), V::I(expires_at.as_millis())],
    )?;
    Ok(())
}

/// When an operator's session ends, if the token opens one that has not ended.
pub fn session_until(tx: &mut dyn Tx, token_hash: &[u8], now: Timestamp) -> Result<Option<Timestamp>, DbError> {
    tx.one(
        "SELECT expires_at FROM operator_session WHERE token_hash = ?1 AND expires_at > ?2",
        &[V::B(token_hash), V::I(now.as_millis())],
        |row| Ok(Timestamp::from_millis(row.int(0)?)),
    )
}

/// Ends an operator's session.
pub fn end_session(tx: &mut dyn Tx, token_hash: &[u8]) -> Result<bool, DbError> {
    Ok(tx.exec("DELETE FROM operator_session WHERE token_hash = ?1", &[V::B(token_hash)])? == 1)
}

/// Deletes what has passed its end.
pub fn purge(tx: &mut dyn Tx, now: Timestamp) -> Result<u64, DbError> {
    let links = tx.exec("DELETE FROM operator_link WHERE expires_at <= ?1", &[V::I(now.as_millis())])?;
    let sessions = tx.exec("DELETE FROM operator_session WHERE expires_at <= ?1", &[V::I(now.as_millis())])?;
    Ok(links + sessions)
}
