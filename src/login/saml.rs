//! The SAML endpoints: our metadata, and where identity providers' answers arrive.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::answer::{TestNotes, VerifiedAnswer};
use super::destination;
use super::flow::{self, Receive, Received};
use super::saml_sign_out;
use super::start::any_connection;
use super::trial::trust_mark;
use super::turned::{self, Cause, Errand};
use crate::connection::{Connection, ConnectionStatus, Protocol, SamlIdp, SamlSettings};
use crate::db::DbError;
use crate::gateway::OurNames;
use crate::ids::Slug;
use crate::provisioning::Refusal;
use crate::saml::{self, Expected, Kind, SamlError, VerifiedResponse};
use crate::secrets::Token;
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::form;
use crate::web::page;

/// The largest POST to the assertion consumer service, in bytes.
const POST_LIMIT: usize = 1024 * 1024;

/// `GET /saml/{connection}/metadata`: what the identity provider has to know of us. Also for a connection still being set up, even
/// if nothing is known of the other side yet: AD FS reads ours first.
pub async fn metadata(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let slug = Slug::parse(&slug).map_err(|_| Failure::NotFound)?;
    let (connection, begun) = gateway.db.read(|tx| -> Result<_, DbError> {
        Ok((store::connections::by_slug(tx, &slug)?, store::connection_setups::find(tx, &slug)?))
    })?;
    let settings = match connection.map(|known| known.protocol) {
        Some(Protocol::Saml(settings)) => settings,
        None if begun.is_some() => SamlSettings::new(SamlIdp::default()),
        Some(Protocol::Oidc(_)) | None => return Err(Failure::NotFound),
    };
    let names = OurNames::new(gateway.config.server.base(), slug.as_str());
    let document = saml::our_metadata(names.service_provider(), &settings, &gateway.saml_keys()?);
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/samlmetadata+xml")).body(document))
}

/// `POST /saml/{connection}/acs`: the assertion consumer service. Verifies, keeps the result, and lets the browser fetch it by a
/// same-site GET, where the cookie of the browser that asked can be seen.
pub async fn consume(request: HttpRequest, slug: Path<String>, payload: Payload) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let connection = any_connection(gateway, &slug)?;
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
    let errand = Errand::of(started.as_ref());
    // A connection that is being set up answers to a test, and to nobody else.
    if !errand.is_test() && connection.status != ConnectionStatus::Active {
        return Err(Failure::NotFound);
    }
    let expected = match &started {
        Some(known) => Expected::Answering { request_id: &known.request_id, asked_at: known.created_at },
        None if settings.idp_initiated => Expected::Unsolicited,
        None => return turned::away(&request, &connection, &errand, nobody_waits()).await,
    };
    let names = OurNames::new(gateway.config.server.base(), connection.slug.as_str());
    let service_provider = names.service_provider();
    let verified =
        saml::verify_response(&connection, settings, service_provider, &gateway.saml_keys()?, expected, message, now);
    let state_hash = started.and(state_hash);
    match verified {
        Ok(verified) => keep(&request, &connection, &errand, state_hash, verified, relay_state).await,
        Err(error) => {
            if let (Kind::IdpDenied, Some(hash)) = (error.kind(), state_hash) {
                gateway.db.write(move |tx| store::pending::abandon(tx, &hash)).await?;
            }
            let mut cause = cause_of(&error);
            if errand.is_test() {
                cause.received = Some(saml::shown_message(message));
            }
            turned::away(&request, &connection, &errand, cause).await
        }
    }
}

/// What the admin reads when nobody waits for an answer.
fn nobody_waits() -> Cause {
    Cause::new(
        Refusal::SignInExpired,
        "nobody_waits",
        "no sign-in waits for this answer: it came too late, was used already, or was not asked for",
        "If people start at the identity provider, allow that for this connection (idp_initiated).",
    )
}

async fn keep(
    request: &HttpRequest,
    connection: &Connection,
    errand: &Errand,
    state_hash: Option<[u8; 32]>,
    verified: VerifiedResponse,
    relay_state: &str,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let (code, now, id) = (Token::new(), gateway.now(), connection.id);
    let answer = VerifiedAnswer {
        identity: verified.identity,
        idp_session: verified.session_index,
        idp_name: Some(saml_sign_out::name_mark(&verified.name_id)),
        logout_seal: saml_sign_out::seal_name(gateway, connection, &verified.name_id),
        session_ends: verified.session_not_on_or_after,
        warnings: verified.warnings.iter().map(ToString::to_string).collect(),
        notes: errand.is_test().then(|| {
            let shown = saml::shown(&verified.believed);
            TestNotes {
                trust: trust_mark(connection),
                checks: verified.checks.iter().map(|check| check.as_str().to_owned()).collect(),
                received: shown.text,
                attributes: shown.attributes,
            }
        }),
    };
    // What we asked for goes where the person wanted to go, which is known already.
    let return_to = match state_hash {
        Some(_) => "/".to_owned(),
        None => destination::target(gateway, relay_state, connection.parent)?,
    };
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
            let cause = Cause::new(
                Refusal::AssertionReplayed,
                "replayed",
                "the assertion was used before",
                "If nobody went back in the browser, treat it as an attack: somebody may have read a sign-in.",
            );
            turned::away(request, connection, errand, cause).await
        }
        Received::NobodyWaits => turned::away(request, connection, errand, nobody_waits()).await,
    }
}

fn cause_of(error: &SamlError) -> Cause {
    let refusal = match error.kind() {
        Kind::IdpDenied => Refusal::IdpDenied,
        Kind::AssertionInvalid | Kind::ConnectionUnusable => Refusal::AssertionInvalid,
    };
    Cause::new(refusal, error.code(), error.to_string(), error.next_step())
}
