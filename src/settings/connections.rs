//! The connections of the organization's parent: the pages are `connecting`'s, the way to them is here.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::change::actor;
use super::frame::{Aside, Nav};
use crate::connecting::{self, At, Deed, Desk, Found, Markup, Problems};
use crate::db::{DbError, Tx};
use crate::product::Catalog;
use crate::session::{self, Admin, Who};
use crate::store;
use crate::trust;
use crate::web::failure::Failure;
use crate::web::form::{Posted, Uploaded};
use crate::web::page::Frame;

/// Where this admin works on what belongs to the parent. The message that waits for this browser is taken.
pub(super) fn desk(request: &HttpRequest, section: &str) -> Result<Desk, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let parent = admin.organization.parent;
    let (known, governs) = gateway.db.read(|tx| -> Result<_, DbError> {
        let known = store::organizations::parent_by_id(tx, parent)?;
        Ok((known, governs(tx, &gateway.config.catalog, &admin)?))
    })?;
    let (frame, mut nav) = (Frame::of(request), Nav::of(request, &admin, section)?);
    let flash = nav.flash.take();
    let aside = Markup::of(&Aside { frame: &frame, nav: &nav })?;
    Ok(Desk {
        parent: known.ok_or(Failure::NotFound)?,
        at: At::Settings(admin.organization.slug.clone()),
        actor: actor(&admin),
        governs,
        aside,
        flash,
    })
}

/// Whether an admin governs the parent: may do what holds for everybody under it (decision 0014).
pub(super) fn governs(tx: &mut dyn Tx, catalog: &Catalog, admin: &Admin) -> Result<bool, DbError> {
    let parent = admin.organization.parent;
    let visitor = match &admin.who {
        Who::Operator(_) => return Ok(true),
        Who::Person(visitor) => visitor,
    };
    // Where the first organization requires single sign-on, this session has to count there as well (rule B7).
    let first = trust::first_organization(tx, parent)?;
    Ok(first.is_some_and(|first| visitor.counts_in(&first)) && trust::governs(tx, catalog, parent, visitor.person.id)?)
}

/// The organization, and the connection.
type Named = Path<(String, String)>;

fn at(request: &HttpRequest, slug: &str) -> Result<(Desk, Found), Failure> {
    let desk = desk(request, "nav-connections")?;
    let found = desk.found(request, slug)?;
    Ok((desk, found))
}

/// What holds for everybody under the parent is not done by whoever does not govern it, whatever their role says in the transaction:
/// their session has to count there, too.
fn governing(request: &HttpRequest, slug: &str) -> Result<(Desk, Found), Failure> {
    let (desk, found) = at(request, slug)?;
    if desk.governs { Ok((desk, found)) } else { Err(Failure::Forbidden) }
}

/// `GET /admin/{organization}/connections`
pub async fn list(request: HttpRequest) -> Result<HttpResponse, Failure> {
    connecting::connections(&request, desk(&request, "nav-connections")?)
}

/// `?idp=&slug=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    idp: String,
    slug: String,
}

/// `GET /admin/{organization}/connections/add?idp=&slug=`
pub async fn show_add(request: HttpRequest, chosen: Query<Chosen>) -> Result<HttpResponse, Failure> {
    connecting::show_add(&request, desk(&request, "nav-connections")?, &chosen.idp, &chosen.slug)
}

/// `POST /admin/{organization}/connections/add`
pub async fn add(request: HttpRequest, sent: Uploaded) -> Result<HttpResponse, Failure> {
    connecting::add(&request, desk(&request, "nav-connections")?, sent).await
}

/// `GET /admin/{organization}/connections/{connection}`
pub async fn show(request: HttpRequest, path: Named) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::show(&request, desk, &found, StatusCode::OK, None)
}

/// `GET /admin/{organization}/connections/{connection}/edit` and `/change`
pub async fn show_edit(request: HttpRequest, path: Named) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::show_edit(&request, desk, &found)
}

