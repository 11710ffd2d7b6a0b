//! Bulk requests (RFC 7644 §3.7): read with limits, put in an order in which `bulkId`s can be resolved, and answered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::discovery::BulkLimits;
use super::error::quoted;
use super::normalise;
use super::schema::{self, RESOURCES, Resource};
use super::{Kind, ScimError};

/// The URN of a request.
pub const REQUEST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// The URN of an answer.
pub const RESPONSE_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// A request.
#[derive(Clone, Debug)]
pub struct Bulk {
    /// After how many errors the rest is left undone.
    pub fail_on_errors: Option<u64>,
    /// In the order sent.
    pub operations: Vec<Operation>,
}

/// One operation of it: a request of its own.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What to do.
    pub method: Method,
    /// With which kind of resource.
    pub resource: &'static Resource,
    /// With which one; may be `bulkId:..` of one that comes before it.
    pub id: Option<String>,
    /// What the client calls the resource it makes.
    pub bulk_id: Option<String>,
    /// As `If-Match`.
    pub version: Option<String>,
    /// The body.
    pub data: Map<String, Value>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// As in HTTP.
    pub fn word(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

const PREFIX: &str = "bulkId:";

/// Reads the body of a bulk request.
pub fn read(body: Map<String, Value>, limits: BulkLimits) -> Result<Bulk, ScimError> {
    normalise::schemas(&body, REQUEST_SCHEMA)?;
    let fail_on_errors = match schema::get(&body, "failOnErrors") {
        None | Some(Value::Null) => None,
        Some(number) => Some(
            number
                .as_u64()
                .filter(|number| *number > 0)
                .ok_or_else(|| ScimError::new(Kind::Value, "failOnErrors has to be a whole number above 0"))?,
        ),
    };
    let Some(Value::Array(operations)) = schema::get(&body, "Operations") else {
        return Err(ScimError::new(Kind::Syntax, "Operations has to be a list of operations"));
    };
    if operations.len() > limits.operations {
        // RFC 7644 §3.7.4: the limit is told.
        let detail = format!("{} operations; one request may have {}", operations.len(), limits.operations);
        return Err(ScimError::new(Kind::TooLarge, detail));
    }
    let operations =
        operations.iter().enumerate().map(|(at, operation)| one(at, operation)).collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    for bulk_id in operations.iter().filter_map(|operation| operation.bulk_id.as_deref()) {
        if !seen.insert(bulk_id) {
            return Err(ScimError::new(Kind::Value, format!("bulkId {} stands there twice", quoted(bulk_id))));
        }
    }
    Ok(Bulk { fail_on_errors, operations })
}

fn one(at: usize, operation: &Value) -> Result<Operation, ScimError> {
    let wrong = |why: &str| ScimError::new(Kind::Syntax, format!("operation {at} {why}"));
    let Value::Object(operation) = operation else { return Err(wrong("is no object")) };
    let text = |name: &str| match schema::get(operation, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(wrong(&format!("has a {name} that is no text"))),
    };
    let method = match text("method")?.unwrap_or_default().to_ascii_uppercase().as_str() {
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return Err(wrong("has a method other than POST, PUT, PATCH and DELETE")),
    };
    let path = text("path")?.ok_or_else(|| wrong("has no path"))?;
    let mut parts = path.trim_matches('/').splitn(2, '/');
    let endpoint = parts.next().unwrap_or_default();
    let resource = RESOURCES.iter().find(|resource| resource.endpoint[1..] == *endpoint);
    let resource = resource.ok_or_else(|| wrong("has a path that starts with neither /Users nor /Groups"))?;
    let id = parts.next().map(str::to_owned);
    let bulk_id = text("bulkId")?;
    match (method, &id) {
        (Method::Post, Some(_)) => return Err(wrong("is a POST to one resource; POST makes new ones")),
        (Method::Put | Method::Patch | Method::Delete, None) => return Err(wrong("names no resource in its path")),
        // RFC 7644 §3.7.
        (Method::Post, None) if bulk_id.is_none() => return Err(wrong("is a POST without a bulkId")),
        _ => {}
    }
    let data = match (method, schema::get(operation, "data")) {
        (Method::Delete, _) => Map::new(),
        (_, Some(Value::Object(data))) => data.clone(),
        (Method::Post | Method::Put | Method::Patch, _) => return Err(wrong("has no data")),
    };
    Ok(Operation { method, resource, id, bulk_id, version: text("version")?, data })
}

impl Operation {
    /// The `bulkId`s that have to be known before this can be done.
    pub fn needs(&self) -> BTreeSet<String> {
        let mut needs = BTreeSet::new();
        needs.extend(self.id.as_deref().and_then(|id| id.strip_prefix(PREFIX)).map(str::to_owned));
        self.data.values().for_each(|value| references(value, &mut needs));
        needs
    }

    /// Puts ids in the place of `bulkId`s.
    pub fn resolve(&mut self, known: &BTreeMap<String, String>) {
        if let Some(id) = self.id.as_deref().and_then(|id| known.get(id.strip_prefix(PREFIX)?)) {
            self.id = Some(id.clone());
        }
        self.data.values_mut().for_each(|value| resolve(value, known));
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => found.extend(text.strip_prefix(PREFIX).map(str::to_owned)),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(object) => object.values().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn resolve(value: &mut Value, known: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(id) = text.strip_prefix(PREFIX).and_then(|bulk_id| known.get(bulk_id)) {
                *text = id.clone();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, known)),
        Value::Object(object) => object.values_mut().for_each(|value| resolve(value, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Which operation comes next: the first whose `bulkId`s are settled. If none is, they wait for each other or for one that nobody
/// makes (RFC 7644 §3.7.1), and the first of them has to fail.
#[derive(Debug)]
pub struct Order {
    waiting: Vec<(usize, BTreeSet<String>)>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// This operation can be done.
    Do(usize),
    /// This one never can.
    Stuck(usize),
}

impl Order {
    /// Of these operations.
    pub fn new(operations: &[Operation]) -> Self {
        Self { waiting: operations.iter().map(Operation::needs).enumerate().collect() }
    }

    /// The next one; `settled` are the `bulkId`s whose operation was done or has failed.
    pub fn next(&mut self, settled: &BTreeSet<String>) -> Option<Next> {
        let ready = self.waiting.iter().position(|(_, needs)| needs.is_subset(settled));
        match ready {
            Some(at) => Some(Next::Do(self.waiting.remove(at).0)),
            None if self.waiting.is_empty() => None,
            None => Some(Next::Stuck(self.waiting.remove(0).0)),
        }
    }
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The status it would have had as a request.
    pub status: u16,
    /// Where the resource is.
    pub location: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What went wrong.
    pub error: Option<ScimError>,
}

/// The answer, operation by operation in the order they were done.
pub fn body(operations: &[Operation], done: &[(usize, Done)]) -> Value {
    let answers = done.iter().filter_map(|(at, done)| {
        let operation = operations.get(*at)?;
        let mut answer = json!({ "method": operation.method.word(), "status": done.status.to_string() });
        let entries = [
            ("bulkId", operation.bulk_id.clone()),
            ("location", done.location.clone()),
            ("version", done.version.clone()),
        ];
        for (name, value) in entries {
            if let Some(value) = value {
                answer[name] = value.into();
            }
        }
        if let Some(error) = &done.error {
            answer["response"] = error.body();
        }
        Some(answer)
    });
    json!({ "schemas": [RESPONSE_SCHEMA], "Operations": answers.collect::<Vec<_>>() })
}

/// The error of an operation that refers to a resource which does not come into being.
pub fn unresolved(needs: &BTreeSet<String>) -> ScimError {
    let needs: Vec<String> = needs.iter().map(|bulk_id| quoted(bulk_id)).collect();
    let detail = format!("refers to bulkId {}, which no operation of this request could make", needs.join(", "));
    ScimError::new(Kind::Conflict, detail)
}
