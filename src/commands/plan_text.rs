use serde_json::{Value, json};

use super::output::say;
use crate::apply::{OrganizationEffects, Plan};

/// How many people of one organization are listed on a terminal; `--json` has them all.
const SHOWN: usize = 100;

/// Prints a plan for people.
pub(super) fn print(plan: &Plan) {
    for line in &plan.lines {
        say(&format!("{} {}", line.action, line.what));
    }
    plan.effects.iter().for_each(effects);
    for note in &plan.notes {
        say(&format!("note: {note}"));
    }
}

fn effects(effects: &OrganizationEffects) {
    let organization = &effects.organization;
    if !effects.people.is_empty() {
        say(&format!("\npeople of {organization}:"));
    }
    let widest = effects.people.iter().take(SHOWN).map(|person| person.email.chars().count()).max().unwrap_or(0);
    for person in effects.people.iter().take(SHOWN) {
        let sign = if person.kind.takes() { "!" } else { " " };
        say(&format!(" {sign} {:widest$}  {}  ({})", person.email, person.what, person.evidence));
    }
    if let Some(more) = effects.people.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        say(&format!("   and {more} more; --json lists them all"));
    }
    let seats: Vec<String> = effects
        .seats
        .iter()
        .map(|(seat, needed, bought)| {
            let short = if needed > bought { ", too few" } else { "" };
            format!("needs {needed} {seat}, {bought} bought{short}")
        })
        .collect();
    if !seats.is_empty() {
        say(&format!("seats of {organization}: {}", seats.join("; ")));
    }
    if effects.locks_out {
        say(&format!(
            "warning: after this nobody who may configure {organization} could sign in; `usher recover` would be the way back"
        ));
    }
}

/// A plan for machines.
pub(super) fn to_json(plan: &Plan, applied: bool) -> Value {
    let changes: Vec<Value> = plan
        .lines
        .iter()
        .map(|line| json!({ "action": line.action.as_str(), "what": line.what, "takes_access": line.takes_access }))
        .collect();
    let effects: Vec<Value> = plan
        .effects
        .iter()
        .map(|effects| {
            let people: Vec<Value> = effects
                .people
                .iter()
                .map(|person| {
                    json!({
                        "email": person.email,
                        "kind": person.kind.as_str(),
                        "what": person.what,
                        "evidence": person.evidence,
                    })
                })
                .collect();
            let seats: Vec<Value> = effects
                .seats
                .iter()
                .map(|(seat, needed, bought)| json!({ "seat_type": seat, "needed": needed, "bought": bought }))
                .collect();
            json!({
                "organization": effects.organization,
                "people": people,
                "seats": seats,
                "locks_out": effects.locks_out,
            })
        })
        .collect();
    json!({
        "changes": changes,
        "effects": effects,
        "notes": plan.notes,
        "takes_access": plan.takes_access(),
        "applied": applied,
    })
}
