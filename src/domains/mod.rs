//! The life of domains (rule B6): claimed, proven by a record in DNS or vouched for, looked up again for as long as they stand, and
//! given up. Each step is one transaction with its event; the asking itself is `dns`'s, what an answer means `organization`'s.

mod watch;

pub use watch::{check, check_due};

use std::collections::BTreeMap;

use crate::audit::{Event, Thing};
use crate::db::{DbError, Tx};
use crate::identity::DomainName;
use crate::ids::{ParentId, Slug};
use crate::membership::Context;
use crate::organization::{Domain, DomainState, Found};
use crate::store;
use crate::trust::{self, TrustError};

/// Why nothing was done about a domain.
#[derive(Debug, thiserror::Error)]
pub enum DomainError {
    /// Everybody has an address there.
    #[error("{0} is a public mail provider: an address there says nothing about an organization")]
    PublicMail(DomainName),
    /// Proven by somebody else. Whose it is may be told to an operator only.
    #[error(
        "{name} belongs to another parent organization here, which has proven it; one domain belongs to one parent"
    )]
    Taken {
        /// The domain.
        name: DomainName,
        /// Whose it is.
        owner: Slug,
    },
    /// This parent never claimed it, or has given it up.
    #[error("{0} is not among the domains of this parent organization")]
    Unknown(DomainName),
    /// People sign in by it, and whoever wants this does not govern the parent's identity.
    #[error(transparent)]
    Trust(TrustError),
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// A fresh value for [`claim`] and [`vouch`]; made outside the transaction, which may run twice.
pub fn new_challenge() -> String {
    crate::secrets::public_id(Domain::PREFIX)
}

/// Claims a domain for a parent organization; the claim is proven by a record with `challenge`. One that is known stays as it is,
/// with its own value. Returns whether it is new.
pub fn claim(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    parent: ParentId,
    name: &DomainName,
    challenge: &str,
) -> Result<bool, DomainError> {
    if name.is_public_mail() {
        return Err(DomainError::PublicMail(name.clone()));
    }
    check_free(tx, parent, name)?;
    if store::domains::find(tx, parent, name)?.is_some() {
        return Ok(false);
    }
    store::domains::add(tx, parent, name, challenge, context.now)?;
    let event = Event::Added { thing: Thing::Domain, name: name.to_string(), after: "pending".to_owned() };
    context.record(tx, Some(parent), None, event)?;
    Ok(true)
}

/// Marks a domain verified by an operator's word, claiming it first if need be. Returns whether that changed anything.
pub fn vouch(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    parent: ParentId,
    name: &DomainName,
    challenge: &str,
) -> Result<bool, DomainError> {
    claim(tx, context, parent, name, challenge)?;
    let known = store::domains::find(tx, parent, name)?.ok_or_else(|| DomainError::Unknown(name.clone()))?;
    if let DomainState::Verified { lost: None, .. } = known.state {
        return Ok(false);
    }
    store::domains::set_verified(tx, known.id, true, context.now)?;
    context.record(tx, Some(parent), None, Event::DomainVouched { name: name.to_string() })?;
    Ok(true)
}

/// Gives a domain up: nobody with an address there signs in any more. Claimed again, it gets another value. A verified one is given
/// up by whoever governs the parent only.
pub fn remove(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    parent: ParentId,
    name: &DomainName,
) -> Result<Domain, DomainError> {
    let known = store::domains::find(tx, parent, name)?.ok_or_else(|| DomainError::Unknown(name.clone()))?;
    if known.is_verified() {
        match trust::check_governs(tx, context, parent) {
            Ok(()) => {}
            Err(TrustError::Db(error)) => return Err(error.into()),
            Err(error) => return Err(DomainError::Trust(error)),
        }
    }
    store::domains::remove(tx, known.id)?;
    context.record(tx, Some(parent), None, Event::Removed { thing: Thing::Domain, name: name.to_string() })?;
    Ok(known)
}

/// How many people can no longer sign in once a domain is given up.
pub fn people_in(tx: &mut dyn Tx, domain: &Domain) -> Result<usize, DbError> {
    if !domain.is_verified() {
        return Ok(0);
    }
    let people = store::people::of_parent(tx, domain.parent)?;
    Ok(people.iter().filter(|person| person.email.domain() == domain.name).count())
}

/// How many people have an address in each domain of a parent organization, in one pass over them.
pub fn people_by_domain(tx: &mut dyn Tx, parent: ParentId) -> Result<BTreeMap<DomainName, usize>, DbError> {
    let mut counts = BTreeMap::new();
    for person in store::people::of_parent(tx, parent)? {
        *counts.entry(person.email.domain()).or_default() += 1;
    }
    Ok(counts)
}

/// Writes what DNS answered about a claim. `None` if the claim is no longer the one that was asked about.
pub fn note(tx: &mut dyn Tx, context: &Context<'_>, asked: &Domain, found: &Found) -> Result<Option<Domain>, DbError> {
    let known = store::domains::by_id(tx, asked.id)?;
    let Some(known) = known.filter(|known| known.challenge == asked.challenge && known.parent == asked.parent) else {
        return Ok(None);
    };
    let owner = store::domains::verified_owner(tx, &known.name)?;
    // The first to be verified keeps it, whatever stands in DNS later.
    let taken = found.proves(&known.challenge) && owner.is_some_and(|owner| owner != known.parent);
    let after = known.looked_up(if taken { Found::OtherParent } else { found.clone() }, context.now);
    store::domains::update(tx, &after)?;
    if let Some(event) = event(&known, &after) {
        context.record(tx, Some(known.parent), None, event)?;
    }
    Ok(Some(after))
}

/// What changed, for the audit log.
fn event(before: &Domain, after: &Domain) -> Option<Event> {
    let name = after.name.to_string();
    match (before.state, after.state) {
        (DomainState::Pending | DomainState::Failed, DomainState::Verified { .. }) => {
            Some(Event::DomainVerified { name })
        }
        (DomainState::Pending, DomainState::Failed) => Some(Event::DomainFailed { name }),
        (DomainState::Verified { lost: None, .. }, DomainState::Verified { lost: Some(_), .. }) => {
            Some(Event::DomainLost { name })
        }
        (DomainState::Verified { lost: Some(_), .. }, DomainState::Verified { lost: None, .. }) => {
            Some(Event::DomainFound { name })
        }
        (
            DomainState::Verified { .. } | DomainState::Pending | DomainState::Failed,
            DomainState::Verified { .. } | DomainState::Pending | DomainState::Failed,
        ) => None,
    }
}

fn check_free(tx: &mut dyn Tx, parent: ParentId, name: &DomainName) -> Result<(), DomainError> {
    let owner = match store::domains::verified_owner(tx, name)? {
        Some(owner) if owner != parent => store::organizations::parent_by_id(tx, owner)?,
        Some(_) | None => None,
    };
    match owner {
        Some(owner) => Err(DomainError::Taken { name: name.clone(), owner: owner.slug }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
