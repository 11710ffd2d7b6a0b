//! The one way from a form value to facts: every step refuses before the next is reached,
//! and only bytes that a signature covered are ever read as facts.

use std::collections::HashSet;

use roxmltree::{Document, Node};

use crate::clock::Timestamp;
use crate::connection::{Connection, SamlSettings};
use crate::identity::AssertedIdentity;

use super::anchors::Anchors;
use super::assertion::{self, Frame, NameId};
use super::attributes::Attributes;
use super::encryption::{Mode, Sealed};
use super::error::{Part, SamlError};
use super::keys::SpKey;
use super::limits::{self, Cdata, MAX_BASE64};
use super::status::status;
use super::warning::Warning;
use super::xml::{DS, SAML, SAMLP, XENC, attribute, child, children, is, only_child, shown};

/// Us, as one connection's identity provider knows us. From the configured public URL, never from a Host header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceProvider<'a> {
    /// Our entity id: the URL of our metadata.
    pub entity_id: &'a str,
    /// Where responses are posted to.
    pub acs_url: &'a str,
    /// Where logout messages go; `None` where none are taken.
    pub slo_url: Option<&'a str>,
}

/// What we wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected<'a> {
    /// The answer to a pending request.
    Answering {
        /// The ID of our AuthnRequest.
        request_id: &'a str,
        /// When we sent it: where ForceAuthn was asked for, nobody authenticated before.
        asked_at: Timestamp,
    },
    /// Nothing: the person started at the identity provider.
    Unsolicited,
}

/// A response that passed every check, as facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedResponse {
    /// Who it is. `omits_empty_groups` of the connection is already applied.
    pub identity: AssertedIdentity,
    /// To be remembered with the connection, in the transaction that makes the session.
    pub assertion_id: String,
    /// Until when it has to be remembered.
    pub replay_until: Timestamp,
    /// The session at the identity provider, for logout.
    pub session_index: Option<String>,
    /// When the identity provider wants the session to end.
    pub session_not_on_or_after: Option<Timestamp>,
    /// The name the identity provider uses, for logout and for the admin.
    pub name_id: NameId,
    /// What an admin should look at.
    pub warnings: Vec<Warning>,
    /// What was checked, in order.
    pub checks: Vec<Check>,
    /// The very text that was believed: canonical, signed, decrypted. For an operator who tests; kept nowhere else.
    pub believed: String,
}

/// A check that a response went through, as an admin reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Size, encoding, well-formedness, limits.
    Form,
    /// One assertion, signatures only where they belong, unique ids.
    Shape,
    /// The signature over the outer message.
    ResponseSignature,
    /// Issuer, destination, request, status and time of the outer message.
    Message,
    /// The assertion was encrypted for us.
    Decrypted,
    /// The signature over the assertion.
    AssertionSignature,
    /// Issuer, audience, recipient, request and times of the assertion.
    Conditions,
    /// Address, subject and groups.
    Attributes,
    /// The second implementation reads the same.
    SecondOpinion,
}

impl Check {
    /// A stable short name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Shape => "shape",
            Self::ResponseSignature => "response signature",
            Self::Message => "message",
            Self::Decrypted => "decrypted",
            Self::AssertionSignature => "assertion signature",
            Self::Conditions => "conditions",
            Self::Attributes => "attributes",
            Self::SecondOpinion => "second opinion",
        }
    }
}

