use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::person::standing;
use crate::db::DbError;
use crate::membership::{self, ByHandError, Context};
use crate::session::{self, Admin};
use crate::settings::change::{actor, change, hand};
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::settings::words;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// What removing somebody would do.
#[derive(Template)]
#[template(path = "settings/member_remove.html")]
pub struct RemovePage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The person's page.
    pub back: String,
    /// The person's address.
    pub email: String,
    /// The person waits, and has no membership.
    pub waits: bool,
    /// The seat that becomes free.
    pub seat: Option<String>,
    /// How many others wait for one.
    pub waiting: u64,
    /// How many sessions end.
    pub sessions: u64,
    /// The text key of whether the person may come back (rule B36).
    pub comes_back: &'static str,
    /// Nobody else could configure the organization: its name is to be typed.
    pub confirm: bool,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// `GET /admin/{organization}/members/{person}/remove`
pub async fn show(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    form(&request, &path.1, Problems::default())
}

/// `POST /admin/{organization}/members/{person}/remove`
pub async fn remove(
    request: HttpRequest,
    path: Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let product = overview::product(&request, &admin.organization)?;
    let line = super::find(&request, &admin, &path.1)?;
    let texts = page::language(&request).texts();
    let (hand, organization, person) = (hand(&admin, &posted), admin.organization.clone(), line.person.id);
    let removed = change(&request, &admin, move |tx, context| -> Result<bool, ByHandError> {
        membership::remove_member(tx, context, hand, &organization, person)
    });
    let key = match removed.await {
        Ok(true) => "flash-removed",
        Ok(false) => "flash-nothing",
        Err(error) => return form(&request, &path.1, Problems::by_hand(error, product, texts)?),
    };
    let flash = Flash::new(key, &[("email", line.person.email.as_str())]).cookie(&request);
    Ok(page::see_other(&format!("/admin/{}/members", admin.organization.slug), &[flash]))
}

fn form(request: &HttpRequest, public_id: &str, problems: Problems) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let product = overview::product(request, &admin.organization)?;
    let line = super::find(request, &admin, public_id)?;
    let member = standing(&line);
    if member.is_none() && line.waiting.is_none() {
        return Err(Failure::NotFound);
    }
    let (waiting, sessions, last) = gateway.db.read(|tx| -> Result<_, DbError> {
        let (now, actor) = (gateway.now(), actor(&admin));
        let context = Context { now, catalog: &gateway.config.catalog, actor, from: None, incident: None };
        let last = match member {
            Some(member) => membership::is_last_with_identity(tx, &context, &admin.organization, member)?,
            None => false,
        };
        let sessions = store::sessions::of_person(tx, line.person.id)?.len() as u64;
        Ok((store::waiting::count(tx, admin.organization.id)?, sessions, last))
    })?;
    let mappings = admin.organization.mode.has_group_mappings();
    let comes_back = match (admin.organization.mode.as_str(), mappings) {
        ("jit", false) => "comes-back-jit",
        ("jit", true) => "comes-back-jit-mapped",
        ("scim", _) => "comes-back-scim",
        _ => "comes-back-manual",
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = RemovePage {
        frame: Frame::of(request),
        nav: Nav::of(request, &admin, "nav-members")?,
        back: super::path(&admin, public_id),
        email: line.person.email.to_string(),
        waits: member.is_none(),
        seat: member.and_then(|member| member.seat.as_ref()).map(|seat| words::seat(product, seat)),
        waiting,
        sessions: if member.is_some() { sessions } else { 0 },
        comes_back,
        confirm: last,
        problems,
    };
    page::html(status, &page, &[])
}
