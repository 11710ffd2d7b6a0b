//! All SQL. One file per entity, plain functions on a transaction; what they return are our types, never rows.
//! Owns no rule, no default and no "if mode is"; not found is `Option`, failure is `Err`.

pub mod access_drafts;
pub mod applications;
pub mod attempts;
pub mod audit;
pub mod connection_setups;
pub mod connections;
pub mod deferred_seats;
pub mod directory;
pub mod directory_addresses;
pub mod directory_groups;
pub mod directory_memberships;
pub mod directory_requests;
pub mod directory_users;
pub mod domains;
pub mod group_bindings;
pub mod keys;
pub mod members;
pub mod operators;
pub mod organizations;
pub mod parent_changes;
pub mod pending;
pub mod people;
pub mod probations;
pub mod roster;
pub mod scim_tokens;
pub mod seats;
pub mod seen_groups;
pub mod sessions;
pub mod settings;
pub mod sign_outs;
pub mod sync_changes;
pub mod sync_holds;
pub mod sync_runs;
pub mod waiting;

use crate::db::DbError;

/// Every migration, oldest first: number, words, SQL. Append only; a released one is never edited.
pub const MIGRATIONS: &[(u32, &str, &str)] = &[
    (1, "first", include_str!("migrations/0001_first.sql")),
    (2, "openid_connect_and_trust", include_str!("migrations/0002_openid_connect_and_trust.sql")),
    (3, "sign_out", include_str!("migrations/0003_sign_out.sql")),
    (4, "directory", include_str!("migrations/0004_directory.sql")),
    (5, "settings_pages", include_str!("migrations/0005_settings_pages.sql")),
    (6, "sync", include_str!("migrations/0006_sync.sql")),
    (7, "key_rollover", include_str!("migrations/0007_key_rollover.sql")),
    (8, "directory_requests", include_str!("migrations/0008_directory_requests.sql")),
    (9, "access_drafts", include_str!("migrations/0009_access_drafts.sql")),
    (10, "declared_tokens", include_str!("migrations/0010_declared_tokens.sql")),
    (11, "told_groups", include_str!("migrations/0011_told_groups.sql")),
    (12, "deferred_seats", include_str!("migrations/0012_deferred_seats.sql")),
    (13, "access_probation", include_str!("migrations/0013_access_probation.sql")),
    (14, "run_progress", include_str!("migrations/0014_run_progress.sql")),
    (15, "connection_setup", include_str!("migrations/0015_connection_setup.sql")),
    (16, "parent_changes", include_str!("migrations/0016_parent_changes.sql")),
    (17, "people_in_groups", include_str!("migrations/0017_people_in_groups.sql")),
    (18, "member_checks", include_str!("migrations/0018_member_checks.sql")),
    (19, "undo_progress", include_str!("migrations/0019_undo_progress.sql")),
];

/// What is kept does not read as what it should be: somebody edited the database by hand.
fn damaged(what: &str) -> DbError {
    DbError::Other(format!("the database holds an unreadable {what}"))
}

/// A list as JSON text.
fn to_list<K: ToString>(keys: &[K]) -> String {
    let texts: Vec<String> = keys.iter().map(K::to_string).collect();
    serde_json::Value::from(texts).to_string()
}

/// A list out of JSON text.
fn from_list(text: &str) -> Result<Vec<String>, DbError> {
    serde_json::from_str(text).map_err(|_| damaged("list"))
}

#[cfg(test)]
mod tests;
