use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use super::connections::connection_page;
use super::{asked, context};
use crate::audit::Actor;
use crate::connection::{Connection, Protocol, SamlIdp};
use crate::login::any_connection;
use crate::rollover::{self, metadata::AcceptError};
use crate::session;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::page;

/// `POST /operator/connections/{connection}/metadata`: reads the identity provider's metadata now, and waits for it.
pub async fn read(request: HttpRequest, slug: Path<String>, _form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let connection = any_connection(gateway, &slug)?;
    let from = Some(asked(&request).address);
    match rollover::refresh(gateway, Actor::Operator, from, &connection).await? {
        None => Ok(page::see_other(&format!("/operator/connections/{}#theirs", connection.slug), &[])),
        Some(problem) => connection_page(&request, &connection, StatusCode::BAD_GATEWAY, Some(problem)),
    }
}

/// `POST /operator/connections/{connection}/metadata/accept`: believes what waits, as it was shown.
pub async fn accept(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let connection = any_connection(gateway, &slug)?;
    let shown: Vec<String> = form.field("shown").split_ascii_whitespace().map(str::to_owned).collect();
    let (asked, catalog, id) = (asked(&request), gateway.config.catalog.clone(), connection.id);
    let write = gateway.db.try_write(move |tx| rollover::metadata::accept(tx, &context(&asked, &catalog), id, &shown));
    match write.await {
        Ok(()) => Ok(page::see_other(&format!("/operator/connections/{}#theirs", connection.slug), &[])),
        Err(AcceptError::Db(error)) => Err(error.into()),
        Err(error) => {
            let now = any_connection(gateway, &slug)?;
            connection_page(&request, &now, StatusCode::CONFLICT, Some(error.to_string()))
        }
    }
}

/// What waits to be accepted, and the fingerprints by which an answer says what it was about.
pub(super) fn pending(connection: &Connection) -> Option<(String, Vec<(&'static str, String)>)> {
    let Protocol::Saml(saml) = &connection.protocol else { return None };
    let idp: &SamlIdp = saml.pending.as_deref()?;
    let fingerprints: Vec<&str> = idp.certificates.iter().map(|one| one.fingerprint.as_str()).collect();
    let mut lines = Vec::new();
    for certificate in &idp.certificates {
        let known = saml.idp.certificates.contains(certificate);
        let key = if known { "certificate" } else { "certificate-pending" };
        lines.push((key, format!("{} ({})", certificate.fingerprint, certificate.not_after.date())));
    }
    for gone in saml.idp.certificates.iter().filter(|one| !idp.certificates.contains(one)) {
        lines.push(("certificate-gone", gone.fingerprint.clone()));
    }
    if idp.sso_redirect != saml.idp.sso_redirect {
        lines.extend(idp.sso_redirect.iter().map(|address| ("saml-sso", address.clone())));
    }
    Some((fingerprints.join(" "), lines))
}
