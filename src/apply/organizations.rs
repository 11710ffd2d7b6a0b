use super::{Action, Differences, Work, on_off};
use crate::audit::{Event, Thing};
use crate::connection::ConnectionStatus;
use crate::db::DbError;
use crate::ids::{ApplicationId, OrganizationId, ParentId};
use crate::membership::{admit_waiting, settings_written};
use crate::organization::{
    Application, Domain, GroupMapping, GroupMappings, Organization, ProvisioningMode, SyncCause,
};
use crate::organizations_file::{DeclaredApplication, DeclaredOrganization, DeclaredParent};
use crate::product::{RoleKey, SeatTypeKey};
use crate::store;
use crate::trust::{MayNotFound, actor_may_found, require_sso_effects};

impl Work<'_> {
    pub(super) fn organization(
        &mut self,
        parent: ParentId,
        within: &DeclaredParent,
        declared: &DeclaredOrganization,
    ) -> Result<(), DbError> {
        let slug = &declared.slug;
        let known = store::organizations::by_slug(self.tx, slug)?;
        if let Some(known) = &known {
            if known.parent != parent {
                let of = store::organizations::parent_by_id(self.tx, known.parent)?;
                let of = of.map_or_else(String::new, |of| of.slug.to_string());
                self.refuse(format!(
                    "organization {slug}: it belongs to parent {of}; a file does not move it, its admins propose that on the page \"Parent organization\""
                ));
                return Ok(());
            }
            if known.product != declared.product {
                self.refuse(format!(
                    "organization {slug}: its product is {}, and a product does not change; make a new organization for {}",
                    known.product, declared.product
                ));
                return Ok(());
            }
        }
        let Some(after) = self.wanted(parent, known.as_ref(), declared) else { return Ok(()) };
        let before = match &known {
            Some(known) if self.is_touched(known, &after, declared)? => Some(self.before(known)?),
            Some(_) | None => None,
        };
        let looks = known.is_none() || before.is_some();
        let requires_sso = after.require_sso && known.as_ref().is_some_and(|known| !known.require_sso);
        if known.as_ref().is_none_or(|known| known.mode != after.mode) {
            self.check_preconditions(&after, within)?;
        }
        let after = match known {
            Some(known) => self.update(&known, after)?,
            None if !self.may_found(&after)? => return Ok(()),
            None => self.add(after)?,
        };
        self.seats(&after, declared, true)?;
        self.members(&after, declared)?;
        self.seats(&after, declared, false)?;
        self.admit(&after)?;
        self.applications(&after, declared)?;
        if requires_sso {
            let product = self.context.product(&after)?;
            self.plan.sso.push(require_sso_effects(self.tx, &after, product, self.context.now)?);
        }
        if looks { self.effects(&after, before) } else { Ok(()) }
    }

    /// Whether what the file says about mode, mappings or seats differs, so that it may concern people.
    fn is_touched(
        &mut self,
        known: &Organization,
        after: &Organization,
        declared: &DeclaredOrganization,
    ) -> Result<bool, DbError> {
        let counts = store::seats::counts(self.tx, known.id)?;
        let same = |(seat, bought): &(SeatTypeKey, u32)| {
            counts.iter().any(|count| count.seat_type == *seat && count.bought == *bought)
        };
        Ok(known.mode != after.mode || known.mappings != after.mappings || !declared.seats.iter().all(same))
    }

    /// The organization as declared, with what is not named as it is.
    fn wanted(
        &mut self,
        parent: ParentId,
        known: Option<&Organization>,
        declared: &DeclaredOrganization,
    ) -> Option<Organization> {
        let present = known.map_or(ProvisioningMode::Manual, |known| known.mode);
        let word = declared.provisioning.map_or(present.as_str(), |word| word.as_str());
        let kept = word != "manual" && present.has_group_mappings();
        let Some(mode) = ProvisioningMode::parse(word, declared.group_mappings.unwrap_or(kept)) else {
            self.refuse(format!(
                "organization {}: group mappings need provisioning = \"jit\" or \"scim\"; {word} ignores groups",
                declared.slug
            ));
            return None;
        };
        let empty = GroupMappings::default();
        let mappings = known.map_or(&empty, |known| &known.mappings);
        let contact = match declared.contact.as_deref() {
            None => known.and_then(|known| known.contact.clone()),
            Some("") => None,
            Some(contact) => Some(contact.to_owned()),
        };
        Some(Organization {
            id: known.map_or(OrganizationId(0), |known| known.id),
            parent,
            slug: declared.slug.clone(),
            name: declared.name.clone(),
            product: declared.product.clone(),
            mode,
            mappings: GroupMappings {
                roles: rows(&mappings.roles, &declared.role_mappings, self.apply.prune),
                seats: rows(&mappings.seats, &declared.seat_mappings, self.apply.prune),
            },
            require_sso: declared.require_sso.unwrap_or_else(|| known.is_some_and(|known| known.require_sso)),
            contact,
        })
    }

    /// Rules B5 and B29, and where scim is offered at all.
    fn check_preconditions(&mut self, after: &Organization, within: &DeclaredParent) -> Result<(), DbError> {
        let (slug, mode) = (&after.slug, after.mode.as_str());
        if after.mode == ProvisioningMode::Manual {
            return Ok(());
        }
        let domains = store::domains::of_parent(self.tx, after.parent)?;
        if !domains.iter().any(Domain::is_verified) {
            self.refuse(format!(
                "organization {slug}: provisioning = {mode:?} needs a verified domain first; declare one with vouched = true, or run `usher domain vouch DOMAIN --parent {}`",
                within.slug
            ));
        }
        let connections = store::connections::of_parent(self.tx, after.parent)?;
        if !connections.iter().any(|connection| connection.status == ConnectionStatus::Active) {
            self.refuse(format!(
                "organization {slug}: provisioning = {mode:?} needs a connection that has passed a test sign-in first; declare one with active = true"
            ));
        }
        if let ProvisioningMode::Scim { .. } = after.mode {
            let product = self.context.product(after)?;
            if let Err(reason) = Organization::mode_is_offered(after.mode, product, within.plan) {
                self.refuse(format!("organization {slug}: {reason}"));
            } else if store::scim_tokens::of_parent(self.tx, after.parent)?.is_empty() {
                self.refuse(format!(
                    "organization {slug}: provisioning = \"scim\" needs a directory first; declare a [[parent.scim_token]], or run `usher scim-token new --parent {} --name NAME`",
                    within.slug
                ));
            }
        }
        Ok(())
    }

    /// Whether whoever applies this may found an organization here; refused, if not.
    fn may_found(&mut self, new: &Organization) -> Result<bool, DbError> {
        match actor_may_found(self.tx, self.context.catalog, new.parent, &self.apply.actor) {
            Ok(()) => Ok(true),
            Err(MayNotFound::Db(error)) => Err(error),
            Err(why) => {
                self.refuse(format!("organization {}: {why}", new.slug));
                Ok(false)
            }
        }
    }

    fn add(&mut self, new: Organization) -> Result<Organization, DbError> {
        let id = store::organizations::add(self.tx, &new)?;
        let new = Organization { id, ..new };
        let what = format!("organization {} ({}, {})", new.slug, new.product, mode_words(new.mode));
        self.plan.line(Action::Add, what);
        self.mapping_lines(&GroupMappings::default(), &new);
        let after = format!("{}; {}; {}", new.product, mode_words(new.mode), mappings_words(&new.mappings));
        let event = Event::Added { thing: Thing::Organization, name: new.slug.to_string(), after };
        self.record(new.parent, Some(id), event)?;
        self.settled(None, &new)?;
        Ok(new)
    }

    /// In the scim modes a change takes effect with a run, which is carried out after this transaction.
    fn settled(&mut self, before: Option<&Organization>, after: &Organization) -> Result<(), DbError> {
        let run = settings_written(self.tx, &self.context, before, after, SyncCause::File)?;
        self.runs.extend(run);
        Ok(())
    }

    fn update(&mut self, known: &Organization, after: Organization) -> Result<Organization, DbError> {
        if *known == after {
            self.settled(Some(known), &after)?;
            return Ok(after);
        }
        store::organizations::update(self.tx, &after)?;
        self.settled(Some(known), &after)?;
        let mut differences = Differences::default();
        differences.add("name", &known.name, &after.name);
        differences.add("mode", mode_words(known.mode), mode_words(after.mode));
        differences.add("require_sso", on_off(known.require_sso), on_off(after.require_sso));
        let contact = |organization: &Organization| organization.contact.clone().unwrap_or_default();
        differences.add("contact", &contact(known), &contact(&after));
        if !differences.is_empty() {
            self.plan.line(Action::Change, format!("organization {}: {}", after.slug, differences.shown()));
        }
        self.mapping_lines(&known.mappings, &after);
        differences.add("mappings", &mappings_words(&known.mappings), &mappings_words(&after.mappings));
        let (before, now) = (differences.before(), differences.after());
        let event = Event::Changed { thing: Thing::Organization, name: after.slug.to_string(), before, after: now };
        self.record(after.parent, Some(after.id), event)?;
        Ok(after)
    }

    fn mapping_lines(&mut self, before: &GroupMappings, after: &Organization) {
        let role = |row: &GroupMapping<RoleKey>| format!("group {:?} gives role {}", row.group.as_str(), row.gives);
        let seat = |row: &GroupMapping<SeatTypeKey>| format!("group {:?} gives seat {}", row.group.as_str(), row.gives);
        let was = before.roles.iter().map(role).chain(before.seats.iter().map(seat));
        let was: Vec<String> = was.collect();
        let is = after.mappings.roles.iter().map(role).chain(after.mappings.seats.iter().map(seat));
        let is: Vec<String> = is.collect();
        for row in is.iter().filter(|row| !was.contains(row)) {
            self.plan.line(Action::Add, format!("mapping in {}: {row}", after.slug));
        }
        for row in was.iter().filter(|row| !is.contains(row)) {
            self.plan.line(Action::Remove, format!("mapping in {}: {row}", after.slug));
        }
    }

    /// Raises before members are placed, lowers after, so that one file may do both.
    fn seats(
        &mut self,
        organization: &Organization,
        declared: &DeclaredOrganization,
        raise: bool,
    ) -> Result<(), DbError> {
        let counts = store::seats::counts(self.tx, organization.id)?;
        for (seat, bought) in &declared.seats {
            let count = counts.iter().find(|count| count.seat_type == *seat);
            let (before, used) = count.map_or((0, 0), |count| (count.bought, count.used));
            if before == *bought || (*bought > before) != raise {
                continue;
            }
            let slug = &organization.slug;
            if !store::seats::set_bought(self.tx, organization.id, seat, *bought)? {
                self.refuse(format!(
                    "organization {slug}: seats {seat} = {bought}: {used} are held; free {} of them first",
                    used.saturating_sub(*bought)
                ));
                continue;
            }
            self.plan.line(Action::Change, format!("seats in {slug}: {seat} {before} -> {bought}"));
            let event = Event::SeatsBought { seat: seat.clone(), before, after: *bought };
            self.record(organization.parent, Some(organization.id), event)?;
        }
        Ok(())
    }

    /// Rules B22, B24: whoever waits is admitted when a seat becomes free, and whoever kept another one because it was full gets it.
    fn admit(&mut self, organization: &Organization) -> Result<(), DbError> {
        let waiting = |work: &mut Self| store::waiting::of_organization(work.tx, organization.id).map(|all| all.len());
        let deferred =
            |work: &mut Self| store::deferred_seats::of_organization(work.tx, organization.id).map(|all| all.len());
        let before = (waiting(self)?, deferred(self)?);
        if before == (0, 0) || self.plan.is_empty() {
            return Ok(());
        }
        admit_waiting(self.tx, &self.context, organization)?;
        let after = (waiting(self)?, deferred(self)?);
        for (what, before, after) in
            [("waiting", before.0, after.0), ("with another seat than asked for", before.1, after.1)]
        {
            if after < before {
                self.plan.line(Action::Change, format!("queue of {}: {before} -> {after} {what}", organization.slug));
            }
        }
        Ok(())
    }

    fn applications(&mut self, organization: &Organization, declared: &DeclaredOrganization) -> Result<(), DbError> {
        let known = store::applications::of_organization(self.tx, organization.id)?;
        if self.apply.prune {
            for gone in known.iter().filter(|known| !declared.applications.iter().any(|app| app.slug == known.slug)) {
                store::applications::remove(self.tx, gone.id)?;
                let what = format!("application {} of {}", gone.slug, organization.slug);
                self.plan.line(Action::Remove, what).takes_access = true;
                let event = Event::Removed { thing: Thing::Application, name: gone.slug.to_string() };
                self.record(organization.parent, Some(organization.id), event)?;
            }
        }
        for application in &declared.applications {
            let known = known.iter().find(|known| known.slug == application.slug);
            self.application(organization, known, application)?;
        }
        Ok(())
    }

    fn application(
        &mut self,
        organization: &Organization,
        known: Option<&Application>,
        declared: &DeclaredApplication,
    ) -> Result<(), DbError> {
        let what = format!("application {} of {}", declared.slug, organization.slug);
        let after = Application {
            id: known.map_or(ApplicationId(0), |known| known.id),
            organization: organization.id,
            slug: declared.slug.clone(),
            name: declared.name.clone(),
            url: declared.url.clone(),
            roles: declared.roles.clone().unwrap_or_else(|| known.map_or_else(Vec::new, |known| known.roles.clone())),
            seats: declared.seats.clone().unwrap_or_else(|| known.map_or_else(Vec::new, |known| known.seats.clone())),
            headers: declared.headers.unwrap_or_else(|| known.map_or_else(Default::default, |known| known.headers)),
        };
        if known == Some(&after) {
            return Ok(());
        }
        let holder = store::applications::by_origin(self.tx, &declared.origin)?;
        if holder.is_some_and(|holder| Some(holder.id) != known.map(|known| known.id)) {
            self.refuse(format!("{what}: another application is at {} already", declared.origin));
            return Ok(());
        }
        let name = after.slug.to_string();
        let event = match known {
            None => {
                store::applications::add(self.tx, &after, &declared.origin)?;
                self.plan.line(Action::Add, format!("{what} ({})", after.url));
                Event::Added { thing: Thing::Application, name, after: after.url.clone() }
            }
            Some(known) => {
                store::applications::update(self.tx, &after, &declared.origin)?;
                let differences = application_differences(known, &after);
                let line = self.plan.line(Action::Change, format!("{what}: {}", differences.shown()));
                line.takes_access = narrows(&known.roles, &after.roles) || narrows(&known.seats, &after.seats);
                let (before, after) = (differences.before(), differences.after());
                Event::Changed { thing: Thing::Application, name, before, after }
            }
        };
        self.record(organization.parent, Some(organization.id), event)
    }
}

