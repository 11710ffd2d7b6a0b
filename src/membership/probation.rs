//! Changes of access settings that take *identity* from somebody: they stand only if somebody who signs in under the new rules says
//! so in time; else they are taken back, with what they did.

use std::time::Duration;

use super::Context;
use super::apply::held;
use super::hand::REMOVED;
use super::settings::write;
use super::sync::{Runs, SyncError};
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::ids::{OrganizationId, PersonId, SyncRunId};
use crate::organization::{AccessSettings, Member, MemberStatus, Organization, Source};
use crate::provisioning::Refusal;
use crate::store;
use crate::store::probations::{Probation, ProbationEnd};

/// How long there is to confirm.
pub const CONFIRM_WITHIN: Duration = Duration::from_secs(10 * 60);

/// Why a change is not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ProbationError {
    /// Nothing waits: confirmed, taken back or overtaken.
    #[error("no change waits to be confirmed")]
    Nothing,
    /// The session is older than the change, and proves nothing about it.
    #[error("only a sign-in after the change proves that the new rules let somebody in")]
    SignInTooOld,
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// Puts settings that were just saved on probation; `before` is the organization as it was. Keeps what those had from whom they take
/// *identity*.
pub fn put_on_probation(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    before: &Organization,
    after: &AccessSettings,
    run: Option<SyncRunId>,
    people: &[PersonId],
) -> Result<(), DbError> {
    let mut kept = Vec::with_capacity(people.len());
    for person in people {
        kept.extend(store::members::find(tx, before.id, *person)?);
    }
    let ends_at = context.now.plus(CONFIRM_WITHIN);
    let probation = Probation {
        id: 0,
        organization: before.id,
        before: AccessSettings::of(before),
        after: after.clone(),
        actor: context.actor.to_string(),
        run,
        saved_at: context.now,
        ends_at,
    };
    store::probations::arm(tx, &probation, &kept)?;
    let event =
        Event::SettingsOnProbation { organization: before.slug.to_string(), until: ends_at, people: people.len() };
    context.record(tx, Some(before.parent), Some(before.id), event)
}

/// Confirms the change that waits: by somebody who signed in at `signed_in`, after it was saved.
pub fn confirm_settings(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    signed_in: Timestamp,
) -> Result<(), ProbationError> {
    let armed = store::probations::armed(tx, organization.id)?.filter(|armed| armed.ends_at > context.now);
    let armed = armed.ok_or(ProbationError::Nothing)?;
    if signed_in <= armed.saved_at {
        return Err(ProbationError::SignInTooOld);
    }
    store::probations::end(tx, armed.id, ProbationEnd::Confirmed, context.now)?;
    let event = Event::SettingsConfirmed { organization: organization.slug.to_string() };
    Ok(context.record(tx, Some(organization.parent), Some(organization.id), event)?)
}

