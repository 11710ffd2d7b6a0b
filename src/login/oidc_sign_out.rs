//! Sign-outs between us and OpenID providers: theirs reach us by the back channel, ours are taken there by the browser.

use std::time::Duration;

use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::context::Asked;
use super::leave;
use super::start::any_connection;
use crate::audit::Actor;
use crate::connection::{Connection, OidcSettings, Protocol};
use crate::db::{DbError, Tx};
use crate::gateway::{self, Gateway};
use crate::ids::ConnectionId;
use crate::membership::Context;
use crate::oidc::{self, Kind, LogoutToken, Tokens};
use crate::providers::{Described, Trouble};
use crate::secrets;
use crate::session;
use crate::store;
use crate::store::sessions::Leaving;
use crate::store::sign_outs::SignOut;
use crate::web::failure::Failure;
use crate::web::form;

/// The largest POST with a logout token, in bytes.
const POST_LIMIT: usize = 64 * 1024;

/// The longest ID token that is kept for the sign-out, in bytes: it has to fit into an address. Without it, the provider may ask the
/// person whether they want to sign out.
const HINT_LIMIT: usize = 4 * 1024;

/// How long a browser that signs out waits for the provider's document, if that is not known.
const ASKED_WITHIN: Duration = Duration::from_secs(3);

/// What finds the sessions of a subject.
pub(super) fn subject_mark(subject: &str) -> [u8; 32] {
    secrets::sha256(subject.as_bytes())
}

/// What is kept, sealed, so that the provider can be told when the session ends; nothing if it does not want to hear of it.
pub(super) fn seal_hint(
    gateway: &Gateway,
    connection: &Connection,
    described: &Described,
    tokens: &Tokens,
) -> Option<Vec<u8>> {
    described.provider.end_session_endpoint.as_ref()?;
    let hint = Some(tokens.id_token()).filter(|token| token.len() <= HINT_LIMIT).unwrap_or_default();
    Some(gateway::seal_logout(&gateway.sealer, &connection.slug, hint))
}

/// Where the browser goes to sign out there, too (OpenID Connect RP-Initiated Logout 1.0); `None` if the provider offers no such
/// place, or cannot be asked now.
pub(super) async fn onward(
    gateway: &Gateway,
    connection: &Connection,
    settings: &OidcSettings,
    state: &str,
    sign_out: &SignOut,
) -> Option<String> {
    let asked = actix_web::rt::time::timeout(ASKED_WITHIN, gateway.providers.of(connection, settings)).await;
    let described = asked.ok()?.ok()?;
    let seal = sign_out.logout_seal.as_deref()?;
    let hint = gateway::open_logout(&gateway.sealer, &connection.slug, seal);
    let hint = hint.inspect_err(|error| tracing::warn!(error = %error, "the identity provider is not told")).ok()?;
    let hint = Some(hint.as_str()).filter(|hint| !hint.is_empty());
    let back = format!("{}/signed-out", gateway.config.server.base());
    oidc::end_session_url(&described.provider, &settings.client_id, hint, &back, state)
}

/// `POST /oidc/{connection}/backchannel-logout`: a provider says whose sessions have ended (OpenID Connect Back-Channel Logout 1.0).
/// Before this is answered they have ended here, too. Also for a connection that signs nobody in any more: it may have sessions.
pub async fn back_channel(request: HttpRequest, slug: Path<String>, payload: Payload) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let connection = any_connection(gateway, &slug)?;
    let Protocol::Oidc(settings) = &connection.protocol else { return Err(Failure::NotFound) };
    let fields = form::read(&request, &mut payload.into_inner(), POST_LIMIT).await?;
    let token = fields.get("logout_token").ok_or(Failure::BadRequest("logout_token is missing"))?;
    let token = match verified(gateway, &connection, settings, token).await {
        Ok(token) => token,
        Err(trouble) => {
            return refused(&request, &connection, trouble.check, &trouble.what, &trouble.next_step).await;
        }
    };
    let asked = Asked::of(&request);
    let (catalog, ending) = (gateway.config.catalog.clone(), connection.clone());
    let write = gateway.db.write(move |tx| -> Result<Option<u64>, DbError> {
        if !store::pending::use_assertion(tx, ending.id, &token.jti, token.replay_until)? {
            return Ok(None);
        }
        let actor = Actor::IdentityProvider(ending.slug.to_string());
        let context = Context { actor, incident: None, ..asked.context(&catalog) };
        let ended = meant(tx, ending.id, &token)?;
        leave::end_at_their_word(tx, &context, &ending, ended).map(Some)
    });
    let Some(count) = write.await? else {
        let next_step = "A provider that tries again makes a new token; whoever shows an old one may have read it.";
        return refused(&request, &connection, "replayed", "the logout token was used before", next_step).await;
    };
    tracing::info!(connection = %connection.slug, count, "the identity provider signed somebody out");
    Ok(HttpResponse::Ok().finish())
}

/// 400 with a word of the standard's (2.8); the cause is for the admin.
async fn refused(
    request: &HttpRequest,
    connection: &Connection,
    check: &'static str,
    what: &str,
    next_step: &str,
) -> Result<HttpResponse, Failure> {
    let incident = leave::keep_cause(request, connection, check, what, next_step).await?;
    let mut answer = HttpResponse::BadRequest();
    answer.insert_header(("x-usher-incident", incident.as_str()));
    Ok(answer.json(serde_json::json!({ "error": "invalid_request" })))
}

/// The token verified; by the provider's newest keys, if those that are known do not fit.
async fn verified(
    gateway: &Gateway,
    connection: &Connection,
    settings: &OidcSettings,
    token: &str,
) -> Result<LogoutToken, Trouble> {
    let described = gateway.providers.of(connection, settings).await?;
    let verify = |described: &Described| oidc::verify_logout_token(settings, &described.keys, token, gateway.now());
    let verified = match verify(&described) {
        Err(error) if error.kind() == Kind::UnknownKey => {
            match gateway.providers.newer_than(&described, connection, settings).await {
                Some(newer) => verify(&newer),
                None => Err(error),
            }
        }
        verified => verified,
    };
    Ok(verified?)
}

/// The sessions that a logout token means. Where it names person and session, one of the person's that began without the provider
/// saying which session it was may be the one that is meant.
fn meant(tx: &mut dyn Tx, connection: ConnectionId, token: &LogoutToken) -> Result<Vec<Leaving>, DbError> {
    match (&token.subject, &token.sid) {
        (Some(subject), sid) => {
            let mut known = store::sessions::of_idp_name(tx, connection, &subject_mark(subject))?;
            if let Some(sid) = sid {
                known.retain(|session| session.idp_session.as_ref().is_none_or(|known| known == sid));
            }
            Ok(known)
        }
        (None, Some(sid)) => store::sessions::of_idp_session(tx, connection, sid),
        (None, None) => Ok(Vec::new()),
    }
}
