//! Who am I, with which role and seat and why, and where am I signed in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::context::Asked;
use super::hex::{session_hash, session_id};
use super::pages::{AccountPage, Membership, OwnSession};
use crate::audit::{Actor, Event};
use crate::db::DbError;
use crate::gateway::Gateway;
use crate::membership::Context;
use crate::organization::{Member, Organization, Source};
use crate::session::{self, Visitor};
use crate::store;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};
use crate::web::when::When;

/// `GET /account`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, visitor) = (session::gateway(&request), Visitor::of(&request)?);
    let (members, sessions) = gateway.db.read(|tx| -> Result<_, DbError> {
        let mut members = Vec::new();
        for member in store::members::of_person(tx, visitor.person.id)?.into_iter().filter(Member::is_active) {
            if let Some(organization) = store::organizations::by_id(tx, member.organization)? {
                members.push((member, organization));
            }
        }
        Ok((members, store::sessions::of_person(tx, visitor.person.id)?))
    })?;
    let frame = Frame::of(&request);
    let now = gateway.now();
    let live = sessions.into_iter().filter(|known| !session::Span::of(known).is_over(&gateway.config.session, now));
    let page = AccountPage {
        name: visitor.person.display_name.clone(),
        email: visitor.person.email.to_string(),
        memberships: members.iter().map(|(member, at)| membership(gateway, frame.texts, member, at)).collect(),
        sessions: live
            .map(|known| OwnSession {
                current: known.token_hash == visitor.session.token_hash,
                id: session_id(&known.token_hash),
                browser: browser_name(&known.user_agent),
                since: When(known.created_at),
                address: known.address,
            })
            .collect(),
        frame,
    };
    page::html(StatusCode::OK, &page, &[])
}

/// `POST /account/sessions/end`: ends another session of one's own.
pub async fn end_session(request: HttpRequest, form: Posted) -> Result<HttpResponse, Failure> {
    let (gateway, visitor) = (session::gateway(&request), Visitor::of(&request)?);
    let hash = session_hash(form.field("session")).ok_or(Failure::BadRequest("no such session"))?;
    let asked = Asked::of(&request);
    let (person, parent, catalog) = (visitor.person.id, visitor.person.parent, gateway.config.catalog.clone());
    let write = gateway.db.write(move |tx| -> Result<(), DbError> {
        if store::sessions::end_own(tx, person, &hash)? {
            let context = Context { actor: Actor::Person(person), incident: None, ..asked.context(&catalog) };
            let event = Event::SessionsEnded { person, count: 1, reason: "ended_by_person" };
            context.record(tx, Some(parent), None, event)?;
        }
        Ok(())
    });
    write.await?;
    Ok(page::see_other("/account", &[]))
}

fn membership(gateway: &Gateway, texts: Texts, member: &Member, organization: &Organization) -> Membership {
    let product = gateway.config.catalog.product(&organization.product);
    let role = product.and_then(|product| product.role(&member.role));
    let seat = member.seat.as_ref();
    let seat_label = |key| product.and_then(|product| product.seat_type(key)).map(|seat| seat.label.clone());
    let source = |source: &Source, pinned: bool| match source {
        Source::Default => texts.t("source-default").into_owned(),
        Source::Group { group, .. } => texts.with("source-group", "group", group.as_str()).into_owned(),
        Source::ByHand { .. } if pinned => texts.t("source-pinned").into_owned(),
        Source::ByHand { .. } => texts.t("source-by-hand").into_owned(),
    };
    Membership {
        organization: organization.name.clone(),
        role: role.map_or_else(|| member.role.to_string(), |role| role.label.clone()),
        role_source: source(&member.role_source, member.role_pin.is_some()),
        seat: match seat {
            Some(key) => seat_label(key).unwrap_or_else(|| key.to_string()),
            None => texts.t("no-seat-value").into_owned(),
        },
        seat_source: seat.map_or_else(String::new, |_| source(&member.seat_source, member.seat_pin.is_some())),
    }
}

/// A few words out of what a browser calls itself.
pub fn browser_name(user_agent: &str) -> String {
    const BROWSERS: [(&str, &str); 5] =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => user_agent.chars().take(40).collect(),
    }
}
