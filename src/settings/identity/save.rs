use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::preview::{Previewed, guard, page_of, previewed, work_out};
use super::show::{NotTaken, form, is_locked};
use super::standing::Standing;
use crate::db::DbError;
use crate::ids::SyncRunId;
use crate::membership::{self, Runs, SettingsError, SyncReport};
use crate::organization::SyncState;
use crate::session::{self, Admin};
use crate::settings::change::{actor, change};
use crate::settings::problems::Problems;
use crate::store;
use crate::web::client;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page::{self, Site};

/// How long an answer waits for a run. It goes on without, and the page tells how far it is.
const WAITS: Duration = Duration::from_secs(8);

/// Why nothing was saved.
enum NotSaved {
    /// There is no draft: saved already, or discarded.
    NoDraft,
    /// Something else would happen than was shown.
    Moved,
    /// The organization's name is to be typed (rule B33).
    NotTyped(&'static str),
    /// Rule B5.
    Locked,
    /// An earlier change waits to be confirmed.
    OnProbation,
    Settings(SettingsError),
}

impl From<DbError> for NotSaved {
    fn from(error: DbError) -> Self {
        Self::Settings(error.into())
    }
}

impl From<SettingsError> for NotSaved {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

/// What was saved.
struct Saved {
    run: Option<SyncRunId>,
    on_probation: bool,
}

/// `POST /admin/{organization}/identity/preview`: saves the draft, if that does what was shown.
pub async fn save(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let texts = page::language(&request).texts();
    // Planned on a reader; the writer plans again only if anything was written meanwhile.
    let gateway = session::gateway(&request);
    let stamp = gateway.db.read(|tx| stamp(tx, &admin))?;
    let planned = previewed(&request, &admin).await?;
    let (seen, typed) = (posted.field("seen").to_owned(), posted.field("confirm").to_owned());
    let (editor, id, by) = (super::editor(&admin), admin.organization.id, admin.clone());
    let saved = change(&request, &admin, move |tx, context| -> Result<Saved, NotSaved> {
        let organization = store::organizations::by_id(tx, id)?.ok_or(NotSaved::NoDraft)?;
        let standing = Standing::read(tx, &organization, context.now)?;
        if is_locked(&standing, &organization) {
            return Err(NotSaved::Locked);
        }
        let current = if self::stamp(tx, &by)? == stamp {
            planned.clone()
        } else {
            work_out(tx, context, &organization, &editor)?
        };
        let Previewed { settings, foreseen, seen: current, .. } = current.ok_or(NotSaved::NoDraft)?;
        if store::probations::armed(tx, id)?.is_some() {
            return Err(NotSaved::OnProbation);
        }
        if current != seen {
            return Err(NotSaved::Moved);
        }
        if let Some(key) = guard(&foreseen)
            && typed != organization.name.trim()
        {
            return Err(NotSaved::NotTyped(key));
        }
        let after = settings.in_place_of(&organization);
        let run = membership::save_settings(tx, context, &after)?;
        let on_probation = !foreseen.takes_identity.is_empty();
        if on_probation {
            membership::put_on_probation(tx, context, &organization, &settings, run, &foreseen.takes_identity)?;
        }
        store::access_drafts::remove(tx, id, &editor)?;
        Ok(Saved { run, on_probation })
    });
    match saved.await {
        Ok(saved) => done(&request, &admin, saved).await,
        Err(NotSaved::NoDraft) => {
            let flash = Flash::new("flash-nothing", &[]).cookie(&request);
            Ok(page::see_other(&super::path(&admin), &[flash]))
        }
        Err(NotSaved::Moved) => page_of(&request, "", true, Problems::default()).await,
        Err(NotSaved::NotTyped(key)) => page_of(&request, "", false, Problems::one("confirm", texts.t(key))).await,
        Err(NotSaved::Locked) => refused(&request, "missing", texts.t("identity-locked").into_owned()).await,
        Err(NotSaved::OnProbation) => refused(&request, "probation", texts.t("on-probation").into_owned()).await,
        Err(NotSaved::Settings(error)) => {
            let key = match error {
                SettingsError::NotOffered(_) => "scim-not-offered",
                SettingsError::NoDomain => "missing-domain",
                SettingsError::NoConnection => "missing-test",
                SettingsError::NoDirectory => "scim-needs-request",
                SettingsError::NoSuchRole(_) | SettingsError::NoSuchSeat(_) => "problem-other-product",
                SettingsError::NoOrganization => return Err(Failure::NotFound),
                SettingsError::Db(error) => return Err(error.into()),
            };
            refused(&request, "mode", texts.t(key).into_owned()).await
        }
    }
}

/// What a preview rests on moves with the log and with the directory: whatever changes access leaves an event (rule B43), and every
/// sign-in does.
fn stamp(tx: &mut dyn crate::db::Tx, admin: &Admin) -> Result<(Option<i64>, i64), DbError> {
    let directory = store::directory::of_parent(tx, admin.organization.parent)?.map_or(0, |known| known.version);
    let newest = store::audit::newest_id(tx)?.map(|id| id.0);
    Ok((newest, directory))
}

async fn refused(request: &HttpRequest, field: &'static str, text: String) -> Result<HttpResponse, Failure> {
    let problems = Problems::one(field, text);
    form(request, NotTaken { problems, status: Some(StatusCode::CONFLICT), ..NotTaken::default() }).await
}

/// Carries the run out that comes with it, and tells what came of it.
async fn done(request: &HttpRequest, admin: &Admin, saved: Saved) -> Result<HttpResponse, Failure> {
    let flash = match saved.run {
        None => Flash::new("flash-saved", &[]),
        Some(run) => {
            let gateway = session::gateway(request);
            let runs = Runs {
                db: gateway.db.clone(),
                catalog: gateway.config.catalog.clone(),
                actor: actor(admin),
                from: Some(client::address(request, &Site::of(request).trusted_proxies)),
                now: gateway.now(),
            };
            // A run that is not waited for goes on; one that is cut off is finished by the cycle.
            let finished = tokio::task::spawn_blocking(move || runs.finish(run));
            match tokio::time::timeout(WAITS, finished).await {
                Ok(Ok(Ok(report))) => told(&report),
                Ok(Ok(Err(error))) => return Err(Failure::Internal(error.to_string())),
                Ok(Err(error)) => return Err(Failure::Internal(error.to_string())),
                Err(_) => Flash::new("flash-saved-under-way", &[]),
            }
        }
    };
    let here = super::path(admin);
    let there = if saved.on_probation { format!("{here}/confirm") } else { here };
    Ok(page::see_other(&there, &[flash.cookie(request)]))
}

fn told(report: &SyncReport) -> Flash {
    let counts = [report.counts.added, report.counts.updated, report.counts.removed, report.counts.waiting];
    let [added, updated, removed, waiting] = counts.map(|count| count.to_string());
    let ending = report.ending.to_string();
    match report.state {
        SyncState::Halted => Flash::new("flash-saved-halted", &[("ending", &ending)]),
        SyncState::Running => Flash::new("flash-saved-under-way", &[]),
        _ => Flash::new(
            "flash-saved-synced",
            &[("added", &added), ("updated", &updated), ("removed", &removed), ("waiting", &waiting)],
        ),
    }
}
