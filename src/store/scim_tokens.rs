//! Tokens for directory pushes, hashed.

use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::ParentId;

/// A token as it is kept: never itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimToken {
    /// Its row.
    pub id: i64,
    /// Whose directory it opens.
    pub parent: ParentId,
    /// What the admin calls it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when; `None` is without end.
    pub expires_at: Option<Timestamp>,
    /// Used last, to the second.
    pub last_used_at: Option<Timestamp>,
    /// From which address.
    pub last_used_from: Option<String>,
    /// An organizations file has named it by its value.
    pub declared: bool,
}

fn token(row: &dyn RowGet) -> Result<ScimToken, DbError> {
    Ok(ScimToken {
        id: row.int(0)?,
        parent: ParentId(row.int(1)?),
        name: row.text(2)?,
        created_at: Timestamp::from_millis(row.int(3)?),
        expires_at: row.opt_int(4)?.map(Timestamp::from_millis),
        last_used_at: row.opt_int(5)?.map(Timestamp::from_millis),
        last_used_from: row.opt_text(6)?,
        declared: row.int(7)? == 1,
    })
}

/// The tokens of a parent organization that were not revoked, oldest first.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<ScimToken>, DbError> {
    tx.all(
        "SELECT id, parent_id, name, created_at, expires_at, last_used_at, last_used_from, declared FROM scim_token \
         WHERE parent_id = ?1 AND revoked_at IS NULL ORDER BY id",
        &[V::I(parent.0)],
        token,
    )
}

/// The token of this hash, if it was not revoked.
pub fn by_hash(tx: &mut dyn Tx, token_hash: &[u8; 32]) -> Result<Option<ScimToken>, DbError> {
    tx.one(
        "SELECT id, parent_id, name, created_at, expires_at, last_used_at, last_used_from, declared FROM scim_token \
         WHERE token_hash = ?1 AND revoked_at IS NULL",
        &[V::B(token_hash)],
        token,
    )
}

/// The token of this id, if it was not revoked.
pub fn by_id(tx: &mut dyn Tx, id: i64) -> Result<Option<ScimToken>, DbError> {
    tx.one(
        "SELECT id, parent_id, name, created_at, expires_at, last_used_at, last_used_from, declared FROM scim_token \
         WHERE id = ?1 AND revoked_at IS NULL",
        &[V::I(id)],
        token,
    )
}

/// Keeps a token's hash. Returns `false` if this very token is kept already.
pub fn add(
    tx: &mut dyn Tx,
    parent: ParentId,
    name: &str,
    token_hash: &[u8; 32],
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<bool, DbError> {
    let added = tx.exec(
        "INSERT INTO scim_token (parent_id, name, token_hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (token_hash) DO NOTHING",
        &[
            V::I(parent.0),
            V::T(name),
            V::B(token_hash),
            V::I(now.as_millis()),
            expires_at.map_or(V::Null, |at| V::I(at.as_millis())),
        ],
    )?;
    Ok(added == 1)
}

/// Notes that an organizations file has named a token by its value.
pub fn set_declared(tx: &mut dyn Tx, id: i64) -> Result<(), DbError> {
    tx.exec("UPDATE scim_token SET declared = 1 WHERE id = ?1 AND declared = 0", &[V::I(id)])?;
    Ok(())
}

/// Revokes a token. Returns whether there was one to revoke.
pub fn revoke(tx: &mut dyn Tx, id: i64, now: Timestamp) -> Result<bool, DbError> {
    let revoked = tx.exec(
        "UPDATE scim_token SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
        &[V::I(id), V::I(now.as_millis())],
    )?;
    Ok(revoked == 1)
}

/// Notes the last use of a token.
pub fn set_used(tx: &mut dyn Tx, id: i64, at: Timestamp, from: &str) -> Result<(), DbError> {
    tx.exec(
        "UPDATE scim_token SET last_used_at = ?2, last_used_from = ?3 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)",
        &[V::I(id), V::I(at.as_millis()), V::T(from)],
    )?;
    Ok(())
}
