use serde_json::json;

use super::output::{Failure, say};
use super::setting::{self, Setting};
use crate::db::{DbError, Tx};
use crate::identity::{AssertedGroups, EmailAddress};
use crate::login::outcome_words;
use crate::membership::{Context, evaluate, last_known};
use crate::organization::Organization;
use crate::provisioning::{Decision, Refusal};
use crate::store;

/// What a sign-in would get, and what that rests on.
struct Explained {
    /// Where the groups come from.
    evidence: String,
    /// Refused before any organization is asked (rule B8), or decided.
    answer: Result<Decision, Refusal>,
    /// The remarks that are no part of the decision.
    remarks: Vec<String>,
}

pub(super) fn explain(
    setting: &Setting,
    organization: &str,
    email: &str,
    groups: Option<&str>,
    json: bool,
) -> Result<(), Failure> {
    let slug = setting::slug(organization)?;
    let email = EmailAddress::parse(email).map_err(|error| Failure::usage(format!("{email:?}: {error}")))?;
    let config = setting.load()?;
    let db = setting::existing(&config)?;
    let context =
        Context { now: setting::now(), catalog: &config.catalog, actor: setting::actor(), from: None, incident: None };
    let explained = db.read(|tx| -> Result<_, Failure> {
        let organization = store::organizations::by_slug(tx, &slug)?.ok_or_else(|| {
            Failure::failed(format!("there is no organization {slug}; usher export lists the ones there are"))
        })?;
        Ok(look(tx, &context, &organization, &email, groups)?)
    })?;
    let (outcome, code) = match &explained.answer {
        Ok(decision) => (outcome_words(decision), decision.outcome.refusal()),
        Err(refusal) => (format!("refused: {refusal}"), Some(*refusal)),
    };
    let because: Vec<String> = match &explained.answer {
        Ok(decision) => decision.because.iter().map(ToString::to_string).collect(),
        Err(_) => vec![format!("{} is no verified domain of the parent organization", email.domain())],
    };
    if json {
        let code = code.map(Refusal::code);
        let value = json!({
            "organization": slug.as_str(), "email": email.as_str(), "evidence": explained.evidence,
            "outcome": outcome, "refusal": code, "because": because, "remarks": explained.remarks,
        });
        say(&value.to_string());
        return Ok(());
    }
    say(&format!("{email} in {slug}: {outcome}"));
    say(&format!("  on {}", explained.evidence));
    for reason in &because {
        say(&format!("  because {reason}"));
    }
    for remark in &explained.remarks {
        say(&format!("  note: {remark}"));
    }
    Ok(())
}

fn look(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    email: &EmailAddress,
    groups: Option<&str>,
) -> Result<Explained, DbError> {
    let person = store::people::by_email(tx, organization.parent, email)?;
    let known = match &person {
        Some(person) => last_known(tx, person.id)?,
        None => None,
    };
    let (evidence, asserted) = match (groups, known) {
        (Some(list), _) => {
            let groups = list.split(',').map(str::trim).filter(|group| !group.is_empty());
            ("the groups given here".to_owned(), AssertedGroups::listed(groups))
        }
        (None, Some(known)) => (format!("the groups of the sign-in of {}", known.seen_at), known.groups),
        (None, None) => {
            ("no groups: this person has never signed in; try --groups".to_owned(), AssertedGroups::NotSent)
        }
    };
    let mut remarks = Vec::new();
    let connections = store::connections::of_parent(tx, organization.parent)?;
    if !connections.iter().any(|connection| connection.status == crate::connection::ConnectionStatus::Active) {
        remarks.push("no connection of the parent organization is active, so nobody can sign in".to_owned());
    }
    let answer = if store::domains::verified_owner(tx, &email.domain())? == Some(organization.parent) {
        Ok(evaluate(tx, context, organization, (person.as_ref(), email), &asserted)?)
    } else {
        Err(Refusal::DomainNotVerified)
    };
    Ok(Explained { evidence, answer, remarks })
}
