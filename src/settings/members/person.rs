use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::list;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::identity::AssertedGroups;
use crate::ids::PersonId;
use crate::membership::{LastKnown, last_known};
use crate::organization::{Member, MemberStatus};
use crate::product::{Permission, Product};
use crate::provisioning::{Act, Authority, may_by_hand};
use crate::session::{self, Admin, Span};
use crate::settings::events::line::{EventLine, lines};
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::words::{self, Told};
use crate::store;
use crate::store::roster::Line;
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// How many events of a person are shown.
const HISTORY: u32 = 20;

/// One person of an organization.
#[derive(Template)]
#[template(path = "settings/person.html")]
pub struct PersonPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// This page.
    pub here: String,
    /// What to call them.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their standing.
    pub status: String,
    /// Since when it is so, for those who are gone.
    pub since: Option<When>,
    /// Role and seat.
    pub values: Vec<Value>,
    /// When they became a member.
    pub joined: Option<When>,
    /// When they were last let in.
    pub last_sign_in: Option<When>,
    /// The groups of the latest sign-in.
    pub groups: Vec<String>,
    /// What is known about groups.
    pub groups_told: Told,
    /// Where they are signed in.
    pub sessions: Vec<SessionLine>,
    /// They can be removed by this admin.
    pub can_remove: bool,
    /// They stand in no queue and have no membership: they can be added.
    pub can_add: bool,
    /// They can be switched off by this admin.
    pub can_suspend: bool,
    /// They can be switched on again by this admin.
    pub can_resume: bool,
    /// Which identity providers know them.
    pub links: Vec<LinkLine>,
    /// What the log says about them, newest first.
    pub history: Vec<EventLine>,
    /// The whole of it.
    pub all_events: String,
    /// What a sign-in would do now.
    pub explain: String,
}

