//! Bulk requests over HTTP.

use serde_json::{Value, json};

use crate::scim_support::{ERROR, Pushing};
use crate::support::TestApp;

fn bulk(ours: &Pushing, fail_on_errors: Option<u64>, operations: Value) -> Value {
    let mut body =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    if let Some(errors) = fail_on_errors {
        body["failOnErrors"] = errors.into();
    }
    let answer = ours.post("/Bulk", body).is(200);
    assert_eq!(answer["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    answer["Operations"].clone()
}

fn statuses(answer: &Value) -> Vec<&str> {
    answer.as_array().expect("a list").iter().map(|one| one["status"].as_str().expect("a text")).collect()
}

#[test]
fn operations_refer_to_what_others_make_and_fail_alone() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let anna = ours.user("anna");
    let answer = bulk(
        &ours,
        None,
        json!([
            { "method": "POST", "path": "/Groups", "bulkId": "staff",
              "data": { "displayName": "Staff", "members": [{ "value": "bulkId:otto" }, { "value": anna }] } },
            { "method": "POST", "path": "/Users", "bulkId": "otto", "data": { "userName": "otto" } },
            { "method": "POST", "path": "/Users", "bulkId": "again", "data": { "userName": "OTTO" } },
            { "method": "PATCH", "path": format!("/Users/{anna}"),
              "data": { "Operations": [{ "op": "replace", "path": "title", "value": "Dr" }] } },
            { "method": "PATCH", "path": "/Groups/bulkId:staff",
              "data": { "Operations": [{ "op": "replace", "path": "displayName", "value": "Crew" }] } },
            { "method": "POST", "path": "/Groups", "bulkId": "x", "data": { "displayName": "X", "members": [{ "value": "bulkId:again" }] } },
            { "method": "PUT", "path": format!("/Users/{anna}"), "version": "W/\"1\"", "data": { "userName": "anna" } },
            { "method": "DELETE", "path": "/Users/u-nobody" },
        ]),
    );
    let done: Vec<(&str, &str)> = answer
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["bulkId"].as_str().unwrap_or("-"), one["status"].as_str().expect("a text")))
        .collect();
    let expected = [
        ("otto", "201"),
        ("staff", "201"),
        ("again", "409"),
        ("-", "200"),
        ("-", "200"),
        ("x", "409"),
        ("-", "412"),
        ("-", "404"),
    ];
    assert_eq!(done, expected);
    assert_eq!(answer[2]["response"]["schemas"], json!([ERROR]));
    assert_eq!(answer[2]["response"]["scimType"], "uniqueness");
    assert!(answer[0]["location"].as_str().expect("a text").contains("/scim/v2/Users/u-"), "{answer}");
    assert!(answer[0]["version"].is_string());
    assert_eq!(ours.found("/Groups", "displayName eq \"Crew\"", "displayName").0, 1);
    assert_eq!(
        ours.found("/Groups", "displayName eq \"X\"", "displayName").0,
        0,
        "what refers to a failure is not done"
    );
    let group = ours.list("/Groups", &[("filter", "displayName eq \"Crew\"")]).is(200);
    assert_eq!(group["Resources"][0]["members"].as_array().map(Vec::len), Some(2));
}

#[test]
fn after_too_many_errors_the_rest_is_left() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let gone = |n: usize| json!({ "method": "DELETE", "path": format!("/Users/u-{n}") });
    let make = |name: &str| json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": { "userName": name } });
    let answer = bulk(&ours, Some(2), json!([make("a"), gone(1), make("b"), gone(2), make("c")]));
    assert_eq!(statuses(&answer), ["201", "404", "201", "404"]);
    assert_eq!(ours.get("/Users").is(200)["totalResults"], 2);
}

#[test]
fn references_in_a_circle_end_in_a_conflict() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let waits = |name: &str, other: &str| {
        let data = json!({ "userName": name, urn: { "manager": { "value": format!("bulkId:{other}") } } });
        json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": data })
    };
    let answer = bulk(&ours, None, json!([waits("a", "b"), waits("b", "a"), waits("c", "nobody")]));
    assert_eq!(statuses(&answer), ["409", "409", "409"]);
    assert_eq!(ours.get("/Users").is(200)["totalResults"], 0);
}

#[test]
fn a_bulk_request_has_its_limits() {
    let app = TestApp::start();
    let ours = Pushing::new(&app);
    let told = ours.get("/ServiceProviderConfig").is(200)["bulk"].clone();
    let most = told["maxOperations"].as_u64().expect("a number");
    let many: Vec<Value> = (0..=most).map(|n| json!({ "method": "DELETE", "path": format!("/Users/u-{n}") })).collect();
    ours.post("/Bulk", json!({ "Operations": many })).fails(413, "");
    let bytes = usize::try_from(told["maxPayloadSize"].as_u64().expect("a number")).expect("fits");
    let giant = json!({ "Operations": [{ "method": "POST", "path": "/Users", "bulkId": "a", "data": { "userName": "a", "own": "x".repeat(bytes) } }] });
    ours.post("/Bulk", giant).fails(413, "");
    ours.post("/Bulk", json!({ "Operations": [{ "method": "GET", "path": "/Users" }] })).fails(400, "invalidSyntax");
    assert_eq!(statuses(&bulk(&ours, None, json!([]))), Vec::<&str>::new());
}

#[test]
fn what_is_configured_is_announced_and_is_the_limit() {
    let scim = "[scim]\nrequests_per_second = 1\nburst = 6\nbulk_operations = 2\nbulk_bytes = 65536";
    let app = TestApp::configured(scim, |_| {}, |_| {});
    let ours = Pushing::new(&app);
    let told = ours.get("/ServiceProviderConfig").is(200)["bulk"].clone();
    assert_eq!(told, json!({ "supported": true, "maxOperations": 2, "maxPayloadSize": 65_536 }));
    let deletions = |n: usize| vec![json!({ "method": "DELETE", "path": "/Users/u-1" }); n];
    ours.post("/Bulk", json!({ "Operations": deletions(3) })).fails(413, "");
    ours.post("/Bulk", json!({ "Operations": [], "own": "x".repeat(65_536) })).fails(413, "");
    // The fourth request of the six, and its two operations count as two more.
    assert_eq!(statuses(&bulk(&ours, None, json!(deletions(2)))), ["404", "404"]);
    let slowed = ours.get("/Users");
    slowed.fails(429, "");
    assert_eq!(slowed.header("retry-after"), "1");
}
