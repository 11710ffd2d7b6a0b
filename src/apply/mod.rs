//! Brings the database to what an organizations file declares, and writes the present state as such a file.
//! Works out the differences and writes them in the same transaction; a plan is that transaction, taken back. Owns no SQL and no rule.

mod connections;
mod effects;
mod export;
mod members;
mod organizations;
mod parents;
mod plan;
mod request;

pub use effects::{EffectKind, OrganizationEffects, PersonEffect};
pub use export::export;
pub use plan::{Action, Line, Plan};
pub use request::Request;

use std::sync::Arc;

use crate::audit::{Actor, Event};
use crate::clock::{SystemClock, Timestamp};
use crate::db::{Db, DbError, Tx};
use crate::ids::{OrganizationId, ParentId, SyncRunId};
use crate::membership::{Context, Runs, SyncError, SyncReport};
use crate::product::Catalog;

/// Who applies what, and when.
#[derive(Clone, Debug)]
pub struct Apply {
    /// What the file says, with everything it refers to.
    pub request: Request,
    /// Take away what the file no longer names.
    pub prune: bool,
    /// The products of this installation.
    pub catalog: Catalog,
    /// Who, for the audit log.
    pub actor: Actor,
    /// The moment.
    pub now: Timestamp,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Rules or facts stand against it: all of them.
    #[error("{}", .0.join("\n"))]
    Refused(Vec<String>),
    /// What would happen is no longer what was shown.
    #[error("the state has changed since the plan was shown; look at the new plan and confirm again")]
    Moved(Box<Plan>),
    /// The file is applied; what follows from the directory is not carried out yet.
    #[error(
        "the file is applied, but its effects on people in the directory are not complete; the server's next cycle goes on"
    )]
    Unfinished(#[source] SyncError),
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// What ends the transaction of a plan: never seen outside.
enum Stop {
    Planned(Box<Plan>),
    Failed(ApplyError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Failed(error.into())
    }
}

impl Apply {
    /// What would change. Writes nothing. Blocks: for commands.
    pub fn plan(&self, db: &Db) -> Result<Plan, ApplyError> {
        let apply = self.clone();
        let stopped = db.write_blocking(move |tx| -> Result<(), Stop> {
            let (planned, _) = apply.in_transaction(tx).map_err(Stop::Failed)?;
            Err(Stop::Planned(Box::new(planned)))
        });
        match stopped {
            Ok(()) => Err(DbError::Panicked.into()),
            Err(Stop::Planned(plan)) => Ok(*plan),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Does it, if it still is what was `shown`. What the directory leads to in organizations in a scim mode comes right after, in
    /// slices (rule B34 may halt it); a run that is cut off is finished by the server's next cycle. Blocks: for commands.
    pub fn apply(&self, db: &Db, shown: &Plan) -> Result<Vec<SyncReport>, ApplyError> {
        let (apply, shown) = (self.clone(), shown.clone());
        let begun = db.write_blocking(move |tx| {
            let (done, runs) = apply.in_transaction(tx)?;
            if done == shown { Ok(runs) } else { Err(ApplyError::Moved(Box::new(done))) }
        })?;
        let runs = Runs {
            db: db.clone(),
            catalog: self.catalog.clone(),
            actor: self.actor.clone(),
            from: None,
            clock: Arc::new(SystemClock),
        };
        begun.into_iter().map(|run| runs.finish(run).map_err(ApplyError::Unfinished)).collect()
    }

    /// Does it within a transaction of the caller's, who rolls back on `Err`; and which runs of directory sync it begins.
    fn in_transaction(&self, tx: &mut dyn Tx) -> Result<(Plan, Vec<SyncRunId>), ApplyError> {
        let context =
            Context { now: self.now, catalog: &self.catalog, actor: self.actor.clone(), from: None, incident: None };
        let mut work = Work { tx, context, apply: self, plan: Plan::default(), refused: Vec::new(), runs: Vec::new() };
        for parent in &self.request.declared.parents {
            work.parent(parent)?;
        }
        if work.refused.is_empty() { Ok((work.plan, work.runs)) } else { Err(ApplyError::Refused(work.refused)) }
    }
}

/// The work of one run.
struct Work<'a> {
    tx: &'a mut dyn Tx,
    context: Context<'a>,
    apply: &'a Apply,
    plan: Plan,
    refused: Vec<String>,
    /// Runs of directory sync that begin with it.
    runs: Vec<SyncRunId>,
}

impl Work<'_> {
    fn record(&mut self, parent: ParentId, organization: Option<OrganizationId>, event: Event) -> Result<(), DbError> {
        self.context.record(self.tx, Some(parent), organization, event)
    }

    fn refuse(&mut self, why: impl Into<String>) {
        self.refused.push(why.into());
    }
}

/// `a -> b` for each thing that differs, and both sides for the audit log.
#[derive(Default)]
struct Differences {
    shown: Vec<String>,
    before: Vec<String>,
    after: Vec<String>,
}

impl Differences {
    fn add(&mut self, name: &str, before: &str, after: &str) {
        if before != after {
            self.shown.push(format!("{name} {} -> {}", or_none(before), or_none(after)));
            self.before.push(format!("{name} {}", or_none(before)));
            self.after.push(format!("{name} {}", or_none(after)));
        }
    }

    fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    fn shown(&self) -> String {
        self.shown.join("; ")
    }

    fn before(&self) -> String {
        self.before.join("; ")
    }

    fn after(&self) -> String {
        self.after.join("; ")
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn on_off(flag: bool) -> &'static str {
    if flag { "on" } else { "off" }
}

#[cfg(test)]
mod tests;
