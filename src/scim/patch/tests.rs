use serde_json::json;

use super::super::schema::ENTERPRISE;
use super::super::user;
use super::*;

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn anna() -> Map<String, Value> {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "anna@acme.example",
        "externalId": "x1",
        "name": { "givenName": "Anna", "familyName": "Berg" },
        "emails": [{ "value": "anna@acme.example", "type": "work", "primary": true }, { "value": "a@home.example", "type": "home" }],
        ENTERPRISE.id: { "department": "Sales", "manager": { "value": "m1" } },
        "urn:acme:params:badge": { "number": 7, "colours": ["red"] },
        "nick": "Annie",
    });
    user::read(object(body)).expect("a user")
}

fn operations(operations: Value) -> Result<Vec<Operation>, ScimError> {
    read(object(json!({ "schemas": [SCHEMA], "Operations": operations })))
}

fn patched(list: Value) -> Result<Value, ScimError> {
    user(&anna(), &operations(list)?).map(Value::Object)
}

fn done(list: Value) -> Value {
    let shown = list.to_string();
    patched(list).unwrap_or_else(|error| panic!("{shown}: {error}"))
}

fn refused(list: Value) -> Kind {
    let shown = list.to_string();
    patched(list).map(|user| user.to_string()).expect_err(&shown).kind
}

/// One operation, and what an attribute is afterwards.
fn after(op: &str, path: &str, value: Value, attribute: &str) -> Value {
    let mut operation = json!({ "op": op, "path": path });
    if !value.is_null() {
        operation["value"] = value;
    }
    done(json!([operation])).get(attribute).cloned().unwrap_or(Value::Null)
}

#[test]
fn single_values_are_added_replaced_and_removed() {
    assert_eq!(after("add", "title", json!("Dr"), "title"), json!("Dr"));
    assert_eq!(after("replace", "title", json!("Dr"), "title"), json!("Dr"), "what is not there is added");
    assert_eq!(after("add", "userName", json!("b"), "userName"), json!("b"), "add sets what is single");
    assert_eq!(after("remove", "externalId", Value::Null, "externalId"), Value::Null);
    assert_eq!(after("remove", "title", Value::Null, "title"), Value::Null, "nothing to remove is no error");
    assert_eq!(after("replace", "USERNAME", json!("c"), "userName"), json!("c"), "names in any case");
    let urn = "urn:ietf:params:scim:schemas:core:2.0:User:nickName";
    assert_eq!(after("add", urn, json!("Ann"), "nickName"), json!("Ann"));
    assert_eq!(done(json!([{ "op": "replace", "path": "externalId", "value": null }])).get("externalId"), None);
}

#[test]
fn complex_values_are_merged() {
    let name = |given: &str| json!({ "givenName": given, "familyName": "Berg" });
    assert_eq!(after("replace", "name.givenName", json!("Anne"), "name"), name("Anne"));
    assert_eq!(after("replace", "name", json!({ "givenName": "Anne" }), "name"), name("Anne"));
    assert_eq!(after("add", "name", json!({ "GIVENNAME": "Anne" }), "name"), name("Anne"));
    assert_eq!(after("remove", "name.givenName", Value::Null, "name"), json!({ "familyName": "Berg" }));
    assert_eq!(after("remove", "name", Value::Null, "name"), Value::Null);
    let without =
        done(json!([{ "op": "remove", "path": "name.givenName" }, { "op": "remove", "path": "name.familyName" }]));
    assert_eq!(without.get("name"), None, "an empty object is no value");
}

