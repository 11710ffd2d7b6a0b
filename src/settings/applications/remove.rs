use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::audit::{Event, Thing};
use crate::db::DbError;
use crate::session::{self, Admin};
use crate::settings::change::change;
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// What taking an application away would do.
#[derive(Template)]
#[template(path = "settings/application_remove.html")]
pub struct ApplicationRemovePage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The application's page.
    pub back: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// How many members may enter now.
    pub enter: u64,
}

/// `GET /admin/{organization}/applications/{application}/remove`
pub async fn show(request: HttpRequest, at: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let known = super::find(&request, &admin, &at.1)?;
    let (enter, _) = gateway.db.read(|tx| super::entrants(tx, product, &known, None))?;
    let page = ApplicationRemovePage {
        frame: Frame::of(&request),
        nav: Nav::of(&request, &admin, "nav-applications")?,
        back: super::path(&admin, &known),
        name: known.name,
        url: known.url,
        enter,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// `POST /admin/{organization}/applications/{application}/remove`
pub async fn remove(request: HttpRequest, at: Path<(String, String)>, _: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let known = super::find(&request, &admin, &at.1)?;
    let (organization, gone) = (admin.organization.clone(), known.clone());
    let removed = change(&request, &admin, move |tx, context| -> Result<bool, DbError> {
        if store::applications::by_slug(tx, organization.id, &gone.slug)?.is_none() {
            return Ok(false);
        }
        store::applications::remove(tx, gone.id)?;
        let event = Event::Removed { thing: Thing::Application, name: gone.slug.to_string() };
        context.record(tx, Some(organization.parent), Some(organization.id), event)?;
        Ok(true)
    });
    let key = if removed.await? { "flash-app-removed" } else { "flash-nothing" };
    let flash = Flash::new(key, &[("name", known.name.as_str())]).cookie(&request);
    Ok(page::see_other(&format!("/admin/{}/applications", admin.organization.slug), &[flash]))
}
