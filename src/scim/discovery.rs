//! Discovery (RFC 7644 §4): what is offered, which kinds of resources there are, and what their attributes are.

use serde_json::{Map, Value, json};

use super::list::{Found, Query};
use super::schema::{RESOURCES, SCHEMAS, SERVICE_PROVIDER_CONFIG};
use super::{Kind, PAGE, PAGE_LIMIT, ScimError};

/// Where all of this is described for people.
const DOCUMENTATION: &str = "https://www.rfc-editor.org/rfc/rfc7644";

/// How large a bulk request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkLimits {
    /// Operations.
    pub operations: usize,
    /// Bytes.
    pub bytes: usize,
}

/// `/ServiceProviderConfig` (RFC 7643 §5); with `pagination` (RFC 9865 §4) if the client asks for that attribute.
pub fn service_provider_config(base: &str, bulk: BulkLimits, asked: &Query) -> Value {
    let mut config = config(base, bulk);
    if asked
        .attributes
        .iter()
        .flat_map(|names| names.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("pagination"))
    {
        config["pagination"] = json!({
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": PAGE,
            "maxPageSize": PAGE_LIMIT,
        });
    }
    config
}

fn config(base: &str, bulk: BulkLimits) -> Value {
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG.id],
        "documentationUri": DOCUMENTATION,
        "patch": { "supported": true },
        "bulk": { "supported": true, "maxOperations": bulk.operations, "maxPayloadSize": bulk.bytes },
        "filter": { "supported": true, "maxResults": PAGE_LIMIT },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of this directory in the header Authorization: Bearer",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

/// `/ResourceTypes`.
pub fn resource_types(base: &str) -> Value {
    list(RESOURCES.iter().map(|resource| resource.described(base)))
}

/// `/ResourceTypes/{name}`.
pub fn resource_type(base: &str, name: &str) -> Result<Value, ScimError> {
    let found = RESOURCES.iter().find(|resource| resource.name == name).map(|resource| resource.described(base));
    found.ok_or_else(|| ScimError::new(Kind::NotFound, "there is no such resource type; User and Group are"))
}

/// `/Schemas`.
pub fn schemas(base: &str) -> Value {
    list(SCHEMAS.iter().map(|schema| schema.described(base)))
}

/// `/Schemas/{urn}`.
pub fn schema(base: &str, urn: &str) -> Result<Value, ScimError> {
    let found = SCHEMAS.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn));
    let missing = || ScimError::new(Kind::NotFound, "there is no such schema; /Schemas lists those there are");
    found.map(|schema| schema.described(base)).ok_or_else(missing)
}

fn list(items: impl Iterator<Item = Value>) -> Value {
    let object = |item| if let Value::Object(object) = item { object } else { Map::new() };
    let resources: Vec<_> = items.map(object).collect();
    Found { total: resources.len() as u64, resources, start: Some(1), next: None }.body()
}
