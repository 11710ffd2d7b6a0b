//! Filters, orders, pages and projections over HTTP, against one directory with known people.

use serde_json::{Value, json};

use crate::scim_support::Pushing;
use crate::support::TestApp;

/// 25 users `user00`..`user24` in two groups, and one with a second address.
fn filled(app: &TestApp) -> (Pushing, Vec<String>, String) {
    let ours = Pushing::new(app);
    let users: Vec<String> = (0..25).map(|n| ours.user(&format!("user{n:02}"))).collect();
    let first: Vec<&str> = users.iter().take(3).map(String::as_str).collect();
    let staff = ours.group("Staff", &first);
    ours.group("Crew", &first[..1]);
    let second =
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "Second@Home.example", "type": "home" }] }]);
    ours.patch(&format!("/Users/{}", users[7]), second).is(200);
    (ours, users, staff)
}

#[test]
fn filters_find_what_they_name() {
    let app = TestApp::start();
    let (ours, users, staff) = filled(&app);
    let one = |n: usize| (1, vec![users[n].clone()]);
    let none = (0, Vec::new());
    let find = |filter: &str| ours.found("/Users", filter, "id");
    assert_eq!(find("userName eq \"USER03@acme.example\""), one(3));
    assert_eq!(find("externalId eq \"x-user04\""), one(4));
    assert_eq!(find("externalId eq \"X-USER04\""), none);
    assert_eq!(find(&format!("id eq \"{}\"", users[5])), one(5));
    assert_eq!(find("emails[type eq \"work\"].value eq \"user06@acme.example\""), one(6));
    assert_eq!(find("emails.value eq \"second@home.example\""), one(7), "an address that is not the one that counts");
    assert_eq!(find("emails[type eq \"work\"].value eq \"second@home.example\""), none);
    assert_eq!(find("userName eq \"user03@acme.example\" and externalId eq \"x-user04\""), none);
    assert_eq!(find("userName sw \"user1\"").0, 10);
    assert_eq!(find("displayName eq \"user09\""), one(9));
    assert_eq!(find("not (active eq true)"), none);
    assert_eq!(find("groups.display eq \"crew\""), one(0));
    assert_eq!(find(&format!("groups eq \"{staff}\"")).0, 3);
    assert_eq!(find("meta.resourceType eq \"User\" and userName ew \"4@acme.example\"").0, 3);
    let groups = |filter: &str| ours.found("/Groups", filter, "displayName");
    assert_eq!(groups("displayName eq \"staff\""), (1, vec!["Staff".to_owned()]));
    assert_eq!(groups(&format!("members eq \"{}\"", users[0])).0, 2);
    assert_eq!(groups(&format!("id eq \"{staff}\" and members eq \"{}\"", users[2])).0, 1);
    assert_eq!(groups(&format!("id eq \"{staff}\" and members eq \"{}\"", users[3])).0, 0);
    assert_eq!(groups(&format!("members[value eq \"{}\"] and displayName ne \"crew\"", users[0])).1, ["Staff"]);
    assert_eq!(groups(&format!("not (members eq \"{}\")", users[1])).1, ["Crew"]);
    assert_eq!(groups("members pr").0, 2);
    let moved = json!([{ "op": "remove", "path": "emails[type eq \"home\"]" }]);
    ours.patch(&format!("/Users/{}", users[7]), moved).is(200);
    assert_eq!(find("emails.value eq \"second@home.example\""), none);
}

