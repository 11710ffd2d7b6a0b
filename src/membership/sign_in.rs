use super::apply::{Why, apply};
use super::bindings::is_synced;
use super::directory::{self, Record};
use super::evidence::present;
use super::{Context, brake};
use crate::audit::Event;
use crate::connection::Connection;
use crate::db::{DbError, Tx};
use crate::identity::{AssertedGroups, AssertedIdentity, EmailAddress};
use crate::ids::{OrganizationId, PersonId, Slug, SubjectId};
use crate::organization::{FreeSeats, Organization, SeatCount};
use crate::provisioning::{Decision, Evidence, Facts, Outcome, Refusal, decide};
use crate::store;
use crate::store::people::Person;

/// A verified sign-in, with what it may need made outside: ids are never made in a transaction.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    /// The connection that verified it.
    pub connection: &'a Connection,
    /// The facts.
    pub identity: &'a AssertedIdentity,
    /// A fresh public id, in case this is a new person.
    pub new_public_id: &'a str,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// Let in or not.
    pub verdict: Verdict,
    /// What each organization decided; empty where it did not come to that.
    pub organizations: Vec<OrganizationResult>,
}

/// Let in or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// At least one organization lets the person in.
    Admitted {
        /// Who.
        person: PersonId,
        /// By which subject.
        subject: SubjectId,
    },
    /// None does.
    Refused {
        /// Why, from the organization that matters most to the person.
        refusal: Refusal,
        /// Who, as far as known.
        person: Option<PersonId>,
    },
}

/// What one organization decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationResult {
    /// Which.
    pub organization: OrganizationId,
    /// Its slug, for whoever reads the record later.
    pub slug: Slug,
    /// Its name, for pages.
    pub name: String,
    /// Whom to ask there.
    pub contact: Option<String>,
    /// The seats as they were when it was decided.
    pub seats: Vec<SeatCount>,
    /// The decision with its reasons.
    pub decision: Decision,
}

/// What a sign-in would lead to, with nothing written.
struct Assessed {
    /// Who it is, where known already.
    known: Option<Person>,
    /// Turned away before any organization was asked.
    refusal: Option<Refusal>,
    groups: AssertedGroups,
    organizations: Vec<Organization>,
    results: Vec<OrganizationResult>,
}

/// Reads the facts and lets every organization of the connection's parent decide, each by its own rules.
fn assess(tx: &mut dyn Tx, context: &Context<'_>, sign_in: &SignIn<'_>) -> Result<Assessed, DbError> {
    let parent = sign_in.connection.parent;
    let asserted = sign_in.identity.groups.clone();
    let groups = asserted.read_as_empty_when_not_sent(sign_in.connection.omits_empty_groups);
    let mut assessed = Assessed { known: None, refusal: None, groups, organizations: Vec::new(), results: Vec::new() };
    // Rule B8: the address must lie in a verified domain of the connection's parent.
    let domain = store::domains::verified(tx, &sign_in.identity.email.domain())?;
    let Some(domain) = domain.filter(|domain| domain.parent == parent) else {
        assessed.refusal = Some(Refusal::DomainNotVerified);
        return Ok(assessed);
    };
    assessed.known = match recognise(tx, sign_in)? {
        Recognised::Known(person) => Some(person),
        // Rule B6: nobody new by a domain whose record has been gone for too long; known people go on.
        Recognised::ByAddress(_) | Recognised::New if !domain.admits_new(context.now) => {
            assessed.refusal = Some(Refusal::DomainNotVerified);
            return Ok(assessed);
        }
        Recognised::ByAddress(person) => Some(person),
        Recognised::New => None,
        Recognised::Conflict => {
            assessed.refusal = Some(Refusal::IdentityConflict);
            return Ok(assessed);
        }
    };
    assessed.organizations = store::organizations::of_parent(tx, parent)?;
    for organization in &assessed.organizations {
        let who = (assessed.known.as_ref(), &sign_in.identity.email);
        let decision = evaluate(tx, context, organization, who, &assessed.groups)?;
        assessed.results.push(OrganizationResult {
            organization: organization.id,
            slug: organization.slug.clone(),
            name: organization.name.clone(),
            contact: organization.contact.clone(),
            seats: store::seats::counts(tx, organization.id)?,
            decision,
        });
    }
    Ok(assessed)
}

