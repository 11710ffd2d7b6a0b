//! Single logout (SAML core 3.7, profiles 4.4): what an identity provider asks and answers, verified before it is believed; and
//! what we ask and answer. Ends no session itself.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

use roxmltree::Node;

use crate::clock::Timestamp;
use crate::connection::SamlSettings;

use super::anchors::Anchors;
use super::assertion::{self, Frame, MAX_AGE, NameId, instant, read_name_id};
use super::authn_request::write_attribute;
use super::c14n::escape_text;
use super::encryption::Sealed;
use super::error::{Part, SamlError};
use super::keys::SpKey;
use super::limits::{self, Cdata, MAX_BASE64};
use super::redirect::{read_redirect, redirect_url};
use super::response::{Expected, ServiceProvider, Trail, check_elements, in_place};
use super::status::status;
use super::xml::{DS, SAML, SAMLP, attribute, children, is, only_child, shown, value};

/// How long a request of ours is good for.
const ASKED_FOR: Duration = Duration::from_secs(300);
/// A `RelayState` longer than this is not sent back (SAML bindings 3.4.3 allows 80 bytes; some need more).
const MAX_RELAY_STATE: usize = 2048;

/// How a logout message arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived<'a> {
    /// By HTTP-Redirect: the query string, undecoded.
    Redirect(&'a str),
    /// By HTTP-POST: the form fields `SAMLRequest` and `RelayState`.
    PostedRequest {
        /// `SAMLRequest`.
        message: &'a str,
        /// `RelayState`; no signature covers it, so it is only ever sent back.
        relay_state: Option<String>,
    },
    /// By HTTP-POST: the form field `SAMLResponse`.
    PostedResponse(&'a str),
}

/// A logout message that passed every check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutMessage {
    /// The identity provider wants sessions ended.
    Request(LogoutRequest),
    /// It answers a request of ours.
    Response(LogoutResponse),
}

/// The identity provider wants sessions ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutRequest {
    /// To be remembered with the connection, so that it counts once.
    pub id: String,
    /// Until when it has to be remembered.
    pub replay_until: Timestamp,
    /// Whose sessions.
    pub name_id: NameId,
    /// Which of them; all, if empty.
    pub session_indexes: Vec<String>,
    /// To be sent back with the answer.
    pub relay_state: Option<String>,
}

/// The identity provider answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutResponse {
    /// The id of the request it answers; whether that is one of ours, the caller knows.
    pub in_response_to: String,
    /// What it did.
    pub outcome: LogoutOutcome,
}

/// What an identity provider did about a request to sign out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutOutcome {
    /// Signed out everywhere.
    Ended,
    /// Signed out there, but not of every service behind it.
    Partly,
    /// Did not.
    Refused {
        /// The status codes, outermost first.
        status: String,
    },
}

/// Verifies a logout message of a connection: signed, ours, fresh. `keys` are ours, for names that are encrypted.
///
/// Replay is not seen here: the caller remembers the id of a request.
pub fn verify_logout(
    settings: &SamlSettings,
    sp: ServiceProvider,
    keys: &[SpKey],
    arrived: Arrived,
    now: Timestamp,
) -> Result<LogoutMessage, SamlError> {
    let mut trail = Trail::default();
    let anchors = Anchors::of(&settings.idp.certificates, &mut trail.warnings);
    if anchors.keys.is_empty() {
        return Err(SamlError::NoSigningCertificate);
    }
    let frame = Frame { settings, sp, expected: Expected::Unsolicited, now };
    let (is_request, text, relay_state) = match arrived {
        Arrived::Redirect(query) => {
            let read = read_redirect(query, &anchors.keys)?;
            (read.is_request, limits::checked_text(&read.message, Cdata::Refused)?, read.relay_state)
        }
        Arrived::PostedRequest { message, relay_state } => {
            (true, posted(&anchors, true, message, now, &mut trail)?, relay_state)
        }
        Arrived::PostedResponse(value) => (false, posted(&anchors, false, value, now, &mut trail)?, None),
    };
    let document = limits::parse(&text)?;
    let root = document.root_element();
    let part = if is_request { Part::LogoutRequest } else { Part::LogoutResponse };
    shape(part, root)?;
    let issued = common(&frame, part, root)?;
    if is_request {
        let relay_state = relay_state.filter(|text| text.len() <= MAX_RELAY_STATE);
        request(&frame, keys, root, issued, relay_state).map(LogoutMessage::Request)
    } else {
        response(root).map(LogoutMessage::Response)
    }
}

