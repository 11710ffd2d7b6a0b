use super::bindings::Synced;
use super::evaluation::Note;
use super::push::OrganizationEffect;
use super::{Context, brake};
use crate::db::{DbError, Tx};
use crate::ids::SyncRunId;
use crate::organization::{Member, SyncCause, SyncCounts, SyncState};
use crate::store;

/// Keeps what a run did to people, so that it can be undone.
pub(super) fn keep(tx: &mut dyn Tx, run: SyncRunId, notes: &[Note]) -> Result<(), DbError> {
    for note in notes {
        store::sync_changes::note(tx, run, note.person, &note.before, Some(&note.after))?;
    }
    Ok(())
}

/// Keeps a push as a run, if it changed or ended the memberships of several people. One person's change is told by the audit log,
/// and newcomers leave nothing to restore.
pub(super) fn push(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    synced: &Synced,
    effect: &OrganizationEffect,
    notes: &[Note],
) -> Result<(), DbError> {
    let stood = notes.iter().filter(|note| note.before.member.as_ref().is_some_and(Member::is_active));
    if stood.count() < 2 {
        return Ok(());
    }
    let organization = &synced.organization;
    let version = brake::directory_version(tx, organization.parent)?;
    let actor = context.actor.to_string();
    let run = store::sync_runs::begin(tx, organization.id, SyncCause::Push, &actor, version, context.now)?;
    keep(tx, run, notes)?;
    let counts = SyncCounts {
        added: effect.added + effect.admitted,
        updated: effect.updated,
        removed: effect.removed,
        waiting: effect.waiting,
    };
    store::sync_runs::progress(tx, run, &counts, 0, context.now)?;
    store::sync_runs::set_state(tx, run, SyncState::Done, context.now)
}
