//! What a request changes: read outside the transaction, carried out inside it. Whatever can be wrong for the client is found before
//! anything is written, so that one operation of a bulk request can fail without leaving half of itself behind.

use serde_json::{Map, Value};

use super::call::No;
use crate::db::{DbError, Tx};
use crate::directory::{DirectoryGroup, DirectoryUser, GroupContent, GroupOfUser, UserContent};
use crate::ids::{DirectoryUserId, ParentId};
use crate::membership::{Push, PushError};
use crate::scim::bulk::Method;
use crate::scim::etag::{self, Conditions};
use crate::scim::patch::{self, MemberStep, Operation};
use crate::scim::schema::Resource;
use crate::scim::{Kind, ScimError, group, user};
use crate::secrets;
use crate::store;

/// A change, read from a request.
#[derive(Clone, Debug)]
pub(super) enum Change {
    CreateUser { public_id: String, content: UserContent, addresses: Vec<String> },
    ReplaceUser { id: String, content: UserContent, addresses: Vec<String> },
    PatchUser { id: String, operations: Vec<Operation> },
    DeleteUser { id: String },
    CreateGroup { public_id: String, content: GroupContent, members: Vec<String> },
    ReplaceGroup { id: String, content: GroupContent, members: Vec<String> },
    PatchGroup { id: String, operations: Vec<Operation> },
    DeleteGroup { id: String },
}

/// What is there afterwards.
#[derive(Debug)]
pub(super) enum Held {
    User(DirectoryUser, Vec<GroupOfUser>),
    Group(DirectoryGroup),
    Gone,
}

/// What a change came to.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) status: u16,
    pub(super) held: Held,
}

impl Held {
    pub(super) fn public_id(&self) -> Option<&str> {
        match self {
            Self::User(user, _) => Some(&user.public_id),
            Self::Group(group) => Some(&group.public_id),
            Self::Gone => None,
        }
    }

    pub(super) fn version(&self) -> Option<String> {
        match self {
            Self::User(user, groups) => Some(etag::of_user(user.version, groups)),
            Self::Group(group) => Some(etag::of_group(group.version)),
            Self::Gone => None,
        }
    }

    pub(super) fn location(&self, base: &str) -> Option<String> {
        match self {
            Self::User(user, _) => Some(format!("{base}/Users/{}", user.public_id)),
            Self::Group(group) => Some(format!("{base}/Groups/{}", group.public_id)),
            Self::Gone => None,
        }
    }
}

impl Change {
    /// Reads a change of a resource of this kind; `id` names it unless it is to be made.
    pub(super) fn read(
        method: Method,
        resource: &'static Resource,
        id: String,
        body: Map<String, Value>,
    ) -> Result<Self, ScimError> {
        let is_user = resource.name == "User";
        Ok(match (method, is_user) {
            (Method::Post | Method::Put, true) => {
                let read = user::read(body)?;
                let content = user::content(&read)?;
                let addresses = user::other_addresses(&read, &content);
                match method {
                    Method::Post => Self::CreateUser { public_id: secrets::public_id("u-"), content, addresses },
                    _ => Self::ReplaceUser { id, content, addresses },
                }
            }
            (Method::Post | Method::Put, false) => {
                let (read, members) = group::read(body)?;
                let content = group::content(&read)?;
                match method {
                    Method::Post => Self::CreateGroup { public_id: secrets::public_id("g-"), content, members },
                    _ => Self::ReplaceGroup { id, content, members },
                }
            }
            (Method::Patch, true) => Self::PatchUser { id, operations: patch::read(body)? },
            (Method::Patch, false) => Self::PatchGroup { id, operations: patch::read(body)? },
            (Method::Delete, true) => Self::DeleteUser { id },
            (Method::Delete, false) => Self::DeleteGroup { id },
        })
    }

    /// Whether it is about more people than the writer looks at in a moment.
    pub(super) fn names_many(&self) -> bool {
        const MANY: usize = 50;
        match self {
            Self::CreateGroup { members, .. } => members.len() > MANY,
            Self::PatchGroup { operations, .. } => operations.iter().map(Operation::size).sum::<usize>() > MANY,
            // Whoever is in the group already is compared with those named, or goes with it.
            Self::ReplaceGroup { .. } | Self::DeleteGroup { .. } => true,
            Self::CreateUser { .. } | Self::ReplaceUser { .. } | Self::PatchUser { .. } | Self::DeleteUser { .. } => {
                false
            }
        }
    }

