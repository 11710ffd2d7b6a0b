//! A directory is taken away. Nobody's membership ends by it (rules B27, B34): it says nothing about anybody any more.

use super::{Context, Runs, brake};
use crate::audit::{Event, Thing};
use crate::db::{DbError, Tx};
use crate::ids::{DirectoryGroupId, DirectoryUserId, ParentId};
use crate::organization::{Organization, ProvisioningMode};
use crate::store;

/// How many users or groups go in one transaction.
const SLICE: u32 = 500;

/// How much of a directory is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forget {
    /// Users and groups; the identity provider may push them again with the tokens it has.
    Contents,
    /// The tokens, too, and that there ever was a directory.
    Everything,
}

/// What would be taken away, and what that means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgetting {
    /// Users in the directory.
    pub users: u64,
    /// Groups in it.
    pub groups: u64,
    /// Tokens that open it.
    pub tokens: usize,
    /// The organizations that follow it.
    pub organizations: Vec<Following>,
}

/// An organization in a scim mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// Its slug.
    pub organization: String,
    /// Its members, who stay, and cannot sign in until they are pushed again (rule B20).
    pub members: u64,
    /// Values of mapping rows that wait for a group of that name, or `externalId`, again.
    pub by_name: Vec<String>,
    /// Values that are the `id` of a group, which will not come again.
    pub by_id: Vec<String>,
}

/// Why a directory stays.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    /// Nobody pushed anything, and no token opens it.
    #[error("there is no directory")]
    Nothing,
    /// Organizations follow it: nobody could sign in there, and no identity provider could change that.
    #[error(
        "{} still follows the directory; choose another provisioning mode there first, or reset the directory, which keeps its tokens",
        .0.join(", ")
    )]
    Followed(Vec<String>),
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

fn followers(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Organization>, DbError> {
    let mut all = store::organizations::of_parent(tx, parent)?;
    all.retain(|organization| matches!(organization.mode, ProvisioningMode::Scim { .. }));
    Ok(all)
}

/// What taking a directory away would mean now. Writes nothing.
pub fn forgetting(tx: &mut dyn Tx, parent: ParentId) -> Result<Forgetting, DbError> {
    let known = store::directory::of_parent(tx, parent)?;
    let (users, groups) = known.map_or((0, 0), |known| (known.users, known.groups));
    let tokens = store::scim_tokens::of_parent(tx, parent)?.len();
    let mut organizations = Vec::new();
    for organization in followers(tx, parent)? {
        let (mut by_name, mut by_id) = (Vec::new(), Vec::new());
        for bound in store::group_bindings::of_organization(tx, organization.id)? {
            let list = if bound.value.as_str() == bound.directory_group { &mut by_id } else { &mut by_name };
            list.push(bound.value.to_string());
        }
        let members = store::members::count(tx, organization.id)?.0;
        organizations.push(Following { organization: organization.slug.to_string(), members, by_name, by_id });
    }
    Ok(Forgetting { users, groups, tokens, organizations })
}

impl Runs {
    /// Takes a directory away, in slices, so that nobody waits long. Where that is cut off, the same call goes on with it; what is
    /// pushed meanwhile stays. Blocks.
    pub fn forget_directory(&self, parent: ParentId, how: Forget) -> Result<Forgetting, ForgetError> {
        let (gone, last_user, last_group) = self.write(move |tx, context| begin(tx, context, parent, how))?;
        while self.write(move |tx, context| users(tx, context, parent, last_user))? {}
        while self.write(move |tx, context| groups(tx, context, parent, last_group))? {}
        if how == Forget::Everything {
            self.write(move |tx, _| store::directory::remove(tx, parent))?;
        }
        Ok(gone)
    }
}

/// Lets go of everything that rests on the directory, and records it, before the first user goes: users go whole, with their groups,
/// so whoever is left stands as before at each step.
fn begin(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    parent: ParentId,
    how: Forget,
) -> Result<(Forgetting, DirectoryUserId, DirectoryGroupId), ForgetError> {
    let gone = forgetting(tx, parent)?;
    if store::directory::of_parent(tx, parent)?.is_none() && gone.tokens == 0 {
        return Err(ForgetError::Nothing);
    }
    if how == Forget::Everything && !gone.organizations.is_empty() {
        return Err(ForgetError::Followed(gone.organizations.into_iter().map(|one| one.organization).collect()));
    }
    for organization in store::organizations::of_parent(tx, parent)? {
        // Runs that were halted would end memberships because the directory says so, and it says nothing any more.
        brake::supersede(tx, context, organization.id, true)?;
        store::sync_holds::release_all(tx, organization.id)?;
        store::organizations::set_sync_pending(tx, organization.id, false)?;
        store::group_bindings::forget_all(tx, organization.id)?;
    }
    let (users, groups) = (gone.users, gone.groups);
    let event = match how {
        Forget::Contents => Event::DirectoryReset { users, groups },
        Forget::Everything => Event::DirectoryDeleted { users, groups },
    };
    context.record(tx, Some(parent), None, event)?;
    if how == Forget::Everything {
        for token in store::scim_tokens::of_parent(tx, parent)? {
            store::scim_tokens::revoke(tx, token.id, context.now)?;
            let event = Event::Removed { thing: Thing::ScimToken, name: token.name };
            context.record(tx, Some(parent), None, event)?;
        }
    }
    let last_user = store::directory_users::last(tx, parent)?;
    let last_group = store::directory_groups::last(tx, parent)?;
    Ok((gone, last_user, last_group))
}

fn users(tx: &mut dyn Tx, context: &Context<'_>, parent: ParentId, last: DirectoryUserId) -> Result<bool, DbError> {
    let mut page = store::directory_users::page_after(tx, parent, DirectoryUserId(0), SLICE)?;
    page.retain(|user| user.id <= last);
    for user in &page {
        store::directory_users::delete(tx, user, context.now)?;
    }
    Ok(!page.is_empty())
}

fn groups(tx: &mut dyn Tx, context: &Context<'_>, parent: ParentId, last: DirectoryGroupId) -> Result<bool, DbError> {
    let mut page = store::directory_groups::page_after(tx, parent, DirectoryGroupId(0), SLICE)?;
    page.retain(|group| group.id <= last);
    for group in &page {
        store::directory_groups::delete(tx, group, context.now)?;
    }
    Ok(!page.is_empty())
}

#[cfg(test)]
mod tests;
