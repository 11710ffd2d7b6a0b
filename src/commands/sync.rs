use serde_json::{Value, json};

use super::output::{Failure, chain, remark, say};
use super::setting::{self, Setting};
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::ids::{PersonId, SyncRunId};
use crate::membership::{Runs, SyncError, SyncReport};
use crate::organization::{Image, Organization, SyncCounts, SyncRun, SyncState};
use crate::store;

/// How many runs of an organization are listed.
const LATEST: u32 = 20;
/// How many people are read at a time.
const PAGE: u32 = 500;

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        Self::Failed(chain(&error))
    }
}

fn of(config: &Config, db: &Db) -> Runs {
    let (db, catalog, clock) = (db.clone(), config.catalog.clone(), setting::clock());
    Runs { db, catalog, actor: setting::actor(), from: None, clock }
}

fn open(setting: &Setting) -> Result<(Runs, Db), Failure> {
    let config = setting.load()?;
    let db = setting::existing(&config)?;
    Ok((of(&config, &db), db))
}

fn organization(db: &Db, text: &str) -> Result<Organization, Failure> {
    let slug = setting::slug(text)?;
    let found: Option<Organization> = db.read::<_, Failure>(|tx| Ok(store::organizations::by_slug(tx, &slug)?))?;
    found.ok_or_else(|| {
        Failure::failed(format!("there is no organization {slug}; usher export lists the ones there are"))
    })
}

/// What a run came to, in one line.
pub(super) fn report_words(report: &SyncReport) -> String {
    let SyncReport { organization, run, state, counts, ending } = report;
    let counted = counts_words(counts);
    match state {
        SyncState::Halted => format!(
            "{organization}: halted; it would end {ending} memberships, or one of somebody who may configure. Look with `usher sync show {run}`, then `usher sync approve {run}` or `usher sync dismiss {run}`"
        ),
        SyncState::Running => {
            format!("{organization}: run {run} is not complete ({counted}); the next cycle goes on with it")
        }
        SyncState::Done | SyncState::Approved | SyncState::Dismissed | SyncState::Superseded | SyncState::Undone => {
            format!("{organization}: {counted} (run {run}, {})", state.as_str())
        }
    }
}

fn counts_words(counts: &SyncCounts) -> String {
    let SyncCounts { added, updated, removed, waiting } = counts;
    format!("{added} added, {updated} updated, {removed} removed, {waiting} waiting")
}

fn report_json(report: &SyncReport) -> Value {
    let SyncCounts { added, updated, removed, waiting } = report.counts;
    json!({
        "organization": report.organization, "run": report.run.0, "state": report.state.as_str(), "added": added,
        "updated": updated, "removed": removed, "waiting": waiting, "needs_approval": report.ending,
    })
}

fn tell(report: &SyncReport, json: bool) {
    say(&if json { report_json(report).to_string() } else { report_words(report) });
}

pub(super) fn now(setting: &Setting, slug: &str, json: bool) -> Result<(), Failure> {
    let (runs, db) = open(setting)?;
    let organization = organization(&db, slug)?;
    let reports = runs.sync_now(organization.id)?;
    reports.iter().for_each(|report| tell(report, json));
    Ok(())
}

pub(super) fn runs(setting: &Setting, slug: Option<&str>, json: bool) -> Result<(), Failure> {
    let (_, db) = open(setting)?;
    let organizations = match slug {
        Some(slug) => vec![organization(&db, slug)?],
        None => db.read(|tx| -> Result<Vec<Organization>, DbError> {
            let mut all = Vec::new();
            for parent in store::organizations::parents(tx)? {
                all.extend(store::organizations::of_parent(tx, parent.id)?);
            }
            Ok(all)
        })?,
    };
    let mut any = false;
    for organization in organizations {
        let latest = db.read(|tx| store::sync_runs::latest(tx, organization.id, LATEST))?;
        any |= !latest.is_empty();
        for run in latest {
            say(&if json { run_json(&organization, &run).to_string() } else { run_words(&organization, &run) });
        }
    }
    if !any {
        remark("no run so far; usher sync now --organization SLUG begins one");
    }
    Ok(())
}

