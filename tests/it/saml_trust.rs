//! Whom a connection trusts: certificates and the metadata they come from. X07, X11 to X12, X110 to X113.

use std::time::Duration;

use usher::clock::Timestamp;
use usher::connection::IdpCertificate;
use usher::demo::issuer::{break_signature, idp_metadata};
use usher::saml::{
    CertificateError, MetadataError, SamlError, SpKey, SpKeyError, Warning, XmlError, read_certificate,
    read_certificates_text, read_idp_metadata,
};

use crate::saml_honest::read_text;
use crate::saml_support::*;

fn metadata() -> String {
    idp_metadata(IDP, "https://idp.acme.example/sso", &[RSA.certificate_der()])
}

fn read(text: &str) -> Result<usher::connection::SamlIdp, MetadataError> {
    read_idp_metadata(text.as_bytes(), now())
}

fn certificate(key: &usher::demo::issuer::IssuerKey) -> String {
    base64(key.certificate_der())
}

#[test]
fn x07_a_key_for_encryption_verifies_no_signature() {
    let descriptor = format!(
        "<md:KeyDescriptor use=\"encryption\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
         <ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
        certificate(&STRANGER)
    );
    let both = metadata().replacen("    <md:SingleSignOnService", &format!("{descriptor}<md:SingleSignOnService"), 1);
    let mut settings = settings();
    settings.idp = read(&both).expect("metadata");
    assert!(verify_with(&settings, &spec().xml(&RSA)).is_ok(), "the control");
    let error = verify_with(&settings, &spec().xml(&STRANGER)).expect_err("refused");
    assert_eq!(error.code(), "bad_signature");
    let only = both.replacen("use=\"signing\"", "use=\"encryption\"", 1);
    assert_eq!(read(&only), Err(MetadataError::NoCertificate));
}

#[test]
fn x11_small_and_strange_keys_are_refused_wherever_they_come_in() {
    let weak = read_certificates_text(&read_text("rsa1024.crt"));
    assert_eq!(weak, Err(CertificateError::RsaSize { bits: 1024 }));
    let strange = read_certificates_text(&read_text("ed25519.crt"));
    assert_eq!(strange, Err(CertificateError::KeyType { algorithm: "1.3.101.112".to_owned() }));
    assert_eq!(read_certificates_text("no certificate"), Err(CertificateError::NotX509));
    assert_eq!(read_certificate(b"\x30\x03\x02\x01\x01"), Err(CertificateError::NotX509));
    let body = read_text("rsa1024.crt").lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let text = metadata().replace(&certificate(&RSA), &body);
    let refused = read(&text).expect_err("refused");
    assert_eq!(refused, MetadataError::Certificate { reason: CertificateError::RsaSize { bits: 1024 } });
    assert!(refused.to_string().contains("1024 bits"), "{refused}");

    // Even if one got into the store, it verifies nothing.
    let mut settings = settings();
    let der = unbase64(&body);
    settings.idp.certificates =
        vec![IdpCertificate { der, fingerprint: "x".to_owned(), not_before: now(), not_after: now() }];
    assert_eq!(verify_with(&settings, &spec().xml(&RSA)), Err(SamlError::NoSigningCertificate));
}

#[test]
fn x12_an_expired_certificate_warns_and_still_counts() {
    let mut settings = settings();
    settings.idp.certificates[0].not_after = now().minus(Duration::from_secs(1));
    let fingerprint = settings.idp.certificates[0].fingerprint.clone();
    let verified = verify_with(&settings, &spec().xml(&RSA)).expect("accepted");
    assert_eq!(verified.warnings, [Warning::CertificateExpired { fingerprint }]);
    settings.idp.certificates[0].not_after = now().plus(Duration::from_secs(9));
    settings.idp.certificates[0].not_before = now().plus(Duration::from_secs(1));
    let verified = verify_with(&settings, &spec().xml(&RSA)).expect("accepted");
    assert!(matches!(verified.warnings.as_slice(), [Warning::CertificateNotYetValid { .. }]));
}

#[test]
fn x113_during_a_rollover_either_certificate_verifies() {
    let both = settings();
    for key in [&*RSA, &*ECDSA] {
        assert_eq!(own_warnings(&verify_with(&both, &spec().xml(key)).expect("accepted")), []);
    }
    let mut reversed = settings();
    reversed.idp.certificates.reverse();
    for key in [&*RSA, &*ECDSA] {
        assert!(verify_with(&reversed, &spec().xml(key)).is_ok());
        assert!(verify_with(&reversed, &break_signature(&spec().xml(key))).is_err());
    }
}

