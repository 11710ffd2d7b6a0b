use super::bindings::is_synced;
use super::{Context, waiting};
use crate::audit::{Event, Held};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::identity::GroupKey;
use crate::ids::PersonId;
use crate::organization::{Member, MemberStatus, Organization, Pin, Source};
use crate::product::SeatTypeKey;
use crate::provisioning::{Because, Decision, Origin, Outcome, Refusal, Standing};
use crate::store;

/// Why somebody is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// They sign in.
    SignIn,
    /// A seat became free for whoever waits.
    SeatFreed,
    /// The identity provider pushed something.
    Directory,
    /// A run of directory sync.
    Sync,
    /// A pin was taken off.
    PinEnded,
}

impl Why {
    /// The word in the audit log.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SeatFreed => "seat_freed",
            Self::Directory => "directory",
            Self::Sync => "sync",
            Self::PinEnded => "pin_ended",
        }
    }

    /// Whether a seat that is freed goes to the queue at once. Pushes and runs look at many people, and serve the queue themselves.
    fn serves_the_queue(self) -> bool {
        match self {
            Self::SignIn | Self::PinEnded => true,
            // The queue is being served already.
            Self::SeatFreed | Self::Directory | Self::Sync => false,
        }
    }
}

/// Carries a decision out: writes the member, frees and takes seats, ends sessions, records.
pub(super) fn apply(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    person: PersonId,
    before: Option<&Member>,
    decision: &Decision,
    why: Why,
) -> Result<(), DbError> {
    release(tx, organization, person, decision)?;
    defer(tx, context, organization, (person, before), decision)?;
    match &decision.outcome {
        Outcome::Join(standing) => join(tx, context, organization, person, standing, why),
        Outcome::Change(standing) => {
            change(tx, context, organization, before, standing, (why, deferred_seat(decision)))
        }
        Outcome::Keep(standing) => confirm(tx, context, organization, before, standing, (decision, why)),
        Outcome::Wait { role, seat, .. } => {
            let since = context.now;
            let place = store::waiting::Waiting { person, role: role.clone(), seat: seat.clone(), since };
            let known = store::waiting::find(tx, organization.id, person)?;
            if known.as_ref().is_some_and(|known| known.role == place.role && known.seat == place.seat) {
                return Ok(());
            }
            store::waiting::put(tx, organization.id, &place)?;
            let event = Event::MemberWaits { person, role: role.clone(), seat: seat.clone() };
            context.record(tx, Some(organization.parent), Some(organization.id), event)
        }
        Outcome::Remove(reason) => {
            let ended = end(tx, context, organization, before, reason.code())?;
            stop_waiting(tx, context, organization, person, *reason)?;
            if ended && why.serves_the_queue() {
                waiting::admit_waiting(tx, context, organization)?;
            }
            Ok(())
        }
        // Not knowing the groups changes nothing, not even a place in the queue (rule B17).
        Outcome::Refuse(Refusal::GroupsMissing) => Ok(()),
        Outcome::Refuse(reason) => stop_waiting(tx, context, organization, person, *reason),
        Outcome::StayOut => stop_waiting(tx, context, organization, person, Refusal::NotAMember),
    }
}

fn join(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    person: PersonId,
    standing: &Standing,
    why: Why,
) -> Result<(), DbError> {
    let member = Member {
        organization: organization.id,
        person,
        status: MemberStatus::Active,
        role: standing.role.clone(),
        role_source: source(&standing.role_from, None, context),
        role_pin: None,
        seat: standing.seat.clone(),
        seat_source: source(&standing.seat_from, None, context),
        seat_pin: None,
        joined_at: context.now,
        version: 1,
    };
    put(tx, &member)?;
    store::waiting::remove(tx, organization.id, person)?;
    let event = Event::MemberJoined { person, now: held(&member), why: why.word() };
    context.record(tx, Some(organization.parent), Some(organization.id), event)
}

fn change(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    before: Option<&Member>,
    standing: &Standing,
    (why, deferred_seat): (Why, Option<SeatTypeKey>),
) -> Result<(), DbError> {
    let Some(before) = before else { return Ok(()) };
    let after = with(before, standing, context);
    put(tx, &after)?;
    let person = before.person;
    let event =
        Event::MemberChanged { person, before: held(before), after: held(&after), why: why.word(), deferred_seat };
    context.record(tx, Some(organization.parent), Some(organization.id), event)?;
    if before.seat != after.seat && before.seat.is_some() && why.serves_the_queue() {
        waiting::admit_waiting(tx, context, organization)?;
    }
    Ok(())
}

/// Nothing changes but perhaps the source. That groups were evaluated at a sign-in is recorded (rule B15); what the directory
/// repeats is not, unless a seat is deferred (rule B22).
fn confirm(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    before: Option<&Member>,
    standing: &Standing,
    (decision, why): (&Decision, Why),
) -> Result<(), DbError> {
    let Some(before) = before else { return Ok(()) };
    if sources_moved(before, standing, context.now) {
        put(tx, &with(before, standing, context))?;
    }
    let deferred_seat = deferred_seat(decision);
    if !organization.mode.has_group_mappings() || (why != Why::SignIn && deferred_seat.is_none()) {
        return Ok(());
    }
    let event = Event::MemberConfirmed { person: before.person, now: held(before), deferred_seat };
    context.record(tx, Some(organization.parent), Some(organization.id), event)
}

