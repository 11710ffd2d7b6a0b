//! Groups of a directory. No statement here costs more because the directory, or the group, is large; deleting one takes its members out.

use super::{damaged, directory};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::directory::{DirectoryGroup, GroupContent, Name, Taken};
use crate::ids::{DirectoryGroupId, ParentId};

/// The columns that [`group`] reads, in its order.
macro_rules! select_group {
    ($condition:literal) => {
        concat!(
            "SELECT id, public_id, parent_id, external_id, display_name, members, resource, created_at, updated_at, version ",
            "FROM directory_group ",
            $condition
        )
    };
}

fn group(row: &dyn RowGet) -> Result<DirectoryGroup, DbError> {
    Ok(DirectoryGroup {
        id: DirectoryGroupId(row.int(0)?),
        public_id: row.text(1)?,
        parent: ParentId(row.int(2)?),
        members: u64::try_from(row.int(5)?).unwrap_or(0),
        content: GroupContent {
            external_id: row.opt_text(3)?,
            display_name: Name::parse(&row.text(4)?).map_err(|_| damaged("directory group"))?,
            resource: row.text(6)?,
        },
        created_at: Timestamp::from_millis(row.int(7)?),
        updated_at: Timestamp::from_millis(row.int(8)?),
        version: row.int(9)?,
    })
}

/// The group of this row.
pub fn by_id(tx: &mut dyn Tx, id: DirectoryGroupId) -> Result<Option<DirectoryGroup>, DbError> {
    tx.one(select_group!("WHERE id = ?1"), &[V::I(id.0)], group)
}

/// The group of this SCIM `id`, in this directory and no other.
pub fn by_public_id(tx: &mut dyn Tx, parent: ParentId, public_id: &str) -> Result<Option<DirectoryGroup>, DbError> {
    tx.one(select_group!("WHERE public_id = ?1 AND parent_id = ?2"), &[V::T(public_id), V::I(parent.0)], group)
}

/// The group of this `externalId`, to the letter.
pub fn by_external_id(tx: &mut dyn Tx, parent: ParentId, external_id: &str) -> Result<Option<DirectoryGroup>, DbError> {
    tx.one(select_group!("WHERE parent_id = ?1 AND external_id = ?2"), &[V::I(parent.0), V::T(external_id)], group)
}

/// The groups of this name, whatever its case and Unicode form, oldest first.
pub fn by_display_name(tx: &mut dyn Tx, parent: ParentId, name: &str) -> Result<Vec<DirectoryGroup>, DbError> {
    let key = Name::key_of(name);
    tx.all(
        select_group!("WHERE parent_id = ?1 AND display_name_key = ?2 ORDER BY id"),
        &[V::I(parent.0), V::T(&key)],
        group,
    )
}

/// At most `limit` groups after a row, oldest first: the same cost at any depth, and the way to look at all of them.
pub fn page_after(
    tx: &mut dyn Tx,
    parent: ParentId,
    after: DirectoryGroupId,
    limit: u32,
) -> Result<Vec<DirectoryGroup>, DbError> {
    tx.all(
        select_group!("WHERE parent_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"),
        &[V::I(parent.0), V::I(after.0), V::I(i64::from(limit))],
        group,
    )
}

/// At most `limit` groups from the `offset`th, oldest first. The offset is walked over in the index alone.
pub fn page_at(tx: &mut dyn Tx, parent: ParentId, offset: u64, limit: u32) -> Result<Vec<DirectoryGroup>, DbError> {
    let Some(first) = tx.one(
        "SELECT id FROM directory_group WHERE parent_id = ?1 ORDER BY id LIMIT 1 OFFSET ?2",
        &[V::I(parent.0), V::I(i64::try_from(offset).unwrap_or(i64::MAX))],
        |row| row.int(0),
    )?
    else {
        return Ok(Vec::new());
    };
    page_after(tx, parent, DirectoryGroupId(first - 1), limit)
}

