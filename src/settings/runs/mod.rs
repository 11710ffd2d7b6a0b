//! Runs of directory sync: *Sync now*, how far a run is, what it did to whom; approving, dismissing and undoing one.

pub(super) mod ask;
pub(super) mod list;
pub(super) mod show;

use std::time::Duration;

use actix_web::HttpRequest;

use super::change::actor;
use super::words;
use crate::ids::SyncRunId;
use crate::membership::{Runs, SyncError};
use crate::organization::{Image, Member, SyncCause, SyncRun, SyncState};
use crate::product::Product;
use crate::session::{self, Admin};
use crate::store;
use crate::web::client;
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page::Site;

/// How long an answer waits for a run to end; a longer one is looked at on its page.
const PATIENCE: Duration = Duration::from_secs(2);

/// The run of the organization under a number.
fn find(request: &HttpRequest, admin: &Admin, id: &str) -> Result<SyncRun, Failure> {
    let id = id.parse().map_err(|_| Failure::NotFound)?;
    let found = session::gateway(request).db.read(|tx| store::sync_runs::by_id(tx, SyncRunId(id)))?;
    found.filter(|run| run.organization == admin.organization.id).ok_or(Failure::NotFound)
}

fn path(admin: &Admin, run: SyncRunId) -> String {
    format!("/admin/{}/runs/{run}", admin.organization.slug)
}

/// What this admin does to runs.
pub(super) fn runs(request: &HttpRequest, admin: &Admin) -> Runs {
    let gateway = session::gateway(request);
    Runs {
        db: gateway.db.clone(),
        catalog: gateway.config.catalog.clone(),
        actor: actor(admin),
        from: Some(client::address(request, &Site::of(request).trusted_proxies)),
        clock: gateway.clock.clone(),
    }
}

/// Does something that may take long on a thread that may wait. `None`: it goes on, and its page says how far it is.
async fn patiently<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SyncError> + Send + 'static,
) -> Result<Option<T>, SyncError> {
    let work = actix_web::rt::task::spawn_blocking(work);
    match actix_web::rt::time::timeout(PATIENCE, work).await {
        Ok(Ok(done)) => done.map(Some),
        // A thread that was cut off: the cycle goes on with the run.
        Ok(Err(_)) | Err(_) => Ok(None),
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Db(error) => error.into(),
            SyncError::NotSynced(..)
            | SyncError::NotHalted(..)
            | SyncError::NotDone(..)
            | SyncError::Undoing(_)
            | SyncError::Already(_) => {
                Self::BadRequest("this run is over, or the organization does not use directory sync")
            }
            SyncError::NoOrganization | SyncError::NoRun(_) => Self::NotFound,
        }
    }
}

/// The text key of how far a run is.
fn state_key(state: SyncState) -> &'static str {
    match state {
        SyncState::Running => "run-running",
        SyncState::Halted => "run-halted",
        SyncState::Done => "run-done",
        SyncState::Approved => "run-approved",
        SyncState::Dismissed => "run-dismissed",
        SyncState::Superseded => "run-superseded",
        SyncState::Undone => "run-undone",
    }
}

/// The text key of what set a run off.
fn cause_key(cause: SyncCause) -> &'static str {
    match cause {
        SyncCause::SyncNow => "why-sync-now",
        SyncCause::Cycle => "why-cycle",
        SyncCause::Save => "why-save",
        SyncCause::File => "why-file",
        SyncCause::Push => "why-push",
    }
}

/// Where somebody stood, in words.
fn standing(product: &Product, image: &Image, texts: Texts) -> String {
    let member = image.member.as_ref().filter(|member| member.is_active());
    let mut told = match member {
        Some(Member { role, seat, .. }) if product.has_seats() => {
            format!("{}, {}", words::role(product, role), words::seat_or_none(product, seat.as_ref(), texts))
        }
        Some(Member { role, .. }) => words::role(product, role),
        None => texts.t("run-no-member").into_owned(),
    };
    if image.queued.is_some() {
        told = format!("{told}, {}", texts.t("status-waiting"));
    }
    told
}
