use std::time::Duration;

use super::carry_out::carry_out;
use super::effects::{Effects, Planned, plan};
use super::{JoiningError, codes};
use crate::audit::{Actor, Event};
use crate::db::{DbError, Tx};
use crate::ids::{OrganizationId, PersonId};
use crate::membership::Context;
use crate::organization::{Member, Organization, ParentOrganization};
use crate::product::Permission;
use crate::secrets::Token;
use crate::store;
use crate::store::parent_changes::{Proposal, ProposalEnd};

/// How long there is to decide.
pub const PROPOSAL_LASTS: Duration = Duration::from_secs(7 * 24 * 3600);

/// An open proposal, and what it would mean now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The proposal.
    pub proposal: Proposal,
    /// What carrying it out would mean now.
    pub planned: Planned,
}

impl Proposed {
    /// What would happen is still what the proposing side was shown.
    pub fn is_current(&self) -> bool {
        self.planned.effects.mark() == self.proposal.seen
    }
}

/// Whether an organization founded its parent, and so decides who belongs to it.
pub fn is_founder(tx: &mut dyn Tx, organization: &Organization) -> Result<bool, DbError> {
    Ok(store::organizations::founder(tx, organization.parent)? == Some(organization.id))
}

/// The proposal of an organization that can still be decided, with what it would mean now.
pub fn is_open(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    proposal: Option<Proposal>,
) -> Result<Option<Proposed>, DbError> {
    let Some(proposal) = proposal else { return Ok(None) };
    let Some((organization, to)) = sides(tx, context, &proposal)? else { return Ok(None) };
    let planned = plan(tx, context, &organization, to.as_ref())?;
    Ok(planned.map(|planned| Proposed { proposal, planned }))
}

/// The organization and the parent it is to have, as they are now; `None` for a proposal that cannot be decided any more.
fn sides(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    proposal: &Proposal,
) -> Result<Option<(Organization, Option<ParentOrganization>)>, DbError> {
    if proposal.expires_at <= context.now {
        return Ok(None);
    }
    let organization = store::organizations::by_id(tx, proposal.organization)?;
    let Some(organization) = organization.filter(|known| known.parent == proposal.from) else { return Ok(None) };
    let Some(to) = proposal.to else { return Ok(Some((organization, None))) };
    let to = store::organizations::parent_by_id(tx, to)?;
    Ok(to.map(|to| (organization, Some(to))))
}

/// Proposes that an organization joins the parent that a code leads to. The code is used up. `planned` is what it means, worked out just
/// before; `seen` is the mark of what was shown, and `typed` what was typed where nobody could configure the organization afterwards.
pub fn propose_to_join(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    code: &str,
    planned: &Planned,
    (seen, typed): (&str, &str),
) -> Result<(), JoiningError> {
    let to = codes::parent_of_code(tx, code, context.now)?;
    propose(tx, context, organization, Some(&to), planned, (seen, typed))?;
    let code = Token::parse(code.trim()).ok_or(JoiningError::NoCode)?;
    Ok(store::parent_changes::remove_code(tx, &code.hash())?)
}

/// Proposes that an organization leaves its parent for one of its own.
pub fn propose_to_leave(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    planned: &Planned,
    (seen, typed): (&str, &str),
) -> Result<(), JoiningError> {
    propose(tx, context, organization, None, planned, (seen, typed))
}

fn propose(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    to: Option<&ParentOrganization>,
    planned: &Planned,
    (seen, typed): (&str, &str),
) -> Result<(), JoiningError> {
    let organization = store::organizations::by_id(tx, organization)?.ok_or(JoiningError::NoProposal)?;
    if !may_configure(tx, context, &organization, &context.actor.to_string())? {
        return Err(JoiningError::ProposerLost);
    }
    if let Some(open) = store::parent_changes::open(tx, organization.id)? {
        if open.expires_at > context.now && open.from == organization.parent {
            return Err(JoiningError::AlreadyOpen);
        }
        store::parent_changes::end(tx, open.id, ProposalEnd::Expired, context.now)?;
    }
    let planned = standing(tx, context, planned, &organization, to)?;
    let actor = match context.actor {
        Actor::Person(person) => Some(person),
        _ => None,
    };
    agreed(planned, (seen, typed), actor)?;
    let until = context.now.plus(PROPOSAL_LASTS);
    let proposal = Proposal {
        id: 0,
        organization: organization.id,
        from: organization.parent,
        to: to.map(|to| to.id),
        proposed_by: context.actor.to_string(),
        seen: planned.mark(),
        created_at: context.now,
        expires_at: until,
    };
    store::parent_changes::add(tx, &proposal)?;
    let event = Event::ParentChangeProposed {
        organization: organization.slug.to_string(),
        before: planned.from.slug.to_string(),
        after: to.map_or("own".to_owned(), |to| to.slug.to_string()),
        until,
    };
    both(tx, context, &organization, &proposal, &event)
}

/// The effects that were worked out, if they are about this and still stand.
fn standing<'p>(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    planned: &'p Planned,
    organization: &Organization,
    to: Option<&ParentOrganization>,
) -> Result<&'p Effects, JoiningError> {
    let effects = &planned.effects;
    let about_this = effects.organization == *organization && effects.to.as_ref() == to;
    if about_this && planned.still_stands(tx, context)? { Ok(effects) } else { Err(JoiningError::Shaken) }
}

