//! What the directory holds about people, as evidence for the rules, and who its users are here.

use std::collections::BTreeSet;

use super::Context;
use super::bindings::Synced;
use super::evidence::present;
use crate::audit::Event;
use crate::db::{DbError, Tx};
use crate::identity::{EmailAddress, GroupKey};
use crate::ids::{ParentId, PersonId};
use crate::organization::{FreeSeats, Member, Organization};
use crate::provisioning::{Decision, DirectoryPerson, Evidence, Facts};
use crate::store;
use crate::store::directory_users::UserFacts;

/// Who a user of the directory is here (rule B9).
pub(super) enum Identified {
    /// This person, linked already or by the address.
    Known(PersonId),
    /// Nobody yet.
    New,
    /// The address is that of a person who is another user of the directory.
    Conflict,
}

/// Who a user is: by the link, else by the address, if the person with it is no other user of the directory.
pub(super) fn identify(
    tx: &mut dyn Tx,
    parent: ParentId,
    linked: Option<PersonId>,
    email: Option<&EmailAddress>,
) -> Result<Identified, DbError> {
    if let Some(person) = linked {
        return Ok(Identified::Known(person));
    }
    let Some(email) = email else { return Ok(Identified::New) };
    let Some(holder) = store::people::by_email(tx, parent, email)? else { return Ok(Identified::New) };
    Ok(match store::directory_users::facts_of_person(tx, holder.id)? {
        None => Identified::Known(holder.id),
        Some(_) => Identified::Conflict,
    })
}

/// The person that a user is, linked by now if they are known.
pub(super) fn known_person(tx: &mut dyn Tx, parent: ParentId, user: &UserFacts) -> Result<Option<PersonId>, DbError> {
    match identify(tx, parent, user.person, user.email.as_ref())? {
        Identified::Known(person) => {
            if user.person.is_none() {
                store::directory_users::link(tx, user.id, person)?;
            }
            Ok(Some(person))
        }
        Identified::New | Identified::Conflict => Ok(None),
    }
}

/// Makes the person that a user is, where an organization takes them in. `None` for a user without an address, or with that of
/// somebody else: nobody can be made of them.
pub(super) fn make_person(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    parent: ParentId,
    user: &UserFacts,
) -> Result<Option<PersonId>, DbError> {
    let Some(email) = &user.email else { return Ok(None) };
    if store::people::by_email(tx, parent, email)?.is_some() {
        return Ok(None);
    }
    let name = user.display_name.as_deref().unwrap_or(email.local_part());
    // Ids are made outside transactions; the directory's own is as opaque, and is given once.
    let public_id = free_public_id(tx, &user.public_id)?;
    let person = store::people::add(tx, parent, &public_id, email, name, context.now)?;
    store::directory_users::link(tx, user.id, person)?;
    context.record(tx, Some(parent), None, Event::PersonCreated { person, email: email.to_string() })?;
    Ok(Some(person))
}

/// The directory's own id, or with a number behind it: whoever was made of this user before may have moved to another parent, with
/// the id that applications know.
fn free_public_id(tx: &mut dyn Tx, user: &str) -> Result<String, DbError> {
    let mut free = format!("p-{user}");
    let mut number = 2u64;
    while store::people::is_public_id(tx, &free)? {
        free = format!("p-{user}-{number}");
        number += 1;
    }
    Ok(free)
}

/// What the directory holds about somebody, in the words of one organization's mappings.
pub(super) struct Record {
    active: bool,
    groups: BTreeSet<GroupKey>,
}

impl Record {
    /// As the rules read it.
    pub(super) fn as_evidence(&self) -> DirectoryPerson<'_> {
        DirectoryPerson { active: self.active, groups: &self.groups }
    }

    fn of_user(tx: &mut dyn Tx, synced: &Synced, user: &UserFacts) -> Result<Self, DbError> {
        let mut groups = BTreeSet::new();
        if synced.organization.mode.has_group_mappings() {
            groups = synced.in_words_of_mappings(&store::directory_memberships::groups_of_user(tx, user.id)?);
        }
        Ok(Self { active: user.active, groups })
    }
}

/// The user that a person is; else the one with this address, if it is nobody else (rule B9).
pub(super) fn user_of(
    tx: &mut dyn Tx,
    parent: ParentId,
    person: Option<PersonId>,
    email: &EmailAddress,
) -> Result<Option<UserFacts>, DbError> {
    if let Some(person) = person
        && let Some(user) = store::directory_users::facts_of_person(tx, person)?
    {
        return Ok(Some(user));
    }
    let user = store::directory_users::facts_by_email(tx, parent, email)?;
    Ok(user.filter(|user| user.person.is_none()))
}

/// What the directory holds about somebody who signs in, or would (rule B20).
pub(super) fn record(
    tx: &mut dyn Tx,
    organization: &Organization,
    person: Option<PersonId>,
    email: &EmailAddress,
) -> Result<Option<Record>, DbError> {
    let Some(user) = user_of(tx, organization.parent, person, email)? else { return Ok(None) };
    let synced = Synced::read(tx, organization.clone())?;
    Record::of_user(tx, &synced, &user).map(Some)
}

/// Notes who the user with this address is, now that they have signed in.
pub(super) fn link_signed_in(
    tx: &mut dyn Tx,
    parent: ParentId,
    person: PersonId,
    email: &EmailAddress,
) -> Result<(), DbError> {
    match user_of(tx, parent, Some(person), email)? {
        Some(user) if user.person.is_none() => store::directory_users::link(tx, user.id, person),
        Some(_) | None => Ok(()),
    }
}

/// What an organization decides about a user of the directory, or about somebody who was one.
pub(super) fn decide(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    synced: &Synced,
    user: Option<&UserFacts>,
    member: Option<&Member>,
) -> Result<Decision, DbError> {
    let organization = &synced.organization;
    let product = context.product(organization)?;
    let record = user.map(|user| Record::of_user(tx, synced, user)).transpose()?;
    let free = FreeSeats::of(product, &store::seats::counts(tx, organization.id)?);
    Ok(crate::provisioning::decide(&Facts {
        product,
        rules: organization.rules(),
        evidence: record.as_ref().map_or(Evidence::LeftDirectory, |record| Evidence::Directory(record.as_evidence())),
        suspended: false,
        member: present(member, context.now),
        free: &free,
    }))
}
