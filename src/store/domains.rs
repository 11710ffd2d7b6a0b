//! Domains and who has proven to own them.

use super::{damaged, from_list, to_list};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::identity::DomainName;
use crate::ids::{DomainId, ParentId};
use crate::organization::{Domain, DomainState, Found};

/// The columns that [`domain`] reads, in its order.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT id, parent_id, name, challenge, state, vouched, verified_at, checked_at, found, added_at, next_check_at, \
             lost_at FROM domain ",
            $condition
        )
    };
}

fn domain(row: &dyn RowGet) -> Result<Domain, DbError> {
    let at = |millis: Option<i64>| millis.map(Timestamp::from_millis);
    let state = match (row.text(4)?.as_str(), at(row.opt_int(6)?)) {
        ("pending", _) => DomainState::Pending,
        ("verified", Some(since)) => {
            DomainState::Verified { since, vouched: row.int(5)? == 1, lost: at(row.opt_int(11)?) }
        }
        ("failed", _) => DomainState::Failed,
        _ => return Err(damaged("domain")),
    };
    Ok(Domain {
        id: DomainId(row.int(0)?),
        parent: ParentId(row.int(1)?),
        name: DomainName::parse(&row.text(2)?).map_err(|_| damaged("domain"))?,
        challenge: row.text(3)?,
        state,
        added: Timestamp::from_millis(row.int(9)?),
        checked: at(row.opt_int(7)?),
        found: row.opt_text(8)?.map(|text| found(&text)).transpose()?,
        next_check: Timestamp::from_millis(row.int(10)?),
    })
}

/// A word and what belongs to it, as one list.
fn found(text: &str) -> Result<Found, DbError> {
    let mut list = from_list(text)?.into_iter();
    Ok(match (list.next().as_deref(), list.next()) {
        (Some("records"), first) => Found::Records(first.into_iter().chain(list).collect()),
        (Some("no_records"), None) => Found::NoRecords,
        (Some("no_such_name"), None) => Found::NoSuchName,
        (Some("server_failure"), Some(code)) => Found::ServerFailure(code),
        (Some("no_answer"), None) => Found::NoAnswer,
        (Some("other_parent"), None) => Found::OtherParent,
        _ => return Err(damaged("domain")),
    })
}

fn words(found: &Found) -> String {
    let (word, rest): (&str, &[String]) = match found {
        Found::Records(records) => ("records", records),
        Found::NoRecords => ("no_records", &[]),
        Found::NoSuchName => ("no_such_name", &[]),
        Found::ServerFailure(code) => ("server_failure", std::slice::from_ref(code)),
        Found::NoAnswer => ("no_answer", &[]),
        Found::OtherParent => ("other_parent", &[]),
    };
    let all: Vec<&str> = std::iter::once(word).chain(rest.iter().map(String::as_str)).collect();
    to_list(&all)
}

/// How many domains are in each state; `lost` are the verified ones whose record is gone.
pub fn states(tx: &mut dyn Tx) -> Result<Vec<(&'static str, u64)>, DbError> {
    let mut states = [("failed", 0), ("lost", 0), ("pending", 0), ("verified", 0)];
    tx.each("SELECT state, lost_at FROM domain", &[], &mut |row| {
        let word = if row.opt_int(1)?.is_some() { "lost".to_owned() } else { row.text(0)? };
        if let Some((_, count)) = states.iter_mut().find(|(state, _)| *state == word) {
            *count += 1;
        }
        Ok(())
    })?;
    Ok(states.to_vec())
}

/// The domains of a parent organization, by name.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Domain>, DbError> {
    tx.all(select!("WHERE parent_id = ?1 ORDER BY name"), &[V::I(parent.0)], domain)
}

/// The claim that was proven, whose ever it is. At most one in the installation (rule B6).
pub fn verified(tx: &mut dyn Tx, name: &DomainName) -> Result<Option<Domain>, DbError> {
    tx.one(select!("WHERE name = ?1 AND state = 'verified'"), &[V::T(name.as_str())], domain)
}

