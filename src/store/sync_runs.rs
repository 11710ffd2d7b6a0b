//! Runs of directory sync, and how far they are.

use super::damaged;
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{OrganizationId, SyncRunId};
use crate::organization::{SyncCause, SyncCounts, SyncRun, SyncState, Undo};

/// The columns that [`run`] reads, in its order.
macro_rules! select_run {
    ($condition:literal) => {
        concat!(
            "SELECT id, organization_id, cause, actor, state, approved_by, directory_version, started_at, alive_at, finished_at, ",
            "added, updated, removed, waiting, ahead, looked_at, undo_began_at, undo_restored, undo_left FROM sync_run ",
            $condition
        )
    };
}

fn run(row: &dyn RowGet) -> Result<SyncRun, DbError> {
    let count = |column: usize| row.int(column).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    Ok(SyncRun {
        id: SyncRunId(row.int(0)?),
        organization: OrganizationId(row.int(1)?),
        cause: SyncCause::parse(&row.text(2)?).ok_or_else(|| damaged("sync run"))?,
        actor: row.text(3)?,
        state: SyncState::parse(&row.text(4)?).ok_or_else(|| damaged("sync run"))?,
        approved_by: row.opt_text(5)?,
        directory_version: row.int(6)?,
        started_at: Timestamp::from_millis(row.int(7)?),
        alive_at: Timestamp::from_millis(row.int(8)?),
        finished_at: row.opt_int(9)?.map(Timestamp::from_millis),
        counts: SyncCounts { added: count(10)?, updated: count(11)?, removed: count(12)?, waiting: count(13)? },
        ahead: u64::try_from(row.int(14)?).unwrap_or(0),
        looked_at: u64::try_from(row.int(15)?).unwrap_or(0),
        undo: match row.opt_int(16)? {
            Some(began) => {
                Some(Undo { began_at: Timestamp::from_millis(began), restored: count(17)?, left: count(18)? })
            }
            None => None,
        },
    })
}

/// The run of this id.
pub fn by_id(tx: &mut dyn Tx, id: SyncRunId) -> Result<Option<SyncRun>, DbError> {
    tx.one(select_run!("WHERE id = ?1"), &[V::I(id.0)], run)
}

/// The latest runs of an organization, newest first.
pub fn latest(tx: &mut dyn Tx, organization: OrganizationId, limit: u32) -> Result<Vec<SyncRun>, DbError> {
    tx.all(
        select_run!("WHERE organization_id = ?1 ORDER BY id DESC LIMIT ?2"),
        &[V::I(organization.0), V::I(i64::from(limit))],
        run,
    )
}

/// At most `limit` runs of an organization before one, newest first.
pub fn before(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    id: SyncRunId,
    limit: u32,
) -> Result<Vec<SyncRun>, DbError> {
    tx.all(
        select_run!("WHERE organization_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"),
        &[V::I(organization.0), V::I(id.0), V::I(i64::from(limit))],
        run,
    )
}

