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

/// A part of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The people.
    pub lines: Vec<Line>,
    /// The address after which the list goes on; `None` at its end. There may be few people before it, or nobody: so many were looked
    /// at that the rest is for the next page.
    pub next: Option<String>,
}

/// Up to this many rows are gathered and sorted; beyond, people are walked by address, of whom enough will belong to the list.
const FEW: u32 = 2000;

/// So many people are looked at for one page of those who are few among many; fewer in tests, which so come to that end.
const LOOKED_AT: u32 = if cfg!(test) { 500 } else { 20_000 };

/// A page of the list, by address.
pub fn page(tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<Page, DbError> {
    if !wanted.search.is_empty() {
        return search(tx, wanted);
    }
    // One more, to know whether there is a next page.
    let more = Wanted { limit: wanted.limit.saturating_add(1), ..*wanted };
    let (mut ids, looked_until) = if wanted.show == Show::Waiting {
        (of_the_queue(tx, &more)?, None)
    } else if has_few(tx, wanted)? {
        let mut ids = gathered(tx, &more)?;
        if wanted.show == Show::Current {
            ids.extend(of_the_queue(tx, &more)?);
        }
        (ids, None)
    } else {
        let until = looked_until(tx, wanted)?;
        (walked(tx, &more, until.as_deref())?, until)
    };
    let limit = wanted.limit as usize;
    let is_full = ids.len() > limit;
    let last = ids.keys().nth(limit.saturating_sub(1)).cloned();
    if is_full && let Some(last) = &last {
        ids.retain(|address, _| address <= last);
    }
    let next = if is_full { last } else { looked_until };
    let lines = ids.into_values().filter_map(|id| line(tx, wanted.organization, id).transpose());
    Ok(Page { lines: lines.collect::<Result<_, _>>()?, next })
}

/// One person of the list.
pub fn line(tx: &mut dyn Tx, organization: OrganizationId, id: PersonId) -> Result<Option<Line>, DbError> {
    let Some(person) = people::by_id(tx, id)? else { return Ok(None) };
    let member = members::find(tx, organization, id)?;
    let waiting = waiting::find(tx, organization, id)?;
    Ok(Some(Line { person, member, waiting }))
}

/// Whether so few members are asked for that they are gathered; members who have not signed in for long are found by walking.
fn has_few(tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<bool, DbError> {
    let sql = match wanted.show {
        Show::Unassigned => {
            "SELECT person_id FROM member WHERE organization_id = ?1 AND status = 'active' AND seat IS NULL \
             ORDER BY person_id LIMIT 1 OFFSET ?2"
        }
        Show::Removed => {
            "SELECT person_id FROM member WHERE organization_id = ?1 AND status = 'ended' ORDER BY person_id LIMIT 1 OFFSET ?2"
        }
        Show::Current | Show::Active | Show::Waiting | Show::Stale(_) => {
            "SELECT person_id FROM member WHERE organization_id = ?1 ORDER BY person_id LIMIT 1 OFFSET ?2"
        }
    };
    let beyond = tx.one(sql, &[V::I(wanted.organization.0), V::I(i64::from(FEW))], |row| row.int(0))?;
    Ok(beyond.is_none())
}

/// The address at which a walk ends that has found too few; `None` where there is nobody beyond.
fn looked_until(tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<Option<String>, DbError> {
    tx.one(
        "SELECT email FROM person WHERE parent_id = ?1 AND email > ?2 ORDER BY email LIMIT 1 OFFSET ?3",
        &[V::I(wanted.parent.0), V::T(wanted.after), V::I(i64::from(LOOKED_AT - 1))],
        |row| row.text(0),
    )
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
    let (at, limit) = (V::I(wanted.organization.0), V::I(i64::from(wanted.limit)));
    let few = match wanted.show {
        Show::Unassigned => Some(
            "SELECT person.email, person.id FROM member JOIN person ON person.id = member.person_id \
             WHERE member.organization_id = ?1 AND member.status = 'active' AND member.seat IS NULL AND person.email > ?2 \
             ORDER BY person.email LIMIT ?3",
        ),
        Show::Removed => Some(
            "SELECT person.email, person.id FROM member JOIN person ON person.id = member.person_id \
             WHERE member.organization_id = ?1 AND member.status = 'ended' AND person.email > ?2 \
             ORDER BY person.email LIMIT ?3",
        ),
        Show::Current | Show::Active | Show::Waiting | Show::Stale(_) => None,
    };
    if let Some(sql) = few {
        return Ok(tx.all(sql, &[at, V::T(wanted.after), limit], address)?.into_iter().collect());
    }
    let found = tx.all(
        "SELECT person.email, person.id FROM member JOIN person ON person.id = member.person_id \
         WHERE member.organization_id = ?1 AND person.email > ?2 AND CASE ?4 \
         WHEN 'stale' THEN member.status = 'active' AND COALESCE(person.last_sign_in_at, 0) < ?5 \
         ELSE member.status = 'active' END \
         ORDER BY person.email LIMIT ?3",
        &[at, V::T(wanted.after), limit, V::T(wanted.show.word()), V::I(wanted.show.since())],
        address,
    )?;
    Ok(found.into_iter().collect())
}

/// From the addresses, until one of them, to the members.
fn walked(tx: &mut dyn Tx, wanted: &Wanted<'_>, until: Option<&str>) -> Result<ByAddress, DbError> {
    let found = tx.all(
        "SELECT person.email, person.id FROM person \
         LEFT JOIN member ON member.organization_id = ?1 AND member.person_id = person.id \
         LEFT JOIN waiting ON waiting.organization_id = ?1 AND waiting.person_id = person.id \
         WHERE person.parent_id = ?6 AND person.email > ?2 AND person.email <= ?7 AND CASE ?4 \
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
            // Beyond all there are.
            V::T(until.unwrap_or("\u{10ffff}")),
        ],
        address,
    )?;
    Ok(found.into_iter().collect())
}

/// So many people a search looks at for one page: names and addresses only, so more than a walk does.
const SEARCHED: u32 = if cfg!(test) { 700 } else { 50_000 };

/// So many of those whom a search finds are looked up for one page, where few of them belong to the list.
const LOOKED_UP: usize = if cfg!(test) { 150 } else { 5000 };

/// Looks at address and name of everybody: people type the middle of a name, and no index finds that.
fn search(tx: &mut dyn Tx, wanted: &Wanted<'_>) -> Result<Page, DbError> {
    let sought = wanted.search.to_lowercase();
    let (mut seen, mut last, mut hits) = (0, String::new(), Vec::new());
    tx.each(
        "SELECT id, email, display_name FROM person WHERE parent_id = ?1 AND email > ?2 ORDER BY email LIMIT ?3",
        &[V::I(wanted.parent.0), V::T(wanted.after), V::I(i64::from(SEARCHED))],
        &mut |row| {
            let (email, name) = (row.text(1)?, row.text(2)?);
            seen += 1;
            if contains(&email, &sought) || contains(&name, &sought) {
                hits.push((PersonId(row.int(0)?), email.clone()));
            }
            last = email;
            Ok(())
        },
    )?;
    let mut lines: Vec<Line> = Vec::new();
    for (at, (id, email)) in hits.into_iter().enumerate() {
        let found = line(tx, wanted.organization, id)?.filter(|line| wanted.show.includes(line));
        if lines.len() >= wanted.limit as usize && found.is_some() {
            let next = lines.last().map(|line| line.person.email.to_string());
            return Ok(Page { lines, next });
        }
        lines.extend(found);
        if at + 1 >= LOOKED_UP {
            return Ok(Page { lines, next: Some(email) });
        }
    }
    Ok(Page { lines, next: (seen >= SEARCHED).then_some(last) })
}

/// Whether a text contains lower-case text, in any case. Addresses are folded in ASCII alone, so theirs counts too.
pub fn contains(name: &str, sought: &str) -> bool {
    if name.is_ascii() {
        let (name, sought) = (name.as_bytes(), sought.as_bytes());
        return name.windows(sought.len().max(1)).any(|part| part.eq_ignore_ascii_case(sought));
    }
    name.to_lowercase().contains(sought)
}
