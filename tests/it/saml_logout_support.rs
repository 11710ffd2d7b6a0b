//! Logout messages as an identity provider writes them, by redirect and by POST; every field can be made wrong.

use std::io::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use usher::clock::Timestamp;
use usher::demo::issuer::{IssuerKey, sign_element};

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const STATUS: &str = "urn:oasis:names:tc:SAML:2.0:status:";

/// One logout message. [`Logout::request`] and [`Logout::response`] are good ones.
#[derive(Clone, Debug)]
pub struct Logout {
    pub root: &'static str,
    pub issuer: String,
    pub destination: Option<String>,
    pub id: String,
    pub issued: Timestamp,
    pub version: &'static str,
    /// Further attributes of the root, in canonical order behind `Version`'s neighbours.
    pub in_response_to: Option<String>,
    pub not_on_or_after: Option<Timestamp>,
    /// What follows the issuer, in canonical form.
    pub content: String,
}

pub fn name_id(value: &str) -> String {
    format!(
        "<saml:NameID xmlns:saml=\"{SAML}\" Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{value}</saml:NameID>"
    )
}

pub fn session_index(index: &str) -> String {
    format!("<samlp:SessionIndex>{index}</samlp:SessionIndex>")
}

/// A status, by its codes without their prefix.
pub fn status(top: &str, detail: Option<&str>) -> String {
    let detail = detail
        .map_or(String::new(), |detail| format!("<samlp:StatusCode Value=\"{STATUS}{detail}\"></samlp:StatusCode>"));
    format!("<samlp:Status><samlp:StatusCode Value=\"{STATUS}{top}\">{detail}</samlp:StatusCode></samlp:Status>")
}

impl Logout {
    pub fn request(issuer: &str, slo: &str, id: &str, now: Timestamp, content: String) -> Self {
        Self {
            root: "LogoutRequest",
            issuer: issuer.to_owned(),
            destination: Some(slo.to_owned()),
            id: id.to_owned(),
            issued: now,
            version: "2.0",
            in_response_to: None,
            not_on_or_after: None,
            content,
        }
    }

    pub fn response(issuer: &str, slo: &str, id: &str, now: Timestamp, in_response_to: &str, status: String) -> Self {
        let in_response_to = Some(in_response_to.to_owned());
        Self { root: "LogoutResponse", in_response_to, ..Self::request(issuer, slo, id, now, status) }
    }

    /// The message, unsigned, in canonical form.
    pub fn xml(&self) -> String {
        let mut out = format!("<samlp:{} xmlns:samlp=\"{SAMLP}\"", self.root);
        let attributes = [
            ("Destination", self.destination.clone()),
            ("ID", Some(self.id.clone()).filter(|id| !id.is_empty())),
            ("InResponseTo", self.in_response_to.clone()),
            ("IssueInstant", Some(self.issued.to_string())),
            ("NotOnOrAfter", self.not_on_or_after.map(|at| at.to_string())),
            ("Version", Some(self.version.to_owned())),
        ];
        for (name, value) in attributes {
            if let Some(value) = value {
                out.push_str(&format!(" {name}=\"{value}\""));
            }
        }
        let (root, issuer, content) = (self.root, &self.issuer, &self.content);
        out.push_str(&format!("><saml:Issuer xmlns:saml=\"{SAML}\">{issuer}</saml:Issuer>{content}</samlp:{root}>"));
        out
    }

    pub fn parameter(&self) -> &'static str {
        if self.root == "LogoutRequest" { "SAMLRequest" } else { "SAMLResponse" }
    }

    /// The signed query string.
    pub fn query(&self, key: &IssuerKey, relay_state: Option<&str>) -> String {
        signed_query(self.parameter(), &packed(self.xml().as_bytes()), relay_state, key)
    }

    /// The value of the form field, signed inside.
    pub fn form(&self, key: &IssuerKey) -> String {
        STANDARD.encode(sign_element(&self.xml(), key))
    }
}

/// Deflated, base64.
pub fn packed(message: &[u8]) -> String {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(message).expect("written");
    STANDARD.encode(encoder.finish().expect("deflated"))
}

pub fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Signs a query as SAML bindings 3.4.4.1 says.
pub fn signed_query(parameter: &str, value: &str, relay_state: Option<&str>, key: &IssuerKey) -> String {
    let mut query = format!("{parameter}={}", escaped(value));
    if let Some(relay_state) = relay_state {
        query.push_str(&format!("&RelayState={}", escaped(relay_state)));
    }
    query.push_str(&format!("&SigAlg={}", escaped(key.algorithm())));
    let signature = STANDARD.encode(key.sign(query.as_bytes()));
    format!("{query}&Signature={}", escaped(&signature))
}

/// What another implementation would check of a query that we signed; the message in it, inflated.
pub fn verified_message(url: &str, certificate: &[u8]) -> String {
    use x509_cert::der::{Decode, Encode};
    let query = &url[url.find("SAMLRe").expect("a message")..];
    let (covered, signature) = query.rsplit_once("&Signature=").expect("a signature");
    let value = |name: &str| {
        let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    };
    assert_eq!(value("SigAlg").as_deref(), Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"));
    let signature =
        url::form_urlencoded::parse(format!("s={signature}").as_bytes()).next().expect("one").1.into_owned();
    let parsed = x509_cert::Certificate::from_der(certificate).expect("a certificate");
    let spki = parsed.tbs_certificate.subject_public_key_info.to_der().expect("a key");
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256, spki);
    let signature = STANDARD.decode(signature).expect("base64");
    assert!(key.verify(covered.as_bytes(), &signature).is_ok(), "our signature verifies with our certificate");
    let message = value("SAMLRequest").or_else(|| value("SAMLResponse")).expect("a message");
    String::from_utf8(usher::saml::inflate(&message).expect("deflated")).expect("UTF-8")
}
