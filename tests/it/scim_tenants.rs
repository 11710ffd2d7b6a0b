//! S.tenant: one directory never sees, names or changes anything of another, and no id of a client's is taken for one of ours.

use serde_json::{Value, json};

use crate::scim_support::{Pushing, USER, other_parent, token};
use crate::support::TestApp;

fn both(app: &TestApp) -> (Pushing, Pushing) {
    let text = "other-token-with-more-than-32-characters";
    token(app, other_parent(app), text);
    (Pushing::new(app), Pushing::with(app, Some(&format!("Bearer {text}"))))
}

#[test]
fn s_tenant_ids_of_another_directory_are_as_if_they_were_not() {
    let app = TestApp::start();
    let (ours, theirs) = both(&app);
    let (anna, staff) = (ours.user("anna"), ours.group("Staff", &[]));
    let nowhere = theirs.get("/Users/u-never-was").text;
    for (path, body) in [
        (format!("/Users/{anna}"), json!({ "schemas": [USER], "userName": "x" })),
        (format!("/Groups/{staff}"), json!({ "displayName": "x" })),
    ] {
        let attempts = [
            theirs.get(&path),
            theirs.put(&path, body.clone()),
            theirs.patch(&path, json!([{ "op": "replace", "path": "displayName", "value": "x" }])),
            theirs.delete(&path),
        ];
        for answered in attempts {
            answered.fails(404, "");
            assert_eq!(answered.text.replace("group", "user"), nowhere, "told like an id that nobody ever had");
        }
    }
    let group = theirs.group("Theirs", &[]);
    for path in [format!("/Groups/{group}"), "/Groups".to_owned()] {
        let members = json!([{ "value": anna }]);
        let answered = if path == "/Groups" {
            theirs.post(&path, json!({ "displayName": "x", "members": members }))
        } else {
            theirs.patch(&path, json!([{ "op": "add", "path": "members", "value": members }]))
        };
        let detail = answered.fails(400, "invalidValue");
        let ghost = theirs.post("/Groups", json!({ "displayName": "x", "members": [{ "value": "u-ghost" }] }));
        assert_eq!(detail.replace(&anna, "u-ghost"), ghost.fails(400, "invalidValue"));
    }
    assert_eq!(theirs.found("/Users", "userName pr", "id").0, 0);
    assert_eq!(theirs.found("/Users", &format!("id eq \"{anna}\""), "id").0, 0);
    assert_eq!(theirs.found("/Users", "emails eq \"anna@acme.example\"", "id").0, 0);
    assert_eq!(theirs.found("/Groups", &format!("members eq \"{anna}\""), "id").0, 0);
    assert_eq!(theirs.get("/Users").is(200)["totalResults"], 0);
    assert_eq!(theirs.get("/Groups").is(200)["totalResults"], 1);
    let bulk =
        theirs.post("/Bulk", json!({ "Operations": [{ "method": "DELETE", "path": format!("/Users/{anna}") }] }));
    assert_eq!(bulk.is(200)["Operations"][0]["status"], "404");
    assert_eq!(ours.get(&format!("/Users/{anna}")).is(200)["displayName"], "anna", "and nothing happened");
    assert_eq!(ours.get(&format!("/Groups/{staff}")).is(200)["displayName"], "Staff");
}

#[test]
fn s_tenant_the_same_names_may_be_in_two_directories() {
    let app = TestApp::start();
    let (ours, theirs) = both(&app);
    let (anna, other) = (ours.user("anna"), theirs.user("anna"));
    assert_ne!(anna, other);
    assert_eq!(ours.found("/Users", "userName eq \"anna@acme.example\"", "id"), (1, vec![anna]));
    assert_eq!(theirs.found("/Users", "userName eq \"anna@acme.example\"", "id"), (1, vec![other.clone()]));
    theirs.delete(&format!("/Users/{other}")).is(204);
    assert_eq!(ours.get("/Users").is(200)["totalResults"], 1);
}

#[test]
fn s_tenant_external_id_numeric() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let anna = ours.user("anna");
    // Grafana CVE-2025-41115: a numeric externalId was taken for the row of an administrator.
    for external_id in ["1", "2", "0", "-1", "01", &anna, "u-1"] {
        let body = json!({ "userName": format!("n{external_id}"), "externalId": external_id });
        let made = ours.post("/Users", body);
        assert_eq!(made.status, 201, "{made:?}");
        assert_ne!(made.id(), external_id);
        assert_ne!(made.id(), anna);
        if external_id != anna {
            ours.get(&format!("/Users/{external_id}")).fails(404, "");
        }
        assert_eq!(ours.found("/Users", &format!("externalId eq \"{external_id}\""), "id"), (1, vec![made.id()]));
    }
    assert_eq!(ours.get(&format!("/Users/{anna}")).is(200)["externalId"], "x-anna", "an id is only ever ours");
    let numeric = ours.post("/Users", json!({ "userName": "y", "externalId": 7 }));
    numeric.fails(400, "invalidValue");
}

#[test]
fn s_tenant_patch_email_takeover() {
    let app = TestApp::with(
        |organization| organization.mode = usher::organization::ProvisioningMode::Jit { group_mappings: true },
        |_| {},
    );
    let ours = Pushing::new(&app);
    let (anna, eve) = (ours.user("anna"), ours.user("eve"));
    for operation in [
        json!({ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "anna@acme.example" }),
        json!({ "op": "replace", "path": "emails", "value": [{ "value": "ANNA@Acme.Example", "primary": true }] }),
        json!({ "op": "add", "path": "emails", "value": [{ "value": "anna@acme.example", "primary": true }] }),
        json!({ "op": "replace", "path": "userName", "value": "anna@acme.example" }),
        json!({ "op": "replace", "path": "userName", "value": "ANNA@acme.example" }),
        json!({ "op": "replace", "path": "externalId", "value": "x-anna" }),
        json!({ "op": "replace", "value": { "userName": "anna@acme.example" } }),
    ] {
        ours.patch(&format!("/Users/{eve}"), json!([operation])).fails(409, "uniqueness");
    }
    let body: Value = ours.get(&format!("/Users/{eve}")).is(200);
    assert_eq!(
        (&body["userName"], &body["emails"][0]["value"]),
        (&json!("eve@acme.example"), &json!("eve@acme.example"))
    );
    assert_eq!(ours.get(&format!("/Users/{anna}")).is(200)["userName"], "anna@acme.example");
}

#[test]
fn names_are_taken_in_any_case_and_unicode_form() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    for (first, same) in [
        ("Jürgen", "JU\u{308}RGEN"),
        ("straße", "STRASSE"),
        ("ﬁnn", "Finn"),
        ("karl", "\u{212a}arl"),
        ("otto", " otto "),
        ("hid\u{200b}den", "hidden"),
    ] {
        assert_eq!(ours.post("/Users", json!({ "userName": first })).status, 201, "{first}");
        ours.post("/Users", json!({ "userName": same })).fails(409, "uniqueness");
        let filter = format!("userName eq \"{same}\"");
        assert_eq!(ours.found("/Users", &filter, "userName"), (1, vec![first.to_owned()]), "{same}");
    }
}