    /// For the log.
    pub(super) fn words(&self) -> String {
        let members = |members: &[String]| match members.len() {
            0 => String::new(),
            n => format!(" with {n} members"),
        };
        let each = |operations: &[Operation]| {
            let shown: Vec<String> = operations.iter().take(8).map(Operation::words).collect();
            let more = operations.len().saturating_sub(8);
            shown.join("; ") + &if more > 0 { format!("; and {more} more") } else { String::new() }
        };
        match self {
            Self::CreateUser { .. } => "create a user".to_owned(),
            Self::ReplaceUser { .. } => "replace a user".to_owned(),
            Self::PatchUser { operations, .. } => format!("change a user: {}", each(operations)),
            Self::DeleteUser { .. } => "delete a user".to_owned(),
            Self::CreateGroup { members: named, .. } => format!("create a group{}", members(named)),
            Self::ReplaceGroup { members: named, .. } => format!("replace a group{}", members(named)),
            Self::PatchGroup { operations, .. } => format!("change a group: {}", each(operations)),
            Self::DeleteGroup { .. } => "delete a group".to_owned(),
        }
    }

    /// Carries it out. After `Err(No::Scim(..))` nothing of it was written.
    pub(super) fn carry_out(
        &self,
        push: &mut Push<'_>,
        parent: ParentId,
        conditions: Conditions<'_>,
    ) -> Result<Changed, No> {
        match self {
            Self::CreateUser { public_id, content, addresses } => {
                let user = push.add_user(public_id, content).map_err(refused)?;
                store::directory_addresses::set(push.tx(), user.id, addresses)?;
                Ok(Changed { status: 201, held: Held::User(user, Vec::new()) })
            }
            Self::ReplaceUser { id, content, addresses } => {
                let (user, groups) = find_user(push.tx(), parent, id, conditions)?;
                let user = set_user(push, user, content, addresses)?;
                Ok(Changed { status: 200, held: Held::User(user, groups) })
            }
            Self::PatchUser { id, operations } => {
                let (user, groups) = find_user(push.tx(), parent, id, conditions)?;
                let patched = patch::user(&user::stored(&user.content.resource)?, operations)?;
                let content = user::content(&patched)?;
                let addresses = user::other_addresses(&patched, &content);
                let user = set_user(push, user, &content, &addresses)?;
                Ok(Changed { status: 200, held: Held::User(user, groups) })
            }
            Self::DeleteUser { id } => {
                let (user, _) = find_user(push.tx(), parent, id, conditions)?;
                push.delete_user(&user)?;
                Ok(Changed { status: 204, held: Held::Gone })
            }
            Self::CreateGroup { public_id, content, members } => {
                let members = resolve(push.tx(), parent, members)?;
                let group = push.add_group(public_id, content).map_err(refused)?;
                push.add_members(&group, &members)?;
                Ok(Changed { status: 201, held: Held::Group(again(push.tx(), &group)?) })
            }
            Self::ReplaceGroup { id, content, members } => {
                let group = find_group(push.tx(), parent, id, conditions)?;
                let members = resolve(push.tx(), parent, members)?;
                let group = set_group(push, group, content)?;
                push.replace_members(&group, &members)?;
                Ok(Changed { status: 200, held: Held::Group(again(push.tx(), &group)?) })
            }
            Self::PatchGroup { id, operations } => {
                let group = find_group(push.tx(), parent, id, conditions)?;
                let (patched, steps) = patch::group(&group::stored(&group.content.resource)?, operations)?;
                let content = group::content(&patched)?;
                let steps = resolved(push.tx(), parent, steps)?;
                let group = set_group(push, group, &content)?;
                for step in &steps {
                    step.carry_out(push, &group)?;
                }
                Ok(Changed { status: 204, held: Held::Group(again(push.tx(), &group)?) })
            }
            Self::DeleteGroup { id } => {
                let group = find_group(push.tx(), parent, id, conditions)?;
                push.delete_group(&group)?;
                Ok(Changed { status: 204, held: Held::Gone })
            }
        }
    }
}

/// A step with the rows of the users it names.
enum Step {
    Add(Vec<DirectoryUserId>),
    Remove(Vec<DirectoryUserId>),
    Replace(Vec<DirectoryUserId>),
}

