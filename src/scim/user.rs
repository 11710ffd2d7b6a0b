//! Users: what a body says about one, and how one is shown.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::resource::{self, Shown, text_of};
use super::schema::{GROUPS, USERS};
use super::{Kind, ScimError};
use crate::directory::{GroupOfUser, Name, UserContent};
use crate::identity::EmailAddress;

/// Reads the body of POST or PUT. A user of whom nothing is said is active (RFC 7643 §4.1.1 leaves it open, and clients that never
/// suspend never send it).
pub fn read(body: Map<String, Value>) -> Result<Map<String, Value>, ScimError> {
    let mut user = resource::read(&USERS, body)?;
    user.entry("active").or_insert(Value::Bool(true));
    Ok(user)
}

/// A kept user.
pub fn stored(text: &str) -> Result<Map<String, Value>, ScimError> {
    resource::stored(text)
}

/// What rules and look-ups need of a user, with the user itself as text.
pub fn content(user: &Map<String, Value>) -> Result<UserContent, ScimError> {
    let user_name = text_of(user, "userName").ok_or_else(|| ScimError::new(Kind::Value, "userName is missing"))?;
    let named = |error| ScimError::new(Kind::Value, format!("userName: {error}"));
    Ok(UserContent {
        user_name: Name::parse(user_name).map_err(named)?,
        external_id: text_of(user, "externalId").map(str::to_owned),
        email: address(user, user_name),
        display_name: display_name(user),
        active: user.get("active") != Some(&Value::Bool(false)),
        resource: resource::text(user)?,
    })
}

/// The address that counts: the primary one, else the one for work, else the first; without any, `userName` if it is one.
fn address(user: &Map<String, Value>, user_name: &str) -> Option<EmailAddress> {
    let none = Vec::new();
    let emails = user.get("emails").and_then(Value::as_array).unwrap_or(&none);
    let value =
        |email: &&Value| email.get("value").and_then(Value::as_str).is_some_and(|value| !value.trim().is_empty());
    let of_type = |email: &&&Value| {
        email.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("work"))
    };
    let emails: Vec<&Value> = emails.iter().filter(value).collect();
    let primary = emails.iter().find(|email| email.get("primary") == Some(&Value::Bool(true)));
    let chosen = primary.or_else(|| emails.iter().find(of_type)).or(emails.first());
    match chosen.and_then(|email| email.get("value")).and_then(Value::as_str) {
        // An address that is none does not make another one count.
        Some(text) => EmailAddress::parse(text.trim()).ok(),
        None => EmailAddress::parse(user_name.trim()).ok(),
    }
}

/// The addresses besides the one that counts, in the form in which filters compare them: a filter on `emails` has to find them, too.
pub fn other_addresses(user: &Map<String, Value>, content: &UserContent) -> Vec<String> {
    let none = Vec::new();
    let emails = user.get("emails").and_then(Value::as_array).unwrap_or(&none);
    let values = emails.iter().filter_map(|email| email.get("value").and_then(Value::as_str));
    let keys: BTreeSet<String> = values.map(Name::key_of).collect();
    let counts = content.email.as_ref().map(EmailAddress::as_str);
    keys.into_iter().filter(|key| !key.is_empty() && Some(key.as_str()) != counts).collect()
}

fn display_name(user: &Map<String, Value>) -> Option<String> {
    // In one line, and no longer than a list can show.
    let plain = |text: &str| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().filter(|c| !c.is_control()).take(256).collect::<String>()
    };
    if let Some(name) = text_of(user, "displayName") {
        return Some(plain(name));
    }
    let name = user.get("name")?.as_object()?;
    if let Some(formatted) = text_of(name, "formatted") {
        return Some(plain(formatted));
    }
    let parts = ["givenName", "familyName"].iter().filter_map(|part| text_of(name, part));
    let joined = plain(&parts.collect::<Vec<_>>().join(" "));
    (!joined.is_empty()).then_some(joined)
}

/// A user as clients see it, with the groups it is in (RFC 7643 §4.1.2); they are not nested, so all are direct.
pub fn render(user: Map<String, Value>, shown: &Shown<'_>, groups: &[GroupOfUser]) -> Map<String, Value> {
    let mut rendered = resource::complete(&USERS, user, shown);
    if !groups.is_empty() {
        let groups: Vec<Value> = groups
            .iter()
            .map(|group| {
                json!({
                    "value": group.public_id,
                    "$ref": format!("{}{}/{}", shown.base, GROUPS.endpoint, group.public_id),
                    "display": group.display,
                    "type": "direct",
                })
            })
            .collect();
        rendered.insert("groups".to_owned(), groups.into());
    }
    rendered
}

/// The address of a user.
pub fn location(shown: &Shown<'_>) -> String {
    resource::location(&USERS, shown)
}
