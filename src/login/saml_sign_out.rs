//! Single logout with SAML identity providers: a sign-out there ends the sessions here, and one here is told there.

use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::context::Asked;
use super::leave;
use super::start::any_connection;
use crate::audit::Actor;
use crate::connection::{Connection, Protocol, SamlSettings};
use crate::db::{DbError, Tx};
use crate::gateway::{self, Gateway, OurNames};
use crate::membership::Context;
use crate::saml::{self, Arrived, LogoutMessage, LogoutOutcome, LogoutRequest, LogoutResponse, NameId};
use crate::secrets;
use crate::session;
use crate::store;
use crate::store::sign_outs::{Outcome, SignOut};
use crate::web::failure::Failure;
use crate::web::form;
use crate::web::page;

/// The largest POST to the single logout service, in bytes.
const POST_LIMIT: usize = 256 * 1024;

/// A name as it is kept, sealed, until the identity provider is to hear it.
#[derive(Serialize, Deserialize)]
struct KeptName {
    value: String,
    format: Option<String>,
    qualifier: Option<String>,
    sp_qualifier: Option<String>,
}

/// What is kept of a name, sealed, so that the identity provider can be told when the session ends; nothing if it cannot be told.
pub(super) fn seal_name(gateway: &Gateway, connection: &Connection, name: &NameId) -> Option<Vec<u8>> {
    let Protocol::Saml(settings) = &connection.protocol else { return None };
    settings.idp.slo_redirect.as_ref()?;
    let kept = KeptName {
        value: name.value.clone(),
        format: name.format.clone(),
        qualifier: name.qualifier.clone(),
        sp_qualifier: name.sp_qualifier.clone(),
    };
    let text = serde_json::to_string(&kept).expect("strings become JSON");
    Some(gateway::seal_logout(&gateway.sealer, &connection.slug, &text))
}

/// What finds the sessions of a name. The value alone: identity providers differ in whether a logout repeats format and qualifiers.
pub(super) fn name_mark(name: &NameId) -> [u8; 32] {
    secrets::sha256(name.value.as_bytes())
}

/// Where the browser goes to tell the identity provider that a session here has ended; `None` if it cannot be told.
pub(super) fn onward(
    gateway: &Gateway,
    connection: &Connection,
    settings: &SamlSettings,
    id: &str,
    sign_out: &SignOut,
) -> Option<String> {
    let seal = sign_out.logout_seal.as_deref()?;
    let text = gateway::open_logout(&gateway.sealer, &connection.slug, seal);
    let text = text.inspect_err(|error| tracing::warn!(error = %error, "the identity provider is not told")).ok()?;
    let kept: KeptName = serde_json::from_str(&text).ok()?;
    let name =
        NameId { value: kept.value, format: kept.format, qualifier: kept.qualifier, sp_qualifier: kept.sp_qualifier };
    let names = OurNames::new(gateway.config.server.base(), connection.slug.as_str());
    let keys = gateway.saml_keys();
    let keys = keys.inspect_err(|error| tracing::warn!(error = %error, "the identity provider is not told")).ok()?;
    let session = sign_out.idp_session.as_deref();
    saml::logout_request(settings, names.service_provider(), keys.first()?, id, &name, session, gateway.now())
}

/// `GET /saml/{connection}/slo`: a logout message by HTTP-Redirect.
pub async fn redirected(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let connection = any_connection(session::gateway(&request), &slug)?;
    take(&request, &connection, Arrived::Redirect(request.query_string())).await
}

/// `POST /saml/{connection}/slo`: a logout message by HTTP-POST.
pub async fn posted(request: HttpRequest, slug: Path<String>, payload: Payload) -> Result<HttpResponse, Failure> {
    let connection = any_connection(session::gateway(&request), &slug)?;
    let fields = form::read(&request, &mut payload.into_inner(), POST_LIMIT).await?;
    match (fields.get("SAMLRequest"), fields.get("SAMLResponse")) {
        (Some(asked), None) => {
            let relay_state = fields.get("RelayState").cloned();
            take(&request, &connection, Arrived::PostedRequest { message: asked, relay_state }).await
        }
        (None, Some(answered)) => take(&request, &connection, Arrived::PostedResponse(answered)).await,
        _ => Err(Failure::BadRequest("one of SAMLRequest and SAMLResponse is expected")),
    }
}

