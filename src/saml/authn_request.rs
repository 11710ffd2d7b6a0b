//! What we ask an identity provider: to sign a person in and to answer at our assertion consumer service.
//! Written in canonical form, so that signing needs no canonicalizer. Sends nothing itself.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::clock::Timestamp;
use crate::connection::SamlSettings;

use super::c14n::{escape_attribute, escape_text};
use super::keys::{Hash, SpKey};
use super::redirect::{RSA_SHA256, redirect_url};
use super::response::ServiceProvider;
use super::xml::{DS, SAML, SAMLP};

/// How the browser carries a request to the identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInRequest {
    /// Send the browser to this URL.
    Redirect(String),
    /// Let the browser post this form.
    Post {
        /// Where to.
        action: String,
        /// The field `SAMLRequest`.
        saml_request: String,
        /// The field `RelayState`.
        relay_state: String,
    },
}

/// Why there is no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRequestError {
    /// The identity provider says no place to send it to.
    #[error("the identity provider has neither a redirect nor a POST endpoint for sign-in; import its metadata again")]
    NoEndpoint,
    /// Requests are to be signed, but there is no key.
    #[error("the connection signs its requests, but there is no signing key; create one for this gateway")]
    NoSigningKey,
}

/// Makes the request of one sign-in. `request_id` and `relay_state` carry at least 128 random bits each.
pub fn sign_in_request(
    settings: &SamlSettings,
    sp: ServiceProvider,
    signing_key: Option<&SpKey>,
    request_id: &str,
    relay_state: &str,
    now: Timestamp,
) -> Result<SignInRequest, SignInRequestError> {
    let key = match (settings.signs_requests(), signing_key) {
        (true, None) => return Err(SignInRequestError::NoSigningKey),
        (true, Some(key)) => Some(key),
        (false, _) => None,
    };
    match (&settings.idp.sso_redirect, &settings.idp.sso_post) {
        (Some(url), _) => {
            let request = authn_request(settings, sp, url, request_id, now, None);
            Ok(SignInRequest::Redirect(redirect_url(url, "SAMLRequest", &request, relay_state, key)))
        }
        (None, Some(url)) => {
            let request = authn_request(settings, sp, url, request_id, now, key);
            Ok(SignInRequest::Post {
                action: url.clone(),
                saml_request: STANDARD.encode(request),
                relay_state: relay_state.to_owned(),
            })
        }
        (None, None) => Err(SignInRequestError::NoEndpoint),
    }
}

/// The AuthnRequest, with an enveloped signature if there is a key.
fn authn_request(
    settings: &SamlSettings,
    sp: ServiceProvider,
    destination: &str,
    id: &str,
    now: Timestamp,
    key: Option<&SpKey>,
) -> String {
    let mut attributes = vec![
        ("AssertionConsumerServiceURL", sp.acs_url.to_owned()),
        ("Destination", destination.to_owned()),
        ("ID", id.to_owned()),
        ("IssueInstant", now.to_string()),
        ("ProtocolBinding", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST".to_owned()),
        ("Version", "2.0".to_owned()),
    ];
    if settings.force_authn {
        attributes.insert(2, ("ForceAuthn", "true".to_owned()));
    }
    let mut start = format!("<samlp:AuthnRequest xmlns:samlp=\"{SAMLP}\"");
    for (name, value) in attributes {
        write_attribute(&mut start, name, &value);
    }
    start.push('>');
    let _ = write!(start, "<saml:Issuer xmlns:saml=\"{SAML}\">");
    escape_text(sp.entity_id, &mut start);
    start.push_str("</saml:Issuer>");
    let mut end = String::new();
    if let Some(format) = &settings.name_id_format {
        end.push_str("<samlp:NameIDPolicy AllowCreate=\"true\"");
        write_attribute(&mut end, "Format", format);
        end.push_str("></samlp:NameIDPolicy>");
    }
    if let Some(context) = &settings.authn_context {
        end.push_str("<samlp:RequestedAuthnContext Comparison=\"exact\">");
        let _ = write!(end, "<saml:AuthnContextClassRef xmlns:saml=\"{SAML}\">");
        escape_text(context, &mut end);
        end.push_str("</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>");
    }
    end.push_str("</samlp:AuthnRequest>");
    let signature = key.map(|key| enveloped_signature(id, &format!("{start}{end}"), key)).unwrap_or_default();
    format!("{start}{signature}{end}")
}

/// A signature over `canonical`, to be put into the element of this id.
fn enveloped_signature(id: &str, canonical: &str, key: &SpKey) -> String {
    let mut reference = String::new();
    escape_attribute(id, &mut reference);
    let digest = STANDARD.encode(Hash::Sha256.of(canonical.as_bytes()));
    let body = format!(
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"></ds:SignatureMethod>\
         <ds:Reference URI=\"#{reference}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>\
         <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    );
    let value = STANDARD.encode(key.sign(format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{body}").as_bytes()));
    let certificate = STANDARD.encode(key.certificate_der());
    format!(
        "<ds:Signature xmlns:ds=\"{DS}\"><ds:SignedInfo>{body}<ds:SignatureValue>{value}</ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
         </ds:Signature>"
    )
}

pub(crate) fn write_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape_attribute(value, out);
    out.push('"');
}
