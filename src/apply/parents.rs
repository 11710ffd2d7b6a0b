use super::{Action, Differences, Work, on_off};
use crate::audit::{Event, Thing};
use crate::connection::GroupsTrouble;
use crate::db::DbError;
use crate::domains::{self, DomainError};
use crate::ids::ParentId;
use crate::organization::{Domain, Organization, ParentOrganization, ProvisioningMode};
use crate::organizations_file::{DeclaredDomain, DeclaredParent, DeclaredScimToken};
use crate::store;

/// The key of the switch that keeps others than operators and first Owners from founding organizations.
const RESTRICT: &str = "restrict_organization_creation";

impl Work<'_> {
    pub(super) fn parent(&mut self, declared: &DeclaredParent) -> Result<(), DbError> {
        let slug = &declared.slug;
        let mut replanned = false;
        let parent = match store::organizations::parent_by_slug(self.tx, slug)? {
            Some(known) => {
                let mut differences = Differences::default();
                differences.add("name", &known.name, &declared.name);
                differences.add("plan", known.plan.as_str(), declared.plan.as_str());
                let restrict_creation = declared.restrict_creation.unwrap_or(known.restrict_creation);
                differences.add(RESTRICT, on_off(known.restrict_creation), on_off(restrict_creation));
                replanned = known.plan != declared.plan;
                if !differences.is_empty() {
                    let (name, plan) = (declared.name.clone(), declared.plan);
                    let after = ParentOrganization { name, plan, restrict_creation, ..known.clone() };
                    store::organizations::update_parent(self.tx, &after)?;
                    self.plan.line(Action::Change, format!("parent {slug}: {}", differences.shown()));
                    self.changed(known.id, Thing::Parent, slug.as_str(), &differences)?;
                }
                known.id
            }
            None => {
                let id = store::organizations::add_parent(self.tx, slug, &declared.name, declared.plan)?;
                if declared.restrict_creation == Some(true)
                    && let Some(known) = store::organizations::parent_by_id(self.tx, id)?
                {
                    let after = ParentOrganization { restrict_creation: true, ..known };
                    store::organizations::update_parent(self.tx, &after)?;
                }
                self.plan.line(Action::Add, format!("parent {slug} ({})", declared.plan.as_str()));
                let after = format!("name {}; plan {}", declared.name, declared.plan.as_str());
                let event = Event::Added { thing: Thing::Parent, name: slug.to_string(), after };
                self.record(id, None, event)?;
                id
            }
        };
        self.domains(parent, declared)?;
        self.connections(parent, declared)?;
        self.scim_tokens(parent, declared)?;
        self.note_creation(parent, declared)?;
        for organization in &declared.organizations {
            self.organization(parent, declared, organization)?;
        }
        self.note_missing_groups(parent)?;
        if replanned { self.check_plan_fits(parent, declared) } else { Ok(()) }
    }

    /// Mappings that lead nowhere, because an identity provider never tells groups, are said where they are configured.
    fn note_missing_groups(&mut self, parent: ParentId) -> Result<(), DbError> {
        let connections = store::connections::of_parent(self.tx, parent)?;
        let Some(silent) = connections.iter().find(|connection| connection.never_sends_groups()) else { return Ok(()) };
        for organization in store::organizations::of_parent(self.tx, parent)? {
            if organization.mode == (ProvisioningMode::Jit { group_mappings: true }) {
                let (name, setting) = (&organization.slug, silent.groups_setting(GroupsTrouble::NotSent));
                self.plan.notes.push(format!(
                    "organization {name}: group mappings cannot work for whoever signs in through connection {}. {setting}",
                    silent.slug
                ));
            }
        }
        Ok(())
    }

    pub(super) fn changed(
        &mut self,
        parent: ParentId,
        thing: Thing,
        name: &str,
        differences: &Differences,
    ) -> Result<(), DbError> {
        let (before, after) = (differences.before(), differences.after());
        self.record(parent, None, Event::Changed { thing, name: name.to_owned(), before, after })
    }

    /// Whoever applies a file is an operator, who may found organizations anywhere; it is said where others may not.
    fn note_creation(&mut self, parent: ParentId, declared: &DeclaredParent) -> Result<(), DbError> {
        let restricts =
            store::organizations::parent_by_id(self.tx, parent)?.is_some_and(|known| known.restrict_creation);
        let known = store::organizations::of_parent(self.tx, parent)?;
        for new in declared.organizations.iter().filter(|_| restricts && !known.is_empty()) {
            if !known.iter().any(|known| known.slug == new.slug) {
                self.plan.notes.push(format!(
                    "organization {}: parent {} restricts the creation of organizations; you add it as the operator",
                    new.slug, declared.slug
                ));
            }
        }
        Ok(())
    }

    /// A plan that rules out directory sync is refused while an organization uses it; looked at last, so that one file may change both.
    fn check_plan_fits(&mut self, parent: ParentId, declared: &DeclaredParent) -> Result<(), DbError> {
        for organization in store::organizations::of_parent(self.tx, parent)? {
            let product = self.context.product(&organization)?;
            if let Err(reason) = Organization::mode_is_offered(organization.mode, product, declared.plan) {
                let (slug, organization) = (&declared.slug, &organization.slug);
                self.refuse(format!("parent {slug}: plan: organization {organization} uses scim: {reason}"));
            }
        }
        Ok(())
    }

    fn domains(&mut self, parent: ParentId, declared: &DeclaredParent) -> Result<(), DbError> {
        for domain in &declared.domains {
            self.domain(parent, declared, domain)?;
        }
        if !self.apply.prune {
            return Ok(());
        }
        for known in store::domains::of_parent(self.tx, parent)? {
            if !declared.domains.iter().any(|domain| domain.name == known.name) {
                match domains::remove(self.tx, &self.context, parent, &known.name) {
                    Ok(_) | Err(DomainError::Unknown(_) | DomainError::PublicMail(_) | DomainError::Taken { .. }) => {}
                    Err(DomainError::Db(error)) => return Err(error),
                    Err(error @ DomainError::Trust(_)) => {
                        self.refuse(format!("domain {}: {error}", known.name));
                        continue;
                    }
                }
                let line = self.plan.line(Action::Remove, format!("domain {}", known.name));
                line.takes_access = known.is_verified();
            }
        }
        Ok(())
    }

    fn domain(&mut self, parent: ParentId, within: &DeclaredParent, declared: &DeclaredDomain) -> Result<(), DbError> {
        let name = &declared.name;
        let known = store::domains::find(self.tx, parent, name)?;
        if known.as_ref().is_some_and(|known| known.is_verified() || !declared.vouched) {
            return Ok(());
        }
        let challenge = format!("{}{}", Domain::PREFIX, self.apply.request.derived(&format!("domain {name}")));
        let written = if declared.vouched {
            domains::vouch(self.tx, &self.context, parent, name, &challenge)
        } else {
            domains::claim(self.tx, &self.context, parent, name, &challenge)
        };
        match written {
            Ok(_) => {}
            Err(DomainError::Db(error)) => return Err(error),
            Err(DomainError::Taken { name, owner }) => {
                self.refuse(format!("domain {name}: it belongs to parent {owner}; remove it there first"));
                return Ok(());
            }
            Err(error @ (DomainError::PublicMail(_) | DomainError::Unknown(_) | DomainError::Trust(_))) => {
                self.refuse(format!("domain {name}: {error}"));
                return Ok(());
            }
        }
        match (known, declared.vouched) {
            (Some(_), _) => self.plan.line(Action::Change, format!("domain {name}: pending -> vouched for")),
            (None, true) => self.plan.line(Action::Add, format!("domain {name} (vouched for)")),
            (None, false) => {
                self.plan.notes.push(format!(
                    "domain {name} waits for its proof: put the TXT record that `usher domain list` shows into DNS, or run `usher domain vouch {name} --parent {}`",
                    within.slug
                ));
                self.plan.line(Action::Add, format!("domain {name} (pending)"))
            }
        };
        Ok(())
    }

    fn scim_tokens(&mut self, parent: ParentId, declared: &DeclaredParent) -> Result<(), DbError> {
        let mut named = Vec::new();
        for token in &declared.scim_tokens {
            let what = format!("scim_token {:?} of {}", token.name, declared.slug);
            let key = (declared.slug.clone(), token.name.clone());
            match self.apply.request.tokens.get(&key) {
                Some(hash) => named.extend(self.scim_token(parent, token, hash, &what)?),
                None => {
                    let kept = store::scim_tokens::of_parent(self.tx, parent)?;
                    let before = named.len();
                    named.extend(kept.iter().filter(|kept| kept.name == token.name).map(|kept| kept.id));
                    if named.len() == before {
                        self.refuse(format!(
                            "{what}: there is none of this name to keep; give its value as token_file or token_env, or leave it out and make one with `usher scim-token new`"
                        ));
                    }
                }
            }
        }
        if !self.apply.prune {
            return Ok(());
        }
        // A token that the shell or a page made was never in a file, so no file takes it away.
        for kept in store::scim_tokens::of_parent(self.tx, parent)? {
            if kept.declared && !named.contains(&kept.id) {
                store::scim_tokens::revoke(self.tx, kept.id, self.context.now)?;
                let what = format!("scim_token {:?} of {}", kept.name, declared.slug);
                self.plan.line(Action::Remove, what).takes_access = true;
                self.record(parent, None, Event::Removed { thing: Thing::ScimToken, name: kept.name })?;
            }
        }
        Ok(())
    }

    /// A token that is named by its value: made, or kept. Returns its row.
    fn scim_token(
        &mut self,
        parent: ParentId,
        token: &DeclaredScimToken,
        hash: &[u8; 32],
        what: &str,
    ) -> Result<Option<i64>, DbError> {
        let name = token.name.clone();
        if store::scim_tokens::add(self.tx, parent, &name, hash, self.context.now, None)? {
            self.plan.line(Action::Add, what);
            let event = Event::Added { thing: Thing::ScimToken, name, after: String::new() };
            self.record(parent, None, event)?;
        }
        match store::scim_tokens::by_hash(self.tx, hash)? {
            Some(kept) if kept.parent == parent => {
                store::scim_tokens::set_declared(self.tx, kept.id)?;
                return Ok(Some(kept.id));
            }
            Some(_) => self.refuse(format!("{what}: another parent has this very token; make one of its own")),
            None => self.refuse(format!("{what}: this very token was revoked; make a new one")),
        }
        Ok(None)
    }
}
