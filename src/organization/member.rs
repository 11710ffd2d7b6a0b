use crate::clock::Timestamp;
use crate::identity::GroupKey;
use crate::ids::{OrganizationId, PersonId};
use crate::product::{RoleKey, SeatTypeKey};

/// A person in one organization. The row outlives the membership, as history (rule B16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where.
    pub organization: OrganizationId,
    /// Who.
    pub person: PersonId,
    /// Whether the membership stands.
    pub status: MemberStatus,
    /// The role held (last held, once ended).
    pub role: RoleKey,
    /// Where the role comes from (rule B26).
    pub role_source: Source,
    /// Keeps mappings off the role until it ends.
    pub role_pin: Option<Pin>,
    /// The seat held; `None` is *unassigned* where the product has seats (rule B23).
    pub seat: Option<SeatTypeKey>,
    /// Where the seat comes from.
    pub seat_source: Source,
    /// Keeps mappings off the seat until it ends.
    pub seat_pin: Option<Pin>,
    /// Since when.
    pub joined_at: Timestamp,
    /// Counts changes of this row; part of the key under which a signed identity header is reused.
    pub version: i64,
}

/// Whether a membership stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberStatus {
    /// May enter.
    Active,
    /// Ended; kept as history.
    Ended {
        /// When.
        at: Timestamp,
        /// Why, as a stable word (a refusal code, or `removed_by_hand`).
        reason: String,
    },
}

/// Where a role or seat comes from; shown wherever the value is shown (rule B26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The product's default role, or the highest free seat.
    Default,
    /// A mapped group.
    Group {
        /// Which.
        group: GroupKey,
        /// When the identity provider told us of it.
        learnt_at: Timestamp,
    },
    /// Set by a person, a file or the shell.
    ByHand {
        /// Who, as the audit log names them.
        by: String,
        /// When.
        at: Timestamp,
    },
}

/// A role or seat set by hand while mappings rule it (rule B26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Who set it.
    pub by: String,
    /// When.
    pub since: Timestamp,
    /// Until when; `None` is without end.
    pub until: Option<Timestamp>,
}

impl Pin {
    /// Whether it still holds.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Member {
    /// Whether the membership stands.
    pub fn is_active(&self) -> bool {
        self.status == MemberStatus::Active
    }
}
