//! The demo identity provider's OpenID Connect side: an OpenID provider with a sign-in, tokens, userinfo and sign-out, for the
//! demo's own gateway only. Owns no people and verifies nobody; the room that verifies what it issues is `oidc`.

use std::sync::{Mutex, MutexGuard, PoisonError};

pub mod claims;
pub mod grants;
pub mod keys;
pub mod page;
pub mod request;
pub mod sign_in;
pub mod sign_out;
#[cfg(test)]
mod tests;
pub mod tokens;

use grants::Grants;
use keys::KeySet;

use super::keys::KeysError;

/// What the OpenID provider holds while it runs.
pub struct Provider {
    /// What the gateway proves itself with, at every client.
    pub client_secret: String,
    /// Codes, tokens, sessions.
    pub grants: Grants,
    keys: Mutex<KeySet>,
}

impl Provider {
    /// A provider with new keys. Keys are read by the gateway while it runs, so a kept demo needs none of before.
    pub fn new(client_secret: String) -> Result<Self, KeysError> {
        Ok(Self { client_secret, grants: Grants::default(), keys: Mutex::new(KeySet::generate()?) })
    }

    /// The keys.
    pub fn keys(&self) -> MutexGuard<'_, KeySet> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
