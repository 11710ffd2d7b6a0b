use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{self, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::claims::Claims;
use super::error::short;
use super::facts;
use super::jws;
use super::{Keys, OidcError, Tokens};
use crate::clock::Timestamp;
use crate::connection::{Connection, OidcSettings};

const TOKEN: &str = "ID token";
const SECOND: Duration = Duration::from_secs(1);

/// What a verified ID token went through, in order, as an admin reads it.
pub const CHECKS: &[&str] = &[
    "state, browser and code (PKCE)",
    "signature of the ID token",
    "issuer",
    "audience",
    "times",
    "nonce",
    "access token",
    "subject",
    "authentication",
    "e-mail and groups",
];

/// A verified ID token (OpenID Connect Core 3.1.3.7).
#[derive(Clone)]
pub struct IdToken {
    pub(super) claims: Map<String, Value>,
    subject: String,
}

impl std::fmt::Debug for IdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdToken(..)")
    }
}

impl IdToken {
    /// The provider's name for the person.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The provider's own session, for logouts that reach us.
    pub fn sid(&self) -> Option<&str> {
        self.claims.get("sid").and_then(Value::as_str).filter(|sid| !sid.is_empty() && sid.len() <= 1024)
    }

    /// Whether address or groups are not in it, so that asking the userinfo endpoint is worth a call.
    pub fn lacks(&self, connection: &Connection) -> bool {
        facts::lacks(connection, &self.claims)
    }
}

/// The sign-in that an ID token has to answer.
#[derive(Clone, Copy)]
pub struct Awaited<'a> {
    /// Ours; the token has to name it.
    pub nonce: &'a str,
    /// When the browser was sent to the provider.
    pub asked_at: Timestamp,
}

impl std::fmt::Debug for Awaited<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Awaited({})", self.asked_at)
    }
}

/// Verifies an ID token that came with an access token from the token endpoint.
pub fn verify_id_token(
    settings: &OidcSettings,
    keys: &Keys,
    tokens: &Tokens,
    awaited: &Awaited<'_>,
    now: Timestamp,
) -> Result<IdToken, OidcError> {
    let verified = jws::verify(TOKEN, tokens.id_token(), keys)?;
    // A token made for another use by the same keys (RFC 8725 §3.11).
    let typ = verified.typ.as_deref().map(str::to_ascii_lowercase).unwrap_or_default();
    if typ.ends_with("logout+jwt") || typ.ends_with("at+jwt") {
        return Err(OidcError::Header { token: TOKEN, what: "it is a token for another use" });
    }
    let claims = Claims { token: TOKEN, all: &verified.claims };
    let audience = claims.check_parties(settings)?;
    // Rules 3 to 5: other audiences only where the token says that it was given to us.
    let party = match verified.claims.get("azp") {
        None | Some(Value::Null) => None,
        Some(_) => Some(claims.text("azp")?),
    };
    if party.is_some_and(|party| party != settings.client_id) || (party.is_none() && audience.len() > 1) {
        let found = party.map_or_else(|| "missing".to_owned(), short);
        return Err(OidcError::AuthorizedParty { expected: settings.client_id.clone(), found });
    }
    let expires = claims.needed_time("exp")?;
    claims.check_times(settings, now, Some(expires))?;
    if verify_slices_are_equal(claims.text("nonce")?.as_bytes(), awaited.nonce.as_bytes()).is_err() {
        return Err(OidcError::Nonce);
    }
    if verified.claims.contains_key("at_hash") {
        check_access_token(claims.text("at_hash")?, verified.algorithm, tokens.access_token())?;
    }
    let subject = claims.subject()?.to_owned();
    check_authentication(settings, &claims, awaited.asked_at)?;
    Ok(IdToken { subject, claims: verified.claims })
}

/// The left half of the hash that the token's own algorithm uses (OpenID Connect Core 3.1.3.6).
fn check_access_token(at_hash: &str, algorithm: Algorithm, access_token: &str) -> Result<(), OidcError> {
    let hash = match algorithm {
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => &digest::SHA384,
        // Ed25519 is defined with SHA-512.
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => &digest::SHA512,
        _ => &digest::SHA256,
    };
    let hash = digest(hash, access_token.as_bytes());
    let expected = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]);
    verify_slices_are_equal(expected.as_bytes(), at_hash.as_bytes()).map_err(|_| OidcError::AccessTokenHash)
}

/// What the connection asks for beyond somebody being signed in.
fn check_authentication(settings: &OidcSettings, claims: &Claims<'_>, asked_at: Timestamp) -> Result<(), OidcError> {
    let authenticated = claims.time("auth_time")?;
    if settings.force_authn {
        let at = authenticated.ok_or(OidcError::Claim { token: TOKEN, claim: "auth_time" })?;
        // Whole seconds: what was done in the second of our request was done after it.
        if at.plus(settings.clock_skew).plus(SECOND) <= asked_at {
            return Err(OidcError::AuthenticatedBefore { at: at.to_string() });
        }
    }
    if let Some(expected) = &settings.acr {
        let found = claims.text("acr").unwrap_or_default();
        if found != expected {
            return Err(OidcError::Context { expected: expected.clone(), found: short(found) });
        }
    }
    Ok(())
}
