//! Members. Every change of who holds a seat goes through [`put`] and [`end`] here, so that counts and members agree.

use super::{damaged, organizations, seats};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::identity::GroupKey;
use crate::ids::{OrganizationId, PersonId};
use crate::organization::{Member, MemberStatus, Pin, Source};
use crate::product::{RoleKey, SeatTypeKey};

/// The columns that [`member`] reads, in its order.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT organization_id, person_id, status, role, role_from, role_source, role_source_at, role_pin_by, ",
            "role_pin_at, role_pin_until, seat, seat_from, seat_source, seat_source_at, seat_pin_by, seat_pin_at, ",
            "seat_pin_until, ended_at, ended_reason, joined_at, version FROM member ",
            $condition
        )
    };
}

fn source(from: &str, source: String, at: i64) -> Result<Source, DbError> {
    let at = Timestamp::from_millis(at);
    match from {
        "default" => Ok(Source::Default),
        "group" => {
            let group = GroupKey::new(&source).ok_or_else(|| damaged("member"))?;
            Ok(Source::Group { group, learnt_at: at })
        }
        "by_hand" => Ok(Source::ByHand { by: source, at }),
        _ => Err(damaged("member")),
    }
}

fn source_columns(source: &Source) -> (&'static str, &str, i64) {
    match source {
        Source::Default => ("default", "", 0),
        Source::Group { group, learnt_at } => ("group", group.as_str(), learnt_at.as_millis()),
        Source::ByHand { by, at } => ("by_hand", by, at.as_millis()),
    }
}

fn pin(by: Option<String>, at: Option<i64>, until: Option<i64>) -> Option<Pin> {
    let since = Timestamp::from_millis(at?);
    Some(Pin { by: by?, since, until: until.map(Timestamp::from_millis) })
}

fn member(row: &dyn RowGet) -> Result<Member, DbError> {
    let status = match (row.text(2)?.as_str(), row.opt_int(17)?) {
        ("active", None) => MemberStatus::Active,
        ("ended", Some(at)) => {
            MemberStatus::Ended { at: Timestamp::from_millis(at), reason: row.opt_text(18)?.unwrap_or_default() }
        }
        _ => return Err(damaged("member")),
    };
    Ok(Member {
        organization: OrganizationId(row.int(0)?),
        person: PersonId(row.int(1)?),
        status,
        role: RoleKey::new(row.text(3)?),
        role_source: source(&row.text(4)?, row.text(5)?, row.int(6)?)?,
        role_pin: pin(row.opt_text(7)?, row.opt_int(8)?, row.opt_int(9)?),
        seat: row.opt_text(10)?.map(SeatTypeKey::new),
        seat_source: source(&row.text(11)?, row.text(12)?, row.int(13)?)?,
        seat_pin: pin(row.opt_text(14)?, row.opt_int(15)?, row.opt_int(16)?),
        joined_at: Timestamp::from_millis(row.int(19)?),
        version: row.int(20)?,
    })
}

/// A person's membership in an organization, standing or ended.
pub fn find(tx: &mut dyn Tx, organization: OrganizationId, person: PersonId) -> Result<Option<Member>, DbError> {
    tx.one(select!("WHERE organization_id = ?1 AND person_id = ?2"), &[V::I(organization.0), V::I(person.0)], member)
}

