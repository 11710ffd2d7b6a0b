//! Users, groups, lists and bulk requests, from what is sent to what is told back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::bulk::{self, Next, Order};
use super::discovery::{self, BulkLimits};
use super::list::{Cursor, Found, Page, Query};
use super::schema::{ENTERPRISE, GROUPS, SCHEMAS, USERS};
use super::{Kind, PAGE, PAGE_LIMIT, RESOURCE_LIMIT, ScimError, Shown, group, user};
use crate::clock::Timestamp;
use crate::directory::{GroupMember, GroupOfUser};
use crate::ids::{DirectoryGroupId, DirectoryUserId};

const BASE: &str = "https://login.example.com/scim/v2";

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn shown(id: &str) -> Shown<'_> {
    let (created, updated) = (Timestamp::from_millis(0), Timestamp::from_millis(86_400_000));
    Shown { base: BASE, id, created, updated, version: "W/\"1\"" }
}

fn read_user(body: Value) -> Result<Map<String, Value>, ScimError> {
    user::read(object(body))
}

fn email_of(body: Value) -> Option<String> {
    let content = user::content(&read_user(body).expect("a user")).expect("content");
    content.email.map(|email| email.to_string())
}

#[test]
fn a_user_is_returned_as_it_was_sent_with_what_is_ours() {
    let sent = json!({
        "schemas": [USERS.schema.id, ENTERPRISE.id, "urn:announced:but:not:sent"],
        "id": "mine", "meta": { "created": "1999-01-01T00:00:00Z" }, "groups": [{ "value": "g9" }], "password": "1mz050nq",
        "USERNAME": "Anna@Acme.example", "externalid": "x1", "active": "True", "roles": ["Admin"],
        "Name": { "GivenName": "Anna", "unknownPart": 1, "middleName": null }, "nickName": null, "ims": [],
        "urn:ietf:params:scim:schemas:core:2.0:User:title": "Dr",
        ENTERPRISE.id: { "department": "Sales", "manager": "m1", "unknown": true },
        "urn:acme:params:badge": { "number": 7 }, "ownThing": [1, { "a": "b" }],
    });
    let user = read_user(sent).expect("a user");
    let groups = [GroupOfUser { id: DirectoryGroupId(1), public_id: "g1".to_owned(), display: "Staff".to_owned() }];
    let rendered = user::render(user, &shown("u1"), &groups);
    let expected = json!({
        "schemas": [USERS.schema.id, "urn:acme:params:badge", ENTERPRISE.id],
        "id": "u1",
        "meta": {
            "resourceType": "User", "created": "1970-01-01T00:00:00Z", "lastModified": "1970-01-02T00:00:00Z",
            "location": format!("{BASE}/Users/u1"), "version": "W/\"1\"",
        },
        "groups": [{ "value": "g1", "$ref": format!("{BASE}/Groups/g1"), "display": "Staff", "type": "direct" }],
        "userName": "Anna@Acme.example", "externalId": "x1", "active": true, "roles": [{ "value": "Admin" }],
        "name": { "givenName": "Anna", "unknownPart": 1 }, "title": "Dr",
        ENTERPRISE.id: { "department": "Sales", "manager": { "value": "m1" }, "unknown": true },
        "urn:acme:params:badge": { "number": 7 }, "ownThing": [1, { "a": "b" }],
    });
    assert_eq!(Value::Object(rendered), expected);
}

#[test]
fn the_address_that_counts_is_the_primary_one_else_for_work_else_the_first_else_the_user_name() {
    let with = |emails: Value| email_of(json!({ "userName": "anna@name.example", "emails": emails }));
    let some = |text: &str| Some(text.to_owned());
    let (home, work) =
        (json!({ "value": "h@x.example", "type": "home" }), json!({ "value": "w@x.example", "type": "Work" }));
    let primary = json!({ "value": "P@X.example", "type": "other", "primary": true });
    assert_eq!(with(json!([home, work, primary])), some("p@x.example"));
    assert_eq!(with(json!([home, work])), some("w@x.example"));
    assert_eq!(with(json!([home])), some("h@x.example"));
    assert_eq!(with(json!([])), some("anna@name.example"));
    assert_eq!(with(json!([{ "type": "work" }, { "value": " " }])), some("anna@name.example"));
    assert_eq!(
        with(json!([{ "value": "no address", "primary": true }, home])),
        None,
        "another one is not taken instead"
    );
    assert_eq!(email_of(json!({ "userName": "anna" })), None);
}

