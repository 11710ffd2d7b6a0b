//! What reverse proxies ask on every request: may this browser enter this application, and who is it?

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::assertion::{self, Claims, Fingerprint, HeaderSigner, Pairs};
use super::headers::IdentityHeaders;
use super::rules;
use crate::db::DbError;
use crate::gateway::{Gateway, Seen};
use crate::ids::Incident;
use crate::login::again;
use crate::login::refusal::{self, Told};
use crate::organization::HeaderPreset;
use crate::product::ProductKey;
use crate::provisioning::Refusal;
use crate::secrets;
use crate::session;
use crate::store;
use crate::store::sessions::{Visit, VisitedApplication};
use crate::web::client::{self, OriginalUrl};
use crate::web::failure::{self, Failure};

/// What a request turned out to be.
enum Asked {
    /// A person who may enter.
    Allowed(HttpResponse),
    /// Nobody is signed in; where they wanted to go.
    SignIn(OriginalUrl),
    /// Somebody who may not enter, or a place that is none of ours.
    Refused(Refusal, Told),
}

/// `GET /auth/nginx`: for `auth_request`, which understands 2xx, 401 and 403 only.
pub async fn nginx(request: HttpRequest) -> Result<HttpResponse, Failure> {
    match ask(&request)? {
        Asked::Allowed(response) => Ok(response),
        Asked::SignIn(wanted) => {
            let location = sign_in_url(session::gateway(&request), &wanted);
            Ok(not_signed_in(&Incident::from_random(secrets::random())).insert_header((LOCATION, location)).finish())
        }
        Asked::Refused(refusal, told) => refused(&request, refusal, told),
    }
}

/// `GET /auth/forward`: for Traefik, Caddy and HAProxy, which hand any other answer than 2xx to the browser.
pub async fn forward(request: HttpRequest) -> Result<HttpResponse, Failure> {
    match ask(&request)? {
        Asked::Allowed(response) => Ok(response),
        Asked::SignIn(wanted) => {
            let location = sign_in_url(session::gateway(&request), &wanted);
            if failure::wants_json(&request) || !is_navigation(&request) {
                let incident = Incident::from_random(secrets::random());
                let body =
                    serde_json::json!({ "error": "not_signed_in", "sign_in": location, "incident": incident.as_str() });
                return Ok(not_signed_in(&incident).content_type("application/json").body(body.to_string()));
            }
            Ok(HttpResponse::Found().insert_header((LOCATION, location)).finish())
        }
        Asked::Refused(refusal, told) => refused(&request, refusal, told),
    }
}

/// A 401 as every error of ours: with its code and a reference.
fn not_signed_in(incident: &Incident) -> HttpResponseBuilder {
    let mut response = HttpResponse::Unauthorized();
    response.insert_header(("x-usher-error", Failure::NotSignedIn.code()));
    response.insert_header(("x-usher-incident", incident.as_str()));
    response
}

/// Only a page that a browser navigates to is sent to sign in; a script's request would follow the redirect blindly.
fn is_navigation(request: &HttpRequest) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let method = header("x-forwarded-method").or(header("x-original-method")).unwrap_or("GET");
    matches!(method, "GET" | "HEAD") && header("sec-fetch-mode").is_none_or(|mode| mode == "navigate")
}

fn ask(request: &HttpRequest) -> Result<Asked, Failure> {
    let gateway = session::gateway(request);
    let wanted = match client::original_url(request, &gateway.config.server.trusted_proxies) {
        Ok(wanted) => wanted,
        Err(error) => {
            tracing::warn!(error = %error, "a forward-auth request was refused");
            return Ok(Asked::Refused(Refusal::AppNotAllowed, Told::default()));
        }
    };
    let now = gateway.now();
    let hash = session::token_hash(request);
    let visit = match &hash {
        Some(hash) => gateway.db.read_one(|tx| store::sessions::visit(tx, hash, &wanted.origin))?,
        None => None,
    };
    let live = visit.filter(|visit| {
        let span = session::Span { created_at: visit.created_at, seen_at: visit.seen_at, expires_at: visit.expires_at };
        !span.is_over(&gateway.config.session, now)
    });
    let (Some(visit), Some(hash)) = (live, hash) else {
        // An origin that nobody registered is never a reason to redirect anywhere.
        let known = gateway.db.read_one(|tx| store::applications::by_origin(tx, &wanted.origin))?;
        return Ok(match known {
            Some(_) => Asked::SignIn(wanted),
            None => Asked::Refused(Refusal::AppNotAllowed, Told::default()),
        });
    };
    let Some(application) = &visit.application else {
        return Ok(Asked::Refused(Refusal::AppNotAllowed, Told { has_session: true, ..Told::default() }));
    };
    let product = gateway.config.catalog.product(&ProductKey::new(application.product.as_str()));
    let standing = rules::Standing { suspended: visit.suspended, through_active: visit.through_active };
    if let Some(refusal) = rules::refusal(standing, application, product) {
        return Ok(Asked::Refused(refusal, told(gateway, &visit, application, refusal, &wanted)?));
    }
    if now.since(visit.seen_at) >= Seen::GRAIN {
        gateway.seen.note(hash, now);
    }
    allow(request, gateway, hash, &visit, application).map(Asked::Allowed)
}

