use std::io::IsTerminal as _;

use serde_json::{Value, json};

use super::arguments::DomainCommand;
use super::operate::{No, context};
use super::organizations::ask;
use super::output::{Failure, remark, say};
use super::setting::{self, Setting};
use crate::config::Config;
use crate::db::Db;
use crate::dns::Dns;
use crate::domains::{self, DomainError};
use crate::identity::DomainName;
use crate::ids::{ParentId, Slug};
use crate::organization::{Domain, DomainState, Found, ParentOrganization};
use crate::store;

impl From<DomainError> for No {
    fn from(error: DomainError) -> Self {
        match error {
            DomainError::Db(error) => Self::Db(error),
            DomainError::Taken { name, owner } => Self::Failure(Failure::failed(format!(
                "{name} belongs to parent {owner}, which has proven it; one domain belongs to one parent, so remove it there first"
            ))),
            DomainError::Unknown(name) => {
                let what = format!("{name} is not among the domains of this parent; usher domain list shows them all");
                Self::Failure(Failure::failed(what))
            }
            error @ (DomainError::PublicMail(_) | DomainError::Trust(_)) => {
                Self::Failure(Failure::failed(error.to_string()))
            }
        }
    }
}

pub(super) fn run(setting: &Setting, command: DomainCommand) -> Result<(), Failure> {
    let config = setting.load()?;
    match command {
        DomainCommand::List { parent, json } => list(&config, parent.as_deref(), json),
        DomainCommand::Add { domain, parent, json } => add(&config, &domain, &parent, json),
        DomainCommand::Check { domain, parent, json } => check(&config, &domain, parent.as_deref(), json),
        DomainCommand::Remove { domain, parent, yes } => remove(&config, &domain, &parent, yes),
        DomainCommand::Vouch { domain, parent } => vouch(&config, &domain, &parent),
    }
}

fn name(text: &str) -> Result<DomainName, Failure> {
    DomainName::parse(text).map_err(|error| Failure::usage(format!("{text:?}: {error}")))
}

/// The claims of one parent, or of all.
fn claims(db: &Db, parent: Option<&str>) -> Result<Vec<(Slug, Domain)>, Failure> {
    let only = parent.map(|slug| setting::parent(db, slug)).transpose()?;
    db.read(|tx| -> Result<_, Failure> {
        let parents: Vec<ParentOrganization> = match only {
            Some(parent) => vec![parent],
            None => store::organizations::parents(tx)?,
        };
        let mut all = Vec::new();
        for parent in parents {
            let domains = store::domains::of_parent(tx, parent.id)?;
            all.extend(domains.into_iter().map(|domain| (parent.slug.clone(), domain)));
        }
        Ok(all)
    })
}

fn list(config: &Config, parent: Option<&str>, json: bool) -> Result<(), Failure> {
    let db = setting::existing(config)?;
    for (parent, domain) in claims(&db, parent)? {
        show(&parent, &domain, json);
    }
    Ok(())
}

fn add(config: &Config, domain: &str, parent: &str, json: bool) -> Result<(), Failure> {
    let name = name(domain)?;
    let db = setting::existing(config)?;
    let parent = setting::parent(&db, parent)?;
    let challenge = domains::new_challenge();
    let (config, wanted, slug) = (config.clone(), name.clone(), parent.slug.clone());
    let new = db.write_blocking(move |tx| -> Result<bool, No> {
        Ok(domains::claim(tx, &context(&config), parent.id, &wanted, &challenge)?)
    })?;
    let known = claims(&db, Some(slug.as_str()))?.into_iter().find(|(_, known)| known.name == name);
    let Some((_, known)) = known else { return Err(Failure::failed(format!("{name} was removed meanwhile"))) };
    if json {
        show(&slug, &known, true);
        return Ok(());
    }
    if !new {
        remark(&format!("{name} was among the domains of {slug} already; its value stays as it is"));
    }
    if known.is_verified() {
        show(&slug, &known, false);
        return Ok(());
    }
    say(&format!("Put this TXT record at {name} itself (\"@\" in most DNS consoles), beside those that are there:"));
    say(&format!("  {name}.  TXT  \"{}\"", known.challenge));
    say(&format!(
        "The running server looks every minute for the next hour, then every hour. Look now: usher domain check {name}"
    ));
    Ok(())
}

fn check(config: &Config, domain: &str, parent: Option<&str>, json: bool) -> Result<(), Failure> {
    let name = name(domain)?;
    let db = setting::existing(config)?;
    let claims: Vec<_> = claims(&db, parent)?.into_iter().filter(|(_, known)| known.name == name).collect();
    if claims.is_empty() {
        let whose = parent.map_or("any parent".to_owned(), |parent| format!("parent {parent}"));
        return Err(Failure::failed(format!(
            "{name} is not among the domains of {whose}; usher domain add {name} --parent SLUG claims it"
        )));
    }
    let found = setting::runtime()?.block_on(Dns::new(&config.server.dns_servers).txt(&name));
    let mut verified = false;
    for (parent, claim) in claims {
        let (config, found) = (config.clone(), found.clone());
        let after = db.write_blocking(move |tx| domains::note(tx, &context(&config), &claim, &found))?;
        let Some(after) = after else { return Err(Failure::failed(format!("{name} was removed meanwhile"))) };
        show(&parent, &after, json);
        verified |= after.is_verified() && after.found.is_none();
    }
    if verified { Ok(()) } else { Err(Failure::failed(format!("{name} is not proven by DNS now"))) }
}

