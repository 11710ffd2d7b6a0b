//! The operator's way in: a one-time link from the shell.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::context::Asked;
use super::pages::{OperatedOrganization, OperatorPage, RecoverPage};
use crate::audit::{Actor, Event};
use crate::db::DbError;
use crate::ids::Incident;
use crate::membership::Context;
use crate::organization::Member;
use crate::product::Permission;
use crate::secrets::{self, Token};
use crate::session::{self, OPERATOR_SESSION, Operator};
use crate::store;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::page::{self, Frame, Site};

/// `?token=`
#[derive(Debug, Deserialize)]
pub struct Link {
    token: String,
}

/// `GET /recover`: shows what the link does. Programs that look at links ahead of people must not use it up, so it is used by
/// the form on this page.
pub async fn show(request: HttpRequest, link: Query<Link>) -> Result<HttpResponse, Failure> {
    let token = Token::parse(&link.token).ok_or(Failure::LinkSpent)?;
    page::html(StatusCode::OK, &RecoverPage { frame: Frame::of(&request), token: token.text() }, &[])
}

/// `POST /recover`: uses the link up and opens an operator's session.
pub async fn open(request: HttpRequest, form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    let link = Token::parse(form.field("token")).ok_or(Failure::LinkSpent)?;
    let (token, asked) = (Token::new(), Asked::of(&request, &Incident::from_random(secrets::random())));
    let (link_hash, token_hash, catalog) = (link.hash(), token.hash(), gateway.config.catalog.clone());
    let write = gateway.db.write(move |tx| -> Result<bool, DbError> {
        if !store::operators::use_link(tx, &link_hash, asked.now)? {
            return Ok(false);
        }
        store::operators::add_session(tx, &token_hash, asked.now, asked.now.plus(OPERATOR_SESSION))?;
        let context = Context { actor: Actor::Stranger, incident: None, ..asked.context(&catalog) };
        context.record(tx, None, None, Event::OperatorLinkUsed)?;
        Ok(true)
    });
    if !write.await? {
        return Err(Failure::LinkSpent);
    }
    let site = Site::of(&request);
    let cookie = Cookie::build(session::operator_cookie(site), token.text())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(site.cookies.https)
        .finish();
    Ok(page::see_other("/operator", &[cookie]))
}

/// `GET /operator`: who can configure what, and which commands mend it.
pub async fn operator(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (gateway, operator) = (session::gateway(&request), Operator::of(&request)?);
    let catalog = &gateway.config.catalog;
    let organizations = gateway.db.read(|tx| -> Result<_, DbError> {
        let mut all = Vec::new();
        for parent in store::organizations::parents(tx)? {
            for organization in store::organizations::of_parent(tx, parent.id)? {
                let product = catalog.product(&organization.product);
                let may = |member: &Member| {
                    let allows = product.is_some_and(|product| product.allows(&member.role, Permission::Identity));
                    member.is_active() && allows
                };
                let mut admins = Vec::new();
                for member in store::members::of_organization(tx, organization.id)?.iter().filter(|member| may(member))
                {
                    if let Some(person) = store::people::by_id(tx, member.person)? {
                        admins.push(format!("{} ({})", person.email, member.role));
                    }
                }
                let mapped = if organization.mode.has_group_mappings() { " + mappings" } else { "" };
                let mode = format!("{}{mapped}", organization.mode.as_str());
                all.push(OperatedOrganization { name: organization.name, mode, admins });
            }
        }
        Ok(all)
    })?;
    let page = OperatorPage {
        frame: Frame::of(&request),
        until: operator.until.to_the_minute(),
        commands: [
            "usher explain --organization SLUG --email ADDRESS",
            "usher events --since 1d",
            "usher export > organizations.toml",
            "usher plan organizations.toml",
            "usher apply organizations.toml",
        ]
        .map(str::to_owned)
        .to_vec(),
        organizations,
    };
    page::html(StatusCode::OK, &page, &[])
}
