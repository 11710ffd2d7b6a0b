//! What differs between two settings of a connection, in words for the audit log and for plans. No secret is among them.

use std::time::Duration;

use super::{Connection, OidcSettings, Protocol, SamlIdp, SamlSettings};
use crate::clock::Timestamp;

/// The name of a setting, and what it was and is; empty where nothing is set.
pub type Difference = (&'static str, String, String);

/// What is another with each reading of metadata.
pub const VALID_UNTIL: &str = "metadata valid until";

#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn add(&mut self, name: &'static str, was: &str, is: &str) {
        if was != is {
            self.0.push((name, was.to_owned(), is.to_owned()));
        }
    }
}

impl Connection {
    /// Which identity provider it is about, as the audit log says it.
    pub fn whom(&self) -> String {
        match &self.protocol {
            Protocol::Saml(saml) => format!("entity id {}", saml.idp.entity_id),
            Protocol::Oidc(oidc) => format!("issuer {}, client {}", oidc.issuer, oidc.client_id),
        }
    }

    /// Every setting that is another one in `after`: its name, and what it was and is. Secrets are told apart, and never shown.
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        differences(self, after).0
    }
}

fn on_off(flag: bool) -> &'static str {
    if flag { "on" } else { "off" }
}

fn fingerprints(idp: &SamlIdp) -> String {
    let short = |fingerprint: &str| fingerprint.chars().take(16).collect::<String>();
    let all: Vec<String> = idp.certificates.iter().map(|certificate| short(&certificate.fingerprint)).collect();
    all.join(", ")
}

fn differences(before: &Connection, after: &Connection) -> Found {
    let mut found = Found::default();
    found.add("label", &before.label, &after.label);
    found.add("status", before.status.as_str(), after.status.as_str());
    match (&before.protocol, &after.protocol) {
        (Protocol::Saml(was), Protocol::Saml(is)) => saml_differences(&mut found, was, is),
        (Protocol::Oidc(was), Protocol::Oidc(is)) => oidc_differences(&mut found, was, is),
        (was, is) => {
            found.add("protocol", was.as_str(), is.as_str());
            found.add("identity provider", &before.whom(), &after.whom());
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

fn saml_differences(found: &mut Found, was: &SamlSettings, is: &SamlSettings) {
    found.add("entity id", &was.idp.entity_id, &is.idp.entity_id);
    found.add("certificates", &fingerprints(&was.idp), &fingerprints(&is.idp));
    found.add("sign-in address (redirect)", &text(&was.idp.sso_redirect), &text(&is.idp.sso_redirect));
    found.add("sign-in address (post)", &text(&was.idp.sso_post), &text(&is.idp.sso_post));
    found.add("sign-out address", &text(&was.idp.slo_redirect), &text(&is.idp.slo_redirect));
    found.add("sign-out answers", &text(&was.idp.slo_response), &text(&is.idp.slo_response));
    let signed = |idp: &SamlIdp| on_off(idp.wants_signed_requests);
    found.add("wants signed requests", signed(&was.idp), signed(&is.idp));
    let until = |idp: &SamlIdp| idp.valid_until.map_or_else(String::new, |until| until.to_string());
    found.add(VALID_UNTIL, &until(&was.idp), &until(&is.idp));
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

fn oidc_differences(found: &mut Found, was: &OidcSettings, is: &OidcSettings) {
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