impl Runs {
    /// Takes back what nobody confirmed in time. Returns how many changes that were. What fails in one organization locks nobody out of
    /// another: the first error comes at the end.
    pub fn take_back_due(&self) -> Result<usize, SyncError> {
        let due = self.db.read(|tx| store::probations::due(tx, self.now()))?;
        let (mut taken, mut failed) = (0, None);
        for organization in due {
            match self.take_back(organization) {
                Ok(was) => taken += usize::from(was),
                // Its run is being undone already: after that, the next time.
                Err(SyncError::Undoing(_)) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(taken), Err)
    }

    /// Takes the change of an organization back that waits to be confirmed: what its run did, the settings, and what sign-ins have
    /// taken since from those whom it was about. Returns whether there was one. [`SyncError::Undoing`]: not yet, its run is being undone
    /// already.
    pub fn take_back(&self, organization: OrganizationId) -> Result<bool, SyncError> {
        let armed = self.db.read(|tx| store::probations::armed(tx, organization))?;
        let Some(armed) = armed else { return Ok(false) };
        if let Some(run) = armed.run {
            match self.undo(run) {
                // Never carried out, or undone before somebody pulled the plug.
                Ok(_) | Err(SyncError::NotDone(..) | SyncError::NoRun(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let taken = self.write(move |tx, context| take_back(tx, context, &armed))?;
        let Some(run) = taken else { return Ok(false) };
        if let Some(run) = run {
            self.finish(run)?;
        }
        Ok(true)
    }
}

/// `None` where somebody else was quicker.
fn take_back(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    armed: &Probation,
) -> Result<Option<Option<SyncRunId>>, SyncError> {
    if store::probations::armed(tx, armed.organization)?.is_none_or(|still| still.id != armed.id) {
        return Ok(None);
    }
    let Some(organization) = store::organizations::by_id(tx, armed.organization)? else { return Ok(None) };
    let (parent, id) = (Some(organization.parent), Some(organization.id));
    let name = organization.slug.to_string();
    if AccessSettings::of(&organization).in_order() != armed.after.clone().in_order() {
        // A file or a command has set something else since: that stands.
        store::probations::end(tx, armed.id, ProbationEnd::Overtaken, context.now)?;
        context.record(tx, parent, id, Event::SettingsOvertaken { organization: name })?;
        return Ok(Some(None));
    }
    let before = armed.before.in_place_of(&organization);
    let run = write(tx, context, &organization, &before)?;
    let mut restored = 0;
    for member in store::probations::people(tx, armed)? {
        restored += u32::from(give_back(tx, context, &organization, armed, &member)?);
    }
    store::probations::end(tx, armed.id, ProbationEnd::TakenBack, context.now)?;
    context.record(tx, parent, id, Event::SettingsTakenBack { organization: name, restored })?;
    Ok(Some(run))
}

/// Gives somebody back what a sign-in or a run has taken since; a role or seat from somebody's hand stands, and so does the
/// directory's word that somebody is gone: settings have no part in that. A seat that has gone to somebody else meanwhile stays there
/// (rule B23).
fn give_back(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    armed: &Probation,
    before: &Member,
) -> Result<bool, DbError> {
    let person = before.person;
    let Some(now) = store::members::find(tx, organization.id, person)? else { return Ok(false) };
    let for_good = [REMOVED, Refusal::NotProvisioned.code(), Refusal::Suspended.code()];
    if let MemberStatus::Ended { reason, .. } = &now.status
        && for_good.contains(&reason.as_str())
    {
        return Ok(false);
    }
    let by_hand_since = |source: &Source| matches!(source, Source::ByHand { at, .. } if *at >= armed.saved_at);
    let mut after = before.clone();
    if now.is_active() && by_hand_since(&now.role_source) {
        (after.role, after.role_source, after.role_pin) =
            (now.role.clone(), now.role_source.clone(), now.role_pin.clone());
    }
    if now.is_active() && by_hand_since(&now.seat_source) {
        (after.seat, after.seat_source, after.seat_pin) =
            (now.seat.clone(), now.seat_source.clone(), now.seat_pin.clone());
    }
    if now.is_active() && now.role == after.role && now.seat == after.seat {
        return Ok(false);
    }
    if !store::members::put(tx, &after)? {
        after.seat = if now.is_active() { now.seat.clone() } else { None };
        if !store::members::put(tx, &after)? {
            return Err(DbError::Retry);
        }
    }
    store::waiting::remove(tx, organization.id, person)?;
    let event = if now.is_active() {
        Event::MemberChanged { person, before: held(&now), after: held(&after), why: UNDONE, deferred_seat: None }
    } else {
        Event::MemberJoined { person, now: held(&after), why: UNDONE }
    };
    context.record(tx, Some(organization.parent), Some(organization.id), event)?;
    Ok(true)
}

/// Why somebody stands as they do, in the audit log.
const UNDONE: &str = "undone";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::membership::tests::{MAPPED, World, groups};
    use crate::organization::{ProvisioningMode, SyncCause, SyncState};

    #[test]
    fn a_change_that_two_take_back_at_once_is_taken_back_once() {
        let world = World::new();
        let manual = world.organization("work", "enterprise-seats", ProvisioningMode::Manual, &[("standard", 1)]);
        let mapped = Organization { mode: MAPPED, ..manual.clone() };
        let id = manual.id;
        let armed = world
            .write(move |tx, context| {
                store::organizations::update(tx, &mapped)?;
                put_on_probation(tx, context, &manual, &AccessSettings::of(&mapped), None, &[])?;
                store::probations::armed(tx, id)
            })
            .expect("saved")
            .expect("on probation");
        world.sign_in("anna", groups(&["everyone"]));
        // Both have read that it waits.
        let again = armed.clone();
        assert_eq!(world.write(move |tx, context| take_back(tx, context, &armed)).expect("taken back"), Some(None));
        let told = world.events(1);
        assert!(told[0].starts_with("settings_taken_back "), "{told:?}");
        let late = world.write(move |tx, context| take_back(tx, context, &again)).expect("looked");
        assert_eq!((late, world.events(1)), (None, told));
    }

    #[test]
    fn hostile_an_undo_under_way_in_one_organization_keeps_nobody_locked_out_of_another() {
        let mut world = World::new();
        let saved = ["work", "lab"].map(|name| {
            let manual = world.organization(name, "enterprise-seats", ProvisioningMode::Manual, &[("standard", 1)]);
            let mapped = Organization { mode: MAPPED, ..manual.clone() };
            let id = manual.id;
            let run = world
                .write(move |tx, context| -> Result<SyncRunId, DbError> {
                    let run = store::sync_runs::begin(tx, id, SyncCause::Save, "ops", 0, context.now)?;
                    store::sync_runs::set_state(tx, run, SyncState::Done, context.now)?;
                    store::organizations::update(tx, &mapped)?;
                    put_on_probation(tx, context, &manual, &AccessSettings::of(&mapped), Some(run), &[])?;
                    Ok(run)
                })
                .expect("saved");
            (id, run)
        });
        let modes = |world: &World| {
            saved.map(|(id, _)| world.read(|tx| store::organizations::by_id(tx, id)).expect("there").mode)
        };
        world.later(601);
        let run = saved[0].1;
        world.write(move |tx, context| store::sync_runs::begin_undo(tx, run, 1, context.now)).expect("begun");
        assert_eq!(world.runs().take_back_due().expect("looked"), 1);
        assert_eq!(modes(&world), [MAPPED, ProvisioningMode::Manual]);
        let not_yet = world.runs().take_back(saved[0].0);
        assert!(matches!(not_yet, Err(SyncError::Undoing(_))), "{not_yet:?}");
        // Cut off: whoever looks next goes on with it.
        world.later(61);
        assert_eq!(world.runs().take_back_due().expect("looked"), 1);
        assert_eq!(modes(&world), [ProvisioningMode::Manual, ProvisioningMode::Manual]);
    }
}
