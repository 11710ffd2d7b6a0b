//! Runs of directory sync: *Sync now*, the cycle, and what a change of settings leads to (rule B35). Planned on a reader, written in
//! slices on the writer, so that nobody waits long. A slice decides anew about everybody in it, on the facts of the transaction
//! that writes: what moved since the plan is never written over. A run that was cut off is finished by the next cycle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::apply::Why;
use super::bindings::{Synced, is_synced};
use super::evaluation::{Concerned, Evaluation};
use super::plan::{Survey, Surveyed, survey};
use super::{Context, brake, journal};
use crate::audit::{Actor, Event};
use crate::clock::{Clock, Timestamp};
use crate::db::{Db, DbError, Tx};
use crate::ids::{DirectoryUserId, OrganizationId, PersonId, SyncRunId};
use crate::organization::{Organization, SyncCause, SyncCounts, SyncRun, SyncState};
use crate::product::Catalog;
use crate::provisioning::halts;
use crate::store;

/// How many people are written in one transaction.
const SLICE: usize = 200;
/// How often a run plans again because settings changed under it, before it is left to the cycle.
const PLANS: usize = 8;
/// A run without a sign of life for this long was cut off; the next cycle goes on with it.
pub const CUT_OFF: Duration = Duration::from_secs(60);

/// Runs of directory sync, with what they need. Every method blocks: for commands, and for threads that may.
#[derive(Clone)]
pub struct Runs {
    /// Where.
    pub db: Db,
    /// The products of this installation.
    pub catalog: Catalog,
    /// Who asks, for the audit log.
    pub actor: Actor,
    /// The client's address, where a request is behind it.
    pub from: Option<String>,
    /// The time: a run may take long, and says that it lives with each slice.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runs").field("db", &self.db).field("actor", &self.actor).finish_non_exhaustive()
    }
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncReport {
    /// The organization's slug.
    pub organization: String,
    /// The run.
    pub run: SyncRunId,
    /// How far it is.
    pub state: SyncState,
    /// What came of it.
    pub counts: SyncCounts,
    /// How many memberships it would end, where it waits for approval.
    pub ending: usize,
}

