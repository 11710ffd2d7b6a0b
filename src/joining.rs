//! How an organization changes its parent: a code from the one side, a proposal from the other, and an approval by whoever may
//! configure the founding organization of the parent that is joined or left. Shows what it means before anybody decides, and carries
//! out only that. Shared by pages; owns no SQL, and leaves people to `membership` (decision 0015).

mod carry_out;
mod codes;
mod effects;
mod proposal;

pub use codes::{CODE_LASTS, make_code, parent_of_code, withdraw_codes};
pub use effects::{Blocker, Effects, Moving, Planned, plan};
pub use proposal::{
    PROPOSAL_LASTS, Proposed, approve, decline, is_founder, is_open, propose_to_join, propose_to_leave, to_decide,
    withdraw,
};

use crate::db::DbError;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum JoiningError {
    /// Made up, mistyped, used, withdrawn or run out: which one is nobody's business.
    #[error("this code leads nowhere; ask for a new one")]
    NoCode,
    /// Forged, another parent's, decided already, withdrawn or run out.
    #[error("there is no such proposal any more")]
    NoProposal,
    /// One organization has one proposal at a time.
    #[error("a proposal waits to be decided already; withdraw it first")]
    AlreadyOpen,
    /// The organization did not found its parent, or whoever acts may not configure it, or not any more.
    #[error("only who may configure the founding organization of the parent organization decides this")]
    NotTheFounder,
    /// Who proposed it may not configure the organization any more.
    #[error("whoever proposed it may not configure the organization any more; somebody else has to propose it")]
    ProposerLost,
    /// What would happen is not what this side was shown.
    #[error("something has moved since this was shown; look at it again")]
    Moved,
    /// Something has moved since it was worked out, in the same breath: it is to be worked out again.
    #[error("something moved just now; try again")]
    Shaken,
    /// What would happen is not what the proposing side was shown.
    #[error("something has moved since it was proposed; it has to be proposed anew")]
    Outdated,
    /// It cannot be done as things are.
    #[error("this cannot be done as things are")]
    Blocked(Vec<Blocker>),
    /// Nobody could configure the organization afterwards, and its name was not typed (rule B33).
    #[error("nobody could configure this organization afterwards; type its name to do it all the same")]
    NotTyped,
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

#[cfg(test)]
mod tests;
