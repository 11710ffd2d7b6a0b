//! Parent organizations, organizations, domains, members and seats, as values.
//! Owns what these things are; where they are kept is `store`'s, who may be one is `provisioning`'s.

mod access;
mod domain;
mod member;
mod parent;
mod seats;
mod settings;
mod sync;

pub use access::AccessSettings;
pub use domain::{Domain, DomainState, Found};
pub use member::{Member, MemberStatus, Pin, Source};
pub use parent::ParentOrganization;
pub use seats::{FreeSeats, SeatCount};
pub use settings::{
    Application, GroupMapping, GroupMappings, HeaderPreset, Organization, ProvisioningMode, Rules, SyncNotOffered,
};
pub use sync::{Image, Queued, SyncCause, SyncCounts, SyncRun, SyncState};
