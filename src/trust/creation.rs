use crate::db::{DbError, Tx};
use crate::ids::{ParentId, Slug};
use crate::organization::{Member, ParentOrganization};
use crate::product::{Catalog, Permission};
use crate::store;
use crate::store::people::Person;

/// Who wants to found an organization.
#[derive(Clone, Copy, Debug)]
pub enum Founder<'a> {
    /// Whoever has the shell or an operator link.
    Operator,
    /// A signed-in person.
    Person(&'a Person),
}

/// A parent organization keeps it to itself who founds organizations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "parent organization {0} restricts the creation of organizations: its operator, or an Owner of its first organization, can found one"
)]
pub struct CreationRestricted(pub Slug);

/// Whether somebody may found an organization, under `parent` or apart from all (`None`). A parent that *restricts organization
/// creation* lets only an operator, and whoever may configure its first organization, found one under it; and nobody else with an
/// address in its verified domains found one anywhere.
pub fn may_found(
    tx: &mut dyn Tx,
    catalog: &Catalog,
    parent: Option<ParentId>,
    who: Founder<'_>,
) -> Result<Result<(), CreationRestricted>, DbError> {
    let Founder::Person(person) = who else { return Ok(Ok(())) };
    let of_the_domain = store::domains::verified_owner(tx, &person.email.domain())?;
    for concerned in [parent, of_the_domain].into_iter().flatten() {
        let Some(concerned) = store::organizations::parent_by_id(tx, concerned)? else { continue };
        if concerned.restrict_creation && !configures_the_first(tx, catalog, &concerned, person)? {
            return Ok(Err(CreationRestricted(concerned.slug)));
        }
    }
    Ok(Ok(()))
}

fn configures_the_first(
    tx: &mut dyn Tx,
    catalog: &Catalog,
    parent: &ParentOrganization,
    person: &Person,
) -> Result<bool, DbError> {
    let all = store::organizations::of_parent(tx, parent.id)?;
    let Some(first) = all.into_iter().min_by_key(|organization| organization.id.0) else { return Ok(false) };
    let Some(product) = catalog.product(&first.product) else { return Ok(false) };
    let member = store::members::find(tx, first.id, person.id)?.filter(Member::is_active);
    Ok(member.is_some_and(|member| product.allows(&member.role, Permission::Identity)))
}
