//! Certificates and keys that change while everything goes on: the identity providers', as their metadata names them, and our own.
//! Shared by commands, pages and the daily run; owns no SQL and trusts nothing that it was not told to trust.

pub mod keys;
pub mod metadata;
mod refresh;

pub use refresh::{Look, refresh, refresh_due};
