use super::bindings::is_synced;
use super::sign_in::evaluate;
use super::{Context, directory, last_known};
use crate::clock::Timestamp;
use crate::connection::ConnectionStatus;
use crate::db::{DbError, Tx};
use crate::identity::{AssertedGroups, EmailAddress};
use crate::organization::{Organization, SeatCount};
use crate::provisioning::{Decision, Refusal};
use crate::store;
use crate::store::people::Person;

/// What a sign-in would get now, and what that rests on. Nothing of it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Who has this address here already.
    pub person: Option<Person>,
    /// The groups that were asked about.
    pub groups: AssertedGroups,
    /// Where those come from.
    pub evidence: GroupsFrom,
    /// Refused before any organization is asked (rule B8), or decided.
    pub answer: Result<Decision, Refusal>,
    /// The seats it was decided with.
    pub seats: Vec<SeatCount>,
    /// No connection of the parent is active, so nobody signs in at all.
    pub nobody_signs_in: bool,
}

/// Where the groups of an explanation come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupsFrom {
    /// Whoever asks.
    Given,
    /// The sign-in of this moment.
    SignIn(Timestamp),
    /// The directory, pushed to last at this moment: nothing else counts in the scim modes (rule B20).
    Directory(Option<Timestamp>),
    /// Nowhere: the directory does not know this person.
    NotInDirectory,
    /// Nowhere: this person has never signed in.
    Nowhere,
}

/// The names of somebody's groups in the directory.
fn in_directory(
    tx: &mut dyn Tx,
    organization: &Organization,
    person: Option<&Person>,
    email: &EmailAddress,
) -> Result<(GroupsFrom, AssertedGroups), DbError> {
    let user = directory::user_of(tx, organization.parent, person.map(|person| person.id), email)?;
    let Some(user) = user else { return Ok((GroupsFrom::NotInDirectory, AssertedGroups::NotSent)) };
    let groups = store::directory_memberships::groups_of_user(tx, user.id)?;
    let last = store::directory::of_parent(tx, organization.parent)?.and_then(|known| known.last_push);
    Ok((GroupsFrom::Directory(last), AssertedGroups::listed(groups.iter().map(|group| group.display.as_str()))))
}

/// Explains what a sign-in with this address would get, with the groups given or else those of the latest sign-in. In the scim
/// modes the directory's groups count, whatever is given (rule B20).
pub fn explain(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    email: &EmailAddress,
    groups: Option<AssertedGroups>,
) -> Result<Explained, DbError> {
    let person = store::people::by_email(tx, organization.parent, email)?;
    let known = match &person {
        Some(person) => last_known(tx, person.id)?,
        None => None,
    };
    let (evidence, groups) = match (groups, known) {
        _ if is_synced(organization) => in_directory(tx, organization, person.as_ref(), email)?,
        (Some(given), _) => (GroupsFrom::Given, given),
        (None, Some(known)) => (GroupsFrom::SignIn(known.seen_at), known.groups),
        (None, None) => (GroupsFrom::Nowhere, AssertedGroups::NotSent),
    };
    let connections = store::connections::of_parent(tx, organization.parent)?;
    let answer = if store::domains::verified_owner(tx, &email.domain())? == Some(organization.parent) {
        Ok(evaluate(tx, context, organization, (person.as_ref(), email), &groups)?)
    } else {
        Err(Refusal::DomainNotVerified)
    };
    Ok(Explained {
        person,
        groups,
        evidence,
        answer,
        seats: store::seats::counts(tx, organization.id)?,
        nobody_signs_in: !connections.iter().any(|connection| connection.status == ConnectionStatus::Active),
    })
}
