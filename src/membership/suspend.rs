//! Switching somebody off by hand, and on again. It is the person who is switched off, in every organization of the parent at once;
//! so whoever does it needs the authority in each of them. Role, seat and history stay. No sign-in, push or run resumes anybody.

use super::{ByHandError, Context, is_last_with_identity};
use crate::audit::{Actor, Event};
use crate::db::{DbError, Tx};
use crate::ids::PersonId;
use crate::organization::{Member, Organization};
use crate::product::{Permission, RoleKey};
use crate::provisioning::{Act, Authority, may_by_hand};
use crate::store;

/// Why sessions end, in the audit log.
const SUSPENDED: &str = "suspended";

/// What switching somebody off or on reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The other organizations of the parent where they are a member or wait.
    pub elsewhere: Vec<Organization>,
    /// In one of the organizations whoever does it may not: another admin or an operator has to.
    pub beyond: bool,
    /// It is whoever does it.
    pub oneself: bool,
    /// The organizations that nobody else could configure.
    pub locked_out: Vec<Organization>,
    /// Sessions that end.
    pub sessions: u64,
}

impl Reach {
    /// What is to be typed by whoever knows what it means (rule B33): the name of the organization that nobody could configure any
    /// more, this one first; for oneself, that of this one.
    pub fn guard<'a>(&'a self, here: &'a Organization) -> Option<&'a Organization> {
        let locked_out = self.locked_out.iter().find(|one| one.id == here.id).or(self.locked_out.first());
        locked_out.or(self.oneself.then_some(here))
    }
}

/// How much the actor may do to members of an organization by hand; `None` where nothing.
fn authority(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
) -> Result<Option<Authority>, DbError> {
    let person = match &context.actor {
        Actor::Shell(_) | Actor::Operator => return Ok(Some(Authority::Identity)),
        Actor::Person(person) => *person,
        Actor::Directory | Actor::System | Actor::IdentityProvider(_) | Actor::SetupLink(_) | Actor::Stranger => {
            return Ok(None);
        }
    };
    if store::people::by_id(tx, person)?.is_none_or(|known| known.suspended) {
        return Ok(None);
    }
    let Some(member) = store::members::find(tx, organization.id, person)?.filter(Member::is_active) else {
        return Ok(None);
    };
    let product = context.product(organization)?;
    Ok(if product.allows(&member.role, Permission::Identity) {
        Some(Authority::Identity)
    } else if product.allows(&member.role, Permission::Members) {
        Some(Authority::Members)
    } else {
        None
    })
}

/// The role held or waited for.
fn role_in(tx: &mut dyn Tx, organization: &Organization, person: PersonId) -> Result<Option<RoleKey>, DbError> {
    let member = store::members::find(tx, organization.id, person)?.filter(Member::is_active);
    if let Some(member) = member {
        return Ok(Some(member.role));
    }
    Ok(store::waiting::find(tx, organization.id, person)?.map(|place| place.role))
}

/// What it would mean now if the actor did something to a person in all organizations. Writes nothing.
pub fn reach(tx: &mut dyn Tx, context: &Context<'_>, here: &Organization, person: PersonId) -> Result<Reach, DbError> {
    let mut reach = Reach {
        oneself: context.actor == Actor::Person(person),
        sessions: store::sessions::of_person(tx, person)?.len() as u64,
        ..Reach::default()
    };
    for organization in store::organizations::of_parent(tx, here.parent)? {
        let Some(role) = role_in(tx, &organization, person)? else { continue };
        let product = context.product(&organization)?;
        let may = authority(tx, context, &organization)?
            .is_some_and(|authority| may_by_hand(product, authority, Act::Suspend(&role)));
        reach.beyond |= !may;
        let member = store::members::find(tx, organization.id, person)?.filter(Member::is_active);
        if let Some(member) = member
            && is_last_with_identity(tx, context, &organization, &member)?
        {
            reach.locked_out.push(organization.clone());
        }
        if organization.id != here.id {
            reach.elsewhere.push(organization);
        }
    }
    Ok(reach)
}

/// Switches a person off: no session counts from the next request on, and no sign-in is let in. `typed` is what whoever does it has
/// typed where [`Reach::guard`] asks for a name. Returns whether anything changed.
pub fn suspend(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    here: &Organization,
    person: PersonId,
    typed: &str,
) -> Result<bool, ByHandError> {
    let known = known(tx, here, person)?;
    let reach = allowed(tx, context, here, person)?;
    if known.suspended {
        return Ok(false);
    }
    if reach.guard(here).is_some_and(|named| named.name.trim() != typed) {
        return Err(ByHandError::LastWithIdentity);
    }
    store::people::set_suspended(tx, person, Some(context.now))?;
    let at = (Some(here.parent), Some(here.id));
    context.record(tx, at.0, at.1, Event::PersonSuspended { person })?;
    let count = store::sessions::end_all(tx, person)?;
    if count > 0 {
        context.record(tx, at.0, at.1, Event::SessionsEnded { person, count, reason: SUSPENDED })?;
    }
    Ok(true)
}

/// Switches a person on again: the next sign-in is decided as always. Returns whether anything changed.
pub fn resume(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    here: &Organization,
    person: PersonId,
) -> Result<bool, ByHandError> {
    let known = known(tx, here, person)?;
    allowed(tx, context, here, person)?;
    if !known.suspended {
        return Ok(false);
    }
    store::people::set_suspended(tx, person, None)?;
    context.record(tx, Some(here.parent), Some(here.id), Event::PersonResumed { person })?;
    Ok(true)
}

fn known(tx: &mut dyn Tx, here: &Organization, person: PersonId) -> Result<store::people::Person, ByHandError> {
    let known = store::people::by_id(tx, person)?.filter(|known| known.parent == here.parent);
    known.ok_or_else(|| ByHandError::Stranger { organization: here.slug.to_string() })
}

fn allowed(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    here: &Organization,
    person: PersonId,
) -> Result<Reach, ByHandError> {
    let role = role_in(tx, here, person)?.ok_or(ByHandError::NoMember)?;
    let authority = authority(tx, context, here)?.ok_or(ByHandError::NeedsIdentity)?;
    if !may_by_hand(context.product(here)?, authority, Act::Suspend(&role)) {
        return Err(ByHandError::NeedsIdentity);
    }
    let reach = reach(tx, context, here, person)?;
    if reach.beyond { Err(ByHandError::Elsewhere) } else { Ok(reach) }
}

#[cfg(test)]
mod tests;
