//! People, and what each connection knows them by.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{damaged, from_list, seen_groups, to_list};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::identity::{AssertedGroups, EmailAddress, GroupKey, Subject};
use crate::ids::{ConnectionId, ParentId, PersonId, SubjectId};

/// A person of one parent organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their row.
    pub id: PersonId,
    /// What applications know them by; never reused.
    pub public_id: String,
    /// Whose people they belong to.
    pub parent: ParentId,
    /// The present address.
    pub email: EmailAddress,
    /// What to call them.
    pub display_name: String,
    /// Switched off by an admin.
    pub suspended: bool,
    /// The latest sign-in.
    pub last_sign_in: Option<Timestamp>,
}

/// What one connection knows a person by, and the groups it told of last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSubject {
    /// Its row.
    pub id: SubjectId,
    /// Which connection.
    pub connection: ConnectionId,
    /// Who it is.
    pub person: PersonId,
    /// The groups of the latest sign-in.
    pub groups: AssertedGroups,
    /// When that was.
    pub groups_seen_at: Timestamp,
}

/// The columns that [`person`] reads, in its order.
macro_rules! select_person {
    ($condition:literal) => {
        concat!(
            "SELECT id, public_id, parent_id, email, display_name, suspended_at, last_sign_in_at FROM person ",
            $condition
        )
    };
}

fn person(row: &dyn RowGet) -> Result<Person, DbError> {
    Ok(Person {
        id: PersonId(row.int(0)?),
        public_id: row.text(1)?,
        parent: ParentId(row.int(2)?),
        email: EmailAddress::parse(&row.text(3)?).map_err(|_| damaged("e-mail address"))?,
        display_name: row.text(4)?,
        suspended: row.opt_int(5)?.is_some(),
        last_sign_in: row.opt_int(6)?.map(Timestamp::from_millis),
    })
}

/// The person of this id.
pub fn by_id(tx: &mut dyn Tx, id: PersonId) -> Result<Option<Person>, DbError> {
    tx.one(select_person!("WHERE id = ?1"), &[V::I(id.0)], person)
}

/// The person of a parent organization under this public id.
pub fn by_public_id(tx: &mut dyn Tx, parent: ParentId, public_id: &str) -> Result<Option<Person>, DbError> {
    tx.one(select_person!("WHERE public_id = ?1 AND parent_id = ?2"), &[V::T(public_id), V::I(parent.0)], person)
}

/// Whether anybody, of whatever parent organization, has this public id.
pub fn is_public_id(tx: &mut dyn Tx, public_id: &str) -> Result<bool, DbError> {
    Ok(tx.one("SELECT 1 FROM person WHERE public_id = ?1", &[V::T(public_id)], |row| row.int(0))?.is_some())
}

/// The person of a parent organization with this address.
pub fn by_email(tx: &mut dyn Tx, parent: ParentId, email: &EmailAddress) -> Result<Option<Person>, DbError> {
    tx.one(select_person!("WHERE parent_id = ?1 AND email = ?2"), &[V::I(parent.0), V::T(email.as_str())], person)
}

/// Everybody of a parent organization, by address.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Person>, DbError> {
    tx.all(select_person!("WHERE parent_id = ?1 ORDER BY email"), &[V::I(parent.0)], person)
}

/// Adds a person. The address is free: the caller has looked.
pub fn add(
    tx: &mut dyn Tx,
    parent: ParentId,
    public_id: &str,
    email: &EmailAddress,
    display_name: &str,
    now: Timestamp,
) -> Result<PersonId, DbError> {
    tx.exec(
        "INSERT INTO person (public_id, parent_id, email, display_name, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[V::T(public_id), V::I(parent.0), V::T(email.as_str()), V::T(display_name), V::I(now.as_millis())],
    )?;
    let id = tx.one("SELECT id FROM person WHERE public_id = ?1", &[V::T(public_id)], |row| row.int(0))?;
    id.map(PersonId).ok_or_else(|| damaged("person"))
}

