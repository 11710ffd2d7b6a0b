//! What the gateway calls without a browser: discovery, keys, the token endpoint and userinfo.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, WWW_AUTHENTICATE};
use actix_web::web::{Data, Form};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::super::faults::{Fault, Lasts};
use super::super::sign_in::{Fields, field};
use super::super::sites::{Client, Protocol, Sites};
use super::super::stage::Stage;
use super::super::state::{Answer, Message};
use super::claims::{self, Ask};
use super::grants::{Grant, Grants};
use super::keys::{self, Algorithm};
use crate::secrets::{self, Token};

/// Longer than the gateway waits for any call.
pub(super) const SLOW: Duration = Duration::from_secs(12);

/// The provider about itself (OpenID Connect Discovery 3).
pub fn discovery_document(sites: &Sites) -> Value {
    let at = |path: &str| format!("{}{path}", sites.idp);
    json!({
        "issuer": sites.issuer(),
        "authorization_endpoint": at("/oidc/authorize"),
        "token_endpoint": at("/oidc/token"),
        "userinfo_endpoint": at("/oidc/userinfo"),
        "jwks_uri": at("/oidc/keys"),
        "end_session_endpoint": at("/oidc/sign-out"),
        "scopes_supported": ["openid", "email", "profile"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::as_str),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "email", "email_verified", "name", "groups"],
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}

/// `GET /.well-known/openid-configuration`
pub async fn discovery(stage: Data<Stage>) -> HttpResponse {
    if is_down(&stage) { down() } else { HttpResponse::Ok().json(discovery_document(&stage.sites)) }
}

/// `GET /oidc/keys`
pub async fn key_set(stage: Data<Stage>) -> HttpResponse {
    if is_down(&stage) { down() } else { HttpResponse::Ok().json(stage.openid.keys().published()) }
}

/// While it is switched on until somebody switches it off, nothing but the page of people answers.
fn is_down(stage: &Stage) -> bool {
    stage.state.armed().is_some_and(|armed| {
        (armed.fault, armed.protocol, armed.lasts) == (Fault::Down, Protocol::Oidc, Lasts::UntilSwitchedOff)
    })
}

fn down() -> HttpResponse {
    HttpResponse::ServiceUnavailable().body("This identity provider is down, on purpose.\n")
}

/// Why there are no tokens (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
enum NoTokens {
    Client,
    Error { code: &'static str, description: String },
}

/// `POST /oidc/token`
pub async fn token(request: HttpRequest, stage: Data<Stage>, form: Form<Fields>) -> HttpResponse {
    if is_down(&stage) {
        return down();
    }
    match exchange(&stage, request.headers(), &form) {
        Ok((grant, answer)) => match grant.fault {
            Some(Fault::Down) => down(),
            Some(Fault::Slow) => {
                actix_web::rt::time::sleep(SLOW).await;
                HttpResponse::Ok().json(answer)
            }
            _ => HttpResponse::Ok().json(answer),
        },
        Err(NoTokens::Client) => HttpResponse::Unauthorized()
            .insert_header((WWW_AUTHENTICATE, "Basic realm=\"demo identity provider\""))
            .json(json!({ "error": "invalid_client" })),
        Err(NoTokens::Error { code, description }) => {
            HttpResponse::BadRequest().json(json!({ "error": code, "error_description": description }))
        }
    }
}

fn exchange(stage: &Stage, headers: &HeaderMap, form: &[(String, String)]) -> Result<(Grant, Value), NoTokens> {
    let client = client_of(stage, headers, form).ok_or(NoTokens::Client)?;
    let error = |code, description: &str| NoTokens::Error { code, description: description.to_owned() };
    if field(form, "grant_type") != Some("authorization_code") {
        return Err(error("unsupported_grant_type", "only authorization_code is offered"));
    }
    let needed = |name| field(form, name).ok_or_else(|| error("invalid_request", name));
    let (code, place, verifier) = (needed("code")?, needed("redirect_uri")?, needed("code_verifier")?);
    let now = stage.clock.now();
    let taken = stage.openid.grants.take(code, &client.client_id, place, verifier, now);
    let grant = taken.map_err(|why| error("invalid_grant", &why.to_string()))?;
    let people = stage.state.people();
    let person =
        people.find(&grant.subject).ok_or_else(|| error("invalid_grant", "this person is not here any more"))?;
    let access_token = Token::new().text();
    let keys = stage.openid.keys();
    let claims = claims::id_token(&Ask {
        issuer: stage.sites.issuer(),
        client_id: &client.client_id,
        person,
        nonce: grant.nonce.as_deref(),
        sid: &grant.sid,
        authenticated: grant.authenticated,
        now,
        access_token: &access_token,
        algorithm: keys.algorithm,
        fault: grant.fault,
    });
    let id_token = match grant.fault {
        Some(Fault::Unsigned) => keys::unsigned(&claims),
        Some(Fault::OtherKey) => keys::signed_by(&stage.keys.stranger, &claims),
        Some(Fault::BadSignature) => keys::with_a_broken_signature(&keys.sign("JWT", &claims)),
        _ => keys.sign("JWT", &claims),
    };
    drop(keys);
    let message = match grant.fault {
        Some(Fault::Down) => Message::Other("503 from the token endpoint, and no tokens.".to_owned()),
        _ => Message::Token(id_token.clone()),
    };
    stage.state.sent(Answer {
        nth: 0,
        at: now,
        who: format!("{} <{}>", person.name, person.email),
        connection: client.slug,
        fault: grant.fault,
        unasked: false,
        message,
    });
    stage.openid.grants.exchanged(code, &grant, &access_token, now);
    let answer = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": Grants::ACCESS_LIFE.as_secs(),
        "scope": "openid email profile",
        "id_token": id_token,
    });
    Ok((grant, answer))
}

/// The client that proves itself, in exactly one of two ways (RFC 6749 §2.3.1).
fn client_of<'a>(stage: &'a Stage, headers: &HeaderMap, form: &[(String, String)]) -> Option<&'a Client> {
    let (id, secret) = match (basic(headers), field(form, "client_secret")) {
        (Some(pair), None) => pair,
        (None, Some(secret)) => (field(form, "client_id")?.to_owned(), secret.to_owned()),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    let client = stage.sites.client(&id)?;
    secrets::equal(secret.as_bytes(), stage.openid.client_secret.as_bytes()).then_some(client)
}

/// Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let pair = String::from_utf8(STANDARD.decode(value.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decoded = |half: &str| {
        let mut pairs = form_urlencoded::parse(half.as_bytes());
        pairs.next().map(|(name, _)| name.into_owned())
    };
    Some((decoded(id)?, decoded(secret)?))
}

/// `GET /oidc/userinfo`, and POST (OpenID Connect Core 5.3.1).
pub async fn userinfo(request: HttpRequest, stage: Data<Stage>) -> HttpResponse {
    if is_down(&stage) {
        return down();
    }
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let people = stage.state.people();
    let who = bearer.and_then(|token| stage.openid.grants.who(token, stage.clock.now()));
    match who.as_ref().and_then(|(subject, fault)| Some((people.find(subject)?, *fault))) {
        Some((person, fault)) => HttpResponse::Ok().json(claims::userinfo(person, fault)),
        None => HttpResponse::Unauthorized()
            .insert_header((WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""))
            .json(json!({ "error": "invalid_token" })),
    }
}
