use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::domain::{found_words, state_words};
use super::output::{Failure, chain, say};
use super::setting::{self, Setting};
use super::{check, health};
use crate::clock::Timestamp;
use crate::config::{Config, Tls};
use crate::connection::{Connection, ConnectionStatus, Protocol};
use crate::db::{Db, DbError, Tx, check_integrity};
use crate::identity::GroupKey;
use crate::organization::{DomainState, Organization, ParentOrganization, ProvisioningMode, SyncState};
use crate::product::Permission;
use crate::providers;
use crate::saml::read_certificates_text;
use crate::secrets::MasterKey;
use crate::store;
use crate::store::group_bindings::GroupBinding;

/// How early an end is announced.
const SOON: Duration = Duration::from_secs(30 * 86_400);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Well,
    Warn,
    Bad,
    /// Nothing looks at it so far.
    Unseen,
}

/// One line: what was looked at, what was found, and what to do.
struct Finding {
    verdict: Verdict,
    what: &'static str,
    found: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, verdict: Verdict, what: &'static str, found: impl Into<String>) {
        self.0.push(Finding { verdict, what, found: found.into() });
    }
}

pub(super) fn doctor(setting: &Setting, json: bool) -> Result<(), Failure> {
    let config = setting.load()?;
    let mut findings = Findings::default();
    findings.add(Verdict::Well, "configuration", format!("valid; browsers come to {}", config.server.base()));
    match check::data_dir(&config) {
        Ok(()) => findings.add(Verdict::Well, "data directory", config.server.data_dir.display().to_string()),
        Err(what) => findings.add(Verdict::Bad, "data directory", what),
    }
    tls_files(&config, &mut findings);
    match health::ask(&config, "/readyz")? {
        Ok(()) => findings.add(Verdict::Well, "server", "answers, and can write"),
        Err(why) => findings.add(Verdict::Warn, "server", why),
    }
    match setting::existing(&config) {
        Err(failure @ Failure::OtherVersion(_)) => return Err(failure),
        Err(failure) => findings.add(Verdict::Bad, "database", failure.to_string()),
        Ok(db) => {
            inside(&config, &db, &mut findings)?;
            openid_providers(&config, &db, &mut findings)?;
        }
    }
    for (what, later) in [
        (
            "clock",
            "is not compared with the identity providers'; a difference shows in refused sign-ins as too old or from the future",
        ),
        ("dns", "is not asked here; usher domain check asks it now, and the server looks every domain up by itself"),
    ] {
        findings.add(Verdict::Unseen, what, later);
    }
    print(&findings, json);
    let bad = findings.0.iter().filter(|finding| finding.verdict == Verdict::Bad).count();
    if bad > 0 { Err(Failure::failed(format!("{bad} of these must be mended"))) } else { Ok(()) }
}

fn print(findings: &Findings, json: bool) {
    for Finding { verdict, what, found } in &findings.0 {
        let word = match verdict {
            Verdict::Well => "ok",
            Verdict::Warn => "warn",
            Verdict::Bad => "fail",
            Verdict::Unseen => "skip",
        };
        if json {
            say(&json!({ "verdict": word, "what": what, "found": found }).to_string());
        } else {
            say(&format!("{word:4}  {what:14}  {found}"));
        }
    }
}

/// Says of something that ends how soon that is.
fn ending(until: Timestamp, now: Timestamp) -> (Verdict, String) {
    if until <= now {
        (Verdict::Bad, format!("ended {until}"))
    } else if until <= now.plus(SOON) {
        (Verdict::Warn, format!("ends {until}, in {} days", until.since(now).as_secs() / 86_400))
    } else {
        (Verdict::Well, format!("valid until {until}"))
    }
}

fn tls_files(config: &Config, findings: &mut Findings) {
    let Tls::Files { certificate, .. } = &config.tls else { return };
    let shown = certificate.display();
    let read = std::fs::read_to_string(certificate).map_err(|error| error.to_string());
    match read.and_then(|text| read_certificates_text(&text).map_err(|error| error.to_string())) {
        Ok(chain) => {
            if let Some(first) = chain.first() {
                let (verdict, when) = ending(first.not_after, setting::now());
                findings.add(verdict, "tls", format!("{shown} {when}"));
            }
        }
        Err(why) => findings.add(Verdict::Bad, "tls", format!("{shown}: {why}")),
    }
}

