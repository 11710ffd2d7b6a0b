use std::time::Duration;

use super::{Action, Differences, Work, on_off};
use crate::audit::{Event, Thing};
use crate::clock::Timestamp;
use crate::connection::{
    ClientAuth, Connection, ConnectionStatus, OidcSettings, Protocol, SamlIdp, SamlSettings, SealedSecret,
};
use crate::db::DbError;
use crate::ids::{ConnectionId, ParentId, Slug};
use crate::organizations_file::{
    DeclaredConnection, DeclaredOidc, DeclaredParent, DeclaredProtocol, DeclaredSaml, MetadataSource,
};
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
        let known = store::connections::by_slug(self.tx, slug)?;
        if known.as_ref().is_some_and(|known| known.parent != parent) {
            self.refuse(format!("connection {slug}: the slug is taken by another parent; slugs are part of the URLs"));
            return Ok(());
        }
        let Some(protocol) = self.protocol(known.as_ref(), declared) else { return Ok(()) };
        let Some(known) = known else { return self.add_connection(parent, declared, protocol) };
        let mut after = Connection {
            label: declared.label.clone(),
            protocol,
            attributes: declared.attributes.clone().unwrap_or_else(|| known.attributes.clone()),
            omits_empty_groups: declared.omits_empty_groups.unwrap_or(known.omits_empty_groups),
            ..known.clone()
        };
        if !after.trusts_as(&known) {
            after.tested = None;
        }
        after.status = status(known.status, declared.active);
        if after == known {
            return Ok(());
        }
        store::connections::update(self.tx, &after)?;
        let differences = differences(&known, &after);
        let line = self.plan.line(Action::Change, format!("connection {slug}: {}", differences.shown()));
        line.takes_access = known.status == ConnectionStatus::Active && after.status != ConnectionStatus::Active;
        self.changed(parent, Thing::Connection, slug.as_str(), &differences)
    }

    fn add_connection(
        &mut self,
        parent: ParentId,
        declared: &DeclaredConnection,
        protocol: Protocol,
    ) -> Result<(), DbError> {
        let slug = &declared.slug;
        let status = if declared.active == Some(true) { ConnectionStatus::Active } else { ConnectionStatus::Draft };
        let new = Connection {
            id: ConnectionId(0),
            parent,
            slug: slug.clone(),
            label: declared.label.clone(),
            status,
            tested: None,
            protocol,
            attributes: declared.attributes.clone().unwrap_or_default(),
            omits_empty_groups: declared.omits_empty_groups.unwrap_or(false),
        };
        store::connections::add(self.tx, &new)?;
        let speaks = new.protocol.as_str();
        self.plan.line(Action::Add, format!("connection {slug} ({speaks}, {})", status.as_str()));
        let after = format!("{speaks}; {}; {}", status.as_str(), whom(&new.protocol));
        self.record(parent, None, Event::Added { thing: Thing::Connection, name: slug.to_string(), after })
    }

    /// What the connection speaks afterwards; `None` if that was refused.
    fn protocol(&mut self, known: Option<&Connection>, declared: &DeclaredConnection) -> Option<Protocol> {
        let slug = &declared.slug;
        match (&declared.protocol, known.map(|known| &known.protocol)) {
            (DeclaredProtocol::Saml(saml), before) => {
                let Some(idp) = self.apply.request.idps.get(slug).cloned() else {
                    return self.kept(slug, before, saml).map(Protocol::Saml);
                };
                let before = match before {
                    Some(Protocol::Saml(before)) => SamlSettings { idp, ..before.clone() },
                    Some(Protocol::Oidc(_)) | None => SamlSettings::new(idp),
                };
                Some(Protocol::Saml(saml_settings(before, saml)))
            }
            (DeclaredProtocol::Oidc(oidc), before) => {
                let secret = self.apply.request.client_secrets.get(slug);
                let before = match before {
                    Some(Protocol::Oidc(before)) => before.clone(),
                    Some(Protocol::Saml(_)) | None => OidcSettings::new(&oidc.issuer, &oidc.client_id),
                };
                let after = oidc_settings(before, oidc, secret);
                if after.client_secret.is_none() && after.client_auth != ClientAuth::PrivateKeyJwt {
                    self.refuse(format!(
                        "connection {slug}: client_secret is missing; give client_secret_file, client_secret_env or client_secret, or client_auth = \"private_key_jwt\""
                    ));
                    return None;
                }
                Some(Protocol::Oidc(after))
            }
        }
    }
}

