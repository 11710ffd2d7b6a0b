//! What a preview rests on, and whether it still stands: what is saved is what was previewed (rule B32), and a preview of 100,000
//! people is not worked out again because somebody signs in.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use super::Context;
use super::evidence::{LastKnown, last_known};
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::identity::AssertedGroups;
use crate::ids::{AuditId, PersonId};
use crate::organization::{Member, Organization, Pin, SeatCount};
use crate::store;

/// The state on which something was worked out.
#[derive(Debug)]
pub struct Footing {
    organization: Organization,
    /// The newest event: whatever changes access leaves one (rule B43), and every sign-in does.
    newest: AuditId,
    /// Bought and held.
    seats: Vec<SeatCount>,
    /// How often the directory had changed; `None` where the directory has no part in it (rule B21).
    directory: Option<i64>,
    /// A pin ends then, and no event tells of that.
    until: Option<Timestamp>,
    /// A mark of the groups that each person's latest sign-in told of; `None` where sign-ins have no part in it (rule B20).
    told: Option<HashMap<PersonId, u64>>,
    /// Drawn for each footing, so that nobody chooses groups whose marks are the same.
    marks: RandomState,
}

/// So many events are looked at; after more of them it is cheaper to work everything out anew.
const LOOKED_AT: u32 = 2000;

impl Footing {
    /// As it is now. `synced`: the directory has a part in it.
    pub(super) fn read(tx: &mut dyn Tx, organization: &Organization, synced: bool) -> Result<Self, DbError> {
        let directory = if synced { Some(super::brake::directory_version(tx, organization.parent)?) } else { None };
        Ok(Self {
            organization: organization.clone(),
            seats: store::seats::counts(tx, organization.id)?,
            newest: store::audit::newest_id(tx)?.unwrap_or(AuditId(0)),
            directory,
            until: None,
            told: None,
            marks: RandomState::new(),
        })
    }

    /// Notes what everybody's latest sign-in told.
    pub(super) fn rests_on_sign_ins(&mut self, known: &HashMap<PersonId, LastKnown>) {
        if self.told.is_none() {
            self.told = Some(known.iter().map(|(person, known)| (*person, self.mark(&known.groups))).collect());
        }
    }

    /// Notes when the pins of a member end.
    pub(super) fn holds_until_pins_end(&mut self, member: &Member, now: Timestamp) {
        let ends = |pin: &Pin| pin.until.filter(|until| *until > now);
        let pins = [&member.role_pin, &member.seat_pin].into_iter().flatten();
        self.until = pins.filter_map(ends).chain(self.until).min();
    }

    /// How many people it knows something of.
    pub fn known(&self) -> usize {
        self.told.as_ref().map_or(0, HashMap::len)
    }

    fn mark(&self, groups: &AssertedGroups) -> u64 {
        match groups {
            AssertedGroups::Listed(groups) => self.marks.hash_one((0u8, groups)),
            AssertedGroups::NotSent => self.marks.hash_one(1u8),
            AssertedGroups::TooMany => self.marks.hash_one(2u8),
        }
    }

    /// Whether everything is as it was, as far as what was worked out depends on it. Some reads by key, and no more events than
    /// `LOOKED_AT`: cheap enough for the transaction that saves.
    pub fn still_stands(&self, tx: &mut dyn Tx, context: &Context<'_>) -> Result<bool, DbError> {
        let parent = self.organization.parent;
        if self.until.is_some_and(|until| until <= context.now)
            || store::organizations::by_id(tx, self.organization.id)?.as_ref() != Some(&self.organization)
            || store::seats::counts(tx, self.organization.id)? != self.seats
        {
            return Ok(false);
        }
        if let Some(version) = self.directory
            && super::brake::directory_version(tx, parent)? != version
        {
            return Ok(false);
        }
        let since = store::audit::list(tx, self.newest, Timestamp::from_millis(i64::MIN), LOOKED_AT)?;
        if since.len() >= LOOKED_AT as usize {
            return Ok(false);
        }
        for event in &since {
            let of_the_person = OF_THE_PERSON.contains(&event.kind.as_str());
            let elsewhere = event.parent.is_some_and(|other| other != parent)
                || !of_the_person && event.organization.is_some_and(|other| other != self.organization.id);
            if elsewhere || Event::ABOUT_NO_MEMBERSHIP.contains(&event.kind.as_str()) {
                continue;
            }
            if !SIGN_INS.contains(&event.kind.as_str()) || !self.told_the_same(tx, &event.target)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a sign-in told of the groups that were known already.
    fn told_the_same(&self, tx: &mut dyn Tx, target: &str) -> Result<bool, DbError> {
        let Some(told) = &self.told else { return Ok(true) };
        let person = target.strip_prefix("person:").and_then(|id| id.parse().ok()).map(PersonId);
        // Whoever is nobody here is no part of it.
        let Some(person) = person else { return Ok(true) };
        let now = last_known(tx, person)?.map(|known| self.mark(&known.groups));
        Ok(now.as_ref() == told.get(&person))
    }
}

/// Kinds of events of a sign-in that change nothing, unless the groups are others than before.
const SIGN_INS: [&str; 3] = ["signed_in", "sign_in_refused", "member_confirmed"];

/// Kinds of events that hold in every organization of the parent, whichever one's page they come from.
const OF_THE_PERSON: [&str; 2] = ["person_suspended", "person_resumed"];

#[cfg(test)]
mod tests;
