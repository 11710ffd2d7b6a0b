use super::Context;
use super::apply::{Why, apply};
use super::bindings::{Synced, is_synced};
use super::evaluation::Evaluation;
use super::evidence::{last_known, present};
use crate::db::{DbError, Tx};
use crate::identity::AssertedGroups;
use crate::ids::PersonId;
use crate::organization::{FreeSeats, Organization};
use crate::provisioning::{Evidence, Facts, decide};
use crate::store;
use crate::store::waiting::Waiting;

/// Gives free seats to those who wait, first come first (rule B24). Each is decided anew from the latest evidence, so a person
/// whose groups no longer give access leaves the queue instead.
pub fn admit_waiting(tx: &mut dyn Tx, context: &Context<'_>, organization: &Organization) -> Result<(), DbError> {
    if is_synced(organization) {
        let synced = Synced::read(tx, organization.clone())?;
        return Evaluation::new(tx, context, &synced, Why::SeatFreed).serve_the_queue();
    }
    admit_from(tx, context, organization, 0, u32::MAX)?;
    Ok(())
}

/// As [`admit_waiting`], outside the scim modes and for this many people at most, from a place in the queue on. Returns the place after
/// which it goes on.
pub(super) fn admit_from(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    after: i64,
    most: u32,
) -> Result<Option<i64>, DbError> {
    let product = context.product(organization)?;
    let queue = store::waiting::page(tx, organization.id, after, most)?;
    let last = queue.last().filter(|_| queue.len() >= most as usize).map(|(place, _)| *place);
    for (_, waiting) in queue {
        let free = FreeSeats::of(product, &store::seats::counts(tx, organization.id)?);
        if free.highest().is_none() {
            return Ok(None);
        }
        let Some(person) = store::people::by_id(tx, waiting.person)? else { continue };
        let known = last_known(tx, person.id)?;
        let groups = known.map_or(AssertedGroups::NotSent, |known| known.groups);
        let member = store::members::find(tx, organization.id, person.id)?;
        let decision = decide(&Facts {
            product,
            rules: organization.rules(),
            evidence: Evidence::SignIn { groups: &groups, directory: None },
            suspended: person.suspended,
            member: present(member.as_ref(), context.now),
            free: &free,
        });
        // Whoever still waits keeps the place in the queue, perhaps for another role or type by now.
        apply(tx, context, organization, person.id, member.as_ref(), &decision, Why::SeatFreed)?;
    }
    Ok(last)
}

/// The next in line for whom a seat is free. In the scim modes the queue is as current as the directory, so only they are looked
/// at: the queue may be long, and whoever waits for a type that is full goes on waiting.
pub(super) fn next(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    after: i64,
) -> Result<Option<(i64, Waiting)>, DbError> {
    let product = context.product(organization)?;
    let free = FreeSeats::of(product, &store::seats::counts(tx, organization.id)?);
    if free.highest().is_none() {
        return Ok(None);
    }
    let mut first = store::waiting::next(tx, organization.id, None, after)?;
    for seat in product.seat_types().iter().filter(|seat| free.has(&seat.key)) {
        let other = store::waiting::next(tx, organization.id, Some(&seat.key), after)?;
        if first.is_none() || other.as_ref().is_some_and(|(place, _)| first.as_ref().is_some_and(|(at, _)| place < at))
        {
            first = other;
        }
    }
    Ok(first)
}

/// The next member whose groups ask for a seat type that was full and of which a seat is free by now (rule B22): place and person.
pub(super) fn next_deferred(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    after: i64,
) -> Result<Option<(i64, PersonId)>, DbError> {
    let product = context.product(organization)?;
    let free = FreeSeats::of(product, &store::seats::counts(tx, organization.id)?);
    let mut first = None;
    for seat in product.seat_types().iter().filter(|seat| free.has(&seat.key)) {
        let next = store::deferred_seats::next(tx, organization.id, &seat.key, after)?;
        first = [first, next].into_iter().flatten().min_by_key(|(place, _)| *place);
    }
    Ok(first)
}

#[cfg(test)]
mod tests;
