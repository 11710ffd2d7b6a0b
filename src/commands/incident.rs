use serde_json::Value;

use super::output::{Failure, say};
use super::setting::{self, Setting};
use crate::ids::Incident;
use crate::store;

/// The decision record of a sign-in under the code that its person was shown (rule B39).
pub(super) fn incident(setting: &Setting, code: &str, json: bool) -> Result<(), Failure> {
    let incident = Incident::parse(code)
        .ok_or_else(|| Failure::usage(format!("{code:?} is no reference; one looks like 7KQ2-4D2P")))?;
    let db = setting::existing(&setting.load()?)?;
    let found = db.read_one(|tx| store::attempts::find(tx, &incident))?;
    let attempt = found.ok_or_else(|| {
        Failure::failed(format!(
            "there is no sign-in under {incident}; they are kept for 14 days, refused visits are in the log"
        ))
    })?;
    let record: Value = serde_json::from_str(&attempt.record).unwrap_or(Value::Null);
    if json {
        let at = attempt.at.to_string();
        let value =
            serde_json::json!({ "incident": incident.as_str(), "at": at, "code": attempt.code, "record": record });
        say(&value.to_string());
        return Ok(());
    }
    say(&format!("{incident}  {}  {}", attempt.at, attempt.code));
    tell(&record, 1);
    Ok(())
}

/// A record for people: one line per fact, what belongs together indented.
fn tell(value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::Object(_) => {
                        say(&format!("{indent}{name}:"));
                        tell(field, depth + 1);
                    }
                    Value::Array(items) if items.iter().any(|item| item.is_object()) => {
                        say(&format!("{indent}{name}:"));
                        for item in items {
                            tell(item, depth + 1);
                            say("");
                        }
                    }
                    Value::Array(items) if name == "because" => {
                        for item in items {
                            say(&format!("{indent}because {}", words(item)));
                        }
                    }
                    Value::Array(items) if items.is_empty() => {}
                    Value::Array(items) => {
                        let all: Vec<String> = items.iter().map(words).collect();
                        say(&format!("{indent}{name}: {}", all.join(", ")));
                    }
                    Value::Null => {}
                    plain => say(&format!("{indent}{name}: {}", words(plain))),
                }
            }
        }
        Value::Null => {}
        other => say(&format!("{indent}{}", words(other))),
    }
}

/// What others sent is shown without control characters: it must not write over the terminal.
fn words(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().filter(|c| !c.is_control()).collect()
}
