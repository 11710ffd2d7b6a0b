//! Changes of access settings that wait to be confirmed, and what they took from whom.

use super::{access_drafts, damaged, sync_changes};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{OrganizationId, PersonId, SyncRunId};
use crate::organization::{AccessSettings, Image, Member};

/// A change that waits to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probation {
    /// Its row; not looked at when it is new.
    pub id: i64,
    /// Where.
    pub organization: OrganizationId,
    /// The settings that come back.
    pub before: AccessSettings,
    /// The settings that were saved.
    pub after: AccessSettings,
    /// Who saved them, as the audit log names them.
    pub actor: String,
    /// The run that they led to.
    pub run: Option<SyncRunId>,
    /// Since when.
    pub saved_at: Timestamp,
    /// When it is taken back.
    pub ends_at: Timestamp,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbationEnd {
    /// Somebody signed in under the new rules and said so.
    Confirmed,
    /// Nobody did in time, or somebody wanted it back.
    TakenBack,
    /// Other settings were written meanwhile.
    Overtaken,
}

impl ProbationEnd {
    fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::TakenBack => "taken_back",
            Self::Overtaken => "overtaken",
        }
    }
}

/// The settings of a row are read apart: they may be unreadable.
fn probation(row: &dyn RowGet) -> Result<Probation, DbError> {
    Ok(Probation {
        id: row.int(0)?,
        organization: OrganizationId(row.int(1)?),
        before: access_drafts::read(&row.text(2)?)?,
        after: access_drafts::read(&row.text(3)?)?,
        actor: row.text(4)?,
        run: row.opt_int(5)?.map(SyncRunId),
        saved_at: Timestamp::from_millis(row.int(6)?),
        ends_at: Timestamp::from_millis(row.int(7)?),
    })
}

/// The change of an organization that waits to be confirmed.
pub fn armed(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Option<Probation>, DbError> {
    tx.one(
        "SELECT id, organization_id, before, after, actor, run_id, saved_at, ends_at FROM access_probation \
         WHERE organization_id = ?1 AND state = 'armed'",
        &[V::I(organization.0)],
        probation,
    )
}

/// The organizations whose change was not confirmed in time.
pub fn due(tx: &mut dyn Tx, now: Timestamp) -> Result<Vec<OrganizationId>, DbError> {
    tx.all(
        "SELECT organization_id FROM access_probation WHERE state = 'armed' AND ends_at <= ?1 ORDER BY ends_at",
        &[V::I(now.as_millis())],
        |row| Ok(OrganizationId(row.int(0)?)),
    )
}

/// Keeps a change that waits from now on, with what those had from whom it takes something. There is one for an organization.
pub fn arm(tx: &mut dyn Tx, new: &Probation, people: &[Member]) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO access_probation (organization_id, state, before, after, actor, run_id, saved_at, ends_at) \
         VALUES (?1, 'armed', ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            V::I(new.organization.0),
            V::T(&access_drafts::text(&new.before)?),
            V::T(&access_drafts::text(&new.after)?),
            V::T(&new.actor),
            new.run.map_or(V::Null, |run| V::I(run.0)),
            V::I(new.saved_at.as_millis()),
            V::I(new.ends_at.as_millis()),
        ],
    )?;
    let armed = armed(tx, new.organization)?.ok_or_else(|| damaged("probation"))?;
    for member in people {
        let image = Image { member: Some(member.clone()), queued: None };
        tx.exec(
            "INSERT INTO access_probation_person (probation_id, person_id, before) VALUES (?1, ?2, ?3)",
            &[V::I(armed.id), V::I(member.person.0), V::T(&sync_changes::text(&image)?)],
        )?;
    }
    Ok(())
}

/// Whom a change was about, as they were before, by person.
pub fn people(tx: &mut dyn Tx, of: &Probation) -> Result<Vec<Member>, DbError> {
    let kept = tx.all(
        "SELECT person_id, before FROM access_probation_person WHERE probation_id = ?1 ORDER BY person_id",
        &[V::I(of.id)],
        |row| sync_changes::image(&row.text(1)?, of.organization, PersonId(row.int(0)?)),
    )?;
    Ok(kept.into_iter().filter_map(|image| image.member).collect())
}

/// Ends the wait.
pub fn end(tx: &mut dyn Tx, id: i64, how: ProbationEnd, now: Timestamp) -> Result<(), DbError> {
    tx.exec(
        "UPDATE access_probation SET state = ?2, ended_at = ?3 WHERE id = ?1 AND state = 'armed'",
        &[V::I(id), V::T(how.word()), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Deletes at most `limit` changes that were decided before. Returns how many.
pub fn purge(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<u64, DbError> {
    let values = [V::I(before.as_millis()), V::I(i64::from(limit))];
    tx.exec(
        "DELETE FROM access_probation_person WHERE probation_id IN \
         (SELECT id FROM access_probation WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)",
        &values,
    )?;
    tx.exec(
        "DELETE FROM access_probation WHERE id IN \
         (SELECT id FROM access_probation WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)",
        &values,
    )
}
