//! "Identity and access": who becomes a member, with what, by which groups. Shows how things stand, keeps drafts, shows what saving
//! them would do to whom, and saves what was shown.

pub(super) mod confirm;
pub(super) mod edit;
pub(super) mod export;
mod filter;
mod groups;
pub(super) mod kept;
pub(super) mod lines;
pub(super) mod preview;
pub(super) mod save;
pub(super) mod show;
pub(super) mod sso;
pub(super) mod standing;

use crate::audit::Actor;
use crate::session::Admin;
use crate::settings::change::actor;

/// Under which name an admin's draft is kept; an operator's is shared by all operators.
fn editor(admin: &Admin) -> String {
    let actor: Actor = actor(admin);
    actor.to_string()
}

/// Where the page of an organization is.
fn path(admin: &Admin) -> String {
    format!("/admin/{}/identity", admin.organization.slug)
}
