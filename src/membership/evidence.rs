use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::identity::AssertedGroups;
use crate::ids::{ConnectionId, ParentId, PersonId, SubjectId};
use crate::organization::Member;
use crate::provisioning::Present;
use crate::store;

/// The groups a person's latest sign-in came with, and how old that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastKnown {
    /// What was said about groups; a connection that omits empty lists is already taken into account.
    pub groups: AssertedGroups,
    /// When.
    pub seen_at: Timestamp,
    /// Over which connection.
    pub connection: ConnectionId,
}

/// What is known of a person without asking anybody; `None` for somebody who never signed in.
pub fn last_known(tx: &mut dyn Tx, person: PersonId) -> Result<Option<LastKnown>, DbError> {
    let Some(subject) = store::people::subjects_of(tx, person)?.into_iter().next() else { return Ok(None) };
    let omits = store::connections::by_id(tx, subject.connection)?.is_some_and(|known| known.omits_empty_groups);
    Ok(Some(LastKnown {
        groups: subject.groups.read_as_empty_when_not_sent(omits),
        seen_at: subject.groups_seen_at,
        connection: subject.connection,
    }))
}

/// As [`last_known`], of everybody in a parent organization who ever signed in: one pass, for plans and counts.
pub(super) fn last_known_of_all(tx: &mut dyn Tx, parent: ParentId) -> Result<HashMap<PersonId, LastKnown>, DbError> {
    let mut all: HashMap<PersonId, (LastKnown, SubjectId)> = HashMap::new();
    for connection in store::connections::of_parent(tx, parent)? {
        for subject in store::people::subjects_of_connection(tx, connection.id)? {
            let later = |(known, id): &(LastKnown, SubjectId)| {
                (known.seen_at, std::cmp::Reverse(*id)) >= (subject.groups_seen_at, std::cmp::Reverse(subject.id))
            };
            if all.get(&subject.person).is_some_and(later) {
                continue;
            }
            let known = LastKnown {
                groups: subject.groups.read_as_empty_when_not_sent(connection.omits_empty_groups),
                seen_at: subject.groups_seen_at,
                connection: subject.connection,
            };
            all.insert(subject.person, (known, subject.id));
        }
    }
    Ok(all.into_iter().map(|(person, (known, _))| (person, known)).collect())
}

/// A standing membership as the rules see it.
pub fn present(member: Option<&Member>, now: Timestamp) -> Option<Present<'_>> {
    member.filter(|member| member.is_active()).map(|member| Present {
        role: &member.role,
        seat: member.seat.as_ref(),
        role_pinned: member.role_pin.as_ref().is_some_and(|pin| pin.holds(now)),
        seat_pinned: member.seat_pin.as_ref().is_some_and(|pin| pin.holds(now)),
    })
}
