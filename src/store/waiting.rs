//! The queue for seats, in order of arrival (rule B24).

use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{OrganizationId, PersonId};
use crate::organization::Queued;
use crate::product::{RoleKey, SeatTypeKey};

/// A person who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Who.
    pub person: PersonId,
    /// The role to come.
    pub role: RoleKey,
    /// The seat type waited for; `None` takes any.
    pub seat: Option<SeatTypeKey>,
    /// Since when.
    pub since: Timestamp,
}

fn waiting(row: &dyn RowGet) -> Result<Waiting, DbError> {
    Ok(Waiting {
        person: PersonId(row.int(0)?),
        role: RoleKey::new(row.text(1)?),
        seat: row.opt_text(2)?.map(SeatTypeKey::new),
        since: Timestamp::from_millis(row.int(3)?),
    })
}

/// The queue of an organization, first come first.
pub fn of_organization(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<Waiting>, DbError> {
    tx.all(
        "SELECT person_id, role, seat_type, since FROM waiting WHERE organization_id = ?1 ORDER BY position",
        &[V::I(organization.0)],
        waiting,
    )
}

/// At most `limit` of the queue of an organization after a place in it, with their places; first come first.
pub fn page(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    after: i64,
    limit: u32,
) -> Result<Vec<(i64, Waiting)>, DbError> {
    tx.all(
        "SELECT person_id, role, seat_type, since, position FROM waiting \
         WHERE organization_id = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
        &[V::I(organization.0), V::I(after), V::I(i64::from(limit))],
        |row| Ok((row.int(4)?, waiting(row)?)),
    )
}

/// At most `limit` of the queue of an organization, first come first.
pub fn first(tx: &mut dyn Tx, organization: OrganizationId, limit: u32) -> Result<Vec<Waiting>, DbError> {
    tx.all(
        "SELECT person_id, role, seat_type, since FROM waiting WHERE organization_id = ?1 ORDER BY position LIMIT ?2",
        &[V::I(organization.0), V::I(i64::from(limit))],
        waiting,
    )
}

/// How many wait for each seat type; `None` are those who take any.
pub fn by_type(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<(Option<SeatTypeKey>, u64)>, DbError> {
    tx.all(
        "SELECT seat_type, COUNT(*) FROM waiting WHERE organization_id = ?1 GROUP BY seat_type",
        &[V::I(organization.0)],
        |row| Ok((row.opt_text(0)?.map(SeatTypeKey::new), u64::try_from(row.int(1)?).unwrap_or(0))),
    )
}

/// The first after a place in the queue who waits for this seat type (`None`: who takes any), and their place.
pub fn next(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    seat: Option<&SeatTypeKey>,
    after: i64,
) -> Result<Option<(i64, Waiting)>, DbError> {
    let row = |row: &dyn RowGet| Ok((row.int(4)?, waiting(row)?));
    match seat {
        Some(seat) => tx.one(
            "SELECT person_id, role, seat_type, since, position FROM waiting \
             WHERE organization_id = ?1 AND seat_type = ?2 AND position > ?3 ORDER BY position LIMIT 1",
            &[V::I(organization.0), V::T(seat.as_str()), V::I(after)],
            row,
        ),
        None => tx.one(
            "SELECT person_id, role, seat_type, since, position FROM waiting \
             WHERE organization_id = ?1 AND seat_type IS NULL AND position > ?2 ORDER BY position LIMIT 1",
            &[V::I(organization.0), V::I(after)],
            row,
        ),
    }
}

/// A person's place in the queue of an organization.
pub fn find(tx: &mut dyn Tx, organization: OrganizationId, person: PersonId) -> Result<Option<Waiting>, DbError> {
    tx.one(
        "SELECT person_id, role, seat_type, since FROM waiting WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(person.0)],
        waiting,
    )
}

/// Puts a person at the end of the queue; whoever waits already keeps the place, with the new role and type.
pub fn put(tx: &mut dyn Tx, organization: OrganizationId, waiting: &Waiting) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO waiting (organization_id, person_id, role, seat_type, since) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (organization_id, person_id) DO UPDATE SET role = excluded.role, seat_type = excluded.seat_type",
        &[
            V::I(organization.0),
            V::I(waiting.person.0),
            V::T(waiting.role.as_str()),
            waiting.seat.as_ref().map_or(V::Null, |seat| V::T(seat.as_str())),
            V::I(waiting.since.as_millis()),
        ],
    )?;
    Ok(())
}

/// A person's place in the queue of an organization, with its number.
pub fn place(tx: &mut dyn Tx, organization: OrganizationId, person: PersonId) -> Result<Option<Queued>, DbError> {
    tx.one(
        "SELECT position, role, seat_type, since FROM waiting WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(person.0)],
        |row| {
            Ok(Queued {
                position: row.int(0)?,
                role: RoleKey::new(row.text(1)?),
                seat: row.opt_text(2)?.map(SeatTypeKey::new),
                since: Timestamp::from_millis(row.int(3)?),
            })
        },
    )
}

/// Puts a person back into the queue, at the place they had.
pub fn put_back(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    person: PersonId,
    place: &Queued,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO waiting (position, organization_id, person_id, role, seat_type, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (organization_id, person_id) DO NOTHING",
        &[
            V::I(place.position),
            V::I(organization.0),
            V::I(person.0),
            V::T(place.role.as_str()),
            place.seat.as_ref().map_or(V::Null, |seat| V::T(seat.as_str())),
            V::I(place.since.as_millis()),
        ],
    )?;
    Ok(())
}

/// Takes a person out of the queue. Returns whether they stood in it.
pub fn remove(tx: &mut dyn Tx, organization: OrganizationId, person: PersonId) -> Result<bool, DbError> {
    let removed = tx.exec(
        "DELETE FROM waiting WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(person.0)],
    )?;
    Ok(removed == 1)
}

/// Makes a place in the queue another person's, who has none there.
pub fn give_to(tx: &mut dyn Tx, organization: OrganizationId, from: PersonId, to: PersonId) -> Result<(), DbError> {
    tx.exec(
        "UPDATE waiting SET person_id = ?3 WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(from.0), V::I(to.0)],
    )?;
    Ok(())
}

/// Where a person waits.
pub fn organizations_of(tx: &mut dyn Tx, person: PersonId) -> Result<Vec<OrganizationId>, DbError> {
    tx.all("SELECT organization_id FROM waiting WHERE person_id = ?1", &[V::I(person.0)], |row| {
        Ok(OrganizationId(row.int(0)?))
    })
}

/// How many people wait in every organization, by its slug and the seat type; `None` for whichever becomes free.
pub fn all(tx: &mut dyn Tx) -> Result<Vec<(String, Option<String>, u64)>, DbError> {
    tx.all(
        "SELECT organization.slug, waiting.seat_type, COUNT(*) FROM organization \
         JOIN waiting ON waiting.organization_id = organization.id \
         GROUP BY organization.slug, waiting.seat_type ORDER BY organization.slug, waiting.seat_type",
        &[],
        |row| Ok((row.text(0)?, row.opt_text(1)?, u64::try_from(row.int(2)?).unwrap_or(0))),
    )
}

/// How many people wait in an organization.
pub fn count(tx: &mut dyn Tx, organization: OrganizationId) -> Result<u64, DbError> {
    let found =
        tx.one("SELECT COUNT(*) FROM waiting WHERE organization_id = ?1", &[V::I(organization.0)], |row| row.int(0))?;
    Ok(found.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}
