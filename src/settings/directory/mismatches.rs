use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::person_page;
use crate::db::{DbError, Tx};
use crate::directory::DirectoryUser;
use crate::ids::{DirectoryUserId, PersonId};
use crate::membership::{Alike, TurnedAway, turned_away};
use crate::session::{self, Admin};
use crate::settings::frame::Nav;
use crate::settings::runs::list::is_synced;
use crate::settings::words;
use crate::store;
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// How many users, and how many members, a page looks at: what fits together is not listed.
const LOOKED_AT: u32 = 200;

/// What does not fit together between directory and organization.
#[derive(Template)]
#[template(path = "settings/directory_mismatches.html")]
pub struct MismatchesPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// What was found: the person's page, who, and what.
    pub rows: Vec<(Option<String>, String, String)>,
    /// Where the search goes on.
    pub next: Option<String>,
    /// Where it begins, if this is further on.
    pub first: Option<String>,
}

/// `?after=&member=`: the last user and member that were looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    after: String,
    member: String,
}

/// `GET /admin/{organization}/directory/mismatches`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let frame = Frame::of(&request);
    let number = |text: &str| text.parse::<i64>().ok().filter(|id| *id > 0);
    let (user, member) = (number(&asked.after), number(&asked.member));
    let (texts, looker, now) = (frame.texts, admin.clone(), gateway.now());
    let read = gateway.db.read_heavy(move |tx| -> Result<_, DbError> {
        let mut rows = Vec::new();
        let at = DirectoryUserId(user.unwrap_or(0));
        let users = store::directory_users::page_after(tx, looker.organization.parent, at, LOOKED_AT)?;
        let refused = turned_away(tx, looker.organization.parent, now)?;
        for user in &users {
            of_user(tx, &looker, user, texts, &mut rows)?;
            rows.extend(refused.iter().filter_map(|one| refused_alike(&looker, one, user, texts)));
        }
        let at = PersonId(member.unwrap_or(0));
        let members = if is_synced(&looker.organization) {
            store::members::held_by_directory(tx, looker.organization.id, at, LOOKED_AT)?
        } else {
            Vec::new()
        };
        for (person, _) in members.iter().filter(|(_, held)| !held) {
            let Some(person) = store::people::by_id(tx, *person)? else { continue };
            let href = person_page(&looker, Some(&person.public_id));
            rows.push((href, person.email.to_string(), texts.t("mismatch-ghost").into_owned()));
        }
        let more = users.len() == LOOKED_AT as usize || members.len() == LOOKED_AT as usize;
        let user = users.last().map(|last| last.id.0).or(user).unwrap_or(i64::MAX);
        let member = members.last().map(|last| last.0.0).or(member).unwrap_or(i64::MAX);
        Ok((rows, more.then_some((user, member))))
    });
    let (rows, next) = read.await?;
    let all = format!("/admin/{}/directory/mismatches", admin.organization.slug);
    let page = MismatchesPage {
        nav: Nav::of(&request, &admin, "nav-directory")?,
        next: next.map(|(user, member)| format!("{all}?after={user}&member={member}")),
        first: user.or(member).map(|_| all),
        rows,
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// Somebody who was refused and looks like a user of the directory: the decision, who, and what.
fn refused_alike(
    admin: &Admin,
    one: &TurnedAway,
    user: &DirectoryUser,
    texts: Texts,
) -> Option<(Option<String>, String, String)> {
    let (alike, email) = (one.looks_like(user)?, user.content.email.as_ref()?);
    let why = words::why(texts, &one.attempt.code);
    let (why, name, email) =
        (("why", why.as_str()), ("name", user.content.user_name.as_str()), ("email", email.as_str()));
    let what = match alike {
        Alike::OtherSubject => texts.fill("mismatch-refused-subject", &[why, name]),
        Alike::SameAddress => texts.fill("mismatch-refused-same", &[why, name]),
        Alike::NearlyTheAddress => texts.fill("mismatch-refused-nearly", &[why, name, email]),
    };
    let href = format!("/admin/{}/events/{}", admin.organization.slug, one.attempt.incident);
    Some((Some(href), one.email.to_string(), what.into_owned()))
}

fn of_user(
    tx: &mut dyn Tx,
    admin: &Admin,
    user: &DirectoryUser,
    texts: Texts,
    rows: &mut Vec<(Option<String>, String, String)>,
) -> Result<(), DbError> {
    let who = user.content.user_name.to_string();
    let mut say = |what: std::borrow::Cow<'_, str>| rows.push((None, who.clone(), what.into_owned()));
    let Some(email) = &user.content.email else {
        say(texts.t("mismatch-no-address"));
        return Ok(());
    };
    if store::domains::verified_owner(tx, &email.domain())? != Some(admin.organization.parent) {
        say(texts.with("mismatch-domain", "domain", email.domain().as_str()));
    }
    if let Some(person) = user.person
        && let Some(person) = store::people::by_id(tx, person)?.filter(|person| person.email != *email)
    {
        let values = [("directory", email.as_str()), ("here", person.email.as_str())];
        say(texts.fill("mismatch-address", &values));
    }
    if user.person.is_none()
        && let Some(holder) = store::people::by_email(tx, user.parent, email)?
        && store::directory_users::facts_of_person(tx, holder.id)?.is_some()
    {
        say(texts.with("mismatch-in-use", "email", email.as_str()));
    }
    Ok(())
}
