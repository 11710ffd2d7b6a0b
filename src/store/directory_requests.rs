//! What identity providers sent to a directory and what came of it: for the admin, for some days.

use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::ParentId;

/// A request, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryRequest {
    /// Whose directory.
    pub parent: ParentId,
    /// When.
    pub at: Timestamp,
    /// The name of the token.
    pub token: String,
    /// The client's address.
    pub from: String,
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path, with the shape of the query.
    pub path: String,
    /// What was answered.
    pub status: u16,
    /// What was understood.
    pub understood: String,
    /// What came of it, or why nothing did.
    pub effect: String,
    /// The body, without what it says about people.
    pub body: Option<String>,
}

/// Appends requests.
pub fn add(tx: &mut dyn Tx, requests: &[DirectoryRequest]) -> Result<(), DbError> {
    for request in requests {
        tx.exec(
            "INSERT INTO directory_request (parent_id, at, token, from_address, method, path, status, understood, effect, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            &[
                V::I(request.parent.0),
                V::I(request.at.as_millis()),
                V::T(&request.token),
                V::T(&request.from),
                V::T(&request.method),
                V::T(&request.path),
                V::I(i64::from(request.status)),
                V::T(&request.understood),
                V::T(&request.effect),
                request.body.as_deref().map_or(V::Null, V::T),
            ],
        )?;
    }
    Ok(())
}

/// At most `limit` requests to a directory that came before this row, newest first, with their rows.
pub fn before(
    tx: &mut dyn Tx,
    parent: ParentId,
    row: i64,
    limit: u32,
) -> Result<Vec<(i64, DirectoryRequest)>, DbError> {
    tx.all(
        "SELECT id, parent_id, at, token, from_address, method, path, status, understood, effect, body FROM directory_request \
         WHERE parent_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
        &[V::I(parent.0), V::I(row), V::I(i64::from(limit))],
        |row| Ok((row.int(0)?, request(row)?)),
    )
}

fn request(row: &dyn RowGet) -> Result<DirectoryRequest, DbError> {
    Ok(DirectoryRequest {
        parent: ParentId(row.int(1)?),
        at: Timestamp::from_millis(row.int(2)?),
        token: row.text(3)?,
        from: row.text(4)?,
        method: row.text(5)?,
        path: row.text(6)?,
        status: u16::try_from(row.int(7)?).unwrap_or(0),
        understood: row.text(8)?,
        effect: row.text(9)?,
        body: row.opt_text(10)?,
    })
}

/// Takes away at most `limit` requests older than `since`. Returns how many.
pub fn purge(tx: &mut dyn Tx, since: Timestamp, limit: u32) -> Result<u64, DbError> {
    tx.exec(
        "DELETE FROM directory_request WHERE id IN (SELECT id FROM directory_request WHERE at < ?1 LIMIT ?2)",
        &[V::I(since.as_millis()), V::I(i64::from(limit))],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Db;
    use crate::ids::Slug;
    use crate::product::ParentPlan;
    use crate::store::{MIGRATIONS, organizations};

    #[test]
    fn requests_are_read_newest_first_of_one_directory_and_go_after_their_time() {
        let db = Db::temporary(MIGRATIONS).expect("a database");
        fn at(seconds: i64) -> Timestamp {
            Timestamp::from_millis(1_790_000_000_000 + seconds * 1000)
        }
        let request = |parent: ParentId, seconds: i64, body: Option<&str>| DirectoryRequest {
            parent,
            at: at(seconds),
            token: "okta".to_owned(),
            from: "192.0.2.1".to_owned(),
            method: "PATCH".to_owned(),
            path: "/scim/v2/Users/u-1".to_owned(),
            status: 200,
            understood: "change a user: replace active".to_owned(),
            effect: "user u-1".to_owned(),
            body: body.map(str::to_owned),
        };
        let read = db.write_blocking(move |tx| -> Result<_, DbError> {
            let slug = |text: &str| Slug::parse(text).expect("a slug");
            let acme = organizations::add_parent(tx, &slug("acme"), "Acme", ParentPlan::Enterprise)?;
            let other = organizations::add_parent(tx, &slug("other"), "Other", ParentPlan::Enterprise)?;
            add(tx, &[request(acme, 1, None), request(other, 2, None), request(acme, 3, Some("{}"))])?;
            let all = before(tx, acme, i64::MAX, 10)?;
            assert_eq!(all[0].1, request(acme, 3, Some("{}")));
            let times = |list: &[(i64, DirectoryRequest)]| list.iter().map(|(_, one)| one.at).collect::<Vec<_>>();
            assert_eq!(times(&all), [at(3), at(1)]);
            assert_eq!(times(&before(tx, acme, all[0].0, 10)?), [at(1)]);
            assert_eq!(times(&before(tx, acme, i64::MAX, 1)?), [at(3)]);
            assert_eq!((purge(tx, at(3), 1)?, purge(tx, at(3), 10)?, purge(tx, at(3), 10)?), (1, 1, 0));
            Ok(times(&before(tx, acme, i64::MAX, 10)?))
        });
        assert_eq!(read.expect("done"), [at(3)]);
    }
}
