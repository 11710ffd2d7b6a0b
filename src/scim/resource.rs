//! A resource as JSON: read with its types checked and its names spelled as the schema spells them, and rendered with what is ours.

use serde_json::{Map, Value, json};

use super::error::quoted;
use super::normalise;
use super::schema::{Attribute, Mutability, Resource, Schema, Type, is_urn};
use super::{Kind, NAME_LIMIT, RESOURCE_LIMIT, ScimError};
use crate::clock::Timestamp;

/// What the rendering of any resource needs besides its content.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// `https://login.example.com/scim/v2`.
    pub base: &'a str,
    /// The SCIM `id`.
    pub id: &'a str,
    /// Since when.
    pub created: Timestamp,
    /// The latest change.
    pub updated: Timestamp,
    /// The ETag.
    pub version: &'a str,
}

/// Where the attributes of an object are described.
#[derive(Clone, Copy)]
pub(super) enum Describes {
    /// The resource itself.
    Core(&'static Resource),
    /// A known extension.
    Extension(&'static Schema),
}

impl Describes {
    pub(super) fn attribute(self, name: &str) -> Option<&'static Attribute> {
        match self {
            Self::Core(resource) => resource.core(name),
            Self::Extension(schema) => schema.attribute(name),
        }
    }
}

/// Never kept and never returned, whatever the schema says of it: Okta sends a placeholder with every user.
pub(super) fn is_secret(name: &str) -> bool {
    name.eq_ignore_ascii_case("password")
}

/// Reads a body of POST or PUT: what a client may set, names spelled as in the schema, types checked, nothing and empty lists left out
/// (RFC 7643 §2.5). Attributes that nobody here knows are kept as they are.
pub(super) fn read(resource: &'static Resource, body: Map<String, Value>) -> Result<Map<String, Value>, ScimError> {
    normalise::schemas(&body, resource.schema.id)?;
    let mut read = Map::new();
    for (key, value) in body {
        let (key, value) = match entry(resource, key, value)? {
            Some(entry) => entry,
            None => continue,
        };
        put(&mut read, key, value)?;
    }
    Ok(read)
}

/// One attribute or extension of a resource; `None` if nothing of it is kept.
pub(super) fn entry(
    resource: &'static Resource,
    key: String,
    value: Value,
) -> Result<Option<(String, Value)>, ScimError> {
    if !is_urn(&key) {
        return attribute(Describes::Core(resource), "", key, value);
    }
    // RFC 7644 §3.10: an attribute of the core schema may be written with its URN.
    let core = resource.schema.id;
    if key.len() > core.len() + 1 && key[..].get(..core.len()).is_some_and(|head| head.eq_ignore_ascii_case(core)) {
        return attribute(Describes::Core(resource), "", key[core.len() + 1..].to_owned(), value);
    }
    let Some(extension) = resource.extension(&key) else { return Ok(kept(value).map(|value| (key, value))) };
    let object = match value {
        Value::Null => return Ok(None),
        Value::Object(object) => object,
        _ => return Err(ScimError::new(Kind::Value, format!("{} is no object", extension.id))),
    };
    let mut read = Map::new();
    for (name, value) in object {
        if let Some((name, value)) = attribute(Describes::Extension(extension), "", name, value)? {
            put(&mut read, name, value)?;
        }
    }
    Ok((!read.is_empty()).then(|| (extension.id.to_owned(), Value::Object(read))))
}

fn attribute(
    describes: Describes,
    above: &str,
    name: String,
    value: Value,
) -> Result<Option<(String, Value)>, ScimError> {
    // `schemas` follows from what is there.
    if is_secret(&name) || name.eq_ignore_ascii_case("schemas") {
        return Ok(None);
    }
    let Some(attribute) = describes.attribute(&name) else { return Ok(kept(value).map(|value| (name, value))) };
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(None);
    }
    let place = if above.is_empty() { attribute.name.to_owned() } else { format!("{above}.{}", attribute.name) };
    Ok(check(&place, attribute, value)?.map(|value| (attribute.name.to_owned(), value)))
}

/// Something that nobody here knows: kept, unless it is nothing.
fn kept(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) if items.is_empty() => None,
        Value::Object(object) if object.is_empty() => None,
        other => Some(other),
    }
}

fn put(object: &mut Map<String, Value>, name: String, value: Value) -> Result<(), ScimError> {
    if object.contains_key(&name) {
        return Err(ScimError::new(Kind::Syntax, format!("{} stands there twice", quoted(&name))));
    }
    object.insert(name, value);
    Ok(())
}

