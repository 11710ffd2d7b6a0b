//! Resources out of the store, rendered. What a client does not ask for is not looked up.

use serde_json::{Map, Value};

use crate::db::{DbError, Tx};
use crate::directory::{DirectoryGroup, DirectoryUser, GroupMember, GroupOfUser};
use crate::ids::DirectoryUserId;
use crate::scim::projection::Projection;
use crate::scim::schema::{GROUPS, USERS};
use crate::scim::{ScimError, Shown, etag, group, user};
use crate::store;

use super::call::No;

/// How many members are read at a time.
const SLICE: u32 = 5000;

/// A user with all that clients may see of it.
pub(super) fn whole_user(
    base: &str,
    held: &DirectoryUser,
    groups: &[GroupOfUser],
) -> Result<Map<String, Value>, ScimError> {
    let version = etag::of_user(held.version, groups);
    let shown =
        Shown { base, id: &held.public_id, created: held.created_at, updated: held.updated_at, version: &version };
    Ok(user::render(user::stored(&held.content.resource)?, &shown, groups))
}

/// A user as the client asked for it.
pub(super) fn user(
    base: &str,
    held: &DirectoryUser,
    groups: &[GroupOfUser],
    projection: &Projection,
) -> Result<Value, ScimError> {
    Ok(Value::Object(projection.apply(&USERS, whole_user(base, held, groups)?)))
}

/// A group with the members handed in, named or not.
pub(super) fn whole_group(
    base: &str,
    held: &DirectoryGroup,
    members: Option<&[GroupMember]>,
    display: bool,
) -> Result<Map<String, Value>, ScimError> {
    let version = etag::of_group(held.version);
    let shown =
        Shown { base, id: &held.public_id, created: held.created_at, updated: held.updated_at, version: &version };
    Ok(group::render(group::stored(&held.content.resource)?, &shown, members, display))
}

/// A group as the client asked for it; its members are read only if they are shown.
pub(super) fn group(tx: &mut dyn Tx, base: &str, held: &DirectoryGroup, projection: &Projection) -> Result<Value, No> {
    let members = if projection.shows("members") { Some(members(tx, held)?) } else { None };
    Ok(Value::Object(
        projection
            .apply(&GROUPS, whole_group(base, held, members.as_deref(), projection.asks_for("members", "display"))?),
    ))
}

/// Everybody in a group.
pub(super) fn members(tx: &mut dyn Tx, group: &DirectoryGroup) -> Result<Vec<GroupMember>, DbError> {
    let mut all = Vec::new();
    let mut after = DirectoryUserId(0);
    loop {
        let page = store::directory_memberships::members_page(tx, group.id, after, SLICE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = last.id;
        let is_last = page.len() < SLICE as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
