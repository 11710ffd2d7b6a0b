//! S.dos, S.input: what nobody should send is answered as the RFC says, soon, and nothing of it is done.

#![expect(clippy::disallowed_methods, reason = "how long it takes is part of what is tested")]

use std::time::{Duration, Instant};

use serde_json::json;
use usher::store;

use crate::scim_support::{GROUP, PATCH, Pushing, USER};
use crate::support::TestApp;

/// Longer than any of this takes in a build without optimisation, and far shorter than what is not bounded.
const SOON: Duration = Duration::from_secs(10);

/// How often the directory has changed.
fn version(app: &TestApp) -> i64 {
    let parent = app.parent;
    app.db.read(|tx| store::directory::of_parent(tx, parent)).expect("readable").map_or(0, |known| known.version)
}

#[test]
fn s_dos_deep_and_long_filters_are_refused_soon() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    ours.user("anna");
    let term = "userName eq \"a\"";
    let hostile = [
        format!("{}{term}{}", "(".repeat(65), ")".repeat(65)),
        format!("{}{term}{}", "(".repeat(2000), ")".repeat(2000)),
        format!("{}{term}{}", "not (".repeat(100), ")".repeat(100)),
        format!("emails[{}", "type[".repeat(500)),
        vec!["a eq 1"; 1100].join(" or "),
        format!("userName eq \"{}\"", "x".repeat(9000)),
    ];
    for filter in hostile {
        let begin = Instant::now();
        ours.list("/Users", &[("filter", &filter)]).fails(400, "invalidFilter");
        let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter });
        ours.post("/Users/.search", search).fails(400, "invalidFilter");
        assert!(begin.elapsed() < SOON, "{:?}", filter.get(..40));
    }
    let deepest = format!("{}{term}{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(ours.list("/Users", &[("filter", &deepest)]).is(200)["totalResults"], 0, "what is deep, and no more");
}

#[test]
fn s_dos_a_million_members_and_giant_bodies_are_refused_soon_and_change_nothing() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let anna = ours.user("anna");
    let staff = ours.group("Staff", &[&anna]);
    let before = version(&app);
    let member = format!("{{\"value\":\"{anna}\"}},");
    let million = format!("[{}{{\"value\":\"{anna}\"}}]", member.repeat(1_000_000));
    let small = format!("[{}\"1\"]", "\"1\",".repeat(250_000));
    let begin = Instant::now();
    for members in [&million, &small] {
        let group = format!("{{\"schemas\":[\"{GROUP}\"],\"displayName\":\"x\",\"members\":{members}}}");
        let operation = format!("{{\"op\":\"add\",\"path\":\"members\",\"value\":{members}}}");
        let patch = format!("{{\"schemas\":[\"{PATCH}\"],\"Operations\":[{operation}]}}");
        ours.send("POST", "/Groups", &[], Some(group.clone())).fails(413, "");
        ours.send("PUT", &format!("/Groups/{staff}"), &[], Some(group)).fails(413, "");
        ours.send("PATCH", &format!("/Groups/{staff}"), &[], Some(patch)).fails(413, "");
    }
    let operations = vec![json!({ "op": "replace", "path": "title", "value": "x" }); 1001];
    ours.patch(&format!("/Users/{anna}"), json!(operations)).fails(413, "");
    let large = json!({ "schemas": [USER], "userName": "x", "own": "x".repeat(70_000) });
    ours.post("/Users", large).fails(413, "");
    assert!(begin.elapsed() < SOON);
    assert_eq!((version(&app), ours.members(&staff)), (before, vec![anna]), "nothing half-applied");
}

