use super::error::short;
use super::{OidcError, Provider};

/// The longest code that is taken on, in bytes.
const MAX_CODE: usize = 4096;

/// A provider's answer by way of the browser.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// To be exchanged for tokens.
    pub code: String,
    /// Ours.
    pub state: String,
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Callback(..)")
    }
}

/// An answer without a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackProblem {
    /// Ours, if it could be read.
    pub state: Option<String>,
    /// Why.
    pub error: OidcError,
}

/// The errors with which a provider says that this person is not to be signed in (RFC 6749 §4.1.2.1, OpenID Connect Core 3.1.2.6).
const DENIED: [&str; 5] =
    ["access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required"];

/// Every error a provider may answer with; anything else is shown as unknown.
const FAILED: [&str; 6] = [
    "server_error",
    "temporarily_unavailable",
    "invalid_request",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
];

/// Reads the query of the callback.
pub fn read_callback(query: &str, provider: &Provider) -> Result<Callback, CallbackProblem> {
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
    let once = |name: &'static str| -> Result<Option<&str>, OidcError> {
        let mut values = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (found, None) => Ok(found.filter(|value| !value.is_empty())),
            (_, Some(_)) => Err(OidcError::Parameter(name)),
        }
    };
    let state = once("state").ok().flatten().map(str::to_owned);
    let problem = |error| CallbackProblem { state: state.clone(), error };
    let read = || -> Result<Callback, OidcError> {
        // Whose answer is it? Before anything it says is listened to (RFC 9207 §2.4).
        match once("iss")? {
            Some(found) if found != provider.issuer => {
                return Err(OidcError::CallbackIssuer { expected: provider.issuer.clone(), found: short(found) });
            }
            None if provider.sends_iss => return Err(OidcError::CallbackIssuerMissing),
            Some(_) | None => {}
        }
        if let Some(error) = once("error")? {
            // Only the standard's words: the rest is whatever somebody wrote into an address.
            return Err(match (DENIED.contains(&error), FAILED.contains(&error)) {
                (true, _) => OidcError::Denied { code: error.to_owned() },
                (false, true) => OidcError::ProviderFailed { code: error.to_owned() },
                (false, false) => OidcError::Denied { code: "an error that the standard does not know".to_owned() },
            });
        }
        let state = once("state")?.ok_or(OidcError::Parameter("state"))?;
        let code = once("code")?.filter(|code| code.len() <= MAX_CODE).ok_or(OidcError::Parameter("code"))?;
        Ok(Callback { code: code.to_owned(), state: state.to_owned() })
    };
    read().map_err(problem)
}
