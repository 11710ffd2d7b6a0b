//! Members: the list, one person, and what is done to them by hand.

pub(super) mod add;
pub(super) mod everybody;
pub(super) mod list;
pub(super) mod person;
pub(super) mod place;
pub(super) mod relink;
pub(super) mod remove;
pub(super) mod sessions;
pub(super) mod suspend;

use actix_web::HttpRequest;

use crate::db::{DbError, Tx};
use crate::session::{self, Admin};
use crate::store;
use crate::store::roster::Line;
use crate::web::failure::Failure;

/// The person under a public id, if the organization knows them as a member, a former one or one who waits.
fn find(request: &HttpRequest, admin: &Admin, public_id: &str) -> Result<Line, Failure> {
    let found = session::gateway(request).db.read(|tx| known(tx, admin, public_id))?;
    found.ok_or(Failure::NotFound)
}

fn known(tx: &mut dyn Tx, admin: &Admin, public_id: &str) -> Result<Option<Line>, DbError> {
    let Some(person) = store::people::by_public_id(tx, admin.organization.parent, public_id)? else { return Ok(None) };
    let line = store::roster::line(tx, admin.organization.id, person.id)?;
    Ok(line.filter(|line| line.member.is_some() || line.waiting.is_some()))
}

/// Where a person's page is.
fn path(admin: &Admin, public_id: &str) -> String {
    format!("/admin/{}/members/{public_id}", admin.organization.slug)
}