#[test]
fn a_user_is_active_unless_it_says_otherwise() {
    let active = |body: Value| user::content(&read_user(body).expect("a user")).expect("content").active;
    assert!(active(json!({ "userName": "a" })));
    assert!(active(json!({ "userName": "a", "active": null })));
    assert!(!active(json!({ "userName": "a", "active": false })));
    assert!(!active(json!({ "userName": "a", "Active": "FALSE" })));
    assert_eq!(read_user(json!({ "userName": "a" })).expect("a user")["active"], true, "and is shown so");
}

#[test]
fn a_person_is_called_what_the_user_says() {
    let name = |body: Value| {
        let mut user = object(body);
        user.insert("userName".to_owned(), "a".into());
        user::content(&user::read(user).expect("a user")).expect("content").display_name
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(name(json!({ "displayName": " Anna\u{a0} \n Berg " })), some("Anna Berg"));
    assert_eq!(name(json!({ "name": { "formatted": "Dr Anna Berg", "givenName": "Anna" } })), some("Dr Anna Berg"));
    assert_eq!(name(json!({ "name": { "givenName": "Anna", "familyName": "Berg" } })), some("Anna Berg"));
    assert_eq!(name(json!({ "displayName": "  " })), None);
    assert_eq!(name(json!({ "displayName": "x".repeat(2000) })).map(|name| name.len()), Some(256));
}

#[test]
fn a_body_that_is_no_user_is_refused() {
    let kind = |body: Value| {
        let shown = body.to_string();
        read_user(body)
            .and_then(|user| user::content(&user))
            .map(|content| format!("{content:?}"))
            .expect_err(&shown)
            .kind
    };
    for body in [
        json!({}),
        json!({ "userName": "" }),
        json!({ "userName": "  " }),
        json!({ "userName": null }),
        json!({ "userName": "\u{200b}" }),
        json!({ "userName": "a\nb" }),
        json!({ "userName": 5 }),
        json!({ "userName": "x".repeat(513) }),
        json!({ "userName": "a", "name": "Rita" }),
        json!({ "userName": "a", "active": "perhaps" }),
        json!({ "userName": "a", "emails": [{ "value": "a", "primary": true }, { "value": "b", "primary": true }] }),
        json!({ "userName": "a", ENTERPRISE.id: "Sales" }),
        json!({ "userName": "a", ENTERPRISE.id: { "department": 5 } }),
        json!({ "userName": "a", "externalId": 5 }),
    ] {
        assert_eq!(kind(body), Kind::Value);
    }
    for body in [
        json!({ "schemas": ["urn:other"], "userName": "a" }),
        json!({ "schemas": "x", "userName": "a" }),
        json!({ "userName": "a", "USERNAME": "b" }),
        json!({ "userName": "a", "name": { "givenName": "a", "givenname": "b" } }),
    ] {
        assert_eq!(kind(body), Kind::Syntax);
    }
    assert_eq!(kind(json!({ "userName": "a", "own": "x".repeat(RESOURCE_LIMIT) })), Kind::TooLarge);
}

#[test]
fn s_mass_roles_rights_and_organizations_in_a_body_mean_nothing() {
    let body = json!({
        "userName": "a@acme.example", "roles": [{ "value": "owner", "primary": true }], "entitlements": ["premium"],
        "isAdmin": true, "role": "owner", "parent": 2, "person_id": 7, "seat": "premium",
    });
    let content = user::content(&read_user(body).expect("a user")).expect("content");
    let plain = user::content(&read_user(json!({ "userName": "a@acme.example" })).expect("a user")).expect("content");
    assert_eq!((content.user_name, content.email, content.active), (plain.user_name, plain.email, plain.active));
    assert!(content.resource.contains("isAdmin"), "kept and returned");
}

#[test]
fn a_group_and_its_members_are_read_apart() {
    let body = json!({
        "schemas": [GROUPS.schema.id, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "displayName": "Équipe \"R&D\" <b> 张", "externalId": "x", "id": "mine", "meta": { "resourceType": "Group" },
        "Members": [{ "value": "u1", "type": "User", "display": "Anna" }, { "value": "u1" }, "u2"], "own": 1,
    });
    let (group, members) = group::read(object(body)).expect("a group");
    assert_eq!(members, ["u1", "u2"]);
    let content = group::content(&group).expect("content");
    assert_eq!(content.display_name.as_str(), "Équipe \"R&D\" <b> 张");
    let kept = group::stored(&content.resource).expect("kept");
    let people = [GroupMember { id: DirectoryUserId(1), public_id: "u1".to_owned(), display: "Anna".to_owned() }];
    let rendered = group::render(kept.clone(), &shown("g1"), Some(&people), false);
    let expected = json!([{ "value": "u1", "$ref": format!("{BASE}/Users/u1"), "type": "User" }]);
    assert_eq!((rendered["members"].clone(), rendered["own"].clone()), (expected, json!(1)));
    let named = group::render(kept, &shown("g1"), Some(&people), true);
    assert_eq!(named["members"][0]["display"], "Anna", "for who asks");
    assert_eq!(
        group::render(object(json!({ "displayName": "x" })), &shown("g1"), Some(&[]), true).get("members"),
        None
    );
}

#[test]
fn a_body_that_is_no_group_is_refused() {
    let kind = |body: Value| {
        let shown = body.to_string();
        let read = group::read(object(body)).and_then(|(group, _)| group::content(&group));
        read.map(|content| format!("{content:?}")).expect_err(&shown).kind
    };
    for body in [
        json!({}),
        json!({ "displayName": " " }),
        json!({ "displayName": "x".repeat(513) }),
        json!({ "displayName": "x", "members": [{}] }),
        json!({ "displayName": "x", "members": [{ "value": 5 }] }),
        json!({ "displayName": "x", "members": [{ "value": "" }] }),
        json!({ "displayName": "x", "members": 5 }),
        json!({ "displayName": "x", "members": [{ "value": "g", "type": "Group" }] }),
        json!({ "displayName": "x", "members": [{ "value": "g", "type": "Device" }] }),
    ] {
        assert_eq!(kind(body), Kind::Value);
    }
    assert_eq!(kind(json!({ "displayName": "x", "members": [], "MEMBERS": ["a"] })), Kind::Syntax);
}

// ---- lists

fn query(text: &str) -> Query {
    Query::of_url(text.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').expect("a pair");
        (name.to_owned(), value.to_owned())
    }))
}

