//! Sign-ins that were refused because of who it was, beside the directory: the same person under two addresses, or known by another
//! subject. Tells, and changes nothing.

use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::directory::{DirectoryUser, Likeness, likeness};
use crate::identity::EmailAddress;
use crate::ids::ParentId;
use crate::provisioning::Refusal;
use crate::store;
use crate::store::attempts::Attempt;

/// How many refused addresses are compared with the directory: the latest of the last 14 days.
const TURNED_AWAY: u32 = 500;

/// Somebody who was refused because of who they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnedAway {
    /// The address they came with.
    pub email: EmailAddress,
    /// The latest sign-in with it that was refused.
    pub attempt: Attempt,
}

/// How somebody who was refused looks like a user of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alike {
    /// The very address, known by another subject.
    OtherSubject,
    /// The very address.
    SameAddress,
    /// Nearly the address, or the same name in another domain.
    NearlyTheAddress,
}

/// Everybody who was refused lately because of who they were, by the latest attempt, each address once.
pub fn turned_away(tx: &mut dyn Tx, parent: ParentId, now: Timestamp) -> Result<Vec<TurnedAway>, DbError> {
    let since = now.minus(store::attempts::KEPT);
    let mut all: Vec<TurnedAway> = Vec::new();
    for attempt in store::attempts::refused_as_somebody(tx, parent, since, TURNED_AWAY)? {
        if let Some(email) = attempt.email().filter(|email| all.iter().all(|known| known.email != *email)) {
            all.push(TurnedAway { email, attempt });
        }
    }
    Ok(all)
}

impl TurnedAway {
    /// How they look like a user of the directory, if they do.
    pub fn looks_like(&self, user: &DirectoryUser) -> Option<Alike> {
        let likeness = likeness(&self.email, user.content.email.as_ref()?)?;
        match (likeness, self.attempt.code.as_str()) {
            // The very person who was refused, and whom the directory has by now or has switched off.
            (Likeness::Same, code) if code == Refusal::NotProvisioned.code() => None,
            (Likeness::Same, code) if code == Refusal::IdentityConflict.code() => Some(Alike::OtherSubject),
            (Likeness::Same, _) => Some(Alike::SameAddress),
            (Likeness::OtherDomain | Likeness::Nearly, _) => Some(Alike::NearlyTheAddress),
        }
    }
}
