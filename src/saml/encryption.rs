//! Decrypts an EncryptedAssertion: RSA-OAEP carries the key, AES-GCM or AES-CBC the content.
//! Owns no decision about trust: what comes out is as untrusted as what came in.

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{self, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512, OaepAlgorithm,
};
use roxmltree::Node;
use zeroize::Zeroizing;

use super::error::SamlError;
use super::keys::SpKey;
use super::xml::{DS, XENC, attribute, base64_text, child, children, is, only_child, shown, value};

const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// Keys for more recipients than this are not tried: each costs an RSA operation.
const MAX_ENCRYPTED_KEYS: usize = 4;
const BLOCK: usize = 16;

/// How the content is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Gcm,
    Cbc,
}

/// An EncryptedAssertion, understood but not decrypted.
pub(crate) struct Sealed {
    pub(crate) mode: Mode,
    key_length: usize,
    content: Vec<u8>,
    keys: Vec<(&'static OaepAlgorithm, Vec<u8>)>,
}

/// What came out. With CBC nothing yet says that it is what went in.
pub(crate) struct Opened {
    pub(crate) plaintext: Zeroizing<Vec<u8>>,
    /// Whether the CBC padding was right. Looked at last, so that a wrong one takes the way of any other wrong content.
    pub(crate) padding_fits: bool,
}

impl Sealed {
    /// Reads the algorithms and the ciphertexts. Errors from here depend on nothing secret.
    pub(crate) fn read(encrypted_assertion: Node) -> Result<Self, SamlError> {
        let data = only_child(encrypted_assertion, XENC, "EncryptedData")?
            .ok_or(SamlError::Missing { what: "EncryptedData" })?;
        if attribute(data, "Type").is_some_and(|kind| kind != "http://www.w3.org/2001/04/xmlenc#Element") {
            return Err(SamlError::EncryptionAlgorithm { found: "another Type than Element".to_owned() });
        }
        let (mode, key_length) = match algorithm(data)? {
            "http://www.w3.org/2009/xmlenc11#aes128-gcm" => (Mode::Gcm, 16),
            "http://www.w3.org/2009/xmlenc11#aes192-gcm" => (Mode::Gcm, 24),
            "http://www.w3.org/2009/xmlenc11#aes256-gcm" => (Mode::Gcm, 32),
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => (Mode::Cbc, 16),
            "http://www.w3.org/2001/04/xmlenc#aes192-cbc" => (Mode::Cbc, 24),
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => (Mode::Cbc, 32),
            other => return Err(SamlError::EncryptionAlgorithm { found: shown(other) }),
        };
        // The key stands inside the data's KeyInfo, or beside the data (Shibboleth).
        let inside = child(data, DS, "KeyInfo").into_iter().flat_map(|info| children(info, XENC, "EncryptedKey"));
        let beside = children(encrypted_assertion, XENC, "EncryptedKey");
        let keys: Vec<_> =
            inside.chain(beside).take(MAX_ENCRYPTED_KEYS).map(encrypted_key).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(SamlError::Missing { what: "EncryptedKey" });
        }
        Ok(Self { mode, key_length, content: cipher_value(data)?, keys })
    }

    /// Tries every carried key with every key of ours. One error for whatever goes wrong.
    pub(crate) fn open(&self, ours: &[SpKey]) -> Result<Opened, SamlError> {
        for (oaep, carried) in &self.keys {
            for key in ours {
                let mut buffer = Zeroizing::new(vec![0; key.decrypting().min_output_size()]);
                let Ok(content_key) = key.decrypting().decrypt(oaep, carried, &mut buffer, None) else { continue };
                if content_key.len() != self.key_length {
                    continue;
                }
                let opened = match self.mode {
                    Mode::Gcm => self.open_gcm(content_key),
                    Mode::Cbc => self.open_cbc(content_key),
                };
                if let Some(opened) = opened {
                    return Ok(opened);
                }
            }
        }
        Err(SamlError::Undecryptable)
    }

    fn open_gcm(&self, key: &[u8]) -> Option<Opened> {
        let algorithm = match self.key_length {
            16 => &aead::AES_128_GCM,
            24 => &aead::AES_192_GCM,
            _ => &aead::AES_256_GCM,
        };
        let (nonce, sealed) = self.content.split_at_checked(aead::NONCE_LEN)?;
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
        let mut plaintext = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let length = key.open_in_place(nonce, Aad::empty(), &mut plaintext).ok()?.len();
        plaintext.truncate(length);
        Some(Opened { plaintext, padding_fits: true })
    }

