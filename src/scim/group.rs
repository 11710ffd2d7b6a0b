//! Groups: what a body says about one, who is named as a member, and how one is shown.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::resource::{self, Shown, text_of};
use super::schema::{self, GROUPS, USERS};
use super::{Kind, MEMBERS_LIMIT, ScimError};
use crate::directory::{GroupContent, GroupMember, Name};

/// Reads the body of POST or PUT: the group without members, and the ids of its members.
pub fn read(mut body: Map<String, Value>) -> Result<(Map<String, Value>, Vec<String>), ScimError> {
    let named: Vec<String> = body.keys().filter(|key| key.eq_ignore_ascii_case("members")).cloned().collect();
    if named.len() > 1 {
        return Err(ScimError::new(Kind::Syntax, "members stands there twice"));
    }
    let members = named.first().and_then(|key| body.remove(key)).unwrap_or(Value::Null);
    Ok((resource::read(&GROUPS, body)?, self::members(members)?))
}

/// A kept group, without its members.
pub fn stored(text: &str) -> Result<Map<String, Value>, ScimError> {
    resource::stored(text)
}

/// What rules and look-ups need of a group, with the group itself as text.
pub fn content(group: &Map<String, Value>) -> Result<GroupContent, ScimError> {
    let name = text_of(group, "displayName").ok_or_else(|| ScimError::new(Kind::Value, "displayName is missing"))?;
    let named = |error| ScimError::new(Kind::Value, format!("displayName: {error}"));
    Ok(GroupContent {
        display_name: Name::parse(name).map_err(named)?,
        external_id: text_of(group, "externalId").map(str::to_owned),
        resource: resource::text(group)?,
    })
}

/// The ids of members, each once. A member is `{"value": id}`, or as some clients write it the id alone; `display`, `type` and `$ref`
/// may come along. Groups as members are refused: they are not supported, and leaving them out would lose people.
pub(super) fn members(value: Value) -> Result<Vec<String>, ScimError> {
    let items = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items,
        one => vec![one],
    };
    if items.len() > MEMBERS_LIMIT {
        let detail = format!("{} members; one request may name {MEMBERS_LIMIT}", items.len());
        return Err(ScimError::new(Kind::TooLarge, detail));
    }
    let mut seen = HashSet::with_capacity(items.len());
    let mut ids = Vec::with_capacity(items.len());
    for item in items {
        let id = member(item)?;
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn member(item: Value) -> Result<String, ScimError> {
    let wrong = |why: &str| Err(ScimError::new(Kind::Value, format!("a member {why}")));
    let object = match item {
        Value::String(id) if !id.trim().is_empty() => return Ok(id),
        Value::Object(object) => object,
        _ => return wrong("is neither an object nor an id"),
    };
    let text = |name: &str| match schema::get(&object, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(ScimError::new(Kind::Value, format!("members.{name} has to be a text"))),
    };
    let reference = text("$ref")?.map(|reference| reference.trim_end_matches('/'));
    let kind = text("type")?;
    let to_a_group = reference.is_some_and(|reference| reference.contains("/Groups/"));
    if to_a_group || kind.is_some_and(|kind| kind.eq_ignore_ascii_case(GROUPS.name)) {
        return wrong("is a group: groups as members are not supported; assign the people, or flatten the group");
    }
    if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case(USERS.name)) {
        return wrong("has a type other than User");
    }
    let by_reference = || reference.and_then(|reference| Some(reference.rsplit_once("/Users/")?.1));
    match text("value")?.or_else(by_reference) {
        Some(id) => Ok(id.to_owned()),
        None => wrong("has no value: the user's id is expected"),
    }
}

/// A group as clients see it; `members` is `None` where they were not asked for, and their names come only where `display` is asked for.
pub fn render(
    group: Map<String, Value>,
    shown: &Shown<'_>,
    members: Option<&[GroupMember]>,
    display: bool,
) -> Map<String, Value> {
    let mut rendered = resource::complete(&GROUPS, group, shown);
    if let Some(members) = members.filter(|members| !members.is_empty()) {
        let one = |member: &GroupMember| {
            let mut one = json!({
                "value": member.public_id,
                "$ref": format!("{}{}/{}", shown.base, USERS.endpoint, member.public_id),
                "type": USERS.name,
            });
            if display {
                one["display"] = member.display.as_str().into();
            }
            one
        };
        rendered.insert("members".to_owned(), members.iter().map(one).collect());
    }
    rendered
}

/// The address of a group.
pub fn location(shown: &Shown<'_>) -> String {
    resource::location(&GROUPS, shown)
}