#[test]
fn s_dos_deep_json_and_names_without_end_are_refused_in_every_kind_of_request() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let anna = format!("/Users/{}", ours.user("anna"));
    let before = version(&app);
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    for (method, path, body) in [
        ("POST", "/Users", format!("{{\"userName\":\"x\",\"own\":{deep}}}")),
        ("PUT", anna.as_str(), format!("{{\"userName\":\"x\",\"own\":{deep}}}")),
        (
            "PATCH",
            anna.as_str(),
            format!("{{\"Operations\":[{{\"op\":\"add\",\"path\":\"title\",\"value\":{deep}}}]}}"),
        ),
        ("POST", "/Groups", format!("{{\"displayName\":\"x\",\"own\":{deep}}}")),
        ("POST", "/Bulk", format!("{{\"Operations\":{deep}}}")),
        ("POST", "/Users/.search", format!("{{\"filter\":{deep}}}")),
        ("POST", "/Users", "{\"userName\":\"a\",\"userName\":\"b\"}".to_owned()),
        ("POST", "/Users", "{\"userName\":\"a\\u0000b\"}".to_owned()),
    ] {
        let begin = Instant::now();
        ours.send(method, path, &[], Some(body)).fails(400, "invalidSyntax");
        assert!(begin.elapsed() < SOON, "{method} {path}");
    }
    let long = "x".repeat(513);
    ours.post("/Users", json!({ "schemas": [USER], "userName": long })).fails(400, "invalidValue");
    ours.post("/Groups", json!({ "schemas": [GROUP], "displayName": long })).fails(400, "invalidValue");
    let path = format!("emails[{}].value", vec!["type eq \"work\""; 700].join(" or "));
    let answered = ours.patch(&anna, json!([{ "op": "replace", "path": path, "value": "x" }]));
    assert_eq!(answered.status, 400, "{answered:?}");
    assert_eq!(version(&app), before);
}

#[test]
fn s_input_an_unknown_schema_is_kept_and_means_nothing() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let own = "urn:example:params:scim:schemas:extension:own:2.0:User";
    let body = json!({
        "schemas": [USER, own], "userName": "anna@acme.example", own: { "active": false, "role": "owner" },
        "role": "owner", "groups": [{ "value": "g-1" }], "members": [{ "value": "u-1" }],
    });
    let anna = ours.post("/Users", body).is(201);
    assert_eq!((&anna[own]["role"], &anna["active"]), (&json!("owner"), &json!(true)), "{anna}");
    assert!(anna.get("groups").is_none_or(|groups| *groups == json!([])), "{anna}");
    let shown = ours.get(&format!("/Users/{}", anna["id"].as_str().expect("an id"))).is(200);
    assert_eq!(shown[own], anna[own]);
    for schemas in [json!("x"), json!([1]), json!({})] {
        let told = ours.post("/Users", json!({ "schemas": schemas, "userName": "bert@acme.example" }));
        assert_eq!(told.status, 400, "{told:?}");
    }
    let other =
        json!({ "schemas": ["urn:example:unknown"], "Operations": [{ "op": "replace", "path": "own", "value": 1 }] });
    let id = anna["id"].as_str().expect("an id");
    let told = ours.send("PATCH", &format!("/Users/{id}"), &[], Some(other.to_string()));
    assert_eq!(told.status, 400, "{told:?}");
}

#[test]
fn s_input_groups_in_groups_in_a_circle_are_refused_and_the_schemas_say_so() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let (one, two) = (ours.group("One", &[]), ours.group("Two", &[]));
    for (group, member) in [(&one, &two), (&two, &one), (&one, &one)] {
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": member, "type": "Group" }] }]);
        let told = ours.patch(&format!("/Groups/{group}"), add).fails(400, "invalidValue");
        assert!(told.contains("not supported"), "{told}");
    }
    let schema = ours.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group").is(200);
    let said = schema["attributes"].as_array().expect("a list").iter().find(|one| one["name"] == "members");
    let said = said.expect("members")["description"].as_str().expect("a text").to_owned();
    assert!(said.contains("Groups as members are not supported"), "{said}");
}

#[test]
fn s_input_nothing_is_done_to_a_user_that_is_deleted() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let (anna, bert) = (ours.user("anna"), ours.user("bert"));
    let staff = ours.group("Staff", &[&bert]);
    let path = format!("/Users/{anna}");
    ours.delete(&path).is(204);
    let before = version(&app);
    ours.patch(&path, json!([{ "op": "replace", "path": "active", "value": true }])).fails(404, "");
    ours.put(&path, json!({ "schemas": [USER], "userName": "anna@acme.example" })).fails(404, "");
    ours.delete(&path).fails(404, "");
    ours.get(&path).fails(404, "");
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": bert }, { "value": anna }] }]);
    ours.patch(&format!("/Groups/{staff}"), add).fails(400, "invalidValue");
    assert_eq!((version(&app), ours.members(&staff)), (before, vec![bert]));
}
