//! An identity provider that pushes: a token, and requests in JSON.

use serde_json::{Value, json};
use usher::ids::ParentId;
use usher::product::ParentPlan;
use usher::{secrets, store};

use crate::support::{TestApp, client, slug};

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Makes a token for a directory, as the command does.
pub fn token(app: &TestApp, parent: ParentId, text: &str) -> i64 {
    let (hash, name) = (secrets::sha256(text.as_bytes()), text[..4].to_owned());
    app.change(move |tx| {
        store::scim_tokens::add(tx, parent, &name, &hash, usher::clock::Timestamp::from_millis(0), None)?;
        Ok(store::scim_tokens::by_hash(tx, &hash)?.expect("just added").id)
    })
}

/// Another parent organization with a directory of its own.
pub fn other_parent(app: &TestApp) -> ParentId {
    app.change(|tx| store::organizations::add_parent(tx, &slug("other"), "Other", ParentPlan::Enterprise))
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or(String::new(), |value| value.to_str().expect("ASCII").to_owned())
    }

    pub fn id(&self) -> String {
        self.json()["id"].as_str().unwrap_or_else(|| panic!("an id: {self:?}")).to_owned()
    }

    /// The body, if this is the status.
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    /// An error of SCIM, of this status and kind.
    pub fn fails(&self, status: u16, scim_type: &str) -> String {
        let body = self.json();
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/scim+json", "{self:?}");
        assert_eq!((&body["schemas"], &body["status"]), (&json!([ERROR]), &json!(status.to_string())), "{self:?}");
        assert_eq!(body.get("scimType").and_then(Value::as_str).unwrap_or_default(), scim_type, "{self:?}");
        body["detail"].as_str().expect("a detail").to_owned()
    }
}

/// A client with a token.
pub struct Pushing {
    base: String,
    authorization: Option<String>,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Pushing {
    /// Of the app's own directory.
    pub fn new(app: &TestApp) -> Self {
        let text = "acme-token-with-more-than-32-characters";
        token(app, app.parent, text);
        Self::with(app, Some(&format!("Bearer {text}")))
    }

    /// With this header, whatever it opens.
    pub fn with(app: &TestApp, authorization: Option<&str>) -> Self {
        Self {
            base: format!("http://{}/scim/v2", app.address()),
            authorization: authorization.map(str::to_owned),
            http: client(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
        }
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Answered {
        let method = method.parse::<reqwest::Method>().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/scim+json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        self.runtime.block_on(async {
            let response = request.send().await.expect("an answer");
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Answered { status, headers, text: response.text().await.expect("a body") }
        })
    }

    pub fn get(&self, path: &str) -> Answered {
        self.send("GET", path, &[], None)
    }

    /// A list with these parameters.
    pub fn list(&self, path: &str, parameters: &[(&str, &str)]) -> Answered {
        let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.get(&format!("{path}?{query}"))
    }

    /// How many match, and the values of an attribute in the page.
    pub fn found(&self, path: &str, filter: &str, attribute: &str) -> (u64, Vec<String>) {
        let body = self.list(path, &[("filter", filter)]).is(200);
        let names = body["Resources"].as_array().expect("a list").iter();
        let names = names.map(|one| one[attribute].as_str().unwrap_or_default().to_owned()).collect();
        (body["totalResults"].as_u64().expect("a number"), names)
    }

    pub fn post(&self, path: &str, body: Value) -> Answered {
        self.send("POST", path, &[], Some(body.to_string()))
    }

    pub fn put(&self, path: &str, body: Value) -> Answered {
        self.send("PUT", path, &[], Some(body.to_string()))
    }

    pub fn patch(&self, path: &str, operations: Value) -> Answered {
        self.send("PATCH", path, &[], Some(json!({ "schemas": [PATCH], "Operations": operations }).to_string()))
    }

    pub fn delete(&self, path: &str) -> Answered {
        self.send("DELETE", path, &[], None)
    }

    /// A user of this name at acme.example; its id.
    pub fn user(&self, name: &str) -> String {
        let email = format!("{name}@acme.example");
        let body = json!({
            "schemas": [USER], "userName": email, "externalId": format!("x-{name}"), "active": true, "displayName": name,
            "emails": [{ "value": email, "type": "work", "primary": true }],
        });
        let answered = self.post("/Users", body);
        assert_eq!(answered.status, 201, "{answered:?}");
        answered.id()
    }

    /// A group with these members; its id.
    pub fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let answered = self.post("/Groups", json!({ "schemas": [GROUP], "displayName": name, "members": members }));
        assert_eq!(answered.status, 201, "{answered:?}");
        answered.id()
    }

    /// The ids of a group's members.
    pub fn members(&self, group: &str) -> Vec<String> {
        let body = self.get(&format!("/Groups/{group}")).is(200);
        let none = Vec::new();
        let members = body["members"].as_array().unwrap_or(&none).iter();
        members.map(|member| member["value"].as_str().expect("an id").to_owned()).collect()
    }
}
