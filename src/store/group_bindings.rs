//! Which directory group the value of a mapping row means, in the scim modes.

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, TxExt, V};
use crate::identity::GroupKey;
use crate::ids::OrganizationId;

use super::damaged;

/// The value of a mapping row, and the SCIM `id` of the group it means. That group may be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupBinding {
    /// As the mapping is written.
    pub value: GroupKey,
    /// The group it means, whatever that group is called by now.
    pub directory_group: String,
}

/// What the mappings of an organization are bound to, by value.
pub fn of_organization(tx: &mut dyn Tx, organization: OrganizationId) -> Result<Vec<GroupBinding>, DbError> {
    tx.all(
        "SELECT group_key, directory_group FROM group_binding WHERE organization_id = ?1 ORDER BY group_key",
        &[V::I(organization.0)],
        |row| {
            let value = GroupKey::new(&row.text(0)?).ok_or_else(|| damaged("group binding"))?;
            Ok(GroupBinding { value, directory_group: row.text(1)? })
        },
    )
}

/// Binds a value to a group; it was bound to none, or to one that is gone.
pub fn bind(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    value: &GroupKey,
    directory_group: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO group_binding (organization_id, group_key, directory_group, bound_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (organization_id, group_key) DO UPDATE SET directory_group = excluded.directory_group, \
         bound_at = excluded.bound_at",
        &[V::I(organization.0), V::T(value.as_str()), V::T(directory_group), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Forgets what values mean: the directory that had the groups is gone.
pub fn forget_all(tx: &mut dyn Tx, organization: OrganizationId) -> Result<(), DbError> {
    tx.exec("DELETE FROM group_binding WHERE organization_id = ?1", &[V::I(organization.0)])?;
    Ok(())
}

/// Forgets what values mean that no row maps any more.
pub(super) fn forget_unmapped(tx: &mut dyn Tx, organization: OrganizationId) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM group_binding WHERE organization_id = ?1 AND NOT EXISTS (SELECT 1 FROM group_mapping \
         WHERE group_mapping.organization_id = group_binding.organization_id \
         AND group_mapping.group_key = group_binding.group_key)",
        &[V::I(organization.0)],
    )?;
    Ok(())
}
