//! The demo identity provider pushes its people and groups to the gateway's directory over SCIM 2.0, as Entra ID or Okta would.
//! Owns what was told and what was answered; what a directory makes of it is the gateway's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub mod client;
pub mod dialect;
pub mod page;
pub mod plan;
#[cfg(test)]
mod tests;

use dialect::Dialect;
use plan::{GroupFacts, UserFacts};

use crate::clock::Timestamp;

/// The domain whose people and groups are pushed: the story has one directory.
pub const DOMAIN: &str = "acme.test";

/// What was told to the directory, and how it is told.
#[derive(Debug, Default)]
pub struct Memory {
    /// How requests look.
    pub dialect: Dialect,
    /// Whether every edit of people and groups is pushed at once.
    pub automatic: bool,
    /// Users the directory knows, by subject: its id for them, and what it was told last.
    pub users: BTreeMap<String, (String, UserFacts)>,
    /// Groups the directory knows, by the group's id here.
    pub groups: BTreeMap<String, (String, GroupFacts)>,
    /// People who are not to be in the directory.
    pub unassigned: BTreeSet<String>,
    /// The last pushes, newest first.
    pub runs: VecDeque<Run>,
    made: u32,
}

/// One push: what was wanted, and every request it took.
#[derive(Clone, Debug)]
pub struct Run {
    /// Counts up from one.
    pub nth: u32,
    /// When.
    pub at: Timestamp,
    /// In words.
    pub what: String,
    /// In whose words.
    pub dialect: Dialect,
    /// Requests and answers in order.
    pub exchanges: Vec<Exchange>,
}

impl Run {
    /// How many requests were not taken.
    pub fn failed(&self) -> usize {
        self.exchanges.iter().filter(|exchange| !exchange.is_taken()).count()
    }
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// `POST` and so on.
    pub method: &'static str,
    /// Below the base URL, to read.
    pub path: String,
    /// What was sent, to read.
    pub body: Option<String>,
    /// The status; `None` if there was no answer.
    pub status: Option<u16>,
    /// What was answered, to read.
    pub answer: String,
}

impl Exchange {
    /// Whether the directory did it.
    pub fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// The pushing side.
pub struct Push {
    /// What the gateway knows us by.
    pub token: String,
    memory: Mutex<Memory>,
    busy: AtomicBool,
}

impl Push {
    /// How many pushes are remembered.
    const REMEMBERED: usize = 12;

    /// Nothing pushed yet.
    pub fn new(token: String) -> Self {
        Self { token, memory: Mutex::default(), busy: AtomicBool::new(false) }
    }

    /// What was told.
    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One push at a time: two would both create the same user. `None` while one is on its way.
    pub fn turn(&self) -> Option<Turn<'_>> {
        self.busy.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).ok().map(|_| Turn(&self.busy))
    }

    /// Remembers a push; the number in it is replaced by its own.
    pub fn remember(&self, run: Run) {
        let mut memory = self.memory();
        memory.made += 1;
        let nth = memory.made;
        memory.runs.push_front(Run { nth, ..run });
        memory.runs.truncate(Self::REMEMBERED);
    }
}

/// The right to push, given back when it goes.
#[derive(Debug)]
pub struct Turn<'a>(&'a AtomicBool);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