/// A posted message carries its signature inside (SAML bindings 3.5.5.2); what is read on is what the signature covers.
fn posted(
    anchors: &Anchors,
    is_request: bool,
    value: &str,
    now: Timestamp,
    trail: &mut Trail,
) -> Result<String, SamlError> {
    let part = if is_request { Part::LogoutRequest } else { Part::LogoutResponse };
    let bytes = limits::decode_base64(value, MAX_BASE64)?;
    let text = limits::checked_text(&bytes, Cdata::Refused)?;
    let document = limits::parse(&text)?;
    let root = document.root_element();
    shape(part, root)?;
    let signature = only_child(root, DS, "Signature")?.ok_or(SamlError::LogoutUnsigned)?;
    anchors.verify(part, root, signature, now, trail)
}

/// One message of the announced kind, unique ids, nothing in disguise.
fn shape(part: Part, root: Node) -> Result<(), SamlError> {
    let name = if part == Part::LogoutRequest { "LogoutRequest" } else { "LogoutResponse" };
    if !is(root, SAMLP, name) {
        return Err(SamlError::NotALogoutMessage { expected: name, found: shown(root.tag_name().name()) });
    }
    check_elements(root, &mut HashSet::new(), |node, name| match name {
        "Response" | "Assertion" | "EncryptedAssertion" => false,
        "Signature" => node.parent() == Some(root),
        _ => true,
    })?;
    if attribute(root, "ID").is_none_or(str::is_empty) {
        return Err(SamlError::NoId { part });
    }
    Ok(())
}

/// What requests and answers have in common: version, issuer, destination, time. Returns when it was issued.
fn common(frame: &Frame, part: Part, root: Node) -> Result<Timestamp, SamlError> {
    assertion::version(part, root)?;
    let issuer = only_child(root, SAML, "Issuer")?.ok_or(SamlError::Missing { what: "Issuer" })?;
    frame.issuer(part, issuer)?;
    // SAML bindings 3.4.5.2, 3.5.5.2: a signed message names its destination.
    let found = attribute(root, "Destination").ok_or(SamlError::Missing { what: "Destination" })?;
    let expected = frame.sp.slo_url.unwrap_or_default();
    if found != expected {
        return Err(SamlError::Destination { expected: expected.to_owned(), found: shown(found) });
    }
    frame.issued(part, root)
}

fn request(
    frame: &Frame,
    keys: &[SpKey],
    root: Node,
    issued: Timestamp,
    relay_state: Option<String>,
) -> Result<LogoutRequest, SamlError> {
    let ends = instant(root, "NotOnOrAfter")?;
    frame.not_over("the time to sign out", ends)?;
    let name_id = name(frame, keys, root)?;
    let indexes = children(root, SAMLP, "SessionIndex").map(|index| value(index, "SessionIndex").map(str::to_owned));
    Ok(LogoutRequest {
        id: attribute(root, "ID").unwrap_or_default().to_owned(),
        // Beyond this moment no setting of the skew lets the same request in again.
        replay_until: issued.plus(MAX_AGE).plus(SamlSettings::MAX_SKEW),
        name_id,
        session_indexes: indexes.collect::<Result<_, _>>()?,
        relay_state,
    })
}

/// Whose sessions: a NameID, or one encrypted for us. The message is verified already, so decrypting tells a forger nothing.
fn name(frame: &Frame, keys: &[SpKey], root: Node) -> Result<NameId, SamlError> {
    match (only_child(root, SAML, "NameID")?, only_child(root, SAML, "EncryptedID")?) {
        (Some(plain), None) => read_name_id(frame, plain),
        (None, Some(encrypted)) => {
            if !frame.settings.offer_encryption {
                return Err(SamlError::EncryptionNotOffered);
            }
            let opened = Sealed::read(encrypted)?.open(keys)?;
            if !opened.padding_fits {
                return Err(SamlError::Undecryptable);
            }
            let plaintext = limits::checked_text(&opened.plaintext, Cdata::Refused)?;
            let text = in_place(encrypted, &plaintext);
            let document = limits::parse(&text)?;
            let name = only_child(document.root_element(), SAML, "NameID")?.ok_or(SamlError::Undecryptable)?;
            read_name_id(frame, name)
        }
        (Some(_), Some(_)) => Err(SamlError::Several { what: "NameID" }),
        (None, None) => Err(SamlError::Missing { what: "NameID" }),
    }
}

