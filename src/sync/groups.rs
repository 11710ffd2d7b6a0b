//! `/Groups` and `/Groups/{id}`.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::call::{Answer, Call, No};
use super::users::changed;
use super::{change, read};
use crate::scim::ScimError;
use crate::scim::bulk::Method;
use crate::scim::etag;
use crate::scim::schema::GROUPS;
use crate::store;
use crate::web::failure::Failure;

/// `GET /Groups/{id}`.
pub async fn get(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let call = Call::of(&request)?;
    let answer = one(&call).await;
    Ok(call.answer(answer))
}

async fn one(call: &Call) -> Result<Answer, ScimError> {
    let (parent, id, base) = (call.parent(), call.id(), call.base.clone());
    let (projection, known) = (call.query.projection(&GROUPS), call.conditions().if_none_match.map(str::to_owned));
    // A group may have very many members, so this is read where it may take its time.
    let found = call.gateway.db.read_heavy(move |tx| -> Result<_, No> {
        let group = store::directory_groups::by_public_id(tx, parent, &id)?.ok_or_else(change::no_group)?;
        let version = etag::of_group(group.version);
        let known = etag::Conditions { if_match: None, if_none_match: known.as_deref() }.is_known(&version);
        let body = if known { None } else { Some(read::group(tx, &base, &group, &projection)?) };
        Ok((version, body, group.members))
    });
    let (version, body, members) = found.await?;
    call.gateway.pushes.charge(call.pusher.token, members / 100);
    let status = if body.is_some() { 200 } else { 304 };
    Ok(Answer { status, body, version: Some(version), understood: "read a group".to_owned(), ..Answer::default() })
}

/// `POST /Groups`.
pub async fn create(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    changed(request, Some(payload), Method::Post, &GROUPS).await
}

/// `PUT /Groups/{id}`.
pub async fn replace(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    changed(request, Some(payload), Method::Put, &GROUPS).await
}

/// `PATCH /Groups/{id}`.
pub async fn patch(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    changed(request, Some(payload), Method::Patch, &GROUPS).await
}

/// `DELETE /Groups/{id}`.
pub async fn delete(request: HttpRequest) -> Result<HttpResponse, Failure> {
    changed(request, None, Method::Delete, &GROUPS).await
}
