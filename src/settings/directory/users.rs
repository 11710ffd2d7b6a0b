use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{Effects, PAGE, person_page};
use crate::db::DbError;
use crate::ids::DirectoryUserId;
use crate::session::{self, Admin};
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::store;
use crate::web::failure::Failure;
use crate::web::page::{self, Frame};

/// Users of the directory, and what each is in this organization.
#[derive(Template)]
#[template(path = "settings/directory_users.html")]
pub struct DirectoryUsersPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// What is searched for.
    pub search: String,
    /// The users.
    pub rows: Vec<UserRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, if this is further on.
    pub first: Option<String>,
}

/// A user in the list.
pub struct UserRow {
    /// The page of the person, where this organization knows them.
    pub href: Option<String>,
    /// `userName`.
    pub user_name: String,
    /// The address that counts.
    pub email: String,
    /// Switched off at the identity provider.
    pub inactive: bool,
    /// What they are here, in words.
    pub effect: String,
    /// The text key of its kind.
    pub state: &'static str,
    /// The latest change of the user.
    pub changed: When,
}

/// `?q=&after=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    after: String,
}

/// `GET /admin/{organization}/directory/users`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let frame = Frame::of(&request);
    let search: String = asked.q.trim().chars().take(100).collect();
    let after = asked.after.parse().ok().filter(|id| *id > 0);
    let (parent, at, sought) = (admin.organization.parent, DirectoryUserId(after.unwrap_or(0)), search.clone());
    let read = gateway.db.read_heavy(move |tx| -> Result<_, DbError> {
        if !sought.is_empty() {
            return store::directory_users::search(tx, parent, &sought, at, PAGE);
        }
        let mut users = store::directory_users::page_after(tx, parent, at, PAGE + 1)?;
        let more = users.len() > PAGE as usize;
        users.truncate(PAGE as usize);
        let next = users.last().filter(|_| more).map(|last| last.id);
        Ok((users, next))
    });
    let (users, next) = read.await?;
    let rows = gateway.db.read(|tx| -> Result<_, DbError> {
        let effects = Effects::read(tx, &admin.organization, product, frame.texts)?;
        let mut rows = Vec::with_capacity(users.len());
        for user in &users {
            let effect = effects.of(tx, user)?;
            rows.push(UserRow {
                href: person_page(&admin, effect.person.as_ref()),
                user_name: user.content.user_name.to_string(),
                email: user.content.email.as_ref().map(ToString::to_string).unwrap_or_default(),
                inactive: !user.content.active,
                effect: effect.text,
                state: effect.state,
                changed: When(user.updated_at),
            });
        }
        Ok(rows)
    })?;
    let link = |after: Option<String>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", search.as_str()), ("after", after.as_deref().unwrap_or_default())] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/admin/{}/directory/users?{}", admin.organization.slug, query.finish())
    };
    let page = DirectoryUsersPage {
        nav: Nav::of(&request, &admin, "nav-directory")?,
        next: next.map(|last| link(Some(last.to_string()))),
        first: after.map(|_| link(None)),
        rows,
        search,
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}
