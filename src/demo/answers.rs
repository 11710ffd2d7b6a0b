//! What the demo identity provider answers: the person, the groups as they are now, and the fault that was asked for.
//! `issuer` writes and signs; this file says what.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Document;

use crate::clock::Timestamp;
use crate::outbound::{OutboundError, Purpose};

use super::faults::Fault;
use super::issuer::{self, Encryption, GROUPS, ResponseSpec, Sign, Status};
use super::keys::{IdpKeys, Random};
use super::people::Person;
use super::request::AuthnRequest;
use super::sites::{Protocol, ServiceProvider};
use super::stage::Stage;
use super::state::{Answer, Message};

/// What is to be answered.
pub struct Ask<'a> {
    /// To whom.
    pub provider: &'a ServiceProvider,
    /// About whom.
    pub person: &'a Person,
    /// To which question; `None` if nobody asked.
    pub request: Option<&'a AuthnRequest>,
    /// What goes along unread.
    pub relay_state: Option<String>,
    /// The fault chosen for this answer.
    pub chosen: Option<Fault>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// A replay without anything to repeat.
    #[error("Nothing was sent over this connection yet, so there is nothing to send again.")]
    NothingToReplay,
    /// The gateway offers no key to encrypt for.
    #[error("The gateway's metadata for this connection holds no encryption certificate.")]
    NoEncryptionKey,
    /// The gateway's metadata cannot be fetched.
    #[error("The gateway did not give its metadata.")]
    Gateway(#[source] OutboundError),
}

impl AnswerError {
    /// What the visitor can do.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NothingToReplay => "Sign in correctly once, then try the replay.",
            Self::NoEncryptionKey => "Choose another fault.",
            Self::Gateway(_) => "Begin again at the application or the gateway.",
        }
    }
}

/// Makes the answer and remembers it.
pub async fn answer(stage: &Stage, ask: Ask<'_>) -> Result<Answer, AnswerError> {
    let fault = stage.state.fault_for_this_answer(Protocol::Saml, ask.chosen);
    let response = match fault {
        Some(Fault::Replay) => stage.state.last_to(ask.provider.slug).ok_or(AnswerError::NothingToReplay)?,
        Some(Fault::Encrypted) => {
            let recipient = encryption_certificate(stage, ask.provider).await?;
            message(stage, &ask, fault, Some(recipient))
        }
        _ => message(stage, &ask, fault, None),
    };
    let sent = Answer {
        nth: 0,
        at: stage.clock.now(),
        who: format!("{} <{}>", ask.person.name, ask.person.email),
        connection: ask.provider.slug,
        fault,
        unasked: ask.request.is_none(),
        message: Message::Saml { response, relay_state: ask.relay_state },
    };
    stage.state.sent(sent.clone());
    Ok(sent)
}

fn message(stage: &Stage, ask: &Ask<'_>, fault: Option<Fault>, encrypt_for: Option<Vec<u8>>) -> String {
    let random = Random::draw();
    let mut spec = good(&stage.sites.idp_entity_id(), ask, &random.id(), stage.clock.now());
    spec.encrypt = encrypt_for.map(|recipient| Encryption {
        gcm: true,
        recipient,
        content_key: random.content_key(),
        iv: random.iv(),
        key_beside: false,
    });
    issuer::encode(&faulty(spec, fault, &ask.person.email_elsewhere(), &stage.keys))
}

/// The answer with nothing wrong.
fn good(issuer: &str, ask: &Ask<'_>, unique: &str, now: Timestamp) -> ResponseSpec {
    let groups: Vec<&str> = ask.person.groups.iter().map(String::as_str).collect();
    let person = issuer::Person {
        name_id: &ask.person.subject,
        email: &ask.person.email,
        name: &ask.person.name,
        groups: &groups,
    };
    let mut spec = ResponseSpec::new(issuer, &ask.provider.entity_id, &ask.provider.acs, unique, now, person);
    spec.in_response_to = ask.request.map(|request| request.id.clone());
    spec
}

/// The finished text, with the fault in it.
fn faulty(mut spec: ResponseSpec, fault: Option<Fault>, elsewhere: &str, keys: &IdpKeys) -> String {
    match fault {
        // A replay sends old text; encryption is in the specification already.
        None | Some(Fault::Encrypted | Fault::Replay) => {}
        // Faults of the other protocol.
        Some(
            Fault::WrongNonce
            | Fault::WrongIssuer
            | Fault::MixUp
            | Fault::UnverifiedEmail
            | Fault::OtherUserinfo
            | Fault::Slow
            | Fault::Down
            | Fault::UserinfoOnly,
        ) => {}
        Some(Fault::WrongAudience) => spec.audience = Some("https://another-service.test/metadata".to_owned()),
        Some(Fault::Expired) => spec.issued = spec.issued.minus(spec.lifetime + Duration::from_secs(600)),
        Some(Fault::Unsigned) => spec.sign = Sign::Nothing,
        Some(Fault::WrongRecipient) => spec.recipient = "https://another-service.test/acs".to_owned(),
        Some(Fault::NoGroups) => spec.attributes.retain(|(name, _)| name != GROUPS),
        Some(Fault::TooManyGroups) => {
            spec.attributes.retain(|(name, _)| name != GROUPS);
            let link = "https://graph.entra.test/users/42/getMemberObjects".to_owned();
            spec.attributes.push(("http://schemas.microsoft.com/claims/groups.link".to_owned(), vec![link]));
        }
        Some(Fault::Refusal) => {
            spec.sign = Sign::Response;
            spec.status = Status::Denied {
                code: "Responder",
                detail: "RequestDenied",
                message: "The person is not assigned to this application.",
            };
        }
        Some(Fault::ForeignDomain) => {
            for (_, values) in spec.attributes.iter_mut().filter(|(name, _)| name == "email") {
                *values = vec![elsewhere.to_owned()];
            }
        }
        Some(Fault::BadSignature) => return issuer::break_signature(&spec.xml(&keys.own)),
        Some(Fault::OtherKey) => return spec.xml(&keys.stranger),
        Some(Fault::TwoAssertions) => {
            let signed = issuer::sign_element(&spec.assertion_xml(), &keys.own);
            let mut forged = spec.clone();
            forged.assertion_id.push_str("-forged");
            "demo-owner-at-acme.test".clone_into(&mut forged.name_id);
            return spec.response_xml(&format!("{}{signed}", forged.assertion_xml()));
        }
    }
    spec.xml(&keys.own)
}