/// `POST /admin/{organization}/connections/{connection}/edit`: as long as nobody signs in through it.
pub async fn edit(request: HttpRequest, path: Named, sent: Uploaded) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::edit(&request, desk, found, sent, false).await
}

/// `POST /admin/{organization}/connections/{connection}/change`: what people sign in through.
pub async fn change(request: HttpRequest, path: Named, sent: Uploaded) -> Result<HttpResponse, Failure> {
    let (desk, found) = governing(&request, &path.1)?;
    connecting::edit(&request, desk, found, sent, true).await
}

/// `POST /admin/{organization}/connections/{connection}/test`
pub async fn test(request: HttpRequest, path: Named, _: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::test(&request, &desk, found.connection.as_ref().ok_or(Failure::NotFound)?).await
}

/// `GET /admin/{organization}/connections/{connection}/tests/{incident}`
pub async fn report(request: HttpRequest, path: Path<(String, String, String)>) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::report(&request, desk, found.connection.as_ref().ok_or(Failure::NotFound)?, &path.2)
}

fn ask(request: &HttpRequest, path: &Named, deed: Deed) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(request, &path.1)?;
    connecting::ask(request, desk, &found, deed, Problems::default())
}

/// `GET /admin/{organization}/connections/{connection}/activate`
pub async fn ask_activate(request: HttpRequest, path: Named) -> Result<HttpResponse, Failure> {
    ask(&request, &path, Deed::Activate)
}

/// `POST /admin/{organization}/connections/{connection}/activate`
pub async fn activate(request: HttpRequest, path: Named, posted: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = governing(&request, &path.1)?;
    connecting::carry_out(&request, desk, found, Deed::Activate, posted).await
}

/// `GET /admin/{organization}/connections/{connection}/deactivate`
pub async fn ask_deactivate(request: HttpRequest, path: Named) -> Result<HttpResponse, Failure> {
    ask(&request, &path, Deed::Deactivate)
}

/// `POST /admin/{organization}/connections/{connection}/deactivate`
pub async fn deactivate(request: HttpRequest, path: Named, posted: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = governing(&request, &path.1)?;
    connecting::carry_out(&request, desk, found, Deed::Deactivate, posted).await
}

/// `GET /admin/{organization}/connections/{connection}/discard`
pub async fn ask_discard(request: HttpRequest, path: Named) -> Result<HttpResponse, Failure> {
    ask(&request, &path, Deed::Discard)
}

/// `POST /admin/{organization}/connections/{connection}/discard`
pub async fn discard(request: HttpRequest, path: Named, posted: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::carry_out(&request, desk, found, Deed::Discard, posted).await
}

/// `POST /admin/{organization}/connections/{connection}/metadata`
pub async fn read_metadata(request: HttpRequest, path: Named, _: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::read_metadata(&request, desk, &found).await
}

/// `GET /admin/{organization}/connections/{connection}/accept`
pub async fn ask_accept(request: HttpRequest, path: Named) -> Result<HttpResponse, Failure> {
    ask(&request, &path, Deed::Accept)
}

/// `POST /admin/{organization}/connections/{connection}/accept`
pub async fn accept(request: HttpRequest, path: Named, posted: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = governing(&request, &path.1)?;
    connecting::carry_out(&request, desk, found, Deed::Accept, posted).await
}

/// `GET /admin/{organization}/connections/{connection}/links`
pub async fn links(request: HttpRequest, path: Named) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::links(&request, desk, &found)
}

/// `POST /admin/{organization}/connections/{connection}/links`
pub async fn make_link(request: HttpRequest, path: Named, posted: Posted) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::make(&request, desk, found, posted).await
}

/// `POST /admin/{organization}/connections/{connection}/links/{link}/revoke`
pub async fn revoke_link(
    request: HttpRequest,
    path: Path<(String, String, String)>,
    _: Posted,
) -> Result<HttpResponse, Failure> {
    let (desk, found) = at(&request, &path.1)?;
    connecting::revoke(&request, desk, &found, &path.2).await
}
