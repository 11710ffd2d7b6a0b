//! `/Users` and `/Users/{id}`.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Map;

use super::call::{Answer, Call, No};
use super::change::{self, Change, Changed, Held};
use super::{log, read};
use crate::audit::Actor;
use crate::db::Tx;
use crate::membership::{Context, Push};
use crate::scim::ScimError;
use crate::scim::bulk::Method;
use crate::scim::etag;
use crate::scim::schema::{Resource, USERS};
use crate::store;
use crate::web::failure::Failure;

/// `GET /Users/{id}`.
pub async fn get(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let call = Call::of(&request)?;
    let answer = one(&call);
    Ok(call.answer(answer))
}

fn one(call: &Call) -> Result<Answer, ScimError> {
    let (parent, id) = (call.parent(), call.id());
    let found = call.gateway.db.read(|tx| -> Result<_, No> {
        let user = store::directory_users::by_public_id(tx, parent, &id)?.ok_or_else(change::no_user)?;
        let groups = store::directory_memberships::groups_of_user(tx, user.id)?;
        Ok((user, groups))
    });
    let (user, groups) = found?;
    let version = etag::of_user(user.version, &groups);
    let understood = "read a user";
    if call.conditions().is_known(&version) {
        let understood = understood.to_owned();
        return Ok(Answer { status: 304, version: Some(version), understood, ..Answer::default() });
    }
    let body = read::user(&call.base, &user, &groups, &call.query.projection(&USERS))?;
    Ok(Answer { version: Some(version), ..Answer::ok(body, understood) })
}

/// `POST /Users`.
pub async fn create(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    changed(request, Some(payload), Method::Post, &USERS).await
}

/// `PUT /Users/{id}`.
pub async fn replace(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    changed(request, Some(payload), Method::Put, &USERS).await
}

/// `PATCH /Users/{id}`.
pub async fn patch(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    changed(request, Some(payload), Method::Patch, &USERS).await
}

/// `DELETE /Users/{id}`.
pub async fn delete(request: HttpRequest) -> Result<HttpResponse, Failure> {
    changed(request, None, Method::Delete, &USERS).await
}

/// Any change of one resource: read, one transaction, answer.
pub(super) async fn changed(
    request: HttpRequest,
    payload: Option<Payload>,
    method: Method,
    resource: &'static Resource,
) -> Result<HttpResponse, Failure> {
    let mut call = Call::of(&request)?;
    let body = match payload {
        Some(payload) => call.resource(payload).await,
        None => Ok(Map::new()),
    };
    let answer = match body.and_then(|body| Change::read(method, resource, call.id(), body)) {
        Ok(change) => {
            call.understood = change.words();
            in_one_transaction(&call, change, resource).await
        }
        Err(error) => Err(error),
    };
    Ok(call.answer(answer))
}

async fn in_one_transaction(call: &Call, change: Change, resource: &'static Resource) -> Result<Answer, ScimError> {
    let (gateway, base, parent, now) = (call.gateway.clone(), call.base.clone(), call.parent(), call.now);
    let (from, projection) = (call.pusher.from.clone(), call.query.projection(resource));
    let (if_match, if_none_match) = {
        let conditions = call.conditions();
        (conditions.if_match.map(str::to_owned), conditions.if_none_match.map(str::to_owned))
    };
    // RFC 7644 §3.5.2: whoever asks for attributes gets a body, else a PATCH of a group needs none, however many are in it.
    let asks = !call.query.attributes.is_empty() || !call.query.excluded.is_empty();
    let many = change.names_many();
    let work = move |tx: &mut dyn Tx| -> Result<_, No> {
        let context = Context {
            now,
            catalog: &gateway.config.catalog,
            actor: Actor::Directory,
            from: Some(from.clone()),
            incident: None,
        };
        let conditions = etag::Conditions { if_match: if_match.as_deref(), if_none_match: if_none_match.as_deref() };
        store::directory::note_request(tx, parent, now)?;
        let mut push = Push::new(&mut *tx, &context, parent)?;
        let changed = change.carry_out(&mut push, parent, conditions)?;
        let effects = push.finish()?;
        let body = match &changed.held {
            Held::User(user, groups) => Some(read::user(&base, user, groups, &projection)?),
            Held::Group(group) if changed.status != 204 || asks => Some(read::group(tx, &base, group, &projection)?),
            Held::Group(_) | Held::Gone => None,
        };
        Ok((changed, effects, body))
    };
    let db = &call.gateway.db;
    let written = if many { db.try_write_alone(work).await } else { db.try_write(work).await };
    let (Changed { status, held }, effects, body) = written.map_err(ScimError::from)?;
    let status = if body.is_some() && status == 204 { 200 } else { status };
    let location = held.location(&call.base).filter(|_| status == 201);
    let effect = log::effect(&held, &effects);
    Ok(Answer { status, body, location, version: held.version(), effect, ..Answer::default() })
}
