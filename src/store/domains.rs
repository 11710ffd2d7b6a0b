//! Domains and who has proven to own them.

use super::damaged;
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::identity::DomainName;
use crate::ids::{DomainId, ParentId};
use crate::organization::{Domain, DomainState};

fn domain(row: &dyn RowGet) -> Result<Domain, DbError> {
    let at = |millis: Option<i64>| millis.map(Timestamp::from_millis);
    let state = match (row.text(4)?.as_str(), at(row.opt_int(6)?), at(row.opt_int(7)?)) {
        ("pending", _, _) => DomainState::Pending,
        ("verified", Some(since), _) => DomainState::Verified { since, vouched: row.int(5)? == 1 },
        ("failed", _, Some(checked)) => DomainState::Failed { checked, found: row.opt_text(8)?.unwrap_or_default() },
        _ => return Err(damaged("domain")),
    };
    Ok(Domain {
        id: DomainId(row.int(0)?),
        parent: ParentId(row.int(1)?),
        name: DomainName::parse(&row.text(2)?).map_err(|_| damaged("domain"))?,
        challenge: row.text(3)?,
        state,
    })
}

/// The domains of a parent organization, by name.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Domain>, DbError> {
    tx.all(
        "SELECT id, parent_id, name, challenge, state, vouched, verified_at, checked_at, found \
         FROM domain WHERE parent_id = ?1 ORDER BY name",
        &[V::I(parent.0)],
        domain,
    )
}

/// The parent organization that has proven to own a domain. At most one in the installation (rule B6).
pub fn verified_owner(tx: &mut dyn Tx, name: &DomainName) -> Result<Option<ParentId>, DbError> {
    tx.one("SELECT parent_id FROM domain WHERE name = ?1 AND state = 'verified'", &[V::T(name.as_str())], |row| {
        Ok(ParentId(row.int(0)?))
    })
}

/// A parent's claim to a domain.
pub fn find(tx: &mut dyn Tx, parent: ParentId, name: &DomainName) -> Result<Option<Domain>, DbError> {
    tx.one(
        "SELECT id, parent_id, name, challenge, state, vouched, verified_at, checked_at, found \
         FROM domain WHERE parent_id = ?1 AND name = ?2",
        &[V::I(parent.0), V::T(name.as_str())],
        domain,
    )
}

/// Adds a pending claim.
pub fn add(tx: &mut dyn Tx, parent: ParentId, name: &DomainName, challenge: &str) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO domain (parent_id, name, challenge, state) VALUES (?1, ?2, ?3, 'pending')",
        &[V::I(parent.0), V::T(name.as_str()), V::T(challenge)],
    )?;
    Ok(())
}

/// Marks a claim verified. The caller has looked at [`verified_owner`] in the same transaction.
pub fn set_verified(tx: &mut dyn Tx, id: DomainId, vouched: bool, now: Timestamp) -> Result<(), DbError> {
    tx.exec(
        "UPDATE domain SET state = 'verified', vouched = ?2, verified_at = ?3, found = NULL WHERE id = ?1",
        &[V::I(id.0), V::I(i64::from(vouched)), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Takes a claim away.
pub fn remove(tx: &mut dyn Tx, id: DomainId) -> Result<(), DbError> {
    tx.exec("DELETE FROM domain WHERE id = ?1", &[V::I(id.0)])?;
    Ok(())
}
