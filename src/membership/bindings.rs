use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use crate::audit::Event;
use crate::db::{DbError, Tx};
use crate::directory::{DirectoryGroup, GroupOfUser};
use crate::identity::GroupKey;
use crate::ids::ParentId;
use crate::organization::{Organization, ProvisioningMode};
use crate::store;

/// An organization in a scim mode, with what its mappings mean in the directory.
pub(super) struct Synced {
    pub(super) organization: Organization,
    /// Which values of its mapping rows a directory group stands for, by the group's SCIM `id`.
    values: BTreeMap<String, Vec<GroupKey>>,
}

impl Synced {
    pub(super) fn read(tx: &mut dyn Tx, organization: Organization) -> Result<Self, DbError> {
        let mut values: BTreeMap<String, Vec<GroupKey>> = BTreeMap::new();
        for bound in store::group_bindings::of_organization(tx, organization.id)? {
            values.entry(bound.directory_group).or_default().push(bound.value);
        }
        Ok(Self { organization, values })
    }

    /// As it will be once these settings are written.
    pub(super) fn foreseen(tx: &mut dyn Tx, organization: Organization) -> Result<Self, DbError> {
        let mut values: BTreeMap<String, Vec<GroupKey>> = BTreeMap::new();
        for (value, group) in mapped_groups(tx, &organization)? {
            values.entry(group).or_default().push(value);
        }
        Ok(Self { organization, values })
    }

    /// The organizations of a parent that are in a scim mode.
    pub(super) fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Self>, DbError> {
        let organizations = store::organizations::of_parent(tx, parent)?;
        organizations.into_iter().filter(is_synced).map(|organization| Self::read(tx, organization)).collect()
    }

    /// The directory groups of a person in the words of the mappings. A group that no row is bound to stands under its own id,
    /// and a row that is bound to no group matches nothing, whatever groups are called.
    pub(super) fn in_words_of_mappings<'g>(
        &self,
        groups: impl IntoIterator<Item = &'g GroupOfUser>,
    ) -> BTreeSet<GroupKey> {
        let mut keys = BTreeSet::new();
        for group in groups {
            match self.values.get(&group.public_id) {
                Some(values) => keys.extend(values.iter().cloned()),
                None => keys.extend(GroupKey::new(&group.public_id).filter(|own| !self.is_mapped(own))),
            }
        }
        keys
    }

    /// The groups that mapping rows are bound to: the SCIM `id`, and the values that mean it.
    pub(super) fn bound(&self) -> impl Iterator<Item = (&String, &Vec<GroupKey>)> {
        self.values.iter()
    }

    fn is_mapped(&self, value: &GroupKey) -> bool {
        mapped_values(&self.organization).contains(value)
    }
}

/// Whether the directory decides about members.
pub(super) fn is_synced(organization: &Organization) -> bool {
    matches!(organization.mode, ProvisioningMode::Scim { .. })
}

fn binds(organization: &Organization) -> bool {
    matches!(organization.mode, ProvisioningMode::Scim { group_mappings: true })
}

fn mapped_values(organization: &Organization) -> BTreeSet<&GroupKey> {
    organization.mappings.values().collect()
}

/// Looks for the groups that mapping rows mean and that are bound to none yet: by SCIM `id`, by `externalId`, or by the exact name
/// if one group alone has it. Call it when mode or mappings were written. Returns how many were bound.
pub fn bind_mappings(tx: &mut dyn Tx, context: &Context<'_>, organization: &Organization) -> Result<usize, DbError> {
    if !binds(organization) {
        return Ok(0);
    }
    let mut found = 0;
    for (value, meant) in meanings(tx, organization)? {
        if let Meaning::New(group) = meant {
            bind(tx, context, organization, &value, &group)?;
            found += 1;
        }
    }
    Ok(found)
}

/// What the value of a mapping row means in the directory.
enum Meaning {
    /// The group that it is bound to, by its SCIM `id`.
    Bound(String),
    /// A group that it would be bound to.
    New(Box<DirectoryGroup>),
}

/// What the rows of an organization mean, or will mean once they are written. Rows that mean no group are left out.
fn meanings(tx: &mut dyn Tx, organization: &Organization) -> Result<Vec<(GroupKey, Meaning)>, DbError> {
    let bound = store::group_bindings::of_organization(tx, organization.id)?;
    let mut meanings = Vec::new();
    for value in mapped_values(organization) {
        let known = bound.iter().find(|bound| bound.value == *value);
        if let Some(known) = known
            && store::directory_groups::by_public_id(tx, organization.parent, &known.directory_group)?.is_some()
        {
            meanings.push((value.clone(), Meaning::Bound(known.directory_group.clone())));
        } else if let Some(group) = meant_by(tx, organization.parent, value, known.is_none())? {
            meanings.push((value.clone(), Meaning::New(Box::new(group))));
        }
    }
    Ok(meanings)
}

/// Which directory group each value of the mapping rows means, or will mean once they are written; by the group's SCIM `id`.
pub fn mapped_groups(tx: &mut dyn Tx, organization: &Organization) -> Result<BTreeMap<GroupKey, String>, DbError> {
    let all = meanings(tx, organization)?.into_iter().map(|(value, meaning)| match meaning {
        Meaning::Bound(group) => (value, group),
        Meaning::New(group) => (value, group.public_id),
    });
    Ok(all.collect())
}

/// A name is no proof once a row has meant a group: who may name groups at the identity provider must not inherit what another
/// group was given (rule B31).
fn meant_by(
    tx: &mut dyn Tx,
    parent: ParentId,
    value: &GroupKey,
    by_name: bool,
) -> Result<Option<DirectoryGroup>, DbError> {
    if let Some(group) = store::directory_groups::by_public_id(tx, parent, value.as_str())? {
        return Ok(Some(group));
    }
    if let Some(group) = store::directory_groups::by_external_id(tx, parent, value.as_str())? {
        return Ok(Some(group));
    }
    if !by_name {
        return Ok(None);
    }
    let mut named = store::directory_groups::by_display_name(tx, parent, value.as_str())?;
    named.retain(|group| group.content.display_name.as_str() == value.as_str());
    Ok(if named.len() == 1 { named.pop() } else { None })
}

/// A group has arrived, or has another name or `externalId` now: rows that mean no group yet may mean this one. Returns whether any
/// does from now on.
pub(super) fn group_arrived(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    synced: &[Synced],
    group: &DirectoryGroup,
) -> Result<bool, DbError> {
    let called = |value: &GroupKey| {
        let (value, content) = (value.as_str(), &group.content);
        value == content.display_name.as_str()
            || value == group.public_id
            || content.external_id.as_deref() == Some(value)
    };
    let mut any = false;
    for Synced { organization, .. } in synced.iter().filter(|synced| binds(&synced.organization)) {
        if mapped_values(organization).into_iter().any(called) {
            any |= bind_mappings(tx, context, organization)? > 0;
        }
    }
    Ok(any)
}

fn bind(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    value: &GroupKey,
    group: &DirectoryGroup,
) -> Result<(), DbError> {
    store::group_bindings::bind(tx, organization.id, value, &group.public_id, context.now)?;
    let event = Event::GroupBound {
        value: value.to_string(),
        group: group.public_id.clone(),
        name: group.content.display_name.to_string(),
    };
    context.record(tx, Some(organization.parent), Some(organization.id), event)
}
