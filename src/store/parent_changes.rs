//! Organizations that are to change their parent: codes that let one propose to join, and proposals.

use super::damaged;
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{OrganizationId, ParentId};

/// Keeps a code, by its hash.
pub fn add_code(
    tx: &mut dyn Tx,
    hash: &[u8; 32],
    parent: ParentId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO parent_code (code_hash, parent_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
        &[V::B(hash), V::I(parent.0), V::I(now.as_millis()), V::I(expires_at.as_millis())],
    )?;
    Ok(())
}

/// The parent that a code leads to, as long as it has not run out.
pub fn parent_of_code(tx: &mut dyn Tx, hash: &[u8; 32], now: Timestamp) -> Result<Option<ParentId>, DbError> {
    tx.one(
        "SELECT parent_id FROM parent_code WHERE code_hash = ?1 AND expires_at > ?2",
        &[V::B(hash), V::I(now.as_millis())],
        |row| Ok(ParentId(row.int(0)?)),
    )
}

/// When each code of a parent runs out, the first to do so first.
pub fn codes_of(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Timestamp>, DbError> {
    tx.all("SELECT expires_at FROM parent_code WHERE parent_id = ?1 ORDER BY expires_at", &[V::I(parent.0)], |row| {
        Ok(Timestamp::from_millis(row.int(0)?))
    })
}

/// Takes one code away.
pub fn remove_code(tx: &mut dyn Tx, hash: &[u8; 32]) -> Result<(), DbError> {
    tx.exec("DELETE FROM parent_code WHERE code_hash = ?1", &[V::B(hash)])?;
    Ok(())
}

/// Takes the codes of a parent away that run out before `until`. Returns how many.
pub fn remove_codes(tx: &mut dyn Tx, parent: ParentId, until: Timestamp) -> Result<u64, DbError> {
    tx.exec(
        "DELETE FROM parent_code WHERE parent_id = ?1 AND expires_at <= ?2",
        &[V::I(parent.0), V::I(until.as_millis())],
    )
}

/// A proposal that an organization changes its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its row.
    pub id: i64,
    /// Which organization.
    pub organization: OrganizationId,
    /// The parent it had when it was proposed.
    pub from: ParentId,
    /// The parent it is to have; `None` is one of its own.
    pub to: Option<ParentId>,
    /// Who proposed it, as the audit log names people.
    pub proposed_by: String,
    /// The mark of what they were shown.
    pub seen: String,
    /// When.
    pub created_at: Timestamp,
    /// From when on it can no longer be approved.
    pub expires_at: Timestamp,
}

impl Proposal {
    /// The parent whose founding organization decides.
    pub fn decides(&self) -> ParentId {
        self.to.unwrap_or(self.from)
    }
}

/// How a proposal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalEnd {
    /// It was carried out.
    Approved,
    /// The side that decides does not want it.
    Declined,
    /// The side that proposed it no longer wants it.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
}

impl ProposalEnd {
    fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// The columns that [`proposal`] reads, in its order.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT id, organization_id, from_parent_id, to_parent_id, proposed_by, seen, created_at, expires_at ",
            "FROM parent_proposal ",
            $condition
        )
    };
}

fn proposal(row: &dyn RowGet) -> Result<Proposal, DbError> {
    Ok(Proposal {
        id: row.int(0)?,
        organization: OrganizationId(row.int(1)?),
        from: ParentId(row.int(2)?),
        to: row.opt_int(3)?.map(ParentId),
        proposed_by: row.text(4)?,
        seen: row.text(5)?,
        created_at: Timestamp::from_millis(row.int(6)?),
        expires_at: Timestamp::from_millis(row.int(7)?),
    })
}

/// The proposal of an organization that nobody has ended, run out or not.
pub fn open(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Option<Proposal>, DbError> {
    tx.one(select!("WHERE organization_id = ?1 AND state = 'open'"), &[V::I(organization.0)], proposal)
}

/// The proposal of this number, if nobody has ended it.
pub fn open_by_id(tx: &mut dyn Tx, id: i64) -> Result<Option<Proposal>, DbError> {
    tx.one(select!("WHERE id = ?1 AND state = 'open'"), &[V::I(id)], proposal)
}

/// The proposals that the founding organization of a parent has to decide, oldest first.
pub fn to_decide(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Proposal>, DbError> {
    tx.all(select!("WHERE decides_id = ?1 AND state = 'open' ORDER BY id"), &[V::I(parent.0)], proposal)
}

/// Keeps a proposal; its number is not looked at. [`DbError::Unique`] if the organization has an open one.
pub fn add(tx: &mut dyn Tx, new: &Proposal) -> Result<i64, DbError> {
    tx.exec(
        "INSERT INTO parent_proposal (organization_id, from_parent_id, to_parent_id, decides_id, state, proposed_by, seen, \
         created_at, expires_at) VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?6, ?7, ?8)",
        &[
            V::I(new.organization.0),
            V::I(new.from.0),
            new.to.map_or(V::Null, |to| V::I(to.0)),
            V::I(new.decides().0),
            V::T(&new.proposed_by),
            V::T(&new.seen),
            V::I(new.created_at.as_millis()),
            V::I(new.expires_at.as_millis()),
        ],
    )?;
    let kept = open(tx, new.organization)?.ok_or_else(|| damaged("proposal"))?;
    Ok(kept.id)
}

/// Ends an open proposal. Returns whether it was open.
pub fn end(tx: &mut dyn Tx, id: i64, how: ProposalEnd, now: Timestamp) -> Result<bool, DbError> {
    let ended = tx.exec(
        "UPDATE parent_proposal SET state = ?2, ended_at = ?3 WHERE id = ?1 AND state = 'open'",
        &[V::I(id), V::T(how.word()), V::I(now.as_millis())],
    )?;
    Ok(ended == 1)
}
