use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::theirs::{pending, theirs};
use super::{Desk, Found, Problems, connection};
use crate::connection::{Connection, ConnectionStatus};
use crate::db::{DbError, Tx};
use crate::membership::Context;
use crate::rollover::metadata::{self, AcceptError};
use crate::session;
use crate::trust::{self, Governed, TrustError};
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// What can be done to a connection, and is asked about first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// People sign in through it.
    Activate,
    /// They do no more.
    Deactivate,
    /// What its metadata says is believed.
    Accept,
    /// It was never on, and goes.
    Discard,
}

impl Deed {
    /// The text keys: title, what happens, button.
    pub fn texts(self) -> [&'static str; 3] {
        match self {
            Self::Activate => ["connection-activate", "ask-activate", "connection-activate"],
            Self::Deactivate => ["connection-deactivate", "connection-deactivate-what", "connection-deactivate"],
            Self::Accept => ["metadata-pending", "metadata-pending-what", "metadata-accept"],
            Self::Discard => ["connection-discard", "connection-discard-what", "connection-discard"],
        }
    }

    /// It holds for everybody under the parent.
    fn is_for_everybody(self) -> bool {
        self != Self::Discard
    }
}

/// What doing something to a connection would mean.
#[derive(Template)]
#[template(path = "connecting/ask.html")]
pub struct AskPage {
    /// What all pages share.
    pub frame: Frame,
    /// Where this is.
    pub desk: Desk,
    /// The connection's page.
    pub back: String,
    /// The connection's slug.
    pub slug: String,
    /// What people see.
    pub label: String,
    /// The text keys: title, what happens, button.
    pub texts: [&'static str; 3],
    /// It cannot be taken back by the same button.
    pub grave: bool,
    /// Whose people it is about.
    pub concerned: Vec<Governed>,
    /// What is known of the identity provider, or what waits: text key and value.
    pub facts: Vec<(&'static str, String)>,
    /// What is shown, to be sent back.
    pub seen: String,
    /// Nobody could sign in without it: its name is to be typed.
    pub is_last: bool,
    /// Only who governs the parent can do it, and whoever is here does not.
    pub not_governing: Option<String>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// Shows what it would mean.
pub fn ask(
    request: &HttpRequest,
    desk: Desk,
    found: &Found,
    deed: Deed,
    problems: Problems,
) -> Result<HttpResponse, Failure> {
    let known = found.connection.as_ref();
    if known.is_none() && deed != Deed::Discard {
        return Err(Failure::NotFound);
    }
    let back = desk.connection(found.slug.as_str());
    let texts = page::language(request).texts();
    let pending = known.and_then(|known| pending(known, texts));
    let nothing = match (deed, known.map(|known| known.status)) {
        (Deed::Activate, Some(ConnectionStatus::Active)) => true,
        (Deed::Deactivate, status) => status != Some(ConnectionStatus::Active),
        (Deed::Accept, _) => pending.is_none(),
        (Deed::Discard, status) => status.is_some_and(|status| status != ConnectionStatus::Draft),
        (Deed::Activate, _) => false,
    };
    if nothing && problems.is_empty() {
        return Ok(desk.to(request, &back, Some(Flash::new("flash-nothing", &[]))));
    }
    let (concerned, is_last, first) = session::gateway(request).db.read(|tx| -> Result<_, DbError> {
        let is_last = match known {
            Some(known) if deed == Deed::Deactivate => trust::is_last_active(tx, known)?,
            Some(_) | None => false,
        };
        let first = trust::first_organization(tx, desk.parent.id)?;
        Ok((trust::concerned(tx, desk.parent.id)?, is_last, first))
    })?;
    let (seen, facts) = match (deed, pending, known) {
        (Deed::Accept, Some(pending), _) => (pending.shown, pending.lines),
        (_, _, Some(known)) => (trust::mark(known), theirs(known, texts)),
        (_, _, None) => (String::new(), Vec::new()),
    };
    let may = desk.governs || !deed.is_for_everybody();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let page = AskPage {
        frame: Frame::of(request),
        back,
        slug: found.slug.to_string(),
        label: found.label(),
        texts: deed.texts(),
        grave: matches!(deed, Deed::Deactivate | Deed::Discard),
        concerned: if deed.is_for_everybody() { concerned } else { Vec::new() },
        facts,
        seen,
        is_last,
        not_governing: (!may).then(|| first.map_or_else(String::new, |first| first.name)),
        problems,
        desk: desk.clone(),
    };
    desk.page(status, &page)
}

/// Why it was not done.
enum Stop {
    Trust(TrustError),
    Accept(AcceptError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Trust(error.into())
    }
}

/// Does it, if it still is about what was shown.
pub async fn carry_out(
    request: &HttpRequest,
    desk: Desk,
    found: Found,
    deed: Deed,
    posted: Posted,
) -> Result<HttpResponse, Failure> {
    let texts = page::language(request).texts();
    let slug = found.slug.as_str();
    if found.connection.is_none() && deed != Deed::Discard {
        return Err(Failure::NotFound);
    }
    let seen = posted.field(if deed == Deed::Accept { "shown" } else { "seen" }).to_owned();
    // A program of the operator's sends no mark; a page always does.
    let unmarked = desk.is_operators() && seen.is_empty();
    let (known, knows_last) = (found.clone(), posted.field("confirm") == slug);
    let done =
        desk.change(request, move |tx, context| act(tx, context, &known, deed, (&seen, unmarked), knows_last)).await;
    let flash = |key: &str| Some(Flash::new(key, &[("label", &found.label())]));
    let (here, list) = (desk.connection(slug), desk.connections());
    match done {
        Ok(false) => Ok(desk.to(request, if deed == Deed::Discard { &list } else { &here }, flash("flash-nothing"))),
        Ok(true) => Ok(match deed {
            Deed::Activate => desk.to(request, &here, flash("flash-connection-on")),
            Deed::Deactivate => desk.to(request, &here, flash("flash-connection-off")),
            Deed::Accept => desk.to(request, &format!("{here}#theirs"), flash("flash-metadata-accepted")),
            Deed::Discard => desk.to(request, &list, flash("flash-connection-discarded")),
        }),
        Err(Stop::Trust(TrustError::Db(error)) | Stop::Accept(AcceptError::Db(error))) => Err(error.into()),
        Err(Stop::Trust(TrustError::Gone)) => Err(Failure::NotFound),
        Err(Stop::Trust(TrustError::Last(_))) => {
            let problem = texts.with("connection-type-name", "slug", slug).into_owned();
            refused(request, desk, &found, deed, ("confirm", problem))
        }
        Err(stop) => {
            let problem = told(&stop, &desk, texts);
            let now = desk.found(request, found.slug.as_str())?;
            refused(request, desk, &now, deed, ("deed", problem))
        }
    }
}

fn act(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    found: &Found,
    deed: Deed,
    (seen, unmarked): (&str, bool),
    knows_last: bool,
) -> Result<bool, Stop> {
    let Some(known) = &found.connection else {
        let parent = found.setup.as_ref().map(|setup| setup.parent);
        let parent = parent.ok_or(Stop::Trust(TrustError::Gone))?;
        return trust::discard(tx, context, parent, &found.slug).map_err(Stop::Trust);
    };
    let is = |status: ConnectionStatus, known: &Connection| known.status == status;
    match deed {
        Deed::Activate if is(ConnectionStatus::Active, known) => Ok(false),
        Deed::Activate if unmarked => trust::activate(tx, context, known.id).map(|()| true).map_err(Stop::Trust),
        Deed::Activate => trust::activate_as_shown(tx, context, known.id, seen).map(|()| true).map_err(Stop::Trust),
        Deed::Deactivate if !is(ConnectionStatus::Active, known) => Ok(false),
        // Asked where it is done: two who switch two connections off at once would each see the other's.
        Deed::Deactivate
            if !knows_last && trust::is_last_active(tx, known).map_err(TrustError::Db).map_err(Stop::Trust)? =>
        {
            Err(Stop::Trust(TrustError::Last(known.slug.to_string())))
        }
        Deed::Deactivate => trust::deactivate(tx, context, known.id).map(|()| true).map_err(Stop::Trust),
        Deed::Accept => metadata::accept(tx, context, known.id, seen).map(|()| true).map_err(Stop::Accept),
        Deed::Discard => trust::discard(tx, context, known.parent, &found.slug).map_err(Stop::Trust),
    }
}

fn told(stop: &Stop, desk: &Desk, texts: Texts) -> String {
    if desk.is_operators() {
        return match stop {
            Stop::Trust(error) => error.to_string(),
            Stop::Accept(error) => error.to_string(),
        };
    }
    match stop {
        Stop::Trust(TrustError::NotGoverning(first))
        | Stop::Accept(AcceptError::Trust(TrustError::NotGoverning(first))) => {
            texts.with("not-governing", "organization", first).into_owned()
        }
        Stop::Trust(TrustError::Untested(_) | TrustError::TestTooOld(_)) => {
            texts.t("connection-activate-first").into_owned()
        }
        Stop::Trust(TrustError::Moved) | Stop::Accept(AcceptError::Moved) => texts.t("connection-moved").into_owned(),
        Stop::Accept(AcceptError::Nothing) => texts.t("metadata-nothing").into_owned(),
        Stop::Trust(TrustError::NotADraft(_)) => texts.t("connection-is-on-now").into_owned(),
        Stop::Trust(error) | Stop::Accept(AcceptError::Trust(error)) => error.to_string(),
        Stop::Accept(AcceptError::Db(error)) => error.to_string(),
    }
}

/// The operator's pages have the buttons on the connection's own page.
fn refused(
    request: &HttpRequest,
    desk: Desk,
    found: &Found,
    deed: Deed,
    (field, problem): (&'static str, String),
) -> Result<HttpResponse, Failure> {
    if desk.is_operators() && deed != Deed::Discard {
        return connection::show(request, desk, found, StatusCode::CONFLICT, Some(problem));
    }
    ask(request, desk, found, deed, Problems::one(field, problem))
}
