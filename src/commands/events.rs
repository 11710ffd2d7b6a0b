use std::time::Duration;

use serde_json::{Value, json};

use super::output::{Failure, said};
use super::setting::{self, Setting};
use crate::clock::Timestamp;
use crate::config::parse_duration;
use crate::db::{Db, DbError};
use crate::ids::{AuditId, PersonId};
use crate::store;
use crate::store::audit::Recorded;

/// How many entries are read at a time.
const PAGE: u32 = 500;

/// How often a following reader looks.
const LOOK: Duration = Duration::from_millis(500);

pub(super) fn events(setting: &Setting, follow: bool, json: bool, since: Option<&str>) -> Result<(), Failure> {
    let config = setting.load()?;
    let since = since.map_or(Ok(Timestamp::from_millis(0)), |text| moment(text, false))?;
    let db = setting::existing(&config)?;
    let mut after = AuditId(0);
    loop {
        let page = db.read(|tx| store::audit::list(tx, after, since, PAGE))?;
        for entry in &page {
            let line = if json { to_json(entry).to_string() } else { to_text(&db, entry)? };
            if !said(&line) {
                return Ok(());
            }
            after = entry.id;
        }
        if page.is_empty() {
            if !follow {
                return Ok(());
            }
            std::thread::sleep(LOOK);
        }
    }
}

/// A date, a time, or a span from now: back, or for what is to come ahead.
pub(super) fn moment(text: &str, ahead: bool) -> Result<Timestamp, Failure> {
    let now = setting::now();
    let spanned = parse_duration(text).ok().map(|span| if ahead { now.plus(span) } else { now.minus(span) });
    Timestamp::parse(text).or(spanned).ok_or_else(|| {
        Failure::usage(format!(
            "{text:?}: a date (2026-11-24), a time (2026-11-24T09:00:00Z) or a span (24h, 90d) is expected"
        ))
    })
}

fn detail(entry: &Recorded) -> Value {
    serde_json::from_str(&entry.detail).unwrap_or(Value::Null)
}

fn to_json(entry: &Recorded) -> Value {
    json!({
        "id": entry.id.0,
        "at": entry.at.to_string(),
        "actor": entry.actor_kind,
        "actor_name": entry.actor,
        "event": entry.kind,
        "target": entry.target,
        "parent": entry.parent.map(|id| id.0),
        "organization": entry.organization.map(|id| id.0),
        "detail": detail(entry),
        "address": entry.address,
        "incident": entry.incident,
    })
}

fn to_text(db: &Db, entry: &Recorded) -> Result<String, DbError> {
    let actor = match (entry.actor_kind.as_str(), entry.actor.as_str()) {
        (kind, "") => kind.to_owned(),
        ("person", id) => named(db, &format!("person:{id}"))?,
        (kind, name) => format!("{kind}:{name}"),
    };
    let mut line = format!("{}  {actor}  {}", entry.at, entry.kind);
    if !entry.target.is_empty() {
        line.push_str("  ");
        line.push_str(&named(db, &entry.target)?);
    }
    let organization = match entry.organization {
        Some(id) => db.read(|tx| store::organizations::by_id(tx, id))?,
        None => None,
    };
    if let Some(organization) = organization {
        line.push_str(&format!("  in {}", organization.slug));
    }
    if let Value::Object(fields) = detail(entry) {
        for (name, value) in fields {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            line.push_str(&format!("  {name}={value}"));
        }
    }
    if let Some(incident) = &entry.incident {
        line.push_str(&format!("  incident={incident}"));
    }
    // One line per event, whatever somebody put into a name.
    Ok(line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// `person:12` with the address; anything else as it is.
fn named(db: &Db, target: &str) -> Result<String, DbError> {
    let id = target.strip_prefix("person:").and_then(|id| id.parse().ok()).map(PersonId);
    let person = match id {
        Some(id) => db.read(|tx| store::people::by_id(tx, id))?,
        None => None,
    };
    Ok(person.map_or_else(|| target.to_owned(), |person| format!("{target} ({})", person.email)))
}
