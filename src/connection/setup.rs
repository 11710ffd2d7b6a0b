use crate::clock::Timestamp;
use crate::ids::{ParentId, PersonId, Slug};

/// A connection that is being set up on pages, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSetup {
    /// The slug that the connection has, or will have: our addresses at the identity provider are made with it.
    pub slug: Slug,
    /// The parent organization whose connection it is.
    pub parent: ParentId,
    /// The word of the identity provider that was chosen.
    pub vendor: String,
    /// What it is to be called; the connection's own label counts once there is one.
    pub label: String,
    /// Since when.
    pub begun: Timestamp,
}

/// A link that lets a colleague without an account set up one connection. Its token is kept hashed, and never here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupLink {
    /// Its row.
    pub id: i64,
    /// The connection that it opens the setup of.
    pub slug: Slug,
    /// The person who made it; `None` is an operator.
    pub maker: Option<PersonId>,
    /// Since when.
    pub made: Timestamp,
    /// Until when.
    pub expires: Timestamp,
    /// When somebody took it back.
    pub revoked: Option<Timestamp>,
    /// When something was last done by it.
    pub used: Option<Timestamp>,
    /// From which address.
    pub used_from: Option<String>,
}
