//! PATCH (RFC 7644 §3.5.2): operations on a resource, in order, all or none. What is not understood is an error that says why.

use serde_json::{Map, Value};

use super::error::quoted;
use super::filter::Filter;
use super::group;
use super::normalise::{self, Op};
use super::path::{self, Part, Path, Target};
use super::redacted;
use super::resource::{self, check, is_secret};
use super::schema::{self, Attribute, GROUPS, Mutability, Resource, Type, USERS, is_urn};
use super::{Kind, OPERATIONS_LIMIT, ScimError};

/// The URN of a PATCH body.
pub const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// One operation, as sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    op: Op,
    path: Option<String>,
    /// `None` if the body has no `value`; null is a value.
    value: Option<Value>,
}

impl Operation {
    /// How many values it brings.
    pub fn size(&self) -> usize {
        match &self.value {
            Some(Value::Array(items)) => items.len(),
            Some(Value::Object(parts)) => {
                parts.values().map(|part| part.as_array().map_or(1, Vec::len)).max().unwrap_or(1)
            }
            Some(_) => 1,
            // All there are, if it takes members away.
            None => OPERATIONS_LIMIT,
        }
    }

    /// What it is about, without what it says of people: for the request log.
    pub fn words(&self) -> String {
        let op = match self.op {
            Op::Add => "add",
            Op::Replace => "replace",
            Op::Remove => "remove",
        };
        let count = |value: &Value| value.as_array().map_or(String::new(), |items| format!(" ({})", items.len()));
        match (&self.path, &self.value) {
            (Some(path), value) => {
                format!("{op} {}{}", redacted::expression(path), value.as_ref().map_or(String::new(), count))
            }
            (None, Some(Value::Object(value))) => {
                let keys: Vec<String> = value.keys().map(|key| redacted::expression(key)).collect();
                format!("{op} {}", keys.join(", "))
            }
            (None, _) => op.to_owned(),
        }
    }
}

/// What happens to the members of a group, in order. Only those named are named here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberStep {
    /// These come in; who is in already stays.
    Add(Vec<String>),
    /// These go; who is not in is no error.
    Remove(Vec<String>),
    /// These, and nobody else.
    Replace(Vec<String>),
}

/// Reads the body of a PATCH.
pub fn read(body: Map<String, Value>) -> Result<Vec<Operation>, ScimError> {
    normalise::schemas(&body, SCHEMA)?;
    let syntax = |detail: String| ScimError::new(Kind::Syntax, detail);
    let Some(Value::Array(operations)) = schema::get(&body, "Operations") else {
        return Err(syntax("Operations has to be a list of operations".to_owned()));
    };
    if operations.is_empty() {
        return Err(syntax("Operations is empty: nothing to do".to_owned()));
    }
    if operations.len() > OPERATIONS_LIMIT {
        let detail = format!("{} operations; one request may have {OPERATIONS_LIMIT}", operations.len());
        return Err(ScimError::new(Kind::TooLarge, detail));
    }
    let mut read = Vec::with_capacity(operations.len());
    for (at, operation) in operations.iter().enumerate() {
        let Value::Object(operation) = operation else { return Err(syntax(format!("operation {at} is no object"))) };
        let Some(Value::String(op)) = schema::get(operation, "op") else {
            return Err(syntax(format!("operation {at} has no op")));
        };
        let op = normalise::op(op)
            .ok_or_else(|| syntax(format!("{} is no operation; add, replace and remove are", quoted(op))))?;
        let path = normalise::path(schema::get(operation, "path"))?.map(str::to_owned);
        let value = schema::get(operation, "value").cloned();
        if path.is_none() && op == Op::Remove {
            // RFC 7644 §3.5.2.2.
            return Err(ScimError::new(Kind::NoTarget, "remove without a path: nothing says what to remove"));
        }
        if value.is_none() && op != Op::Remove {
            return Err(ScimError::new(Kind::Value, format!("operation {at} has no value")));
        }
        read.push(Operation { op, path, value });
    }
    Ok(read)
}

/// Applies operations to a user; the whole is as it was if one fails.
pub fn user(user: &Map<String, Value>, operations: &[Operation]) -> Result<Map<String, Value>, ScimError> {
    let mut patched = user.clone();
    for operation in operations {
        apply(&USERS, &mut patched, operation)?;
    }
    Ok(patched)
}

