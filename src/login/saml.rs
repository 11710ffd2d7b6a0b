//! The SAML endpoints: our metadata, and where identity providers' answers arrive.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::answer::VerifiedAnswer;
use super::flow::{self, Receive, Received};
use super::refusal::{self, Told};
use super::start::{active_connection, destination};
use super::{context, record};
use crate::connection::{Connection, Protocol};
use crate::gateway::OurNames;
use crate::ids::{Incident, Slug};
use crate::provisioning::Refusal;
use crate::saml::{self, Expected, Kind, SamlError, VerifiedResponse};
use crate::secrets::{self, Token};
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::form;
use crate::web::page;

/// The largest POST to the assertion consumer service, in bytes.
const POST_LIMIT: usize = 1024 * 1024;

/// `GET /saml/{connection}/metadata`: what the identity provider has to know of us. Also for a connection still being set up.
pub async fn metadata(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let slug = Slug::parse(&slug).map_err(|_| Failure::NotFound)?;
    let found = gateway.db.read_one(|tx| store::connections::by_slug(tx, &slug))?;
    let connection = found.ok_or(Failure::NotFound)?;
    let Protocol::Saml(settings) = &connection.protocol else { return Err(Failure::NotFound) };
    let names = OurNames::new(gateway.config.server.base(), slug.as_str());
    let document = saml::our_metadata(names.service_provider(), settings, &gateway.saml_keys);
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/samlmetadata+xml")).body(document))
}

/// `POST /saml/{connection}/acs`: the assertion consumer service. Verifies, keeps the result, and lets the browser fetch it by a
/// same-site GET, where the cookie of the browser that asked can be seen.
pub async fn consume(request: HttpRequest, slug: Path<String>, payload: Payload) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let connection = active_connection(gateway, &slug)?;
    let Protocol::Saml(settings) = &connection.protocol else { return Err(Failure::NotFound) };
    let fields = form::read(&request, &mut payload.into_inner(), POST_LIMIT).await?;
    let message = fields.get("SAMLResponse").ok_or(Failure::BadRequest("SAMLResponse is missing"))?;
    let relay_state = fields.get("RelayState").map_or("", String::as_str);
    let now = gateway.now();

    let state_hash = Token::parse(relay_state).map(|state| state.hash());
    let started = match &state_hash {
        Some(hash) => gateway.db.read_one(|tx| store::pending::started(tx, hash, now))?,
        None => None,
    };
    let started = started.filter(|known| known.connection == connection.id);
    let expected = match &started {
        Some(known) => Expected::Answering { request_id: &known.request_id },
        None if settings.idp_initiated => Expected::Unsolicited,
        None => return refuse(&request, &connection, Refusal::SignInExpired, "nobody_waits", NOBODY_WAITS).await,
    };
    let names = OurNames::new(gateway.config.server.base(), connection.slug.as_str());
    let service_provider = names.service_provider();
    let verified =
        saml::verify_response(&connection, settings, service_provider, &gateway.saml_keys, expected, message, now);
    let state_hash = started.and(state_hash);
    match verified {
        Ok(verified) => keep(&request, &connection, state_hash, verified, relay_state).await,
        Err(error) => {
            if let (Kind::IdpDenied, Some(hash)) = (error.kind(), state_hash) {
                gateway.db.write(move |tx| store::pending::abandon(tx, &hash)).await?;
            }
            refuse_error(&request, &connection, &error).await
        }
    }
}

/// What the admin reads when nobody waits for an answer.
const NOBODY_WAITS: (&str, &str) = (
    "no sign-in waits for this answer: it came too late, was used already, or was not asked for",
    "If people start at the identity provider, allow that for this connection (idp_initiated).",
);

async fn keep(
    request: &HttpRequest,
    connection: &Connection,
    state_hash: Option<[u8; 32]>,
    verified: VerifiedResponse,
    relay_state: &str,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let (code, now, id) = (Token::new(), gateway.now(), connection.id);
    let answer = VerifiedAnswer {
        identity: verified.identity,
        idp_session: verified.session_index,
        session_ends: verified.session_not_on_or_after,
        warnings: verified.warnings.iter().map(ToString::to_string).collect(),
    };
    // IdP-initiated: RelayState may name where to go (SAML profiles 4.1.5); checked like any other wish.
    let return_to = if state_hash.is_some() { "/".to_owned() } else { destination(gateway, Some(relay_state))? };
    let (finish_hash, assertion_id, replay_until) = (code.hash(), verified.assertion_id, verified.replay_until);
    let write = gateway.db.write(move |tx| {
        let receive = Receive {
            connection: id,
            assertion_id: &assertion_id,
            replay_until,
            state_hash,
            finish_hash,
            answer: &answer,
            return_to: &return_to,
            now,
        };
        flow::receive(tx, &receive)
    });
    match write.await? {
        Received::Kept => Ok(page::see_other(&format!("/sign-in/finish?code={}", code.text()), &[])),
        Received::Replayed => {
            const REPLAYED: (&str, &str) = (
                "the assertion was used before",
                "If nobody went back in the browser, treat it as an attack: somebody may have read a sign-in.",
            );
            refuse(request, connection, Refusal::AssertionReplayed, "replayed", REPLAYED).await
        }
        Received::NobodyWaits => {
            refuse(request, connection, Refusal::SignInExpired, "nobody_waits", NOBODY_WAITS).await
        }
    }
}

async fn refuse_error(
    request: &HttpRequest,
    connection: &Connection,
    error: &SamlError,
) -> Result<HttpResponse, Failure> {
    let refusal = match error.kind() {
        Kind::IdpDenied => Refusal::IdpDenied,
        Kind::AssertionInvalid | Kind::ConnectionUnusable => Refusal::AssertionInvalid,
    };
    refuse(request, connection, refusal, error.code(), (&error.to_string(), error.next_step())).await
}

/// Turns a message away: the cause for the admin under the incident code, little for the visitor. A flood of rubbish is
/// answered, but not written down without end.
async fn refuse(
    request: &HttpRequest,
    connection: &Connection,
    refusal: Refusal,
    check: &str,
    (what, next_step): (&str, &str),
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let incident = Incident::from_random(secrets::random());
    tracing::info!(connection = %connection.slug, refusal = refusal.code(), check, %incident, "a sign-in was refused");
    if gateway.failures.take(gateway.now()) {
        let kept = record::of_failure(connection, check, what, next_step);
        let (connection, asked) = (connection.clone(), context::Asked::of(request, &incident));
        let write = gateway.db.write({
            let catalog = gateway.config.catalog.clone();
            move |tx| flow::keep_failure(tx, &asked.context(&catalog), &connection, refusal, &kept)
        });
        write.await?;
    }
    let parent = connection.parent;
    let contact = gateway.db.read(|tx| store::organizations::of_parent(tx, parent))?;
    let contact = contact.into_iter().find_map(|organization| organization.contact);
    let retry = Some(format!("/sign-in/{}", connection.slug));
    refusal::page(request, refusal, &incident, Told { contact, retry, ..Told::default() })
}
