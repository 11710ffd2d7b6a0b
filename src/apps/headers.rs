use std::fmt::Write as _;

use actix_web::http::header::{HeaderName, HeaderValue};

use crate::organization::HeaderPreset;

/// The headers that every 200 carries, whatever is known: a proxy that copies them all never lets a client's own through.
pub const HEADERS: [&str; 9] = [
    "remote-user",
    "remote-name",
    "remote-email",
    "remote-groups",
    "x-usher-user-id",
    "x-usher-organization",
    "x-usher-role",
    "x-usher-seat",
    "x-usher-assertion",
];

/// The most that `Remote-Groups` may take, in bytes; proxies hold headers in buffers of 4 KB. The signed assertion has them all.
const GROUPS_LIMIT: usize = 2048;

/// What an application is told about the person, ready to send. An unknown value is `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityHeaders {
    email: String,
    name: String,
    groups: String,
    user_id: String,
    organization: String,
    role: String,
    seat: String,
    assertion: String,
}

impl IdentityHeaders {
    /// Makes the values safe to send: no control characters; names that are not ASCII are percent-encoded UTF-8.
    pub fn new(
        email: &str,
        name: &str,
        groups: &[String],
        user_id: &str,
        (organization, role, seat): (&str, &str, Option<&str>),
        assertion: &str,
    ) -> Self {
        let mut sendable: Vec<&str> = groups.iter().map(String::as_str).filter(|group| is_sendable(group)).collect();
        sendable.sort_unstable();
        sendable.dedup();
        let mut listed = String::new();
        for group in sendable {
            if listed.len() + group.len() + 1 > GROUPS_LIMIT {
                break;
            }
            if !listed.is_empty() {
                listed.push(',');
            }
            listed.push_str(group);
        }
        Self {
            email: known(&encoded(email)),
            name: known(&encoded(name)),
            groups: known(&listed),
            user_id: known(user_id),
            organization: known(organization),
            role: known(role),
            seat: known(seat.unwrap_or_default()),
            assertion: known(assertion),
        }
    }

    /// All of them, and those of the preset, ready to be put into answers.
    pub fn pairs(&self, preset: HeaderPreset) -> Vec<(HeaderName, HeaderValue)> {
        let own: [&str; 9] = [
            &self.email,
            &self.name,
            &self.email,
            &self.groups,
            &self.user_id,
            &self.organization,
            &self.role,
            &self.seat,
            &self.assertion,
        ];
        let further: &[(&str, &str)] = match preset {
            HeaderPreset::Usher => &[],
            HeaderPreset::OauthProxy => &[
                ("x-auth-request-user", &self.user_id),
                ("x-auth-request-email", &self.email),
                ("x-auth-request-groups", &self.groups),
                ("x-auth-request-preferred-username", &self.email),
                ("x-forwarded-user", &self.user_id),
                ("x-forwarded-email", &self.email),
                ("x-forwarded-groups", &self.groups),
                ("x-forwarded-preferred-username", &self.email),
            ],
            HeaderPreset::Authentik => &[
                ("x-authentik-username", &self.email),
                ("x-authentik-email", &self.email),
                ("x-authentik-name", &self.name),
                ("x-authentik-groups", &self.groups),
                ("x-authentik-uid", &self.user_id),
                ("x-authentik-jwt", &self.assertion),
            ],
        };
        let all = HEADERS.into_iter().zip(own).chain(further.iter().copied());
        // What could not be sent has been taken out of the values; should something be left, it is unknown rather than absent.
        let value = |value: &str| HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("-"));
        all.map(|(name, text)| (HeaderName::from_static(name), value(text))).collect()
    }
}

fn known(value: &str) -> String {
    if value.is_empty() { "-".to_owned() } else { value.to_owned() }
}

/// A group that can stand in a comma-separated header without being taken for another; the others are in the assertion only.
fn is_sendable(group: &str) -> bool {
    !group.is_empty() && group.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b',') && group.trim() == group
}

/// ASCII text without control characters as it is; anything else as percent-encoded UTF-8, `%` included.
fn encoded(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    let plain = plain.trim();
    if plain.is_ascii() {
        return plain.to_owned();
    }
    let mut out = String::with_capacity(plain.len() * 2);
    for byte in plain.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("a String takes all"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(headers: &IdentityHeaders, preset: HeaderPreset) -> Vec<(String, String)> {
        let text = |value: &HeaderValue| value.to_str().expect("ASCII").to_owned();
        let pairs = headers.pairs(preset);
        let mut all: Vec<_> = pairs.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        all.sort();
        all
    }

    #[test]
    fn all_headers_are_always_there() {
        let nothing = IdentityHeaders::new("", "", &[], "", ("", "", None), "");
        let sent = sent(&nothing, HeaderPreset::Usher);
        assert_eq!(sent.len(), HEADERS.len());
        for (name, value) in sent {
            assert!(HEADERS.contains(&name.as_str()) && value == "-", "{name}: {value}");
        }
    }

    #[test]
    fn values_cannot_break_out_of_their_header() {
        let groups = ["b", "a", "x,y", "tab\there", "ü", " padded", "", "a"].map(str::to_owned);
        let headers = IdentityHeaders::new(
            "anna@acme.example",
            "Zoë\r\nX-Usher-Role: owner 100%",
            &groups,
            "p-1",
            ("acme", "user", Some("standard")),
            "a.b.c",
        );
        let sent = sent(&headers, HeaderPreset::OauthProxy);
        let value = |name: &str| sent.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(value("remote-groups"), Some("a,b"));
        assert_eq!(value("remote-name"), Some("Zo%C3%ABX-Usher-Role: owner 100%25"));
        assert_eq!(value("x-usher-role"), Some("user"));
        assert_eq!(value("x-auth-request-groups"), Some("a,b"));
        let many: Vec<String> = (0..2000).map(|n| format!("group-{n:05}")).collect();
        let long = IdentityHeaders::new("", "", &many, "", ("", "", None), "");
        assert!(long.groups.len() <= GROUPS_LIMIT && long.groups.ends_with(|c: char| c.is_ascii_digit()));
    }
}
