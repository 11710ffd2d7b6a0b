//! What holds for every input: nothing panics, what is accepted stays within its types, and the same facts give the same resource
//! whether they come at once or one by one.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::patch::MemberStep;
use super::schema::{GROUPS, USERS};
use super::{group, json, patch, user};

/// Text that is nearly a filter or a path.
fn nearly() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("userName"),
        Just("emails"),
        Just("members"),
        Just("name"),
        Just("value"),
        Just("type"),
        Just("active"),
        Just("meta"),
        Just("$ref"),
        Just("nothing"),
        Just("urn:ietf:params:scim:schemas:core:2.0:User:"),
        Just("eq"),
        Just("pr"),
        Just("co"),
        Just("and"),
        Just("or"),
        Just("not"),
        Just("("),
        Just(")"),
        Just("["),
        Just("]"),
        Just("."),
        Just(":"),
        Just("\"a\""),
        Just("\"work\""),
        Just("\""),
        Just("\\"),
        Just("true"),
        Just("null"),
        Just("5"),
        Just(" "),
        Just("  "),
        Just("ü"),
        Just("\u{0}"),
    ];
    let words = proptest::collection::vec((word, any::<bool>()), 0..12);
    let nearly = words.prop_map(|words| {
        words.into_iter().map(|(word, gap)| format!("{word}{}", if gap { " " } else { "" })).collect()
    });
    prop_oneof![4 => nearly, 1 => any::<String>()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        Just(json!("True")),
        "[a-z@. ]{0,12}".prop_map(Value::String),
        Just(json!("work")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop_oneof![
            Just("value"),
            Just("type"),
            Just("primary"),
            Just("givenName"),
            Just("userName"),
            Just("emails"),
            Just("members"),
            Just("own"),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((name, inner), 0..4).prop_map(|entries| entries
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop_oneof![Just("add"), Just("Replace"), Just("remove")];
    let path = prop_oneof![
        3 => prop_oneof![
            Just("userName"), Just("active"), Just("title"), Just("name"), Just("name.givenName"), Just("emails"),
            Just("emails[type eq \"work\"]"), Just("emails[type eq \"work\"].value"), Just("emails[primary eq true].primary"),
            Just("members"), Just("members[value eq \"a\"]"), Just("displayName"),
            Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"), Just("urn:acme:User:own"),
        ].prop_map(|path| json!(path)),
        1 => nearly().prop_map(Value::String),
        1 => Just(Value::Null),
    ];
    (op, path, proptest::option::of(value())).prop_map(|(op, path, value)| {
        let mut operation = json!({ "op": op, "path": path });
        if let Some(value) = value {
            operation["value"] = value;
        }
        operation
    })
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// What a client reads and sends back leads to the same resource.
fn survives_the_round_trip(user: &Map<String, Value>) {
    let kept = user::content(user).expect("an accepted user");
    let stored = user::stored(&kept.resource).expect("stored");
    let again = user::read(stored).expect("what was returned can be sent");
    let mut expected = user.clone();
    // A user without `active` is active; sent as a whole, it says so.
    expected.entry("active").or_insert(json!(true));
    assert_eq!(again, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn no_filter_panics(text in nearly()) {
        let user = object(json!({ "userName": "a", "emails": [{ "value": "a", "type": "work" }], "active": true }));
        for resource in [&USERS, &GROUPS] {
            if let Ok(filter) = Filter::parse(resource, &text) {
                filter.matches(&user);
                filter.exact();
            }
        }
    }

    #[test]
    fn no_body_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), body in value()) {
        let _ = json::object(&bytes);
        let _ = user::read(object(body.clone())).and_then(|user| user::content(&user));
        let _ = group::read(object(body));
    }

    #[test]
    fn whatever_operations_are_accepted_leave_a_resource_that_can_be_sent_again(
        list in proptest::collection::vec(operation(), 1..5),
    ) {
        let body = object(json!({ "Operations": list }));
        let Ok(operations) = patch::read(body) else { return Ok(()) };
        let before = user::read(object(json!({
            "userName": "anna", "name": { "familyName": "Berg" }, "emails": [{ "value": "a@x.example", "type": "work", "primary": true }],
        }))).expect("a user");
        if let Ok(patched) = patch::user(&before, &operations)
            && user::content(&patched).is_ok()
        {
            survives_the_round_trip(&patched);
        }
        let before = object(json!({ "displayName": "Staff" }));
        if let Ok((patched, steps)) = patch::group(&before, &operations) {
            // Whoever is named is named by the client; everybody goes only where it says so in so many words.
            for step in steps {
                if step == MemberStep::Replace(Vec::new()) {
                    let text = Value::from(list.clone()).to_string();
                    prop_assert!(text.contains("members"), "{text}");
                }
            }
            prop_assert!(patched.get("members").is_none());
        }
    }

    #[test]
    fn facts_one_by_one_and_at_once_make_the_same_user(
        title in proptest::option::of("[a-z]{1,8}"),
        given in proptest::option::of("[A-Z][a-z]{1,8}"),
        family in proptest::option::of("[A-Z][a-z]{1,8}"),
        active in any::<bool>(),
        emails in proptest::collection::btree_map("[a-z]{1,6}@x\\.example", "work|home|other", 0..4),
        department in proptest::option::of("[a-z]{1,8}"),
        capital in any::<bool>(),
    ) {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let mut whole = json!({ "userName": "anna", "active": active });
        let (add, replace) = if capital { ("Add", "Replace") } else { ("add", "replace") };
        let mut steps = vec![json!({ "op": replace, "path": "active", "value": if capital { json!(active.to_string()) } else { json!(active) } })];
        if let Some(title) = &title {
            whole["title"] = json!(title);
            steps.push(json!({ "op": add, "value": { "title": title } }));
        }
        for (part, value) in [("givenName", &given), ("familyName", &family)] {
            if let Some(value) = value {
                whole["name"][part] = json!(value);
                steps.push(json!({ "op": replace, "path": format!("name.{part}"), "value": value }));
            }
        }
        for (value, kind) in &emails {
            if !whole["emails"].is_array() {
                whole["emails"] = json!([]);
            }
            let email = json!({ "value": value, "type": kind });
            whole["emails"].as_array_mut().expect("a list").push(email.clone());
            steps.push(json!({ "op": add, "path": "emails", "value": [email] }));
        }
        if let Some(department) = &department {
            whole[urn]["department"] = json!(department);
            steps.push(json!({ "op": replace, "value": { format!("{urn}:department"): department } }));
        }
        let at_once = user::read(object(whole)).expect("a user");
        let steps = patch::read(object(json!({ "Operations": steps }))).expect("operations");
        let before = user::read(object(json!({ "userName": "anna" }))).expect("a user");
        let one_by_one = patch::user(&before, &steps).expect("done");
        prop_assert_eq!(&one_by_one, &at_once);
        prop_assert_eq!(patch::user(&one_by_one, &steps).expect("done again"), at_once, "said twice is said once");
    }
}
