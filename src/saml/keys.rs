//! Keys: the identity provider's, taken from its certificates, and our own.
//! RSA from 2048 bits and the NIST curves; a certificate is a wrapper around a key here, never a link of a chain.

use std::sync::Arc;

use aws_lc_rs::rsa::{OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{
    self, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaKeyPair, VerificationAlgorithm,
};
use aws_lc_rs::{digest, rand};
use x509_cert::Certificate;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::{Decode, Encode, Reader, SliceReader};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::connection::IdpCertificate;

/// A hash function of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) fn of(self, bytes: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, bytes)
    }
}

/// A signature algorithm that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    Rsa(Hash),
    /// ECDSA, r and s side by side.
    Ecdsa(Hash),
}

impl Scheme {
    /// By its XML-DSig name; SHA-1, HMAC, DSA and PSS have none here.
    pub(crate) fn from_uri(uri: &str) -> Option<Self> {
        Some(match uri {
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => Self::Rsa(Hash::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => Self::Rsa(Hash::Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => Self::Rsa(Hash::Sha512),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => Self::Ecdsa(Hash::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => Self::Ecdsa(Hash::Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512" => Self::Ecdsa(Hash::Sha512),
            _ => return None,
        })
    }
}

/// Why a certificate is not one we verify with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not X.509.
    #[error("it is not an X.509 certificate")]
    NotX509,
    /// A key of another kind.
    #[error("its key is neither RSA nor on the curve P-256, P-384 or P-521 (algorithm {algorithm})")]
    KeyType {
        /// The algorithm's OID.
        algorithm: String,
    },
    /// An RSA key that is too small or too large.
    #[error("its RSA key has {bits} bits; 2048 to 8192 are accepted")]
    RsaSize {
        /// Its size.
        bits: usize,
    },
    /// The key does not decode.
    #[error("its public key cannot be read")]
    Key,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyType {
    Rsa,
    P256,
    P384,
    P521,
}

/// A public key that may verify signatures.
#[derive(Debug)]
pub(crate) struct VerifyingKey {
    kind: KeyType,
    spki: Vec<u8>,
}

impl VerifyingKey {
    pub(crate) fn from_certificate(der: &[u8]) -> Result<Self, CertificateError> {
        let certificate = Certificate::from_der(der).map_err(|_| CertificateError::NotX509)?;
        Self::of(&certificate)
    }

    fn of(certificate: &Certificate) -> Result<Self, CertificateError> {
        let info = &certificate.tbs_certificate.subject_public_key_info;
        let algorithm = info.algorithm.oid.to_string();
        let curve =
            info.algorithm.parameters.as_ref().and_then(|p| p.decode_as::<x509_cert::spki::ObjectIdentifier>().ok());
        let kind = match (algorithm.as_str(), curve.map(|curve| curve.to_string()).as_deref()) {
            ("1.2.840.113549.1.1.1", _) => KeyType::Rsa,
            ("1.2.840.10045.2.1", Some("1.2.840.10045.3.1.7")) => KeyType::P256,
            ("1.2.840.10045.2.1", Some("1.3.132.0.34")) => KeyType::P384,
            ("1.2.840.10045.2.1", Some("1.3.132.0.35")) => KeyType::P521,
            (_, curve) => {
                return Err(CertificateError::KeyType { algorithm: curve.map(str::to_owned).unwrap_or(algorithm) });
            }
        };
        if kind == KeyType::Rsa {
            let bits = rsa_bits(info.subject_public_key.raw_bytes()).ok_or(CertificateError::Key)?;
            if !(2048..=8192).contains(&bits) {
                return Err(CertificateError::RsaSize { bits });
            }
        }
        let spki = info.to_der().map_err(|_| CertificateError::Key)?;
        let key = Self { kind, spki };
        let scheme = if kind == KeyType::Rsa { Scheme::Rsa(Hash::Sha256) } else { Scheme::Ecdsa(Hash::Sha256) };
        key.algorithm(scheme).and_then(|a| ParsedPublicKey::new(a, &key.spki).ok()).ok_or(CertificateError::Key)?;
        Ok(key)
    }

    fn algorithm(&self, scheme: Scheme) -> Option<&'static dyn VerificationAlgorithm> {
        Some(match (self.kind, scheme) {
            (KeyType::Rsa, Scheme::Rsa(Hash::Sha256)) => &RSA_PKCS1_2048_8192_SHA256,
            (KeyType::Rsa, Scheme::Rsa(Hash::Sha384)) => &RSA_PKCS1_2048_8192_SHA384,
            (KeyType::Rsa, Scheme::Rsa(Hash::Sha512)) => &RSA_PKCS1_2048_8192_SHA512,
            (KeyType::P256, Scheme::Ecdsa(Hash::Sha256)) => &signature::ECDSA_P256_SHA256_ASN1,
            (KeyType::P256, Scheme::Ecdsa(Hash::Sha384)) => &signature::ECDSA_P256_SHA384_ASN1,
            (KeyType::P256, Scheme::Ecdsa(Hash::Sha512)) => &signature::ECDSA_P256_SHA512_ASN1,
            (KeyType::P384, Scheme::Ecdsa(Hash::Sha256)) => &signature::ECDSA_P384_SHA256_ASN1,
            (KeyType::P384, Scheme::Ecdsa(Hash::Sha384)) => &signature::ECDSA_P384_SHA384_ASN1,
            (KeyType::P384, Scheme::Ecdsa(Hash::Sha512)) => &signature::ECDSA_P384_SHA512_ASN1,
            (KeyType::P521, Scheme::Ecdsa(Hash::Sha256)) => &signature::ECDSA_P521_SHA256_ASN1,
            (KeyType::P521, Scheme::Ecdsa(Hash::Sha384)) => &signature::ECDSA_P521_SHA384_ASN1,
            (KeyType::P521, Scheme::Ecdsa(Hash::Sha512)) => &signature::ECDSA_P521_SHA512_ASN1,
            (KeyType::Rsa, Scheme::Ecdsa(_)) | (KeyType::P256 | KeyType::P384 | KeyType::P521, Scheme::Rsa(_)) => {
                return None;
            }
        })
    }

    /// Whether this key made `signature` over `message`. A scheme of another key type never verifies.
    pub(crate) fn verifies(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        let Some(algorithm) = self.algorithm(scheme) else { return false };
        let field = match self.kind {
            KeyType::Rsa => {
                return signature::UnparsedPublicKey::new(algorithm, &self.spki).verify(message, signature).is_ok();
            }
            KeyType::P256 => 32,
            KeyType::P384 => 48,
            KeyType::P521 => 66,
        };
        // XML-DSig writes r and s side by side in the field's length; the library's variants for all hashes read DER.
        let Some(der) = (signature.len() == 2 * field).then(|| ecdsa_der(signature.split_at(field))).flatten() else {
            return false;
        };
        signature::UnparsedPublicKey::new(algorithm, &self.spki).verify(message, &der).is_ok()
    }
}

fn rsa_bits(pkcs1: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(pkcs1).ok()?;
    reader
        .sequence(|reader| {
            let modulus = UintRef::decode(reader)?;
            UintRef::decode(reader)?;
            let bytes = modulus.as_bytes();
            Ok(bytes.len() * 8 - bytes.first().map_or(0, |b| b.leading_zeros() as usize))
        })
        .ok()
}

fn ecdsa_der((r, s): (&[u8], &[u8])) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(r.len() + s.len() + 16);
    let r = UintRef::new(r).ok()?.to_der().ok()?;
    let s = UintRef::new(s).ok()?.to_der().ok()?;
    out.push(0x30);
    let length = r.len() + s.len();
    if length >= 0x80 {
        out.push(0x81);
    }
    out.push(u8::try_from(length).ok()?);
    out.extend(r);
    out.extend(s);
    Some(out)
}

/// Reads a certificate of an identity provider, and refuses one whose key could not verify anything.
pub fn read_certificate(der: &[u8]) -> Result<IdpCertificate, CertificateError> {
    let certificate = Certificate::from_der(der).map_err(|_| CertificateError::NotX509)?;
    VerifyingKey::of(&certificate)?;
    let validity = &certificate.tbs_certificate.validity;
    let moment = |time: &x509_cert::time::Time| {
        Timestamp::from_millis(i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX))
    };
    Ok(IdpCertificate {
        der: der.to_owned(),
        fingerprint: fingerprint(der),
        not_before: moment(&validity.not_before),
        not_after: moment(&validity.not_after),
    })
}

/// Reads one or more certificates from PEM, or one from bare base64, as admin consoles show them.
pub fn read_certificates_text(text: &str) -> Result<Vec<IdpCertificate>, CertificateError> {
    let bodies: Vec<String> = if text.contains("-----BEGIN") {
        let after_begin = text.split("-----BEGIN CERTIFICATE-----").skip(1);
        after_begin
            .filter_map(|part| part.split_once("-----END CERTIFICATE-----"))
            .map(|(body, _)| body.to_owned())
            .collect()
    } else {
        vec![text.to_owned()]
    };
    if bodies.is_empty() {
        return Err(CertificateError::NotX509);
    }
    bodies
        .iter()
        .map(|body| read_certificate(&super::xml::base64_text(body).ok_or(CertificateError::NotX509)?))
        .collect()
}

/// SHA-256 of a certificate, lower-case hex.
pub(crate) fn fingerprint(der: &[u8]) -> String {
    Hash::Sha256.of(der).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Our own key: signs requests and decrypts assertions. RSA, because encryption needs it.
#[derive(Clone)]
pub struct SpKey {
    private_key: Zeroizing<Vec<u8>>,
    certificate: Vec<u8>,
    signing: Arc<RsaKeyPair>,
    decrypting: Arc<OaepPrivateDecryptingKey>,
}

/// Why a key of ours cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpKeyError {
    /// Not PKCS#8, not RSA, or too small.
    #[error("the private key is not an RSA key of at least 2048 bits in PKCS#8")]
    PrivateKey,
    /// Not X.509.
    #[error("the certificate of our key is unusable: {0}")]
    Certificate(CertificateError),
    /// Two halves of different pairs.
    #[error("the certificate is of another key")]
    Mismatch,
    /// The key generator failed.
    #[error("no key could be generated")]
    Generate,
}

impl SpKey {
    /// Makes an RSA-2048 key with a self-signed certificate for `name`. Random values come from the library.
    pub fn generate(name: &str, not_before: Timestamp, not_after: Timestamp) -> Result<Self, SpKeyError> {
        let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
            .map_err(|_| SpKeyError::Generate)?;
        let certificate = self_signed(&pair, name, not_before, not_after).ok_or(SpKeyError::Generate)?;
        Self::from_der(&pair.serialize_der(), &certificate)
    }

