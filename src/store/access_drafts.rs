//! Drafts of access settings: one per organization and editor, as JSON that is read and written here only.

use serde::{Deserialize, Serialize};

use super::damaged;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, TxExt, V};
use crate::identity::GroupKey;
use crate::ids::OrganizationId;
use crate::organization::{AccessSettings, GroupMapping, GroupMappings, ProvisioningMode};
use crate::product::{RoleKey, SeatTypeKey};

#[derive(Serialize, Deserialize)]
struct Kept {
    mode: String,
    group_mappings: bool,
    require_sso: bool,
    /// What each group gives.
    roles: Vec<(String, String)>,
    seats: Vec<(String, String)>,
}

/// Access settings as text.
pub(super) fn text(settings: &AccessSettings) -> Result<String, DbError> {
    fn rows<K: ToString>(rows: &[GroupMapping<K>]) -> Vec<(String, String)> {
        rows.iter().map(|row| (row.group.to_string(), row.gives.to_string())).collect()
    }
    let kept = Kept {
        mode: settings.mode.as_str().to_owned(),
        group_mappings: settings.mode.has_group_mappings(),
        require_sso: settings.require_sso,
        roles: rows(&settings.mappings.roles),
        seats: rows(&settings.mappings.seats),
    };
    serde_json::to_string(&kept).map_err(|_| damaged("access settings"))
}

/// Access settings out of text.
pub(super) fn read(text: &str) -> Result<AccessSettings, DbError> {
    fn rows<K>(kept: Vec<(String, String)>, key: impl Fn(String) -> K) -> Result<Vec<GroupMapping<K>>, DbError> {
        let row = |(group, gives): (String, String)| {
            let group = GroupKey::new(&group).ok_or_else(|| damaged("access settings"))?;
            Ok(GroupMapping { group, gives: key(gives) })
        };
        kept.into_iter().map(row).collect()
    }
    let kept: Kept = serde_json::from_str(text).map_err(|_| damaged("access settings"))?;
    let mode = ProvisioningMode::parse(&kept.mode, kept.group_mappings).ok_or_else(|| damaged("access settings"))?;
    let mappings = GroupMappings { roles: rows(kept.roles, RoleKey::new)?, seats: rows(kept.seats, SeatTypeKey::new)? };
    Ok(AccessSettings { mode, mappings, require_sso: kept.require_sso }.in_order())
}

/// What an editor is about to change, and since when; `None` without a draft.
pub fn find(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    editor: &str,
) -> Result<Option<(AccessSettings, Timestamp)>, DbError> {
    let found = tx.one(
        "SELECT settings, changed_at FROM access_draft WHERE organization_id = ?1 AND editor = ?2",
        &[V::I(organization.0), V::T(editor)],
        |row| Ok((row.text(0)?, Timestamp::from_millis(row.int(1)?))),
    )?;
    found.map(|(kept, at)| Ok((read(&kept)?, at))).transpose()
}

/// Keeps a draft in place of the editor's last one.
pub fn put(
    tx: &mut dyn Tx,
    organization: OrganizationId,
    editor: &str,
    settings: &AccessSettings,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO access_draft (organization_id, editor, settings, changed_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (organization_id, editor) DO UPDATE SET settings = excluded.settings, changed_at = excluded.changed_at",
        &[V::I(organization.0), V::T(editor), V::T(&text(settings)?), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// Forgets a draft. Returns whether there was one.
pub fn remove(tx: &mut dyn Tx, organization: OrganizationId, editor: &str) -> Result<bool, DbError> {
    let gone = tx.exec(
        "DELETE FROM access_draft WHERE organization_id = ?1 AND editor = ?2",
        &[V::I(organization.0), V::T(editor)],
    )?;
    Ok(gone == 1)
}

/// Forgets all drafts of an organization.
pub fn remove_all(tx: &mut dyn Tx, organization: OrganizationId) -> Result<u64, DbError> {
    tx.exec("DELETE FROM access_draft WHERE organization_id = ?1", &[V::I(organization.0)])
}

/// Deletes at most `limit` drafts that were not touched since. Returns how many.
pub fn purge(tx: &mut dyn Tx, since: Timestamp, limit: u32) -> Result<u64, DbError> {
    tx.exec(
        "DELETE FROM access_draft WHERE (organization_id, editor) IN \
         (SELECT organization_id, editor FROM access_draft WHERE changed_at < ?1 LIMIT ?2)",
        &[V::I(since.as_millis()), V::I(i64::from(limit))],
    )
}
