//! `/Bulk`: many requests in one, in one transaction; what fails of them fails alone (RFC 7644 §3.7).

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};

use super::call::{Answer, Call, No};
use super::change::Change;
use super::log;
use crate::audit::Actor;
use crate::db::{DbError, Tx};
use crate::gateway::Gateway;
use crate::ids::ParentId;
use crate::membership::{Context, Push};
use crate::scim::ScimError;
use crate::scim::bulk::{self, Bulk, Done, Next, Order};
use crate::scim::discovery::BulkLimits;
use crate::scim::etag::Conditions;
use crate::store;
use crate::web::failure::Failure;

/// What one request may bring.
pub(super) fn limits(gateway: &Gateway) -> BulkLimits {
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let scim = &gateway.config.scim;
    BulkLimits { operations: size(scim.bulk_operations), bytes: size(scim.bulk_bytes) }
}

/// `POST /Bulk`.
pub async fn bulk(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    let mut call = Call::of(&request)?;
    let answer = match call.body(payload, limits(&call.gateway).bytes).await {
        Ok(body) => all(&call, body).await,
        Err(error) => Err(error),
    };
    Ok(call.answer(answer))
}

async fn all(call: &Call, body: Map<String, Value>) -> Result<Answer, ScimError> {
    let bulk = bulk::read(body, limits(&call.gateway))?;
    let understood = format!("{} operations", bulk.operations.len());
    call.gateway.pushes.charge(call.pusher.token, bulk.operations.len() as u64);
    let (gateway, base, parent, now) = (call.gateway.clone(), call.base.clone(), call.parent(), call.now);
    let from = call.pusher.from.clone();
    let write = call.gateway.db.try_write_alone(move |tx: &mut dyn Tx| -> Result<_, No> {
        let context = Context {
            now,
            catalog: &gateway.config.catalog,
            actor: Actor::Directory,
            from: Some(from.clone()),
            incident: None,
        };
        store::directory::note_request(tx, parent, now)?;
        let mut push = Push::new(tx, &context, parent)?;
        let done = in_order(&mut push, parent, &base, &bulk)?;
        let body = bulk::body(&bulk.operations, &done);
        Ok((body, done, push.finish()?))
    });
    let (body, done, effects) = write.await.map_err(ScimError::from)?;
    let failed = done.iter().filter(|(_, done)| done.error.is_some()).count();
    let effect = log::bulk_effect(done.len() - failed, failed, &effects);
    Ok(Answer { effect, ..Answer::ok(body, understood) })
}

/// Operations in an order in which what they refer to is there; until too many have failed.
fn in_order(push: &mut Push<'_>, parent: ParentId, base: &str, bulk: &Bulk) -> Result<Vec<(usize, Done)>, DbError> {
    let mut order = Order::new(&bulk.operations);
    let (mut known, mut settled) = (BTreeMap::new(), BTreeSet::new());
    let mut done = Vec::with_capacity(bulk.operations.len());
    let mut failed = 0;
    while let Some(next) = order.next(&settled) {
        let (Next::Do(at) | Next::Stuck(at)) = next;
        let operation = &bulk.operations[at];
        let came = match one(push, parent, base, operation, &known) {
            Ok((came, id)) => {
                known.extend(operation.bulk_id.clone().zip(id));
                came
            }
            Err(No::Scim(error)) => {
                failed += 1;
                Done { status: error.kind.status(), location: None, version: None, error: Some(error) }
            }
            Err(No::Db(error)) => return Err(error),
        };
        settled.extend(operation.bulk_id.clone());
        done.push((at, came));
        if bulk.fail_on_errors.is_some_and(|most| failed >= most) {
            break;
        }
    }
    Ok(done)
}

/// One operation, and the id of what it is about.
fn one(
    push: &mut Push<'_>,
    parent: ParentId,
    base: &str,
    operation: &bulk::Operation,
    known: &BTreeMap<String, String>,
) -> Result<(Done, Option<String>), No> {
    let missing: BTreeSet<String> = operation.needs().into_iter().filter(|id| !known.contains_key(id)).collect();
    if !missing.is_empty() {
        return Err(No::Scim(bulk::unresolved(&missing)));
    }
    let mut operation = operation.clone();
    operation.resolve(known);
    let id = operation.id.unwrap_or_default();
    let location = format!("{base}{}/{id}", operation.resource.endpoint);
    let change = Change::read(operation.method, operation.resource, id, operation.data)?;
    let conditions = Conditions { if_match: operation.version.as_deref(), if_none_match: None };
    let changed = change.carry_out(push, parent, conditions)?;
    let held = changed.held;
    let id = held.public_id().map(str::to_owned);
    let location = Some(held.location(base).unwrap_or(location));
    // RFC 7644 §3.7.3: 200 for what was changed, 204 for what was deleted.
    let status = if changed.status == 204 && id.is_some() { 200 } else { changed.status };
    Ok((Done { status, location, version: held.version(), error: None }, id))
}
