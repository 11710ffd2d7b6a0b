use std::collections::BTreeSet;

use super::read::{Names, some_text, unique_slug, word};
use super::{DeclaredApplication, DeclaredMember, DeclaredOrganization, DeclaredSeat, ModeWord};
use crate::identity::{EmailAddress, GroupKey};
use crate::organization::{Application, HeaderPreset, Organization, ProvisioningMode};
use crate::product::{Catalog, ParentPlan, Product, ProductKey, RoleKey, SeatTypeKey};
use crate::toml_file::Section;

pub(super) fn organization(
    mut section: Section,
    catalog: &Catalog,
    plan: Option<ParentPlan>,
    names: &mut Names,
) -> Option<DeclaredOrganization> {
    let slug = unique_slug(&mut section, &mut names.organizations, "organization");
    let name = section.required("name", some_text);
    let product = section.required("product", |text| {
        let keys: Vec<&str> = catalog.products().iter().map(|product| product.key().as_str()).collect();
        let found = catalog.product(&ProductKey::new(text));
        found.ok_or_else(|| format!("{text:?} is no product; there are {}", keys.join(", ")))
    });
    let provisioning = section.parsed("provisioning", word(ModeWord::ALL.map(|mode| (mode.as_str(), mode))));
    let group_mappings = section.flag("group_mappings");
    let require_sso = section.flag("require_sso");
    let contact = section.parsed("contact", |text| Ok::<_, String>(text.to_owned()));
    // Without the product, nothing that rests on it can be judged; its own mistake is told.
    let Some(product) = product else {
        drain(&mut section);
        section.end();
        return None;
    };
    check_mode(&section, product, plan, provisioning, group_mappings);
    let seats = seats(section.section("seats"), product);
    let role_mappings = role_mappings(section.section("role_mappings"), product);
    let seat_mappings = seat_mappings(section.section("seat_mappings"), product);
    let mut emails = BTreeSet::new();
    let members = section.sections("member");
    let members = members.into_iter().filter_map(|section| member(section, product, &mut emails)).collect();
    let mut slugs = BTreeSet::new();
    let applications = section
        .sections("application")
        .into_iter()
        .filter_map(|section| application(section, product, &mut slugs, &mut names.origins))
        .collect();
    section.end();
    Some(DeclaredOrganization {
        slug: slug?,
        name: name?,
        product: product.key().clone(),
        provisioning,
        group_mappings,
        require_sso,
        contact,
        seats,
        role_mappings,
        seat_mappings,
        members,
        applications,
    })
}

/// Marks the tables as known where they cannot be read.
fn drain(section: &mut Section) {
    for key in ["seats", "role_mappings", "seat_mappings"] {
        let _ = section.section(key);
    }
    let _ = (section.sections("member"), section.sections("application"));
}

fn check_mode(
    section: &Section,
    product: &Product,
    plan: Option<ParentPlan>,
    provisioning: Option<ModeWord>,
    group_mappings: Option<bool>,
) {
    if provisioning == Some(ModeWord::Manual) && group_mappings == Some(true) {
        let what = "group mappings need provisioning = \"jit\" or \"scim\"; manual ignores groups";
        section.wrong("group_mappings", what);
    }
    if let (Some(ModeWord::Scim), Some(plan)) = (provisioning, plan) {
        let mode = ProvisioningMode::Scim { group_mappings: group_mappings.unwrap_or(false) };
        if let Err(reason) = Organization::mode_is_offered(mode, product, plan) {
            section.wrong("provisioning", reason);
        }
    }
}

fn keys<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    let list: Vec<&str> = keys.collect();
    if list.is_empty() { "it has none".to_owned() } else { format!("it has {}", list.join(", ")) }
}

/// Rule B1: a role of another product is refused.
fn role(product: &Product, text: &str) -> Result<RoleKey, String> {
    let key = RoleKey::new(text);
    let known = product.roles().iter().map(|role| role.key.as_str());
    let found = product.role(&key).is_some();
    if found { Ok(key) } else { Err(format!("{text:?} is no role of {}; {}", product.key(), keys(known))) }
}

