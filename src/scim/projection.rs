//! `attributes` and `excludedAttributes` (RFC 7644 §3.9): which attributes of a resource are returned.

use serde_json::{Map, Value};

use super::schema::{Attribute, Resource, Returned, is_urn};

/// What a client asks to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    only: Option<Vec<Wanted>>,
    without: Vec<Wanted>,
}

/// A name as the schema has it, or as sent if it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    extension: Option<String>,
    /// `None`: the whole extension.
    name: Option<String>,
    part: Option<String>,
}

impl Projection {
    /// Reads the two lists; names that nobody knows show nothing and hide nothing.
    pub fn new<'a>(
        resource: &'static Resource,
        attributes: impl IntoIterator<Item = &'a str>,
        excluded: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let read = |names: Vec<&str>| names.into_iter().map(|name| wanted(resource, name)).collect::<Vec<_>>();
        let names = |list: &mut dyn Iterator<Item = &'a str>| -> Vec<&'a str> {
            list.flat_map(|names| names.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect()
        };
        let only = read(names(&mut attributes.into_iter()));
        Self { only: (!only.is_empty()).then_some(only), without: read(names(&mut excluded.into_iter())) }
    }

    /// Whether this attribute of the core schema is shown at all: what is not asked for need not be looked up.
    pub fn shows(&self, name: &str) -> bool {
        let names = |wanted: &Wanted| wanted.extension.is_none() && wanted.name.as_deref() == Some(name);
        let hidden = self.without.iter().any(|wanted| names(wanted) && wanted.part.is_none());
        !hidden && self.only.as_ref().is_none_or(|only| only.iter().any(names))
    }

    /// Whether the client names this part of an attribute: what is returned only on request.
    pub fn asks_for(&self, name: &str, part: &str) -> bool {
        let names = |wanted: &Wanted| {
            wanted.extension.is_none() && wanted.name.as_deref() == Some(name) && wanted.part.as_deref() == Some(part)
        };
        self.only.as_ref().is_some_and(|only| only.iter().any(names))
    }

    /// Leaves what is to be shown. `id` and `schemas` always are (RFC 7643 §3.1).
    pub fn apply(&self, resource: &'static Resource, mut object: Map<String, Value>) -> Map<String, Value> {
        if let Some(only) = &self.only {
            let mut kept = Map::new();
            for (key, value) in &object {
                if is_always(resource.core(key)) {
                    kept.insert(key.clone(), value.clone());
                }
            }
            for wanted in only {
                wanted.copy(&object, &mut kept);
            }
            object = kept;
        }
        for wanted in &self.without {
            wanted.take_out(resource, &mut object);
        }
        object
    }
}

fn is_always(attribute: Option<&Attribute>) -> bool {
    attribute.is_some_and(|attribute| attribute.returned == Returned::Always)
}

fn wanted(resource: &'static Resource, text: &str) -> Wanted {
    let whole = |extension: &str| Wanted { extension: Some(extension.to_owned()), name: None, part: None };
    let (extension, path) = match text.rsplit_once(':') {
        None => (None, text),
        Some(_) if resource.extension(text).is_some() => {
            return whole(resource.extension(text).map_or(text, |schema| schema.id));
        }
        Some((urn, path)) if resource.is_core(urn) => (None, path),
        Some((urn, path)) => match resource.extension(urn) {
            Some(schema) => (Some(schema), path),
            // Perhaps an extension of the client's own, whole or a part of it: the whole is shown or hidden.
            None => return whole(text),
        },
    };
    let (name, part) = path.split_once('.').map_or((path, None), |(name, part)| (name, Some(part)));
    let attribute = extension.map_or_else(|| resource.core(name), |schema| schema.attribute(name));
    let part = part.map(|part| {
        let known = attribute.and_then(|attribute| attribute.part(part));
        known.map_or_else(|| part.to_owned(), |known| known.name.to_owned())
    });
    Wanted {
        extension: extension.map(|schema| schema.id.to_owned()),
        name: Some(attribute.map_or_else(|| name.to_owned(), |attribute| attribute.name.to_owned())),
        part,
    }
}

impl Wanted {
    /// The key that this is about in a resource.
    fn key<'a>(&self, object: &'a Map<String, Value>) -> Option<&'a String> {
        let name = self.extension.as_ref().or(self.name.as_ref())?;
        object.keys().find(|key| {
            let within = is_urn(key) && name.get(..key.len()).is_some_and(|head| head.eq_ignore_ascii_case(key));
            key.eq_ignore_ascii_case(name) || within
        })
    }

    fn copy(&self, from: &Map<String, Value>, to: &mut Map<String, Value>) {
        let Some(key) = self.key(from) else { return };
        let Some(value) = from.get(key) else { return };
        let picked = match (&self.extension, &self.name, value) {
            (Some(_), Some(name), Value::Object(extension)) => {
                let Some(value) = extension.get(name) else { return };
                Value::Object(Map::from_iter([(name.clone(), part_of(value, self.part.as_deref()))]))
            }
            _ => part_of(value, self.part.as_deref()),
        };
        match to.get_mut(key) {
            None => {
                to.insert(key.clone(), picked);
            }
            Some(held) => merge(held, picked),
        }
    }

    fn take_out(&self, resource: &'static Resource, object: &mut Map<String, Value>) {
        let Some(key) = self.key(object).cloned() else { return };
        if self.extension.is_none() && is_always(resource.core(&key)) {
            return;
        }
        let Some(value) = object.get_mut(&key) else { return };
        match (&self.extension, &self.name, &self.part) {
            (Some(_), Some(name), None) => {
                if let Value::Object(extension) = value {
                    extension.remove(name);
                }
            }
            (Some(_), Some(name), Some(part)) => {
                if let Some(value) = value.get_mut(name) {
                    drop_part(value, part);
                }
            }
            (None, _, Some(part)) => drop_part(value, part),
            (_, None, _) | (None, _, None) => {
                object.remove(&key);
            }
        }
    }
}