/// A role or seat with where it comes from.
pub struct Value {
    /// The text key of what it is.
    pub key: &'static str,
    /// It.
    pub value: String,
    /// Where it comes from.
    pub origin: Vec<Told>,
    /// Where it is changed, if this admin may, and the text key of that link.
    pub change: Option<(String, &'static str)>,
}

/// An identity provider that knows somebody.
pub struct LinkLine {
    /// The connection's name.
    pub connection: String,
    /// When it last let them in.
    pub last: When,
    /// Where the link is forgotten, if this admin may.
    pub relink: Option<String>,
}

/// Where somebody is signed in.
pub struct SessionLine {
    /// Names it in a form.
    pub id: String,
    /// What the browser calls itself.
    pub browser: String,
    /// Since when.
    pub since: When,
    /// From where.
    pub address: String,
}

/// `GET /admin/{organization}/members/{person}`
pub async fn show(request: HttpRequest, path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(&request), Admin::of(&request)?);
    let product = overview::product(&request, &admin.organization)?;
    let line = super::find(&request, &admin, &path.1)?;
    let (frame, now, here) = (Frame::of(&request), gateway.now(), super::path(&admin, &line.person.public_id));
    let texts = frame.texts;
    let read = gateway.db.read(|tx| -> Result<_, DbError> {
        let target = format!("person:{}", line.person.id);
        let events = store::audit::of_target(
            tx,
            admin.organization.parent,
            admin.organization.id,
            &target,
            store::audit::Before::NOW,
            HISTORY,
        )?;
        let sessions = store::sessions::of_person(tx, line.person.id)?;
        let values = values(tx, &admin, product, &line, (texts, now), &here)?;
        let history = lines(tx, admin.organization.parent, product, &events, texts)?;
        let links = links(tx, &admin, line.person.id, &here)?;
        Ok((values, last_known(tx, line.person.id)?, sessions, history, links))
    });
    let (values, known, mut sessions, history, links) = read?;
    sessions.retain(|one| !Span::of(one).is_over(&gateway.config.session, now));
    let (groups, groups_told) = groups(known, texts);
    let member = line.member.as_ref();
    let active = member.filter(|member| member.is_active());
    let role = active.map(|member| &member.role).or(line.waiting.as_ref().map(|waiting| &waiting.role));
    let may_switch = role.is_some_and(|role| may_by_hand(product, authority(&admin), Act::Suspend(role)));
    let slug = &admin.organization.slug;
    let page = PersonPage {
        nav: Nav::of(&request, &admin, "nav-members")?,
        name: line.person.display_name.clone(),
        email: line.person.email.to_string(),
        status: list::status(product, &line, texts).0,
        since: since(&line),
        values,
        joined: active.map(|member| When(member.joined_at)),
        last_sign_in: line.person.last_sign_in.map(When),
        groups,
        groups_told,
        sessions: sessions.iter().map(session_line).collect(),
        can_remove: role.is_some_and(|role| may_by_hand(product, authority(&admin), Act::Remove(role))),
        can_add: role.is_none(),
        can_suspend: may_switch && !line.person.suspended,
        can_resume: may_switch && line.person.suspended,
        links,
        history,
        all_events: format!("/admin/{slug}/events?person={}", escaped(line.person.email.as_str())),
        explain: format!("/admin/{slug}/explain?email={}", escaped(line.person.email.as_str())),
        here,
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// One line for each connection; it may know a person by several subjects.
fn links(tx: &mut dyn Tx, admin: &Admin, person: PersonId, here: &str) -> Result<Vec<LinkLine>, DbError> {
    let mut all: Vec<LinkLine> = Vec::new();
    let mut told = Vec::new();
    for subject in store::people::subjects_of(tx, person)? {
        if told.contains(&subject.connection) {
            continue;
        }
        told.push(subject.connection);
        let Some(connection) = store::connections::by_id(tx, subject.connection)? else { continue };
        all.push(LinkLine {
            relink: admin.may(Permission::Identity).then(|| format!("{here}/relink/{}", connection.slug)),
            connection: connection.label,
            last: When(subject.groups_seen_at),
        });
    }
    Ok(all)
}

fn authority(admin: &Admin) -> Authority {
    if admin.may(Permission::Identity) { Authority::Identity } else { Authority::Members }
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn since(line: &Line) -> Option<When> {
    let ended = line.member.as_ref().and_then(|member| match member.status {
        MemberStatus::Ended { at, .. } => Some(at),
        MemberStatus::Active => None,
    });
    line.waiting.as_ref().map(|waiting| waiting.since).or(ended).map(When)
}

fn values(
    tx: &mut dyn Tx,
    admin: &Admin,
    product: &Product,
    line: &Line,
    (texts, now): (Texts, Timestamp),
    here: &str,
) -> Result<Vec<Value>, DbError> {
    let parent = admin.organization.parent;
    let Some(member) = line.member.as_ref().filter(|member| member.is_active()) else {
        return Ok(waiting_values(product, line, texts));
    };
    let mut values = vec![Value {
        key: "role",
        value: words::role(product, &member.role),
        origin: words::origin(tx, parent, &member.role_source, member.role_pin.as_ref(), texts, now)?,
        change: admin.may(Permission::Identity).then(|| (format!("{here}/role"), "person-change-role")),
    }];
    if product.has_seats() {
        values.push(Value {
            key: "seat",
            value: words::seat_or_none(product, member.seat.as_ref(), texts),
            origin: words::origin(tx, parent, &member.seat_source, member.seat_pin.as_ref(), texts, now)?,
            change: Some((format!("{here}/seat"), "person-change-seat")),
        });
    }
    Ok(values)
}

/// What somebody who waits will have.
fn waiting_values(product: &Product, line: &Line, texts: Texts) -> Vec<Value> {
    let Some(waiting) = &line.waiting else { return Vec::new() };
    let any = || texts.t("any-seat").into_owned();
    let seat = waiting.seat.as_ref().map_or_else(any, |seat| words::seat(product, seat));
    let value = |key: &'static str, value: String| Value { key, value, origin: Vec::new(), change: None };
    vec![value("role", words::role(product, &waiting.role)), value("seat", seat)]
}

fn groups(known: Option<LastKnown>, texts: Texts) -> (Vec<String>, Told) {
    let Some(known) = known else {
        return (Vec::new(), Told { text: texts.t("groups-never").into_owned(), at: None });
    };
    let (groups, key) = match known.groups {
        AssertedGroups::Listed(groups) if groups.is_empty() => (Vec::new(), "groups-empty"),
        AssertedGroups::Listed(groups) => {
            (groups.iter().map(|group| group.as_str().to_owned()).collect(), "groups-seen")
        }
        AssertedGroups::NotSent => (Vec::new(), "groups-not-sent"),
        AssertedGroups::TooMany => (Vec::new(), "groups-too-many"),
    };
    (groups, Told { text: texts.t(key).into_owned(), at: Some(When(known.seen_at)) })
}

fn session_line(session: &store::sessions::Session) -> SessionLine {
    SessionLine {
        id: crate::login::session_id(&session.token_hash),
        browser: crate::login::browser_name(&session.user_agent),
        since: When(session.created_at),
        address: session.address.clone(),
    }
}

/// Whether a membership stands.
pub(super) fn standing(line: &Line) -> Option<&Member> {
    line.member.as_ref().filter(|member| member.is_active())
}
