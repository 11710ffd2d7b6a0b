//! Turns decisions into members. The only room that adds, changes or removes one.
//!
//! Always the same four steps in one transaction: read the facts, let `provisioning` decide, write, record. It decides nothing.

mod apply;
mod bindings;
mod brake;
mod buy;
mod by_hand;
mod directory;
mod evaluation;
mod evidence;
mod explain;
mod footing;
mod forget;
mod hand;
mod journal;
mod plan;
mod preview;
mod probation;
mod push;
mod relink;
mod resettle;
mod settings;
mod sign_in;
mod suspend;
mod sync;
mod turned_away;
mod undo;
mod waiting;

pub use bindings::{bind_mappings, mapped_groups};
pub use buy::{Bought, BuyError, buy_seats};
pub use by_hand::{ByHandError, Place, place_by_hand, remove_by_hand};
pub use evidence::{LastKnown, last_known, present};
pub use explain::{Explained, GroupsFrom, explain};
pub use footing::Footing;
pub use forget::{Following, Forget, ForgetError, Forgetting, forgetting};
pub use hand::{Hand, NewMember, add, is_last_with_identity, remove_member, set_role, set_seat, unpin};
pub use plan::{Survey, Surveyed, foreseen};
pub use preview::{PersonForeseen, Progress, RestsOn, SeatsForeseen, SettingsForeseen, Told, foresee};
pub use probation::{CONFIRM_WITHIN, ProbationError, confirm_settings, put_on_probation};
pub use push::{Effects, OrganizationEffect, Push, PushError};
pub use relink::relink;
pub use resettle::{Becomes, becomes, everybody, resettle};
pub use settings::{SettingsError, save_settings, settings_written};
pub use sign_in::{Attempted, OrganizationResult, SignIn, Trial, Verdict, at_sign_in, evaluate, trial};
pub use suspend::{Reach, reach, resume, suspend};
pub use sync::{CUT_OFF, Runs, SyncError, SyncReport};
pub use turned_away::{Alike, TurnedAway, turned_away};
pub use undo::{Foreseen, NotRestored, Undone};
pub use waiting::admit_waiting;

use crate::audit::{Actor, Entry, Event};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::ids::{Incident, OrganizationId, ParentId};
use crate::organization::Organization;
use crate::product::{Catalog, Product};
use crate::store;

/// Who does it, when and from where: what every change needs besides its facts.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The moment.
    pub now: Timestamp,
    /// The products of this installation.
    pub catalog: &'a Catalog,
    /// Who.
    pub actor: Actor,
    /// The client's address, where a request is behind it.
    pub from: Option<String>,
    /// The sign-in attempt it belongs to.
    pub incident: Option<Incident>,
}

impl Context<'_> {
    /// Appends to the audit log.
    pub fn record(
        &self,
        tx: &mut dyn Tx,
        parent: Option<ParentId>,
        organization: Option<OrganizationId>,
        event: Event,
    ) -> Result<(), DbError> {
        let entry = Entry {
            at: self.now,
            actor: self.actor.clone(),
            parent,
            organization,
            event,
            from: self.from.clone(),
            incident: self.incident.clone(),
        };
        store::audit::record(tx, &entry)
    }

    /// What an organization uses. A product that the configuration no longer declares stops everything about its organizations,
    /// rather than letting anybody in by guessing.
    pub fn product(&self, organization: &Organization) -> Result<&Product, DbError> {
        self.catalog.product(&organization.product).ok_or_else(|| {
            DbError::Other(format!(
                "organization {} uses product {:?}, which the configuration does not declare",
                organization.slug,
                organization.product.as_str()
            ))
        })
    }
}

#[cfg(test)]
mod tests;
