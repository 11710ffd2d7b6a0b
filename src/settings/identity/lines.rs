use super::preview::PreviewLine;
use crate::audit::Held;
use crate::clock::Timestamp;
use crate::membership::{PersonForeseen, RestsOn, Told};
use crate::organization::{AccessSettings, GroupMapping, Organization, ProvisioningMode};
use crate::product::{Product, RoleKey, SeatTypeKey};
use crate::provisioning::{Consequence, Standing};
use crate::settings::frame::When;
use crate::settings::words;
use crate::web::language::Texts;

/// A setting that changes.
pub struct Change {
    /// What it is called.
    pub what: String,
    /// How it is.
    pub before: String,
    /// How it becomes.
    pub after: String,
}

/// The settings that a draft changes, in words.
pub(super) fn changes(
    product: &Product,
    organization: &Organization,
    after: &AccessSettings,
    texts: Texts,
) -> Vec<Change> {
    let before = AccessSettings::of(organization).in_order();
    let mut changes = Vec::new();
    let mut change = |key: &str, before: String, after: String| {
        if before != after {
            changes.push(Change { what: texts.t(key).into_owned(), before, after });
        }
    };
    let mode = |mode: ProvisioningMode| {
        let key = match mode {
            ProvisioningMode::Manual => "mode-manual",
            ProvisioningMode::Jit { .. } => "mode-jit",
            ProvisioningMode::Scim { .. } => "mode-scim",
        };
        texts.t(key).into_owned()
    };
    let switch = |on: bool| texts.t(if on { "switched-on" } else { "switched-off" }).into_owned();
    change("provisioning-mode", mode(before.mode), mode(after.mode));
    let mapped = |settings: &AccessSettings| switch(settings.mode.has_group_mappings());
    change("group-mappings", mapped(&before), mapped(after));
    change("require-sso", switch(before.require_sso), switch(after.require_sso));
    let none = || texts.t("mapping-none").into_owned();
    for role in product.roles() {
        let groups = |settings: &AccessSettings| groups(&settings.mappings.roles, &role.key).unwrap_or_else(none);
        let (before, after) = (groups(&before), groups(after));
        if before != after {
            changes.push(Change { what: texts.with("groups-of", "what", &role.label).into_owned(), before, after });
        }
    }
    for seat in product.seat_types() {
        let groups = |settings: &AccessSettings| groups(&settings.mappings.seats, &seat.key).unwrap_or_else(none);
        let (before, after) = (groups(&before), groups(after));
        if before != after {
            changes.push(Change { what: texts.with("groups-of", "what", &seat.label).into_owned(), before, after });
        }
    }
    changes
}

/// The groups that give something, in a line.
fn groups<K: PartialEq>(rows: &[GroupMapping<K>], gives: &K) -> Option<String> {
    let named: Vec<&str> = rows.iter().filter(|row| row.gives == *gives).map(|row| row.group.as_str()).collect();
    (!named.is_empty()).then(|| named.join(", "))
}

/// What changes for somebody, in words.
pub(super) fn person(product: &Product, slug: &str, one: &PersonForeseen, texts: Texts, now: Timestamp) -> PreviewLine {
    let has = |role: &RoleKey, seat: Option<&SeatTypeKey>| {
        let role = words::role(product, role);
        match seat {
            Some(seat) => format!("{role}, {}", words::seat(product, seat)),
            None if product.has_seats() => format!("{role}, {}", texts.t("no-seat-choice")),
            None => role,
        }
    };
    let becomes = |standing: &Standing| has(&standing.role, standing.seat.as_ref());
    let with = |key: &str, what: &str| texts.with(key, "what", what).into_owned();
    let (after, state) = match &one.what {
        Consequence::Removed(why) => (with("foreseen-removed", &words::why(texts, why.code())), "bad"),
        Consequence::Refused(why) => (with("foreseen-refused", &words::why(texts, why.code())), "bad"),
        Consequence::Lowered(standing) => (with("foreseen-lowered", &becomes(standing)), "bad"),
        Consequence::Changed(standing) => (with("foreseen-changed", &becomes(standing)), "good"),
        Consequence::Waits(role, seat) => {
            let seat = seat.as_ref().map(|seat| words::seat(product, seat));
            let seat = seat.unwrap_or_else(|| texts.t("any-seat").into_owned());
            let role = words::role(product, role);
            (texts.with2("foreseen-waits", ("seat", &seat), ("role", &role)).into_owned(), "bad")
        }
        Consequence::StaysOut(why) => (with("foreseen-stays-out", &words::why(texts, why.code())), "gone"),
        Consequence::Unknown => (texts.t("foreseen-unknown").into_owned(), "gone"),
        Consequence::Joins(standing) => (with("foreseen-joins", &becomes(standing)), "good"),
        Consequence::Keeps(standing) => (with("foreseen-keeps", &becomes(standing)), "good"),
    };
    let before = match &one.before {
        Some(Held { role, seat }) => has(role, seat.as_ref()),
        None => texts.t("not-a-member").into_owned(),
    };
    let (rests_on, at) = rests_on(&one.rests_on, texts, now);
    let href = one.public_id.as_ref().filter(|_| one.before.is_some());
    PreviewLine {
        href: href.map(|id| format!("/admin/{slug}/members/{id}")),
        email: one.email.clone(),
        before,
        after,
        state,
        rests_on,
        at,
    }
}

/// What is known of somebody, and how old that is (rule B32).
fn rests_on(known: &RestsOn, texts: Texts, now: Timestamp) -> (String, Option<When>) {
    match known {
        RestsOn::SignIn(told, at) => {
            let days = now.since(*at).as_secs() / 86_400;
            let key = match told {
                Told::Groups => "rests-on-groups",
                Told::Nothing => "rests-on-no-groups",
                Told::TooMany => "rests-on-too-many",
            };
            (texts.count(key, days).into_owned(), Some(When(*at)))
        }
        RestsOn::Nothing => (texts.t("rests-on-nothing").into_owned(), None),
        RestsOn::Directory => (texts.t("rests-on-directory").into_owned(), None),
        RestsOn::NotInDirectory => (texts.t("rests-on-not-in-directory").into_owned(), None),
    }
}