async fn encryption_certificate(stage: &Stage, provider: &ServiceProvider) -> Result<Vec<u8>, AnswerError> {
    let fetched = stage.outbound.get(Purpose::Demo, &provider.entity_id, 256 * 1024).await;
    let metadata = String::from_utf8(fetched.map_err(AnswerError::Gateway)?).unwrap_or_default();
    certificate_to_encrypt_for(&metadata).ok_or(AnswerError::NoEncryptionKey)
}

/// The first certificate that metadata offers for encryption (SAML metadata 2.4.1.1: without `use` a key is for both).
fn certificate_to_encrypt_for(metadata: &str) -> Option<Vec<u8>> {
    let document = Document::parse(metadata).ok()?;
    let mut keys = document.descendants().filter(|node| node.tag_name().name() == "KeyDescriptor");
    let key = keys.find(|key| matches!(key.attribute("use"), None | Some("encryption")))?;
    let certificate = key.descendants().find(|node| node.tag_name().name() == "X509Certificate")?;
    let text: String = certificate.text()?.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::people::People;
    use crate::demo::sites::Sites;

    fn text_of(fault: Option<Fault>) -> String {
        let sites = Sites::at(8080);
        let people = People::default();
        let request =
            AuthnRequest { id: "_question".into(), issuer: sites.service_providers[0].entity_id.clone(), acs: None };
        let ask = Ask {
            provider: &sites.service_providers[0],
            person: &people.all()[0],
            request: Some(&request),
            relay_state: None,
            chosen: None,
        };
        let now = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        let keys = IdpKeys::generate(now).expect("keys");
        faulty(good(&sites.idp_entity_id(), &ask, "1", now), fault, "user@elsewhere.test", &keys)
    }

    #[test]
    fn a_good_answer_says_who_in_which_groups_and_to_which_question() {
        let text = text_of(None);
        for part in [
            "InResponseTo=\"_question\"",
            "user@acme.test",
            "Anna Schmidt",
            "acme-everyone",
            "demo-user-at-acme.test",
            "Audience>http://127.0.0.1:8080/saml/acme/metadata<",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(text.matches("<ds:Signature ").count(), 1);
    }

    #[test]
    fn each_fault_changes_what_it_names() {
        let has = |fault, part: &str| {
            assert!(text_of(Some(fault)).contains(part), "{fault}: {part}");
            assert!(!text_of(None).contains(part), "the good answer has no {part}");
        };
        has(Fault::WrongAudience, "Audience>https://another-service.test/metadata<");
        has(Fault::Expired, "NotOnOrAfter=\"2026-11-24T08:50:00Z\"");
        has(Fault::WrongRecipient, "Recipient=\"https://another-service.test/acs\"");
        has(Fault::TooManyGroups, "groups.link");
        has(Fault::Refusal, "status:RequestDenied");
        has(Fault::ForeignDomain, "user@elsewhere.test");
        has(Fault::TwoAssertions, "demo-owner-at-acme.test");
        assert!(!text_of(Some(Fault::NoGroups)).contains("acme-everyone"));
        assert!(!text_of(Some(Fault::TooManyGroups)).contains("acme-everyone"));
        assert!(!text_of(Some(Fault::Unsigned)).contains("<ds:Signature "));
        assert!(!text_of(Some(Fault::Refusal)).contains("<saml:Assertion "));
        assert_eq!(text_of(Some(Fault::TwoAssertions)).matches("<saml:Assertion ").count(), 2);
    }

    #[test]
    fn the_key_to_encrypt_for_comes_from_the_metadata() {
        let key = |usage: &str, content: &str| {
            format!("<KeyDescriptor{usage}><X509Certificate>\n {content} \n</X509Certificate></KeyDescriptor>")
        };
        let metadata = |keys: &str| format!("<E>{keys}</E>");
        let signing = key(" use=\"signing\"", "AAAA");
        let both = metadata(&format!("{signing}{}", key(" use=\"encryption\"", "AQ==")));
        assert_eq!(certificate_to_encrypt_for(&both), Some(vec![1]));
        assert_eq!(certificate_to_encrypt_for(&metadata(&key("", "Ag=="))), Some(vec![2]));
        assert_eq!(certificate_to_encrypt_for(&metadata(&signing)), None);
        assert_eq!(certificate_to_encrypt_for("<!DOCTYPE x><x/>"), None);
    }
}
