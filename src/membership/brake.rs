use super::Context;
use super::bindings::Synced;
use super::evidence::present;
use crate::audit::Event;
use crate::db::{DbError, Tx};
use crate::ids::{OrganizationId, ParentId, PersonId, SyncRunId};
use crate::organization::{Image, Member, Organization, SyncCause, SyncState};
use crate::provisioning::{Because, Decision, Outcome};
use crate::store;

/// Halts a run, or one that is begun for it: lists whose memberships it would end, and holds these until somebody decides
/// (rule B34). Returns its id.
pub(super) fn halt(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    synced: &Synced,
    cause: SyncCause,
    run: Option<SyncRunId>,
    leaving: impl IntoIterator<Item = PersonId>,
) -> Result<SyncRunId, DbError> {
    let organization = &synced.organization;
    let run = match run {
        Some(run) => run,
        None => {
            let version = directory_version(tx, organization.parent)?;
            store::sync_runs::begin(tx, organization.id, cause, &context.actor.to_string(), version, context.now)?
        }
    };
    let mut ending = 0;
    for person in leaving {
        let member = store::members::find(tx, organization.id, person)?;
        let queued = store::waiting::place(tx, organization.id, person)?;
        store::sync_changes::note(tx, run, person, &Image { member, queued }, None)?;
        store::sync_holds::hold(tx, organization.id, person, run)?;
        ending += 1;
    }
    store::sync_runs::set_state(tx, run, SyncState::Halted, context.now)?;
    let event = Event::SyncHalted { run, cause: cause.as_str(), ending };
    context.record(tx, Some(organization.parent), Some(organization.id), event)?;
    Ok(run)
}

/// How often the directory of a parent organization has changed.
pub(super) fn directory_version(tx: &mut dyn Tx, parent: ParentId) -> Result<i64, DbError> {
    Ok(store::directory::of_parent(tx, parent)?.map_or(0, |directory| directory.version))
}

/// Ends the halted runs of an organization, because a later run or other settings take their place.
pub(super) fn supersede(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    also_running: bool,
) -> Result<(), DbError> {
    for run in store::sync_runs::open(tx, organization)? {
        if run.state == SyncState::Halted || also_running {
            store::sync_runs::set_state(tx, run.id, SyncState::Superseded, context.now)?;
        }
    }
    Ok(())
}

/// What the brake holds is not ended by a sign-in either: whoever is to approve or dismiss may be on the list themselves
/// (rule B34).
pub(super) fn hold_back(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    member: Option<&Member>,
    mut decision: Decision,
) -> Result<Decision, DbError> {
    let Some(standing) = present(member, context.now).map(|member| member.standing()) else { return Ok(decision) };
    let person = member.map(|member| member.person);
    if let Outcome::Remove(_) = decision.outcome
        && let Some(person) = person
        && store::sync_holds::of_person(tx, organization.id, person)?.is_some()
    {
        decision.because.push(Because::RemovalHeld);
        decision.outcome = Outcome::Keep(standing);
    }
    Ok(decision)
}
