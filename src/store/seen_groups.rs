//! Group values that connections sent: when last, and in which of them how many people are by their latest sign-in (rule B31).
//! The counts are kept by whatever in this room writes or forgets what a connection knows people by.

use std::collections::{BTreeMap, BTreeSet};

use super::people::KnownSubject;
use super::{damaged, people};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::identity::{AssertedGroups, GroupKey};
use crate::ids::{ConnectionId, ParentId};

/// A group that some connection of a parent organization told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenGroup {
    /// As identity providers send it.
    pub value: GroupKey,
    /// The people whose latest sign-in told of it.
    pub people: u64,
    /// When it last came in a sign-in or test, to the hour.
    pub seen: Timestamp,
}

fn group(row: &dyn RowGet) -> Result<SeenGroup, DbError> {
    Ok(SeenGroup {
        value: GroupKey::new(&row.text(0)?).ok_or_else(|| damaged("group"))?,
        people: u64::try_from(row.int(1)?).unwrap_or(0),
        seen: Timestamp::from_millis(row.int(2)?),
    })
}

/// At most `limit` groups that the connections of a parent organization told of, the fullest first. Looks at every group, and at nobody.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId, limit: u32) -> Result<Vec<SeenGroup>, DbError> {
    tx.all(
        "SELECT g.value, SUM(g.people) AS people, MAX(g.last_seen_at) FROM connection c \
         JOIN seen_group g ON g.connection_id = c.id WHERE c.parent_id = ?1 \
         GROUP BY g.value ORDER BY people DESC, g.value LIMIT ?2",
        &[V::I(parent.0), V::I(i64::from(limit))],
        group,
    )
}

/// One group, if a connection of the parent organization told of it.
pub fn find(tx: &mut dyn Tx, parent: ParentId, value: &GroupKey) -> Result<Option<SeenGroup>, DbError> {
    tx.one(
        "SELECT g.value, SUM(g.people), MAX(g.last_seen_at) FROM connection c \
         JOIN seen_group g ON g.connection_id = c.id AND g.value = ?2 WHERE c.parent_id = ?1 GROUP BY g.value",
        &[V::I(parent.0), V::T(value.as_str())],
        group,
    )
}

/// Remembers group values that a connection sent. A value seen within the last hour is not written again.
pub fn remember(
    tx: &mut dyn Tx,
    connection: ConnectionId,
    asserted: &AssertedGroups,
    now: Timestamp,
) -> Result<(), DbError> {
    let AssertedGroups::Listed(groups) = asserted else { return Ok(()) };
    for group in groups {
        tx.exec(
            "INSERT INTO seen_group (connection_id, value, first_seen_at, last_seen_at) VALUES (?1, ?2, ?3, ?3) \
             ON CONFLICT (connection_id, value) DO UPDATE SET last_seen_at = excluded.last_seen_at \
             WHERE seen_group.last_seen_at < excluded.last_seen_at - 3600000",
            &[V::I(connection.0), V::T(group.as_str()), V::I(now.as_millis())],
        )?;
    }
    Ok(())
}

/// A person's latest sign-in was `before` and is `after`: who is in which group. Writes nothing where both told the same.
pub(super) fn recount(
    tx: &mut dyn Tx,
    before: Option<&KnownSubject>,
    after: Option<&KnownSubject>,
) -> Result<(), DbError> {
    let (left, come) = (told(before), told(after));
    for (connection, value) in left.difference(&come) {
        // Never below none: a count that is wrong must not turn away whoever signs in.
        tx.exec(
            "UPDATE seen_group SET people = MAX(people - 1, 0) WHERE connection_id = ?1 AND value = ?2",
            &[V::I(connection.0), V::T(value.as_str())],
        )?;
    }
    for (connection, value) in come.difference(&left) {
        let seen_at = after.map_or(0, |after| after.groups_seen_at.as_millis());
        tx.exec(
            "INSERT INTO seen_group (connection_id, value, first_seen_at, last_seen_at, people) \
             VALUES (?1, ?2, ?3, ?3, 1) ON CONFLICT (connection_id, value) DO UPDATE SET people = seen_group.people + 1",
            &[V::I(connection.0), V::T(value.as_str()), V::I(seen_at)],
        )?;
    }
    Ok(())
}

fn told(subject: Option<&KnownSubject>) -> BTreeSet<(ConnectionId, &GroupKey)> {
    match subject.map(|subject| (subject.connection, &subject.groups)) {
        Some((connection, AssertedGroups::Listed(groups))) => groups.iter().map(|group| (connection, group)).collect(),
        Some((_, AssertedGroups::NotSent | AssertedGroups::TooMany)) | None => BTreeSet::new(),
    }
}

/// Values whose count is not what everybody's latest sign-in tells: the connection, the value, what is counted and what is told. Reads
/// everybody: for `usher doctor`, not for pages.
pub fn miscounted(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<(ConnectionId, GroupKey, u64, u64)>, DbError> {
    let mut counts: BTreeMap<(ConnectionId, GroupKey), (u64, u64)> = BTreeMap::new();
    for person in people::of_parent(tx, parent)? {
        let latest = people::subjects_of(tx, person.id)?.into_iter().next();
        for (connection, value) in told(latest.as_ref()) {
            counts.entry((connection, value.clone())).or_default().1 += 1;
        }
    }
    let kept = tx.all(
        "SELECT g.value, g.people, g.last_seen_at, g.connection_id FROM connection c \
         JOIN seen_group g ON g.connection_id = c.id WHERE c.parent_id = ?1",
        &[V::I(parent.0)],
        |row| Ok((group(row)?, ConnectionId(row.int(3)?))),
    )?;
    for (group, connection) in kept {
        counts.entry((connection, group.value)).or_default().0 = group.people;
    }
    let wrong = counts.into_iter().filter(|(_, (counted, told))| counted != told);
    Ok(wrong.map(|((connection, value), (counted, told))| (connection, value, counted, told)).collect())
}