#[test]
fn pages_start_and_end_where_the_rfc_says() {
    let page = |text: &str| query(text).read(&USERS).map(|search| (search.page, search.count));
    assert_eq!(page(""), Ok((Page::From(1), PAGE)));
    assert_eq!(page("startIndex=0&count=5"), Ok((Page::From(1), 5)));
    assert_eq!(page("startIndex=-7&count=-5"), Ok((Page::From(1), 0)));
    assert_eq!(page("STARTINDEX=12&Count=1000000"), Ok((Page::From(12), PAGE_LIMIT)));
    assert_eq!(page("cursor="), Ok((Page::Cursor(Cursor::Start), PAGE)));
    let kind = |text: &str| query(text).read(&USERS).map(|_| ()).expect_err(text).kind;
    assert_eq!(kind("startIndex=x"), Kind::Value);
    assert_eq!(kind("count=1.5"), Kind::Value);
    assert_eq!(kind("count=99999999999999999999"), Kind::Value);
    assert_eq!(kind("cursor=&count=x"), Kind::Count);
    assert_eq!(kind("cursor=&startIndex=1"), Kind::Value);
    assert_eq!(kind("sortBy=nothing"), Kind::Path);
    assert_eq!(kind("sortBy=userName&sortOrder=sideways"), Kind::Value);
    assert_eq!(kind("filter=nothing pr"), Kind::Filter);
}

#[test]
fn a_cursor_goes_on_where_it_was_given_and_nowhere_else() {
    let search = query("filter=userName pr&cursor=").read(&USERS).expect("a query");
    for cursor in [Cursor::After { row: 7, total: 9 }, Cursor::Skip(100)] {
        let text = search.cursor(cursor);
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        assert!(text.chars().all(unreserved), "RFC 9865 §2: {text}");
        let again = query(&format!("filter=userName pr&cursor={text}")).read(&USERS).expect("the same query");
        assert_eq!(again.page, Page::Cursor(cursor));
        for other in ["filter=userName sw \"a\"", "sortBy=userName", "count=5"] {
            let refused = query(&format!("{other}&cursor={text}")).read(&USERS).map(|_| ()).expect_err(other);
            assert_eq!(refused.kind, Kind::Cursor);
        }
        assert!(query(&format!("filter=userName pr&cursor={text}")).read(&GROUPS).is_err(), "another list");
    }
    for bad in ["x", "a.1", "a.1.2.zz", "a.-.1.0", "k.1.2.3", "a.1.2.3.4.5", "..", "%00"] {
        assert_eq!(query(&format!("cursor={bad}")).read(&USERS).map(|_| ()).expect_err(bad).kind, Kind::Cursor);
    }
}