/// What a test sign-in would have led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Why nobody would be let in, if so.
    pub refusal: Option<Refusal>,
    /// Who it is here already.
    pub person: Option<Person>,
    /// What each organization would decide.
    pub organizations: Vec<OrganizationResult>,
}

/// A test sign-in: the very decisions of a sign-in, and nothing of them written. Only the groups are noted as seen, to be chosen
/// from (rule B31).
pub fn trial(tx: &mut dyn Tx, context: &Context<'_>, sign_in: &SignIn<'_>) -> Result<Trial, DbError> {
    let assessed = assess(tx, context, sign_in)?;
    if assessed.refusal.is_none() {
        store::seen_groups::remember(tx, sign_in.connection.id, &assessed.groups, context.now)?;
    }
    let nobody = !assessed.results.iter().any(|result| result.decision.outcome.refusal().is_none());
    let refusal = assessed.refusal.or_else(|| nobody.then(|| foremost(&assessed.results)));
    Ok(Trial { refusal, person: assessed.known, organizations: assessed.results })
}

/// Evaluates a sign-in in every organization of the connection's parent, and writes what follows.
/// Somebody whom nobody lets in leaves no row (rules B10, B16).
pub fn at_sign_in(tx: &mut dyn Tx, context: &Context<'_>, sign_in: &SignIn<'_>) -> Result<Attempted, DbError> {
    let parent = sign_in.connection.parent;
    let Assessed { known, refusal, groups, organizations, results } = assess(tx, context, sign_in)?;
    if let Some(refusal) = refusal {
        return refused(tx, context, sign_in, refusal, None);
    }
    store::seen_groups::remember(tx, sign_in.connection.id, &groups, context.now)?;
    let becomes_known = |outcome: &Outcome| matches!(outcome, Outcome::Join(_) | Outcome::Wait { .. });
    if known.is_none() && !results.iter().any(|result| becomes_known(&result.decision.outcome)) {
        let refusal = foremost(&results);
        return Ok(Attempted { organizations: results, ..refused(tx, context, sign_in, refusal, None)? });
    }
    if let Some(person) = known.as_ref().filter(|_| changes_nothing(&results)) {
        let (refusal, person) = (foremost(&results), person.id);
        return Ok(Attempted { organizations: results, ..refused(tx, context, sign_in, refusal, Some(person))? });
    }
    let person = remember(tx, context, sign_in, known)?;
    directory::link_signed_in(tx, parent, person, &sign_in.identity.email)?;
    let subject = store::people::remember_sign_in(
        tx,
        sign_in.connection.id,
        &sign_in.identity.subject,
        person,
        &sign_in.identity.groups,
        context.now,
    )?;
    for (organization, result) in organizations.iter().zip(&results) {
        let member = store::members::find(tx, organization.id, person)?;
        apply(tx, context, organization, person, member.as_ref(), &result.decision, Why::SignIn)?;
    }
    if results.iter().all(|result| result.decision.outcome.refusal().is_some()) {
        let refusal = foremost(&results);
        return Ok(Attempted { organizations: results, ..refused(tx, context, sign_in, refusal, Some(person))? });
    }
    store::people::set_last_sign_in(tx, person, context.now)?;
    context.record(tx, Some(parent), None, Event::SignedIn { person })?;
    Ok(Attempted { verdict: Verdict::Admitted { person, subject }, organizations: results })
}

/// Rule B17: where not knowing the groups is all that the sign-in tells, nothing changes: not the name, not the groups known so far,
/// which open sessions still tell to applications and which decide when a seat becomes free.
fn changes_nothing(results: &[OrganizationResult]) -> bool {
    let outcomes = || results.iter().map(|result| &result.decision.outcome);
    outcomes().any(|outcome| *outcome == Outcome::Refuse(Refusal::GroupsMissing))
        && outcomes().all(|outcome| matches!(outcome, Outcome::Refuse(_)))
}

enum Recognised {
    /// By the subject.
    Known(Person),
    /// By the address alone: this subject is to be linked.
    ByAddress(Person),
    New,
    Conflict,
}

