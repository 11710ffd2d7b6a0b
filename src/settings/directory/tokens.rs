use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::not_offered;
use crate::audit::{Event, Thing};
use crate::db::{DbError, Tx};
use crate::ids::ParentId;
use crate::membership::Context;
use crate::secrets::{self, Token};
use crate::session::{self, Admin};
use crate::settings::change::change;
use crate::settings::connections::governs;
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::problems::{self, Problems};
use crate::store;
use crate::store::scim_tokens::ScimToken;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// A token is made, and shown this once.
#[derive(Template)]
#[template(path = "settings/token.html")]
pub struct TokenPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// What the identity provider is given beside it.
    pub base_url: String,
    /// The name, as typed.
    pub name: String,
    /// The last day, as typed.
    pub until: String,
    /// The mark of the latest token, so that a form sent twice makes one.
    pub seen: String,
    /// The token, made just now.
    pub made: Option<String>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// What revoking a token would do.
#[derive(Template)]
#[template(path = "settings/token_revoke.html")]
pub struct RevokePage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// Its name.
    pub name: String,
    /// Used last.
    pub used: Option<When>,
    /// Other tokens are left that have not expired.
    pub others: u64,
}

/// `GET /admin/{organization}/directory/tokens`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    form(&request, (String::new(), String::new()), None, Problems::default())
}

/// The number of the latest token, as a form keeps it.
fn latest(tx: &mut dyn Tx, parent: ParentId) -> Result<String, DbError> {
    Ok(store::scim_tokens::of_parent(tx, parent)?.last().map_or(0, |token| token.id).to_string())
}

/// Why no token was made.
enum Stop {
    Wrong(&'static str, &'static str),
    /// The directory is the parent's, and whoever wants it does not govern that.
    NotGoverning,
    Db(DbError),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::NotGoverning => Self::Forbidden,
            Stop::Wrong(_, key) => Self::Internal(key.to_owned()),
            Stop::Db(error) => error.into(),
        }
    }
}

/// A token writes the whole parent's directory, so it is made and revoked by who governs the parent (decision 0014).
fn check(tx: &mut dyn Tx, context: &Context<'_>, admin: &Admin) -> Result<(), Stop> {
    if governs(tx, context.catalog, admin)? { Ok(()) } else { Err(Stop::NotGoverning) }
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// `POST /admin/{organization}/directory/tokens`
pub async fn make(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?.clone();
    let texts = page::language(&request).texts();
    let name: String = posted.field("name").chars().take(100).collect();
    let until: String = posted.field("until").chars().take(10).collect();
    let typed = (name.clone(), until.clone());
    if name.is_empty() || name.chars().any(char::is_control) {
        return form(&request, typed, None, Problems::one("name", texts.t("problem-token-name")));
    }
    let expires = match problems::until(&until, gateway.now(), texts) {
        Ok(expires) => expires,
        Err(problems) => return form(&request, typed, None, problems),
    };
    let token = Token::new();
    // Hashed as text: tokens of a file are not ours to decode, and one look-up must find both.
    let hash = secrets::sha256(token.text().as_bytes());
    let (organization, seen, by) = (admin.organization.clone(), posted.field("seen").to_owned(), admin.clone());
    let made = change(&request, &admin, move |tx, context| {
        check(tx, context, &by)?;
        if let Some(key) = not_offered(tx, &organization, &product)? {
            return Err(Stop::Wrong("name", key));
        }
        if seen != latest(tx, organization.parent)? {
            return Err(Stop::Wrong("name", "problem-token-made-already"));
        }
        store::scim_tokens::add(tx, organization.parent, &name, &hash, context.now, expires)?;
        let after = expires.map_or("without end".to_owned(), |at| format!("until {at}"));
        let event = Event::Added { thing: Thing::ScimToken, name: name.clone(), after };
        Ok(context.record(tx, Some(organization.parent), None, event)?)
    });
    match made.await {
        Ok(()) => form(&request, typed, Some(token.text()), Problems::default()),
        Err(Stop::Wrong(field, key)) => form(&request, typed, None, Problems::one(field, texts.t(key))),
        Err(stop @ (Stop::NotGoverning | Stop::Db(_))) => Err(stop.into()),
    }
}

fn form(
    request: &HttpRequest,
    (name, until): (String, String),
    made: Option<String>,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let (seen, governs) = gateway.db.read(|tx| -> Result<_, DbError> {
        Ok((latest(tx, admin.organization.parent)?, governs(tx, &gateway.config.catalog, &admin)?))
    })?;
    if !governs {
        return Err(Failure::Forbidden);
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = TokenPage {
        frame: Frame::of(request),
        nav: Nav::of(request, &admin, "nav-directory")?,
        base_url: format!("{}/scim/v2", gateway.config.server.base()),
        name,
        until,
        seen,
        made,
        problems,
    };
    page::html(status, &page, &[])
}

/// The token of the organization's parent under a number.
fn find(request: &HttpRequest, admin: &Admin, id: &str) -> Result<ScimToken, Failure> {
    let id = id.parse().map_err(|_| Failure::NotFound)?;
    let found = session::gateway(request).db.read(|tx| store::scim_tokens::by_id(tx, id))?;
    found.filter(|token| token.parent == admin.organization.parent).ok_or(Failure::NotFound)
}

/// `GET /admin/{organization}/directory/tokens/{token}/revoke`
pub async fn show_revoke(request: HttpRequest, at: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let known = find(&request, &admin, &at.1)?;
    let (now, (all, governs)) = (
        gateway.now(),
        gateway.db.read(|tx| -> Result<_, DbError> {
            Ok((store::scim_tokens::of_parent(tx, known.parent)?, governs(tx, &gateway.config.catalog, &admin)?))
        })?,
    );
    if !governs {
        return Err(Failure::Forbidden);
    }
    let others = all.iter().filter(|one| one.id != known.id && one.expires_at.is_none_or(|at| at > now)).count();
    let page = RevokePage {
        frame: Frame::of(&request),
        nav: Nav::of(&request, &admin, "nav-directory")?,
        name: known.name,
        used: known.last_used_at.map(When),
        others: others as u64,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// `POST /admin/{organization}/directory/tokens/{token}/revoke`
pub async fn revoke(request: HttpRequest, at: Path<(String, String)>, _: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let known = find(&request, &admin, &at.1)?;
    let (name, by) = (known.name.clone(), admin.clone());
    let revoked = change(&request, &admin, move |tx, context| -> Result<bool, Stop> {
        check(tx, context, &by)?;
        let revoked = store::scim_tokens::revoke(tx, known.id, context.now)?;
        if revoked {
            let event = Event::Removed { thing: Thing::ScimToken, name: known.name.clone() };
            context.record(tx, Some(known.parent), None, event)?;
        }
        Ok(revoked)
    });
    let key = if revoked.await? { "flash-token-revoked" } else { "flash-nothing" };
    let flash = Flash::new(key, &[("name", name.as_str())]).cookie(&request);
    Ok(page::see_other(&format!("/admin/{}/directory", admin.organization.slug), &[flash]))
}
