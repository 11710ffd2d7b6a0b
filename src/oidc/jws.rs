//! A compact JWS (RFC 7515 §7.1), verified before anything in it is read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::error::short;
use super::keys::{Chosen, Keys};
use super::{OidcError, json};

/// The longest token that is looked at, in bytes: 10,000 groups do not fit, and no provider sends so many.
const MAX_TOKEN: usize = 256 * 1024;

/// The algorithms accepted. `none` and shared secrets (HS*) are not among them, whatever a header or a document says. Ed25519 is
/// EdDSA by its newer name (RFC 9864).
const ALGORITHMS: [(&str, Algorithm); 10] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
    ("Ed25519", Algorithm::EdDSA),
];

/// A verified token.
pub(super) struct Verified {
    pub(super) claims: Map<String, Value>,
    /// Its name in the header, for `at_hash`.
    pub(super) algorithm: Algorithm,
    pub(super) typ: Option<String>,
}

/// Header and payload of a token, believed in nothing: to be shown to the admin who wonders why it was turned away.
pub(super) fn read_unverified(token: &str) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let mut parts = token.split('.').take(2).map(|part| json::object(&URL_SAFE_NO_PAD.decode(part).ok()?));
    (token.len() <= MAX_TOKEN).then_some((parts.next()??, parts.next()??))
}

/// Verifies the signature of a token by the provider's keys and reads its payload. Where a header says which key to use (`jku`,
/// `jwk`, `x5u`, `x5c`), it is not listened to.
pub(super) fn verify(what: &'static str, token: &str, keys: &Keys) -> Result<Verified, OidcError> {
    if token.len() > MAX_TOKEN {
        return Err(OidcError::NotAJws(what));
    }
    let (message, signature) = token.rsplit_once('.').ok_or(OidcError::NotAJws(what))?;
    let (header, payload) = message.split_once('.').ok_or(OidcError::NotAJws(what))?;
    if payload.contains('.') {
        return Err(OidcError::NotAJws(what));
    }
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| OidcError::NotAJws(what));
    // The signature is decoded once more below; here it is the one spelling of its bytes that is accepted.
    decode(signature)?;
    let unreadable = OidcError::Header { token: what, what: "it is no JSON object" };
    let header = json::object(&decode(header)?).ok_or(unreadable)?;
    if header.contains_key("crit") {
        return Err(OidcError::Header { token: what, what: "it has critical parameters" });
    }
    if header.contains_key("b64") || header.contains_key("cty") || header.contains_key("enc") {
        return Err(OidcError::Header { token: what, what: "it holds something other than claims" });
    }
    let word = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let Some((_, algorithm)) = ALGORITHMS.into_iter().find(|(known, _)| *known == word) else {
        return Err(OidcError::Algorithm { token: what, found: short(word) });
    };
    let kid = match header.get("kid") {
        None | Some(Value::Null) => None,
        Some(Value::String(kid)) => Some(kid.as_str()),
        Some(_) => return Err(OidcError::Header { token: what, what: "its key id is no text" }),
    };
    let key = match keys.choose(kid, algorithm, word) {
        Chosen::One(key) => key,
        Chosen::None => return Err(OidcError::UnknownKey { token: what }),
        Chosen::Several => return Err(OidcError::AmbiguousKey { token: what }),
    };
    match jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, algorithm) {
        Ok(true) => {}
        Ok(false) | Err(_) => return Err(OidcError::Signature { token: what }),
    }
    let claims = json::object(&decode(payload)?).ok_or(OidcError::Payload(what))?;
    let typ = header.get("typ").and_then(Value::as_str).map(str::to_owned);
    Ok(Verified { claims, algorithm, typ })
}
