use std::time::Duration;

use super::TrustError;
use super::authority::configures_any;
use crate::audit::{Actor, Event};
use crate::clock::Timestamp;
use crate::connection::{Connection, ConnectionSetup, ConnectionStatus, SetupLink};
use crate::db::{DbError, Tx};
use crate::ids::{ParentId, PersonId, Slug};
use crate::membership::Context;
use crate::product::Catalog;
use crate::store;

/// The longest that a setup link opens anything.
pub const LONGEST: Duration = Duration::from_secs(7 * 86_400);

/// Why a setup link opens nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its time is over.
    Expired,
    /// Somebody took it back.
    Revoked,
    /// Its work is done: the connection was switched on.
    SwitchedOn,
    /// Who made it may not configure anything here any more.
    MakerLeft,
    /// The connection was given up.
    Gone,
}

/// What a setup link opens, or why it opens nothing. Asked on every request: nothing about it is remembered.
pub fn standing(
    tx: &mut dyn Tx,
    catalog: &Catalog,
    link: &SetupLink,
    now: Timestamp,
) -> Result<Result<ConnectionSetup, Ended>, DbError> {
    if link.revoked.is_some() {
        return Ok(Err(Ended::Revoked));
    }
    let Some(setup) = store::connection_setups::find(tx, &link.slug)? else { return Ok(Err(Ended::Gone)) };
    match draft(tx, &setup)? {
        Some(ConnectionStatus::Draft) | None => {}
        Some(ConnectionStatus::Active | ConnectionStatus::Disabled) => return Ok(Err(Ended::SwitchedOn)),
    }
    if now >= link.expires {
        return Ok(Err(Ended::Expired));
    }
    if let Some(maker) = link.maker
        && !configures_any(tx, catalog, setup.parent, maker)?
    {
        return Ok(Err(Ended::MakerLeft));
    }
    Ok(Ok(setup))
}

/// Asks once more, in the transaction that writes, whether a link still opens the setup of this slug.
pub fn check_link(tx: &mut dyn Tx, context: &Context<'_>, id: i64, slug: &Slug) -> Result<(), TrustError> {
    let link = store::connection_setups::link_by_id(tx, id)?.filter(|link| link.slug == *slug);
    let link = link.ok_or(TrustError::LinkEnded)?;
    standing(tx, context.catalog, &link, context.now)?.map(drop).map_err(|_| TrustError::LinkEnded)
}

/// How far the connection of a setup is; `None` if it was only begun. A connection of another parent under this slug is none of it.
fn draft(tx: &mut dyn Tx, setup: &ConnectionSetup) -> Result<Option<ConnectionStatus>, DbError> {
    let known = store::connections::by_slug(tx, &setup.slug)?;
    Ok(known.map(|known| if known.parent == setup.parent { known.status } else { ConnectionStatus::Disabled }))
}

/// Makes a link for a connection that was never switched on. `lasts` is cut to [`LONGEST`].
pub fn make_link(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    setup: &ConnectionSetup,
    token_hash: &[u8; 32],
    lasts: Duration,
) -> Result<(), TrustError> {
    let maker = match &context.actor {
        Actor::Person(person) => Some(*person),
        Actor::Operator | Actor::Shell(_) => None,
        // A link makes no links.
        _ => return Err(TrustError::NotGoverning(String::new())),
    };
    match draft(tx, setup)? {
        Some(ConnectionStatus::Draft) | None => {}
        Some(_) => return Err(TrustError::NotADraft(setup.slug.to_string())),
    }
    if store::connection_setups::find(tx, &setup.slug)?.is_none() {
        // A connection out of a file gets its row here.
        store::connection_setups::add(tx, setup)?;
    }
    let until = context.now.plus(lasts.min(LONGEST));
    store::connection_setups::add_link(tx, &setup.slug, token_hash, maker, context.now, until)?;
    let event = Event::SetupLinkMade { connection: setup.slug.to_string(), until };
    Ok(context.record(tx, Some(setup.parent), None, event)?)
}

/// Whoever holds the link, as the audit log names them.
pub fn holder(maker: Option<PersonId>) -> Actor {
    Actor::SetupLink(maker.map_or(Actor::Operator, Actor::Person).to_string())
}

/// Opens a link in a browser, if it still opens anything.
pub fn open_link(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    link: &SetupLink,
) -> Result<Result<ConnectionSetup, Ended>, DbError> {
    let setup = match standing(tx, context.catalog, link, context.now)? {
        Ok(setup) => setup,
        Err(ended) => return Ok(Err(ended)),
    };
    store::connection_setups::set_link_used(tx, link.id, context.now, context.from.as_deref())?;
    let event = Event::SetupLinkOpened { connection: setup.slug.to_string() };
    let as_holder = Context { actor: holder(link.maker), from: context.from.clone(), incident: None, ..*context };
    as_holder.record(tx, Some(setup.parent), None, event)?;
    Ok(Ok(setup))
}

/// Takes a link of a connection back. Returns whether it opened anything until now, as far as that depends on somebody taking it back.
pub fn revoke_link(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    connection: (ParentId, &Slug),
    id: i64,
) -> Result<bool, DbError> {
    let (parent, slug) = connection;
    if !store::connection_setups::revoke_link(tx, slug, id, context.now)? {
        return Ok(false);
    }
    let event = Event::SetupLinkRevoked { connection: slug.to_string() };
    context.record(tx, Some(parent), None, event)?;
    Ok(true)
}

/// Whether a link can be made for a connection as it is.
pub fn takes_links(connection: Option<&Connection>) -> bool {
    connection.is_none_or(|connection| connection.status == ConnectionStatus::Draft)
}
