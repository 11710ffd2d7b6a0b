//! What identity providers send that the RFC does not foresee, and what we read it as. Each tolerance is here, once, with who sends
//! it; everything else is taken by the letter. Nothing here widens what a request may do: it only says what was meant.

use serde_json::{Map, Value};

use super::schema::{self, Attribute, Type};
use super::{Kind, ScimError};

/// What a PATCH operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Adds values, or sets what is single.
    Add,
    /// Sets values.
    Replace,
    /// Takes values away.
    Remove,
}

/// `op` in any case: Entra without `aadOptscim062020` sends `Add`, `Replace`, `Remove`.
pub fn op(text: &str) -> Option<Op> {
    match text.to_ascii_lowercase().as_str() {
        "add" => Some(Op::Add),
        "replace" => Some(Op::Replace),
        "remove" => Some(Op::Remove),
        _ => None,
    }
}

/// `"path": ""` and `"path": null` are no path: generic clients that always write the member.
pub fn path(value: Option<&Value>) -> Result<Option<&str>, ScimError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim())),
        Some(_) => Err(ScimError::new(Kind::Path, "path is no text")),
    }
}

/// `"True"` and `"False"` for a Boolean: Entra without `aadOptscim062020`, and its filters (`roles[primary eq "True"]`).
pub fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A value in the shape of its attribute:
/// - a Boolean as text (see [`boolean`]);
/// - `"manager": "id"` for `{"value": "id"}`: Entra, as its documents show it;
/// - `"roles": ["Admin"]` and `"emails": "a@b"` for lists of `{"value": ..}`: Entra's app roles, OneLogin;
/// - one object where a list of them belongs: generic clients.
pub fn value(attribute: &Attribute, value: Value) -> Value {
    match value {
        Value::Array(items) if attribute.many => {
            Value::Array(items.into_iter().map(|item| single(attribute, item)).collect())
        }
        Value::Null => Value::Null,
        one if attribute.many => Value::Array(vec![single(attribute, one)]),
        one => single(attribute, one),
    }
}

fn single(attribute: &Attribute, value: Value) -> Value {
    match value {
        Value::String(text) if attribute.kind == Type::Boolean => {
            boolean(&text).map_or(Value::String(text), Value::Bool)
        }
        Value::String(text) if attribute.kind == Type::Complex && attribute.part("value").is_some() => {
            Value::Object(Map::from_iter([("value".to_owned(), Value::String(text))]))
        }
        other => other,
    }
}

/// `schemas` may be missing: several clients leave it out of PATCH. If it is there, the expected one has to be in it; further ones,
/// such as Entra's `http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group`, mean nothing here.
pub fn schemas(body: &Map<String, Value>, expected: &str) -> Result<(), ScimError> {
    let listed = match schema::get(body, "schemas") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(ScimError::new(Kind::Syntax, "schemas is no list")),
    };
    let says = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(expected));
    if listed.is_empty() || listed.iter().any(says) {
        return Ok(());
    }
    Err(ScimError::new(Kind::Syntax, format!("schemas does not name {expected}")))
}

/// Whether `Replace` may make the element that its filter does not find (RFC 7644 §3.5.2.3 says `noTarget`). Entra replaces
/// `phoneNumbers[type eq "mobile"].value` and `roles[primary eq "True"].value` of users that have none, and refusing that stops
/// every other change of the user. So: a part of an element that is told by a usual `type`, or by being primary, and by nothing else.
pub fn replace_makes_the_element(attribute: &Attribute, told_by: &[(String, Value)], part: Option<&str>) -> bool {
    let usual = |name: &str, value: &Value| match name {
        "type" => {
            let canonical = attribute.part("type").map_or(&[][..], |kind| kind.canonical);
            value.as_str().is_some_and(|value| canonical.iter().any(|usual| usual.eq_ignore_ascii_case(value)))
        }
        "primary" => *value == Value::Bool(true),
        _ => false,
    };
    part.is_some() && !told_by.is_empty() && told_by.iter().all(|(name, value)| usual(name, value))
}

/// A filter as the grammar takes it:
/// - `emails[type eq "work"].value eq "a@b"` (Entra, and Microsoft's validator) becomes `emails[(type eq "work") and value eq "a@b"]`;
/// - `not(..)` gets the space that the grammar wants;
/// - `$ref` gets a name that the grammar takes, see [`REF`].
pub fn filter(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    // Where the last `[` was written, if its `]` has not come.
    let mut opened = None;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => quoted_length(rest),
            _ => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        match c {
            '[' => {
                out.push('[');
                opened = Some(out.len());
            }
            ']' => {
                let test = opened.take().and_then(|start| Some((start, trailing_test(rest)?)));
                match test {
                    Some((start, length)) => {
                        let (test, after) = rest.split_at(length);
                        rest = after;
                        out.insert(start, '(');
                        out.push_str(") and ");
                        out.push_str(&filter(&test[1..]));
                        out.push(']');
                    }
                    None => out.push(']'),
                }
            }
            '$' if rest.starts_with("ref") => {
                out.push_str(REF);
                rest = &rest[3..];
            }
            '(' if ends_in_not(&out) => out.push_str(" ("),
            _ => out.push_str(piece),
        }
    }
    out
}

/// What stands for `$ref` in a filter or path handed to the grammar, which takes no `$` in a name.
pub const REF: &str = "usher--ref";

