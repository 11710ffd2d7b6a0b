use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::frame::When;
use crate::db::DbError;
use crate::login;
use crate::session::{self, Administers, Visitor};
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame, Site};
use crate::web::return_to::{self, Destination};

/// Which organization?
#[derive(Template)]
#[template(path = "settings/choose.html")]
pub struct ChoosePage {
    /// What all pages share.
    pub frame: Frame,
    /// Slug and name of each, with its parent's name.
    pub organizations: Vec<(String, String, String)>,
    /// An operator looks, until then.
    pub operator_until: Option<When>,
}

/// `GET /admin`: the organizations that one may administer, or straight on to the only one.
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let Administers { organizations, operator } = Administers::of(&request)?;
    if let ([only], None) = (organizations.as_slice(), operator) {
        return Ok(page::see_other(&format!("/admin/{}", only.slug), &[]));
    }
    let named = session::gateway(&request).db.read(|tx| -> Result<_, DbError> {
        let mut named = Vec::with_capacity(organizations.len());
        for organization in organizations {
            let parent = store::organizations::parent_by_id(tx, organization.parent)?;
            let parent = parent.map_or_else(String::new, |parent| parent.name);
            named.push((organization.slug.to_string(), organization.name, parent));
        }
        Ok(named)
    })?;
    let page = ChoosePage {
        frame: Frame::of(&request),
        organizations: named,
        operator_until: operator.map(|operator| When(operator.until)),
    };
    page::html(StatusCode::OK, &page, &[])
}

/// Asks for another sign-in before something that hurts.
#[derive(Template)]
#[template(path = "settings/again.html")]
pub struct AgainPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where the sign-in starts.
    pub href: String,
    /// Where to go instead.
    pub back: String,
}

/// `?return_to=`
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    return_to: String,
}

/// `GET /account/again`: the way to a fresh sign-in, and back.
pub async fn again(request: HttpRequest, wanted: Query<Wanted>) -> Result<HttpResponse, Failure> {
    let (gateway, visitor) = (session::gateway(&request), Visitor::of(&request)?);
    let return_to = match return_to::read(&wanted.return_to, &Site::of(&request).base) {
        Some(Destination::Here(path)) if path.starts_with("/admin/") => path,
        _ => "/admin".to_owned(),
    };
    let (parent, person) = (visitor.person.parent, visitor.person.id);
    let href = gateway.db.read(|tx| login::again::path(tx, parent, person, &return_to))?;
    let href = href.unwrap_or_else(|| "/sign-in".to_owned());
    let above = return_to.split('?').next().and_then(|path| path.rsplit_once('/')).map_or("/admin", |(above, _)| above);
    let page = AgainPage { frame: Frame::of(&request), href, back: above.to_owned() };
    page::html(StatusCode::OK, &page, &[])
}