fn part_of(value: &Value, part: Option<&str>) -> Value {
    let Some(part) = part else { return value.clone() };
    match value {
        Value::Array(items) => items.iter().map(|item| part_of(item, Some(part))).collect(),
        Value::Object(object) => {
            object.iter().filter(|(name, _)| *name == part).map(|(name, value)| (name.clone(), value.clone())).collect()
        }
        other => other.clone(),
    }
}

fn drop_part(value: &mut Value, part: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| drop_part(item, part)),
        Value::Object(object) => drop(object.remove(part)),
        _ => {}
    }
}

/// `name.givenName` and `name.familyName` are two wishes about one value.
fn merge(held: &mut Value, more: Value) {
    match (held, more) {
        (Value::Object(held), Value::Object(more)) => {
            for (name, value) in more {
                match held.get_mut(&name) {
                    Some(inner) => merge(inner, value),
                    None => drop(held.insert(name, value)),
                }
            }
        }
        (Value::Array(held), Value::Array(more)) => {
            held.iter_mut().zip(more).for_each(|(held, more)| merge(held, more))
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::{ENTERPRISE, USERS};
    use super::*;

    fn shown(only: &str, without: &str) -> Value {
        let user = json!({
            "schemas": ["urn"], "id": "1", "userName": "anna", "name": { "givenName": "Anna", "familyName": "Berg" },
            "emails": [{ "value": "a@b", "type": "work" }, { "value": "c@d" }],
            ENTERPRISE.id: { "department": "Sales", "manager": { "value": "2", "displayName": "Otto" } },
            "urn:acme:User": { "badge": 7 }, "own": 1,
        });
        let projection = Projection::new(&USERS, [only], [without]);
        Value::Object(projection.apply(&USERS, user.as_object().cloned().expect("an object")))
    }

    #[test]
    fn attributes_show_what_they_name_and_what_is_always_there() {
        let always = |more: Value| {
            let mut all = json!({ "schemas": ["urn"], "id": "1" });
            all.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
            all
        };
        assert_eq!(shown("userName", ""), always(json!({ "userName": "anna" })));
        assert_eq!(shown("USERNAME , own", ""), always(json!({ "userName": "anna", "own": 1 })));
        assert_eq!(
            shown("name.givenName,name.familyname", ""),
            always(json!({ "name": { "givenName": "Anna", "familyName": "Berg" } }))
        );
        assert_eq!(shown("emails.value", ""), always(json!({ "emails": [{ "value": "a@b" }, { "value": "c@d" }] })));
        assert_eq!(
            shown("urn:ietf:params:scim:schemas:core:2.0:User:userName", ""),
            always(json!({ "userName": "anna" }))
        );
        let department = format!("{}:department,{}:manager.value", ENTERPRISE.id, ENTERPRISE.id);
        assert_eq!(
            shown(&department, ""),
            always(json!({ ENTERPRISE.id: { "department": "Sales", "manager": { "value": "2" } } }))
        );
        assert_eq!(shown("urn:acme:User", ""), always(json!({ "urn:acme:User": { "badge": 7 } })));
        assert_eq!(shown("nothing", ""), always(json!({})));
    }

    #[test]
    fn excluded_attributes_are_left_out_but_never_the_id() {
        let all = shown("", "");
        assert_eq!(all["own"], 1);
        let less = shown("", "id,schemas,name.givenName,emails,own,urn:acme:User");
        assert_eq!((&less["id"], &less["schemas"]), (&json!("1"), &json!(["urn"])));
        assert_eq!(less["name"], json!({ "familyName": "Berg" }));
        for gone in ["emails", "own", "urn:acme:User"] {
            assert_eq!(less.get(gone), None, "{gone}");
        }
        let manager = shown("", &format!("{}:manager.displayName", ENTERPRISE.id));
        assert_eq!(manager[ENTERPRISE.id], json!({ "department": "Sales", "manager": { "value": "2" } }));
        assert_eq!(shown("", ENTERPRISE.id).get(ENTERPRISE.id), None);
    }

    #[test]
    fn what_is_not_shown_need_not_be_looked_up() {
        let shows = |only: &str, without: &str| Projection::new(&USERS, [only], [without]).shows("groups");
        assert!(shows("", ""));
        assert!(shows("groups", ""));
        assert!(shows("groups.value", ""));
        assert!(!shows("userName", ""));
        assert!(!shows("", "groups"));
        assert!(shows("", "groups.display"));
    }
}
