use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::PAGE;
use crate::db::DbError;
use crate::ids::DirectoryGroupId;
use crate::session::{self, Admin};
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::words;
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// Groups of the directory, and what each gives in this organization.
#[derive(Template)]
#[template(path = "settings/directory_groups.html")]
pub struct DirectoryGroupsPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// The groups.
    pub rows: Vec<GroupRow>,
    /// Mapped values whose group is gone, and what they gave.
    pub gone: Vec<(String, String)>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, if this is further on.
    pub first: Option<String>,
}

/// A group in the list.
pub struct GroupRow {
    /// What it is called now.
    pub name: String,
    /// Its SCIM `id`.
    pub id: String,
    /// How many users are in it.
    pub members: u64,
    /// What it gives here, in words; empty: nothing.
    pub gives: String,
    /// The latest change.
    pub changed: When,
}

/// `?after=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    after: String,
}

/// `GET /admin/{organization}/directory/groups`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let (organization, product) = (&admin.organization, overview::product(&request, &admin.organization)?);
    let frame = Frame::of(&request);
    let after = asked.after.parse().ok().filter(|id| *id > 0);
    let (groups, more, bound, gone) = gateway.db.read(|tx| -> Result<_, DbError> {
        let at = DirectoryGroupId(after.unwrap_or(0));
        let mut groups = store::directory_groups::page_after(tx, organization.parent, at, PAGE + 1)?;
        let more = groups.len() > PAGE as usize;
        groups.truncate(PAGE as usize);
        let bound = store::group_bindings::of_organization(tx, organization.id)?;
        let mut gone = Vec::new();
        for one in bound.iter().filter(|_| after.is_none()) {
            if store::directory_groups::by_public_id(tx, organization.parent, &one.directory_group)?.is_none() {
                gone.push(one.clone());
            }
        }
        Ok((groups, more, bound, gone))
    })?;
    let gives = |value: &crate::identity::GroupKey| {
        let roles = organization.mappings.roles.iter().filter(|row| row.group == *value);
        let seats = organization.mappings.seats.iter().filter(|row| row.group == *value);
        let roles =
            roles.map(|row| frame.texts.with("gives-role", "role", &words::role(product, &row.gives)).into_owned());
        let seats =
            seats.map(|row| frame.texts.with("gives-seat", "seat", &words::seat(product, &row.gives)).into_owned());
        roles.chain(seats).collect::<Vec<_>>().join(", ")
    };
    let all = format!("/admin/{}/directory/groups", organization.slug);
    let row = |group: &crate::directory::DirectoryGroup| {
        let values = bound.iter().filter(|one| one.directory_group == group.public_id);
        GroupRow {
            name: group.content.display_name.to_string(),
            id: group.public_id.clone(),
            members: group.members,
            gives: values.map(|one| gives(&one.value)).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "),
            changed: When(group.updated_at),
        }
    };
    let page = DirectoryGroupsPage {
        nav: Nav::of(&request, &admin, "nav-directory")?,
        rows: groups.iter().map(row).collect(),
        gone: gone.iter().map(|one| (one.value.as_str().to_owned(), gives(&one.value))).collect(),
        next: groups.last().filter(|_| more).map(|last| format!("{all}?after={}", last.id)),
        first: after.map(|_| all.clone()),
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}
