//! What is founded on pages, step by step: a parent organization, an organization with its seats, a first administrator, a
//! connection as a draft. Each is one transaction with its events; sent twice, it is founded once. A file does the same in `apply`.

use crate::audit::{Event, Thing};
use crate::connection::{Connection, ConnectionSetup, ConnectionStatus};
use crate::db::{DbError, Tx};
use crate::identity::EmailAddress;
use crate::ids::{OrganizationId, ParentId, PersonId, Slug};
use crate::membership::{self, ByHandError, Context, Hand, NewMember, Place};
use crate::organization::{FreeSeats, GroupMappings, Organization, ProvisioningMode};
use crate::product::{ParentPlan, Product, SeatTypeKey};
use crate::provisioning::Authority;
use crate::store;
use crate::trust::{self, MayNotFound};

/// So many connections of one parent may be begun on the pages and never have passed a test: slugs are unique in the installation, and
/// nobody takes them from everybody else. A file, which is the operator's, may name more.
pub const UNFINISHED: usize = 20;

/// Why nothing was founded.
#[derive(Debug, thiserror::Error)]
pub enum FoundingError {
    /// Something else has this slug.
    #[error("{0} is taken; slugs are unique in the installation")]
    Taken(Slug),
    /// [`UNFINISHED`] of the parent's connections wait to be finished already.
    #[error("so many connections are begun or untested already; finish one or give it up first")]
    TooManyUnfinished,
    /// What it was to belong to is gone.
    #[error("what this belongs to is not there any more")]
    Gone,
    /// Whoever acts may not found an organization there.
    #[error(transparent)]
    MayNot(MayNotFound),
    /// The first administrator cannot be made a member.
    #[error(transparent)]
    ByHand(#[from] ByHandError),
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// Founds a parent organization. One that is there already, just as asked for, is what was founded.
pub fn parent(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    slug: &Slug,
    name: &str,
    plan: ParentPlan,
) -> Result<ParentId, FoundingError> {
    if let Some(known) = store::organizations::parent_by_slug(tx, slug)? {
        let same = known.name == name && known.plan == plan;
        return if same { Ok(known.id) } else { Err(FoundingError::Taken(slug.clone())) };
    }
    let id = store::organizations::add_parent(tx, slug, name, plan)?;
    let after = format!("name {name}; plan {}", plan.as_str());
    context.record(tx, Some(id), None, Event::Added { thing: Thing::Parent, name: slug.to_string(), after })?;
    Ok(id)
}

/// An organization to be founded, in manual mode.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// Whose it is.
    pub parent: ParentId,
    /// Its slug.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// Whom refused people are told to ask.
    pub contact: Option<String>,
    /// How many seats of each type are bought.
    pub seats: Vec<(SeatTypeKey, u32)>,
}

/// Founds an organization: nobody is a member, and nobody becomes one by themselves.
pub fn organization(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    product: &Product,
    new: &NewOrganization,
) -> Result<OrganizationId, FoundingError> {
    if store::organizations::parent_by_id(tx, new.parent)?.is_none() {
        return Err(FoundingError::Gone);
    }
    if let Some(known) = store::organizations::by_slug(tx, &new.slug)? {
        let same = known.parent == new.parent && known.name == new.name && known.product == *product.key();
        return if same { Ok(known.id) } else { Err(FoundingError::Taken(new.slug.clone())) };
    }
    match trust::actor_may_found(tx, context.catalog, new.parent, &context.actor) {
        Ok(()) => {}
        Err(MayNotFound::Db(error)) => return Err(error.into()),
        Err(why) => return Err(FoundingError::MayNot(why)),
    }
    let founded = Organization {
        id: OrganizationId(0),
        parent: new.parent,
        slug: new.slug.clone(),
        name: new.name.clone(),
        product: product.key().clone(),
        mode: ProvisioningMode::Manual,
        mappings: GroupMappings::default(),
        require_sso: false,
        contact: new.contact.clone(),
    };
    let id = store::organizations::add(tx, &founded)?;
    let after = format!("name {}; product {}; provisioning manual", new.name, product.key());
    let event = Event::Added { thing: Thing::Organization, name: new.slug.to_string(), after };
    context.record(tx, Some(new.parent), Some(id), event)?;
    for (seat, bought) in new.seats.iter().filter(|(seat, _)| product.seat_type(seat).is_some()) {
        store::seats::set_bought(tx, id, seat, *bought)?;
        let event = Event::SeatsBought { seat: seat.clone(), before: 0, after: *bought };
        context.record(tx, Some(new.parent), Some(id), event)?;
    }
    Ok(id)
}

/// Makes somebody a member with the highest role, and the highest seat that is free. Who is a member already stays as they are.
pub fn administrator(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    (email, public_id): (&EmailAddress, &str),
) -> Result<Option<PersonId>, FoundingError> {
    let organization = store::organizations::by_id(tx, organization)?.ok_or(FoundingError::Gone)?;
    let product = context.product(&organization)?;
    let counts = store::seats::counts(tx, organization.id)?;
    let Some(highest) = product.roles().first() else { return Err(FoundingError::Gone) };
    let place =
        Place { role: highest.key.clone(), seat: FreeSeats::of(product, &counts).highest().cloned(), until: None };
    let new = NewMember { email: email.clone(), name: None, place, new_public_id: public_id.to_owned() };
    let hand = Hand { authority: Authority::Identity, knows_last: false };
    match membership::add(tx, context, hand, &organization, &new) {
        Ok(person) => Ok(Some(person)),
        Err(ByHandError::AlreadyAMember) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Adds a connection as a draft, which signs nobody in, and keeps how it was set up. Sent twice, it is added once.
pub fn connection(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    new: &Connection,
    setup: &ConnectionSetup,
) -> Result<(), FoundingError> {
    if store::organizations::parent_by_id(tx, new.parent)?.is_none() {
        return Err(FoundingError::Gone);
    }
    if let Some(known) = store::connections::by_slug(tx, &new.slug)? {
        let same = known.parent == new.parent && trust::mark(&known) == trust::mark(new);
        return if same { Ok(()) } else { Err(FoundingError::Taken(new.slug.clone())) };
    }
    check_free(tx, new.parent, &new.slug)?;
    // What was begun under this slug is among them already.
    if store::connection_setups::find(tx, &new.slug)?.is_none() {
        check_unfinished(tx, new.parent)?;
    }
    store::connections::add(tx, new)?;
    if store::connection_setups::find(tx, &setup.slug)?.is_none() {
        store::connection_setups::add(tx, setup)?;
    }
    let after = format!("{}; {}; {}", new.protocol.as_str(), new.status.as_str(), new.whom());
    let event = Event::Added { thing: Thing::Connection, name: new.slug.to_string(), after };
    Ok(context.record(tx, Some(new.parent), None, event)?)
}

/// Begins to set a connection up on pages: its slug is taken from now on, and nothing else has happened. Begun twice, it is begun
/// once.
pub fn setup(tx: &mut dyn Tx, context: &Context<'_>, new: &ConnectionSetup) -> Result<(), FoundingError> {
    if store::organizations::parent_by_id(tx, new.parent)?.is_none() {
        return Err(FoundingError::Gone);
    }
    check_free(tx, new.parent, &new.slug)?;
    if store::connections::by_slug(tx, &new.slug)?.is_some() {
        return Err(FoundingError::Taken(new.slug.clone()));
    }
    if store::connection_setups::find(tx, &new.slug)?.is_some() {
        return Ok(());
    }
    check_unfinished(tx, new.parent)?;
    store::connection_setups::add(tx, new)?;
    let after = format!("begun; {}", new.vendor);
    let event = Event::Added { thing: Thing::Connection, name: new.slug.to_string(), after };
    Ok(context.record(tx, Some(new.parent), None, event)?)
}

/// A slug that another parent organization has begun a connection with is taken.
fn check_free(tx: &mut dyn Tx, parent: ParentId, slug: &Slug) -> Result<(), FoundingError> {
    match store::connection_setups::find(tx, slug)? {
        Some(known) if known.parent != parent => Err(FoundingError::Taken(slug.clone())),
        Some(_) | None => Ok(()),
    }
}

/// Another connection may be begun.
fn check_unfinished(tx: &mut dyn Tx, parent: ParentId) -> Result<(), FoundingError> {
    let known = store::connections::of_parent(tx, parent)?;
    let untested = known.iter().filter(|one| one.status == ConnectionStatus::Draft && one.tested.is_none()).count();
    let begun = store::connection_setups::of_parent(tx, parent)?;
    let begun = begun.iter().filter(|begun| !known.iter().any(|one| one.slug == begun.slug)).count();
    if untested + begun >= UNFINISHED { Err(FoundingError::TooManyUnfinished) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