/// Whether role or seat come from elsewhere now, or a pin has run out.
pub(super) fn sources_moved(before: &Member, standing: &Standing, now: Timestamp) -> bool {
    let group_moved = |now: &Origin, was: &Source| match (now, was) {
        (Origin::Group(now), Source::Group { group, .. }) => now != group,
        (Origin::Group(_), Source::Default | Source::ByHand { .. }) => true,
        (Origin::Default | Origin::Unchanged, _) => false,
    };
    group_moved(&standing.role_from, &before.role_source)
        || group_moved(&standing.seat_from, &before.seat_source)
        || [&before.role_pin, &before.seat_pin].into_iter().flatten().any(|pin| !pin.holds(now))
}

/// The brake lets go of whoever leaves, or has reason to stay again (rule B34).
fn release(tx: &mut dyn Tx, organization: &Organization, person: PersonId, decision: &Decision) -> Result<(), DbError> {
    if !is_synced(organization) || decision.because.contains(&Because::RemovalHeld) {
        return Ok(());
    }
    match decision.outcome {
        Outcome::Join(_) | Outcome::Change(_) | Outcome::Keep(_) | Outcome::Remove(_) => {
            store::sync_holds::release(tx, organization.id, person)
        }
        Outcome::Wait { .. } | Outcome::Refuse(_) | Outcome::StayOut => Ok(()),
    }
}

/// Notes who keeps a seat because the type asked for is full, to be served when one is free. In the jit modes nobody is looked at
/// between sign-ins (rule B15), so the next sign-in brings it.
fn defer(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    (person, before): (PersonId, Option<&Member>),
    decision: &Decision,
) -> Result<(), DbError> {
    if !is_synced(organization) || before.is_none() {
        return Ok(());
    }
    match (&decision.outcome, deferred_seat(decision)) {
        (Outcome::Keep(_) | Outcome::Change(_), Some(seat)) => {
            store::deferred_seats::put(tx, organization.id, person, &seat, context.now)
        }
        _ => store::deferred_seats::remove(tx, organization.id, person),
    }
}

/// The seat type that a group asks for and that is full (rule B22).
pub(super) fn deferred_seat(decision: &Decision) -> Option<SeatTypeKey> {
    decision.because.iter().find_map(|because| match because {
        Because::SeatDeferred { wanted, .. } => Some(wanted.clone()),
        _ => None,
    })
}

/// Ends a membership at once: seat freed, sessions ended, queue served, all in this transaction.
pub(super) fn remove(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    before: Option<&Member>,
    reason: &'static str,
) -> Result<(), DbError> {
    if end(tx, context, organization, before, reason)? {
        waiting::admit_waiting(tx, context, organization)
    } else {
        Ok(())
    }
}

/// Ends a membership at once, and leaves the queue to the caller. Returns whether there was one.
pub(super) fn end(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    before: Option<&Member>,
    reason: &'static str,
) -> Result<bool, DbError> {
    let Some(before) = before.filter(|member| member.is_active()) else { return Ok(false) };
    let (person, at) = (before.person, (Some(organization.parent), Some(organization.id)));
    store::members::end(tx, organization.id, person, reason, context.now)?;
    store::sync_holds::release(tx, organization.id, person)?;
    store::deferred_seats::remove(tx, organization.id, person)?;
    let event = Event::MemberRemoved { person, before: held(before), reason };
    context.record(tx, at.0, at.1, event)?;
    let count = store::sessions::end_all(tx, person)?;
    if count > 0 {
        context.record(tx, at.0, at.1, Event::SessionsEnded { person, count, reason })?;
    }
    Ok(true)
}

fn stop_waiting(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    person: PersonId,
    reason: Refusal,
) -> Result<(), DbError> {
    stop_waiting_for(tx, context, organization, person, reason.code()).map(drop)
}

/// Takes somebody out of the queue, for a reason that is recorded. Returns whether they stood in it.
pub(super) fn stop_waiting_for(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    person: PersonId,
    reason: &'static str,
) -> Result<bool, DbError> {
    let stood = store::waiting::remove(tx, organization.id, person)?;
    if stood {
        context.record(tx, Some(organization.parent), Some(organization.id), Event::WaitingEnded { person, reason })?;
    }
    Ok(stood)
}

/// A member with a decided standing. Pins that have run out are taken off.
fn with(before: &Member, standing: &Standing, context: &Context<'_>) -> Member {
    let holding = |pin: &Option<Pin>| pin.clone().filter(|pin| pin.holds(context.now));
    Member {
        role: standing.role.clone(),
        role_source: source(&standing.role_from, Some(&before.role_source), context),
        role_pin: holding(&before.role_pin),
        seat: standing.seat.clone(),
        seat_source: source(&standing.seat_from, Some(&before.seat_source), context),
        seat_pin: holding(&before.seat_pin),
        ..before.clone()
    }
}

fn source(origin: &Origin, before: Option<&Source>, context: &Context<'_>) -> Source {
    let learnt = |group: &GroupKey| Source::Group { group: group.clone(), learnt_at: context.now };
    match (origin, before) {
        (Origin::Group(group), _) => learnt(group),
        (Origin::Unchanged, Some(before)) => before.clone(),
        (Origin::Unchanged | Origin::Default, _) => Source::Default,
    }
}

/// Writes a member whose seat was free when this transaction decided; the writer is alone, so it still is.
pub(super) fn put(tx: &mut dyn Tx, member: &Member) -> Result<(), DbError> {
    if store::members::put(tx, member)? {
        Ok(())
    } else {
        // Another engine may let two transactions decide at once; then the whole closure runs again.
        Err(DbError::Retry)
    }
}

pub(super) fn held(member: &Member) -> Held {
    Held { role: member.role.clone(), seat: member.seat.clone() }
}