#[test]
fn pages_by_index_and_by_cursor_show_everybody_once() {
    let app = TestApp::start();
    let (ours, users, _) = filled(&app);
    let ids = |body: &Value| -> Vec<String> {
        let resources = body["Resources"].as_array().expect("a list").iter();
        resources.map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
    };
    for (filter, total) in [("", 25), ("userName sw \"user0\"", 10), ("userName sw \"user\" and active eq true", 25)] {
        for sort in ["", "userName"] {
            let query = |more: &[(&str, &str)]| {
                let all = [("filter", filter), ("sortBy", sort)].into_iter().filter(|(_, value)| !value.is_empty());
                ours.list("/Users", &all.chain(more.iter().copied()).collect::<Vec<_>>()).is(200)
            };
            let mut by_index = Vec::new();
            while by_index.len() < total {
                let start = (by_index.len() + 1).to_string();
                let body = query(&[("startIndex", &start), ("count", "7")]);
                assert_eq!((&body["totalResults"], &body["startIndex"]), (&json!(total), &json!(by_index.len() + 1)));
                assert!(body.get("nextCursor").is_none());
                by_index.extend(ids(&body));
            }
            let (mut by_cursor, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
            loop {
                let body = query(&[("cursor", &cursor), ("count", "7")]);
                assert_eq!((&body["totalResults"], body.get("startIndex")), (&json!(total), None));
                by_cursor.extend(ids(&body));
                pages += 1;
                match body["nextCursor"].as_str() {
                    Some(next) => cursor = next.to_owned(),
                    None => break,
                }
            }
            assert_eq!(by_index, by_cursor, "{filter} {sort}");
            assert_eq!(by_index, users[..total], "{filter} {sort}");
            assert!(pages <= total.div_ceil(7) + 1, "{filter} {sort}: {pages}");
        }
    }
    let body = ours.list("/Users", &[("count", "0")]).is(200);
    assert_eq!((&body["totalResults"], &body["Resources"]), (&json!(25), &json!([])));
    let body = ours.list("/Users", &[("startIndex", "1000")]).is(200);
    assert_eq!((&body["totalResults"], &body["Resources"]), (&json!(25), &json!([])));
    let body = ours.list("/Users", &[("sortBy", "userName"), ("sortOrder", "descending"), ("count", "2")]).is(200);
    assert_eq!(ids(&body), [users[24].clone(), users[23].clone()]);
    ours.list("/Users", &[("cursor", "a.1.1.0")]).fails(400, "invalidCursor");
    ours.list("/Users", &[("cursor", ""), ("count", "x")]).fails(400, "invalidCount");
    ours.list("/Users", &[("filter", "userName like \"x\"")]).fails(400, "invalidFilter");
}

#[test]
fn a_cursor_survives_what_comes_and_goes_in_between() {
    let app = TestApp::start();
    let (ours, users, _) = filled(&app);
    let first = ours.list("/Users", &[("cursor", ""), ("count", "10")]).is(200);
    ours.delete(&format!("/Users/{}", users[9])).is(204);
    ours.delete(&format!("/Users/{}", users[12])).is(204);
    let next = first["nextCursor"].as_str().expect("a cursor");
    let second = ours.list("/Users", &[("cursor", next), ("count", "10")]).is(200);
    assert_eq!(second["Resources"][0]["id"], users[10], "nobody is left out because the last one shown is gone");
    assert_eq!(second["Resources"][2]["id"], users[13]);
}

#[test]
fn projections_show_what_was_asked_for() {
    let app = TestApp::start();
    let (ours, users, staff) = filled(&app);
    let keys = |body: &Value| body.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ");
    let one = |query: &str| keys(&ours.get(&format!("/Users/{}?{query}", users[0])).is(200));
    assert_eq!(one("attributes=userName"), "id schemas userName");
    assert_eq!(one("attributes=groups,emails.value"), "emails groups id schemas");
    assert!(!one("excludedAttributes=groups,emails").contains("groups"));
    let group = |query: &str| keys(&ours.get(&format!("/Groups/{staff}?{query}")).is(200));
    assert_eq!(group("excludedAttributes=members"), "displayName id meta schemas");
    assert_eq!(group("attributes=members"), "id members schemas");
    let listed =
        ours.list("/Groups", &[("excludedAttributes", "members"), ("filter", "displayName eq \"Staff\"")]).is(200);
    assert_eq!(keys(&listed["Resources"][0]), "displayName id meta schemas");
    let made = ours.send("POST", "/Users?attributes=userName", &[], Some(json!({ "userName": "new" }).to_string()));
    assert_eq!(keys(&made.is(201)), "id schemas userName");
}

#[test]
fn a_search_by_post_and_one_across_kinds() {
    let app = TestApp::start();
    let (ours, users, staff) = filled(&app);
    let search = |path: &str, more: Value| {
        let mut body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        ours.post(path, body)
    };
    let found = search(
        "/Users/.search",
        json!({ "filter": "userName eq \"user01@acme.example\"", "attributes": ["userName"] }),
    )
    .is(200);
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(users[1])));
    assert_eq!(found["Resources"][0].get("emails"), None);
    assert_eq!(search("/Groups/.search", json!({ "filter": "displayName sw \"s\"" })).is(200)["totalResults"], 1);
    let all = search("/.search", json!({ "count": 1000 })).is(200);
    assert_eq!(all["totalResults"], 27);
    let last = search("/.search", json!({ "startIndex": 25, "count": 2 })).is(200);
    let ids: Vec<&Value> = last["Resources"].as_array().expect("a list").iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&json!(users[24]), &json!(staff)], "users, then groups");
    assert_eq!(search("/.search", json!({ "filter": "userName pr" })).is(200)["totalResults"], 25, "groups have none");
    assert_eq!(ours.list("", &[("filter", "displayName eq \"staff\"")]).is(200)["totalResults"], 1);
    search("/.search", json!({ "filter": "nothing pr" })).fails(400, "invalidFilter");
    search("/.search", json!({ "cursor": "" })).fails(400, "invalidValue");
}
