//! What is in the database about parent organizations and organizations: can people sign in, and somebody configure?

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Findings, Verdict};
use crate::commands::domain::{found_words, state_words};
use crate::commands::output::Failure;
use crate::commands::setting;
use crate::config::Config;
use crate::connection::{Connection, ConnectionStatus, Protocol};
use crate::db::{Db, DbError, Tx};
use crate::identity::GroupKey;
use crate::organization::{Domain, DomainState, Organization, ParentOrganization, ProvisioningMode, SyncState};
use crate::product::{Permission, Product};
use crate::store;
use crate::store::group_bindings::GroupBinding;

pub(super) fn look(config: &Config, db: &Db, findings: &mut Findings) -> Result<(), Failure> {
    db.read(|tx| -> Result<(), DbError> {
        let parents = store::organizations::parents(tx)?;
        if parents.is_empty() {
            let found = "none yet; usher recover opens the setup, or declare them in a file and run usher apply";
            findings.add(Verdict::Warn, "organizations", found);
        }
        for parent in &parents {
            of_parent(tx, config, parent, findings)?;
        }
        Ok(())
    })?;
    Ok(())
}

fn of_parent(
    tx: &mut dyn Tx,
    config: &Config,
    parent: &ParentOrganization,
    findings: &mut Findings,
) -> Result<(), DbError> {
    let domains = store::domains::of_parent(tx, parent.id)?;
    domains.iter().for_each(|domain| of_domain(parent, domain, findings));
    let connections = store::connections::of_parent(tx, parent.id)?;
    connections.iter().for_each(|connection| of_connection(connection, findings));
    of_directory(tx, parent, findings)?;
    let active = connections.iter().any(|connection| connection.status == ConnectionStatus::Active);
    let organizations = store::organizations::of_parent(tx, parent.id)?;
    of_sync(tx, config, parent, &organizations, findings)?;
    for organization in organizations {
        let domains = if active { domains.as_slice() } else { &[] };
        of_organization(tx, config, &organization, domains, findings)?;
    }
    Ok(())
}

fn of_domain(parent: &ParentOrganization, domain: &Domain, findings: &mut Findings) {
    let (name, state) = (&domain.name, state_words(domain));
    if matches!(domain.state, DomainState::Verified { lost: None, .. }) && domain.found.is_none() {
        return findings.add(Verdict::Well, "domain", format!("{name}: {state}"));
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
    organization
        .mappings
        .values()
        .filter(|value| !bound.iter().any(|row| row.value == **value))
        .map(GroupKey::as_str)
        .collect()
}

/// When an identity provider that pushes says nothing for this long, somebody should look: all of them ask at least daily.
const SILENT: Duration = Duration::from_secs(2 * 86_400);

fn of_directory(tx: &mut dyn Tx, parent: &ParentOrganization, findings: &mut Findings) -> Result<(), DbError> {
    let (slug, now) = (&parent.slug, setting::now());
    let tokens = store::scim_tokens::of_parent(tx, parent.id)?;
    let in_use = store::organizations::of_parent(tx, parent.id)?
        .iter()
        .any(|organization| matches!(organization.mode, ProvisioningMode::Scim { .. }));
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
    let slug = &connection.slug;
    if connection.status != ConnectionStatus::Active {
        findings.add(Verdict::Warn, "connection", format!("{slug}: {}, signs nobody in", connection.status.as_str()));
    }
    let Protocol::Saml(saml) = &connection.protocol else { return };
    if saml.idp.certificates.is_empty() {
        findings.add(Verdict::Bad, "connection", format!("{slug}: no certificate; read the metadata again"));
    }
    if let Some(pending) = &saml.pending {
        let found = format!(
            "{slug}: metadata with {} certificates waits to be accepted, on the connection's page of /operator",
            pending.certificates.len()
        );
        findings.add(Verdict::Warn, "connection", found);
    }
}

/// `domains` are empty where no connection is switched on.
fn of_organization(
    tx: &mut dyn Tx,
    config: &Config,
    organization: &Organization,
    domains: &[Domain],
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
    let can_sign_in = domains.iter().any(Domain::is_verified);
    let (all, reaching) = admins(tx, organization, product, domains)?;
    let mapped = organization.mode.has_group_mappings()
        && organization.mappings.roles.iter().any(|row| product.allows(&row.gives, Permission::Identity));
    let (verdict, found) = match (all, reaching) {
        _ if !can_sign_in => (
            Verdict::Warn,
            "nobody can sign in: its parent needs a verified domain and an active connection; usher recover is the way in".to_owned(),
        ),
        (0, _) if mapped => (Verdict::Warn, "nobody who may configure it has signed in yet".to_owned()),
        (0, _) => (
            Verdict::Warn,
            "nobody may configure it; usher recover is the way in, or add a member in the organizations file".to_owned(),
        ),
        (all, 0) => (
            Verdict::Warn,
            format!("{all} may configure it, but none of them can sign in: suspended, or with an address outside the verified domains; usher recover is the way in"),
        ),
        (_, n) => (Verdict::Well, format!("{n} may configure it and can sign in")),
    };
    findings.add(verdict, "organization", format!("{slug}: {found}"));
    Ok(())
}

/// How many of a role are looked at one by one.
const LOOKED_AT: u32 = 200;

/// How many may configure an organization, and how many of them a sign-in would let through, as far as the person's own state goes.
fn admins(
    tx: &mut dyn Tx,
    organization: &Organization,
    product: &Product,
    domains: &[Domain],
) -> Result<(usize, usize), DbError> {
    let (mut all, mut reaching) = (0, 0);
    for role in product.roles().iter().filter(|role| product.allows(&role.key, Permission::Identity)) {
        for person in store::members::with_role(tx, organization.id, &role.key, LOOKED_AT)? {
            let Some(person) = store::people::by_id(tx, person)? else { continue };
            let within = domains.iter().any(|domain| domain.is_verified() && domain.name == person.email.domain());
            all += 1;
            reaching += usize::from(within && !person.suspended);
        }
    }
    Ok((all, reaching))
}
