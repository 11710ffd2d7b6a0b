//! The audit log: append and read; the database itself refuses anything else (rule B43).

use crate::audit::{Entry, Event};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{AuditId, OrganizationId, ParentId};

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the log.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Under which parent organization.
    pub parent: Option<ParentId>,
    /// In which organization.
    pub organization: Option<OrganizationId>,
    /// `person`, `directory`, `shell`, `system`, `stranger`.
    pub actor_kind: String,
    /// Who exactly.
    pub actor: String,
    /// What kind of event.
    pub kind: String,
    /// What it happened to.
    pub target: String,
    /// The event's fields, a JSON object.
    pub detail: String,
    /// From where.
    pub address: Option<String>,
    /// The sign-in attempt it belongs to.
    pub incident: Option<String>,
}

/// The event's fields, a JSON object.
fn detail(event: &Event) -> String {
    let fields = event.detail().into_iter().map(|(name, value)| (name.to_owned(), value.into()));
    serde_json::Value::Object(fields.collect()).to_string()
}

/// Appends an entry.
pub fn record(tx: &mut dyn Tx, entry: &Entry) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO audit_event (at, parent_id, organization_id, actor_kind, actor, kind, target, detail, address, incident) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &[
            V::I(entry.at.as_millis()),
            entry.parent.map_or(V::Null, |id| V::I(id.0)),
            entry.organization.map_or(V::Null, |id| V::I(id.0)),
            V::T(entry.actor.kind()),
            V::T(&entry.actor.name()),
            V::T(entry.event.kind()),
            V::T(&entry.event.target()),
            V::T(&detail(&entry.event)),
            entry.from.as_deref().map_or(V::Null, V::T),
            entry.incident.as_ref().map_or(V::Null, |incident| V::T(incident.as_str())),
        ],
    )?;
    Ok(())
}

/// Whether this very event, with all its fields, is in the log already.
pub fn is_recorded(tx: &mut dyn Tx, event: &Event) -> Result<bool, DbError> {
    let found = tx.one(
        "SELECT id FROM audit_event WHERE target = ?1 AND kind = ?2 AND detail = ?3",
        &[V::T(&event.target()), V::T(event.kind()), V::T(&detail(event))],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

fn recorded(row: &dyn RowGet) -> Result<Recorded, DbError> {
    Ok(Recorded {
        id: AuditId(row.int(0)?),
        at: Timestamp::from_millis(row.int(1)?),
        parent: row.opt_int(2)?.map(ParentId),
        organization: row.opt_int(3)?.map(OrganizationId),
        actor_kind: row.text(4)?,
        actor: row.text(5)?,
        kind: row.text(6)?,
        target: row.text(7)?,
        detail: row.text(8)?,
        address: row.opt_text(9)?,
        incident: row.opt_text(10)?,
    })
}

/// At most `limit` entries after `after` and not older than `since`, oldest first.
pub fn list(tx: &mut dyn Tx, after: AuditId, since: Timestamp, limit: u32) -> Result<Vec<Recorded>, DbError> {
    tx.all(
        "SELECT id, at, parent_id, organization_id, actor_kind, actor, kind, target, detail, address, incident \
         FROM audit_event WHERE id > ?1 AND at >= ?2 ORDER BY id LIMIT ?3",
        &[V::I(after.0), V::I(since.as_millis()), V::I(i64::from(limit))],
        recorded,
    )
}

/// How many events of a kind the parent as a whole has seen since.
pub fn count_since(tx: &mut dyn Tx, parent: ParentId, kind: &str, since: Timestamp) -> Result<u64, DbError> {
    let found = tx.one(
        "SELECT COUNT(*) FROM audit_event WHERE parent_id = ?1 AND organization_id IS NULL AND kind = ?2 AND at >= ?3",
        &[V::I(parent.0), V::T(kind), V::I(since.as_millis())],
        |row| row.int(0),
    )?;
    Ok(found.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

/// When the parent as a whole last saw an event of a kind.
pub fn latest(tx: &mut dyn Tx, parent: ParentId, kind: &str) -> Result<Option<Timestamp>, DbError> {
    tx.one(
        "SELECT at FROM audit_event WHERE parent_id = ?1 AND organization_id IS NULL AND kind = ?2 \
         ORDER BY at DESC LIMIT 1",
        &[V::I(parent.0), V::T(kind)],
        |row| Ok(Timestamp::from_millis(row.int(0)?)),
    )
}

/// The newest event of all.
pub fn newest_id(tx: &mut dyn Tx) -> Result<Option<AuditId>, DbError> {
    tx.one("SELECT id FROM audit_event WHERE id > 0 ORDER BY id DESC LIMIT 1", &[], |row| Ok(AuditId(row.int(0)?)))
}

/// A place in the log, newest first: what is read next lies before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Before(pub Timestamp, pub AuditId);

impl Before {
    /// The end of the log.
    pub const NOW: Self = Self(Timestamp::from_millis(i64::MAX), AuditId(i64::MAX));

    /// Where an entry stands.
    pub fn of(entry: &Recorded) -> Self {
        Self(entry.at, entry.id)
    }
}

/// What of the log is read, newest first.
#[derive(Clone, Copy, Debug)]
pub struct Slice<'a> {
    /// Only this kind.
    pub kind: Option<&'a str>,
    /// Only what lies before.
    pub before: Before,
    /// Not older than this.
    pub since: Timestamp,
    /// At most so many.
    pub limit: u32,
}

/// The columns that [`recorded`] reads, in its order.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT id, at, parent_id, organization_id, actor_kind, actor, kind, target, detail, address, incident ",
            "FROM audit_event ",
            $condition
        )
    };
}

