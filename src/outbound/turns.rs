use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many calls one host has under way; whoever comes later waits for a turn. A host that is dead or slow holds that many
/// connections, name look-ups and threads, and leaves the rest to the others.
pub(super) const PER_HOST: usize = 64;

/// How many hosts are remembered before those without a call are forgotten.
const REMEMBERED: usize = 256;

/// A queue for each host.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<BTreeMap<String, Arc<Semaphore>>>);

impl Turns {
    /// Waits for a turn at a host; it lasts until what is returned is dropped.
    pub(super) async fn at(&self, host: &str) -> Option<OwnedSemaphorePermit> {
        let queue = self.queue(host);
        // A queue is never closed, so there always is a turn in the end.
        queue.acquire_owned().await.ok()
    }

    fn queue(&self, host: &str) -> Arc<Semaphore> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(host) {
            return known.clone();
        }
        if all.len() >= REMEMBERED {
            // A call that waits or is under way holds a clone.
            all.retain(|_, queue| Arc::strong_count(queue) > 1);
        }
        all.entry(host.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(PER_HOST))).clone()
    }
}
