use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::snippets::{self, Snippet};
use crate::apps;
use crate::db::DbError;
use crate::identity::EmailAddress;
use crate::organization::Application;
use crate::session::{self, Admin};
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::settings::words;
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// One application: its settings, what its reverse proxy needs, and a test request.
#[derive(Template)]
#[template(path = "settings/application.html")]
pub struct ApplicationPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// This page.
    pub here: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Who may enter, in words.
    pub who: String,
    /// How many members may enter now.
    pub enter: u64,
    /// The text key of the header preset.
    pub headers: &'static str,
    /// For each reverse proxy; none for an address that no configuration can name.
    pub snippets: Vec<Snippet>,
    /// The address to try, as typed.
    pub email: String,
    /// What came of the test request.
    pub tried: Option<Tried>,
    /// What is wrong with what was asked.
    pub problems: Problems,
}

/// What forward-auth would answer.
pub struct Tried {
    /// Why the person would not be let in, in words, with its code.
    pub refused: Option<(String, &'static str)>,
    /// The headers for the application.
    pub headers: Vec<(String, String)>,
    /// What the signed one says.
    pub claims: String,
}

/// `?email=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    email: String,
}

/// `GET /admin/{organization}/applications/{application}`
pub async fn show(
    request: HttpRequest,
    at: Path<(String, String)>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let known = super::find(&request, &admin, &at.1)?;
    let frame = Frame::of(&request);
    let email: String = asked.email.trim().chars().take(254).collect();
    let (mut problems, mut tried) = (Problems::default(), None);
    if !email.is_empty() {
        match try_it(&request, &admin, &known, &email)? {
            Ok(trial) => {
                let refused = trial.refusal.map(|refusal| (words::why(frame.texts, refusal.code()), refusal.code()));
                tried = Some(Tried { refused, headers: trial.headers, claims: trial.claims });
            }
            Err(key) => problems = Problems::one("email", frame.texts.t(key)),
        }
    }
    let (enter, _) = gateway.db.read(|tx| super::entrants(tx, product, &known, None))?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ApplicationPage {
        nav: Nav::of(&request, &admin, "nav-applications")?,
        here: super::path(&admin, &known),
        who: super::who(product, &known, frame.texts),
        headers: super::form::headers_key(known.headers),
        snippets: snippets::all(&known, &snippets::usher_at(&gateway.config)),
        name: known.name,
        url: known.url,
        enter,
        email,
        tried,
        problems,
        frame,
    };
    page::html(status, &page, &[])
}

/// Tries the application for a person of the parent, or the text key of why not.
fn try_it(
    request: &HttpRequest,
    admin: &Admin,
    application: &Application,
    email: &str,
) -> Result<Result<apps::Trial, &'static str>, Failure> {
    let gateway = session::gateway(request);
    let Ok(email) = EmailAddress::parse(email) else { return Ok(Err("email-invalid")) };
    // Only people whom this organization knows: of the others under the same parent it learns nothing.
    let person = gateway.db.read(|tx| -> Result<_, DbError> {
        let Some(person) = store::people::by_email(tx, admin.organization.parent, &email)? else { return Ok(None) };
        let line = store::roster::line(tx, admin.organization.id, person.id)?;
        Ok(line.filter(|line| line.member.is_some() || line.waiting.is_some()).map(|line| line.person.id))
    })?;
    let Some(person) = person else { return Ok(Err("problem-nobody")) };
    Ok(apps::trial(gateway, application.id, person)?.ok_or("problem-nobody"))
}
