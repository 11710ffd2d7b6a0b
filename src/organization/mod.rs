//! Parent organizations, organizations, domains, members and seats, as values.
//! Owns what these things are; where they are kept is `store`'s, who may be one is `provisioning`'s.

mod access;
mod application;
mod domain;
mod member;
mod parent;
mod seats;
mod settings;
mod sync;

pub use access::AccessSettings;
pub use application::{Application, HeaderPreset};
pub use domain::{Domain, DomainState, Found};
pub use member::{Member, MemberStatus, Pin, Source};
pub use parent::ParentOrganization;
pub use seats::{FreeSeats, SeatCount};
pub use settings::{GroupMapping, GroupMappings, Organization, ProvisioningMode, Rules, SyncNotOffered};
pub use sync::{Image, Queued, SyncCause, SyncCounts, SyncRun, SyncState, Undo};