fn response(root: Node) -> Result<LogoutResponse, SamlError> {
    let in_response_to = attribute(root, "InResponseTo").filter(|id| !id.is_empty());
    let in_response_to = in_response_to.ok_or(SamlError::Missing { what: "InResponseTo" })?.to_owned();
    let found = status(root)?;
    let outcome = if found.is_success() {
        LogoutOutcome::Ended
    } else if found.is_partial_logout() {
        LogoutOutcome::Partly
    } else {
        LogoutOutcome::Refused { status: found.to_string() }
    };
    Ok(LogoutResponse { in_response_to, outcome })
}

/// The address that asks the identity provider to end a session, signed. `None` if it has no place to ask at.
pub fn logout_request(
    settings: &SamlSettings,
    sp: ServiceProvider,
    key: &SpKey,
    id: &str,
    name_id: &NameId,
    session_index: Option<&str>,
    now: Timestamp,
) -> Option<String> {
    let endpoint = settings.idp.slo_redirect.as_deref()?;
    let mut out = format!("<samlp:LogoutRequest xmlns:samlp=\"{SAMLP}\"");
    write_attribute(&mut out, "Destination", endpoint);
    write_attribute(&mut out, "ID", id);
    write_attribute(&mut out, "IssueInstant", &now.to_string());
    write_attribute(&mut out, "NotOnOrAfter", &now.plus(ASKED_FOR).to_string());
    write_attribute(&mut out, "Reason", "urn:oasis:names:tc:SAML:2.0:logout:user");
    write_attribute(&mut out, "Version", "2.0");
    out.push('>');
    issuer(&mut out, sp);
    // The name exactly as it was given to us: identity providers compare all of it.
    let _ = write!(out, "<saml:NameID xmlns:saml=\"{SAML}\"");
    let attributes = [
        ("Format", &name_id.format),
        ("NameQualifier", &name_id.qualifier),
        ("SPNameQualifier", &name_id.sp_qualifier),
    ];
    for (name, value) in attributes {
        if let Some(value) = value {
            write_attribute(&mut out, name, value);
        }
    }
    out.push('>');
    escape_text(&name_id.value, &mut out);
    out.push_str("</saml:NameID>");
    if let Some(index) = session_index {
        out.push_str("<samlp:SessionIndex>");
        escape_text(index, &mut out);
        out.push_str("</samlp:SessionIndex>");
    }
    out.push_str("</samlp:LogoutRequest>");
    Some(redirect_url(endpoint, "SAMLRequest", &out, "", Some(key)))
}

/// The address that tells the identity provider that its request was carried out, signed. `None` if it has no place for answers.
pub fn logout_response(
    settings: &SamlSettings,
    sp: ServiceProvider,
    key: &SpKey,
    id: &str,
    request: &LogoutRequest,
    now: Timestamp,
) -> Option<String> {
    let endpoint = settings.idp.slo_response.as_deref().or(settings.idp.slo_redirect.as_deref())?;
    let mut out = format!("<samlp:LogoutResponse xmlns:samlp=\"{SAMLP}\"");
    write_attribute(&mut out, "Destination", endpoint);
    write_attribute(&mut out, "ID", id);
    write_attribute(&mut out, "InResponseTo", &request.id);
    write_attribute(&mut out, "IssueInstant", &now.to_string());
    write_attribute(&mut out, "Version", "2.0");
    out.push('>');
    issuer(&mut out, sp);
    out.push_str(
        "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"></samlp:StatusCode>\
         </samlp:Status></samlp:LogoutResponse>",
    );
    let relay_state = request.relay_state.as_deref().unwrap_or_default();
    Some(redirect_url(endpoint, "SAMLResponse", &out, relay_state, Some(key)))
}

fn issuer(out: &mut String, sp: ServiceProvider) {
    let _ = write!(out, "<saml:Issuer xmlns:saml=\"{SAML}\">");
    escape_text(sp.entity_id, out);
    out.push_str("</saml:Issuer>");
}