/// Who is this (rule B9)? A subject is known by (connection, subject). A new one links to the person with its address only if
/// this connection does not know that person by another subject yet: else somebody could inherit an address, and with it an account.
fn recognise(tx: &mut dyn Tx, sign_in: &SignIn<'_>) -> Result<Recognised, DbError> {
    let (connection, identity) = (sign_in.connection, sign_in.identity);
    let holder = store::people::by_email(tx, connection.parent, &identity.email)?;
    let by_subject = match store::people::by_subject(tx, connection.id, &identity.subject)? {
        Some(known) => store::people::by_id(tx, known.person)?,
        None => None,
    };
    Ok(match (by_subject, holder) {
        // The address was given to somebody else here: renaming would merge two people.
        (Some(person), Some(holder)) if holder.id != person.id => Recognised::Conflict,
        (Some(person), _) => Recognised::Known(person),
        (None, Some(holder)) if store::people::is_known_to(tx, holder.id, connection.id)? => Recognised::Conflict,
        (None, Some(holder)) => Recognised::ByAddress(holder),
        (None, None) => Recognised::New,
    })
}

/// What a sign-in of this person, with this address and these groups, would decide in one organization: the very function that
/// sign-ins go through. In the scim modes the directory's record counts (rule B20). Writes nothing.
pub fn evaluate(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    (person, email): (Option<&Person>, &EmailAddress),
    groups: &AssertedGroups,
) -> Result<Decision, DbError> {
    let product = context.product(organization)?;
    let member = match person {
        Some(person) => store::members::find(tx, organization.id, person.id)?,
        None => None,
    };
    let record = match is_synced(organization) {
        true => directory::record(tx, organization, person.map(|person| person.id), email)?,
        false => None,
    };
    let free = FreeSeats::of(product, &store::seats::counts(tx, organization.id)?);
    let decision = decide(&Facts {
        product,
        rules: organization.rules(),
        evidence: Evidence::SignIn { groups, directory: record.as_ref().map(Record::as_evidence) },
        suspended: person.is_some_and(|person| person.suspended),
        member: present(member.as_ref(), context.now),
        free: &free,
    });
    if is_synced(organization) {
        brake::hold_back(tx, context, organization, member.as_ref(), decision)
    } else {
        Ok(decision)
    }
}

/// Makes or updates the person. A changed address renames the same person and keeps the history (rule B9).
fn remember(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    sign_in: &SignIn<'_>,
    known: Option<Person>,
) -> Result<PersonId, DbError> {
    let (parent, identity) = (sign_in.connection.parent, sign_in.identity);
    let Some(person) = known else {
        let name = identity.display_name.as_deref().unwrap_or(identity.email.local_part());
        let id = store::people::add(tx, parent, sign_in.new_public_id, &identity.email, name, context.now)?;
        let event = Event::PersonCreated { person: id, email: identity.email.to_string() };
        context.record(tx, Some(parent), None, event)?;
        return Ok(id);
    };
    if store::people::by_subject(tx, sign_in.connection.id, &identity.subject)?.is_none() {
        let connection = sign_in.connection.slug.to_string();
        context.record(tx, Some(parent), None, Event::SubjectLinked { person: person.id, connection })?;
    }
    let name = identity.display_name.as_deref().unwrap_or(&person.display_name);
    if person.email != identity.email {
        let (before, after) = (person.email.to_string(), identity.email.to_string());
        context.record(tx, Some(parent), None, Event::PersonRenamed { person: person.id, before, after })?;
    }
    if person.email != identity.email || person.display_name != name {
        store::people::rename(tx, person.id, &identity.email, name)?;
    }
    Ok(person.id)
}

fn refused(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    sign_in: &SignIn<'_>,
    refusal: Refusal,
    person: Option<PersonId>,
) -> Result<Attempted, DbError> {
    let event = Event::SignInRefused { person, code: refusal.code() };
    context.record(tx, Some(sign_in.connection.parent), None, event)?;
    Ok(Attempted { verdict: Verdict::Refused { refusal, person }, organizations: Vec::new() })
}

/// Which of several refusals to show: the one nearest to being let in.
fn foremost(results: &[OrganizationResult]) -> Refusal {
    const NEAREST: [Refusal; 6] = [
        Refusal::Suspended,
        Refusal::NoFreeSeat,
        Refusal::GroupsMissing,
        Refusal::NoGroupAccess,
        Refusal::NotProvisioned,
        Refusal::NotAMember,
    ];
    let refusals: Vec<Refusal> = results.iter().filter_map(|result| result.decision.outcome.refusal()).collect();
    NEAREST.into_iter().find(|refusal| refusals.contains(refusal)).unwrap_or(Refusal::NotAMember)
}
