//! Sign-outs on their way to the identity provider: ours has ended already.

use super::damaged;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, TxExt, V};
use crate::ids::ConnectionId;

/// A session that has ended here, as the identity provider is to hear of it.
#[derive(Clone, Debug)]
pub struct Started<'a> {
    /// Names it: the id of our request (SAML), or the state (OpenID Connect). At least 128 random bits.
    pub id: &'a str,
    /// Whom to tell.
    pub connection: ConnectionId,
    /// SHA-256 of the cookie of the browser that signs out.
    pub browser_hash: [u8; 32],
    /// The identity provider's own session.
    pub idp_session: Option<&'a str>,
    /// What the identity provider wants to hear, sealed.
    pub logout_seal: &'a [u8],
    /// Until when an answer is waited for.
    pub expires_at: Timestamp,
}

/// What became of a sign-out at the identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has not answered.
    Waiting,
    /// Signed out there too.
    Ended,
    /// Signed out there, but not of every other application.
    Partly,
    /// It said no, or what it said cannot be trusted.
    Refused,
}

impl Outcome {
    const ALL: [(Self, &str); 4] =
        [(Self::Waiting, "waiting"), (Self::Ended, "ended"), (Self::Partly, "partly"), (Self::Refused, "refused")];

    fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ended => "ended",
            Self::Partly => "partly",
            Self::Refused => "refused",
        }
    }
}

/// A sign-out on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOut {
    /// Whom to tell.
    pub connection: ConnectionId,
    /// SHA-256 of the cookie of the browser that signs out.
    pub browser_hash: Vec<u8>,
    /// The identity provider's own session.
    pub idp_session: Option<String>,
    /// What the identity provider wants to hear, sealed; forgotten once it has answered.
    pub logout_seal: Option<Vec<u8>>,
    /// How far it got.
    pub outcome: Outcome,
}

/// Remembers a sign-out that the identity provider is to be told of.
pub fn start(tx: &mut dyn Tx, started: &Started<'_>) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO pending_sign_out (id, connection_id, browser_hash, idp_session, logout_seal, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            V::T(started.id),
            V::I(started.connection.0),
            V::B(&started.browser_hash),
            started.idp_session.map_or(V::Null, V::T),
            V::B(started.logout_seal),
            V::I(started.expires_at.as_millis()),
        ],
    )?;
    Ok(())
}

/// The sign-out of this id, while somebody waits for it.
pub fn find(tx: &mut dyn Tx, id: &str, now: Timestamp) -> Result<Option<SignOut>, DbError> {
    tx.one(
        "SELECT connection_id, browser_hash, idp_session, logout_seal, outcome FROM pending_sign_out \
         WHERE id = ?1 AND expires_at > ?2",
        &[V::T(id), V::I(now.as_millis())],
        |row| {
            let outcome = row.text(4)?;
            let outcome = Outcome::ALL.into_iter().find(|(_, word)| *word == outcome);
            Ok(SignOut {
                connection: ConnectionId(row.int(0)?),
                browser_hash: row.blob(1)?,
                idp_session: row.opt_text(2)?,
                logout_seal: row.opt_blob(3)?,
                outcome: outcome.ok_or_else(|| damaged("sign-out"))?.0,
            })
        },
    )
}

/// Notes the identity provider's answer; what it was told is forgotten. The first answer counts: returns whether this is it.
pub fn answer(
    tx: &mut dyn Tx,
    connection: ConnectionId,
    id: &str,
    outcome: Outcome,
    now: Timestamp,
) -> Result<bool, DbError> {
    let answered = tx.exec(
        "UPDATE pending_sign_out SET outcome = ?3, logout_seal = NULL, idp_session = NULL \
         WHERE id = ?1 AND connection_id = ?2 AND outcome = 'waiting' AND expires_at > ?4",
        &[V::T(id), V::I(connection.0), V::T(outcome.word()), V::I(now.as_millis())],
    )?;
    Ok(answered == 1)
}

/// Deletes at most `limit` sign-outs that nobody waits for any longer. Returns how many.
pub fn purge(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<u64, DbError> {
    tx.exec(
        "DELETE FROM pending_sign_out WHERE id IN (SELECT id FROM pending_sign_out WHERE expires_at <= ?1 LIMIT ?2)",
        &[V::I(now.as_millis()), V::I(i64::from(limit))],
    )
}
