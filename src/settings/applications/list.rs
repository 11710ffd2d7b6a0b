use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::db::DbError;
use crate::session::{self, Admin};
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// The applications of an organization.
#[derive(Template)]
#[template(path = "settings/applications.html")]
pub struct ApplicationsPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The applications, by slug.
    pub rows: Vec<ApplicationRow>,
}

/// An application in the list.
pub struct ApplicationRow {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Who may enter, in words.
    pub who: String,
    /// How many members may enter now.
    pub enter: u64,
}

/// `GET /admin/{organization}/applications`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let frame = Frame::of(&request);
    let rows = gateway.db.read(|tx| -> Result<_, DbError> {
        let places = store::members::by_place(tx, admin.organization.id)?;
        let known = store::applications::of_organization(tx, admin.organization.id)?;
        let row = |known: crate::organization::Application| {
            let open = places.iter().filter(|(role, seat, _)| known.lets_in(role, seat.as_ref(), product));
            ApplicationRow {
                href: super::path(&admin, &known),
                who: super::who(product, &known, frame.texts),
                enter: open.map(|(.., count)| count).sum(),
                name: known.name,
                url: known.url,
            }
        };
        Ok(known.into_iter().map(row).collect())
    })?;
    let page = ApplicationsPage { nav: Nav::of(&request, &admin, "nav-applications")?, rows, frame };
    page::html(StatusCode::OK, &page, &[])
}
