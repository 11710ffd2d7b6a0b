use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::identity::GroupKey;
use crate::ids::ParentId;
use crate::membership::mapped_groups;
use crate::organization::{AccessSettings, Organization, ProvisioningMode};
use crate::store;
use crate::store::seen_groups::SeenGroup;

/// How many groups are offered to choose from. Others can be typed.
const OFFERED: u32 = 500;

/// What is known of the groups that can be mapped (rule B31).
#[derive(Default)]
pub(super) struct Groups {
    known: BTreeMap<String, Group>,
    /// What the values of mapping rows mean in the directory.
    meant: BTreeMap<String, Group>,
    /// There are more than are offered.
    pub(super) more: bool,
}

/// A group.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// What it is called, where that is not its value.
    pub(super) name: Option<String>,
    /// How many people are known to be in it.
    pub(super) people: u64,
    /// When it was last seen in a sign-in or test, to the hour.
    pub(super) seen: Option<Timestamp>,
}

/// What the directory says of what somebody typed.
pub(super) enum Meant {
    /// This group, by its id.
    Group(GroupKey),
    /// No group is called this, or has this id.
    Nothing,
    /// Several are called this.
    Several,
}

impl Groups {
    /// The groups that count in a mode: in the scim modes those that were pushed, else those that sign-ins and tests told of.
    pub(super) fn read(
        tx: &mut dyn Tx,
        organization: &Organization,
        settings: &AccessSettings,
    ) -> Result<Self, DbError> {
        match settings.mode {
            ProvisioningMode::Scim { .. } => Self::pushed(tx, organization, settings),
            ProvisioningMode::Manual | ProvisioningMode::Jit { .. } => Self::seen(tx, organization.parent, settings),
        }
    }

    fn pushed(tx: &mut dyn Tx, organization: &Organization, settings: &AccessSettings) -> Result<Self, DbError> {
        let mut groups = Self::default();
        let mut page = store::directory_groups::page_at(tx, organization.parent, 0, OFFERED + 1)?;
        groups.more = page.len() > OFFERED as usize;
        page.truncate(OFFERED as usize);
        for group in page {
            let name = Some(group.content.display_name.to_string());
            groups.known.insert(group.public_id, Group { name, people: group.members, seen: None });
        }
        // What rows mean, however many groups there are.
        let drafted = settings.in_place_of(organization);
        for (value, id) in mapped_groups(tx, &drafted)? {
            if let Some(group) = store::directory_groups::by_public_id(tx, organization.parent, &id)? {
                let name = Some(group.content.display_name.to_string());
                groups.meant.insert(value.to_string(), Group { name, people: group.members, seen: None });
            }
        }
        Ok(groups)
    }

    fn seen(tx: &mut dyn Tx, parent: ParentId, settings: &AccessSettings) -> Result<Self, DbError> {
        let mut groups = Self::default();
        let mut fullest = store::seen_groups::of_parent(tx, parent, OFFERED + 1)?;
        groups.more = fullest.len() > OFFERED as usize;
        fullest.truncate(OFFERED as usize);
        let told = |seen: SeenGroup| {
            (seen.value.to_string(), Group { name: None, people: seen.people, seen: Some(seen.seen) })
        };
        groups.known = fullest.into_iter().map(told).collect();
        // What rows mean, however many groups there are.
        for value in settings.mappings.values() {
            if !groups.known.contains_key(value.as_str())
                && let Some(seen) = store::seen_groups::find(tx, parent, value)?
            {
                groups.meant.extend([told(seen)]);
            }
        }
        Ok(groups)
    }

    pub(super) fn of(&self, value: &GroupKey) -> Option<&Group> {
        self.meant.get(value.as_str()).or_else(|| self.known.get(value.as_str()))
    }

    /// Those to choose from, the fullest first.
    pub(super) fn offered(&self) -> Vec<(&String, &Group)> {
        let mut all: Vec<_> = self.known.iter().collect();
        all.sort_by_key(|(value, group)| (std::cmp::Reverse(group.people), group.name.clone(), (*value).clone()));
        all.truncate(OFFERED as usize);
        all
    }
}

/// Which pushed group is meant by an id, an `externalId` or a name.
pub(super) fn meant(tx: &mut dyn Tx, parent: ParentId, text: &str) -> Result<Meant, DbError> {
    let by_id = match store::directory_groups::by_public_id(tx, parent, text)? {
        Some(group) => Some(group),
        None => store::directory_groups::by_external_id(tx, parent, text)?,
    };
    let mut named = match by_id {
        Some(group) => vec![group],
        None => store::directory_groups::by_display_name(tx, parent, text)?,
    };
    let found = named.pop();
    Ok(match found.filter(|_| named.is_empty()) {
        Some(group) => GroupKey::new(&group.public_id).map_or(Meant::Nothing, Meant::Group),
        None if named.is_empty() => Meant::Nothing,
        None => Meant::Several,
    })
}
