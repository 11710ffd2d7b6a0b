use super::JoiningError;
use super::effects::Effects;
use super::proposal::both;
use crate::audit::{Event, Thing};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::ids::Slug;
use crate::membership::{Context, resettle};
use crate::organization::{Domain, Organization, ParentOrganization};
use crate::secrets;
use crate::store;
use crate::store::parent_changes::ProposalEnd;
use crate::trust;

/// How many names are tried for a parent of one's own.
const NAMES: u32 = 1000;

/// Does what was agreed.
pub(super) fn carry_out(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    effects: &Effects,
    proposed_by: &str,
) -> Result<(), JoiningError> {
    let (organization, from) = (&effects.organization, &effects.from);
    let founder = store::organizations::founder(tx, from.id)?;
    let to = match &effects.to {
        Some(to) => to.clone(),
        None => found_own(tx, context, organization)?,
    };
    let people = resettle(tx, context, organization, &to, &|| secrets::public_id("p-"))?;
    if store::organizations::of_parent(tx, from.id)?.is_empty() {
        close(tx, context, from, &to)?;
    }
    let event = Event::ParentChanged {
        organization: organization.slug.to_string(),
        before: from.slug.to_string(),
        after: to.slug.to_string(),
        people,
        proposed_by: proposed_by.to_owned(),
    };
    context.record(tx, Some(to.id), Some(organization.id), event.clone())?;
    // Who governs there, and who governed here, have it in logs of their own, too.
    let there = store::organizations::founder(tx, to.id)?;
    for (parent, founder) in [(from.id, founder), (to.id, there)] {
        if founder.is_some_and(|founder| founder != organization.id) {
            context.record(tx, Some(parent), founder, event.clone())?;
        }
    }
    Ok(())
}

/// A parent organization of the organization's own: nothing in it yet.
fn found_own(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
) -> Result<ParentOrganization, JoiningError> {
    let plan = context.product(organization)?.own_plan();
    let slug = free_slug(tx, &organization.slug)?;
    let id = store::organizations::add_parent(tx, &slug, &organization.name, plan)?;
    let after = format!("name {}; plan {}", organization.name, plan.as_str());
    context.record(tx, Some(id), None, Event::Added { thing: Thing::Parent, name: slug.to_string(), after })?;
    store::organizations::parent_by_id(tx, id)?.ok_or(JoiningError::NoProposal)
}

fn free_slug(tx: &mut dyn Tx, wanted: &Slug) -> Result<Slug, JoiningError> {
    for number in 1..NAMES {
        let text = if number == 1 {
            wanted.to_string()
        } else {
            let end = format!("-{number}");
            let begin: String = wanted.as_str().chars().take(63 - end.len()).collect();
            format!("{}{end}", begin.trim_end_matches('-'))
        };
        if let Ok(slug) = Slug::parse(&text)
            && store::organizations::parent_by_slug(tx, &slug)?.is_none()
        {
            return Ok(slug);
        }
    }
    Err(JoiningError::Db(DbError::Other(format!("no slug is left for a parent organization like {wanted}"))))
}

/// Nobody belongs to a parent any more: its proven domains go on with its people, and nothing of it lets anybody in.
fn close(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    from: &ParentOrganization,
    to: &ParentOrganization,
) -> Result<(), JoiningError> {
    for domain in store::domains::of_parent(tx, from.id)? {
        let name = domain.name.to_string();
        if !domain.is_verified() {
            // A claim that is proven later would belong to nobody, and keep everybody else from it.
            store::domains::remove(tx, domain.id)?;
            context.record(tx, Some(from.id), None, Event::Removed { thing: Thing::Domain, name })?;
            continue;
        }
        take_over(tx, context, &domain, to)?;
        let after = format!("came along from {}", from.slug);
        context.record(tx, Some(to.id), None, Event::Added { thing: Thing::Domain, name, after })?;
    }
    trust::switch_off_what_is_left(tx, context, from.id)?;
    for token in store::scim_tokens::of_parent(tx, from.id)? {
        store::scim_tokens::revoke(tx, token.id, context.now)?;
        context.record(tx, Some(from.id), None, Event::Removed { thing: Thing::ScimToken, name: token.name })?;
    }
    let count = store::parent_changes::remove_codes(tx, from.id, Timestamp::from_millis(i64::MAX))?;
    if count > 0 {
        context.record(tx, Some(from.id), None, Event::JoinCodesWithdrawn { parent: from.slug.to_string(), count })?;
    }
    for orphan in store::parent_changes::to_decide(tx, from.id)? {
        store::parent_changes::end(tx, orphan.id, ProposalEnd::Declined, context.now)?;
        let proposer = store::organizations::by_id(tx, orphan.organization)?;
        // One that has moved since has a proposal that nobody could approve, and learns nothing by its end.
        if let Some(proposer) = proposer.filter(|proposer| proposer.parent == orphan.from) {
            let event = Event::ParentChangeDeclined { organization: proposer.slug.to_string() };
            both(tx, context, &proposer, &orphan, &event)?;
        }
    }
    Ok(())
}

/// A proven domain belongs to one parent (rule B6): a claim of the other to the same name, which it could not prove, gives way.
fn take_over(tx: &mut dyn Tx, context: &Context<'_>, domain: &Domain, to: &ParentOrganization) -> Result<(), DbError> {
    if let Some(claim) = store::domains::find(tx, to.id, &domain.name)? {
        store::domains::remove(tx, claim.id)?;
        let event = Event::Removed { thing: Thing::Domain, name: domain.name.to_string() };
        context.record(tx, Some(to.id), None, event)?;
    }
    store::domains::give_to(tx, domain.id, to.id)
}
