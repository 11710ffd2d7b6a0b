use super::{TrustError, check_governs, is_last_active};
use crate::audit::{Actor, Event, Thing};
use crate::connection::{Connection, ConnectionStatus, Difference};
use crate::db::{DbError, Tx};
use crate::ids::{ParentId, Slug};
use crate::membership::Context;
use crate::secrets;
use crate::store;

/// Tells whether the settings of a connection still are what somebody was shown: its label, whom it believes and how. Whether it is
/// on, and when it was tested, is not among it.
pub fn mark(connection: &Connection) -> String {
    let text = format!(
        "{} {:?} {:?} {} {}",
        connection.label,
        connection.protocol,
        connection.attributes,
        connection.omits_empty_groups,
        connection.trust()
    );
    secrets::mark(&text)
}

/// Gives a connection the settings of `after`, if it still has those that `shown` is the [`mark`] of. What a test proved is gone with
/// anything but another label (rule B5). Only whoever governs the parent changes what is no draft any more; if it is the only one that
/// is on, or everybody may be a stranger to it afterwards, they have to know that. Returns whether anything is different.
pub fn change(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    after: &Connection,
    shown: &str,
    knows: bool,
) -> Result<bool, TrustError> {
    let known = store::connections::by_id(tx, after.id)?.ok_or(TrustError::Gone)?;
    if mark(&known) != shown {
        return Err(TrustError::Moved);
    }
    let name = || known.slug.to_string();
    if known.status != ConnectionStatus::Draft {
        if matches!(context.actor, Actor::SetupLink(_)) {
            return Err(TrustError::NotADraft(name()));
        }
        if known.protocol.identity_provider() != after.protocol.identity_provider() {
            return Err(TrustError::OtherIdentityProvider(name()));
        }
    }
    let mut changed = Connection { status: known.status, tested: known.tested, ..after.clone() };
    let still_proven = changed.proven() == known.proven();
    if !still_proven {
        changed.tested = None;
    }
    if changed == known {
        return Ok(false);
    }
    // Also what is switched off: sessions that came over it go on, and end by its word.
    if known.status != ConnectionStatus::Draft {
        check_governs(tx, context, known.parent)?;
    }
    if !still_proven && !knows && is_last_active(tx, &known)? {
        return Err(TrustError::Last(name()));
    }
    if known.status != ConnectionStatus::Draft && !knows && !known.names_people_as(&changed) {
        return Err(TrustError::Estranges(name()));
    }
    store::connections::update(tx, &changed)?;
    record(tx, context, &known, &known.differences(&changed))?;
    Ok(true)
}

/// Writes into the audit log what is another one in a connection.
pub fn record(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    known: &Connection,
    differences: &[Difference],
) -> Result<(), DbError> {
    let told = |name: &str, value: &str| format!("{name} {}", if value.is_empty() { "none" } else { value });
    let before: Vec<String> = differences.iter().map(|(name, was, _)| told(name, was)).collect();
    let after: Vec<String> = differences.iter().map(|(name, _, is)| told(name, is)).collect();
    let (name, before, after) = (known.slug.to_string(), before.join("; "), after.join("; "));
    context.record(tx, Some(known.parent), None, Event::Changed { thing: Thing::Connection, name, before, after })
}

/// Gives up a connection that was never switched on, or one that was only begun. Returns whether there was one.
pub fn discard(tx: &mut dyn Tx, context: &Context<'_>, parent: ParentId, slug: &Slug) -> Result<bool, TrustError> {
    let known = store::connections::by_slug(tx, slug)?.filter(|known| known.parent == parent);
    let begun = store::connection_setups::find(tx, slug)?.filter(|begun| begun.parent == parent);
    match &known {
        Some(known) if known.status != ConnectionStatus::Draft => {
            return Err(TrustError::NotADraft(slug.to_string()));
        }
        Some(known) => store::connections::remove(tx, known.id)?,
        None if begun.is_some() => store::connection_setups::remove(tx, slug)?,
        None => return Ok(false),
    }
    let event = Event::Removed { thing: Thing::Connection, name: slug.to_string() };
    context.record(tx, Some(parent), None, event)?;
    Ok(true)
}