    /// Reads a stored key: PKCS#8 and its certificate, both DER.
    pub fn from_der(private_key: &[u8], certificate: &[u8]) -> Result<Self, SpKeyError> {
        let signing = RsaKeyPair::from_pkcs8(private_key).map_err(|_| SpKeyError::PrivateKey)?;
        let decrypting = PrivateDecryptingKey::from_pkcs8(private_key)
            .map_err(|_| SpKeyError::PrivateKey)
            .and_then(|key| OaepPrivateDecryptingKey::new(key).map_err(|_| SpKeyError::PrivateKey))?;
        let parsed =
            Certificate::from_der(certificate).map_err(|_| SpKeyError::Certificate(CertificateError::NotX509))?;
        VerifyingKey::of(&parsed).map_err(SpKeyError::Certificate)?;
        let certified = parsed.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes();
        if certified != signing.public_key().as_ref() {
            return Err(SpKeyError::Mismatch);
        }
        Ok(Self {
            private_key: Zeroizing::new(private_key.to_owned()),
            certificate: certificate.to_owned(),
            signing: Arc::new(signing),
            decrypting: Arc::new(decrypting),
        })
    }

    /// The private key, PKCS#8 DER: to be sealed before it is stored.
    pub fn private_key_der(&self) -> &[u8] {
        &self.private_key
    }

