//! Seat counts. Who holds a seat is changed in `members` only, which counts here.

use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::OrganizationId;
use crate::organization::SeatCount;
use crate::product::SeatTypeKey;

/// The counts of an organization, by seat type's key.
pub fn counts(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<SeatCount>, DbError> {
    tx.all(
        "SELECT seat_type, bought, used FROM seat WHERE organization_id = ?1 ORDER BY seat_type",
        &[V::I(organization.0)],
        count,
    )
}

/// The counts of every organization, with its slug.
pub fn all(tx: &mut dyn Tx) -> Result<Vec<(String, SeatCount)>, DbError> {
    tx.all(
        "SELECT seat.seat_type, seat.bought, seat.used, organization.slug FROM organization \
         JOIN seat ON seat.organization_id = organization.id ORDER BY organization.slug, seat.seat_type",
        &[],
        |row| Ok((row.text(3)?, count(row)?)),
    )
}

fn count(row: &dyn RowGet) -> Result<SeatCount, DbError> {
    Ok(SeatCount {
        seat_type: SeatTypeKey::new(row.text(0)?),
        bought: u32::try_from(row.int(1)?).unwrap_or(0),
        used: u32::try_from(row.int(2)?).unwrap_or(0),
    })
}

/// Sets how many seats of a type are bought. Returns whether it was written: not below what is used (rule B36).
pub fn set_bought(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    seat_type: &SeatTypeKey,
    bought: u32,
) -> Result<bool, DbError> {
    tx.exec(
        "INSERT INTO seat (organization_id, seat_type, bought) VALUES (?1, ?2, 0) \
         ON CONFLICT (organization_id, seat_type) DO NOTHING",
        &[V::I(organization.0), V::T(seat_type.as_str())],
    )?;
    let written = tx.exec(
        "UPDATE seat SET bought = ?3 WHERE organization_id = ?1 AND seat_type = ?2 AND used <= ?3",
        &[V::I(organization.0), V::T(seat_type.as_str()), V::I(i64::from(bought))],
    )?;
    Ok(written == 1)
}

/// Counts a seat as held. Returns whether one was free (rule B23).
pub(super) fn take(tx: &mut dyn Tx, organization: OrganizationId, seat_type: &SeatTypeKey) -> Result<bool, DbError> {
    let taken = tx.exec(
        "UPDATE seat SET used = used + 1 WHERE organization_id = ?1 AND seat_type = ?2 AND used < bought",
        &[V::I(organization.0), V::T(seat_type.as_str())],
    )?;
    Ok(taken == 1)
}

/// Counts a seat as free again.
pub(super) fn give_back(tx: &mut dyn Tx, organization: OrganizationId, seat_type: &SeatTypeKey) -> Result<(), DbError> {
    tx.exec(
        "UPDATE seat SET used = used - 1 WHERE organization_id = ?1 AND seat_type = ?2",
        &[V::I(organization.0), V::T(seat_type.as_str())],
    )?;
    Ok(())
}

/// Where the count of a seat type and its holders disagree, for the doctor: organization's slug, type, counted, held. Never, unless
/// somebody edited the database by hand.
pub fn miscounted(tx: &mut dyn Tx) -> Result<Vec<(String, String, i64, i64)>, DbError> {
    tx.all(
        "SELECT organization.slug, seat.seat_type, seat.used, COUNT(member.person_id) FROM seat \
         JOIN organization ON organization.id = seat.organization_id \
         LEFT JOIN member ON member.organization_id = seat.organization_id AND member.seat = seat.seat_type \
         GROUP BY organization.slug, seat.seat_type, seat.used HAVING seat.used <> COUNT(member.person_id)",
        &[],
        |row| Ok((row.text(0)?, row.text(1)?, row.int(2)?, row.int(3)?)),
    )
}
