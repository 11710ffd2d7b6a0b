use std::collections::BTreeMap;

use serde_json::Value;

use crate::db::{DbError, Tx};
use crate::ids::ParentId;
use crate::product::{Product, RoleKey, SeatTypeKey};
use crate::settings::frame::When;
use crate::settings::words;
use crate::store::audit::Recorded;
use crate::web::language::Texts;

/// An event of the log, in words.
pub struct EventLine {
    /// When.
    pub at: When,
    /// What happened.
    pub text: String,
    /// Who did it; empty for somebody who was not signed in.
    pub actor: String,
    /// From where.
    pub address: String,
    /// The sign-in attempt behind it.
    pub incident: Option<String>,
}

/// Events in the reader's words. People of this parent are named by their address.
pub(in crate::settings) fn lines(
    tx: &mut dyn Tx,
    parent: ParentId,
    product: &Product,
    events: &[Recorded],
    texts: Texts,
) -> Result<Vec<EventLine>, DbError> {
    let mut names = BTreeMap::new();
    let mut lines = Vec::with_capacity(events.len());
    for event in events {
        let mut name = |tx: &mut dyn Tx, named: &str| -> Result<String, DbError> {
            if let Some(known) = names.get(named) {
                return Ok(String::clone(known));
            }
            let found = words::who(tx, parent, named, texts)?;
            names.insert(named.to_owned(), found.clone());
            Ok(found)
        };
        let target = match event.target.split_once(':') {
            Some(("person", _)) => name(tx, &event.target)?,
            Some((_, thing)) => thing.to_owned(),
            None => texts.t("somebody").into_owned(),
        };
        let actor = match event.actor.as_str() {
            "" => event.actor_kind.clone(),
            actor => format!("{}:{actor}", event.actor_kind),
        };
        lines.push(EventLine {
            at: When(event.at),
            text: sentence(product, event, &target, texts),
            // Whoever signs in is nobody yet; the sentence says who it was.
            actor: if event.actor_kind == "stranger" { String::new() } else { name(tx, &actor)? },
            address: event.address.clone().unwrap_or_default(),
            incident: event.incident.clone(),
        });
    }
    Ok(lines)
}

/// The sentence of an event's kind; a kind that we have no words for stays a code.
fn sentence(product: &Product, event: &Recorded, target: &str, texts: Texts) -> String {
    let key = format!("event-{}", event.kind.replace('_', "-"));
    if !texts.has(&key) {
        return format!("{} {target}", event.kind);
    }
    let detail: Value = serde_json::from_str(&event.detail).unwrap_or(Value::Null);
    let fields: Vec<(String, String)> = detail
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.replace('_', "-"), shown(product, event, name, value, texts))
        })
        .collect();
    let thing = event.target.split_once(':').map_or("", |(thing, _)| thing);
    let thing = words::why(texts, thing);
    let mut values = vec![("target", target), ("thing", thing.as_str())];
    values.extend(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let text = texts.fill(&key, &values).into_owned();
    match fields.iter().find(|(name, _)| name == "deferred-seat") {
        Some((_, seat)) => format!("{text} {}", texts.with("event-deferred", "seat", seat)),
        None => text,
    }
}

/// A field's value as people read it: codes as words, keys as the product's names.
fn shown(product: &Product, event: &Recorded, name: &str, value: String, texts: Texts) -> String {
    let is_held = event.kind.starts_with("member_") && matches!(name, "before" | "after" | "now");
    match name {
        "why" | "code" | "what" | "passed" | "accepted" | "cause" => words::why(texts, &value),
        "role" => words::role(product, &RoleKey::new(value)),
        "seat" | "deferred_seat" if value == "any" => texts.t("any-seat").into_owned(),
        "seat" | "deferred_seat" => words::seat(product, &SeatTypeKey::new(value)),
        "until" if value == "without end" => texts.t("without-end").into_owned(),
        _ if is_held => held(product, &value),
        _ => value,
    }
}

/// `owner/premium` as the product says it.
fn held(product: &Product, value: &str) -> String {
    let (role, seat) = value.split_once('/').unwrap_or((value, "-"));
    let role = words::role(product, &RoleKey::new(role));
    if seat == "-" { role } else { format!("{role}, {}", words::seat(product, &SeatTypeKey::new(seat))) }
}
