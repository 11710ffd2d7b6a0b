use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::lines::{self, Change};
use crate::db::DbError;
use crate::membership::{self, ProbationError, SyncError};
use crate::product::Permission;
use crate::session::{self, AGAIN, Admin, Who};
use crate::settings::change::change;
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::runs::runs;
use crate::settings::words;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// A change that waits to be confirmed.
#[derive(Template)]
#[template(path = "settings/identity_confirm.html")]
pub struct ConfirmPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The change; `None` where nothing waits.
    pub waits: Option<Waits>,
}

/// What waits.
pub struct Waits {
    /// The settings that were changed.
    pub changes: Vec<Change>,
    /// Who changed them.
    pub who: String,
    /// When.
    pub saved_at: When,
    /// When they are taken back.
    pub ends_at: When,
    /// How many minutes that is from now, rounded up.
    pub minutes: u64,
    /// This session began under the new rules.
    pub may_confirm: bool,
    /// Where one signs in for that.
    pub again: Option<String>,
    /// This admin may take the change back.
    pub may_take_back: bool,
}

/// `GET /admin/{organization}/identity/confirm`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let frame = Frame::of(&request);
    let (texts, now, organization) = (frame.texts, gateway.now(), &admin.organization);
    let waits = gateway.db.read(|tx| -> Result<_, DbError> {
        let Some(armed) = store::probations::armed(tx, organization.id)? else { return Ok(None) };
        let was = armed.before.in_place_of(organization);
        let signed_in = admin.visitor().map(|visitor| visitor.session.created_at);
        Ok(Some(Waits {
            changes: lines::changes(product, &was, &armed.after, texts),
            who: words::who(tx, organization.parent, &armed.actor, texts)?,
            saved_at: When(armed.saved_at),
            ends_at: When(armed.ends_at),
            minutes: armed.ends_at.since(now).as_secs().div_ceil(60),
            may_confirm: signed_in.is_some_and(|at| at > armed.saved_at),
            again: matches!(admin.who, Who::Person(_)).then(|| again(&admin)),
            may_take_back: admin.may(Permission::Identity),
        }))
    })?;
    let section = if admin.may(Permission::Identity) { "nav-identity" } else { "nav-overview" };
    let page = ConfirmPage { nav: Nav::of(&request, &admin, section)?, frame, waits };
    page::html(StatusCode::OK, &page, &[])
}

/// Where this admin signs in anew, and comes back here.
fn again(admin: &Admin) -> String {
    let here = format!("{}/confirm", super::path(admin));
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", &here).finish();
    format!("{AGAIN}?{query}")
}

/// `POST /admin/{organization}/identity/confirm`: what was saved stays, says somebody whom the new rules let in.
pub async fn confirm(request: HttpRequest, _posted: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    // An operator comes in by a link from the shell, which proves nothing about the rules.
    let Some(signed_in) = admin.visitor().map(|visitor| visitor.session.created_at) else {
        return Err(Failure::Forbidden);
    };
    let organization = admin.organization.clone();
    let confirmed = change(&request, &admin, move |tx, context| {
        membership::confirm_settings(tx, context, &organization, signed_in)
    });
    let key = match confirmed.await {
        Ok(()) => "flash-confirmed",
        Err(ProbationError::Nothing) => "flash-nothing",
        Err(ProbationError::SignInTooOld) => return Ok(page::see_other(&again(&admin), &[])),
        Err(ProbationError::Db(error)) => return Err(error.into()),
    };
    back(&request, &admin, key)
}

/// `GET /admin/{organization}/identity/take-back`: where whoever had to sign in anew for it comes back to, and sees what it is about.
pub async fn show_take_back(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    Ok(page::see_other(&format!("{}/confirm", super::path(&admin)), &[]))
}

/// `POST /admin/{organization}/identity/take-back`: does not wait for the end of the time.
pub async fn take_back(request: HttpRequest, _posted: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let runs = runs(&request, &admin);
    let id = admin.organization.id;
    let taken = tokio::task::spawn_blocking(move || runs.take_back(id)).await;
    let key = match taken.map_err(|error| Failure::Internal(error.to_string()))? {
        Ok(true) => "flash-taken-back",
        Ok(false) => "flash-nothing",
        Err(SyncError::Undoing(_)) => "flash-not-taken-back-yet",
        Err(error) => return Err(Failure::Internal(error.to_string())),
    };
    back(&request, &admin, key)
}

/// To the page that this admin may see.
fn back(request: &HttpRequest, admin: &Admin, key: &str) -> Result<HttpResponse, Failure> {
    let here = super::path(admin);
    let there = if admin.may(Permission::Identity) { here } else { format!("{here}/confirm") };
    Ok(page::see_other(&there, &[Flash::new(key, &[]).cookie(request)]))
}
