use serde_json::{Value, json};

use super::output::say;
use crate::apply::{OrganizationEffects, Plan};
use crate::trust::{SsoEffects, SsoWay};

/// How many people of one organization are listed on a terminal; `--json` has them all.
const SHOWN: usize = 100;

/// Prints a plan for people.
pub(super) fn print(plan: &Plan) {
    for line in &plan.lines {
        say(&format!("{} {}", line.action, line.what));
    }
    plan.effects.iter().for_each(effects);
    plan.sso.iter().for_each(sso);
    for note in &plan.notes {
        say(&format!("note: {note}"));
    }
    warnings(plan);
}

/// Prints what could not be looked at; also where there is nothing to write.
pub(super) fn warnings(plan: &Plan) {
    for warning in &plan.warnings {
        say(&format!("warning: {warning}"));
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

fn sso(effects: &SsoEffects) {
    let organization = &effects.organization;
    say(&format!("\nSSO is required in {organization} from then on:"));
    for way in SsoWay::ALL.into_iter().filter(|way| effects.count(*way) > 0) {
        let what = match way {
            SsoWay::SignsIn => "known to an active connection: as before",
            SsoWay::NotYet => "never signed in through an active connection: they do at their next visit",
            SsoWay::OutsideDomains => "with an address in no verified domain: no way in",
            SsoWay::NoConnection => "without a way in: no connection is active",
        };
        say(&format!(" {} {:4}  {what}", if way.is_open() { " " } else { "!" }, effects.count(way)));
        let named = effects.members.iter().filter(|member| member.way == way && way != SsoWay::SignsIn);
        named.take(SHOWN).for_each(|member| say(&format!("         {} ({})", member.email, member.role)));
    }
    if effects.sessions_end() > 0 {
        say(&format!(
            " ! {:4}  present sessions over a connection that is not active: no longer counted",
            effects.sessions_end()
        ));
    }
    if effects.locks_out() {
        say(&format!(
            "warning: after this nobody who may configure {organization} could get in; `usher recover` would be the way back"
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
    let sso: Vec<Value> = plan
        .sso
        .iter()
        .map(|effects| {
            let members: Vec<Value> = effects
                .members
                .iter()
                .map(|member| {
                    json!({
                        "email": member.email, "role": member.role.as_str(), "way": member.way.as_str(),
                        "sessions_end": member.sessions_end,
                    })
                })
                .collect();
            json!({
                "organization": effects.organization.as_str(), "members": members, "locks_out": effects.locks_out(),
            })
        })
        .collect();
    json!({
        "changes": changes,
        "effects": effects,
        "require_sso": sso,
        "notes": plan.notes,
        "warnings": plan.warnings,
        "takes_access": plan.takes_access(),
        "applied": applied,
    })
}
