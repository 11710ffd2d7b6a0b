//! Reads AuthnRequests as the other side of the gateway does: by redirect (deflated) or by post, with limits, for the
//! service providers of this demo only. Checks no signature: the demo's metadata asks for none.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use roxmltree::{Document, ParsingOptions};

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

/// How the request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// In the query, deflated.
    Redirect,
    /// In a form.
    Post,
}

impl Binding {
    /// The word in our own form, which carries the request from page to page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Post => "post",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Redirect, Self::Post].into_iter().find(|binding| binding.as_str() == text)
    }
}

/// What an AuthnRequest asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthnRequest {
    /// Its id; the answer names it.
    pub id: String,
    /// Who asks: the gateway's entity id for the connection.
    pub issuer: String,
    /// Where the answer goes, if said.
    pub acs: Option<String>,
}

/// Why a request cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not base64.
    #[error("The request is not base64.")]
    NotBase64,
    /// Not deflated, or more than it should be.
    #[error("The request cannot be unpacked, or is larger than 64 KB.")]
    NotDeflated,
    /// Not XML.
    #[error("The request is not XML.")]
    NotXml,
    /// Another message.
    #[error("This is not a SAML 2.0 AuthnRequest with an ID and an Issuer.")]
    NotAnAuthnRequest,
}

/// The most that a request may hold when unpacked.
const LIMIT: u64 = 64 * 1024;

/// Reads the `SAMLRequest` parameter.
pub fn read(parameter: &str, binding: Binding) -> Result<AuthnRequest, RequestError> {
    if parameter.len() as u64 > LIMIT * 2 {
        return Err(RequestError::NotDeflated);
    }
    let bytes = STANDARD.decode(parameter.trim()).map_err(|_| RequestError::NotBase64)?;
    let xml = match binding {
        Binding::Post => bytes,
        Binding::Redirect => {
            let mut xml = Vec::new();
            DeflateDecoder::new(bytes.as_slice())
                .take(LIMIT + 1)
                .read_to_end(&mut xml)
                .map_err(|_| RequestError::NotDeflated)?;
            xml
        }
    };
    if xml.len() as u64 > LIMIT {
        return Err(RequestError::NotDeflated);
    }
    let text = std::str::from_utf8(&xml).map_err(|_| RequestError::NotXml)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 500, ..Default::default() };
    let document = Document::parse_with_options(text, options).map_err(|_| RequestError::NotXml)?;
    let root = document.root_element();
    if !root.has_tag_name((PROTOCOL, "AuthnRequest")) || root.attribute("Version") != Some("2.0") {
        return Err(RequestError::NotAnAuthnRequest);
    }
    let id = root.attribute("ID").filter(|id| (1..=256).contains(&id.len()));
    let issuer = root
        .children()
        .find(|child| child.has_tag_name((ASSERTION, "Issuer")))
        .and_then(|issuer| issuer.text())
        .map(str::trim)
        .filter(|issuer| !issuer.is_empty());
    let (Some(id), Some(issuer)) = (id, issuer) else { return Err(RequestError::NotAnAuthnRequest) };
    Ok(AuthnRequest {
        id: id.to_owned(),
        issuer: issuer.to_owned(),
        acs: root.attribute("AssertionConsumerServiceURL").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const REQUEST: &str = r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0" IssueInstant="2026-11-24T09:00:00Z" AssertionConsumerServiceURL="http://127.0.0.1:8080/saml/acme/acs"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"> http://127.0.0.1:8080/saml/acme/metadata </saml:Issuer></samlp:AuthnRequest>"#;

    fn deflated(text: &[u8]) -> String {
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(text).expect("memory");
        STANDARD.encode(packer.finish().expect("memory"))
    }

    #[test]
    fn both_bindings_say_the_same() {
        let expected = AuthnRequest {
            id: "_1".into(),
            issuer: "http://127.0.0.1:8080/saml/acme/metadata".into(),
            acs: Some("http://127.0.0.1:8080/saml/acme/acs".into()),
        };
        assert_eq!(read(&deflated(REQUEST.as_bytes()), Binding::Redirect), Ok(expected.clone()));
        assert_eq!(read(&STANDARD.encode(REQUEST), Binding::Post), Ok(expected));
    }

    #[test]
    fn x104_a_request_that_unpacks_to_more_than_64_kb_is_refused() {
        let bomb = deflated(&vec![b' '; 50_000_000]);
        assert!(bomb.len() < 128 * 1024, "it comes in under the first limit: {}", bomb.len());
        assert_eq!(read(&bomb, Binding::Redirect), Err(RequestError::NotDeflated));
        assert_eq!(read(&"A".repeat(200_000), Binding::Post), Err(RequestError::NotDeflated));
    }

    #[test]
    fn what_is_no_authn_request_is_refused() {
        let post = |text: &str| read(&STANDARD.encode(text), Binding::Post);
        assert_eq!(read("%%%", Binding::Redirect), Err(RequestError::NotBase64));
        assert_eq!(read(&STANDARD.encode("not deflated"), Binding::Redirect), Err(RequestError::NotDeflated));
        assert_eq!(post("<a>"), Err(RequestError::NotXml));
        assert_eq!(post(&format!("<!DOCTYPE x>{REQUEST}")), Err(RequestError::NotXml));
        assert_eq!(post(&REQUEST.replace("AuthnRequest", "LogoutRequest")), Err(RequestError::NotAnAuthnRequest));
        assert_eq!(post(&REQUEST.replace(" ID=\"_1\"", "")), Err(RequestError::NotAnAuthnRequest));
        assert_eq!(post(&REQUEST.replace("Version=\"2.0\"", "Version=\"1.1\"")), Err(RequestError::NotAnAuthnRequest));
        assert_eq!(post(&REQUEST.replace("saml:Issuer", "saml:Isuer")), Err(RequestError::NotAnAuthnRequest));
        assert_eq!(read(&STANDARD.encode([0xff, 0xfe]), Binding::Post), Err(RequestError::NotXml));
    }
}
