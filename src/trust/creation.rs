use crate::audit::Actor;
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

/// Why whoever acts may not found an organization.
#[derive(Debug, thiserror::Error)]
pub enum MayNotFound {
    /// A directory, an identity provider, somebody who is gone, or nobody known.
    #[error("only a known person or an operator can found one")]
    Nobody,
    /// The parent keeps it to itself.
    #[error(transparent)]
    Restricted(#[from] CreationRestricted),
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// Whether whoever acts may found an organization under a parent: what every path that founds one asks, in the transaction that does.
pub fn actor_may_found(tx: &mut dyn Tx, catalog: &Catalog, parent: ParentId, actor: &Actor) -> Result<(), MayNotFound> {
    let person = match actor {
        Actor::Shell(_) | Actor::Operator | Actor::System => {
            return Ok(may_found(tx, catalog, Some(parent), Founder::Operator)??);
        }
        Actor::Person(id) => store::people::by_id(tx, *id)?.ok_or(MayNotFound::Nobody)?,
        Actor::SetupLink(_) | Actor::Directory | Actor::IdentityProvider(_) | Actor::Stranger => {
            return Err(MayNotFound::Nobody);
        }
    };
    Ok(may_found(tx, catalog, Some(parent), Founder::Person(&person))??)
}
