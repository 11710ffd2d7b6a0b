use std::fmt::Write as _;

use super::{
    Declared, DeclaredApplication, DeclaredConnection, DeclaredMember, DeclaredOrganization, DeclaredParent,
    DeclaredProtocol, DeclaredSaml, DeclaredSeat, MetadataSource, SecretSource,
};

/// Writes a file that reads as the same values. A secret is written as where it is, never as itself.
pub fn write(declared: &Declared) -> String {
    let mut text = Text::default();
    for declared in &declared.parents {
        parent(&mut text, declared);
    }
    text.0
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// A table's header, with an empty line before it.
    fn table(&mut self, header: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.line(header);
    }

    fn text(&mut self, key: &str, value: &str) {
        self.line(format!("{} = {}", name(key), quoted(value)));
    }

    fn flag(&mut self, key: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.line(format!("{key} = {value}"));
        }
    }

    fn list<K: ToString>(&mut self, key: &str, values: &[K]) {
        let values: Vec<String> = values.iter().map(|value| quoted(&value.to_string())).collect();
        self.line(format!("{} = [{}]", name(key), values.join(", ")));
    }
}

/// A text as a TOML string on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A key: bare where TOML allows it.
fn name(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { key.to_owned() } else { quoted(key) }
}

fn parent(text: &mut Text, parent: &DeclaredParent) {
    text.table("[[parent]]");
    text.text("slug", parent.slug.as_str());
    text.text("name", &parent.name);
    text.text("plan", parent.plan.as_str());
    text.flag("restrict_organization_creation", parent.restrict_creation);
    for domain in &parent.domains {
        text.table("[[parent.domain]]");
        text.text("name", domain.name.as_str());
        text.line(format!("vouched = {}", domain.vouched));
    }
    for declared in &parent.connections {
        connection(text, declared);
    }
    for token in &parent.scim_tokens {
        text.table("[[parent.scim_token]]");
        text.text("name", &token.name);
        match &token.token {
            Some(source) => secret(text, "token", source),
            None => text.line("# its value is not written: it is a secret; by its name it is kept"),
        }
    }
    for declared in &parent.organizations {
        organization(text, declared);
    }
}

fn secret(text: &mut Text, key: &str, source: &SecretSource) {
    match source {
        SecretSource::File(path) => text.text(&format!("{key}_file"), path),
        SecretSource::Environment(variable) => text.text(&format!("{key}_env"), variable),
        SecretSource::Inline(_) => text.line(format!("# {key} is not written: it is a secret")),
    }
}

fn connection(text: &mut Text, connection: &DeclaredConnection) {
    text.table("[[parent.connection]]");
    text.text("slug", connection.slug.as_str());
    text.text("label", &connection.label);
    match &connection.protocol {
        DeclaredProtocol::Saml(declared) => {
            text.text("protocol", "saml");
            saml(text, declared);
        }
        DeclaredProtocol::Oidc(oidc) => {
            text.text("protocol", "oidc");
            text.text("issuer", &oidc.issuer);
            text.text("client_id", &oidc.client_id);
            if let Some(auth) = oidc.client_auth {
                text.text("client_auth", auth.as_str());
            }
            if let Some(source) = &oidc.client_secret {
                secret(text, "client_secret", source);
            }
            if let Some(ends) = oidc.client_secret_expires {
                text.text("client_secret_expires", &ends.date());
            }
            if let Some(scopes) = &oidc.scopes {
                text.list("scopes", scopes);
            }
            text.flag("force_authn", oidc.force_authn);
            for (key, value) in [("acr", &oidc.acr), ("groups_endpoint", &oidc.groups_endpoint)] {
                if let Some(value) = value {
                    text.text(key, value);
                }
            }
            if let Some(skew) = oidc.clock_skew {
                text.text("clock_skew", &format!("{}s", skew.as_secs()));
            }
        }
    }
    text.flag("active", connection.active);
    text.flag("omits_empty_groups", connection.omits_empty_groups);
    if let Some(names) = &connection.attributes {
        text.line("[parent.connection.attributes]");
        let all =
            [("email", &names.email), ("name", &names.name), ("groups", &names.groups), ("subject", &names.subject)];
        for (key, value) in all {
            if let Some(value) = value {
                text.text(key, value);
            }
        }
    }
}

fn saml(text: &mut Text, saml: &DeclaredSaml) {
    match &saml.metadata {
        MetadataSource::File(path) => text.text("metadata_file", path),
        MetadataSource::Url(url) => text.text("metadata_url", url),
        // Between ''' nothing is an escape, so XML can be read; the first line break is not part of it.
        MetadataSource::Inline(xml) if !xml.contains("'''") && !xml.contains('\r') && !xml.ends_with('\'') => {
            text.line(format!("metadata = '''\n{xml}'''"));
        }
        MetadataSource::Inline(xml) => text.text("metadata", xml),
    }
    if let Some(way) = saml.new_certificates {
        text.text("new_certificates", way.as_str());
    }
    text.flag("idp_initiated", saml.idp_initiated);
    text.flag("sign_requests", saml.sign_requests);
    text.flag("force_authn", saml.force_authn);
    text.flag("offer_encryption", saml.offer_encryption);
    for (key, value) in [("authn_context", &saml.authn_context), ("name_id_format", &saml.name_id_format)] {
        if let Some(value) = value {
            text.text(key, value);
        }
    }
    if let Some(skew) = saml.clock_skew {
        text.text("clock_skew", &format!("{}s", skew.as_secs()));
    }
}

fn organization(text: &mut Text, organization: &DeclaredOrganization) {
    text.table("[[parent.organization]]");
    text.text("slug", organization.slug.as_str());
    text.text("name", &organization.name);
    text.text("product", organization.product.as_str());
    if let Some(provisioning) = organization.provisioning {
        text.text("provisioning", provisioning.as_str());
    }
    text.flag("group_mappings", organization.group_mappings);
    text.flag("require_sso", organization.require_sso);
    if let Some(contact) = &organization.contact {
        text.text("contact", contact);
    }
    if !organization.seats.is_empty() {
        text.line("[parent.organization.seats]");
        for (seat, bought) in &organization.seats {
            text.line(format!("{} = {bought}", name(seat.as_str())));
        }
    }
    if !organization.role_mappings.is_empty() {
        text.line("[parent.organization.role_mappings]");
        for (role, groups) in &organization.role_mappings {
            text.list(role.as_str(), groups);
        }
    }
    if !organization.seat_mappings.is_empty() {
        text.line("[parent.organization.seat_mappings]");
        for (seat, groups) in &organization.seat_mappings {
            text.list(seat.as_str(), groups);
        }
    }
    for declared in &organization.members {
        member(text, declared);
    }
    for declared in &organization.applications {
        application(text, declared);
    }
}

fn member(text: &mut Text, member: &DeclaredMember) {
    text.line("[[parent.organization.member]]");
    text.text("email", member.email.as_str());
    text.text("role", member.role.as_str());
    match &member.seat {
        DeclaredSeat::NotNamed => {}
        DeclaredSeat::Unassigned => text.text("seat", ""),
        DeclaredSeat::Type(seat) => text.text("seat", seat.as_str()),
    }
}

fn application(text: &mut Text, application: &DeclaredApplication) {
    text.line("[[parent.organization.application]]");
    text.text("slug", application.slug.as_str());
    text.text("name", &application.name);
    text.text("url", &application.url);
    if let Some(roles) = &application.roles {
        text.list("roles", roles);
    }
    if let Some(seats) = &application.seats {
        text.list("seats", seats);
    }
    if let Some(headers) = application.headers {
        text.text("headers", headers.as_str());
    }
}