/// Verifies a `SAMLResponse` form value of a connection.
///
/// `keys` are ours, current and previous. Replay is not seen here: the caller remembers the assertion id.
pub fn verify_response(
    connection: &Connection,
    settings: &SamlSettings,
    sp: ServiceProvider,
    keys: &[SpKey],
    expected: Expected,
    saml_response: &str,
    now: Timestamp,
) -> Result<VerifiedResponse, SamlError> {
    let mut trail = Trail::default();
    let anchors = Anchors::of(&settings.idp.certificates, &mut trail.warnings);
    if anchors.keys.is_empty() {
        return Err(SamlError::NoSigningCertificate);
    }
    if expected == Expected::Unsolicited && !settings.idp_initiated {
        return Err(SamlError::UnsolicitedNotAllowed);
    }
    let frame = Frame { settings, sp, expected, now };

    let bytes = limits::decode_base64(saml_response, MAX_BASE64)?;
    let text = limits::checked_text(&bytes, Cdata::Refused)?;
    let document = limits::parse(&text)?;
    trail.checks.push(Check::Form);
    let shape = Shape::of_response(&document)?;
    trail.checks.push(Check::Shape);

    // The outer message is read from verified bytes if it is signed; else it is only a filter.
    let verified = match shape.signature {
        Some(signature) => {
            let bytes = anchors.verify(Part::Response, document.root_element(), signature, now, &mut trail)?;
            trail.checks.push(Check::ResponseSignature);
            Some(bytes)
        }
        None => None,
    };
    let verified_document = verified.as_deref().map(limits::parse).transpose()?;
    let outer = verified_document.as_ref().unwrap_or(&document).root_element();
    check_message(&frame, outer, verified.is_some())?;
    trail.checks.push(Check::Message);

    let statement = match shape.content {
        Content::Nothing => return Err(SamlError::NoAssertion),
        Content::Plain { assertion, signature: Some(signature) } => {
            let bytes = anchors.verify(Part::Assertion, assertion, signature, now, &mut trail)?;
            trail.checks.push(Check::AssertionSignature);
            let facts = facts(&frame, connection, limits::parse(&bytes)?.root_element(), &mut trail)?;
            trail.believed = Some(bytes);
            facts
        }
        Content::Plain { signature: None, .. } => {
            if verified.is_none() {
                return Err(SamlError::Unsigned);
            }
            let assertion = child(outer, SAML, "Assertion").ok_or(SamlError::NoAssertion)?;
            facts(&frame, connection, assertion, &mut trail)?
        }
        Content::Encrypted => {
            let element = child(outer, SAML, "EncryptedAssertion").ok_or(SamlError::NoAssertion)?;
            let opened = open(&anchors, settings, keys, element, verified.is_some(), now, &mut trail)?;
            let document = limits::parse(&opened.text)?;
            let assertion = if opened.in_wrapper {
                child(document.root_element(), SAML, "Assertion").ok_or(SamlError::Undecryptable)?
            } else {
                document.root_element()
            };
            let facts = facts(&frame, connection, assertion, &mut trail)?;
            trail.believed = Some(opened.text.clone());
            facts
        }
    };
    #[cfg(feature = "second-opinion")]
    {
        let encrypted = matches!(shape.content, Content::Encrypted);
        let ours = trail.read.take().unwrap_or_default();
        super::second_opinion::ask(&text, settings, encrypted, &ours, &mut trail)?;
    }
    if trail.believed.is_none() {
        trail.believed.clone_from(&verified);
    }
    Ok(statement.verified(trail))
}

/// What is collected on the way.
#[derive(Default)]
pub(crate) struct Trail {
    pub(crate) warnings: Vec<Warning>,
    pub(crate) checks: Vec<Check>,
    pub(crate) believed: Option<String>,
    #[cfg(feature = "second-opinion")]
    pub(crate) read: Option<super::second_opinion::Reading>,
}

/// The facts of an assertion.
pub(crate) struct Facts {
    pub(crate) identity: AssertedIdentity,
    pub(crate) statement: assertion::Statement,
}

impl Facts {
    fn verified(self, trail: Trail) -> VerifiedResponse {
        VerifiedResponse {
            identity: self.identity,
            assertion_id: self.statement.id,
            replay_until: self.statement.replay_until,
            session_index: self.statement.session_index,
            session_not_on_or_after: self.statement.session_not_on_or_after,
            name_id: self.statement.name_id,
            warnings: trail.warnings,
            checks: trail.checks,
            believed: trail.believed.unwrap_or_default(),
        }
    }
}

/// Reads the facts of an assertion from a tree of verified bytes.
fn facts(frame: &Frame, connection: &Connection, assertion: Node, trail: &mut Trail) -> Result<Facts, SamlError> {
    let statement = assertion::check(frame, assertion)?;
    trail.checks.push(Check::Conditions);
    #[cfg(feature = "second-opinion")]
    {
        trail.read = Some(super::second_opinion::Reading::ours(assertion));
    }
    let names = &connection.attributes;
    let attributes = Attributes::of(assertion, &mut trail.warnings);
    let email = attributes.email(names, &statement.name_id, &mut trail.warnings)?;
    let subject = attributes.subject(names, &statement.name_id, &email, &mut trail.warnings)?;
    let groups = attributes.groups(names)?.read_as_empty_when_not_sent(connection.omits_empty_groups);
    let display_name = attributes.display_name(names);
    trail.checks.push(Check::Attributes);
    let identity = AssertedIdentity { connection: connection.id, subject, email, display_name, groups };
    Ok(Facts { identity, statement })
}

