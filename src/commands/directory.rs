use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::output::{Failure, remark, say};
use super::setting::{self, Setting};
use crate::config::Config;
use crate::db::{Db, DbError, Tx};
use crate::directory::DirectoryUser;
use crate::ids::{DirectoryGroupId, DirectoryUserId, PersonId};
use crate::membership::{Alike, Context, Surveyed, TurnedAway, foreseen, turned_away};
use crate::organization::{Organization, ParentOrganization, ProvisioningMode};
use crate::provisioning::Outcome;
use crate::store;
use crate::store::attempts::Attempt;

/// How many are read at a time.
const PAGE: u32 = 500;

fn open(setting: &Setting, parent: &str) -> Result<(Config, Db, ParentOrganization), Failure> {
    let config = setting.load()?;
    let db = setting::existing(&config)?;
    let parent = setting::parent(&db, parent)?;
    Ok((config, db, parent))
}

fn context(config: &Config) -> Context<'_> {
    Context { now: setting::now(), catalog: &config.catalog, actor: setting::actor(), from: None, incident: None }
}

fn synced(tx: &mut dyn Tx, parent: &ParentOrganization) -> Result<Vec<Organization>, DbError> {
    let mut all = store::organizations::of_parent(tx, parent.id)?;
    all.retain(|organization| matches!(organization.mode, ProvisioningMode::Scim { .. }));
    Ok(all)
}

/// What a user of the directory is in an organization now, in words.
fn standing_words(one: &Surveyed, user: &DirectoryUser) -> String {
    if let Some(member) = &one.member {
        let seat = member.seat.as_ref().map_or("-", |seat| seat.as_str());
        let held = format!("member: {}/{seat}", member.role);
        return if one.ends() { format!("{held}, to be ended by a run that needs approval") } else { held };
    }
    if !user.content.active {
        return "not a member: inactive in the directory".to_owned();
    }
    if user.content.email.is_none() {
        return "not a member: no usable e-mail address".to_owned();
    }
    match &one.outcome {
        Outcome::Wait { seat: Some(seat), .. } => format!("not a member: no free {seat} seat"),
        Outcome::Wait { seat: None, .. } => "not a member: no free seat".to_owned(),
        Outcome::StayOut | Outcome::Refuse(_) => "not a member: in no mapped group".to_owned(),
        Outcome::Join(_) | Outcome::Keep(_) | Outcome::Change(_) | Outcome::Remove(_) => {
            "not a member yet: the next run takes them in".to_owned()
        }
    }
}

pub(super) fn users(setting: &Setting, parent: &str, json: bool) -> Result<(), Failure> {
    let (config, db, parent) = open(setting, parent)?;
    let context = context(&config);
    let mut surveys: Vec<(String, BTreeMap<DirectoryUserId, Surveyed>)> = Vec::new();
    for organization in db.read(|tx| synced(tx, &parent))? {
        let survey = db.read(|tx| foreseen(tx, &context, &organization))?;
        let by_user = survey.people.into_iter().filter_map(|one| Some((one.user?, one))).collect();
        surveys.push((organization.slug.to_string(), by_user));
    }
    let mut after = DirectoryUserId(0);
    loop {
        let page = db.read(|tx| store::directory_users::page_after(tx, parent.id, after, PAGE))?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for user in &page {
            let effects: BTreeMap<&str, String> = surveys
                .iter()
                .filter_map(|(slug, by_user)| Some((slug.as_str(), standing_words(by_user.get(&user.id)?, user))))
                .collect();
            let email = user.content.email.as_ref().map(ToString::to_string);
            if json {
                say(&json!({
                    "id": user.public_id, "user_name": user.content.user_name.as_str(), "email": email,
                    "external_id": user.content.external_id, "active": user.content.active, "effects": effects,
                })
                .to_string());
                continue;
            }
            let off = if user.content.active { "" } else { ", inactive" };
            say(&format!("{} ({}){off}", user.content.user_name, email.unwrap_or_else(|| "no address".to_owned())));
            effects.iter().for_each(|(slug, words)| say(&format!("  {slug}: {words}")));
        }
    }
    nothing_yet(&db, &parent)
}

pub(super) fn groups(setting: &Setting, parent: &str, json: bool) -> Result<(), Failure> {
    let (_, db, parent) = open(setting, parent)?;
    let organizations = db.read(|tx| synced(tx, &parent))?;
    let mut gives: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for organization in &organizations {
        for bound in db.read(|tx| store::group_bindings::of_organization(tx, organization.id))? {
            let roles = organization.mappings.roles.iter().filter(|row| row.group == bound.value);
            let seats = organization.mappings.seats.iter().filter(|row| row.group == bound.value);
            let given: Vec<String> = roles
                .map(|row| format!("role {}", row.gives))
                .chain(seats.map(|row| format!("seat {}", row.gives)))
                .map(|what| format!("{}: {what}", organization.slug))
                .collect();
            gives.entry(bound.directory_group).or_default().extend(given);
        }
    }
    let mut after = DirectoryGroupId(0);
    loop {
        let page = db.read(|tx| store::directory_groups::page_after(tx, parent.id, after, PAGE))?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for group in &page {
            let given = gives.remove(&group.public_id).unwrap_or_default();
            let name = group.content.display_name.as_str();
            if json {
                say(&json!({
                    "id": group.public_id, "name": name, "external_id": group.content.external_id,
                    "members": group.members, "gives": given,
                })
                .to_string());
                continue;
            }
            say(&format!("{name} ({} members, id {})", group.members, group.public_id));
            given.iter().for_each(|what| say(&format!("  {what}")));
        }
    }
    for (group, given) in gives {
        let what = given.join(", ");
        if json {
            say(&json!({ "id": group, "gone": true, "gives": given }).to_string());
        } else {
            say(&format!("{group} is gone; what it gave gives nothing now: {what}"));
        }
    }
    nothing_yet(&db, &parent)
}

