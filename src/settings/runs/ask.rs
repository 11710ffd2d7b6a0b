//! Before something is done about a run: what it means, and for whom.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::show::ChangeLine;
use super::{find, path, patiently, runs};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::ids::PersonId;
use crate::membership::{CUT_OFF, NotRestored, SyncError};
use crate::organization::{SyncRun, SyncState};
use crate::product::{Permission, Product};
use crate::session::{self, Admin};
use crate::settings::change::hand;
use crate::settings::frame::Nav;
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::settings::words;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// How many people are named; all of them stand on the run's page.
const NAMED: usize = 50;

/// What is to be done about a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Let it go on.
    Approve,
    /// Turn it down.
    Dismiss,
    /// Take it back.
    Undo,
}

impl Deed {
    /// The part of text keys.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Dismiss => "dismiss",
            Self::Undo => "undo",
        }
    }

    fn fits(self, run: &SyncRun, now: Timestamp) -> bool {
        match self {
            Self::Approve | Self::Dismiss => run.state == SyncState::Halted,
            Self::Undo => run.is_carried_out() && !run.is_undoing(now, CUT_OFF),
        }
    }
}

/// What doing it means.
#[derive(Template)]
#[template(path = "settings/run_ask.html")]
pub struct RunAskPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The run's page.
    pub back: String,
    /// The run's number.
    pub id: i64,
    /// What is to be done.
    pub deed: Deed,
    /// How many people it is about.
    pub count: u64,
    /// Some of them.
    pub people: Vec<ChangeLine>,
    /// How many are left as they are, where it is taken back.
    pub left: u64,
    /// Some of these, and why.
    pub left_people: Vec<(String, String)>,
    /// Nobody could configure the organization afterwards: its name is to be typed.
    pub confirm: bool,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// `GET /admin/{organization}/runs/{run}/approve`
pub async fn show_approve(request: HttpRequest, at: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    ask(&request, &at.1, Deed::Approve, Problems::default()).await
}

/// `GET /admin/{organization}/runs/{run}/dismiss`
pub async fn show_dismiss(request: HttpRequest, at: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    ask(&request, &at.1, Deed::Dismiss, Problems::default()).await
}

/// `GET /admin/{organization}/runs/{run}/undo`
pub async fn show_undo(request: HttpRequest, at: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    ask(&request, &at.1, Deed::Undo, Problems::default()).await
}

/// `POST /admin/{organization}/runs/{run}/approve`
pub async fn approve(
    request: HttpRequest,
    at: Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let product = overview::product(&request, &admin.organization)?;
    let run = find(&request, &admin, &at.1)?;
    let locks_out = session::gateway(&request).db.read(|tx| locks_out(tx, product, &run))?;
    if run.state == SyncState::Halted && locks_out && !hand(&admin, &posted).knows_last {
        let texts = page::language(&request).texts();
        let problem = Problems::one("confirm", texts.t("problem-last-with-identity"));
        return ask(&request, &at.1, Deed::Approve, problem).await;
    }
    let runs = runs(&request, &admin);
    let id = run.id;
    let done = patiently(move || runs.approve(id)).await;
    after(&request, &admin, &run, done.map(|_| Flash::new("flash-run-approved", &[])))
}

/// `POST /admin/{organization}/runs/{run}/dismiss`
pub async fn dismiss(request: HttpRequest, at: Path<(String, String)>, _: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let run = find(&request, &admin, &at.1)?;
    let (runs, id) = (runs(&request, &admin), run.id);
    let done = patiently(move || runs.dismiss(id)).await;
    after(&request, &admin, &run, done.map(|_| Flash::new("flash-run-dismissed", &[])))
}

/// `POST /admin/{organization}/runs/{run}/undo`
pub async fn undo(request: HttpRequest, at: Path<(String, String)>, _: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let run = find(&request, &admin, &at.1)?;
    let (runs, id) = (runs(&request, &admin), run.id);
    let done = patiently(move || runs.undo(id)).await;
    let told = done.map(|undone| match undone {
        Some(undone) => {
            let (restored, left) = (undone.restored.to_string(), undone.left.len().to_string());
            Flash::new("flash-run-undone", &[("restored", &restored), ("left", &left)])
        }
        None => Flash::new("flash-run-going-on", &[]),
    });
    after(&request, &admin, &run, told)
}

