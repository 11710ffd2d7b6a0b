//! Another implementation reads what ours accepted: samael on libxmlsec1 and libxml2. It never sees a message that ours refused.
//! A different answer refuses the sign-in; an inability is recorded as "no opinion".

use std::collections::BTreeMap;

use roxmltree::Node;
use samael::crypto::{AllowedSignatureAlgorithm, CertificateDer, Crypto, CryptoProvider, ReduceMode};
use samael::schema::{Assertion, Response};

use super::error::SamlError;
use super::response::{Check, Trail};
use super::warning::Warning;
use super::xml::{SAML, attribute, child, children};
use crate::connection::SamlSettings;

const ALGORITHMS: [AllowedSignatureAlgorithm; 6] = [
    AllowedSignatureAlgorithm::RsaSha256,
    AllowedSignatureAlgorithm::RsaSha384,
    AllowedSignatureAlgorithm::RsaSha512,
    AllowedSignatureAlgorithm::EcdsaSha256,
    AllowedSignatureAlgorithm::EcdsaSha384,
    AllowedSignatureAlgorithm::EcdsaSha512,
];

/// What one implementation read: the name and every attribute, white space around values taken off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    name_id: String,
    attributes: BTreeMap<String, Vec<String>>,
}

impl Reading {
    /// Ours, from a tree of verified bytes.
    pub(crate) fn ours(assertion: Node) -> Self {
        let name_id = child(assertion, SAML, "Subject").and_then(|subject| child(subject, SAML, "NameID"));
        let mut attributes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for statement in children(assertion, SAML, "AttributeStatement") {
            for node in children(statement, SAML, "Attribute") {
                let values = attributes.entry(attribute(node, "Name").unwrap_or_default().to_owned()).or_default();
                values.extend(children(node, SAML, "AttributeValue").map(|value| trimmed(value.text())));
            }
        }
        Self { name_id: trimmed(name_id.and_then(|node| node.text())), attributes }.sorted()
    }

    fn theirs(assertion: Assertion) -> Self {
        let name_id = assertion.subject.and_then(|subject| subject.name_id).map(|name_id| name_id.value);
        let mut attributes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for attribute in assertion.attribute_statements.into_iter().flatten().flat_map(|statement| statement.attributes)
        {
            let values = attributes.entry(attribute.name.unwrap_or_default()).or_default();
            values.extend(attribute.values.into_iter().map(|value| trimmed(value.value.as_deref())));
        }
        Self { name_id: trimmed(name_id.as_deref()), attributes }.sorted()
    }

    fn sorted(mut self) -> Self {
        self.attributes.values_mut().for_each(|values| values.sort());
        self
    }
}

fn trimmed(text: Option<&str>) -> String {
    text.unwrap_or_default().trim().to_owned()
}

