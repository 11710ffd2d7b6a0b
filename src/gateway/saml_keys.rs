//! Our SAML keys as they are at this moment. They change while the server runs, by a page or by a command in another process, so
//! every use looks them up; each is opened once.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Gateway, StartError, place};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::saml::SpKey;
use crate::secrets::{self, Sealer};
use crate::store;
use crate::store::keys::{Purpose, StoredKey};

/// How long our own SAML certificate says it is valid. Identity providers pin it; renewing is a decision of an admin.
const SAML_CERTIFICATE: Duration = Duration::from_secs(10 * 365 * 86_400);

/// The opened keys: their ids in order, and the keys.
#[derive(Debug, Default)]
pub(super) struct SamlKeys(Mutex<(Vec<String>, Arc<[SpKey]>)>);

impl Gateway {
    /// Our SAML keys: first the one in use, which signs; all of them decrypt and are published. Never empty.
    pub fn saml_keys(&self) -> Result<Arc<[SpKey]>, DbError> {
        let stored = self.db.read_one(|tx| store::keys::signing_keys(tx, Purpose::Saml))?;
        let kids: Vec<String> = stored.iter().map(|key| key.kid.clone()).collect();
        let mut opened = self.saml_keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.0 != kids {
            let all: Result<Arc<[SpKey]>, StartError> = stored.iter().map(|key| open(&self.sealer, key)).collect();
            *opened = (kids, all.map_err(|error| DbError::Other(error.to_string()))?);
        }
        Ok(opened.1.clone())
    }
}

fn open(sealer: &Sealer, key: &StoredKey) -> Result<SpKey, StartError> {
    let private = sealer.open(&place(&key.kid), &key.private_seal)?;
    SpKey::from_der(&private, &key.public_der).map_err(|error| StartError::Key(error.to_string()))
}

/// Makes a SAML key, not in use yet. `base` is the public URL, whose host stands in the certificate. Takes a good part of a second.
pub fn new_saml_key(sealer: &Sealer, base: &str, now: Timestamp) -> Result<StoredKey, StartError> {
    let name = url::Url::parse(base).ok().and_then(|url| url.host_str().map(str::to_owned));
    let (from, until) = (now.minus(Duration::from_secs(86_400)), now.plus(SAML_CERTIFICATE));
    let key = SpKey::generate(name.as_deref().unwrap_or("usher"), from, until);
    let key = key.map_err(|error| StartError::Key(error.to_string()))?;
    let kid = secrets::public_id("saml-");
    let private_seal = sealer.seal(&place(&kid), key.private_key_der());
    Ok(StoredKey { kid, private_seal, public_der: key.certificate_der().to_vec(), created_at: now, used_since: None })
}

/// Whether a stored key opens with this sealer: what a server finds out at its start, rather than at the first sign-in.
pub(super) fn check(sealer: &Sealer, keys: &[StoredKey]) -> Result<(), StartError> {
    keys.iter().try_for_each(|key| open(sealer, key).map(drop))
}
