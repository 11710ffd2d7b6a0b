//! The decision record of every sign-in, found under its incident code (rule B39). Kept for [`KEPT`].

use std::time::Duration;

use super::damaged;
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::identity::EmailAddress;
use crate::ids::{ConnectionId, Incident, ParentId, PersonId};

/// How long an attempt is kept.
pub const KEPT: Duration = Duration::from_secs(14 * 24 * 3600);

/// One attempt to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The code shown to the person.
    pub incident: Incident,
    /// When.
    pub at: Timestamp,
    /// Under which parent organization, as far as known.
    pub parent: Option<ParentId>,
    /// Through which connection, as far as known.
    pub connection: Option<ConnectionId>,
    /// Who, as far as known.
    pub person: Option<PersonId>,
    /// `admitted`, or a refusal code.
    pub code: String,
    /// Facts received, mapping rows that matched, comparisons, seat arithmetic, result: JSON.
    pub record: String,
}

impl Attempt {
    /// The address that the identity provider told of, if it told of a usable one.
    pub fn email(&self) -> Option<EmailAddress> {
        let record: serde_json::Value = serde_json::from_str(&self.record).ok()?;
        EmailAddress::parse(record["facts"]["email"].as_str()?).ok()
    }
}

/// Keeps an attempt.
pub fn add(tx: &mut dyn Tx, attempt: &Attempt) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO sign_in_attempt (incident, at, parent_id, connection_id, person_id, code, record) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            V::T(attempt.incident.as_str()),
            V::I(attempt.at.as_millis()),
            attempt.parent.map_or(V::Null, |id| V::I(id.0)),
            attempt.connection.map_or(V::Null, |id| V::I(id.0)),
            attempt.person.map_or(V::Null, |id| V::I(id.0)),
            V::T(&attempt.code),
            V::T(&attempt.record),
        ],
    )?;
    Ok(())
}

fn attempt(row: &dyn RowGet) -> Result<Attempt, DbError> {
    Ok(Attempt {
        incident: Incident::parse(&row.text(0)?).ok_or_else(|| damaged("incident"))?,
        at: Timestamp::from_millis(row.int(1)?),
        parent: row.opt_int(2)?.map(ParentId),
        connection: row.opt_int(3)?.map(ConnectionId),
        person: row.opt_int(4)?.map(PersonId),
        code: row.text(5)?,
        record: row.text(6)?,
    })
}

/// The attempt under a code.
pub fn find(tx: &mut dyn Tx, incident: &Incident) -> Result<Option<Attempt>, DbError> {
    tx.one(
        "SELECT incident, at, parent_id, connection_id, person_id, code, record FROM sign_in_attempt WHERE incident = ?1",
        &[V::T(incident.as_str())],
        attempt,
    )
}

/// At most `limit` attempts under a parent organization that were refused because of who it was, newest first: not in the directory,
/// known by another subject, or with an address outside the verified domains.
pub fn refused_as_somebody(
    tx: &mut dyn Tx,
    parent: ParentId,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<Attempt>, DbError> {
    tx.all(
        "SELECT incident, at, parent_id, connection_id, person_id, code, record FROM sign_in_attempt \
         WHERE at >= ?1 AND parent_id = ?2 AND code IN ('not_provisioned', 'identity_conflict', 'domain_not_verified') \
         ORDER BY at DESC LIMIT ?3",
        &[V::I(since.as_millis()), V::I(parent.0), V::I(i64::from(limit))],
        attempt,
    )
}

/// The latest tests of a connection, newest first: code of the incident, when, whether it passed. With `reports`: those whose reports
/// are shown under this path, as their record says.
pub fn tests_of(
    tx: &mut dyn Tx,
    connection: ConnectionId,
    reports: Option<&str>,
) -> Result<Vec<(Incident, Timestamp, bool)>, DbError> {
    tx.all(
        "SELECT incident, at, code FROM sign_in_attempt \
         WHERE connection_id = ?1 AND code IN ('test_passed', 'test_failed') \
         AND (?2 IS NULL OR json_extract(record, '$.reports') = ?2) ORDER BY at DESC LIMIT 10",
        &[V::I(connection.0), reports.map_or(V::Null, V::T)],
        |row| {
            let incident = Incident::parse(&row.text(0)?).ok_or_else(|| damaged("incident"))?;
            Ok((incident, Timestamp::from_millis(row.int(1)?), row.text(2)? == "test_passed"))
        },
    )
}

/// Deletes at most `limit` attempts older than [`KEPT`]. Returns how many.
pub fn purge(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<u64, DbError> {
    tx.exec(
        "DELETE FROM sign_in_attempt WHERE incident IN (SELECT incident FROM sign_in_attempt WHERE at < ?1 LIMIT ?2)",
        &[V::I(now.minus(KEPT).as_millis()), V::I(i64::from(limit))],
    )
}