/// Applies operations to a group without its members, and says what they do to the members.
pub fn group(
    group: &Map<String, Value>,
    operations: &[Operation],
) -> Result<(Map<String, Value>, Vec<MemberStep>), ScimError> {
    let mut patched = group.clone();
    let mut steps = Vec::new();
    for operation in operations {
        match &operation.path {
            Some(text) => match path::read(&GROUPS, &patched, text)? {
                Target::Attribute(path) if path.extension.is_none() && path.name == "members" => {
                    steps.push(member_step(text, &path, operation)?);
                }
                target => at_target(&GROUPS, &mut patched, operation.op, target, operation.value.clone())?,
            },
            None => {
                let mut value = pathless(operation)?;
                for key in value.keys().filter(|key| names_members(key)).cloned().collect::<Vec<_>>() {
                    let members = value.remove(&key).unwrap_or(Value::Null);
                    steps.push(match operation.op {
                        Op::Add => MemberStep::Add(group::members(members)?),
                        Op::Replace | Op::Remove => MemberStep::Replace(group::members(members)?),
                    });
                }
                each(&GROUPS, &mut patched, operation.op, value)?;
            }
        }
    }
    Ok((patched, steps))
}

fn names_members(key: &str) -> bool {
    let name = key.len().checked_sub("members".len()).and_then(|at| key.split_at_checked(at));
    name.is_some_and(|(before, name)| {
        let core = before.strip_suffix(':').is_some_and(|urn| GROUPS.is_core(urn));
        name.eq_ignore_ascii_case("members") && (before.is_empty() || core)
    })
}

/// What an operation with a path does to members.
fn member_step(text: &str, path: &Path, operation: &Operation) -> Result<MemberStep, ScimError> {
    let refused = |kind, why: &str| Err(ScimError::new(kind, format!("the path {} {why}", quoted(text))));
    if path.part.is_some() {
        return refused(Kind::Mutability, "names a part of a member; members are added and removed whole");
    }
    match (&path.filter, operation.op, operation.value.clone()) {
        (None, Op::Add, value) => Ok(MemberStep::Add(group::members(value.unwrap_or(Value::Null))?)),
        (None, Op::Replace, value) => Ok(MemberStep::Replace(group::members(value.unwrap_or(Value::Null))?)),
        // The form of RFC 7644 §3.5.2.2, and nothing that could have meant something else, empties a group.
        (None, Op::Remove, None) => Ok(MemberStep::Replace(Vec::new())),
        (None, Op::Remove, Some(value)) => {
            let named = group::members(value)?;
            if named.is_empty() {
                let detail = "value names no member to remove; to remove all members leave value out";
                return Err(ScimError::new(Kind::Value, detail));
            }
            Ok(MemberStep::Remove(named))
        }
        (Some(filter), Op::Remove, _) => match filter.named_ids() {
            Some(ids) => Ok(MemberStep::Remove(ids)),
            None => refused(Kind::Path, "filters members by something else than value eq"),
        },
        (Some(_), Op::Add | Op::Replace, _) => {
            refused(Kind::Path, "filters members; add and replace take members as value")
        }
    }
}

fn pathless(operation: &Operation) -> Result<Map<String, Value>, ScimError> {
    match &operation.value {
        Some(Value::Object(value)) => Ok(value.clone()),
        _ => Err(ScimError::new(Kind::Value, "without a path, value has to be an object of attributes")),
    }
}

fn apply(resource: &'static Resource, object: &mut Map<String, Value>, operation: &Operation) -> Result<(), ScimError> {
    match &operation.path {
        None => each(resource, object, operation.op, pathless(operation)?),
        Some(text) => {
            let target = path::read(resource, object, text)?;
            at_target(resource, object, operation.op, target, operation.value.clone())
        }
    }
}