async fn take(request: &HttpRequest, connection: &Connection, arrived: Arrived<'_>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let Protocol::Saml(settings) = &connection.protocol else { return Err(Failure::NotFound) };
    let names = OurNames::new(gateway.config.server.base(), connection.slug.as_str());
    let verified =
        saml::verify_logout(settings, names.service_provider(), &gateway.saml_keys()?, arrived, gateway.now());
    match verified {
        Ok(LogoutMessage::Request(wish)) => sign_out(request, connection, settings, wish).await,
        Ok(LogoutMessage::Response(answer)) => answered(request, connection, answer).await,
        Err(error) => turned_away(request, connection, error.code(), &error.to_string(), error.next_step()).await,
    }
}

/// Ends what the identity provider wants ended, and tells it.
async fn sign_out(
    request: &HttpRequest,
    connection: &Connection,
    settings: &SamlSettings,
    wish: LogoutRequest,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let asked = Asked::of(request);
    let (catalog, ending) = (gateway.config.catalog.clone(), connection.clone());
    let told = wish.clone();
    let write = gateway.db.write(move |tx| {
        let actor = Actor::IdentityProvider(ending.slug.to_string());
        let context = Context { actor, incident: None, ..asked.context(&catalog) };
        end_sessions(tx, &context, &ending, &told)
    });
    let Some(count) = write.await? else {
        let next_step = "If nobody went back in the browser, treat it as an attack: somebody may have read a sign-out.";
        return turned_away(request, connection, "replayed", "the logout request was used before", next_step).await;
    };
    tracing::info!(connection = %connection.slug, count, "the identity provider signed somebody out");
    let names = OurNames::new(gateway.config.server.base(), connection.slug.as_str());
    let (us, id, now) = (names.service_provider(), secrets::public_id("_"), gateway.now());
    let keys = gateway.saml_keys()?;
    let onward = keys.first().and_then(|key| saml::logout_response(settings, us, key, &id, &wish, now));
    // Without a place for answers the person stays here, signed out.
    Ok(page::see_other(onward.as_deref().unwrap_or("/signed-out"), &[]))
}

/// Ends the sessions that a verified request names. Returns how many; `None` if the request was used before.
fn end_sessions(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    connection: &Connection,
    wish: &LogoutRequest,
) -> Result<Option<u64>, DbError> {
    if !store::pending::use_assertion(tx, connection.id, &wish.id, wish.replay_until)? {
        return Ok(None);
    }
    let mut meant = store::sessions::of_idp_name(tx, connection.id, &name_mark(&wish.name_id))?;
    // One whose index we never learned may be the one that is meant.
    meant.retain(|known| {
        wish.session_indexes.is_empty()
            || known.idp_session.as_ref().is_none_or(|index| wish.session_indexes.contains(index))
    });
    leave::end_at_their_word(tx, context, connection, meant).map(Some)
}

/// The identity provider has answered a request of ours: shown to whoever signed out.
async fn answered(
    request: &HttpRequest,
    connection: &Connection,
    answer: LogoutResponse,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let outcome = match answer.outcome {
        LogoutOutcome::Ended => Outcome::Ended,
        LogoutOutcome::Partly => Outcome::Partly,
        LogoutOutcome::Refused { status } => {
            tracing::info!(connection = %connection.slug, status, "the identity provider did not sign somebody out");
            Outcome::Refused
        }
    };
    let (id, asked, now) = (answer.in_response_to.clone(), connection.id, gateway.now());
    let waited = gateway.db.write(move |tx| store::sign_outs::answer(tx, asked, &id, outcome, now)).await?;
    if !waited {
        let next_step = "Nothing has to be done: an answer counts once and for five minutes.";
        let what = "no sign-out waits for this answer: it came too late, came before, or was not asked for";
        return turned_away(request, connection, "nobody_waits", what, next_step).await;
    }
    // Ids are what we made of digits; only such a one was just found.
    Ok(page::see_other(&format!("/signed-out?state={}", answer.in_response_to), &[]))
}

async fn turned_away(
    request: &HttpRequest,
    connection: &Connection,
    check: &'static str,
    what: &str,
    next_step: &str,
) -> Result<HttpResponse, Failure> {
    Err(Failure::LogoutInvalid(leave::keep_cause(request, connection, check, what, next_step).await?))
}
