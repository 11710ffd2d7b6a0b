use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::claims::Claims;
use super::jws;
use super::{Keys, OidcError, Provider};
use crate::clock::Timestamp;
use crate::connection::OidcSettings;

const TOKEN: &str = "logout token";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A verified logout token (OpenID Connect Back-Channel Logout 2.4): whose sessions end.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutToken {
    /// All of this person's, or with `sid` the person whose it is.
    pub subject: Option<String>,
    /// The one session that began with this one of the provider.
    pub sid: Option<String>,
    /// It counts once.
    pub jti: String,
    /// Until when it could be shown again.
    pub replay_until: Timestamp,
}

impl std::fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogoutToken(..)")
    }
}

/// Verifies a logout token (2.6).
pub fn verify_logout_token(
    settings: &OidcSettings,
    keys: &Keys,
    token: &str,
    now: Timestamp,
) -> Result<LogoutToken, OidcError> {
    let verified = jws::verify(TOKEN, token, keys)?;
    // An ID token is no logout token, whatever it says.
    if verified.typ.as_deref().is_some_and(|typ| !["logout+jwt", "jwt"].contains(&typ.to_ascii_lowercase().as_str())) {
        return Err(OidcError::Header { token: TOKEN, what: "it is of another type" });
    }
    let claims = Claims { token: TOKEN, all: &verified.claims };
    claims.check_parties(settings)?;
    let issued = claims.check_times(settings, now, claims.time("exp")?)?;
    if verified.claims.contains_key("nonce") {
        return Err(OidcError::Logout("has a nonce, as ID tokens have"));
    }
    let event = verified.claims.get("events").and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) {
        return Err(OidcError::Logout("does not say that it is about a logout (events)"));
    }
    let given = |claim: &'static str| match verified.claims.get(claim) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 1024 => Ok(Some(text.clone())),
        Some(_) => Err(OidcError::Claim { token: TOKEN, claim }),
    };
    let (subject, sid) = (given("sub")?, given("sid")?);
    if subject.is_none() && sid.is_none() {
        return Err(OidcError::Logout("names neither a person (sub) nor a session (sid)"));
    }
    let jti = claims.text("jti")?.to_owned();
    if jti.len() > 1024 {
        return Err(OidcError::Claim { token: TOKEN, claim: "jti" });
    }
    // No later than it could pass the check of its age.
    let replay_until = issued.plus(Duration::from_secs(10 * 60)).plus(2 * settings.clock_skew);
    Ok(LogoutToken { subject, sid, jti, replay_until })
}

/// Where to send a browser whose session here has ended, so that it ends there as well (RP-Initiated Logout 1.0, 2).
pub fn end_session_url(
    provider: &Provider,
    client_id: &str,
    id_token_hint: Option<&str>,
    post_logout_redirect_uri: &str,
    state: &str,
) -> Option<String> {
    let mut url = Url::parse(provider.end_session_endpoint.as_deref()?).ok()?;
    {
        let mut query = url.query_pairs_mut();
        if let Some(hint) = id_token_hint {
            query.append_pair("id_token_hint", hint);
        }
        query
            .append_pair("client_id", client_id)
            .append_pair("post_logout_redirect_uri", post_logout_redirect_uri)
            .append_pair("state", state);
    }
    Some(url.into())
}
