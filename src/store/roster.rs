//! Who is, was or will be a member of an organization, by address, page by page: for lists that may hold 100,000 people.

use std::collections::BTreeMap;

use super::{members, people, waiting};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{OrganizationId, ParentId, PersonId};
use crate::organization::{Member, MemberStatus};

/// One person of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who.
    pub person: people::Person,
    /// The membership, standing or ended.
    pub member: Option<Member>,
    /// The place in the queue.
    pub waiting: Option<waiting::Waiting>,
}

/// Whom to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Members and those who wait.
    Current,
    /// Members.
    Active,
    /// Those who wait.
    Waiting,
    /// Members without a seat.
    Unassigned,
    /// Whose membership has ended.
    Removed,
    /// Members who have not signed in since, or never.
    Stale(Timestamp),
}

impl Show {
    fn includes(self, line: &Line) -> bool {
        let member = line.member.as_ref();
        let active = member.is_some_and(Member::is_active);
        match self {
            Self::Current => active || line.waiting.is_some(),
            Self::Active => active,
            Self::Waiting => line.waiting.is_some(),
            Self::Unassigned => active && member.is_some_and(|member| member.seat.is_none()),
            Self::Removed => member.is_some_and(|member| matches!(member.status, MemberStatus::Ended { .. })),
            Self::Stale(since) => active && line.person.last_sign_in.is_none_or(|at| at < since),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Unassigned => "unassigned",
            Self::Removed => "removed",
            Self::Stale(_) => "stale",
        }
    }