/// Asks. `text` is the message whose bytes ours has checked.
pub(crate) fn ask(
    text: &str,
    settings: &SamlSettings,
    encrypted: bool,
    ours: &Reading,
    trail: &mut Trail,
) -> Result<(), SamlError> {
    let mut no_opinion = |reason: &str| {
        trail.warnings.push(Warning::NoSecondOpinion { reason: reason.to_owned() });
        Ok(())
    };
    if encrypted {
        return no_opinion("the assertion is encrypted");
    }
    let certificates: Vec<CertificateDer> =
        settings.idp.certificates.iter().map(|certificate| CertificateDer::from(certificate.der.clone())).collect();
    let signed = Crypto::reduce_xml_to_signed_with_allowed_algorithms(
        text,
        &certificates,
        ReduceMode::PreDigest,
        Some(&ALGORITHMS),
    );
    let signed = match signed {
        Ok(signed) => signed,
        // With several keys of different kinds it gives up at the first (a known weakness).
        Err(_) if certificates.len() > 1 => return no_opinion("it does not verify with several certificates"),
        Err(_) => return Err(SamlError::SecondOpinionDisagrees { what: "signature" }),
    };
    let assertion = signed.parse::<Response>().ok().and_then(|response| response.assertion);
    let Some(assertion) = assertion.or_else(|| signed.parse::<Assertion>().ok()) else {
        return no_opinion("it cannot read the assertion");
    };
    let theirs = Reading::theirs(assertion);
    if theirs.name_id != ours.name_id {
        return Err(SamlError::SecondOpinionDisagrees { what: "NameID" });
    }
    if theirs.attributes != ours.attributes {
        return Err(SamlError::SecondOpinionDisagrees { what: "attributes" });
    }
    trail.checks.push(Check::SecondOpinion);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Timestamp;
    use crate::connection::SamlIdp;
    use crate::demo::issuer::{IssuerKey, KeyKind, Person, ResponseSpec, Sign};
    use crate::saml::read_certificate;

    const PERSON: Person<'static> =
        Person { name_id: "id-1", email: "anna@acme.example", name: "Anna Ä", groups: &["a & b", "c"] };

    fn key(kind: KeyKind) -> IssuerKey {
        let now = Timestamp::parse("2026-11-24").expect("a date");
        IssuerKey::generate(kind, "idp", now, now.plus(Duration::from_secs(86_400))).expect("a key")
    }

    fn message(sign: Sign, key: &IssuerKey) -> (String, Reading) {
        let now = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        let mut spec = ResponseSpec::new("idp", "sp", "https://sp.example/acs", "1", now, PERSON);
        spec.sign = sign;
        let xml = spec.xml(key);
        let document = roxmltree::Document::parse(&xml).expect("XML");
        let assertion = child(document.root_element(), SAML, "Assertion").expect("an assertion");
        let ours = Reading::ours(assertion);
        (xml, ours)
    }

    fn settings(keys: &[&IssuerKey]) -> SamlSettings {
        let certificates =
            keys.iter().map(|key| read_certificate(key.certificate_der()).expect("a certificate")).collect();
        SamlSettings::new(SamlIdp {
            entity_id: "idp".to_owned(),
            sso_redirect: None,
            sso_post: None,
            slo_redirect: None,
            slo_response: None,
            wants_signed_requests: false,
            certificates,
            valid_until: None,
        })
    }

    fn asked(text: &str, settings: &SamlSettings, encrypted: bool, ours: &Reading) -> (Result<(), SamlError>, Trail) {
        let mut trail = Trail::default();
        let answer = ask(text, settings, encrypted, ours, &mut trail);
        (answer, trail)
    }

    #[test]
    fn it_agrees_on_every_way_of_signing() {
        let key = key(KeyKind::Rsa);
        for sign in [Sign::Assertion, Sign::Response, Sign::Both] {
            let (xml, ours) = message(sign, &key);
            let (answer, trail) = asked(&xml, &settings(&[&key]), false, &ours);
            assert_eq!(answer, Ok(()), "{sign:?}");
            assert!(trail.checks.contains(&Check::SecondOpinion), "{sign:?}: {:?}", trail.warnings);
        }
    }

    #[test]
    fn another_reading_refuses_the_sign_in() {
        let key = key(KeyKind::Rsa);
        let (xml, ours) = message(Sign::Both, &key);
        let settings = settings(&[&key]);
        let mut other = ours.clone();
        other.name_id = "somebody-else".to_owned();
        let disagrees = |what| Err(SamlError::SecondOpinionDisagrees { what });
        assert_eq!(asked(&xml, &settings, false, &other).0, disagrees("NameID"));
        let mut other = ours.clone();
        other.attributes.insert("groups".to_owned(), vec!["owners".to_owned()]);
        assert_eq!(asked(&xml, &settings, false, &other).0, disagrees("attributes"));
        let tampered = xml.replace("anna@acme.example", "eve@acme.example");
        assert_eq!(asked(&tampered, &settings, false, &ours).0, disagrees("signature"));
    }

    #[test]
    fn an_inability_is_recorded_and_is_no_refusal() {
        let (rsa, ecdsa) = (key(KeyKind::Rsa), key(KeyKind::Ecdsa));
        let (xml, ours) = message(Sign::Assertion, &rsa);
        let (answer, trail) = asked(&xml, &settings(&[&rsa]), true, &ours);
        assert_eq!(answer, Ok(()));
        assert!(matches!(trail.warnings.as_slice(), [Warning::NoSecondOpinion { .. }]));
        let (answer, _) = asked(&xml, &settings(&[&ecdsa, &rsa]), false, &ours);
        assert_eq!(answer, Ok(()), "several keys of different kinds");
    }
}
