//! What a connection believes of the other side, and how: listed where somebody reads it before they say yes.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::connection::{AttributeNames, Connection, NewCertificates, OidcSettings, Protocol, SamlIdp, SamlSettings};
use crate::rollover::metadata;
use crate::web::language::Texts;

/// A text key and a value.
type Line = (&'static str, String);

/// Everything that decides who gets in, as a test proves it: no secret is among it. Taken apart field by field, so that a new setting
/// asks to be listed.
pub fn theirs(connection: &Connection, texts: Texts) -> Vec<Line> {
    let mut all = match &connection.protocol {
        Protocol::Saml(saml) => of_saml(saml, texts),
        Protocol::Oidc(oidc) => of_oidc(oidc, texts),
    };
    let AttributeNames { email, name, groups, subject } = &connection.attributes;
    let named = [
        ("attribute-email", email),
        ("attribute-name", name),
        ("attribute-groups", groups),
        ("attribute-subject", subject),
    ];
    all.extend(named.into_iter().filter_map(|(key, name)| Some((key, name.clone()?))));
    all.push(("omits-empty-groups", on_off(connection.omits_empty_groups, texts)));
    all
}

fn of_saml(saml: &SamlSettings, texts: Texts) -> Vec<Line> {
    let SamlSettings {
        idp,
        metadata_url,
        new_certificates,
        pending: _,
        idp_initiated,
        sign_requests,
        force_authn,
        authn_context,
        name_id_format,
        offer_encryption,
        clock_skew,
    } = saml;
    let mut all = vec![("saml-idp-entity-id", idp.entity_id.clone())];
    all.extend(said(idp, texts).into_iter().filter_map(|(key, value)| Some((key, value?))));
    all.extend(metadata_url.iter().map(|address| ("saml-metadata-url", address.clone())));
    all.extend(idp.certificates.iter().map(|one| {
        let until = one.not_after.date();
        ("certificate", format!("{} ({until})", one.fingerprint))
    }));
    if let Some(address) = metadata_url {
        let key = match new_certificates {
            // What came over plain http is never believed by itself.
            _ if !address.starts_with("https://") => "new-certificates-ask",
            NewCertificates::Ask => "new-certificates-ask",
            NewCertificates::Rollover => "new-certificates-rollover",
            NewCertificates::Take => "new-certificates-take",
        };
        all.push(("new-certificates", texts.t(key).into_owned()));
    }
    all.push(("idp-initiated", on_off(*idp_initiated, texts)));
    all.push(("force-authn", on_off(*force_authn, texts)));
    all.push(("sign-requests", on_off(*sign_requests, texts)));
    all.push(("offer-encryption", on_off(*offer_encryption, texts)));
    all.extend(authn_context.iter().map(|context| ("saml-authn-context", context.clone())));
    all.extend(name_id_format.iter().map(|format| ("saml-name-id-format", format.clone())));
    all.push(("clock-skew", seconds(*clock_skew)));
    all
}

fn of_oidc(oidc: &OidcSettings, texts: Texts) -> Vec<Line> {
    let OidcSettings {
        issuer,
        client_id,
        client_auth,
        client_secret: _,
        client_secret_expires,
        scopes,
        force_authn,
        acr,
        groups_endpoint,
        clock_skew,
    } = oidc;
    let mut all = vec![
        ("oidc-issuer", issuer.clone()),
        ("oidc-client-id", client_id.clone()),
        ("oidc-client-auth", client_auth.as_str().to_owned()),
        ("oidc-scopes", scopes.join(" ")),
    ];
    all.extend(client_secret_expires.map(|at| ("oidc-secret-expires", at.date())));
    all.push(("force-authn", on_off(*force_authn, texts)));
    all.extend(acr.iter().map(|acr| ("oidc-acr", acr.clone())));
    all.extend(groups_endpoint.iter().map(|address| ("oidc-groups-endpoint", address.clone())));
    all.push(("clock-skew", seconds(*clock_skew)));
    all
}

/// What metadata says beside the name and the certificates; `None` where it says nothing.
fn said(idp: &SamlIdp, texts: Texts) -> [(&'static str, Option<String>); 6] {
    [
        ("saml-sso", idp.sso_redirect.clone()),
        ("saml-sso-post", idp.sso_post.clone()),
        ("saml-slo", idp.slo_redirect.clone()),
        ("saml-slo-response", idp.slo_response.clone()),
        ("saml-wants-signed", Some(on_off(idp.wants_signed_requests, texts))),
        ("saml-valid-until", idp.valid_until.map(Timestamp::date)),
    ]
}

/// What waits to be accepted.
pub struct PendingMetadata {
    /// The mark of all of it, and of what it would take the place of: what an acceptance is about.
    pub shown: String,
    /// Text key and value.
    pub lines: Vec<Line>,
}

/// What waits to be accepted: every certificate, and whatever else would be another.
pub(super) fn pending(connection: &Connection, texts: Texts) -> Option<PendingMetadata> {
    let Protocol::Saml(saml) = &connection.protocol else { return None };
    let idp: &SamlIdp = saml.pending.as_deref()?;
    let mut lines = Vec::new();
    for certificate in &idp.certificates {
        let known = saml.idp.certificates.contains(certificate);
        let key = if known { "certificate" } else { "certificate-pending" };
        lines.push((key, format!("{} ({})", certificate.fingerprint, certificate.not_after.date())));
    }
    for gone in saml.idp.certificates.iter().filter(|one| !idp.certificates.contains(one)) {
        lines.push(("certificate-gone", gone.fingerprint.clone()));
    }
    for ((key, was), (_, is)) in said(&saml.idp, texts).into_iter().zip(said(idp, texts)) {
        if was != is {
            let shown = |value: Option<String>| value.unwrap_or_else(|| texts.t("setting-none").into_owned());
            lines.push((key, format!("{} → {}", shown(was), shown(is))));
        }
    }
    Some(PendingMetadata { shown: metadata::mark(saml)?, lines })
}

fn on_off(on: bool, texts: Texts) -> String {
    texts.t(if on { "setting-on" } else { "setting-off" }).into_owned()
}

fn seconds(skew: Duration) -> String {
    format!("{} s", skew.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{ClientAuth, ConnectionStatus, IdpCertificate};
    use crate::ids::{ConnectionId, ParentId, Slug};
    use crate::web::language::Language;

    const AT: Timestamp = Timestamp::from_millis(0);

    fn texts() -> Texts {
        Language::En.texts()
    }

    fn connection(protocol: Protocol) -> Connection {
        Connection {
            id: ConnectionId(1),
            parent: ParentId(1),
            slug: Slug::parse("acme").expect("a slug"),
            label: "Acme".to_owned(),
            status: ConnectionStatus::Draft,
            tested: None,
            protocol,
            attributes: AttributeNames::default(),
            omits_empty_groups: false,
        }
    }

    fn certificate(name: &str) -> IdpCertificate {
        IdpCertificate { der: vec![], fingerprint: name.to_owned(), not_before: AT, not_after: AT }
    }

    fn saml() -> SamlSettings {
        let idp = SamlIdp {
            entity_id: "https://idp.example/".to_owned(),
            sso_redirect: Some("https://idp.example/sso".to_owned()),
            certificates: vec![certificate("a")],
            ..SamlIdp::default()
        };
        SamlSettings { metadata_url: Some("https://idp.example/metadata".to_owned()), ..SamlSettings::new(idp) }
    }

    fn some() -> Option<String> {
        Some("https://else.example/".to_owned())
    }

    /// Whoever switches a connection on that a colleague has set up reads of every setting that is another one.
    #[test]
    fn every_setting_that_a_test_proves_is_listed() {
        type Change<T> = (&'static str, fn(&mut T));
        let of_idp: [Change<SamlIdp>; 8] = [
            ("entity_id", |idp| idp.entity_id = "https://else.example/".to_owned()),
            ("sso_redirect", |idp| idp.sso_redirect = some()),
            ("sso_post", |idp| idp.sso_post = some()),
            ("slo_redirect", |idp| idp.slo_redirect = some()),
            ("slo_response", |idp| idp.slo_response = some()),
            ("wants_signed_requests", |idp| idp.wants_signed_requests = true),
            ("certificates", |idp| idp.certificates.push(certificate("b"))),
            ("valid_until", |idp| idp.valid_until = Some(AT)),
        ];
        let of_saml: [Change<SamlSettings>; 9] = [
            ("metadata_url", |saml| saml.metadata_url = some()),
            ("new_certificates", |saml| saml.new_certificates = NewCertificates::Take),
            ("idp_initiated", |saml| saml.idp_initiated = true),
            ("sign_requests", |saml| saml.sign_requests = true),
            ("force_authn", |saml| saml.force_authn = true),
            ("authn_context", |saml| saml.authn_context = some()),
            ("name_id_format", |saml| saml.name_id_format = some()),
            ("offer_encryption", |saml| saml.offer_encryption = true),
            ("clock_skew", |saml| saml.clock_skew = SamlSettings::MAX_SKEW),
        ];
        let of_oidc: [Change<OidcSettings>; 9] = [
            ("issuer", |oidc| oidc.issuer = "https://else.example".to_owned()),
            ("client_id", |oidc| oidc.client_id = "else".to_owned()),
            ("client_auth", |oidc| oidc.client_auth = ClientAuth::Post),
            ("client_secret_expires", |oidc| oidc.client_secret_expires = Some(AT)),
            ("scopes", |oidc| oidc.scopes.push("groups".to_owned())),
            ("force_authn", |oidc| oidc.force_authn = true),
            ("acr", |oidc| oidc.acr = some()),
            ("groups_endpoint", |oidc| oidc.groups_endpoint = some()),
            ("clock_skew", |oidc| oidc.clock_skew = SamlSettings::MAX_SKEW),
        ];
        let of_all: [Change<Connection>; 5] = [
            ("attributes.email", |one| one.attributes.email = some()),
            ("attributes.name", |one| one.attributes.name = some()),
            ("attributes.groups", |one| one.attributes.groups = some()),
            ("attributes.subject", |one| one.attributes.subject = some()),
            ("omits_empty_groups", |one| one.omits_empty_groups = true),
        ];
        let oidc = OidcSettings::new("https://id.example", "usher");
        let (known_saml, known_oidc) = (connection(Protocol::Saml(saml())), connection(Protocol::Oidc(oidc.clone())));
        let mut cases: Vec<(&str, &Connection, Connection)> = Vec::new();
        for (name, change) in of_idp {
            let mut changed = saml();
            change(&mut changed.idp);
            cases.push((name, &known_saml, connection(Protocol::Saml(changed))));
        }
        for (name, change) in of_saml {
            let mut changed = saml();
            change(&mut changed);
            cases.push((name, &known_saml, connection(Protocol::Saml(changed))));
        }
        for (name, change) in of_oidc {
            let mut changed = oidc.clone();
            change(&mut changed);
            cases.push((name, &known_oidc, connection(Protocol::Oidc(changed))));
        }
        for (name, change) in of_all {
            let mut changed = known_saml.clone();
            change(&mut changed);
            cases.push((name, &known_saml, changed));
        }
        for (name, known, changed) in cases {
            // How long metadata may be used is told, and is another with each reading.
            let proven = name != "valid_until";
            assert_eq!(known.proven() != changed.proven(), proven, "{name}: whether a test proves it");
            assert_ne!(theirs(known, texts()), theirs(&changed, texts()), "{name}: it is not listed");
        }
    }

    #[test]
    fn what_happens_to_a_new_certificate_is_told_as_it_is() {
        use NewCertificates::{Ask, Rollover, Take};
        let (waits, beside, at_once) =
            ("waits until somebody accepts it", "counts at once beside a known one, else waits", "counts at once");
        for (policy, address, told) in [
            (Ask, "https://idp.example/metadata", waits),
            (Rollover, "https://idp.example/metadata", beside),
            (Take, "https://idp.example/metadata", at_once),
            (Ask, "http://idp.example/metadata", waits),
            (Rollover, "http://idp.example/metadata", waits),
            (Take, "http://idp.example/metadata", waits),
        ] {
            let settings = SamlSettings { new_certificates: policy, metadata_url: Some(address.to_owned()), ..saml() };
            let all = theirs(&connection(Protocol::Saml(settings)), texts());
            assert!(all.contains(&("new-certificates", told.to_owned())), "{policy:?} {address}: {all:?}");
        }
    }

    #[test]
    fn what_waits_is_told_with_what_it_takes_the_place_of() {
        let mut known = saml();
        known.idp.slo_redirect = some();
        let waits = SamlIdp {
            sso_redirect: Some("https://evil.example/sso".to_owned()),
            slo_redirect: None,
            wants_signed_requests: true,
            ..known.idp.clone()
        };
        known.pending = Some(Box::new(waits));
        let told = pending(&connection(Protocol::Saml(known)), texts()).expect("something waits").lines;
        let told: Vec<(&str, &str)> = told.iter().map(|(key, value)| (*key, value.as_str())).collect();
        assert_eq!(
            told,
            [
                ("certificate", "a (1970-01-01)"),
                ("saml-sso", "https://idp.example/sso → https://evil.example/sso"),
                ("saml-slo", "https://else.example/ → none"),
                ("saml-wants-signed", "off → on"),
            ]
        );
    }
}