fn nothing_yet(db: &Db, parent: &ParentOrganization) -> Result<(), Failure> {
    let known = db.read(|tx| store::directory::of_parent(tx, parent.id))?;
    if known.is_none_or(|known| known.last_push.is_none()) {
        remark(&format!(
            "nothing was pushed to {} so far; usher scim-token new --parent {} makes a token for it",
            parent.slug, parent.slug
        ));
    }
    Ok(())
}

/// What does not fit together: in which organization, who, and what.
struct Mismatch {
    kind: &'static str,
    organization: Option<String>,
    who: String,
    what: String,
}

pub(super) fn mismatches(setting: &Setting, parent: &str, json: bool) -> Result<(), Failure> {
    let (config, db, parent) = open(setting, parent)?;
    let refused = db.read(|tx| turned_away(tx, parent.id, setting::now()))?;
    let mut found = Vec::new();
    let mut after = DirectoryUserId(0);
    loop {
        let page = db.read(|tx| store::directory_users::page_after(tx, parent.id, after, PAGE))?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for user in &page {
            found.extend(db.read(|tx| of_user(tx, &parent, user))?);
            found.extend(refused.iter().filter_map(|one| refused_alike(one, user)));
        }
    }
    for organization in db.read(|tx| synced(tx, &parent))? {
        found.extend(db.read(|tx| ghosts(tx, &config, &organization))?);
    }
    for Mismatch { kind, organization, who, what } in &found {
        if json {
            say(&json!({ "kind": kind, "organization": organization, "who": who, "what": what }).to_string());
        } else {
            let place = organization.as_ref().map(|slug| format!("{slug}: ")).unwrap_or_default();
            say(&format!("{place}{who}: {what}"));
        }
    }
    if found.is_empty() {
        remark("everything fits together");
    }
    Ok(())
}

fn of_user(tx: &mut dyn Tx, parent: &ParentOrganization, user: &DirectoryUser) -> Result<Vec<Mismatch>, DbError> {
    let who = user.content.user_name.to_string();
    let one = |kind, what: String| Mismatch { kind, organization: None, who: who.clone(), what };
    let mut found = Vec::new();
    let Some(email) = &user.content.email else {
        found.push(one("no_address", "no usable e-mail address, so no member can be made of them".to_owned()));
        return Ok(found);
    };
    if store::domains::verified_owner(tx, &email.domain())? != Some(parent.id) {
        let what = format!("{} is no verified domain, so they cannot sign in", email.domain());
        found.push(one("domain_not_verified", what));
    }
    let person = match user.person {
        Some(person) => store::people::by_id(tx, person)?,
        None => None,
    };
    if let Some(person) = person.filter(|person| person.email != *email) {
        let what = format!("the directory says {email}, the latest sign-in or change here {}", person.email);
        found.push(one("address_differs", what));
    }
    if user.person.is_none()
        && let Some(holder) = store::people::by_email(tx, parent.id, email)?
        && store::directory_users::facts_of_person(tx, holder.id)?.is_some()
    {
        found.push(one("address_in_use", format!("{email} is the address of another user here")));
    }
    Ok(found)
}

/// What to tell of somebody who was refused, if a user of the directory looks like them.
fn refused_alike(one: &TurnedAway, user: &DirectoryUser) -> Option<Mismatch> {
    let (alike, email) = (one.looks_like(user)?, user.content.email.as_ref()?);
    let Attempt { at, code, incident, .. } = &one.attempt;
    let refused = format!("was refused a sign-in ({code}, {at}, reference {incident})");
    let name = &user.content.user_name;
    let what = match alike {
        Alike::OtherSubject => format!(
            "{refused}; {name} of the directory has this very address and is known by another subject: if it is one person, the identity provider has to send the subject it sent before, or link it anew (usher connection relink)"
        ),
        Alike::SameAddress => format!("{refused}; {name} of the directory has this very address"),
        Alike::NearlyTheAddress => format!(
            "{refused}; the directory has {email} ({name}): if it is one person, the identity provider has to send one address in both places"
        ),
    };
    Some(Mismatch { kind: "refused_sign_in", organization: None, who: one.email.to_string(), what })
}

/// Members of whom the directory does not know: they cannot sign in, and hold a seat (rule B20).
fn ghosts(tx: &mut dyn Tx, config: &Config, organization: &Organization) -> Result<Vec<Mismatch>, DbError> {
    let survey = foreseen(tx, &context(config), organization)?;
    let known: BTreeSet<PersonId> = survey.people.iter().filter_map(|one| one.person).collect();
    let mut found = Vec::new();
    for member in store::members::standing(tx, organization.id)? {
        if known.contains(&member.person) {
            continue;
        }
        let Some(person) = store::people::by_id(tx, member.person)? else { continue };
        let seat = member.seat.as_ref().map_or_else(String::new, |seat| format!(" and holds a {seat} seat"));
        found.push(Mismatch {
            kind: "ghost",
            organization: Some(organization.slug.to_string()),
            who: person.email.to_string(),
            what: format!("a member{seat}, but not in the directory, so they cannot sign in; assign them at the identity provider or remove them"),
        });
    }
    Ok(found)
}
