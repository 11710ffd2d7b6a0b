//! OpenID providers as they last described themselves: discovery document and keys, read once for everybody and again when needed.
//! Owns when they are read; what they must be, `oidc` says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::clock::{Clock, Timestamp};
use crate::connection::{Connection, OidcSettings};
use crate::db::Db;
use crate::ids::ConnectionId;
use crate::oidc::{self, Keys, MAX_DISCOVERY, MAX_KEYS, OidcError, Provider};
use crate::outbound::{Dated, Outbound, OutboundError, Purpose};
use crate::store;

/// How long what was read counts without a look.
const FRESH: Duration = Duration::from_secs(15 * 60);
/// How long it still counts while it cannot be read again.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How soon after a failed try the next may follow, and how soon after one look for a key the next.
const PAUSE: Duration = Duration::from_secs(10);

/// A provider and its keys, as read.
#[derive(Debug)]
pub struct Described {
    /// Its endpoints.
    pub provider: Provider,
    /// What verifies its signatures.
    pub keys: Keys,
    at: Timestamp,
}

/// Why a provider cannot be used: what failed, what was expected and found, and what the admin does next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Trouble {
    /// A stable short name of the check that failed.
    pub check: &'static str,
    /// What was expected and found.
    pub what: String,
    /// What to do next.
    pub next_step: String,
}

impl From<OidcError> for Trouble {
    fn from(error: OidcError) -> Self {
        Self { check: error.code(), what: error.to_string(), next_step: error.next_step().to_owned() }
    }
}

impl From<OutboundError> for Trouble {
    fn from(error: OutboundError) -> Self {
        let (check, next_step) = match &error {
            OutboundError::NotHttps { .. } => ("not_https", "Use an https:// address."),
            OutboundError::PrivateAddress { .. } => {
                ("private_address", "Use a public address, or allow private ones in the configuration.")
            }
            OutboundError::TooSlow { .. } => ("too_slow", "Look at the provider why it is slow, and try again."),
            OutboundError::Unreachable { .. } => (
                "unreachable",
                "Check that this machine reaches the provider: its name, the firewall, the certificate.",
            ),
            OutboundError::Status { .. } => {
                ("status", "Open the address in a browser; redirects are not followed, so name the final one.")
            }
            OutboundError::TooLarge { .. } => ("too_large", "Ask who runs the provider why its answer is so long."),
            OutboundError::BadRoot(_) | OutboundError::Client(_) => ("client", "Check the configuration."),
        };
        let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
        let what = causes.fold(error.to_string(), |what, cause| format!("{what}: {cause}"));
        Self { check, what, next_step: next_step.to_owned() }
    }
}

impl Trouble {
    /// The calls took too long altogether.
    pub fn too_slow() -> Self {
        let what = format!("the provider did not answer within {} s", Outbound::DEADLINE.as_secs());
        Self { check: "too_slow", what, next_step: "Look at the provider why it is slow, and try again.".to_owned() }
    }
}

/// What is known of one connection's provider.
#[derive(Debug, Default)]
struct Memory {
    described: Option<Arc<Described>>,
    /// When it was last tried.
    tried: Option<Timestamp>,
    /// When it was last read again before its time, for a key.
    for_a_key: Option<Timestamp>,
    trouble: Option<Trouble>,
}

#[derive(Debug, Default)]
struct Slot {
    memory: Mutex<Memory>,
    /// Held by whoever reads: one at a time.
    reading: Arc<tokio::sync::Mutex<()>>,
}

impl Slot {
    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every provider in use.
pub struct Providers {
    clock: Arc<dyn Clock>,
    db: Db,
    outbound: Outbound,
    slots: Mutex<HashMap<(ConnectionId, String), Arc<Slot>>>,
}

/// Whether `at` is no longer ago than `span`. A clock that was set back makes nothing eternal.
fn within(at: Timestamp, span: Duration, now: Timestamp) -> bool {
    now < at.plus(span) && at < now.plus(Duration::from_secs(60))
}

impl Providers {
    /// Knows none yet.
    pub fn new(clock: Arc<dyn Clock>, db: Db, outbound: Outbound) -> Self {
        Self { clock, db, outbound, slots: Mutex::default() }
    }

    /// The provider of a connection, read if that is due. Whoever asks while it is being read waits for the same answer, unless an
    /// older one still counts.
    pub async fn of(&self, connection: &Connection, settings: &OidcSettings) -> Result<Arc<Described>, Trouble> {
        let slot = self.slot(connection.id, &settings.issuer);
        if let Some(known) = self.without_a_look(&slot) {
            return known;
        }
        let kept = slot.memory().described.clone().filter(|known| within(known.at, KEPT, self.clock.now()));
        let turn = match (slot.reading.clone().try_lock_owned(), kept) {
            (Ok(turn), _) => turn,
            (Err(_), Some(kept)) => return Ok(kept),
            (Err(_), None) => slot.reading.clone().lock_owned().await,
        };
        // Whoever had the turn before may have read it.
        match self.without_a_look(&slot) {
            Some(known) => known,
            None => self.read(connection, settings, &slot, turn).await,
        }
    }

    /// The provider as it is now, for an operator who tests: what was read before does not count.
    pub async fn afresh(&self, connection: &Connection, settings: &OidcSettings) -> Result<Arc<Described>, Trouble> {
        let slot = self.slot(connection.id, &settings.issuer);
        let turn = slot.reading.clone().lock_owned().await;
        let read = self.read(connection, settings, &slot, turn).await;
        let trouble = slot.memory().trouble.clone();
        trouble.map_or(read, Err)
    }

