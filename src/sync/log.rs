//! The admin's log of what identity providers sent: its words, and writing it down.

use std::time::Duration;

use super::change::Held;
use crate::db::{DbError, Tx};
use crate::gateway::{Gateway, Noted};
use crate::membership::Effects;
use crate::store;

/// How long requests are kept.
pub const KEPT: Duration = Duration::from_secs(14 * 86_400);

/// What a change came to.
pub(super) fn effect(held: &Held, effects: &Effects) -> String {
    let what = match held {
        Held::User(user, _) => format!("user {}", user.public_id),
        Held::Group(group) => format!("group {}, {} members", group.public_id, group.members),
        Held::Gone => "deleted".to_owned(),
    };
    with(what, effects)
}

/// What a bulk request came to.
pub(super) fn bulk_effect(done: usize, failed: usize, effects: &Effects) -> String {
    with(format!("{done} done, {failed} failed"), effects)
}

fn with(what: String, effects: &Effects) -> String {
    [what].into_iter().chain(effects.words()).collect::<Vec<_>>().join("; ")
}

/// Writes down what was noted in memory: requests, the last use of tokens, and that the directories were heard of. Called every
/// second, so that no request waits for it.
pub async fn write_noted(gateway: &Gateway) -> Result<(), DbError> {
    let Some(noted) = gateway.pushes.noted() else { return Ok(()) };
    if noted.left_out > 0 {
        tracing::warn!(count = noted.left_out, "directory requests came too fast for the log");
    }
    gateway.db.write(move |tx| write(tx, &noted)).await
}

fn write(tx: &mut dyn Tx, noted: &Noted) -> Result<(), DbError> {
    for (token, used) in &noted.uses {
        store::scim_tokens::set_used(tx, *token, used.at, &used.from)?;
        store::directory::note_request(tx, used.parent, used.at)?;
    }
    store::directory_requests::add(tx, &noted.requests)
}