impl Work<'_> {
    /// The settings where the metadata's address did not answer: what was read from it before goes on counting, and what waits to be
    /// accepted goes on waiting. Of an address that was never read there is nothing to go by.
    fn kept(&mut self, slug: &Slug, before: Option<&Protocol>, declared: &DeclaredSaml) -> Option<SamlSettings> {
        let why = self.apply.request.unreachable.get(slug)?;
        let MetadataSource::Url(address) = &declared.metadata else { return None };
        match before {
            Some(Protocol::Saml(known)) if known.metadata_url.as_ref() == Some(address) => {
                self.plan.warnings.push(format!(
                    "connection {slug}: its metadata could not be read now ({why}); what was read before goes on counting, and the running server tries again every hour"
                ));
                let pending = known.pending.clone();
                Some(SamlSettings { pending, ..saml_settings(known.clone(), declared) })
            }
            Some(_) | None => {
                self.refuse(format!("connection {slug}: metadata: {why}"));
                None
            }
        }
    }
}

/// Which identity provider, in the audit log.
fn whom(protocol: &Protocol) -> String {
    match protocol {
        Protocol::Saml(saml) => format!("entity id {}", saml.idp.entity_id),
        Protocol::Oidc(oidc) => format!("issuer {}", oidc.issuer),
    }
}

/// Rule B5: `active = true` declares a connection tested; `false` switches off one that was, and leaves a draft a draft.
fn status(known: ConnectionStatus, active: Option<bool>) -> ConnectionStatus {
    match (active, known) {
        (Some(true), _) => ConnectionStatus::Active,
        (Some(false), ConnectionStatus::Active) => ConnectionStatus::Disabled,
        (Some(false) | None, known) => known,
    }
}

fn saml_settings(before: SamlSettings, declared: &DeclaredSaml) -> SamlSettings {
    let metadata_url = match &declared.metadata {
        MetadataSource::Url(address) => Some(address.clone()),
        MetadataSource::File(_) | MetadataSource::Inline(_) => None,
    };
    SamlSettings {
        idp_initiated: declared.idp_initiated.unwrap_or(before.idp_initiated),
        sign_requests: declared.sign_requests.unwrap_or(before.sign_requests),
        force_authn: declared.force_authn.unwrap_or(before.force_authn),
        offer_encryption: declared.offer_encryption.unwrap_or(before.offer_encryption),
        authn_context: asked(&declared.authn_context, before.authn_context),
        name_id_format: asked(&declared.name_id_format, before.name_id_format),
        clock_skew: declared.clock_skew.unwrap_or(before.clock_skew),
        new_certificates: declared.new_certificates.unwrap_or(before.new_certificates),
        // What the file's metadata says is accepted by whoever wrote the file.
        pending: None,
        metadata_url,
        idp: before.idp,
    }
}

/// A text that may be taken back by an empty one.
fn asked(declared: &Option<String>, before: Option<String>) -> Option<String> {
    match declared.as_deref() {
        None => before,
        Some("") => None,
        Some(text) => Some(text.to_owned()),
    }
}

fn oidc_settings(before: OidcSettings, declared: &DeclaredOidc, secret: Option<&SealedSecret>) -> OidcSettings {
    let client_auth = declared.client_auth.unwrap_or(before.client_auth);
    let kept = if client_auth == ClientAuth::PrivateKeyJwt { None } else { before.client_secret };
    OidcSettings {
        issuer: declared.issuer.clone(),
        client_id: declared.client_id.clone(),
        client_auth,
        // The same secret sealed anew is no change.
        client_secret: match (kept, secret) {
            (Some(kept), Some(new)) if kept == *new => Some(kept),
            (kept, None) => kept,
            (_, Some(new)) => Some(new.clone()),
        },
        client_secret_expires: declared.client_secret_expires.or(before.client_secret_expires),
        scopes: declared.scopes.clone().unwrap_or(before.scopes),
        force_authn: declared.force_authn.unwrap_or(before.force_authn),
        acr: asked(&declared.acr, before.acr),
        groups_endpoint: asked(&declared.groups_endpoint, before.groups_endpoint),
        clock_skew: declared.clock_skew.unwrap_or(before.clock_skew),
    }
}

fn fingerprints(idp: &SamlIdp) -> String {
    let short = |fingerprint: &str| fingerprint.chars().take(16).collect::<String>();
    let all: Vec<String> = idp.certificates.iter().map(|certificate| short(&certificate.fingerprint)).collect();
    all.join(", ")
}

