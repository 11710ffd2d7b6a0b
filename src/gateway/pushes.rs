//! What requests of directories leave behind in memory: how fast each token goes, and what is to be written down about them soon.
//! Nothing of it is written per request; a job takes it every second.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Pace;
use crate::clock::Timestamp;
use crate::config::Scim;
use crate::ids::ParentId;
use crate::store::directory_requests::DirectoryRequest;

/// How fast a token may go, and what it did.
#[derive(Debug)]
pub struct Pushes {
    pace: Pace,
    noted: Mutex<Noted>,
}

/// What is to be written down.
#[derive(Debug, Default)]
pub struct Noted {
    /// The last use of tokens, by row: when, from where, and whose directory they open.
    pub uses: HashMap<i64, Use>,
    /// The requests, oldest first.
    pub requests: Vec<DirectoryRequest>,
    /// Requests left out because too many came before they were written.
    pub left_out: u64,
}

/// The last use of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// When.
    pub at: Timestamp,
    /// From which address.
    pub from: String,
    /// Whose directory it opens.
    pub parent: ParentId,
}

impl Pushes {
    /// How many requests are kept until they are written.
    const KEPT: usize = 4096;

    /// With the configured speed.
    pub fn new(scim: &Scim) -> Self {
        Self { pace: Pace::new(scim.requests_per_second, scim.burst), noted: Mutex::default() }
    }

    /// Takes one request from a token's bucket; else the seconds until there is room.
    pub fn take(&self, token: i64, now: Timestamp) -> Result<(), u64> {
        self.pace.take(token, now)
    }

    /// Takes what a request cost beyond the one it was let in for.
    pub fn charge(&self, token: i64, requests: u64) {
        self.pace.charge(token, requests);
    }

    /// Notes a use of a token.
    pub fn used(&self, token: i64, parent: ParentId, from: String, now: Timestamp) {
        locked(&self.noted).uses.insert(token, Use { at: now, from, parent });
    }

    /// Notes a request for the log.
    pub fn requested(&self, request: DirectoryRequest) {
        let mut noted = locked(&self.noted);
        if noted.requests.len() < Self::KEPT {
            noted.requests.push(request);
        } else {
            noted.left_out += 1;
        }
    }

    /// Takes what was noted; `None` if nothing was.
    pub fn noted(&self) -> Option<Noted> {
        let noted = std::mem::take(&mut *locked(&self.noted));
        (!noted.uses.is_empty() || !noted.requests.is_empty()).then_some(noted)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_token_is_slowed_down_and_let_go_again() {
        let (per_second, burst) = (50, 1000);
        let scim = Scim { requests_per_second: per_second, burst, ..Scim::default() };
        let pushes = Pushes::new(&scim);
        let start = Timestamp::from_millis(1_790_000_000_000);
        for _ in 0..burst {
            assert_eq!(pushes.take(1, start), Ok(()));
        }
        assert_eq!(pushes.take(1, start), Err(1));
        assert_eq!(pushes.take(2, start), Ok(()), "each token has its own");
        let later = start.plus(Duration::from_secs(1));
        for _ in 0..per_second {
            assert_eq!(pushes.take(1, later), Ok(()));
        }
        assert_eq!(pushes.take(1, later), Err(1));
        pushes.charge(1, 1_000_000);
        let wait = pushes.take(1, later).expect_err("in debt");
        assert_eq!(wait, 61, "a debt of a minute is enough");
        assert_eq!(pushes.take(1, later.plus(Duration::from_secs(wait))), Ok(()));
        assert_eq!(pushes.take(1, start), Ok(()), "a clock that goes back takes nothing away and adds nothing");
    }
}