/// The runs of an organization that are under way or wait for approval, oldest first.
pub fn open(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<SyncRun>, DbError> {
    tx.all(select_run!("WHERE organization_id = ?1 AND finished_at IS NULL ORDER BY id"), &[V::I(organization.0)], run)
}

/// The runs of an organization that are being taken back, oldest first.
pub fn undoing(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<SyncRun>, DbError> {
    tx.all(
        select_run!(
            "WHERE organization_id = ?1 AND undo_began_at IS NOT NULL AND state IN ('done', 'approved') ORDER BY id"
        ),
        &[V::I(organization.0)],
        run,
    )
}

/// Notes that a run is being taken back: so many people are to be looked at.
pub fn begin_undo(tx: &mut dyn Tx, id: SyncRunId, people: u64, now: Timestamp) -> Result<(), DbError> {
    let people = i64::try_from(people).unwrap_or(i64::MAX);
    tx.exec(
        "UPDATE sync_run SET undo_began_at = ?2, undo_restored = 0, undo_left = 0, ahead = ?3, alive_at = ?2 WHERE id = ?1",
        &[V::I(id.0), V::I(now.as_millis()), V::I(people)],
    )?;
    Ok(())
}

/// Notes for how many people taking a run back has come to an end, and that it goes on.
pub fn undo_progress(
    tx: &mut dyn Tx,
    id: SyncRunId,
    (restored, left): (u32, u32),
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE sync_run SET undo_restored = ?2, undo_left = ?3, alive_at = ?4 WHERE id = ?1",
        &[V::I(id.0), V::I(i64::from(restored)), V::I(i64::from(left)), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Begins a run. Returns its id.
pub fn begin(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    cause: SyncCause,
    actor: &str,
    directory_version: i64,
    now: Timestamp,
) -> Result<SyncRunId, DbError> {
    tx.exec(
        "INSERT INTO sync_run (organization_id, cause, actor, state, directory_version, started_at, alive_at) \
         VALUES (?1, ?2, ?3, 'running', ?4, ?5, ?5)",
        &[V::I(organization.0), V::T(cause.as_str()), V::T(actor), V::I(directory_version), V::I(now.as_millis())],
    )?;
    let begun = tx.one(
        "SELECT id FROM sync_run WHERE organization_id = ?1 ORDER BY id DESC LIMIT 1",
        &[V::I(organization.0)],
        |row| row.int(0),
    )?;
    begun.map(SyncRunId).ok_or_else(|| damaged("sync run"))
}

/// Notes that a run was planned: it has so many people to look at.
pub fn set_ahead(tx: &mut dyn Tx, id: SyncRunId, people: u64, now: Timestamp) -> Result<(), DbError> {
    let people = i64::try_from(people).unwrap_or(i64::MAX);
    tx.exec(
        "UPDATE sync_run SET ahead = ?2, looked_at = 0, alive_at = ?3 WHERE id = ?1",
        &[V::I(id.0), V::I(people), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Adds what a slice of so many people did, and that the run lives. `waiting` is what it is now.
pub fn progress(
    tx: &mut dyn Tx,
    id: SyncRunId,
    counts: &SyncCounts,
    looked_at: u64,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE sync_run SET added = added + ?2, updated = updated + ?3, removed = removed + ?4, waiting = ?5, alive_at = ?6, \
         looked_at = looked_at + ?7 WHERE id = ?1",
        &[
            V::I(id.0),
            V::I(i64::from(counts.added)),
            V::I(i64::from(counts.updated)),
            V::I(i64::from(counts.removed)),
            V::I(i64::from(counts.waiting)),
            V::I(now.as_millis()),
            V::I(i64::try_from(looked_at).unwrap_or(i64::MAX)),
        ],
    )?;
    Ok(())
}

/// Writes how far a run is. `Running` and `Halted` are open, all else is an end.
pub fn set_state(tx: &mut dyn Tx, id: SyncRunId, state: SyncState, now: Timestamp) -> Result<(), DbError> {
    let finished = match state {
        SyncState::Running | SyncState::Halted => V::Null,
        SyncState::Done | SyncState::Approved | SyncState::Dismissed | SyncState::Superseded | SyncState::Undone => {
            V::I(now.as_millis())
        }
    };
    tx.exec(
        "UPDATE sync_run SET state = ?2, alive_at = ?3, finished_at = ?4 WHERE id = ?1",
        &[V::I(id.0), V::T(state.as_str()), V::I(now.as_millis()), finished],
    )?;
    Ok(())
}

/// Notes who let a halted run go on; from then on it runs.
pub fn approve(tx: &mut dyn Tx, id: SyncRunId, by: &str, now: Timestamp) -> Result<(), DbError> {
    tx.exec(
        "UPDATE sync_run SET state = 'running', approved_by = ?2, alive_at = ?3, finished_at = NULL WHERE id = ?1",
        &[V::I(id.0), V::T(by), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Notes the directory on which a run was worked out last.
pub fn set_directory_version(tx: &mut dyn Tx, id: SyncRunId, version: i64) -> Result<(), DbError> {
    tx.exec("UPDATE sync_run SET directory_version = ?2 WHERE id = ?1", &[V::I(id.0), V::I(version)])?;
    Ok(())
}

/// Forgets at most `limit` changes of runs that ended before a moment, and the runs that have none left. Returns how many.
pub fn purge(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<u64, DbError> {
    let oldest = tx.one(
        "SELECT sync_run.id FROM sync_run WHERE finished_at IS NOT NULL AND finished_at < ?1 \
         AND NOT EXISTS (SELECT 1 FROM sync_hold WHERE sync_hold.run_id = sync_run.id) ORDER BY finished_at LIMIT 1",
        &[V::I(before.as_millis())],
        |row| row.int(0),
    )?;
    let Some(run) = oldest else { return Ok(0) };
    let gone = tx.exec(
        "DELETE FROM sync_change WHERE run_id = ?1 AND person_id IN \
         (SELECT person_id FROM sync_change WHERE run_id = ?1 LIMIT ?2)",
        &[V::I(run), V::I(i64::from(limit))],
    )?;
    if gone > 0 {
        return Ok(gone);
    }
    tx.exec("DELETE FROM sync_run WHERE id = ?1", &[V::I(run)])
}