fn inside(config: &Config, db: &Db, findings: &mut Findings) -> Result<(), Failure> {
    let wrong = check_integrity(db.path())?;
    if wrong.is_empty() {
        findings.add(Verdict::Well, "database", "sound");
    } else {
        findings.add(Verdict::Bad, "database", format!("damaged: {}; restore a backup", wrong.join("; ")));
    }
    key_file(config, db, findings)?;
    db.read(|tx| -> Result<(), DbError> {
        for (organization, counted, held) in store::organizations::miscounted(tx)? {
            let found = format!("{organization}: {counted} members counted, {held} there");
            findings.add(Verdict::Bad, "members", found);
        }
        for (organization, seat, counted, held) in store::seats::miscounted(tx)? {
            let found = format!("{organization}: {counted} {seat} seats counted, {held} held");
            findings.add(Verdict::Bad, "seats", found);
        }
        let parents = store::organizations::parents(tx)?;
        if parents.is_empty() {
            findings.add(Verdict::Warn, "organizations", "none yet; declare them in a file and run usher apply");
        }
        for parent in &parents {
            of_parent(tx, config, parent, findings)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Whether every OpenID provider that people sign in through can be read from here, now.
fn openid_providers(config: &Config, db: &Db, findings: &mut Findings) -> Result<(), Failure> {
    let active = db.read(store::connections::active)?;
    let (outbound, runtime) = (setting::outbound(config, config.server.allow_private_idp)?, setting::runtime()?);
    for connection in active {
        let Protocol::Oidc(oidc) = &connection.protocol else { continue };
        let slug = &connection.slug;
        match runtime.block_on(providers::read(&outbound, &oidc.issuer)) {
            Ok(_) => findings.add(Verdict::Well, "connection", format!("{slug}: the provider answers, with keys")),
            Err(trouble) => {
                findings.add(Verdict::Bad, "connection", format!("{slug}: {}. {}", trouble.what, trouble.next_step));
            }
        }
    }
    Ok(())
}

fn key_file(config: &Config, db: &Db, findings: &mut Findings) -> Result<(), Failure> {
    let path = config.server.data_dir.join("master.key");
    let wrapped = db.read(|tx| store::keys::data_keys(tx))?;
    if wrapped.is_empty() {
        findings.add(Verdict::Warn, "key file", "the database has no keys yet; usher serve makes them");
    } else if path.exists() {
        match MasterKey::load_or_create(&path).and_then(|(master, _)| Ok((master.sealer(&wrapped)?, master))) {
            Ok((_, master)) => {
                findings.add(Verdict::Well, "key file", format!("opens the secrets ({})", master.fingerprint()))
            }
            Err(error) => findings.add(Verdict::Bad, "key file", chain(&error)),
        }
    } else {
        let found = format!("{} is missing; put back the one that belongs to this database", path.display());
        findings.add(Verdict::Bad, "key file", found);
    }
    Ok(())
}

fn of_parent(
    tx: &mut dyn Tx,
    config: &Config,
    parent: &ParentOrganization,
    findings: &mut Findings,
) -> Result<(), DbError> {
    let domains = store::domains::of_parent(tx, parent.id)?;
    for domain in &domains {
        let (name, state) = (&domain.name, state_words(domain));
        let whole = matches!(domain.state, DomainState::Verified { lost: None, .. }) && domain.found.is_none();
        if whole {
            findings.add(Verdict::Well, "domain", format!("{name}: {state}"));
            continue;
        }
        let found = domain.found.as_ref().map_or_else(String::new, |found| format!("; found: {}", found_words(found)));
        findings.add(
            Verdict::Warn,
            "domain",
            format!(
                "{name}: {state}{found}; put the TXT record \"{}\" at {name}, or run usher domain vouch {name} --parent {}",
                domain.challenge, parent.slug
            ),
        );
    }
    let connections = store::connections::of_parent(tx, parent.id)?;
    connections.iter().for_each(|connection| of_connection(connection, findings));
    of_directory(tx, parent, findings)?;
    let can_sign_in = domains.iter().any(|domain| domain.is_verified())
        && connections.iter().any(|connection| connection.status == ConnectionStatus::Active);
    let organizations = store::organizations::of_parent(tx, parent.id)?;
    of_sync(tx, config, parent, &organizations, findings)?;
    for organization in organizations {
        of_organization(tx, config, &organization, can_sign_in, findings)?;
    }
    Ok(())
}

/// What directory sync needs somebody for, organization by organization.
fn of_sync(
    tx: &mut dyn Tx,
    config: &Config,
    parent: &ParentOrganization,
    organizations: &[Organization],
    findings: &mut Findings,
) -> Result<(), DbError> {
    let synced = organizations.iter().filter(|one| matches!(one.mode, ProvisioningMode::Scim { .. }));
    for organization in synced {
        let slug = &organization.slug;
        let product = config.catalog.product(&organization.product);
        let offered = product.map(|product| Organization::mode_is_offered(organization.mode, product, parent.plan));
        if let Some(Err(reason)) = offered {
            findings.add(Verdict::Bad, "scim", format!("{slug}: {reason}"));
        }
        for run in store::sync_runs::open(tx, organization.id)? {
            if run.state == SyncState::Halted {
                let found = format!(
                    "{slug}: run {} is halted and needs approval; look with usher sync show {}",
                    run.id, run.id
                );
                findings.add(Verdict::Warn, "scim", found);
            }
        }
        let bound = store::group_bindings::of_organization(tx, organization.id)?;
        for row in unbound(organization, &bound) {
            let found = format!("{slug}: no directory group is meant by {row:?} so far; it gives nobody anything");
            findings.add(Verdict::Warn, "scim", found);
        }
    }
    Ok(())
}

/// The values of mapping rows that no directory group stands for.
fn unbound<'o>(organization: &'o Organization, bound: &[GroupBinding]) -> BTreeSet<&'o str> {
    if !organization.mode.has_group_mappings() {
        return BTreeSet::new();
    }
    let roles = organization.mappings.roles.iter().map(|row| &row.group);
    let values = roles.chain(organization.mappings.seats.iter().map(|row| &row.group));
    values.filter(|value| !bound.iter().any(|row| row.value == **value)).map(GroupKey::as_str).collect()
}

/// When an identity provider that pushes says nothing for this long, somebody should look: all of them ask at least daily.
const SILENT: Duration = Duration::from_secs(2 * 86_400);

fn of_directory(tx: &mut dyn Tx, parent: &ParentOrganization, findings: &mut Findings) -> Result<(), DbError> {
    let (slug, now) = (&parent.slug, setting::now());
    let tokens = store::scim_tokens::of_parent(tx, parent.id)?;
    let in_use = store::organizations::of_parent(tx, parent.id)?
        .iter()
        .any(|organization| matches!(organization.mode, ProvisioningMode::Scim { .. }));
    for token in &tokens {
        let Some(expires) = token.expires_at else { continue };
        let (verdict, when) = ending(expires, now);
        if verdict != Verdict::Well {
            let found = format!("{slug}: token {:?} {when}; usher scim-token new makes another", token.name);
            findings.add(Verdict::Warn, "scim", found);
        }
    }
    match store::directory::of_parent(tx, parent.id)? {
        Some(directory) => {
            let last = directory.last_request.or(directory.last_push);
            let silent = last.is_none_or(|last| now.since(last) > SILENT);
            let heard = last.map_or("no request yet".to_owned(), |last| format!("last request {last}"));
            let verdict = if in_use && silent { Verdict::Warn } else { Verdict::Well };
            let found = format!("{slug}: {} users, {} groups, {heard}", directory.users, directory.groups);
            findings.add(verdict, "scim", found);
        }
        None if in_use || !tokens.is_empty() => {
            let found = format!("{slug}: the identity provider has not asked yet; give it the base URL and a token");
            findings.add(Verdict::Warn, "scim", found);
        }
        None => {}
    }
    Ok(())
}

fn of_connection(connection: &Connection, findings: &mut Findings) {
    let (slug, now) = (&connection.slug, setting::now());
    if connection.status != ConnectionStatus::Active {
        findings.add(Verdict::Warn, "connection", format!("{slug}: {}, signs nobody in", connection.status.as_str()));
    }
    let Protocol::Saml(saml) = &connection.protocol else { return };
    // An expired one still counts, but somebody forgot something; the last to end is the one that matters.
    let ends: Vec<Timestamp> = saml.idp.certificates.iter().map(|certificate| certificate.not_after).collect();
    match ends.iter().max() {
        None => findings.add(Verdict::Bad, "connection", format!("{slug}: no certificate; read the metadata again")),
        Some(last) => {
            let (verdict, when) = ending(*last, now);
            // An expired certificate is still a trust anchor, so nobody is locked out.
            let verdict = if verdict == Verdict::Bad { Verdict::Warn } else { verdict };
            findings.add(verdict, "connection", format!("{slug}: the identity provider's certificate {when}"));
        }
    }
    if let Some(until) = saml.idp.valid_until {
        let (verdict, when) = ending(until, now);
        if verdict != Verdict::Well {
            findings.add(Verdict::Warn, "connection", format!("{slug}: the metadata {when}; read it again"));
        }
    }
}

fn of_organization(
    tx: &mut dyn Tx,
    config: &Config,
    organization: &Organization,
    can_sign_in: bool,
    findings: &mut Findings,
) -> Result<(), DbError> {
    let slug = &organization.slug;
    let Some(product) = config.catalog.product(&organization.product) else {
        let found = format!(
            "{slug}: uses product {:?}, which the configuration does not declare; add its [[product]]",
            organization.product.as_str()
        );
        findings.add(Verdict::Bad, "organization", found);
        return Ok(());
    };
    let members = store::members::of_organization(tx, organization.id)?;
    let admins =
        members.iter().filter(|member| member.is_active() && product.allows(&member.role, Permission::Identity));
    let mapped = organization.mode.has_group_mappings()
        && organization.mappings.roles.iter().any(|row| product.allows(&row.gives, Permission::Identity));
    match admins.count() {
        _ if !can_sign_in => findings.add(
            Verdict::Warn,
            "organization",
            format!("{slug}: nobody can sign in: its parent needs a verified domain and an active connection; usher recover is the way in"),
        ),
        0 if mapped => {
            findings.add(Verdict::Warn, "organization", format!("{slug}: nobody who may configure it has signed in yet"));
        }
        0 => findings.add(
            Verdict::Warn,
            "organization",
            format!("{slug}: nobody may configure it; usher recover is the way in, or add a member in the organizations file"),
        ),
        n => findings.add(Verdict::Well, "organization", format!("{slug}: {n} may configure it and can sign in")),
    }
    Ok(())
}
