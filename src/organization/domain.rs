use crate::clock::Timestamp;
use crate::identity::DomainName;
use crate::ids::{DomainId, ParentId};

/// A domain that a parent organization says is its own (rule B6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its row.
    pub id: DomainId,
    /// Who claims it.
    pub parent: ParentId,
    /// The name.
    pub name: DomainName,
    /// The value expected in DNS: `usher-domain-verification=<random>`. Stays visible after verification.
    pub challenge: String,
    /// Whether the claim is proven.
    pub state: DomainState,
}

/// How far a claim is proven. Only a verified domain lets anybody sign in (rule B8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainState {
    /// Not looked up yet.
    Pending,
    /// Proven by DNS, or vouched for by an operator from the shell.
    Verified {
        /// Since when.
        since: Timestamp,
        /// By an operator, not by DNS.
        vouched: bool,
    },
    /// DNS answered something else.
    Failed {
        /// When it was looked up.
        checked: Timestamp,
        /// What DNS answered, to stand beside what was expected.
        found: String,
    },
}

impl Domain {
    /// Whether people with addresses here may sign in.
    pub fn is_verified(&self) -> bool {
        matches!(self.state, DomainState::Verified { .. })
    }
}