impl Step {
    fn carry_out(&self, push: &mut Push<'_>, group: &DirectoryGroup) -> Result<(), DbError> {
        match self {
            Self::Add(users) => push.add_members(group, users).map(drop),
            Self::Remove(users) => push.remove_members(group, users).map(drop),
            Self::Replace(users) => push.replace_members(group, users).map(drop),
        }
    }
}

fn refused(error: PushError) -> No {
    match error {
        PushError::Taken(_) | PushError::AddressInUse => No::Scim(ScimError::new(Kind::Uniqueness, error.to_string())),
        PushError::Db(error) => No::Db(error),
    }
}

/// Ids of other directories are not there, and are told of like ids that nobody ever had.
fn find_user(
    tx: &mut dyn Tx,
    parent: ParentId,
    id: &str,
    conditions: Conditions<'_>,
) -> Result<(DirectoryUser, Vec<GroupOfUser>), No> {
    let user = store::directory_users::by_public_id(tx, parent, id)?.ok_or_else(no_user)?;
    let groups = store::directory_memberships::groups_of_user(tx, user.id)?;
    conditions.check(&etag::of_user(user.version, &groups))?;
    Ok((user, groups))
}

pub(super) fn no_user() -> ScimError {
    ScimError::new(Kind::NotFound, "there is no user of this id in this directory")
}

pub(super) fn no_group() -> ScimError {
    ScimError::new(Kind::NotFound, "there is no group of this id in this directory")
}

fn find_group(tx: &mut dyn Tx, parent: ParentId, id: &str, conditions: Conditions<'_>) -> Result<DirectoryGroup, No> {
    let group = store::directory_groups::by_public_id(tx, parent, id)?.ok_or_else(no_group)?;
    conditions.check(&etag::of_group(group.version))?;
    Ok(group)
}

/// The group as its members left it.
fn again(tx: &mut dyn Tx, group: &DirectoryGroup) -> Result<DirectoryGroup, DbError> {
    let found = store::directory_groups::by_id(tx, group.id)?;
    found.ok_or_else(|| DbError::Other("a group is gone within its own transaction".to_owned()))
}

/// Writes a user, unless it says what is there already.
fn set_user(
    push: &mut Push<'_>,
    user: DirectoryUser,
    content: &UserContent,
    addresses: &[String],
) -> Result<DirectoryUser, No> {
    if user.content == *content {
        return Ok(user);
    }
    let user = push.update_user(&user, content).map_err(refused)?;
    store::directory_addresses::set(push.tx(), user.id, addresses)?;
    Ok(user)
}

/// Writes a group, unless it says what is there already.
fn set_group(push: &mut Push<'_>, group: DirectoryGroup, content: &GroupContent) -> Result<DirectoryGroup, No> {
    if group.content == *content {
        return Ok(group);
    }
    push.update_group(&group, content).map_err(refused)
}

/// The rows of members; each has to be a user of this directory.
fn resolve(tx: &mut dyn Tx, parent: ParentId, ids: &[String]) -> Result<Vec<DirectoryUserId>, No> {
    let mut users = Vec::with_capacity(ids.len());
    for id in ids {
        match store::directory_users::id_of(tx, parent, id)? {
            Some(user) => users.push(user),
            None => return Err(No::Scim(no_such_member(tx, parent, id)?)),
        }
    }
    Ok(users)
}

fn no_such_member(tx: &mut dyn Tx, parent: ParentId, id: &str) -> Result<ScimError, DbError> {
    let shown: String = id.chars().take(80).collect();
    let detail = match store::directory_groups::by_public_id(tx, parent, id)? {
        Some(_) => format!("member {shown:?} is a group: groups as members are not supported"),
        None => format!("member {shown:?} is no user of this directory; nobody was added or removed"),
    };
    Ok(ScimError::new(Kind::Value, detail))
}

/// The rows of the members that steps name. Who is to go and is not there is gone already.
fn resolved(tx: &mut dyn Tx, parent: ParentId, steps: Vec<MemberStep>) -> Result<Vec<Step>, No> {
    let mut resolved = Vec::with_capacity(steps.len());
    for step in steps {
        resolved.push(match step {
            MemberStep::Add(ids) => Step::Add(resolve(tx, parent, &ids)?),
            MemberStep::Replace(ids) => Step::Replace(resolve(tx, parent, &ids)?),
            MemberStep::Remove(ids) => {
                let mut users = Vec::with_capacity(ids.len());
                for id in &ids {
                    users.extend(store::directory_users::id_of(tx, parent, id)?);
                }
                Step::Remove(users)
            }
        });
    }
    Ok(resolved)
}