struct Shape<'a, 'i> {
    signature: Option<Node<'a, 'i>>,
    content: Content<'a, 'i>,
}

enum Content<'a, 'i> {
    Nothing,
    Plain { assertion: Node<'a, 'i>, signature: Option<Node<'a, 'i>> },
    Encrypted,
}

/// Elements that mean something to us, with the namespace in which they do. In any other they are a disguise.
const MEANT: &[(&str, &str)] = &[
    ("Response", SAMLP),
    ("Assertion", SAML),
    ("EncryptedAssertion", SAML),
    ("NameID", SAML),
    ("Conditions", SAML),
    ("Signature", DS),
    ("SignedInfo", DS),
    ("DigestValue", DS),
    ("SignatureValue", DS),
    ("EncryptedData", XENC),
];

impl<'a, 'i> Shape<'a, 'i> {
    fn of_response(document: &'a Document<'i>) -> Result<Self, SamlError> {
        let root = document.root_element();
        if !is(root, SAMLP, "Response") {
            return Err(SamlError::NotAResponse { found: shown(root.tag_name().name()) });
        }
        check_elements(root, &mut HashSet::new(), |node, name| match name {
            "Response" => node == root,
            "Assertion" | "EncryptedAssertion" => node.parent() == Some(root),
            "Signature" => {
                node.parent().is_some_and(|p| p == root || (is(p, SAML, "Assertion") && p.parent() == Some(root)))
            }
            _ => true,
        })?;
        if attribute(root, "ID").is_none_or(str::is_empty) {
            return Err(SamlError::NoId { part: Part::Response });
        }
        let signature = only_child(root, DS, "Signature")?;
        let assertions = children(root, SAML, "Assertion").chain(children(root, SAML, "EncryptedAssertion"));
        let mut assertions = assertions.take(2);
        let content = match (assertions.next(), assertions.next()) {
            (_, Some(_)) => return Err(SamlError::SeveralAssertions),
            (None, None) => Content::Nothing,
            (Some(found), None) if is(found, SAML, "EncryptedAssertion") => Content::Encrypted,
            (Some(assertion), None) => {
                let inner = only_child(assertion, DS, "Signature")?;
                if signature.is_none() && inner.is_none() {
                    return Err(SamlError::Unsigned);
                }
                Content::Plain { assertion, signature: inner }
            }
        };
        Ok(Self { signature, content })
    }
}

/// Unique ids, no disguises, and every element with a meaning where `belongs` says.
pub(crate) fn check_elements(
    root: Node,
    ids: &mut HashSet<String>,
    belongs: impl Fn(Node, &str) -> bool,
) -> Result<(), SamlError> {
    for node in root.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        if let Some((meant, namespace)) = MEANT.iter().find(|(meant, _)| *meant == name) {
            if node.tag_name().namespace() != Some(namespace) {
                return Err(SamlError::LookAlike { name: meant });
            }
            if !belongs(node, name) {
                return Err(SamlError::Misplaced { name: meant });
            }
        }
        let is_id = |name: &str| matches!(name, "ID" | "Id" | "id" | "AssertionID");
        let mut own = node.attributes().filter(|attribute| is_id(attribute.name()));
        if let Some(id) = own.next() {
            if own.next().is_some() {
                return Err(SamlError::SeveralIds);
            }
            if !ids.insert(id.value().to_owned()) {
                return Err(SamlError::DuplicateId);
            }
        }
    }
    Ok(())
}

/// The outer message: version, issuer, destination, request, time, and last whether the identity provider said yes.
fn check_message(frame: &Frame, response: Node, signed: bool) -> Result<(), SamlError> {
    assertion::version(Part::Response, response)?;
    if let Some(issuer) = only_child(response, SAML, "Issuer")? {
        frame.issuer(Part::Response, issuer)?;
    }
    match attribute(response, "Destination") {
        Some(found) if found == frame.sp.acs_url => {}
        Some(found) => {
            return Err(SamlError::Destination { expected: frame.sp.acs_url.to_owned(), found: shown(found) });
        }
        // SAML bindings 3.5.5.2: a signed message names its destination.
        None if signed => return Err(SamlError::Missing { what: "Destination" }),
        None => {}
    }
    match attribute(response, "InResponseTo") {
        None => {}
        found => frame.in_response_to(Part::Response, found)?,
    }
    frame.issued(Part::Response, response)?;
    check_status(response)
}

