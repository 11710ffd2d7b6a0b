use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Desk, Found};
use crate::connection::{Connection, ConnectionStatus, Protocol};
use crate::db::{DbError, Tx};
use crate::organization::Domain;
use crate::session;
use crate::store;
use crate::trust;
use crate::web::failure::Failure;
use crate::web::page::Frame;

/// The connections of a parent organization.
#[derive(Template)]
#[template(path = "connecting/list.html")]
pub struct ConnectionsPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where this is.
    pub desk: Desk,
    /// Every connection, and what was begun.
    pub lines: Vec<ConnectionLine>,
    /// People can sign in with addresses in some domain.
    pub has_domain: bool,
    /// Whose admins say what holds for everybody.
    pub first: String,
}

/// A connection in a list.
#[derive(Clone, Debug)]
pub struct ConnectionLine {
    /// Its slug.
    pub slug: String,
    /// What people see.
    pub label: String,
    /// Whose.
    pub parent: String,
    /// `SAML 2.0` or `OpenID Connect`.
    pub protocol: &'static str,
    /// The text key of its state.
    pub state: &'static str,
    /// It lets people in.
    pub active: bool,
    /// It has never let anybody in.
    pub draft: bool,
    /// What comes next, while it does not.
    pub next: Option<NextStep>,
}

/// What comes next for a connection that is being set up.
#[derive(Clone, Debug)]
pub struct NextStep {
    /// The text key of what it is.
    pub key: &'static str,
    /// Where it is done.
    pub href: String,
}

/// A connection as lists show it.
pub fn line(connection: &Connection, parent: &str) -> ConnectionLine {
    ConnectionLine {
        slug: connection.slug.to_string(),
        label: connection.label.clone(),
        parent: parent.to_owned(),
        protocol: match connection.protocol {
            Protocol::Saml(_) => "SAML 2.0",
            Protocol::Oidc(_) => "OpenID Connect",
        },
        state: match (connection.status, connection.tested) {
            (ConnectionStatus::Active, _) => "connection-active",
            (ConnectionStatus::Draft, Some(_)) => "connection-tested",
            (ConnectionStatus::Draft, None) => "connection-draft",
            (ConnectionStatus::Disabled, _) => "connection-disabled",
        },
        active: connection.status == ConnectionStatus::Active,
        draft: connection.status == ConnectionStatus::Draft,
        next: None,
    }
}

/// What was begun or is there, as lists show it.
fn line_of(found: &Found, desk: &Desk) -> ConnectionLine {
    let here = desk.connection(found.slug.as_str());
    let Some(known) = &found.connection else {
        return ConnectionLine {
            slug: found.slug.to_string(),
            label: found.label(),
            parent: desk.parent.name.clone(),
            protocol: if found.vendor().oidc { "OpenID Connect" } else { "SAML 2.0" },
            state: "connection-begun",
            active: false,
            draft: true,
            next: Some(NextStep { key: "next-other-side", href: format!("{here}/edit") }),
        };
    };
    let next = match (known.status, known.tested) {
        (ConnectionStatus::Active | ConnectionStatus::Disabled, _) => None,
        (ConnectionStatus::Draft, None) => Some(NextStep { key: "next-test", href: format!("{here}#test") }),
        (ConnectionStatus::Draft, Some(_)) => Some(NextStep { key: "next-switch-on", href: format!("{here}#state") }),
    };
    ConnectionLine { next, ..line(known, &desk.parent.name) }
}

/// Every connection of a desk's parent, and what was begun, by slug.
fn all(tx: &mut dyn Tx, desk: &Desk) -> Result<Vec<Found>, DbError> {
    let setups = store::connection_setups::of_parent(tx, desk.parent.id)?;
    let mut found: Vec<Found> = store::connections::of_parent(tx, desk.parent.id)?
        .into_iter()
        .map(|known| Found { slug: known.slug.clone(), connection: Some(known), setup: None })
        .collect();
    for setup in setups {
        match found.iter_mut().find(|one| one.slug == setup.slug) {
            Some(one) => one.setup = Some(setup),
            None => found.push(Found { slug: setup.slug.clone(), connection: None, setup: Some(setup) }),
        }
    }
    found.sort_by_key(|one| (one.label().to_lowercase(), one.slug.clone()));
    Ok(found)
}

/// The list.
pub fn connections(request: &HttpRequest, desk: Desk) -> Result<HttpResponse, Failure> {
    let (found, domains, first) = session::gateway(request).db.read(|tx| -> Result<_, DbError> {
        let first = trust::first_organization(tx, desk.parent.id)?;
        Ok((all(tx, &desk)?, store::domains::of_parent(tx, desk.parent.id)?, first))
    })?;
    let page = ConnectionsPage {
        frame: Frame::of(request),
        lines: found.iter().map(|one| line_of(one, &desk)).collect(),
        has_domain: domains.iter().any(Domain::is_verified),
        first: first.map_or_else(String::new, |first| first.name),
        desk: desk.clone(),
    };
    desk.page(StatusCode::OK, &page)
}