/// An operation without a path: one for each attribute in its value. A key may itself be a path (`name.givenName`,
/// `urn:..:User:department`): Entra with `aadOptscim062020`. What only we set is passed over: Okta renames groups with their `id`.
fn each(
    resource: &'static Resource,
    object: &mut Map<String, Value>,
    op: Op,
    value: Map<String, Value>,
) -> Result<(), ScimError> {
    for (key, value) in value {
        let ours = resource.core(&key).is_some_and(|attribute| attribute.mutability == Mutability::ReadOnly);
        if ours || is_secret(&key) || key.eq_ignore_ascii_case("schemas") {
            continue;
        }
        // A pathless null says that there shall be none.
        if value.is_null() && op == Op::Add {
            continue;
        }
        let target = match &value {
            // An extension of the client's own, whole.
            Value::Object(_) if is_urn(&key) && !resource.has_urn_prefix(&key) => Target::Extension(key),
            _ => path::read(resource, object, &key)?,
        };
        at_target(resource, object, op, target, Some(value))?;
    }
    Ok(())
}

fn at_target(
    resource: &'static Resource,
    object: &mut Map<String, Value>,
    op: Op,
    target: Target,
    value: Option<Value>,
) -> Result<(), ScimError> {
    match target {
        Target::Extension(key) => at_extension(resource, object, op, key, value),
        // A password is taken and dropped, here as everywhere.
        Target::Attribute(path) if path.attribute.is_some_and(|known| known.mutability == Mutability::WriteOnly) => {
            Ok(())
        }
        Target::Attribute(path) => match &path.extension {
            None => at_attribute(object, op, &path, value),
            Some(key) => {
                let mut extension = match object.remove(key) {
                    Some(Value::Object(extension)) => extension,
                    _ => Map::new(),
                };
                at_attribute(&mut extension, op, &path, value)?;
                if !extension.is_empty() {
                    object.insert(key.clone(), Value::Object(extension));
                }
                Ok(())
            }
        },
    }
}

/// An extension as a whole behaves like a complex attribute: what is named is set, the rest stays.
fn at_extension(
    resource: &'static Resource,
    object: &mut Map<String, Value>,
    op: Op,
    key: String,
    value: Option<Value>,
) -> Result<(), ScimError> {
    if op == Op::Remove || value == Some(Value::Null) {
        object.remove(&key);
        return Ok(());
    }
    let Some(Value::Object(value)) = value else {
        return Err(ScimError::new(Kind::Value, format!("{key} has to be an object")));
    };
    match resource.extension(&key) {
        Some(schema) => {
            for (name, value) in value {
                if is_secret(&name) || name.eq_ignore_ascii_case("schemas") {
                    continue;
                }
                let target = path::read(resource, object, &format!("{}:{name}", schema.id))?;
                at_target(resource, object, op, target, Some(value))?;
            }
        }
        None => {
            let held = object.entry(key).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(held) = held {
                held.extend(value);
            }
        }
    }
    Ok(())
}

fn at_attribute(holder: &mut Map<String, Value>, op: Op, path: &Path, value: Option<Value>) -> Result<(), ScimError> {
    let Some(attribute) = path.attribute else { return at_unknown(holder, op, path, value) };
    match (&path.filter, &path.part) {
        (Some(filter), part) => {
            let mut elements = match holder.remove(&path.name) {
                Some(Value::Array(elements)) => elements,
                _ => Vec::new(),
            };
            at_elements(&mut elements, op, path, attribute, (filter, part.as_ref()), value)?;
            if !elements.is_empty() {
                holder.insert(path.name.clone(), Value::Array(elements));
            }
            Ok(())
        }
        (None, Some(part)) => {
            let mut whole = match holder.remove(&path.name) {
                Some(Value::Object(whole)) => whole,
                _ => Map::new(),
            };
            set_part(&mut whole, op, path, part, value)?;
            if !whole.is_empty() {
                holder.insert(path.name.clone(), Value::Object(whole));
            }
            Ok(())
        }
        (None, None) => at_whole(holder, op, path, attribute, value),
    }
}