/// How long the quoted text at the start is, with its quotes; all of it, if it never ends.
fn quoted_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `.name op value` or `.name pr` at the start, if that is what stands there.
fn trailing_test(text: &str) -> Option<usize> {
    let after_dot = text.strip_prefix('.')?;
    let name = after_dot.find(|c: char| !(c.is_ascii_alphanumeric() || "_-$".contains(c)))?;
    let gap = |text: &str| text.len() - text.trim_start().len();
    let operator_at = name + gap(&after_dot[name..]);
    let operator = after_dot[operator_at..].find(|c: char| !c.is_ascii_alphabetic());
    let operator_end = operator.map_or(after_dot.len(), |length| operator_at + length);
    if name == 0 || operator_at == name || operator_end == operator_at {
        return None;
    }
    if after_dot[operator_at..operator_end].eq_ignore_ascii_case("pr") {
        return Some(1 + operator_end);
    }
    let value_at = operator_end + gap(&after_dot[operator_end..]);
    let value = &after_dot[value_at..];
    let length = match value.chars().next()? {
        '"' => quoted_length(value),
        _ => value.find(|c: char| c.is_whitespace() || "()[]".contains(c)).unwrap_or(value.len()),
    };
    (value_at > operator_end && length > 0).then_some(1 + value_at + length)
}

fn ends_in_not(text: &str) -> bool {
    let Some(start) = text.len().checked_sub(3) else { return false };
    let word = text.get(start..).is_some_and(|word| word.eq_ignore_ascii_case("not"));
    word && text[..start].chars().next_back().is_none_or(|c| c.is_whitespace() || "([".contains(c))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::{ENTERPRISE, USER};
    use super::*;

    #[test]
    fn entra_filters_become_what_the_grammar_takes() {
        for (sent, read) in [
            (r#"userName eq "a""#, r#"userName eq "a""#),
            (r#"emails[type eq "work"].value eq "a@b""#, r#"emails[(type eq "work") and value eq "a@b"]"#),
            (
                r#"emails[type eq "work"].value eq "a@b" and active eq true"#,
                r#"emails[(type eq "work") and value eq "a@b"] and active eq true"#,
            ),
            (r#"(emails[type eq "work"].value pr)"#, r#"(emails[(type eq "work") and value pr])"#),
            (r#"emails[type eq "work"].primary eq true)"#, r#"emails[(type eq "work") and primary eq true])"#),
            (r#"emails[type eq "]"].value eq "x" or a pr"#, r#"emails[(type eq "]") and value eq "x"] or a pr"#),
            (r#"not(active eq true)"#, r#"not (active eq true)"#),
            (r#"a pr and NOT(b pr)"#, r#"a pr and NOT (b pr)"#),
            (r#"userName eq "not(x)""#, r#"userName eq "not(x)""#),
            (r#"members.$ref eq "$ref""#, r#"members.usher--ref eq "$ref""#),
            // Not what it looks like: left to the grammar, which refuses it.
            (r#"emails[type eq "work"].value"#, r#"emails[type eq "work"].value"#),
            (r#"emails[type eq "work"]. eq "x""#, r#"emails[type eq "work"]. eq "x""#),
            (r#"emails[type eq "work"].value eq"#, r#"emails[type eq "work"].value eq"#),
            (r#"userName eq "unended"#, r#"userName eq "unended"#),
            (r#"a]b"#, r#"a]b"#),
            ("", ""),
        ] {
            assert_eq!(filter(sent), read, "{sent}");
        }
    }

    #[test]
    fn entra_values_get_the_shape_of_their_attribute() {
        let user = |name: &str| USER.attribute(name).expect("there");
        assert_eq!(value(user("active"), json!("False")), json!(false));
        assert_eq!(value(user("active"), json!("perhaps")), json!("perhaps"), "left for the type check");
        assert_eq!(
            value(user("roles"), json!(["Admin", { "value": "User" }])),
            json!([{ "value": "Admin" }, { "value": "User" }])
        );
        assert_eq!(value(user("emails"), json!("a@b")), json!([{ "value": "a@b" }]));
        assert_eq!(value(user("emails"), json!({ "value": "a@b" })), json!([{ "value": "a@b" }]));
        assert_eq!(value(user("name"), json!("Rita")), json!("Rita"), "no value to put it into");
        assert_eq!(value(ENTERPRISE.attribute("manager").expect("there"), json!("id")), json!({ "value": "id" }));
    }

    #[test]
    fn replace_makes_an_element_only_where_entra_means_it() {
        let user = |name: &str| USER.attribute(name).expect("there");
        let told = |name: &str, value: Value| vec![(name.to_owned(), value)];
        let phones = user("phoneNumbers");
        assert!(replace_makes_the_element(phones, &told("type", json!("mobile")), Some("value")));
        assert!(replace_makes_the_element(user("roles"), &told("primary", json!(true)), Some("value")));
        assert!(!replace_makes_the_element(phones, &told("type", json!("unheard of")), Some("value")));
        assert!(!replace_makes_the_element(phones, &told("value", json!("1")), Some("type")));
        assert!(!replace_makes_the_element(phones, &told("type", json!("mobile")), None), "the whole element");
        assert!(!replace_makes_the_element(phones, &[], Some("value")));
    }

    #[test]
    fn schemas_may_be_missing_or_more_but_not_others() {
        let with = |schemas: Value| json!({ "schemas": schemas }).as_object().cloned().expect("an object");
        let urn = "urn:ietf:params:scim:schemas:core:2.0:Group";
        let entra = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
        assert!(schemas(&Map::new(), urn).is_ok());
        assert!(schemas(&with(json!([])), urn).is_ok());
        assert!(schemas(&with(json!([entra, urn])), urn).is_ok());
        assert!(schemas(&with(json!([entra])), urn).is_err());
        assert!(schemas(&with(json!("urn")), urn).is_err());
    }
}
