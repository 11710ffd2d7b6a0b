//! A connection, its identity provider and a person, for the SAML tests.

use std::sync::LazyLock;

use usher::clock::Timestamp;
use usher::connection::{AttributeNames, Connection, ConnectionStatus, Protocol, SamlIdp, SamlSettings};
use usher::demo::issuer::{Encryption, IssuerKey, KeyKind, Person, ResponseSpec, encode};
use usher::ids::{ConnectionId, ParentId, Slug};
use usher::saml::{Expected, SamlError, ServiceProvider, SpKey, VerifiedResponse, read_certificate, verify_response};

pub const IDP: &str = "https://idp.acme.example/metadata";
pub const SP: &str = "https://usher.example/saml/acme/metadata";
pub const ACS: &str = "https://usher.example/saml/acme/acs";
pub const REQUEST: &str = "_4f8a0c2e6b1d4f8a0c2e6b1d4f8a0c2e";
pub const EMAIL: &str = "anna.mueller@acme.example";
pub const NAME_ID: &str = "8f14e45f-ceea-467f-a83b-8f2f4d6c1b77";

pub const PERSON: Person<'static> =
    Person { name_id: NAME_ID, email: EMAIL, name: "Anna Müller", groups: &["Engineering", "Chat, & <Code>"] };

/// When all of it happens.
pub fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T09:00:00Z").expect("a time")
}

/// When our request was sent.
pub fn asked_at() -> Timestamp {
    Timestamp::parse("2026-11-24T08:56:00Z").expect("a time")
}

fn key(kind: KeyKind, name: &str) -> IssuerKey {
    let from = Timestamp::parse("2026-01-01").expect("a date");
    let until = Timestamp::parse("2028-01-01").expect("a date");
    IssuerKey::generate(kind, name, from, until).expect("a key")
}

/// The identity provider's key.
pub static RSA: LazyLock<IssuerKey> = LazyLock::new(|| key(KeyKind::Rsa, "idp rsa"));
/// Its other key.
pub static ECDSA: LazyLock<IssuerKey> = LazyLock::new(|| key(KeyKind::Ecdsa, "idp ecdsa"));
/// Somebody else's key.
pub static STRANGER: LazyLock<IssuerKey> = LazyLock::new(|| key(KeyKind::Rsa, "stranger"));
/// Ours.
pub static OURS: LazyLock<SpKey> = LazyLock::new(|| {
    let from = Timestamp::parse("2026-01-01").expect("a date");
    SpKey::generate("usher", from, Timestamp::parse("2036-01-01").expect("a date")).expect("a key")
});

pub fn sp() -> ServiceProvider<'static> {
    ServiceProvider { entity_id: SP, acs_url: ACS, slo_url: None }
}

/// Settings of a connection that trusts both keys of the identity provider.
pub fn settings() -> SamlSettings {
    let certificates =
        [&RSA, &ECDSA].map(|key| read_certificate(key.certificate_der()).expect("a certificate")).to_vec();
    SamlSettings::new(SamlIdp {
        entity_id: IDP.to_owned(),
        sso_redirect: Some("https://idp.acme.example/sso".to_owned()),
        sso_post: None,
        slo_redirect: None,
        slo_response: None,
        wants_signed_requests: false,
        certificates,
        valid_until: None,
    })
}

pub fn connection(settings: &SamlSettings) -> Connection {
    Connection {
        id: ConnectionId(1),
        parent: ParentId(1),
        slug: Slug::parse("acme").expect("a slug"),
        label: "Acme".to_owned(),
        status: ConnectionStatus::Active,
        tested: None,
        protocol: Protocol::Saml(settings.clone()),
        attributes: AttributeNames::default(),
        omits_empty_groups: false,
    }
}

/// A good response to the pending request.
pub fn spec() -> ResponseSpec {
    let mut spec = ResponseSpec::new(IDP, SP, ACS, "1c9e4b7a5d2f8e60", now(), PERSON);
    spec.in_response_to = Some(REQUEST.to_owned());
    spec
}

pub fn encryption(gcm: bool) -> Encryption {
    Encryption { gcm, recipient: OURS.certificate_der().to_vec(), content_key: [7; 32], iv: [9; 16], key_beside: false }
}

/// Verifies a text as the answer to the pending request, with the settings of the connection.
pub fn verify_with(settings: &SamlSettings, xml: &str) -> Result<VerifiedResponse, SamlError> {
    let keys = std::slice::from_ref(&*OURS);
    let expected = Expected::Answering { request_id: REQUEST, asked_at: asked_at() };
    verify_response(&connection(settings), settings, sp(), keys, expected, &encode(xml), now())
}

pub fn verify(xml: &str) -> Result<VerifiedResponse, SamlError> {
    verify_with(&settings(), xml)
}

/// Verifies with encryption switched on.
pub fn verify_encrypted(xml: &str) -> Result<VerifiedResponse, SamlError> {
    let mut settings = settings();
    settings.offer_encryption = true;
    verify_with(&settings, xml)
}

/// Verifies bytes as the answer to the pending request.
pub fn verify_bytes(settings: &SamlSettings, bytes: &[u8]) -> Result<VerifiedResponse, SamlError> {
    use base64::Engine;
    let form = base64::engine::general_purpose::STANDARD.encode(bytes);
    let keys = std::slice::from_ref(&*OURS);
    let expected = Expected::Answering { request_id: REQUEST, asked_at: asked_at() };
    verify_response(&connection(settings), settings, sp(), keys, expected, &form, now())
}

/// Verifies a form value as it was sent.
pub fn verify_form(form: &str) -> Result<VerifiedResponse, SamlError> {
    let settings = settings();
    let expected = Expected::Answering { request_id: REQUEST, asked_at: asked_at() };
    verify_response(&connection(&settings), &settings, sp(), &[], expected, form, now())
}

/// Verifies a text that nobody asked for.
pub fn verify_unsolicited(settings: &SamlSettings, xml: &str) -> Result<VerifiedResponse, SamlError> {
    verify_response(&connection(settings), settings, sp(), &[], Expected::Unsolicited, &encode(xml), now())
}

/// Verifies with these keys of ours.
pub fn verify_with_keys(settings: &SamlSettings, keys: &[SpKey], xml: &str) -> Result<VerifiedResponse, SamlError> {
    let expected = Expected::Answering { request_id: REQUEST, asked_at: asked_at() };
    verify_response(&connection(settings), settings, sp(), keys, expected, &encode(xml), now())
}

/// Another key of ours, which nobody encrypts for.
pub fn other_key() -> SpKey {
    let from = Timestamp::parse("2026-01-01").expect("a date");
    SpKey::generate("usher, next", from, Timestamp::parse("2036-01-01").expect("a date")).expect("a key")
}

pub fn unbase64(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

pub fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The warnings of ours; that a second opinion could not be had is another matter (feature `second-opinion`).
pub fn own_warnings(verified: &VerifiedResponse) -> Vec<usher::saml::Warning> {
    let own = |warning: &&usher::saml::Warning| !matches!(warning, usher::saml::Warning::NoSecondOpinion { .. });
    verified.warnings.iter().filter(own).cloned().collect()
}