/// Writes address and name as the identity provider now says.
pub fn rename(tx: &mut dyn Tx, id: PersonId, email: &EmailAddress, display_name: &str) -> Result<(), DbError> {
    tx.exec(
        "UPDATE person SET email = ?2, display_name = ?3, version = version + 1 WHERE id = ?1",
        &[V::I(id.0), V::T(email.as_str()), V::T(display_name)],
    )?;
    Ok(())
}

/// Switches a person off from a moment on, or on again.
pub fn set_suspended(tx: &mut dyn Tx, id: PersonId, since: Option<Timestamp>) -> Result<(), DbError> {
    tx.exec(
        "UPDATE person SET suspended_at = ?2, version = version + 1 WHERE id = ?1",
        &[V::I(id.0), since.map_or(V::Null, |at| V::I(at.as_millis()))],
    )?;
    Ok(())
}

/// Makes a person one of another parent organization. Nobody there has the address: the caller has looked.
pub fn move_to(tx: &mut dyn Tx, id: PersonId, to: ParentId) -> Result<(), DbError> {
    tx.exec("UPDATE person SET parent_id = ?2, version = version + 1 WHERE id = ?1", &[V::I(id.0), V::I(to.0)])?;
    Ok(())
}

/// Forgets by which subjects any connection knows a person. Their sessions have to be ended before.
pub fn forget_all_subjects(tx: &mut dyn Tx, person: PersonId) -> Result<u64, DbError> {
    let known = subjects_of(tx, person)?;
    seen_groups::recount(tx, known.first(), None)?;
    tx.exec("DELETE FROM subject WHERE person_id = ?1", &[V::I(person.0)])
}

/// The columns that [`subject`] reads, in its order.
macro_rules! select_subject {
    ($condition:literal) => {
        concat!("SELECT id, connection_id, person_id, groups_state, groups, groups_seen_at FROM subject ", $condition)
    };
}

fn groups(state: &str, list: &str) -> Result<AssertedGroups, DbError> {
    match state {
        "listed" => {
            let keys: BTreeSet<GroupKey> = from_list(list)?.iter().filter_map(|key| GroupKey::new(key)).collect();
            Ok(AssertedGroups::Listed(keys))
        }
        "not_sent" => Ok(AssertedGroups::NotSent),
        "too_many" => Ok(AssertedGroups::TooMany),
        _ => Err(damaged("subject")),
    }
}

fn subject(row: &dyn RowGet) -> Result<KnownSubject, DbError> {
    Ok(KnownSubject {
        id: SubjectId(row.int(0)?),
        connection: ConnectionId(row.int(1)?),
        person: PersonId(row.int(2)?),
        groups: groups(&row.text(3)?, &row.text(4)?)?,
        groups_seen_at: Timestamp::from_millis(row.int(5)?),
    })
}

/// Who a connection's subject is.
pub fn by_subject(tx: &mut dyn Tx, connection: ConnectionId, key: &Subject) -> Result<Option<KnownSubject>, DbError> {
    tx.one(
        select_subject!("WHERE connection_id = ?1 AND subject = ?2"),
        &[V::I(connection.0), V::T(key.as_str())],
        subject,
    )
}

/// What a person's connections know them by, latest evidence first.
pub fn subjects_of(tx: &mut dyn Tx, person: PersonId) -> Result<Vec<KnownSubject>, DbError> {
    tx.all(select_subject!("WHERE person_id = ?1 ORDER BY groups_seen_at DESC, id"), &[V::I(person.0)], subject)
}

/// Everybody whom a connection knows, with the groups it told of last.
pub fn subjects_of_connection(tx: &mut dyn Tx, connection: ConnectionId) -> Result<Vec<KnownSubject>, DbError> {
    tx.all(select_subject!("WHERE connection_id = ?1 ORDER BY subject"), &[V::I(connection.0)], subject)
}

