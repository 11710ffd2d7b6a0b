//! Discovery, and what is not offered.

use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value;

use super::bulk::limits;
use super::call::{Answer, Call};
use crate::scim::{Kind, ScimError, discovery, list};
use crate::web::failure::Failure;

fn told(
    request: &HttpRequest,
    what: &str,
    tell: impl FnOnce(&Call) -> Result<Value, ScimError>,
) -> Result<HttpResponse, Failure> {
    let call = Call::of(request)?;
    let body = list::refuse_filter(&call.query).and_then(|()| tell(&call));
    let answer = body.map(|body| Answer::ok(body, format!("read {what}")));
    Ok(call.answer(answer))
}

/// `GET /ServiceProviderConfig`.
pub async fn service_provider_config(request: HttpRequest) -> Result<HttpResponse, Failure> {
    told(&request, "what is offered", |call| {
        Ok(discovery::service_provider_config(&call.base, limits(&call.gateway), &call.query))
    })
}

/// `GET /ResourceTypes`.
pub async fn resource_types(request: HttpRequest) -> Result<HttpResponse, Failure> {
    told(&request, "the resource types", |call| Ok(discovery::resource_types(&call.base)))
}

/// `GET /ResourceTypes/{name}`.
pub async fn resource_type(request: HttpRequest) -> Result<HttpResponse, Failure> {
    told(&request, "a resource type", |call| discovery::resource_type(&call.base, &call.id()))
}

/// `GET /Schemas`.
pub async fn schemas(request: HttpRequest) -> Result<HttpResponse, Failure> {
    told(&request, "the schemas", |call| Ok(discovery::schemas(&call.base)))
}

/// `GET /Schemas/{urn}`.
pub async fn schema(request: HttpRequest) -> Result<HttpResponse, Failure> {
    told(&request, "a schema", |call| discovery::schema(&call.base, &call.id()))
}

/// `/Me` (RFC 7644 §3.11): a token is a directory's, and no person's.
pub async fn me(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let call = Call::of(&request)?;
    let detail = "a token belongs to a directory and to no person, so there is no /Me";
    Ok(call.answer(Err(ScimError::new(Kind::NotImplemented, detail))))
}
