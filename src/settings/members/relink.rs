use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::clock::Timestamp;
use crate::connection::Connection;
use crate::db::{DbError, Tx};
use crate::ids::{ParentId, PersonId, Slug};
use crate::membership::{self, ByHandError, Context, Reach};
use crate::session::{self, Admin};
use crate::settings::change::{actor, change};
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::store;
use crate::store::people::KnownSubject;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// What linking somebody anew would do (rule B9).
#[derive(Template)]
#[template(path = "settings/member_relink.html")]
pub struct RelinkPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The person's page.
    pub back: String,
    /// The person's address.
    pub email: String,
    /// The connection's name.
    pub connection: String,
    /// When the identity provider last let the person in, with the account that is forgotten.
    pub last: When,
    /// The other organizations that it reaches.
    pub elsewhere: Vec<String>,
    /// It reaches one where this admin may not: it cannot be done here.
    pub beyond: bool,
    /// How many sessions end.
    pub sessions: u64,
    /// What was shown, to be sent back.
    pub seen: String,
    /// Something moved since it was shown, so nothing was done.
    pub moved: bool,
}

/// By which subjects a connection knows a person; and something that tells that from what it will be.
fn subjects(
    tx: &mut dyn Tx,
    person: PersonId,
    connection: &Connection,
) -> Result<(Vec<KnownSubject>, String), DbError> {
    let mut known = store::people::subjects_of(tx, person)?;
    known.retain(|subject| subject.connection == connection.id);
    let seen = known.iter().map(|subject| subject.id.to_string()).collect::<Vec<_>>().join(" ");
    Ok((known, seen))
}

fn connection(tx: &mut dyn Tx, parent: ParentId, slug: &str) -> Result<Option<Connection>, DbError> {
    let Ok(slug) = Slug::parse(slug) else { return Ok(None) };
    Ok(store::connections::by_slug(tx, &slug)?.filter(|connection| connection.parent == parent))
}

/// `GET /admin/{organization}/members/{person}/relink/{connection}`
pub async fn show(request: HttpRequest, path: Path<(String, String, String)>) -> Result<HttpResponse, Failure> {
    form(&request, &path.1, &path.2, false)
}

/// Why nothing was forgotten.
enum Stop {
    Moved,
    Gone,
    ByHand(ByHandError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::ByHand(error.into())
    }
}

/// `POST /admin/{organization}/members/{person}/relink/{connection}`
pub async fn relink(
    request: HttpRequest,
    path: Path<(String, String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let product = overview::product(&request, &admin.organization)?;
    let line = super::find(&request, &admin, &path.1)?;
    let texts = page::language(&request).texts();
    let (organization, person, slug) = (admin.organization.clone(), line.person.clone(), path.2.clone());
    let shown = posted.field("seen").to_owned();
    let done = change(&request, &admin, move |tx, context| -> Result<bool, Stop> {
        let connection = connection(tx, organization.parent, &slug)?.ok_or(Stop::Gone)?;
        // Whoever was linked meanwhile is not forgotten by a page that knew the one before.
        let (known, seen) = subjects(tx, person.id, &connection)?;
        if known.is_empty() {
            return Ok(false);
        }
        if seen != shown {
            return Err(Stop::Moved);
        }
        if membership::reach(tx, context, &organization, person.id)?.beyond {
            return Err(Stop::ByHand(ByHandError::Elsewhere));
        }
        Ok(membership::relink(tx, context, &person, &connection)?)
    });
    let key = match done.await {
        Ok(true) => "flash-relinked",
        Ok(false) => "flash-nothing",
        Err(Stop::Moved | Stop::ByHand(ByHandError::Elsewhere)) => return form(&request, &path.1, &path.2, true),
        Err(Stop::Gone) => return Err(Failure::NotFound),
        Err(Stop::ByHand(error)) => {
            Problems::by_hand(error, product, texts)?;
            return Err(Failure::NotFound);
        }
    };
    let flash = Flash::new(key, &[("email", line.person.email.as_str())]).cookie(&request);
    Ok(page::see_other(&super::path(&admin, &path.1), &[flash]))
}

fn form(request: &HttpRequest, public_id: &str, slug: &str, moved: bool) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let line = super::find(request, &admin, public_id)?;
    let found = gateway.db.read(|tx| -> Result<_, DbError> {
        let Some(connection) = connection(tx, admin.organization.parent, slug)? else { return Ok(None) };
        let (known, seen) = subjects(tx, line.person.id, &connection)?;
        let (now, actor) = (gateway.now(), actor(&admin));
        let context = Context { now, catalog: &gateway.config.catalog, actor, from: None, incident: None };
        let reach = membership::reach(tx, &context, &admin.organization, line.person.id)?;
        Ok(Some((connection, known, seen, reach)))
    })?;
    let (connection, known, seen, reach) = found.ok_or(Failure::NotFound)?;
    let last: Option<Timestamp> = known.iter().map(|subject| subject.groups_seen_at).max();
    let Some(last) = last else {
        // Forgotten already, perhaps in another window.
        return Ok(page::see_other(&super::path(&admin, public_id), &[]));
    };
    let Reach { elsewhere, beyond, sessions, .. } = reach;
    let page = RelinkPage {
        frame: Frame::of(request),
        nav: Nav::of(request, &admin, "nav-members")?,
        back: super::path(&admin, public_id),
        email: line.person.email.to_string(),
        connection: connection.label,
        last: When(last),
        elsewhere: if beyond { Vec::new() } else { elsewhere.into_iter().map(|one| one.name).collect() },
        beyond,
        sessions,
        seen,
        moved: moved && !beyond,
    };
    page::html(if moved { StatusCode::CONFLICT } else { StatusCode::OK }, &page, &[])
}
