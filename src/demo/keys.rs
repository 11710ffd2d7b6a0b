//! What the demo identity provider signs with and what it shares with the gateway, made at the first start; and the random
//! values of its answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::saml;
use crate::secrets::{self, Token};

use super::issuer::{IssuerKey, KeyKind};

/// The keys of the identity provider and of the one who would like to be it.
pub struct IdpKeys {
    /// The key whose certificate the gateway knows.
    pub own: IssuerKey,
    /// A key that nobody knows.
    pub stranger: IssuerKey,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The generator failed.
    #[error("a signing key cannot be made")]
    Generate,
    /// Not what we wrote.
    #[error("{path} is not what a demo wrote there; remove the demo's folder to begin anew")]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("{path} cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

const NAME: &str = "Usher demo identity provider";
const DAY: Duration = Duration::from_secs(24 * 3600);

impl IdpKeys {
    /// Makes keys for a demo that is not kept.
    pub fn generate(now: Timestamp) -> Result<Self, KeysError> {
        let (key, certificate) = make(now)?;
        let own = IssuerKey::from_der(&key, certificate).ok_or(KeysError::Generate)?;
        Self::with_stranger(own, now)
    }

    /// Reads the key of a folder, or makes one there: the gateway's database in the folder knows its certificate.
    pub fn kept_in(folder: &Path, now: Timestamp) -> Result<Self, KeysError> {
        let (key_path, certificate_path) = (folder.join("demo-idp.key"), folder.join("demo-idp.crt"));
        let io = |path: &Path, source| KeysError::Io { path: path.to_owned(), source };
        let (key, certificate) = match std::fs::read(&key_path) {
            Ok(key) => {
                let certificate = std::fs::read(&certificate_path).map_err(|error| io(&certificate_path, error))?;
                (key, certificate)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let (key, certificate) = make(now)?;
                std::fs::write(&certificate_path, &certificate).map_err(|error| io(&certificate_path, error))?;
                // The folder is the owner's alone, and so is what is in it.
                std::fs::write(&key_path, &key).map_err(|error| io(&key_path, error))?;
                (key, certificate)
            }
            Err(error) => return Err(io(&key_path, error)),
        };
        let own = IssuerKey::from_der(&key, certificate).ok_or(KeysError::Format { path: key_path })?;
        Self::with_stranger(own, now)
    }

    fn with_stranger(own: IssuerKey, now: Timestamp) -> Result<Self, KeysError> {
        let stranger = IssuerKey::generate(KeyKind::Rsa, NAME, now.minus(DAY), now.plus(365 * DAY));
        Ok(Self { own, stranger: stranger.ok_or(KeysError::Generate)? })
    }
}

/// What the gateway and the identity provider both know.
#[derive(Clone, Serialize, Deserialize)]
pub struct Shared {
    /// The gateway's at the OpenID provider.
    pub client_secret: String,
    /// The identity provider's at the gateway's directory.
    pub scim_token: String,
}

impl Shared {
    /// Draws them for a demo that is not kept.
    pub fn draw() -> Self {
        Self { client_secret: Token::new().text(), scim_token: Token::new().text() }
    }

    /// Reads those of a folder, or draws and keeps them there: the gateway's database in the folder knows them.
    pub fn kept_in(folder: &Path) -> Result<Self, KeysError> {
        let path = folder.join("demo-secrets.json");
        let io = |source| KeysError::Io { path: path.clone(), source };
        match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| KeysError::Format { path }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let shared = Self::draw();
                // The folder is the owner's alone, and so is what is in it.
                std::fs::write(&path, serde_json::to_vec(&shared).unwrap_or_default()).map_err(io)?;
                Ok(shared)
            }
            Err(error) => Err(io(error)),
        }
    }
}

/// A private key (PKCS#8 DER) with its certificate (DER).
fn make(now: Timestamp) -> Result<(Vec<u8>, Vec<u8>), KeysError> {
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
        .map_err(|_| KeysError::Generate)?;
    let certificate =
        saml::self_signed(&pair, NAME, now.minus(DAY), now.plus(10 * 365 * DAY)).ok_or(KeysError::Generate)?;
    Ok((pair.serialize_der(), certificate))
}

/// Random bytes for one answer.
pub struct Random([u8; 64]);

impl Random {
    /// Draws them.
    pub fn draw() -> Self {
        Self(secrets::random())
    }

    /// 128 bits as text, for message ids.
    pub fn id(&self) -> String {
        self.0[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A content key.
    pub fn content_key(&self) -> [u8; 32] {
        std::array::from_fn(|at| self.0[16 + at])
    }

    /// An initialization vector.
    pub fn iv(&self) -> [u8; 16] {
        std::array::from_fn(|at| self.0[48 + at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_key_is_the_same_at_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = Timestamp::parse("2026-11-24").expect("a date");
        let first = IdpKeys::kept_in(folder.path(), now).expect("made");
        let second = IdpKeys::kept_in(folder.path(), now).expect("read");
        assert_eq!(first.own.certificate_der(), second.own.certificate_der());
        assert_ne!(second.own.certificate_der(), second.stranger.certificate_der());
        std::fs::write(folder.path().join("demo-idp.key"), "").expect("written");
        assert!(matches!(IdpKeys::kept_in(folder.path(), now), Err(KeysError::Format { .. })));
    }

    #[test]
    fn kept_secrets_are_the_same_at_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Shared::kept_in(folder.path()).expect("made");
        let second = Shared::kept_in(folder.path()).expect("read");
        assert_eq!(first.client_secret, second.client_secret);
        assert_ne!(first.client_secret, Shared::draw().client_secret);
        std::fs::write(folder.path().join("demo-secrets.json"), "{}").expect("written");
        assert!(matches!(Shared::kept_in(folder.path()), Err(KeysError::Format { .. })));
    }

    #[test]
    fn random_values_of_two_answers_differ() {
        let (one, two) = (Random::draw(), Random::draw());
        assert_ne!(one.id(), two.id());
        assert_ne!(one.content_key(), two.content_key());
        assert_eq!(one.id().len(), 32);
    }
}
