//! Sign-ins on their way: started, answered, consumed; and the assertions that were used.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::db::{DbError, Tx, TxExt, V};
use crate::ids::ConnectionId;

/// What a sign-in was started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody wants to get to their work.
    SignIn,
    /// Somebody who sets the connection up wants to see what would happen; nobody is signed in.
    Test,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Test => "test",
        }
    }

    fn read(word: &str) -> Self {
        if word == "test" { Self::Test } else { Self::SignIn }
    }
}

/// A sign-in that a browser has started.
#[derive(Clone, Debug)]
pub struct Started<'a> {
    /// SHA-256 of the state that travels with the request (RelayState).
    pub state_hash: [u8; 32],
    /// What for.
    pub purpose: Purpose,
    /// Where the person was sent.
    pub connection: ConnectionId,
    /// The id of our request (SAML), or the nonce (OpenID Connect).
    pub request_id: &'a str,
    /// SHA-256 of the cookie of the browser that asked.
    pub browser_hash: [u8; 32],
    /// Where the person wanted to go, validated.
    pub return_to: &'a str,
    /// Now.
    pub created_at: Timestamp,
    /// When nobody waits any longer.
    pub expires_at: Timestamp,
}

/// What is known of a sign-in that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What for.
    pub purpose: Purpose,
    /// Where the person was sent.
    pub connection: ConnectionId,
    /// The id of our request, or the nonce; what the answer must name.
    pub request_id: String,
    /// SHA-256 of the cookie of the browser that asked.
    pub browser_hash: Option<Vec<u8>>,
    /// Where the person wanted to go; of a test, under which path its report is shown.
    pub return_to: String,
    /// When.
    pub created_at: Timestamp,
}

/// A sign-in whose answer was verified, taken out: it can be finished once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What it was started for.
    pub purpose: Purpose,
    /// Who answered.
    pub connection: ConnectionId,
    /// SHA-256 of the cookie of the browser that asked; `None` where nobody had asked.
    pub browser_hash: Option<Vec<u8>>,
    /// Where the person wanted to go.
    pub return_to: String,
    /// What was verified, as `login` wrote it.
    pub answer: String,
    /// When it must be finished.
    pub expires_at: Timestamp,
}

/// Remembers a started sign-in.
pub fn start(tx: &mut dyn Tx, started: &Started<'_>) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO pending_sign_in (state_hash, connection_id, request_id, browser_hash, return_to, created_at, expires_at, \
         purpose) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            V::B(&started.state_hash),
            V::I(started.connection.0),
            V::T(started.request_id),
            V::B(&started.browser_hash),
            V::T(started.return_to),
            V::I(started.created_at.as_millis()),
            V::I(started.expires_at.as_millis()),
            V::T(started.purpose.word()),
        ],
    )?;
    Ok(())
}

/// The sign-in of this state, whether it still waits or was answered already: which it is, [`answer`] finds out.
pub fn started(tx: &mut dyn Tx, state_hash: &[u8; 32], now: Timestamp) -> Result<Option<Known>, DbError> {
    tx.one(
        "SELECT connection_id, request_id, purpose, browser_hash, created_at, return_to FROM pending_sign_in \
         WHERE state_hash = ?1 AND request_id IS NOT NULL AND expires_at > ?2",
        &[V::B(state_hash), V::I(now.as_millis())],
        |row| {
            Ok(Known {
                purpose: Purpose::read(&row.text(2)?),
                connection: ConnectionId(row.int(0)?),
                request_id: row.text(1)?,
                browser_hash: row.opt_blob(3)?,
                created_at: Timestamp::from_millis(row.int(4)?),
                return_to: row.text(5)?,
            })
        },
    )
}

/// Takes on an answer that has to be asked about before it is believed: whatever comes of it, no other answer counts any more.
/// [`fill`] adds what was verified. Returns whether somebody was still waiting: the first answer counts.
pub fn claim(tx: &mut dyn Tx, state_hash: &[u8; 32], finish_hash: &[u8; 32], now: Timestamp) -> Result<bool, DbError> {
    answer(tx, state_hash, finish_hash, "", now, now.plus(CLAIMED_FOR))
}

/// How long asking about a claimed answer may take, with time to spare.
const CLAIMED_FOR: Duration = Duration::from_secs(5 * 60);

/// Adds what was verified to a claimed sign-in.
pub fn fill(tx: &mut dyn Tx, finish_hash: &[u8; 32], answer: &str) -> Result<bool, DbError> {
    let filled = tx.exec(
        "UPDATE pending_sign_in SET answer = ?2 WHERE finish_hash = ?1 AND consumed = 0 AND answer = ''",
        &[V::B(finish_hash), V::T(answer)],
    )?;
    Ok(filled == 1)
}