/// Whether a list that lets in (empty: everybody) leaves somebody out whom it let in before.
fn narrows<K: PartialEq>(before: &[K], after: &[K]) -> bool {
    !after.is_empty() && (before.is_empty() || before.iter().any(|key| !after.contains(key)))
}

fn application_differences(known: &Application, after: &Application) -> Differences {
    let mut differences = Differences::default();
    differences.add("name", &known.name, &after.name);
    differences.add("url", &known.url, &after.url);
    let roles = |app: &Application| app.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let seats = |app: &Application| app.seats.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    differences.add("roles", &roles(known), &roles(after));
    differences.add("seats", &seats(known), &seats(after));
    differences.add("headers", known.headers.as_str(), after.headers.as_str());
    differences
}

/// A role or seat type that the file names has exactly the groups it names; the others stay, or go with `--prune`.
fn rows<K: Clone + Ord>(
    known: &[GroupMapping<K>],
    declared: &[(K, Vec<crate::identity::GroupKey>)],
    prune: bool,
) -> Vec<GroupMapping<K>> {
    let named = |key: &K| declared.iter().any(|(gives, _)| gives == key);
    let kept = known.iter().filter(|row| !prune && !named(&row.gives)).cloned();
    let new = declared.iter().flat_map(|(gives, groups)| {
        groups.iter().map(|group| GroupMapping { group: group.clone(), gives: gives.clone() })
    });
    let mut rows: Vec<GroupMapping<K>> = kept.chain(new).collect();
    // As the store lists them: by value, then group.
    rows.sort_by(|a, b| (&a.gives, &a.group).cmp(&(&b.gives, &b.group)));
    rows.dedup();
    rows
}

pub(super) fn mode_words(mode: ProvisioningMode) -> &'static str {
    match mode {
        ProvisioningMode::Manual => "manual",
        ProvisioningMode::Jit { group_mappings: false } => "jit",
        ProvisioningMode::Jit { group_mappings: true } => "jit + mappings",
        ProvisioningMode::Scim { group_mappings: false } => "scim",
        ProvisioningMode::Scim { group_mappings: true } => "scim + mappings",
    }
}

fn mappings_words(mappings: &GroupMappings) -> String {
    let roles = mappings.roles.iter().map(|row| format!("{:?}={}", row.group.as_str(), row.gives));
    let seats = mappings.seats.iter().map(|row| format!("{:?}={}", row.group.as_str(), row.gives));
    roles.chain(seats).collect::<Vec<_>>().join(" ")
}
