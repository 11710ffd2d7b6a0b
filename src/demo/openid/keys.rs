//! What the demo's OpenID provider signs with: one key of each kind, those of before the last rotation, and which is in use.
//! Writes tokens; what is in them is not its business.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{AnyRef, UintRef};

use super::super::issuer::IssuerKey;
use super::super::keys::KeysError;
use crate::secrets;

/// The algorithms it can sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, PKCS#1 v1.5, SHA-256.
    Rs256,
    /// RSA, PSS, SHA-256.
    Ps256,
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// All of them, in the order of the page; the first is in use at the start.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// Its name in a token's header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One key of each kind.
struct Generation {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
    /// Ends the key ids.
    mark: String,
}

/// The keys as they are now.
pub struct KeySet {
    current: Generation,
    /// The public halves of the generation before, published so that tokens on their way still count.
    previous: Vec<Value>,
    /// What new tokens are signed with.
    pub algorithm: Algorithm,
}

impl KeySet {
    /// Makes the first generation.
    pub fn generate() -> Result<Self, KeysError> {
        Ok(Self { current: Generation::new()?, previous: Vec::new(), algorithm: Algorithm::ALL[0] })
    }

    /// Makes new keys; those until now are only published from here on, and those before them are not any more.
    pub fn rotate(&mut self) -> Result<(), KeysError> {
        let before = std::mem::replace(&mut self.current, Generation::new()?);
        self.previous = before.public().to_vec();
        Ok(())
    }

    /// The id of the key that new tokens are signed with.
    pub fn key_id(&self) -> String {
        self.current.key_id(self.algorithm)
    }

    /// The public halves (RFC 7517).
    pub fn published(&self) -> Value {
        let keys: Vec<Value> = self.current.public().into_iter().chain(self.previous.iter().cloned()).collect();
        json!({ "keys": keys })
    }

    /// A compact JWS (RFC 7515 §7.1) of a type over these claims.
    pub fn sign(&self, kind: &str, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm.as_str(), "kid": self.key_id(), "typ": kind });
        let message = format!("{}.{}", part(&header), part(claims));
        let signature = self.current.sign(self.algorithm, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Generation {
    fn new() -> Result<Self, KeysError> {
        let mark = secrets::random::<4>().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeysError::Generate)?,
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| KeysError::Generate)?,
            ed25519: Ed25519KeyPair::generate().map_err(|_| KeysError::Generate)?,
            mark,
        })
    }

    fn key_id(&self, algorithm: Algorithm) -> String {
        let kind = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => "rsa",
            Algorithm::Es256 => "p256",
            Algorithm::EdDsa => "ed25519",
        };
        format!("{kind}-{}", self.mark)
    }

    fn public(&self) -> [Value; 3] {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (modulus, exponent) = rsa_parts(self.rsa.public_key().as_ref()).unwrap_or_default();
        // An uncompressed point (SEC 1 2.3.3): 0x04, x, y.
        let point = self.p256.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at(point.len() / 2);
        let id = |algorithm| self.key_id(algorithm);
        [
            // No "alg": this one key signs by two.
            json!({ "kty": "RSA", "use": "sig", "kid": id(Algorithm::Rs256), "n": text(&modulus), "e": text(&exponent) }),
            json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id(Algorithm::Es256), "x": text(x), "y": text(y) }),
            json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": id(Algorithm::EdDsa), "x": text(self.ed25519.public_key().as_ref()) }),
        ]
    }

    #[expect(clippy::disallowed_methods, reason = "RSA-PSS and ECDSA draw a salt or nonce inside the library")]
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |padding| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa.sign(padding, &random, message, &mut signature).expect("a generated RSA key signs");
            signature
        };
        match algorithm {
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
            Algorithm::Es256 => {
                self.p256.sign(&random, message).expect("a generated ECDSA key signs").as_ref().to_vec()
            }
            Algorithm::EdDsa => self.ed25519.sign(message).as_ref().to_vec(),
        }
    }
}

/// Modulus and exponent of an RSAPublicKey (RFC 8017 A.1.1).
fn rsa_parts(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let parts = AnyRef::from_der(der).ok()?.sequence(|reader| {
        let (modulus, exponent) = (UintRef::decode(reader)?, UintRef::decode(reader)?);
        Ok((modulus.as_bytes().to_vec(), exponent.as_bytes().to_vec()))
    });
    parts.ok()
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// A token that claims to need no signature: a fault.
pub fn unsigned(claims: &Value) -> String {
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims))
}

/// A token signed with a key that is in no key set: a fault.
pub fn signed_by(stranger: &IssuerKey, claims: &Value) -> String {
    let header = json!({ "alg": "RS256", "kid": "rsa-nobody-knows", "typ": "JWT" });
    let message = format!("{}.{}", part(&header), part(claims));
    let signature = stranger.sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The same token with one character of its signature changed: a fault.
pub fn with_a_broken_signature(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{message}.{first}{}", signature.get(1..).unwrap_or_default())
}

/// Header and payload of a token to read; nothing is verified.
pub fn readable(token: &str) -> String {
    let shown = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        let json: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        serde_json::to_string_pretty(&json).unwrap_or_default()
    };
    let mut parts = token.split('.');
    let (header, payload) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let signature = parts.next().filter(|signature| !signature.is_empty()).unwrap_or("(no signature)");
    format!("{}\n.\n{}\n.\n{signature}", shown(header), shown(payload))
}