/// A whole attribute.
fn at_whole(
    holder: &mut Map<String, Value>,
    op: Op,
    path: &Path,
    attribute: &'static Attribute,
    value: Option<Value>,
) -> Result<(), ScimError> {
    if op == Op::Remove {
        return match value.filter(|value| attribute.many && !value.is_null()) {
            None => take_away(holder, path, attribute),
            Some(value) => remove_values(holder, path, attribute, value),
        };
    }
    let Some(value) = check(&path.name, attribute, value.unwrap_or(Value::Null))? else {
        return match op {
            Op::Add => Err(ScimError::new(Kind::Value, format!("add {}: the value is nothing", path.name))),
            Op::Replace | Op::Remove => take_away(holder, path, attribute),
        };
    };
    match (op, value, holder.get_mut(&path.name)) {
        (Op::Add, Value::Array(added), Some(Value::Array(held))) => append(held, added),
        (_, Value::Object(parts), Some(Value::Object(held))) if attribute.kind == Type::Complex => held.extend(parts),
        (_, value, _) => {
            holder.insert(path.name.clone(), value);
        }
    }
    Ok(())
}

/// RFC 7644 §3.5.2.2: what is required cannot be taken away, and the error for it is called mutability.
fn take_away(holder: &mut Map<String, Value>, path: &Path, attribute: &Attribute) -> Result<(), ScimError> {
    if attribute.required {
        return Err(ScimError::new(Kind::Mutability, format!("{} is required and cannot be removed", path.name)));
    }
    holder.remove(&path.name);
    Ok(())
}

/// `remove` with values: takes those away, not all (Entra sends members like that; here it is about other attributes).
fn remove_values(
    holder: &mut Map<String, Value>,
    path: &Path,
    attribute: &'static Attribute,
    value: Value,
) -> Result<(), ScimError> {
    let Some(Value::Array(named)) = check(&path.name, attribute, value)? else {
        let detail = format!("value names none of {} to remove; to remove all leave value out", path.name);
        return Err(ScimError::new(Kind::Value, detail));
    };
    if let Some(Value::Array(held)) = holder.get_mut(&path.name) {
        held.retain(|element| !named.iter().any(|named| says_the_same(named, element)));
        if held.is_empty() {
            holder.remove(&path.name);
        }
    }
    Ok(())
}

/// Whether everything that `named` says is so of `element`.
fn says_the_same(named: &Value, element: &Value) -> bool {
    match (named, element) {
        (Value::Object(named), Value::Object(element)) => {
            named.iter().all(|(name, value)| element.get(name) == Some(value))
        }
        (named, element) => named == element,
    }
}

/// Adds values to a list: not what is there already, and a value that is there with the same type gets the new parts. A new primary
/// one takes that from the others (RFC 7644 §3.5.2).
fn append(held: &mut Vec<Value>, added: Vec<Value>) {
    for value in added {
        let same = |held: &Value, part: &str| held.get(part) == value.get(part);
        let known = held.iter().position(|held| says_the_same(&value, held)).or_else(|| {
            value.get("value").and_then(|_| held.iter().position(|held| same(held, "value") && same(held, "type")))
        });
        let at = match (known, value) {
            (Some(at), Value::Object(parts)) => {
                if let Some(Value::Object(held)) = held.get_mut(at) {
                    held.extend(parts);
                }
                at
            }
            (Some(at), _) => at,
            (None, value) => {
                held.push(value);
                held.len() - 1
            }
        };
        if is_primary(&held[at]) {
            only_primary(held, at);
        }
    }
}

fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

fn only_primary(elements: &mut [Value], keep: usize) {
    for (at, element) in elements.iter_mut().enumerate() {
        if at != keep && is_primary(element) {
            element["primary"] = Value::Bool(false);
        }
    }
}

/// Elements chosen by a filter.
fn at_elements(
    elements: &mut Vec<Value>,
    op: Op,
    path: &Path,
    attribute: &'static Attribute,
    (filter, part): (&Filter, Option<&Part>),
    value: Option<Value>,
) -> Result<(), ScimError> {
    let chosen = |element: &Value| element.as_object().is_some_and(|element| filter.matches(element));
    let mut at: Vec<usize> = (0..elements.len()).filter(|at| chosen(&elements[*at])).collect();
    if op == Op::Remove && part.is_none() {
        elements.retain(|element| !chosen(element));
        return Ok(());
    }
    if at.is_empty() && op != Op::Remove {
        elements.push(Value::Object(new_element(op, path, attribute, filter, part)?));
        at.push(elements.len() - 1);
    }
    let mut primary = Vec::new();
    for at in at {
        let Value::Object(element) = &mut elements[at] else { continue };
        let was = element.get("primary") == Some(&Value::Bool(true));
        match part {
            Some(part) => set_part(element, op, path, part, value.clone())?,
            None => {
                let checked = resource::single(&path.name, attribute, normalise_one(attribute, value.clone()))?;
                let Some(Value::Object(parts)) = checked else {
                    return Err(ScimError::new(Kind::Value, format!("{} needs an object as value", path.name)));
                };
                if op == Op::Replace {
                    element.clear();
                }
                element.extend(parts);
            }
        }
        if !was && is_primary(&elements[at]) {
            primary.push(at);
        }
    }
    match primary[..] {
        [] => {}
        [one] => only_primary(elements, one),
        _ => return Err(ScimError::new(Kind::Value, format!("more than one of {} would be primary", path.name))),
    }
    elements.retain(|element| element.as_object().is_none_or(|element| !element.is_empty()));
    Ok(())
}

