//! Making, replacing, changing and deleting users and groups over HTTP, and what the framework itself refuses.

use std::thread;

use serde_json::{Value, json};

use crate::scim_support::{GROUP, Pushing, USER, token};
use crate::support::TestApp;

const BASE: &str = "https://login.acme.example/scim/v2";

#[test]
fn a_user_is_made_read_replaced_and_deleted() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let body =
        json!({ "schemas": [USER], "userName": "anna", "name": { "givenName": "Anna" }, "own": [1], "password": "x" });
    let made = ours.post("/Users", body);
    let path = format!("/Users/{}", made.id());
    assert_eq!((made.status, made.header("content-type").as_str()), (201, "application/scim+json"));
    assert_eq!(made.header("location"), format!("{BASE}{path}"));
    let shown = made.json();
    assert_eq!((&shown["own"], shown.get("password")), (&json!([1]), None));
    assert_eq!(shown["meta"]["location"], format!("{BASE}{path}"));
    assert_eq!(shown["meta"]["version"], made.header("etag"));
    assert_eq!(ours.get(&path).is(200), shown, "the answer is what is kept");
    assert_eq!(
        ours.put(&path, shown.clone()).is(200),
        shown,
        "read and sent back changes nothing, not even the version"
    );
    let replaced =
        ours.put(&path, json!({ "schemas": [USER], "userName": "anna", "title": "Dr", "id": "other" })).is(200);
    assert_eq!((replaced.get("own"), replaced.get("name"), &replaced["title"]), (None, None, &json!("Dr")));
    assert_eq!(replaced["id"], shown["id"]);
    assert_ne!(replaced["meta"]["version"], shown["meta"]["version"]);
    assert_eq!(ours.delete(&path).status, 204);
    ours.get(&path).fails(404, "");
    assert_eq!(ours.post("/Users", json!({ "userName": "anna" })).status, 201, "the name is free again");
}

#[test]
fn what_is_there_already_is_a_conflict() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    ours.user("anna");
    for body in [
        json!({ "userName": "anna@acme.example" }),
        json!({ "userName": "ANNA@ACME.EXAMPLE" }),
        json!({ "userName": "b", "externalId": "x-anna" }),
        json!({ "userName": "c", "emails": [{ "value": "Anna@acme.example" }] }),
    ] {
        ours.post("/Users", body).fails(409, "uniqueness");
    }
    assert_eq!(
        ours.post("/Users", json!({ "userName": "d", "externalId": "X-ANNA" })).status,
        201,
        "externalId: case counts"
    );
    ours.group("Staff", &[]);
    ours.group("Staff", &[]);
    let with = |name: &str| ours.post("/Groups", json!({ "displayName": name, "externalId": "g1" }));
    assert_eq!(with("One").status, 201);
    with("Two").fails(409, "uniqueness");
}

#[test]
fn a_patch_is_done_whole_or_not_at_all() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let anna = format!("/Users/{}", ours.user("anna"));
    let before = ours.get(&anna).is(200);
    let half = json!([
        { "op": "replace", "path": "displayName", "value": "half-done" },
        { "op": "replace", "path": "active", "value": false },
        { "op": "explode", "path": "active", "value": true },
    ]);
    ours.patch(&anna, half).fails(400, "invalidSyntax");
    let half = json!([{ "op": "replace", "path": "active", "value": false }, { "op": "remove", "path": "userName" }]);
    ours.patch(&anna, half).fails(400, "mutability");
    assert_eq!(ours.get(&anna).is(200), before);
    let staff = ours.group("Staff", &[]);
    let half = json!([
        { "op": "replace", "path": "displayName", "value": "Crew" },
        { "op": "add", "path": "members", "value": [{ "value": before["id"] }] },
        { "op": "add", "path": "members", "value": [{ "value": "u-nobody" }] },
    ]);
    ours.patch(&format!("/Groups/{staff}"), half).fails(400, "invalidValue");
    assert_eq!(ours.get(&format!("/Groups/{staff}")).is(200)["displayName"], "Staff");
    assert_eq!(ours.members(&staff), Vec::<String>::new());
}

