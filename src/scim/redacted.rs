//! Requests as the admin's log has them: their shape, and nothing that they say about people.

use serde_json::{Map, Value};

/// What stands for a text that is left out.
const LEFT_OUT: &str = "…";

/// How long a redacted body may get, in bytes.
const LONGEST: usize = 4000;

/// How many items of a list are shown.
const ITEMS: usize = 10;

/// Texts that say how a request is built: kept. Everything else may be about a person.
const KEPT: [&str; 10] = [
    "op",
    "method",
    "bulkId",
    "schemas",
    "type",
    "resourceType",
    "attributes",
    "excludedAttributes",
    "sortBy",
    "sortOrder",
];

/// A filter or path: what is quoted in it is left out.
pub fn expression(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(200));
    for (at, part) in text.split('"').enumerate() {
        // Escaped quotes only make more parts; what is within quotes is left out whole or in pieces, never shown.
        if at % 2 == 0 {
            out.push_str(part);
        } else {
            out.push('"');
            out.push_str(LEFT_OUT);
            out.push('"');
        }
    }
    if text.contains('\\') {
        return format!("({} bytes)", text.len());
    }
    cut(out, 200)
}

/// A body.
pub fn body(body: &Map<String, Value>) -> String {
    let shown = Value::Object(body.iter().map(|(name, value)| (expression(name), within(name, value))).collect());
    cut(shown.to_string(), LONGEST)
}

fn within(name: &str, value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(_) => LEFT_OUT.into(),
        Value::String(text) => text_of(name, text),
        Value::Array(items) => {
            let mut shown: Vec<Value> = items.iter().take(ITEMS).map(|item| item_of(name, item)).collect();
            if items.len() > ITEMS {
                shown.push(format!("and {} more", items.len() - ITEMS).into());
            }
            shown.into()
        }
        Value::Object(object) => {
            object.iter().map(|(part, value)| (expression(part), within(part, value))).collect::<Map<_, _>>().into()
        }
    }
}

fn item_of(name: &str, item: &Value) -> Value {
    match item {
        Value::String(text) => text_of(name, text),
        other => within(name, other),
    }
}

fn text_of(name: &str, text: &str) -> Value {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if KEPT.iter().any(|kept| is(kept)) {
        return cut(text.to_owned(), 200).into();
    }
    if is("path") || is("filter") {
        return expression(text).into();
    }
    // "True" for true is what an admin has to see.
    let boolean = ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word));
    if text.is_empty() || boolean { text.into() } else { LEFT_OUT.into() }
}

fn cut(text: String, longest: usize) -> String {
    if text.len() <= longest {
        return text;
    }
    let end = (0..=longest).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{LEFT_OUT}", &text[..end])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_shape_is_kept_and_people_are_not() {
        let sent = json!({
            "schemas": ["urn:x"], "userName": "anna@acme.example", "active": "False", "password": "1mz050nq", "externalId": 7,
            "name": { "givenName": "Anna" }, "emails": [{ "value": "anna@acme.example", "type": "work", "primary": true }],
            "Operations": [{ "op": "Replace", "path": "emails[value eq \"anna@acme.example\"].value", "value": "anna@acme.example" }],
            "filter": "userName eq \"anna\\\"x\" and emails co \"anna\"",
        });
        let shown = body(sent.as_object().expect("an object"));
        for secret in ["anna", "Anna", "1mz050nq", "7"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
        for kept in ["urn:x", "\"False\"", "work", "primary", "Replace", "emails[value eq \\\"…\\\"].value"] {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
    }

    #[test]
    fn a_long_body_is_cut() {
        let members: Vec<Value> = (0..500).map(|n| json!({ "value": n.to_string() })).collect();
        let shown = body(json!({ "members": members }).as_object().expect("an object"));
        assert!(shown.contains("and 490 more") && shown.len() < 400, "{shown}");
        let wide: Map<String, Value> = (0..2000).map(|n| (format!("ü{n}"), json!(n))).collect();
        assert!(body(&wide).len() <= LONGEST + 3);
        assert_eq!(expression("userName eq \"anna\" and x"), "userName eq \"…\" and x");
        assert!(!expression("userName eq \"open anna").contains("anna"));
    }
}