/// Whether a connection already knows a person, by whatever subject (rule B9).
pub fn is_known_to(tx: &mut dyn Tx, person: PersonId, connection: ConnectionId) -> Result<bool, DbError> {
    let found = tx.one(
        "SELECT id FROM subject WHERE person_id = ?1 AND connection_id = ?2",
        &[V::I(person.0), V::I(connection.0)],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

/// Whether a connection knows anybody.
pub fn are_known_to(tx: &mut dyn Tx, connection: ConnectionId) -> Result<bool, DbError> {
    let found =
        tx.one("SELECT id FROM subject WHERE connection_id = ?1 LIMIT 1", &[V::I(connection.0)], |row| row.int(0))?;
    Ok(found.is_some())
}

/// Forgets by which subjects a connection knows a person. Sessions that came from them have to be ended before.
pub fn forget_subjects(tx: &mut dyn Tx, person: PersonId, connection: ConnectionId) -> Result<u64, DbError> {
    let known = subjects_of(tx, person)?;
    seen_groups::recount(tx, known.first(), known.iter().find(|subject| subject.connection != connection))?;
    tx.exec("DELETE FROM subject WHERE person_id = ?1 AND connection_id = ?2", &[V::I(person.0), V::I(connection.0)])
}

/// Forgets by which subjects a connection knows anybody. Sessions that came from them have to be ended before.
pub(super) fn forget_everybody(tx: &mut dyn Tx, connection: ConnectionId) -> Result<(), DbError> {
    // Whoever another connection knows as well is counted by what that one told; what this one told is forgotten with it.
    let elsewhere = tx.all(
        "SELECT DISTINCT person_id FROM subject WHERE connection_id = ?1 AND EXISTS (SELECT 1 FROM subject other \
         WHERE other.person_id = subject.person_id AND other.connection_id <> ?1)",
        &[V::I(connection.0)],
        |row| Ok(PersonId(row.int(0)?)),
    )?;
    for person in elsewhere {
        forget_subjects(tx, person, connection)?;
    }
    tx.exec("DELETE FROM subject WHERE connection_id = ?1", &[V::I(connection.0)])?;
    tx.exec("DELETE FROM seen_group WHERE connection_id = ?1", &[V::I(connection.0)])?;
    Ok(())
}

/// Remembers a sign-in: the subject, which stays whose it is, and the groups it came with.
pub fn remember_sign_in(
    tx: &mut dyn Tx,
    connection: ConnectionId,
    key: &Subject,
    person: PersonId,
    asserted: &AssertedGroups,
    now: Timestamp,
) -> Result<SubjectId, DbError> {
    let (state, list) = match asserted {
        AssertedGroups::Listed(groups) => ("listed", to_list(&groups.iter().collect::<Vec<_>>())),
        AssertedGroups::NotSent => ("not_sent", to_list::<GroupKey>(&[])),
        AssertedGroups::TooMany => ("too_many", to_list::<GroupKey>(&[])),
    };
    let there = by_subject(tx, connection, key)?;
    let before = subjects_of(tx, there.as_ref().map_or(person, |there| there.person))?;
    tx.exec(
        "INSERT INTO subject (connection_id, subject, person_id, groups_state, groups, groups_seen_at, created_at, \
         last_sign_in_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6) \
         ON CONFLICT (connection_id, subject) DO UPDATE SET groups_state = excluded.groups_state, groups = excluded.groups, \
         groups_seen_at = excluded.groups_seen_at, last_sign_in_at = excluded.last_sign_in_at",
        &[
            V::I(connection.0),
            V::T(key.as_str()),
            V::I(person.0),
            V::T(state),
            V::T(&list),
            V::I(now.as_millis()),
        ],
    )?;
    let known = match there {
        Some(there) => KnownSubject { groups: asserted.clone(), groups_seen_at: now, ..there },
        None => by_subject(tx, connection, key)?.ok_or_else(|| damaged("subject"))?,
    };
    let others = before.iter().filter(|other| other.id != known.id);
    let latest = others.chain([&known]).max_by_key(|one| (one.groups_seen_at, Reverse(one.id)));
    seen_groups::recount(tx, before.first(), latest)?;
    Ok(known.id)
}

/// Remembers when a person was let in last.
pub fn set_last_sign_in(tx: &mut dyn Tx, person: PersonId, now: Timestamp) -> Result<(), DbError> {
    tx.exec("UPDATE person SET last_sign_in_at = ?2 WHERE id = ?1", &[V::I(person.0), V::I(now.as_millis())])?;
    Ok(())
}
