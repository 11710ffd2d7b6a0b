//! How fast somebody may go: a bucket of requests for each, which fills again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Timestamp;

/// How fast each of many may go, told apart by a number.
#[derive(Debug)]
pub struct Pace {
    per_second: i64,
    burst: i64,
    buckets: Mutex<HashMap<i64, Bucket>>,
}

/// In thousandths of a request.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: i64,
    at: Timestamp,
}

impl Pace {
    /// So many requests per second, and so many at once.
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: i64::from(per_second.max(1)), burst: i64::from(burst), buckets: Mutex::default() }
    }

    /// Takes one request from a bucket; else the seconds until there is room.
    pub fn take(&self, whose: i64, now: Timestamp) -> Result<(), u64> {
        let mut buckets = self.locked();
        let bucket = buckets.entry(whose).or_insert(Bucket { left: self.burst * 1000, at: now });
        bucket.refill(now, self.per_second, self.burst);
        if bucket.left < 1000 {
            let missing = 1000 - bucket.left;
            return Err(u64::try_from(missing).unwrap_or(0).div_ceil(self.per_second.unsigned_abs() * 1000));
        }
        bucket.left -= 1000;
        Ok(())
    }

    /// Takes what a request cost beyond the one it was let in for.
    pub fn charge(&self, whose: i64, requests: u64) {
        let cost = i64::try_from(requests).unwrap_or(i64::MAX).saturating_mul(1000);
        if let Some(bucket) = self.locked().get_mut(&whose) {
            // A debt of a minute is enough.
            bucket.left = bucket.left.saturating_sub(cost).max(-self.per_second * 60_000);
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<i64, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn refill(&mut self, now: Timestamp, per_second: i64, burst: i64) {
        let millis = i64::try_from(now.since(self.at).as_millis()).unwrap_or(i64::MAX);
        let gained = millis.saturating_mul(per_second);
        *self = Self { left: self.left.saturating_add(gained).min(burst * 1000), at: self.at.max(now) };
    }
}