/// Why there is no run, or nothing is done about one.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Another mode.
    #[error("{0} does not use directory sync (SCIM); its mode is {1}")]
    NotSynced(String, &'static str),
    /// No such organization.
    #[error("this organization is gone")]
    NoOrganization,
    /// Another run than the one that was seen, or one that is under way.
    #[error("there is run {0} already")]
    Already(SyncRunId),
    /// No such run.
    #[error("there is no run {0}; `usher sync runs` lists the ones there are")]
    NoRun(SyncRunId),
    /// A run that nobody has to approve or dismiss.
    #[error("run {0} is {1}; only a halted one is approved or dismissed")]
    NotHalted(SyncRunId, &'static str),
    /// A run that did nothing, or was undone before.
    #[error("run {0} is {1}; only one that was carried out is undone")]
    NotDone(SyncRunId, &'static str),
    /// A run that is being taken back.
    #[error("run {0} is being undone; wait until that is over")]
    Undoing(SyncRunId),
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// What stops a slice: the settings changed, or somebody else ended the run.
enum Stop {
    Moved,
    Ended,
    Db(DbError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// When a run looks at somebody: the queue is served after the first two, so that nobody overtakes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Leaving,
    Staying,
    Coming,
}

/// Whom a slice looks at.
#[derive(Clone, Copy)]
struct Step {
    phase: Phase,
    user: Option<DirectoryUserId>,
    person: Option<PersonId>,
    may_end: bool,
}

/// What a run is about to do.
enum Planned {
    /// Too much at once.
    Halts(Vec<PersonId>),
    /// These, in this order; and whether some memberships were left for another run.
    Steps(Vec<Step>, bool),
}

impl Runs {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn context(&self) -> Context<'_> {
        Context {
            now: self.now(),
            catalog: &self.catalog,
            actor: self.actor.clone(),
            from: self.from.clone(),
            incident: None,
        }
    }

    pub(super) fn write<T, E>(
        &self,
        mut work: impl FnMut(&mut dyn Tx, &Context<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let runs = self.clone();
        self.db.write_alone_blocking(move |tx| work(tx, &runs.context()))
    }

    /// Evaluates the whole directory for an organization, and then for the parent's other organizations in a scim mode (rule B35).
    /// The reports come in that order. Not while a run of the organization is being taken back; another one where that is so comes
    /// later, with the cycle.
    pub fn sync_now(&self, organization: OrganizationId) -> Result<Vec<SyncReport>, SyncError> {
        self.begin_now(organization)?.into_iter().map(|run| self.finish(run)).collect()
    }

    /// Begins the runs of [`Runs::sync_now`], in its order; [`Runs::finish`] carries each out.
    pub fn begin_now(&self, organization: OrganizationId) -> Result<Vec<SyncRunId>, SyncError> {
        self.begin(organization, None)
    }

    /// As [`Runs::begin_now`], unless there is a later run than the one that was seen (0: none), or one is under way or being taken
    /// back.
    pub fn begin_after(&self, organization: OrganizationId, seen: SyncRunId) -> Result<Vec<SyncRunId>, SyncError> {
        self.begin(organization, Some(seen))
    }

    fn begin(&self, organization: OrganizationId, seen: Option<SyncRunId>) -> Result<Vec<SyncRunId>, SyncError> {
        self.write(move |tx, context| -> Result<Vec<SyncRunId>, SyncError> {
            let latest = store::sync_runs::latest(tx, organization, 1)?.pop();
            let under_way = |run: &&SyncRun| run.state == SyncState::Running && !run.is_cut_off(context.now, CUT_OFF);
            if let Some(seen) = seen {
                let other = latest.filter(|latest| latest.id != seen);
                let open = store::sync_runs::open(tx, organization)?;
                if let Some(run) = other.as_ref().or(open.iter().find(under_way)) {
                    return Err(SyncError::Already(run.id));
                }
            }
            if let Some(run) = being_undone(tx, context, organization)? {
                return Err(seen.map_or(SyncError::Undoing(run), |_| SyncError::Already(run)));
            }
            let asked = store::organizations::by_id(tx, organization)?.ok_or(SyncError::NoOrganization)?;
            if !is_synced(&asked) {
                return Err(SyncError::NotSynced(asked.slug.to_string(), asked.mode.as_str()));
            }
            let others = store::organizations::of_parent(tx, asked.parent)?;
            let others = others.into_iter().filter(|other| other.id != asked.id && is_synced(other));
            let mut runs = Vec::new();
            for organization in std::iter::once(asked.clone()).chain(others) {
                if being_undone(tx, context, organization.id)?.is_some() {
                    store::organizations::set_sync_pending(tx, organization.id, true)?;
                    continue;
                }
                runs.push(begin(tx, context, &organization, SyncCause::SyncNow)?);
            }
            Ok(runs)
        })
    }

    /// What the automatic cycle does: goes on with runs, and with taking one back, where that was cut off; admits whoever waits
    /// although a seat is free; and looks again at what is halted once the directory has changed. Where nothing is pending it does
    /// nothing. What fails in one organization keeps no other one waiting: the first error comes at the end.
    pub fn cycle(&self) -> Result<Vec<SyncReport>, SyncError> {
        let (organizations, undoing) = self.db.read(|tx| -> Result<_, DbError> {
            let (mut synced, mut undoing) = (Vec::new(), Vec::new());
            for parent in store::organizations::parents(tx)? {
                for organization in store::organizations::of_parent(tx, parent.id)? {
                    undoing.extend(store::sync_runs::undoing(tx, organization.id)?);
                    synced.extend(is_synced(&organization).then_some(organization));
                }
            }
            Ok((synced, undoing))
        })?;
        let mut failed = None;
        for run in undoing.iter().filter(|run| !run.is_undoing(self.now(), CUT_OFF)) {
            match self.undo(run.id) {
                Ok(_) | Err(SyncError::Undoing(_) | SyncError::NotDone(..)) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        let mut reports = Vec::new();
        for organization in organizations {
            let pending = self.pending(&organization);
            match pending.and_then(|run| run.map(|run| self.finish(run)).transpose()) {
                Ok(report) => reports.extend(report),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(reports), Err)
    }

    /// The run with which the cycle has to go on in an organization, or one that it begins; `None` where nothing is pending.
    fn pending(&self, organization: &Organization) -> Result<Option<SyncRunId>, SyncError> {
        let (open, standing, version, somebody_waits, undoing) = self.db.read(|tx| -> Result<_, DbError> {
            let open = store::sync_runs::open(tx, organization.id)?;
            let undoing = !store::sync_runs::undoing(tx, organization.id)?.is_empty();
            let standing = store::organizations::sync_standing(tx, organization.id)?;
            let context = self.context();
            let waits = super::waiting::next(tx, &context, organization, 0)?.is_some()
                || super::waiting::next_deferred(tx, &context, organization, 0)?.is_some();
            Ok((open, standing, brake::directory_version(tx, organization.parent)?, waits, undoing))
        })?;
        if undoing {
            return Ok(None);
        }
        if let Some(running) = open.iter().find(|run| run.state == SyncState::Running) {
            return Ok((running.is_cut_off(self.now(), CUT_OFF)).then_some(running.id));
        }
        let begins = if open.is_empty() {
            standing.pending || somebody_waits
        } else {
            open.iter().any(|run| run.directory_version != version) && self.halted_otherwise(organization, &open)?
        };
        if !begins {
            return Ok(None);
        }
        let organization = organization.clone();
        Ok(Some(self.write(move |tx, context| begin(tx, context, &organization, SyncCause::Cycle))?))
    }

    /// Whether the directory now asks for other memberships to end than those that wait for approval. If not, the halted runs stay.
    fn halted_otherwise(&self, organization: &Organization, halted: &[SyncRun]) -> Result<bool, SyncError> {
        let (ending, listed, version) = self.db.read(|tx| -> Result<_, DbError> {
            let synced = Synced::read(tx, organization.clone())?;
            let survey = survey(tx, &self.context(), &synced)?;
            let held = turned_down(tx, organization.id)?;
            let ending: BTreeSet<PersonId> =
                survey.people.iter().filter(|one| one.ends()).filter_map(|one| one.person).collect();
            let mut listed = BTreeSet::new();
            for run in halted {
                listed.extend(store::sync_changes::listed(tx, run.id)?);
            }
            Ok((ending.difference(&held).copied().collect::<BTreeSet<_>>(), listed, survey.directory_version))
        })?;
        if ending != listed {
            return Ok(true);
        }
        let runs: Vec<SyncRunId> = halted.iter().map(|run| run.id).collect();
        self.write(move |tx, _| -> Result<(), DbError> {
            runs.iter().try_for_each(|run| store::sync_runs::set_directory_version(tx, *run, version))
        })?;
        Ok(false)
    }

    /// Lets a halted run go on: everything is evaluated anew, and the memberships it lists end if the directory still says so.
    pub fn approve(&self, run: SyncRunId) -> Result<SyncReport, SyncError> {
        self.write(move |tx, context| -> Result<(), SyncError> {
            let halted = halted(tx, run)?;
            store::sync_runs::approve(tx, run, &context.actor.to_string(), context.now)?;
            record(tx, context, &halted, Event::SyncApproved { run })
        })?;
        self.finish(run)
    }

    /// Turns a halted run down. What it would have ended stands until the next run that somebody asks for, or until the identity
    /// provider takes something from that very person.
    pub fn dismiss(&self, run: SyncRunId) -> Result<(), SyncError> {
        self.write(move |tx, context| {
            let halted = halted(tx, run)?;
            store::sync_runs::set_state(tx, run, SyncState::Dismissed, context.now)?;
            store::organizations::set_sync_pending(tx, halted.organization, true)?;
            record(tx, context, &halted, Event::SyncDismissed { run })
        })
    }

    /// Carries a run out that has begun, or goes on with one that was cut off.
    pub fn finish(&self, run: SyncRunId) -> Result<SyncReport, SyncError> {
        for _ in 0..PLANS {
            let (known, plan) = self.plan(run)?;
            let Some((organization, version, planned)) = plan else { break };
            let done = match planned {
                Planned::Halts(leaving) => self.halt(&known, &organization, version, leaving),
                Planned::Steps(steps, leaves_some) => {
                    self.carry_out(&known, &organization, version, &steps, leaves_some)
                }
            };
            match done {
                Ok(()) | Err(Stop::Ended) => break,
                Err(Stop::Moved) => {}
                Err(Stop::Db(error)) => return Err(error.into()),
            }
        }
        self.report(run)
    }

    /// Works out what a run does. No plan for a run that has ended, or whose organization has another mode by now.
    #[expect(clippy::type_complexity, reason = "one caller, and each part is looked at there")]
    fn plan(&self, run: SyncRunId) -> Result<(SyncRun, Option<(Organization, i64, Planned)>), SyncError> {
        let planned = self.db.read(|tx| -> Result<_, SyncError> {
            let known = store::sync_runs::by_id(tx, run)?.ok_or(SyncError::NoRun(run))?;
            let organization = store::organizations::by_id(tx, known.organization)?.ok_or(SyncError::NoOrganization)?;
            if known.state != SyncState::Running || !is_synced(&organization) {
                return Ok((known, None));
            }
            let context = self.context();
            let synced = Synced::read(tx, organization.clone())?;
            let survey = survey(tx, &context, &synced)?;
            let allowed = Allowed::of(tx, &known)?;
            let product = context.product(&organization)?;
            let standing = store::organizations::sync_standing(tx, organization.id)?.members;
            let ending: Vec<&Surveyed> =
                survey.people.iter().filter(|one| one.ends() && allowed.includes(one)).collect();
            let configures = ending.iter().any(|one| one.configures(product));
            let planned = if !allowed.approved() && halts(standing, ending.len(), configures) {
                Planned::Halts(ending.iter().filter_map(|one| one.person).collect())
            } else {
                steps(&survey, &allowed)
            };
            Ok((known, Some((organization, survey.organization_version, planned))))
        })?;
        if let (known, None) = &planned
            && known.state == SyncState::Running
        {
            let run = known.id;
            self.write(move |tx, context| store::sync_runs::set_state(tx, run, SyncState::Superseded, context.now))?;
        }
        Ok(planned)
    }

    fn halt(
        &self,
        run: &SyncRun,
        organization: &Organization,
        version: i64,
        leaving: Vec<PersonId>,
    ) -> Result<(), Stop> {
        let (run, organization) = (run.clone(), organization.clone());
        self.write(move |tx, context| {
            check(tx, &run, version)?;
            let synced = Synced::read(tx, organization.clone())?;
            let directory = brake::directory_version(tx, organization.parent)?;
            store::sync_runs::set_directory_version(tx, run.id, directory)?;
            brake::halt(tx, context, &synced, run.cause, Some(run.id), leaving.iter().copied())?;
            Ok(())
        })
    }

    fn carry_out(
        &self,
        run: &SyncRun,
        organization: &Organization,
        version: i64,
        steps: &[Step],
        leaves_some: bool,
    ) -> Result<(), Stop> {
        let (known, ahead) = (run.clone(), steps.len() as u64);
        self.write(move |tx, context| {
            check(tx, &known, version)?;
            Ok::<_, Stop>(store::sync_runs::set_ahead(tx, known.id, ahead, context.now)?)
        })?;
        let mut left = leaves_some;
        for phase in steps.chunk_by(|one, next| one.phase == next.phase) {
            for slice in phase.chunks(SLICE) {
                left |= self.slice(run, organization, version, slice)?;
            }
            if phase.first().is_some_and(|step| step.phase != Phase::Coming) {
                left |= self.serve_the_queue(run, organization, version)?;
            }
        }
        // Seats that others freed meanwhile.
        left |= self.serve_the_queue(run, organization, version)?;
        let run = run.clone();
        self.write(move |tx, context| {
            check(tx, &run, version)?;
            end(tx, context, &run, left)?;
            Ok(())
        })
    }

    /// Looks at these people. Returns whether somebody's membership was left for another run.
    fn slice(&self, run: &SyncRun, organization: &Organization, version: i64, steps: &[Step]) -> Result<bool, Stop> {
        let (run, organization, steps) = (run.clone(), organization.clone(), steps.to_vec());
        self.write(move |tx, context| {
            check(tx, &run, version)?;
            let synced = Synced::read(tx, organization.clone())?;
            let mut evaluation = Evaluation::new(tx, context, &synced, Why::Sync);
            evaluation.notes = Some(Vec::new());
            for step in &steps {
                let found = Concerned::find(evaluation.tx, &synced, step.user, step.person, step.may_end)?;
                if let Some(mut concerned) = found {
                    evaluation.one(&mut concerned)?;
                }
            }
            progress(evaluation, &run, steps.len())
        })
    }

    /// Serves whoever waits for a free seat. Returns whether somebody's membership was left for another run.
    fn serve_the_queue(&self, run: &SyncRun, organization: &Organization, version: i64) -> Result<bool, Stop> {
        let mut left = false;
        loop {
            let (run, organization) = (run.clone(), organization.clone());
            let (more, left_some) = self.write(move |tx, context| -> Result<_, Stop> {
                check(tx, &run, version)?;
                let synced = Synced::read(tx, organization.clone())?;
                let mut evaluation = Evaluation::new(tx, context, &synced, Why::Sync);
                evaluation.notes = Some(Vec::new());
                let more = evaluation.serve_at_most(SLICE)?;
                Ok((more, progress(evaluation, &run, 0)?))
            })?;
            left |= left_some;
            if !more {
                return Ok(left);
            }
        }
    }

    fn report(&self, run: SyncRunId) -> Result<SyncReport, SyncError> {
        self.db.read(|tx| {
            let known = store::sync_runs::by_id(tx, run)?.ok_or(SyncError::NoRun(run))?;
            let organization = store::organizations::by_id(tx, known.organization)?.ok_or(SyncError::NoOrganization)?;
            let ending = match known.state {
                SyncState::Halted => store::sync_changes::listed(tx, run)?.len(),
                _ => 0,
            };
            let organization = organization.slug.to_string();
            Ok(SyncReport { organization, run, state: known.state, counts: known.counts, ending })
        })
    }
}

/// Begins a run; halted ones of the organization give way to it. [`Runs::finish`] carries it out, or the cycle does.
pub(super) fn begin(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    cause: SyncCause,
) -> Result<SyncRunId, DbError> {
    brake::supersede(tx, context, organization.id, false)?;
    let version = brake::directory_version(tx, organization.parent)?;
    store::sync_runs::begin(tx, organization.id, cause, &context.actor.to_string(), version, context.now)
}

fn halted(tx: &mut dyn Tx, run: SyncRunId) -> Result<SyncRun, SyncError> {
    let known = store::sync_runs::by_id(tx, run)?.ok_or(SyncError::NoRun(run))?;
    if known.state == SyncState::Halted { Ok(known) } else { Err(SyncError::NotHalted(run, known.state.as_str())) }
}

pub(super) fn record(tx: &mut dyn Tx, context: &Context<'_>, run: &SyncRun, event: Event) -> Result<(), SyncError> {
    let organization = store::organizations::by_id(tx, run.organization)?.ok_or(SyncError::NoOrganization)?;
    Ok(context.record(tx, Some(organization.parent), Some(organization.id), event)?)
}

/// Whose memberships a run may end.
enum Allowed {
    /// Everybody's: somebody asked for the run.
    All,
    /// Theirs: somebody approved of the list.
    Listed(BTreeSet<PersonId>),
    /// Everybody's but theirs, which were turned down or given back: a cycle does not bring that up again.
    AllBut(BTreeSet<PersonId>),
}

impl Allowed {
    fn of(tx: &mut dyn Tx, run: &SyncRun) -> Result<Self, DbError> {
        Ok(match run.cause {
            _ if run.approved_by.is_some() => {
                Self::Listed(store::sync_changes::listed(tx, run.id)?.into_iter().collect())
            }
            SyncCause::SyncNow | SyncCause::Save | SyncCause::File | SyncCause::Push => Self::All,
            SyncCause::Cycle => Self::AllBut(turned_down(tx, run.organization)?),
        })
    }

    fn approved(&self) -> bool {
        matches!(self, Self::Listed(_))
    }

    fn includes(&self, one: &Surveyed) -> bool {
        match (self, one.person) {
            (Self::All, _) => true,
            (Self::Listed(listed), Some(person)) => listed.contains(&person),
            (Self::AllBut(held), Some(person)) => !held.contains(&person),
            (Self::Listed(_) | Self::AllBut(_), None) => false,
        }
    }
}

/// Who is held by a run that was turned down or undone, or is being undone.
fn turned_down(tx: &mut dyn Tx, organization: OrganizationId) -> Result<BTreeSet<PersonId>, DbError> {
    held_by(tx, organization, |run| {
        matches!(run.state, SyncState::Dismissed | SyncState::Undone) || run.undoing().is_some()
    })
}

/// Who is held by such a run.
fn held_by(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    such: impl Fn(&SyncRun) -> bool,
) -> Result<BTreeSet<PersonId>, DbError> {
    let mut held = BTreeSet::new();
    let mut known: BTreeMap<SyncRunId, bool> = BTreeMap::new();
    for (person, id) in store::sync_holds::of_organization(tx, organization)? {
        let holds = match known.get(&id) {
            Some(holds) => *holds,
            None => store::sync_runs::by_id(tx, id)?.is_some_and(|run| such(&run)),
        };
        known.insert(id, holds);
        if holds {
            held.insert(person);
        }
    }
    Ok(held)
}

/// The run of an organization that somebody is taking back just now.
fn being_undone(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: OrganizationId,
) -> Result<Option<SyncRunId>, DbError> {
    let undoing = store::sync_runs::undoing(tx, organization)?;
    Ok(undoing.iter().find(|run| run.is_undoing(context.now, CUT_OFF)).map(|run| run.id))
}

fn steps(survey: &Survey, allowed: &Allowed) -> Planned {
    let mut left = false;
    let mut steps = Vec::new();
    for one in survey.people.iter().filter(|one| one.moves) {
        let may_end = one.ends() && allowed.includes(one);
        if one.ends() && !may_end {
            left |= allowed.approved();
        } else {
            let phase = match &one.member {
                Some(_) if one.ends() => Phase::Leaving,
                Some(_) => Phase::Staying,
                None => Phase::Coming,
            };
            steps.push(Step { phase, user: one.user, person: one.person, may_end });
        }
    }
    Planned::Steps(steps, left)
}

/// The settings are those of the plan, and nobody ended the run.
fn check(tx: &mut dyn Tx, run: &SyncRun, version: i64) -> Result<(), Stop> {
    let state = store::sync_runs::by_id(tx, run.id)?.map(|run| run.state);
    if state != Some(SyncState::Running) {
        return Err(Stop::Ended);
    }
    if store::organizations::sync_standing(tx, run.organization)?.version != version {
        return Err(Stop::Moved);
    }
    Ok(())
}

/// Keeps what a slice of so many people did. Returns whether somebody's membership was left for another run.
fn progress(evaluation: Evaluation<'_>, run: &SyncRun, looked_at: usize) -> Result<bool, Stop> {
    let Evaluation { tx, context, counts, admitted, left_alone, notes, .. } = evaluation;
    journal::keep(tx, run.id, &notes.unwrap_or_default())?;
    let waiting = u32::try_from(store::waiting::count(tx, run.organization)?).unwrap_or(u32::MAX);
    let counts = SyncCounts { added: counts.added + admitted, waiting, ..counts };
    store::sync_runs::progress(tx, run.id, &counts, looked_at as u64, context.now)?;
    Ok(left_alone > 0)
}

fn end(tx: &mut dyn Tx, context: &Context<'_>, run: &SyncRun, left: bool) -> Result<(), DbError> {
    let state = if run.approved_by.is_some() { SyncState::Approved } else { SyncState::Done };
    store::sync_runs::set_state(tx, run.id, state, context.now)?;
    store::organizations::set_sync_pending(tx, run.organization, left)?;
    if !left {
        // Whoever asked for a run asked that it ends what was held before; not what is given back beside it.
        let kept = match run.cause {
            SyncCause::Cycle => turned_down(tx, run.organization)?,
            SyncCause::SyncNow | SyncCause::Save | SyncCause::File | SyncCause::Push => {
                held_by(tx, run.organization, |run| run.undoing().is_some())?
            }
        };
        for (person, _) in store::sync_holds::of_organization(tx, run.organization)? {
            if !kept.contains(&person) {
                store::sync_holds::release(tx, run.organization, person)?;
            }
        }
    }
    let Some(run) = store::sync_runs::by_id(tx, run.id)? else { return Ok(()) };
    let SyncCounts { added, updated, removed, waiting } = run.counts;
    let cause = run.cause.as_str();
    let event = Event::SyncDone { run: run.id, cause, added, updated, removed, waiting };
    let parent = store::organizations::by_id(tx, run.organization)?.map(|organization| organization.parent);
    context.record(tx, parent, Some(run.organization), event)
}

#[cfg(test)]
mod tests;
