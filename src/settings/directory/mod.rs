//! The directory of the parent organization, as far as it concerns this organization: base URL and tokens, users and groups with what they
//! are here, what identity providers sent, and what does not fit together.

pub(super) mod groups;
pub(super) mod mismatches;
pub(super) mod pushers;
pub(super) mod requests;
pub(super) mod show;
pub(super) mod tokens;
pub(super) mod users;

use super::words;
use crate::db::{DbError, Tx};
use crate::directory::DirectoryUser;
use crate::ids::PersonId;
use crate::organization::{Organization, ProvisioningMode, SyncNotOffered};
use crate::product::{Permission, Product};
use crate::session::Admin;
use crate::store;
use crate::store::roster::Line;
use crate::web::language::Texts;

/// How many users or groups a page lists.
const PAGE: u32 = 50;

/// The text key of why this organization is not offered directory sync, if it is not.
fn not_offered(
    tx: &mut dyn Tx,
    organization: &Organization,
    product: &Product,
) -> Result<Option<&'static str>, DbError> {
    let parent = store::organizations::parent_by_id(tx, organization.parent)?;
    let Some(parent) = parent else { return Ok(None) };
    let scim = ProvisioningMode::Scim { group_mappings: false };
    Ok(match Organization::mode_is_offered(scim, product, parent.plan) {
        Ok(()) => None,
        Err(SyncNotOffered::ByTheProduct) => Some("scim-not-offered-product"),
        Err(SyncNotOffered::ByTheParent) => Some("scim-not-offered-parent"),
    })
}

/// The person that a user is, or would be taken for.
fn person_of(tx: &mut dyn Tx, user: &DirectoryUser) -> Result<Option<PersonId>, DbError> {
    match (user.person, &user.content.email) {
        (Some(person), _) => Ok(Some(person)),
        (None, Some(email)) => Ok(store::people::by_email(tx, user.parent, email)?.map(|person| person.id)),
        (None, None) => Ok(None),
    }
}

/// What an organization's settings make of directory users, read once for a page.
struct Effects<'a> {
    organization: &'a Organization,
    product: &'a Product,
    /// SCIM ids of groups that give a role; `None` where groups decide nothing.
    mapped: Option<Vec<String>>,
    texts: Texts,
}

/// What a user is in the organization.
struct Effect {
    /// In words.
    text: String,
    /// The text key of its kind, for those who see colours.
    state: &'static str,
    /// The SCIM-independent id under which the organization knows the person.
    person: Option<String>,
}

impl<'a> Effects<'a> {
    fn read(
        tx: &mut dyn Tx,
        organization: &'a Organization,
        product: &'a Product,
        texts: Texts,
    ) -> Result<Self, DbError> {
        let mapped = if organization.mode.has_group_mappings() {
            let bound = store::group_bindings::of_organization(tx, organization.id)?;
            let gives = |value| organization.mappings.roles.iter().any(|row| row.group == value);
            Some(bound.into_iter().filter(|one| gives(one.value.clone())).map(|one| one.directory_group).collect())
        } else {
            None
        };
        Ok(Self { organization, product, mapped, texts })
    }

    fn of(&self, tx: &mut dyn Tx, user: &DirectoryUser) -> Result<Effect, DbError> {
        let line = match person_of(tx, user)? {
            Some(person) => store::roster::line(tx, self.organization.id, person)?,
            None => None,
        };
        let known = line.as_ref().filter(|line| line.member.is_some() || line.waiting.is_some());
        let (text, state) = match self.standing(line.as_ref()) {
            Some(standing) => standing,
            None => (self.why_not(tx, user)?, "gone"),
        };
        Ok(Effect { text, state, person: known.map(|line| line.person.public_id.clone()) })
    }

    /// Of a member, or of somebody who waits.
    fn standing(&self, line: Option<&Line>) -> Option<(String, &'static str)> {
        let line = line?;
        if let Some(member) = line.member.as_ref().filter(|member| member.is_active()) {
            let role = words::role(self.product, &member.role);
            let held = if self.product.has_seats() {
                format!("{role}, {}", words::seat_or_none(self.product, member.seat.as_ref(), self.texts))
            } else {
                role
            };
            return Some((self.texts.with("effect-member", "held", &held).into_owned(), "good"));
        }
        let waiting = line.waiting.as_ref()?;
        let text = match &waiting.seat {
            Some(seat) => self.texts.with("effect-no-seat", "seat", &words::seat(self.product, seat)),
            None => self.texts.t("effect-no-free-seat"),
        };
        Some((text.into_owned(), "bad"))
    }

    /// Why somebody is no member, the nearest reason first.
    fn why_not(&self, tx: &mut dyn Tx, user: &DirectoryUser) -> Result<String, DbError> {
        let key = if !matches!(self.organization.mode, ProvisioningMode::Scim { .. }) {
            "effect-not-synced"
        } else if !user.content.active {
            "effect-inactive"
        } else if user.content.email.is_none() {
            "effect-no-address"
        } else if !self.is_in_a_mapped_group(tx, user)? {
            "effect-no-group"
        } else {
            "effect-next-run"
        };
        Ok(self.texts.t(key).into_owned())
    }

    fn is_in_a_mapped_group(&self, tx: &mut dyn Tx, user: &DirectoryUser) -> Result<bool, DbError> {
        let Some(mapped) = &self.mapped else { return Ok(true) };
        let groups = store::directory_memberships::groups_of_user(tx, user.id)?;
        Ok(groups.iter().any(|group| mapped.contains(&group.public_id)))
    }
}

/// The page of a person, where this admin may see members.
fn person_page(admin: &Admin, public_id: Option<&String>) -> Option<String> {
    let public_id = public_id.filter(|_| admin.may(Permission::Members))?;
    Some(format!("/admin/{}/members/{public_id}", admin.organization.slug))
}
