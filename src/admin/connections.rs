use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::desk;
use crate::connecting::{self, Deed, Problems};
use crate::db::DbError;
use crate::ids::Incident;
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::form::{Posted, Uploaded};

/// `?idp=&slug=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    idp: String,
    slug: String,
}

/// `GET /operator/parents/{parent}/connections?idp=&slug=`
pub async fn show_add(
    request: HttpRequest,
    parent: Path<String>,
    chosen: Query<Chosen>,
) -> Result<HttpResponse, Failure> {
    connecting::show_add(&request, desk::of_parent(&request, &parent)?, &chosen.idp, &chosen.slug)
}

/// `POST /operator/parents/{parent}/connections`
pub async fn add(request: HttpRequest, parent: Path<String>, sent: Uploaded) -> Result<HttpResponse, Failure> {
    connecting::add(&request, desk::of_parent(&request, &parent)?, sent).await
}

/// `GET /operator/connections/{connection}`
pub async fn show(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::show(&request, desk, &found, StatusCode::OK, None)
}

/// `GET /operator/connections/{connection}/edit` and `/change`
pub async fn show_edit(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::show_edit(&request, desk, &found)
}

/// `POST /operator/connections/{connection}/edit` and `/change`
pub async fn edit(request: HttpRequest, slug: Path<String>, sent: Uploaded) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::edit(&request, desk, found, sent, true).await
}

/// `POST /operator/connections/{connection}/test`: a sign-in that shows what would happen and changes nothing.
pub async fn test(request: HttpRequest, slug: Path<String>, _form: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::test(&request, &desk, found.connection.as_ref().ok_or(Failure::NotFound)?).await
}

/// `POST /operator/connections/{connection}/activate`
pub async fn activate(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::carry_out(&request, desk, found, Deed::Activate, form).await
}

/// `POST /operator/connections/{connection}/deactivate`: the last one of a parent only with its name typed (rule B33).
pub async fn deactivate(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::carry_out(&request, desk, found, Deed::Deactivate, form).await
}

/// `GET /operator/connections/{connection}/discard`
pub async fn ask_discard(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::ask(&request, desk, &found, Deed::Discard, Problems::default())
}

/// `POST /operator/connections/{connection}/discard`
pub async fn discard(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::carry_out(&request, desk, found, Deed::Discard, form).await
}

/// `POST /operator/connections/{connection}/metadata`: reads the identity provider's metadata now, and waits for it.
pub async fn read_metadata(request: HttpRequest, slug: Path<String>, _form: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::read_metadata(&request, desk, &found).await
}

/// `POST /operator/connections/{connection}/metadata/accept`: believes what waits, as it was shown.
pub async fn accept(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::carry_out(&request, desk, found, Deed::Accept, form).await
}

/// `GET /operator/connections/{connection}/links`
pub async fn links(request: HttpRequest, slug: Path<String>) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::links(&request, desk, &found)
}

/// `POST /operator/connections/{connection}/links`
pub async fn make_link(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &slug)?;
    connecting::make(&request, desk, found, form).await
}

/// `POST /operator/connections/{connection}/links/{link}/revoke`
pub async fn revoke_link(request: HttpRequest, at: Path<(String, String)>, _: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = desk::of_connection(&request, &at.0)?;
    connecting::revoke(&request, desk, &found, &at.1).await
}

/// `GET /operator/tests/{incident}`: what a test sign-in found.
pub async fn report(request: HttpRequest, incident: Path<String>) -> Result<HttpResponse, Failure> {
    let code = Incident::parse(&incident).ok_or(Failure::NotFound)?;
    let connection = session::gateway(&request).db.read(|tx| -> Result<_, DbError> {
        match store::attempts::find(tx, &code)?.and_then(|attempt| attempt.connection) {
            Some(id) => store::connections::by_id(tx, id),
            None => Ok(None),
        }
    })?;
    let connection = connection.ok_or(Failure::NotFound)?;
    let (desk, _) = desk::of_connection(&request, connection.slug.as_str())?;
    connecting::report(&request, desk, &connection, &incident)
}
