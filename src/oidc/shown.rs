use serde_json::{Map, Value};

use super::{IdToken, Userinfo, jws};

/// What an operator is shown of a test sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The claims, laid out.
    pub text: String,
    /// Every claim with its values, in order.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// The most that is kept, in bytes.
const LIMIT: usize = 64 * 1024;

/// What could be used again, or links to it.
const ELIDED: [&str; 5] = ["nonce", "at_hash", "c_hash", "s_hash", "access_token"];

/// Lays claims out, without what could be used again. The token itself, with its signature, is not among it.
pub fn shown(id_token: &IdToken, userinfo: Option<&Userinfo>) -> Shown {
    let mut shown = Shown::default();
    shown.add("ID token", &id_token.claims);
    if let Some(userinfo) = userinfo {
        shown.add("userinfo", &userinfo.claims);
    }
    shown.cut()
}

/// Lays out a token that was turned away, as far as it can be read: nothing in it is known to be true.
pub fn shown_unverified(token: &str) -> Option<String> {
    let (header, claims) = jws::read_unverified(token)?;
    let mut shown = Shown::default();
    shown.add("header (not verified)", &header);
    shown.add("claims (not verified)", &claims);
    Some(shown.cut().text)
}

impl Shown {
    fn add(&mut self, title: &str, claims: &Map<String, Value>) {
        let mut claims = claims.clone();
        for (name, value) in &mut claims {
            if ELIDED.contains(&name.as_str()) {
                *value = "...".into();
            }
        }
        for (name, value) in &claims {
            self.attributes.push((name.clone(), texts(value)));
        }
        let laid_out = serde_json::to_string_pretty(&Value::Object(claims)).unwrap_or_default();
        self.text.push_str(&format!("{title}:\n{laid_out}\n"));
    }

    fn cut(mut self) -> Self {
        if self.text.len() > LIMIT {
            let end = (0..=LIMIT).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
            self.text.truncate(end);
            self.text.push_str("\n... (cut off)\n");
        }
        self
    }
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(items) => items.iter().take(500).map(text).collect(),
        other => vec![text(other)],
    }
}