/// What was shown is what would happen, nothing stands against it, and whoever decides knows what it costs.
fn agreed(planned: &Effects, (seen, typed): (&str, &str), proposer: Option<PersonId>) -> Result<(), JoiningError> {
    if !planned.blockers.is_empty() {
        return Err(JoiningError::Blocked(planned.blockers.clone()));
    }
    if planned.mark() != seen {
        return Err(JoiningError::Moved);
    }
    let guarded = planned.locks_out()
        || planned.other_groups_decide()
        || proposer.is_some_and(|person| planned.shuts_out(person));
    if guarded && typed != planned.organization.name.trim() {
        return Err(JoiningError::NotTyped);
    }
    Ok(())
}

/// The open proposal of this number with what it would mean now, if `founder` founded the parent that decides it.
pub fn to_decide(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    founder: &Organization,
    id: i64,
) -> Result<Proposed, JoiningError> {
    let proposal = store::parent_changes::open_by_id(tx, id)?;
    let proposal = proposal.filter(|proposal| proposal.decides() == founder.parent);
    if !is_founder(tx, founder)? {
        return Err(JoiningError::NotTheFounder);
    }
    is_open(tx, context, proposal)?.ok_or(JoiningError::NoProposal)
}

/// Carries a proposal out, by the word of somebody who may configure `founder`, in this one transaction: only if it still means what
/// both sides were shown. `proposed` is what [`to_decide`] came to just before.
pub fn approve(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    founder: &Organization,
    proposed: &Proposed,
    (seen, typed): (&str, &str),
) -> Result<(), JoiningError> {
    let id = proposed.proposal.id;
    // As it is now, not as it was when the page was opened.
    let founder = store::organizations::by_id(tx, founder.id)?.ok_or(JoiningError::NoProposal)?;
    if !is_founder(tx, &founder)? || !may_configure(tx, context, &founder, &context.actor.to_string())? {
        return Err(JoiningError::NotTheFounder);
    }
    let open = store::parent_changes::open_by_id(tx, id)?;
    let proposal = open.filter(|open| open.decides() == founder.parent).ok_or(JoiningError::NoProposal)?;
    let (organization, to) = sides(tx, context, &proposal)?.ok_or(JoiningError::NoProposal)?;
    if !may_configure(tx, context, &organization, &proposal.proposed_by)? {
        return Err(JoiningError::ProposerLost);
    }
    let effects = standing(tx, context, &proposed.planned, &organization, to.as_ref())?;
    agreed(effects, (seen, typed), None)?;
    if effects.mark() != proposal.seen {
        return Err(JoiningError::Outdated);
    }
    if !store::parent_changes::end(tx, id, ProposalEnd::Approved, context.now)? {
        return Err(JoiningError::NoProposal);
    }
    carry_out(tx, context, effects, &proposal.proposed_by)
}

/// Turns a proposal down, by the word of somebody who may configure `founder`.
pub fn decline(tx: &mut dyn Tx, context: &Context<'_>, founder: &Organization, id: i64) -> Result<(), JoiningError> {
    let founder = store::organizations::by_id(tx, founder.id)?.ok_or(JoiningError::NoProposal)?;
    if !is_founder(tx, &founder)? || !may_configure(tx, context, &founder, &context.actor.to_string())? {
        return Err(JoiningError::NotTheFounder);
    }
    let proposal = store::parent_changes::open_by_id(tx, id)?;
    let decided = |proposal: &Proposal| proposal.decides() == founder.parent && proposal.expires_at > context.now;
    let proposal = proposal.filter(decided).ok_or(JoiningError::NoProposal)?;
    let organization = store::organizations::by_id(tx, proposal.organization)?;
    let organization = organization.filter(|known| known.parent == proposal.from).ok_or(JoiningError::NoProposal)?;
    store::parent_changes::end(tx, id, ProposalEnd::Declined, context.now)?;
    let event = Event::ParentChangeDeclined { organization: organization.slug.to_string() };
    both(tx, context, &organization, &proposal, &event)
}

/// Takes the proposal of an organization back. Returns whether there was one.
pub fn withdraw(tx: &mut dyn Tx, context: &Context<'_>, organization: &Organization) -> Result<bool, JoiningError> {
    if !may_configure(tx, context, organization, &context.actor.to_string())? {
        return Err(JoiningError::ProposerLost);
    }
    let Some(open) = store::parent_changes::open(tx, organization.id)? else { return Ok(false) };
    let expired = open.expires_at <= context.now;
    let how = if expired { ProposalEnd::Expired } else { ProposalEnd::Withdrawn };
    store::parent_changes::end(tx, open.id, how, context.now)?;
    if expired {
        return Ok(false);
    }
    let event = Event::ParentChangeWithdrawn { organization: organization.slug.to_string() };
    both(tx, context, organization, &open, &event)?;
    Ok(true)
}

/// Records for both sides: the organization, and the founding organization of the parent that decides.
pub(super) fn both(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    proposal: &Proposal,
    event: &Event,
) -> Result<(), JoiningError> {
    context.record(tx, Some(organization.parent), Some(organization.id), event.clone())?;
    let decides = proposal.decides();
    if let Some(founder) = store::organizations::founder(tx, decides)?
        && founder != organization.id
    {
        context.record(tx, Some(decides), Some(founder), event.clone())?;
    }
    Ok(())
}

/// Whether somebody whom the log names so may configure an organization now.
pub(super) fn may_configure(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    named: &str,
) -> Result<bool, DbError> {
    let (kind, name) = named.split_once(':').unwrap_or((named, ""));
    let person = match (kind, name.parse()) {
        ("operator" | "shell", _) => return Ok(true),
        ("person", Ok(id)) => PersonId(id),
        _ => return Ok(false),
    };
    let usable = store::people::by_id(tx, person)?.is_some_and(|person| !person.suspended);
    let member = store::members::find(tx, organization.id, person)?.filter(Member::is_active);
    let product = context.product(organization)?;
    Ok(usable && member.is_some_and(|member| product.allows(&member.role, Permission::Identity)))
}
