use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::db::DbError;
use crate::session::{self, Admin};
use crate::settings::frame::{Nav, When};
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// How many requests a page lists.
const PAGE: usize = 50;
/// How many requests are looked at for a page of those that failed.
const LOOKED_AT: u32 = 2000;

/// What identity providers sent, and what came of it.
#[derive(Template)]
#[template(path = "settings/directory_requests.html")]
pub struct RequestsPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// Only those that failed.
    pub failed: bool,
    /// The requests, latest first.
    pub rows: Vec<RequestRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, if this is further on.
    pub first: Option<String>,
}

/// A request in the list.
pub struct RequestRow {
    /// When.
    pub at: When,
    /// Method and path.
    pub asked: String,
    /// What was answered.
    pub status: u16,
    /// What was understood.
    pub understood: String,
    /// What came of it.
    pub effect: String,
    /// The token's name and the client's address.
    pub from: String,
    /// The body, without what it says about people.
    pub body: Option<String>,
}

/// `?show=&before=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    show: String,
    before: String,
}

/// `GET /admin/{organization}/directory/requests`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let failed = asked.show == "failed";
    let before = asked.before.parse().ok().filter(|id| *id > 0);
    let (parent, at) = (admin.organization.parent, before.unwrap_or(i64::MAX));
    let limit = if failed { LOOKED_AT } else { u32::try_from(PAGE).unwrap_or(LOOKED_AT) };
    let read = gateway
        .db
        .read_heavy(move |tx| -> Result<_, DbError> { store::directory_requests::before(tx, parent, at, limit) });
    let found = read.await?;
    let (mut next, mut rows, full) = (None, Vec::new(), found.len() == limit as usize);
    for (id, one) in found {
        if rows.len() >= PAGE {
            break;
        }
        next = Some(id);
        if !failed || one.status >= 400 {
            rows.push(RequestRow {
                at: When(one.at),
                asked: format!("{} {}", one.method, one.path),
                status: one.status,
                understood: one.understood,
                effect: one.effect,
                from: format!("{}, {}", one.token, one.from),
                body: one.body,
            });
        }
    }
    let more = full || rows.len() >= PAGE;
    let link = |before: Option<i64>| {
        let show = if failed { "show=failed&" } else { "" };
        let before = before.map_or(String::new(), |id| format!("before={id}"));
        format!("/admin/{}/directory/requests?{show}{before}", admin.organization.slug)
    };
    let page = RequestsPage {
        frame: Frame::of(&request),
        nav: Nav::of(&request, &admin, "nav-directory")?,
        failed,
        rows,
        next: next.filter(|_| more).map(|id| link(Some(id))),
        first: before.map(|_| link(None)),
    };
    page::html(StatusCode::OK, &page, &[])
}
