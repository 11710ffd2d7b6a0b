use url::form_urlencoded::parse;

use super::error::short;
use super::{OidcError, Provider};

/// The longest code that is taken on, in bytes.
const MAX_CODE: usize = 4096;

/// The errors with which a provider says that this person is not to be signed in (RFC 6749 §4.1.2.1, OpenID Connect Core 3.1.2.6).
const DENIED: [&str; 5] =
    ["access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required"];

/// Every other error a provider may answer with; anything else is shown as unknown.
const FAILED: [&str; 6] = [
    "server_error",
    "temporarily_unavailable",
    "invalid_request",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
];

/// A parameter that may come once; `None` if it does not.
fn once(query: &str, name: &'static str) -> Result<Option<String>, OidcError> {
    let mut values = parse(query.as_bytes()).filter(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    match (values.next(), values.next()) {
        (found, None) => Ok(found),
        (_, Some(_)) => Err(OidcError::Parameter(name)),
    }
}

/// Our state out of the query of a callback: which sign-in it answers.
pub fn read_state(query: &str) -> Option<String> {
    once(query, "state").ok().flatten()
}

/// The code out of the query of a callback, to be exchanged for tokens.
pub fn read_code(query: &str, provider: &Provider) -> Result<String, OidcError> {
    // Whose answer is it? Before anything it says is listened to (RFC 9207 §2.4).
    match once(query, "iss")? {
        Some(found) if found != provider.issuer => {
            return Err(OidcError::CallbackIssuer { expected: provider.issuer.clone(), found: short(&found) });
        }
        None if provider.sends_iss => return Err(OidcError::CallbackIssuerMissing),
        Some(_) | None => {}
    }
    if let Some(error) = once(query, "error")? {
        // Only the standard's words: the rest is whatever somebody wrote into an address.
        return Err(match (DENIED.contains(&error.as_str()), FAILED.contains(&error.as_str())) {
            (true, _) => OidcError::Denied { code: error },
            (false, true) => OidcError::ProviderFailed { code: error },
            (false, false) => OidcError::Denied { code: "an error that the standard does not know".to_owned() },
        });
    }
    let code = once(query, "code")?.filter(|code| !code.is_empty() && code.len() <= MAX_CODE);
    code.ok_or(OidcError::Parameter("code"))
}