    fn since(self) -> i64 {
        match self {
            Self::Stale(since) => since.as_millis(),
            Self::Current | Self::Active | Self::Waiting | Self::Unassigned | Self::Removed => 0,
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The organization.
    pub organization: OrganizationId,
    /// Its parent, whose people they are.
    pub parent: ParentId,
    /// Whom.
    pub show: Show,
    /// Only whose address or name contains this, in any case; empty: everybody.
    pub search: &'a str,
    /// Only addresses after this one.
    pub after: &'a str,
    /// At most so many.
    pub limit: u32,
}

/// Up to this many rows are gathered and sorted; beyond, people are walked by address, of whom enough will belong to the list.
const FEW: u32 = 2000;

/// A page of the list, by address.
pub fn page(tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<Vec<Line>, DbError> {
    if !wanted.search.is_empty() {
        return search(tx, wanted);
    }
    let ids = if wanted.show == Show::Waiting {
        of_the_queue(tx, wanted)?
    } else if has_few(tx, wanted.organization)? {
        let mut ids = gathered(tx, wanted)?;
        if wanted.show == Show::Current {
            ids.extend(of_the_queue(tx, wanted)?);
        }
        ids
    } else {
        walked(tx, wanted)?
    };
    let ids = ids.into_iter().take(wanted.limit as usize);
    ids.filter_map(|(_, id)| line(tx, wanted.organization, id).transpose()).collect()
}

/// One person of the list.
pub fn line(tx: &mut dyn Tx, organization: OrganizationId, id: PersonId) -> Result<Option<Line>, DbError> {
    let Some(person) = people::by_id(tx, id)? else { return Ok(None) };
    let member = members::find(tx, organization, id)?;
    let waiting = waiting::find(tx, organization, id)?;
    Ok(Some(Line { person, member, waiting }))
}

fn has_few(tx: &mut dyn Tx, organization: OrganizationId) -> Result<bool, DbError> {
    let beyond = tx.one(
        "SELECT person_id FROM member WHERE organization_id = ?1 ORDER BY person_id LIMIT 1 OFFSET ?2",
        &[V::I(organization.0), V::I(i64::from(FEW))],
        |row| row.int(0),
    )?;
    Ok(beyond.is_none())
}

/// People by address: each once, in order.
type ByAddress = BTreeMap<String, PersonId>;

fn address(row: &dyn RowGet) -> Result<(String, PersonId), DbError> {
    Ok((row.text(0)?, PersonId(row.int(1)?)))
}

fn of_the_queue(tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<ByAddress, DbError> {
    let found = tx.all(
        "SELECT person.email, person.id FROM waiting JOIN person ON person.id = waiting.person_id \
         WHERE waiting.organization_id = ?1 AND person.email > ?2 ORDER BY person.email LIMIT ?3",
        &[V::I(wanted.organization.0), V::T(wanted.after), V::I(i64::from(wanted.limit))],
        address,
    )?;
    Ok(found.into_iter().collect())
}

/// From the members to their addresses.
fn gathered(tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<ByAddress, DbError> {
    let found = tx.all(
        "SELECT person.email, person.id FROM member JOIN person ON person.id = member.person_id \
         WHERE member.organization_id = ?1 AND person.email > ?2 AND CASE ?4 \
         WHEN 'removed' THEN member.status = 'ended' \
         WHEN 'unassigned' THEN member.status = 'active' AND member.seat IS NULL \
         WHEN 'stale' THEN member.status = 'active' AND COALESCE(person.last_sign_in_at, 0) < ?5 \
         ELSE member.status = 'active' END \
         ORDER BY person.email LIMIT ?3",
        &[
            V::I(wanted.organization.0),
            V::T(wanted.after),
            V::I(i64::from(wanted.limit)),
            V::T(wanted.show.word()),
            V::I(wanted.show.since()),
        ],
        address,
    )?;
    Ok(found.into_iter().collect())
}

/// From the addresses to the members.
fn walked(tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<ByAddress, DbError> {
    let found = tx.all(
        "SELECT person.email, person.id FROM person \
         LEFT JOIN member ON member.organization_id = ?1 AND member.person_id = person.id \
         LEFT JOIN waiting ON waiting.organization_id = ?1 AND waiting.person_id = person.id \
         WHERE person.parent_id = ?6 AND person.email > ?2 AND CASE ?4 \
         WHEN 'current' THEN member.status = 'active' OR waiting.person_id IS NOT NULL \
         WHEN 'removed' THEN member.status = 'ended' \
         WHEN 'unassigned' THEN member.status = 'active' AND member.seat IS NULL \
         WHEN 'stale' THEN member.status = 'active' AND COALESCE(person.last_sign_in_at, 0) < ?5 \
         ELSE member.status = 'active' END \
         ORDER BY person.email LIMIT ?3",
        &[
            V::I(wanted.organization.0),
            V::T(wanted.after),
            V::I(i64::from(wanted.limit)),
            V::T(wanted.show.word()),
            V::I(wanted.show.since()),
            V::I(wanted.parent.0),
        ],
        address,
    )?;
    Ok(found.into_iter().collect())
}

/// How many people are looked at in one go by a search.
const SLICE: u32 = 5000;

/// Looks at everybody's address and name: people type the middle of a name, and no index finds that.
fn search(tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<Vec<Line>, DbError> {
    let sought = wanted.search.to_lowercase();
    let (mut found, mut after) = (Vec::new(), wanted.after.to_owned());
    loop {
        let (mut seen, mut last, mut hits) = (0, String::new(), Vec::new());
        tx.each(
            "SELECT id, email, display_name FROM person WHERE parent_id = ?1 AND email > ?2 ORDER BY email LIMIT ?3",
            &[V::I(wanted.parent.0), V::T(&after), V::I(i64::from(SLICE))],
            &mut |row| {
                let (email, name) = (row.text(1)?, row.text(2)?);
                seen += 1;
                if email.contains(&sought) || contains(&name, &sought) {
                    hits.push(PersonId(row.int(0)?));
                }
                last = email;
                Ok(())
            },
        )?;
        for id in hits {
            if let Some(line) = line(tx, wanted.organization, id)?.filter(|line| wanted.show.includes(line)) {
                found.push(line);
                if found.len() >= wanted.limit as usize {
                    return Ok(found);
                }
            }
        }
        if seen < SLICE {
            return Ok(found);
        }
        after = last;
    }
}

/// Whether a name contains lower-case text, in any case.
fn contains(name: &str, sought: &str) -> bool {
    if name.is_ascii() {
        let (name, sought) = (name.as_bytes(), sought.as_bytes());
        return name.windows(sought.len().max(1)).any(|part| part.eq_ignore_ascii_case(sought));
    }
    name.to_lowercase().contains(sought)
}
