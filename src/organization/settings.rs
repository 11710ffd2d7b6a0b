use crate::identity::GroupKey;
use crate::ids::{OrganizationId, ParentId, Slug};
use crate::product::{ParentPlan, Product, ProductKey, RoleKey, SeatTypeKey};

/// An organization: members, seats, mode, mappings and applications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its row.
    pub id: OrganizationId,
    /// The parent it is attached to.
    pub parent: ParentId,
    /// Unique in the installation.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// What it uses.
    pub product: ProductKey,
    /// Who becomes a member, and how.
    pub mode: ProvisioningMode,
    /// The mapping tables; kept while mappings are switched off.
    pub mappings: GroupMappings,
    /// Only sessions that came through an active connection count here (rule B7).
    pub require_sso: bool,
    /// Shown to refused people.
    pub contact: Option<String>,
}

/// Who becomes a member of an organization, and how. With [`Rules`], the five modes; manual with mappings cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProvisioningMode {
    /// Members are added, changed and removed by hand. The default of every new organization.
    Manual,
    /// Whoever the identity provider lets through becomes a member at the first sign-in.
    ///
    /// Without mappings: default role; later sign-ins change nothing. With mappings: in at least one role-mapped group, with
    /// the highest mapped role, recomputed at every sign-in; an attempt without a mapped group ends the membership.
    Jit {
        /// Groups decide role and seat.
        group_mappings: bool,
    },
    /// Whoever the identity provider assigns becomes a member without signing in, and stops being one when unassigned.
    ///
    /// Without mappings: default role. With mappings: in at least one role-mapped group, in effect when the push is answered.
    Scim {
        /// Groups decide role and seat.
        group_mappings: bool,
    },
}

impl ProvisioningMode {
    /// The five modes.
    pub const ALL: [Self; 5] = [
        Self::Manual,
        Self::Jit { group_mappings: false },
        Self::Jit { group_mappings: true },
        Self::Scim { group_mappings: false },
        Self::Scim { group_mappings: true },
    ];

    /// The word in files and the database; mappings are a column of their own.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Jit { .. } => "jit",
            Self::Scim { .. } => "scim",
        }
    }

    /// Whether groups decide role and seat.
    pub fn has_group_mappings(self) -> bool {
        match self {
            Self::Manual => false,
            Self::Jit { group_mappings } | Self::Scim { group_mappings } => group_mappings,
        }
    }

    /// Reads word and column. `None` for an unknown word, and for manual with mappings.
    pub fn parse(word: &str, group_mappings: bool) -> Option<Self> {
        match (word, group_mappings) {
            ("manual", false) => Some(Self::Manual),
            ("jit", _) => Some(Self::Jit { group_mappings }),
            ("scim", _) => Some(Self::Scim { group_mappings }),
            _ => None,
        }
    }
}

/// One row of a mapping table. Several groups may map to one value, and one group may stand in both tables (rule B14).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupMapping<K> {
    /// The group: an exact value (jit) or a directory group's id (scim), never a pattern (rule B31).
    pub group: GroupKey,
    /// What being in it gives.
    pub gives: K,
}

/// The two mapping tables, independent of each other (rule B14).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupMappings {
    /// Which groups give which role.
    pub roles: Vec<GroupMapping<RoleKey>>,
    /// Which groups give which seat type.
    pub seats: Vec<GroupMapping<SeatTypeKey>>,
}

impl GroupMappings {
    /// The values of all rows. One that is in several comes as often.
    pub fn values(&self) -> impl Iterator<Item = &GroupKey> {
        self.roles.iter().map(|row| &row.group).chain(self.seats.iter().map(|row| &row.group))
    }
}

/// What rules an organization: mode and mappings in one value, so that a rule cannot forget to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules<'a> {
    /// By hand.
    Manual,
    /// At the first sign-in.
    Jit,
    /// At every sign-in, by groups.
    JitMapped(&'a GroupMappings),
    /// By the directory.
    Scim,
    /// By the directory's groups.
    ScimMapped(&'a GroupMappings),
}

impl<'a> Rules<'a> {
    /// Puts mode and tables together.
    pub fn new(mode: ProvisioningMode, mappings: &'a GroupMappings) -> Self {
        match mode {
            ProvisioningMode::Manual => Self::Manual,
            ProvisioningMode::Jit { group_mappings: false } => Self::Jit,
            ProvisioningMode::Jit { group_mappings: true } => Self::JitMapped(mappings),
            ProvisioningMode::Scim { group_mappings: false } => Self::Scim,
            ProvisioningMode::Scim { group_mappings: true } => Self::ScimMapped(mappings),
        }
    }
}

/// Why an organization may not use directory sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyncNotOffered {
    /// The product never has it.
    #[error("directory sync (SCIM) is not offered for this product; use manual or jit")]
    ByTheProduct,
    /// The parent's plan rules it out.
    #[error("directory sync (SCIM) is not offered under a parent organization with a Team plan; use manual or jit")]
    ByTheParent,
}

impl Organization {
    /// Whether a session counts in an organization (rule B7): with *require SSO*, only while the connection that it came through is
    /// switched on. Elsewhere a session lasts as long as it lasts.
    pub fn counts_session(require_sso: bool, through_active_connection: bool) -> bool {
        through_active_connection || !require_sso
    }

    /// Mode and mappings as one value.
    pub fn rules(&self) -> Rules<'_> {
        Rules::new(self.mode, &self.mappings)
    }

    /// Whether this mode may be chosen with such a product under such a parent, and if not, why.
    pub fn mode_is_offered(
        mode: ProvisioningMode,
        product: &Product,
        parent: ParentPlan,
    ) -> Result<(), SyncNotOffered> {
        match mode {
            ProvisioningMode::Manual | ProvisioningMode::Jit { .. } => Ok(()),
            ProvisioningMode::Scim { .. } if product.offers_directory_sync(parent) => Ok(()),
            ProvisioningMode::Scim { .. } => {
                let elsewhere = ParentPlan::ALL.into_iter().any(|plan| product.offers_directory_sync(plan));
                Err(if elsewhere { SyncNotOffered::ByTheParent } else { SyncNotOffered::ByTheProduct })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::Catalog;

    #[test]
    fn scim_is_refused_where_product_or_parent_rule_it_out() {
        let catalog = Catalog::built_in();
        let offered = |key: &str, plan| {
            let product = catalog.product(&ProductKey::new(key)).expect("built in");
            Organization::mode_is_offered(ProvisioningMode::Scim { group_mappings: true }, product, plan)
        };
        assert_eq!(offered("team", ParentPlan::Enterprise), Err(SyncNotOffered::ByTheProduct));
        assert_eq!(offered("console", ParentPlan::Team), Err(SyncNotOffered::ByTheParent));
        assert_eq!(offered("console", ParentPlan::Console), Ok(()));
        assert_eq!(offered("enterprise-seats", ParentPlan::Enterprise), Ok(()));
    }

    #[test]
    fn a_mode_is_read_as_it_is_written_and_manual_has_no_mappings() {
        for mode in ProvisioningMode::ALL {
            assert_eq!(ProvisioningMode::parse(mode.as_str(), mode.has_group_mappings()), Some(mode));
        }
        assert_eq!(ProvisioningMode::parse("manual", true), None);
        assert_eq!(ProvisioningMode::parse("JIT", false), None);
    }
}