/// One element as value: itself, or alone in a list.
fn normalise_one(attribute: &Attribute, value: Option<Value>) -> Value {
    match normalise::value(attribute, value.unwrap_or(Value::Null)) {
        Value::Array(mut items) if items.len() == 1 => items.remove(0),
        other => other,
    }
}

/// The element that a filter does not find, as far as the filter tells about it.
fn new_element(
    op: Op,
    path: &Path,
    attribute: &'static Attribute,
    filter: &Filter,
    part: Option<&Part>,
) -> Result<Map<String, Value>, ScimError> {
    let none = || ScimError::new(Kind::NoTarget, format!("no value of {} passes the filter", path.name));
    let told = filter.told().ok_or_else(none)?;
    if op == Op::Replace && !normalise::replace_makes_the_element(attribute, &told, part.map(|part| part.name.as_str()))
    {
        return Err(none());
    }
    Ok(told.into_iter().collect())
}

/// A part of a complex value.
fn set_part(
    whole: &mut Map<String, Value>,
    op: Op,
    path: &Path,
    part: &Part,
    value: Option<Value>,
) -> Result<(), ScimError> {
    let value = match (op, part.attribute) {
        (Op::Remove, _) => None,
        (_, Some(attribute)) => check(&path.place(), attribute, value.unwrap_or(Value::Null))?,
        (_, None) => value.filter(|value| !value.is_null()),
    };
    match (op, value) {
        (_, Some(value)) => {
            whole.insert(part.name.clone(), value);
        }
        (Op::Add, None) => {
            return Err(ScimError::new(Kind::Value, format!("add {}: the value is nothing", path.place())));
        }
        (Op::Replace | Op::Remove, None) => {
            whole.remove(&part.name);
        }
    }
    Ok(())
}

/// An attribute of an extension of the client's own, or one that came with the whole resource: kept as sent.
fn at_unknown(holder: &mut Map<String, Value>, op: Op, path: &Path, value: Option<Value>) -> Result<(), ScimError> {
    if let Some(part) = &path.part {
        let mut whole = match holder.remove(&path.name) {
            Some(Value::Object(whole)) => whole,
            None => Map::new(),
            Some(_) => return Err(ScimError::new(Kind::Path, format!("{} has no parts", path.name))),
        };
        set_part(&mut whole, op, path, part, value)?;
        if !whole.is_empty() {
            holder.insert(path.name.clone(), Value::Object(whole));
        }
        return Ok(());
    }
    match (op, value.filter(|value| !value.is_null())) {
        (Op::Remove, None) | (Op::Replace, None) => {
            holder.remove(&path.name);
        }
        (Op::Remove, Some(named)) => match holder.get_mut(&path.name) {
            Some(Value::Array(held)) => {
                let named = if let Value::Array(named) = named { named } else { vec![named] };
                held.retain(|element| !named.iter().any(|named| says_the_same(named, element)));
            }
            _ => {
                holder.remove(&path.name);
            }
        },
        (Op::Add, None) => return Err(ScimError::new(Kind::Value, format!("add {}: the value is nothing", path.name))),
        (Op::Add, Some(Value::Array(added))) => match holder.get_mut(&path.name) {
            Some(Value::Array(held)) => append(held, added),
            _ => {
                holder.insert(path.name.clone(), Value::Array(added));
            }
        },
        (Op::Add | Op::Replace, Some(value)) => {
            holder.insert(path.name.clone(), value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
