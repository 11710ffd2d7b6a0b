//! What an assertion has to say before anything in it is believed: who, for whom, when, in answer to what.
//! Owns SAML core 2.3 to 2.7 and the bearer rules of the web browser profile; reads verified bytes only.

use std::time::Duration;

use roxmltree::Node;

use crate::clock::Timestamp;
use crate::connection::SamlSettings;

use super::error::{Part, SamlError};
use super::response::{Expected, ServiceProvider};
use super::time;
use super::xml::{SAML, attribute, child, children, is, only_child, shown, value};

/// An assertion or response issued longer ago is refused, whatever else it says.
pub const MAX_AGE: Duration = Duration::from_secs(600);
const SECOND: Duration = Duration::from_secs(1);
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// The name the identity provider gave the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameId {
    /// The name, trimmed.
    pub value: String,
    /// Its format, if one was said.
    pub format: Option<String>,
    /// `NameQualifier`: in whose realm it names the person.
    pub qualifier: Option<String>,
    /// `SPNameQualifier`: for whom it was made.
    pub sp_qualifier: Option<String>,
}

/// What a response is held against.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) settings: &'a SamlSettings,
    pub(crate) sp: ServiceProvider<'a>,
    pub(crate) expected: Expected<'a>,
    pub(crate) now: Timestamp,
}

