//! People of an organization that changes its parent. A person belongs to one parent and is known there by its connections; so each of
//! them becomes somebody at the other parent, and their membership goes with the organization (decision 0015).

use super::{Context, brake};
use crate::audit::Event;
use crate::db::{DbError, Tx};
use crate::ids::{ParentId, PersonId};
use crate::organization::{Organization, ParentOrganization, SyncState};
use crate::store;
use crate::store::people::Person;

/// Why a membership is somebody else's now, in the audit log.
const LINKED: &str = "linked";
const COPIED: &str = "copied";

/// Who somebody becomes at the other parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// The same person, who leaves the present parent: belongs to no other organization there.
    Same,
    /// Whoever has the address there already.
    Linked(Box<Person>),
    /// A new person there; at the present parent they stay, for its other organizations.
    Copied,
}

/// Who somebody becomes at another parent; `None` is a parent that nobody belongs to yet.
pub fn becomes(
    tx: &mut dyn Tx,
    organization: &Organization,
    person: &Person,
    to: Option<ParentId>,
) -> Result<Becomes, DbError> {
    if let Some(to) = to
        && let Some(known) = store::people::by_email(tx, to, &person.email)?
    {
        return Ok(Becomes::Linked(Box::new(known)));
    }
    let elsewhere = store::members::of_person(tx, person.id)?.iter().any(|one| one.organization != organization.id)
        || store::waiting::organizations_of(tx, person.id)?.iter().any(|one| *one != organization.id);
    Ok(if elsewhere { Becomes::Copied } else { Becomes::Same })
}

/// Everybody of whom an organization knows: members, former ones and those who wait.
pub fn everybody(tx: &mut dyn Tx, organization: &Organization) -> Result<Vec<PersonId>, DbError> {
    let mut all: Vec<PersonId> =
        store::members::of_organization(tx, organization.id)?.into_iter().map(|member| member.person).collect();
    all.extend(store::waiting::of_organization(tx, organization.id)?.into_iter().map(|place| place.person));
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Attaches an organization to another parent, with everybody it knows. All their sessions end: they came by the word of connections
/// that have no say any more, and whoever gets a membership by their address has to prove the address again. Returns how many people
/// came along.
pub fn resettle(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    to: &ParentOrganization,
    new_public_id: &dyn Fn() -> String,
) -> Result<u64, DbError> {
    // What rests on the directory or on people of the parent so far has no meaning at the other.
    brake::supersede(tx, context, organization.id, true)?;
    for run in store::sync_runs::undoing(tx, organization.id)? {
        store::sync_runs::set_state(tx, run.id, SyncState::Superseded, context.now)?;
    }
    store::sync_holds::release_all(tx, organization.id)?;
    store::deferred_seats::remove_all(tx, organization.id)?;
    store::group_bindings::forget_all(tx, organization.id)?;
    store::organizations::set_sync_pending(tx, organization.id, false)?;
    store::sync_changes::forget_of(tx, organization.id)?;
    store::access_drafts::remove_all(tx, organization.id)?;
    let everybody = everybody(tx, organization)?;
    for id in &everybody {
        let Some(person) = store::people::by_id(tx, *id)? else { continue };
        store::sessions::end_all(tx, person.id)?;
        let (now, why) = match becomes(tx, organization, &person, Some(to.id))? {
            Becomes::Same => {
                store::people::forget_all_subjects(tx, person.id)?;
                store::directory_users::unlink(tx, person.id)?;
                store::people::move_to(tx, person.id, to.id)?;
                continue;
            }
            Becomes::Linked(known) => {
                // The address may have come by a push, or be an old one: only a sign-in that asserts it now leads to the membership.
                store::sessions::end_all(tx, known.id)?;
                store::people::forget_all_subjects(tx, known.id)?;
                (known.id, LINKED)
            }
            Becomes::Copied => {
                let copy =
                    store::people::add(tx, to.id, &new_public_id(), &person.email, &person.display_name, context.now)?;
                if person.suspended {
                    store::people::set_suspended(tx, copy, Some(context.now))?;
                }
                let event = Event::PersonCreated { person: copy, email: person.email.to_string() };
                context.record(tx, Some(to.id), None, event)?;
                (copy, COPIED)
            }
        };
        store::members::give_to(tx, organization.id, person.id, now)?;
        store::waiting::give_to(tx, organization.id, person.id, now)?;
        let event = Event::MemberMoved { person: now, before: person.id, why };
        context.record(tx, Some(to.id), Some(organization.id), event)?;
    }
    store::organizations::attach(tx, organization.id, to.id)?;
    Ok(everybody.len() as u64)
}
