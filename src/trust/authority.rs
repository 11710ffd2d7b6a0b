use super::TrustError;
use crate::audit::Actor;
use crate::db::{DbError, Tx};
use crate::ids::{ParentId, PersonId};
use crate::membership::Context;
use crate::organization::{Member, Organization};
use crate::product::{Catalog, Permission};
use crate::store;

/// The organization that founded a parent, or came to it first. Whoever may configure it governs what holds for everybody under the parent.
pub fn first_organization(tx: &mut dyn Tx, parent: ParentId) -> Result<Option<Organization>, DbError> {
    match store::organizations::founder(tx, parent)? {
        Some(first) => store::organizations::by_id(tx, first),
        None => Ok(None),
    }
}

/// Whether somebody governs a parent's identity: may say whom everybody's sign-in believes. A connection that is switched on can
/// assert the address of any member of any organization under the parent, so *identity* in an attached one is not enough.
pub fn governs(tx: &mut dyn Tx, catalog: &Catalog, parent: ParentId, person: PersonId) -> Result<bool, DbError> {
    let Some(first) = first_organization(tx, parent)? else { return Ok(false) };
    configures(tx, catalog, &first, person)
}

/// Whether somebody may configure any organization under a parent.
pub(super) fn configures_any(
    tx: &mut dyn Tx,
    catalog: &Catalog,
    parent: ParentId,
    person: PersonId,
) -> Result<bool, DbError> {
    for organization in store::organizations::of_parent(tx, parent)? {
        if configures(tx, catalog, &organization, person)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn configures(
    tx: &mut dyn Tx,
    catalog: &Catalog,
    organization: &Organization,
    person: PersonId,
) -> Result<bool, DbError> {
    let Some(product) = catalog.product(&organization.product) else { return Ok(false) };
    let person = store::people::by_id(tx, person)?.filter(|known| !known.suspended);
    let Some(person) = person else { return Ok(false) };
    let member = store::members::find(tx, organization.id, person.id)?.filter(Member::is_active);
    Ok(member.is_some_and(|member| product.allows(&member.role, Permission::Identity)))
}

/// Refuses whoever does not govern the parent: what they do would hold for everybody under it.
pub fn check_governs(tx: &mut dyn Tx, context: &Context<'_>, parent: ParentId) -> Result<(), TrustError> {
    let may = match &context.actor {
        Actor::Operator | Actor::Shell(_) | Actor::System => true,
        Actor::Person(person) => governs(tx, context.catalog, parent, *person)?,
        Actor::SetupLink(_) | Actor::Directory | Actor::IdentityProvider(_) | Actor::Stranger => false,
    };
    if may {
        return Ok(());
    }
    let first = first_organization(tx, parent)?.map_or_else(String::new, |first| first.name);
    Err(TrustError::NotGoverning(first))
}

/// An organization whose people sign in as the parent's connections and domains say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Governed {
    /// Its name.
    pub name: String,
    /// How many people are members there.
    pub members: u64,
}

/// The organizations under a parent: the first one, then by name.
pub fn concerned(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Governed>, DbError> {
    let mut all = store::organizations::of_parent(tx, parent)?;
    let first = store::organizations::founder(tx, parent)?;
    all.sort_by_key(|organization| (first != Some(organization.id), organization.name.to_lowercase()));
    let mut concerned = Vec::with_capacity(all.len());
    for organization in all {
        let (members, _) = store::members::count(tx, organization.id)?;
        concerned.push(Governed { name: organization.name, members });
    }
    Ok(concerned)
}
