use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::joining::{self, JoiningError};
use crate::secrets::Token;
use crate::session::{self, Admin};
use crate::settings::change::change;
use crate::settings::frame::{Nav, When};
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// Codes with which other organizations may propose to join.
#[derive(Template)]
#[template(path = "settings/parent_codes.html")]
pub struct CodesPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The code, made just now, and until when it can be used.
    pub made: Option<(String, When)>,
    /// Until when each of the codes can be used.
    pub codes: Vec<When>,
    /// This was sent before, or there are too many codes: nothing was made.
    pub moved: bool,
}

/// `GET /admin/{organization}/parent/codes`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    form(&request, None, false)
}

/// `POST /admin/{organization}/parent/codes`: makes one, or takes all away.
pub async fn change_codes(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let organization = admin.organization.clone();
    if posted.field("act") == "withdraw" {
        let done = change(&request, &admin, move |tx, context| joining::withdraw_codes(tx, context, &organization));
        let count = done.await.map_err(failure)?;
        let key = if count > 0 { "flash-codes-withdrawn" } else { "flash-nothing" };
        return Ok(page::see_other(&super::path(&admin), &[Flash::new(key, &[]).cookie(&request)]));
    }
    let seen = posted.field("seen").parse().map_err(|_| Failure::BadRequest("no such form"))?;
    let code = Token::new();
    let text = code.text();
    let made = change(&request, &admin, move |tx, context| joining::make_code(tx, context, &organization, &code, seen));
    match made.await {
        Ok(until) => form(&request, Some((text, until)), false),
        Err(JoiningError::Moved) => form(&request, None, true),
        Err(error) => Err(failure(error)),
    }
}

fn failure(error: JoiningError) -> Failure {
    match error {
        JoiningError::NotTheFounder => Failure::Forbidden,
        JoiningError::Db(error) => error.into(),
        other => Failure::Internal(other.to_string()),
    }
}

fn form(request: &HttpRequest, made: Option<(String, Timestamp)>, moved: bool) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let now = gateway.now();
    let found = gateway.db.read(|tx| -> Result<_, DbError> {
        let founder = joining::is_founder(tx, &admin.organization)?;
        Ok((founder, store::parent_changes::codes_of(tx, admin.organization.parent)?))
    });
    let (founder, mut codes) = found?;
    if !founder {
        return Err(Failure::Forbidden);
    }
    codes.retain(|until| *until > now);
    let page = CodesPage {
        frame: Frame::of(request),
        nav: Nav::of(request, &admin, "nav-parent")?,
        made: made.map(|(code, until)| (code, When(until))),
        codes: codes.into_iter().map(When).collect(),
        moved,
    };
    page::html(if moved { StatusCode::CONFLICT } else { StatusCode::OK }, &page, &[])
}
