//! Where somebody signs in again whose session does not count everywhere (rule B7).

use crate::connection::ConnectionStatus;
use crate::db::{DbError, Tx};
use crate::ids::{ParentId, PersonId};
use crate::store;

/// The path that starts an active connection of a parent, one that knows the person before others, and leads to `return_to`.
/// `None` if no connection is active.
pub fn path(tx: &mut dyn Tx, parent: ParentId, person: PersonId, return_to: &str) -> Result<Option<String>, DbError> {
    let mut active = store::connections::of_parent(tx, parent)?;
    active.retain(|connection| connection.status == ConnectionStatus::Active);
    let known = store::people::subjects_of(tx, person)?;
    let knows = |connection: &crate::connection::Connection| known.iter().any(|one| one.connection == connection.id);
    active.sort_by_key(|connection| !knows(connection));
    Ok(active.first().map(|connection| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", return_to);
        format!("/sign-in/{}?{}", connection.slug, query.finish())
    }))
}
