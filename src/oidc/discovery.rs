use serde_json::{Map, Value};
use url::Url;

use super::error::short;
use super::{OidcError, json};

/// The largest discovery document that is read, in bytes.
pub const MAX_DISCOVERY: usize = 256 * 1024;

/// What a provider says about itself (OpenID Connect Discovery 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name; compared to the letter.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes become tokens.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where it tells who a token is about.
    pub userinfo_endpoint: Option<String>,
    /// Where people sign out (RP-Initiated Logout 1.0).
    pub end_session_endpoint: Option<String>,
    /// It names itself in every answer (RFC 9207).
    pub sends_iss: bool,
}

/// Where the discovery document of an issuer is (OpenID Connect Discovery 4).
pub fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// Reads the discovery document of `issuer`.
pub fn read_discovery(issuer: &str, bytes: &[u8]) -> Result<Provider, OidcError> {
    if bytes.len() > MAX_DISCOVERY {
        return Err(OidcError::DiscoveryUnreadable);
    }
    let document = json::object(bytes).ok_or(OidcError::DiscoveryUnreadable)?;
    let found = text(&document, "issuer").ok_or(OidcError::DiscoveryLacks("issuer"))?;
    if found.contains('{') {
        return Err(OidcError::IssuerTemplate { found: short(found) });
    }
    if found != issuer {
        return Err(OidcError::DiscoveryIssuer { expected: issuer.to_owned(), found: short(found) });
    }
    // Plain http is for providers that are themselves on plain http: the demonstration, tests.
    let plain = issuer.starts_with("http://");
    let endpoint = |name: &'static str| -> Result<Option<String>, OidcError> {
        let Some(value) = document.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
        let address = value.as_str().and_then(|text| Url::parse(text).ok());
        let fits = address.is_some_and(|url| {
            let scheme = url.scheme() == "https" || (plain && url.scheme() == "http");
            scheme
                && url.has_host()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        });
        match value.as_str() {
            Some(text) if fits => Ok(Some(text.to_owned())),
            _ => Err(OidcError::EndpointNotHttps { what: name }),
        }
    };
    let needed = |name: &'static str| endpoint(name)?.ok_or(OidcError::DiscoveryLacks(name));
    offers(&document, "response_types_supported", "code", "the authorization code flow (response type code)")?;
    offers(&document, "code_challenge_methods_supported", "S256", "PKCE with S256")?;
    Ok(Provider {
        issuer: issuer.to_owned(),
        authorization_endpoint: needed("authorization_endpoint")?,
        token_endpoint: needed("token_endpoint")?,
        jwks_uri: needed("jwks_uri")?,
        userinfo_endpoint: endpoint("userinfo_endpoint")?,
        end_session_endpoint: endpoint("end_session_endpoint")?,
        sends_iss: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
    })
}

fn text<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    document.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// If a list is there, our choice must be in it.
fn offers(document: &Map<String, Value>, list: &str, ours: &str, what: &'static str) -> Result<(), OidcError> {
    match document.get(list).and_then(Value::as_array) {
        Some(offered) if !offered.iter().any(|one| one.as_str() == Some(ours)) => Err(OidcError::NotOffered(what)),
        Some(_) | None => Ok(()),
    }
}
