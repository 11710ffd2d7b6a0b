//! What happened: the audit log and sign-ins, found, read and exported (rules B39, B43).

pub(super) mod decision;
pub(super) mod export;
mod find;
pub(super) mod line;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use self::find::Sought;
use self::line::{EventLine, lines};
use super::frame::Nav;
use super::overview;
use super::problems::Problems;
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::identity::EmailAddress;
use crate::ids::{AuditId, Incident, PersonId};
use crate::product::Permission;
use crate::session::{self, Admin};
use crate::store;
use crate::store::audit::Before;
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// How many events a page lists.
const PAGE: usize = 50;

/// The log of an organization.
#[derive(Template)]
#[template(path = "settings/events.html")]
pub struct EventsPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// What is looked for.
    pub asked: Asked,
    /// The kinds of events: value, name and whether it is the one looked for.
    pub kinds: Vec<(&'static str, String, bool)>,
    /// The kinds of actors: value, text key and whether it is the one looked for.
    pub actors: Vec<(&'static str, &'static str, bool)>,
    /// The events, newest first.
    pub lines: Vec<EventLine>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, if this is further on.
    pub first: Option<String>,
    /// The filters as a query, for the exports.
    pub query: String,
    /// What is wrong with what was asked.
    pub problems: Problems,
}

/// The filters, as the URL has them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// A kind of event.
    pub kind: String,
    /// The address of whom it happened to.
    pub person: String,
    /// A kind of actor.
    pub by: String,
    /// The address of who did it.
    pub actor: String,
    /// A date: not older.
    pub since: String,
    /// A date: not newer than its end.
    pub until: String,
    /// The code of a sign-in.
    pub incident: String,
    /// A place in the log.
    pub after: String,
}

impl Asked {
    fn query(&self, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("kind", self.kind.as_str()),
            ("person", &self.person),
            ("by", &self.by),
            ("actor", &self.actor),
            ("since", &self.since),
            ("until", &self.until),
            ("after", after.unwrap_or_default()),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

/// Value and text key of each kind of actor.
const ACTORS: [(&str, &str); 6] = [
    ("", "events-by-anyone"),
    ("operator", "actor-operator"),
    ("shell", "actor-shell"),
    ("directory", "actor-directory"),
    ("system", "actor-system"),
    ("stranger", "actor-stranger"),
];

/// What the filters mean, and where they begin; or what is wrong with them.
fn understood(
    tx: &mut dyn Tx,
    admin: &Admin,
    asked: &Asked,
    texts: Texts,
) -> Result<(Sought, Before, Problems), DbError> {
    const DAY: Duration = Duration::from_secs(86_400);
    let mut problems = Problems::default();
    let mut day = |text: &str, field: &'static str| {
        let read = Timestamp::parse(text).filter(|_| text.len() == 10);
        if read.is_none() && !text.is_empty() {
            problems.0.push((field, texts.t("problem-date").into_owned()));
        }
        read
    };
    let since = day(&asked.since, "since").unwrap_or(Timestamp::from_millis(i64::MIN));
    let until = day(&asked.until, "until").map(|day| Before(day.plus(DAY), AuditId(i64::MIN)));
    let mut known = |tx: &mut dyn Tx, text: &str, field: &'static str| -> Result<Option<PersonId>, DbError> {
        if text.is_empty() {
            return Ok(None);
        }
        let email = EmailAddress::parse(text).ok();
        let found = match &email {
            Some(email) => store::people::by_email(tx, admin.organization.parent, email)?,
            None => None,
        };
        if found.is_none() {
            problems.0.push((field, texts.t("problem-nobody").into_owned()));
        }
        // Nobody has this id, so nothing is found.
        Ok(Some(found.map_or(PersonId(-1), |person| person.id)))
    };
    let person = known(tx, asked.person.trim(), "person")?;
    let actor = known(tx, asked.actor.trim(), "actor")?.map(|id| ("person".to_owned(), id.to_string()));
    let by = ACTORS.iter().any(|(word, _)| *word == asked.by && !word.is_empty());
    let sought = Sought {
        organization: admin.organization.id,
        parent: admin.organization.parent,
        sees_parent: admin.may(Permission::Identity),
        kind: Event::KINDS.contains(&asked.kind.as_str()).then(|| asked.kind.clone()),
        person,
        actor: actor.or(by.then(|| (asked.by.clone(), String::new()))),
        since,
    };
    let from = find::read(&asked.after);
    Ok((sought, until.map_or(from, |until| until.min(from)), problems))
}

/// `GET /admin/{organization}/events`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?.clone();
    let (frame, slug) = (Frame::of(&request), admin.organization.slug.clone());
    let (asked, texts) = (asked.into_inner(), frame.texts);
    let mut problems = Problems::default();
    if !asked.incident.trim().is_empty() {
        match sign_in(&request, &admin, &asked.incident)? {
            Some(incident) => return Ok(page::see_other(&format!("/admin/{slug}/events/{incident}"), &[])),
            None => problems = Problems::one("incident", texts.t("problem-no-incident")),
        }
    }
    let (looking, wanted) = (admin.clone(), asked.clone());
    let read = gateway.db.read_heavy(move |tx| -> Result<_, DbError> {
        let (sought, from, problems) = understood(tx, &looking, &wanted, texts)?;
        let found = find::find(tx, &sought, from, PAGE)?;
        let lines = lines(tx, looking.organization.parent, &product, &found.events, texts)?;
        Ok((lines, found.next, problems))
    });
    let (lines, next, more_problems) = read.await?;
    problems.0.extend(more_problems.0);
    let link = |after: Option<String>| format!("/admin/{slug}/events?{}", asked.query(after.as_deref()));
    let page = EventsPage {
        nav: Nav::of(&request, &admin, "nav-events")?,
        kinds: kinds(&asked.kind, texts),
        actors: ACTORS.map(|(word, key)| (word, key, word == asked.by)).into(),
        lines,
        next: next.map(|next| link(Some(find::written(next)))),
        first: (!asked.after.is_empty()).then(|| link(None)),
        query: asked.query(None),
        problems,
        asked,
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// The code of a sign-in under the admin's parent, as typed.
fn sign_in(request: &HttpRequest, admin: &Admin, typed: &str) -> Result<Option<Incident>, Failure> {
    let Some(incident) = Incident::parse(typed) else { return Ok(None) };
    let attempt = session::gateway(request).db.read_one(|tx| store::attempts::find(tx, &incident))?;
    Ok(attempt.filter(|attempt| attempt.parent == Some(admin.organization.parent)).map(|_| incident))
}

/// The kinds of events by their names.
fn kinds(chosen: &str, texts: Texts) -> Vec<(&'static str, String, bool)> {
    let named = |kind: &'static str| {
        let key = format!("kind-{}", kind.replace('_', "-"));
        let name = if texts.has(&key) { texts.t(&key).into_owned() } else { kind.to_owned() };
        (kind, name, kind == chosen)
    };
    let mut all: Vec<_> = Event::KINDS.iter().copied().map(named).collect();
    all.sort_by_key(|(_, name, _)| name.to_lowercase());
    all
}
