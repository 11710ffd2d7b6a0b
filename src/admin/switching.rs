use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::context;
use super::pages::SwitchPage;
use crate::connecting::{self, line};
use crate::connection::ConnectionStatus;
use crate::gateway::Gateway;
use crate::login::{Asked, any_connection};
use crate::session;
use crate::store;
use crate::trust::{self, Match, Switch, TrustError};
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};

/// `?to=`
#[derive(Debug, Deserialize)]
pub struct Target {
    to: String,
}

/// `GET /operator/connections/{connection}/switch?to=`: who would be recognised at the other identity provider, and how.
pub async fn show(request: HttpRequest, slug: Path<String>, target: Query<Target>) -> Result<HttpResponse, Failure> {
    let switch = planned(session::gateway(&request), &slug, &target.to)?;
    switch_page(&request, switch, StatusCode::OK, None)
}

/// `POST /operator/connections/{connection}/switch`: does what was shown.
pub async fn switch(request: HttpRequest, slug: Path<String>, form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let planned = planned(gateway, &slug, form.field("to"))?;
    let (from, to, mark) = (planned.from.id, planned.to.id, form.field("mark").to_owned());
    let (asked, catalog) = (Asked::of(&request), gateway.config.catalog.clone());
    let written = gateway.db.try_write(move |tx| trust::switch(tx, &context(&asked, &catalog), from, to, &mark)).await;
    match written {
        Ok(()) => Ok(page::see_other(&format!("/operator/connections/{}", planned.to.slug), &[])),
        Err(TrustError::Db(error)) => Err(error.into()),
        Err(error) => switch_page(&request, planned, StatusCode::CONFLICT, Some(error.to_string())),
    }
}

fn planned(gateway: &Gateway, from: &str, to: &str) -> Result<Switch, Failure> {
    let (from, to) = (any_connection(gateway, from)?, any_connection(gateway, to)?);
    match gateway.db.read(|tx| trust::plan_switch(tx, from.id, to.id)) {
        Ok(switch) => Ok(switch),
        Err(TrustError::Db(error)) => Err(error.into()),
        Err(_) => Err(Failure::BadRequest("people do not move between these two connections")),
    }
}

fn switch_page(
    request: &HttpRequest,
    switch: Switch,
    status: StatusCode,
    problem: Option<String>,
) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(request);
    let parent = gateway.db.read(|tx| store::organizations::parent_by_id(tx, switch.from.parent))?;
    let parent = parent.map_or_else(String::new, |parent| parent.name);
    let untested = trust::check_tested(&switch.to, gateway.now()).err().map(|error| error.to_string());
    let is_active = switch.to.status == ConnectionStatus::Active;
    let key = |how: Match| match how {
        Match::Linked => "match-linked",
        Match::ByAddress => "match-by-address",
        Match::NoDomain => "match-no-domain",
        Match::NeverSeen => "match-never-seen",
    };
    let counts = [Match::Linked, Match::ByAddress, Match::NeverSeen, Match::NoDomain];
    let frame = Frame::of(request);
    let page = SwitchPage {
        from: line(&switch.from, &parent),
        to: line(&switch.to, &parent),
        problem: problem.or_else(|| untested.filter(|_| !is_active)),
        counts: counts.map(|how| (key(how), switch.count(how))).into_iter().filter(|(_, count)| *count > 0).collect(),
        people: switch.people.iter().map(|one| (one.email.clone(), key(one.how))).collect(),
        mark: switch.mark(),
        theirs: connecting::theirs(&switch.to, frame.texts),
        frame,
    };
    page::html(status, &page, &[])
}
