use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{cause_key, path, patiently, runs, state_key};
use crate::db::{DbError, Tx};
use crate::ids::SyncRunId;
use crate::membership::{SyncError, SyncReport};
use crate::organization::{Organization, ProvisioningMode, SyncCounts, SyncRun, SyncState};
use crate::session::{self, Admin};
use crate::settings::frame::{Nav, When};
use crate::settings::words;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// How many runs a page lists.
const PAGE: u32 = 50;

/// Runs that wait for approval, and all others.
#[derive(Template)]
#[template(path = "settings/runs.html")]
pub struct RunsPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The organization uses directory sync.
    pub synced: bool,
    /// The mark of the latest run, so that *Sync now* sent twice begins one.
    pub seen: String,
    /// The runs that wait for approval, with how many memberships each would end.
    pub halted: Vec<(RunLine, u64)>,
    /// All runs, latest first.
    pub lines: Vec<RunLine>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, if this is further on.
    pub first: Option<String>,
}

/// A run in the list.
pub struct RunLine {
    /// Its page.
    pub href: String,
    /// Its number.
    pub id: i64,
    /// When it began.
    pub at: When,
    /// The text key of what set it off.
    pub cause: &'static str,
    /// Who set it off.
    pub who: String,
    /// The text key of how far it is.
    pub state: &'static str,
    /// It waits for somebody.
    pub pressing: bool,
    /// What came of it.
    pub counts: SyncCounts,
}

impl RunLine {
    pub(in crate::settings) fn of(
        tx: &mut dyn Tx,
        admin: &Admin,
        run: &SyncRun,
        texts: crate::web::language::Texts,
    ) -> Result<Self, DbError> {
        Ok(Self {
            href: path(admin, run.id),
            id: run.id.0,
            at: When(run.started_at),
            cause: cause_key(run.cause),
            who: words::who(tx, admin.organization.parent, &run.actor, texts)?,
            state: if run.undoing().is_some() { "run-undoing" } else { state_key(run.state) },
            pressing: run.state == SyncState::Halted,
            counts: run.counts,
        })
    }
}

/// Whether a directory decides who is a member.
pub(in crate::settings) fn is_synced(organization: &Organization) -> bool {
    matches!(organization.mode, ProvisioningMode::Scim { .. })
}

/// `?before=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    before: String,
}

/// `GET /admin/{organization}/runs`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let organization = &admin.organization;
    let frame = Frame::of(&request);
    let before = asked.before.parse().ok().filter(|id| *id > 0);
    let (halted, lines, more, seen) = gateway.db.read(|tx| -> Result<_, DbError> {
        let seen = latest(tx, organization)?;
        let mut halted = Vec::new();
        for run in store::sync_runs::open(tx, organization.id)?.iter().filter(|run| run.state == SyncState::Halted) {
            let ending = store::sync_changes::count_listed(tx, run.id)?;
            halted.push((RunLine::of(tx, &admin, run, frame.texts)?, ending));
        }
        let at = SyncRunId(before.unwrap_or(i64::MAX));
        let mut known = store::sync_runs::before(tx, organization.id, at, PAGE + 1)?;
        let more = known.len() > PAGE as usize;
        known.truncate(PAGE as usize);
        let mut lines = Vec::with_capacity(known.len());
        for run in &known {
            lines.push(RunLine::of(tx, &admin, run, frame.texts)?);
        }
        Ok((halted, lines, more, seen))
    })?;
    let all = format!("/admin/{}/runs", organization.slug);
    let page = RunsPage {
        nav: Nav::of(&request, &admin, "nav-runs")?,
        synced: is_synced(organization),
        seen,
        next: lines.last().filter(|_| more).map(|last| format!("{all}?before={}", last.id)),
        first: before.map(|_| all),
        halted,
        lines,
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// The latest run's number, as a form keeps it.
pub(in crate::settings) fn latest(tx: &mut dyn Tx, organization: &Organization) -> Result<String, DbError> {
    let latest = store::sync_runs::latest(tx, organization.id, 1)?;
    Ok(latest.first().map_or(0, |run| run.id.0).to_string())
}

/// `POST /admin/{organization}/runs`: *Sync now* (rule B35). Begins nothing where the page did not know of the latest run: a form that
/// was sent twice, or one that somebody else was faster than.
pub async fn sync_now(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let runs = runs(&request, &admin);
    let seen = SyncRunId(posted.field("seen").parse().unwrap_or(-1));
    let (begin, id) = (runs.clone(), admin.organization.id);
    let begun = actix_web::web::block(move || begin.begin_after(id, seen)).await;
    let begun = match begun.map_err(|_| Failure::Unavailable("the run did not begin".to_owned()))? {
        Ok(begun) => begun,
        Err(SyncError::Already(run)) => {
            let flash = Flash::new("flash-run-already", &[]).cookie(&request);
            return Ok(page::see_other(&path(&admin, run), &[flash]));
        }
        Err(error) => return Err(error.into()),
    };
    let first = begun.first().copied().ok_or(Failure::NotFound)?;
    let done = patiently(move || begun.into_iter().map(|run| runs.finish(run)).collect::<Result<Vec<_>, _>>()).await?;
    match done.as_deref() {
        // Whoever asked beside the settings hears there what came of it; the run's page says it anyway.
        Some([report, ..]) if posted.field("from") == "identity" => {
            let there = format!("/admin/{}/identity", admin.organization.slug);
            Ok(page::see_other(&there, &[told(report).cookie(&request)]))
        }
        Some(_) | None => Ok(page::see_other(&path(&admin, first), &[])),
    }
}

/// What came of a run, in a line.
fn told(report: &SyncReport) -> Flash {
    let SyncCounts { added, updated, removed, waiting } = report.counts;
    let [added, updated, removed, waiting] = [added, updated, removed, waiting].map(|count| count.to_string());
    let ending = report.ending.to_string();
    match report.state {
        SyncState::Halted => Flash::new("flash-sync-halted", &[("ending", &ending)]),
        SyncState::Running => Flash::new("flash-run-going-on", &[]),
        SyncState::Done | SyncState::Approved | SyncState::Dismissed | SyncState::Superseded | SyncState::Undone => {
            Flash::new(
                "flash-synced",
                &[("added", &added), ("updated", &updated), ("removed", &removed), ("waiting", &waiting)],
            )
        }
    }
}
