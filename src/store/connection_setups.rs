//! Connections that are being set up on pages, and the links that let a colleague do it.

use super::damaged;
use crate::clock::Timestamp;
use crate::connection::{ConnectionSetup, SetupLink};
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{ParentId, PersonId, Slug};

fn setup(row: &dyn RowGet) -> Result<ConnectionSetup, DbError> {
    Ok(ConnectionSetup {
        slug: Slug::parse(&row.text(0)?).map_err(|_| damaged("slug"))?,
        parent: ParentId(row.int(1)?),
        vendor: row.text(2)?,
        label: row.text(3)?,
        begun: Timestamp::from_millis(row.int(4)?),
    })
}

/// What is being set up under a slug.
pub fn find(tx: &mut dyn Tx, slug: &Slug) -> Result<Option<ConnectionSetup>, DbError> {
    tx.one(
        "SELECT slug, parent_id, vendor, label, begun_at FROM connection_setup WHERE slug = ?1",
        &[V::T(slug.as_str())],
        setup,
    )
}

/// What a parent organization sets up or has set up on pages, by slug.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<ConnectionSetup>, DbError> {
    tx.all(
        "SELECT slug, parent_id, vendor, label, begun_at FROM connection_setup WHERE parent_id = ?1 ORDER BY slug",
        &[V::I(parent.0)],
        setup,
    )
}

/// Begins one. [`DbError::Unique`] if the slug is taken.
pub fn add(tx: &mut dyn Tx, new: &ConnectionSetup) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO connection_setup (slug, parent_id, vendor, label, begun_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            V::T(new.slug.as_str()),
            V::I(new.parent.0),
            V::T(&new.vendor),
            V::T(&new.label),
            V::I(new.begun.as_millis()),
        ],
    )?;
    Ok(())
}

/// Gives one up, with its links.
pub fn remove(tx: &mut dyn Tx, slug: &Slug) -> Result<(), DbError> {
    tx.exec("DELETE FROM setup_link WHERE slug = ?1", &[V::T(slug.as_str())])?;
    tx.exec("DELETE FROM connection_setup WHERE slug = ?1", &[V::T(slug.as_str())])?;
    Ok(())
}

fn link(row: &dyn RowGet) -> Result<SetupLink, DbError> {
    let at = |millis: Option<i64>| millis.map(Timestamp::from_millis);
    Ok(SetupLink {
        id: row.int(0)?,
        slug: Slug::parse(&row.text(1)?).map_err(|_| damaged("slug"))?,
        maker: row.opt_int(2)?.map(PersonId),
        made: Timestamp::from_millis(row.int(3)?),
        expires: Timestamp::from_millis(row.int(4)?),
        revoked: at(row.opt_int(5)?),
        used: at(row.opt_int(6)?),
        used_from: row.opt_text(7)?,
    })
}

/// The link of this hash, whether it still opens anything or not.
pub fn link_by_hash(tx: &mut dyn Tx, token_hash: &[u8; 32]) -> Result<Option<SetupLink>, DbError> {
    tx.one(
        "SELECT id, slug, maker_id, made_at, expires_at, revoked_at, used_at, used_from FROM setup_link WHERE token_hash = ?1",
        &[V::B(token_hash)],
        link,
    )
}

/// The link of a row.
pub fn link_by_id(tx: &mut dyn Tx, id: i64) -> Result<Option<SetupLink>, DbError> {
    tx.one(
        "SELECT id, slug, maker_id, made_at, expires_at, revoked_at, used_at, used_from FROM setup_link WHERE id = ?1",
        &[V::I(id)],
        link,
    )
}

/// The links of a connection, newest first.
pub fn links_of(tx: &mut dyn Tx, slug: &Slug) -> Result<Vec<SetupLink>, DbError> {
    tx.all(
        "SELECT id, slug, maker_id, made_at, expires_at, revoked_at, used_at, used_from FROM setup_link \
         WHERE slug = ?1 ORDER BY id DESC",
        &[V::T(slug.as_str())],
        link,
    )
}

/// Keeps a new link.
pub fn add_link(
    tx: &mut dyn Tx,
    slug: &Slug,
    token_hash: &[u8; 32],
    maker: Option<PersonId>,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO setup_link (slug, token_hash, maker_id, made_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            V::T(slug.as_str()),
            V::B(token_hash),
            maker.map_or(V::Null, |id| V::I(id.0)),
            V::I(now.as_millis()),
            V::I(expires.as_millis()),
        ],
    )?;
    Ok(())
}

/// Revokes a link of a connection. Returns whether there was one to revoke.
pub fn revoke_link(tx: &mut dyn Tx, slug: &Slug, id: i64, now: Timestamp) -> Result<bool, DbError> {
    let revoked = tx.exec(
        "UPDATE setup_link SET revoked_at = ?3 WHERE id = ?2 AND slug = ?1 AND revoked_at IS NULL",
        &[V::T(slug.as_str()), V::I(id), V::I(now.as_millis())],
    )?;
    Ok(revoked == 1)
}

/// Notes the last use of a link.
pub fn set_link_used(tx: &mut dyn Tx, id: i64, at: Timestamp, from: Option<&str>) -> Result<(), DbError> {
    tx.exec(
        "UPDATE setup_link SET used_at = ?2, used_from = ?3 WHERE id = ?1",
        &[V::I(id), V::I(at.as_millis()), from.map_or(V::Null, V::T)],
    )?;
    Ok(())
}

/// Deletes at most `limit` links that have opened nothing since `before`. Returns how many.
pub fn purge_links(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<u64, DbError> {
    tx.exec(
        "DELETE FROM setup_link WHERE id IN (SELECT id FROM setup_link WHERE expires_at < ?1 LIMIT ?2)",
        &[V::I(before.as_millis()), V::I(i64::from(limit))],
    )
}