#[test]
fn values_of_a_list_are_added_once_and_one_is_primary() {
    let emails = |op: &str, value: Value| after(op, "emails", value, "emails");
    let (work, home) = (anna()["emails"][0].clone(), anna()["emails"][1].clone());
    assert_eq!(
        emails("add", json!([{ "value": "new@acme.example" }])),
        json!([work, home, { "value": "new@acme.example" }])
    );
    assert_eq!(emails("add", json!({ "value": "a@home.example" })), json!([work, home]), "one that is there");
    let as_primary = emails("add", json!([{ "value": "a@home.example", "type": "home", "primary": true }]));
    assert_eq!(as_primary[0]["primary"], false, "{as_primary}");
    assert_eq!((as_primary[1]["primary"].clone(), as_primary.as_array().map(Vec::len)), (json!(true), Some(2)));
    assert_eq!(emails("replace", json!([{ "value": "only@acme.example" }])), json!([{ "value": "only@acme.example" }]));
    assert_eq!(emails("replace", json!([])), Value::Null);
    assert_eq!(emails("remove", Value::Null), Value::Null);
    assert_eq!(emails("remove", json!([{ "value": "a@home.example" }])), json!([work]), "only what is named");
    assert_eq!(emails("remove", json!([{ "value": "nobody" }])), json!([work, home]));
    assert_eq!(refused(json!([{ "op": "remove", "path": "emails", "value": [] }])), Kind::Value);
    let two = json!([{ "value": "a", "primary": true }, { "value": "b", "primary": true }]);
    assert_eq!(refused(json!([{ "op": "replace", "path": "emails", "value": two }])), Kind::Value);
}

