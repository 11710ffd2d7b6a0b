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
    piped_groups: String,
    user_id: String,
    organization: String,
    role: String,
    seat: String,
    assertion: String,
}

impl IdentityHeaders {
    /// Makes the values safe to send: no control characters; names and groups are percent-encoded UTF-8.
    pub fn new(
        email: &str,
        name: &str,
        groups: &[String],
        user_id: &str,
        (organization, role, seat): (&str, &str, Option<&str>),
        assertion: &str,
    ) -> Self {
        let mut sendable: Vec<String> = groups.iter().filter_map(|group| listed(group)).collect();
        sendable.sort_unstable();
        sendable.dedup();
        let mut in_a_row = String::new();
        for group in sendable {
            if in_a_row.len() + group.len() + 1 > GROUPS_LIMIT {
                break;
            }
            if !in_a_row.is_empty() {
                in_a_row.push(',');
            }
            in_a_row.push_str(&group);
        }
        let piped: Vec<&str> = in_a_row.split(',').filter(|group| !group.contains('|')).collect();
        Self {
            email: known(&named(email)),
            name: known(&named(name)),
            piped_groups: known(&piped.join("|")),
            groups: known(&in_a_row),
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
                ("x-authentik-groups", &self.piped_groups),
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

/// A name without control characters and outer spaces.
fn named(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    encoded(plain.trim())
}

/// A group as it stands in a comma-separated header; one with a comma would be taken for two, and is in the assertion only.
fn listed(group: &str) -> Option<String> {
    (!group.is_empty() && !group.contains(',')).then(|| encoded(group))
}

/// Percent-encoded UTF-8: printable ASCII as it is, except `%` and outer spaces. No two texts look alike, and decoding gives each back.
fn encoded(text: &str) -> String {
    let inner = text.len() - text.trim_start_matches(' ').len()..text.trim_end_matches(' ').len();
    let mut out = String::with_capacity(text.len());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'!'..=b'~' if byte != b'%' => out.push(char::from(byte)),
            b' ' if inner.contains(&at) => out.push(' '),
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

    fn listed_alone(group: &str) -> String {
        IdentityHeaders::new("", "", &[group.to_owned()], "", ("", "", None), "").groups
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
        let told = sent(&headers, HeaderPreset::OauthProxy);
        let value = |name: &str| told.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let listed = "%20padded,%C3%BC,a,b,tab%09here";
        assert_eq!(value("remote-groups"), Some(listed));
        assert_eq!(value("remote-name"), Some("Zo%C3%ABX-Usher-Role: owner 100%25"));
        assert_eq!(value("x-usher-role"), Some("user"));
        assert_eq!(value("x-auth-request-groups"), Some(listed));
        let authentik = sent(&headers, HeaderPreset::Authentik);
        let piped = authentik.iter().find(|(name, _)| name == "x-authentik-groups").map(|(_, value)| value.as_str());
        assert_eq!(piped, Some("%20padded|%C3%BC|a|b|tab%09here"), "as authentik separates them");
        let smuggled = IdentityHeaders::new("", "", &["x|admins".to_owned()], "", ("", "", None), "");
        assert_eq!(
            (smuggled.groups.as_str(), smuggled.piped_groups.as_str()),
            ("x|admins", "-"),
            "one is not taken for two"
        );
        assert_eq!(named("A%41 %"), "A%2541 %25", "whoever decodes gets back what was asserted");
        assert_ne!(listed_alone("ü"), listed_alone("%C3%BC"), "no group can pass for another");
        let many: Vec<String> = (0..2000).map(|n| format!("group-{n:05}")).collect();
        let long = IdentityHeaders::new("", "", &many, "", ("", "", None), "");
        assert!(long.groups.len() <= GROUPS_LIMIT && long.groups.ends_with(|c: char| c.is_ascii_digit()));
    }
}