    /// The provider once more, because a token is signed by a key that `seen` does not have; `None` if there is nothing newer and
    /// the last look was a moment ago.
    pub async fn newer_than(
        &self,
        seen: &Arc<Described>,
        connection: &Connection,
        settings: &OidcSettings,
    ) -> Option<Arc<Described>> {
        let slot = self.slot(connection.id, &settings.issuer);
        let turn = slot.reading.clone().lock_owned().await;
        {
            let (mut memory, now) = (slot.memory(), self.clock.now());
            if let Some(known) = memory.described.as_ref().filter(|known| !Arc::ptr_eq(known, seen)) {
                return Some(known.clone());
            }
            // Tokens of strangers must not make us a nuisance to the provider.
            if memory.for_a_key.is_some_and(|at| within(at, PAUSE, now)) {
                return None;
            }
            memory.for_a_key = Some(now);
        }
        let read = self.read(connection, settings, &slot, turn).await.ok()?;
        (!Arc::ptr_eq(&read, seen)).then_some(read)
    }

    fn slot(&self, connection: ConnectionId, issuer: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|(known, of), _| *known != connection || of == issuer);
        slots.entry((connection, issuer.to_owned())).or_default().clone()
    }

    /// What can be said without asking the provider: it was read not long ago, or a try has failed just now.
    fn without_a_look(&self, slot: &Slot) -> Option<Result<Arc<Described>, Trouble>> {
        let (memory, now) = (slot.memory(), self.clock.now());
        if let Some(known) = memory.described.as_ref().filter(|known| within(known.at, FRESH, now)) {
            return Some(Ok(known.clone()));
        }
        if !memory.tried.is_some_and(|at| within(at, PAUSE, now)) {
            return None;
        }
        match memory.described.as_ref().filter(|known| within(known.at, KEPT, now)) {
            Some(kept) => Some(Ok(kept.clone())),
            None => memory.trouble.clone().map(Err),
        }
    }

    /// Reads, in a task of its own: whoever goes away does not take the answer from the others.
    async fn read(
        &self,
        connection: &Connection,
        settings: &OidcSettings,
        slot: &Arc<Slot>,
        turn: OwnedMutexGuard<()>,
    ) -> Result<Arc<Described>, Trouble> {
        let (clock, db, outbound, slot) = (self.clock.clone(), self.db.clone(), self.outbound.clone(), slot.clone());
        let (id, slug, issuer) = (connection.id, connection.slug.clone(), settings.issuer.clone());
        let task = tokio::spawn(async move {
            let _turn = turn;
            slot.memory().tried = Some(clock.now());
            let read = read(&outbound, &issuer).await;
            let now = clock.now();
            let answer = {
                let mut memory = slot.memory();
                memory.tried = Some(now);
                memory.trouble = read.as_ref().err().cloned();
                match read {
                    Ok((provider, keys)) => {
                        let described = Arc::new(Described { provider, keys, at: now });
                        memory.described = Some(described.clone());
                        Ok(described)
                    }
                    Err(trouble) => memory.described.clone().filter(|known| within(known.at, KEPT, now)).ok_or(trouble),
                }
            };
            let trouble = slot.memory().trouble.clone();
            if let Some(trouble) = &trouble {
                tracing::warn!(connection = %slug, check = trouble.check, "an OpenID provider cannot be read");
            }
            let problem = trouble.map(|trouble| format!("{}. {}", trouble.what, trouble.next_step));
            let write = db.write(move |tx| store::connections::set_check(tx, id, now, problem.as_deref()));
            if let Err(error) = write.await {
                tracing::debug!(connection = %slug, error = %error, "how reading the provider went was not noted");
            }
            answer
        });
        task.await.unwrap_or_else(|_| Err(Trouble::too_slow()))
    }
}

/// Reads what a provider says of itself now: the document, then the keys that it names, in the time of one call.
pub async fn read(outbound: &Outbound, issuer: &str) -> Result<(Provider, Keys), Trouble> {
    let (provider, keys, _) = read_dated(outbound, issuer).await?;
    Ok((provider, keys))
}

/// As [`read`], with what the discovery document came with, which tells the provider's clock.
pub async fn read_dated(outbound: &Outbound, issuer: &str) -> Result<(Provider, Keys, Dated), Trouble> {
    let both = async {
        let document = outbound.get_dated(Purpose::OidcDiscovery, &oidc::discovery_url(issuer), MAX_DISCOVERY).await?;
        let provider = oidc::read_discovery(issuer, &document.body)?;
        let keys = outbound.get(Purpose::OidcKeys, &provider.jwks_uri, MAX_KEYS).await?;
        Ok((provider, oidc::read_keys(&keys)?, document))
    };
    tokio::time::timeout(Outbound::DEADLINE, both).await.unwrap_or_else(|_| Err(Trouble::too_slow()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_makes_nothing_eternal() {
        let hour = Duration::from_secs(3600);
        let read = Timestamp::from_millis(0).plus(100 * hour);
        assert!(within(read, hour, read) && within(read, hour, read.plus(hour).minus(Duration::from_millis(1))));
        assert!(!within(read, hour, read.plus(hour)));
        assert!(
            within(read, hour, read.minus(Duration::from_secs(59))),
            "clocks are corrected by a little all the time"
        );
        for back in [Duration::from_secs(60), hour, 99 * hour] {
            assert!(!within(read, hour, read.minus(back)), "{back:?}");
        }
    }
}
