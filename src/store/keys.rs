//! Wrapped data keys, and our own signing keys with their sealed private halves.

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, TxExt, V};

/// What a signing key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signs AuthnRequests and decrypts assertions.
    Saml,
    /// Signs the identity header.
    IdentityHeader,
    /// Proves who we are to OpenID providers (`private_key_jwt`).
    OidcClient,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Saml => "saml",
            Self::IdentityHeader => "identity_header",
            Self::OidcClient => "oidc_client",
        }
    }
}

/// A signing key as it is kept. The seal opens with the associated data `signing_key.private:<kid>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// Names it in JWKS and seals.
    pub kid: String,
    /// The private key, PKCS#8 DER, sealed.
    pub private_seal: Vec<u8>,
    /// The certificate (SAML) or public key (identity header), DER.
    pub public_der: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was taken into use; `None` for one that is only published so far.
    pub used_since: Option<Timestamp>,
}

/// Every data key, wrapped by the master key: id and wrapping, oldest first.
pub fn data_keys(tx: &mut dyn Tx) -> Result<Vec<(i64, Vec<u8>)>, DbError> {
    tx.all("SELECT id, wrapped FROM data_key ORDER BY id", &[], |row| Ok((row.int(0)?, row.blob(1)?)))
}

/// Keeps a wrapped data key under an id chosen by the caller.
pub fn add_data_key(tx: &mut dyn Tx, id: i64, wrapped: &[u8], now: Timestamp) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO data_key (id, wrapped, created_at) VALUES (?1, ?2, ?3)",
        &[V::I(id), V::B(wrapped), V::I(now.as_millis())],
    )?;
    Ok(())
}

/// The keys of one purpose that are not retired: first the one in use, then those used before, last one that is to be used next.
pub fn signing_keys(tx: &mut dyn Tx, purpose: Purpose) -> Result<Vec<StoredKey>, DbError> {
    tx.all(
        "SELECT kid, private_seal, public_der, created_at, used_at FROM signing_key \
         WHERE purpose = ?1 AND retired_at IS NULL ORDER BY used_at IS NULL, used_at DESC, id DESC",
        &[V::T(purpose.word())],
        |row| {
            Ok(StoredKey {
                kid: row.text(0)?,
                private_seal: row.blob(1)?,
                public_der: row.blob(2)?,
                created_at: Timestamp::from_millis(row.int(3)?),
                used_since: row.opt_int(4)?.map(Timestamp::from_millis),
            })
        },
    )
}

/// Keeps a new key.
pub fn add_signing_key(tx: &mut dyn Tx, purpose: Purpose, key: &StoredKey) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO signing_key (purpose, kid, private_seal, public_der, created_at, used_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            V::T(purpose.word()),
            V::T(&key.kid),
            V::B(&key.private_seal),
            V::B(&key.public_der),
            V::I(key.created_at.as_millis()),
            key.used_since.map_or(V::Null, |at| V::I(at.as_millis())),
        ],
    )?;
    Ok(())
}

/// Takes a key into use that was only published so far. Returns whether there was such a one.
pub fn use_signing_key(tx: &mut dyn Tx, purpose: Purpose, kid: &str, now: Timestamp) -> Result<bool, DbError> {
    let used = tx.exec(
        "UPDATE signing_key SET used_at = ?3 \
         WHERE purpose = ?1 AND kid = ?2 AND used_at IS NULL AND retired_at IS NULL",
        &[V::T(purpose.word()), V::T(kid), V::I(now.as_millis())],
    )?;
    Ok(used == 1)
}

/// Retires a key; its private half is forgotten. Returns whether there was such a one.
pub fn retire_signing_key(tx: &mut dyn Tx, purpose: Purpose, kid: &str, now: Timestamp) -> Result<bool, DbError> {
    let retired = tx.exec(
        "UPDATE signing_key SET retired_at = ?3, private_seal = zeroblob(0) \
         WHERE purpose = ?1 AND kid = ?2 AND retired_at IS NULL",
        &[V::T(purpose.word()), V::T(kid), V::I(now.as_millis())],
    )?;
    Ok(retired == 1)
}
