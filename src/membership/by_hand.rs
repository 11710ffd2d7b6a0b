use super::apply::{held, remove};
use super::hand::REMOVED;
use super::{Context, waiting};
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::ids::PersonId;
use crate::organization::{Member, MemberStatus, Organization, Pin, Source};
use crate::product::{Product, RoleKey, SeatTypeKey};
use crate::store;

/// A role and seat given by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The role.
    pub role: RoleKey,
    /// The seat; `None` leaves a member without (unassigned, rule B23).
    pub seat: Option<SeatTypeKey>,
    /// While mappings rule: until when they do not touch it; `None` is without end (rule B26).
    pub until: Option<Timestamp>,
}

/// Why somebody cannot be placed by hand.
#[derive(Debug, thiserror::Error)]
pub enum ByHandError {
    /// Another product's role (rule B1).
    #[error("{product:?} has no role {role:?}; its roles are {roles}")]
    NoSuchRole {
        /// The product's key.
        product: String,
        /// The role asked for.
        role: String,
        /// The roles there are.
        roles: String,
    },
    /// Another product's seat type (rule B1).
    #[error("{product:?} has no seat type {seat:?}; its seat types are {seats}")]
    NoSuchSeat {
        /// The product's key.
        product: String,
        /// The seat type asked for.
        seat: String,
        /// The seat types there are.
        seats: String,
    },
    /// Every seat of this type is taken (rule B23).
    #[error("no {seat} seat is free in {organization}; buy one or free one first")]
    NoFreeSeat {
        /// The organization's slug.
        organization: String,
        /// The seat type.
        seat: String,
    },
    /// Another parent organization's person.
    #[error("this person is not known to the parent organization of {organization}")]
    Stranger {
        /// The organization's slug.
        organization: String,
    },
    /// The address lies in no verified domain, so its person could never sign in (rule B8).
    #[error("{0} is no verified domain of the parent organization; nobody with this address could sign in")]
    DomainNotVerified(String),
    /// There is nobody to be added.
    #[error("this person is a member already")]
    AlreadyAMember,
    /// There is nobody to be changed.
    #[error("this person is no member any more")]
    NoMember,
    /// Only who has *identity* may do this.
    #[error("only somebody whose role has the permission \"identity\" may do this")]
    NeedsIdentity,
    /// It reaches an organization where whoever does it may not.
    #[error(
        "this person also belongs to an organization that you do not administer; its admins, or an operator, have to do it"
    )]
    Elsewhere,
    /// Nobody could configure the organization afterwards (rule B33).
    #[error("nobody else could configure this organization; type its name to do it all the same")]
    LastWithIdentity,
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// Makes a person a member, or changes a member's role and seat, by hand. While mappings rule, that is a pin. Returns whether
/// anything changed.
pub fn place_by_hand(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    person: PersonId,
    place: &Place,
) -> Result<bool, ByHandError> {
    check(context, organization, place)?;
    let of = store::people::by_id(tx, person)?.map(|known| known.parent);
    if of != Some(organization.parent) {
        return Err(ByHandError::Stranger { organization: organization.slug.to_string() });
    }
    let before = store::members::find(tx, organization.id, person)?;
    let standing = before.as_ref().filter(|member| member.is_active());
    let after = placed(context, organization, person, standing, place);
    if standing == Some(&after) {
        return Ok(false);
    }
    if !store::members::put(tx, &after)? {
        let seat = place.seat.as_ref().map_or_else(String::new, ToString::to_string);
        return Err(ByHandError::NoFreeSeat { organization: organization.slug.to_string(), seat });
    }
    store::waiting::remove(tx, organization.id, person)?;
    let event = match standing {
        None => Event::MemberJoined { person, now: held(&after), why: "by_hand" },
        Some(before) => Event::MemberChanged {
            person,
            before: held(before),
            after: held(&after),
            why: "by_hand",
            deferred_seat: None,
        },
    };
    context.record(tx, Some(organization.parent), Some(organization.id), event)?;
    if standing.is_some_and(|before| before.seat.is_some() && before.seat != after.seat) {
        waiting::admit_waiting(tx, context, organization)?;
    }
    Ok(true)
}

/// Ends a membership by hand. In a jit mode the person returns at the next sign-in unless unassigned at the identity provider.
/// Returns whether there was one.
pub fn remove_by_hand(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    person: PersonId,
) -> Result<bool, DbError> {
    let before = store::members::find(tx, organization.id, person)?;
    let stood = before.as_ref().is_some_and(Member::is_active);
    remove(tx, context, organization, before.as_ref(), REMOVED)?;
    Ok(stood)
}

fn check(context: &Context<'_>, organization: &Organization, place: &Place) -> Result<(), ByHandError> {
    let product = context.product(organization)?;
    no_such_role(product, &place.role)?;
    no_such_seat(product, place.seat.as_ref())
}

fn list(keys: Vec<&str>) -> String {
    if keys.is_empty() { "none".to_owned() } else { keys.join(", ") }
}

/// Rule B1, for a role.
pub(super) fn no_such_role(product: &Product, role: &RoleKey) -> Result<(), ByHandError> {
    if product.role(role).is_some() {
        return Ok(());
    }
    Err(ByHandError::NoSuchRole {
        product: product.key().to_string(),
        role: role.to_string(),
        roles: list(product.roles().iter().map(|role| role.key.as_str()).collect()),
    })
}

/// Rule B1, for a seat type; none at all is fine.
pub(super) fn no_such_seat(product: &Product, seat: Option<&SeatTypeKey>) -> Result<(), ByHandError> {
    match seat {
        Some(seat) if product.seat_type(seat).is_none() => Err(ByHandError::NoSuchSeat {
            product: product.key().to_string(),
            seat: seat.to_string(),
            seats: list(product.seat_types().iter().map(|seat| seat.key.as_str()).collect()),
        }),
        Some(_) | None => Ok(()),
    }
}

/// The member as placed. What stays the same keeps its source and pin.
fn placed(
    context: &Context<'_>,
    organization: &Organization,
    person: PersonId,
    before: Option<&Member>,
    place: &Place,
) -> Member {
    let by = context.actor.to_string();
    let by_hand = || Source::ByHand { by: by.clone(), at: context.now };
    let pin = || {
        let pins = organization.mode.has_group_mappings();
        pins.then(|| Pin { by: by.clone(), since: context.now, until: place.until })
    };
    let until = |pin: &Option<Pin>| pin.as_ref().map(|pin| pin.until);
    let same_until = |kept: &Option<Pin>| until(kept) == until(&pin());
    match before {
        None => Member {
            organization: organization.id,
            person,
            status: MemberStatus::Active,
            role: place.role.clone(),
            role_source: by_hand(),
            role_pin: pin(),
            seat: place.seat.clone(),
            seat_source: by_hand(),
            seat_pin: pin(),
            joined_at: context.now,
            version: 1,
        },
        Some(before) => {
            let mut after = before.clone();
            if before.role != place.role || !same_until(&before.role_pin) {
                (after.role, after.role_source, after.role_pin) = (place.role.clone(), by_hand(), pin());
            }
            if before.seat != place.seat || !same_until(&before.seat_pin) {
                (after.seat, after.seat_source, after.seat_pin) = (place.seat.clone(), by_hand(), pin());
            }
            after
        }
    }
}
