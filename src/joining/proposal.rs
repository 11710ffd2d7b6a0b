use std::time::Duration;

use super::carry_out::carry_out;
use super::effects::{Effects, effects};
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
    pub effects: Effects,
}

impl Proposed {
    /// What would happen is still what the proposing side was shown.
    pub fn is_current(&self) -> bool {
        self.effects.mark() == self.proposal.seen
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
    let Some(proposal) = proposal.filter(|proposal| proposal.expires_at > context.now) else { return Ok(None) };
    let Some(organization) = store::organizations::by_id(tx, proposal.organization)? else { return Ok(None) };
    if organization.parent != proposal.from {
        return Ok(None);
    }
    let to = match proposal.to {
        Some(to) => match store::organizations::parent_by_id(tx, to)? {
            Some(to) => Some(to),
            None => return Ok(None),
        },
        None => None,
    };
    let effects = effects(tx, context, &organization, to.as_ref())?;
    Ok(effects.map(|effects| Proposed { proposal, effects }))
}

/// Proposes that an organization joins the parent that a code leads to. The code is used up. `seen` is the mark of what was shown, and
/// `typed` what was typed where nobody could configure the organization afterwards.
pub fn propose_to_join(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    code: &str,
    seen: &str,
    typed: &str,
) -> Result<(), JoiningError> {
    let to = codes::parent_of_code(tx, code, context.now)?;
    propose(tx, context, organization, Some(&to), (seen, typed))?;
    let code = Token::parse(code.trim()).ok_or(JoiningError::NoCode)?;
    Ok(store::parent_changes::remove_code(tx, &code.hash())?)
}

/// Proposes that an organization leaves its parent for one of its own.
pub fn propose_to_leave(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    seen: &str,
    typed: &str,
) -> Result<(), JoiningError> {
    propose(tx, context, organization, None, (seen, typed))
}

fn propose(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
    to: Option<&ParentOrganization>,
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
    let planned = effects(tx, context, &organization, to)?.ok_or(JoiningError::NoProposal)?;
    let actor = match context.actor {
        Actor::Person(person) => Some(person),
        _ => None,
    };
    agreed(&planned, (seen, typed), actor)?;
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

/// The open proposal of this number, if `founder` founded the parent that decides it.
fn to_decide(
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
/// both sides were shown.
pub fn approve(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    founder: &Organization,
    id: i64,
    seen: &str,
    typed: &str,
) -> Result<(), JoiningError> {
    // As it is now, not as it was when the page was opened.
    let founder = store::organizations::by_id(tx, founder.id)?.ok_or(JoiningError::NoProposal)?;
    let proposed = to_decide(tx, context, &founder, id)?;
    if !may_configure(tx, context, &founder, &context.actor.to_string())? {
        return Err(JoiningError::NotTheFounder);
    }
    let organization = &proposed.effects.organization;
    if !may_configure(tx, context, organization, &proposed.proposal.proposed_by)? {
        return Err(JoiningError::ProposerLost);
    }
    agreed(&proposed.effects, (seen, typed), None)?;
    if !proposed.is_current() {
        return Err(JoiningError::Outdated);
    }
    if !store::parent_changes::end(tx, id, ProposalEnd::Approved, context.now)? {
        return Err(JoiningError::NoProposal);
    }
    carry_out(tx, context, &proposed)
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
