//! Linking anew (rule B9): who was made again at the identity provider comes with another subject under the same address, and is
//! refused until an admin says that it is the same person.

use super::Context;
use crate::audit::Event;
use crate::connection::Connection;
use crate::db::{DbError, Tx};
use crate::store;
use crate::store::people::Person;

/// Forgets by which subject a connection knows a person, and ends the person's sessions. The next sign-in through it with the
/// person's address is linked to the same person, with role, seat and history. `false`: the connection does not know the person.
pub fn relink(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    person: &Person,
    connection: &Connection,
) -> Result<bool, DbError> {
    if !store::people::is_known_to(tx, person.id, connection.id)? {
        return Ok(false);
    }
    store::sessions::end_all(tx, person.id)?;
    store::people::forget_subjects(tx, person.id, connection.id)?;
    let event = Event::SubjectForgotten { person: person.id, connection: connection.slug.to_string() };
    context.record(tx, Some(connection.parent), None, event)?;
    Ok(true)
}
