//! Signing out, and the small things around: language.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::context::Asked;
use super::pages::SignedOutPage;
use crate::audit::{Actor, Event};
use crate::db::DbError;
use crate::ids::Incident;
use crate::membership::Context;
use crate::secrets;
use crate::session;
use crate::store;
use crate::web::failure::Failure;
use crate::web::form::Posted;
use crate::web::language::Language;
use crate::web::page::{self, Frame, Site};
use crate::web::return_to::{self, Destination};

/// `POST /sign-out`: ends the session here and now; without one it still takes the cookie away.
pub async fn sign_out(request: HttpRequest, _form: Posted) -> Result<HttpResponse, Failure> {
    let gateway = session::gateway(&request);
    if let Some(hash) = session::token_hash(&request) {
        let asked = Asked::of(&request, &Incident::from_random(secrets::random()));
        let catalog = gateway.config.catalog.clone();
        let write = gateway.db.write(move |tx| -> Result<(), DbError> {
            let Some(ended) = store::sessions::find(tx, &hash)? else { return Ok(()) };
            store::sessions::end(tx, &hash)?;
            let parent = store::people::by_id(tx, ended.person)?.map(|person| person.parent);
            let context = Context { actor: Actor::Person(ended.person), incident: None, ..asked.context(&catalog) };
            context.record(tx, parent, None, Event::SignedOut { person: ended.person })
        });
        write.await?;
    }
    Ok(page::see_other("/signed-out", &[Site::of(&request).cookies.no_session()]))
}

/// `GET /signed-out`
pub async fn signed_out(request: HttpRequest) -> Result<HttpResponse, Failure> {
    page::html(StatusCode::OK, &SignedOutPage { frame: Frame::of(&request) }, &[])
}

/// `POST /language`: remembers the choice and goes back.
pub async fn language(request: HttpRequest, form: Posted) -> Result<HttpResponse, Failure> {
    let site = Site::of(&request);
    let language = Language::parse(form.field("language")).ok_or(Failure::BadRequest("no such language"))?;
    let back = match return_to::read(form.field("return_to"), &site.base) {
        Some(Destination::Here(path)) => path,
        Some(Destination::Application { .. }) | None => "/".to_owned(),
    };
    Ok(page::see_other(&back, &[site.cookies.language(language.tag())]))
}