/// Everybody in an organization, standing and ended, by person.
pub fn of_organization(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<Member>, DbError> {
    tx.all(select!("WHERE organization_id = ?1 ORDER BY person_id"), &[V::I(organization.0)], member)
}

/// Everybody whose membership in an organization stands, by person.
pub fn standing(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<Member>, DbError> {
    tx.all(
        select!("WHERE organization_id = ?1 AND status = 'active' ORDER BY person_id"),
        &[V::I(organization.0)],
        member,
    )
}

/// A person's memberships in all organizations, standing and ended.
pub fn of_person(tx: &mut dyn Tx, person: PersonId) -> Result<Vec<Member>, DbError> {
    tx.all(select!("WHERE person_id = ?1 ORDER BY organization_id"), &[V::I(person.0)], member)
}

/// Whether a membership stands, and the seat it holds.
fn place(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Option<(bool, Option<SeatTypeKey>)>, DbError> {
    tx.one(
        "SELECT status = 'active', seat FROM member WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(person.0)],
        |row| Ok((row.int(0)? == 1, row.opt_text(1)?.map(SeatTypeKey::new))),
    )
}

/// What is written of a standing member, in the order of the statements that follow.
fn with_values<T>(member: &Member, write: impl FnOnce(&[V<'_>; 17]) -> T) -> T {
    let (role_from, role_source, role_at) = source_columns(&member.role_source);
    let (seat_from, seat_source, seat_at) = source_columns(&member.seat_source);
    let by = |pin: &Option<Pin>| pin.as_ref().map(|pin| pin.by.clone());
    let (role_by, seat_by) = (by(&member.role_pin), by(&member.seat_pin));
    let since = |pin: &Option<Pin>| pin.as_ref().map_or(V::Null, |pin| V::I(pin.since.as_millis()));
    let until =
        |pin: &Option<Pin>| pin.as_ref().and_then(|pin| pin.until).map_or(V::Null, |until| V::I(until.as_millis()));
    write(&[
        V::I(member.organization.0),
        V::I(member.person.0),
        V::T(member.role.as_str()),
        V::T(role_from),
        V::T(role_source),
        V::I(role_at),
        role_by.as_deref().map_or(V::Null, V::T),
        since(&member.role_pin),
        until(&member.role_pin),
        V::T(seat_from),
        V::T(seat_source),
        V::I(seat_at),
        seat_by.as_deref().map_or(V::Null, V::T),
        since(&member.seat_pin),
        until(&member.seat_pin),
        V::I(member.joined_at.as_millis()),
        member.seat.as_ref().map_or(V::Null, |seat| V::T(seat.as_str())),
    ])
}

/// A new row, or one that is there already.
fn upsert(tx: &mut dyn Tx, member: &Member) -> Result<(), DbError> {
    let sql = "INSERT INTO member (organization_id, person_id, status, role, role_from, role_source, role_source_at, role_pin_by, \
               role_pin_at, role_pin_until, seat_from, seat_source, seat_source_at, seat_pin_by, seat_pin_at, seat_pin_until, \
               joined_at, seat) VALUES (?1, ?2, 'active', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
               ON CONFLICT (organization_id, person_id) DO UPDATE SET status = 'active', role = excluded.role, \
               role_from = excluded.role_from, role_source = excluded.role_source, role_source_at = excluded.role_source_at, \
               role_pin_by = excluded.role_pin_by, role_pin_at = excluded.role_pin_at, role_pin_until = excluded.role_pin_until, \
               seat = excluded.seat, seat_from = excluded.seat_from, seat_source = excluded.seat_source, \
               seat_source_at = excluded.seat_source_at, seat_pin_by = excluded.seat_pin_by, \
               seat_pin_at = excluded.seat_pin_at, seat_pin_until = excluded.seat_pin_until, joined_at = excluded.joined_at, \
               ended_at = NULL, ended_reason = NULL, ended_seat = NULL, version = member.version + 1";
    with_values(member, |values| tx.exec(sql, values)).map(drop)
}

/// A membership that stands and holds this seat already: nothing that the indices of both hold changes, and they are left alone.
fn update_where_seated(tx: &mut dyn Tx, member: &Member) -> Result<(), DbError> {
    let sql = "UPDATE member SET role = ?3, role_from = ?4, role_source = ?5, role_source_at = ?6, role_pin_by = ?7, \
               role_pin_at = ?8, role_pin_until = ?9, seat_from = ?10, seat_source = ?11, seat_source_at = ?12, \
               seat_pin_by = ?13, seat_pin_at = ?14, seat_pin_until = ?15, joined_at = ?16, version = version + 1 \
               WHERE organization_id = ?1 AND person_id = ?2";
    with_values(member, |values| tx.exec(sql, &values[..16])).map(drop)
}

/// Writes a standing member: a new row, a returning one, or a change. Returns `false`, with nothing written, where the seat is
/// not free: whoever decided in this same transaction never sees that (rule B23).
pub fn put(tx: &mut dyn Tx, member: &Member) -> Result<bool, DbError> {
    let (stood, held) = place(tx, member.organization, member.person)?.unwrap_or((false, None));
    if held != member.seat {
        if let Some(seat) = &member.seat
            && !seats::take(tx, member.organization, seat)?
        {
            return Ok(false);
        }
        if let Some(seat) = &held {
            seats::give_back(tx, member.organization, seat)?;
        }
    }
    if stood && held == member.seat {
        update_where_seated(tx, member)?
    } else {
        upsert(tx, member)?
    }
    if !stood {
        organizations::count_members(tx, member.organization, 1)?;
    }
    Ok(true)
}

/// Ends a standing membership; the row stays as history and the seat is free. Returns the seat that was held.
pub fn end(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    person: PersonId,
    reason: &str,
    now: Timestamp,
) -> Result<Option<SeatTypeKey>, DbError> {
    let Some(before) = find(tx, organization, person)?.filter(Member::is_active) else { return Ok(None) };
    tx.exec(
        "UPDATE member SET status = 'ended', ended_at = ?3, ended_reason = ?4, ended_seat = seat, seat = NULL, \
         role_pin_by = NULL, role_pin_at = NULL, role_pin_until = NULL, seat_pin_by = NULL, seat_pin_at = NULL, \
         seat_pin_until = NULL, version = version + 1 WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(person.0), V::I(now.as_millis()), V::T(reason)],
    )?;
    if let Some(seat) = &before.seat {
        seats::give_back(tx, organization, seat)?;
    }
    organizations::count_members(tx, organization, -1)?;
    Ok(before.seat)
}

/// Notes that something was decided about somebody whose membership has ended: what was kept of them before is not as it is now.
pub fn touch_ended(tx: &mut dyn Tx, organization: OrganizationId, person: PersonId) -> Result<(), DbError> {
    tx.exec(
        "UPDATE member SET version = version + 1 WHERE organization_id = ?1 AND person_id = ?2 AND status = 'ended'",
        &[V::I(organization.0), V::I(person.0)],
    )?;
    Ok(())
}

/// How many standing members an organization has, and how many of them are without a seat; from the counts that are kept.
pub fn count(tx: &mut dyn Tx, organization: OrganizationId) -> Result<(u64, u64), DbError> {
    let all = organizations::sync_standing(tx, organization)?.members;
    let seated: u64 = seats::counts(tx, organization)?.iter().map(|count| u64::from(count.used)).sum();
    Ok((u64::from(all), u64::from(all).saturating_sub(seated)))
}

/// How many standing members have each role and seat.
pub fn by_place(
    tx: &mut dyn Tx,
    organization: OrganizationId,
) -> Result<Vec<(RoleKey, Option<SeatTypeKey>, u64)>, DbError> {
    tx.all(
        "SELECT role, seat, COUNT(*) FROM member WHERE organization_id = ?1 AND status = 'active' \
         GROUP BY role, seat ORDER BY role, seat",
        &[V::I(organization.0)],
        |row| {
            let count = u64::try_from(row.int(2)?).unwrap_or(0);
            Ok((RoleKey::new(row.text(0)?), row.opt_text(1)?.map(SeatTypeKey::new), count))
        },
    )
}

/// At most `limit` standing members after a person, by person, and whether a directory holds them.
pub fn held_by_directory(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    after: PersonId,
    limit: u32,
) -> Result<Vec<(PersonId, bool)>, DbError> {
    tx.all(
        "SELECT person_id, EXISTS (SELECT 1 FROM directory_user WHERE directory_user.person_id = member.person_id) \
         FROM member WHERE organization_id = ?1 AND status = 'active' AND person_id > ?2 ORDER BY person_id LIMIT ?3",
        &[V::I(organization.0), V::I(after.0), V::I(i64::from(limit))],
        |row| Ok((PersonId(row.int(0)?), row.int(1)? == 1)),
    )
}

/// At most `limit` standing members with a role.
pub fn with_role(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    role: &RoleKey,
    limit: u32,
) -> Result<Vec<PersonId>, DbError> {
    tx.all(
        "SELECT person_id FROM member WHERE organization_id = ?1 AND status = 'active' AND role = ?2 \
         ORDER BY person_id LIMIT ?3",
        &[V::I(organization.0), V::T(role.as_str()), V::I(i64::from(limit))],
        |row| Ok(PersonId(row.int(0)?)),
    )
}

/// Makes a membership, standing or ended, another person's, who has none there.
pub fn give_to(tx: &mut dyn Tx, organization: OrganizationId, from: PersonId, to: PersonId) -> Result<(), DbError> {
    tx.exec(
        "UPDATE member SET person_id = ?3, version = version + 1 WHERE organization_id = ?1 AND person_id = ?2",
        &[V::I(organization.0), V::I(from.0), V::I(to.0)],
    )?;
    Ok(())
}