/// The parent organization that has proven to own a domain.
pub fn verified_owner(tx: &mut dyn Tx, name: &DomainName) -> Result<Option<ParentId>, DbError> {
    tx.one("SELECT parent_id FROM domain WHERE name = ?1 AND state = 'verified'", &[V::T(name.as_str())], |row| {
        Ok(ParentId(row.int(0)?))
    })
}

/// A parent's claim to a domain.
pub fn find(tx: &mut dyn Tx, parent: ParentId, name: &DomainName) -> Result<Option<Domain>, DbError> {
    tx.one(select!("WHERE parent_id = ?1 AND name = ?2"), &[V::I(parent.0), V::T(name.as_str())], domain)
}

/// A claim by its row.
pub fn by_id(tx: &mut dyn Tx, id: DomainId) -> Result<Option<Domain>, DbError> {
    tx.one(select!("WHERE id = ?1"), &[V::I(id.0)], domain)
}

/// At most `limit` claims whose time to be looked up has come, the longest overdue first. Vouched ones are not among them.
pub fn due(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<Vec<Domain>, DbError> {
    tx.all(
        select!("WHERE next_check_at <= ?1 AND vouched = 0 ORDER BY next_check_at LIMIT ?2"),
        &[V::I(now.as_millis()), V::I(i64::from(limit))],
        domain,
    )
}

/// Adds a pending claim, to be looked up at once.
pub fn add(
    tx: &mut dyn Tx,
    parent: ParentId,
    name: &DomainName,
    challenge: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO domain (parent_id, name, challenge, state, added_at, next_check_at) \
         VALUES (?1, ?2, ?3, 'pending', ?4, ?4)",
        &[V::I(parent.0), V::T(name.as_str()), V::T(challenge), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Writes state, what was found, and when to look again. [`DbError::Unique`] if another parent was verified meanwhile.
pub fn update(tx: &mut dyn Tx, changed: &Domain) -> Result<(), DbError> {
    let (word, since, vouched, lost) = match changed.state {
        DomainState::Pending => ("pending", None, false, None),
        DomainState::Verified { since, vouched, lost } => ("verified", Some(since), vouched, lost),
        DomainState::Failed => ("failed", None, false, None),
    };
    let at = |at: Option<Timestamp>| at.map_or(V::Null, |at| V::I(at.as_millis()));
    let found = changed.found.as_ref().map(words);
    tx.exec(
        "UPDATE domain SET state = ?2, vouched = ?3, verified_at = ?4, lost_at = ?5, checked_at = ?6, found = ?7, \
         next_check_at = ?8 WHERE id = ?1",
        &[
            V::I(changed.id.0),
            V::T(word),
            V::I(i64::from(vouched)),
            at(since),
            at(lost),
            at(changed.checked),
            found.as_deref().map_or(V::Null, V::T),
            V::I(changed.next_check.as_millis()),
        ],
    )?;
    Ok(())
}

/// Marks a claim verified. The caller has looked at [`verified_owner`] in the same transaction.
pub fn set_verified(tx: &mut dyn Tx, id: DomainId, vouched: bool, now: Timestamp) -> Result<(), DbError> {
    tx.exec(
        "UPDATE domain SET state = 'verified', vouched = ?2, verified_at = ?3, found = NULL, lost_at = NULL WHERE id = ?1",
        &[V::I(id.0), V::I(i64::from(vouched)), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Makes a claim another parent's, which has none of that name.
pub fn give_to(tx: &mut dyn Tx, id: DomainId, to: ParentId) -> Result<(), DbError> {
    tx.exec("UPDATE domain SET parent_id = ?2 WHERE id = ?1", &[V::I(id.0), V::I(to.0)])?;
    Ok(())
}

/// Takes a claim away.
pub fn remove(tx: &mut dyn Tx, id: DomainId) -> Result<(), DbError> {
    tx.exec("DELETE FROM domain WHERE id = ?1", &[V::I(id.0)])?;
    Ok(())
}
