//! From an e-mail address to the identity provider.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Path, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use url::Url;

use super::destination::{Whose, destination};
use super::pages::{Choice, ChooseConnectionPage, OnwardPage, PostRequestPage, SignInPage};
use super::{flow, oidc};
use crate::connection::{Connection, ConnectionStatus, Protocol, SamlSettings};
use crate::db::DbError;
use crate::gateway::{Gateway, OurNames};
use crate::identity::EmailAddress;
use crate::ids::Slug;
use crate::saml::{self, SignInRequest};
use crate::secrets::{self, Token};
use crate::session;
use crate::store;
use crate::store::pending::Purpose;
use crate::web::client;
use crate::web::failure::Failure;
use crate::web::form::{self, Posted};
use crate::web::page::{self, Frame};

/// The largest form with which a provider begins, in bytes.
const INITIATED_LIMIT: usize = 16 * 1024;

/// `?return_to=`, and what OpenID providers send when they begin (OpenID Connect Core 4).
#[derive(Debug, Deserialize)]
pub struct Wanted {
    return_to: Option<String>,
    iss: Option<String>,
    target_link_uri: Option<String>,
    login_hint: Option<String>,
}

/// `GET /sign-in`
pub async fn show(request: HttpRequest, wanted: Query<Wanted>) -> Result<HttpResponse, Failure> {
    let (gateway, return_to) = (session::gateway(&request), wanted.return_to.as_deref());
    if let Some(visitor) = session::current(&request)? {
        let here = destination(gateway, return_to, Whose::Of(visitor.person.parent))?;
        return Ok(page::see_other(&here, &[]));
    }
    let destination = destination(gateway, return_to, Whose::Anybodys)?;
    sign_in_page(&request, &destination, "", None)
}

/// `POST /sign-in`: the domain finds the connection (rule B37).
pub async fn submit(request: HttpRequest, form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let return_to = Some(form.field("return_to"));
    let typed = form.field("email");
    let texts = page::language(&request).texts();
    let anywhere = destination(gateway, return_to, Whose::Anybodys)?;
    let Ok(email) = EmailAddress::parse(typed) else {
        return sign_in_page(&request, &anywhere, typed, Some(texts.t("email-invalid").into_owned()));
    };
    let found = gateway.db.read(|tx| -> Result<Vec<Connection>, DbError> {
        match store::domains::verified_owner(tx, &email.domain())? {
            Some(parent) => store::connections::of_parent(tx, parent),
            None => Ok(Vec::new()),
        }
    })?;
    let active: Vec<Connection> = found.into_iter().filter(|known| known.status == ConnectionStatus::Active).collect();
    let parent = active.first().map(|known| known.parent);
    let destination = destination(gateway, return_to, parent.map_or(Whose::Anybodys, Whose::Of))?;
    match active.as_slice() {
        [] => sign_in_page(&request, &anywhere, typed, Some(texts.t("email-unknown").into_owned())),
        [only] => match &only.protocol {
            Protocol::Saml(_) => {
                let login_hint = Some(email.as_str());
                begin(&request, only, &Begin { purpose: Purpose::SignIn, destination: &destination, login_hint }).await
            }
            // Where this provider's page is, is only known once it was asked.
            Protocol::Oidc(_) => {
                let href = href(&only.slug, &destination, Some(email.as_str()));
                page::html(StatusCode::OK, &OnwardPage { frame: Frame::of(&request), href }, &[])
            }
        },
        several => {
            let choice = |known: &Connection| {
                let hint = Some(email.as_str()).filter(|_| matches!(known.protocol, Protocol::Oidc(_)));
                Choice { href: href(&known.slug, &destination, hint), label: known.label.clone() }
            };
            let choices = several.iter().map(choice).collect();
            page::html(StatusCode::OK, &ChooseConnectionPage { frame: Frame::of(&request), choices }, &[])
        }
    }
}

/// `GET /sign-in/{connection}`: starts one connection directly. An OpenID provider may send people here as well (OpenID Connect
/// Core 4, third-party initiated login).
pub async fn direct(request: HttpRequest, slug: Path<String>, wanted: Query<Wanted>) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let target = wanted.return_to.as_deref().or(wanted.target_link_uri.as_deref());
    let connection = active_connection(gateway, &slug)?;
    let destination = destination(gateway, target, Whose::Of(connection.parent))?;
    if let (Some(issuer), Protocol::Oidc(settings)) = (&wanted.iss, &connection.protocol)
        && *issuer != settings.issuer
    {
        return Err(Failure::BadRequest("this connection belongs to another issuer"));
    }
    // Handed on only if it is an address: the provider shows it in its own form.
    let hint = wanted.login_hint.as_deref().and_then(|hint| EmailAddress::parse(hint).ok());
    let login_hint = hint.as_ref().map(EmailAddress::as_str);
    begin(&request, &connection, &Begin { purpose: Purpose::SignIn, destination: &destination, login_hint }).await
}

