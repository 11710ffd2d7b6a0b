use super::{Action, Differences, Work};
use crate::audit::{Event, Thing};
use crate::connection::{ClientAuth, Connection, ConnectionStatus, OidcSettings, Protocol, SamlSettings, SealedSecret};
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
        // Not what was only begun on a page: no file can name it yet.
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
        // What was only begun on a page has its slug, too: its addresses may stand at an identity provider already.
        let begun = store::connection_setups::find(self.tx, slug)?;
        let theirs = known.as_ref().is_some_and(|known| known.parent != parent);
        if theirs || (known.is_none() && begun.is_some_and(|begun| begun.parent != parent)) {
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
        if after.proven() != known.proven() {
            after.tested = None;
        }
        after.status = status(known.status, declared.active);
        if after == known {
            return Ok(());
        }
        store::connections::update(self.tx, &after)?;
        let mut differences = Differences::default();
        for (name, before, after) in known.differences(&after) {
            differences.add(name, &before, &after);
        }
        let estranges = known.status != ConnectionStatus::Draft && !after.names_people_as(&known);
        if estranges {
            self.plan.notes.push(format!(
                "connection {slug}: with another identity provider, client, subject attribute or NameID format whoever has signed in may be a stranger, and is refused until `usher connection relink`; a second connection, to which people are moved, keeps them"
            ));
        }
        let was_on = known.status == ConnectionStatus::Active;
        // Who never signed in by it is a stranger to it already.
        let estranges = estranges && was_on && store::people::are_known_to(self.tx, known.id)?;
        let line = self.plan.line(Action::Change, format!("connection {slug}: {}", differences.shown()));
        line.takes_access = estranges || (was_on && after.status != ConnectionStatus::Active);
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
        let after = format!("{speaks}; {}; {}", status.as_str(), new.whom());
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
                    // Only the issuer that a secret was given for gets it: another one would learn what it is not to know. Nor does the
                    // endpoint of the one learn the tokens of the other.
                    Some(Protocol::Oidc(before)) if before.issuer != oidc.issuer => OidcSettings {
                        client_secret: None,
                        client_secret_expires: None,
                        groups_endpoint: None,
                        acr: None,
                        ..before.clone()
                    },
                    Some(Protocol::Oidc(before)) => before.clone(),
                    Some(Protocol::Saml(_)) | None => OidcSettings::new(&oidc.issuer, &oidc.client_id),
                };
                let after = oidc_settings(before, oidc, secret);
                if after.client_secret.is_none() && after.client_auth != ClientAuth::PrivateKeyJwt {
                    let kept = match known.map(|known| &known.protocol) {
                        Some(Protocol::Oidc(known)) if known.client_secret.is_some() => {
                            format!(" (the one that is kept is for {} alone)", known.issuer)
                        }
                        Some(_) | None => String::new(),
                    };
                    self.refuse(format!(
                        "connection {slug}: client_secret is missing{kept}; give client_secret_file, client_secret_env or client_secret, or client_auth = \"private_key_jwt\""
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