#[test]
fn members_of_a_group_come_and_go() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let (anna, otto, eve) = (ours.user("anna"), ours.user("otto"), ours.user("eve"));
    let id = ours.group("Staff", &[&anna]);
    let staff = format!("/Groups/{id}");
    let patch = |operation: Value| ours.patch(&staff, json!([operation])).is(204);
    patch(json!({ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": otto }, { "value": anna }] }));
    assert_eq!(ours.members(&id), [anna.clone(), otto.clone()]);
    patch(
        json!({ "op": "Remove", "path": "members", "value": [{ "value": anna }, { "value": eve }, { "value": "u-gone" }] }),
    );
    assert_eq!(ours.members(&id), std::slice::from_ref(&otto));
    patch(json!({ "op": "replace", "path": "members", "value": [{ "value": eve }, { "value": anna }] }));
    assert_eq!(ours.members(&id), [anna.clone(), eve.clone()]);
    patch(json!({ "op": "remove", "path": format!("members[value eq \"{anna}\"]") }));
    assert_eq!(ours.members(&id), std::slice::from_ref(&eve));
    for operation in [
        json!({ "op": "Remove", "path": "members", "value": [] }),
        json!({ "op": "remove", "path": "members[]" }),
        json!({ "op": "remove", "path": "members[value sw \"u\"]" }),
        json!({ "op": "replace", "path": "memberz", "value": [] }),
        json!({ "op": "replace", "path": "members", "value": "x" }),
    ] {
        assert_eq!(ours.patch(&staff, json!([operation])).status, 400, "{operation}");
        assert_eq!(ours.members(&id), std::slice::from_ref(&eve), "never emptied by {operation}");
    }
    let shown = ours.get(&format!("/Users/{eve}")).is(200);
    let expected = json!([{ "value": id, "$ref": format!("{BASE}{staff}"), "display": "Staff", "type": "direct" }]);
    assert_eq!(shown["groups"], expected);
    ours.put(&format!("/Users/{eve}"), json!({ "userName": "eve@acme.example", "groups": [] })).is(200);
    assert_eq!(ours.members(&id), std::slice::from_ref(&eve), "groups of a user are changed at the groups");
    let put = json!({ "schemas": [GROUP], "displayName": "Staff", "members": [{ "value": otto, "display": "Otto" }] });
    assert_eq!(ours.put(&staff, put).is(200)["members"][0]["value"], otto);
    ours.delete(&format!("/Users/{otto}")).is(204);
    assert_eq!(ours.members(&id), Vec::<String>::new());
    patch(json!({ "op": "add", "value": { "members": [{ "value": anna }] } }));
    patch(json!({ "op": "remove", "path": "members" }));
    assert_eq!(ours.members(&id), Vec::<String>::new());
    let with_body = ours.send(
        "PATCH",
        &format!("{staff}?attributes=displayName"),
        &[],
        Some(json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": anna }] }] }).to_string()),
    );
    let body = with_body.is(200);
    assert_eq!(
        (&body["displayName"], body.get("members")),
        (&json!("Staff"), None),
        "who asks for attributes gets a body"
    );
}

#[test]
fn groups_in_groups_are_refused_as_unsupported() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let (inner, outer) = (ours.group("Inner", &[]), ours.group("Outer", &[]));
    let own = format!("/Groups/{outer}");
    for member in [json!({ "value": inner, "type": "Group" }), json!({ "value": inner }), json!({ "value": outer })] {
        let add = json!([{ "op": "add", "path": "members", "value": [member] }]);
        assert!(ours.patch(&own, add).fails(400, "invalidValue").contains("not supported"), "{member}");
        let put = json!({ "displayName": "Outer", "members": [member] });
        assert!(ours.put(&own, put).fails(400, "invalidValue").contains("not supported"), "{member}");
    }
    assert_eq!(ours.members(&outer), Vec::<String>::new());
}

#[test]
fn concurrent_patches_of_a_group_lose_nothing() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let users: Vec<String> = (0..60).map(|n| ours.user(&format!("user{n:02}"))).collect();
    let (kept, leaving) = users.split_at(40);
    let group = ours.group("Staff", &leaving.iter().map(String::as_str).collect::<Vec<_>>());
    for client in 0..4 {
        token(&app, app.parent, &format!("{client}-client-token-with-more-than-32-characters"));
    }
    thread::scope(|scope| {
        for client in 0..4 {
            let (app, group, kept, leaving) = (&app, &group, &kept, &leaving);
            scope.spawn(move || {
                let authorization = format!("Bearer {client}-client-token-with-more-than-32-characters");
                let mine = Pushing::with(app, Some(&authorization));
                for n in 0..10 {
                    let (comes, goes) = (&kept[client * 10 + n], &leaving[(client * 10 + n) / 2]);
                    let both = json!([
                        { "op": "Add", "path": "members", "value": [{ "value": comes }] },
                        { "op": "Remove", "path": "members", "value": [{ "value": goes }] },
                    ]);
                    mine.patch(&format!("/Groups/{group}"), both).is(204);
                }
            });
        }
    });
    let mut members = ours.members(&group);
    members.sort();
    let mut expected = kept.to_vec();
    expected.sort();
    assert_eq!(members, expected);
}

#[test]
fn a_change_can_be_made_to_wait_for_the_version_it_was_meant_for() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let anna = format!("/Users/{}", ours.user("anna"));
    let version = ours.get(&anna).header("etag");
    let with = |method: &str, name: &str, tag: &str| {
        let body = json!({ "Operations": [{ "op": "replace", "path": "title", "value": tag }] }).to_string();
        ours.send(method, &anna, &[(name, tag)], (method == "PATCH").then_some(body))
    };
    assert_eq!(with("GET", "if-none-match", &version).status, 304);
    assert_eq!(with("GET", "if-none-match", "W/\"0\"").status, 200);
    with("PATCH", "if-match", "W/\"0\"").fails(412, "");
    let changed = with("PATCH", "if-match", &version);
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), version);
    with("PATCH", "if-match", &version).fails(412, "");
    with("DELETE", "if-match", &version).fails(412, "");
    let (now, group) = (ours.get(&anna).header("etag"), ours.group("Staff", &[anna.trim_start_matches("/Users/")]));
    assert_ne!(ours.get(&anna).header("etag"), now, "the groups it shows are part of a user");
    let staff = format!("/Groups/{group}");
    let version = ours.get(&staff).header("etag");
    ours.patch(&staff, json!([{ "op": "remove", "path": "members" }])).is(204);
    assert_ne!(ours.get(&staff).header("etag"), version);
    assert_eq!(ours.send("DELETE", &staff, &[("if-match", &version)], None).status, 412);
    assert_eq!(ours.send("DELETE", &anna, &[("if-match", "*")], None).status, 204);
}