#[test]
fn resources_are_sorted_by_the_rules_of_the_schema() {
    let users = [
        json!({ "userName": "beta", "externalId": "b", "active": true, "emails": [{ "value": "z@x" }, { "value": "a@x", "primary": true }] }),
        json!({ "userName": "Alpha", "externalId": "B", "active": false, "emails": [{ "value": "m@x" }] }),
        json!({ "userName": "gamma", "name": { "familyName": "A" }, ENTERPRISE.id: { "department": "x" } }),
    ];
    let sorted = |text: &str| {
        let sort = query(text).read(&USERS).expect("a query").sort.expect("an order");
        let mut all: Vec<_> =
            users.iter().map(|user| (sort.key(&object(user.clone())), user["userName"].clone())).collect();
        all.sort_by(|one, other| sort.compare(&one.0, &other.0));
        all.into_iter().map(|(_, name)| name.as_str().map(str::to_owned).expect("a name")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(sorted("sortBy=userName"), "Alpha beta gamma");
    assert_eq!(sorted("sortBy=USERNAME&sortOrder=descending"), "gamma beta Alpha");
    assert_eq!(sorted("sortBy=externalId"), "Alpha beta gamma", "case counts, and who has none comes last");
    assert_eq!(sorted("sortBy=externalId&sortOrder=Descending"), "gamma beta Alpha");
    assert_eq!(sorted("sortBy=active"), "Alpha beta gamma");
    assert_eq!(sorted("sortBy=emails"), "beta Alpha gamma", "the primary one counts");
    assert_eq!(sorted("sortBy=name.familyName"), "gamma beta Alpha");
    assert_eq!(sorted(&format!("sortBy={}:department", ENTERPRISE.id)), "gamma beta Alpha");
}

#[test]
fn a_search_by_post_is_the_same_as_by_get() {
    let body = json!({
        "schemas": [super::list::SEARCH_SCHEMA], "attributes": ["userName", "name.givenName"], "filter": "userName pr",
        "startIndex": 3, "count": 5, "sortBy": null,
    });
    let by_get = query("attributes=userName&attributes=name.givenName&filter=userName pr&startIndex=3&count=5");
    assert_eq!(Query::of_body(object(body)).expect("a query"), by_get);
    for bad in [json!({ "count": true }), json!({ "attributes": [5] }), json!({ "filter": {} })] {
        assert!(Query::of_body(object(bad)).is_err());
    }
}

#[test]
fn a_list_always_has_resources() {
    let body = Found { total: 7, resources: Vec::new(), start: Some(9), next: None }.body();
    let expected = json!({
        "schemas": [super::list::SCHEMA], "totalResults": 7, "itemsPerPage": 0, "startIndex": 9, "Resources": [],
    });
    assert_eq!(body, expected);
}

// ---- discovery

#[test]
fn discovery_tells_what_there_is() {
    let limits = BulkLimits { operations: 10, bytes: 1000 };
    let config = |text: &str| discovery::service_provider_config(BASE, limits, &query(text));
    assert_eq!(config("")["bulk"]["maxOperations"], 10);
    assert_eq!(config("").get("pagination"), None, "older clients know nothing of it");
    assert_eq!(config("attributes=patch, Pagination")["pagination"]["cursor"], true);
    assert_eq!(discovery::schemas(BASE)["totalResults"], SCHEMAS.len());
    assert_eq!(discovery::resource_types(BASE)["Resources"][1]["endpoint"], "/Groups");
    assert_eq!(discovery::resource_type(BASE, "User").expect("there")["schemaExtensions"][0]["schema"], ENTERPRISE.id);
    assert_eq!(discovery::resource_type(BASE, "Widget").expect_err("none").kind, Kind::NotFound);
    assert_eq!(discovery::schema(BASE, USERS.schema.id).expect("there")["name"], "User");
    assert_eq!(discovery::schema(BASE, "urn:none").expect_err("none").kind, Kind::NotFound);
}

// ---- bulk

const LIMITS: BulkLimits = BulkLimits { operations: 5, bytes: 1000 };

fn read_bulk(operations: Value) -> Result<bulk::Bulk, ScimError> {
    bulk::read(object(json!({ "schemas": [bulk::REQUEST_SCHEMA], "Operations": operations })), LIMITS)
}

#[test]
fn bulk_operations_are_done_when_what_they_refer_to_is_there() {
    let group = json!({ "displayName": "x", "members": [{ "value": "bulkId:anna" }, { "value": "bulkId:otto" }] });
    let request = json!([
        { "method": "POST", "path": "/Groups", "bulkId": "staff", "data": group },
        { "method": "post", "path": "/Users", "bulkId": "anna", "data": { "userName": "anna" } },
        { "method": "POST", "path": "/Users", "bulkId": "otto", "data": { "userName": "otto" } },
        { "method": "PATCH", "path": "/Groups/bulkId:staff", "version": "W/\"1\"", "data": { "Operations": [] } },
        { "method": "DELETE", "path": "/Users/u9" },
    ]);
    let mut operations = read_bulk(request).expect("a bulk request").operations;
    let mut order = Order::new(&operations);
    let mut settled = BTreeSet::new();
    let mut done = Vec::new();
    while let Some(Next::Do(at)) = order.next(&settled) {
        settled.extend(operations[at].bulk_id.clone());
        done.push(at);
    }
    assert_eq!(done, [1, 2, 0, 3, 4], "only what has to wait waits");
    let known = BTreeMap::from([("anna", "u1"), ("otto", "u2"), ("staff", "g1")]);
    let known: BTreeMap<String, String> =
        known.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    operations.iter_mut().for_each(|operation| operation.resolve(&known));
    assert_eq!(operations[0].data["members"], json!([{ "value": "u1" }, { "value": "u2" }]));
    assert_eq!(operations[3].id.as_deref(), Some("g1"));
}

#[test]
fn bulk_operations_that_wait_for_each_other_are_told_so() {
    let waits_for = |id: &str, other: &str| {
        let data = json!({ "userName": id, ENTERPRISE.id: { "manager": { "value": format!("bulkId:{other}") } } });
        json!({ "method": "POST", "path": "/Users", "bulkId": id, "data": data })
    };
    let operations =
        read_bulk(json!([waits_for("a", "b"), waits_for("b", "a"), waits_for("c", "nobody")])).expect("readable");
    let mut order = Order::new(&operations.operations);
    assert_eq!(order.next(&BTreeSet::new()), Some(Next::Stuck(0)));
    // Once the first has failed, the others are not stuck but refer to what failed.
    assert_eq!(order.next(&BTreeSet::from(["a".to_owned()])), Some(Next::Do(1)));
    assert_eq!(order.next(&BTreeSet::from(["a".to_owned()])), Some(Next::Stuck(2)));
    assert_eq!(order.next(&BTreeSet::new()), None);
}

#[test]
fn a_body_that_is_no_bulk_request_is_refused() {
    let post = |bulk_id: &str| json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {} });
    for operations in [
        json!({}),
        json!(["x"]),
        json!([{ "method": "GET", "path": "/Users/1" }]),
        json!([{ "path": "/Users", "bulkId": "a", "data": {} }]),
        json!([{ "method": "POST", "path": "/Users", "data": {} }]),
        json!([{ "method": "POST", "path": "/Users/1", "bulkId": "a", "data": {} }]),
        json!([{ "method": "POST", "path": "/Bulk", "bulkId": "a", "data": {} }]),
        json!([{ "method": "POST", "path": "/", "bulkId": "a", "data": {} }]),
        json!([{ "method": "PUT", "path": "/Users", "data": {} }]),
        json!([{ "method": "PUT", "path": "/Users/1" }]),
        json!([{ "method": "PATCH", "path": "/Users/1", "data": [] }]),
    ] {
        assert_eq!(read_bulk(operations.clone()).expect_err("refused").kind, Kind::Syntax, "{operations}");
    }
    assert_eq!(read_bulk(json!([post("a"), post("a")])).expect_err("twice").kind, Kind::Value);
    let many: Vec<Value> = (0..6).map(|n| post(&n.to_string())).collect();
    assert_eq!(read_bulk(json!(many)).expect_err("too many").kind, Kind::TooLarge);
    let with = |errors: Value| bulk::read(object(json!({ "failOnErrors": errors, "Operations": [] })), LIMITS);
    assert_eq!(with(json!(1)).expect("fine").fail_on_errors, Some(1));
    for bad in [json!(0), json!(-1), json!("1"), json!(1.5)] {
        assert_eq!(with(bad).expect_err("refused").kind, Kind::Value);
    }
}
