//! Checks the signed identity header as an application should: against the gateway's key set, for its own address, and fresh.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

/// A signed header that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The key that signed it.
    pub key: String,
    /// What it says, as JSON to read.
    pub claims: String,
}

/// Why it is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The gateway sent none.
    #[error("The gateway sent no signed header.")]
    Missing,
    /// Not a key set.
    #[error("The gateway's key set cannot be read.")]
    KeySet,
    /// Not a token, or without a key id.
    #[error("The header is no signed token.")]
    NotAToken,
    /// Signed by a key the gateway does not publish.
    #[error("It was signed with a key that the gateway does not publish.")]
    UnknownKey,
    /// Signature, audience or time.
    #[error("It does not hold: {0}.")]
    Invalid(jsonwebtoken::errors::Error),
    /// Longer valid than such a header may be, or it does not say.
    #[error("It is valid for longer than a minute.")]
    TooLong,
}

/// Verifies `token` with the keys of `key_set` for the application at `audience`.
pub fn verify(token: &str, key_set: &[u8], audience: &str) -> Result<Proof, ProofError> {
    let keys: JwkSet = serde_json::from_slice(key_set).map_err(|_| ProofError::KeySet)?;
    let key = decode_header(token).ok().and_then(|header| header.kid).ok_or(ProofError::NotAToken)?;
    let published = keys.find(&key).ok_or(ProofError::UnknownKey)?;
    let decoding = DecodingKey::from_jwk(published).map_err(|_| ProofError::KeySet)?;
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["exp", "aud", "sub"]);
    rules.leeway = 5;
    let claims = decode::<serde_json::Value>(token, &decoding, &rules).map_err(ProofError::Invalid)?.claims;
    let moment = |name: &str| claims.get(name).and_then(serde_json::Value::as_i64);
    match (moment("iat"), moment("exp")) {
        (Some(from), Some(until)) if until.saturating_sub(from) <= 60 => {}
        _ => return Err(ProofError::TooLong),
    }
    Ok(Proof { key, claims: serde_json::to_string_pretty(&claims).unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use rcgen::PublicKeyData as _;
    use serde_json::{Value, json};

    use super::*;
    use crate::clock::{Clock as _, SystemClock};

    const AUDIENCE: &str = "http://127.0.0.1:8082";

    struct Gateway {
        key: EncodingKey,
        key_set: Vec<u8>,
    }

    fn gateway() -> Gateway {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key");
        let point = pair.der_bytes();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
        let key = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k1", "x": x, "y": y});
        Gateway {
            key: EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).expect("PKCS#8"),
            key_set: json!({"keys": [key]}).to_string().into_bytes(),
        }
    }

    fn claims() -> Value {
        let now = SystemClock.now().as_seconds();
        json!({"sub": "1", "aud": AUDIENCE, "iat": now, "exp": now + 60, "role": "admin"})
    }

    fn token(gateway: &Gateway, key_id: &str, claims: &Value) -> String {
        let header = Header { kid: Some(key_id.to_owned()), ..Header::new(Algorithm::ES256) };
        encode(&header, claims, &gateway.key).expect("a token")
    }

    #[test]
    fn a_fresh_token_for_this_application_is_believed() {
        let gateway = gateway();
        let proof = verify(&token(&gateway, "k1", &claims()), &gateway.key_set, AUDIENCE).expect("verified");
        assert_eq!(proof.key, "k1");
        assert!(proof.claims.contains("\"role\": \"admin\""), "{}", proof.claims);
    }

    #[test]
    fn a_token_of_another_key_place_or_time_is_not() {
        let (gateway, other) = (gateway(), gateway());
        let with = |name: &str, value: Value| {
            let mut claims = claims();
            claims[name] = value;
            token(&gateway, "k1", &claims)
        };
        let now = SystemClock.now().as_seconds();
        let good = token(&gateway, "k1", &claims());
        let (head, rest) = good.split_once('.').expect("three parts");
        let (_, signature) = rest.split_once('.').expect("three parts");
        let owner = URL_SAFE_NO_PAD.encode(claims().to_string().replace("admin", "owner"));
        let none = format!("{}.{owner}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"k1"}"#));
        let refused = |token: &str| verify(token, &gateway.key_set, AUDIENCE).expect_err("refused");
        assert!(matches!(refused(&token(&other, "k1", &claims())), ProofError::Invalid(_)));
        assert!(matches!(refused(&token(&gateway, "k2", &claims())), ProofError::UnknownKey));
        assert!(matches!(refused(&with("aud", json!("http://127.0.0.1:8083"))), ProofError::Invalid(_)));
        assert!(matches!(refused(&with("exp", json!(now - 30))), ProofError::Invalid(_)));
        assert!(matches!(refused(&with("exp", json!(now + 3600))), ProofError::TooLong));
        assert!(matches!(refused(&with("iat", Value::Null)), ProofError::TooLong));
        assert!(matches!(refused(&format!("{head}.{owner}.{signature}")), ProofError::Invalid(_)));
        assert!(matches!(refused(&none), ProofError::NotAToken | ProofError::Invalid(_)));
        assert!(matches!(refused("-"), ProofError::NotAToken));
        assert!(matches!(verify(&good, b"<html>", AUDIENCE), Err(ProofError::KeySet)));
    }
}