/// The youngest group of a directory; 0 where there is none.
pub fn last(tx: &mut dyn Tx, parent: ParentId) -> Result<DirectoryGroupId, DbError> {
    let found =
        tx.one("SELECT MAX(id) FROM directory_group WHERE parent_id = ?1", &[V::I(parent.0)], |row| row.opt_int(0))?;
    Ok(DirectoryGroupId(found.flatten().unwrap_or(0)))
}

/// What another group of the directory has of this content already; `except` is the group that is to have it.
pub fn taken(
    tx: &mut dyn Tx,
    parent: ParentId,
    content: &GroupContent,
    except: Option<DirectoryGroupId>,
) -> Result<Option<Taken>, DbError> {
    let Some(external_id) = &content.external_id else { return Ok(None) };
    let held = tx.one(
        "SELECT id FROM directory_group WHERE parent_id = ?1 AND external_id = ?2",
        &[V::I(parent.0), V::T(external_id)],
        |row| row.int(0),
    )?;
    Ok(held.filter(|id| Some(DirectoryGroupId(*id)) != except).map(|_| Taken::ExternalId))
}

/// Adds a group without members. Nothing of the content is [`taken`]: the caller has looked.
pub fn add(
    tx: &mut dyn Tx,
    parent: ParentId,
    public_id: &str,
    content: &GroupContent,
    now: Timestamp,
) -> Result<DirectoryGroup, DbError> {
    tx.exec(
        "INSERT INTO directory_group (parent_id, public_id, external_id, display_name, display_name_key, resource, created_at, \
         updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
        &[
            V::I(parent.0),
            V::T(public_id),
            content.external_id.as_deref().map_or(V::Null, V::T),
            V::T(content.display_name.as_str()),
            V::T(content.display_name.key()),
            V::T(&content.resource),
            V::I(now.as_millis()),
        ],
    )?;
    directory::changed(tx, parent, now, (0, 1))?;
    by_public_id(tx, parent, public_id)?.ok_or_else(|| damaged("directory group"))
}

/// Writes a group's content. Nothing of it is [`taken`]: the caller has looked. Returns the group as it is now.
pub fn update(
    tx: &mut dyn Tx,
    before: &DirectoryGroup,
    content: &GroupContent,
    now: Timestamp,
) -> Result<DirectoryGroup, DbError> {
    tx.exec(
        "UPDATE directory_group SET external_id = ?2, display_name = ?3, display_name_key = ?4, resource = ?5, updated_at = ?6, \
         version = version + 1 WHERE id = ?1",
        &[
            V::I(before.id.0),
            content.external_id.as_deref().map_or(V::Null, V::T),
            V::T(content.display_name.as_str()),
            V::T(content.display_name.key()),
            V::T(&content.resource),
            V::I(now.as_millis()),
        ],
    )?;
    directory::changed(tx, before.parent, now, (0, 0))?;
    if before.content.display_name.as_str() != content.display_name.as_str() {
        directory::names_changed(tx, before.parent)?;
    }
    by_id(tx, before.id)?.ok_or_else(|| damaged("directory group"))
}

/// Counts members that came or went.
pub(super) fn count(tx: &mut dyn Tx, id: DirectoryGroupId, came: i64, now: Timestamp) -> Result<(), DbError> {
    tx.exec(
        "UPDATE directory_group SET members = members + ?2, updated_at = ?3, version = version + 1 WHERE id = ?1",
        &[V::I(id.0), V::I(came), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Takes everybody out of a group, and the group out of the directory.
pub fn delete(tx: &mut dyn Tx, gone: &DirectoryGroup, now: Timestamp) -> Result<(), DbError> {
    tx.exec("DELETE FROM directory_membership WHERE group_id = ?1", &[V::I(gone.id.0)])?;
    tx.exec("DELETE FROM directory_group WHERE id = ?1", &[V::I(gone.id.0)])?;
    directory::names_changed(tx, gone.parent)?;
    directory::changed(tx, gone.parent, now, (0, -1))
}
