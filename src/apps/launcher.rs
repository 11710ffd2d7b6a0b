//! Where people land when they did not want to go anywhere in particular.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use url::Url;

use crate::db::DbError;
use crate::login::again;
use crate::organization::Member;
use crate::session::{self, Visitor};
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// Organizations, role, seat, applications.
#[derive(Template)]
#[template(path = "apps/launcher.html")]
pub struct LauncherPage {
    /// What all pages share.
    pub frame: Frame,
    /// What to call the person.
    pub name: String,
    /// Where the person is a member.
    pub organizations: Vec<Card>,
}

/// An organization on the launcher.
pub struct Card {
    /// Its name.
    pub name: String,
    /// The role's label.
    pub role: String,
    /// The seat's label.
    pub seat: Option<String>,
    /// The product has seats, and this member none.
    pub lacks_seat: bool,
    /// This session does not count here (rule B7).
    pub needs_sso: bool,
    /// Where to get one that does, if anywhere.
    pub sign_in_again: Option<String>,
    /// What may be entered.
    pub applications: Vec<Tile>,
    /// The settings pages, where the role opens some.
    pub settings: Option<String>,
}

/// An application on the launcher.
pub struct Tile {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Its host, to tell two of one name apart.
    pub host: String,
}

/// `GET /`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, visitor) = (session::gateway(&request), Visitor::of(&request)?);
    let catalog = &gateway.config.catalog;
    let organizations = gateway.db.read(|tx| -> Result<Vec<Card>, DbError> {
        let mut cards = Vec::new();
        for member in store::members::of_person(tx, visitor.person.id)?.into_iter().filter(Member::is_active) {
            let Some(organization) = store::organizations::by_id(tx, member.organization)? else { continue };
            let Some(product) = catalog.product(&organization.product) else { continue };
            let needs_sso = !visitor.counts_in(&organization);
            let (applications, sign_in_again) = if needs_sso {
                (Vec::new(), again::path(tx, organization.parent, visitor.person.id, "/")?)
            } else {
                (store::applications::of_organization(tx, organization.id)?, None)
            };
            let open = applications
                .into_iter()
                .filter(|known| known.lets_in(&member.role, member.seat.as_ref(), product))
                .map(|known| Tile { host: host(&known.url), name: known.name, url: known.url });
            let role = product.role(&member.role);
            let administers = role.is_some_and(|role| !role.permissions.is_empty());
            cards.push(Card {
                settings: administers.then(|| format!("/admin/{}", organization.slug)),
                name: organization.name,
                role: role.map_or_else(|| member.role.to_string(), |role| role.label.clone()),
                seat: member.seat.as_ref().and_then(|key| product.seat_type(key)).map(|seat| seat.label.clone()),
                lacks_seat: product.has_seats() && member.seat.is_none(),
                needs_sso,
                sign_in_again,
                applications: open.collect(),
            });
        }
        Ok(cards)
    })?;
    let page = LauncherPage { frame: Frame::of(&request), name: visitor.person.display_name.clone(), organizations };
    page::html(StatusCode::OK, &page, &[])
}

fn host(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    parsed.and_then(|url| Some(url.host_str()?.to_owned())).unwrap_or_default()
}