#[test]
fn x110_expired_metadata_is_refused_with_its_date() {
    let until = |time: &str| metadata().replacen(" entityID=", &format!(" validUntil=\"{time}\" entityID="), 1);
    let valid = read(&until("2026-11-24T09:00:01Z")).expect("metadata");
    assert_eq!(valid.valid_until, Timestamp::parse("2026-11-24T09:00:01Z"));
    let expired = read(&until("2026-11-24T09:00:00Z")).expect_err("refused");
    assert_eq!(expired, MetadataError::Expired { valid_until: now() });
    assert_eq!(read(&until("soon")), Err(MetadataError::NotATime { found: "soon".to_owned() }));
    // The earliest counts, wherever it stands.
    let inner = until("2027-01-01T00:00:00Z").replacen(
        "<md:IDPSSODescriptor ",
        "<md:IDPSSODescriptor validUntil=\"2026-01-01T00:00:00Z\" ",
        1,
    );
    assert!(matches!(read(&inner), Err(MetadataError::Expired { .. })));
}

#[test]
fn x111_metadata_has_to_describe_exactly_one_identity_provider() {
    let one = metadata().split_once('\n').expect("a declaration").1.trim_end().to_owned();
    let other = one.replace(IDP, "https://idp.globex.example");
    let service = "<md:EntityDescriptor entityID=\"https://sp.example\"><md:SPSSODescriptor/></md:EntityDescriptor>";
    let many = |entities: &[&str]| {
        let all = entities.concat();
        format!(
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{all}</md:EntitiesDescriptor>"
        )
    };
    assert_eq!(read(&many(&[service, &one])).expect("metadata").entity_id, IDP);
    assert_eq!(read(&many(&[&many(&[&one]), service])).expect("nested").entity_id, IDP);
    let refused = read(&many(&[&one, &other])).expect_err("refused");
    assert_eq!(refused, MetadataError::SeveralIdps { count: 2, names: format!("{IDP}, https://idp.globex.example") });
    let refused = read(&many(&[service])).expect_err("refused");
    assert_eq!(refused, MetadataError::NoIdp { found: "a service provider".to_owned() });
    let refused = read(&one.replace("SAML:2.0:protocol", "SAML:1.1:protocol"));
    assert!(matches!(refused, Err(MetadataError::NoIdp { .. })), "{refused:?}");
    assert_eq!(read("<html><p>Sign in</p></html>"), Err(MetadataError::NotMetadata { found: "html".to_owned() }));
}