/// Checks a value against its attribute; `None` if it is no value (null, an empty list, an empty object).
pub(super) fn check(place: &str, attribute: &Attribute, value: Value) -> Result<Option<Value>, ScimError> {
    let value = normalise::value(attribute, value);
    if !attribute.many {
        return single(place, attribute, value);
    }
    let items = match value {
        Value::Array(items) => items,
        Value::Null => return Ok(None),
        _ => return Err(wrong(place, "a list")),
    };
    let mut read = Vec::with_capacity(items.len());
    for item in items {
        read.extend(single(place, attribute, item)?);
    }
    if read.iter().filter(|item| item.get("primary") == Some(&Value::Bool(true))).count() > 1 {
        // RFC 7643 §2.4: true no more than once.
        return Err(ScimError::new(Kind::Value, format!("more than one of {place} is primary")));
    }
    Ok((!read.is_empty()).then_some(Value::Array(read)))
}

fn wrong(place: &str, expected: &str) -> ScimError {
    ScimError::new(Kind::Value, format!("{place} has to be {expected}"))
}

/// Checks one value.
pub(super) fn single(place: &str, attribute: &Attribute, value: Value) -> Result<Option<Value>, ScimError> {
    match (attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        (Type::String | Type::Reference, Value::String(text)) => {
            let looked_up = attribute.unique || attribute.required;
            if looked_up && text.len() > NAME_LIMIT {
                return Err(wrong(place, &format!("at most {NAME_LIMIT} bytes long")));
            }
            Ok(Some(Value::String(text)))
        }
        (Type::String | Type::Reference, _) => Err(wrong(place, "a text")),
        (Type::Boolean, Value::Bool(truth)) => Ok(Some(Value::Bool(truth))),
        (Type::Boolean, _) => Err(wrong(place, "true or false")),
        (Type::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(Some(Value::Number(number))),
        (Type::Integer, _) => Err(wrong(place, "a whole number")),
        (Type::DateTime, Value::String(text)) if Timestamp::parse(&text).is_some() => Ok(Some(Value::String(text))),
        (Type::DateTime, _) => Err(wrong(place, "a date and time as in RFC 3339")),
        (Type::Binary, Value::String(text)) if is_base64(&text) => Ok(Some(Value::String(text))),
        (Type::Binary, _) => Err(wrong(place, "base 64")),
        (Type::Complex, Value::Object(object)) => {
            let mut read = Map::new();
            for (name, value) in object {
                let Some(part) = attribute.part(&name) else {
                    if let Some(value) = kept(value).filter(|_| !is_secret(&name)) {
                        put(&mut read, name, value)?;
                    }
                    continue;
                };
                if part.mutability == Mutability::ReadOnly {
                    continue;
                }
                if let Some(value) = check(&format!("{place}.{}", part.name), part, value)? {
                    put(&mut read, part.name.to_owned(), value)?;
                }
            }
            Ok((!read.is_empty()).then_some(Value::Object(read)))
        }
        (Type::Complex, _) => Err(wrong(place, "an object")),
    }
}

fn is_base64(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&byte))
}

/// What is kept of a resource, as text; refused if it is larger than [`RESOURCE_LIMIT`].
pub(super) fn text(resource: &Map<String, Value>) -> Result<String, ScimError> {
    let text = serde_json::to_string(resource).map_err(|_| ScimError::new(Kind::Internal, "a resource is no JSON"))?;
    if text.len() > RESOURCE_LIMIT {
        let detail = format!("the resource would take {} bytes; it may take {RESOURCE_LIMIT}", text.len());
        return Err(ScimError::new(Kind::TooLarge, detail));
    }
    Ok(text)
}

/// A kept resource. Only text that [`text`] made is read here.
pub(super) fn stored(text: &str) -> Result<Map<String, Value>, ScimError> {
    serde_json::from_str(text).map_err(|_| ScimError::new(Kind::Internal, "a kept resource is no JSON"))
}

/// Adds what every resource has (RFC 7643 §3): `schemas`, `id` and `meta`.
pub(super) fn complete(
    resource: &'static Resource,
    mut object: Map<String, Value>,
    shown: &Shown<'_>,
) -> Map<String, Value> {
    let extensions = object.keys().filter(|key| is_urn(key)).cloned();
    let schemas: Vec<String> = [resource.schema.id.to_owned()].into_iter().chain(extensions).collect();
    object.insert("schemas".to_owned(), schemas.into());
    object.insert("id".to_owned(), shown.id.into());
    let meta = json!({
        "resourceType": resource.name,
        "created": shown.created.to_string(),
        "lastModified": shown.updated.to_string(),
        "location": location(resource, shown),
        "version": shown.version,
    });
    object.insert("meta".to_owned(), meta);
    object
}

/// The address of a resource.
pub(super) fn location(resource: &Resource, shown: &Shown<'_>) -> String {
    format!("{}{}/{}", shown.base, resource.endpoint, shown.id)
}

/// A text attribute that is there and not blank.
pub(super) fn text_of<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}