#[test]
fn elements_are_chosen_by_a_filter() {
    let work = r#"emails[type eq "work"]"#;
    let value = |user: &Value, at: usize| user["emails"][at]["value"].clone();
    let user = done(json!([{ "op": "replace", "path": format!("{work}.value"), "value": "new@acme.example" }]));
    assert_eq!((value(&user, 0), value(&user, 1)), (json!("new@acme.example"), json!("a@home.example")));
    let user = done(json!([{ "op": "replace", "path": work, "value": { "value": "w2", "type": "work" } }]));
    assert_eq!(user["emails"][0], json!({ "value": "w2", "type": "work" }), "the whole element is replaced");
    let user = done(json!([{ "op": "add", "path": work, "value": { "display": "Work" } }]));
    assert_eq!((value(&user, 0), user["emails"][0]["display"].clone()), (json!("anna@acme.example"), json!("Work")));
    let user = done(json!([{ "op": "remove", "path": work }]));
    assert_eq!((value(&user, 0), user["emails"].as_array().map(Vec::len)), (json!("a@home.example"), Some(1)));
    let user = done(json!([{ "op": "remove", "path": r#"emails[value sw "a"]"# }]));
    assert_eq!(user.get("emails"), None, "nothing left is no value");
    let user = done(json!([{ "op": "remove", "path": format!("{work}.primary") }]));
    assert_eq!(user["emails"][0].get("primary"), None);
    let user = done(json!([{ "op": "replace", "path": r#"emails[type eq "home"].primary"#, "value": true }]));
    assert_eq!(
        (user["emails"][0]["primary"].clone(), user["emails"][1]["primary"].clone()),
        (json!(false), json!(true))
    );
    let nothing = json!([{ "op": "remove", "path": r#"emails[type eq "other"]"# }]);
    assert_eq!(done(nothing)["emails"].as_array().map(Vec::len), Some(2), "who is not there is no error");
    let both = json!([{ "op": "replace", "path": "emails[value pr].primary", "value": true }]);
    assert_eq!(done(both.clone())["emails"][1]["primary"], true, "the other one was primary before");
    let none = json!([{ "op": "remove", "path": "emails[primary eq true].primary" }, both[0]]);
    assert_eq!(refused(none), Kind::Value, "two would become primary");
}

#[test]
fn an_element_that_is_not_there_is_made_where_the_filter_tells_what_it_is() {
    let phones = |user: Value| user["phoneNumbers"].clone();
    let mobile = r#"phoneNumbers[type eq "mobile"].value"#;
    let expected = json!([{ "type": "mobile", "value": "1" }]);
    for op in ["add", "Add", "replace", "Replace"] {
        assert_eq!(phones(done(json!([{ "op": op, "path": mobile, "value": "1" }]))), expected, "{op}");
    }
    let role = json!([{ "op": "Add", "path": r#"roles[primary eq "True"].value"#, "value": "Admin" }]);
    assert_eq!(done(role)["roles"], json!([{ "primary": true, "value": "Admin" }]));
    let own = json!([{ "op": "add", "path": r#"phoneNumbers[type eq "pigeon"].value"#, "value": "1" }]);
    assert_eq!(phones(done(own)), json!([{ "type": "pigeon", "value": "1" }]));
    for list in [
        json!([{ "op": "replace", "path": r#"phoneNumbers[type eq "pigeon"].value"#, "value": "1" }]),
        json!([{ "op": "replace", "path": r#"emails[value eq "nobody"].display"#, "value": "x" }]),
        json!([{ "op": "replace", "path": r#"addresses[type eq "work"]"#, "value": { "country": "DE" } }]),
        json!([{ "op": "add", "path": r#"phoneNumbers[type sw "mob"].value"#, "value": "1" }]),
    ] {
        assert_eq!(refused(list), Kind::NoTarget);
    }
}

#[test]
fn without_a_path_each_attribute_of_the_value_is_set() {
    let user = done(
        json!([{ "op": "replace", "value": { "active": false, "title": "Dr", "name": { "givenName": "Anne" } } }]),
    );
    assert_eq!((user["active"].clone(), user["title"].clone()), (json!(false), json!("Dr")));
    assert_eq!(user["name"], json!({ "givenName": "Anne", "familyName": "Berg" }));
    for path in [json!(""), json!(null), json!("  ")] {
        let user = done(json!([{ "op": "replace", "path": path, "value": { "active": false } }]));
        assert_eq!(user["active"], false, "{path}");
    }
    // Entra with aadOptscim062020.
    let dotted = json!({
        "displayName": "Anne", "name.givenName": "Anne", "emails[type eq \"work\"].value": "anne@acme.example",
        format!("{}:employeeNumber", ENTERPRISE.id): "17", format!("{}:manager", ENTERPRISE.id): "m2",
    });
    let user = done(json!([{ "op": "replace", "value": dotted }]));
    assert_eq!(user["name"]["givenName"], "Anne");
    assert_eq!(user["emails"][0]["value"], "anne@acme.example");
    assert_eq!(
        user[ENTERPRISE.id],
        json!({ "department": "Sales", "employeeNumber": "17", "manager": { "value": "m2" } })
    );
    // Okta's rename of a group carries the id; a placeholder password is dropped.
    let user = done(
        json!([{ "op": "replace", "value": { "id": "other", "meta": {}, "groups": [], "password": "x", "title": "Dr" } }]),
    );
    assert_eq!((user.get("id"), user.get("password"), user["title"].clone()), (None, None, json!("Dr")));
    assert_eq!(done(json!([{ "op": "replace", "path": "password", "value": "x" }])), Value::Object(anna()), "dropped");
    assert_eq!(done(json!([{ "op": "add", "value": { "title": null } }])), Value::Object(anna()));
    assert_eq!(done(json!([{ "op": "replace", "value": { "externalId": null } }])).get("externalId"), None);
    assert_eq!(refused(json!([{ "op": "replace", "value": "x" }])), Kind::Value);
}

#[test]
fn extensions_are_patched_whole_and_by_attribute() {
    let extension = |list: Value| done(list).get(ENTERPRISE.id).cloned().unwrap_or(Value::Null);
    let urn = ENTERPRISE.id;
    let manager = |value: Value| json!({ "department": "Sales", "manager": value });
    for value in [json!("m2"), json!({ "value": "m2" })] {
        let list = json!([{ "op": "Add", "path": format!("{urn}:manager"), "value": value }]);
        assert_eq!(extension(list), manager(json!({ "value": "m2" })));
    }
    let part = json!([{ "op": "add", "path": format!("{urn}:manager.displayName"), "value": "Otto" }]);
    assert_eq!(extension(part), manager(json!({ "value": "m1", "displayName": "Otto" })));
    let whole = json!([{ "op": "replace", "path": urn, "value": { "department": "Law" } }]);
    assert_eq!(extension(whole), json!({ "department": "Law", "manager": { "value": "m1" } }));
    let with_schemas = json!([{ "op": "replace", "path": urn, "value": { "schemas": [urn], "department": "Law" } }]);
    assert_eq!(extension(with_schemas)["department"], "Law");
    assert_eq!(extension(json!([{ "op": "remove", "path": urn.to_uppercase() }])), Value::Null);
    assert_eq!(
        extension(json!([{ "op": "remove", "path": format!("{urn}:manager") }])),
        json!({ "department": "Sales" })
    );
    assert_eq!(refused(json!([{ "op": "add", "path": format!("{urn}:departement"), "value": "x" }])), Kind::Path);
    assert_eq!(refused(json!([{ "op": "add", "path": urn, "value": "x" }])), Kind::Value);
}

#[test]
fn what_nobody_here_knows_is_kept_and_can_be_changed() {
    let badge = "urn:acme:params:badge";
    assert_eq!(after("replace", "nick", json!("Ann"), "nick"), json!("Ann"), "the resource has it");
    assert_eq!(after("replace", &format!("{badge}:number"), json!(8), badge)["number"], 8);
    assert_eq!(after("add", &format!("{badge}:colours"), json!(["blue"]), badge)["colours"], json!(["red", "blue"]));
    assert_eq!(after("remove", badge, Value::Null, badge), Value::Null);
    assert_eq!(after("add", badge, json!({ "size": 1 }), badge)["number"], 7);
    let own = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";
    assert_eq!(after("add", &format!("{own}:costs"), json!("c"), own), json!({ "costs": "c" }));
    assert_eq!(after("add", own, json!({ "costs": "c" }), own), json!({ "costs": "c" }));
    let pathless = done(json!([{ "op": "add", "value": { "urn:acme:new": { "a": 1 } } }]));
    assert_eq!(pathless["urn:acme:new"], json!({ "a": 1 }));
}

#[test]
fn s_patch_paths_that_name_nothing_are_errors_and_change_nothing() {
    for path in [
        "actve",
        "isAdmin",
        "role",
        "nothing.value",
        "constructor.prototype",
        "__proto__",
        "__proto__.polluted",
        "a.b.c",
        "name.nothing",
        "emails.value",
        "emails.value.x",
        "userName.x",
        "emails[type eq \"work\"",
        "emails[]",
        "emails[type]",
        "emails[nothing eq \"x\"]",
        "emails[type eq \"work\"].nothing",
        "emails[type eq \"work\"]value",
        "userName[value eq \"x\"]",
        "name[givenName eq \"x\"]",
        "/userName",
        "$.userName",
        "user name",
        "userName;",
        "emails[type eq \"work\"][0]",
        ".",
        "members",
        "urn:ietf:params:scim:schemas:core:2.0:User:nothing",
        "'userName'",
        "\u{0}",
        "userName\u{0}",
    ] {
        for op in ["add", "replace", "remove"] {
            let list =
                json!([{ "op": "replace", "path": "title", "value": "Dr" }, { "op": op, "path": path, "value": "x" }]);
            assert_eq!(refused(list), Kind::Path, "{op} {path}");
        }
    }
    let long = format!("emails[type eq \"{}\"]", "x".repeat(9000));
    assert_eq!(refused(json!([{ "op": "remove", "path": long }])), Kind::Path);
    assert_eq!(refused(json!([{ "op": "remove", "path": 5 }])), Kind::Path);
}

#[test]
fn s_mass_what_only_we_set_is_not_the_clients() {
    for path in ["id", "meta", "meta.created", "groups", "groups[value eq \"x\"]", "groups[value eq \"x\"].display"] {
        for op in ["add", "replace", "remove"] {
            assert_eq!(refused(json!([{ "op": op, "path": path, "value": "x" }])), Kind::Mutability, "{op} {path}");
        }
    }
    assert_eq!(refused(json!([{ "op": "remove", "path": "userName" }])), Kind::Mutability, "required");
    assert_eq!(refused(json!([{ "op": "replace", "path": "userName", "value": null }])), Kind::Mutability);
}

#[test]
fn values_of_another_type_are_refused() {
    for (path, value) in [
        ("active", json!("perhaps")),
        ("active", json!(1)),
        ("userName", json!(5)),
        ("userName", json!({})),
        ("userName", json!(["a"])),
        ("name", json!("Rita")),
        ("name", json!([])),
        ("name.givenName", json!({ "a": 1 })),
        ("emails", json!([5])),
        ("emails", json!([{ "value": 5 }])),
        ("emails[type eq \"work\"].primary", json!("x")),
        ("emails[type eq \"work\"]", json!(5)),
        ("x509Certificates", json!([{ "value": "not base 64!" }])),
        ("externalId", json!("x".repeat(513))),
    ] {
        let list = json!([{ "op": "replace", "path": path, "value": value }]);
        assert_eq!(refused(list), Kind::Value, "{path} {value}");
    }
    for booleans in ["True", "true", "FALSE", "False"] {
        let list = json!([{ "op": "Replace", "path": "active", "value": booleans }]);
        assert_eq!(done(list)["active"], booleans.eq_ignore_ascii_case("true"), "{booleans}");
    }
}

#[test]
fn a_body_that_is_no_patch_is_refused() {
    let kind = |body: Value| read(object(body)).map(|operations| operations.len()).expect_err("refused").kind;
    assert_eq!(kind(json!({})), Kind::Syntax);
    assert_eq!(kind(json!({ "Operations": [] })), Kind::Syntax);
    assert_eq!(kind(json!({ "Operations": {} })), Kind::Syntax);
    assert_eq!(kind(json!({ "Operations": ["x"] })), Kind::Syntax);
    assert_eq!(kind(json!({ "Operations": [{ "path": "title", "value": "x" }] })), Kind::Syntax);
    assert_eq!(kind(json!({ "Operations": [{ "op": "move", "path": "title", "value": "x" }] })), Kind::Syntax);
    assert_eq!(kind(json!({ "Operations": [{ "op": "", "path": "title", "value": "x" }] })), Kind::Syntax);
    assert_eq!(kind(json!({ "Operations": [{ "op": "remove" }] })), Kind::NoTarget);
    assert_eq!(kind(json!({ "Operations": [{ "op": "remove", "value": { "title": "x" } }] })), Kind::NoTarget);
    assert_eq!(kind(json!({ "Operations": [{ "op": "add", "path": "title" }] })), Kind::Value);
    assert_eq!(
        kind(json!({ "schemas": ["urn:other"], "Operations": [{ "op": "remove", "path": "title" }] })),
        Kind::Syntax
    );
    let many: Vec<Value> = (0..=OPERATIONS_LIMIT).map(|_| json!({ "op": "remove", "path": "title" })).collect();
    assert_eq!(kind(json!({ "Operations": many })), Kind::TooLarge);
    // Several clients leave schemas out, and write names in another case.
    assert!(read(object(json!({ "operations": [{ "OP": "rEplace", "Path": "title", "Value": "x" }] }))).is_ok());
}

#[test]
fn operations_count_in_their_order_and_all_or_none() {
    let user = done(json!([
        { "op": "add", "path": "title", "value": "one" },
        { "op": "replace", "path": "title", "value": "two" },
        { "op": "remove", "path": "title" },
        { "op": "add", "path": "title", "value": "three" },
    ]));
    assert_eq!(user["title"], "three");
    let before = anna();
    let half = operations(
        json!([{ "op": "add", "path": "title", "value": "one" }, { "op": "add", "path": "actve", "value": false }]),
    );
    assert!(super::user(&before, &half.expect("readable")).is_err());
    assert_eq!(before, anna());
}

// ---- groups

fn staff() -> Map<String, Value> {
    object(json!({ "displayName": "Staff", "externalId": "g1" }))
}

fn steps(list: Value) -> Vec<MemberStep> {
    let shown = list.to_string();
    let (patched, steps) =
        group(&staff(), &operations(list).expect("readable")).unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert_eq!(patched, staff(), "{shown}");
    steps
}

fn refused_of_group(list: Value) -> Kind {
    let shown = list.to_string();
    let read = operations(list).and_then(|operations| group(&staff(), &operations));
    read.map(|done| format!("{done:?}")).expect_err(&shown).kind
}

fn ids(list: &[&str]) -> Vec<String> {
    list.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn members_come_and_go_as_they_are_named() {
    let add = |list: &[&str]| vec![MemberStep::Add(ids(list))];
    let remove = |list: &[&str]| vec![MemberStep::Remove(ids(list))];
    let replace = |list: &[&str]| vec![MemberStep::Replace(ids(list))];
    for (operation, expected) in [
        // Entra.
        (json!({ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": "a" }] }), add(&["a"])),
        (json!({ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "a" }] }), remove(&["a"])),
        (
            json!({ "op": "Remove", "path": "members", "value": [{ "value": "a" }, { "value": "b" }] }),
            remove(&["a", "b"]),
        ),
        // Okta.
        (
            json!({ "op": "add", "path": "members", "value": [{ "value": "a", "display": "Anna" }, { "value": "b" }] }),
            add(&["a", "b"]),
        ),
        (json!({ "op": "remove", "path": "members[value eq \"a\"]" }), remove(&["a"])),
        (json!({ "op": "replace", "path": "members", "value": [{ "value": "a" }] }), replace(&["a"])),
        (json!({ "op": "replace", "path": "members", "value": [] }), replace(&[])),
        // The RFC.
        (json!({ "op": "remove", "path": "members" }), replace(&[])),
        (json!({ "op": "add", "value": { "members": [{ "value": "a" }] } }), add(&["a"])),
        (json!({ "op": "replace", "value": { "MEMBERS": [{ "value": "a" }] } }), replace(&["a"])),
        (json!({ "op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]" }), remove(&["a", "b"])),
        // Others.
        (json!({ "op": "remove", "path": "members", "value": { "value": "a" } }), remove(&["a"])),
        (json!({ "op": "add", "path": "members", "value": ["a", "a"] }), add(&["a"])),
        (
            json!({ "op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:Group:members", "value": "a" }),
            add(&["a"]),
        ),
        (json!({ "op": "add", "path": "members", "value": [] }), add(&[])),
        (
            json!({ "op": "add", "value": { "urn:ietf:params:scim:schemas:core:2.0:Group:members": ["a"] } }),
            add(&["a"]),
        ),
        (json!({ "op": "add", "path": "members", "value": [{ "$ref": "https://x/scim/v2/Users/a" }] }), add(&["a"])),
    ] {
        assert_eq!(steps(json!([operation])), expected, "{operation}");
    }
    let two = json!([{ "op": "remove", "path": "members[value eq \"a\"]" }, { "op": "add", "path": "members", "value": ["b"] }]);
    assert_eq!(steps(two), [MemberStep::Remove(ids(&["a"])), MemberStep::Add(ids(&["b"]))]);
}

#[test]
fn no_group_is_emptied_by_what_is_not_understood() {
    for (operation, kind) in [
        (json!({ "op": "Remove", "path": "members", "value": [] }), Kind::Value),
        (json!({ "op": "Remove", "path": "members", "value": null }), Kind::Value),
        (json!({ "op": "Remove", "path": "members", "value": {} }), Kind::Value),
        (json!({ "op": "Remove", "path": "members", "value": [{}] }), Kind::Value),
        (json!({ "op": "Remove", "path": "members", "value": [{ "display": "Anna" }] }), Kind::Value),
        (json!({ "op": "Remove", "path": "members", "value": [5] }), Kind::Value),
        (json!({ "op": "Remove", "path": "members", "value": "" }), Kind::Value),
        (json!({ "op": "remove", "path": "members[]" }), Kind::Path),
        (json!({ "op": "remove", "path": "members[value eq ]" }), Kind::Path),
        (json!({ "op": "remove", "path": "members[value pr]" }), Kind::Path),
        (json!({ "op": "remove", "path": "members[value ne \"a\"]" }), Kind::Path),
        (json!({ "op": "remove", "path": "members[not (value eq \"a\")]" }), Kind::Path),
        (json!({ "op": "remove", "path": "members[type eq \"User\"]" }), Kind::Path),
        (json!({ "op": "remove", "path": "members[value eq \"a\" and type eq \"User\"]" }), Kind::Path),
        (json!({ "op": "remove", "path": "members[display eq \"Anna\"]" }), Kind::Path),
        (json!({ "op": "remove", "path": "members[a" }), Kind::Path),
        (json!({ "op": "remove", "path": "members.value" }), Kind::Path),
        (json!({ "op": "remove", "path": "members[value eq \"a\"].type" }), Kind::Mutability),
        (json!({ "op": "replace", "path": "members[value eq \"a\"].value", "value": "b" }), Kind::Mutability),
        (json!({ "op": "replace", "path": "members[value eq \"a\"]", "value": { "value": "b" } }), Kind::Path),
        (json!({ "op": "replace", "path": "members", "value": "" }), Kind::Value),
        (json!({ "op": "replace", "path": "members" }), Kind::Value),
        (json!({ "op": "replace", "value": [{ "value": "a" }] }), Kind::Value),
        (json!({ "op": "replace", "path": "member", "value": [] }), Kind::Path),
        (json!({ "op": "remove", "path": "displayName" }), Kind::Mutability),
        (json!({ "op": "remove", "path": "id" }), Kind::Mutability),
        (json!({ "op": "remove" }), Kind::NoTarget),
    ] {
        assert_eq!(refused_of_group(json!([operation])), kind, "{operation}");
    }
}

#[test]
fn groups_as_members_are_refused_as_unsupported() {
    for member in [
        json!({ "value": "g2", "type": "Group" }),
        json!({ "value": "g2", "type": "group" }),
        json!({ "value": "g2", "$ref": "https://x/scim/v2/Groups/g2" }),
        json!({ "value": "g2", "$ref": "../Groups/g2" }),
    ] {
        let list = operations(json!([{ "op": "add", "path": "members", "value": [{ "value": "a" }, member] }]));
        let error = group(&staff(), &list.expect("readable")).expect_err("refused");
        assert_eq!(error.kind, Kind::Value);
        assert!(error.detail.contains("not supported"), "{}", error.detail);
    }
}

#[test]
fn a_group_is_renamed_without_touching_its_members() {
    for operation in [
        json!({ "op": "replace", "path": "displayName", "value": "Crew" }),
        json!({ "op": "Replace", "path": "displayName", "value": "Crew" }),
        json!({ "op": "replace", "value": { "id": "g1", "displayName": "Crew" } }),
        json!({ "op": "add", "path": "displayName", "value": "Crew" }),
    ] {
        let list = operations(json!([operation])).expect("readable");
        let (patched, steps) = group(&staff(), &list).expect("done");
        assert_eq!((patched["displayName"].clone(), steps), (json!("Crew"), Vec::new()), "{operation}");
    }
}

#[test]
fn s_dos_a_million_members_are_refused() {
    let many: Vec<Value> = (0..=super::super::MEMBERS_LIMIT).map(|n| json!(n.to_string())).collect();
    assert_eq!(refused_of_group(json!([{ "op": "add", "path": "members", "value": many }])), Kind::TooLarge);
}
