use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::kept::{self, Now, Previewed, Previews};
use super::preview::{Asked, nothing, page_of, under_way};
use super::show::{NotTaken, form, is_locked};
use super::standing::Standing;
use crate::db::DbError;
use crate::ids::SyncRunId;
use crate::membership::{self, SettingsError, SyncReport};
use crate::organization::SyncState;
use crate::session::Admin;
use crate::settings::change::change;
use crate::settings::problems::Problems;
use crate::settings::runs::runs;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page;

/// How long an answer waits for a run, and before that for a preview. It goes on without, and a page tells how far it is.
const WAITS: Duration = Duration::from_secs(8);

/// How often a preview is worked out again because something moved under it, before it is shown again. Not on the writer: nobody
/// waits for it.
const ROUNDS: usize = 4;

/// Why nothing was saved.
enum NotSaved {
    /// There is no draft: saved already, or discarded.
    NoDraft,
    /// Something moved since the preview was worked out: perhaps something else would happen.
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
    let seen = posted.field("seen");
    for round in 0..ROUNDS {
        // First what was shown; if it no longer stands, what there is now.
        let mark = (round == 0).then(|| seen.get(..16).unwrap_or_default());
        let shown = match kept::look_for(&request, &admin, mark, WAITS).await? {
            Now::Ready(shown) => shown,
            Now::NoDraft => return Ok(nothing(&request, &admin)),
            Now::UnderWay(work) => {
                return under_way(&request, &admin, &work, &Asked::default(), Some("preview-not-saved-yet"));
            }
        };
        if shown.seen != seen {
            break;
        }
        match save_what_was_shown(&request, &admin, shown, posted.field("confirm")).await {
            Ok(saved) => {
                Previews::of(&request).forget(&admin);
                return done(&request, &admin, saved).await;
            }
            Err(NotSaved::Moved) => {}
            Err(error) => return not_saved(&request, &admin, error).await,
        }
    }
    page_of(&request, &Asked::default(), Some("preview-moved"), Problems::default()).await
}

/// In one transaction, in which what was shown still stands.
async fn save_what_was_shown(
    request: &HttpRequest,
    admin: &Admin,
    shown: Arc<Previewed>,
    typed: &str,
) -> Result<Saved, NotSaved> {
    let (typed, editor, id) = (typed.to_owned(), super::editor(admin), admin.organization.id);
    let saved = change(request, admin, move |tx, context| -> Result<Saved, NotSaved> {
        let organization = store::organizations::by_id(tx, id)?.ok_or(NotSaved::NoDraft)?;
        let standing = Standing::read(tx, &organization, context.now)?;
        if is_locked(&standing, &organization) {
            return Err(NotSaved::Locked);
        }
        let (draft, _) = store::access_drafts::find(tx, id, &editor)?.ok_or(NotSaved::NoDraft)?;
        if store::probations::armed(tx, id)?.is_some() {
            return Err(NotSaved::OnProbation);
        }
        let Previewed { settings, foreseen, guard, .. } = shown.as_ref();
        if draft != *settings || !foreseen.footing.still_stands(tx, context)? {
            return Err(NotSaved::Moved);
        }
        if let Some(key) = *guard
            && typed != organization.name.trim()
        {
            return Err(NotSaved::NotTyped(key));
        }
        let after = settings.in_place_of(&organization);
        let run = membership::save_settings(tx, context, &after)?;
        let on_probation = !foreseen.takes_identity.is_empty();
        if on_probation {
            membership::put_on_probation(tx, context, &organization, settings, run, &foreseen.takes_identity)?;
        }
        store::access_drafts::remove(tx, id, &editor)?;
        Ok(Saved { run, on_probation })
    });
    saved.await
}

async fn not_saved(request: &HttpRequest, admin: &Admin, error: NotSaved) -> Result<HttpResponse, Failure> {
    let texts = page::language(request).texts();
    match error {
        NotSaved::NoDraft => Ok(nothing(request, admin)),
        NotSaved::Moved => page_of(request, &Asked::default(), Some("preview-moved"), Problems::default()).await,
        NotSaved::NotTyped(key) => {
            page_of(request, &Asked::default(), None, Problems::one("confirm", texts.t(key))).await
        }
        NotSaved::Locked => refused(request, "missing", texts.t("identity-locked").into_owned()).await,
        NotSaved::OnProbation => refused(request, "probation", texts.t("on-probation").into_owned()).await,
        NotSaved::Settings(error) => {
            let key = match error {
                SettingsError::NotOffered(_) => "scim-not-offered",
                SettingsError::NoDomain => "missing-domain",
                SettingsError::NoConnection => "missing-test",
                SettingsError::NoDirectory => "scim-needs-request",
                SettingsError::NoSuchRole(_) | SettingsError::NoSuchSeat(_) => "problem-other-product",
                SettingsError::NoOrganization => return Err(Failure::NotFound),
                SettingsError::Db(error) => return Err(error.into()),
            };
            refused(request, "mode", texts.t(key).into_owned()).await
        }
    }
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
            let runs = runs(request, admin);
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
