//! What identity providers send, signed and encrypted by another implementation (`tests/data/saml/make.py`), becomes the exact facts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use usher::clock::Timestamp;
use usher::connection::{Connection, SamlSettings};
use usher::identity::AssertedGroups;
use usher::saml::{Expected, SamlError, SpKey, VerifiedResponse, Warning, read_certificates_text, verify_response};

use crate::saml_support::{REQUEST, asked_at, connection, own_warnings, settings, sp};

pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saml").join(name)
}

pub fn read(name: &str) -> Vec<u8> {
    std::fs::read(data(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn read_text(name: &str) -> String {
    String::from_utf8(read(name)).expect("UTF-8")
}

/// Every honest message, sorted by name.
pub fn honest() -> Vec<String> {
    let folder = std::fs::read_dir(data("honest")).expect("tests/data/saml/honest");
    let names = folder.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Settings that trust the certificates of the stored messages, RSA and P-384.
pub fn stored_settings() -> SamlSettings {
    let mut settings = settings();
    settings.idp.certificates.clear();
    for name in ["idp-rsa.crt", "idp-p384.crt"] {
        settings.idp.certificates.extend(read_certificates_text(&read_text(name)).expect("a certificate"));
    }
    settings.offer_encryption = true;
    settings
}

/// The key that the stored messages are encrypted for.
pub fn stored_key() -> SpKey {
    let der = |text: String| {
        use base64::Engine;
        let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        base64::engine::general_purpose::STANDARD.decode(body).expect("base64")
    };
    SpKey::from_der(&der(read_text("sp.key")), &der(read_text("sp.crt"))).expect("a key")
}

/// Verifies a stored message as of the minute it was sent.
pub fn verify_stored(settings: &SamlSettings, bytes: &[u8]) -> Result<VerifiedResponse, SamlError> {
    use base64::Engine;
    let now = Timestamp::parse("2026-12-01T09:00:30Z").expect("a time");
    let form = base64::engine::general_purpose::STANDARD.encode(bytes);
    let expected = Expected::Answering { request_id: REQUEST, asked_at: asked_at() };
    verify_response(&connection(settings), settings, sp(), &[stored_key()], expected, &form, now)
}

struct Facts {
    file: &'static str,
    subject: &'static str,
    email: &'static str,
    name: Option<&'static str>,
    groups: AssertedGroups,
    warnings: &'static [Warning],
}

#[test]
fn the_look_alikes_of_the_usual_identity_providers_become_the_exact_facts() {
    let listed = |values: &[&str]| AssertedGroups::listed(values.iter().copied());
    let table = [
        Facts {
            file: "adfs.xml",
            subject: "ACME\\anna",
            email: "anna.mueller@acme.example",
            name: Some("Anna Müller"),
            groups: listed(&[
                "CN=Engineering,OU=Groups,DC=acme,DC=example",
                "CN=Vertrieb\\, Köln,OU=Groups,DC=acme,DC=example",
            ]),
            warnings: &[],
        },
        Facts {
            file: "encrypted-in-signed-response.xml",
            subject: "pys-7",
            email: "anna.mueller@acme.example",
            name: None,
            groups: listed(&[]),
            warnings: &[],
        },
        Facts {
            file: "entra-overage.xml",
            subject: "0b5b4a1c-7c1e-4d8e-9b6b-2f7a2f1f9c11",
            email: "anna.mueller@acme.example",
            name: Some("Anna Müller Berlin"),
            groups: AssertedGroups::TooMany,
            warnings: &[],
        },
        Facts {
            file: "entra.xml",
            subject: "0b5b4a1c-7c1e-4d8e-9b6b-2f7a2f1f9c11",
            email: "anna.mueller@acme.example",
            name: Some("Anna Müller Berlin"),
            groups: listed(&["9f3c1a52-0000-4000-8000-000000000001", "9f3c1a52-0000-4000-8000-000000000002"]),
            warnings: &[],
        },
        Facts {
            file: "google.xml",
            subject: "anna.mueller@acme.example",
            email: "anna.mueller@acme.example",
            name: None,
            groups: listed(&["Engineering", "All hands"]),
            warnings: &[],
        },
        Facts {
            file: "keycloak.xml",
            subject: "G-2b1f6c0e-9d4f-4a0b-8a8e-0f4f5a6b7c8d",
            email: "anna.mueller@acme.example",
            name: None,
            groups: listed(&["/Engineering", "/Chat/Code"]),
            warnings: &[],
        },
        Facts {
            file: "okta.xml",
            subject: "00u1abcd2EFGH3ijk4x7",
            email: "anna.mueller@acme.example",
            name: Some("Anna Müller"),
            groups: listed(&["Engineering", "Chat & Code", "R<D", "Köln, Vertrieb"]),
            warnings: &[],
        },
        Facts {
            file: "pretty-crlf.xml",
            subject: "p-384",
            email: "anna.mueller@acme.example",
            name: None,
            groups: listed(&["Größe & Maß"]),
            warnings: &[],
        },
        Facts {
            file: "pretty.xml",
            subject: "p-384",
            email: "anna.mueller@acme.example",
            name: None,
            groups: listed(&["Größe & Maß"]),
            warnings: &[],
        },
        Facts {
            file: "shibboleth-cbc.xml",
            subject: "amueller@acme.example",
            email: "anna.mueller@acme.example",
            name: Some("Anna Müller"),
            groups: listed(&["urn:mace:acme:engineering"]),
            warnings: &[],
        },
        Facts {
            file: "shibboleth-gcm.xml",
            subject: "amueller@acme.example",
            email: "anna.mueller@acme.example",
            name: Some("Anna Müller"),
            groups: listed(&["urn:mace:acme:engineering"]),
            warnings: &[],
        },
    ];
    assert_eq!(
        table.iter().map(|facts| facts.file).collect::<Vec<_>>(),
        honest(),
        "every stored message has its facts"
    );
    for facts in &table {
        let verified = verify_stored(&stored_settings(), &read(&format!("honest/{}", facts.file)))
            .unwrap_or_else(|error| panic!("{}: {error}", facts.file));
        assert_eq!(verified.identity.subject.as_str(), facts.subject, "{}", facts.file);
        assert_eq!(verified.identity.email.as_str(), facts.email, "{}", facts.file);
        assert_eq!(verified.identity.display_name.as_deref(), facts.name, "{}", facts.file);
        assert_eq!(verified.identity.groups, facts.groups, "{}", facts.file);
        assert_eq!(own_warnings(&verified), facts.warnings, "{}", facts.file);
    }
}

#[test]
fn x09_x10_properly_signed_sha_1_is_refused() {
    for file in ["sha1/rsa-sha1.xml", "sha1/digest-sha1.xml"] {
        let refused = verify_stored(&stored_settings(), &read(file)).expect_err(file);
        assert_eq!(refused.code(), "signature_algorithm", "{file}: {refused}");
        assert!(refused.to_string().contains("sha1"), "{refused}");
    }
}

#[test]
fn a_configured_attribute_name_is_the_only_one_looked_at() {
    let settings = stored_settings();
    let mut connection = connection(&settings);
    connection.attributes.groups = Some("memberOf".to_owned());
    connection.attributes.subject = Some("email".to_owned());
    connection.attributes.name = Some("lastName".to_owned());
    let verify = |connection: &Connection| {
        let text = usher::demo::issuer::encode(&read_text("honest/okta.xml"));
        let now = Timestamp::parse("2026-12-01T09:00:30Z").expect("a time");
        verify_response(
            connection,
            &settings,
            sp(),
            &[],
            Expected::Answering { request_id: REQUEST, asked_at: asked_at() },
            &text,
            now,
        )
    };
    let verified = verify(&connection).expect("accepted");
    assert_eq!(verified.identity.groups, AssertedGroups::NotSent, "`groups` is there, but `memberOf` was asked for");
    assert_eq!(verified.identity.subject.as_str(), "anna.mueller@acme.example");
    assert_eq!(verified.identity.display_name.as_deref(), Some("Müller"));
    connection.attributes.email = Some("mail".to_owned());
    assert_eq!(verify(&connection), Err(SamlError::NoEmail { tried: "mail".to_owned() }));
    connection.attributes.email = Some("lastName".to_owned());
    assert_eq!(verify(&connection), Err(SamlError::NotAnAddress { attribute: "lastName".to_owned() }));
    connection.attributes.email = None;
    connection.attributes.subject = Some("groups".to_owned());
    assert_eq!(verify(&connection), Err(SamlError::NoSubject { attribute: "groups".to_owned() }));
}
