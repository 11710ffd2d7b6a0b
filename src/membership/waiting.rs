use super::Context;
use super::apply::apply;
use super::evidence::{last_known, present};
use crate::db::{DbError, Tx};
use crate::identity::AssertedGroups;
use crate::organization::{FreeSeats, Organization};
use crate::provisioning::{Evidence, Facts, decide};
use crate::store;

/// Gives free seats to those who wait, first come first (rule B24). Each is decided anew from the latest evidence, so a person
/// whose groups no longer give access leaves the queue instead.
pub fn admit_waiting(tx: &mut dyn Tx, context: &Context<'_>, organization: &Organization) -> Result<(), DbError> {
    let product = context.product(organization)?;
    for waiting in store::waiting::of_organization(tx, organization.id)? {
        let free = FreeSeats::of(product, &store::seats::counts(tx, organization.id)?);
        if free.highest().is_none() {
            return Ok(());
        }
        let Some(person) = store::people::by_id(tx, waiting.person)? else { continue };
        let known = last_known(tx, person.id)?;
        let groups = known.map_or(AssertedGroups::NotSent, |known| known.groups);
        let member = store::members::find(tx, organization.id, person.id)?;
        let decision = decide(&Facts {
            product,
            rules: organization.rules(),
            evidence: Evidence::SignIn { groups: &groups, directory: None },
            suspended: person.suspended,
            member: present(member.as_ref(), context.now),
            free: &free,
        });
        // Whoever still waits keeps the place in the queue, perhaps for another role or type by now.
        apply(tx, context, organization, person.id, member.as_ref(), &decision, "seat_freed")?;
    }
    Ok(())
}