    /// The certificate, DER.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate
    }

    /// RSA with SHA-256 over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.signing.public_modulus_len()];
        let signed = self.signing.sign(&signature::RSA_PKCS1_SHA256, &no_randomness(), message, &mut signature);
        signed.expect("an RSA key that was parsed signs, and the buffer has its length");
        signature
    }

    pub(crate) fn decrypting(&self) -> &OaepPrivateDecryptingKey {
        &self.decrypting
    }
}

impl std::fmt::Debug for SpKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpKey").field("certificate", &fingerprint(&self.certificate)).finish_non_exhaustive()
    }
}

/// PKCS#1 v1.5 signatures draw nothing; the interface asks for a source all the same.
#[expect(clippy::disallowed_methods, reason = "PKCS#1 v1.5 signatures are deterministic; the argument is not read")]
fn no_randomness() -> rand::SystemRandom {
    rand::SystemRandom::new()
}

/// A self-signed certificate over a key pair, DER.
pub(crate) fn self_signed(
    pair: &rcgen::KeyPair,
    name: &str,
    not_before: Timestamp,
    not_after: Timestamp,
) -> Option<Vec<u8>> {
    let day = |moment: Timestamp| {
        let date = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::from_second(moment.as_seconds()).ok()?).date();
        Some(rcgen::date_time_ymd(i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs()))
    };
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    parameters.not_before = day(not_before)?;
    parameters.not_after = day(not_after)?;
    Some(parameters.self_signed(pair).ok()?.der().to_vec())
}
