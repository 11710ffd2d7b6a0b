use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::audit::Event;
use crate::db::DbError;
use crate::session::{self, Admin};
use crate::settings::change::change;
use crate::settings::frame::Nav;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// What ending all sessions would do (rule B40).
#[derive(Template)]
#[template(path = "settings/sessions_all.html")]
pub struct EverybodyPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// How many sessions members have now.
    pub count: u64,
}

/// `GET /admin/{organization}/members/sessions/end`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let count = gateway.db.read(|tx| store::sessions::count_of_members(tx, admin.organization.id))?;
    let page = EverybodyPage { frame: Frame::of(&request), nav: Nav::of(&request, &admin, "nav-members")?, count };
    page::html(StatusCode::OK, &page, &[])
}

/// `POST /admin/{organization}/members/sessions/end`: ends the sessions of all members but the one that asks.
pub async fn end(request: HttpRequest, _: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let (organization, own) = (admin.organization.clone(), session::token_hash(&request).unwrap_or_default());
    let ended = change(&request, &admin, move |tx, context| -> Result<u64, DbError> {
        let count = store::sessions::end_of_members(tx, organization.id, &own)?;
        if count > 0 {
            let event = Event::AllSessionsEnded { organization: organization.slug.to_string(), count };
            context.record(tx, Some(organization.parent), Some(organization.id), event)?;
        }
        Ok(count)
    });
    let count = ended.await?;
    let flash = match count {
        0 => Flash::new("flash-nothing", &[]),
        count => Flash::new("flash-all-sessions", &[("count", &count.to_string())]),
    };
    let list = format!("/admin/{}/members", admin.organization.slug);
    Ok(page::see_other(&list, &[flash.cookie(&request)]))
}