fn newest(
    tx: &mut dyn Tx,
    (all, one_kind): (&'static str, &'static str),
    whose: i64,
    slice: &Slice<'_>,
) -> Result<Vec<Recorded>, DbError> {
    let Slice { kind, before: Before(at, id), since, limit } = *slice;
    let mut values =
        vec![V::I(whose), V::I(since.as_millis()), V::I(at.as_millis()), V::I(id.0), V::I(i64::from(limit))];
    match kind {
        None => tx.all(all, &values, recorded),
        Some(kind) => {
            values.push(V::T(kind));
            tx.all(one_kind, &values, recorded)
        }
    }
}

/// What happened in an organization, newest first.
pub fn of_organization(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    slice: &Slice<'_>,
) -> Result<Vec<Recorded>, DbError> {
    let statements = (
        select!(
            "WHERE organization_id = ?1 AND at >= ?2 AND at <= ?3 AND (at < ?3 OR id < ?4) \
             ORDER BY at DESC, id DESC LIMIT ?5"
        ),
        select!(
            "WHERE organization_id = ?1 AND kind = ?6 AND at >= ?2 AND at <= ?3 AND (at < ?3 OR id < ?4) \
             ORDER BY at DESC, id DESC LIMIT ?5"
        ),
    );
    newest(tx, statements, organization.0, slice)
}

/// What happened under a parent organization and is no single organization's affair, newest first.
pub fn of_parent_alone(tx: &mut dyn Tx, parent: ParentId, slice: &Slice<'_>) -> Result<Vec<Recorded>, DbError> {
    let statements = (
        select!(
            "WHERE parent_id = ?1 AND organization_id IS NULL AND at >= ?2 AND at <= ?3 AND (at < ?3 OR id < ?4) \
             ORDER BY at DESC, id DESC LIMIT ?5"
        ),
        select!(
            "WHERE parent_id = ?1 AND organization_id IS NULL AND kind = ?6 AND at >= ?2 AND at <= ?3 \
             AND (at < ?3 OR id < ?4) ORDER BY at DESC, id DESC LIMIT ?5"
        ),
    );
    newest(tx, statements, parent.0, slice)
}

/// What happened to one thing or person, in an organization or to its parent as a whole, newest first.
pub fn of_target(
    tx: &mut dyn Tx,
    parent: ParentId,
    organization: OrganizationId,
    target: &str,
    Before(at, id): Before,
    limit: u32,
) -> Result<Vec<Recorded>, DbError> {
    let (target, parent, organization) = (V::T(target), V::I(parent.0), V::I(organization.0));
    tx.all(
        select!(
            "WHERE target = ?1 AND parent_id = ?2 AND (organization_id IS NULL OR organization_id = ?3) \
             AND at <= ?4 AND (at < ?4 OR id < ?5) ORDER BY at DESC, id DESC LIMIT ?6"
        ),
        &[target, parent, organization, V::I(at.as_millis()), V::I(id.0), V::I(i64::from(limit))],
        recorded,
    )
}
