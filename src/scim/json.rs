//! Reads a body: JSON with limits. One pass refuses what two readers could understand differently or what nobody sends in earnest.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{Kind, ScimError};

/// How deep objects and lists may be nested. A user with extensions needs 5, a bulk request of them 8.
pub const DEPTH: usize = 16;

/// Reads a JSON object. Refused besides malformed JSON: nesting deeper than [`DEPTH`], the same name twice in an object, and U+0000
/// anywhere, which databases and log readers cut texts at.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, ScimError> {
    // A byte order mark is what some clients write before their JSON (RFC 8259 §8.1 lets a reader ignore it).
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.is_empty() {
        return Err(ScimError::new(Kind::Syntax, "the body is empty; a JSON object is expected"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Part { depth: 0 }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match read {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ScimError::new(Kind::Syntax, "the body is JSON, but no object")),
        Err(error) => Err(ScimError::new(Kind::Syntax, format!("the body cannot be read: {error}"))),
    }
}

#[derive(Clone, Copy)]
struct Part {
    depth: usize,
}

impl Part {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH {
            return Err(E::custom(format_args!("nested deeper than {DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

fn plain<E: de::Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') { Err(E::custom("a text with the character U+0000")) } else { Ok(()) }
}

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        plain(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        plain(&text)?;
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            plain(&name)?;
            let value = entries.next_value_seed(inner)?;
            if object.contains_key(&name) {
                return Err(de::Error::custom(format_args!("{name:?} stands there twice")));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &[u8]) -> String {
        let error = object(body).expect_err("refused");
        assert_eq!(error.kind, Kind::Syntax);
        error.detail
    }

    #[test]
    fn an_object_is_read_as_it_stands() {
        let body = br#"{"a": [1, -2, 1.5, true, null, "x"], "b": {"c": {}}}"#;
        assert_eq!(Value::Object(object(body).expect("JSON")), serde_json::from_slice::<Value>(body).expect("JSON"));
        assert!(object(b"\xef\xbb\xbf{}").expect("a byte order mark").is_empty());
    }

    #[test]
    fn s_dos_deep_json_is_refused_before_it_is_built() {
        let nested = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(object(nested(DEPTH).as_bytes()).is_ok());
        assert!(refused(nested(DEPTH + 1).as_bytes()).contains("deeper"));
        assert!(refused(nested(100_000).as_bytes()).contains("deeper"));
    }

    #[test]
    fn what_two_readers_would_understand_differently_is_refused() {
        assert!(refused(br#"{"active": true, "active": false}"#).contains("twice"));
        assert!(refused(br#"{"a": "x\u0000y"}"#).contains("U+0000"));
        assert!(refused(br#"{"a\u0000": 1}"#).contains("U+0000"));
        assert!(refused(br#"{"a": 1} {"a": 2}"#).contains("trailing"));
        assert!(refused(b"{\"a\": \"\xff\"}").contains("cannot be read"));
        for other in [&b""[..], b"[]", b"null", b"\"a\"", b"{", b"{\"a\": 1e999}", b"{\"a\": NaN}", b"{'a': 1}"] {
            refused(other);
        }
    }
}
