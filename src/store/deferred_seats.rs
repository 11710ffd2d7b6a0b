//! Members who keep a seat because the type that their groups ask for is full (rule B22).

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, TxExt, V};
use crate::ids::{OrganizationId, PersonId};
use crate::product::SeatTypeKey;

/// Everybody in an organization, in order, with the type asked for.
pub fn of_organization(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<(PersonId, SeatTypeKey)>, DbError> {
    tx.all(
        "SELECT person_id, seat_type FROM deferred_seat WHERE organization_id = ?1 ORDER BY position",
        &[V::I(organization.0)],
        |row| Ok((PersonId(row.int(0)?), SeatTypeKey::new(row.text(1)?))),
    )
}

/// The next after a place in the order for whom this type is asked: place and person.
pub fn next(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    seat: &SeatTypeKey,
    after: i64,
) -> Result<Option<(i64, PersonId)>, DbError> {
    tx.one(
        "SELECT position, person_id FROM deferred_seat WHERE organization_id = ?1 AND seat_type = ?2 AND position > ?3 \
         ORDER BY position LIMIT 1",
        &[V::I(organization.0), V::T(seat.as_str()), V::I(after)],
        |row| Ok((row.int(0)?, PersonId(row.int(1)?))),
    )
}

/// Notes that a member's groups ask for a full type. Whoever was noted before keeps the place, perhaps for another type by now.
pub fn put(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    person: PersonId,
    seat: &SeatTypeKey,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO deferred_seat (organization_id, person_id, seat_type, since) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (organization_id, person_id) DO UPDATE SET seat_type = excluded.seat_type",
        &[V::I(organization.0), V::I(person.0), V::T(seat.as_str()), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Takes a member off the list.
pub fn remove(tx: &mut dyn Tx, organization: OrganizationId, person: PersonId) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM deferred_seat WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(person.0)],
    )?;
    Ok(())
}

/// Takes everybody in an organization off the list.
pub fn remove_all(tx: &mut dyn Tx, organization: OrganizationId) -> Result<(), DbError> {
    tx.exec("DELETE FROM deferred_seat WHERE organization_id = ?1", &[V::I(organization.0)])?;
    Ok(())
}
