//! Memberships that the brake holds (rule B34): listed by a run that was halted, or given back by undoing one.

use crate::db::{DbError, Tx, TxExt, V};
use crate::ids::{OrganizationId, PersonId, SyncRunId};

/// Holds a membership for a run; a later run takes the place of an earlier one.
pub fn hold(tx: &mut dyn Tx, organization: OrganizationId, person: PersonId, run: SyncRunId) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO sync_hold (organization_id, person_id, run_id) VALUES (?1, ?2, ?3) \
         ON CONFLICT (organization_id, person_id) DO UPDATE SET run_id = excluded.run_id",
        &[V::I(organization.0), V::I(person.0), V::I(run.0)],
    )?;
    Ok(())
}

/// The run that holds a membership.
pub fn of_person(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Option<SyncRunId>, DbError> {
    tx.one(
        "SELECT run_id FROM sync_hold WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(person.0)],
        |row| Ok(SyncRunId(row.int(0)?)),
    )
}

/// Every membership of an organization that is held, and by which run.
pub fn of_organization(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<(PersonId, SyncRunId)>, DbError> {
    tx.all(
        "SELECT person_id, run_id FROM sync_hold WHERE organization_id = ?1 ORDER BY person_id",
        &[V::I(organization.0)],
        |row| Ok((PersonId(row.int(0)?), SyncRunId(row.int(1)?))),
    )
}

/// Lets go of a membership: it ended, or there is reason for it again.
pub fn release(tx: &mut dyn Tx, organization: OrganizationId, person: PersonId) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM sync_hold WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(person.0)],
    )?;
    Ok(())
}

/// Lets go of everybody in an organization.
pub fn release_all(tx: &mut dyn Tx, organization: OrganizationId) -> Result<u64, DbError> {
    tx.exec("DELETE FROM sync_hold WHERE organization_id = ?1", &[V::I(organization.0)])
}
