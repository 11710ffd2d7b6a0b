use crate::db::{DbError, Tx};
use crate::ids::{ParentId, Slug};
use crate::product::Catalog;
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
        if concerned.restrict_creation && !super::governs(tx, catalog, concerned.id, person.id)? {
            return Ok(Err(CreationRestricted(concerned.slug)));
        }
    }
    Ok(Ok(()))
}
