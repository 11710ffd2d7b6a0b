use super::{GroupMapping, GroupMappings, Organization, ProvisioningMode};

/// What decides who is a member of an organization, with what, and which sessions count: drafted, looked at ahead and saved as one
/// (rule B28).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessSettings {
    /// Who becomes a member, and how.
    pub mode: ProvisioningMode,
    /// The mapping tables, as the store lists them: by value, then group.
    pub mappings: GroupMappings,
    /// Only sessions that came through an active connection count.
    pub require_sso: bool,
}

impl AccessSettings {
    /// As an organization has them.
    pub fn of(organization: &Organization) -> Self {
        let Organization { mode, mappings, require_sso, .. } = organization;
        Self { mode: *mode, mappings: mappings.clone(), require_sso: *require_sso }
    }

    /// The organization with these settings in place of its own.
    pub fn in_place_of(&self, organization: &Organization) -> Organization {
        let Self { mode, mappings, require_sso } = self.clone();
        Organization { mode, mappings, require_sso, ..organization.clone() }
    }

    /// With each row once, and in the order of the store: so that what is the same compares as the same.
    pub fn in_order(mut self) -> Self {
        fn order<K: Ord>(rows: &mut Vec<GroupMapping<K>>) {
            rows.sort_by(|a, b| (&a.gives, &a.group).cmp(&(&b.gives, &b.group)));
            rows.dedup();
        }
        order(&mut self.mappings.roles);
        order(&mut self.mappings.seats);
        self
    }

    /// How many rows the two tables have.
    pub fn rows(&self) -> usize {
        self.mappings.roles.len() + self.mappings.seats.len()
    }
}
