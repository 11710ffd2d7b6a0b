//! Which users of a directory are in which groups. A change costs what it names, not what is in the group already.

use std::collections::BTreeSet;

use super::{directory, directory_groups};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, TxExt, V};
use crate::directory::{DirectoryGroup, GroupMember, GroupOfUser};
use crate::ids::{DirectoryGroupId, DirectoryUserId};

/// The groups of a user, oldest first.
pub fn groups_of_user(tx: &mut dyn Tx, user: DirectoryUserId) -> Result<Vec<GroupOfUser>, DbError> {
    tx.all(
        "SELECT directory_group.id, directory_group.public_id, directory_group.display_name FROM directory_membership \
         JOIN directory_group ON directory_group.id = directory_membership.group_id \
         WHERE directory_membership.user_id = ?1 ORDER BY directory_group.id",
        &[V::I(user.0)],
        |row| Ok(GroupOfUser { id: DirectoryGroupId(row.int(0)?), public_id: row.text(1)?, display: row.text(2)? }),
    )
}

/// At most `limit` members of a group after a user, by user.
pub fn members_page(
    tx: &mut dyn Tx,
    group: DirectoryGroupId,
    after: DirectoryUserId,
    limit: u32,
) -> Result<Vec<GroupMember>, DbError> {
    tx.all(
        "SELECT directory_user.id, directory_user.public_id, \
         COALESCE(directory_user.display_name, directory_user.user_name) FROM directory_membership \
         JOIN directory_user ON directory_user.id = directory_membership.user_id \
         WHERE directory_membership.group_id = ?1 AND directory_membership.user_id > ?2 \
         ORDER BY directory_membership.user_id LIMIT ?3",
        &[V::I(group.0), V::I(after.0), V::I(i64::from(limit))],
        |row| Ok(GroupMember { id: DirectoryUserId(row.int(0)?), public_id: row.text(1)?, display: row.text(2)? }),
    )
}

/// Everybody in a group, by user: ids only.
pub fn members_of(tx: &mut dyn Tx, group: DirectoryGroupId) -> Result<Vec<DirectoryUserId>, DbError> {
    tx.all("SELECT user_id FROM directory_membership WHERE group_id = ?1 ORDER BY user_id", &[V::I(group.0)], |row| {
        Ok(DirectoryUserId(row.int(0)?))
    })
}

/// Whether a user is in a group.
pub fn is_member(tx: &mut dyn Tx, group: DirectoryGroupId, user: DirectoryUserId) -> Result<bool, DbError> {
    let found = tx.one(
        "SELECT user_id FROM directory_membership WHERE group_id = ?1 AND user_id = ?2",
        &[V::I(group.0), V::I(user.0)],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

/// Puts users of the same directory into a group. Returns those who were not in it.
pub fn add(
    tx: &mut dyn Tx,
    group: &DirectoryGroup,
    users: &[DirectoryUserId],
    now: Timestamp,
) -> Result<Vec<DirectoryUserId>, DbError> {
    let mut new = Vec::new();
    for user in users {
        let added = tx.exec(
            "INSERT INTO directory_membership (group_id, user_id) VALUES (?1, ?2) ON CONFLICT (group_id, user_id) DO NOTHING",
            &[V::I(group.id.0), V::I(user.0)],
        )?;
        if added == 1 {
            moved(tx, *user)?;
            new.push(*user);
        }
    }
    count(tx, group, new.len(), 0, now)?;
    Ok(new)
}

/// Takes users out of a group. Returns those who were in it.
pub fn remove(
    tx: &mut dyn Tx,
    group: &DirectoryGroup,
    users: &[DirectoryUserId],
    now: Timestamp,
) -> Result<Vec<DirectoryUserId>, DbError> {
    let mut gone = Vec::new();
    for user in users {
        let removed = tx.exec(
            "DELETE FROM directory_membership WHERE group_id = ?1 AND user_id = ?2",
            &[V::I(group.id.0), V::I(user.0)],
        )?;
        if removed == 1 {
            moved(tx, *user)?;
            gone.push(*user);
        }
    }
    count(tx, group, 0, gone.len(), now)?;
    Ok(gone)
}

/// Makes these, and nobody else, the members of a group. Returns who came and who went.
pub fn replace(
    tx: &mut dyn Tx,
    group: &DirectoryGroup,
    users: &[DirectoryUserId],
    now: Timestamp,
) -> Result<(Vec<DirectoryUserId>, Vec<DirectoryUserId>), DbError> {
    let wanted: BTreeSet<DirectoryUserId> = users.iter().copied().collect();
    let present: BTreeSet<DirectoryUserId> = members_of(tx, group.id)?.into_iter().collect();
    let leaving: Vec<DirectoryUserId> = present.difference(&wanted).copied().collect();
    let coming: Vec<DirectoryUserId> = wanted.difference(&present).copied().collect();
    let gone = remove(tx, group, &leaving, now)?;
    let new = add(tx, group, &coming, now)?;
    Ok((new, gone))
}

/// Takes a user out of every group, which is a change of each.
pub(super) fn leave_all(tx: &mut dyn Tx, user: DirectoryUserId, now: Timestamp) -> Result<(), DbError> {
    for group in groups_of_user(tx, user)? {
        tx.exec(
            "DELETE FROM directory_membership WHERE group_id = ?1 AND user_id = ?2",
            &[V::I(group.id.0), V::I(user.0)],
        )?;
        directory_groups::count(tx, group.id, -1, now)?;
    }
    Ok(())
}

/// What applications were told of the user's groups is no longer so.
fn moved(tx: &mut dyn Tx, user: DirectoryUserId) -> Result<(), DbError> {
    tx.exec("UPDATE directory_user SET groups_version = groups_version + 1 WHERE id = ?1", &[V::I(user.0)])?;
    Ok(())
}

fn count(tx: &mut dyn Tx, group: &DirectoryGroup, came: usize, went: usize, now: Timestamp) -> Result<(), DbError> {
    if came + went == 0 {
        return Ok(());
    }
    let difference = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    directory_groups::count(tx, group.id, difference(came) - difference(went), now)?;
    directory::changed(tx, group.parent, now, (0, 0))
}
