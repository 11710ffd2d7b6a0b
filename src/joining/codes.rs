use std::time::Duration;

use super::JoiningError;
use super::proposal::{is_founder, may_configure};
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::membership::Context;
use crate::organization::{Organization, ParentOrganization};
use crate::secrets::Token;
use crate::store;

/// How long a code can be used.
pub const CODE_LASTS: Duration = Duration::from_secs(7 * 24 * 3600);

/// So many codes of one parent are enough.
const CODES: usize = 20;

/// Keeps a code with which one organization may propose to join the parent of `founder`. `seen` is how many codes whoever makes it
/// was shown, so that a form sent twice makes one. Returns until when it can be used.
pub fn make_code(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    founder: &Organization,
    code: &Token,
    seen: usize,
) -> Result<Timestamp, JoiningError> {
    if !is_founder(tx, founder)? || !may_configure(tx, context, founder, &context.actor.to_string())? {
        return Err(JoiningError::NotTheFounder);
    }
    let parent = founder.parent;
    store::parent_changes::remove_codes(tx, parent, context.now)?;
    let present = store::parent_changes::codes_of(tx, parent)?.len();
    if present != seen || present >= CODES {
        return Err(JoiningError::Moved);
    }
    let until = context.now.plus(CODE_LASTS);
    store::parent_changes::add_code(tx, &code.hash(), parent, context.now, until)?;
    let slug = slug(tx, founder)?;
    context.record(tx, Some(parent), Some(founder.id), Event::JoinCodeMade { parent: slug, until })?;
    Ok(until)
}

/// Takes all codes of the parent of `founder` away. Returns how many there were.
pub fn withdraw_codes(tx: &mut dyn Tx, context: &Context<'_>, founder: &Organization) -> Result<u64, JoiningError> {
    if !is_founder(tx, founder)? || !may_configure(tx, context, founder, &context.actor.to_string())? {
        return Err(JoiningError::NotTheFounder);
    }
    let count = store::parent_changes::remove_codes(tx, founder.parent, Timestamp::from_millis(i64::MAX))?;
    if count > 0 {
        let event = Event::JoinCodesWithdrawn { parent: slug(tx, founder)?, count };
        context.record(tx, Some(founder.parent), Some(founder.id), event)?;
    }
    Ok(count)
}

fn slug(tx: &mut dyn Tx, of: &Organization) -> Result<String, DbError> {
    let parent = store::organizations::parent_by_id(tx, of.parent)?;
    Ok(parent.map_or_else(String::new, |parent| parent.slug.to_string()))
}

/// The parent that a code leads to now.
pub fn parent_of_code(tx: &mut dyn Tx, code: &str, now: Timestamp) -> Result<ParentOrganization, JoiningError> {
    let code = Token::parse(code.trim()).ok_or(JoiningError::NoCode)?;
    let id = store::parent_changes::parent_of_code(tx, &code.hash(), now)?.ok_or(JoiningError::NoCode)?;
    store::organizations::parent_by_id(tx, id)?.ok_or(JoiningError::NoCode)
}
