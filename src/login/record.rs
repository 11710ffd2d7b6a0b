use serde_json::{Value, json};

use crate::connection::{Connection, GroupsTrouble};
use crate::identity::{AssertedGroups, AssertedIdentity};
use crate::membership::OrganizationResult;
use crate::provisioning::{Decision, Outcome, Refusal};

/// The decision record of a sign-in (rule B39): facts received, what each organization decided and why. Holds no assertion,
/// no signature and no secret.
pub fn of_decision(
    connection: &Connection,
    identity: &AssertedIdentity,
    warnings: &[String],
    decided: &[OrganizationResult],
) -> Value {
    let organizations: Vec<Value> = decided
        .iter()
        .map(|result| {
            let seats = result.seats.iter().map(|seat| json!([seat.seat_type.as_str(), seat.bought, seat.used]));
            json!({
                "organization": result.name,
                "slug": result.slug.as_str(),
                "outcome": outcome(&result.decision),
                "because": result.decision.because.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "result": step(result.decision.outcome.told()),
                "reasons": result.decision.because.iter().map(|reason| step(reason.told())).collect::<Vec<_>>(),
                "seats": seats.collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut record = json!({
        "connection": connection.slug.as_str(),
        "facts": {
            "subject": identity.subject.as_str(),
            "email": identity.email.as_str(),
            "name": identity.display_name,
            "groups": groups(&identity.groups),
        },
        "warnings": warnings,
        "organizations": organizations,
    });
    if let Some(setting) = missing_groups(connection, identity, decided) {
        record["next_step"] = setting.into();
    }
    record
}

/// Which setting of the identity provider to change, where a decision needed groups and there were none (rule B17).
fn missing_groups(
    connection: &Connection,
    identity: &AssertedIdentity,
    decided: &[OrganizationResult],
) -> Option<String> {
    let trouble = match identity.groups {
        AssertedGroups::Listed(_) => return None,
        AssertedGroups::NotSent => GroupsTrouble::NotSent,
        AssertedGroups::TooMany => GroupsTrouble::TooMany,
    };
    let needed = |result: &OrganizationResult| result.decision.outcome.refusal() == Some(Refusal::GroupsMissing);
    decided.iter().any(needed).then(|| connection.groups_setting(trouble))
}

/// A word with its values, for pages to put into words.
fn step((word, values): (&str, Vec<(&str, String)>)) -> Value {
    let values: serde_json::Map<String, Value> =
        values.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!([word, values])
}

/// The record of a message that could not be trusted: which check failed, and what to do next.
pub fn of_failure(connection: &Connection, code: &str, what: &str, next_step: &str) -> Value {
    json!({ "connection": connection.slug.as_str(), "check": code, "what": what, "next_step": next_step })
}

fn groups(groups: &AssertedGroups) -> Value {
    match groups {
        AssertedGroups::Listed(groups) => groups.iter().map(|group| group.as_str()).collect(),
        AssertedGroups::NotSent => "not sent".into(),
        AssertedGroups::TooMany => "too many to send".into(),
    }
}

/// An outcome in a few words.
pub fn outcome(decision: &Decision) -> String {
    let seat = |seat: Option<&str>| seat.map_or(String::new(), |seat| format!(", seat {seat}"));
    match &decision.outcome {
        Outcome::Keep(standing) => {
            format!("stays {}{}", standing.role, seat(standing.seat.as_ref().map(|seat| seat.as_str())))
        }
        Outcome::Join(standing) => {
            format!("becomes a member: {}{}", standing.role, seat(standing.seat.as_ref().map(|seat| seat.as_str())))
        }
        Outcome::Change(standing) => {
            format!("changes to {}{}", standing.role, seat(standing.seat.as_ref().map(|seat| seat.as_str())))
        }
        Outcome::Wait { role, seat, .. } => {
            let wanted = seat.as_ref().map_or("any seat".to_owned(), |seat| format!("a {seat} seat"));
            format!("waits for {wanted}, as {role}")
        }
        Outcome::Refuse(refusal) => format!("refused: {refusal}"),
        Outcome::Remove(refusal) => format!("the membership ends: {refusal}"),
        Outcome::StayOut => "stays out".to_owned(),
    }
}
