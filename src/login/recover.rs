//! The operator's way in: a one-time link from the shell.

use std::time::Duration;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::context::Asked;
use super::pages::RecoverPage;
use crate::audit::{Actor, Event};
use crate::db::{DbError, Tx};
use crate::gateway::Gateway;
use crate::membership::Context;
use crate::secrets::Token;
use crate::session::{self, OPERATOR_SESSION};
use crate::store;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::page::{self, Frame, Site};

/// How long an operator's link opens anything.
pub const OPERATOR_LINK: Duration = Duration::from_secs(15 * 60);

/// Makes a one-time link of this hash, and records who made it. `email` is who it is for, as far as said.
pub fn add_operator_link(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    hash: &[u8; 32],
    email: Option<&str>,
) -> Result<(), DbError> {
    let (made_by, until) = (context.actor.to_string(), context.now.plus(OPERATOR_LINK));
    store::operators::add_link(tx, hash, &made_by, email, context.now, until)?;
    context.record(tx, None, None, Event::OperatorLinkMade)
}

/// Makes a one-time link, and says where it is opened.
pub async fn operator_link(gateway: &Gateway, actor: Actor) -> Result<String, DbError> {
    let (token, now, catalog) = (Token::new(), gateway.now(), gateway.config.catalog.clone());
    let hash = token.hash();
    let write = gateway.db.write(move |tx| {
        let context = Context { now, catalog: &catalog, actor: actor.clone(), from: None, incident: None };
        add_operator_link(tx, &context, &hash, None)
    });
    write.await?;
    Ok(operator_link_url(gateway.config.server.base(), &token))
}

/// Where a link is opened.
pub fn operator_link_url(base: &str, token: &Token) -> String {
    format!("{base}/recover?token={}", token.text())
}

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
    let (token, asked) = (Token::new(), Asked::of(&request));
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
    // Where there is nothing yet, there is one thing to do.
    let empty = gateway.db.read(store::organizations::parents)?.is_empty();
    Ok(page::see_other(if empty { "/operator/setup" } else { "/operator" }, &[cookie]))
}