    fn open_cbc(&self, key: &[u8]) -> Option<Opened> {
        let algorithm = match self.key_length {
            16 => &cipher::AES_128,
            24 => &cipher::AES_192,
            _ => &cipher::AES_256,
        };
        let (iv, sealed) = self.content.split_at_checked(BLOCK)?;
        if sealed.is_empty() || !sealed.len().is_multiple_of(BLOCK) {
            return None;
        }
        let iv = FixedLength::<BLOCK>::try_from(iv).ok()?;
        let key = DecryptingKey::cbc(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
        let mut plaintext = Zeroizing::new(sealed.to_vec());
        key.decrypt(&mut plaintext, DecryptionContext::Iv128(iv)).ok()?;
        // XML Encryption 5.2.1: the last byte counts the padding, the others are arbitrary.
        let padding = usize::from(*plaintext.last()?);
        let padding_fits = (1..=BLOCK).contains(&padding);
        let length = plaintext.len() - if padding_fits { padding } else { 0 };
        plaintext.truncate(length);
        Some(Opened { plaintext, padding_fits })
    }
}

fn algorithm<'a>(encrypted: Node<'a, '_>) -> Result<&'a str, SamlError> {
    let method =
        only_child(encrypted, XENC, "EncryptionMethod")?.ok_or(SamlError::Missing { what: "EncryptionMethod" })?;
    Ok(attribute(method, "Algorithm").unwrap_or(""))
}

/// The bytes that stand in the document. A CipherReference is never followed.
fn cipher_value(encrypted: Node) -> Result<Vec<u8>, SamlError> {
    let data = only_child(encrypted, XENC, "CipherData")?.ok_or(SamlError::Missing { what: "CipherData" })?;
    let cipher = only_child(data, XENC, "CipherValue")?.ok_or(SamlError::Missing { what: "CipherValue" })?;
    base64_text(value(cipher, "CipherValue")?).ok_or(SamlError::Structured { what: "CipherValue".to_owned() })
}

fn encrypted_key(key: Node) -> Result<(&'static OaepAlgorithm, Vec<u8>), SamlError> {
    let uri = algorithm(key)?;
    let method = only_child(key, XENC, "EncryptionMethod")?.ok_or(SamlError::Missing { what: "EncryptionMethod" })?;
    let refused = |found: String| Err(SamlError::EncryptionAlgorithm { found });
    let mut digest = "http://www.w3.org/2000/09/xmldsig#sha1";
    let mut mask = "http://www.w3.org/2009/xmlenc11#mgf1sha1";
    for parameter in method.children().filter(Node::is_element) {
        let algorithm = attribute(parameter, "Algorithm").unwrap_or("");
        if is(parameter, DS, "DigestMethod") {
            digest = algorithm;
        } else if is(parameter, XENC11, "MGF") && uri == "http://www.w3.org/2009/xmlenc11#rsa-oaep" {
            mask = algorithm;
        } else if !is(parameter, XENC, "KeySize") {
            return refused(format!("RSA-OAEP with {}", shown(parameter.tag_name().name())));
        }
    }
    if uri != "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" && uri != "http://www.w3.org/2009/xmlenc11#rsa-oaep" {
        return refused(shown(uri));
    }
    let oaep = match (digest, mask) {
        ("http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2009/xmlenc11#mgf1sha1") => &OAEP_SHA1_MGF1SHA1,
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2009/xmlenc11#mgf1sha256") => {
            &OAEP_SHA256_MGF1SHA256
        }
        ("http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2009/xmlenc11#mgf1sha384") => {
            &OAEP_SHA384_MGF1SHA384
        }
        ("http://www.w3.org/2001/04/xmlenc#sha512", "http://www.w3.org/2009/xmlenc11#mgf1sha512") => {
            &OAEP_SHA512_MGF1SHA512
        }
        (digest, mask) => return refused(format!("RSA-OAEP with digest {} and mask {}", shown(digest), shown(mask))),
    };
    Ok((oaep, cipher_value(key)?))
}