fn check_status(response: Node) -> Result<(), SamlError> {
    let found = status(response)?;
    if found.is_success() {
        return Ok(());
    }
    Err(SamlError::IdpDenied { status: found.to_string(), message: found.message.map(shown) })
}

/// A decrypted assertion whose origin is proven.
struct OpenedAssertion {
    text: String,
    /// The text is the assertion inside an element that declares the namespaces of its place.
    in_wrapper: bool,
}

/// Decrypts, and takes the plaintext through form, shape and signature again.
///
/// With CBC in an unsigned response an attacker may have changed the ciphertext: then there is one answer for all that
/// can go wrong up to and including the signature, and a wrong padding goes the same way as any other wrong content.
fn open(
    anchors: &Anchors,
    settings: &SamlSettings,
    keys: &[SpKey],
    element: Node,
    in_signed_response: bool,
    now: Timestamp,
    trail: &mut Trail,
) -> Result<OpenedAssertion, SamlError> {
    if !settings.offer_encryption {
        return Err(SamlError::EncryptionNotOffered);
    }
    if keys.is_empty() {
        return Err(SamlError::NoDecryptionKey);
    }
    let sealed = Sealed::read(element)?;
    let opened = sealed.open(keys)?;
    let inner = inner_assertion(anchors, element, &opened.plaintext, in_signed_response, now, trail);
    if !opened.padding_fits {
        return Err(SamlError::Undecryptable);
    }
    match inner {
        Err(_) if sealed.mode == Mode::Cbc && !in_signed_response => Err(SamlError::Undecryptable),
        inner => inner,
    }
}

fn inner_assertion(
    anchors: &Anchors,
    element: Node,
    plaintext: &[u8],
    in_signed_response: bool,
    now: Timestamp,
    trail: &mut Trail,
) -> Result<OpenedAssertion, SamlError> {
    // On its own first: what it contains must not reach out of the wrapper it is parsed in.
    let plaintext = limits::checked_text(plaintext, Cdata::Refused)?;
    let text = in_place(element, &plaintext);
    let document = limits::parse(&text)?;
    let wrapper = document.root_element();
    let mut inside = wrapper.children().filter(Node::is_element);
    let assertion = inside.next().filter(|node| is(*node, SAML, "Assertion")).ok_or(SamlError::NoAssertion)?;
    if inside.next().is_some() {
        return Err(SamlError::SeveralAssertions);
    }
    check_elements(wrapper, &mut HashSet::new(), |node, name| match name {
        "Assertion" => node == assertion,
        "Signature" => node.parent() == Some(assertion),
        "Response" | "EncryptedAssertion" => false,
        _ => true,
    })?;
    trail.checks.push(Check::Decrypted);
    match only_child(assertion, DS, "Signature")? {
        Some(signature) => {
            let bytes = anchors.verify(Part::Assertion, assertion, signature, now, trail)?;
            trail.checks.push(Check::AssertionSignature);
            Ok(OpenedAssertion { text: bytes, in_wrapper: false })
        }
        None if in_signed_response => Ok(OpenedAssertion { text, in_wrapper: true }),
        None => Err(SamlError::Unsigned),
    }
}

/// XML Encryption 4.4: the plaintext stands in the place of the ciphertext, so the namespaces there are in scope. It is put into
/// an element that declares them.
pub(crate) fn in_place(element: Node, plaintext: &str) -> String {
    let mut text = String::from("<opened");
    for namespace in element.namespaces() {
        match namespace.name() {
            Some(prefix) => text.extend([" xmlns:", prefix]),
            None => text.push_str(" xmlns"),
        }
        text.push_str("=\"");
        super::c14n::escape_attribute(namespace.uri(), &mut text);
        text.push('"');
    }
    text.push('>');
    text.push_str(without_declaration(plaintext));
    text.push_str("</opened>");
    text
}

fn without_declaration(text: &str) -> &str {
    match text.strip_prefix("<?xml ") {
        Some(rest) => rest.split_once("?>").map_or(text, |(_, rest)| rest),
        None => text,
    }
}