fn run_words(organization: &Organization, run: &SyncRun) -> String {
    let SyncRun { id, cause, state, started_at, actor, counts, .. } = run;
    let (slug, cause, state) = (&organization.slug, cause.as_str(), state.as_str());
    format!("{id}  {started_at}  {slug}  {cause} by {actor}  {state}  {}", counts_words(counts))
}

fn run_json(organization: &Organization, run: &SyncRun) -> Value {
    let SyncCounts { added, updated, removed, waiting } = run.counts;
    json!({
        "run": run.id.0, "organization": organization.slug.as_str(), "cause": run.cause.as_str(), "actor": run.actor,
        "state": run.state.as_str(), "approved_by": run.approved_by, "started_at": run.started_at.to_string(),
        "finished_at": run.finished_at.map(|at| at.to_string()), "added": added, "updated": updated,
        "removed": removed, "waiting": waiting,
    })
}

fn image_words(image: &Image) -> String {
    let standing = match &image.member {
        Some(member) if member.is_active() => {
            format!("{}/{}", member.role, member.seat.as_ref().map_or("-", |seat| seat.as_str()))
        }
        Some(_) => "ended".to_owned(),
        None => "stranger".to_owned(),
    };
    match &image.queued {
        Some(_) => format!("{standing}, waiting"),
        None => standing,
    }
}

pub(super) fn show(setting: &Setting, run: i64, json: bool) -> Result<(), Failure> {
    let (_, db) = open(setting)?;
    let run = SyncRunId(run);
    let known = db.read(|tx| store::sync_runs::by_id(tx, run))?;
    let known = known.ok_or(SyncError::NoRun(run))?;
    let organization = db.read(|tx| store::organizations::by_id(tx, known.organization))?;
    let organization = organization.ok_or(SyncError::NoOrganization)?;
    if !json {
        say(&run_words(&organization, &known));
    }
    let mut after = PersonId(0);
    loop {
        let page = db.read(|tx| store::sync_changes::page(tx, run, after, PAGE))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.person;
        for change in &page {
            let person = db.read(|tx| store::people::by_id(tx, change.person))?;
            let email = person.map_or_else(|| format!("person {}", change.person), |person| person.email.to_string());
            let (before, now) = (image_words(&change.before), change.after.as_ref().map(image_words));
            if json {
                say(&json!({ "email": email, "before": before, "after": now }).to_string());
            } else {
                let now = now.unwrap_or_else(|| "would end".to_owned());
                say(&format!("  {email}: {before} -> {now}"));
            }
        }
    }
}

pub(super) fn approve(setting: &Setting, run: i64, json: bool) -> Result<(), Failure> {
    let (runs, _) = open(setting)?;
    tell(&runs.approve(SyncRunId(run))?, json);
    Ok(())
}

pub(super) fn dismiss(setting: &Setting, run: i64) -> Result<(), Failure> {
    let (runs, _) = open(setting)?;
    runs.dismiss(SyncRunId(run))?;
    say(&format!("run {run} is dismissed; the memberships it lists stand until the next run that somebody asks for"));
    Ok(())
}

pub(super) fn undo(setting: &Setting, run: i64, json: bool) -> Result<(), Failure> {
    let (runs, db) = open(setting)?;
    let undone = runs.undo(SyncRunId(run))?;
    let mut left = Vec::new();
    for (person, why) in &undone.left {
        let person = db.read(|tx| store::people::by_id(tx, *person))?;
        left.push((person.map_or_else(String::new, |person| person.email.to_string()), why.to_string()));
    }
    if json {
        let left: Vec<Value> = left.iter().map(|(email, why)| json!({ "email": email, "why": why })).collect();
        say(&json!({ "run": run, "restored": undone.restored, "left": left }).to_string());
        return Ok(());
    }
    say(&format!("run {run} is undone: {} stand as before", undone.restored));
    left.iter().for_each(|(email, why)| say(&format!("  {email} is left as is: {why}")));
    remark("The directory still says what it says: correct it, or the mappings, before the next sync.");
    Ok(())
}