fn differences(before: &Connection, after: &Connection) -> Differences {
    let mut found = Differences::default();
    found.add("label", &before.label, &after.label);
    found.add("status", before.status.as_str(), after.status.as_str());
    match (&before.protocol, &after.protocol) {
        (Protocol::Saml(was), Protocol::Saml(is)) => saml_differences(&mut found, was, is),
        (Protocol::Oidc(was), Protocol::Oidc(is)) => oidc_differences(&mut found, was, is),
        (was, is) => {
            found.add("protocol", was.as_str(), is.as_str());
            found.add("identity provider", &whom(was), &whom(is));
        }
    }
    let (a, b) = (&before.attributes, &after.attributes);
    found.add("attributes.email", &text(&a.email), &text(&b.email));
    found.add("attributes.name", &text(&a.name), &text(&b.name));
    found.add("attributes.groups", &text(&a.groups), &text(&b.groups));
    found.add("attributes.subject", &text(&a.subject), &text(&b.subject));
    found.add("omits_empty_groups", on_off(before.omits_empty_groups), on_off(after.omits_empty_groups));
    found
}

fn text(value: &Option<String>) -> String {
    value.clone().unwrap_or_default()
}

fn seconds(skew: Duration) -> String {
    format!("{}s", skew.as_secs())
}

fn saml_differences(found: &mut Differences, was: &SamlSettings, is: &SamlSettings) {
    found.add("entity id", &was.idp.entity_id, &is.idp.entity_id);
    found.add("certificates", &fingerprints(&was.idp), &fingerprints(&is.idp));
    found.add("sign-in address (redirect)", &text(&was.idp.sso_redirect), &text(&is.idp.sso_redirect));
    found.add("sign-in address (post)", &text(&was.idp.sso_post), &text(&is.idp.sso_post));
    found.add("sign-out address", &text(&was.idp.slo_redirect), &text(&is.idp.slo_redirect));
    found.add("sign-out answers", &text(&was.idp.slo_response), &text(&is.idp.slo_response));
    let signed = |idp: &SamlIdp| on_off(idp.wants_signed_requests);
    found.add("wants signed requests", signed(&was.idp), signed(&is.idp));
    let until = |idp: &SamlIdp| idp.valid_until.map_or_else(String::new, |until| until.to_string());
    found.add("metadata valid until", &until(&was.idp), &until(&is.idp));
    found.add("metadata_url", &text(&was.metadata_url), &text(&is.metadata_url));
    let waiting = |saml: &SamlSettings| if saml.pending.is_some() { "waits" } else { "" };
    found.add("metadata to be accepted", waiting(was), waiting(is));
    found.add("new_certificates", was.new_certificates.as_str(), is.new_certificates.as_str());
    found.add("idp_initiated", on_off(was.idp_initiated), on_off(is.idp_initiated));
    found.add("sign_requests", on_off(was.sign_requests), on_off(is.sign_requests));
    found.add("force_authn", on_off(was.force_authn), on_off(is.force_authn));
    found.add("offer_encryption", on_off(was.offer_encryption), on_off(is.offer_encryption));
    found.add("authn_context", &text(&was.authn_context), &text(&is.authn_context));
    found.add("name_id_format", &text(&was.name_id_format), &text(&is.name_id_format));
    found.add("clock_skew", &seconds(was.clock_skew), &seconds(is.clock_skew));
}

fn oidc_differences(found: &mut Differences, was: &OidcSettings, is: &OidcSettings) {
    found.add("issuer", &was.issuer, &is.issuer);
    found.add("client_id", &was.client_id, &is.client_id);
    found.add("client_auth", was.client_auth.as_str(), is.client_auth.as_str());
    if was.client_secret != is.client_secret {
        found.add("client_secret", "as it was", if is.client_secret.is_some() { "another" } else { "" });
    }
    let ends = |oidc: &OidcSettings| oidc.client_secret_expires.map_or_else(String::new, Timestamp::date);
    found.add("client_secret_expires", &ends(was), &ends(is));
    found.add("scopes", &was.scopes.join(" "), &is.scopes.join(" "));
    found.add("force_authn", on_off(was.force_authn), on_off(is.force_authn));
    found.add("acr", &text(&was.acr), &text(&is.acr));
    found.add("groups_endpoint", &text(&was.groups_endpoint), &text(&is.groups_endpoint));
    found.add("clock_skew", &seconds(was.clock_skew), &seconds(is.clock_skew));
}
