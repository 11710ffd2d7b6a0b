use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::organization::{Member, MemberStatus};
use crate::product::{Permission, Product};
use crate::session::{self, Admin};
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::words;
use crate::store;
use crate::store::roster::{Line, Show, Wanted};
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// How many people a page lists.
const PAGE: u32 = 50;

/// Who has not signed in for so long is listed as stale (behaviour 7: in plain jit a person whom the identity provider refuses
/// never reaches us).
const STALE: Duration = Duration::from_secs(90 * 86_400);

/// The members of an organization.
#[derive(Template)]
#[template(path = "settings/members.html")]
pub struct MembersPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// Value, text key and whether it is the one shown.
    pub filters: Vec<(&'static str, &'static str, bool)>,
    /// What is searched for.
    pub search: String,
    /// The people.
    pub rows: Vec<MemberRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, if this is further on.
    pub first: Option<String>,
    /// The product has seats (rule B2).
    pub has_seats: bool,
    /// The text key of why nobody is listed.
    pub empty: &'static str,
    /// The text key of how people become members.
    pub how: &'static str,
    /// This admin may end the sessions of all.
    pub may_end_all: bool,
}

/// A person in the list.
pub struct MemberRow {
    /// Their page.
    pub href: String,
    /// What to call them.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The role's name.
    pub role: String,
    /// Where it comes from.
    pub role_source: String,
    /// The seat's name.
    pub seat: String,
    /// Where it comes from.
    pub seat_source: String,
    /// When they were last let in.
    pub last_sign_in: Option<When>,
    /// Active, waiting and for what, without a seat, removed and why.
    pub status: String,
    /// The text key of its kind, for those who see colours.
    pub state: &'static str,
}

/// `?show=&q=&after=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    show: String,
    q: String,
    after: String,
}

/// Value and text key of each filter.
const FILTERS: [(&str, &str); 6] = [
    ("", "members-current"),
    ("active", "members-active"),
    ("waiting", "members-waiting"),
    ("unassigned", "members-unassigned"),
    ("stale", "members-stale"),
    ("removed", "members-removed"),
];

fn shown(word: &str, now: Timestamp) -> Show {
    match word {
        "active" => Show::Active,
        "waiting" => Show::Waiting,
        "unassigned" => Show::Unassigned,
        "stale" => Show::Stale(now.minus(STALE)),
        "removed" => Show::Removed,
        _ => Show::Current,
    }
}

/// `GET /admin/{organization}/members`
pub async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let (frame, now) = (Frame::of(&request), gateway.now());
    let search: String = asked.q.trim().chars().take(100).collect();
    let (organization, parent) = (admin.organization.id, admin.organization.parent);
    let (sought, after) = (search.clone(), asked.after.clone());
    let show = shown(&asked.show, now);
    let read = gateway.db.read_heavy(move |tx| {
        let wanted = Wanted { organization, parent, show, search: &sought, after: &after, limit: PAGE };
        store::roster::page(tx, &wanted)
    });
    let store::roster::Page { lines, next } = read.await?;
    let filter = FILTERS.iter().map(|(word, _)| *word).find(|word| *word == asked.show).unwrap_or_default();
    let link = |after: Option<&str>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("show", filter), ("q", &search), ("after", after.unwrap_or_default())] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/admin/{}/members?{}", admin.organization.slug, query.finish())
    };
    let goes_on = next.is_some();
    let page = MembersPage {
        nav: Nav::of(&request, &admin, "nav-members")?,
        filters: FILTERS.map(|(word, key)| (word, key, word == filter)).into(),
        next: next.map(|last| link(Some(&last))),
        first: (!asked.after.is_empty()).then(|| link(None)),
        rows: lines.iter().map(|line| row(&admin, product, line, frame.texts, now)).collect(),
        has_seats: product.has_seats(),
        empty: match (search.is_empty() && filter.is_empty(), goes_on) {
            (_, true) => "list-none-yet",
            (true, false) => "members-none",
            (false, false) => "members-none-such",
        },
        how: how(&admin),
        may_end_all: admin.may(Permission::Identity),
        search,
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// The text key of how people become members in the organization's mode.
pub(super) fn how(admin: &Admin) -> &'static str {
    let mappings = admin.organization.mode.has_group_mappings();
    match (admin.organization.mode.as_str(), mappings) {
        ("jit", false) => "how-jit",
        ("jit", true) => "how-jit-mapped",
        ("scim", false) => "how-scim",
        ("scim", true) => "how-scim-mapped",
        _ => "how-manual",
    }
}

/// What a person's standing is, in words, and the text key of its kind.
pub(super) fn status(product: &Product, line: &Line, texts: Texts) -> (String, &'static str) {
    let active = line.member.as_ref().is_some_and(Member::is_active);
    if line.person.suspended && (active || line.waiting.is_some()) {
        return (texts.t("status-suspended").into_owned(), "bad");
    }
    if let (Some(waiting), false) = (&line.waiting, active) {
        let text = match &waiting.seat {
            Some(seat) => texts.with("status-waiting-for", "seat", &words::seat(product, seat)),
            None => texts.t("status-waiting"),
        };
        return (text.into_owned(), "bad");
    }
    match line.member.as_ref().map(|member| (&member.status, &member.seat)) {
        Some((MemberStatus::Active, None)) if product.has_seats() => (texts.t("status-unassigned").into_owned(), "bad"),
        Some((MemberStatus::Active, _)) => (texts.t("status-active").into_owned(), "good"),
        Some((MemberStatus::Ended { reason, .. }, _)) => {
            (texts.with("status-removed", "why", &words::why(texts, reason)).into_owned(), "gone")
        }
        None => (String::new(), "gone"),
    }
}

fn row(admin: &Admin, product: &Product, line: &Line, texts: Texts, now: Timestamp) -> MemberRow {
    let (status, state) = status(product, line, texts);
    let member = line.member.as_ref().filter(|member| member.is_active());
    let source = |pick: fn(&Member) -> (&crate::organization::Source, Option<&crate::organization::Pin>)| {
        member.map(pick).map_or_else(String::new, |(source, pin)| words::origin_in_short(source, pin, texts, now))
    };
    let role = member.map(|member| &member.role).or(line.waiting.as_ref().map(|waiting| &waiting.role));
    MemberRow {
        href: super::path(admin, &line.person.public_id),
        name: line.person.display_name.clone(),
        email: line.person.email.to_string(),
        role: role.map_or_else(String::new, |role| words::role(product, role)),
        role_source: source(|member| (&member.role_source, member.role_pin.as_ref())),
        seat: member.map_or_else(String::new, |member| words::seat_or_none(product, member.seat.as_ref(), texts)),
        seat_source: if member.is_some_and(|member| member.seat.is_some()) {
            source(|member| (&member.seat_source, member.seat_pin.as_ref()))
        } else {
            String::new()
        },
        last_sign_in: line.person.last_sign_in.map(When),
        status,
        state,
    }
}