fn after(
    request: &HttpRequest,
    admin: &Admin,
    run: &SyncRun,
    done: Result<Flash, SyncError>,
) -> Result<HttpResponse, Failure> {
    let flash = match done {
        Ok(flash) => flash,
        // Somebody was faster, or the form was sent twice: the page says what became of the run.
        Err(SyncError::NotHalted(..) | SyncError::NotDone(..)) => Flash::new("flash-run-over", &[]),
        Err(SyncError::Undoing(_)) => Flash::new("flash-run-going-on", &[]),
        Err(error) => return Err(error.into()),
    };
    Ok(page::see_other(&path(admin, run.id), &[flash.cookie(request)]))
}

/// Whether nobody with *identity* would be left (rule B33).
fn locks_out(tx: &mut dyn Tx, product: &Product, run: &SyncRun) -> Result<bool, DbError> {
    let listed: BTreeSet<PersonId> = store::sync_changes::listed(tx, run.id)?.into_iter().collect();
    let (mut some, enough) = (false, u32::try_from(listed.len()).unwrap_or(u32::MAX).saturating_add(1));
    for role in product.roles().iter().filter(|role| product.allows(&role.key, Permission::Identity)) {
        for person in store::members::with_role(tx, run.organization, &role.key, enough)? {
            if !listed.contains(&person) {
                return Ok(false);
            }
            some = true;
        }
    }
    Ok(some)
}

fn why(left: &NotRestored, product: &Product, texts: Texts) -> String {
    match left {
        NotRestored::ChangedSince => texts.t("undo-changed-since").into_owned(),
        NotRestored::NoFreeSeat(seat) => {
            texts.with("undo-no-free-seat", "seat", &words::seat(product, seat)).into_owned()
        }
    }
}

async fn ask(request: &HttpRequest, id: &str, deed: Deed, problems: Problems) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let product = overview::product(request, &admin.organization)?;
    let run = find(request, &admin, id)?;
    let texts = page::language(request).texts();
    if !deed.fits(&run, gateway.now()) {
        let key = if run.undoing().is_some() { "flash-run-going-on" } else { "flash-run-over" };
        return Ok(page::see_other(&path(&admin, run.id), &[Flash::new(key, &[]).cookie(request)]));
    }
    let (changes, left) = match deed {
        Deed::Undo => {
            // A run may have changed everybody: not on a thread that serves.
            let (runs, id) = (runs(request, &admin), run.id);
            let foreseen = actix_web::web::block(move || runs.foresee_undo(id)).await;
            let foreseen = foreseen.map_err(|_| Failure::Unavailable("the page was cut off".to_owned()))??;
            (foreseen.restored, foreseen.left)
        }
        Deed::Approve | Deed::Dismiss => {
            let limit = u32::try_from(NAMED).unwrap_or(u32::MAX);
            let page = gateway.db.read(|tx| store::sync_changes::page(tx, run.id, PersonId(0), limit))?;
            (page.into_iter().filter(|change| change.after.is_none()).collect(), Vec::new())
        }
    };
    let (people, left_people, count, confirm) = gateway.db.read(|tx| -> Result<_, DbError> {
        let mut people = Vec::new();
        for change in changes.iter().take(NAMED) {
            let mut line = ChangeLine::of(tx, &admin, product, change, texts)?;
            if deed == Deed::Undo {
                (line.before, line.after) = (line.after.unwrap_or_default(), Some(line.before));
            }
            people.push(line);
        }
        let mut left_people = Vec::new();
        for (person, reason) in left.iter().take(NAMED) {
            let person = store::people::by_id(tx, *person)?;
            let email = person.map_or_else(|| texts.t("somebody").into_owned(), |person| person.email.to_string());
            left_people.push((email, why(reason, product, texts)));
        }
        let count = match deed {
            Deed::Undo => changes.len() as u64,
            Deed::Approve | Deed::Dismiss => store::sync_changes::count_listed(tx, run.id)?,
        };
        Ok((people, left_people, count, deed == Deed::Approve && locks_out(tx, product, &run)?))
    })?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = RunAskPage {
        frame: Frame::of(request),
        nav: Nav::of(request, &admin, "nav-runs")?,
        back: path(&admin, run.id),
        id: run.id.0,
        deed,
        count,
        people,
        left: left.len() as u64,
        left_people,
        confirm,
        problems,
    };
    page::html(status, &page, &[])
}
