//! Where somebody goes after signing in, checked before it is kept.

use crate::db::{DbError, Tx};
use crate::gateway::Gateway;
use crate::ids::{ParentId, Slug};
use crate::store;
use crate::web::return_to::{self, Destination};

/// For whom a place has to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// For anybody: who asks is not known yet.
    Anybodys,
    /// For people of one parent organization. Another's application is as good as none, so that nobody learns of it here.
    Of(ParentId),
}

/// Where to go after sign-in: a path of ours, or a URL of a registered application. Anything else leads to the launcher.
pub fn destination(gateway: &Gateway, wanted: Option<&str>, whose: Whose) -> Result<String, DbError> {
    let checked = wanted.and_then(|wanted| return_to::read(wanted, gateway.config.server.base()));
    Ok(match checked {
        None => "/".to_owned(),
        Some(Destination::Here(path)) if path.starts_with("/sign-in") || path.starts_with("/signed-out") => {
            "/".to_owned()
        }
        Some(Destination::Here(path)) => path,
        Some(Destination::Application { origin, url }) => {
            if gateway.db.read(|tx| is_known(tx, &origin, whose))? {
                url
            } else {
                "/".to_owned()
            }
        }
    })
}

fn is_known(tx: &mut dyn Tx, origin: &str, whose: Whose) -> Result<bool, DbError> {
    let Some(application) = store::applications::by_origin(tx, origin)? else { return Ok(false) };
    match whose {
        Whose::Anybodys => Ok(true),
        Whose::Of(parent) => {
            let organization = store::organizations::by_id(tx, application.organization)?;
            Ok(organization.is_some_and(|organization| organization.parent == parent))
        }
    }
}

/// Where a sign-in leads that began at the identity provider (SAML profiles 4.1.5): its RelayState names an application of the
/// parent by slug, `wiki` or `acme-work/wiki`, or is a place that `return_to` might name too. Anything else leads to the launcher.
pub fn target(gateway: &Gateway, relay_state: &str, parent: ParentId) -> Result<String, DbError> {
    let relay_state = relay_state.trim();
    match named(relay_state) {
        Some((organization, application)) => {
            let url = gateway.db.read(|tx| address(tx, parent, organization.as_ref(), &application))?;
            Ok(url.unwrap_or_else(|| "/".to_owned()))
        }
        None => destination(gateway, Some(relay_state), Whose::Of(parent)),
    }
}

/// `wiki` or `acme-work/wiki`.
fn named(text: &str) -> Option<(Option<Slug>, Slug)> {
    match text.split_once('/') {
        Some((organization, application)) => {
            Some((Some(Slug::parse(organization).ok()?), Slug::parse(application).ok()?))
        }
        None => Some((None, Slug::parse(text).ok()?)),
    }
}

/// The address of the one application that is meant; `None` if it is none, or if two organizations call one so.
fn address(
    tx: &mut dyn Tx,
    parent: ParentId,
    organization: Option<&Slug>,
    application: &Slug,
) -> Result<Option<String>, DbError> {
    let mut found = Vec::new();
    for at in store::organizations::of_parent(tx, parent)? {
        if organization.is_none_or(|meant| *meant == at.slug) {
            let all = store::applications::of_organization(tx, at.id)?;
            found.extend(all.into_iter().filter(|known| known.slug == *application).map(|known| known.url));
        }
    }
    Ok(if found.len() == 1 { found.pop() } else { None })
}
