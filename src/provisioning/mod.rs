//! Who may be a member, with which role and which seat, and why: the heart.
//!
//! Facts in, decision with its reasons out. No store, no clock, no ids made here, no log: sign-in, directory sync, preview and
//! "explain" all call [`decide`], and `tests/golden/provisioning_*.txt` show every case it can meet.

mod because;
mod brake;
mod by_hand;
mod consequence;
mod decide;
mod preview;
mod refusal;
mod seats;

#[cfg(test)]
mod matrix;
#[cfg(test)]
mod properties;

pub use because::Because;
pub use brake::halts;
pub use by_hand::{Act, Authority, may_by_hand};
pub use consequence::{Consequence, Stands, configures, consequence};
pub use decide::{Decision, DirectoryPerson, Evidence, Facts, Outcome, Present, decide};
pub use preview::{Effect, KnownPerson, preview};
pub use refusal::Refusal;
pub use seats::Origin;

use crate::product::{RoleKey, SeatTypeKey};

/// A role and a seat, each with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The role.
    pub role: RoleKey,
    /// Where the role comes from.
    pub role_from: Origin,
    /// The seat; `None` where the product has none, or where an existing member is left unassigned.
    pub seat: Option<SeatTypeKey>,
    /// Where the seat comes from.
    pub seat_from: Origin,
}
