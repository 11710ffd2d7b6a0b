use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::membership::{self, ByHandError, Context, Reach};
use crate::organization::{Member, Organization};
use crate::session::{self, Admin};
use crate::settings::change::{actor, change};
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::language::Texts;
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
    /// What is to be known, where a name is to be typed to say so (rule B33), and the name.
    pub guard: Option<(String, String)>,
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
    let typed = posted.field("confirm").to_owned();
    let done = change(request, &admin, move |tx, context| -> Result<bool, ByHandError> {
        if resume {
            membership::resume(tx, context, &organization, person)
        } else {
            membership::suspend(tx, context, &organization, person, &typed)
        }
    });
    let key = match done.await {
        Ok(true) if resume => "flash-resumed",
        Ok(true) => "flash-suspended",
        Ok(false) => "flash-nothing",
        Err(ByHandError::LastWithIdentity) => {
            return form(request, public_id, resume, Problems::one("confirm", texts.t("problem-type-name")));
        }
        Err(error) => return form(request, public_id, resume, Problems::by_hand(error, product, texts)?),
    };
    let flash = Flash::new(key, &[("email", line.person.email.as_str())]).cookie(request);
    Ok(page::see_other(&super::path(&admin, public_id), &[flash]))
}

/// What whoever does it has to know, and the name that they type to say so.
fn guard(reach: &Reach, here: &Organization, texts: Texts) -> Option<(String, String)> {
    let name = reach.guard(here)?.name.trim().to_owned();
    let names: Vec<&str> = reach.locked_out.iter().map(|one| one.name.as_str()).collect();
    let told = if names.is_empty() {
        texts.t("suspend-guard-oneself")
    } else {
        texts.with("suspend-guard-nobody", "organizations", &names.join(", "))
    };
    Some((told.into_owned(), name))
}

fn form(request: &HttpRequest, public_id: &str, resume: bool, problems: Problems) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let line = super::find(request, &admin, public_id)?;
    // Done already, perhaps in another window; or there is nobody any more.
    let stands = line.member.as_ref().is_some_and(Member::is_active) || line.waiting.is_some();
    if line.person.suspended != resume || !stands {
        return Ok(page::see_other(&super::path(&admin, public_id), &[]));
    }
    let reach = gateway.db.read(|tx| {
        let (now, actor) = (gateway.now(), actor(&admin));
        let context = Context { now, catalog: &gateway.config.catalog, actor, from: None, incident: None };
        membership::reach(tx, &context, &admin.organization, line.person.id)
    })?;
    let frame = Frame::of(request);
    let guard = guard(&reach, &admin.organization, frame.texts).filter(|_| !resume);
    let Reach { elsewhere, beyond, sessions, .. } = reach;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = SuspendPage {
        frame,
        nav: Nav::of(request, &admin, "nav-members")?,
        back: super::path(&admin, public_id),
        email: line.person.email.to_string(),
        resume,
        // What this admin does not administer is not named.
        elsewhere: if beyond { Vec::new() } else { elsewhere.into_iter().map(|one| one.name).collect() },
        beyond,
        sessions,
        guard,
        problems,
    };
    page::html(status, &page, &[])
}
