//! What an admin does to one member on a page: with the admin's authority asked for, and the last one with *identity* kept.

use super::apply::{Why, apply, held, remove, stop_waiting_for};
use super::bindings::{Synced, is_synced};
use super::by_hand::{no_such_role, no_such_seat};
use super::{ByHandError, Context, Place, directory, place_by_hand, waiting};
use crate::audit::{Event, Pinned};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::identity::EmailAddress;
use crate::ids::PersonId;
use crate::organization::{Member, Organization, Pin, Source};
use crate::product::{Permission, RoleKey, SeatTypeKey};
use crate::provisioning::{Act, Authority, may_by_hand};
use crate::store;

/// What somebody does, and with how much authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// What their role allows.
    pub authority: Authority,
    /// They have said that they know it may leave nobody with *identity* (rule B33).
    pub knows_last: bool,
}

/// Somebody to be added by their address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember {
    /// The address; in a verified domain, or they could never sign in (rule B8).
    pub email: EmailAddress,
    /// What to call them until their identity provider says.
    pub name: Option<String>,
    /// Role, seat and end of the pin.
    pub place: Place,
    /// A fresh public id, in case this is a new person.
    pub new_public_id: String,
}

/// Makes somebody a member by their address. Returns who it is.
pub fn add(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    hand: Hand,
    organization: &Organization,
    new: &NewMember,
) -> Result<PersonId, ByHandError> {
    allowed(context, hand, organization, Act::Add(&new.place.role))?;
    let domain = new.email.domain();
    if store::domains::verified_owner(tx, &domain)? != Some(organization.parent) {
        return Err(ByHandError::DomainNotVerified(domain.to_string()));
    }
    let person = match store::people::by_email(tx, organization.parent, &new.email)? {
        Some(known) => known.id,
        None => {
            let name = new.name.as_deref().unwrap_or(new.email.local_part());
            let id = store::people::add(tx, organization.parent, &new.new_public_id, &new.email, name, context.now)?;
            let event = Event::PersonCreated { person: id, email: new.email.to_string() };
            context.record(tx, Some(organization.parent), None, event)?;
            id
        }
    };
    if store::members::find(tx, organization.id, person)?.as_ref().is_some_and(Member::is_active) {
        return Err(ByHandError::AlreadyAMember);
    }
    place_by_hand(tx, context, organization, person, &new.place)?;
    Ok(person)
}

/// Gives a member another role. While mappings rule, that is a pin until `until`, or without end (rule B26). Returns whether
/// anything changed.
pub fn set_role(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    hand: Hand,
    organization: &Organization,
    person: PersonId,
    (role, until): (&RoleKey, Option<Timestamp>),
) -> Result<bool, ByHandError> {
    allowed(context, hand, organization, Act::ChangeRole)?;
    no_such_role(context.product(organization)?, role)?;
    let before = standing(tx, organization, person)?;
    let pin = pin(context, organization, until);
    if before.role == *role && same_end(&before.role_pin, &pin) {
        return Ok(false);
    }
    if !context.product(organization)?.allows(role, Permission::Identity) {
        keep_identity(tx, context, hand, organization, &before)?;
    }
    let after = Member { role: role.clone(), role_source: by_hand(context), role_pin: pin, ..before.clone() };
    write(tx, context, organization, &before, &after, Pinned::Role)?;
    Ok(true)
}

/// Gives a member another seat, or none (rule B23). While mappings rule, that is a pin. Returns whether anything changed.
pub fn set_seat(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    hand: Hand,
    organization: &Organization,
    person: PersonId,
    (seat, until): (Option<&SeatTypeKey>, Option<Timestamp>),
) -> Result<bool, ByHandError> {
    allowed(context, hand, organization, Act::ChangeSeat)?;
    no_such_seat(context.product(organization)?, seat)?;
    let before = standing(tx, organization, person)?;
    let pin = pin(context, organization, until);
    if before.seat.as_ref() == seat && same_end(&before.seat_pin, &pin) {
        return Ok(false);
    }
    let after = Member { seat: seat.cloned(), seat_source: by_hand(context), seat_pin: pin, ..before.clone() };
    write(tx, context, organization, &before, &after, Pinned::Seat)?;
    Ok(true)
}

