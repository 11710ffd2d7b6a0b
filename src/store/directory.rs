//! The directory of a parent organization as a whole. Users, groups and who is in which are in files of their own, which count here.

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, TxExt, V};
use crate::directory::Directory;
use crate::ids::ParentId;

/// The directory of a parent organization; `None` before the first request.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Option<Directory>, DbError> {
    tx.one(
        "SELECT parent_id, first_request_at, last_request_at, last_push_at, version, users, groups FROM directory \
         WHERE parent_id = ?1",
        &[V::I(parent.0)],
        |row| {
            let moment = |at: Option<i64>| at.map(Timestamp::from_millis);
            Ok(Directory {
                parent: ParentId(row.int(0)?),
                first_request: moment(row.opt_int(1)?),
                last_request: moment(row.opt_int(2)?),
                last_push: moment(row.opt_int(3)?),
                version: row.int(4)?,
                users: u64::try_from(row.int(5)?).unwrap_or(0),
                groups: u64::try_from(row.int(6)?).unwrap_or(0),
            })
        },
    )
}

/// Notes a request with a good token; the first one makes the directory. Within a minute of the last it writes nothing, and
/// returns whether it did.
pub fn note_request(tx: &mut dyn Tx, parent: ParentId, now: Timestamp) -> Result<bool, DbError> {
    let written = tx.exec(
        "INSERT INTO directory (parent_id, first_request_at, last_request_at) VALUES (?1, ?2, ?2) \
         ON CONFLICT (parent_id) DO UPDATE SET last_request_at = excluded.last_request_at, \
         first_request_at = COALESCE(directory.first_request_at, excluded.first_request_at) \
         WHERE directory.last_request_at IS NULL OR directory.last_request_at <= excluded.last_request_at - 60000",
        &[V::I(parent.0), V::I(now.as_millis())],
    )?;
    Ok(written == 1)
}

/// Forgets that there was a directory. Users and groups are gone by now.
pub fn remove(tx: &mut dyn Tx, parent: ParentId) -> Result<(), DbError> {
    tx.exec("DELETE FROM directory WHERE parent_id = ?1", &[V::I(parent.0)])?;
    Ok(())
}

/// A group has another name or is gone: what applications were told of anybody's groups may no longer be so.
pub(super) fn names_changed(tx: &mut dyn Tx, parent: ParentId) -> Result<(), DbError> {
    tx.exec("UPDATE directory SET names_version = names_version + 1 WHERE parent_id = ?1", &[V::I(parent.0)])?;
    Ok(())
}

/// Counts a change of the directory, and users and groups that came or went.
pub(super) fn changed(
    tx: &mut dyn Tx,
    parent: ParentId,
    now: Timestamp,
    (users, groups): (i64, i64),
) -> Result<(), DbError> {
    let at = V::I(now.as_millis());
    let written = tx.exec(
        "UPDATE directory SET version = version + 1, last_push_at = ?2, users = users + ?3, groups = groups + ?4 \
         WHERE parent_id = ?1",
        &[V::I(parent.0), at, V::I(users), V::I(groups)],
    )?;
    if written == 0 {
        tx.exec(
            "INSERT INTO directory (parent_id, last_push_at, version, users, groups) VALUES (?1, ?2, 1, ?3, ?4)",
            &[V::I(parent.0), at, V::I(users), V::I(groups)],
        )?;
    }
    Ok(())
}