fn remove(config: &Config, domain: &str, parent: &str, yes: bool) -> Result<(), Failure> {
    let name = name(domain)?;
    let db = setting::existing(config)?;
    let parent = setting::parent(&db, parent)?;
    let concerned = concerned(&db, parent.id, &name)?;
    if concerned > 0 && !yes {
        let what = format!("{concerned} people have addresses in {name} and could no longer sign in");
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !terminal {
            return Err(Failure::failed(format!("{what}; nothing was removed; run it with --yes if that is meant")));
        }
        if !ask(&format!("{what}. Remove it?")) {
            return Err(Failure::failed("nothing was removed"));
        }
    }
    let (config, gone, slug) = (config.clone(), name.clone(), parent.slug.clone());
    db.write_blocking(move |tx| -> Result<_, No> { Ok(domains::remove(tx, &context(&config), parent.id, &gone)?) })?;
    say(&format!("{name} is no domain of {slug} any more; the DNS record can go"));
    Ok(())
}

fn concerned(db: &Db, parent: ParentId, name: &DomainName) -> Result<usize, Failure> {
    db.read(|tx| match store::domains::find(tx, parent, name)? {
        Some(domain) => Ok(domains::people_in(tx, &domain)?),
        None => Ok(0),
    })
}

fn vouch(config: &Config, domain: &str, parent: &str) -> Result<(), Failure> {
    let name = name(domain)?;
    let db = setting::existing(config)?;
    let parent = setting::parent(&db, parent)?;
    let challenge = domains::new_challenge();
    let (config, wanted, slug) = (config.clone(), name.clone(), parent.slug.clone());
    let vouched = db.write_blocking(move |tx| -> Result<bool, No> {
        Ok(domains::vouch(tx, &context(&config), parent.id, &wanted, &challenge)?)
    })?;
    say(&if vouched {
        format!("{name} is verified for {slug}, by your word")
    } else {
        format!("{name} was verified for {slug} already; nothing to change")
    });
    Ok(())
}

fn show(parent: &Slug, domain: &Domain, json: bool) {
    if json {
        return say(&to_json(parent, domain).to_string());
    }
    let looked = domain.checked.map_or_else(String::new, |at| format!(", looked up {at}"));
    say(&format!("{}  {parent}  {}{looked}", domain.name, state_words(domain)));
    say(&format!("  expected  TXT \"{}\" at {}", domain.challenge, domain.name));
    if let Some(found) = &domain.found {
        say(&format!("  found     {}", found_words(found)));
    }
}

fn to_json(parent: &Slug, domain: &Domain) -> Value {
    let (state, since, vouched, lost) = match domain.state {
        DomainState::Pending => ("pending", None, false, None),
        DomainState::Failed => ("failed", None, false, None),
        DomainState::Verified { since, vouched, lost } => ("verified", Some(since), vouched, lost),
    };
    let (answer, records) = match &domain.found {
        None => (None, None),
        Some(Found::Records(records)) => (Some("records".to_owned()), Some(records)),
        Some(Found::NoRecords) => (Some("no_records".to_owned()), None),
        Some(Found::NoSuchName) => (Some("no_such_name".to_owned()), None),
        Some(Found::ServerFailure(_)) => (Some("server_failure".to_owned()), None),
        Some(Found::NoAnswer) => (Some("no_answer".to_owned()), None),
        Some(Found::OtherParent) => (Some("other_parent".to_owned()), None),
    };
    json!({
        "domain": domain.name.as_str(), "parent": parent.as_str(), "state": state, "vouched": vouched,
        "host": domain.name.as_str(), "type": "TXT", "expected": domain.challenge,
        "answer": answer, "records": records, "found": domain.found.as_ref().map(found_words),
        "added_at": domain.added.to_string(), "checked_at": domain.checked.map(|at| at.to_string()),
        "verified_at": since.map(|at| at.to_string()), "lost_at": lost.map(|at| at.to_string()),
    })
}

/// The state in words.
pub(super) fn state_words(domain: &Domain) -> String {
    match domain.state {
        DomainState::Pending => "pending: not looked up yet".to_owned(),
        DomainState::Failed => "failed: not proven by DNS".to_owned(),
        DomainState::Verified { vouched: true, .. } => "verified: vouched for by an operator".to_owned(),
        DomainState::Verified { since, lost: None, .. } => format!("verified by DNS since {}", since.date()),
        DomainState::Verified { lost: Some(lost), .. } => format!(
            "verified, but the record is gone since {}; from {} on nobody new comes by it",
            lost.date(),
            lost.plus(Domain::GRACE).date()
        ),
    }
}

/// What DNS answered, in words.
pub(super) fn found_words(found: &Found) -> String {
    match found {
        Found::Records(records) => {
            let quoted: Vec<String> = records.iter().map(|record| format!("{record:?}")).collect();
            format!("{} TXT, none of them the expected one: {}", records.len(), quoted.join(", "))
        }
        Found::NoRecords => "the name exists, but has no TXT record".to_owned(),
        Found::NoSuchName => "the name does not exist (NXDOMAIN)".to_owned(),
        Found::ServerFailure(code) => format!("the DNS servers could not answer ({code})"),
        Found::NoAnswer => "no DNS server answered in time".to_owned(),
        Found::OtherParent => {
            "the expected record, but another parent organization has proven this domain first".to_owned()
        }
    }
}
