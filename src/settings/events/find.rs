use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::ids::{AuditId, OrganizationId, ParentId, PersonId};
use crate::store;
use crate::store::audit::{Before, Recorded, Slice};

/// What an admin looks for in the log.
#[derive(Clone, Debug)]
pub(super) struct Sought {
    /// Their organization.
    pub organization: OrganizationId,
    /// Its parent.
    pub parent: ParentId,
    /// They may see everything about the parent as a whole; else only what is about people of their organization.
    pub sees_parent: bool,
    /// Only this kind.
    pub kind: Option<String>,
    /// Only what happened to this person.
    pub person: Option<PersonId>,
    /// Only what this one did: kind and name, as the log has them.
    pub actor: Option<(String, String)>,
    /// Not older.
    pub since: Timestamp,
}

/// A part of the log, newest first.
pub(super) struct Found {
    /// The events.
    pub events: Vec<Recorded>,
    /// Where to go on; `None` at the beginning of the log.
    pub next: Option<Before>,
}

/// So many are read at a time, and so many are looked at for one page: whoever seeks what is rare goes on from there.
const CHUNK: u32 = 500;
const LOOKED_AT: usize = 5000;

/// The next `limit` events before a place in the log.
pub(super) fn find(tx: &mut dyn Tx, sought: &Sought, from: Before, limit: usize) -> Result<Found, DbError> {
    let mut known = BTreeMap::new();
    let (mut events, mut before, mut looked_at) = (Vec::new(), from, 0);
    loop {
        let (chunk, whole) = chunk(tx, sought, before)?;
        for event in chunk {
            before = Before::of(&event);
            looked_at += 1;
            if matches(tx, sought, &event, &mut known)? {
                events.push(event);
            }
            if events.len() >= limit || looked_at >= LOOKED_AT {
                return Ok(Found { events, next: Some(before) });
            }
        }
        if whole {
            return Ok(Found { events, next: None });
        }
    }
}

/// What comes next, and whether that is all there is.
fn chunk(tx: &mut dyn Tx, sought: &Sought, before: Before) -> Result<(Vec<Recorded>, bool), DbError> {
    if let Some(person) = sought.person {
        let target = format!("person:{person}");
        let found = store::audit::of_target(tx, sought.parent, sought.organization, &target, before, CHUNK)?;
        let whole = found.len() < CHUNK as usize;
        return Ok((found, whole));
    }
    let slice = Slice { kind: sought.kind.as_deref(), before, since: sought.since, limit: CHUNK };
    let own = store::audit::of_organization(tx, sought.organization, &slice)?;
    let shared = store::audit::of_parent_alone(tx, sought.parent, &slice)?;
    // Beyond the end of a full list the other one is ahead, so its rest waits for the next chunk.
    let ends = [&own, &shared].map(|list| list.last().filter(|_| list.len() == CHUNK as usize).map(Before::of));
    let end = ends.into_iter().flatten().max();
    let mut all: Vec<Recorded> = own.into_iter().chain(shared).collect();
    all.sort_by_key(|event| std::cmp::Reverse(Before::of(event)));
    all.retain(|event| end.is_none_or(|end| Before::of(event) >= end));
    Ok((all, end.is_none()))
}

fn matches(
    tx: &mut dyn Tx,
    sought: &Sought,
    event: &Recorded,
    known: &mut BTreeMap<PersonId, bool>,
) -> Result<bool, DbError> {
    let fits = event.at >= sought.since
        && sought.kind.as_ref().is_none_or(|kind| *kind == event.kind)
        && sought.actor.as_ref().is_none_or(|(kind, name)| *kind == event.actor_kind && *name == event.actor);
    if !fits || event.organization.is_some() || sought.sees_parent {
        return Ok(fits);
    }
    let person = event.target.strip_prefix("person:").and_then(|id| id.parse().ok()).map(PersonId);
    let Some(person) = person else { return Ok(false) };
    if let Some(is_known) = known.get(&person) {
        return Ok(*is_known);
    }
    let member = store::members::find(tx, sought.organization, person)?.is_some();
    let is_known = member || store::waiting::find(tx, sought.organization, person)?.is_some();
    known.insert(person, is_known);
    Ok(is_known)
}

/// A place in the log as a link carries it.
pub(super) fn written(Before(at, id): Before) -> String {
    format!("{}-{id}", at.as_millis())
}

/// Reads it back; anything else is the end of the log.
pub(super) fn read(text: &str) -> Before {
    let parts = text.split_once('-').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    parts.map_or(Before::NOW, |(at, id)| Before(Timestamp::from_millis(at), AuditId(id)))
}
