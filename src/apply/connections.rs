use super::{Action, Differences, Work, on_off};
use crate::audit::{Event, Thing};
use crate::connection::{Connection, ConnectionStatus, Protocol, SamlIdp, SamlSettings};
use crate::db::DbError;
use crate::ids::{ConnectionId, ParentId};
use crate::organizations_file::{DeclaredConnection, DeclaredParent, DeclaredProtocol, DeclaredSaml};
use crate::store;

impl Work<'_> {
    pub(super) fn connections(&mut self, parent: ParentId, declared: &DeclaredParent) -> Result<(), DbError> {
        for connection in &declared.connections {
            self.connection(parent, connection)?;
        }
        if !self.apply.prune {
            return Ok(());
        }
        for known in store::connections::of_parent(self.tx, parent)? {
            if !declared.connections.iter().any(|connection| connection.slug == known.slug) {
                store::connections::remove(self.tx, known.id)?;
                let line = self.plan.line(Action::Remove, format!("connection {}", known.slug));
                line.takes_access = known.status == ConnectionStatus::Active;
                let event = Event::Removed { thing: Thing::Connection, name: known.slug.to_string() };
                self.record(parent, None, event)?;
            }
        }
        Ok(())
    }

    fn connection(&mut self, parent: ParentId, declared: &DeclaredConnection) -> Result<(), DbError> {
        let slug = &declared.slug;
        let DeclaredProtocol::Saml(saml) = &declared.protocol else { return Ok(()) };
        let Some(idp) = self.apply.request.idps.get(slug).cloned() else { return Ok(()) };
        let Some(known) = store::connections::by_slug(self.tx, slug)? else {
            let status = if declared.active == Some(true) { ConnectionStatus::Active } else { ConnectionStatus::Draft };
            let new = Connection {
                id: ConnectionId(0),
                parent,
                slug: slug.clone(),
                label: declared.label.clone(),
                status,
                protocol: Protocol::Saml(settings(SamlSettings::new(idp), saml)),
                attributes: declared.attributes.clone().unwrap_or_default(),
                omits_empty_groups: declared.omits_empty_groups.unwrap_or(false),
            };
            store::connections::add(self.tx, &new)?;
            self.plan.line(Action::Add, format!("connection {slug} (saml, {})", status.as_str()));
            let after = format!("saml; {}; entity id {}", status.as_str(), entity_id(&new));
            let event = Event::Added { thing: Thing::Connection, name: slug.to_string(), after };
            return self.record(parent, None, event);
        };
        if known.parent != parent {
            self.refuse(format!("connection {slug}: the slug is taken by another parent; slugs are part of the URLs"));
            return Ok(());
        }
        let Protocol::Saml(before) = &known.protocol;
        let after = Connection {
            label: declared.label.clone(),
            status: status(known.status, declared.active),
            protocol: Protocol::Saml(settings(SamlSettings { idp, ..before.clone() }, saml)),
            attributes: declared.attributes.clone().unwrap_or_else(|| known.attributes.clone()),
            omits_empty_groups: declared.omits_empty_groups.unwrap_or(known.omits_empty_groups),
            ..known.clone()
        };
        if after == known {
            return Ok(());
        }
        store::connections::update(self.tx, &after)?;
        let differences = differences(&known, &after);
        let line = self.plan.line(Action::Change, format!("connection {slug}: {}", differences.shown()));
        line.takes_access = known.status == ConnectionStatus::Active && after.status != ConnectionStatus::Active;
        self.changed(parent, Thing::Connection, slug.as_str(), &differences)
    }
}

fn entity_id(connection: &Connection) -> &str {
    let Protocol::Saml(saml) = &connection.protocol;
    &saml.idp.entity_id
}

/// Rule B5: `active = true` declares a connection tested; `false` switches off one that was, and leaves a draft a draft.
fn status(known: ConnectionStatus, active: Option<bool>) -> ConnectionStatus {
    match (active, known) {
        (Some(true), _) => ConnectionStatus::Active,
        (Some(false), ConnectionStatus::Active) => ConnectionStatus::Disabled,
        (Some(false) | None, known) => known,
    }
}

fn settings(before: SamlSettings, declared: &DeclaredSaml) -> SamlSettings {
    let asked = |declared: &Option<String>, before: Option<String>| match declared.as_deref() {
        None => before,
        Some("") => None,
        Some(text) => Some(text.to_owned()),
    };
    SamlSettings {
        idp_initiated: declared.idp_initiated.unwrap_or(before.idp_initiated),
        sign_requests: declared.sign_requests.unwrap_or(before.sign_requests),
        force_authn: declared.force_authn.unwrap_or(before.force_authn),
        offer_encryption: declared.offer_encryption.unwrap_or(before.offer_encryption),
        authn_context: asked(&declared.authn_context, before.authn_context),
        name_id_format: asked(&declared.name_id_format, before.name_id_format),
        clock_skew: declared.clock_skew.unwrap_or(before.clock_skew),
        idp: before.idp,
    }
}

fn fingerprints(idp: &SamlIdp) -> String {
    let short = |fingerprint: &str| fingerprint.chars().take(16).collect::<String>();
    let all: Vec<String> = idp.certificates.iter().map(|certificate| short(&certificate.fingerprint)).collect();
    all.join(", ")
}

fn differences(before: &Connection, after: &Connection) -> Differences {
    let (Protocol::Saml(was), Protocol::Saml(is)) = (&before.protocol, &after.protocol);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut found = Differences::default();
    found.add("label", &before.label, &after.label);
    found.add("status", before.status.as_str(), after.status.as_str());
    found.add("entity id", &was.idp.entity_id, &is.idp.entity_id);
    found.add("certificates", &fingerprints(&was.idp), &fingerprints(&is.idp));
    found.add("sign-in address (redirect)", &text(&was.idp.sso_redirect), &text(&is.idp.sso_redirect));
    found.add("sign-in address (post)", &text(&was.idp.sso_post), &text(&is.idp.sso_post));
    found.add("sign-out address", &text(&was.idp.slo_redirect), &text(&is.idp.slo_redirect));
    let until = |idp: &SamlIdp| idp.valid_until.map_or_else(String::new, |until| until.to_string());
    found.add("metadata valid until", &until(&was.idp), &until(&is.idp));
    found.add("idp_initiated", on_off(was.idp_initiated), on_off(is.idp_initiated));
    found.add("sign_requests", on_off(was.sign_requests), on_off(is.sign_requests));
    found.add("force_authn", on_off(was.force_authn), on_off(is.force_authn));
    found.add("offer_encryption", on_off(was.offer_encryption), on_off(is.offer_encryption));
    found.add("authn_context", &text(&was.authn_context), &text(&is.authn_context));
    found.add("name_id_format", &text(&was.name_id_format), &text(&is.name_id_format));
    let skew = |saml: &SamlSettings| format!("{}s", saml.clock_skew.as_secs());
    found.add("clock_skew", &skew(was), &skew(is));
    let (a, b) = (&before.attributes, &after.attributes);
    found.add("attributes.email", &text(&a.email), &text(&b.email));
    found.add("attributes.name", &text(&a.name), &text(&b.name));
    found.add("attributes.groups", &text(&a.groups), &text(&b.groups));
    found.add("attributes.subject", &text(&a.subject), &text(&b.subject));
    found.add("omits_empty_groups", on_off(before.omits_empty_groups), on_off(after.omits_empty_groups));
    found
}
