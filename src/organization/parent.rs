use crate::ids::{ParentId, Slug};
use crate::product::ParentPlan;

/// Holds identity for its organizations: domains, connections, the directory. Seats and billing stay with each organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentOrganization {
    /// Its row.
    pub id: ParentId,
    /// Unique in the installation.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// The plan of the organization that founded it.
    pub plan: ParentPlan,
    /// Only an operator, or an Owner of the first organization here, founds further ones.
    pub restrict_creation: bool,
}
