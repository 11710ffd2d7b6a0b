use serde_json::{Map, Value};

use super::{Call, IdToken, OidcError, Provider, Tokens, json};
use crate::connection::OidcSettings;

/// The largest userinfo or groups answer that is read, in bytes.
pub const MAX_USERINFO: usize = 1024 * 1024;

/// What the userinfo endpoint said about the person of an ID token.
#[derive(Clone)]
pub struct Userinfo {
    pub(super) claims: Map<String, Value>,
}

impl std::fmt::Debug for Userinfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Userinfo(..)")
    }
}

fn bearer(tokens: &Tokens) -> Vec<(String, String)> {
    vec![
        ("authorization".to_owned(), format!("Bearer {}", tokens.access_token())),
        ("accept".to_owned(), "application/json".to_owned()),
    ]
}

/// The call to the userinfo endpoint, if the provider has one (OpenID Connect Core 5.3.1).
pub fn userinfo_call(provider: &Provider, tokens: &Tokens) -> Option<Call> {
    let url = provider.userinfo_endpoint.clone()?;
    Some(Call { url, headers: bearer(tokens), body: None })
}

/// Reads a userinfo answer. It must be about the person of the ID token (OpenID Connect Core 5.3.2, 5.3.4).
pub fn read_userinfo(content_type: Option<&str>, body: &[u8], id_token: &IdToken) -> Result<Userinfo, OidcError> {
    if !json::is_json(content_type) || body.len() > MAX_USERINFO {
        return Err(OidcError::UserinfoUnreadable);
    }
    let claims = json::object(body).ok_or(OidcError::UserinfoUnreadable)?;
    if claims.get("sub").and_then(Value::as_str) != Some(id_token.subject()) {
        return Err(OidcError::UserinfoSubject);
    }
    Ok(Userinfo { claims })
}

/// The call that asks for the groups which were too many for the token, if one is configured (Microsoft Graph `getMemberObjects`).
pub fn groups_call(settings: &OidcSettings, tokens: &Tokens) -> Option<Call> {
    let url = settings.groups_endpoint.clone()?;
    let mut headers = bearer(tokens);
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    Some(Call { url, headers, body: Some(r#"{"securityEnabledOnly":false}"#.to_owned()) })
}

/// Reads the groups endpoint's answer: `{"value": ["id", ...]}`. A list that is said to go on elsewhere is not taken for all of it.
pub fn read_groups(body: &[u8]) -> Result<Vec<String>, OidcError> {
    let answer = json::object(body).ok_or(OidcError::GroupsUnreadable)?;
    let list = answer.get("value").and_then(Value::as_array).ok_or(OidcError::GroupsUnreadable)?;
    if answer.contains_key("@odata.nextLink") {
        return Err(OidcError::GroupsUnreadable);
    }
    let texts = list.iter().map(|one| one.as_str().map(str::to_owned));
    texts.collect::<Option<Vec<_>>>().ok_or(OidcError::GroupsUnreadable)
}
