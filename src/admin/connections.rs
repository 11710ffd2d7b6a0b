use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use super::overview::line;
use super::pages::{ConnectionPage, PendingMetadata, TestLine};
use super::{asked, context};
use crate::clock::Timestamp;
use crate::connection::{Connection, ConnectionStatus, Protocol};
use crate::db::{DbError, Tx};
use crate::gateway::{Gateway, OurNames};
use crate::login::{self, Begin, any_connection};
use crate::session;
use crate::store;
use crate::store::pending::Purpose;
use crate::trust::{self, TrustError};
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// `GET /operator/connections/{connection}`
pub async fn show(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let connection = any_connection(session::gateway(&request), &slug)?;
    connection_page(&request, &connection, StatusCode::OK, None)
}

/// `POST /operator/connections/{connection}/test`: a sign-in that shows what would happen and changes nothing.
pub async fn test(request: HttpRequest, slug: Path<String>, _form: Posted) -> Result<HttpResponse, Failure> {
    let connection = any_connection(session::gateway(&request), &slug)?;
    let destination = format!("/operator/connections/{}", connection.slug);
    let wanted = Begin { purpose: Purpose::Test, destination: &destination, login_hint: None };
    let answer = login::begin(&request, &connection, &wanted).await?;
    // The form on this page may lead to our own origin only; its answer goes on by itself.
    login::onward(&request, answer)
}

/// `POST /operator/connections/{connection}/activate`
pub async fn activate(request: HttpRequest, slug: Path<String>, _form: Posted) -> Result<HttpResponse, Failure> {
    change(&request, &slug, |tx, context, connection| trust::activate(tx, context, connection.id)).await
}

/// `POST /operator/connections/{connection}/deactivate`: the last one of a parent only with its name typed (rule B33).
pub async fn deactivate(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let connection = any_connection(gateway, &slug)?;
    let last = gateway.db.read(|tx| trust::is_last_active(tx, &connection))?;
    if last && form.field("confirm") != connection.slug.as_str() {
        let texts = page::language(&request).texts();
        let problem = texts.with("connection-type-name", "slug", connection.slug.as_str()).into_owned();
        return connection_page(&request, &connection, StatusCode::CONFLICT, Some(problem));
    }
    change(&request, &slug, |tx, context, connection| trust::deactivate(tx, context, connection.id)).await
}

type Change = fn(&mut dyn Tx, &crate::membership::Context<'_>, &Connection) -> Result<(), TrustError>;

async fn change(request: &HttpRequest, slug: &str, change: Change) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let connection = any_connection(gateway, slug)?;
    let (asked, catalog, known) = (asked(request), gateway.config.catalog.clone(), connection.clone());
    let written = gateway.db.try_write(move |tx| change(tx, &context(&asked, &catalog), &known)).await;
    match written {
        Ok(()) => Ok(page::see_other(&format!("/operator/connections/{}", connection.slug), &[])),
        Err(TrustError::Db(error)) => Err(error.into()),
        Err(error) => connection_page(request, &connection, StatusCode::CONFLICT, Some(error.to_string())),
    }
}

pub(super) fn connection_page(
    request: &HttpRequest,
    connection: &Connection,
    status: StatusCode,
    problem: Option<String>,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let (parent, tests, others, is_last, check) = gateway.db.read(|tx| -> Result<_, DbError> {
        let parent = store::organizations::parent_by_id(tx, connection.parent)?;
        let mut others = store::connections::of_parent(tx, connection.parent)?;
        others.retain(|other| other.id != connection.id);
        let is_last = trust::is_last_active(tx, connection)?;
        let check = store::connections::check(tx, connection.id)?;
        Ok((parent, store::attempts::tests_of(tx, connection.id)?, others, is_last, check))
    })?;
    let mut theirs = theirs(connection);
    if connection.never_sends_groups() {
        theirs.push(("oidc-groups", page::language(request).texts().t("oidc-no-groups").into_owned()));
    }
    if let Some(check) = check {
        theirs.push(("connection-checked", check.at.to_the_minute()));
        theirs.extend(check.problem.map(|problem| ("connection-problem", problem)));
    }
    let page = ConnectionPage {
        frame: Frame::of(request),
        setup: parent.as_ref().map_or_else(|| "/operator".to_owned(), super::setup::base),
        line: line(connection, parent.as_ref().map_or("", |parent| &parent.name)),
        problem,
        tested: connection.tested.map(Timestamp::to_the_minute),
        can_activate: trust::check_tested(connection, gateway.now()).is_ok(),
        is_active: connection.status == ConnectionStatus::Active,
        is_last,
        ours: ours(gateway, connection),
        reads_metadata: matches!(&connection.protocol, Protocol::Saml(saml) if saml.metadata_url.is_some()),
        pending: super::metadata::pending(connection).map(|(shown, lines)| PendingMetadata { shown, lines }),
        theirs,
        tests: tests
            .into_iter()
            .map(|(incident, at, passed)| TestLine { incident: incident.to_string(), at: at.to_the_minute(), passed })
            .collect(),
        others: others.into_iter().map(|other| (other.slug.to_string(), other.label)).collect(),
    };
    page::html(status, &page, &[])
}

/// What the identity provider's own settings page asks for.
fn ours(gateway: &Gateway, connection: &Connection) -> Vec<(&'static str, String)> {
    let (base, slug) = (gateway.config.server.base(), connection.slug.as_str());
    match &connection.protocol {
        Protocol::Saml(_) => {
            let names = OurNames::new(base, slug);
            let us = names.service_provider();
            let mut all = vec![("saml-entity-id", us.entity_id.to_owned()), ("saml-acs", us.acs_url.to_owned())];
            all.extend(us.slo_url.map(|address| ("saml-slo", address.to_owned())));
            all
        }
        Protocol::Oidc(_) => vec![
            ("oidc-redirect-uri", format!("{base}/oidc/{slug}/callback")),
            ("oidc-backchannel-uri", format!("{base}/oidc/{slug}/backchannel-logout")),
            ("oidc-post-logout-uri", format!("{base}/signed-out")),
            ("oidc-initiate-uri", format!("{base}/sign-in/{slug}")),
            ("oidc-jwks-uri", format!("{base}/oidc/jwks.json")),
        ],
    }
}

/// What is known of the identity provider; no secret is among it.
fn theirs(connection: &Connection) -> Vec<(&'static str, String)> {
    match &connection.protocol {
        Protocol::Saml(saml) => {
            let mut all = vec![("saml-idp-entity-id", saml.idp.entity_id.clone())];
            all.extend(saml.idp.sso_redirect.iter().map(|address| ("saml-sso", address.clone())));
            all.extend(saml.metadata_url.iter().map(|address| ("saml-metadata-url", address.clone())));
            for certificate in &saml.idp.certificates {
                let until = certificate.not_after.date();
                all.push(("certificate", format!("{} ({until})", certificate.fingerprint)));
            }
            all
        }
        Protocol::Oidc(oidc) => {
            let mut all = vec![
                ("oidc-issuer", oidc.issuer.clone()),
                ("oidc-client-id", oidc.client_id.clone()),
                ("oidc-client-auth", oidc.client_auth.as_str().to_owned()),
                ("oidc-scopes", oidc.scopes.join(" ")),
            ];
            all.extend(oidc.client_secret_expires.map(|at| ("oidc-secret-expires", at.date())));
            all
        }
    }
}