fn allow(
    request: &HttpRequest,
    gateway: &Gateway,
    hash: [u8; 32],
    visit: &Visit,
    application: &VisitedApplication,
) -> Result<HttpResponse, Failure> {
    let member = application.member.as_ref().ok_or_else(|| Failure::Internal("nobody to allow".to_owned()))?;
    let fingerprint = Fingerprint {
        member: member.version,
        person: visit.person_version,
        groups_at: visit.groups_seen_at,
        directory: application.directory.clone(),
        url: application.url.clone(),
        preset: application.headers.clone(),
    };
    let mut response = HttpResponse::Ok().finish();
    assertion::tell(response.headers_mut(), hash, application.id.0, fingerprint, gateway.now(), |second| {
        let signer = request.app_data::<Data<HeaderSigner>>().expect("server puts it there for every request");
        pairs(gateway, visit, application, |claims| signer.sign(&claims.issued(second)))
    })?;
    Ok(response)
}

/// What an application is told about a visitor; `sign` makes the signed header of the claims.
pub(super) fn pairs(
    gateway: &Gateway,
    visit: &Visit,
    application: &VisitedApplication,
    sign: impl FnOnce(Claims<'_>) -> Result<String, Failure>,
) -> Result<Pairs, Failure> {
    let member = application.member.as_ref().ok_or_else(|| Failure::Internal("nobody to allow".to_owned()))?;
    let groups = groups(gateway, visit, application)?;
    let signed = sign(Claims {
        iss: gateway.config.server.base(),
        aud: &application.url,
        sub: &visit.public_id,
        email: &visit.email,
        name: &visit.display_name,
        groups: assertion::fitting(&groups),
        groups_overage: assertion::fitting(&groups).is_none(),
        org: &application.organization_slug,
        role: &member.role,
        seat: member.seat.as_deref(),
        iat: 0,
        nbf: 0,
        exp: 0,
        jti: String::new(),
    })?;
    let place = (application.organization_slug.as_str(), member.role.as_str(), member.seat.as_deref());
    let told = IdentityHeaders::new(&visit.email, &visit.display_name, &groups, &visit.public_id, place, &signed);
    Ok(told.pairs(HeaderPreset::parse(&application.headers).unwrap_or_default()))
}

/// The names of the person's groups in the directory where that is what counts (rule B20), else what the sign-in said.
fn groups(gateway: &Gateway, visit: &Visit, application: &VisitedApplication) -> Result<Vec<String>, DbError> {
    let Some(known) = &application.directory else { return visit.group_list() };
    let Some(user) = known.user else { return Ok(Vec::new()) };
    let groups = gateway.db.read_one(|tx| store::directory_memberships::groups_of_user(tx, user))?;
    let names: BTreeSet<String> = groups.into_iter().map(|group| group.display).collect();
    Ok(names.into_iter().collect())
}

fn told(
    gateway: &Gateway,
    visit: &Visit,
    application: &VisitedApplication,
    refusal: Refusal,
    wanted: &OriginalUrl,
) -> Result<Told, DbError> {
    let (organization, again) = gateway.db.read(|tx| -> Result<_, DbError> {
        let organization = store::organizations::by_id(tx, application.organization)?;
        let again = match &organization {
            Some(organization) if refusal == Refusal::SsoRequired => {
                again::path(tx, organization.parent, visit.person, &wanted.url)?
            }
            Some(_) | None => None,
        };
        Ok((organization, again))
    })?;
    // Refused pages of this room are shown under the application's own host.
    let retry = again.map(|path| format!("{}{path}", gateway.config.server.base()));
    Ok(Told {
        email: Some(visit.email.clone()),
        organization: organization.as_ref().map(|organization| organization.name.clone()),
        contact: organization.and_then(|organization| organization.contact),
        has_session: retry.is_none(),
        retry,
        ..Told::default()
    })
}

fn refused(request: &HttpRequest, refusal: Refusal, told: Told) -> Result<HttpResponse, Failure> {
    let incident = Incident::from_random(secrets::random());
    tracing::info!(refusal = refusal.code(), %incident, "a visit was refused");
    if failure::wants_json(request) {
        let body = serde_json::json!({ "error": refusal.code(), "incident": incident.as_str() });
        return Ok(HttpResponse::build(StatusCode::FORBIDDEN)
            .insert_header(("x-usher-refusal", refusal.code()))
            .insert_header(("x-usher-incident", incident.as_str()))
            .content_type("application/json")
            .body(body.to_string()));
    }
    refusal::page(request, refusal, &incident, told)
}

/// Where to sign in, from the configured public URL and never from a Host header, with the way back.
fn sign_in_url(gateway: &Gateway, wanted: &OriginalUrl) -> String {
    let query: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", &wanted.url).finish();
    format!("{}/sign-in?{query}", gateway.config.server.base())
}
