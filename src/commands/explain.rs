use serde_json::json;

use super::output::{Failure, say};
use super::setting::{self, Setting};
use crate::identity::{AssertedGroups, EmailAddress};
use crate::login::outcome_words;
use crate::membership::{self, Context, GroupsFrom};
use crate::provisioning::Refusal;
use crate::store;

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
        Ok(membership::explain(tx, &context, &organization, &email, groups.map(listed))?)
    })?;
    let evidence = match explained.evidence {
        GroupsFrom::Given => "the groups given here".to_owned(),
        GroupsFrom::SignIn(at) => format!("the groups of the sign-in of {at}"),
        GroupsFrom::Directory(at) => {
            let pushed = at.map_or(String::new(), |at| format!(" (last push {at})"));
            format!("the groups in the directory{pushed}: {}", names(&explained.groups))
        }
        GroupsFrom::NotInDirectory => "no groups: the directory does not know this person".to_owned(),
        GroupsFrom::Nowhere => "no groups: this person has never signed in; try --groups".to_owned(),
    };
    let nobody = "no connection of the parent organization is active, so nobody can sign in";
    let remarks: Vec<&str> = explained.nobody_signs_in.then_some(nobody).into_iter().collect();
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
            "organization": slug.as_str(), "email": email.as_str(), "evidence": evidence,
            "outcome": outcome, "refusal": code, "because": because, "remarks": remarks,
        });
        say(&value.to_string());
        return Ok(());
    }
    say(&format!("{email} in {slug}: {outcome}"));
    say(&format!("  on {evidence}"));
    for reason in &because {
        say(&format!("  because {reason}"));
    }
    for remark in &remarks {
        say(&format!("  note: {remark}"));
    }
    Ok(())
}

fn names(groups: &AssertedGroups) -> String {
    let AssertedGroups::Listed(groups) = groups else { return "none".to_owned() };
    let names: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The groups of a list with commas.
fn listed(list: &str) -> AssertedGroups {
    AssertedGroups::listed(list.split(',').map(str::trim).filter(|group| !group.is_empty()))
}
