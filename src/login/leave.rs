//! Signing out: ours first, then the identity provider is told. And the small things around: language.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::context::Asked;
use super::pages::{SignedOutPage, There};
use super::{oidc_sign_out, record, saml_sign_out};
use crate::audit::{Actor, Event};
use crate::connection::{Connection, Protocol};
use crate::db::{DbError, Tx};
use crate::gateway::Gateway;
use crate::ids::{Incident, PersonId};
use crate::membership::Context;
use crate::secrets;
use crate::session;
use crate::store;
use crate::store::sessions::Leaving;
use crate::store::sign_outs::{Outcome, SignOut, Started};
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::language::Language;
use crate::web::page::{self, Frame, Site};
use crate::web::return_to::{self, Destination};

/// How long the identity provider may take to answer.
const TOLD_WITHIN: Duration = Duration::from_secs(5 * 60);

/// `POST /sign-out`: ends the session here and now; without one it still takes the cookie away. Only then, on the page that this
/// leads to, the identity provider is told: whatever becomes of that, ours has ended (saml2int SDP-SP27).
pub async fn sign_out(request: HttpRequest, _form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let mut location = "/signed-out".to_owned();
    if let Some(hash) = session::token_hash(&request) {
        let asked = Asked::of(&request);
        let (catalog, browser_hash) = (gateway.config.catalog.clone(), page::browser(&request).hash());
        let id = secrets::public_id("_");
        let onward = format!("/signed-out?leaving={id}");
        let write = gateway.db.write(move |tx| -> Result<bool, DbError> {
            let Some(left) = store::sessions::leaving(tx, &hash)? else { return Ok(false) };
            store::sessions::end(tx, &hash)?;
            let parent = store::people::by_id(tx, left.person)?.map(|person| person.parent);
            let context = Context { actor: Actor::Person(left.person), incident: None, ..asked.context(&catalog) };
            context.record(tx, parent, None, Event::SignedOut { person: left.person })?;
            let Some(logout_seal) = &left.logout_seal else { return Ok(false) };
            let started = Started {
                id: &id,
                connection: left.connection,
                browser_hash,
                idp_session: left.idp_session.as_deref(),
                logout_seal,
                expires_at: asked.now.plus(TOLD_WITHIN),
            };
            store::sign_outs::start(tx, &started)?;
            Ok(true)
        });
        if write.await? {
            location = onward;
        }
    }
    Ok(page::see_other(&location, &[Site::of(&request).cookies.no_session()]))
}

/// `?leaving=` on the way to the identity provider, `?state=` on the way back (OpenID Connect RP-Initiated Logout 3).
#[derive(Debug, Deserialize)]
pub struct Way {
    leaving: Option<String>,
    state: Option<String>,
}

/// `GET /signed-out`: what has ended and what has not; takes the browser on to the identity provider if that is to be told.
pub async fn signed_out(request: HttpRequest, way: Query<Way>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let found = match (&way.leaving, &way.state) {
        (Some(id), _) | (None, Some(id)) => of_this_browser(&request, id)?,
        (None, None) => None,
    };
    let there = match found {
        None => There::Unknown,
        Some((sign_out, connection)) => match sign_out.outcome {
            Outcome::Waiting if way.leaving.is_some() => {
                let id = way.leaving.as_deref().unwrap_or_default();
                let onward = onward(gateway, &connection, id, &sign_out).await;
                onward.map_or(There::Unknown, |href| There::Onward { href, idp: connection.label })
            }
            // An OpenID provider says nothing but sends the browser back with our state once it is done.
            Outcome::Waiting if matches!(connection.protocol, Protocol::Oidc(_)) => There::Ended(connection.label),
            Outcome::Waiting => There::Unknown,
            Outcome::Ended => There::Ended(connection.label),
            Outcome::Partly => There::Partly(connection.label),
            Outcome::Refused => There::Refused(connection.label),
        },
    };
    page::html(StatusCode::OK, &SignedOutPage { frame: Frame::of(&request), there }, &[])
}

/// Where the browser goes to tell the identity provider; `None` if that does not want to hear of it.
async fn onward(gateway: &Gateway, connection: &Connection, id: &str, sign_out: &SignOut) -> Option<String> {
    match &connection.protocol {
        Protocol::Saml(settings) => saml_sign_out::onward(gateway, connection, settings, id, sign_out),
        Protocol::Oidc(settings) => oidc_sign_out::onward(gateway, connection, settings, id, sign_out).await,
    }
}

/// Ends sessions because the identity provider says so. Returns how many.
pub(super) fn end_at_their_word(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    connection: &Connection,
    sessions: Vec<Leaving>,
) -> Result<u64, DbError> {
    let mut ended: BTreeMap<PersonId, u64> = BTreeMap::new();
    for session in sessions {
        if store::sessions::end(tx, &session.token_hash)? {
            *ended.entry(session.person).or_default() += 1;
        }
    }
    for (person, count) in &ended {
        let event = Event::SessionsEnded { person: *person, count: *count, reason: "signed_out_at_idp" };
        context.record(tx, Some(connection.parent), None, event)?;
    }
    Ok(ended.values().sum())
}

/// Keeps why a logout message was refused, for the admin. A flood of rubbish is not written down without end.
pub(super) async fn keep_cause(
    request: &HttpRequest,
    connection: &Connection,
    check: &'static str,
    what: &str,
    next_step: &str,
) -> Result<Incident, DbError> {
    let gateway = session::gateway(request);
    let incident = Incident::from_random(secrets::random());
    tracing::info!(connection = %connection.slug, check, %incident, "a logout message was refused");
    let now = gateway.now();
    if gateway.failures.take(now) {
        let attempt = store::attempts::Attempt {
            incident: incident.clone(),
            at: now,
            parent: Some(connection.parent),
            connection: Some(connection.id),
            person: None,
            code: "logout_invalid".to_owned(),
            record: record::of_failure(connection, check, what, next_step).to_string(),
        };
        gateway.db.write(move |tx| store::attempts::add(tx, &attempt)).await?;
    }
    Ok(incident)
}

/// The sign-out of an id, if this is the browser that signed out.
fn of_this_browser(request: &HttpRequest, id: &str) -> Result<Option<(SignOut, Connection)>, Failure> {
    let (gateway, browser) = (session::gateway(request), page::known_browser(request));
    let now = gateway.now();
    let found = gateway.db.read(|tx| -> Result<_, DbError> {
        let Some(sign_out) = store::sign_outs::find(tx, id, now)? else { return Ok(None) };
        let connection = store::connections::by_id(tx, sign_out.connection)?;
        Ok(connection.map(|connection| (sign_out, connection)))
    })?;
    let here = browser.map(|browser| browser.hash());
    Ok(found.filter(|(sign_out, _)| here.is_some_and(|here| here.as_slice() == sign_out.browser_hash)))
}

/// `POST /language`: remembers the choice and goes back.
pub async fn language(request: HttpRequest, form: Posted) -> Result<HttpResponse, Failure> {
    let site = Site::of(&request);
    let language = Language::parse(form.field("language")).ok_or(Failure::BadRequest("no such language"))?;
    let back = match return_to::read(form.field("return_to"), &site.base) {
        Some(Destination::Here(path)) => path,
        Some(Destination::Application { .. }) | None => "/".to_owned(),
    };
    Ok(page::see_other(&back, &[site.cookies.language(language.tag())]))
}