#[test]
fn x112_metadata_is_read_with_the_limits_of_messages() {
    let text = metadata();
    let body = text.split_once('\n').expect("a declaration").1;
    for (name, hostile, expected) in [
        ("doctype", format!("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{body}"), "doctype"),
        ("deep", "<a>".repeat(60), "too_complex"),
        ("large", " ".repeat(600 * 1024), "too_large"),
        ("broken", body.replace("</md:EntityDescriptor>", ""), "malformed"),
        ("utf-16", text.replace("UTF-8", "UTF-16"), "not_utf8"),
        ("entity", body.replace(IDP, "&idp;"), "malformed"),
    ] {
        match read(&hostile) {
            Err(MetadataError::Xml(error)) => assert_eq!(error.code(), expected, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(matches!(read_idp_metadata(b"\xff\xfe<\0", now()), Err(MetadataError::Xml(XmlError::NotUtf8 { .. }))));
}

#[test]
fn an_identity_provider_without_a_certificate_or_an_endpoint_is_refused() {
    let text = metadata();
    let start = text.find("    <md:KeyDescriptor").expect("a key");
    let end = text.find("</md:KeyDescriptor>").expect("its end") + "</md:KeyDescriptor>".len();
    let without = format!("{}{}", &text[..start], &text[end..]);
    assert_eq!(read(&without), Err(MetadataError::NoCertificate));
    assert_eq!(read(&text.replace(&certificate(&RSA), "!")), Err(MetadataError::CertificateText));
    let soap = text.replace("HTTP-Redirect", "SOAP").replace("HTTP-POST", "PAOS");
    let refused = read(&soap).expect_err("refused");
    assert!(refused.to_string().contains("bindings:SOAP"), "{refused}");
    for bad in [
        "javascript:alert(1)",
        "/sso",
        "https://",
        "ftp://idp.example/",
        "https://u:p@idp.example/",
        "https://idp.example/&quot;&gt;",
        "",
    ] {
        let refused = read(&text.replace("https://idp.acme.example/sso", bad));
        assert!(matches!(refused, Err(MetadataError::Endpoint { .. })), "{bad}: {refused:?}");
    }
    assert!(matches!(read(&text.replace(IDP, "")), Err(MetadataError::EntityId { .. })));
    assert!(matches!(read(&text.replace(IDP, &"x".repeat(1025))), Err(MetadataError::EntityId { .. })));
}

#[test]
fn metadata_is_read_as_identity_providers_write_it() {
    // `use` absent, certificates in lines of 64 and indented, several of them, one twice, a chain behind the first.
    let lines = |der: &str| {
        der.as_bytes()
            .chunks(64)
            .map(|l| String::from_utf8_lossy(l).into_owned())
            .collect::<Vec<_>>()
            .join("\n        ")
    };
    let first = lines(&certificate(&RSA));
    let chain = format!("{first}</ds:X509Certificate><ds:X509Certificate>{}", certificate(&STRANGER));
    let text = idp_metadata(IDP, "https://idp.acme.example/sso", &[RSA.certificate_der(), ECDSA.certificate_der(), RSA.certificate_der()])
        .replace(" use=\"signing\"", "")
        .replacen(&certificate(&RSA), &format!("\n        {chain}\n"), 1)
        .replacen("  <md:IDPSSODescriptor ", "<md:RoleDescriptor xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"fed:SecurityTokenServiceType\" xmlns:fed=\"http://docs.oasis-open.org/wsfed/federation/200706\" protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\"/><md:IDPSSODescriptor ", 1)
        .replacen("    <md:SingleSignOnService", "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://idp.acme.example/slo\"/><md:SingleSignOnService", 1)
        .replace("WantAuthnRequestsSigned=\"false\"", "WantAuthnRequestsSigned=\"true\"");
    let idp = read(&text).expect("metadata");
    assert_eq!(idp.certificates, settings().idp.certificates);
    assert_eq!(idp.slo_redirect.as_deref(), Some("https://idp.acme.example/slo"));
    assert_eq!(idp.slo_response, None);
    assert!(idp.wants_signed_requests && !read(&metadata()).expect("metadata").wants_signed_requests);
    let elsewhere = text.replace("/slo\"/>", "/slo\" ResponseLocation=\"https://idp.acme.example/slo/answer\"/>");
    let idp = read(&elsewhere).expect("metadata");
    assert_eq!(idp.slo_response.as_deref(), Some("https://idp.acme.example/slo/answer"));
    let nowhere = text.replace("Location=\"https://idp.acme.example/slo\"", "");
    assert!(matches!(read(&nowhere), Err(MetadataError::Endpoint { .. })));

    // An unusable certificate beside a usable one is left out.
    let body = read_text("rsa1024.crt").lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let mixed = idp_metadata(IDP, "https://x.example/", &[&unbase64(&body), ECDSA.certificate_der()]);
    assert_eq!(read(&mixed).expect("metadata").certificates, [read_certificate(ECDSA.certificate_der()).expect("one")]);
}

#[test]
fn certificates_are_read_as_admins_paste_them() {
    let pem = read_text("idp-rsa.crt");
    let one = read_certificates_text(&pem).expect("PEM");
    assert_eq!(read_certificates_text(&format!("text before\n{pem}\n{pem}")).expect("two").len(), 2);
    let bare: String = pem.lines().filter(|line| !line.starts_with('-')).map(|line| format!("  {line}\r\n")).collect();
    assert_eq!(read_certificates_text(&bare).expect("bare base64"), one);
    assert_eq!(one[0].fingerprint.len(), 64);
    assert!(one[0].not_before < one[0].not_after);
}

#[test]
fn a_key_of_ours_survives_storing_and_shows_nothing_of_itself() {
    let again = SpKey::from_der(OURS.private_key_der(), OURS.certificate_der()).expect("a key");
    assert_eq!(again.certificate_der(), OURS.certificate_der());
    let other = other_key();
    let mixed = SpKey::from_der(OURS.private_key_der(), other.certificate_der());
    assert_eq!(mixed.map(|_| ()), Err(SpKeyError::Mismatch));
    assert_eq!(SpKey::from_der(b"x", OURS.certificate_der()).map(|_| ()), Err(SpKeyError::PrivateKey));
    let shown = format!("{:?}", *OURS);
    assert!(shown.starts_with("SpKey { certificate: \"") && shown.len() < 120, "{shown}");
}
