//! What the demo's OpenID provider says about a person: the claims of ID token and userinfo, with the fault that was asked for.
//! Pure: who, for whom and when come in as arguments.

use std::time::Duration;

use aws_lc_rs::digest::{self, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::super::faults::Fault;
use super::super::people::Person;
use super::keys::Algorithm;
use crate::clock::Timestamp;

/// How long an ID token may be shown.
const LIFETIME: Duration = Duration::from_secs(300);
/// The event of a logout token (OpenID Connect Back-Channel Logout 2.4).
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// One ID token to be made.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Who makes it.
    pub issuer: &'a str,
    /// For which client.
    pub client_id: &'a str,
    /// About whom.
    pub person: &'a Person,
    /// The client's nonce, if it sent one.
    pub nonce: Option<&'a str>,
    /// The provider's session.
    pub sid: &'a str,
    /// When the person was asked who they are.
    pub authenticated: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// The access token that goes with it.
    pub access_token: &'a str,
    /// How it will be signed.
    pub algorithm: Algorithm,
    /// What is to be wrong.
    pub fault: Option<Fault>,
}

/// The claims of an ID token (OpenID Connect Core 2), with the fault in them. Faults of the signature are not its business.
pub fn id_token(ask: &Ask<'_>) -> Value {
    let (mut issuer, mut audience, mut now) = (ask.issuer, ask.client_id, ask.now);
    let mut nonce = ask.nonce.map(str::to_owned);
    match ask.fault {
        Some(Fault::WrongIssuer) => issuer = "https://another-provider.test",
        Some(Fault::WrongAudience) => audience = "another-client",
        Some(Fault::Expired) => now = now.minus(LIFETIME + Duration::from_secs(600)),
        Some(Fault::WrongNonce) => nonce = Some("of-another-sign-in".to_owned()),
        _ => {}
    }
    let mut claims = Map::new();
    let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    say("iss", issuer.into());
    say("sub", ask.person.subject.clone().into());
    say("aud", audience.into());
    say("exp", now.plus(LIFETIME).as_seconds().into());
    say("iat", now.as_seconds().into());
    say("auth_time", ask.authenticated.as_seconds().into());
    if let Some(nonce) = nonce {
        say("nonce", nonce.into());
    }
    say("at_hash", half_hash(ask.algorithm, ask.access_token).into());
    say("sid", ask.sid.into());
    if !matches!(ask.fault, Some(Fault::UserinfoOnly | Fault::OtherUserinfo)) {
        claims.extend(about(ask.person, ask.fault));
    }
    Value::Object(claims)
}

/// What userinfo answers (OpenID Connect Core 5.3.2).
pub fn userinfo(person: &Person, fault: Option<Fault>) -> Value {
    let subject = match fault {
        Some(Fault::OtherUserinfo) => "demo-owner-at-acme.test",
        _ => person.subject.as_str(),
    };
    let mut claims = about(person, fault);
    claims.insert("sub".to_owned(), subject.into());
    Value::Object(claims)
}

/// Address, name and groups.
fn about(person: &Person, fault: Option<Fault>) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    let email = match fault {
        Some(Fault::ForeignDomain) => person.email_elsewhere(),
        _ => person.email.clone(),
    };
    say("email", email.into());
    say("email_verified", (fault != Some(Fault::UnverifiedEmail)).into());
    say("name", person.name.clone().into());
    match fault {
        Some(Fault::NoGroups) => {}
        // As Entra ID does: where to ask, instead of what was asked.
        Some(Fault::TooManyGroups) => {
            say("_claim_names", json!({ "groups": "src1" }));
            let place = "https://graph.entra.test/users/42/getMemberObjects";
            say("_claim_sources", json!({ "src1": { "endpoint": place } }));
        }
        _ => {
            say("groups", person.groups.iter().map(String::as_str).collect());
        }
    }
    claims
}

/// The left half of the access token's hash, as the token's own algorithm hashes (OpenID Connect Core 3.1.3.6).
fn half_hash(algorithm: Algorithm, access_token: &str) -> String {
    let kind = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => &digest::SHA256,
        Algorithm::EdDsa => &digest::SHA512,
    };
    let hash = digest(kind, access_token.as_bytes());
    let hash = hash.as_ref();
    URL_SAFE_NO_PAD.encode(hash.get(..hash.len() / 2).unwrap_or_default())
}

/// The claims of a logout token about all of a person's sessions at one client (Back-Channel Logout 2.4).
pub fn logout_token(issuer: &str, client_id: &str, subject: &str, id: &str, now: Timestamp) -> Value {
    json!({
        "iss": issuer,
        "aud": client_id,
        "sub": subject,
        "iat": now.as_seconds(),
        "exp": now.plus(Duration::from_secs(120)).as_seconds(),
        "jti": id,
        "events": { LOGOUT: {} },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::people::People;

    fn claims(fault: Option<Fault>) -> Value {
        let people = People::default();
        let now = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        id_token(&Ask {
            issuer: "http://127.0.0.1:8081",
            client_id: "usher-globex",
            person: &people.all()[0],
            nonce: Some("n-1"),
            sid: "s-1",
            authenticated: now,
            now,
            access_token: "token",
            algorithm: Algorithm::Rs256,
            fault,
        })
    }

    #[test]
    fn each_fault_changes_what_it_names_and_nothing_else() {
        let good = claims(None);
        assert_eq!(good["groups"], json!(["acme-everyone"]));
        assert_eq!((&good["nonce"], &good["email_verified"]), (&json!("n-1"), &json!(true)));
        let changed = |fault| -> Vec<String> {
            let (Value::Object(good), Value::Object(bad)) = (claims(None), claims(Some(fault))) else { return vec![] };
            let names: std::collections::BTreeSet<_> = good.keys().chain(bad.keys()).cloned().collect();
            names.into_iter().filter(|name| good.get(name) != bad.get(name)).collect()
        };
        for (fault, names) in [
            (Fault::WrongIssuer, vec!["iss"]),
            (Fault::WrongAudience, vec!["aud"]),
            (Fault::Expired, vec!["exp", "iat"]),
            (Fault::WrongNonce, vec!["nonce"]),
            (Fault::UnverifiedEmail, vec!["email_verified"]),
            (Fault::ForeignDomain, vec!["email"]),
            (Fault::NoGroups, vec!["groups"]),
            (Fault::TooManyGroups, vec!["_claim_names", "_claim_sources", "groups"]),
            (Fault::UserinfoOnly, vec!["email", "email_verified", "groups", "name"]),
            (Fault::BadSignature, vec![]),
        ] {
            assert_eq!(changed(fault), names, "{fault}");
        }
    }

    #[test]
    fn userinfo_is_about_the_same_person_unless_that_is_the_fault() {
        let people = People::default();
        let anna = &people.all()[0];
        assert_eq!(userinfo(anna, Some(Fault::UserinfoOnly))["sub"], json!(anna.subject));
        assert_eq!(userinfo(anna, Some(Fault::UserinfoOnly))["email"], json!("user@acme.test"));
        assert_ne!(userinfo(anna, Some(Fault::OtherUserinfo))["sub"], json!(anna.subject));
    }
}
