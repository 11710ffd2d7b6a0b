//! The operator's way in: a one-time link from the shell.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::context::Asked;
use super::pages::RecoverPage;
use crate::audit::{Actor, Event};
use crate::db::DbError;
use crate::ids::Incident;
use crate::membership::Context;
use crate::secrets::{self, Token};
use crate::session::{self, OPERATOR_SESSION};
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