/// `POST /sign-in/{connection}`: an OpenID provider may begin by a form of its own as well. Goes on by GET, where the cookies of
/// this browser are seen.
pub async fn direct_posted(
    request: HttpRequest,
    slug: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Failure> {
    let fields = form::read(&request, &mut payload.into_inner(), INITIATED_LIMIT).await?;
    let known = ["iss", "login_hint", "target_link_uri"];
    let given = known.iter().filter_map(|name| Some((name, fields.get(*name)?)));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
    Ok(page::see_other(&format!("/sign-in/{}?{query}", any_connection(session::gateway(&request), &slug)?.slug), &[]))
}

/// The connection of a slug, if it may sign people in.
fn active_connection(gateway: &Gateway, slug: &str) -> Result<Connection, Failure> {
    let found = any_connection(gateway, slug)?;
    if found.status == ConnectionStatus::Active { Ok(found) } else { Err(Failure::NotFound) }
}

/// The connection of a slug, whatever its status.
pub fn any_connection(gateway: &Gateway, slug: &str) -> Result<Connection, Failure> {
    let slug = Slug::parse(slug).map_err(|_| Failure::NotFound)?;
    gateway.db.read_one(|tx| store::connections::by_slug(tx, &slug))?.ok_or(Failure::NotFound)
}

/// Sends the browser to the identity provider of a connection, for what it is `wanted`.
pub async fn begin(
    request: &HttpRequest,
    connection: &Connection,
    wanted: &Begin<'_>,
) -> Result<HttpResponse, Failure> {
    match &connection.protocol {
        Protocol::Saml(settings) => begin_saml(request, connection, settings, wanted).await,
        Protocol::Oidc(settings) => oidc::begin(request, connection, settings, wanted).await,
    }
}

/// Makes a redirect to another site out of a form's answer one that every browser follows: a page that goes on by itself. Any other
/// answer stays as it is.
pub fn onward(request: &HttpRequest, answer: HttpResponse) -> Result<HttpResponse, Failure> {
    let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    match location {
        Some(href) if answer.status() == StatusCode::SEE_OTHER => {
            let page = OnwardPage { frame: Frame::of(request), href: href.to_owned() };
            page::html(StatusCode::OK, &page, &[])
        }
        Some(_) | None => Ok(answer),
    }
}

/// What a sign-in is begun for.
#[derive(Clone, Copy, Debug)]
pub struct Begin<'a> {
    /// A sign-in, or a test.
    pub purpose: Purpose,
    /// Where to go afterwards, checked.
    pub destination: &'a str,
    /// Who wants to sign in, as far as they said; the identity provider may fill it in.
    pub login_hint: Option<&'a str>,
}

async fn begin_saml(
    request: &HttpRequest,
    connection: &Connection,
    settings: &SamlSettings,
    wanted: &Begin<'_>,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let names = OurNames::new(gateway.config.server.base(), connection.slug.as_str());
    let (state, browser, now) = (Token::new(), page::browser(request), gateway.now());
    let request_id = secrets::public_id("_");
    let sent = saml::sign_in_request(
        settings,
        names.service_provider(),
        gateway.saml_keys()?.first(),
        &request_id,
        &state.text(),
        now,
    );
    let sent = sent.map_err(|error| {
        tracing::warn!(connection = %connection.slug, error = %error, "a sign-in cannot be started");
        Failure::ConnectionUnusable
    })?;
    let (id, return_to, purpose) = (connection.id, wanted.destination.to_owned(), wanted.purpose);
    let write = gateway.db.write(move |tx| {
        let started = store::pending::Started {
            purpose,
            state_hash: state.hash(),
            connection: id,
            request_id: &request_id,
            browser_hash: browser.hash(),
            return_to: &return_to,
            created_at: now,
            expires_at: now.plus(flow::ANSWER_WITHIN),
        };
        store::pending::start(tx, &started)
    });
    write.await?;
    match sent {
        SignInRequest::Redirect(url) => Ok(page::see_other(&url, &[])),
        SignInRequest::Post { action, saml_request, relay_state } => {
            let forms_to: Vec<String> = origin_of(&action).into_iter().collect();
            let frame = Frame::of(request);
            let label = connection.label.clone();
            page::html(StatusCode::OK, &PostRequestPage { frame, action, saml_request, relay_state, label }, &forms_to)
        }
    }
}

fn sign_in_page(
    request: &HttpRequest,
    destination: &str,
    email: &str,
    problem: Option<String>,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let (active, application) = gateway.db.read(|tx| -> Result<_, DbError> {
        let application = match origin_of(destination) {
            Some(origin) => store::applications::by_origin(tx, &origin)?,
            None => None,
        };
        Ok((store::connections::active(tx)?, application))
    })?;
    // The form's answer leads on to the identity provider, and Chromium holds redirects against form-action too.
    let mut forms_to: Vec<String> = active.iter().filter_map(sso_origin).collect();
    forms_to.sort();
    forms_to.dedup();
    let only_connection = match active.as_slice() {
        [only] => Some(href(&only.slug, destination, None)),
        _ => None,
    };
    let page = SignInPage {
        frame: Frame::of(request),
        email: email.chars().take(254).collect(),
        problem,
        return_to: destination.to_owned(),
        application: application.map(|application| application.name),
        only_connection,
    };
    page::html(StatusCode::OK, &page, &forms_to)
}

fn sso_origin(connection: &Connection) -> Option<String> {
    let Protocol::Saml(settings) = &connection.protocol else { return None };
    origin_of(settings.idp.sso_redirect.as_deref().or(settings.idp.sso_post.as_deref())?)
}

/// The origin of a URL; `None` for a path of ours.
pub fn origin_of(url: &str) -> Option<String> {
    Url::parse(url).ok().and_then(|url| client::origin(&url))
}

fn href(slug: &Slug, destination: &str, login_hint: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", destination);
    if let Some(hint) = login_hint {
        query.append_pair("login_hint", hint);
    }
    format!("/sign-in/{slug}?{}", query.finish())
}