#[test]
fn errors_of_the_framework_are_errors_of_scim() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    ours.get("/Widgets").fails(404, "");
    ours.get("/Users/u-1/x").fails(404, "");
    ours.get("/Users/%ff").fails(404, "");
    ours.send("PUT", "/Users", &[], Some("{}".to_owned())).fails(405, "");
    ours.post("/Schemas", json!({})).fails(405, "");
    ours.get("/Me").fails(501, "");
    ours.get("/Schemas?filter=name eq \"User\"").fails(403, "");
    ours.send("POST", "/Users", &[], Some("{\"schemas\": [".to_owned())).fails(400, "invalidSyntax");
    ours.send("POST", "/Users", &[], Some(String::new())).fails(400, "invalidSyntax");
    ours.send("POST", "/Users", &[], Some("[]".to_owned())).fails(400, "invalidSyntax");
    ours.send("POST", "/Users", &[("content-type", "text/plain")], Some("{}".to_owned())).fails(415, "");
    ours.send("POST", "/Users", &[("content-type", "application/x-www-form-urlencoded")], Some("a=b".to_owned()))
        .fails(415, "");
    let deep = format!("{{\"userName\":\"x\",\"own\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    ours.send("POST", "/Users", &[], Some(deep)).fails(400, "invalidSyntax");
    let giant = format!("{{\"userName\":\"x\",\"own\":\"{}\"}}", "x".repeat(1024 * 1024));
    ours.send("POST", "/Users", &[], Some(giant)).fails(413, "");
    let large = json!({ "userName": "x", "own": "x".repeat(70_000) });
    ours.post("/Users", large).fails(413, "");
    let many: Vec<Value> = (0..20_001).map(|n| json!(n.to_string())).collect();
    ours.post("/Groups", json!({ "displayName": "x", "members": many })).fails(413, "");
    assert_eq!(ours.get("/Users").is(200)["totalResults"], 0, "nothing of all that was kept");
}

#[test]
fn slashes_and_content_types_are_taken_as_clients_send_them() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let anna = ours.user("anna");
    for path in ["/Users/", "//Users", "//Users//", &format!("//Users/{anna}/"), "/ServiceProviderConfig/", "/"] {
        assert_eq!(ours.get(path).status, 200, "{path}");
    }
    assert_eq!(ours.get(&format!("//Users//?filter={}", "userName%20pr")).is(200)["totalResults"], 1);
    for (n, kind) in
        ["application/json", "application/scim+json; charset=utf-8", "Application/SCIM+JSON"].iter().enumerate()
    {
        let body = json!({ "userName": format!("n{n}") }).to_string();
        assert_eq!(ours.send("POST", "/Users/", &[("content-type", kind)], Some(body)).status, 201, "{kind}");
    }
}