/// Leaves a role or seat to the mappings again: in a scim mode at once, else at the next sign-in. Returns whether it was pinned.
pub fn unpin(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    hand: Hand,
    organization: &Organization,
    person: PersonId,
    what: Pinned,
) -> Result<bool, ByHandError> {
    let act = if what == Pinned::Role { Act::ChangeRole } else { Act::ChangeSeat };
    allowed(context, hand, organization, act)?;
    let before = standing(tx, organization, person)?;
    let mut after = before.clone();
    let pin = if what == Pinned::Role { &mut after.role_pin } else { &mut after.seat_pin };
    if pin.take().is_none() {
        return Ok(false);
    }
    if what == Pinned::Role {
        keep_identity(tx, context, hand, organization, &before)?;
    }
    super::apply::put(tx, &after)?;
    let event = Event::PinEnded { person, what };
    context.record(tx, Some(organization.parent), Some(organization.id), event)?;
    if is_synced(organization) && organization.mode.has_group_mappings() {
        let Some(known) = store::people::by_id(tx, person)? else { return Ok(true) };
        let synced = Synced::read(tx, organization.clone())?;
        let user = directory::user_of(tx, organization.parent, Some(person), &known.email)?;
        let decision = directory::decide(tx, context, &synced, user.as_ref(), Some(&after))?;
        apply(tx, context, organization, person, Some(&after), &decision, Why::PinEnded)?;
    }
    Ok(true)
}

/// Ends a membership, or a place in the queue. Returns whether there was one.
pub fn remove_member(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    hand: Hand,
    organization: &Organization,
    person: PersonId,
) -> Result<bool, ByHandError> {
    let before = store::members::find(tx, organization.id, person)?.filter(Member::is_active);
    let Some(before) = before else {
        let waits = store::waiting::find(tx, organization.id, person)?;
        let Some(waits) = waits else { return Ok(false) };
        allowed(context, hand, organization, Act::Remove(&waits.role))?;
        return Ok(stop_waiting_for(tx, context, organization, person, REMOVED)?);
    };
    allowed(context, hand, organization, Act::Remove(&before.role))?;
    keep_identity(tx, context, hand, organization, &before)?;
    remove(tx, context, organization, Some(&before), REMOVED)?;
    Ok(true)
}

/// Why a membership ended, in the audit log and in its row.
pub(super) const REMOVED: &str = "removed_by_hand";

/// Whether nobody but this member could configure the organization.
pub fn is_last_with_identity(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    member: &Member,
) -> Result<bool, DbError> {
    /// One who is not switched off is enough; so many are looked at.
    const LOOKED_AT: u32 = 50;
    let product = context.product(organization)?;
    if !product.allows(&member.role, Permission::Identity) {
        return Ok(false);
    }
    for role in product.roles().iter().filter(|role| role.permissions.contains(&Permission::Identity)) {
        for other in store::members::with_role(tx, organization.id, &role.key, LOOKED_AT)? {
            let usable = store::people::by_id(tx, other)?.is_some_and(|person| !person.suspended);
            if other != member.person && usable {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn keep_identity(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    hand: Hand,
    organization: &Organization,
    before: &Member,
) -> Result<(), ByHandError> {
    if !hand.knows_last && is_last_with_identity(tx, context, organization, before)? {
        return Err(ByHandError::LastWithIdentity);
    }
    Ok(())
}

fn allowed(context: &Context<'_>, hand: Hand, organization: &Organization, act: Act<'_>) -> Result<(), ByHandError> {
    let product = context.product(organization)?;
    if may_by_hand(product, hand.authority, act) { Ok(()) } else { Err(ByHandError::NeedsIdentity) }
}

fn standing(tx: &mut dyn Tx, organization: &Organization, person: PersonId) -> Result<Member, ByHandError> {
    let member = store::members::find(tx, organization.id, person)?.filter(Member::is_active);
    member.ok_or(ByHandError::NoMember)
}

fn by_hand(context: &Context<'_>) -> Source {
    Source::ByHand { by: context.actor.to_string(), at: context.now }
}

/// Only where mappings rule is there anything to keep off.
fn pin(context: &Context<'_>, organization: &Organization, until: Option<Timestamp>) -> Option<Pin> {
    let rules = organization.mode.has_group_mappings();
    rules.then(|| Pin { by: context.actor.to_string(), since: context.now, until })
}

fn same_end(kept: &Option<Pin>, wanted: &Option<Pin>) -> bool {
    kept.as_ref().map(|pin| pin.until) == wanted.as_ref().map(|pin| pin.until)
}

fn write(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    before: &Member,
    after: &Member,
    what: Pinned,
) -> Result<(), ByHandError> {
    if !store::members::put(tx, after)? {
        let seat = after.seat.as_ref().map_or_else(String::new, ToString::to_string);
        return Err(ByHandError::NoFreeSeat { organization: organization.slug.to_string(), seat });
    }
    let (person, at) = (before.person, (Some(organization.parent), Some(organization.id)));
    if before.role != after.role || before.seat != after.seat {
        let event = Event::MemberChanged {
            person,
            before: held(before),
            after: held(after),
            why: "by_hand",
            deferred_seat: None,
        };
        context.record(tx, at.0, at.1, event)?;
    }
    let pin = if what == Pinned::Role { &after.role_pin } else { &after.seat_pin };
    if let Some(pin) = pin {
        context.record(tx, at.0, at.1, Event::PinSet { person, what, until: pin.until })?;
    }
    if before.seat.is_some() && before.seat != after.seat {
        waiting::admit_waiting(tx, context, organization)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
