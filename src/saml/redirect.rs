//! The HTTP-Redirect binding: messages in query strings, deflated, and signed as those very characters (SAML bindings 3.4).

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::{Part, SamlError};
use super::keys::{Scheme, SpKey, VerifyingKey};
use super::limits::{self, MAX_BASE64};
use super::xml::{base64_text, shown};

pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";

/// The address that carries a message: deflated, base64, percent-encoded; the signature covers the query in this order (3.4.4.1).
pub(crate) fn redirect_url(
    endpoint: &str,
    parameter: &str,
    message: &str,
    relay_state: &str,
    key: Option<&SpKey>,
) -> String {
    let mut query = format!("{parameter}={}", percent_encoded(&STANDARD.encode(deflated(message.as_bytes()))));
    if !relay_state.is_empty() {
        let _ = write!(query, "&RelayState={}", percent_encoded(relay_state));
    }
    if let Some(key) = key {
        let _ = write!(query, "&SigAlg={}", percent_encoded(RSA_SHA256));
        let signature = STANDARD.encode(key.sign(query.as_bytes()));
        let _ = write!(query, "&Signature={}", percent_encoded(&signature));
    }
    let (endpoint, fragment) = endpoint.split_once('#').map_or((endpoint, None), |(e, f)| (e, Some(f)));
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|f| format!("#{f}")).unwrap_or_default();
    format!("{endpoint}{joint}{query}{fragment}")
}

fn deflated(message: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(message).expect("writing to memory cannot fail");
    encoder.finish().expect("writing to memory cannot fail")
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3 / 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A message out of a query string whose signature verified.
pub(crate) struct Redirected {
    /// Whether it came as `SAMLRequest`; else it came as `SAMLResponse`.
    pub(crate) is_request: bool,
    /// The inflated message. All of it was covered by the signature.
    pub(crate) message: Vec<u8>,
    /// `RelayState`, if one came.
    pub(crate) relay_state: Option<String>,
}

/// Reads and verifies a query string as it arrived, undecoded: an identity provider signs what it writes, however it encodes it.
/// Nothing is inflated before the signature is known to be the identity provider's.
pub(crate) fn read_redirect(query: &str, keys: &[VerifyingKey]) -> Result<Redirected, SamlError> {
    let parameters = Parameters::of(query)?;
    let (is_request, raw) = match (parameters.request, parameters.response) {
        (Some(raw), None) => (true, raw),
        (None, Some(raw)) => (false, raw),
        (Some(_), Some(_)) => return Err(form("it carries both SAMLRequest and SAMLResponse")),
        (None, None) => return Err(form("it carries neither SAMLRequest nor SAMLResponse")),
    };
    let part = if is_request { Part::LogoutRequest } else { Part::LogoutResponse };
    if parameters.encoding.is_some_and(|raw| decoded(raw) != DEFLATE) {
        return Err(form("its SAMLEncoding is not DEFLATE"));
    }
    let (Some(algorithm), Some(signature)) = (parameters.algorithm, parameters.signature) else {
        return Err(SamlError::LogoutUnsigned);
    };
    let name = if is_request { "SAMLRequest" } else { "SAMLResponse" };
    let mut covered = format!("{name}={raw}");
    if let Some(raw) = parameters.relay_state {
        let _ = write!(covered, "&RelayState={raw}");
    }
    let _ = write!(covered, "&SigAlg={algorithm}");
    let algorithm = decoded(algorithm);
    let scheme =
        Scheme::from_uri(&algorithm).ok_or_else(|| SamlError::SignatureAlgorithm { part, found: shown(&algorithm) })?;
    let signature = base64_text(&decoded(signature)).ok_or(form("its Signature is not base64"))?;
    if !keys.iter().any(|key| key.verifies(scheme, covered.as_bytes(), &signature)) {
        return Err(SamlError::BadSignature { part, certificates: keys.len() });
    }
    let message = limits::inflate(&decoded(raw))?;
    Ok(Redirected { is_request, message, relay_state: parameters.relay_state.map(decoded) })
}

fn form(reason: &'static str) -> SamlError {
    SamlError::RedirectForm { reason }
}

/// The parameters of the binding, undecoded. Others are not ours and not covered.
#[derive(Default)]
struct Parameters<'a> {
    request: Option<&'a str>,
    response: Option<&'a str>,
    relay_state: Option<&'a str>,
    encoding: Option<&'a str>,
    algorithm: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Parameters<'a> {
    fn of(query: &'a str) -> Result<Self, SamlError> {
        if query.len() > MAX_BASE64 {
            return Err(limits::XmlError::TooLarge { limit: MAX_BASE64 }.into());
        }
        let mut found = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let place = match name {
                "SAMLRequest" => &mut found.request,
                "SAMLResponse" => &mut found.response,
                "RelayState" => &mut found.relay_state,
                "SAMLEncoding" => &mut found.encoding,
                "SigAlg" => &mut found.algorithm,
                "Signature" => &mut found.signature,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(form("a parameter came twice"));
            }
        }
        Ok(found)
    }
}

fn decoded(raw: &str) -> String {
    let pair = format!("x={raw}");
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
