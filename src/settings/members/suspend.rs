use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::membership::{self, ByHandError, Context, Reach};
use crate::session::{self, Admin};
use crate::settings::change::{actor, change};
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// What switching somebody off, or on again, would do.
#[derive(Template)]
#[template(path = "settings/member_suspend.html")]
pub struct SuspendPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The person's page.
    pub back: String,
    /// The person's address.
    pub email: String,
    /// They are switched on again, else off.
    pub resume: bool,
    /// The other organizations that it reaches.
    pub elsewhere: Vec<String>,
    /// It reaches one where this admin may not: it cannot be done here.
    pub beyond: bool,
    /// How many sessions end.
    pub sessions: u64,
    /// Nobody else could configure an organization, or it is the admin: the organization's name is to be typed.
    pub confirm: bool,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// `GET /admin/{organization}/members/{person}/suspend`
pub async fn show_suspend(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    form(&request, &path.1, false, Problems::default())
}

/// `GET /admin/{organization}/members/{person}/resume`
pub async fn show_resume(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    form(&request, &path.1, true, Problems::default())
}

/// `POST /admin/{organization}/members/{person}/suspend`
pub async fn suspend(
    request: HttpRequest,
    path: Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Failure> {
    switch(&request, &path.1, false, &posted).await
}

/// `POST /admin/{organization}/members/{person}/resume`
pub async fn resume(
    request: HttpRequest,
    path: Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Failure> {
    switch(&request, &path.1, true, &posted).await
}

async fn switch(
    request: &HttpRequest,
    public_id: &str,
    resume: bool,
    posted: &Posted,
) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(request)?;
    let product = overview::product(request, &admin.organization)?;
    let line = super::find(request, &admin, public_id)?;
    let texts = page::language(request).texts();
    let (organization, person) = (admin.organization.clone(), line.person.id);
    let knows = posted.field("confirm") == admin.organization.name.trim();
    let done = change(request, &admin, move |tx, context| -> Result<bool, ByHandError> {
        if resume {
            membership::resume(tx, context, &organization, person)
        } else {
            membership::suspend(tx, context, &organization, person, knows)
        }
    });
    let key = match done.await {
        Ok(true) if resume => "flash-resumed",
        Ok(true) => "flash-suspended",
        Ok(false) => "flash-nothing",
        Err(ByHandError::LastWithIdentity) => {
            return form(request, public_id, resume, Problems::one("confirm", texts.t("suspend-guard")));
        }
        Err(error) => return form(request, public_id, resume, Problems::by_hand(error, product, texts)?),
    };
    let flash = Flash::new(key, &[("email", line.person.email.as_str())]).cookie(request);
    Ok(page::see_other(&super::path(&admin, public_id), &[flash]))
}

fn form(request: &HttpRequest, public_id: &str, resume: bool, problems: Problems) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let line = super::find(request, &admin, public_id)?;
    // Done already, perhaps in another window; or there is nobody any more.
    let stands = line.member.as_ref().is_some_and(crate::organization::Member::is_active) || line.waiting.is_some();
    if line.person.suspended != resume || !stands {
        return Ok(page::see_other(&super::path(&admin, public_id), &[]));
    }
    let Reach { elsewhere, beyond, guarded, sessions } = gateway.db.read(|tx| {
        let (now, actor) = (gateway.now(), actor(&admin));
        let context = Context { now, catalog: &gateway.config.catalog, actor, from: None, incident: None };
        membership::reach(tx, &context, &admin.organization, line.person.id)
    })?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = SuspendPage {
        frame: Frame::of(request),
        nav: Nav::of(request, &admin, "nav-members")?,
        back: super::path(&admin, public_id),
        email: line.person.email.to_string(),
        resume,
        // What this admin does not administer is not named.
        elsewhere: if beyond { Vec::new() } else { elsewhere.into_iter().map(|one| one.name).collect() },
        beyond,
        sessions,
        confirm: guarded && !resume,
        problems,
    };
    page::html(status, &page, &[])
}
