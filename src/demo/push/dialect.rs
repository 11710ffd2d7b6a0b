//! SCIM requests as Entra ID and Okta word them (RFC 7644; learn.microsoft.com "use-scim-to-provision-users-and-groups",
//! developer.okta.com "SCIM protocol"). Pure: facts and ids in, a request out.

use std::fmt;

use serde_json::{Map, Value, json};

use super::plan::{GroupFacts, UserFacts};
use crate::outbound::Method;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Whose words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Microsoft Entra ID: capitalised operations, booleans as texts, members by value.
    #[default]
    Entra,
    /// Okta: whole users by PUT, operations without a path, users never deleted.
    Okta,
}

impl Dialect {
    /// Both, in the order of the page.
    pub const ALL: [Self; 2] = [Self::Entra, Self::Okta];

    /// The word in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::Okta => "okta",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.key() == text)
    }

    /// What it calls itself.
    pub fn user_agent(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra provisioning (usher demo)",
            Self::Okta => "Okta SCIM Client 1.0.0 (usher demo)",
        }
    }

    /// What is asked when an admin presses "Test connection".
    pub fn test(self) -> Vec<Request> {
        match self {
            // A user that cannot exist.
            Self::Entra => vec![get("/Users", &[("filter", "userName eq \"5d9ffd3e-6b6c-4e0a-9f0f-0c2d0a0c6c11\"")])],
            Self::Okta => vec![
                get("/Users", &[("startIndex", "1"), ("count", "2")]),
                get("/Groups", &[("startIndex", "1"), ("count", "100")]),
            ],
        }
    }

    /// Is there a user of this name?
    pub fn find_user(self, user: &UserFacts) -> Request {
        let filter = format!("userName eq {}", quoted(&user.user_name));
        match self {
            Self::Entra => get("/Users", &[("filter", &filter)]),
            Self::Okta => get("/Users", &[("filter", &filter), ("startIndex", "1"), ("count", "100")]),
        }
    }

    /// Makes a user.
    pub fn create_user(self, user: &UserFacts) -> Request {
        let (given, family) = user.names();
        let body = match self {
            Self::Entra => json!({
                "schemas": [USER, ENTERPRISE],
                "externalId": user.key,
                "userName": user.user_name,
                "active": user.active,
                "displayName": user.name,
                "emails": [{ "primary": true, "type": "work", "value": user.user_name }],
                "meta": { "resourceType": "User" },
                "name": { "formatted": user.name, "familyName": family, "givenName": given },
                "roles": [],
            }),
            Self::Okta => json!({
                "schemas": [USER],
                "userName": user.user_name,
                "name": { "givenName": given, "familyName": family },
                "emails": [{ "primary": true, "value": user.user_name, "type": "work" }],
                "displayName": user.name,
                "locale": "en-US",
                "externalId": user.key,
                "groups": [],
                // Okta always sends one; it opens nothing.
                "password": "1mz050nq",
                "active": user.active,
            }),
        };
        Request { method: Method::Post, path: "/Users".to_owned(), body: Some(body) }
    }

    /// What is read before a change.
    pub fn before_change(self, id: &str) -> Option<Request> {
        match self {
            Self::Entra => None,
            Self::Okta => Some(get(&format!("/Users/{id}"), &[])),
        }
    }

    /// Changes a user's name or address. `before` is what the directory was told last, where that is known.
    pub fn change_user(self, id: &str, before: Option<&UserFacts>, user: &UserFacts) -> Request {
        let path = format!("/Users/{id}");
        let (given, family) = user.names();
        match self {
            Self::Entra => {
                let mut operations = Vec::new();
                let mut replace = |path: &str, value: &str| {
                    operations.push(json!({ "op": "Replace", "path": path, "value": value }));
                };
                if before.is_none_or(|before| before.name != user.name) {
                    replace("displayName", &user.name);
                    replace("name.formatted", &user.name);
                    replace("name.givenName", given);
                    replace("name.familyName", family);
                }
                if before.is_none_or(|before| before.user_name != user.user_name) {
                    replace("emails[type eq \"work\"].value", &user.user_name);
                    replace("userName", &user.user_name);
                }
                patch(path, operations)
            }
            Self::Okta => {
                let body = json!({
                    "schemas": [USER],
                    "id": id,
                    "externalId": user.key,
                    "userName": user.user_name,
                    "name": { "givenName": given, "familyName": family },
                    "emails": [{ "primary": true, "value": user.user_name, "type": "work", "display": user.user_name }],
                    "displayName": user.name,
                    "active": user.active,
                    "groups": [],
                    "meta": { "resourceType": "User" },
                });
                Request { method: Method::Put, path, body: Some(body) }
            }
        }
    }

    /// Switches a user off or on.
    pub fn switch_user(self, id: &str, active: bool) -> Request {
        let operation = match self {
            Self::Entra => json!({ "op": "Replace", "path": "active", "value": if active { "True" } else { "False" } }),
            Self::Okta => json!({ "op": "replace", "value": { "active": active } }),
        };
        patch(format!("/Users/{id}"), vec![operation])
    }

    /// Takes a user out. Okta only ever switches off.
    pub fn remove_user(self, id: &str) -> Request {
        match self {
            Self::Entra => delete(format!("/Users/{id}")),
            Self::Okta => self.switch_user(id, false),
        }
    }

    /// Is there a group of this name?
    pub fn find_group(self, group: &GroupFacts) -> Request {
        let filter = format!("displayName eq {}", quoted(&group.name));
        match self {
            Self::Entra => get("/Groups", &[("excludedAttributes", "members"), ("filter", &filter)]),
            Self::Okta => get("/Groups", &[("filter", &filter), ("startIndex", "1"), ("count", "100")]),
        }
    }

    /// Makes a group, without members.
    pub fn create_group(self, group: &GroupFacts) -> Request {
        let body = match self {
            Self::Entra => json!({
                "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
                "externalId": group.key,
                "displayName": group.name,
                "meta": { "resourceType": "Group" },
            }),
            // Okta sends no stable id of the group.
            Self::Okta => json!({ "schemas": [GROUP], "displayName": group.name, "members": [] }),
        };
        Request { method: Method::Post, path: "/Groups".to_owned(), body: Some(body) }
    }

    /// Gives a group its name.
    pub fn rename_group(self, id: &str, name: &str) -> Request {
        let operation = match self {
            Self::Entra => json!({ "op": "Replace", "path": "displayName", "value": name }),
            Self::Okta => json!({ "op": "replace", "value": { "id": id, "displayName": name } }),
        };
        patch(format!("/Groups/{id}"), vec![operation])
    }

    /// Puts users into a group and takes others out; each is an id of the directory with a user name.
    pub fn change_members(self, id: &str, add: &[(String, String)], remove: &[(String, String)]) -> Vec<Request> {
        let path = format!("/Groups/{id}");
        match self {
            Self::Entra => {
                let one = |op: &str, users: &[(String, String)]| {
                    let list: Vec<Value> = users.iter().map(|(id, _)| json!({ "$ref": null, "value": id })).collect();
                    let operation = json!({ "op": op, "path": "members", "value": list });
                    (!users.is_empty()).then(|| patch(path.clone(), vec![operation]))
                };
                [one("Remove", remove), one("Add", add)].into_iter().flatten().collect()
            }
            Self::Okta => {
                let mut operations: Vec<Value> = remove
                    .iter()
                    .map(|(id, _)| json!({ "op": "remove", "path": format!("members[value eq {}]", quoted(id)) }))
                    .collect();
                if !add.is_empty() {
                    let list = add.iter().map(|(id, name)| json!({ "value": id, "display": name }));
                    let list: Vec<Value> = list.collect();
                    operations.push(json!({ "op": "add", "path": "members", "value": list }));
                }
                if operations.is_empty() { Vec::new() } else { vec![patch(path, operations)] }
            }
        }
    }

    /// Takes a group away.
    pub fn delete_group(self, id: &str) -> Request {
        delete(format!("/Groups/{id}"))
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entra => "Entra ID",
            Self::Okta => "Okta",
        })
    }
}

/// One request to the directory.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Below the base URL, with its query encoded.
    pub path: String,
    /// The body.
    pub body: Option<Value>,
}

fn get(path: &str, query: &[(&str, &str)]) -> Request {
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(query);
    let query = encoded.finish();
    let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    Request { method: Method::Get, path, body: None }
}

fn delete(path: String) -> Request {
    Request { method: Method::Delete, path, body: None }
}

fn patch(path: String, operations: Vec<Value>) -> Request {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([PATCH]));
    body.insert("Operations".to_owned(), operations.into());
    Request { method: Method::Patch, path, body: Some(body.into()) }
}

/// A text in a filter: a JSON string (RFC 7644 §3.4.2.2).
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
