use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::Value;

use super::{OidcError, json};

/// The largest key set that is read, in bytes.
pub const MAX_KEYS: usize = 256 * 1024;
/// How many keys of a set are looked at.
const MOST: usize = 100;

/// The keys of a provider that can verify a signature. Everything else in its key set is passed over: other types, keys for
/// encryption, RSA below 2048 bits, and keys whose private half somebody has published.
#[derive(Clone, Debug)]
pub struct Keys(Vec<Key>);

#[derive(Clone)]
pub(super) struct Key {
    kid: Option<String>,
    family: Family,
    /// The only algorithm it is for, if it says so.
    algorithm: Option<String>,
    decoding: DecodingKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({:?}, {:?})", self.kid, self.family)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Family {
    fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512 => Some(Self::Rsa),
            Algorithm::ES256 => Some(Self::P256),
            Algorithm::ES384 => Some(Self::P384),
            Algorithm::EdDSA => Some(Self::Ed25519),
            // A shared secret: whoever can verify could also sign.
            _ => None,
        }
    }
}

/// Which key a token means.
pub(super) enum Chosen<'a> {
    One(&'a DecodingKey),
    None,
    Several,
}

impl Keys {
    /// Whether there is a key of this id.
    pub fn knows(&self, kid: &str) -> bool {
        self.0.iter().any(|key| key.kid.as_deref() == Some(kid))
    }

    /// The key for a token's header. Without a key id, only if there is no choice (OpenID Connect Core 10.1).
    pub(super) fn choose(&self, kid: Option<&str>, algorithm: Algorithm, word: &str) -> Chosen<'_> {
        let Some(family) = Family::of(algorithm) else { return Chosen::None };
        let mut fitting = self.0.iter().filter(|key| {
            let named = kid.is_none_or(|kid| key.kid.as_deref() == Some(kid));
            named && key.family == family && key.algorithm.as_deref().is_none_or(|only| only == word)
        });
        match (fitting.next(), fitting.next()) {
            (None, _) => Chosen::None,
            (Some(key), None) => Chosen::One(&key.decoding),
            (Some(_), Some(_)) => Chosen::Several,
        }
    }
}

/// Reads a key set (RFC 7517 §5).
pub fn read_keys(bytes: &[u8]) -> Result<Keys, OidcError> {
    if bytes.len() > MAX_KEYS {
        return Err(OidcError::KeysUnreadable);
    }
    let document = json::object(bytes).ok_or(OidcError::KeysUnreadable)?;
    let all = document.get("keys").and_then(Value::as_array).ok_or(OidcError::KeysUnreadable)?;
    let keys: Vec<Key> = all.iter().take(MOST).filter_map(key).collect();
    if keys.is_empty() {
        return Err(OidcError::NoUsableKey(if all.is_empty() {
            "there is none"
        } else {
            "none is for signatures we accept"
        }));
    }
    Ok(Keys(keys))
}

fn key(value: &Value) -> Option<Key> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let for_signatures = text("use").is_none_or(|is| is == "sig");
    let may_verify = value
        .get("key_ops")
        .and_then(Value::as_array)
        .is_none_or(|operations| operations.iter().any(|operation| operation.as_str() == Some("verify")));
    // A private key that is published is anybody's.
    let private = ["d", "p", "q", "k"].iter().any(|name| value.get(*name).is_some());
    if !for_signatures || !may_verify || private {
        return None;
    }
    let bytes = |name: &str| text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok());
    let (family, decoding) = match (text("kty")?, text("crv")) {
        ("RSA", None) => {
            let (modulus, exponent) = (bytes("n")?, bytes("e")?);
            let modulus: Vec<u8> = modulus.into_iter().skip_while(|byte| *byte == 0).collect();
            let bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
            if !(2048..=8192).contains(&bits) || exponent.len() > 8 {
                return None;
            }
            (Family::Rsa, DecodingKey::from_rsa_raw_components(&modulus, &exponent))
        }
        ("EC", Some(curve)) => {
            let (family, length) = match curve {
                "P-256" => (Family::P256, 32),
                "P-384" => (Family::P384, 48),
                _ => return None,
            };
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != length || y.len() != length {
                return None;
            }
            let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
            (family, DecodingKey::from_ec_components(&encode(&x), &encode(&y)).ok()?)
        }
        ("OKP", Some("Ed25519")) => {
            let x = bytes("x").filter(|x| x.len() == 32)?;
            (Family::Ed25519, DecodingKey::from_ed_components(&URL_SAFE_NO_PAD.encode(x)).ok()?)
        }
        _ => return None,
    };
    Some(Key { kid: text("kid").map(str::to_owned), family, algorithm: text("alg").map(str::to_owned), decoding })
}

/// Our own key for `private_key_jwt` (RFC 7523 §2.2): P-256.
pub struct ClientKey {
    kid: String,
    encoding: EncodingKey,
    public: Vec<u8>,
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClientKey({:?})", self.kid)
    }
}

impl ClientKey {
    /// From PKCS#8, DER.
    pub fn from_pkcs8(kid: &str, der: &[u8]) -> Result<Self, OidcError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map_err(|_| OidcError::ClientKey)?;
        let public = pair.public_key().as_ref().to_vec();
        Ok(Self { kid: kid.to_owned(), encoding: EncodingKey::from_ec_der(der), public })
    }

    pub(super) fn sign(&self, claims: &Value) -> Result<String, OidcError> {
        let mut header = jsonwebtoken::Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.encoding).map_err(|_| OidcError::ClientKey)
    }

    /// The public half as a JWK.
    pub fn jwk(&self) -> Value {
        // An uncompressed point (SEC 1 §2.3.3): 0x04, x, y.
        let (x, y) = self.public.get(1..).unwrap_or_default().split_at(self.public.len() / 2);
        serde_json::json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        })
    }
}