impl Frame<'_> {
    fn skew(&self) -> Duration {
        self.settings.clock_skew.min(SamlSettings::MAX_SKEW)
    }

    /// Refuses what was issued in the future or too long ago.
    pub(crate) fn issued(&self, part: Part, element: Node) -> Result<Timestamp, SamlError> {
        let issued = instant(element, "IssueInstant")?.ok_or(SamlError::Missing { what: "IssueInstant" })?;
        if issued > self.now.plus(self.skew()) {
            return Err(SamlError::FromTheFuture { part, issued, now: self.now });
        }
        if issued.plus(MAX_AGE).plus(self.skew()) < self.now {
            return Err(SamlError::TooOld { part, issued, now: self.now });
        }
        Ok(issued)
    }

    fn begun(&self, what: &'static str, begins: Option<Timestamp>) -> Result<(), SamlError> {
        match begins {
            Some(begins) if begins > self.now.plus(self.skew()) => {
                Err(SamlError::NotYetValid { what, begins, now: self.now })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// "Not on or after": the moment itself is too late.
    pub(crate) fn not_over(&self, what: &'static str, ends: Option<Timestamp>) -> Result<(), SamlError> {
        match ends {
            Some(ended) if ended.plus(self.skew()) <= self.now => {
                Err(SamlError::Expired { what, ended, now: self.now })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// An answer has to name the pending request; one that nobody asked for must not name any.
    pub(crate) fn in_response_to(&self, part: Part, found: Option<&str>) -> Result<(), SamlError> {
        match (self.expected, found) {
            (Expected::Answering { request_id, .. }, Some(found)) if request_id == found && !found.is_empty() => Ok(()),
            (Expected::Answering { .. }, Some(_)) => Err(SamlError::InResponseTo { part }),
            (Expected::Answering { .. }, None) => Err(SamlError::InResponseToMissing),
            (Expected::Unsolicited, Some(_)) => Err(SamlError::InResponseToUnexpected { part }),
            (Expected::Unsolicited, None) => Ok(()),
        }
    }

    pub(crate) fn issuer(&self, part: Part, issuer: Node) -> Result<(), SamlError> {
        let found = value(issuer, "Issuer")?;
        if found == self.settings.idp.entity_id {
            Ok(())
        } else {
            Err(SamlError::Issuer { part, expected: self.settings.idp.entity_id.clone(), found: shown(found) })
        }
    }
}

/// An assertion that passed, apart from its attributes.
pub(crate) struct Statement {
    pub(crate) id: String,
    pub(crate) name_id: NameId,
    pub(crate) session_index: Option<String>,
    pub(crate) session_not_on_or_after: Option<Timestamp>,
    pub(crate) replay_until: Timestamp,
}

/// Checks everything that an assertion says about itself.
pub(crate) fn check(frame: &Frame, assertion: Node) -> Result<Statement, SamlError> {
    let id = attribute(assertion, "ID").filter(|id| !id.is_empty()).ok_or(SamlError::NoId { part: Part::Assertion })?;
    version(Part::Assertion, assertion)?;
    let issuer = only_child(assertion, SAML, "Issuer")?.ok_or(SamlError::Missing { what: "Issuer" })?;
    frame.issuer(Part::Assertion, issuer)?;
    let issued = frame.issued(Part::Assertion, assertion)?;
    conditions(frame, assertion)?;
    let subject = only_child(assertion, SAML, "Subject")?.ok_or(SamlError::Missing { what: "Subject" })?;
    let name_id = name_id(frame, subject)?;
    let confirmed_until = confirmation(frame, subject)?;
    let (session_index, session_not_on_or_after) = authentication(frame, assertion)?;
    Ok(Statement {
        id: id.to_owned(),
        name_id,
        session_index,
        session_not_on_or_after,
        // Beyond this moment no setting of the skew lets the same assertion in again.
        replay_until: confirmed_until.min(issued.plus(MAX_AGE)).plus(SamlSettings::MAX_SKEW),
    })
}

pub(crate) fn version(part: Part, element: Node) -> Result<(), SamlError> {
    match attribute(element, "Version") {
        Some("2.0") => Ok(()),
        other => Err(SamlError::Version { part, found: shown(other.unwrap_or("none")) }),
    }
}

fn conditions(frame: &Frame, assertion: Node) -> Result<(), SamlError> {
    let conditions = only_child(assertion, SAML, "Conditions")?.ok_or(SamlError::Missing { what: "Conditions" })?;
    frame.begun("the validity of the assertion", instant(conditions, "NotBefore")?)?;
    frame.not_over("the validity of the assertion", instant(conditions, "NotOnOrAfter")?)?;
    let mut audiences = 0;
    for condition in conditions.children().filter(Node::is_element) {
        if is(condition, SAML, "AudienceRestriction") {
            audience(frame, condition)?;
            audiences += 1;
        } else if !is(condition, SAML, "OneTimeUse") && !is(condition, SAML, "ProxyRestriction") {
            // SAML core 2.5.1: a condition that is not understood makes the assertion indeterminate.
            return Err(SamlError::UnknownCondition { name: shown(condition.tag_name().name()) });
        }
    }
    if audiences == 0 { Err(SamlError::NoAudience) } else { Ok(()) }
}

/// Every restriction has to let us in; within one, any audience may be ours (SAML core 2.5.1.4).
fn audience(frame: &Frame, restriction: Node) -> Result<(), SamlError> {
    let mut found = Vec::new();
    for audience in children(restriction, SAML, "Audience") {
        let audience = value(audience, "Audience")?;
        if audience == frame.sp.entity_id {
            return Ok(());
        }
        found.push(audience);
    }
    if found.is_empty() {
        return Err(SamlError::NoAudience);
    }
    Err(SamlError::Audience { expected: frame.sp.entity_id.to_owned(), found: shown(&found.join(", ")) })
}

fn name_id(frame: &Frame, subject: Node) -> Result<NameId, SamlError> {
    // Names inside a SubjectConfirmation would be a second person.
    for node in subject.descendants().filter(Node::is_element) {
        if is(node, SAML, "EncryptedID") {
            return Err(SamlError::EncryptedId);
        }
        let is_name = is(node, SAML, "NameID") || is(node, SAML, "BaseID");
        if is_name && node.parent() != Some(subject) {
            return Err(SamlError::Several { what: "NameID" });
        }
    }
    if child(subject, SAML, "BaseID").is_some() {
        return Err(SamlError::Missing { what: "NameID" });
    }
    let element = only_child(subject, SAML, "NameID")?.ok_or(SamlError::Missing { what: "NameID" })?;
    read_name_id(frame, element)
}

/// Reads a NameID; one that was made for another service provider is refused.
pub(crate) fn read_name_id(frame: &Frame, element: Node) -> Result<NameId, SamlError> {
    let text = value(element, "NameID")?;
    if let Some(found) = attribute(element, "SPNameQualifier").filter(|found| *found != frame.sp.entity_id) {
        return Err(SamlError::NameQualifier { expected: frame.sp.entity_id.to_owned(), found: shown(found) });
    }
    Ok(NameId {
        value: text.to_owned(),
        format: attribute(element, "Format").map(str::to_owned),
        qualifier: attribute(element, "NameQualifier").map(str::to_owned),
        sp_qualifier: attribute(element, "SPNameQualifier").map(str::to_owned),
    })
}

/// SAML profiles 4.1.4.2: one bearer confirmation that names us, the request and an end; never a beginning.
fn confirmation(frame: &Frame, subject: Node) -> Result<Timestamp, SamlError> {
    let mut bearers =
        children(subject, SAML, "SubjectConfirmation").filter(|c| attribute(*c, "Method") == Some(BEARER));
    let bearer = bearers.next().ok_or(SamlError::NoBearer)?;
    if bearers.next().is_some() {
        return Err(SamlError::Several { what: "SubjectConfirmation" });
    }
    let data = only_child(bearer, SAML, "SubjectConfirmationData")?
        .ok_or(SamlError::Missing { what: "SubjectConfirmationData" })?;
    if attribute(data, "NotBefore").is_some() {
        return Err(SamlError::ConfirmationNotBefore);
    }
    let until = instant(data, "NotOnOrAfter")?.ok_or(SamlError::ConfirmationWithout { what: "NotOnOrAfter" })?;
    frame.not_over("the time to deliver the assertion", Some(until))?;
    let recipient = attribute(data, "Recipient").ok_or(SamlError::ConfirmationWithout { what: "Recipient" })?;
    if recipient != frame.sp.acs_url {
        return Err(SamlError::Recipient { expected: frame.sp.acs_url.to_owned(), found: shown(recipient) });
    }
    frame.in_response_to(Part::Assertion, attribute(data, "InResponseTo"))?;
    Ok(until)
}

fn authentication(frame: &Frame, assertion: Node) -> Result<(Option<String>, Option<Timestamp>), SamlError> {
    let statements: Vec<Node> = children(assertion, SAML, "AuthnStatement").collect();
    if statements.is_empty() {
        return Err(SamlError::NoAuthnStatement);
    }
    let (mut index, mut session_ends, mut contexts) = (None, None::<Timestamp>, Vec::new());
    let mut authenticated = None::<Timestamp>;
    for statement in statements {
        authenticated = authenticated.max(instant(statement, "AuthnInstant")?);
        let ends = instant(statement, "SessionNotOnOrAfter")?;
        // No skew here: our session ends with it, and one that has ended already is none to begin.
        if let Some(ended) = ends.filter(|ends| *ends <= frame.now) {
            return Err(SamlError::Expired { what: "the session at the identity provider", ended, now: frame.now });
        }
        session_ends = match (session_ends, ends) {
            (Some(first), Some(second)) => Some(first.min(second)),
            (first, second) => first.or(second),
        };
        index = index.or(attribute(statement, "SessionIndex").map(str::to_owned));
        if let Some(class) = only_child(statement, SAML, "AuthnContext")?
            .and_then(|context| child(context, SAML, "AuthnContextClassRef"))
        {
            contexts.push(value(class, "AuthnContextClassRef")?);
        }
    }
    if frame.settings.force_authn {
        let at = authenticated.ok_or(SamlError::Missing { what: "AuthnInstant" })?;
        // Asked to authenticate again, an identity provider that names a moment before our request did not. Some name whole
        // seconds: what was done in the second of our request was done after it.
        let (asked_at, allowed) = match frame.expected {
            Expected::Answering { asked_at, .. } => (asked_at, SECOND),
            // Nobody asked: then it was done for this very message.
            Expected::Unsolicited => (frame.now, MAX_AGE),
        };
        if at.plus(allowed).plus(frame.skew()) <= asked_at {
            return Err(SamlError::NotReauthenticated { authenticated: at, asked: asked_at });
        }
    }
    match &frame.settings.authn_context {
        Some(wanted) if !contexts.contains(&wanted.as_str()) => {
            let found = if contexts.is_empty() { "no context".to_owned() } else { contexts.join(", ") };
            Err(SamlError::AuthnContext { expected: wanted.clone(), found: shown(&found) })
        }
        Some(_) | None => Ok((index, session_ends)),
    }
}

/// A time attribute: absent is `None`, unreadable is an error.
pub(crate) fn instant(element: Node, what: &'static str) -> Result<Option<Timestamp>, SamlError> {
    let Some(text) = attribute(element, what) else { return Ok(None) };
    time::parse(text).map(Some).ok_or_else(|| SamlError::NotATime { what, found: shown(text) })
}