/// Records the verified answer under a one-time code. Returns whether somebody was still waiting for it: the first answer counts.
pub fn answer(
    tx: &mut dyn Tx,
    state_hash: &[u8; 32],
    finish_hash: &[u8; 32],
    answer: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, DbError> {
    let answered = tx.exec(
        "UPDATE pending_sign_in SET finish_hash = ?2, answer = ?3, expires_at = ?5 \
         WHERE state_hash = ?1 AND finish_hash IS NULL AND expires_at > ?4",
        &[V::B(state_hash), V::B(finish_hash), V::T(answer), V::I(now.as_millis()), V::I(expires_at.as_millis())],
    )?;
    Ok(answered == 1)
}

/// Records a verified answer that nobody asked for (SAML profiles 4.1.5).
pub fn answer_unasked(
    tx: &mut dyn Tx,
    connection: ConnectionId,
    finish_hash: &[u8; 32],
    answer: &str,
    return_to: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO pending_sign_in (state_hash, connection_id, return_to, created_at, expires_at, finish_hash, answer) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?1, ?6)",
        &[
            V::B(finish_hash),
            V::I(connection.0),
            V::T(return_to),
            V::I(now.as_millis()),
            V::I(expires_at.as_millis()),
            V::T(answer),
        ],
    )?;
    Ok(())
}

/// Looks at an answered sign-in without using it up.
pub fn answered(tx: &mut dyn Tx, finish_hash: &[u8; 32], now: Timestamp) -> Result<Option<Answered>, DbError> {
    tx.one(
        "SELECT connection_id, browser_hash, return_to, answer, expires_at, purpose FROM pending_sign_in \
         WHERE finish_hash = ?1 AND consumed = 0 AND expires_at > ?2",
        &[V::B(finish_hash), V::I(now.as_millis())],
        |row| {
            Ok(Answered {
                purpose: Purpose::read(&row.text(5)?),
                connection: ConnectionId(row.int(0)?),
                browser_hash: row.opt_blob(1)?,
                return_to: row.text(2)?,
                answer: row.text(3)?,
                expires_at: Timestamp::from_millis(row.int(4)?),
            })
        },
    )
}

/// Uses an answered sign-in up; what it said is forgotten. Returns whether this call was the one that did.
pub fn consume(tx: &mut dyn Tx, finish_hash: &[u8; 32]) -> Result<bool, DbError> {
    let consumed = tx.exec(
        "UPDATE pending_sign_in SET consumed = 1, answer = '' WHERE finish_hash = ?1 AND consumed = 0",
        &[V::B(finish_hash)],
    )?;
    Ok(consumed == 1)
}

/// Uses up a sign-in that the identity provider refused: the first answer counts.
pub fn abandon(tx: &mut dyn Tx, state_hash: &[u8; 32]) -> Result<(), DbError> {
    tx.exec(
        "UPDATE pending_sign_in SET consumed = 1, answer = '', finish_hash = state_hash \
         WHERE state_hash = ?1 AND finish_hash IS NULL",
        &[V::B(state_hash)],
    )?;
    Ok(())
}

/// Remembers an assertion until it could no longer be accepted. Returns `false` if it was used before.
pub fn use_assertion(
    tx: &mut dyn Tx,
    connection: ConnectionId,
    assertion_id: &str,
    until: Timestamp,
) -> Result<bool, DbError> {
    let new = tx.exec(
        "INSERT INTO replay (connection_id, assertion_id, expires_at) VALUES (?1, ?2, ?3) \
         ON CONFLICT (connection_id, assertion_id) DO NOTHING",
        &[V::I(connection.0), V::T(assertion_id), V::I(until.as_millis())],
    )?;
    Ok(new == 1)
}

/// Deletes at most `limit` sign-ins and as many used assertions whose time has passed. Returns how many.
pub fn purge(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<u64, DbError> {
    let values = [V::I(now.as_millis()), V::I(i64::from(limit))];
    let pending = tx.exec(
        "DELETE FROM pending_sign_in WHERE state_hash IN \
         (SELECT state_hash FROM pending_sign_in WHERE expires_at <= ?1 LIMIT ?2)",
        &values,
    )?;
    let replay = tx.exec(
        "DELETE FROM replay WHERE (connection_id, assertion_id) IN \
         (SELECT connection_id, assertion_id FROM replay WHERE expires_at <= ?1 LIMIT ?2)",
        &values,
    )?;
    Ok(pending + replay)
}