fn seat(product: &Product, text: &str) -> Result<SeatTypeKey, String> {
    let key = SeatTypeKey::new(text);
    let known = product.seat_types().iter().map(|seat| seat.key.as_str());
    let found = product.seat_type(&key).is_some();
    if found { Ok(key) } else { Err(format!("{text:?} is no seat type of {}; {}", product.key(), keys(known))) }
}

fn seats(mut section: Section, product: &Product) -> Vec<(SeatTypeKey, u32)> {
    let mut read = Vec::new();
    for (key, bought) in section.numbers() {
        match seat(product, &key) {
            Ok(seat) => read.push((seat, bought)),
            Err(what) => section.wrong(&key, what),
        }
    }
    read
}

fn group(text: &str) -> Result<GroupKey, &'static str> {
    GroupKey::new(text).ok_or("a group of 1 to 1024 bytes is expected")
}

fn role_mappings(mut section: Section, product: &Product) -> Vec<(RoleKey, Vec<GroupKey>)> {
    let mut read = Vec::new();
    for (key, groups) in section.lists(group) {
        match role(product, &key) {
            Ok(role) => read.push((role, groups)),
            Err(what) => section.wrong(&key, what),
        }
    }
    read
}

fn seat_mappings(mut section: Section, product: &Product) -> Vec<(SeatTypeKey, Vec<GroupKey>)> {
    let mut read = Vec::new();
    for (key, groups) in section.lists(group) {
        match seat(product, &key) {
            // Rules B2, B3: where there is no choice, groups do not choose.
            Ok(_) if !product.maps_seats() => {
                let what = format!("{} has one seat type, which everyone gets; leave seat_mappings out", product.key());
                section.wrong(&key, what);
            }
            Ok(seat) => read.push((seat, groups)),
            Err(what) => section.wrong(&key, what),
        }
    }
    read
}

fn member(mut section: Section, product: &Product, seen: &mut BTreeSet<String>) -> Option<DeclaredMember> {
    let email = section.required("email", EmailAddress::parse);
    if let Some(email) = email.as_ref().filter(|email| !seen.insert(email.to_string())) {
        section.wrong("email", format!("{email} stands in this organization twice"));
    }
    let named_role = section.has("role");
    let role = section.parsed("role", |text| role(product, text));
    let role = if named_role { role } else { Some(product.default_role().clone()) };
    let named_seat = section.has("seat");
    let seat = section.parsed("seat", |text| match text {
        "" => Ok(DeclaredSeat::Unassigned),
        text => seat(product, text).map(DeclaredSeat::Type),
    });
    let seat = if named_seat { seat } else { Some(DeclaredSeat::NotNamed) };
    section.end();
    Some(DeclaredMember { email: email?, role: role?, seat: seat? })
}

fn application(
    mut section: Section,
    product: &Product,
    slugs: &mut BTreeSet<String>,
    origins: &mut BTreeSet<String>,
) -> Option<DeclaredApplication> {
    let slug = unique_slug(&mut section, slugs, "application of this organization");
    let name = section.parsed("name", some_text);
    let url = section.required("url", application_url);
    if let Some((_, origin)) = url.as_ref().filter(|(_, origin)| !origins.insert(origin.clone())) {
        section.wrong("url", format!("there is another application at {origin}; each needs a host or port of its own"));
    }
    let roles = section.list("roles", |text| role(product, text));
    let seats = section.list("seats", |text| seat(product, text));
    let headers = section.parsed("headers", word(HeaderPreset::ALL.map(|preset| (preset.as_str(), preset))));
    section.end();
    let (slug, (url, origin)) = (slug?, url?);
    let name = name.unwrap_or_else(|| slug.to_string());
    Some(DeclaredApplication { slug, name, url, origin, roles, seats, headers })
}

/// The URL as written, and its origin.
fn application_url(text: &str) -> Result<(String, String), &'static str> {
    let origin = Application::origin(text).ok_or("an address as https://wiki.example.com is expected")?;
    Ok((text.to_owned(), origin))
}
