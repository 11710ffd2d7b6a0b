//! Our own SAML key, exchanged without an outage: the next one is made and published beside the one in use; once the identity
//! providers know it, it is taken into use, and the one before goes on decrypting; once nobody needs that, it is retired.

use crate::audit::Event;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::membership::Context;
use crate::saml::read_certificate;
use crate::store;
use crate::store::keys::{Purpose, StoredKey};

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published and decrypts, does not sign.
    Next,
    /// Signs, and is the one that identity providers are to encrypt for.
    InUse,
    /// Was in use before: published and decrypts still.
    Previous,
}

impl KeyState {
    /// The word for machines and texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::InUse => "in_use",
            Self::Previous => "previous",
        }
    }
}

/// One of our SAML keys, as people look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// Names it.
    pub kid: String,
    /// Where it stands.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was taken into use.
    pub used_since: Option<Timestamp>,
    /// SHA-256 of its certificate, hex.
    pub fingerprint: String,
    /// When the certificate ends; identity providers that look at it refuse us from then on.
    pub not_after: Timestamp,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// One at a time.
    #[error("{0} is the next key already; take it into use or retire it first")]
    NextExists(String),
    /// No such key.
    #[error("there is no key {0}; it may have been retired")]
    Unknown(String),
    /// It was taken into use before, or is now.
    #[error("{0} is not the next key; make a next one and take that into use")]
    NotNext(String),
    /// Without it nothing is signed.
    #[error("{0} is in use; take the next key into use first")]
    InUse(String),
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// Our SAML keys: the one in use, those before it, and the next one, if there is one.
pub fn list(tx: &mut dyn Tx) -> Result<Vec<KnownKey>, DbError> {
    let stored = store::keys::signing_keys(tx, Purpose::Saml)?;
    let known = stored.into_iter().enumerate().map(|(at, key)| {
        let certificate = read_certificate(&key.public_der);
        let certificate =
            certificate.map_err(|error| DbError::Other(format!("the certificate of our key {}: {error}", key.kid)))?;
        let state = match (at, key.used_since) {
            (_, None) => KeyState::Next,
            (0, Some(_)) => KeyState::InUse,
            (_, Some(_)) => KeyState::Previous,
        };
        Ok(KnownKey {
            kid: key.kid,
            state,
            created_at: key.created_at,
            used_since: key.used_since,
            fingerprint: certificate.fingerprint,
            not_after: certificate.not_after,
        })
    });
    known.collect()
}

/// Publishes a key that was just made (`gateway::new_saml_key`) as the next one.
pub fn add(tx: &mut dyn Tx, context: &Context<'_>, key: &StoredKey) -> Result<(), KeyError> {
    if let Some(next) = list(tx)?.into_iter().find(|known| known.state == KeyState::Next) {
        return Err(KeyError::NextExists(next.kid));
    }
    store::keys::add_signing_key(tx, Purpose::Saml, key)?;
    Ok(record(tx, context, &key.kid, "added")?)
}

/// Takes the next key into use: from now on it signs, and identity providers are to encrypt for it.
pub fn take_into_use(tx: &mut dyn Tx, context: &Context<'_>, kid: &str) -> Result<(), KeyError> {
    known(tx, kid)?;
    if !store::keys::use_signing_key(tx, Purpose::Saml, kid, context.now)? {
        return Err(KeyError::NotNext(kid.to_owned()));
    }
    Ok(record(tx, context, kid, "in_use")?)
}

/// Retires a key that is not in use: it is published no more, decrypts nothing any more, and its private half is forgotten.
pub fn retire(tx: &mut dyn Tx, context: &Context<'_>, kid: &str) -> Result<(), KeyError> {
    if known(tx, kid)?.state == KeyState::InUse {
        return Err(KeyError::InUse(kid.to_owned()));
    }
    store::keys::retire_signing_key(tx, Purpose::Saml, kid, context.now)?;
    Ok(record(tx, context, kid, "retired")?)
}

fn known(tx: &mut dyn Tx, kid: &str) -> Result<KnownKey, KeyError> {
    list(tx)?.into_iter().find(|known| known.kid == kid).ok_or_else(|| KeyError::Unknown(kid.to_owned()))
}

fn record(tx: &mut dyn Tx, context: &Context<'_>, kid: &str, what: &'static str) -> Result<(), DbError> {
    context.record(tx, None, None, Event::KeyRolled { name: kid.to_owned(), what })
}
